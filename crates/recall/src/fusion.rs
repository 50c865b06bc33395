//! Reciprocal-rank fusion (Cormack, Clarke, Büttcher 2009).

use std::collections::HashMap;

use ambit_domain::{PartScores, PassageId};

use crate::Weights;

/// What each part found, best first.
#[derive(Debug, Default)]
pub(crate) struct Lists {
    pub(crate) dense: Vec<(PassageId, f32)>,
    pub(crate) keyword: Vec<(PassageId, f32)>,
    pub(crate) graph: Vec<(PassageId, f32)>,
}

/// Scores by passage, the best fused ones first. Equal ones by id, so that the same question gives the same order.
pub(crate) fn fuse(lists: &Lists, weights: &Weights) -> Vec<(PassageId, PartScores)> {
    let mut scores: HashMap<PassageId, PartScores> = HashMap::new();
    let mut add = |list: &[(PassageId, f32)], weight: f32, set: fn(&mut PartScores, f32)| {
        let mut rank = 0.0_f32;
        for (passage, score) in list {
            rank += 1.0;
            let entry = scores.entry(*passage).or_default();
            entry.fused += weight / (weights.fusion_constant + rank);
            set(entry, *score);
        }
    };
    add(&lists.dense, weights.fusion_dense, |scores, score| scores.dense = Some(score));
    add(&lists.keyword, weights.fusion_keyword, |scores, score| scores.keyword = Some(score));
    add(&lists.graph, weights.fusion_graph, |scores, score| scores.graph = Some(score));
    let mut fused: Vec<(PassageId, PartScores)> = scores.into_iter().collect();
    fused.sort_by(|left, right| right.1.fused.total_cmp(&left.1.fused).then(left.0.cmp(&right.0)));
    fused
}
