use std::collections::HashSet;
use std::ops::Range;

use crate::lexer::{is_word, tokens};

/// What a piece of context is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PieceKind {
    /// A passage that is about the same.
    Passage,
    /// Of a document that is open as well, or beside this one.
    Open,
    /// Where a name is defined that stands near the place.
    Definition,
    /// Of a page that was read just before.
    Page,
    /// What was edited just before.
    Edit,
    /// What a command said that failed just before.
    Command,
    /// What a compiler complains of near the place.
    Diagnostic,
}

/// Something that a model may be shown beside a document.
#[derive(Debug, Clone, PartialEq)]
pub struct Piece {
    /// What it is.
    pub kind: PieceKind,
    /// Where it is from, for the model.
    pub source: String,
    /// Its text.
    pub text: String,
    /// How much it is worth among those of its kind, 0 to 1.
    pub value: f32,
}

impl Piece {
    /// What it is worth for each byte that it takes; what kinds are worth was weighed by hand.
    fn worth(&self) -> f32 {
        let kind = match self.kind {
            PieceKind::Diagnostic => 4.0,
            PieceKind::Definition => 2.0,
            PieceKind::Command => 2.0,
            PieceKind::Edit => 1.6,
            PieceKind::Page => 1.2,
            PieceKind::Open => 1.0,
            PieceKind::Passage => 0.6,
        };
        // A long text is worth more than a short one, but not as much more as it is longer.
        kind * self.value / (1.0 + self.text.len() as f32 / 600.0)
    }
}

/// Context as a comment, the most valuable last and so next to the code; at most so many bytes of it. The pieces that are in it
/// come along by their number.
///
/// The same pieces give the same text, in whichever order they come, so that a model that has read it need not do so again.
#[must_use]
pub fn pack(pieces: &[Piece], mark: &str, bytes: usize) -> (String, Vec<usize>) {
    let mut order: Vec<usize> = (0..pieces.len()).collect();
    order.sort_by(|&a, &b| {
        let (a, b) = (&pieces[a], &pieces[b]);
        b.worth().total_cmp(&a.worth()).then_with(|| (&a.source, &a.text).cmp(&(&b.source, &b.text)))
    });
    let mut chosen: Vec<(usize, String)> = Vec::new();
    let mut left = bytes;
    for number in order {
        let piece = &pieces[number];
        let bare = piece.text.trim_matches('\n');
        let is_known = chosen.iter().any(|(other, _)| pieces[*other].text.contains(bare));
        if bare.trim().is_empty() || is_known {
            continue;
        }
        let text = commented(piece, mark);
        if text.len() > left {
            continue;
        }
        left -= text.len();
        chosen.push((number, text));
    }
    let text = chosen.iter().rev().map(|(_, text)| text.as_str()).collect();
    (text, chosen.into_iter().map(|(number, _)| number).collect())
}

fn commented(piece: &Piece, mark: &str) -> String {
    let mut text = format!("{mark} {}\n", piece.source);
    for line in piece.text.trim_matches('\n').lines() {
        text.push_str(mark);
        if !line.trim().is_empty() {
            text.push(' ');
            text.push_str(line.trim_end());
        }
        text.push('\n');
    }
    text
}

/// What begins a comment that goes to the end of its line, by what editors call the language.
#[must_use]
pub fn comment_mark(language: &str) -> &'static str {
    match language {
        "python" | "ruby" | "shellscript" | "sh" | "bash" | "zsh" | "fish" | "perl" | "r" | "elixir" | "yaml"
        | "toml" | "make" | "makefile" | "dockerfile" | "julia" | "nim" | "nix" | "powershell" | "coffeescript" => "#",
        "lua" | "haskell" | "sql" | "elm" | "ada" | "vhdl" => "--",
        "lisp" | "commonlisp" | "emacs-lisp" | "elisp" | "scheme" | "clojure" | "racket" | "asm" | "ini" => ";;",
        "latex" | "tex" | "erlang" | "matlab" | "prolog" => "%",
        _ => "//",
    }
}

/// As many lines before a place are in sight, and as many names in them.
const SIGHT: usize = 15;
const NAMES: usize = 12;

/// The names that stand before a place, the nearest first.
#[must_use]
pub fn names_in_sight(text: &str, offset: usize) -> Vec<&str> {
    let before = &text[..offset];
    let from = before.rmatch_indices('\n').nth(SIGHT).map_or(0, |(at, _)| at + 1);
    let mut found: Vec<&str> = Vec::new();
    let names: Vec<&str> = tokens(&before[from..]).map(|token| token.text).filter(|word| is_name(word)).collect();
    for name in names.into_iter().rev() {
        if !found.contains(&name) {
            found.push(name);
        }
        if found.len() == NAMES {
            break;
        }
    }
    found
}

