//! From a `config.json`, as transformers writes it.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::{
    AttentionConfiguration, Configuration, ExpertConfiguration, FeedForwardConfiguration, LayerConfiguration, NormKind,
    Pairing, Rotation, Scaling,
};
use crate::kernels::{Bend, HeadShape};
use crate::{Error, Result};

/// The most bytes of a `config.json`; what is longer is cut off, and is no JSON then.
const LARGEST_FILE: u64 = 4 << 20;

impl Configuration {
    /// Reads `config.json` of a folder.
    pub(crate) fn from_folder(folder: &Path) -> Result<Self> {
        let path = folder.join("config.json");
        let mut text = Vec::new();
        let file = std::fs::File::open(&path).map_err(|error| Error::reading(&path, error))?;
        file.take(LARGEST_FILE).read_to_end(&mut text).map_err(|error| Error::reading(&path, error))?;
        let json: Value = serde_json::from_slice(&text).map_err(|error| Error::damaged(&path, error))?;
        Self::from_json(&json).map_err(|reason| Error::unsupported(&path, reason))
    }

    fn from_json(json: &Value) -> Result<Self, String> {
        // A model that sees pictures as well keeps the part that writes in a section of its own.
        let json = json.get("text_config").filter(|inner| inner.is_object()).unwrap_or(json);
        let fields = Fields { json };
        let architecture = fields.text("model_type")?.to_owned();
        let family = Family::of(&architecture)?;
        let heads = fields.size("num_attention_heads")?;
        let hidden = fields.size("hidden_size")?;
        let width = match fields.optional_size("head_dim")? {
            Some(width) => width,
            None if heads > 0 => hidden / heads,
            None => 0,
        };
        let context = fields.size("max_position_embeddings")?;
        super::check_sizes(&[heads, hidden, width, context])?;
        let count = fields.size("num_hidden_layers")?;
        let windows = fields.windows(family, count)?;
        let experts = fields.experts(family)?;
        let (wide, wide_of_expert) =
            (fields.optional_size("intermediate_size")?, fields.optional_size("moe_intermediate_size")?);
        let rotations = fields.rotations(family, width, context)?;
        let scale = match fields.number("query_pre_attn_scalar")? {
            Some(scalar) => 1.0 / scalar.sqrt(),
            None => 1.0 / (width as f32).sqrt(),
        };
        let sparse_step = fields.optional_size("decoder_sparse_step")?.unwrap_or(1).max(1);
        let dense_layers = fields.list("mlp_only_layers");
        let layers = windows.iter().enumerate().map(|(layer, window)| {
            let is_sparse = !dense_layers.contains(&(layer as u64)) && (layer + 1).is_multiple_of(sparse_step);
            let experts = experts.filter(|_| is_sparse);
            let width_between = if experts.is_some() { wide_of_expert.or(wide) } else { wide };
            Ok(LayerConfiguration {
                attention: AttentionConfiguration {
                    shape: HeadShape {
                        heads,
                        shared: fields.optional_size("num_key_value_heads")?.unwrap_or(heads),
                        width,
                        window: *window,
                        limit: fields.number("attn_logit_softcapping")?,
                    },
                    scale,
                    rotation: if window.is_some() { rotations.len() - 1 } else { 0 },
                    is_head_normed: matches!(family, Family::Qwen3 | Family::Gemma3),
                },
                feed_forward: FeedForwardConfiguration {
                    bend: fields.bend()?,
                    is_gated: family != Family::Starcoder2,
                    width: width_between.ok_or("`intermediate_size` is missing")?,
                    experts,
                },
                is_normed_after: family == Family::Gemma3,
            })
        });
        Self {
            layers: layers.collect::<Result<_, String>>()?,
            hidden,
            vocabulary: fields.size("vocab_size")?,
            context,
            norm: match family {
                Family::Starcoder2 => NormKind::Layer,
                Family::Gemma3 => NormKind::RootMeanSquareFromOne,
                Family::Llama | Family::Qwen2 | Family::Qwen3 => NormKind::RootMeanSquare,
            },
            epsilon: match fields.number("rms_norm_eps")? {
                Some(epsilon) => epsilon,
                None => fields.number("norm_epsilon")?.ok_or("`rms_norm_eps` is missing")?,
            },
            embedding_scale: (family == Family::Gemma3).then(|| (hidden as f32).sqrt()),
            logit_limit: fields.number("final_logit_softcapping")?,
            rotations,
            architecture,
        }
        .check()
    }
}

/// Architectures that differ in what their `config.json` does not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Family {
    /// Llama, Mistral, Mixtral.
    Llama,
    Qwen2,
    Qwen3,
    Gemma3,
    Starcoder2,
}

