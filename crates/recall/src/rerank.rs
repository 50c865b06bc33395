//! A transparent rerank: a weighted sum of features, each 0 to 1.

use std::collections::HashMap;

use ambit_domain::{DocumentId, PartScores, RankedPassage};

use crate::Weights;
use crate::relevance::Evidence;
use crate::words::SoughtWords;

/// Rarity is bounded, so that one odd word of a question does not outweigh all others.
const RARITY: std::ops::RangeInclusive<f32> = 0.5..=3.0;

/// A passage with what its features are computed from.
pub(crate) struct Read {
    pub(crate) ranked: RankedPassage,
    /// Which of the question's words its text holds, as bits.
    in_text: u64,
    /// Which ones its headings, its title and its file's name hold.
    in_headings: u64,
    coverage: f32,
}

impl Read {
    pub(crate) fn new(ranked: RankedPassage, sought: &SoughtWords) -> Self {
        let mut read = Self { in_text: 0, in_headings: 0, coverage: 0.0, ranked };
        read.in_text = sought.held_by(&read.ranked.passage.text);
        read.in_headings = read.headings_hold(sought);
        read
    }

    /// Which of these words its headings, its title and its file's name hold, as bits.
    fn headings_hold(&self, words: &SoughtWords) -> u64 {
        let RankedPassage { passage, document, .. } = &self.ranked;
        let titles = passage.breadcrumb.iter().chain(document.title.as_ref()).map(String::as_str);
        let name = document.path.file_stem().map(|name| name.to_string_lossy());
        titles.chain(name.as_deref()).fold(0, |held, title| held | words.held_by(title))
    }

    /// Which of these words it holds anywhere, as bits.
    pub(crate) fn holds(&self, words: &SoughtWords) -> u64 {
        if words.count() == 0 { 0 } else { words.held_by(&self.ranked.passage.text) | self.headings_hold(words) }
    }

    pub(crate) fn evidence(&self) -> Evidence {
        Evidence { similarity: self.ranked.scores.dense, coverage: self.coverage }
    }
}

/// How rare each word of a question is among the passages that were read.
struct Rarity {
    words: Vec<f32>,
    total: f32,
}

impl Rarity {
    fn among(passages: &[Read], words: usize) -> Self {
        let count = passages.len() as f32;
        let rarity = |word: usize| {
            let holding = passages.iter().filter(|read| (read.in_text | read.in_headings) >> word & 1 == 1).count();
            let rarity = (1.0 + (count - holding as f32 + 0.5) / (holding as f32 + 0.5)).ln();
            rarity.clamp(*RARITY.start(), *RARITY.end())
        };
        let words: Vec<f32> = (0..words).map(rarity).collect();
        let total = words.iter().sum::<f32>().max(f32::MIN_POSITIVE);
        Self { words, total }
    }

    /// The share of the words that are held, by rarity.
    fn share(&self, held: u64) -> f32 {
        let bits = self.words.iter().enumerate().filter(|(word, _)| held >> word & 1 == 1);
        bits.map(|(_, rarity)| rarity).sum::<f32>() / self.total
    }
}

/// Gives every passage its rerank score and sorts them, best first.
pub(crate) fn rerank(
    passages: &mut [Read],
    sought: &SoughtWords,
    centrality: &HashMap<DocumentId, f32>,
    weights: &Weights,
) {
    let rarity = Rarity::among(passages, sought.count());
    let all = |of: fn(&PartScores) -> Option<f32>| passages.iter().filter_map(move |read| of(&read.ranked.scores));
    // What dense search did not find is at most as near as the last that it found.
    let farthest = all(|scores| scores.dense).reduce(f32::min).unwrap_or(0.0);
    let best_keyword = all(|scores| scores.keyword).fold(f32::MIN_POSITIVE, f32::max);
    for read in passages.iter_mut() {
        read.coverage = rarity.share(read.in_text | read.in_headings);
        let scores = &mut read.ranked.scores;
        let features = [
            (weights.dense, scores.dense.unwrap_or(farthest)),
            (weights.keyword, scores.keyword.unwrap_or(0.0) / best_keyword),
            (weights.headings, rarity.share(read.in_headings)),
            (weights.graph, scores.graph.unwrap_or(0.0)),
            (weights.centrality, centrality.get(&read.ranked.document.id).copied().unwrap_or(0.0)),
        ];
        let all: f32 = features.iter().map(|(weight, _)| weight).sum();
        let sum: f32 = features.iter().map(|(weight, feature)| weight * feature.clamp(0.0, 1.0)).sum();
        scores.rerank = (sum / all.max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
    }
    passages.sort_by(|left, right| {
        let (left, right) = (&left.ranked, &right.ranked);
        right.scores.rerank.total_cmp(&left.scores.rerank).then(left.passage.id.cmp(&right.passage.id))
    });
}
