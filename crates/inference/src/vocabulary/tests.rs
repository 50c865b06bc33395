//! Against the ids and texts that other libraries gave, which `crates/xtask/fixtures/vocabulary.py` has written down.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod hostile;
mod stream;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::{GgufVocabulary, Vocabulary};
use crate::Error;

const NAMES: [&str; 6] = ["llama3", "qwen2", "gpt2", "spm", "spm_first", "gemma"];

/// What the libraries gave for each text.
#[derive(Deserialize)]
struct Expected {
    /// tokenizers, with special tokens left as text.
    plain: Vec<Vec<u32>>,
    /// transformers.
    parsed: Vec<Vec<u32>>,
    /// transformers, with what stands around a text; for the first few.
    special: Vec<Vec<u32>>,
    decoded: Vec<String>,
    /// sentencepiece, where the vocabulary is of its kind.
    sentence_pieces: Vec<Vec<u32>>,
}

fn folder() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/vocabulary"))
}

fn read<T: DeserializeOwned>(name: &str) -> T {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn metadata(name: &str) -> GgufVocabulary {
    read(&format!("{name}/gguf.json"))
}

fn open(name: &str) -> Vocabulary {
    Vocabulary::open(&folder().join(name)).unwrap()
}

fn gguf(name: &str) -> Vocabulary {
    Vocabulary::from_gguf(Path::new("model.gguf"), metadata(name)).unwrap()
}

/// Both sources of a vocabulary. GGUF cannot say that only the first piece of a text begins with a space.
fn sources(name: &str) -> Vec<(&'static str, Vocabulary)> {
    let mut sources = vec![("Hugging Face", open(name))];
    if name != "spm_first" {
        sources.push(("GGUF", gguf(name)));
    }
    sources
}

fn texts() -> Vec<String> {
    read("texts.json")
}

/// Whether a text holds a token that is not special but that qwen2's template takes for structure.
fn holds_markup(name: &str, text: &str) -> bool {
    let markup = ["<think>", "</think>", "<tool_call>", "</tool_call>"];
    name == "qwen2" && markup.iter().any(|token| text.contains(token))
}

#[track_caller]
fn same(vocabulary: &Vocabulary, ids: &[u32], expected: &[u32], what: &str) {
    let spell = |ids: &[u32]| ids.iter().map(|id| vocabulary.token_text(*id).unwrap()).collect::<Vec<_>>();
    assert_eq!(ids, expected, "{what}: {:?} instead of {:?}", spell(ids), spell(expected));
}

#[test]
fn text_gets_the_ids_that_the_libraries_give() {
    for name in NAMES {
        let expected: Expected = read(&format!("{name}/expected.json"));
        for (source, vocabulary) in sources(name) {
            for (index, text) in texts().iter().enumerate() {
                let what = format!("{name} from {source}, {text:?}");
                let parsed = vocabulary.encode(text, false, true).unwrap();
                same(&vocabulary, &parsed, &expected.parsed[index], &what);
                let plain = vocabulary.encode(text, false, false).unwrap();
                if !holds_markup(name, text) {
                    same(&vocabulary, &plain, &expected.plain[index], &format!("{what} as plain text"));
                }
                if let Some(special) = expected.special.get(index) {
                    let around = vocabulary.encode(text, true, true).unwrap();
                    same(&vocabulary, &around, special, &format!("{what} with what stands around it"));
                }
                assert_eq!(vocabulary.decode(&parsed), expected.decoded[index], "{what}, decoded");
            }
        }
    }
}

#[test]
fn pieces_are_those_of_sentence_piece_itself() {
    for name in ["spm", "gemma"] {
        let expected: Expected = read(&format!("{name}/expected.json"));
        let vocabulary = gguf(name);
        for (text, pieces) in texts().iter().zip(&expected.sentence_pieces) {
            // To the library turns are symbols like others, which anybody may write.
            if !text.contains("_of_turn>") {
                let ids = vocabulary.encode(text, false, false).unwrap();
                same(&vocabulary, &ids, pieces, &format!("{name}, {text:?}"));
            }
        }
    }
}

#[test]
fn pieces_with_a_list_of_merges_get_the_ids_that_the_library_gives() {
    let tokenizer: serde_json::Value = read("gemma/tokenizer.json");
    let merge = |pair: &serde_json::Value| format!("{} {}", pair[0].as_str().unwrap(), pair[1].as_str().unwrap());
    let merges = tokenizer["model"]["merges"].as_array().unwrap().iter().map(merge).collect();
    // As files of Gemma 4 have it; that no space is put before a text goes without saying.
    let metadata = GgufVocabulary {
        model: "gemma4".to_owned(),
        pre: None,
        merges,
        scores: Vec::new(),
        add_space_prefix: None,
        ..metadata("gemma")
    };
    let vocabulary = Vocabulary::from_gguf(Path::new("model.gguf"), metadata).unwrap();
    let expected: Expected = read("gemma/expected.json");
    for (index, text) in texts().iter().enumerate() {
        let parsed = vocabulary.encode(text, false, true).unwrap();
        same(&vocabulary, &parsed, &expected.parsed[index], text);
        assert_eq!(vocabulary.decode(&parsed), expected.decoded[index], "{text}");
    }
}

#[test]
fn each_pre_tokeniser_cuts_as_the_tokenizers_library_does() {
    let expected: BTreeMap<String, Vec<Vec<u32>>> = read("pre_tokenizers.json");
    assert!(expected.len() > 10);
    for (pre, ids) in expected {
        let metadata = GgufVocabulary { pre: Some(pre.clone()), ..metadata("llama3") };
        let vocabulary = Vocabulary::from_gguf(Path::new("model.gguf"), metadata).unwrap();
        for (text, ids) in texts().iter().zip(&ids) {
            let found = vocabulary.encode(text, false, false).unwrap();
            same(&vocabulary, &found, ids, &format!("{pre}, {text:?}"));
        }
    }
}

#[test]
fn a_word_that_is_a_token_needs_no_merges_where_its_tokeniser_says_so() {
    for (pre, count) in [("llama-bpe", 1), ("tekken", 1), ("dbrx", 4), ("qwen2", 4)] {
        let metadata = GgufVocabulary { pre: Some(pre.to_owned()), merges: Vec::new(), ..metadata("llama3") };
        let vocabulary = Vocabulary::from_gguf(Path::new("model.gguf"), metadata).unwrap();
        assert_eq!(vocabulary.encode(" the", false, false).unwrap().len(), count, "{pre}");
    }
}

#[test]
fn a_vocabulary_knows_its_tokens() {
    for (_, llama) in sources("llama3") {
        assert_eq!(llama.size(), 1106);
        assert_eq!(llama.begin(), llama.special("<|begin_of_text|>"));
        let ends = ["<|end_of_text|>", "<|eom_id|>", "<|eot_id|>"].map(|name| llama.special(name).unwrap());
        assert!(ends.iter().all(|id| llama.is_end(*id)), "all three end an answer");
        assert_eq!(llama.ends(), [1101, 1104, 1105]);
        assert!(!llama.is_end(llama.begin().unwrap()));
        assert_eq!(llama.token_text(1105).unwrap(), "<|eot_id|>");
        assert_eq!((llama.token_text(1106), llama.token_bytes(u32::MAX)), (None, None));
        assert!(llama.chat_template(true).unwrap().contains("start_header_id"));
    }
    for (_, qwen) in sources("qwen2") {
        assert_eq!(qwen.begin(), None);
        let ends = ["<|endoftext|>", "<|im_end|>"].map(|name| qwen.special(name).unwrap());
        assert_eq!(qwen.ends(), ends);
        assert_eq!(qwen.special("<tool_call>"), Some(1103), "one that is not special can be asked for too");
        assert_eq!(qwen.special("no such token"), None);
    }
    for (_, gemma) in sources("gemma") {
        assert!(gemma.is_end(gemma.special("<end_of_turn>").unwrap()));
        assert!(gemma.chat_template(false).unwrap().contains("<start_of_turn>"), "chat_template.jinja is read");
    }
    let named = open("spm");
    assert_eq!(named.chat_template(true), Some("tools"));
    assert!(named.chat_template(false).unwrap().contains("[INST]"));
    assert_eq!(open("gpt2").chat_template(false), None, "no template is invented");
}

/// A folder with the files of a fixture, some of them changed.
fn changed(name: &str, files: &[(&str, &str)]) -> tempfile::TempDir {
    let target = tempfile::tempdir().unwrap();
    for file in std::fs::read_dir(folder().join(name)).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), target.path().join(file.file_name())).unwrap();
    }
    for (file, text) in files {
        std::fs::write(target.path().join(file), text).unwrap();
    }
    target
}

