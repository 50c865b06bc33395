//! The same models as GGUF files, made the way that llama.cpp's converter makes them.

use std::path::{Path, PathBuf};

use super::{Model, tensor};
use crate::weight_format::{quantise_q4_0, quantise_q8_0};

/// How the matrices of a GGUF file are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Deserialize)]
pub(in crate::decoder) enum Stored {
    #[serde(rename = "F32")]
    Single,
    #[serde(rename = "F16")]
    Half,
    Q8_0,
    Q4_0,
}

impl Model {
    /// A GGUF file in a folder, its matrices stored in this way.
    pub(in crate::decoder) fn write_gguf(&self, folder: &Path, stored: Stored) -> PathBuf {
        let mut file = GgufWriter::default();
        self.write_settings(&mut file);
        if self.architecture() == "gemma4" {
            self.write_more_of_gemma4(&mut file);
        }
        for (name, shape) in &self.tensors {
            self.write_tensor(&mut file, name, shape, stored);
        }
        let path = folder.join(format!("{}-{stored:?}.gguf", self.name));
        std::fs::write(&path, file.finish()).unwrap();
        path
    }

    fn architecture(&self) -> &str {
        match self.config["model_type"].as_str().unwrap() {
            "mixtral" => "llama",
            "qwen3_moe" => "qwen3moe",
            "qwen3_5_text" => "qwen35",
            "qwen3_5_moe_text" => "qwen35moe",
            "gemma3_text" => "gemma3",
            "gemma4_text" => "gemma4",
            other => other,
        }
    }

    fn size(&self, name: &str) -> Option<u32> {
        self.config[name].as_u64().map(|size| u32::try_from(size).unwrap())
    }

    fn experts(&self) -> Option<u32> {
        self.size("num_experts").or_else(|| self.size("num_local_experts"))
    }

    fn layers(&self) -> u32 {
        self.size("num_hidden_layers").unwrap()
    }

    /// The numbers of a head, where layers do not differ in that, and of the wide heads of Gemma 4.
    fn width(&self) -> u32 {
        let wide = self.config["per_layer_config"]["1"]["head_dim"].as_u64().map(|size| u32::try_from(size).unwrap());
        let plain = || self.size("hidden_size").unwrap() / self.size("num_attention_heads").unwrap();
        wide.or_else(|| self.size("head_dim")).unwrap_or_else(plain)
    }

    fn write_settings(&self, file: &mut GgufWriter) {
        let architecture = self.architecture();
        let key = |name: &str| format!("{architecture}.{name}");
        let size = |name: &str| self.size(name);
        file.text("general.architecture", architecture);
        let value_heads = size("linear_num_value_heads");
        let is_gemma4 = architecture == "gemma4";
        for (name, value) in [
            ("block_count", size("num_hidden_layers")),
            ("context_length", size("max_position_embeddings")),
            ("embedding_length", size("hidden_size")),
            ("feed_forward_length", size("intermediate_size").filter(|_| !is_gemma4)),
            ("attention.head_count", size("num_attention_heads")),
            ("attention.head_count_kv", size("num_key_value_heads").filter(|_| !is_gemma4)),
            ("attention.key_length", Some(self.width())),
            ("attention.value_length", Some(self.width())),
            ("attention.sliding_window", size("sliding_window")),
            ("vocab_size", size("vocab_size")),
            ("expert_count", self.experts()),
            ("expert_used_count", size("num_experts_per_tok").or_else(|| size("top_k_experts"))),
            ("expert_feed_forward_length", size("moe_intermediate_size")),
            ("expert_shared_feed_forward_length", size("shared_expert_intermediate_size")),
            ("ssm.conv_kernel", size("linear_conv_kernel_dim")),
            ("ssm.state_size", size("linear_key_head_dim")),
            ("ssm.group_count", size("linear_num_key_heads")),
            ("ssm.time_step_rank", value_heads),
            ("ssm.inner_size", value_heads.map(|heads| heads * size("linear_value_head_dim").unwrap())),
            ("full_attention_interval", value_heads.map(|_| self.layers())),
            ("rope.dimension_count", value_heads.map(|_| self.width() / 4)),
            // The last of these layers sees everything.
            ("attention.sliding_window_pattern", (architecture == "gemma3").then(|| self.layers())),
        ] {
            if let Some(value) = value {
                file.unsigned(&key(name), value);
            }
        }
        let turning = &self.config["rope_parameters"];
        let whole = if turning["full_attention"].is_object() { &turning["full_attention"] } else { turning };
        for (name, value) in [
            ("attention.layer_norm_rms_epsilon", &self.config["rms_norm_eps"]),
            ("attention.layer_norm_epsilon", &self.config["norm_epsilon"]),
            ("rope.freq_base", &whole["rope_theta"]),
            ("rope.freq_base_swa", &turning["sliding_attention"]["rope_theta"]),
            ("rope.scaling.factor", &whole["factor"]),
            ("final_logit_softcapping", &self.config["final_logit_softcapping"]),
        ] {
            if let Some(value) = value.as_f64() {
                file.float(&key(name), value as f32);
            }
        }
        if whole["rope_type"] == "linear" {
            file.text(&key("rope.scaling.type"), "linear");
        }
        if let Some(scalar) = self.config["query_pre_attn_scalar"].as_f64() {
            file.float(&key("attention.scale"), (1.0 / scalar.sqrt()) as f32);
        }
    }

