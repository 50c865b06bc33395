use std::path::PathBuf;

use ambit_domain::port::{Documents, KeywordQuery};
use ambit_domain::{DocumentKind, PassageFilter, Timestamp};

use crate::harness::{Fixture, chunk, record, wait};

#[test]
fn the_passage_about_the_asked_words_comes_first() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["Ownership moves a value to its new owner.", "Threads share memory."]);
    fixture.write("/notes/b.md", &["A recipe for bread: flour, water, salt."]);
    assert_eq!(fixture.find("What is ownership?"), ["Ownership moves a value to its new owner."]);
    assert_eq!(fixture.find("bread recipes")[0], "A recipe for bread: flour, water, salt.");
    assert!(fixture.find("submarine").is_empty());
    assert!(fixture.find("").is_empty());
}

#[test]
fn english_endings_do_not_matter() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["The borrower is borrowing several variables."]);
    for query in ["borrow", "variable", "borrows", "VARIABLES"] {
        assert_eq!(fixture.find(query).len(), 1, "{query} finds nothing");
    }
}

#[test]
fn stop_words_find_something_only_when_there_is_nothing_else() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["to be or not to be"]);
    fixture.write("/notes/b.md", &["a lighthouse"]);
    assert_eq!(fixture.find("to be or not to be"), ["to be or not to be"]);
    assert_eq!(fixture.find("what is to be the lighthouse"), ["a lighthouse"]);
}

#[test]
fn identifiers_are_found_whole_and_by_their_parts() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.rs", &["let map: HashMap<u8, u8> = std::collections::HashMap::new();"]);
    fixture.write("/notes/b.rs", &["fs::read_to_string(path)"]);
    fixture.write("/notes/c.rs", &["parseHTTPRequest2(x)"]);
    for query in ["HashMap", "hashmap", "hash", "collections", "std::collections"] {
        assert_eq!(fixture.find(query).len(), 1, "{query}");
    }
    for query in ["read_to_string", "readToString", "ReadToString", "string"] {
        assert_eq!(fixture.find(query), ["fs::read_to_string(path)"], "{query}");
    }
    for query in ["http", "request", "parse request"] {
        assert_eq!(fixture.find(query), ["parseHTTPRequest2(x)"], "{query}");
    }
}

#[test]
fn parts_of_words_are_found_but_whole_words_come_first() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["the inventory of the library"]);
    fixture.write("/notes/b.md", &["a vent"]);
    assert_eq!(fixture.find("ventor"), ["the inventory of the library"]);
    assert_eq!(fixture.find("nventori"), ["the inventory of the library"]);
    assert_eq!(fixture.find("vent")[0], "a vent");
    fixture.write("/notes/c.rs", &["tokenizer_config_json = 1"]);
    assert_eq!(fixture.find("izer_conf"), ["tokenizer_config_json = 1"]);
}

#[test]
fn chinese_and_japanese_are_found_by_two_characters_and_by_one() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["Rust的所有权是一个核心概念。"]);
    fixture.write("/notes/b.md", &["借用检查器很严格。"]);
    fixture.write("/notes/c.md", &["東京タワーへ行きました。"]);
    fixture.write("/notes/d.md", &["소유권은 중요합니다."]);
    assert_eq!(fixture.find("所有"), ["Rust的所有权是一个核心概念。"]);
    assert_eq!(fixture.find("概念"), ["Rust的所有权是一个核心概念。"]);
    assert_eq!(fixture.find("所有权是什么")[0], "Rust的所有权是一个核心概念。");
    assert_eq!(fixture.find("念"), ["Rust的所有权是一个核心概念。"]);
    assert_eq!(fixture.find("借"), ["借用检查器很严格。"]);
    assert_eq!(fixture.find("タワー"), ["東京タワーへ行きました。"]);
    assert_eq!(fixture.find("ﾀﾜｰ"), ["東京タワーへ行きました。"], "half-width kana are the same letters");
    assert_eq!(fixture.find("소유"), ["소유권은 중요합니다."]);
    // The same word as macOS writes it in file names: letters apart.
    assert_eq!(fixture.find("\u{1109}\u{1169}\u{110b}\u{1172}"), ["소유권은 중요합니다."]);
}

#[test]
fn diacritics_and_case_do_not_matter() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["Das Café in der Straße, Łódź und Ångström"]);
    fixture.write("/notes/b.md", &["Ο Σίσυφος"]);
    for query in ["cafe", "CAFÉ", "cafe\u{301}", "strasse", "STRASSE", "lodz", "angstrom", "ÅNGSTRÖM"] {
        assert_eq!(fixture.find(query).len(), 1, "{query}");
    }
    assert_eq!(fixture.find("σισυφοσ"), ["Ο Σίσυφος"]);
}

#[test]
fn apostrophes_join_words() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["The compiler’s message isn't clear: 'quoted'"]);
    assert_eq!(fixture.find("compiler").len(), 1);
    assert_eq!(fixture.find("quoted").len(), 1);
    assert_eq!(fixture.find("compiler's message").len(), 1);
}

#[test]
fn headings_count_more_than_text_and_titles_and_file_names_are_found() {
    let fixture = Fixture::new();
    let mut heading = record(fixture.root, "/notes/one.md", &[]);
    heading.extraction.chunks = vec![chunk("It is set with a flag on the line.", &["Linker", "Options"], 1)];
    let mut text = record(fixture.root, "/notes/two.md", &[]);
    text.hash = "two".to_owned();
    text.extraction.chunks = vec![chunk("The linker is named in passing, as is much else.", &[], 1)];
    let mut named = record(fixture.root, "/notes/budget/Quarterly-Report.md", &["Nothing to see."]);
    named.extraction.title = Some("Zanzibar".to_owned());
    wait(fixture.store.write(vec![text, heading, named])).unwrap();
    assert_eq!(fixture.find("linker")[0], "It is set with a flag on the line.");
    assert_eq!(fixture.find("linker").len(), 2);
    for query in ["quarterly report", "budget", "zanzibar"] {
        assert_eq!(fixture.find(query), ["Nothing to see."], "{query}");
    }
}

