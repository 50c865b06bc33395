//! Which experts a token asks.

use super::configuration::ExpertConfiguration;

/// For each row of the router's scores the experts with their shares, by number.
pub(super) fn choose(scores: &[f32], choice: ExpertConfiguration) -> Vec<Vec<(usize, f32)>> {
    scores.chunks_exact(choice.count).map(|scores| choose_one(scores, choice)).collect()
}

fn choose_one(scores: &[f32], choice: ExpertConfiguration) -> Vec<(usize, f32)> {
    let largest = scores.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let mut shares: Vec<(usize, f32)> = scores.iter().map(|score| (score - largest).exp()).enumerate().collect();
    let sum: f32 = shares.iter().map(|(_, share)| share).sum();
    // Of equal ones the first, as the reference does.
    shares.sort_by(|(left, left_share), (right, right_share)| right_share.total_cmp(left_share).then(left.cmp(right)));
    shares.truncate(choice.chosen);
    let whole = if choice.is_normalised { shares.iter().map(|(_, share)| share).sum() } else { sum };
    shares.iter_mut().for_each(|(_, share)| *share /= whole);
    shares.sort_by_key(|(expert, _)| *expert);
    shares
}
