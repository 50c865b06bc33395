//! What a decoder is made of, whichever file says so.

mod gguf;
mod hugging_face;

use crate::kernels::{Bend, DeltaShape, HeadShape};

/// The most of anything that a file may claim: beyond this, sizes make no sense.
const LARGEST: usize = 1 << 24;
/// The most layers.
const MOST_LAYERS: usize = 1024;
/// The most tokens that a convolution sees.
const LONGEST_CONVOLUTION: usize = 64;

/// A decoder: an embedding, layers, a norm and a head.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Configuration {
    /// The architecture by the name that its file gives it.
    pub(crate) architecture: String,
    /// Values of a row between the layers.
    pub(crate) hidden: usize,
    /// Tokens that there are.
    pub(crate) vocabulary: usize,
    /// Tokens of a sequence.
    pub(crate) context: usize,
    pub(crate) norm: NormKind,
    /// Added under the root of each norm.
    pub(crate) epsilon: f32,
    /// What the rows of the embedding are multiplied by.
    pub(crate) embedding_scale: Option<f32>,
    /// The logits are bent to at most this, by `limit tanh(logit / limit)`.
    pub(crate) logit_limit: Option<f32>,
    /// How positions turn queries and keys, for those layers that refer to it.
    pub(crate) rotations: Vec<Rotation>,
    /// A second embedding, with something for each layer.
    pub(crate) layer_embedding: Option<LayerEmbedding>,
    pub(crate) layers: Vec<LayerConfiguration>,
}

/// An embedding whose rows have a part for each layer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LayerEmbedding {
    /// Values for one layer.
    pub(crate) width: usize,
    /// Tokens that it knows.
    pub(crate) vocabulary: usize,
}

/// How rows are normalised.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NormKind {
    /// By the root of the mean of squares.
    RootMeanSquare,
    /// The same, with 1 to be added to the scales that are stored.
    RootMeanSquareFromOne,
    /// By mean and variance, with a shift.
    Layer,
}

/// A layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LayerConfiguration {
    pub(crate) mixer: Mixer,
    pub(crate) feed_forward: FeedForwardConfiguration,
    /// Whether what attention and feed-forward give is normalised too.
    pub(crate) is_normed_after: bool,
    /// Whether the rows are multiplied by a number that is stored when the layer is done.
    pub(crate) is_scaled: bool,
}

/// How a layer lets a token know of those before it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Mixer {
    Attention(AttentionConfiguration),
    /// By the gated delta rule.
    Delta(DeltaConfiguration),
}

impl LayerConfiguration {
    /// Its attention, if it has one.
    pub(crate) fn attention(&self) -> Option<&AttentionConfiguration> {
        match &self.mixer {
            Mixer::Attention(attention) => Some(attention),
            Mixer::Delta(_) => None,
        }
    }
}

/// Attention of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct AttentionConfiguration {
    pub(crate) shape: HeadShape,
    /// What scores are multiplied by.
    pub(crate) scale: f32,
    /// Which of [`Configuration::rotations`].
    pub(crate) rotation: usize,
    /// Whether each head's query and key are normalised.
    pub(crate) is_head_normed: bool,
    /// Whether each head's value is divided by the root of its mean of squares.
    pub(crate) is_value_normed: bool,
    /// Whether the projection of the queries tells for each number of the answer as well how much of it counts.
    pub(crate) is_gated: bool,
    /// Where keys and values come from.
    pub(crate) keys: KeySource,
}

/// Where the keys and values of an attention come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum KeySource {
    /// A projection each.
    Own,
    /// The values are what the keys are before anything is done to them.
    ValuesAreKeys,
    /// Those of an earlier layer.
    Layer(usize),
}

/// A layer that remembers by the gated delta rule, after a convolution over the last tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct DeltaConfiguration {
    pub(crate) shape: DeltaShape,
    /// Tokens that the convolution sees, the present one included.
    pub(crate) kernel: usize,
}

impl DeltaConfiguration {
    /// Numbers of a token that the convolution works on: queries, keys and values.
    pub(crate) fn mixed(&self) -> usize {
        2 * self.shape.keys() + self.shape.values()
    }

    /// Numbers of the tokens before the present one that the convolution sees.
    pub(crate) fn tail(&self) -> usize {
        (self.kernel - 1) * self.mixed()
    }

    /// Numbers that a sequence remembers in this layer.
    pub(crate) fn state(&self) -> usize {
        self.tail() + self.shape.value_heads * self.shape.matrix()
    }

