//! From a `config.json`, as transformers writes it.

use std::io::Read as _;
use std::path::Path;

use serde_json::Value;

use super::{
    AttentionConfiguration, Configuration, DeltaConfiguration, ExpertConfiguration, FeedForwardConfiguration, Joining,
    KeySource, LayerConfiguration, LayerEmbedding, Mixer, NormKind, Pairing, Rotation, Scaling,
    SharedExpertConfiguration,
};
use crate::kernels::{Bend, DeltaShape, HeadShape};
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
        let kinds = fields.kinds(family, count)?;
        if fields.present("use_bidirectional_attention").and_then(Value::as_str) == Some("all") {
            return Err("its tokens see those after them, so that it cannot write".to_owned());
        }
        let shapes =
            fields.shapes(family, &kinds, HeadShape { heads, shared: heads, width, window: None, limit: None })?;
        let width_of = |wanted: fn(&LayerKind) -> bool| {
            let found = kinds.iter().position(wanted).map_or(width, |layer| shapes[layer].width);
            let is_one = kinds.iter().zip(&shapes).all(|(kind, shape)| !wanted(kind) || shape.width == found);
            if is_one { Ok(found) } else { Err("layers of one kind have heads of several widths".to_owned()) }
        };
        let widths =
            (width_of(|kind| *kind == LayerKind::All)?, width_of(|kind| matches!(kind, LayerKind::Window(_)))?);
        super::check_sizes(&[widths.0, widths.1])?;
        let rotations = fields.rotations(family, widths, context)?;
        let experts = fields.experts(family)?;
        let scale = match fields.number("query_pre_attn_scalar")? {
            // The heads of Gemma 4 are normalised to what needs no scale.
            _ if family == Family::Gemma4 => None,
            Some(scalar) => Some(scalar),
            None => Some(width as f32),
        };
        let scale = scale.map_or(1.0, |scale| 1.0 / scale.sqrt());
        let sources = fields.key_sources(family, &kinds)?;
        let layers = kinds.iter().zip(shapes).zip(sources).enumerate().map(|(layer, ((kind, shape), keys))| {
            let mixer = match kind {
                LayerKind::Recurrent => Mixer::Delta(fields.delta()?),
                LayerKind::All | LayerKind::Window(_) => Mixer::Attention(AttentionConfiguration {
                    scale,
                    rotation: if shape.window.is_some() { rotations.len() - 1 } else { 0 },
                    is_head_normed: matches!(family, Family::Qwen3 | Family::Qwen35 | Family::Gemma3 | Family::Gemma4),
                    is_value_normed: family == Family::Gemma4,
                    is_gated: family == Family::Qwen35,
                    keys,
                    shape,
                }),
            };
            let is_borrowing = matches!(keys, KeySource::Layer(_));
            Ok(LayerConfiguration {
                mixer,
                feed_forward: fields.feed_forward(family, layer, experts, is_borrowing)?,
                is_normed_after: matches!(family, Family::Gemma3 | Family::Gemma4),
                is_scaled: family == Family::Gemma4,
            })
        });
        Self {
            layers: layers.collect::<Result<_, String>>()?,
            hidden,
            vocabulary: fields.size("vocab_size")?,
            context,
            norm: match family {
                Family::Starcoder2 => NormKind::Layer,
                Family::Gemma3 | Family::Qwen35 => NormKind::RootMeanSquareFromOne,
                Family::Llama | Family::Qwen2 | Family::Qwen3 | Family::Gemma4 => NormKind::RootMeanSquare,
            },
            epsilon: match fields.number("rms_norm_eps")? {
                Some(epsilon) => epsilon,
                None => fields.number("norm_epsilon")?.ok_or("`rms_norm_eps` is missing")?,
            },
            embedding_scale: matches!(family, Family::Gemma3 | Family::Gemma4).then(|| (hidden as f32).sqrt()),
            logit_limit: fields.number("final_logit_softcapping")?,
            layer_embedding: fields.layer_embedding(family)?,
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
    /// Gated delta rule beside gated attention.
    Qwen35,
    Gemma3,
    Gemma4,
    Starcoder2,
}

/// What a layer does with the tokens before the present one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum LayerKind {
    /// It sees them all.
    All,
    /// It sees so many.
    Window(usize),
    /// It remembers.
    Recurrent,
}

