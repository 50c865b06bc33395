//! Ids one by one, and strings at which an answer ends.

use proptest::prelude::*;

use super::{NAMES, gguf, open, sources, texts};
use crate::vocabulary::{StopMatcher, Vocabulary};

/// The pieces that a stream gives.
fn streamed(vocabulary: &Vocabulary, ids: &[u32]) -> Vec<String> {
    let mut stream = vocabulary.stream();
    let mut pieces: Vec<String> = ids.iter().filter_map(|id| stream.push(*id)).collect();
    pieces.extend(stream.finish());
    pieces
}

#[test]
fn pieces_are_whole_characters() {
    for name in NAMES {
        for (source, vocabulary) in sources(name) {
            for text in texts().iter().filter(|text| !text.contains('\u{fffd}')) {
                let ids = vocabulary.encode(text, false, true).unwrap();
                for piece in streamed(&vocabulary, &ids) {
                    assert!(!piece.is_empty(), "{name} from {source}: an empty piece of {text:?}");
                    assert!(!piece.contains('\u{fffd}'), "{name} from {source}: half a character of {text:?}");
                }
            }
        }
    }
}

#[test]
fn a_character_that_is_never_completed_is_replaced() {
    let bytes = |vocabulary: &Vocabulary, text: &str| vocabulary.encode(text, false, false).unwrap();
    let llama = open("llama3");
    let euro = bytes(&llama, "€");
    assert!(euro.len() > 1, "the fixture has no token for the sign");
    assert_eq!(streamed(&llama, &euro[..euro.len() - 1]), ["\u{fffd}"]);
    let mut broken = euro[..1].to_vec();
    broken.extend(bytes(&llama, "a"));
    assert_eq!(streamed(&llama, &broken).concat(), "\u{fffd}a");

    let pieces = open("spm");
    let face = bytes(&pieces, "𓀀");
    assert_eq!(streamed(&pieces, &face).concat(), "𓀀");
    assert_eq!(streamed(&pieces, &face[..face.len() - 1]).concat(), "\u{fffd}\u{fffd}\u{fffd}", "one for each byte");
}

#[test]
fn the_first_space_of_sentence_piece_is_left_out_once() {
    for vocabulary in [open("spm"), open("spm_first"), gguf("spm")] {
        let ids = vocabulary.encode("Hello there", false, false).unwrap();
        assert_eq!(streamed(&vocabulary, &ids).concat(), "Hello there");
        let mut after_special = vec![vocabulary.begin().unwrap()];
        after_special.extend(&ids);
        assert_eq!(streamed(&vocabulary, &after_special).concat(), "Hello there", "a special token is no text");
        let mut stream = vocabulary.stream().continuing();
        let text: String = ids.iter().filter_map(|id| stream.push(*id)).collect();
        assert_eq!(text, " Hello there", "in the middle of a text the space belongs to it");
    }
    let spm = open("spm");
    let words = spm.encode("a b", false, false).unwrap();
    let newline = spm.encode("\n", false, false).unwrap().pop().unwrap();
    assert_eq!(
        streamed(&spm, &[newline, words[1]]).concat(),
        "\n b",
        "a space after the beginning belongs to the text"
    );
    let gemma = open("gemma");
    let ids = gemma.encode(" Hello", false, false).unwrap();
    assert_eq!(streamed(&gemma, &ids).concat(), " Hello", "without a prefix there is none to leave out");
}

#[test]
fn ids_that_no_token_has_are_no_text() {
    let vocabulary = open("llama3");
    let mut stream = vocabulary.stream();
    assert_eq!(stream.push(u32::MAX), None);
    assert_eq!(stream.push(vocabulary.special("<|eot_id|>").unwrap()), None);
    assert_eq!(stream.finish(), None);
}

