//! What follows a context, by the counts of several segments: the file, what is near it, the project, what it depends on.
//!
//! Source: Hellendoorn and Devanbu, "Are Deep Neural Networks the Best Choice for Modeling Source Code?", 2017 (nested scopes with
//! the nearer ones counting for more); the orders are interpolated as by a Dirichlet prior, each with the next lower one as its
//! base.

use std::ops::Range;
use std::sync::Arc;

use foldhash::HashMap;

use super::segment::{DEPTH, Segment};

/// Numbers that were found by experiment.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Weights {
    /// How much a lower order counts against what was seen: for an order `k`, `base / k^fall`.
    pub(crate) base: f64,
    /// See `base`.
    pub(crate) fall: f64,
    /// How much a word counts that was never seen.
    pub(crate) novelty: f64,
}

impl Default for Weights {
    fn default() -> Self {
        Self { base: 12.0, fall: 0.7, novelty: 0.3 }
    }
}

/// Segments that are asked together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Model {
    scopes: Vec<Scope>,
    weights: Weights,
}

#[derive(Debug, Clone)]
struct Scope {
    segment: Arc<Segment>,
    weight: f64,
}

/// A token that may follow.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Candidate {
    /// Its text.
    pub(crate) text: String,
    /// How probable it is, of all that begins as asked.
    pub(crate) probability: f64,
    /// The gap before it, where it was seen.
    pub(crate) gap: i8,
}

/// Continuations that are counted one by one; of more, so many are looked at.
const SAMPLE: usize = 400;
/// Words that begin as asked and were not seen in the context, at most.
const WORDS: usize = 40;
/// What a token counts that was not counted without a context.
const RAREST: f64 = 0.01;

/// How often a token was seen behind contexts of each order, and the gap before it behind the longest.
#[derive(Default)]
struct Seen {
    counts: [f64; DEPTH],
    gap: i8,
    order: usize,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        if other.order > self.order {
            (self.order, self.gap) = (other.order, other.gap);
        }
    }
}

impl Model {
    /// A model of no segments.
    pub(crate) fn new(weights: Weights) -> Self {
        Self { scopes: Vec::new(), weights }
    }

    /// Adds a segment whose counts count so many times.
    pub(crate) fn add(&mut self, segment: Arc<Segment>, weight: f64) {
        self.scopes.push(Scope { segment, weight });
    }

    /// The tokens that may follow and begin like this, the most probable first.
    pub(crate) fn next(&self, context: &[&str], prefix: &str) -> Vec<Candidate> {
        let mut seen: HashMap<&str, Seen> = HashMap::default();
        // By order: how often the context was seen, and how often with such a token after it.
        let mut all = [0.0; DEPTH];
        let mut fitting = [0.0; DEPTH];
        let mut kinds = 0.0;
        let mut fitting_kinds = 0.0;
        for scope in &self.scopes {
            let segment = &*scope.segment;
            let wanted = segment.beginning_with(prefix);
            // Of a token that is seen often its text is looked up once.
            let mut own: HashMap<u32, Seen> = HashMap::default();
            for (order, places) in contexts(segment, context) {
                all[order] += scope.weight * length(&places);
                let found = if prefix.is_empty() { places } else { segment.between(places, order, wanted.clone()) };
                fitting[order] += scope.weight * length(&found);
                scope.count(found, order, &mut own);
            }
            for (token, own) in own {
                seen.entry(segment.text(token)).or_default().add(&own);
            }
            kinds += length(&(0..segment.kinds()));
            all[0] += scope.weight * length(&(0..segment.length()));
            if prefix.is_empty() {
                fitting_kinds = kinds;
                fitting[0] = all[0];
            } else {
                fitting_kinds += f64::from(wanted.end - wanted.start);
                fitting[0] += scope.weight * length(&segment.places_of_all(wanted.clone()));
                scope.words(wanted, &mut seen);
            }
        }
        // The unigrams of words that were seen in the context alone.
        if prefix.is_empty() {
            for scope in &self.scopes {
                for (text, seen) in &mut seen {
                    if let Some(number) = scope.segment.number(text) {
                        seen.counts[0] += scope.weight * length(&scope.segment.places_of(number));
                    }
                }
            }
        }
        self.rank(seen, &all, &fitting, kinds, fitting_kinds)
    }

