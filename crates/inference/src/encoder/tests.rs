//! The small encoders of `crates/xtask/fixtures/encoders.py`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use ambit_domain::port::EmbedPriority;
use ambit_domain::{Cancellation, ErrorCode};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;
use serde_json::json;
use tempfile::TempDir;
use tokenizers::Tokenizer;

use super::{Encoder, EncoderFacts, EncoderOptions, Prompts, is_encoder};
use crate::{AdapterKind, DeviceChoice, Error, catalogue, open_token_counter};

const MODELS: [&str; 3] = ["bge", "e5", "multilingual_e5"];

/// Texts, and their vectors by what is done otherwise than the model's files say.
#[derive(Deserialize)]
struct Expected {
    texts: Vec<String>,
    vectors: BTreeMap<String, Vec<String>>,
}

fn fixture(model: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/encoders").join(model)
}

fn expected(model: &str) -> Expected {
    serde_json::from_slice(&std::fs::read(fixture(model).join("expected.json")).unwrap()).unwrap()
}

/// A copy of a model's folder that a test may change.
fn copy(model: &str) -> (TempDir, PathBuf) {
    let place = tempfile::tempdir().unwrap();
    let folder = place.path().join(model);
    std::fs::create_dir_all(folder.join("1_Pooling")).unwrap();
    for entry in std::fs::read_dir(fixture(model)).unwrap().flatten() {
        if entry.path().is_file() {
            std::fs::copy(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    let pooling = "1_Pooling/config.json";
    std::fs::copy(fixture(model).join(pooling), folder.join(pooling)).unwrap();
    (place, folder)
}

fn write(folder: &Path, file: &str, content: &serde_json::Value) {
    std::fs::write(folder.join(file), serde_json::to_vec(content).unwrap()).unwrap();
}

/// Changes one field of a JSON file.
fn change(folder: &Path, file: &str, field: &str, value: serde_json::Value) {
    let mut content: serde_json::Value = serde_json::from_slice(&std::fs::read(folder.join(file)).unwrap()).unwrap();
    content[field] = value;
    write(folder, file, &content);
}

fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let product = |left: &[f32], right: &[f32]| -> f64 {
        left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
    };
    product(left, right) / (product(left, left) * product(right, right)).sqrt()
}

/// Compares a model with sentence-transformers, in all the ways that the fixture has.
fn compare(model: &str, options: &EncoderOptions, priority: EmbedPriority) {
    let Expected { texts, vectors } = expected(model);
    for (way, vectors) in vectors {
        let (_place, folder) = copy(model);
        let prompts = EncoderFacts::read(&folder).unwrap().prompts;
        let prompt = match way.as_str() {
            "" => String::new(),
            "question" => prompts.question,
            "passage" => prompts.passage,
            mode => {
                write(&folder, "1_Pooling/config.json", &json!({ "pooling_mode": mode }));
                String::new()
            }
        };
        assert!(!["question", "passage"].contains(&way.as_str()) || !prompt.is_empty(), "{model} has no prompt");
        let encoder = Encoder::load_with(&folder, options).unwrap();
        let asked: Vec<String> = texts.iter().map(|text| format!("{prompt}{text}")).collect();
        let made = encoder.embed_as(priority, &asked, &Cancellation::new()).unwrap();
        assert_eq!(made.len(), vectors.len());
        for ((text, made), expected) in texts.iter().zip(&made).zip(vectors) {
            let bytes = STANDARD.decode(expected).unwrap();
            let expected: Vec<f32> =
                bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
            let cosine = cosine(made, &expected);
            assert!(cosine >= 0.9999, "cosine {cosine} with {model} {way:?} for {text:?}");
            let length = made.iter().map(|value| value * value).sum::<f32>().sqrt();
            assert!((length - 1.0).abs() < 1e-5, "length {length} with {model} {way:?} for {text:?}");
        }
        // Texts that differ have vectors that differ, or the comparison above would say nothing.
        assert!(cosine(&made[1], &made[3]) < 0.99, "{model} {way:?} finds everything alike");
    }
}

#[test]
fn vectors_on_the_cpu_are_those_of_sentence_transformers() {
    let options = EncoderOptions { device: DeviceChoice::Cpu, ..EncoderOptions::default() };
    for model in MODELS {
        compare(model, &options, EmbedPriority::Background);
        compare(model, &options, EmbedPriority::Interactive);
    }
}

#[test]
fn vectors_through_wgsl_are_those_of_sentence_transformers() {
    let cache = tempfile::tempdir().unwrap();
    let cache = Some(cache.path().to_path_buf());
    let options = EncoderOptions { device: DeviceChoice::SoftwareGpu, cache, ..EncoderOptions::default() };
    let encoder = Encoder::load_with(&fixture("bge"), &options)
        .expect("a software Vulkan driver must be there: install mesa-vulkan-drivers");
    assert_eq!(encoder.device().kind, AdapterKind::SoftwareGpu);
    for model in MODELS {
        compare(model, &options, EmbedPriority::Background);
    }
}

#[test]
fn facts_are_what_the_files_say() {
    let facts = |model: &str| EncoderFacts::check(&fixture(model)).unwrap();
    let (bge, e5, multilingual) = (facts("bge"), facts("e5"), facts("multilingual_e5"));
    assert_eq!((bge.dimensions, e5.dimensions, multilingual.dimensions), (32, 36, 32));
    assert_eq!(bge.prompts.question, "Represent this sentence for searching relevant passages: ");
    assert_eq!((bge.prompts.passage.as_str(), bge.prompts.other.as_str()), ("", ""));
    assert_eq!(
        e5.prompts,
        Prompts { question: "query: ".to_owned(), passage: "passage: ".to_owned(), other: "passage: ".to_owned() }
    );
    assert_eq!(multilingual.prompts, Prompts::default());
    // 64 tokens with the special ones; the prompt of passages takes at most as many as it has letters.
    assert_eq!((bge.max_tokens, e5.max_tokens), (62, 62 - 9));
    // The files say 512, and the table has 66 positions of which two are before the first token.
    assert_eq!((multilingual.max_tokens, multilingual.best_tokens), (62, 62));
    let encoder = Encoder::load(&fixture("multilingual_e5"), DeviceChoice::Cpu).unwrap();
    assert_eq!(encoder.tokens(&"word ".repeat(5000)).unwrap(), 64);
    assert_eq!((encoder.model(), encoder.dimensions()), (multilingual.versioned_id.as_str(), 32));
}

#[test]
fn an_id_tells_models_of_one_name_apart() {
    let (_place, folder) = copy("bge");
    let id = || EncoderFacts::read(&folder).unwrap().versioned_id;
    let first = id();
    assert_eq!(first, EncoderFacts::read(&fixture("bge")).unwrap().versioned_id, "the same files have the same id");
    assert!(first.starts_with("bge@") && first.len() == "bge@".len() + 8, "{first}");
    write(&folder, "1_Pooling/config.json", &json!({ "pooling_mode": "mean" }));
    let pooled = id();
    assert_ne!(first, pooled);
    let weights = folder.join("model.safetensors");
    let mut bytes = std::fs::read(&weights).unwrap();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    std::fs::write(&weights, bytes).unwrap();
    assert_ne!(pooled, id());
}

#[test]
fn what_cannot_be_run_is_refused_by_name() {
    let refused = |wanted: ErrorCode, told: &str, spoil: &dyn Fn(&Path)| {
        let (_place, folder) = copy("bge");
        spoil(&folder);
        let error = EncoderFacts::check(&folder).map(|_| ()).expect_err(told);
        assert_eq!(error.code(), wanted, "{error}");
        assert!(error.to_string().contains(told), "{error} does not tell of {told}");
        assert!(Encoder::load(&folder, DeviceChoice::Cpu).is_err(), "{told} is loaded all the same");
    };
    let kinds = |kinds: &[&str]| {
        let module = |kind: &&str| json!({ "type": format!("sentence_transformers.models.{kind}"), "path": if *kind == "Pooling" { "1_Pooling" } else { "" } });
        json!(kinds.iter().map(module).collect::<Vec<_>>())
    };
    let unsupported = |told: &str, file: &str, field: &str, value: serde_json::Value| {
        refused(ErrorCode::Unsupported, told, &|folder| change(folder, file, field, value.clone()));
    };
    unsupported("`mpnet`", "config.json", "model_type", json!("mpnet"));
    unsupported("`relative_key`", "config.json", "position_embedding_type", json!("relative_key"));
    unsupported("`relu`", "config.json", "hidden_act", json!("relu"));
    unsupported(
        "`BertForSequenceClassification`",
        "config.json",
        "architectures",
        json!(["BertForSequenceClassification"]),
    );
    unsupported("divide", "config.json", "num_attention_heads", json!(5));
    unsupported("weightedmean", "1_Pooling/config.json", "pooling_mode", json!("weightedmean"));
    unsupported("several poolings: cls, mean", "1_Pooling/config.json", "pooling_mode", json!(["cls", "mean"]));
    unsupported("left out of its pooling", "1_Pooling/config.json", "include_prompt", json!(false));
    unsupported("pooling_mode_newest", "1_Pooling/config.json", "pooling_mode", json!("pooling_mode_newest"));
    unsupported("it reads 2 tokens", "sentence_bert_config.json", "max_seq_length", json!(2));
    for (told, modules) in [
        ("`Dense`", &["Transformer", "Pooling", "Dense"][..]),
        ("StaticEmbedding", &["StaticEmbedding"]),
        ("Transformer, Dense", &["Transformer", "Dense"]),
    ] {
        refused(ErrorCode::Unsupported, told, &|folder| write(folder, "modules.json", &kinds(modules)));
    }
    refused(ErrorCode::Unsupported, "`dot`", &|folder| {
        write(folder, "modules.json", &kinds(&["Transformer", "Pooling"]));
        change(folder, "config_sentence_transformers.json", "similarity_fn_name", json!("dot"));
    });
    refused(ErrorCode::Unsupported, "lower case", &|folder| {
        let mut tokenizer: serde_json::Value =
            serde_json::from_slice(&std::fs::read(folder.join("tokenizer.json")).unwrap()).unwrap();
        tokenizer["normalizer"]["lowercase"] = json!(false);
        write(folder, "tokenizer.json", &tokenizer);
    });
    let escaping = json!([{ "type": "Transformer", "path": "" }, { "type": "Pooling", "path": "../1_Pooling" }]);
    refused(ErrorCode::Corrupt, "no folder beside it", &|folder| write(folder, "modules.json", &escaping));
    for missing in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        refused(ErrorCode::ModelMissing, missing, &|folder| std::fs::remove_file(folder.join(missing)).unwrap());
    }
    refused(ErrorCode::Corrupt, "model.safetensors is damaged", &|folder| {
        let weights = folder.join("model.safetensors");
        let bytes = std::fs::read(&weights).unwrap();
        std::fs::write(&weights, &bytes[..bytes.len() - 100]).unwrap();
    });
    refused(ErrorCode::Corrupt, "is [96, 32] where [128, 32]", &|folder| {
        change(folder, "config.json", "max_position_embeddings", json!(128));
    });
    refused(ErrorCode::Corrupt, "belongs to another", &|folder| {
        std::fs::copy(fixture("multilingual_e5").join("tokenizer.json"), folder.join("tokenizer.json")).unwrap();
    });
}

#[test]
fn a_model_that_says_nothing_is_taken_as_sentence_transformers_takes_it() {
    let (_place, folder) = copy("bge");
    for file in ["modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"] {
        std::fs::remove_file(folder.join(file)).unwrap();
    }
    let Expected { texts, vectors } = expected("bge");
    let encoder = Encoder::load(&folder, DeviceChoice::Cpu).unwrap();
    // Its table of positions is what ends a text.
    assert_eq!(encoder.tokens(&"word ".repeat(5000)).unwrap(), 96);
    let made = encoder.embed(&texts[..4], &Cancellation::new()).unwrap();
    for (made, expected) in made.iter().zip(&vectors["mean"]) {
        let bytes = STANDARD.decode(expected).unwrap();
        let expected: Vec<f32> =
            bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
        assert!(cosine(made, &expected) >= 0.9999);
    }
}

#[test]
fn tokens_are_counted_as_the_tokenizer_of_each_model_does() {
    for model in MODELS {
        let counter = open_token_counter(&fixture(model)).unwrap();
        assert_eq!(counter.max_tokens(), EncoderFacts::read(&fixture(model)).unwrap().max_tokens);
        let tokenizer = Tokenizer::from_file(fixture(model).join("tokenizer.json")).unwrap();
        for text in expected(model).texts {
            let counted = tokenizer.encode(text.as_str(), false).unwrap().len();
            assert_eq!(counter.count(&text), counted, "{model}: {text:?}");
        }
    }
}

#[test]
fn files_tell_encoders_from_language_models() {
    for model in MODELS {
        assert!(is_encoder(&fixture(model)));
    }
    let place = tempfile::tempdir().unwrap();
    assert!(!is_encoder(place.path()));
    write(place.path(), "config.json", &json!({ "model_type": "llama" }));
    assert!(!is_encoder(place.path()));
    write(place.path(), "config.json", &json!({ "model_type": "bert" }));
    assert!(is_encoder(place.path()));
    // One that cannot be run is an encoder all the same, so that its import tells why.
    write(place.path(), "config.json", &json!({ "model_type": "mpnet" }));
    write(place.path(), "modules.json", &json!([]));
    assert!(is_encoder(place.path()));
    assert!(matches!(EncoderFacts::read(place.path()), Err(Error::ModelUnsupported { .. })));
}

#[test]
fn names_of_known_models_bring_the_prompts_of_their_cards() {
    let prompts = |name: &str| catalogue::prompts(name).map(|prompts| (prompts.question, prompts.passage));
    let both = Some(("query: ".to_owned(), "passage: ".to_owned()));
    for name in ["e5-small-v2", "e5-large", "multilingual-e5-base"] {
        assert_eq!(prompts(name), both, "{name}");
    }
    let question = prompts("bge-base-en-v1.5").unwrap();
    assert!(question.0.starts_with("Represent this sentence") && question.1.is_empty());
    for name in ["bge-m3", "gte-base", "e5-mistral-7b-instruct", "multilingual-e5-large-instruct", "my-e5-small"] {
        assert_eq!(prompts(name), None, "{name}");
    }
    let (place, folder) = copy("multilingual_e5");
    let named = place.path().join("multilingual-e5-small");
    std::fs::rename(&folder, &named).unwrap();
    assert_eq!(EncoderFacts::read(&named).unwrap().prompts.passage, "passage: ");
}
