//! The terms of a question.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use frostem::{Algorithm, Stemmer};

use super::fold;
use super::interner::produce;
use super::runs::{self, Run};
use super::stop_words::is_stop_word;

/// At most this many terms are looked up; of a longer question the longest words count, which are the rarest.
const MOST_TERMS: usize = 32;

/// Bytes of a question that are read: whole files are pasted into questions, and what comes after this says nothing new.
const READ: usize = 64 << 10;

/// What a part of an identifier counts beside the whole.
const PART_WEIGHT: f32 = 0.4;

/// How a term is found in the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
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

/// Terms in the order of the question, each once.
#[derive(Default)]
struct Terms {
    list: Vec<QueryTerm>,
    places: HashMap<(Lookup, String), usize>,
}

/// The distinct terms of a question, stop words dropped when there are others.
pub(crate) fn query_terms(text: &str) -> Vec<QueryTerm> {
    let text = &text[..text.floor_char_boundary(READ)];
    let stemmer = Stemmer::new(Algorithm::English);
    let mut terms = Terms::default();
    runs::for_each(text, |run| match run {
        Run::Word(word) => add_word(&stemmer, word, &mut terms),
        Run::Unspaced(characters) => add_unspaced(characters, &mut terms),
    });
    let mut terms = terms.list;
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

fn add_word(stemmer: &Stemmer, word: &str, terms: &mut Terms) {
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
        terms.push(QueryTerm { term, weight, lookup: Lookup::Whole, name: name && first, part, stop });
        first = false;
    });
}

fn add_unspaced(run: &str, terms: &mut Terms) {
    let characters = fold::unspaced(run);
    let mut add = |term: String, lookup| {
        terms.push(QueryTerm { term, weight: 1.0, lookup, name: false, part: String::new(), stop: false });
    };
    match characters.as_slice() {
        [] => {}
        [one] => add(one.to_string(), Lookup::Beginning),
        several => several.windows(2).for_each(|pair| add(pair.iter().collect(), Lookup::Whole)),
    }
}

impl Terms {
    fn push(&mut self, term: QueryTerm) {
        match self.places.entry((term.lookup, term.term.clone())) {
            Entry::Occupied(place) => {
                if let Some(known) = self.list.get_mut(*place.get()) {
                    known.weight = known.weight.max(term.weight);
                    known.stop &= term.stop;
                    known.name |= term.name;
                    if known.part.is_empty() {
                        known.part = term.part;
                    }
                }
            }
            Entry::Vacant(place) => {
                place.insert(self.list.len());
                self.list.push(term);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn a_question_that_holds_whole_files_is_read_in_no_time() {
        let pasted: String = (0..200_000).map(|number| format!("w{number} ")).collect();
        let began = Instant::now();
        let terms = query_terms(&pasted);
        assert!(began.elapsed() < Duration::from_secs(2), "it took {:?}", began.elapsed());
        assert_eq!(terms.len(), MOST_TERMS);
        let cut = "ä".repeat(READ);
        assert_eq!(query_terms(&cut).len(), 1, "it is cut between two characters");
        let twice = query_terms("Ownership owners ownership HashMap hash");
        assert_eq!(twice.iter().filter(|term| term.term == "hash").map(|term| term.weight).collect::<Vec<_>>(), [1.0]);
    }
}