impl Family {
    fn of(architecture: &str) -> Result<Self, String> {
        match architecture {
            "llama" | "mistral" | "mixtral" => Ok(Self::Llama),
            "qwen2" => Ok(Self::Qwen2),
            "qwen3" | "qwen3_moe" => Ok(Self::Qwen3),
            "gemma3_text" => Ok(Self::Gemma3),
            "starcoder2" => Ok(Self::Starcoder2),
            other => Err(format!("its architecture is `{other}`, which is not known")),
        }
    }
}

/// The fields of a `config.json`, with words for what is wrong with them.
struct Fields<'a> {
    json: &'a Value,
}

impl Fields<'_> {
    fn present(&self, name: &str) -> Option<&Value> {
        self.json.get(name).filter(|value| !value.is_null())
    }

    fn text(&self, name: &str) -> Result<&str, String> {
        self.present(name).and_then(Value::as_str).ok_or_else(|| format!("`{name}` is missing or no text"))
    }

    fn optional_size(&self, name: &str) -> Result<Option<usize>, String> {
        let Some(value) = self.present(name) else { return Ok(None) };
        let size = value.as_u64().and_then(|size| usize::try_from(size).ok());
        size.map(Some).ok_or_else(|| format!("`{name}` is {value}, and a whole number was expected"))
    }

    fn size(&self, name: &str) -> Result<usize, String> {
        self.optional_size(name)?.ok_or_else(|| format!("`{name}` is missing"))
    }

    fn number(&self, name: &str) -> Result<Option<f32>, String> {
        number(self.json, name)
    }

    fn list(&self, name: &str) -> Vec<u64> {
        self.present(name).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_u64).collect()
    }

    fn bend(&self) -> Result<Bend, String> {
        let name = match self.present("hidden_activation").and_then(Value::as_str) {
            Some(name) => name,
            None => self.text("hidden_act")?,
        };
        match name {
            "silu" | "swish" => Ok(Bend::Silu),
            "gelu_pytorch_tanh" | "gelu_new" | "gelu_fast" => Ok(Bend::GeluTanh),
            other => Err(format!("its activation is `{other}`, which is not known")),
        }
    }

    fn experts(&self, family: Family) -> Result<Option<ExpertConfiguration>, String> {
        let count = match self.optional_size("num_local_experts")? {
            Some(count) => Some(count),
            None => self.optional_size("num_experts")?,
        };
        let Some(count) = count.filter(|count| *count > 0) else { return Ok(None) };
        let is_normalised = match self.present("norm_topk_prob").and_then(Value::as_bool) {
            Some(is_normalised) => is_normalised,
            // Mixtral always does, and does not say so.
            None => family == Family::Llama,
        };
        Ok(Some(ExpertConfiguration { count, chosen: self.size("num_experts_per_tok")?, is_normalised }))
    }

    /// For each layer, how many tokens it sees when not all.
    fn windows(&self, family: Family, count: usize) -> Result<Vec<Option<usize>>, String> {
        if count > super::MOST_LAYERS {
            return Err(format!("it claims {count} layers"));
        }
        let window = self.optional_size("sliding_window")?;
        let is_used = self.present("use_sliding_window").and_then(Value::as_bool).unwrap_or(true);
        let Some(window) = window.filter(|_| is_used) else { return Ok(vec![None; count]) };
        if let Some(kinds) = self.present("layer_types").and_then(Value::as_array) {
            if kinds.len() != count {
                return Err(format!("`layer_types` tells of {} layers, and there are {count}", kinds.len()));
            }
            return kinds
                .iter()
                .map(|kind| match kind.as_str() {
                    Some("sliding_attention") => Ok(Some(window)),
                    Some("full_attention") => Ok(None),
                    _ => Err(format!("its layers are of kind {kind}, which is not known")),
                })
                .collect();
        }
        Ok(match family {
            Family::Gemma3 => {
                let pattern = self.optional_size("sliding_window_pattern")?.unwrap_or(6).max(1);
                (0..count).map(|layer| (!(layer + 1).is_multiple_of(pattern)).then_some(window)).collect()
            }
            Family::Qwen2 | Family::Qwen3 => {
                let first = self.optional_size("max_window_layers")?.unwrap_or(count);
                (0..count).map(|layer| (layer >= first).then_some(window)).collect()
            }
            Family::Llama | Family::Starcoder2 => vec![Some(window); count],
        })
    }

    /// The rotation of layers that see everything, and, where it is another one, that of the others.
    fn rotations(&self, family: Family, width: usize, context: usize) -> Result<Vec<Rotation>, String> {
        let parameters = self.present("rope_parameters");
        let by_kind = |kind: &str| parameters.and_then(|all| all.get(kind)).filter(|inner| inner.is_object());
        if let (Some(all), Some(some)) = (by_kind("full_attention"), by_kind("sliding_attention")) {
            return Ok(vec![
                self.rotation(Some(all), None, width, context)?,
                self.rotation(Some(some), None, width, context)?,
            ]);
        }
        let scaling = parameters.or_else(|| self.present("rope_scaling"));
        let base = self.number("rope_theta")?;
        let mut rotations = vec![self.rotation(scaling, base, width, context)?];
        if family == Family::Gemma3 {
            let local = self.number("rope_local_base_freq")?.unwrap_or(10_000.0);
            rotations.push(self.rotation(None, Some(local), width, context)?);
        }
        Ok(rotations)
    }

    fn rotation(
        &self,
        scaling: Option<&Value>,
        base: Option<f32>,
        width: usize,
        context: usize,
    ) -> Result<Rotation, String> {
        let empty = Value::Null;
        let scaling = scaling.unwrap_or(&empty);
        let base = match number(scaling, "rope_theta")? {
            Some(base) => base,
            None => base.unwrap_or(10_000.0),
        };
        let share = match number(scaling, "partial_rotary_factor")? {
            Some(share) => share,
            None => self.number("partial_rotary_factor")?.unwrap_or(1.0),
        };
        if !(base > 1.0 && share > 0.0 && share <= 1.0) {
            return Err(format!("its positions turn {share} of a head with base {base}"));
        }
        let rotated = (width as f32 * share) as usize / 2 * 2;
        let original = match number(scaling, "original_max_position_embeddings")? {
            Some(original) => original,
            None => self.number("original_max_position_embeddings")?.unwrap_or(context as f32),
        };
        let scaling = self.scaling(scaling, original, context, rotated)?;
        Ok(Rotation::new(base, rotated, Pairing::Halves, &scaling))
    }

    fn scaling(&self, json: &Value, original: f32, context: usize, rotated: usize) -> Result<Scaling, String> {
        let kind = json.get("rope_type").or_else(|| json.get("type")).and_then(Value::as_str).unwrap_or("default");
        let required = |name: &str| number(json, name)?.ok_or_else(|| format!("`{name}` of its positions is missing"));
        match kind {
            "default" => Ok(Scaling::None),
            "linear" => Ok(Scaling::Linear { factor: required("factor")? }),
            "llama3" => Ok(Scaling::ByWavelength {
                factor: required("factor")?,
                low: required("low_freq_factor")?,
                high: required("high_freq_factor")?,
                original,
            }),
            "yarn" => {
                let factor = required("factor")?;
                let strength = |scale: f32| if factor <= 1.0 { 1.0 } else { 0.1 * scale * factor.ln() + 1.0 };
                let attention =
                    match (number(json, "attention_factor")?, number(json, "mscale")?, number(json, "mscale_all_dim")?)
                    {
                        (Some(attention), _, _) => attention,
                        (None, Some(scale), Some(all)) if scale != 0.0 && all != 0.0 => strength(scale) / strength(all),
                        _ => strength(1.0),
                    };
                Ok(Scaling::Yarn {
                    factor,
                    fast: number(json, "beta_fast")?.unwrap_or(32.0),
                    slow: number(json, "beta_slow")?.unwrap_or(1.0),
                    original,
                    attention,
                    is_whole: json.get("truncate").and_then(Value::as_bool).unwrap_or(true),
                })
            }
            "longrope" => {
                // Which list counts depends on how long a text is; a cache that grows needs one for all lengths, so the
                // context decides.
                let name = if context as f32 > original { "long_factor" } else { "short_factor" };
                let factors: Vec<f32> = json
                    .get(name)
                    .and_then(Value::as_array)
                    .map(|list| list.iter().filter_map(|it| it.as_f64().map(|it| it as f32)).collect())
                    .unwrap_or_default();
                if factors.len() != rotated / 2 {
                    return Err(format!("`{name}` has {} numbers, and {} were expected", factors.len(), rotated / 2));
                }
                let factor = context as f32 / original;
                let attention = match number(json, "attention_factor")? {
                    Some(attention) => attention,
                    None if factor <= 1.0 => 1.0,
                    None => (1.0 + factor.ln() / original.ln()).sqrt(),
                };
                Ok(Scaling::ByPair { factors, attention })
            }
            other => Err(format!("its positions are scaled by `{other}`, which is not known")),
        }
    }
}

fn number(json: &Value, name: &str) -> Result<Option<f32>, String> {
    let Some(value) = json.get(name).filter(|value| !value.is_null()) else { return Ok(None) };
    let number = value.as_f64().map(|number| number as f32).filter(|number| number.is_finite());
    number.map(Some).ok_or_else(|| format!("`{name}` is {value}, and a number was expected"))
}
