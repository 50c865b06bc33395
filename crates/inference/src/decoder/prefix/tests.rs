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
    let mut tree = PrefixTree::new(decoder.layout(), 1 << 20, Age::default(), None);
    tree.keep(&text, &cache, 0);
    assert_eq!(tree.len(), 3, "whole pages are kept");
    tree.keep(&text, &cache, 0);
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
    let mut tree = PrefixTree::new(decoder.layout(), 4 * decoder.layout().bytes(), Age::default(), None);
    tree.keep(&text, &cache, 0);
    let others: Vec<Vec<u32>> = (0..3).map(|other| (0..32).map(|place| other * 50 + place % 40).collect()).collect();
    for other in &others {
        let mut cache = Cache::default();
        read(&decoder, &mut cache, other);
        tree.keep(other, &cache, 0);
        assert!(tree.len() <= 4);
        assert_eq!(tree.find(other).len(), 32, "what came last is there");
        assert_eq!(tree.find(&text[..32]).len(), 32, "what is used again and again stays");
    }
    assert_eq!(tree.find(&text).len(), 32, "its end went for the others");
    let mut nothing = PrefixTree::new(decoder.layout(), 10, Age::default(), None);
    nothing.keep(&text, &cache, 0);
    assert_eq!((nothing.len(), nothing.find(&text).len()), (0, 0));
}

/// A decoder that remembers, and caches of texts that were read with a stop at the end of every page.
fn remembered(folder: &std::path::Path, texts: &[Vec<u32>]) -> (Decoder, Vec<Cache>) {
    Fixtures::model("qwen3.5").write_folder(folder);
    let decoder = load(folder, DeviceChoice::Cpu);
    let caches = texts.iter().map(|text| {
        let mut cache = Cache::default();
        text.chunks(PAGE).for_each(|some| drop(read(&decoder, &mut cache, some)));
        cache
    });
    let caches = caches.collect();
    (decoder, caches)
}

#[test]
fn a_beginning_is_used_only_where_its_state_is_known() {
    let folder = tempfile::tempdir().unwrap();
    let text: Vec<u32> = (0..100).map(|place| (place * 29 + 5) % 256).collect();
    let mut parted = text.clone();
    parted[70] = 255;
    let (decoder, caches) = remembered(folder.path(), &[text.clone(), parted[..70].to_vec()]);
    let mut tree = PrefixTree::new(decoder.layout(), 1 << 20, Age::default(), None);
    tree.keep(&text, &caches[0], 0);
    assert_eq!(tree.len(), 3);
    for (asked, known, branch) in [(&text[..], 96, false), (&text[..96], 96, false), (&text[..95], 0, true)] {
        let mut found = tree.find(asked);
        assert_eq!(found.len(), known);
        assert_eq!(found.next_stop(decoder.layout(), 1000, 100) == 64, branch, "where what is known has no state");
        let next = read(&decoder, &mut found, &text[known..]);
        assert!(next == read(&decoder, &mut Cache::default(), &text)[known..], "{known} tokens that were found");
    }
    assert_eq!(tree.find(&parted).len(), 0);
    tree.keep(&parted, &caches[1], 0);
    assert_eq!((tree.len(), tree.find(&parted).len(), tree.find(&text).len()), (3, 64, 96));
    assert_eq!(tree.find(&text[..80]).len(), 64, "a state in the middle is used too");
}

#[test]
fn states_count_for_the_limit_and_go_like_pages() {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<Vec<u32>> =
        (0..4).map(|text| (0..70).map(|place| (place * 7 + text * 31) % 256).collect()).collect();
    let (decoder, caches) = remembered(folder.path(), &texts);
    let layout = decoder.layout();
    let each = layout.state_bytes() + 2 * layout.bytes();
    let mut tree = PrefixTree::new(layout, 2 * each, Age::default(), None);
    for (text, cache) in texts.iter().zip(&caches) {
        tree.keep(text, cache, 0);
        assert!(tree.kept <= tree.limit, "{} bytes of {}", tree.kept, tree.limit);
        assert_eq!(tree.find(text).len(), 64, "what came last is there");
    }
    assert_eq!(tree.find(&texts[0]).len(), 0, "it went for the others");
    assert_eq!(tree.find(&texts[2]).len(), 64);
    let mut nothing = PrefixTree::new(layout, layout.state_bytes(), Age::default(), None);
    nothing.keep(&texts[0], &caches[0], 0);
    assert_eq!((nothing.len(), nothing.find(&texts[0]).len()), (0, 0));
}

/// A tree with what is kept of a model on the disk, opened anew.
fn shelved(decoder: &Decoder, bytes: usize, model: &std::path::Path, folder: &std::path::Path) -> PrefixTree {
    let age = Age::default();
    let shelf = Arc::new(Shelf::open(folder, 1 << 24, age.clone()).unwrap());
    let root = PageName::root(model).unwrap();
    PrefixTree::new(decoder.layout(), bytes, age, Some(Shelved { shelf, root }))
}

/// What a tree knows of a text when it has taken from the disk what is there, page by page.
fn recalled(tree: &mut PrefixTree, tokens: &[u32]) -> Cache {
    tree.set_at_once(1);
    let known = tree.len();
    for calls in 1.. {
        if !tree.fetch(tokens) {
            break;
        }
        assert!(tree.len() <= known + calls, "no more is taken at a time");
    }
    tree.find(tokens)
}