    fn write_more_of_gemma4(&self, file: &mut GgufWriter) {
        let size = |name: &str| self.size(name).unwrap_or(0);
        let kinds = self.config["layer_types"].as_array().unwrap();
        let are_local: Vec<bool> = kinds.iter().map(|kind| kind == "sliding_attention").collect();
        file.booleans("gemma4.attention.sliding_window_pattern", &are_local);
        for (name, value) in [
            ("attention.key_length_swa", size("head_dim")),
            ("attention.value_length_swa", size("head_dim")),
            ("attention.shared_kv_layers", size("num_kv_shared_layers")),
            ("embedding_length_per_layer_input", size("hidden_size_per_layer_input")),
            ("rope.dimension_count", self.width()),
            ("rope.dimension_count_swa", size("head_dim")),
        ] {
            file.unsigned(&format!("gemma4.{name}"), value);
        }
        let wide = size("intermediate_size");
        match self.config["use_double_wide_mlp"].as_bool() {
            Some(true) => {
                let lenders = self.layers() - size("num_kv_shared_layers");
                let wide = |layer| if layer < lenders { wide } else { 2 * wide };
                file.numbers("gemma4.feed_forward_length", &(0..self.layers()).map(wide).collect::<Vec<_>>());
            }
            _ => file.unsigned("gemma4.feed_forward_length", wide),
        }
        let shared = size("num_key_value_heads");
        match self.config["per_layer_config"]["1"]["num_key_value_heads"].as_u64() {
            Some(few) => {
                let few = u32::try_from(few).unwrap();
                let shared: Vec<u32> = are_local.iter().map(|is_local| if *is_local { shared } else { few }).collect();
                file.numbers("gemma4.attention.head_count_kv", &shared);
            }
            None => file.unsigned("gemma4.attention.head_count_kv", shared),
        }
        // What is not to be turned is turned as slowly as can be.
        let pairs = self.width() as usize / 2;
        let factors: Vec<f32> = (0..pairs).map(|pair| if pair < pairs / 4 { 1.0 } else { 1e30 }).collect();
        file.tensor("rope_freqs.weight", &[pairs], &factors, Stored::Single);
    }