    fn rank(
        &self,
        seen: HashMap<&str, Seen>,
        all: &[f64; DEPTH],
        fitting: &[f64; DEPTH],
        kinds: f64,
        fitting_kinds: f64,
    ) -> Vec<Candidate> {
        let novelty = self.weights.novelty * kinds;
        let base = all[0] + novelty;
        if base <= 0.0 {
            return Vec::new();
        }
        let mut mass = (fitting[0] + novelty * (fitting_kinds + 0.5) / (kinds + 1.0)) / base;
        let mut found: Vec<(&str, Seen, f64)> = Vec::with_capacity(seen.len());
        for (text, seen) in seen {
            let probability = seen.counts[0].max(RAREST) / base;
            found.push((text, seen, probability));
        }
        for order in 1..DEPTH {
            if all[order] <= 0.0 {
                break;
            }
            let prior = self.weights.base / (order as f64).powf(self.weights.fall);
            mass = (fitting[order] + prior * mass) / (all[order] + prior);
            for (_, seen, probability) in &mut found {
                *probability = (seen.counts[order] + prior * *probability) / (all[order] + prior);
            }
        }
        let mut candidates: Vec<Candidate> = found
            .into_iter()
            .map(|(text, seen, probability)| Candidate {
                text: text.to_owned(),
                probability: (probability / mass).min(1.0),
                gap: seen.gap,
            })
            .collect();
        candidates.sort_unstable_by(|a, b| b.probability.total_cmp(&a.probability).then_with(|| a.text.cmp(&b.text)));
        candidates
    }
}

impl Scope {
    /// Counts what follows at these places.
    fn count(&self, places: Range<usize>, order: usize, seen: &mut HashMap<u32, Seen>) {
        let segment = &*self.segment;
        if places.len() > SAMPLE {
            let each = self.weight * length(&places) / SAMPLE as f64;
            for index in 0..SAMPLE {
                let place = places.start + index * places.len() / SAMPLE;
                self.saw(place, order, each, segment.following(place, order), seen);
            }
            return;
        }
        for place in places {
            self.saw(place, order, self.weight, segment.following(place, order), seen);
        }
    }

    fn saw(&self, place: usize, order: usize, count: f64, token: u32, seen: &mut HashMap<u32, Seen>) {
        let entry = seen.entry(token).or_default();
        entry.counts[order] += count;
        if order > entry.order {
            entry.order = order;
            entry.gap = self.segment.gap(place, order);
        }
    }

    /// Counts the most frequent of these words, wherever they stand.
    fn words<'a>(&'a self, wanted: Range<u32>, seen: &mut HashMap<&'a str, Seen>) {
        let segment = &*self.segment;
        let mut words: Vec<(usize, u32)> = wanted.map(|token| (segment.places_of(token).len(), token)).collect();
        if words.len() > WORDS {
            words.select_nth_unstable_by(WORDS, |a, b| b.cmp(a));
        }
        for (rank, (count, token)) in words.into_iter().enumerate() {
            let known = seen.get_mut(segment.text(token));
            match known {
                Some(known) => known.counts[0] += self.weight * count as f64,
                None if rank < WORDS => {
                    let mut counts = [0.0; DEPTH];
                    counts[0] = self.weight * count as f64;
                    let gap = segment.places_of(token).next().map_or(0, |place| segment.gap(place, 0));
                    seen.insert(segment.text(token), Seen { counts, gap, order: 0 });
                }
                None => {}
            }
        }
    }
}

/// Where the last tokens of a context stand, one token, two tokens and so on, as far as they were seen.
fn contexts(segment: &Segment, context: &[&str]) -> Vec<(usize, Range<usize>)> {
    let longest = context.len().min(DEPTH - 1);
    let mut numbers = Vec::with_capacity(longest);
    for text in context[context.len() - longest..].iter().rev() {
        match segment.number(text) {
            Some(number) => numbers.push(number),
            None => break,
        }
    }
    let mut found = Vec::new();
    for order in 1..=numbers.len() {
        let mut places = segment.places_of(numbers[order - 1]);
        for depth in 1..order {
            places = segment.narrow(places, depth, numbers[order - 1 - depth]);
            if places.is_empty() {
                return found;
            }
        }
        if places.is_empty() {
            return found;
        }
        found.push((order, places));
    }
    found
}

fn length(places: &Range<usize>) -> f64 {
    places.len() as f64
}
