//! The few statistics that the reports need.

/// The value below which `share` of the values lie (nearest rank); `None` without values.
///
/// ```
/// assert_eq!(xtask::statistics::percentile(&[5.0, 1.0, 3.0, 2.0, 4.0], 0.5), Some(3.0));
/// ```
#[must_use]
pub fn percentile(values: &[f64], share: f64) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.max(1) - 1).or(sorted.last()).copied()
}

/// The mean; 0 without values.
#[must_use]
pub fn mean(values: &[f64]) -> f64 {
    if values.is_empty() { 0.0 } else { values.iter().sum::<f64>() / values.len() as f64 }
}

/// The smallest value; `None` without values.
#[must_use]
pub fn smallest(values: &[f64]) -> Option<f64> {
    values.iter().copied().min_by(f64::total_cmp)
}

/// The slope of the straight line that fits points best by least squares; 0 when all have one abscissa.
///
/// ```
/// assert_eq!(xtask::statistics::slope(&[(0.0, 1.0), (1.0, 3.0), (2.0, 5.0)]), 2.0);
/// ```
#[must_use]
pub fn slope(points: &[(f64, f64)]) -> f64 {
    let middle = mean(&points.iter().map(|point| point.0).collect::<Vec<_>>());
    let height = mean(&points.iter().map(|point| point.1).collect::<Vec<_>>());
    let spread: f64 = points.iter().map(|point| (point.0 - middle).powi(2)).sum();
    let together: f64 = points.iter().map(|point| (point.0 - middle) * (point.1 - height)).sum();
    if spread > 0.0 { together / spread } else { 0.0 }
}

/// Normalised discounted cumulative gain over the first ten results (Järvelin and Kekäläinen, 2002) with gains of 0 and 1.
///
/// `gold_of_result` holds, result by result, which of the gold pages it comes from. A page counts once, at its first
/// place. The ideal order shows all `gold` pages first. 0 when there is no gold page.
#[must_use]
pub fn ndcg_at_10(gold_of_result: &[Option<usize>], gold: usize) -> f64 {
    let discount = |place: usize| 1.0 / ((place + 2) as f64).log2();
    let mut seen = std::collections::BTreeSet::new();
    let gain: f64 = gold_of_result
        .iter()
        .take(10)
        .enumerate()
        .filter_map(|(place, page)| page.filter(|page| seen.insert(*page)).map(|_| discount(place)))
        .sum();
    let ideal: f64 = (0..gold.min(10)).map(discount).sum();
    if ideal > 0.0 { gain / ideal } else { 0.0 }
}

/// Which share of the true neighbours was found; 1 when there are none.
#[must_use]
pub fn recall<T: PartialEq>(found: &[T], exact: &[T]) -> f64 {
    if exact.is_empty() {
        return 1.0;
    }
    exact.iter().filter(|neighbour| found.contains(neighbour)).count() as f64 / exact.len() as f64
}
