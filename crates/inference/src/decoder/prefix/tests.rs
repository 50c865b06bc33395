#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use super::super::Decoder;
use super::super::tests::files::{Fixtures, Stored};
use super::super::tests::{load, read};
use super::*;
use crate::DeviceChoice;

/// A decoder, a cache that has read 100 tokens, and those tokens.
fn read_text(folder: &std::path::Path) -> (Decoder, Cache, Vec<u32>) {
    let decoder = load(&Fixtures::model("qwen2").write_gguf(folder, Stored::Q8_0), DeviceChoice::Cpu);
    let text: Vec<u32> = (0..100).map(|place| (place * 29 + 5) % 256).collect();
    let mut cache = Cache::default();
    read(&decoder, &mut cache, &text);
    (decoder, cache, text)
}

#[test]
fn a_beginning_is_found_again_and_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (decoder, cache, text) = read_text(folder.path());
    let mut tree = PrefixTree::new(decoder.layout(), 1 << 20);
    tree.keep(&text, &cache);
    assert_eq!(tree.len(), 3, "whole pages are kept");
    tree.keep(&text, &cache);
    assert_eq!(tree.len(), 3, "once");
    for (length, known) in [(100, 96), (96, 96), (95, 95), (33, 33), (5, 5)] {
        let mut found = tree.find(&text[..length]);
        assert_eq!(found.len(), known);
        let next = read(&decoder, &mut found, &[7, 8]);
        let whole = [&text[..known], &[7, 8]].concat();
        assert!(next == read(&decoder, &mut Cache::default(), &whole)[known..], "{known} tokens that were found");
    }
    let mut other = text.clone();
    other[40] = 255;
    assert_eq!(tree.find(&other).len(), 40);
    assert_eq!(tree.find(&[255, 0]).len(), 0);
    assert_eq!(tree.find(&[]).len(), 0);
}

#[test]
fn what_was_used_last_is_kept() {
    let folder = tempfile::tempdir().unwrap();
    let (decoder, cache, text) = read_text(folder.path());
    let mut tree = PrefixTree::new(decoder.layout(), 4 * decoder.layout().bytes());
    tree.keep(&text, &cache);
    let others: Vec<Vec<u32>> = (0..3).map(|other| (0..32).map(|place| other * 50 + place % 40).collect()).collect();
    for other in &others {
        let mut cache = Cache::default();
        read(&decoder, &mut cache, other);
        tree.keep(other, &cache);
        assert!(tree.len() <= 4);
        assert_eq!(tree.find(other).len(), 32, "what came last is there");
        assert_eq!(tree.find(&text[..32]).len(), 32, "what is used again and again stays");
    }
    assert_eq!(tree.find(&text).len(), 32, "its end went for the others");
    let mut nothing = PrefixTree::new(decoder.layout(), 10);
    nothing.keep(&text, &cache);
    assert_eq!((nothing.len(), nothing.find(&text).len()), (0, 0));
}