    fn write_tensor(&self, file: &mut GgufWriter, name: &str, shape: &[usize], stored: Stored) {
        let architecture = self.architecture();
        let mut values = tensor(name, shape);
        let mut shape = shape.to_vec();
        if architecture == "llama" && [".q_proj.", ".k_proj."].iter().any(|part| name.contains(part)) {
            values = neighbours(&values, &shape, self.width() as usize);
        }
        let is_remembering = architecture.starts_with("qwen35");
        if is_remembering {
            values = self.in_turns(name, &shape, values);
        }
        if architecture == "gemma3" && name.ends_with("norm.weight") {
            values.iter_mut().for_each(|value| *value += 1.0);
        }
        // The experts of a layer make one tensor.
        if let Some((before, after)) = name.split_once("experts.0.") {
            let count = self.experts().unwrap();
            values = (0..count).flat_map(|it| tensor(&format!("{before}experts.{it}.{after}"), &shape)).collect();
            shape.insert(0, count as usize);
        } else if name
            .split_once("experts.")
            .is_some_and(|(_, rest)| rest.starts_with(|first: char| first.is_numeric()))
        {
            return;
        }
        let plain = ["conv1d", "in_proj_a", "in_proj_b", "mlp.gate.", "moe.gate.", "router."];
        let is_plain = shape.len() == 1
            || !shape.last().unwrap().is_multiple_of(32)
            || plain.iter().any(|part| name.contains(part));
        if shape.len() > 1 {
            shape.retain(|size| *size != 1);
        }
        let mut name = gguf_name(name, architecture.starts_with("gemma"));
        if is_remembering {
            // It has no other norm there.
            name = name.replace("ffn_norm", "post_attention_norm");
        }
        file.tensor(&name, &shape, &values, if is_plain { Stored::Single } else { stored });
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

fn gguf_name(name: &str, is_gemma: bool) -> String {
    let name = name.strip_prefix("model.").unwrap_or(name);
    if let Some(ending) = name.strip_prefix("norm.") {
        return format!("output_norm.{ending}");
    }
    let after_attention = if is_gemma { "post_attention_norm" } else { "ffn_norm" };
    // A longer name stands before one that is its beginning.
    [
        ("layers.", "blk."),
        ("embed_tokens_per_layer", "per_layer_token_embd"),
        ("embed_tokens", "token_embd"),
        ("lm_head", "output"),
        ("per_layer_model_projection", "per_layer_model_proj"),
        ("per_layer_projection_norm", "per_layer_proj_norm"),
        ("per_layer_projection", "proj"),
        ("per_layer_input_gate", "inp_gate"),
        ("post_per_layer_input_norm", "post_norm"),
        ("layer_scalar", "layer_output_scale.weight"),
        ("input_layernorm", "attn_norm"),
        ("post_attention_layernorm", after_attention),
        ("pre_feedforward_layernorm_2", "pre_ffw_norm_2"),
        ("pre_feedforward_layernorm", "ffn_norm"),
        ("post_feedforward_layernorm", "post_ffw_norm"),
        ("self_attn.q_proj", "attn_q"),
        ("self_attn.k_proj", "attn_k"),
        ("self_attn.v_proj", "attn_v"),
        ("self_attn.o_proj", "attn_output"),
        ("self_attn.q_norm", "attn_q_norm"),
        ("self_attn.k_norm", "attn_k_norm"),
        ("router.proj", "ffn_gate_inp"),
        ("router.scale", "ffn_gate_inp.scale"),
        ("router.per_expert_scale", "ffn_down_exps.scale"),
        ("mlp.shared_expert_gate", "ffn_gate_inp_shexp"),
        ("mlp.shared_expert.gate_proj", "ffn_gate_shexp"),
        ("mlp.shared_expert.up_proj", "ffn_up_shexp"),
        ("mlp.shared_expert.down_proj", "ffn_down_shexp"),
        ("mlp.experts.0.gate_proj", "ffn_gate_exps"),
        ("mlp.experts.0.up_proj", "ffn_up_exps"),
        ("mlp.experts.0.down_proj", "ffn_down_exps"),
        ("block_sparse_moe.experts.0.w1", "ffn_gate_exps"),
        ("block_sparse_moe.experts.0.w3", "ffn_up_exps"),
        ("block_sparse_moe.experts.0.w2", "ffn_down_exps"),
        ("experts.gate_up_proj", "ffn_gate_up_exps.weight"),
        ("experts.down_proj", "ffn_down_exps.weight"),
        ("block_sparse_moe.gate.", "ffn_gate_inp."),
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
        ("mlp.c_fc", "ffn_up"),
        ("mlp.c_proj", "ffn_down"),
    ]
    .iter()
    .fold(name.to_owned(), |name, (from, to)| name.replace(from, to))
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

    fn numbers(&mut self, key: &str, values: &[u32]) {
        self.list(key, 4, values.len());
        values.iter().for_each(|value| self.settings.extend(value.to_le_bytes()));
    }

    fn booleans(&mut self, key: &str, values: &[bool]) {
        self.list(key, 7, values.len());
        self.settings.extend(values.iter().map(|value| u8::from(*value)));
    }

    fn list(&mut self, key: &str, kind: u32, count: usize) {
        self.key(key, 9);
        self.settings.extend(kind.to_le_bytes());
        self.settings.extend((count as u64).to_le_bytes());
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
