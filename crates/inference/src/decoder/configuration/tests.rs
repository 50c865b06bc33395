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
    let windows: Vec<_> = configuration.layers.iter().map(|layer| layer.attention.shape.window).collect();
    assert_eq!(windows, [Some(16), Some(16), None]);
}