/// The text before the first stop, found on the whole text: the one that ends first, of several the longest.
fn stopped(text: &str, stops: &[String]) -> (String, Option<usize>) {
    for end in (1..=text.len()).filter(|end| text.is_char_boundary(*end)) {
        let ending =
            stops.iter().enumerate().filter(|(_, stop)| !stop.is_empty() && text[..end].ends_with(stop.as_str()));
        let longest = ending.max_by_key(|(index, stop)| (stop.len(), std::cmp::Reverse(*index)));
        if let Some((index, stop)) = longest {
            return (text[..end - stop.len()].to_owned(), Some(index));
        }
    }
    (text.to_owned(), None)
}

proptest! {
    #[test]
    fn a_stream_gives_what_decoding_all_bytes_gives(ids in prop::collection::vec(0u32..1200, 0..60)) {
        thread_local!(static BOTH: [Vocabulary; 2] = [open("llama3"), open("gemma")]);
        BOTH.with(|both| {
            let [llama, gemma] = both;
            let bytes = |vocabulary: &Vocabulary| -> Vec<u8> {
                let text = ids.iter().filter(|id| !vocabulary.controls().has(**id));
                text.filter_map(|id| vocabulary.token_bytes(*id)).flatten().copied().collect()
            };
            let expected = String::from_utf8_lossy(&bytes(llama)).into_owned();
            prop_assert_eq!(&streamed(llama, &ids).concat(), &expected);
            prop_assert_eq!(&llama.decode(&ids), &expected);
            // One replacement for each byte.
            let replaced: String = bytes(gemma)
                .utf8_chunks()
                .flat_map(|chunk| [chunk.valid().to_owned(), "\u{fffd}".repeat(chunk.invalid().len())])
                .collect();
            prop_assert_eq!(streamed(gemma, &ids).concat(), replaced);
            Ok(())
        })?;
    }

    #[test]
    fn a_stop_is_found_however_the_text_is_cut(
        text in "[abé]{0,30}",
        stops in prop::collection::vec("[abé]{0,4}", 0..4),
        cuts in prop::collection::vec(1usize..5, 0..40),
    ) {
        let (expected, expected_stop) = stopped(&text, &stops);
        let mut matcher = StopMatcher::new(stops.clone());
        let characters: Vec<char> = text.chars().collect();
        let (mut rest, mut cuts) = (characters.as_slice(), cuts.into_iter());
        let (mut passed, mut found) = (String::new(), None);
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(cuts.next().unwrap_or(1).min(rest.len()));
            rest = after;
            let given = matcher.push(&piece.iter().collect::<String>());
            passed.push_str(&given.text);
            prop_assert!(expected.starts_with(&passed), "{:?} was let through of {:?}", passed, expected);
            prop_assert!(found.is_none() || (given.text.is_empty() && given.stop.is_none()), "text after the stop");
            found = found.or(given.stop);
            // Nothing is held back longer than it must be.
            let consumed: String = characters[..characters.len() - rest.len()].iter().collect();
            if found.is_none() {
                let held = &consumed[passed.len()..];
                prop_assert!(held.is_empty() || stops.iter().any(|stop| stop.starts_with(held)), "{:?} was held back", held);
            }
        }
        passed.push_str(&matcher.finish());
        prop_assert_eq!(found, expected_stop);
        prop_assert_eq!(passed, expected);
    }
}

#[test]
fn text_passes_as_soon_as_it_can() {
    let mut matcher = StopMatcher::new(vec!["\nUser:".to_owned(), "</s>".to_owned()]);
    assert_eq!(matcher.push("Hello").text, "Hello");
    assert_eq!(matcher.push(" there\nUs").text, " there");
    assert_eq!(matcher.push("eful").text, "\nUseful");
    assert_eq!(matcher.push("<").text, "");
    let last = matcher.push("/s> more");
    assert_eq!((last.text.as_str(), last.stop), ("", Some(1)));
    assert_eq!(matcher.push("even more").text, "");
    assert_eq!(matcher.finish(), "");
    let mut none = StopMatcher::new(vec![String::new()]);
    assert_eq!(none.push("all").text, "all");
}
