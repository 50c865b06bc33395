//! A pass: the tokens of several sequences through all layers.

use super::cache::{Cache, Remembered};
use super::configuration::{AttentionConfiguration, Configuration, LayerConfiguration, Mixer};
use super::rotation::Turns;
use super::source::Part;
use super::weights::{self, Attention, FeedForward, Layer, Linear, Network, RowNorm};
use super::{CpuDecoder, Logits};
pub(crate) use crate::kernels::GoesOn;
use crate::kernels::{Bend, IntegerRows, Rounding, SequenceRows};
use crate::{Error, Result};

/// Logits that are bent until it is asked whether the pass goes on: some 10 ms of a small machine.
const LOGITS: usize = 1 << 20;

/// The next tokens of a sequence.
pub(crate) struct Segment<'a> {
    /// Read after what the cache holds. Never empty.
    pub(crate) tokens: &'a [u32],
    /// Grows by the tokens when the pass succeeds.
    pub(crate) cache: &'a mut Cache,
    /// Which of the tokens are asked what follows them.
    pub(crate) asked: Asked,
}

/// Which tokens of a segment are asked what follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    None,
    Last,
    All,
}

/// Memory that a pass works in, kept between passes.
#[derive(Default)]
pub(crate) struct Scratch {
    pub(super) rows: Vec<f32>,
    pub(super) normed: Vec<f32>,
    pub(super) queries: Vec<f32>,
    pub(super) keys: Vec<f32>,
    pub(super) values: Vec<f32>,
    pub(super) context: Vec<f32>,
    pub(super) projected: Vec<f32>,
    pub(super) gates: Vec<f32>,
    pub(super) wide: Vec<f32>,
    pub(super) rounded: IntegerRows,
    /// For each row, what the second embedding has for each layer.
    pub(super) parts: Vec<f32>,
}

