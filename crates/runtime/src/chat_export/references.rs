//! References in what ChatGPT wrote, to pages that it read and things that it knows: marks that only ChatGPT itself can show.

use std::borrow::Cow;
use std::collections::HashMap;

use serde_json::Value;

use super::{list, text};

/// Begins and ends a reference.
const REFERENCE: (char, char) = ('\u{e200}', '\u{e201}');
/// Stands between its kind and what it refers to.
const SEPARATOR: char = '\u{e202}';
/// Begins and ends an older form of reference, in which this sign stands.
const OLD_REFERENCE: (char, char) = ('【', '】');
const OLD_SIGN: char = '†';
/// Characters of the longest reference.
const LONGEST: usize = 1000;
/// Bytes that may come in the place of references in any case. Of a longer text, as many as it has itself: one name could
/// otherwise be put in millions of times.
const ALWAYS_PUT_IN: usize = 1 << 20;

/// A text with its references written out, as far as the export says what they are; the others are left out.
pub(super) fn written_out(body: &str, metadata: &Value) -> String {
    let begins = [REFERENCE.0, OLD_REFERENCE.0];
    if !body.contains(begins) {
        return body.to_owned();
    }
    let known: HashMap<&str, String> = list(metadata, "content_references").filter_map(named).collect();
    let mut room = body.len().max(ALWAYS_PUT_IN);
    let mut kept = String::with_capacity(body.len());
    let mut rest = body;
    while let Some((before, from)) = rest.find(begins).and_then(|at| rest.split_at_checked(at)) {
        kept.push_str(before);
        if let Some((reference, behind)) = reference(from) {
            let named = known.get(reference).map(|name| Cow::Borrowed(name.as_str()));
            // What is put in is not looked at again, whatever stands in it.
            if let Some(name) = named.or_else(|| entity(reference).map(Cow::Owned)).filter(|name| name.len() <= room) {
                room -= name.len();
                kept.push_str(&name);
            }
            rest = behind;
        } else {
            let mut letters = from.chars();
            kept.extend(letters.next().filter(|letter| !is_mark(letter)));
            rest = letters.as_str();
        }
    }
    kept.push_str(rest);
    kept
}

/// What stands in the text for a reference, and how it is called.
fn named(reference: &Value) -> Option<(&str, String)> {
    let name = ["alt", "name", "title"].iter().find_map(|key| text(reference, key))?;
    Some((text(reference, "matched_text")?.trim(), without_marks(name)))
}

/// The reference that a text begins with, and what comes behind it. A sign that begins none is only itself.
fn reference(from: &str) -> Option<(&str, &str)> {
    let mut letters = from.char_indices();
    let (_, begin) = letters.next()?;
    let is_old = begin == OLD_REFERENCE.0;
    let end = if is_old { OLD_REFERENCE.1 } else { REFERENCE.1 };
    let (at, last) = letters.take(LONGEST).find(|(_, letter)| [end, begin, '\n'].contains(letter))?;
    let (reference, behind) = from.split_at_checked(at + last.len_utf8()).filter(|_| last == end)?;
    (!is_old || reference.contains(OLD_SIGN)).then_some((reference, behind))
}

/// The name of a thing that is referred to by a list of its kind and name.
fn entity(reference: &str) -> Option<String> {
    let (kind, list) = reference.trim_matches([REFERENCE.0, REFERENCE.1]).split_once(SEPARATOR)?;
    let list: Vec<Value> = serde_json::from_str(list).ok().filter(|_| kind == "entity")?;
    list.get(1)?.as_str().map(without_marks)
}

fn without_marks(text: &str) -> String {
    text.chars().filter(|letter| !is_mark(letter)).collect()
}

fn is_mark(letter: &char) -> bool {
    ('\u{e200}'..='\u{e20f}').contains(letter)
}
