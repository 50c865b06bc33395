//! From the metadata of a GGUF file, as llama.cpp writes it.

use std::path::Path;

use super::{
    AttentionConfiguration, Configuration, DeltaConfiguration, ExpertConfiguration, FeedForwardConfiguration, Joining,
    KeySource, LayerConfiguration, Mixer, NormKind, Pairing, Rotation, Scaling, SharedExpertConfiguration,
};
use crate::gguf::Gguf;
use crate::kernels::{Bend, DeltaShape, HeadShape};
use crate::{Error, Result};

impl Configuration {
    /// Reads the metadata of a file.
    pub(crate) fn from_gguf(path: &Path, gguf: &Gguf) -> Result<Self> {
        let read = || -> Result<Self, String> {
            let architecture = gguf.text("general.architecture").ok_or("`general.architecture` is missing")?;
            Fields { gguf, architecture }.configuration()
        };
        read().map_err(|reason| Error::unsupported(path, reason))
    }
}

/// Layers of Gemma 3 27B.
const LARGEST_GEMMA: usize = 62;

/// Architectures that differ in what the metadata does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Llama, Mistral, Mixtral: the rows of queries and keys are ordered so that neighbours are turned together.
    Llama,
    Qwen2,
    Qwen3,
    /// Gated delta rule beside gated attention.
    Qwen35,
    Gemma3,
    Starcoder2,
}

struct Fields<'a> {
    gguf: &'a Gguf,
    architecture: &'a str,
}

