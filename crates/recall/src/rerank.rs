//! A transparent rerank: a weighted sum of features, each 0 to 1.

use std::collections::{HashMap, HashSet};

use ambit_domain::{DocumentId, PartScores, RankedPassage};

use crate::Weights;
use crate::relevance::Evidence;
use crate::words::{fold, stem};

/// Words of the question that stand this near to each other belong together.
const NEAR: usize = 8;
/// Rarity is bounded, so that one odd word of a question does not outweigh all others.
const RARITY: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// A passage with what its features are computed from.
pub(crate) struct Read {
    pub(crate) ranked: RankedPassage,
    /// Folded words of the text, for near duplicates.
    pub(crate) words: Vec<String>,
    stems: Vec<String>,
    headings: HashSet<String>,
    pub(crate) coverage: f32,
}

impl Read {
    pub(crate) fn new(ranked: RankedPassage) -> Self {
        let words = fold(&ranked.passage.text);
        let stems = words.iter().map(|word| stem(word)).collect();
        let titles = ranked.passage.breadcrumb.iter().chain(ranked.document.title.as_ref());
        let name = ranked.document.path.file_stem().map(|name| name.to_string_lossy().into_owned());
        let headings =
            titles.map(String::as_str).chain(name.as_deref()).flat_map(fold).map(|word| stem(&word)).collect();
        Self { ranked, words, stems, headings, coverage: 0.0 }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        Evidence { similarity: self.ranked.scores.dense, coverage: self.coverage }
    }
}

/// The question's words, as stems, with how rare each is among the passages that were read.
struct Terms {
    weights: Vec<(String, f32)>,
    total: f32,
}

impl Terms {
    fn weigh(question: &[String], passages: &[Read]) -> Self {
        let mut stems: Vec<String> = question.iter().map(|word| stem(word)).collect();
        stems.sort();
        stems.dedup();
        let count = passages.len() as f32;
        let rarity = |term: &String| {
            let holding =
                passages.iter().filter(|read| read.stems.contains(term) || read.headings.contains(term)).count();
            let rarity = (1.0 + (count - holding as f32 + 0.5) / (holding as f32 + 0.5)).ln();
            rarity.clamp(*RARITY.start(), *RARITY.end())
        };
        let weights: Vec<(String, f32)> = stems.into_iter().map(|term| (term.clone(), rarity(&term))).collect();
        let total = weights.iter().map(|(_, weight)| weight).sum::<f32>().max(f32::MIN_POSITIVE);
        Self { weights, total }
    }

    /// The share of the words that are held, by rarity.
    fn share(&self, holds: impl Fn(&String) -> bool) -> f32 {
        self.weights.iter().filter(|(term, _)| holds(term)).map(|(_, weight)| weight).sum::<f32>() / self.total
    }

    /// How near to each other different words of the question stand: the sum of the reciprocal distances of neighbouring
    /// ones, as a share of what words in one row give.
    fn proximity(&self, stems: &[String]) -> f32 {
        if self.weights.len() < 2 {
            return 0.0;
        }
        let mut last: Option<(usize, &String)> = None;
        let mut best: HashMap<(&String, &String), f32> = HashMap::new();
        for (place, word) in stems.iter().enumerate() {
            if !self.weights.iter().any(|(term, _)| term == word) {
                continue;
            }
            if let Some((before, other)) = last
                && other != word
                && place - before <= NEAR
            {
                let pair = if other < word { (other, word) } else { (word, other) };
                let near = 1.0 / (place - before) as f32;
                let known = best.entry(pair).or_default();
                *known = known.max(near);
            }
            last = Some((place, word));
        }
        (best.values().sum::<f32>() / (self.weights.len() - 1) as f32).min(1.0)
    }
}

/// The range of a part's scores over all passages.
#[derive(Default, Clone, Copy)]
struct Range {
    worst: f32,
    best: f32,
}

impl Range {
    fn of(scores: impl Iterator<Item = f32>) -> Self {
        scores
            .fold(None, |range: Option<Self>, score| {
                let range = range.unwrap_or(Self { worst: score, best: score });
                Some(Self { worst: range.worst.min(score), best: range.best.max(score) })
            })
            .unwrap_or_default()
    }

    fn place(self, score: f32) -> f32 {
        let width = self.best - self.worst;
        if width > f32::EPSILON { ((score - self.worst) / width).clamp(0.0, 1.0) } else { 1.0 }
    }

    fn share(self, score: f32) -> f32 {
        if self.best > f32::EPSILON { (score / self.best).clamp(0.0, 1.0) } else { 0.0 }
    }
}

/// Gives every passage its rerank score and sorts them, best first.
pub(crate) fn rerank(
    passages: &mut [Read],
    question: &[String],
    centrality: &HashMap<DocumentId, f32>,
    weights: &Weights,
) {
    let terms = Terms::weigh(question, passages);
    let range =
        |of: fn(&PartScores) -> Option<f32>| Range::of(passages.iter().filter_map(|read| of(&read.ranked.scores)));
    let dense = range(|scores| scores.dense);
    let keyword = range(|scores| scores.keyword);
    let fused = range(|scores| Some(scores.fused));
    for read in passages.iter_mut() {
        let stems: HashSet<&String> = read.stems.iter().collect();
        read.coverage = terms.share(|term| stems.contains(term) || read.headings.contains(term));
        let scores = &mut read.ranked.scores;
        let features = [
            (weights.dense, scores.dense.map_or(0.0, |score| dense.place(score))),
            (weights.keyword, scores.keyword.map_or(0.0, |score| keyword.share(score))),
            (weights.fused, fused.share(scores.fused)),
            (weights.coverage, read.coverage),
            (weights.headings, terms.share(|term| read.headings.contains(term))),
            (weights.graph, scores.graph.unwrap_or(0.0).clamp(0.0, 1.0)),
            (weights.centrality, centrality.get(&read.ranked.document.id).copied().unwrap_or(0.0).clamp(0.0, 1.0)),
            (weights.proximity, terms.proximity(&read.stems)),
        ];
        let all: f32 = features.iter().map(|(weight, _)| weight).sum();
        let sum: f32 = features.iter().map(|(weight, feature)| weight * feature).sum();
        scores.rerank = (sum / all.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
    }
    passages.sort_by(|left, right| {
        let (left, right) = (&left.ranked, &right.ranked);
        right.scores.rerank.total_cmp(&left.scores.rerank).then(left.passage.id.cmp(&right.passage.id))
    });
}