#[test]
fn filters_hold() {
    let fixture = Fixture::new();
    let mut code = record(fixture.root, "/notes/src/main.rs", &["fn lantern() {}"]);
    code.extraction.kind = DocumentKind::Code;
    code.extraction.language = Some("rust".to_owned());
    code.modified = Timestamp(5_000);
    let page = record(fixture.root, "/notes/src.md", &["the lantern"]);
    wait(fixture.store.write(vec![code, page])).unwrap();
    let paths = |path: &str| PassageFilter { paths: vec![PathBuf::from(path)], ..PassageFilter::default() };
    assert_eq!(fixture.find("lantern").len(), 2);
    assert_eq!(fixture.find_in("lantern", paths("/notes/src")), ["fn lantern() {}"]);
    assert_eq!(fixture.find_in("lantern", paths("/notes/src.md")), ["the lantern"]);
    assert_eq!(fixture.find_in("lantern", paths("/notes")).len(), 2);
    assert_eq!(fixture.find_in("lantern", paths("/")).len(), 2);
    assert!(fixture.find_in("lantern", paths("/note")).is_empty());
    let found = wait(fixture.store.document_at(std::path::Path::new("/notes/src.md"))).unwrap().unwrap();
    let without = PassageFilter { without: vec![found.id], ..PassageFilter::default() };
    assert_eq!(fixture.find_in("lantern", without), ["fn lantern() {}"]);
    assert!(fixture.find_in("lantern", PassageFilter { without: vec![found.id], ..paths("/notes/src.md") }).is_empty());
    let filter = PassageFilter { kinds: vec![DocumentKind::Code], ..PassageFilter::default() };
    assert_eq!(fixture.find_in("lantern", filter), ["fn lantern() {}"]);
    let filter = PassageFilter { languages: vec!["en".to_owned(), "de".to_owned()], ..PassageFilter::default() };
    assert_eq!(fixture.find_in("lantern", filter), ["the lantern"]);
    let filter = PassageFilter { modified_before: Some(Timestamp(5_001)), ..PassageFilter::default() };
    assert_eq!(fixture.find_in("lantern", filter), ["fn lantern() {}"]);
    let filter = PassageFilter { modified_after: Some(Timestamp(5_001)), ..PassageFilter::default() };
    assert_eq!(fixture.find_in("lantern", filter), ["the lantern"]);
}

#[test]
fn a_narrow_filter_finds_what_thousands_of_better_passages_hide() {
    let fixture = Fixture::new();
    let mut records: Vec<_> = (0..3_000)
        .map(|number| record(fixture.root, &format!("/notes/many/{number}.md"), &["signal signal signal"]))
        .collect();
    records.push(record(fixture.root, "/notes/few/one.md", &["a weak signal in a long text about something else"]));
    wait(fixture.store.write(records)).unwrap();
    let filter = PassageFilter { paths: vec![PathBuf::from("/notes/few")], ..PassageFilter::default() };
    assert_eq!(fixture.find_in("signal", filter), ["a weak signal in a long text about something else"]);
}

#[test]
fn no_text_makes_a_search_fail() {
    let fixture = Fixture::new();
    fixture.write("/notes/a.md", &["a plain sentence about rockets", "SELECT NEAR AND OR NOT"]);
    let long = "rocket ".repeat(1_143);
    let unbroken = "x".repeat(8_000);
    let mixed = "aB3_".repeat(2_000);
    let ideographs = "所".repeat(2_666);
    for text in [
        "\"",
        "\"\"\"",
        "'",
        "a\" OR \"b",
        "NEAR(rockets, 3)",
        "rock*",
        "*",
        "-rockets",
        "NOT",
        "AND",
        "OR",
        "^a : b",
        "{a} : rockets",
        "(",
        ")",
        "a AND",
        "\0",
        "rock\0ets",
        "🚀",
        "👩‍👩‍👧‍👦",
        "\u{202e}abc",
        "\u{feff}",
        "\u{301}",
        "½ ⑴ ㎏ ﬁ",
        "%_%",
        "\\",
        ";--",
        "_",
        "__",
        "'s",
        "’",
        "a'b",
        long.as_str(),
        unbroken.as_str(),
        mixed.as_str(),
        ideographs.as_str(),
    ] {
        for limit in [0, 1, 10, usize::MAX] {
            let query = KeywordQuery { text: text.to_owned(), limit, filter: PassageFilter::default() };
            let hits = wait(fixture.store.search(query)).unwrap_or_else(|error| panic!("{text:?}: {error}"));
            assert!(hits.len() <= limit);
        }
    }
    assert_eq!(fixture.find(&long).len(), 1);
    assert_eq!(fixture.find("NEAR(rockets, 3)").len(), 2);
}

#[test]
fn a_passage_is_found_by_each_of_its_words() {
    let fixture = Fixture::new();
    let text = "The quick brown foxes jumped over 42 lazy dogs near Zürich, while naïve résumé_writers used utf8.";
    fixture.write("/notes/a.md", &[text]);
    for word in
        text.split(|character: char| !character.is_alphanumeric() && character != '_').filter(|word| !word.is_empty())
    {
        assert_eq!(fixture.find(word), [text], "{word} is in the passage and finds nothing");
    }
}
