use insta::assert_snapshot;

use crate::fixture::{read, refusal, show};

#[test]
fn plain_text_keeps_its_paragraphs_and_lines() {
    assert_snapshot!(show(&read("notes.txt", b"First line\nsecond line.\n\n\nAnother paragraph.\n")), @r"
text - title=None
[1-5]  (8)
    First line
    second line.
    
    Another paragraph.
");
    assert_snapshot!(show(&read("README", b"No extension, still text.\n")), @r"
text - title=None
[1]  (6)
    No extension, still text.
");
    assert_snapshot!(show(&read("empty.txt", b"")), @r"text - title=None");
}

#[test]
fn a_long_paragraph_is_cut_at_sentences() {
    let sentence = "This sentence has exactly nine words in it, really. ";
    let extraction = read("long.txt", sentence.repeat(80).as_bytes());
    assert!(extraction.chunks.len() >= 4, "{}", extraction.chunks.len());
    for chunk in &extraction.chunks {
        assert!(chunk.tokens <= 254);
        assert!(
            chunk.text.starts_with("This") && chunk.text.ends_with("really."),
            "cut inside a sentence: {}",
            chunk.text
        );
    }
    // Parts of similar length, not full ones and a rest.
    let shortest = extraction.chunks.iter().map(|chunk| chunk.tokens).min().unwrap();
    assert!(shortest > 150, "a rest of {shortest} tokens was left");
}

#[test]
fn markdown() {
    assert_snapshot!(show(&read("guide.md", br#"---
title: The Guide
authors: [Ada Lovelace <ada@example.org>, "Grace"]
tags:
  - trees
  - graphs
date: 2026-11-20
---

Before any heading.

# Growing *trees*

Trees grow in [forests](./forest.md#deep). They
need `light` and water, and much more of both than one would think at first sight of them.

## Oak & Beech

- An oak:
  - is hard
- A beech

1. first
2. second

```rust
fn grow() {
    tall();
}
```

| tree | height |
|------|--------|
| oak  | 40 m   |

## Oak & Beech

<details><summary>More</summary>Hidden text</details>

> Quoted words.

### Custom {#own-id}

End.
"#)), @r#"
markdown - title=Some("The Guide")
[10] The Guide (6)
    Before any heading.
[12-44] The Guide > Growing trees #growing-trees (79)
    Trees grow in forests. They need light and water, and much more of both than one would think at first sight of them.
    
    Oak & Beech
    
    - An oak:
      - is hard
    - A beech
    
    1. first
    2. second
    
    fn grow() {
        tall();
    }
    
    tree | height
    oak | 40 m
    
    Oak & Beech
    
    More Hidden text
    
    Quoted words.
    
    Custom
    
    End.
h1 Growing trees Some("growing-trees") [12]
h2 Oak & Beech Some("oak--beech") [17]
h2 Oak & Beech Some("oak--beech-1") [36]
h3 Custom Some("own-id") [42]
link forests -> ./forest.md#deep
person Ada Lovelace Some("ada@example.org") Some(1795132800000)
person Grace None Some(1795132800000)
tags trees, graphs
"#);
}

#[test]
fn things_that_a_saved_page_describes_are_read_from_its_front_matter() {
    let lamp = r#"{"kind":"Product","name":"Lamp - \"red\"","properties":[["price","9 €"]]}"#;
    let page = format!("---\ntitle: \"Shop\"\nthings:\n  - {lamp}\n  - no thing\ntags: [a]\n---\n\nText.\n");
    let outline = read("page.md", page.as_bytes()).outline;
    let [thing] = outline.things.as_slice() else { panic!("{:?}", outline.things) };
    assert_eq!((thing.kind.as_str(), thing.name.as_str()), ("Product", "Lamp - \"red\""));
    assert_eq!(thing.properties, [("price".to_owned(), "9 €".to_owned())]);
    assert_eq!(outline.tags, ["a"]);
}

#[test]
fn markdown_with_toml_front_matter() {
    assert_snapshot!(show(&read("post.md", b"+++\ntitle = \"A post\"\ndate = 2026-01-02\n[taxonomies]\ntags = [\"x\", \"y\"]\n[extra]\nauthor = \"Ada\"\n+++\nText.\n")), @r#"
markdown - title=Some("A post")
[9] A post (4)
    Text.
person Ada None Some(1767312000000)
tags x, y
"#);
    assert_snapshot!(show(&read("broken.md", b"+++\ntitle = \n+++\nText.\n")), @r"
markdown - title=None
[4]  (2)
    Text.
warning the front matter is no valid TOML: string values must be quoted, expected literal string
");
}

#[test]
fn html_prefers_the_main_part() {
    assert_snapshot!(show(&read("page.html", br##"<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8">
<title>What is Ownership? - The Book</title>
<meta name="author" content="Ada Lovelace"><meta name="keywords" content="rust, memory">
<style>p { color: red }</style><script>var text = "<main>not here</main>";</script>
</head>
<body><nav><a href="/">Home</a> Navigation</nav>
<header>The Book</header>
<main>
<h1 id="what-is-ownership"><a class="header" href="#what-is-ownership">What Is Ownership?</a></h1>
<p>Ownership is a set of <em>rules</em> that
govern &amp; manage memory<a href="ch02.html#rules">, see
there</a>.</p>
<svg><text>drawn</text></svg>
<section class="note"><h2 id="stack">The Stack</h2>
<p>Fast.</p></section>
<h2><a id="moves"></a>Moves</h2>
<p>For example:</p>
<pre><code class="language-rust"><span class="boring">fn main() {
</span>    let s = String::from("hello");

    drop(s);
<span class="boring">}</span></code></pre>
<ul><li>one</li><li><p>two</p><ol><li>nested</li></ol></li></ul>
<table><tr><th>Name</th><th>Size</th></tr><tr><td><p>i32</p></td><td>4<br>bytes</td></tr></table>
<p hidden>kept, paragraphs end anywhere</p><div hidden>Not seen</div>
<img src="x.png" alt="A crab">
</main>
<footer>Imprint</footer></body></html>
"##)), @r#"
html en title=Some("What Is Ownership?")
[10-27] What Is Ownership? #what-is-ownership (65)
    Ownership is a set of rules that govern & manage memory, see there.
    
    The Stack
    
    Fast.
    
    Moves
    
    For example:
    
        let s = String::from("hello");
    
        drop(s);
    
    - one
    - two
    - nested
    
    Name | Size
    i32 | 4 bytes
    
    kept, paragraphs end anywhere
    
    A crab
h1 What Is Ownership? Some("what-is-ownership") [10]
h2 The Stack Some("stack") [15]
h2 Moves Some("moves") [17]
link , see there -> ch02.html#rules
person Ada Lovelace None None
tags rust, memory
"#);
}

#[test]
fn html_without_a_main_part_loses_nothing_but_navigation() {
    assert_snapshot!(show(&read("old.html", b"<title>Old page</title><body><nav>menu</nav><h1>Title<h2>Sub</h2>text one<p>text two<footer>written by hand</footer>")), @r#"
html - title=Some("Old page")
[1] Old page > Title > Sub (13)
    text one
    
    text two
    
    written by hand
h1 Title None [1]
h2 Sub None [1]
"#);
    assert_snapshot!(show(&read("empty-main.html", b"<title>App</title><main><script>x</script></main><div>shown elsewhere</div>")), @r#"
html - title=Some("App")
[1] App (3)
    shown elsewhere
"#);
}

#[test]
fn html_lines_are_those_of_the_file() {
    let html = "<html>\r\n<body>\r\n<p>one\r\ntwo</p>\r\n<!-- \r\n -->\r\n<h2>Late</h2>\r\n<p>three &lt;\r\n\r\nfour</p></body></html>";
    assert_snapshot!(show(&read("lines.html", html.as_bytes())), @r"
html - title=None
[3-4]  (2)
    one two
[7-10] Late (4)
    three < four
h2 Late None [7]
");
}

#[test]
fn line_breaks_that_are_not_the_files_do_not_count() {
    let spans = |html: &str| {
        let chunks = read("breaks.html", html.as_bytes()).chunks;
        chunks.iter().map(|chunk| chunk.span.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(spans("<p>one&#10;two&#10;three</p>"), "1");
    assert_eq!(spans("<p>one\rtwo\rthree</p>"), "1");
    assert_eq!(spans("<pre>one&#10;&#10;two</pre>\n<h1>late</h1>\n<pre>a\nb&#10;c</pre>"), "1 2-4");
}

#[test]
fn source_code() {
    let body = "    let value = compute(1, 2, 3);\n".repeat(12);
    let code = format!(
        "//! Module.\nuse std::fmt;\n\n/// Adds.\npub fn add(a: u8) -> u8 {{\n{body}    a\n}}\n\nstruct Map;\n\nimpl Map {{\n    fn one(&self) {{}}\n\n    fn two(&self) {{}}\n}}\n"
    );
    assert_snapshot!(show(&read("lib.rs", code.as_bytes())), @r#"
code rust title=None
[1-2]  (11)
    //! Module.
    use std::fmt;
[4-19] add (164)
    /// Adds.
    pub fn add(a: u8) -> u8 {
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        let value = compute(1, 2, 3);
        a
    }
[21-27] Map (24)
    struct Map;
    
    impl Map {
        fn one(&self) {}
    
        fn two(&self) {}
    }
symbol add [] [5-19]
symbol Map [] [21]
symbol one ["Map"] [24]
symbol two ["Map"] [26]
"#);
}

#[test]
fn a_long_function_is_cut_between_statements() {
    let mut code = "fn long() {\n".to_owned();
    for number in 0..60 {
        code.push_str(&format!(
            "    if check({number}) {{\n        call_something(\n            {number},\n        );\n    }}\n"
        ));
    }
    code.push_str("}\n");
    let extraction = read("long.rs", code.as_bytes());
    assert!(extraction.chunks.len() > 3);
    for chunk in extraction.chunks.iter().skip(1) {
        assert!(chunk.text.starts_with("    if check("), "cut inside of a statement:\n{}", chunk.text);
        assert_eq!(chunk.breadcrumb, ["long"]);
    }
}

#[test]
fn notebook() {
    assert_snapshot!(show(&read("study.ipynb", br###"{
 "cells": [
  {
   "cell_type": "markdown",
   "metadata": {"source": "not this"},
   "source": [
    "# Study\n",
    "\n",
    "About \"trees\"."
   ]
  },
  {
   "cell_type": "code",
   "outputs": [{"text": ["no\n"]}],
   "source": [
    "import math\n",
    "def grow(x):\n",
    "    return math.sqrt(x)"
   ]
  },
  {"cell_type": "markdown", "source": "## End\nDone."}
 ],
 "metadata": {"language_info": {"name": "python"}},
 "nbformat": 4
}
"###)), @r#"
notebook python title=Some("Study")
[7-21] Study #study (24)
    About "trees".
    
    import math
    def grow(x):
        return math.sqrt(x)
    
    End
    
    Done.
h1 Study Some("study") [7]
h2 End Some("end") [21]
symbol grow [] [17-18]
"#);
    assert_snapshot!(refusal("broken.ipynb", b"{\"cells\": ["), @r"failed: is damaged: it is no valid JSON: EOF while parsing a list at line 1 column 11");
    assert_snapshot!(refusal("old.ipynb", b"{\"worksheets\": []}"), @r"failed: is damaged: it has no cells; notebooks before version 4 are not read");
}

#[test]
fn data_is_cut_between_lines() {
    let csv: String = (0..200).map(|row| format!("{row},name {row},value {row}\n")).collect();
    let extraction = read("table.csv", csv.as_bytes());
    assert!(extraction.chunks.len() > 2);
    assert!(extraction.chunks.iter().all(|chunk| chunk.text.lines().all(|line| line.split(',').count() == 3)));
    assert_eq!(extraction.chunks.last().unwrap().span.end(), 200);
    let next: Vec<u32> = extraction.chunks.iter().skip(1).map(|chunk| chunk.span.start()).collect();
    let last: Vec<u32> = extraction.chunks.iter().map(|chunk| chunk.span.end() + 1).collect();
    assert_eq!(next, last[..next.len()], "lines were lost or repeated");
}

#[test]
fn tiny_sections_share_a_passage_but_chapters_do_not() {
    let text = "# One\n\nIntro.\n\n## A\n\nShort.\n\n## B\n\nShort too.\n\n# Two\n\nOther.\n";
    assert_snapshot!(show(&read("sections.md", text.as_bytes())), @r#"
markdown - title=None
[1-11] One #one (10)
    Intro.
    
    A
    
    Short.
    
    B
    
    Short too.
[13-15] Two #two (3)
    Other.
h1 One Some("one") [1]
h2 A Some("a") [5]
h2 B Some("b") [9]
h1 Two Some("two") [13]
"#);
}

#[test]
fn text_in_any_encoding_is_read() {
    let text = |bytes: &[u8]| read("a.txt", bytes).chunks.first().map(|chunk| chunk.text.clone()).unwrap_or_default();
    let german = "Bäume wachsen über Straßen, schön und größer als früher.";
    let (latin, _, _) = encoding_rs::WINDOWS_1252.encode(german);
    assert_eq!(text(&latin), german);
    let mut utf16: Vec<u8> = vec![0xff, 0xfe];
    utf16.extend(german.encode_utf16().flat_map(u16::to_le_bytes));
    assert_eq!(text(&utf16), german);
    let big: Vec<u8> = "plain western text".encode_utf16().flat_map(u16::to_be_bytes).collect();
    assert_eq!(text(&big), "plain western text");
    let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("所有権はプログラムのメモリ管理を規定する規則です。");
    assert_eq!(text(&japanese), "所有権はプログラムのメモリ管理を規定する規則です。");
    assert_eq!(text(b"\xef\xbb\xbfmarked"), "marked");
    let mut damaged = german.as_bytes().to_vec();
    damaged.extend(b" one bad byte: \xff.");
    assert_eq!(text(&damaged), format!("{german} one bad byte: \u{fffd}."));
}

#[test]
fn a_deep_breadcrumb_leaves_room_for_text() {
    let words = "very long heading ".repeat(40);
    let text = format!("# {words}\n\n## {words}\n\n### {words}\n\n{}", "Some words here. ".repeat(100));
    for chunk in read("deep.md", text.as_bytes()).chunks {
        assert!(chunk.tokens <= 254, "{} tokens", chunk.tokens);
        assert!(!chunk.text.is_empty());
    }
}
