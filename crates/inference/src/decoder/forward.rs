//! A pass: the tokens of several sequences through all layers.

use super::cache::Cache;
use super::configuration::{Configuration, LayerConfiguration};
use super::rotation::Turns;
use super::source::Part;
use super::weights::{FeedForward, Layer, Linear, Network, RowNorm};
use super::{CpuDecoder, Logits};
use crate::kernels::{IntegerRows, SequenceRows};
use crate::{Error, Result};

/// Whether a pass is still wanted.
pub(crate) type GoesOn<'a> = &'a dyn Fn() -> bool;

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
    rows: Vec<f32>,
    normed: Vec<f32>,
    queries: Vec<f32>,
    keys: Vec<f32>,
    values: Vec<f32>,
    context: Vec<f32>,
    projected: Vec<f32>,
    gates: Vec<f32>,
    wide: Vec<f32>,
    rounded: IntegerRows,
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
        for segment in segments.iter_mut() {
            segment.cache.reserve(&self.layout, segment.tokens.len());
        }
        for (number, (layer, shape)) in self.weights.layers.iter().zip(&self.configuration.layers).enumerate() {
            check(goes_on)?;
            let step = Step { decoder: self, number, layer, shape, places: &places };
            step.attend(segments, &turns[shape.attention.rotation], scratch, goes_on)?;
            check(goes_on)?;
            step.feed_forward(scratch, goes_on)?;
        }
        check(goes_on)?;
        for segment in segments.iter_mut() {
            segment.cache.advance(segment.tokens.len());
        }
        let asked: Vec<f32> =
            places.asked.iter().flat_map(|row| &scratch.rows[row * hidden..(row + 1) * hidden]).copied().collect();
        self.logits(&asked, scratch)
    }

    fn embed(&self, segments: &[Segment<'_>], rows: &mut Vec<f32>) -> Result<()> {
        let hidden = self.configuration.hidden;
        let tokens = || segments.iter().flat_map(|segment| segment.tokens);
        rows.resize(tokens().count() * hidden, 0.0);
        for (row, token) in rows.chunks_exact_mut(hidden).zip(tokens()) {
            let token = *token as usize;
            let is_known = token < self.configuration.vocabulary
                && if self.weights.is_tied {
                    self.weights.head.weight.row(token, row);
                    true
                } else {
                    self.source.row(Part::Embedding, token, row)?
                };
            if !is_known {
                return Err(Error::Tokenizer(format!("token {token} is not in the model's vocabulary")));
            }
            if let Some(scale) = self.configuration.embedding_scale {
                row.iter_mut().for_each(|value| *value *= scale);
            }
        }
        Ok(())
    }

    fn logits(&self, rows: &[f32], scratch: &mut Scratch) -> Result<Logits> {
        let width = self.configuration.vocabulary;
        if rows.is_empty() {
            return Ok(Logits { values: Vec::new(), width });
        }
        let mut values = Vec::new();
        self.normalise(&self.weights.norm, rows, &mut scratch.normed);
        self.linear(&scratch.normed, &mut scratch.rounded, &mut [(&self.weights.head, &mut values)]);
        if let Some(limit) = self.configuration.logit_limit {
            self.cpu.rows(&mut values, width, &|_, part| {
                part.iter_mut().for_each(|value| *value = limit * (*value / limit).tanh());
            });
        }
        Ok(Logits { values, width })
    }

    fn normalise(&self, norm: &RowNorm, rows: &[f32], output: &mut Vec<f32>) {
        output.resize(rows.len(), 0.0);
        match norm {
            RowNorm::RootMeanSquare { scale, epsilon } => self.cpu.root_mean_square(rows, scale, *epsilon, output),
            RowNorm::Layer(norm) => self.cpu.normalise(rows, norm, output),
        }
    }

    /// Multiplies the same rows with several weights.
    fn linear(&self, rows: &[f32], rounded: &mut IntegerRows, products: &mut [(&Linear, &mut Vec<f32>)]) {
        let Some(inner) = products.first().map(|(linear, _)| linear.weight.inner()) else { return };
        let weights: Vec<_> = products.iter().map(|(linear, _)| &linear.weight).collect();
        let input = self.cpu.prepare(rows, inner, &weights, rounded);
        let mut outputs: Vec<_> = products
            .iter_mut()
            .map(|(linear, output)| {
                output.resize(rows.len() / inner * linear.weight.outputs(), 0.0);
                (&linear.weight, output.as_mut_slice())
            })
            .collect();
        self.cpu.multiply(&input, &mut outputs);
        for (linear, output) in products {
            if let Some(bias) = &linear.bias {
                self.cpu.add_to_each(output, bias);
            }
        }
    }

    /// What a feed-forward network gives for rows that were normalised.
    fn network(
        &self,
        network: &Network,
        shape: &LayerConfiguration,
        rows: &[f32],
        space: (&mut Vec<f32>, &mut Vec<f32>, &mut IntegerRows),
        output: &mut Vec<f32>,
    ) {
        let (gates, wide, rounded) = space;
        let bend = shape.feed_forward.bend;
        match &network.gate {
            Some(gate) => {
                self.linear(rows, rounded, &mut [(gate, gates), (&network.up, wide)]);
                self.cpu.gate(bend, gates, wide);
            }
            None => {
                self.linear(rows, rounded, &mut [(&network.up, gates)]);
                self.cpu.bend(bend, gates);
            }
        }
        self.linear(gates, rounded, &mut [(&network.down, output)]);
    }
}

