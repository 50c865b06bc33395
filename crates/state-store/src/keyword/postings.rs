//! Reads postings and adds up scores.

use std::collections::HashMap;

use rusqlite::Connection;

use super::{Lookup, Result};
use crate::table::keyword_index::expression;
use crate::table::unsigned;
use crate::terms::impact;

/// A passage that has a term.
#[derive(Debug, Clone, Copy)]
pub(super) struct Posting {
    pub(super) passage: i64,
    pub(super) impact: f32,
}

/// A passage with its score.
#[derive(Debug, Clone, Copy)]
pub(super) struct Scored {
    pub(super) passage: i64,
    pub(super) score: f32,
}

/// The postings of a term, by passage, at most so many.
pub(super) fn of_term(connection: &Connection, term: &str, lookup: Lookup, most: u64) -> Result<Vec<Posting>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let mut statement = connection.prepare_cached(match lookup {
        Lookup::Whole => "SELECT doc, col FROM keyword_postings WHERE term = ?1 LIMIT ?3",
        Lookup::Beginning => "SELECT doc, col FROM keyword_postings WHERE term >= ?1 AND term < ?2 LIMIT ?3",
    })?;
    let after = format!("{term}{}", char::MAX);
    let mut rows = match lookup {
        Lookup::Whole => statement.query((term, rusqlite::types::Null, most))?,
        Lookup::Beginning => statement.query((term, after, most))?,
    };
    let mut postings = Vec::new();
    while let Some(row) = rows.next()? {
        let column = row.get_ref(1)?.as_bytes().map_err(rusqlite::Error::from)?;
        let level = column.first().map_or(0, |name| usize::from(name.saturating_sub(b'a')));
        postings.push(Posting { passage: row.get(0)?, impact: impact(level) });
    }
    Ok(postings)
}

/// Which passages that have one of the terms `found` have `term` as well. FTS5 skips along both lists.
pub(super) fn members(connection: &Connection, term: &str, found: &[&str]) -> Result<Vec<i64>> {
    let any: Vec<String> = found.iter().map(|term| expression(term)).collect();
    let expression = format!("{} AND ({})", expression(term), any.join(" OR "));
    let mut statement = connection.prepare_cached("SELECT rowid FROM keyword_index WHERE keyword_index MATCH ?1")?;
    let members = statement.query_map([expression], |row| row.get(0))?.collect::<rusqlite::Result<_>>()?;
    Ok(members)
}

/// The numbers of the first and the last passage, to estimate frequencies by samples.
pub(super) struct Bounds {
    first: i64,
    last: i64,
}

impl Bounds {
    /// Up to this many postings are counted instead of sampled, in about 0.1 ms.
    const COUNTED: u64 = 4_096;
    const WINDOWS: i64 = 4;
    /// The windows hold one number out of so many.
    const SAMPLE: i64 = 32;

    pub(super) fn of(connection: &Connection) -> Result<Self> {
        let (first, last) = connection
            .prepare_cached(
                "SELECT coalesce((SELECT min(id) FROM passages), 0), coalesce((SELECT max(id) FROM passages), 0)",
            )?
            .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(Self { first, last })
    }

    /// About how many passages have a term; 0 only when none has.
    pub(super) fn estimate(&self, connection: &Connection, term: &str) -> Result<u64> {
        let expression = expression(term);
        let sql = "SELECT count(*) FROM (SELECT 1 FROM keyword_index WHERE keyword_index MATCH ?1 LIMIT ?2)";
        let limit = i64::try_from(Self::COUNTED).unwrap_or(i64::MAX);
        let counted = connection.prepare_cached(sql)?.query_row((&expression, limit), |row| unsigned(row, 0))?;
        if counted < Self::COUNTED {
            return Ok(counted);
        }
        let numbers = self.last - self.first + 1;
        let width = (numbers / (Self::WINDOWS * Self::SAMPLE)).max(1);
        let mut sampled = 0;
        for window in 0..Self::WINDOWS {
            // Within its quarter, so that the sample holds old passages and new ones.
            let start = self.first + (2 * window + 1) * numbers / (2 * Self::WINDOWS);
            sampled += count(connection, &expression, start, start + width)?;
        }
        Ok(counted.max(sampled * Self::SAMPLE as u64))
    }
}

fn count(connection: &Connection, expression: &str, start: i64, end: i64) -> Result<u64> {
    let sql = "SELECT count(*) FROM keyword_index WHERE keyword_index MATCH ?1 AND rowid >= ?2 AND rowid < ?3";
    Ok(connection.prepare_cached(sql)?.query_row((expression, start, end), |row| unsigned(row, 0))?)
}

/// Passages of one block of [`Scores`].
const BLOCK: usize = 1024;

/// Scores by passage. Postings come in the order of passages, so nearly every addition goes to the block of the one
/// before.
#[derive(Default)]
pub(super) struct Scores {
    /// Number of a block to its place in `blocks`.
    places: HashMap<i64, usize>,
    blocks: Vec<(i64, Box<[f32; BLOCK]>)>,
    /// Place of the block that was last added to.
    last: usize,
    count: usize,
}

impl Scores {
    pub(super) fn add(&mut self, passage: i64, score: f32) {
        let number = passage.div_euclid(BLOCK as i64);
        if self.blocks.get(self.last).is_none_or(|(last, _)| *last != number) {
            self.last = *self.places.entry(number).or_insert(self.blocks.len());
            if self.last == self.blocks.len() {
                self.blocks.push((number, Box::new([0.0; BLOCK])));
            }
        }
        let place = &mut self.blocks[self.last].1[passage.rem_euclid(BLOCK as i64) as usize];
        if *place == 0.0 {
            self.count += 1;
        }
        *place += score;
    }

    /// How many passages have a score.
    pub(super) fn count(&self) -> usize {
        self.count
    }

    /// The passages from the best on; among equals the older first. Sorted as far as they are asked for, beginning with
    /// about `wanted`.
    pub(super) fn best_first(&self, wanted: usize) -> BestFirst {
        let mut scored = Vec::with_capacity(self.count);
        for (number, block) in &self.blocks {
            for (place, score) in block.iter().enumerate() {
                if *score > 0.0 {
                    scored.push(Scored { passage: number * BLOCK as i64 + place as i64, score: *score });
                }
            }
        }
        BestFirst { scored, sorted: 0, next: 0, step: wanted.saturating_mul(2).max(64) }
    }
}

/// Sorts lazily: a search seldom looks at more than its first results.
pub(super) struct BestFirst {
    scored: Vec<Scored>,
    sorted: usize,
    next: usize,
    step: usize,
}

fn order(one: &Scored, other: &Scored) -> std::cmp::Ordering {
    other.score.total_cmp(&one.score).then(one.passage.cmp(&other.passage))
}

impl Iterator for BestFirst {
    type Item = Scored;

    fn next(&mut self) -> Option<Scored> {
        if self.next == self.sorted && self.sorted < self.scored.len() {
            let rest = &mut self.scored[self.sorted..];
            let step = self.step.min(rest.len());
            if step < rest.len() {
                rest.select_nth_unstable_by(step, order);
            }
            rest[..step].sort_unstable_by(order);
            self.sorted += step;
            self.step = self.step.saturating_mul(4);
        }
        let scored = self.scored.get(self.next).copied();
        self.next += 1;
        scored
    }
}
