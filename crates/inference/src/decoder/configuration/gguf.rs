//! From the metadata of a GGUF file, as llama.cpp writes it.

use std::path::Path;

use super::{
    AttentionConfiguration, Configuration, DeltaConfiguration, ExpertConfiguration, FeedForwardConfiguration, Joining,
    KeySource, LayerConfiguration, LayerEmbedding, Mixer, NormKind, Pairing, Rotation, Scaling,
    SharedExpertConfiguration,
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
    Gemma4,
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

    /// A size of each layer, which the file gives for all of them or one by one.
    fn sizes(&self, name: &str, layers: usize) -> Result<Option<Vec<usize>>, String> {
        if let Some(size) = self.optional_size(name) {
            return Ok(Some(vec![size; layers]));
        }
        let Some(list) = self.gguf.numbers(&self.key(name)) else { return Ok(None) };
        let sizes: Option<Vec<usize>> = list.into_iter().take(layers).map(|size| usize::try_from(size).ok()).collect();
        let sizes = sizes.filter(|sizes| sizes.len() == layers);
        sizes.map(Some).ok_or_else(|| format!("`{}` is no list of {layers} sizes", self.key(name)))
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
            "gemma4" => Ok(Family::Gemma4),
            "starcoder2" => Ok(Family::Starcoder2),
            other => Err(format!("its architecture is `{other}`, which is not known")),
        }
    }

    fn configuration(&self) -> Result<Configuration, String> {
        let family = self.family()?;
        let hidden = self.size("embedding_length")?;
        let heads = self.size("attention.head_count")?;
        let width = self.head_width("key_length", "value_length")?.or_else(|| hidden.checked_div(heads)).unwrap_or(0);
        let context = self.size("context_length")?;
        super::check_sizes(&[heads, hidden, width, context])?;
        // Layers that guess further tokens stand behind those that are the model.
        let guessing = self.optional_size("nextn_predict_layers").unwrap_or(0);
        let count = self.size("block_count")?.saturating_sub(guessing);
        if count > super::MOST_LAYERS {
            return Err(format!("it claims {count} layers"));
        }
        let experts = self.experts(family)?;
        let wide = self.sizes("feed_forward_length", count)?;
        let wide = |layer: usize| wide.as_ref().and_then(|wide| wide.get(layer)).copied();
        let chosen_width = self.optional_size("expert_feed_forward_length").filter(|_| experts.is_some());
        let shared_heads = self.sizes("attention.head_count_kv", count)?.unwrap_or_else(|| vec![heads; count]);
        let windows = self.windows(family, count)?;
        // Of layers that do not see everything, where these have heads of their own.
        let local_width = match family {
            Family::Gemma4 => self.head_width("key_length_swa", "value_length_swa")?.unwrap_or(width),
            _ => width,
        };
        super::check_sizes(&[local_width])?;
        let rotations = self.rotations(family, (width, local_width), context)?;
        // The largest Gemma 3 scales as if its heads shared out a row, and its file does not say so.
        let scaled = if family == Family::Gemma3 && count == LARGEST_GEMMA { hidden / heads } else { width };
        // The heads of Gemma 4 are normalised to what needs no scale.
        let scale = if family == Family::Gemma4 { 1.0 } else { 1.0 / (scaled as f32).sqrt() };
        let sources = self.key_sources(family, &windows)?;
        let attention = |layer: usize| AttentionConfiguration {
            shape: HeadShape {
                heads,
                shared: shared_heads[layer],
                width: if windows[layer].is_some() { local_width } else { width },
                window: windows[layer],
                limit: self.number("attn_logit_softcapping"),
            },
            scale: self.number("attention.scale").unwrap_or(scale),
            rotation: if windows[layer].is_some() { rotations.len() - 1 } else { 0 },
            is_head_normed: matches!(family, Family::Qwen3 | Family::Qwen35 | Family::Gemma3 | Family::Gemma4),
            is_value_normed: family == Family::Gemma4,
            is_gated: family == Family::Qwen35,
            keys: sources[layer],
        };
        let delta = if family == Family::Qwen35 { Some(self.delta()?) } else { None };
        let period = self.optional_size("full_attention_interval").unwrap_or(4).max(1);
        let shared = |layer: usize| match family {
            Family::Gemma4 => wide(layer).map(|width| SharedExpertConfiguration { width, joining: Joining::Normed }),
            Family::Qwen35 => self
                .optional_size("expert_shared_feed_forward_length")
                .map(|width| SharedExpertConfiguration { width, joining: Joining::Gated }),
            _ => None,
        };
        let layer = |layer: usize| {
            let width = chosen_width.or_else(|| wide(layer));
            let key = self.key("feed_forward_length");
            Ok(LayerConfiguration {
                mixer: match delta {
                    Some(delta) if !(layer + 1).is_multiple_of(period) => Mixer::Delta(delta),
                    _ => Mixer::Attention(attention(layer)),
                },
                feed_forward: FeedForwardConfiguration {
                    bend: match family {
                        Family::Gemma3 | Family::Gemma4 | Family::Starcoder2 => Bend::GeluTanh,
                        Family::Llama | Family::Qwen2 | Family::Qwen3 | Family::Qwen35 => Bend::Silu,
                    },
                    is_gated: family != Family::Starcoder2,
                    width: width.ok_or_else(|| format!("`{key}` is missing or no size"))?,
                    experts,
                    shared: shared(layer).filter(|_| experts.is_some()),
                },
                is_normed_after: matches!(family, Family::Gemma3 | Family::Gemma4),
                is_scaled: family == Family::Gemma4 && self.gguf.has(&format!("blk.{layer}.layer_output_scale.weight")),
            })
        };
        let vocabulary = match self.optional_size("vocab_size") {
            Some(size) => size,
            None => self.gguf.texts("tokenizer.ggml.tokens").ok_or("it has no vocabulary")?.len(),
        };
        Configuration {
            layers: (0..count).map(layer).collect::<Result<_, String>>()?,
            architecture: self.architecture.to_owned(),
            hidden,
            vocabulary,
            context,
            // The scales of Gemma 3 and Qwen 3.5 are stored with the 1 added.
            norm: if family == Family::Starcoder2 { NormKind::Layer } else { NormKind::RootMeanSquare },
            epsilon: self
                .number("attention.layer_norm_rms_epsilon")
                .or_else(|| self.number("attention.layer_norm_epsilon"))
                .ok_or("the epsilon of its norms is missing")?,
            embedding_scale: matches!(family, Family::Gemma3 | Family::Gemma4).then(|| (hidden as f32).sqrt()),
            logit_limit: self.number("final_logit_softcapping"),
            layer_embedding: self
                .optional_size("embedding_length_per_layer_input")
                .filter(|width| *width > 0 && family == Family::Gemma4)
                .map(|width| LayerEmbedding { width, vocabulary }),
            rotations,
        }
        .check()
    }

    /// The numbers of a head, which are as many in its keys as in its values.
    fn head_width(&self, keys: &str, values: &str) -> Result<Option<usize>, String> {
        let [keys, values] = [keys, values].map(|name| self.optional_size(&format!("attention.{name}")));
        match (keys, values) {
            (Some(keys), Some(values)) if keys != values => {
                Err(format!("its keys have {keys} numbers and its values {values}, which is not known"))
            }
            _ => Ok(keys),
        }
    }

    /// How many tokens each layer sees, where it does not see them all.
    fn windows(&self, family: Family, count: usize) -> Result<Vec<Option<usize>>, String> {
        let window = self.optional_size("attention.sliding_window").filter(|window| *window > 0);
        let pattern = "attention.sliding_window_pattern";
        if let Some(are_local) = self.gguf.booleans(&self.key(pattern)) {
            let windows: Vec<_> = are_local.iter().take(count).map(|is_local| window.filter(|_| *is_local)).collect();
            return if windows.len() == count {
                Ok(windows)
            } else {
                Err(format!("`{}` tells of {} layers, and there are {count}", self.key(pattern), windows.len()))
            };
        }
        let period = match family {
            Family::Gemma3 => self.optional_size(pattern).unwrap_or(6).max(1),
            Family::Gemma4 => return Err(format!("`{}` is missing", self.key(pattern))),
            _ => usize::MAX,
        };
        Ok((0..count).map(|layer| window.filter(|_| !(layer + 1).is_multiple_of(period))).collect())
    }

    /// Where each layer has its keys and values from.
    fn key_sources(&self, family: Family, windows: &[Option<usize>]) -> Result<Vec<KeySource>, String> {
        if family != Family::Gemma4 {
            return Ok(vec![KeySource::Own; windows.len()]);
        }
        let borrowing = self.optional_size("attention.shared_kv_layers").unwrap_or(0);
        let lenders = windows.len().saturating_sub(borrowing);
        let source = |(layer, window): (usize, &Option<usize>)| {
            if layer < lenders {
                let has_values = self.gguf.has(&format!("blk.{layer}.attn_v.weight"));
                return Ok(if has_values { KeySource::Own } else { KeySource::ValuesAreKeys });
            }
            let lender = windows[..lenders].iter().rposition(|lender| lender == window);
            let lender = lender.ok_or_else(|| format!("layer {layer} shares keys and values that no layer makes"))?;
            Ok(KeySource::Layer(lender))
        };
        windows.iter().enumerate().map(source).collect()
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
        if !matches!(family, Family::Llama | Family::Qwen3 | Family::Qwen35 | Family::Gemma4) {
            return Err(format!("experts of `{}` are not known", self.architecture));
        }
        Ok(Some(ExpertConfiguration { count, chosen: self.size("expert_used_count")?, is_normalised: true }))
    }

    /// The rotation of layers that see everything, and, where it is another one, that of the others. The widths are those of
    /// the heads of both.
    fn rotations(&self, family: Family, widths: (usize, usize), context: usize) -> Result<Vec<Rotation>, String> {
        let base = self.number("rope.freq_base").unwrap_or(10_000.0);
        let rotated = self.optional_size("rope.dimension_count").unwrap_or(widths.0);
        let pairing = if family == Family::Llama { Pairing::Neighbours } else { Pairing::Halves };
        check_rotation(base, rotated, widths.0)?;
        let mut rotations = vec![Rotation::new(base, rotated, pairing, &self.scaling(context, rotated)?)];
        if matches!(family, Family::Gemma3 | Family::Gemma4) {
            let local = self.number("rope.freq_base_swa").unwrap_or(10_000.0);
            let rotated = match family {
                Family::Gemma4 => self.optional_size("rope.dimension_count_swa").unwrap_or(widths.1),
                _ => rotated,
            };
            check_rotation(local, rotated, widths.1)?;
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

fn check_rotation(base: f32, rotated: usize, width: usize) -> Result<(), String> {
    if base > 1.0 && rotated <= width {
        return Ok(());
    }
    Err(format!("its positions turn {rotated} of {width} numbers with base {base}"))
}