/// Where the rows of a pass belong.
pub(super) struct Places {
    /// The first row of each segment.
    starts: Vec<usize>,
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
struct Step<'a> {
    decoder: &'a CpuDecoder,
    number: usize,
    layer: &'a Layer,
    shape: &'a LayerConfiguration,
    places: &'a Places,
}

impl Step<'_> {
    fn attend(
        &self,
        segments: &mut [Segment<'_>],
        turns: &Turns,
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let Self { decoder, layer, .. } = *self;
        let cpu = &decoder.cpu;
        let heads = self.shape.attention.shape;
        let (wide, narrow) = (heads.heads * heads.width, heads.shared * heads.width);
        decoder.normalise(&layer.attention_norm, &scratch.rows, &mut scratch.normed);
        decoder.linear(
            &scratch.normed,
            &mut scratch.rounded,
            &mut [
                (&layer.query, &mut scratch.queries),
                (&layer.key, &mut scratch.keys),
                (&layer.value, &mut scratch.values),
            ],
        );
        if let Some((query, key)) = &layer.head_norms {
            decoder.normalise(query, &scratch.queries, &mut scratch.context);
            std::mem::swap(&mut scratch.queries, &mut scratch.context);
            decoder.normalise(key, &scratch.keys, &mut scratch.context);
            std::mem::swap(&mut scratch.keys, &mut scratch.context);
        }
        turns.apply(cpu, &mut scratch.queries, wide, heads.width, self.shape.attention.scale);
        turns.apply(cpu, &mut scratch.keys, narrow, heads.width, 1.0);
        check(goes_on)?;
        for (segment, start) in segments.iter_mut().zip(&self.places.starts) {
            let rows = start * narrow..(start + segment.tokens.len()) * narrow;
            let position = segment.cache.len();
            let (keys, values) = (&scratch.keys[rows.clone()], &scratch.values[rows]);
            segment.cache.write(&decoder.layout, self.number, position, keys, values);
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
        cpu.attend(heads, &sequences, &scratch.queries, &mut scratch.context);
        check(goes_on)?;
        decoder.linear(&scratch.context, &mut scratch.rounded, &mut [(&layer.output, &mut scratch.projected)]);
        self.add_projected(layer.after_attention.as_ref(), scratch);
        Ok(())
    }

    fn feed_forward(&self, scratch: &mut Scratch, goes_on: GoesOn<'_>) -> Result<()> {
        let Self { decoder, layer, shape, .. } = *self;
        decoder.normalise(&layer.feed_forward_norm, &scratch.rows, &mut scratch.normed);
        match &layer.feed_forward {
            FeedForward::One(network) => {
                let space = (&mut scratch.gates, &mut scratch.wide, &mut scratch.rounded);
                decoder.network(network, shape, &scratch.normed, space, &mut scratch.projected);
            }
            FeedForward::Experts { router, experts, choice } => {
                let mut scores = Vec::new();
                decoder.linear(&scratch.normed, &mut scratch.rounded, &mut [(router, &mut scores)]);
                let chosen = super::experts::choose(&scores, *choice);
                self.ask_experts(experts, &chosen, scratch, goes_on)?;
            }
        }
        self.add_projected(layer.after_feed_forward.as_ref(), scratch);
        Ok(())
    }

    /// Each expert works on the rows that chose it; a row adds up what its experts give in their order.
    fn ask_experts(
        &self,
        experts: &[Network],
        chosen: &[Vec<(usize, f32)>],
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<()> {
        let hidden = self.decoder.configuration.hidden;
        scratch.projected.clear();
        scratch.projected.resize(scratch.normed.len(), 0.0);
        let (mut rows, mut output) = (Vec::new(), Vec::new());
        for (number, expert) in experts.iter().enumerate() {
            let share = |row: usize| chosen[row].iter().find(|(expert, _)| *expert == number).map(|(_, share)| *share);
            let asking: Vec<(usize, f32)> =
                (0..chosen.len()).filter_map(|row| share(row).map(|share| (row, share))).collect();
            if asking.is_empty() {
                continue;
            }
            check(goes_on)?;
            rows.clear();
            asking.iter().for_each(|(row, _)| rows.extend(&scratch.normed[row * hidden..(row + 1) * hidden]));
            let space = (&mut scratch.gates, &mut scratch.wide, &mut scratch.rounded);
            self.decoder.network(expert, self.shape, &rows, space, &mut output);
            for ((row, share), from) in asking.iter().zip(output.chunks_exact(hidden)) {
                let to = &mut scratch.projected[row * hidden..(row + 1) * hidden];
                to.iter_mut().zip(from).for_each(|(to, from)| *to += share * from);
            }
        }
        Ok(())
    }

    /// Adds what was projected to the rows.
    fn add_projected(&self, norm: Option<&RowNorm>, scratch: &mut Scratch) {
        if let Some(norm) = norm {
            self.decoder.normalise(norm, &scratch.projected, &mut scratch.normed);
            std::mem::swap(&mut scratch.projected, &mut scratch.normed);
        }
        self.decoder.cpu.add(&mut scratch.rows, &scratch.projected);
    }
}

pub(super) fn check(goes_on: GoesOn<'_>) -> Result<()> {
    if goes_on() { Ok(()) } else { Err(Error::Cancelled) }
}
