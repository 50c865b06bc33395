#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use ambit_domain::ErrorCode;
use serde_json::{Value, json};

use super::super::tests::files::Fixtures;
use super::Configuration;

/// What is said of a `config.json`.
fn refusal(config: &Value) -> String {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let error = Configuration::from_folder(folder.path()).unwrap_err();
    assert!(matches!(error.code(), ErrorCode::Unsupported | ErrorCode::Corrupt), "{error}");
    error.to_string()
}

#[test]
fn what_makes_no_sense_is_refused_before_anything_is_made_of_it() {
    let sound = Fixtures::model("gemma3").config;
    let huge = 1_u64 << 40;
    for (field, value, told) in [
        ("head_dim", json!(huge), "sizes"),
        ("hidden_size", json!(huge), "sizes"),
        ("max_position_embeddings", json!(huge), "sizes"),
        ("num_attention_heads", json!(0), "sizes"),
        ("num_key_value_heads", json!(3), "share"),
        ("num_hidden_layers", json!(huge), "layers"),
        ("num_hidden_layers", json!(2), "layer_types"),
        ("vocab_size", json!(0), "sizes"),
        ("intermediate_size", json!(huge), "width"),
        ("rms_norm_eps", json!(-1.0), "root"),
        ("sliding_window", json!(0), "sees nothing"),
        ("head_dim", json!(30), "multiples of four"),
        ("head_dim", json!("many"), "whole number"),
        ("hidden_activation", json!("tanh"), "activation"),
        ("model_type", json!("mamba"), "architecture"),
    ] {
        let mut config = sound.clone();
        config[field] = value.clone();
        let said = refusal(&config);
        assert!(said.contains(told), "{field} = {value}: {said}");
    }
    assert!(refusal(&json!([])).contains("model_type"));
    let mut scaled = Fixtures::model("llama-yarn").config;
    scaled["rope_parameters"]["rope_type"] = json!("dynamic");
    assert!(refusal(&scaled).contains("dynamic"));
    scaled["rope_parameters"]["rope_type"] = json!("linear");
    scaled["rope_parameters"]["factor"] = json!(0.0);
    assert!(refusal(&scaled).contains("no number"));
}

#[test]
fn layers_that_remember_and_layers_that_share_are_checked() {
    let huge = 1_u64 << 40;
    for (name, field, value, told) in [
        ("qwen3.5", "linear_num_value_heads", json!(3), "cannot share"),
        ("qwen3.5", "linear_num_key_heads", json!(0), "sizes"),
        ("qwen3.5", "linear_key_head_dim", json!(huge), "sizes"),
        ("qwen3.5", "linear_key_head_dim", json!(1 << 20), "makes no sense"),
        ("qwen3.5", "linear_value_head_dim", json!(18), "multiples of four"),
        ("qwen3.5", "linear_conv_kernel_dim", json!(65), "convolution"),
        ("qwen3.5", "linear_conv_kernel_dim", json!(null), "linear_conv_kernel_dim"),
        ("qwen3.5-moe", "shared_expert_intermediate_size", json!(huge), "width"),
        ("qwen3.5-moe", "num_experts_per_tok", json!(9), "chosen"),
        ("qwen3", "layer_types", json!(["linear_attention", "full_attention"]), "not known"),
        ("gemma4", "num_kv_shared_layers", json!(5), "no layer makes"),
        ("gemma4", "num_kv_shared_layers", json!(huge), "no layer makes"),
        ("gemma4", "hidden_size_per_layer_input", json!(huge), "sizes"),
        ("gemma4", "hidden_size_per_layer_input", json!(1 << 23), "sizes"),
        ("gemma4", "vocab_size_per_layer_input", json!(null), "vocab_size_per_layer_input"),
        ("gemma4", "rope_parameters", json!({}), "rope_parameters"),
        ("gemma4-experts", "top_k_experts", json!(null), "top_k_experts"),
        ("gemma4-experts", "top_k_experts", json!(9), "chosen"),
        ("gemma4", "use_bidirectional_attention", json!("all"), "cannot write"),
        ("gemma4", "per_layer_config", json!({ "1": { "head_dim": 64 } }), "several widths"),
        ("gemma4", "per_layer_config", json!({ "5": { "num_key_value_heads": 1 } }), "cannot use the keys"),
        ("gemma4", "per_layer_config", json!({ "0": { "head_dim": huge } }), "several widths"),
        ("gemma4-values-are-keys", "per_layer_config", json!({ "1": { "head_dim": huge } }), "sizes"),
    ] {
        let mut config = Fixtures::model(name).config;
        config[field] = value.clone();
        let said = refusal(&config);
        assert!(said.contains(told), "{name}: {field} = {value}: {said}");
    }
}

#[test]
fn the_first_files_of_gemma_4_tell_the_heads_of_wide_layers_apart() {
    let mut config = Fixtures::model("gemma4-values-are-keys").config;
    config.as_object_mut().unwrap().remove("per_layer_config");
    config["global_head_dim"] = json!(64);
    config["num_global_key_value_heads"] = json!(1);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let configuration = Configuration::from_folder(folder.path()).unwrap();
    let shapes: Vec<_> = configuration.layers.iter().map(|layer| layer.attention().unwrap().shape).collect();
    assert_eq!([shapes[0].width, shapes[0].shared, shapes[1].width, shapes[1].shared], [32, 2, 64, 1]);
    assert_eq!(configuration.rotations[0].frequencies.iter().filter(|turn| **turn > 0.0).count(), 8);
    assert_eq!((configuration.rotations[0].frequencies.len(), configuration.rotations[1].frequencies.len()), (32, 16));
}

#[test]
fn a_config_without_its_fields_names_the_one_that_is_missing() {
    let sound = Fixtures::model("llama").config;
    for field in ["model_type", "hidden_size", "num_attention_heads", "num_hidden_layers", "vocab_size", "rms_norm_eps"]
    {
        let mut config = sound.clone();
        config.as_object_mut().unwrap().remove(field);
        let said = refusal(&config);
        assert!(said.contains(field), "without {field}: {said}");
    }
}

#[test]
fn what_sees_pictures_is_read_by_its_part_that_writes() {
    let folder = tempfile::tempdir().unwrap();
    let config =
        json!({ "model_type": "gemma3", "text_config": Fixtures::model("gemma3").config, "vision_config": {} });
    std::fs::write(folder.path().join("config.json"), config.to_string()).unwrap();
    let configuration = Configuration::from_folder(folder.path()).unwrap();
    assert_eq!((configuration.architecture.as_str(), configuration.layers.len()), ("gemma3_text", 3));
    assert_eq!(configuration.rotations.len(), 2, "those that see all and those that do not turn differently");
    let windows: Vec<_> = configuration.layers.iter().map(|layer| layer.attention().unwrap().shape.window).collect();
    assert_eq!(windows, [Some(16), Some(16), None]);
}
