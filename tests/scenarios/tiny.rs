//! A model of the shape of Qwen 2 in safetensors, with zeros for weights, as small or as large as a test wants it.

use std::path::Path;

use serde_json::{Value, json};

/// The model: tokens that its weights know, and values between the two projections of its one feed-forward network.
#[derive(Clone, Copy)]
pub(crate) struct Tiny {
    pub(crate) tokens: usize,
    pub(crate) between: usize,
}

/// Names and shapes.
type Tensors = Vec<(String, Vec<usize>)>;

impl Tiny {
    pub(crate) fn config(self) -> Value {
        json!({
            "model_type": "qwen2", "hidden_size": 32, "intermediate_size": self.between, "num_attention_heads": 4,
            "num_key_value_heads": 2, "num_hidden_layers": 1, "vocab_size": self.tokens,
            "max_position_embeddings": 512, "rms_norm_eps": 1e-6, "rope_theta": 10000.0, "hidden_act": "silu",
            "tie_word_embeddings": true,
        })
    }

    /// The embedding first.
    pub(crate) fn tensors(self) -> Tensors {
        let mut tensors = vec![("model.embed_tokens.weight".to_owned(), vec![self.tokens, 32])];
        for (name, width) in [("q_proj", 32), ("k_proj", 16), ("v_proj", 16)] {
            tensors.push((format!("model.layers.0.self_attn.{name}.weight"), vec![width, 32]));
            tensors.push((format!("model.layers.0.self_attn.{name}.bias"), vec![width]));
        }
        tensors.push(("model.layers.0.self_attn.o_proj.weight".to_owned(), vec![32, 32]));
        tensors.push(("model.layers.0.mlp.gate_proj.weight".to_owned(), vec![self.between, 32]));
        tensors.push(("model.layers.0.mlp.up_proj.weight".to_owned(), vec![self.between, 32]));
        tensors.push(("model.layers.0.mlp.down_proj.weight".to_owned(), vec![32, self.between]));
        for norm in ["layers.0.input_layernorm", "layers.0.post_attention_layernorm", "norm"] {
            tensors.push((format!("model.{norm}.weight"), vec![32]));
        }
        tensors
    }

    /// Writes the model into a folder, its weights as a hole in a file, and tells the size of that file.
    pub(crate) fn write(self, folder: &Path) -> u64 {
        std::fs::create_dir_all(folder).unwrap();
        std::fs::write(folder.join("config.json"), self.config().to_string()).unwrap();
        std::fs::write(folder.join("tokenizer.json"), vocabulary()).unwrap();
        let (bytes, size) = header(&self.tensors());
        let path = folder.join("model.safetensors");
        std::fs::write(&path, bytes).unwrap();
        std::fs::File::options().write(true).open(&path).unwrap().set_len(size as u64).unwrap();
        size as u64
    }
}

/// The beginning of a safetensors file with these tensors in BF16, up to their bytes; and the size of the whole.
pub(crate) fn header(tensors: &[(String, Vec<usize>)]) -> (Vec<u8>, usize) {
    let (mut header, mut end) = (serde_json::Map::new(), 0);
    for (name, shape) in tensors {
        let from = end;
        end += shape.iter().product::<usize>() * 2;
        header.insert(name.clone(), json!({ "dtype": "BF16", "shape": shape, "data_offsets": [from, end] }));
    }
    let header = Value::Object(header).to_string();
    let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
    bytes.extend(header.bytes());
    let size = bytes.len() + end;
    (bytes, size)
}

/// The `tokenizer.json` of some models of Qwen's, made small.
pub(crate) fn vocabulary() -> Vec<u8> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures");
    std::fs::read(fixtures.join("vocabulary/qwen2/tokenizer.json")).unwrap()
}
