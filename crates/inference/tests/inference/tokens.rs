use ambit_domain::port::TokenCounter;
use ambit_inference::WordPieceCounter;
use proptest::prelude::*;
use std::sync::OnceLock;
use tokenizers::Tokenizer;

use crate::model;

fn counter() -> &'static WordPieceCounter {
    static COUNTER: OnceLock<WordPieceCounter> = OnceLock::new();
    COUNTER.get_or_init(|| WordPieceCounter::open(&model::folder()).unwrap())
}

/// Tokens as the tokenizer itself counts them.
fn exact(text: &str) -> usize {
    static TOKENIZER: OnceLock<Tokenizer> = OnceLock::new();
    let tokenizer = TOKENIZER.get_or_init(|| {
        let mut tokenizer = Tokenizer::from_file(model::folder().join("tokenizer.json")).unwrap();
        tokenizer.with_padding(None);
        tokenizer.with_truncation(None).unwrap();
        tokenizer
    });
    tokenizer.encode(text, false).unwrap().len()
}

#[test]
fn counts_of_real_texts_are_the_tokenizers() {
    assert_eq!(counter().max_tokens(), 254);
    let texts: Vec<String> = model::expected().into_iter().map(|expected| expected.text).collect();
    for text in texts.iter().chain(&texts) {
        assert_eq!(counter().count(text), exact(text), "{text:?}");
    }
    let everything = texts.join("\n");
    assert_eq!(counter().count(&everything), exact(&everything));
}

#[test]
fn counts_of_crafted_texts_are_the_tokenizers() {
    for text in [
        "",
        "[CLS]",
        "[CLS][SEP]x[MASK]y [ PAD] [UNK",
        "a[SEP]b",
        "[[CLS]]",
        "[cls]",
        "cafe\u{301}s",
        "\u{301}leading mark",
        "=\u{338} \u{2260}",
        "\u{37e}\u{387}\u{1fef}",
        "a\u{0}b\u{7f}c\u{85}d\u{b}e\u{c}f",
        "soft\u{ad}hyphen zero\u{200b}width \u{feff}mark",
        "\u{a0}non\u{2003}breaking\u{3000}wide\u{2028}line",
        "\u{f900}\u{2f800}\u{20000}汉字kanji汉",
        "国\u{301}\u{302}",
        "“quotes” — dashes… «guillemets» ‘single’",
        "İSTANBUL ẞ ﬁ Å",
        "한국어 조선말",
        "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}",
        "\u{fffd}\u{e000}\u{10ffff}",
    ] {
        assert_eq!(counter().count(text), exact(text), "{text:?}");
    }
    for length in [99, 100, 101, 102, 5000] {
        for word in ["a", "ä", "7", "a\u{301}", "\u{ad}a", "xqzj"] {
            let text = word.repeat(length);
            assert_eq!(counter().count(&text), exact(&text), "{word:?} {length} times");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(400) })]

    #[test]
    fn counts_of_any_text_are_the_tokenizers(text in "\\PC{0,60}|[a-zA-Z \\[\\]CLSEP.,'\u{301}é漢\u{200b}\u{a0}\u{0}-\u{20}]{0,60}|(.|\\s){0,40}") {
        prop_assert_eq!(counter().count(&text), exact(&text));
    }
}

#[test]
fn counting_goes_on_from_several_threads_at_once() {
    let text: String = model::expected().into_iter().map(|expected| expected.text + "\n").collect();
    let expected = exact(&text);
    let counter = WordPieceCounter::open(&model::folder()).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..5 {
                    assert_eq!(counter.count(&text), expected);
                }
            });
        }
    });
}
