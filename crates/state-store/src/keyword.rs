//! Keyword search.
//!
//! The score of a passage is BM25: the sum over the question's terms of `idf · impact`, the impact being the column that
//! holds the term (see [`crate::terms`]). The postings of the rarest terms are read in full. Once they are many, a more
//! frequent term is only asked which of the passages found so far hold it, and the most frequent ones are left out:
//! they hardly change the order, and their postings are what makes a search slow.
//!
//! A word that no passage has is looked for as part of the terms of the vocabulary, and so is a name of code or data; the terms
//! that hold it count with less weight.

mod admission;
mod postings;

use ambit_domain::port::{KeywordHit, KeywordQuery};
use ambit_domain::{DocumentId, PassageId};
use rusqlite::Connection;

use crate::StateStoreError;
use crate::table::{passages, totals, vocabulary};
use crate::terms::{Lookup, QueryTerm, query_terms};
use admission::Admission;
use postings::{Posting, Scores};

type Result<T> = std::result::Result<T, StateStoreError>;

/// What a term counts that only holds the word that was asked for.
const PART_OF_WORD_WEIGHT: f32 = 0.4;

/// At most this many terms stand for a word that is part of them.
const MOST_HOLDING: usize = 12;

/// Postings that a search reads in full, whatever the size of the index, at 0.13 µs each; one for every
/// [`READ_SHARE`] passages comes on top.
const READ_BASE: u64 = 15_000;
const READ_SHARE: u64 = 20;

/// Postings that a search only skips along, at 0.03 µs each, likewise.
const SKIPPED_BASE: u64 = 50_000;
const SKIPPED_SHARE: u64 = 5;

/// Searches.
pub(crate) fn search(connection: &Connection, query: &KeywordQuery) -> Result<Vec<KeywordHit>> {
    let terms = query_terms(&query.text);
    if terms.is_empty() || query.limit == 0 {
        return Ok(Vec::new());
    }
    let passages = totals::passages(connection)?;
    let scores = score(connection, &terms, passages, query.limit)?;
    let mut admission = Admission::new(connection, &query.filter);
    let mut hits = Vec::with_capacity(query.limit.min(256));
    for best in scores.best_first(query.limit) {
        let document = admission.document(best.passage)?;
        if let Some(document) = document {
            hits.push(KeywordHit {
                passage: PassageId(best.passage),
                document: DocumentId(document),
                score: best.score,
            });
            if hits.len() == query.limit {
                break;
            }
        }
    }
    Ok(hits)
}

/// A term with what it costs and counts.
struct Planned {
    term: String,
    lookup: Lookup,
    weight: f32,
    /// About how many passages have it.
    frequency: u64,
}

fn score(connection: &Connection, terms: &[QueryTerm], passages: u64, limit: usize) -> Result<Scores> {
    let mut planned = plan(connection, terms, passages)?;
    planned.sort_by_key(|term| term.frequency);
    let mut read_budget = READ_BASE + passages / READ_SHARE;
    let mut skipped_budget = SKIPPED_BASE + passages / SKIPPED_SHARE;
    let mut scores = Scores::default();
    let mut read: Vec<&Planned> = Vec::new();
    for term in &planned {
        if term.frequency <= read_budget || scores.count() < limit {
            let postings = postings::of_term(connection, &term.term, term.lookup, read_budget.max(limit as u64))?;
            // The estimate counts when the postings were cut off.
            let idf = inverse_frequency(passages, term.frequency.max(postings.len() as u64));
            for Posting { passage, impact } in &postings {
                scores.add(*passage, term.weight * idf * impact);
            }
            read_budget = read_budget.saturating_sub(postings.len() as u64);
            read.push(term);
        } else if term.lookup == Lookup::Whole && term.frequency <= skipped_budget && !read.is_empty() {
            skipped_budget -= term.frequency;
            let idf = inverse_frequency(passages, term.frequency);
            let found: Vec<&str> = read.iter().map(|term| term.term.as_str()).collect();
            for passage in postings::members(connection, &term.term, &found)? {
                scores.add(passage, term.weight * idf);
            }
        }
    }
    Ok(scores)
}

/// The weight of a term by its rarity, never below zero.
fn inverse_frequency(passages: u64, frequency: u64) -> f32 {
    let (passages, frequency) = (passages.max(frequency) as f32, frequency as f32);
    (1.0 + (passages - frequency + 0.5) / (frequency + 0.5)).ln()
}

fn plan(connection: &Connection, terms: &[QueryTerm], passages: u64) -> Result<Vec<Planned>> {
    let bounds = postings::Bounds::of(connection)?;
    let mut planned: Vec<Planned> = Vec::new();
    for term in terms {
        let frequency = match term.lookup {
            Lookup::Whole => bounds.estimate(connection, &term.term)?,
            Lookup::Beginning => (passages / 100).max(1),
        };
        if frequency > 0 {
            push(&mut planned, &term.term, term.lookup, term.weight, frequency);
        }
        if (frequency == 0 || term.name) && !term.part.is_empty() {
            let mut holding = vocabulary::holding(connection, &term.part, MOST_HOLDING)?;
            if holding.is_empty() && term.part != term.term {
                holding = vocabulary::holding(connection, &term.term, MOST_HOLDING)?;
            }
            for longer in holding {
                let frequency = bounds.estimate(connection, &longer)?;
                if frequency > 0 {
                    push(&mut planned, &longer, Lookup::Whole, term.weight * PART_OF_WORD_WEIGHT, frequency);
                }
            }
        }
    }
    Ok(planned)
}

fn push(planned: &mut Vec<Planned>, term: &str, lookup: Lookup, weight: f32, frequency: u64) {
    match planned.iter_mut().find(|known| known.term == term && known.lookup == lookup) {
        Some(known) => known.weight = known.weight.max(weight),
        None => planned.push(Planned { term: term.to_owned(), lookup, weight, frequency }),
    }
}

/// The document of a passage that is in the index.
fn document_of(connection: &Connection, passage: i64) -> Result<Option<i64>> {
    passages::document(connection, passage)
}
