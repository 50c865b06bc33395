//! Small models as files, made the way that `crates/xtask/fixtures/decoders.py` makes them.

use std::collections::BTreeMap;
use std::path::Path;

use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;

mod gguf;

pub(in crate::decoder) use gguf::Stored;

/// What transformers computed.
#[derive(Deserialize)]
pub(in crate::decoder) struct Fixtures {
    pub(in crate::decoder) models: Vec<Model>,
}

#[derive(Deserialize)]
pub(in crate::decoder) struct Model {
    pub(in crate::decoder) name: String,
    pub(in crate::decoder) config: Value,
    pub(in crate::decoder) tensors: BTreeMap<String, Vec<usize>>,
    pub(in crate::decoder) prompt: Vec<u32>,
    /// The positions whose logits are stored.
    asked: Vec<usize>,
    logits: String,
    /// The positions whose logits are stored for rounded weights, and these, by how the weights were rounded.
    asked_rounded: Vec<usize>,
    rounded: BTreeMap<Stored, String>,
    pub(in crate::decoder) greedy: Vec<u32>,
    /// By how much the best token was better than the next.
    pub(in crate::decoder) gaps: Vec<f32>,
}

impl Fixtures {
    pub(in crate::decoder) fn read() -> Self {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/decoders.json");
        serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
    }

    pub(in crate::decoder) fn model(name: &str) -> Model {
        Self::read().models.into_iter().find(|model| model.name == name).unwrap()
    }
}

impl Model {
    /// The logits of the positions that are asked for, with the weights as they are.
    pub(in crate::decoder) fn logits(&self) -> Vec<(usize, Vec<f32>)> {
        rows(&self.asked, &self.logits)
    }

    /// The logits of some positions with the weights that a GGUF file of this kind holds, if there are any.
    pub(in crate::decoder) fn rounded_logits(&self, stored: Stored) -> Option<Vec<(usize, Vec<f32>)>> {
        self.rounded.get(&stored).map(|logits| rows(&self.asked_rounded, logits))
    }

    /// The same model for another number of tokens, which makes it another model.
    pub(in crate::decoder) fn with_vocabulary(mut self, tokens: usize) -> Self {
        self.config["vocab_size"] = tokens.into();
        if self.config.get("vocab_size_per_layer_input").is_some() {
            self.config["vocab_size_per_layer_input"] = tokens.into();
        }
        for (name, shape) in &mut self.tensors {
            if name.contains("embed_tokens") || name.contains("lm_head") {
                shape[0] = tokens;
            }
        }
        self
    }

    /// A folder with `config.json` and `model.safetensors`.
    pub(in crate::decoder) fn write_folder(&self, folder: &Path) {
        let named = self.tensors.iter().map(|(name, shape)| (name.clone(), shape.clone(), tensor(name, shape)));
        write_safetensors(folder, &self.config, named.collect());
    }

    /// The same as part of a model that sees pictures and guesses further tokens, with the experts of a layer in one tensor.
    pub(in crate::decoder) fn write_multimodal_folder(&self, folder: &Path) {
        let outer = self.config["model_type"].as_str().unwrap().trim_end_matches("_text");
        let config = serde_json::json!({ "model_type": outer, "text_config": self.config, "vision_config": {} });
        let mut named: Vec<_> =
            self.tensors.iter().map(|(name, shape)| (name.clone(), shape.clone(), tensor(name, shape))).collect();
        while let Some(place) = named.iter().position(|(name, ..)| name.contains(".experts.0.")) {
            let first = format!("{}.experts.", named[place].0.split_once(".experts.").unwrap().0);
            let part = |end: &str| -> Vec<Vec<f32>> {
                let of = |(name, ..): &&(String, Vec<usize>, Vec<f32>)| name.starts_with(&first) && name.ends_with(end);
                named.iter().filter(of).map(|(_, _, values)| values.clone()).collect()
            };
            let size = |name: &str| usize::try_from(self.config[name].as_u64().unwrap()).unwrap();
            let (count, hidden, width) = (size("num_experts"), size("hidden_size"), size("moe_intermediate_size"));
            let joined = part("gate_proj.weight").into_iter().zip(part("up_proj.weight"));
            let joined = joined.flat_map(|(gate, up)| gate.into_iter().chain(up)).collect();
            let downs = part("down_proj.weight").into_iter().flatten().collect();
            named.retain(|(name, ..)| !name.starts_with(&first));
            named.push((format!("{first}gate_up_proj"), vec![count, 2 * width, hidden], joined));
            named.push((format!("{first}down_proj"), vec![count, hidden, width], downs));
        }
        for (name, ..) in &mut named {
            if let Some(inner) = name.strip_prefix("model.") {
                *name = format!("model.language_model.{inner}");
            }
        }
        let others = ["model.visual.layers.0.mlp.up_proj.weight", "mtp.layers.0.input_layernorm.weight"]
            .map(|name| (name.to_owned(), vec![3], vec![0.5; 3]));
        write_safetensors(folder, &config, named.into_iter().chain(others).collect());
    }
}

/// The logits of each of these positions.
fn rows(asked: &[usize], encoded: &str) -> Vec<(usize, Vec<f32>)> {
    let bytes = base64::engine::general_purpose::STANDARD.decode(encoded).unwrap();
    let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
    let rows = values.chunks_exact(values.len() / asked.len()).map(<[f32]>::to_vec);
    asked.iter().copied().zip(rows).collect()
}

fn write_safetensors(folder: &Path, config: &Value, tensors: Vec<(String, Vec<usize>, Vec<f32>)>) {
    std::fs::write(folder.join("config.json"), config.to_string()).unwrap();
    let stored: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
        .into_iter()
        .map(|(name, shape, values)| (name, shape, values.iter().flat_map(|value| value.to_le_bytes()).collect()))
        .collect();
    let views = stored.iter().map(|(name, shape, bytes)| {
        (name, safetensors::tensor::TensorView::new(safetensors::Dtype::F32, shape.clone(), bytes).unwrap())
    });
    safetensors::serialize_to_file(views, None, &folder.join("model.safetensors")).unwrap();
}

/// The values of a tensor: see the script.
pub(in crate::decoder) fn tensor(name: &str, shape: &[usize]) -> Vec<f32> {
    let seed = name
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
    let count: usize = shape.iter().product();
    let numbers = (1..=count as u64).map(|place| {
        let mut state = seed.wrapping_add(place.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        state = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        state = (state ^ (state >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        state ^= state >> 31;
        (state >> 40) as f32 * 0.5_f32.powi(23) - 1.0
    });
    if shape.len() > 1 {
        let inner = *shape.last().unwrap() as f32;
        let mut factor = 1.0_f32;
        while factor * factor * inner > 4.0 {
            factor /= 2.0;
        }
        return numbers.map(|number| number * factor).collect();
    }
    let is_factor = ["norm.weight", "layer_scalar", "scale"].iter().any(|ending| name.ends_with(ending));
    let centre = if is_factor { 1.0 } else { 0.0 };
    numbers.map(|number| number * 0.25 + centre).collect()
}
