//! What a pass promises: the bits of a row depend on its sequence alone.

use ambit_domain::ErrorCode;

use super::super::{Asked, Cache, Scratch, Segment};
use super::files::{Fixtures, Stored};
use super::{DEVICES, load, read};

#[test]
fn however_a_text_is_cut_the_bits_are_the_same() {
    for device in DEVICES {
        for (name, stored) in [("llama", Stored::Q8_0), ("qwen3", Stored::Q4_0), ("qwen2", Stored::Half)] {
            let model = Fixtures::model(name);
            let folder = tempfile::tempdir().unwrap();
            let decoder = load(&model.write_gguf(folder.path(), stored), device);
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
                assert!(found == wanted, "{name}, {stored:?}: pieces of {sizes:?} give other bits");
            }
        }
    }
}

#[test]
fn whoever_shares_a_pass_the_bits_are_the_same() {
    for device in DEVICES {
        let model = Fixtures::model("qwen2");
        let folder = tempfile::tempdir().unwrap();
        let decoder = load(&model.write_gguf(folder.path(), Stored::Q8_0), device);
        let texts: Vec<Vec<u32>> =
            (0..5).map(|text| (0..7 + 13 * text).map(|place| (place * 31 + text) % 256).collect()).collect();
        let mut caches: Vec<Cache> = texts.iter().map(|_| Cache::default()).collect();
        let mut segments: Vec<Segment<'_>> = texts
            .iter()
            .zip(&mut caches)
            .map(|(tokens, cache)| Segment { tokens, cache, asked: Asked::Last })
            .collect();
        let together = decoder.forward(&mut segments, &mut Scratch::default(), &|| true).unwrap();
        for (text, found) in texts.iter().zip(together.rows()) {
            let alone = read(&decoder, &mut Cache::default(), text).pop().unwrap();
            assert!(found == alone, "a text of {} tokens gets other bits beside others", text.len());
        }
    }
}

#[test]
fn a_shared_beginning_is_left_as_it_is() {
    for device in DEVICES {
        let model = Fixtures::model("llama");
        let folder = tempfile::tempdir().unwrap();
        let decoder = load(&model.write_gguf(folder.path(), Stored::Half), device);
        let mut first = Cache::default();
        read(&decoder, &mut first, &model.prompt);
        let mut second = first.clone();
        second.truncate(17);
        let other = read(&decoder, &mut second, &[9, 8, 7]);
        let text = [&model.prompt[..17], &[9, 8, 7]].concat();
        assert!(
            other == read(&decoder, &mut Cache::default(), &text)[17..],
            "a beginning that is used again gives other bits"
        );
        let text = [&model.prompt[..], &[5]].concat();
        assert!(
            read(&decoder, &mut first, &[5])[0] == read(&decoder, &mut Cache::default(), &text)[model.prompt.len()],
            "what was read before was changed by who went on from its beginning"
        );
    }
}

#[test]
fn a_pass_that_fails_changes_nothing() {
    for device in DEVICES {
        let model = Fixtures::model("llama");
        let folder = tempfile::tempdir().unwrap();
        let decoder = load(&model.write_gguf(folder.path(), Stored::Half), device);
        let mut cache = Cache::default();
        read(&decoder, &mut cache, &model.prompt);
        for (tokens, goes_on, wanted) in [
            (vec![3; 9], false, ErrorCode::Cancelled),
            (vec![3, 256], true, ErrorCode::Internal),
            (vec![3; 500], true, ErrorCode::TooLarge),
        ] {
            let mut segments = [Segment { tokens: &tokens, cache: &mut cache, asked: Asked::Last }];
            let error = decoder.forward(&mut segments, &mut Scratch::default(), &|| goes_on).unwrap_err();
            assert_eq!(error.code(), wanted, "{error}");
            assert_eq!(cache.len(), model.prompt.len());
        }
        let text = [&model.prompt[..], &[5]].concat();
        assert!(
            read(&decoder, &mut cache, &[5])[0] == read(&decoder, &mut Cache::default(), &text)[model.prompt.len()]
        );
    }
}
