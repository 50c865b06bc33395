//! Small models as files, made the way that `crates/xtask/fixtures/decoders.py` makes them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use serde::Deserialize;
use serde_json::Value;

use crate::weight_format::{quantise_q4_0, quantise_q8_0};

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
    pub(in crate::decoder) asked: Vec<usize>,
    logits: String,
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
    pub(in crate::decoder) fn logits(&self) -> Vec<Vec<f32>> {
        let bytes = base64::engine::general_purpose::STANDARD.decode(&self.logits).unwrap();
        let values: Vec<f32> = bytes.as_chunks::<4>().0.iter().map(|bytes| f32::from_le_bytes(*bytes)).collect();
        values.chunks_exact(values.len() / self.asked.len()).map(<[f32]>::to_vec).collect()
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

    /// A GGUF file as llama.cpp's converter makes it of a Llama, Qwen 2, Qwen 3 or Qwen 3.5.
    pub(in crate::decoder) fn write_gguf(&self, folder: &Path, stored: Stored) -> PathBuf {
        let size = |name: &str| self.config[name].as_u64().map(|size| u32::try_from(size).unwrap());
        let architecture = match self.config["model_type"].as_str().unwrap() {
            "qwen3_5_text" => "qwen35",
            "qwen3_5_moe_text" => "qwen35moe",
            "qwen3_moe" => "qwen3moe",
            other => other,
        };
        let heads = size("num_attention_heads").unwrap();
        let width = size("head_dim").unwrap_or(size("hidden_size").unwrap() / heads);
        let mut file = GgufWriter::default();
        file.text("general.architecture", architecture);
        let value_heads = size("linear_num_value_heads");
        for (key, value) in [
            ("block_count", size("num_hidden_layers")),
            ("context_length", size("max_position_embeddings")),
            ("embedding_length", size("hidden_size")),
            ("feed_forward_length", size("intermediate_size")),
            ("attention.head_count", Some(heads)),
            ("attention.head_count_kv", size("num_key_value_heads")),
            ("attention.key_length", Some(width)),
            ("attention.value_length", Some(width)),
            ("vocab_size", size("vocab_size")),
            ("expert_count", size("num_experts").or(size("num_local_experts"))),
            ("expert_used_count", size("num_experts_per_tok")),
            ("expert_feed_forward_length", size("moe_intermediate_size")),
            ("expert_shared_feed_forward_length", size("shared_expert_intermediate_size")),
            ("ssm.conv_kernel", size("linear_conv_kernel_dim")),
            ("ssm.state_size", size("linear_key_head_dim")),
            ("ssm.group_count", size("linear_num_key_heads")),
            ("ssm.time_step_rank", value_heads),
            ("ssm.inner_size", value_heads.map(|heads| heads * size("linear_value_head_dim").unwrap())),
            ("full_attention_interval", value_heads.map(|_| size("num_hidden_layers").unwrap())),
            ("rope.dimension_count", value_heads.map(|_| width / 4)),
        ] {
            if let Some(value) = value {
                file.unsigned(&format!("{architecture}.{key}"), value);
            }
        }
        let epsilon = self.config["rms_norm_eps"].as_f64().unwrap() as f32;
        file.float(&format!("{architecture}.attention.layer_norm_rms_epsilon"), epsilon);
        let base = self.config["rope_parameters"]["rope_theta"].as_f64().unwrap() as f32;
        file.float(&format!("{architecture}.rope.freq_base"), base);
        for (name, shape) in &self.tensors {
            let mut values = tensor(name, shape);
            let mut shape = shape.clone();
            if architecture == "llama" && [".q_proj.", ".k_proj."].iter().any(|part| name.contains(part)) {
                values = neighbours(&values, &shape, width as usize);
            }
            if value_heads.is_some() {
                values = self.in_turns(name, &shape, values);
            }
            // The experts of a layer make one tensor.
            if let Some((before, after)) = name.split_once("experts.0.") {
                let count = size("num_experts").or(size("num_local_experts")).unwrap();
                values = (0..count).flat_map(|it| tensor(&format!("{before}experts.{it}.{after}"), &shape)).collect();
                shape.insert(0, usize::try_from(count).unwrap());
            } else if name.contains("experts.") {
                continue;
            }
            let is_small = shape.len() == 1
                || ["conv1d", "in_proj_a", "in_proj_b", "mlp.gate."].iter().any(|part| name.contains(part));
            shape.retain(|size| *size != 1);
            let mut name = gguf_name(name);
            if value_heads.is_some() {
                // It has no other norm there.
                name = name.replace("ffn_norm", "post_attention_norm");
            }
            file.tensor(&name, &shape, &values, if is_small { Stored::Single } else { stored });
        }
        let path = folder.join(format!("{}-{stored:?}.gguf", self.name));
        std::fs::write(&path, file.finish()).unwrap();
        path
    }

    /// A tensor of Qwen 3.5 as the converter changes it: scales with 1 added, rates instead of their logarithms, and the heads
    /// of values of layers that remember in turns of the heads of keys.
    fn in_turns(&self, name: &str, shape: &[usize], mut values: Vec<f32>) -> Vec<f32> {
        let size = |name: &str| usize::try_from(self.config[name].as_u64().unwrap()).unwrap();
        let (keys, heads, width) =
            (size("linear_num_key_heads"), size("linear_num_value_heads"), size("linear_value_head_dim"));
        if name.ends_with("norm.weight") && !name.ends_with("linear_attn.norm.weight") {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        if name.ends_with("A_log") {
            values.iter_mut().for_each(|value| *value = -value.exp());
        }
        let Some((_, part)) = name.split_once("linear_attn.") else { return values };
        // Where the heads begin, and how many values one of them has.
        let (start, each) = match part {
            "in_proj_a.weight" | "in_proj_b.weight" => (0, shape[1]),
            "A_log" | "dt_bias" => (0, 1),
            "in_proj_z.weight" => (0, width * shape[1]),
            "in_proj_qkv.weight" => (2 * keys * size("linear_key_head_dim") * shape[1], width * shape[1]),
            "conv1d.weight" => (2 * keys * size("linear_key_head_dim") * shape[2], width * shape[2]),
            // Its columns are in the order of the heads.
            "out_proj.weight" => {
                return values.chunks_exact(heads * width).flat_map(|row| turned(row, 0, width, keys)).collect();
            }
            _ => return values,
        };
        turned(&values, start, each, keys)
    }
}

/// What begins somewhere in groups of heads, `keys` of them, with the first of each group first.
fn turned(values: &[f32], start: usize, each: usize, keys: usize) -> Vec<f32> {
    let (before, heads) = values.split_at(start);
    let heads: Vec<&[f32]> = heads.chunks_exact(each).collect();
    let group = heads.len() / keys;
    let order = (0..heads.len()).map(|head| heads[head % keys * group + head / keys]);
    before.iter().copied().chain(order.flatten().copied()).collect()
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

/// How the matrices of a GGUF file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::decoder) enum Stored {
    Single,
    Half,
    Q8_0,
    Q4_0,
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

/// The rows of queries or keys in the order that puts those side by side which are turned together.
fn neighbours(values: &[f32], shape: &[usize], width: usize) -> Vec<f32> {
    let inner = values.len() / shape[0];
    let row = |output: usize| {
        let (head, number) = (output / width, output % width);
        let from = head * width + number / 2 + number % 2 * (width / 2);
        &values[from * inner..(from + 1) * inner]
    };
    (0..shape[0]).flat_map(row).copied().collect()
}

fn gguf_name(name: &str) -> String {
    let name = name.strip_prefix("model.").unwrap_or(name);
    let name = name.replace("layers.", "blk.").replace("embed_tokens", "token_embd").replace("lm_head", "output");
    let name = if name == "norm.weight" { "output_norm.weight".to_owned() } else { name };
    [
        ("input_layernorm", "attn_norm"),
        ("post_attention_layernorm", "ffn_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("self_attn.q_norm", "attn_q_norm"),
        ("self_attn.k_norm", "attn_k_norm"),
        ("mlp.shared_expert_gate", "ffn_gate_inp_shexp"),
        ("mlp.shared_expert.gate_proj", "ffn_gate_shexp"),
        ("mlp.shared_expert.up_proj", "ffn_up_shexp"),
        ("mlp.shared_expert.down_proj", "ffn_down_shexp"),
        ("mlp.experts.0.gate_proj", "ffn_gate_exps"),
        ("mlp.experts.0.up_proj", "ffn_up_exps"),
        ("mlp.experts.0.down_proj", "ffn_down_exps"),
        ("mlp.gate.", "ffn_gate_inp."),
        ("linear_attn.in_proj_qkv", "attn_qkv"),
        ("linear_attn.in_proj_z", "attn_gate"),
        ("linear_attn.in_proj_a", "ssm_alpha"),
        ("linear_attn.in_proj_b", "ssm_beta"),
        ("linear_attn.A_log", "ssm_a"),
        ("linear_attn.dt_bias", "ssm_dt.bias"),
        ("linear_attn.conv1d", "ssm_conv1d"),
        ("linear_attn.norm", "ssm_norm"),
        ("linear_attn.out_proj", "ssm_out"),
        ("mlp.gate_proj", "ffn_gate"),
        ("mlp.up_proj", "ffn_up"),
        ("mlp.down_proj", "ffn_down"),
    ]
    .iter()
    .fold(name, |name, (from, to)| name.replace(from, to))
}

/// Writes version 3 of GGUF.
#[derive(Default)]
struct GgufWriter {
    settings: Vec<u8>,
    setting_count: u64,
    tensors: Vec<u8>,
    tensor_count: u64,
    data: Vec<u8>,
}

impl GgufWriter {
    fn key(&mut self, key: &str, kind: u32) {
        write_text(&mut self.settings, key);
        self.settings.extend(kind.to_le_bytes());
        self.setting_count += 1;
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key, 8);
        write_text(&mut self.settings, value);
    }

    fn unsigned(&mut self, key: &str, value: u32) {
        self.key(key, 4);
        self.settings.extend(value.to_le_bytes());
    }

    fn float(&mut self, key: &str, value: f32) {
        self.key(key, 6);
        self.settings.extend(value.to_le_bytes());
    }

    fn tensor(&mut self, name: &str, shape: &[usize], values: &[f32], stored: Stored) {
        write_text(&mut self.tensors, name);
        self.tensors.extend(u32::try_from(shape.len()).unwrap().to_le_bytes());
        shape.iter().rev().for_each(|size| self.tensors.extend((*size as u64).to_le_bytes()));
        let (kind, bytes) = match stored {
            Stored::Single => (0_u32, values.iter().flat_map(|value| value.to_le_bytes()).collect()),
            Stored::Half => {
                let halves = values.iter().map(|value| crate::weight_format::single_to_half(*value));
                (1, halves.flat_map(u16::to_le_bytes).collect())
            }
            Stored::Q4_0 => (2, quantise_q4_0(values)),
            Stored::Q8_0 => (8, quantise_q8_0(values)),
        };
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        self.tensors.extend(kind.to_le_bytes());
        self.tensors.extend((self.data.len() as u64).to_le_bytes());
        self.data.extend(bytes);
        self.tensor_count += 1;
    }

    fn finish(self) -> Vec<u8> {
        let mut file = b"GGUF".to_vec();
        file.extend(3_u32.to_le_bytes());
        file.extend(self.tensor_count.to_le_bytes());
        file.extend(self.setting_count.to_le_bytes());
        file.extend(self.settings);
        file.extend(self.tensors);
        file.resize(file.len().next_multiple_of(32), 0);
        file.extend(self.data);
        file
    }
}

fn write_text(to: &mut Vec<u8>, text: &str) {
    to.extend((text.len() as u64).to_le_bytes());
    to.extend(text.as_bytes());
}
