//! Whether what was found speaks of what was asked.

use ambit_domain::Relevance;

use crate::Thresholds;

/// The evidence of one passage.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Evidence {
    /// Cosine similarity, when dense search found it.
    pub(crate) similarity: Option<f32>,
    /// The share of the question's words that it holds, by their rarity.
    pub(crate) coverage: f32,
}

/// What a question is decided by, besides the evidence of each passage.
#[derive(Debug)]
pub(crate) struct Circumstances {
    /// The similarities of all that dense search found, if it took part; without it only words count.
    pub(crate) dense: Option<Vec<f32>>,
    /// Whether the question names something that no passage mentions.
    pub(crate) names_unknown: bool,
}

/// Decides from the passages that were found.
pub(crate) fn decide(evidence: &[Evidence], circumstances: Circumstances, thresholds: &Thresholds) -> Relevance {
    let Circumstances { dense, names_unknown } = circumstances;
    let asked_dense = dense.is_some();
    let background = background(dense.unwrap_or_default());
    let stands_out = |similarity: f32| !names_unknown && similarity - background >= thresholds.standing_out;
    let sure = if names_unknown { thresholds.named_similarity } else { thresholds.sure_similarity };
    let answers = |evidence: &Evidence| match evidence.similarity {
        Some(similarity) if similarity >= sure => true,
        Some(similarity) if similarity >= thresholds.possible_similarity && stands_out(similarity) => true,
        Some(similarity) if similarity >= thresholds.possible_similarity => {
            evidence.coverage >= thresholds.possible_coverage
        }
        Some(similarity) if similarity >= thresholds.least_similarity => evidence.coverage >= thresholds.sure_coverage,
        Some(_) => false,
        None if asked_dense => evidence.coverage >= f32::midpoint(1.0, thresholds.sure_coverage),
        None => evidence.coverage >= thresholds.words_alone_coverage,
    };
    if evidence.iter().any(answers) { Relevance::Relevant } else { Relevance::NothingRelevant }
}

/// What an arbitrary passage is like: the median similarity. Sources that speak of one field are all a little like any
/// question from that field; only what stands out from them answers.
fn background(mut similarities: Vec<f32>) -> f32 {
    similarities.sort_by(f32::total_cmp);
    match similarities.len() {
        // One passage alone tells nothing about the others.
        0 | 1 => f32::INFINITY,
        length => similarities[(length - 1) / 2],
    }
}