fn is_name(word: &str) -> bool {
    word.len() > 2 && word.starts_with(|first: char| is_word(first) && !first.is_numeric())
}

/// Lines that are compared at once.
const WINDOW: usize = 30;
/// More of a text is not looked at, in bytes.
const MOST_COMPARED: usize = 60_000;

/// The part of a text that is most like another one by the words of both (Jaccard's index), and how like they are, 0 to 1. None
/// where they have nothing in common.
#[must_use]
pub fn similar(like: &str, text: &str) -> Option<(Range<usize>, f32)> {
    let text = &text[..text.floor_char_boundary(MOST_COMPARED.min(text.len()))];
    let wanted = words(like);
    let mut starts: Vec<usize> =
        std::iter::once(0).chain(memchr::memchr_iter(b'\n', text.as_bytes()).map(|at| at + 1)).collect();
    if starts.last() == Some(&text.len()) {
        starts.pop();
    }
    let mut best: Option<(Range<usize>, f32)> = None;
    for first in (0..starts.len()).step_by(WINDOW / 3) {
        let range = starts[first]..starts.get(first + WINDOW).copied().unwrap_or(text.len());
        let found = words(&text[range.clone()]);
        let common = found.intersection(&wanted).count();
        let all = found.len() + wanted.len() - common;
        let likeness = common as f32 / all.max(1) as f32;
        if common > 0 && best.as_ref().is_none_or(|(_, known)| *known < likeness) {
            best = Some((range, likeness));
        }
        if first + WINDOW >= starts.len() {
            break;
        }
    }
    best
}

/// The words of a text that tell what it is about.
fn words(text: &str) -> HashSet<&str, foldhash::fast::FixedState> {
    let words = tokens(text).map(|token| token.text);
    words
        .filter(|word| word.len() > 2 && word.starts_with(|first: char| is_word(first) && !first.is_numeric()))
        .collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn piece(kind: PieceKind, source: &str, text: &str, value: f32) -> Piece {
        Piece { kind, source: source.to_owned(), text: text.to_owned(), value }
    }

    #[test]
    fn what_is_worth_most_stands_next_to_the_code_and_the_rest_has_no_room() {
        let pieces = [
            piece(PieceKind::Open, "a.rs", "fn a() {}\n\nfn b() {}\n", 0.4),
            piece(PieceKind::Definition, "b.rs:3", "struct B;", 1.0),
            piece(PieceKind::Passage, "c.md", &"much text\n".repeat(40), 0.9),
        ];
        let (text, used) = pack(&pieces, "//", 120);
        assert_eq!(text, "// a.rs\n// fn a() {}\n//\n// fn b() {}\n// b.rs:3\n// struct B;\n");
        assert_eq!(used, [1, 0]);
        let reversed: Vec<Piece> = pieces.iter().rev().cloned().collect();
        assert_eq!(pack(&reversed, "//", 120).0, text, "the order that they come in does not matter");
        assert_eq!(pack(&pieces, "#", 0), (String::new(), Vec::new()));
    }

    #[test]
    fn nothing_is_told_twice_and_nothing_empty() {
        let pieces = [
            piece(PieceKind::Definition, "a.rs", "struct A;", 1.0),
            piece(PieceKind::Edit, "a.rs", "struct A;\n", 0.5),
            piece(PieceKind::Edit, "b.rs", " \n", 1.0),
        ];
        assert_eq!(pack(&pieces, "//", 999).1, [0]);
    }

    #[test]
    fn the_part_that_has_the_same_words_is_found() {
        let other = "fn nothing() { todo }\n".repeat(60);
        let wanted = "fn area(shape: &Shape) -> f64 { shape.width() * shape.height() }\n";
        let text = format!("{other}{}{other}", wanted.repeat(5));
        let (range, likeness) = similar("let total = shape.width() + shape.height();", &text).unwrap();
        assert!(text[range].contains("shape.width()") && likeness > 0.1);
        assert_eq!(similar("alpha beta", "gamma delta"), None);
        assert_eq!(similar("alpha", ""), None);
    }

    #[test]
    fn the_nearest_names_come_first() {
        let text = "far\n".to_owned() + &"\n".repeat(SIGHT) + "let one = two(three, 42);\nlet four = one";
        assert_eq!(names_in_sight(&text, text.len()), ["one", "four", "let", "three", "two"]);
        assert!(names_in_sight(&text, 0).is_empty());
    }

    #[test]
    fn comments_are_those_of_the_language() {
        assert_eq!(["rust", "python", "lua", "unheard-of"].map(comment_mark), ["//", "#", "--", "//"]);
    }
}