impl CpuDecoder {
    /// See [`super::Decoder::forward`].
    pub(super) fn forward(
        &self,
        segments: &mut [Segment<'_>],
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<Logits> {
        let places = Places::of(segments, &self.configuration)?;
        let mut turns = Vec::with_capacity(self.configuration.rotations.len());
        for rotation in &self.configuration.rotations {
            turns.push(Turns::new(rotation, &places.positions));
        }
        let hidden = self.configuration.hidden;
        self.embed(segments, &mut scratch.rows)?;
        self.embed_for_layers(segments, scratch, goes_on)?;
        let mut states = Vec::with_capacity(segments.len());
        for segment in segments.iter_mut() {
            segment.cache.reserve(&self.layout, segment.tokens.len());
            states.push(segment.cache.begin_state(&self.layout));
        }
        for (number, (layer, shape)) in self.weights.layers.iter().zip(&self.configuration.layers).enumerate() {
            let step = Step { decoder: self, number, layer, shape, places: &places };
            self.normalise(&layer.attention_norm, &scratch.rows, &mut scratch.normed);
            match (&layer.mixer, &shape.mixer) {
                (weights::Mixer::Attention(weights), Mixer::Attention(attention)) => {
                    step.attend(attention, weights, segments, &turns[attention.rotation], scratch, goes_on)?;
                }
                (weights::Mixer::Delta(weights), Mixer::Delta(delta)) => {
                    step.remember(delta, weights, segments, &mut states, scratch, goes_on)?;
                }
                _ => return Err(self.source.damaged("a layer has the weights of another kind")),
            }
            step.feed_forward(scratch, goes_on)?;
            if let Some(weights) = &layer.embedding {
                step.add_embedding(weights, shape, scratch, goes_on)?;
            }
            if let Some(scale) = layer.scale {
                scratch.rows.iter_mut().for_each(|value| *value *= scale);
            }
        }
        let asked: Vec<f32> =
            places.asked.iter().flat_map(|row| &scratch.rows[row * hidden..(row + 1) * hidden]).copied().collect();
        let logits = self.logits(&asked, scratch, goes_on)?;
        for (segment, state) in segments.iter_mut().zip(states) {
            let state = Some(state).filter(|state| !state.is_empty()).map(Remembered::Memory);
            segment.cache.advance(segment.tokens.len(), state);
        }
        Ok(logits)
    }

    fn embed(&self, segments: &[Segment<'_>], rows: &mut Vec<f32>) -> Result<()> {
        let hidden = self.configuration.hidden;
        let tokens = || segments.iter().flat_map(|segment| segment.tokens);
        rows.resize(tokens().count() * hidden, 0.0);
        for (row, token) in rows.chunks_exact_mut(hidden).zip(tokens()) {
            let (id, token) = (token, *token as usize);
            let is_known = token < self.configuration.vocabulary
                && if self.weights.is_tied {
                    self.weights.head.weight.row(token, row);
                    true
                } else {
                    self.source.row(Part::Embedding, token, row)?
                };
            if !is_known {
                return Err(unknown(*id));
            }
            if let Some(scale) = self.configuration.embedding_scale {
                row.iter_mut().for_each(|value| *value *= scale);
            }
        }
        Ok(())
    }

    fn logits(&self, rows: &[f32], scratch: &mut Scratch, goes_on: GoesOn<'_>) -> Result<Logits> {
        let width = self.configuration.vocabulary;
        if rows.is_empty() {
            return Ok(Logits { values: Vec::new(), width });
        }
        let mut values = Vec::new();
        self.normalise(&self.weights.norm, rows, &mut scratch.normed);
        self.linear(&scratch.normed, &mut scratch.rounded, &mut [(&self.weights.head, &mut values)], goes_on)?;
        if let Some(limit) = self.configuration.logit_limit {
            for some in values.chunks_mut((LOGITS / width).max(1) * width) {
                check(goes_on)?;
                self.cpu.rows(some, width, &|_, part| {
                    part.iter_mut().for_each(|value| *value = limit * (*value / limit).tanh());
                });
            }
        }
        Ok(Logits { values, width })
    }

    pub(super) fn normalise(&self, norm: &RowNorm, rows: &[f32], output: &mut Vec<f32>) {
        output.resize(rows.len(), 0.0);
        match norm {
            RowNorm::RootMeanSquare { scale, epsilon } => self.cpu.root_mean_square(rows, scale, *epsilon, output),
            RowNorm::Layer(norm) => self.cpu.normalise(rows, norm, output),
        }
    }

    /// Multiplies the same rows with several weights.
    pub(super) fn linear(
        &self,
        rows: &[f32],
        rounded: &mut IntegerRows,
        products: &mut [(&Linear, &mut Vec<f32>)],
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let Some(inner) = products.first().map(|(linear, _)| linear.weight.inner()) else { return Ok(()) };
        let weights: Vec<_> = products.iter().map(|(linear, _)| &linear.weight).collect();
        let rounding = products.iter().map(|(linear, _)| linear.rounding).max().unwrap_or(Rounding::Once);
        let input = self.cpu.prepare(rows, inner, &weights, rounded, rounding);
        let mut outputs: Vec<_> = products
            .iter_mut()
            .map(|(linear, output)| {
                output.resize(rows.len() / inner * linear.weight.outputs(), 0.0);
                (&linear.weight, output.as_mut_slice())
            })
            .collect();
        self.cpu.multiply(&input, &mut outputs, goes_on)?;
        for (linear, output) in products {
            if let Some(bias) = &linear.bias {
                self.cpu.add_to_each(output, bias);
            }
        }
        Ok(())
    }

    /// What a feed-forward network gives for rows that were normalised.
    pub(super) fn network(
        &self,
        network: &Network,
        shape: &LayerConfiguration,
        rows: &[f32],
        space: (&mut Vec<f32>, &mut Vec<f32>, &mut IntegerRows),
        output: &mut Vec<f32>,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let (gates, wide, rounded) = space;
        let bend = shape.feed_forward.bend;
        match &network.gate {
            Some(gate) => {
                self.linear(rows, rounded, &mut [(gate, gates), (&network.up, wide)], goes_on)?;
                self.cpu.gate(bend, gates, wide);
            }
            None => {
                self.linear(rows, rounded, &mut [(&network.up, gates)], goes_on)?;
                self.cpu.bend(bend, gates);
            }
        }
        self.linear(gates, rounded, &mut [(&network.down, output)], goes_on)
    }
}

/// Where the rows of a pass belong.
pub(super) struct Places {
    /// The first row of each segment.
    pub(super) starts: Vec<usize>,
    /// Of each row's token.
    pub(super) positions: Vec<usize>,
    /// The rows that are asked.
    pub(super) asked: Vec<usize>,
}

impl Places {
    /// Where each segment's rows are.
    pub(super) fn of(segments: &[Segment<'_>], configuration: &Configuration) -> Result<Self> {
        let mut places = Self { starts: Vec::new(), positions: Vec::new(), asked: Vec::new() };
        for segment in segments {
            let (start, count) = (places.positions.len(), segment.tokens.len());
            let end = segment.cache.len() + count;
            if count == 0 || end > configuration.context {
                return Err(Error::ContextFull { tokens: end, context: configuration.context });
            }
            places.starts.push(start);
            places.positions.extend(segment.cache.len()..end);
            match segment.asked {
                Asked::None => {}
                Asked::Last => places.asked.push(start + count - 1),
                Asked::All => places.asked.extend(start..start + count),
            }
        }
        Ok(places)
    }
}

/// One layer of a pass.
pub(super) struct Step<'a> {
    pub(super) decoder: &'a CpuDecoder,
    pub(super) number: usize,
    pub(super) layer: &'a Layer,
    pub(super) shape: &'a LayerConfiguration,
    pub(super) places: &'a Places,
}

impl Step<'_> {
    fn attend(
        &self,
        shape: &AttentionConfiguration,
        weights: &Attention,
        segments: &mut [Segment<'_>],
        turns: &Turns,
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let Self { decoder, layer, .. } = *self;
        let cpu = &decoder.cpu;
        let heads = shape.shape;
        let (wide, narrow) = (heads.heads * heads.width, heads.shared * heads.width);
        let mut products = vec![(&weights.query, &mut scratch.queries)];
        if let Some(keys) = &weights.keys {
            products.push((&keys.key, &mut scratch.keys));
            products.extend(keys.value.as_ref().map(|value| (value, &mut scratch.values)));
        }
        decoder.linear(&scratch.normed, &mut scratch.rounded, &mut products, goes_on)?;
        if shape.is_gated {
            // Each head's query, then its gate.
            scratch.wide.clear();
            scratch.gates.clear();
            for pair in scratch.queries.chunks_exact(2 * heads.width) {
                scratch.wide.extend(&pair[..heads.width]);
                scratch.gates.extend(&pair[heads.width..]);
            }
            std::mem::swap(&mut scratch.queries, &mut scratch.wide);
        }
        if let Some(norm) = &weights.query_norm {
            decoder.normalise(norm, &scratch.queries, &mut scratch.context);
            std::mem::swap(&mut scratch.queries, &mut scratch.context);
        }
        turns.apply(cpu, &mut scratch.queries, wide, heads.width, shape.scale);
        if let Some(keys) = &weights.keys {
            if keys.value.is_none() {
                scratch.values.clone_from(&scratch.keys);
            }
            if let Some(norm) = &keys.key_norm {
                decoder.normalise(norm, &scratch.keys, &mut scratch.context);
                std::mem::swap(&mut scratch.keys, &mut scratch.context);
            }
            if let Some(norm) = &keys.value_norm {
                decoder.normalise(norm, &scratch.values, &mut scratch.context);
                std::mem::swap(&mut scratch.values, &mut scratch.context);
            }
            turns.apply(cpu, &mut scratch.keys, narrow, heads.width, 1.0);
            for (segment, start) in segments.iter_mut().zip(&self.places.starts) {
                let rows = start * narrow..(start + segment.tokens.len()) * narrow;
                let position = segment.cache.len();
                let (keys, values) = (&scratch.keys[rows.clone()], &scratch.values[rows]);
                segment.cache.write(&decoder.layout, self.number, position, keys, values);
            }
        }
        let sequences: Vec<SequenceRows<'_>> = segments
            .iter()
            .zip(&self.places.starts)
            .map(|(segment, start)| SequenceRows {
                row: *start,
                count: segment.tokens.len(),
                position: segment.cache.len(),
                pages: segment.cache.heads(&decoder.layout, self.number),
            })
            .collect();
        scratch.context.resize(scratch.queries.len(), 0.0);
        cpu.attend(heads, &sequences, &scratch.queries, &mut scratch.context, goes_on)?;
        if shape.is_gated {
            cpu.gate(Bend::Sigmoid, &mut scratch.gates, &scratch.context);
            std::mem::swap(&mut scratch.gates, &mut scratch.context);
        }
        let mut product = [(&weights.output, &mut scratch.projected)];
        decoder.linear(&scratch.context, &mut scratch.rounded, &mut product, goes_on)?;
        self.add_projected(layer.after_attention.as_ref(), scratch);
        Ok(())
    }

    fn feed_forward(&self, scratch: &mut Scratch, goes_on: GoesOn<'_>) -> Result<()> {
        let Self { decoder, layer, shape, .. } = *self;
        decoder.normalise(&layer.feed_forward_norm, &scratch.rows, &mut scratch.normed);
        match &layer.feed_forward {
            FeedForward::One(network) => {
                let space = (&mut scratch.gates, &mut scratch.wide, &mut scratch.rounded);
                decoder.network(network, shape, &scratch.normed, space, &mut scratch.projected, goes_on)?;
            }
            FeedForward::Experts { .. } => self.ask_experts(scratch, goes_on)?,
        }
        self.add_projected(layer.after_feed_forward.as_ref(), scratch);
        Ok(())
    }

    /// Adds what was projected to the rows.
    pub(super) fn add_projected(&self, norm: Option<&RowNorm>, scratch: &mut Scratch) {
        if let Some(norm) = norm {
            self.decoder.normalise(norm, &scratch.projected, &mut scratch.normed);
            std::mem::swap(&mut scratch.projected, &mut scratch.normed);
        }
        self.decoder.cpu.add(&mut scratch.rows, &scratch.projected);
    }
}

/// Whether a pass is still wanted.
pub(super) fn check(goes_on: GoesOn<'_>) -> Result<()> {
    if goes_on() { Ok(()) } else { Err(Error::Cancelled) }
}

/// A token that the model does not know.
pub(super) fn unknown(token: u32) -> Error {
    Error::Tokenizer(format!("token {token} is not in the model's vocabulary"))
}
