//! Recall, latency and memory on clustered vectors.

use std::time::{Duration, Instant};

use ambit_domain::port::PassageIndex;
use ambit_domain::{DocumentId, Embedding, PassageVector, Sequence};
use ambit_vector_store::{VectorStore, VectorStoreOptions};

use crate::fixture::{MODEL, Random, normalise, open_with, processor_time, query, resident, row};

const DIMENSIONS: usize = 384;

/// Clusters of unit vectors, as text has them: a topic and a variation of half its size.
struct Clusters {
    centres: Vec<Embedding>,
    random: Random,
}

impl Clusters {
    fn new(count: usize) -> Self {
        let mut random = Random(42);
        let centres = (0..count).map(|_| random.direction(DIMENSIONS)).collect();
        Self { centres, random }
    }

    fn draw(&mut self) -> Embedding {
        let centre = (self.random.next() % self.centres.len() as u64) as usize;
        let spread = 0.7 / (DIMENSIONS as f32).sqrt();
        let mut vector: Embedding =
            self.centres[centre].clone().into_iter().map(|value| value + spread * self.random.normal()).collect();
        normalise(&mut vector);
        vector
    }
}

async fn fill(store: &VectorStore, clusters: &mut Clusters, rows: usize) -> Vec<f32> {
    let mut all = Vec::with_capacity(rows * DIMENSIONS);
    let mut sequence = 0;
    while all.len() < rows * DIMENSIONS {
        sequence += 1;
        let first = (all.len() / DIMENSIONS) as i64;
        let vectors: Vec<PassageVector> = (0..256.min(rows as i64 - first))
            .map(|n| {
                let embedding = clusters.draw();
                all.extend_from_slice(&embedding);
                PassageVector { embedding, ..row((first + n) / 8, first + n) }
            })
            .collect();
        let documents =
            vectors.iter().map(|vector| vector.document).collect::<std::collections::BTreeSet<DocumentId>>();
        store.apply(documents.into_iter().collect(), vectors, MODEL.into(), Sequence(sequence)).await.unwrap();
    }
    store.flush().await.unwrap();
    all
}

fn exact(all: &[f32], question: &[f32], limit: usize) -> Vec<i64> {
    let mut scored: Vec<(f32, i64)> = all
        .chunks_exact(DIMENSIONS)
        .zip(0..)
        .map(|(vector, passage)| (vector.iter().zip(question).map(|(a, b)| a * b).sum(), passage))
        .collect();
    scored.select_nth_unstable_by(limit, |a, b| b.0.total_cmp(&a.0));
    scored.truncate(limit);
    scored.into_iter().map(|(_, passage)| passage).collect()
}

/// A number from the environment, for measurements at other sizes.
fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|value| value.parse().ok()).unwrap_or(otherwise)
}

struct Measured {
    recall: f64,
    median: Duration,
    p95: Duration,
    /// Milliseconds of processor time per question.
    processor: f64,
}

