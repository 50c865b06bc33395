use std::collections::HashMap;

use xtask::synthetic::{Clusters, Random, Vocabulary, Zipf};

fn dot(one: &[f32], other: &[f32]) -> f32 {
    one.iter().zip(other).map(|(one, other)| one * other).sum()
}

#[test]
fn equal_seeds_give_equal_data() {
    let draw = |seed| {
        let mut random = Random::new(seed);
        let clusters = Clusters::new(&mut random, 5, 16, 0.8);
        (clusters.draw(&mut random), Vocabulary::new(&mut random, 50).text(&mut random, 20))
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
}

#[test]
fn vectors_have_length_one_and_lie_in_clusters() {
    let mut random = Random::new(7);
    let clusters = Clusters::new(&mut random, 20, 384, 0.9);
    let vectors: Vec<_> = (0..400).map(|_| clusters.draw(&mut random)).collect();
    for vector in &vectors {
        assert!((dot(vector, vector) - 1.0).abs() < 1e-4);
    }
    // Random directions in 384 dimensions are nearly orthogonal; members of one cluster are not.
    let nearest = |index: usize| {
        (0..vectors.len())
            .filter(|other| *other != index)
            .map(|other| dot(&vectors[index], &vectors[other]))
            .fold(f32::MIN, f32::max)
    };
    let mean_nearest = (0..50).map(nearest).sum::<f32>() / 50.0;
    let mean_any = (1..200).map(|other| dot(&vectors[0], &vectors[other])).sum::<f32>() / 199.0;
    assert!(mean_nearest > 0.4, "the nearest neighbour is far away: {mean_nearest}");
    assert!(mean_nearest < 0.99, "the neighbours are copies: {mean_nearest}");
    assert!(mean_any < 0.3, "everything is one cluster: {mean_any}");
}

#[test]
fn ranks_follow_the_law() {
    let mut random = Random::new(3);
    let zipf = Zipf::new(1000, 1.0);
    let mut counts: HashMap<usize, u32> = HashMap::new();
    for _ in 0..100_000 {
        *counts.entry(zipf.draw(&mut random)).or_default() += 1;
    }
    assert!(counts.keys().all(|rank| *rank < 1000));
    let ratio = f64::from(counts[&0]) / f64::from(counts[&9]);
    assert!((8.0..12.0).contains(&ratio), "the first word should be ten times as frequent as the tenth: {ratio}");
}

#[test]
fn words_are_distinct_and_texts_as_long_as_asked() {
    let mut random = Random::new(11);
    let vocabulary = Vocabulary::new(&mut random, 5000);
    let text = vocabulary.text(&mut random, 120);
    assert_eq!(text.split_whitespace().count(), 120);
    let distinct: std::collections::HashSet<_> = text.split_whitespace().collect();
    assert!(distinct.len() > 40, "hardly any variety: {}", distinct.len());
}