impl Fields<'_> {
    fn key(&self, name: &str) -> String {
        format!("{}.{name}", self.architecture)
    }

    fn optional_size(&self, name: &str) -> Option<usize> {
        self.gguf.unsigned(&self.key(name)).and_then(|size| usize::try_from(size).ok())
    }

    fn size(&self, name: &str) -> Result<usize, String> {
        self.optional_size(name).ok_or_else(|| format!("`{}` is missing or no size", self.key(name)))
    }

    fn number(&self, name: &str) -> Option<f32> {
        self.gguf.float(&self.key(name))
    }

    fn family(&self) -> Result<Family, String> {
        match self.architecture {
            "llama" => Ok(Family::Llama),
            "qwen2" => Ok(Family::Qwen2),
            "qwen3" | "qwen3moe" => Ok(Family::Qwen3),
            "qwen35" | "qwen35moe" => Ok(Family::Qwen35),
            "gemma3" => Ok(Family::Gemma3),
            "gemma4" => Err("Gemma 4 is read from folders with safetensors, not yet from GGUF files".to_owned()),
            "starcoder2" => Ok(Family::Starcoder2),
            other => Err(format!("its architecture is `{other}`, which is not known")),
        }
    }

    fn configuration(&self) -> Result<Configuration, String> {
        let family = self.family()?;
        let hidden = self.size("embedding_length")?;
        let heads = self.size("attention.head_count")?;
        let width = self.optional_size("attention.key_length").or_else(|| hidden.checked_div(heads)).unwrap_or(0);
        if let Some(other) = self.optional_size("attention.value_length")
            && other != width
        {
            return Err(format!("its keys have {width} numbers and its values {other}, which is not known"));
        }
        let context = self.size("context_length")?;
        super::check_sizes(&[heads, hidden, width, context])?;
        // Layers that guess further tokens stand behind those that are the model.
        let guessing = self.optional_size("nextn_predict_layers").unwrap_or(0);
        let count = self.size("block_count")?.saturating_sub(guessing);
        if count > super::MOST_LAYERS {
            return Err(format!("it claims {count} layers"));
        }
        let experts = self.experts(family)?;
        let between = match experts {
            Some(_) => {
                self.optional_size("expert_feed_forward_length").map_or_else(|| self.size("feed_forward_length"), Ok)?
            }
            None => self.size("feed_forward_length")?,
        };
        let rotations = self.rotations(family, width, context)?;
        let window = self.optional_size("attention.sliding_window").filter(|window| *window > 0);
        // The largest Gemma 3 scales as if its heads shared out a row, and its file does not say so.
        let scaled = if family == Family::Gemma3 && count == LARGEST_GEMMA { hidden / heads } else { width };
        let scale = 1.0 / (scaled as f32).sqrt();
        let attention = |layer: usize| {
            let is_local = match family {
                Family::Gemma3 => !(layer + 1).is_multiple_of(6),
                _ => true,
            };
            let window = window.filter(|_| is_local);
            AttentionConfiguration {
                shape: HeadShape {
                    heads,
                    shared: self.optional_size("attention.head_count_kv").unwrap_or(heads),
                    width,
                    window,
                    limit: self.number("attn_logit_softcapping"),
                },
                scale: self.number("attention.scale").unwrap_or(scale),
                rotation: if window.is_some() { rotations.len() - 1 } else { 0 },
                is_head_normed: matches!(family, Family::Qwen3 | Family::Qwen35 | Family::Gemma3),
                is_value_normed: false,
                is_gated: family == Family::Qwen35,
                keys: KeySource::Own,
            }
        };
        let delta = if family == Family::Qwen35 { Some(self.delta()?) } else { None };
        let period = self.optional_size("full_attention_interval").unwrap_or(4).max(1);
        let shared = self.optional_size("expert_shared_feed_forward_length").filter(|_| family == Family::Qwen35);
        let layer = |layer: usize| LayerConfiguration {
            mixer: match delta {
                Some(delta) if !(layer + 1).is_multiple_of(period) => Mixer::Delta(delta),
                _ => Mixer::Attention(attention(layer)),
            },
            feed_forward: FeedForwardConfiguration {
                bend: match family {
                    Family::Gemma3 | Family::Starcoder2 => Bend::GeluTanh,
                    Family::Llama | Family::Qwen2 | Family::Qwen3 | Family::Qwen35 => Bend::Silu,
                },
                is_gated: family != Family::Starcoder2,
                width: between,
                experts,
                shared: shared
                    .filter(|_| experts.is_some())
                    .map(|width| SharedExpertConfiguration { width, joining: Joining::Gated }),
            },
            is_normed_after: family == Family::Gemma3,
            is_scaled: false,
        };
        let vocabulary = match self.optional_size("vocab_size") {
            Some(size) => size,
            None => self.gguf.texts("tokenizer.ggml.tokens").ok_or("it has no vocabulary")?.len(),
        };
        Configuration {
            layers: (0..count).map(layer).collect(),
            architecture: self.architecture.to_owned(),
            hidden,
            vocabulary,
            context,
            // The scales of Gemma and Qwen 3.5 are stored with the 1 added.
            norm: if family == Family::Starcoder2 { NormKind::Layer } else { NormKind::RootMeanSquare },
            epsilon: self
                .number("attention.layer_norm_rms_epsilon")
                .or_else(|| self.number("attention.layer_norm_epsilon"))
                .ok_or("the epsilon of its norms is missing")?,
            embedding_scale: (family == Family::Gemma3).then(|| (hidden as f32).sqrt()),
            logit_limit: self.number("final_logit_softcapping"),
            layer_embedding: None,
            rotations,
        }
        .check()
    }

    /// How layers remember. The heads of values are stored in turns of the heads of keys.
    fn delta(&self) -> Result<DeltaConfiguration, String> {
        let (value_heads, values) = (self.size("ssm.time_step_rank")?, self.size("ssm.inner_size")?);
        if value_heads == 0 || !values.is_multiple_of(value_heads) {
            return Err(format!("{value_heads} linear heads cannot share {values} numbers"));
        }
        Ok(DeltaConfiguration {
            shape: DeltaShape {
                key_heads: self.size("ssm.group_count")?,
                value_heads,
                key_width: self.size("ssm.state_size")?,
                value_width: values / value_heads,
                is_in_turns: true,
            },
            kernel: self.size("ssm.conv_kernel")?,
        })
    }

    fn experts(&self, family: Family) -> Result<Option<ExpertConfiguration>, String> {
        let Some(count) = self.optional_size("expert_count").filter(|count| *count > 0) else { return Ok(None) };
        if !matches!(family, Family::Llama | Family::Qwen3 | Family::Qwen35) {
            return Err(format!("experts of `{}` are not known", self.architecture));
        }
        Ok(Some(ExpertConfiguration { count, chosen: self.size("expert_used_count")?, is_normalised: true }))
    }

    fn rotations(&self, family: Family, width: usize, context: usize) -> Result<Vec<Rotation>, String> {
        let base = self.number("rope.freq_base").unwrap_or(10_000.0);
        let rotated = self.optional_size("rope.dimension_count").unwrap_or(width);
        if base.is_nan() || base <= 1.0 || rotated > width {
            return Err(format!("its positions turn {rotated} of {width} numbers with base {base}"));
        }
        let pairing = if family == Family::Llama { Pairing::Neighbours } else { Pairing::Halves };
        let mut rotations = vec![Rotation::new(base, rotated, pairing, &self.scaling(context, rotated)?)];
        if family == Family::Gemma3 {
            let local = self.number("rope.freq_base_swa").unwrap_or(10_000.0);
            rotations.push(Rotation::new(local, rotated, pairing, &Scaling::None));
        }
        Ok(rotations)
    }

    fn scaling(&self, context: usize, rotated: usize) -> Result<Scaling, String> {
        // Llama 3.1 and its kin: the divisors of the frequencies, computed when the file was made.
        if let Some(factors) = self.gguf.tensor("rope_freqs.weight") {
            if factors.values() != rotated / 2 {
                return Err(format!("`rope_freqs.weight` has {} numbers, not {}", factors.values(), rotated / 2));
            }
            return Ok(Scaling::ByPair { factors: factors.dequantised(), attention: 1.0 });
        }
        let factor = self.number("rope.scaling.factor").unwrap_or(1.0);
        match self.gguf.text(&self.key("rope.scaling.type")).unwrap_or("none") {
            "none" => Ok(Scaling::None),
            "linear" => Ok(Scaling::Linear { factor }),
            "yarn" => Ok(Scaling::Yarn {
                factor,
                fast: self.number("rope.scaling.yarn_beta_fast").unwrap_or(32.0),
                slow: self.number("rope.scaling.yarn_beta_slow").unwrap_or(1.0),
                original: self.optional_size("rope.scaling.original_context_length").unwrap_or(context) as f32,
                attention: self.number("rope.scaling.attn_factor").unwrap_or(if factor <= 1.0 {
                    1.0
                } else {
                    0.1 * factor.ln() + 1.0
                }),
                is_whole: true,
            }),
            other => Err(format!("its positions are scaled by `{other}`, which is not known")),
        }
    }
}