#[test]
fn a_beginning_on_the_disk_gives_the_same_bits() {
    let folder = tempfile::tempdir().unwrap();
    let (decoder, cache, text) = read_text(folder.path());
    let place = tempfile::tempdir().unwrap();
    let mut first = shelved(&decoder, 1 << 20, folder.path(), place.path());
    first.keep(&text, &cache, 0);
    drop(first);
    let mut second = shelved(&decoder, 1 << 20, folder.path(), place.path());
    assert_eq!(second.len(), 0);
    let mut found = recalled(&mut second, &text[..70]);
    assert_eq!((found.len(), second.len()), (64, 2), "what is needed is taken");
    let next = read(&decoder, &mut found, &text[64..]);
    assert!(next == read(&decoder, &mut Cache::default(), &text)[64..]);
    assert_eq!(recalled(&mut second, &text).len(), 96);

    let mut small = shelved(&decoder, decoder.layout().bytes(), folder.path(), place.path());
    assert_eq!(recalled(&mut small, &text).len(), 32, "no more than fits");
    let mut other = text.clone();
    other[0] = 255;
    assert_eq!(recalled(&mut second, &other).len(), 0);

    let age = second.age();
    second.shelved.as_ref().unwrap().shelf.forget().unwrap();
    assert_eq!(recalled(&mut second, &text).len(), 0, "what is forgotten is not in memory either");
    second.keep(&text, &cache, age);
    assert_eq!(recalled(&mut second, &text).len(), 0, "what was read before is not kept");
    let age = second.age();
    second.keep(&text, &cache, age);
    assert_eq!(recalled(&mut second, &text).len(), 96);
}

#[test]
fn a_state_on_the_disk_is_used_with_its_pages() {
    let folder = tempfile::tempdir().unwrap();
    let text: Vec<u32> = (0..100).map(|place| (place * 29 + 5) % 256).collect();
    let (decoder, caches) = remembered(folder.path(), &[text.clone(), text[..70].to_vec()]);
    let place = tempfile::tempdir().unwrap();
    let mut first = shelved(&decoder, 1 << 20, folder.path(), place.path());
    first.keep(&text[..70], &caches[1], 0);
    drop(first);
    let mut second = shelved(&decoder, 1 << 20, folder.path(), place.path());
    let mut found = recalled(&mut second, &text);
    assert_eq!((found.len(), second.len()), (64, 2));
    let next = read(&decoder, &mut found, &text[64..]);
    assert!(next == read(&decoder, &mut Cache::default(), &text)[64..]);
    assert_eq!(recalled(&mut shelved(&decoder, 1 << 20, folder.path(), place.path()), &text[..63]).len(), 0);
}

#[test]
fn what_is_forgotten_goes_without_a_disk_too() {
    let folder = tempfile::tempdir().unwrap();
    let (decoder, cache, text) = read_text(folder.path());
    let forgotten = Age::default();
    let mut tree = PrefixTree::new(decoder.layout(), 1 << 20, forgotten.clone(), None);
    tree.keep(&text, &cache, 0);
    forgotten.advance();
    assert_eq!(tree.age(), 1);
    assert_eq!((tree.len(), tree.kept(), tree.find(&text).len()), (0, 0, 0));
    tree.keep(&text, &cache, 0);
    assert_eq!(tree.len(), 0, "what was read before is not kept");
}

#[test]
fn pages_without_room_for_their_state_take_the_place_of_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let texts: Vec<Vec<u32>> =
        [40, 140].iter().map(|length| (0..*length).map(|place| (place * 7 + length) % 256).collect()).collect();
    let (decoder, caches) = remembered(folder.path(), &texts);
    let layout = decoder.layout();
    // Room for the four pages of the longer text, or for its state, but not for both.
    let limit = 4 * layout.bytes() + layout.state_bytes() - 1;
    let mut tree = PrefixTree::new(layout, limit, Age::default(), None);
    tree.keep(&texts[0], &caches[0], 0);
    tree.keep(&texts[1], &caches[1], 0);
    assert_eq!((tree.find(&texts[0]).len(), tree.find(&texts[1]).len()), (32, 0), "what is there stays");
    // The same from the disk.
    let place = tempfile::tempdir().unwrap();
    let mut large = shelved(&decoder, 1 << 20, folder.path(), place.path());
    texts.iter().zip(&caches).for_each(|(text, cache)| large.keep(text, cache, 0));
    drop(large);
    let mut small = shelved(&decoder, limit, folder.path(), place.path());
    assert_eq!([0, 1, 0].map(|text: usize| recalled(&mut small, &texts[text]).len()), [32, 0, 32]);
}

#[test]
fn less_memory_keeps_less() {
    let folder = tempfile::tempdir().unwrap();
    let (decoder, cache, text) = read_text(folder.path());
    let mut tree = PrefixTree::new(decoder.layout(), 1 << 20, Age::default(), None);
    tree.keep(&text, &cache, 0);
    tree.set_limit(2 * decoder.layout().bytes());
    assert_eq!((tree.len(), tree.find(&text).len()), (2, 64));
    tree.set_limit(0);
    assert_eq!((tree.len(), tree.kept()), (0, 0));
}
