//! Files of strangers, by every way that leads into them: what the fuzz targets of the folder `fuzz` do with each input,
//! and the test that does the same with the inputs that are kept there.
//!
//! Models come from the network, so that their headers may say anything. Whatever they say, reading them ends soon and
//! takes memory in proportion to the file; it gives a model or an error, and never a panic that nobody expects.
#![allow(clippy::expect_used, reason = "a test, and a fuzz target, stops at the first surprise")]

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use crate::decoder::Configuration;
use crate::encoder::{self, Checkpoint, Description};
use crate::gguf::Gguf;
use crate::tensor_view::TensorView;
use crate::vocabulary::{GgufVocabulary, Vocabulary};
use crate::weights_folder::WeightsFolder;

/// What stands between the files of an input that is several.
const BETWEEN: &[u8] = b"\n----\n";

/// What vocabularies are asked to encode: letters, a control token, white space, a character of several bytes.
const TEXT: &str = "a <s> b\n  \u{1f98e}";

/// The files that an input consists of.
fn files(input: &[u8]) -> Vec<&[u8]> {
    let mut files = Vec::new();
    let mut rest = input;
    while let Some(at) = rest.windows(BETWEEN.len()).position(|window| window == BETWEEN) {
        files.push(&rest[..at]);
        rest = &rest[at + BETWEEN.len()..];
    }
    files.push(rest);
    files
}

/// A folder in which the input's files lie under these names, for as long as `read` takes.
fn in_folder<'a>(files: impl IntoIterator<Item = (String, &'a [u8])>, read: impl FnOnce(&Path)) {
    let folder = tempfile::tempdir().expect("a scratch folder");
    for (name, content) in files {
        std::fs::write(folder.path().join(name), content).expect("a scratch file");
    }
    read(folder.path());
}

/// Every value of a tensor can be looked at.
fn look_at(name: &str, tensor: TensorView<'_>) {
    let values: usize = tensor.shape.iter().product();
    assert_eq!(tensor.values(), values, "`{name}` has {:?} values", tensor.shape);
    assert_eq!(tensor.dequantised().len(), values);
    // A single number has no rows, and rows of nothing are all alike.
    if let Some(width) = tensor.shape.last().filter(|width| **width > 0) {
        let rows = values / width;
        assert!(rows == 0 || tensor.row(rows - 1).is_some(), "`{name}` has {rows} rows");
        assert!(tensor.row(rows).is_none(), "`{name}` has more than {rows} rows");
    }
}

/// A vocabulary reads texts, or says that it does not.
fn use_vocabulary(vocabulary: &Vocabulary) {
    // What calls it for a user expects panics, since tokenizers are programs of others that files configure.
    let ids = catch_unwind(AssertUnwindSafe(|| vocabulary.encode(TEXT, true, true)));
    for id in ids.into_iter().flatten().flatten() {
        assert!((id as usize) < vocabulary.size(), "there is no token {id}");
        vocabulary.token_text(id);
    }
}

/// A model in GGUF, in several files if the input is several: its header, what it is made of, and its vocabulary.
pub(crate) fn gguf(input: &[u8]) {
    let files = files(input);
    let count = files.len();
    let name = |number: usize| match count {
        1 => "model.gguf".to_owned(),
        _ => format!("model-{number:05}-of-{count:05}.gguf"),
    };
    let named = files.into_iter().enumerate().map(|(index, file)| (name(index + 1), file));
    in_folder(named, |folder| {
        let path = folder.join(name(1));
        let Ok(gguf) = Gguf::open(&path) else { return };
        for (name, format, bytes) in gguf.announced() {
            let tensor = gguf.tensor(name).expect("what is announced is there");
            assert_eq!((tensor.format, tensor.bytes.len()), (format, bytes));
            look_at(name, tensor);
        }
        drop(Configuration::from_gguf(&path, &gguf));
        if let Ok(vocabulary) = Vocabulary::from_gguf(&path, GgufVocabulary::read(&gguf)) {
            use_vocabulary(&vocabulary);
        }
    });
}

/// The weights of a folder: a safetensors file, or an index and the files that it names, `1.safetensors` and so on.
pub(crate) fn safetensors(input: &[u8]) {
    let files = files(input);
    let name = |index: usize| match (files.len(), index) {
        (1, _) => "model.safetensors".to_owned(),
        (_, 0) => "model.safetensors.index.json".to_owned(),
        (_, number) => format!("{number}.safetensors"),
    };
    let named = files.iter().enumerate().map(|(index, file)| (name(index), *file));
    in_folder(named, |folder| {
        let Ok(weights) = WeightsFolder::open(folder) else { return };
        for name in weights.names() {
            if let Ok(Some(tensor)) = weights.tensor(name) {
                look_at(name, tensor);
                // The reader of encoders, which asks for what its configuration says.
                let path = folder.join("model.safetensors");
                if let Ok(checkpoint) = Checkpoint::open(&path) {
                    let values = checkpoint.values(name, tensor.shape).expect("both readers see the same tensors");
                    assert_eq!(values.len(), tensor.values());
                    if let [rows, width] = *tensor.shape
                        && let Ok(table) = checkpoint.table(name, rows, width)
                    {
                        let mut row = vec![0.0; width];
                        assert!(rows == 0 || table.add_row(rows - 1, &mut row), "`{name}` has {rows} rows");
                    }
                }
            }
        }
    });
}

/// The `config.json` of a decoder or of an encoder, which may have `modules.json` beside it.
pub(crate) fn configuration(input: &[u8]) {
    let names = ["config.json", "modules.json", "sentence_bert_config.json", "config_sentence_transformers.json"];
    let named = names.map(str::to_owned).into_iter().zip(files(input));
    in_folder(named, |folder| {
        drop(Configuration::from_folder(folder));
        if let Ok(configuration) = encoder::Configuration::read(folder) {
            drop(Description::read(folder, &configuration));
        }
    });
}

/// The `tokenizer.json` of a decoder with the files beside it that may say more.
pub(crate) fn vocabulary(input: &[u8]) {
    let names = ["tokenizer.json", "tokenizer_config.json", "generation_config.json", "chat_template.json"];
    let named = names.map(str::to_owned).into_iter().zip(files(input));
    in_folder(named, |folder| {
        if let Ok(vocabulary) = Vocabulary::open(folder) {
            use_vocabulary(&vocabulary);
        }
    });
}

#[cfg(test)]
mod tests;
