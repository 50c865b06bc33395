use xtask::questions::{parse, plain};

const SETS: [&str; 2] = [
    include_str!("../../questions/rust-book-held-out.jsonl"),
    include_str!("../../questions/rust-book-development.jsonl"),
];

#[test]
fn each_committed_set_is_as_large_as_promised() {
    for set in SETS {
        check_size(set);
    }
}

fn check_size(set: &str) {
    let questions = parse(set).unwrap();
    let answerable = questions.iter().filter(|question| !question.gold.is_empty()).count();
    assert!(answerable >= 66, "only {answerable} questions have an answer");
    assert!(questions.len() - answerable >= 10, "too few questions without an answer");
    let other_words = questions.iter().filter(|question| question.id.contains("other-words")).count();
    assert!(other_words * 3 >= answerable, "only {other_words} of {answerable} are asked in other words");
}

#[test]
fn every_gold_phrase_stands_in_its_page() {
    let Ok(documentation) = xtask::place::rust_documentation() else {
        // A toolchain without the documentation component has nothing to compare with.
        return;
    };
    let mut texts = std::collections::HashMap::new();
    for question in SETS.into_iter().flat_map(|set| parse(set).unwrap()) {
        for gold in &question.gold {
            let text = texts.entry(gold.path.clone()).or_insert_with(|| {
                let html = std::fs::read_to_string(documentation.join(&gold.path))
                    .unwrap_or_else(|error| panic!("{}: {error}", gold.path));
                plain(&without_tags(&html))
            });
            assert!(text.contains(&plain(&gold.phrase)), "{}: not in {}: {}", question.id, gold.path, gold.phrase);
        }
    }
}

/// The visible text of a page that mdBook made, near enough to look for phrases.
fn without_tags(html: &str) -> String {
    let mut text = String::with_capacity(html.len());
    for piece in html.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, after)| after));
    }
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&#39;", "'").replace("&amp;", "&")
}

#[test]
fn hits_and_strict_hits_differ() {
    let line = r#"{"id":"a","question":"Why?","gold":[{"path":"x/a.html","phrase":"Because it  IS so"},{"path":"x/b.html","phrase":"other"},{"path":"x/a.html","phrase":"third"}]}"#;
    let question = &parse(line).unwrap()[0];
    assert_eq!(question.pages(), ["x/a.html", "x/b.html"]);
    assert_eq!(question.page_of("x/b.html"), Some(1));
    assert_eq!(question.page_of("x/c.html"), None);
    assert!(question.strictly_answered_by("x/a.html", "They said:\nbecause\tit is so."));
    assert!(!question.strictly_answered_by("x/b.html", "because it is so"), "the phrase belongs to another page");
    assert!(!question.strictly_answered_by("x/a.html", "nothing"));
}

#[test]
fn a_broken_set_is_refused_with_its_line() {
    for (text, expected) in [
        ("{\"id\":\"a\",\"question\":\"x\",\"gold\":[]}\nnonsense", "line 2"),
        ("{\"id\":\"a\",\"question\":\"x\",\"gold\":[]}\n{\"id\":\"a\",\"question\":\"y\",\"gold\":[]}", "comes twice"),
        ("{\"id\":\"a\",\"question\":\"x\",\"gold\":[{\"path\":\"p\",\"phrase\":\" \"}]}", "without path or phrase"),
        ("\n\n", "no question"),
    ] {
        let message = format!("{:#}", parse(text).unwrap_err());
        assert!(message.contains(expected), "expected `{expected}` in: {message}");
    }
}
