//! The terms of a question.

use frostem::{Algorithm, Stemmer};

use super::fold;
use super::interner::produce;
use super::runs::{self, Run};
use super::stop_words::is_stop_word;

/// At most this many terms are looked up; of a longer question the longest words count, which are the rarest.
const MOST_TERMS: usize = 32;

/// What a part of an identifier counts beside the whole.
const PART_WEIGHT: f32 = 0.4;

/// How a term is found in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lookup {
    /// The term itself.
    Whole,
    /// Every term that begins with it: a single character of an unspaced script.
    Beginning,
}

/// A term of a question.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct QueryTerm {
    pub(crate) term: String,
    /// 1 for a word.
    pub(crate) weight: f32,
    pub(crate) lookup: Lookup,
    /// The folded, unstemmed word, when the question's word looks like a name in code or data. Such names are also looked
    /// up as parts of longer ones.
    pub(crate) name: bool,
    /// What to look for as part of longer terms: the lower-case word before stemming.
    pub(crate) part: String,
    stop: bool,
}

/// The distinct terms of a question, stop words dropped when there are others.
pub(crate) fn query_terms(text: &str) -> Vec<QueryTerm> {
    let stemmer = Stemmer::new(Algorithm::English);
    let mut terms: Vec<QueryTerm> = Vec::new();
    runs::for_each(text, |run| match run {
        Run::Word(word) => add_word(&stemmer, word, &mut terms),
        Run::Unspaced(characters) => add_unspaced(characters, &mut terms),
    });
    if terms.iter().any(|term| !term.stop) {
        terms.retain(|term| !term.stop);
    }
    if terms.len() > MOST_TERMS {
        // A stable sort keeps the question's order among words of one length.
        terms.sort_by_key(|term| std::cmp::Reverse(term.term.len()));
        terms.truncate(MOST_TERMS);
    }
    terms
}

fn add_word(stemmer: &Stemmer, word: &str, terms: &mut Vec<QueryTerm>) {
    let folded = fold::fold(word);
    let parts = fold::parts(&folded);
    let name = parts.len() > 1;
    let part = fold::lower(&parts.concat());
    let stop = is_stop_word(&part);
    let mut first = true;
    produce(stemmer, Run::Word(word), |term| {
        let weight = if first { 1.0 } else { PART_WEIGHT };
        let stop = stop || !first && is_stop_word(&term);
        let part = if first { part.clone() } else { String::new() };
        push(terms, QueryTerm { term, weight, lookup: Lookup::Whole, name: name && first, part, stop });
        first = false;
    });
}

fn add_unspaced(run: &str, terms: &mut Vec<QueryTerm>) {
    let characters = fold::unspaced(run);
    let mut add = |term: String, lookup| {
        push(terms, QueryTerm { term, weight: 1.0, lookup, name: false, part: String::new(), stop: false });
    };
    match characters.as_slice() {
        [] => {}
        [one] => add(one.to_string(), Lookup::Beginning),
        several => several.windows(2).for_each(|pair| add(pair.iter().collect(), Lookup::Whole)),
    }
}

fn push(terms: &mut Vec<QueryTerm>, term: QueryTerm) {
    match terms.iter_mut().find(|known| known.term == term.term && known.lookup == term.lookup) {
        Some(known) => {
            known.weight = known.weight.max(term.weight);
            known.stop &= term.stop;
            known.name |= term.name;
            if known.part.is_empty() {
                known.part = term.part;
            }
        }
        None => terms.push(term),
    }
}