    fn check(&self) -> Result<(), String> {
        let DeltaShape { key_heads, value_heads, key_width, value_width, .. } = self.shape;
        check_sizes(&[key_heads, value_heads, key_width, value_width, self.kernel])?;
        if !value_heads.is_multiple_of(key_heads) {
            return Err(format!("{value_heads} linear heads of values cannot share {key_heads} of keys"));
        }
        if !value_width.is_multiple_of(4) {
            return Err(format!("its linear values have {value_width} numbers, and only multiples of four are known"));
        }
        if self.kernel > LONGEST_CONVOLUTION {
            return Err(format!("its convolution sees {} tokens", self.kernel));
        }
        // No product of two sizes overflows; that of three may.
        let matrices = self.shape.matrix().checked_mul(value_heads);
        if self.mixed() > LARGEST || matrices.is_none_or(|matrices| matrices > LARGEST) {
            return Err("what its linear layers remember makes no sense".to_owned());
        }
        Ok(())
    }
}

/// The feed-forward network of a layer.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct FeedForwardConfiguration {
    pub(crate) bend: Bend,
    /// Whether bent values are multiplied with those of a second projection.
    pub(crate) is_gated: bool,
    /// Values between the projections; of one expert where there are several.
    pub(crate) width: usize,
    pub(crate) experts: Option<ExpertConfiguration>,
    /// A network that is asked beside the experts.
    pub(crate) shared: Option<SharedExpertConfiguration>,
}

/// A network that every token asks, whichever experts it asks beside it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct SharedExpertConfiguration {
    pub(crate) width: usize,
    pub(crate) joining: Joining,
}

/// How what a shared expert says is joined with what the others say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Joining {
    /// Each token tells how much of it counts.
    Gated,
    /// Both are normalised, and the router and the others have norms of their own before them.
    Normed,
}

/// Several networks, of which some are chosen for each token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ExpertConfiguration {
    pub(crate) count: usize,
    pub(crate) chosen: usize,
    /// Whether the weights of the chosen are made to add up to 1.
    pub(crate) is_normalised: bool,
}

/// How positions turn the numbers of a head, two at a time.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Rotation {
    /// Turns per token, in radians, of each pair.
    pub(crate) frequencies: Vec<f32>,
    /// What sine and cosine are multiplied by.
    pub(crate) factor: f32,
    pub(crate) pairing: Pairing,
}

/// Which numbers of a head are turned together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pairing {
    /// Number `i` with number `i + half`.
    Halves,
    /// Number `2 i` with number `2 i + 1`.
    Neighbours,
}

/// How frequencies are changed so that a model reads more than it was trained on.
#[derive(Debug, Clone, PartialEq)]
enum Scaling {
    None,
    /// All positions are divided.
    Linear {
        factor: f32,
    },
    /// Low frequencies are divided, high ones kept (Llama 3.1).
    ByWavelength {
        factor: f32,
        low: f32,
        high: f32,
        original: f32,
    },
    /// Low frequencies are divided, high ones kept, with a ramp over the pairs between (Peng et al. 2023, "YaRN").
    Yarn {
        factor: f32,
        fast: f32,
        slow: f32,
        original: f32,
        attention: f32,
        is_whole: bool,
    },
    /// Only the first pairs are turned, as slowly as if all were.
    FirstPairs {
        pairs: usize,
        factor: f32,
    },
    /// Each pair is divided by its own number ("LongRoPE").
    ByPair {
        factors: Vec<f32>,
        attention: f32,
    },
}

/// Refuses sizes that make no sense, before anything is computed from them.
fn check_sizes(sizes: &[usize]) -> Result<(), String> {
    if sizes.iter().any(|size| *size == 0 || *size > LARGEST) {
        return Err("its sizes make no sense".to_owned());
    }
    Ok(())
}

