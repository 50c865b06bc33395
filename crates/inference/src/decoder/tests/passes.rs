//! What a pass promises: the bits of a row depend on its sequence alone.

use std::path::Path;

use ambit_domain::ErrorCode;

use super::super::{Asked, Cache, CpuDecoder, Decoder, Scratch, Segment};
use super::files::{Fixtures, Stored};
use super::{DEVICES, load, read};
use crate::DeviceChoice;

/// A model whose matrices are stored in some way, or as they are in a folder with safetensors, on every device.
fn decoders(name: &str, stored: Option<Stored>, folder: &Path) -> Vec<(Decoder, DeviceChoice)> {
    let model = Fixtures::model(name);
    let path = match stored {
        Some(stored) => model.write_gguf(folder, stored),
        None => {
            model.write_folder(folder);
            folder.to_path_buf()
        }
    };
    DEVICES.iter().map(|device| (load(&path, *device), *device)).collect()
}

#[test]
fn however_a_text_is_cut_the_bits_are_the_same() {
    for (name, stored) in [
        ("llama", Some(Stored::Q8_0)),
        ("qwen3", Some(Stored::Q4_0)),
        ("qwen2", Some(Stored::Half)),
        ("mixtral", None),
        ("qwen3-moe", Some(Stored::Q8_0)),
        ("qwen3-moe", Some(Stored::Half)),
        ("qwen3.5", Some(Stored::Q8_0)),
        ("qwen3.5-moe", None),
        ("gemma4", None),
        ("gemma4-values-are-keys", None),
        ("gemma4-experts", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (decoder, device) in decoders(name, stored, folder.path()) {
            let text: Vec<u32> = (0..100).map(|place| (place * 37 + place * place) % 253 + 3).collect();
            let wanted = read(&decoder, &mut Cache::default(), &text);
            for sizes in [&[1_usize][..], &[3, 8, 1, 2], &[31, 33, 5], &[64]] {
                let (mut cache, mut found, mut rest) = (Cache::default(), Vec::new(), text.as_slice());
                for size in sizes.iter().cycle() {
                    if rest.is_empty() {
                        break;
                    }
                    let (some, others) = rest.split_at(rest.len().min(*size));
                    found.extend(read(&decoder, &mut cache, some));
                    rest = others;
                }
                assert!(found == wanted, "{name}, {stored:?}, {device:?}: pieces of {sizes:?} give other bits");
            }
        }
    }
}

#[test]
fn whoever_shares_a_pass_the_bits_are_the_same() {
    for (name, stored) in [
        ("qwen2", Some(Stored::Q8_0)),
        ("mixtral", None),
        ("qwen3-moe", Some(Stored::Q4_0)),
        ("qwen3.5-moe", None),
        ("gemma4", None),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (decoder, device) in decoders(name, stored, folder.path()) {
            let texts: Vec<Vec<u32>> =
                (0..5).map(|text| (0..7 + 13 * text).map(|place| (place * 31 + text) % 256).collect()).collect();
            let mut caches: Vec<Cache> = texts.iter().map(|_| Cache::default()).collect();
            for part in 0..2 {
                let half = |text: &[u32]| if part == 0 { 0..text.len() / 2 } else { text.len() / 2..text.len() };
                let mut segments: Vec<Segment<'_>> = texts
                    .iter()
                    .zip(&mut caches)
                    .map(|(text, cache)| Segment { tokens: &text[half(text)], cache, asked: Asked::Last })
                    .collect();
                let together = decoder.forward(&mut segments, &mut Scratch::default(), &|| true).unwrap();
                for (text, found) in texts.iter().zip(together.rows()) {
                    let alone = read(&decoder, &mut Cache::default(), &text[..half(text).end]).pop().unwrap();
                    assert!(
                        found == alone,
                        "{name}, {device:?}: a text of {} tokens gets other bits beside others",
                        text.len()
                    );
                }
            }
        }
    }
}

#[test]
fn a_shared_beginning_is_left_as_it_is() {
    for (name, stored) in [("llama", Some(Stored::Half)), ("qwen3.5", None), ("gemma4", None)] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        for (decoder, device) in decoders(name, stored, folder.path()) {
            let mut first = Cache::default();
            read(&decoder, &mut first, &model.prompt[..16]);
            read(&decoder, &mut first, &model.prompt[16..]);
            let mut second = first.clone();
            second.truncate(17);
            // What remembers goes back to where a pass began.
            let known = if name == "qwen3.5" { 16 } else { 17 };
            assert_eq!(second.len(), known, "{name}, {device:?}");
            let other = read(&decoder, &mut second, &[9, 8, 7]);
            let text = [&model.prompt[..known], &[9, 8, 7]].concat();
            assert!(
                other == read(&decoder, &mut Cache::default(), &text)[known..],
                "{name}, {device:?}: a beginning that is used again gives other bits"
            );
            let text = [&model.prompt[..], &[5]].concat();
            assert!(
                read(&decoder, &mut first, &[5])[0] == read(&decoder, &mut Cache::default(), &text)[model.prompt.len()],
                "{name}, {device:?}: what was read before was changed by who went on from its beginning"
            );
        }
    }
}

#[test]
fn what_remembers_goes_back_to_what_is_left_and_no_further() {
    let folder = tempfile::tempdir().unwrap();
    for (decoder, device) in decoders("qwen3.5", None, folder.path()) {
        going_back(&decoder, device);
    }
}

