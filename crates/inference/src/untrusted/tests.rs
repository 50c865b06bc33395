//! What the fuzz targets once found, and what they begin with, on every run of the tests.
#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::path::Path;

/// Does what a target does with each input that is kept for it.
fn replay(target: &str, read: fn(&[u8])) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let mut inputs = 0;
    for entry in std::fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        let input = std::fs::read(&path).unwrap();
        let read = std::panic::catch_unwind(|| read(&input));
        assert!(read.is_ok(), "{} is not read without a panic", path.display());
        inputs += 1;
    }
    assert!(inputs >= 10, "{} has only {inputs} inputs", folder.display());
}

#[test]
fn files_in_gguf_that_were_kept_are_read_or_refused() {
    replay("gguf", super::gguf);
}

#[test]
fn weights_that_were_kept_are_read_or_refused() {
    replay("safetensors", super::safetensors);
}

#[test]
fn configurations_that_were_kept_are_read_or_refused() {
    replay("configuration", super::configuration);
}

#[test]
fn vocabularies_that_were_kept_are_read_or_refused() {
    replay("vocabulary", super::vocabulary);
}