impl Rotation {
    fn new(base: f32, rotated: usize, pairing: Pairing, scaling: &Scaling) -> Self {
        let plain: Vec<f32> =
            (0..rotated / 2).map(|pair| 1.0 / base.powf((2 * pair) as f32 / rotated as f32)).collect();
        let (frequencies, factor) = match scaling {
            Scaling::None => (plain, 1.0),
            Scaling::Linear { factor } => (plain.iter().map(|frequency| frequency / factor).collect(), 1.0),
            Scaling::ByWavelength { factor, low, high, original } => {
                let scaled = plain.iter().map(|frequency| {
                    let turns = original / (2.0 * std::f32::consts::PI / frequency);
                    if turns < *low {
                        frequency / factor
                    } else if turns > *high {
                        *frequency
                    } else {
                        let smooth = (turns - low) / (high - low);
                        (1.0 - smooth) * frequency / factor + smooth * frequency
                    }
                });
                (scaled.collect(), 1.0)
            }
            Scaling::Yarn { factor, fast, slow, original, attention, is_whole } => {
                // The pair that turns so often within the original context.
                let pair = |turns: f32| {
                    rotated as f32 * (original / (turns * 2.0 * std::f32::consts::PI)).ln() / (2.0 * base.ln())
                };
                let (mut first, mut last) = (pair(*fast), pair(*slow));
                if *is_whole {
                    (first, last) = (first.floor(), last.ceil());
                }
                let first = first.max(0.0);
                let mut last = last.min(rotated as f32 - 1.0);
                if first == last {
                    last += 0.001;
                }
                let scaled = plain.iter().enumerate().map(|(pair, frequency)| {
                    let ramp = ((pair as f32 - first) / (last - first)).clamp(0.0, 1.0);
                    frequency / factor * ramp + frequency * (1.0 - ramp)
                });
                (scaled.collect(), *attention)
            }
            Scaling::FirstPairs { pairs, factor } => {
                let scaled = plain.iter().enumerate();
                (scaled.map(|(pair, frequency)| if pair < *pairs { frequency / factor } else { 0.0 }).collect(), 1.0)
            }
            Scaling::ByPair { factors, attention } => {
                (plain.iter().zip(factors).map(|(frequency, factor)| frequency / factor).collect(), *attention)
            }
        };
        Self { frequencies, factor, pairing }
    }
}

impl Configuration {
    /// Whether the sizes can be worked with.
    fn check(self) -> Result<Self, String> {
        let sizes = [self.hidden, self.vocabulary, self.context, self.layers.len()];
        if sizes.iter().any(|size| *size == 0 || *size > LARGEST) || self.layers.len() > MOST_LAYERS {
            return Err("its sizes make no sense".to_owned());
        }
        if !self.epsilon.is_finite() || self.epsilon <= 0.0 {
            return Err(format!("its norms add {} under the root", self.epsilon));
        }
        for (number, layer) in self.layers.iter().enumerate() {
            match &layer.mixer {
                Mixer::Attention(attention) => self.check_attention(number, attention)?,
                Mixer::Delta(delta) => delta.check()?,
            }
            let feed_forward = &layer.feed_forward;
            let widths = [Some(feed_forward.width), feed_forward.shared.map(|shared| shared.width)];
            if widths.into_iter().flatten().any(|width| width == 0 || width > LARGEST) {
                return Err("its feed-forward networks have no sensible width".to_owned());
            }
            if let Some(experts) = feed_forward.experts
                && (experts.count == 0 || experts.count > 4096 || experts.chosen == 0 || experts.chosen > experts.count)
            {
                return Err(format!("{} of {} experts cannot be chosen", experts.chosen, experts.count));
            }
        }
        if let Some(LayerEmbedding { width, vocabulary }) = self.layer_embedding {
            check_sizes(&[width, vocabulary])?;
            check_sizes(&[width * self.layers.len()])?;
        }
        Ok(self)
    }

    fn check_attention(&self, number: usize, attention: &AttentionConfiguration) -> Result<(), String> {
        let HeadShape { heads, shared, width, window, .. } = attention.shape;
        if [heads, shared, width].iter().any(|size| *size == 0 || *size > LARGEST) || !heads.is_multiple_of(shared) {
            return Err(format!("{heads} heads cannot share {shared} heads of keys and values of {width} numbers"));
        }
        if !width.is_multiple_of(4) {
            return Err(format!("its heads have {width} numbers, and only multiples of four are known"));
        }
        if window == Some(0) {
            return Err("its attention sees nothing".to_owned());
        }
        let Some(rotation) = self.rotations.get(attention.rotation) else {
            return Err("a layer has no positions".to_owned());
        };
        if rotation.frequencies.is_empty() || 2 * rotation.frequencies.len() > width {
            return Err(format!("its positions turn {} pairs of {width} numbers", rotation.frequencies.len()));
        }
        if rotation.frequencies.iter().any(|frequency| !frequency.is_finite()) {
            return Err("its positions turn by what is no number".to_owned());
        }
        if let KeySource::Layer(from) = attention.keys {
            let lender = self.layers.get(from).and_then(LayerConfiguration::attention).map(|lender| lender.shape);
            if from >= number || lender.is_none_or(|lender| lender.shared != shared || lender.width != width) {
                return Err(format!("layer {number} cannot use the keys of layer {from}"));
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
