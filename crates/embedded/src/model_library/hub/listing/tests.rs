#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use serde_json::json;

use super::*;

fn listing(files: &[(&str, u64)]) -> Listing {
    let files = files.iter().map(|(name, size)| json!({ "rfilename": name, "size": size, "blobId": "b" }));
    let answer: Answer = serde_json::from_value(json!({ "sha": "", "siblings": files.collect::<Vec<_>>() })).unwrap();
    Listing { revision: String::new(), license: None, files: answer.siblings }
}

#[test]
fn a_name_tells_the_quantisation() {
    for (stem, expected) in [
        ("qwen2.5-0.5b-instruct-q4_k_m", "Q4_K_M"),
        ("tinyllama-1.1b-chat-v1.0.Q5_K_S", "Q5_K_S"),
        ("Meta-Llama-3_Q8_0", "Q8_0"),
        ("gemma-3-1b-it-BF16", "BF16"),
        ("phi-2-fp16", "F16"),
        ("mistral-7b-IQ3_XXS", "IQ3_XXS"),
        ("gpt-oss-20b-MXFP4", "MXFP4"),
        ("model-UD-Q4_K_XL", "Q4_K_XL"),
    ] {
        assert_eq!(quantisation(stem).as_deref(), Some(expected), "{stem}");
    }
    for stem in ["model", "Qwen2.5-0.5B-Instruct", "ggml-model", "quality-q", "q10-report"] {
        assert_eq!(quantisation(stem), None, "{stem}");
    }
}

#[test]
fn files_of_one_model_belong_together() {
    let listing = listing(&[
        ("README.md", 5),
        ("small-q4_k_m.gguf", 400),
        ("small-q2_k.gguf", 200),
        ("Q8_0/small-Q8_0-00001-of-00002.gguf", 500),
        ("Q8_0/small-Q8_0-00002-of-00002.gguf", 300),
        ("F16/small-F16-00001-of-00003.gguf", 900),
        ("mmproj-small-f16.gguf", 90),
        ("small.imatrix.gguf", 90),
    ]);
    let variants = listing.variants();
    let found: Vec<(&str, u64, bool)> =
        variants.iter().map(|variant| (variant.label.as_str(), variant.bytes(), variant.is_readable())).collect();
    assert_eq!(found, [("Q2_K", 200, false), ("Q4_K_M", 400, true), ("Q8_0", 800, true)], "F16 is not all there");
    let names: Vec<&str> = variants[2].files.iter().map(|file| file.name.as_str()).collect();
    assert_eq!(names, ["model-00001-of-00002.gguf", "model-00002-of-00002.gguf"]);
    for choice in ["q8_0", "small-Q8_0-00001-of-00002.gguf", "Q8_0/small-Q8_0-00001-of-00002.gguf"] {
        assert!(variants[2].is_meant_by(choice), "{choice}");
    }
    assert!(variants[1].is_meant_by("small-q4_k_m.gguf") && !variants[1].is_meant_by("Q4_K"));
}

#[test]
fn safetensors_come_with_what_belongs_to_them_and_nothing_else() {
    let mut files = vec![
        ("config.json", 1),
        ("tokenizer.json", 2),
        ("chat_template.jinja", 3),
        ("model.safetensors.index.json", 4),
        ("model-00001-of-00002.safetensors", 100),
        ("model-00002-of-00002.safetensors", 100),
        ("consolidated.safetensors", 200),
        ("original/model.safetensors", 200),
        ("onnx/model.onnx", 500),
    ];
    let variants = listing(&files).variants();
    assert_eq!(variants.len(), 1);
    assert_eq!((variants[0].label.as_str(), variants[0].bytes(), variants[0].weights()), ("safetensors", 210, 200));
    assert_eq!(variants[0].files[0].name, "config.json", "what it is made of comes first");

    files.push(("model.safetensors", 150));
    assert_eq!(listing(&files).variants()[0].bytes(), 156, "one file, and no index");
    files.retain(|(name, _)| *name != "tokenizer.json");
    assert!(listing(&files).variants().is_empty());
}

#[test]
fn a_name_that_leads_elsewhere_is_no_model() {
    for name in ["../small-Q8_0.gguf", "a/../small-Q8_0.gguf", "small?x-Q8_0.gguf", "small%2e-Q8_0.gguf"] {
        assert!(listing(&[(name, 5)]).variants().is_empty(), "{name}");
    }
}
