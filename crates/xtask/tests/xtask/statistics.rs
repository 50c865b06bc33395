use xtask::statistics::{mean, ndcg_at_10, percentile, recall, slope, smallest};

#[test]
fn percentiles_are_values_that_occurred() {
    let values: Vec<f64> = (1..=100).rev().map(f64::from).collect();
    assert_eq!(percentile(&values, 0.5), Some(50.0));
    assert_eq!(percentile(&values, 0.95), Some(95.0));
    assert_eq!(percentile(&values, 1.0), Some(100.0));
    assert_eq!(percentile(&values, 0.0), Some(1.0));
    assert_eq!(percentile(&[7.0], 0.95), Some(7.0));
    assert_eq!(percentile(&[], 0.5), None);
    assert_eq!(smallest(&values), Some(1.0));
    assert_eq!(mean(&values), 50.5);
}

#[test]
fn ndcg_is_one_for_the_ideal_order_and_falls_with_the_place() {
    assert!((ndcg_at_10(&[Some(0), Some(1), None], 2) - 1.0).abs() < 1e-12);
    // One gold page at the third place: 1 / log2(4).
    assert!((ndcg_at_10(&[None, None, Some(0)], 1) - 0.5).abs() < 1e-12);
    assert_eq!(ndcg_at_10(&[None; 10], 1), 0.0);
    assert_eq!(ndcg_at_10(&[], 3), 0.0);
    assert_eq!(ndcg_at_10(&[Some(0)], 0), 0.0, "no gold, no gain");
}

#[test]
fn ndcg_counts_a_page_once_and_ten_places_only() {
    let repeated = ndcg_at_10(&[Some(0), Some(0), Some(0)], 1);
    assert!((repeated - 1.0).abs() < 1e-12, "three passages of one page must not exceed the ideal: {repeated}");
    let mut eleventh = vec![None; 10];
    eleventh.push(Some(0));
    assert_eq!(ndcg_at_10(&eleventh, 1), 0.0);
    // Of two gold pages only the second is found, first: 1 / (1 + 1/log2(3)).
    let half = ndcg_at_10(&[Some(1)], 2);
    assert!((half - 1.0 / (1.0 + 1.0 / 3.0_f64.log2())).abs() < 1e-12, "{half}");
}

#[test]
fn recall_is_the_share_of_true_neighbours() {
    assert_eq!(recall(&[1, 2, 3, 9], &[3, 2, 5, 7]), 0.5);
    assert_eq!(recall(&[] as &[i32], &[1]), 0.0);
    assert_eq!(recall(&[1], &[]), 1.0);
}

#[test]
fn the_slope_is_that_of_the_nearest_straight_line() {
    // By hand: means 1.5 and 3.25, 5.5 over 5.
    assert!((slope(&[(0.0, 2.0), (1.0, 2.0), (2.0, 4.0), (3.0, 5.0)]) - 1.1).abs() < 1e-12);
    assert_eq!(slope(&[(1.0, 2.0), (1.0, 9.0)]), 0.0, "one abscissa says nothing");
    assert_eq!(slope(&[]), 0.0);
}
