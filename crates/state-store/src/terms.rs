//! The normal form of text for the keyword index.
//!
//! FTS5 is given terms that are already normal, and its own tokeniser (`ascii`) only cuts at spaces. So the expensive
//! part runs on any thread, and the one thread that writes has little to do.
//!
//! - Text is cut into runs of letters, digits and underscores, and into runs of scripts that put no spaces between
//!   words (Chinese, Japanese, Korean, Thai, …).
//! - A word is lower-cased, loses its diacritics (Unicode NFKD, marks dropped, and letters such as `ø` and `ß` spelled
//!   out), and is stemmed with Snowball's English stemmer when it has ASCII letters only.
//! - An identifier gives the whole and its parts: `HashMap` gives `hashmap hash map`, `read_to_string` gives
//!   `readtostr read to string`. The whole has no separators, so `readToString` finds `read_to_string`.
//! - A run of an unspaced script gives overlapping pairs of characters and its last character alone, so that two
//!   characters are one look-up, and one character is the beginning of some term.
//!
//! # Impact
//!
//! Each distinct term of a passage is stored once, in one of [`LEVELS`] columns of the index. The column is the part of
//! BM25 that depends on the passage alone,
//! `tf · (k1 + 1) / (tf + k1 · (1 − b + b · length / TYPICAL_LENGTH))`, rounded to a level. `tf` counts words of
//! the headings, the title and the file's name with their own weights (as BM25F does, Robertson and Zaragoza 2009).
//! A search then needs nothing but the postings of its terms: FTS5's own `bm25()` costs about 1 µs a row, because
//! it looks up the length of every passage; reading a posting with its column costs 0.13 µs.
//! (Impact-ordered indexes: Anh and Moffat 2001.)

mod fold;
mod interner;
mod query;
mod runs;
mod stop_words;

pub(crate) use interner::{Columns, Interner, PassageText, names_differ};
pub(crate) use query::{Lookup, QueryTerm, query_terms};

/// How many impact levels there are.
pub(crate) const LEVELS: usize = 8;

/// The impact that one level stands for. The largest possible impact is `K1 + 1`.
pub(crate) const LEVEL_STEP: f32 = 0.275;

/// Saturation of BM25.
const K1: f32 = 1.2;

/// Weight of a passage's length in BM25.
const B: f32 = 0.75;

/// Words of a typical passage. A constant, because passages are cut to an embedder's limit and so vary little, and because
/// a true average would change under stored levels.
const TYPICAL_LENGTH: f32 = 120.0;

/// The longest term, in bytes. Longer runs are data, not words; they are cut.
const LONGEST_TERM: usize = 64;

/// Which of the columns holds a term that a passage of `length` words has `frequency` times.
fn level(frequency: f32, length: f32) -> usize {
    let norm = K1 * (1.0 - B + B * length / TYPICAL_LENGTH);
    let impact = frequency * (K1 + 1.0) / (frequency + norm);
    // Between 1 and LEVELS, so the cast cannot lose anything.
    let level = (impact / LEVEL_STEP).round().clamp(1.0, LEVELS as f32);
    level as usize - 1
}

/// The impact of a level, from 0.
pub(crate) fn impact(level: usize) -> f32 {
    (level as f32 + 1.0) * LEVEL_STEP
}

/// Whether parts of a term can be looked for: long enough to hold a part, short enough to be a word or a name.
pub(crate) fn has_parts(term: &str) -> bool {
    if term.is_ascii() {
        (4..=40).contains(&term.len()) && term.bytes().any(|byte| byte.is_ascii_alphabetic())
    } else {
        (4..=20).contains(&term.chars().count())
    }
}
