//! Answers without a language model: the best passages, quoted.

use std::collections::BTreeSet;
use std::ops::Range;

use ambit_domain::{DocumentKind, RankedPassage};

/// Passages at most.
const PASSAGES: usize = 4;
/// A passage is quoted when it is worth at least this share of the best.
const WORTH: f32 = 0.6;
/// Bytes of a quotation, about.
const QUOTE_BYTES: usize = 500;
/// A text that is hardly longer is quoted whole.
const WHOLE_BYTES: usize = 640;

/// Why an answer is made of quotations.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Because<'a> {
    /// No language model is loaded.
    NoModel,
    /// The one that is loaded can not read even one passage.
    SmallContext,
    /// It runs elsewhere, at this provider, which may have none of the passages.
    HeldBack(&'a str),
}

impl Because<'_> {
    fn opening(self) -> String {
        let why = match self {
            Self::NoModel => "No language model is loaded".to_owned(),
            Self::SmallContext => "The language model can not read enough text for an answer".to_owned(),
            Self::HeldBack(provider) => format!(
                "The language model runs at {provider}, which may have none of the passages that were found (`ambit providers \
                 allow {provider} FOLDER` lets it have those of a folder), and nothing was sent to it"
            ),
        };
        format!("{why}; these are the passages of your files that fit the question best, word for word.\n")
    }
}

/// The text of an answer whose question the sources do not answer. `empty`: nothing at all was found.
#[must_use]
pub fn nothing_found(empty: bool, degraded: &[String]) -> String {
    let mut text = "The indexed sources do not answer this question.".to_owned();
    if empty {
        text.push_str(" Nothing in them matches; `ambit index status` shows what is indexed.");
    }
    if !degraded.is_empty() {
        text.push_str(&format!(" Not everything could be searched: {}.", degraded.join("; ")));
    }
    text
}

/// The answer in pieces, and the numbers that it cites.
pub(crate) fn answer(because: Because<'_>, question: &str, passages: &[RankedPassage]) -> (Vec<String>, BTreeSet<u32>) {
    let least = passages.first().map_or(0.0, |best| best.scores.rerank) * WORTH;
    let mut pieces = vec![because.opening()];
    let mut cited = BTreeSet::new();
    for (number, ranked) in (1_u32..).zip(passages).take(PASSAGES) {
        if number > 1 && ranked.scores.rerank < least {
            break;
        }
        pieces.push(format!("\n{} [{number}]\n— {}\n", framed(question, ranked), place(ranked)));
        cited.insert(number);
    }
    (pieces, cited)
}

/// The quotation in the dress of its kind: code in a fence, and other text between quotation marks.
fn framed(question: &str, ranked: &RankedPassage) -> String {
    let is_code = ranked.document.kind == DocumentKind::Code;
    let text = without_marks(&quote(&ranked.passage.text, question, is_code));
    if is_code {
        let language = ranked.document.language.as_deref().unwrap_or_default();
        let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
        let fence = "`".repeat(longest.max(2) + 1);
        format!("{fence}{language}\n{text}\n{fence}")
    } else {
        format!("“{text}”")
    }
}

/// A text that does not look as if a quotation ended in it, and another source began: `” [2]` and the end of a fence with such
/// a mark have round brackets instead.
fn without_marks(text: &str) -> String {
    let mut result = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(" [") {
        let (before, from) = rest.split_at(at);
        result.push_str(before);
        let number = from[2..].split_once(']').map(|(number, _)| number);
        let number = number.filter(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()));
        match number.filter(|_| before.ends_with(['”', '`'])) {
            Some(number) => {
                result.push_str(&format!(" ({number})"));
                rest = &from[number.len() + 3..];
            }
            None => {
                result.push_str(&from[..2]);
                rest = &from[2..];
            }
        }
    }
    result.push_str(rest);
    result
}

