//! What a decoder is made of, whichever file says so.

mod gguf;
mod hugging_face;

use crate::kernels::{Bend, HeadShape};

/// The most of anything that a file may claim: beyond this, sizes make no sense.
const LARGEST: usize = 1 << 24;
/// The most layers.
const MOST_LAYERS: usize = 1024;

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
    pub(crate) layers: Vec<LayerConfiguration>,
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
    pub(crate) attention: AttentionConfiguration,
    pub(crate) feed_forward: FeedForwardConfiguration,
    /// Whether what attention and feed-forward give is normalised too.
    pub(crate) is_normed_after: bool,
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
        for layer in &self.layers {
            let HeadShape { heads, shared, width, window, .. } = layer.attention.shape;
            if [heads, shared, width].iter().any(|size| *size == 0 || *size > LARGEST) || !heads.is_multiple_of(shared)
            {
                return Err(format!("{heads} heads cannot share {shared} heads of keys and values of {width} numbers"));
            }
            if !width.is_multiple_of(4) {
                return Err(format!("its heads have {width} numbers, and only multiples of four are known"));
            }
            if window == Some(0) {
                return Err("its attention sees nothing".to_owned());
            }
            let Some(rotation) = self.rotations.get(layer.attention.rotation) else {
                return Err("a layer has no positions".to_owned());
            };
            if rotation.frequencies.is_empty() || 2 * rotation.frequencies.len() > width {
                return Err(format!("its positions turn {} pairs of {width} numbers", rotation.frequencies.len()));
            }
            if rotation.frequencies.iter().any(|frequency| !frequency.is_finite()) {
                return Err("its positions turn by what is no number".to_owned());
            }
            let feed_forward = &layer.feed_forward;
            if feed_forward.width == 0 || feed_forward.width > LARGEST {
                return Err("its feed-forward networks have no sensible width".to_owned());
            }
            if let Some(experts) = feed_forward.experts
                && (experts.count == 0 || experts.count > 4096 || experts.chosen == 0 || experts.chosen > experts.count)
            {
                return Err(format!("{} of {} experts cannot be chosen", experts.chosen, experts.count));
            }
        }
        Ok(self)
    }
}

#[cfg(test)]
mod tests;
