use std::path::Path;

use ambit_ingest::read_bytes;
use proptest::prelude::*;

use crate::fixture::{Words, pdf, zipped};

const NAMES: &[&str] = &[
    "a.txt",
    "a.log",
    "a.md",
    "a.html",
    "a.pdf",
    "a.docx",
    "a.pptx",
    "a.xlsx",
    "a.epub",
    "a.ipynb",
    "a.rs",
    "a.py",
    "a.ts",
    "a.tsx",
    "a.js",
    "a.go",
    "a.java",
    "a.c",
    "a.cpp",
    "a.json",
    "a.csv",
    "a",
    "a.unknown",
];

fn holds(name: &str, bytes: &[u8], max: usize) {
    let Ok(extraction) = read_bytes(Path::new(name), bytes, &Words(max)) else { return };
    let lines = u32::try_from(bytes.iter().filter(|byte| **byte == b'\n').count() + 1).unwrap();
    let paged = ["pdf", "docx", "pptx", "xlsx", "epub"].iter().any(|kind| name.ends_with(kind));
    for chunk in &extraction.chunks {
        assert!(chunk.tokens as usize <= max, "{name}: {} tokens of {max}: {chunk:?}", chunk.tokens);
        assert!(!chunk.text.trim().is_empty(), "{name}: an empty passage");
        assert!(1 <= chunk.span.start() && chunk.span.start() <= chunk.span.end(), "{name}: {}", chunk.span);
        assert!(paged || chunk.span.end() <= lines, "{name}: {} of {lines} lines", chunk.span);
    }
    for heading in &extraction.outline.headings {
        assert!(paged || heading.span.end() <= lines, "{name}: heading at {} of {lines} lines", heading.span);
    }
}

fn pieces() -> impl Strategy<Value = String> {
    prop::collection::vec(
        prop::sample::select(vec![
            "# Heading\n",
            "## Sub\n\n",
            "text. ",
            "More words here, and more! ",
            "\n",
            "\r\n",
            "\n\n",
            "- item\n",
            "1. x\n",
            "```\n",
            "| a | b |\n|---|---|\n| c | d |\n",
            "<p>",
            "</p>",
            "<main>",
            "</main>",
            "<pre>",
            "</pre>",
            "<h1 id=x>",
            "</h1>",
            "<h2>",
            "<ul><li>",
            "</ul>",
            "<td>",
            "<tr>",
            "<table>",
            "</table>",
            "<script>",
            "</script>",
            "<div hidden>",
            "</div>",
            "<!--",
            "-->",
            "&amp;",
            "&#10;",
            "<br>",
            "<title>T - S</title>",
            "<a href=#x>",
            "</a>",
            "<nav>",
            "</nav>",
            "---\ntitle: x\n---\n",
            "+++\n",
            "fn f() {\n",
            "}\n",
            "class A:\n",
            "    def b(self):\n",
            "/*",
            "*/",
            "\"",
            "{\"cells\": [",
            "{\"cell_type\": \"markdown\", \"source\": [\"# a\\n\", \"b\"]}",
            "]}",
            ",",
            "{\"cell_type\": \"code\", \"source\": \"x\\ny\"}",
            "所有権。",
            "é",
            "\u{200b}",
            "[x](y)",
            "[^1]",
            "[^1]: note\n",
            "> ",
            "\t",
            "a_very_long_word_without_any_spaces_in_it_at_all",
        ]),
        0..60,
    )
    .prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_under_any_name(bytes in prop::collection::vec(any::<u8>(), 0..600), max in 4_usize..300) {
        for name in NAMES {
            holds(name, &bytes, max);
        }
    }

    #[test]
    fn any_structure_under_any_name(text in pieces(), max in 4_usize..300) {
        for name in NAMES {
            holds(name, text.as_bytes(), max);
        }
    }

    #[test]
    fn broken_archives_and_documents(text in pieces(), at in 0_usize..4000, byte in any::<u8>()) {
        let word = format!("<w:document><w:body><w:p><w:r><w:t>{text}</w:t></w:r></w:p></w:body></w:document>");
        let opf = "<package><manifest><item id='a' href='a.xhtml'/></manifest><spine><itemref idref='a'/></spine></package>";
        let mut files = [
            ("a.docx", zipped(&[("word/document.xml", &word)])),
            ("a.pptx", zipped(&[("ppt/slides/slide1.xml", &format!("<p><a:p><a:t>{text}</a:t></a:p></p>"))])),
            ("a.epub", zipped(&[("META-INF/container.xml", "<rootfile full-path='c.opf'/>"), ("c.opf", opf), ("a.xhtml", &text)])),
            ("a.xlsx", crate::packed::xlsx(&format!("<row r=\"1\"><c r=\"A1\" t=\"str\"><v>{}</v></c></row>", text.replace(['<', '&'], "")))),
            ("a.pdf", pdf(&["BT /F1 12 Tf 72 720 Td (Some text) Tj ET"], "<< >>")),
        ];
        for (name, bytes) in &mut files {
            holds(name, bytes, 254);
            if let Some(broken) = bytes.get_mut(at) {
                *broken = byte;
            }
            // Parsers of strangers' formats may panic on such; that is caught where files are read.
            let outcome = std::panic::catch_unwind(|| holds_or_breaks(name, bytes));
            if *name != "a.pdf" {
                prop_assert!(outcome.is_ok(), "{} panicked", name);
            }
        }
    }
}

fn holds_or_breaks(name: &str, bytes: &[u8]) {
    holds(name, bytes, 254);
}