async fn measure(store: &VectorStore, all: &[f32], questions: &[Embedding], limit: usize) -> Measured {
    for question in questions.iter().take(5) {
        store.search(query(question.clone(), limit)).await.unwrap();
    }
    let (mut answers, mut times) = (Vec::new(), Vec::new());
    let processor = processor_time();
    for question in questions {
        let begun = Instant::now();
        answers.push(store.search(query(question.clone(), limit)).await.unwrap());
        times.push(begun.elapsed());
    }
    let processor = (processor_time() - processor) as f64 / questions.len() as f64;
    times.sort();
    let mut found = 0;
    for (question, hits) in questions.iter().zip(answers) {
        let nearest = exact(all, question, 10);
        found += hits.iter().take(10).filter(|hit| nearest.contains(&hit.passage.0)).count();
    }
    Measured {
        recall: found as f64 / (10 * questions.len()) as f64,
        median: times[times.len() / 2],
        p95: times[times.len() * 95 / 100],
        processor,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_coarse_index_finds_what_an_exact_search_finds() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = VectorStoreOptions::default();
    options.fine_rows = 0;
    let store = open_with(folder.path(), options, Default::default()).await;
    let mut clusters = Clusters::new(100);
    let all = fill(&store, &mut clusters, 12_000).await;
    let questions: Vec<Embedding> = (0..50).map(|_| clusters.draw()).collect();
    store.maintain().await.unwrap();
    assert!(!store.index_state().is_fine);
    drop(store);
    // A store that grew beyond the limit since gets the other kind, whenever that is noticed.
    let store = open_with(folder.path(), VectorStoreOptions::default(), Default::default()).await;
    store.maintain().await.unwrap();
    assert!(!store.index_state().is_fine, "an index that does is left as it is");
    for limit in [10, 50] {
        let indexed = measure(&store, &all, &questions, limit).await;
        assert!(indexed.recall >= 0.95, "recall@10 is {}", indexed.recall);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_index_finds_what_an_exact_search_finds() {
    let rows = number("AMBIT_TEST_VECTORS", 60_000);
    let folder = tempfile::tempdir().unwrap();
    let options = VectorStoreOptions::default();
    let store = open_with(folder.path(), options.clone(), Default::default()).await;
    let mut clusters = Clusters::new(rows / number("AMBIT_TEST_CLUSTER", 200));
    let begun = Instant::now();
    let all = fill(&store, &mut clusters, rows).await;
    eprintln!("{rows} rows written in {:?}", begun.elapsed());
    let questions: Vec<Embedding> = (0..100).map(|_| clusters.draw()).collect();
    let flat = measure(&store, &all, &questions[..20], 10).await;
    eprintln!(
        "exact: recall {:.3}, median {:?}, p95 {:?}, processor {:.1} ms",
        flat.recall, flat.median, flat.p95, flat.processor
    );
    assert!(flat.recall > 0.999, "an exact search is exact: {}", flat.recall);

    let before = resident();
    let begun = Instant::now();
    store.maintain().await.unwrap();
    eprintln!("maintained in {:?}, resident {:+} MB", begun.elapsed(), (resident() - before) >> 20);
    assert_eq!(store.index_state().indexed, Some(rows as u64), "the index holds everything");
    assert_eq!(store.index_state().is_fine, rows as u64 <= options.fine_rows);
    for limit in [10, 50] {
        let indexed = measure(&store, &all, &questions, limit).await;
        eprintln!(
            "index, limit {limit}: recall@10 {:.3}, median {:?}, p95 {:?}, processor {:.1} ms, resident {:+} MB",
            indexed.recall,
            indexed.median,
            indexed.p95,
            indexed.processor,
            (resident() - before) >> 20
        );
        // Without an exact comparison, neighbours that are about as near change places.
        assert!(indexed.recall >= 0.93, "recall@10 is {}", indexed.recall);
        assert!(indexed.p95 < Duration::from_millis(500), "p95 is {:?}", indexed.p95);
    }
    // With nothing to do and nobody asking, the caches are given back; the next search still answers.
    store.maintain().await.unwrap();
    store.maintain().await.unwrap();
    eprintln!("idle, resident {:+} MB", (resident() - before) >> 20);
    let mut filtered = query(questions[0].clone(), 10);
    filtered.filter.paths = vec!["/home/ada/notes/77.md".into()];
    let begun = Instant::now();
    let hits = store.search(filtered).await.unwrap();
    eprintln!("filtered by path in {:?}", begun.elapsed());
    assert_eq!(hits.len(), 8);
    assert!(hits.iter().all(|hit| hit.document == DocumentId(77)));

    // New rows count at once, before and after they are in the index.
    let fresh: Vec<PassageVector> =
        (0..5000).map(|n| PassageVector { embedding: clusters.draw(), ..row(1_000_000 + n, 10_000_000 + n) }).collect();
    let probe = fresh[4321].clone();
    let documents = fresh.iter().map(|vector| vector.document).collect();
    store.apply(documents, fresh, MODEL.into(), Sequence(1_000_000)).await.unwrap();
    for maintained in [false, true] {
        if maintained {
            let begun = Instant::now();
            store.maintain().await.unwrap();
            eprintln!("5000 more rows put into the index in {:?}", begun.elapsed());
        }
        let begun = Instant::now();
        let hit = store.search(query(probe.embedding.clone(), 10)).await.unwrap()[0];
        eprintln!("a new row found in {:?}", begun.elapsed());
        assert_eq!(hit.passage, probe.passage);
    }
    // Removed rows leave the index with a purge, and searches still work.
    let begun = Instant::now();
    store.apply((0..500).map(DocumentId).collect(), Vec::new(), MODEL.into(), Sequence(1_000_001)).await.unwrap();
    store.purge().await.unwrap();
    eprintln!("4000 rows purged in {:?}", begun.elapsed());
    assert_eq!(store.count().await.unwrap(), rows as u64 + 5000 - 4000);
    let hits = store.search(query(all[..DIMENSIONS].to_vec(), 10)).await.unwrap();
    assert!(hits.iter().all(|hit| hit.document.0 >= 500), "{hits:?}");
    drop(store);
    let before = resident();
    let begun = Instant::now();
    let store = open_with(folder.path(), options, Default::default()).await;
    eprintln!("opened in {:?}, resident {:+} MB", begun.elapsed(), (resident() - before) >> 20);
    let begun = Instant::now();
    store.search(query(questions[0].clone(), 10)).await.unwrap();
    eprintln!("first search after opening in {:?}, resident {:+} MB", begun.elapsed(), (resident() - before) >> 20);
}