/// `The Rust Book › Ownership (ch04-01.html:12-40)`.
fn place(ranked: &RankedPassage) -> String {
    let document = &ranked.document;
    let name = document.path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let mut names: Vec<&str> = document.title.as_deref().into_iter().collect();
    for heading in &ranked.passage.breadcrumb {
        if names.last() != Some(&heading.as_str()) {
            names.push(heading);
        }
    }
    let place = format!("{name}:{}", ranked.passage.span);
    let place = if names.is_empty() { place } else { format!("{} ({place})", names.join(" › ")) };
    // It is one line, whatever a file is called.
    place.replace(char::is_control, " ")
}

/// The part of a text that says most about a question: neighbouring sentences (of code: lines) of about 500 bytes, word
/// for word. Fenced code is never cut.
#[must_use]
pub fn quote(text: &str, question: &str, code: bool) -> String {
    let text = text.trim();
    if text.len() <= WHOLE_BYTES {
        return text.to_owned();
    }
    let units = if code { lines(text) } else { sentences(text) };
    let wanted: BTreeSet<String> = roots(question);
    let worth: Vec<usize> = units.iter().map(|unit| roots(&text[unit.clone()]).intersection(&wanted).count()).collect();
    let mut best: Option<(usize, Range<usize>)> = None;
    for first in 0..units.len() {
        let mut seen: BTreeSet<String> = BTreeSet::new();
        for last in first..units.len() {
            let window = units[first].start..units[last].end;
            if window.len() > QUOTE_BYTES && last > first {
                break;
            }
            seen.extend(roots(&text[units[last].clone()]).intersection(&wanted).cloned());
            // Different words count more than the same word again; of equal windows the earlier and longer one wins.
            let value = seen.len() * 8 + worth[first..=last].iter().sum::<usize>();
            let better = best
                .as_ref()
                .is_none_or(|(known, range)| value > *known || (value == *known && range.start == window.start));
            if better {
                best = Some((value, window));
            }
        }
    }
    let Some((_, window)) = best else { return text.to_owned() };
    let before = if window.start > 0 { "… " } else { "" };
    let after = if window.end < text.len() { " …" } else { "" };
    let quoted = &text[window];
    let quoted = if code { quoted.trim_end() } else { quoted.trim() };
    if code || quoted.starts_with("```") { quoted.to_owned() } else { format!("{before}{quoted}{after}") }
}

/// The beginnings of the words that say something: enough to make `borrow` and `borrowing` meet.
fn roots(text: &str) -> BTreeSet<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| word.chars().count() > 3 || !word.is_ascii())
        .map(|word| word.chars().take(5).flat_map(char::to_lowercase).collect())
        .collect()
}

fn lines(text: &str) -> Vec<Range<usize>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let range = start..start + line.len();
            start = range.end;
            range
        })
        .collect()
}

/// Sentences, and whole blocks of fenced code, as ranges that cover the text.
fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut units = Vec::new();
    let mut fence: Option<usize> = None;
    for line in lines(text) {
        let is_fence = text[line.clone()].trim_start().starts_with("```");
        match (fence, is_fence) {
            (None, true) => fence = Some(line.start),
            (Some(start), true) => {
                units.push(start..line.end);
                fence = None;
            }
            (Some(_), false) => {}
            (None, false) => split_line(text, line, &mut units),
        }
    }
    if let Some(start) = fence {
        units.push(start..text.len());
    }
    units
}

fn split_line(text: &str, line: Range<usize>, units: &mut Vec<Range<usize>>) {
    let mut start = line.start;
    let mut letters = text[line.clone()].char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let end = line.start + at + letter.len_utf8();
        let next = letters.peek().map(|(_, next)| *next);
        let ends = match letter {
            '.' | '!' | '?' => next.is_none_or(char::is_whitespace),
            '。' | '！' | '？' => true,
            _ => false,
        };
        if ends {
            units.push(start..end);
            start = end;
        }
    }
    if start < line.end {
        units.push(start..line.end);
    }
}