impl Family {
    fn of(architecture: &str) -> Result<Self, String> {
        match architecture {
            "llama" | "mistral" | "mixtral" => Ok(Self::Llama),
            "qwen2" => Ok(Self::Qwen2),
            "qwen3" | "qwen3_moe" => Ok(Self::Qwen3),
            "qwen3_5_text" | "qwen3_5_moe_text" => Ok(Self::Qwen35),
            "gemma3_text" => Ok(Self::Gemma3),
            "gemma4_text" => Ok(Self::Gemma4),
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

    fn is_set(&self, name: &str) -> bool {
        self.present(name).and_then(Value::as_bool) == Some(true)
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
        // Gemma 4 names them even where it has none.
        if family == Family::Gemma4 && !self.is_set("enable_moe_block") {
            return Ok(None);
        }
        let count = match self.optional_size("num_local_experts")? {
            Some(count) => Some(count),
            None => self.optional_size("num_experts")?,
        };
        let Some(count) = count.filter(|count| *count > 0) else { return Ok(None) };
        let is_normalised = match self.present("norm_topk_prob").and_then(Value::as_bool) {
            Some(is_normalised) => is_normalised,
            // These always do, and do not say so.
            None => matches!(family, Family::Llama | Family::Qwen35 | Family::Gemma4),
        };
        let chosen = self.size(if family == Family::Gemma4 { "top_k_experts" } else { "num_experts_per_tok" })?;
        Ok(Some(ExpertConfiguration { count, chosen, is_normalised }))
    }

    fn feed_forward(
        &self,
        family: Family,
        layer: usize,
        experts: Option<ExpertConfiguration>,
        is_borrowing: bool,
    ) -> Result<FeedForwardConfiguration, String> {
        let sparse_step = self.optional_size("decoder_sparse_step")?.unwrap_or(1).max(1);
        let is_sparse =
            !self.list("mlp_only_layers").contains(&(layer as u64)) && (layer + 1).is_multiple_of(sparse_step);
        let experts = experts.filter(|_| is_sparse);
        let wide = self.optional_size("intermediate_size")?;
        let width = match self.optional_size("moe_intermediate_size")? {
            Some(width) if experts.is_some() => width,
            _ => wide.ok_or("`intermediate_size` is missing")?,
        };
        let doubled = if is_borrowing && self.is_set("use_double_wide_mlp") { 2 } else { 1_usize };
        let shared = match family {
            Family::Gemma4 => wide.map(|wide| (wide.saturating_mul(doubled), Joining::Normed)),
            _ => self.optional_size("shared_expert_intermediate_size")?.map(|width| (width, Joining::Gated)),
        };
        Ok(FeedForwardConfiguration {
            bend: self.bend()?,
            is_gated: family != Family::Starcoder2,
            // Experts have one width in all layers.
            width: if experts.is_some() { width } else { width.saturating_mul(doubled) },
            shared: shared
                .filter(|_| experts.is_some())
                .map(|(width, joining)| SharedExpertConfiguration { width, joining }),
            experts,
        })
    }

    fn delta(&self) -> Result<DeltaConfiguration, String> {
        Ok(DeltaConfiguration {
            shape: DeltaShape {
                key_heads: self.size("linear_num_key_heads")?,
                value_heads: self.size("linear_num_value_heads")?,
                key_width: self.size("linear_key_head_dim")?,
                value_width: self.size("linear_value_head_dim")?,
                is_in_turns: false,
            },
            kernel: self.size("linear_conv_kernel_dim")?,
        })
    }

    fn layer_embedding(&self, family: Family) -> Result<Option<LayerEmbedding>, String> {
        let width = self.optional_size("hidden_size_per_layer_input")?.filter(|width| *width > 0);
        let Some(width) = width.filter(|_| family == Family::Gemma4) else { return Ok(None) };
        Ok(Some(LayerEmbedding { width, vocabulary: self.size("vocab_size_per_layer_input")? }))
    }

    /// What each layer does.
    fn kinds(&self, family: Family, count: usize) -> Result<Vec<LayerKind>, String> {
        if count > super::MOST_LAYERS {
            return Err(format!("it claims {count} layers"));
        }
        let is_used = self.present("use_sliding_window").and_then(Value::as_bool).unwrap_or(true);
        let window = self.optional_size("sliding_window")?.filter(|_| is_used);
        let local = window.map_or(LayerKind::All, LayerKind::Window);
        let every = |period: usize, others| {
            let kind = |layer: usize| if (layer + 1).is_multiple_of(period) { LayerKind::All } else { others };
            (0..count).map(kind).collect::<Vec<_>>()
        };
        let mut kinds = if let Some(kinds) = self.present("layer_types").and_then(Value::as_array) {
            if kinds.len() != count {
                return Err(format!("`layer_types` tells of {} layers, and there are {count}", kinds.len()));
            }
            let kinds = kinds.iter().map(|kind| match kind.as_str() {
                Some("sliding_attention") => Ok(local),
                Some("full_attention") => Ok(LayerKind::All),
                Some("linear_attention") if family == Family::Qwen35 => Ok(LayerKind::Recurrent),
                _ => Err(format!("its layers are of kind {kind}, which is not known")),
            });
            kinds.collect::<Result<Vec<_>, String>>()?
        } else {
            match family {
                Family::Gemma3 => every(self.optional_size("sliding_window_pattern")?.unwrap_or(6).max(1), local),
                Family::Gemma4 => every(6, local),
                Family::Qwen35 => {
                    every(self.optional_size("full_attention_interval")?.unwrap_or(4).max(1), LayerKind::Recurrent)
                }
                Family::Qwen2 | Family::Qwen3 => {
                    let first = self.optional_size("max_window_layers")?.unwrap_or(count);
                    (0..count).map(|layer| if layer >= first { local } else { LayerKind::All }).collect()
                }
                Family::Llama | Family::Starcoder2 => vec![local; count],
            }
        };
        // As the reference does, whatever the file says.
        if let Some(last) = kinds.last_mut().filter(|_| family == Family::Gemma4) {
            *last = LayerKind::All;
        }
        Ok(kinds)
    }

    /// The heads of each layer, most of which are those of all.
    fn shapes(&self, family: Family, kinds: &[LayerKind], all: HeadShape) -> Result<Vec<HeadShape>, String> {
        let shared = self.optional_size("num_key_value_heads")?.unwrap_or(all.heads);
        let all = HeadShape { shared, limit: self.number("attn_logit_softcapping")?, ..all };
        let own = self.present("per_layer_config");
        let are_values_keys = self.is_set("attention_k_eq_v");
        let shape = |(layer, kind): (usize, &LayerKind)| {
            let mut shape = HeadShape { window: None, ..all };
            match kind {
                LayerKind::Window(window) => shape.window = Some(*window),
                LayerKind::All if family == Family::Gemma4 && own.is_none() => {
                    shape.width = self.optional_size("global_head_dim")?.unwrap_or(512);
                    if let Some(shared) = self.optional_size("num_global_key_value_heads")?.filter(|_| are_values_keys)
                    {
                        shape.shared = shared;
                    }
                }
                LayerKind::All | LayerKind::Recurrent => {}
            }
            if let Some(own) = own.and_then(|own| own.get(layer.to_string())) {
                let own = Fields { json: own };
                shape.width = own.optional_size("head_dim")?.unwrap_or(shape.width);
                shape.shared = own.optional_size("num_key_value_heads")?.unwrap_or(shape.shared);
            }
            Ok(shape)
        };
        kinds.iter().enumerate().map(shape).collect()
    }

    /// Where each layer has its keys and values from.
    fn key_sources(&self, family: Family, kinds: &[LayerKind]) -> Result<Vec<KeySource>, String> {
        if family != Family::Gemma4 {
            return Ok(vec![KeySource::Own; kinds.len()]);
        }
        let borrowing = self.optional_size("num_kv_shared_layers")?.unwrap_or(0);
        let are_values_keys = self.is_set("attention_k_eq_v");
        let lenders = kinds.len().saturating_sub(borrowing);
        let source = |(layer, kind): (usize, &LayerKind)| {
            if layer < lenders {
                let is_key = are_values_keys && *kind == LayerKind::All;
                return Ok(if is_key { KeySource::ValuesAreKeys } else { KeySource::Own });
            }
            let lender = kinds[..lenders].iter().rposition(|lender| lender == kind);
            let lender = lender.ok_or_else(|| format!("layer {layer} shares keys and values that no layer makes"))?;
            Ok(KeySource::Layer(lender))
        };
        kinds.iter().enumerate().map(source).collect()
    }

    /// The rotation of layers that see everything, and, where it is another one, that of the others. The widths are those of
    /// the heads of both.
    fn rotations(&self, family: Family, widths: (usize, usize), context: usize) -> Result<Vec<Rotation>, String> {
        let parameters = self.present("rope_parameters");
        let by_kind = |kind: &str| parameters.and_then(|all| all.get(kind)).filter(|inner| inner.is_object());
        if let (Some(all), Some(some)) = (by_kind("full_attention"), by_kind("sliding_attention")) {
            return Ok(vec![
                self.rotation(family, Some(all), None, widths.0, context)?,
                self.rotation(family, Some(some), None, widths.1, context)?,
            ]);
        }
        if family == Family::Gemma4 {
            return Err("`rope_parameters` does not tell of both kinds of layers".to_owned());
        }
        let scaling = parameters.or_else(|| self.present("rope_scaling"));
        let base = self.number("rope_theta")?;
        let mut rotations = vec![self.rotation(family, scaling, base, widths.0, context)?];
        if family == Family::Gemma3 {
            let local = self.number("rope_local_base_freq")?.unwrap_or(10_000.0);
            rotations.push(self.rotation(family, None, Some(local), widths.1, context)?);
        }
        Ok(rotations)
    }

    fn rotation(
        &self,
        family: Family,
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
            None => {
                let usual = if family == Family::Qwen35 { 0.25 } else { 1.0 };
                self.number("partial_rotary_factor")?.unwrap_or(usual)
            }
        };
        if !(base > 1.0 && share > 0.0 && share <= 1.0) {
            return Err(format!("its positions turn {share} of a head with base {base}"));
        }
        if scaling.get("rope_type").and_then(Value::as_str) == Some("proportional") {
            let pairs = (width as f32 * share / 2.0) as usize;
            let factor = number(scaling, "factor")?.unwrap_or(1.0);
            return Ok(Rotation::new(base, width, Pairing::Halves, &Scaling::FirstPairs { pairs, factor }));
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