fn going_back(decoder: &Decoder, device: DeviceChoice) {
    let text: Vec<u32> = (0..80).map(|place| (place * 37 + place * place) % 253 + 3).collect();
    let wanted = read(decoder, &mut Cache::default(), &text);
    // (where passes end, what is wanted of the cache, what it has)
    for (ends, length, left) in [
        (&[32_usize, 50, 60, 70][..], 65, 60),
        (&[32, 50, 60, 70], 70, 70),
        (&[32, 50, 60, 70], 59, 32),
        (&[32, 50, 60, 70], 31, 0),
        (&[70], 69, 0),
        (&[10, 64, 70], 64, 64),
    ] {
        let (mut cache, mut start) = (Cache::default(), 0);
        for end in ends {
            read(decoder, &mut cache, &text[start..*end]);
            start = *end;
        }
        cache.truncate(length);
        assert_eq!(cache.len(), left, "{device:?}: passes that end at {ends:?}, back to {length}");
        let found = read(decoder, &mut cache, &text[left..]);
        assert!(found == wanted[left..], "{device:?}: passes that end at {ends:?}, back to {length}: other bits");
    }
}

#[test]
fn a_pass_that_fails_changes_nothing() {
    for (name, stored) in [("llama", Some(Stored::Half)), ("qwen3.5", None)] {
        let model = Fixtures::model(name);
        let folder = tempfile::tempdir().unwrap();
        for (decoder, device) in decoders(name, stored, folder.path()) {
            let mut cache = Cache::default();
            read(&decoder, &mut cache, &model.prompt);
            for (tokens, passes, wanted) in [
                (vec![3; 9], 0, ErrorCode::Cancelled),
                // In the middle of the layers.
                (vec![3; 9], if device == DeviceChoice::Cpu { 7 } else { 1 }, ErrorCode::Cancelled),
                (vec![3, 256], 1000, ErrorCode::Internal),
                (vec![3; 500], 1000, ErrorCode::TooLarge),
            ] {
                let asked = std::cell::Cell::new(0);
                let goes_on = || {
                    asked.set(asked.get() + 1);
                    asked.get() <= passes
                };
                let mut segments = [Segment { tokens: &tokens, cache: &mut cache, asked: Asked::Last }];
                let error = decoder.forward(&mut segments, &mut Scratch::default(), &goes_on).unwrap_err();
                assert_eq!(error.code(), wanted, "{error}");
                assert_eq!(cache.len(), model.prompt.len());
            }
            let text = [&model.prompt[..], &[5]].concat();
            let wanted = read(&decoder, &mut Cache::default(), &text);
            assert!(
                read(&decoder, &mut cache, &[5])[0] == wanted[model.prompt.len()],
                "{name}, {device:?}: other bits afterwards"
            );
        }
    }
}

#[test]
fn a_text_of_several_groups_of_tokens_gives_the_same_bits_however_it_is_cut() {
    let text: Vec<u32> = (0..300).map(|place| (place * 37 + place * place) % 253 + 3).collect();
    for name in ["llama", "qwen3.5"] {
        let folder = tempfile::tempdir().unwrap();
        for (decoder, device) in decoders(name, Some(Stored::Q8_0), folder.path()) {
            let (mut whole, mut cut) = (Cache::default(), Cache::default());
            let mut wanted = read(&decoder, &mut whole, &text[..200]);
            wanted.extend(read(&decoder, &mut whole, &text[200..]));
            let mut found = Vec::new();
            for piece in text.chunks(97) {
                found.extend(read(&decoder, &mut cut, piece));
            }
            assert!(found == wanted, "{name}, {device:?}");
        }
    }
}

/// The most multiplications of a pass between two times that it is asked whether it goes on, and how often it is.
fn between_questions(decoder: &CpuDecoder, cache: &mut Cache, tokens: &[u32], asked: Asked) -> (usize, usize) {
    let (most, questions) = (std::cell::Cell::new(0), std::cell::Cell::new(0));
    let look = || most.set(most.get().max(decoder.cpu.take_done()));
    look();
    most.set(0);
    let goes_on = || {
        look();
        questions.set(questions.get() + 1);
        true
    };
    let mut segments = [Segment { tokens, cache, asked }];
    decoder.forward(&mut segments, &mut Scratch::default(), &goes_on).unwrap();
    look();
    (most.get(), questions.get())
}

#[test]
fn a_pass_can_be_given_up_within_its_products_its_attention_and_its_head() {
    for (name, stored) in
        [("llama", Some(Stored::Q8_0)), ("qwen3-moe", Some(Stored::Half)), ("qwen3.5", None), ("gemma4", None)]
    {
        let model = Fixtures::model(name).with_vocabulary(4000);
        let folder = tempfile::tempdir().unwrap();
        let path = match stored {
            Some(stored) => model.write_gguf(folder.path(), stored),
            None => {
                model.write_folder(folder.path());
                folder.path().to_path_buf()
            }
        };
        let Decoder::Cpu(mut decoder) = load(&path, DeviceChoice::Cpu) else { unreachable!("it is on the CPU") };
        let text: Vec<u32> = (0..400).map(|place| (place * 37 + place * place) % 253 + 3).collect();
        let mut cache = Cache::default();
        between_questions(&decoder, &mut cache, &text[..300], Asked::None);
        let (mut whole, mut cut) = (cache.clone(), cache.clone());
        let (most, usual) = between_questions(&decoder, &mut whole, &text[300..], Asked::All);
        let at_once = 1 << 20;
        assert!(most > 4 * at_once, "{name}: {most} multiplications are no more than may be done at once");
        decoder.cpu.set_at_once(at_once);
        let (most, questions) = between_questions(&decoder, &mut cut, &text[300..], Asked::All);
        // There is a piece for each of the two threads.
        let is_asked = most <= 2 * at_once && questions > usual;
        assert!(is_asked, "{name}: {most} multiplications at once, {questions} questions");
    }
}