#[test]
fn settings_may_be_spread_over_several_files() {
    let folder = changed(
        "llama3",
        &[
            ("tokenizer_config.json", r#"{"bos_token": {"content": "<|begin_of_text|>"}, "add_bos_token": false}"#),
            ("generation_config.json", r#"{"eos_token_id": 1105}"#),
            ("config.json", r#"{"text_config": {"bos_token_id": 3, "eos_token_id": [7, 8]}}"#),
            ("chat_template.json", r#"{"chat_template": "from the processor"}"#),
        ],
    );
    let vocabulary = Vocabulary::open(folder.path()).unwrap();
    assert_eq!(vocabulary.encode("a", true, true).unwrap().len(), 1, "the settings say that nothing stands before");
    assert_eq!(vocabulary.begin(), Some(1100));
    assert_eq!(vocabulary.ends(), [1105], "generation_config.json goes before config.json");
    assert_eq!(vocabulary.chat_template(false), Some("from the processor"));

    std::fs::remove_file(folder.path().join("generation_config.json")).unwrap();
    std::fs::remove_file(folder.path().join("tokenizer_config.json")).unwrap();
    let vocabulary = Vocabulary::open(folder.path()).unwrap();
    assert_eq!((vocabulary.begin(), vocabulary.ends()), (Some(3), &[7, 8][..]));
    assert_eq!(vocabulary.encode("a", true, true).unwrap().len(), 2, "the post-processor is asked");

    let config = r#"{"added_tokens_decoder": {"1106": {"content": "<extra>", "special": true}}}"#;
    let vocabulary = Vocabulary::open(changed("llama3", &[("tokenizer_config.json", config)]).path()).unwrap();
    assert_eq!((vocabulary.special("<extra>"), vocabulary.size()), (Some(1106), 1107));
}

#[test]
fn phi_3_takes_white_space_into_its_control_tokens() {
    let metadata = GgufVocabulary { name: Some("Phi-3 mini".to_owned()), ..metadata("spm") };
    let vocabulary = Vocabulary::from_gguf(Path::new("phi.gguf"), metadata).unwrap();
    let glued = vocabulary.encode("a</s>b", false, true).unwrap();
    assert_eq!(vocabulary.encode("a</s>\n  b", false, true).unwrap(), glued);
}

#[test]
fn the_end_of_a_turn_is_a_control_token_whatever_a_converter_says() {
    let mut metadata = metadata("qwen2");
    metadata.token_types[1102] = 4;
    let vocabulary = Vocabulary::from_gguf(Path::new("model.gguf"), metadata).unwrap();
    assert!(!vocabulary.encode("a<|im_end|>", false, false).unwrap().contains(&1102));
    assert_eq!(vocabulary.decode(&[1102]), "");
}

#[test]
fn an_answer_goes_on_after_a_message_of_harmony() {
    let mut metadata = metadata("llama3");
    for (index, name) in ["<|end|>", "<|return|>", "<|call|>"].into_iter().enumerate() {
        metadata.tokens[1102 + index] = name.to_owned();
    }
    let vocabulary = Vocabulary::from_gguf(Path::new("model.gguf"), metadata).unwrap();
    let is_end = |name| vocabulary.is_end(vocabulary.special(name).unwrap());
    assert_eq!(["<|end|>", "<|return|>", "<|call|>"].map(is_end), [false, true, true]);
}

/// Why metadata is refused.
#[track_caller]
fn refused(change: impl FnOnce(&mut GgufVocabulary), name: &str) -> String {
    let mut metadata = metadata(name);
    change(&mut metadata);
    match Vocabulary::from_gguf(Path::new("model.gguf"), metadata) {
        Err(error @ (Error::ModelUnsupported { .. } | Error::ModelDamaged { .. })) => error.to_string(),
        Err(error) => panic!("another error: {error}"),
        Ok(_) => panic!("it was accepted"),
    }
}

#[test]
fn what_is_not_known_is_refused_by_name() {
    assert!(refused(|it| it.model = "gemma4".to_owned(), "spm").contains("no merges"));
    assert!(refused(|it| it.model = "gemma5".to_owned(), "spm").contains("\"gemma5\""));
    assert!(refused(|it| it.model = "t5".to_owned(), "spm").contains("\"t5\""));
    assert!(refused(|it| it.pre = Some("novel-bpe".to_owned()), "llama3").contains("\"novel-bpe\""));
    assert!(refused(|it| it.pre = None, "llama3").contains("pre-tokeniser"));
    assert!(refused(|it| it.scores[400] = it.scores[401], "spm").contains("share a score"));
}

#[test]
fn metadata_that_contradicts_itself_is_refused() {
    assert!(refused(|it| it.tokens.clear(), "spm").contains("0 tokens"));
    assert!(refused(|it| it.tokens[400] = it.tokens[401].clone(), "spm").contains("twice"));
    assert!(refused(|it| it.scores.truncate(7), "spm").contains("score"));
    assert!(refused(|it| it.scores[9] = f32::NAN, "spm").contains("score"));
    assert!(refused(|it| it.token_types.truncate(7), "spm").contains("type"));
    assert!(refused(|it| it.tokens[400] = "x".repeat(513), "spm").contains("513 bytes"), "it takes too long to cut up");
    assert!(refused(|it| it.tokens[5] = "<0xZZ>".to_owned(), "spm").contains("byte"));
    assert!(refused(|it| it.bos = Some(9999), "spm").contains("9999"));
    assert!(refused(|it| (it.bos, it.add_bos) = (None, Some(true)), "llama3").contains("does not name"));
    assert!(refused(|it| it.merges[3] = "no such".to_owned(), "llama3").contains("no such"));
    assert!(refused(|it| it.merges[3] = "nospace".to_owned(), "llama3").contains("nospace"));
    assert!(refused(|it| it.merges[3] = String::new(), "llama3").contains("merge"));
    assert!(refused(|it| it.tokens[0] = "!!!!!!!".to_owned(), "llama3").contains("0x21"));
}

#[test]
fn a_file_that_is_damaged_is_an_error_and_no_panic() {
    let whole = std::fs::read_to_string(folder().join("spm/tokenizer.json")).unwrap();
    let tail = whole.len() / 60;
    for cut in (0..60).map(|index| index * tail).chain(whole.len() - 200..whole.len() - 2) {
        let cut = whole.floor_char_boundary(cut);
        let folder = changed("spm", &[("tokenizer.json", &whole[..cut])]);
        assert!(matches!(Vocabulary::open(folder.path()), Err(Error::ModelDamaged { .. })), "cut at {cut}");
    }
    let wrong: &[(&str, &str, &str)] = &[
        ("\"type\":\"BPE\"", "\"type\":\"None\"", "unknown model"),
        ("\"id\":1,", "\"id\":77,", "an added token under another id"),
        ("\"vocab\":{\"<unk>\":0,", "\"vocab\":{\"<unk>\":4294967295,", "an id beyond all sense"),
        (
            "\"merges\":[[",
            "\"merges\":[[\"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\",\"b\"],[",
            "a merge of nothing",
        ),
        ("\"decoder\":{\"type\":\"Sequence\"", "\"decoder\":{\"type\":\"Nonsense\"", "unknown decoder"),
        ("\"decoder\":{", "\"decoder\":{\"a\":[[[[1e999]]]],", "an impossible number"),
    ];
    for (sought, replacement, what) in wrong {
        assert!(whole.contains(sought), "{what}: the fixture holds {sought}");
        let folder = changed("spm", &[("tokenizer.json", &whole.replacen(sought, replacement, 1))]);
        let result = Vocabulary::open(folder.path());
        assert!(matches!(result, Err(Error::ModelDamaged { .. } | Error::ModelUnsupported { .. })), "{what}");
    }
    // The library writes the token that this merge would make beyond the end of its buffer.
    let tokens = metadata("spm").tokens;
    let longest = tokens.iter().max_by_key(|token| token.len()).unwrap();
    let merge = format!("\"merges\":[[\"{longest}\",\"{longest}\"],[");
    let folder = changed("spm", &[("tokenizer.json", &whole.replacen("\"merges\":[[", &merge, 1))]);
    assert!(matches!(Vocabulary::open(folder.path()), Err(Error::ModelDamaged { .. })), "a merge beyond all tokens");

    let nowhere = Vocabulary::open(Path::new("/no/such/folder"));
    assert!(matches!(nowhere, Err(Error::ModelMissing { .. })));
    let folder = changed("spm", &[("generation_config.json", r#"{"eos_token_id": 5000}"#)]);
    assert!(matches!(Vocabulary::open(folder.path()), Err(Error::ModelDamaged { .. })), "an end that it does not have");
}
