//! Measures, with bounds loose enough for a busy machine.

use std::time::{Duration, Instant};

use ambit_domain::port::{Graph, GraphQuestion};
use ambit_domain::{DocumentChange, DocumentId, Outline, Sequence};

use crate::fixture::{call, code, import, link, open, resident, section, symbol};

/// A source file with some 350 facts.
fn busy(id: i64) -> DocumentChange {
    let outline = Outline {
        headings: (0..15)
            .map(|n| section(2, &format!("Topic {} of part {}", (id * 7 + n) % 900, n), n as u32 * 10 + 1))
            .collect(),
        links: (0..15).map(|n| link(&format!("{}.rs", (id * 13 + n * n) % 3000))).collect(),
        symbols: (0..20)
            .map(|n| symbol(&format!("doThing{}With{n}", id % 997), &["Engine"], n * 10, n * 10 + 9))
            .collect(),
        references: (0..60)
            .map(|n| call(&format!("doThing{}With{}", (id + n) % 997, n % 20), None, n as u32))
            .chain((0..10).map(|n| import(&format!("crate::part{}::doThing{}With{n}", n, (id * 3 + n) % 997), 1)))
            .collect(),
        ..Outline::default()
    };
    code(id, &format!("/big/{id}.rs"), outline, id)
}

#[tokio::test(flavor = "multi_thread")]
async fn thousands_of_documents_load_and_answer_quickly() {
    let folder = tempfile::tempdir().unwrap();
    let before = resident();
    let graph = open(folder.path());
    let begun = Instant::now();
    for batch in (1..=3000).collect::<Vec<_>>().chunks(128) {
        graph.apply(batch.iter().map(|id| busy(*id)).collect()).await.unwrap();
    }
    let loading = begun.elapsed();
    let facts = graph.count().await.unwrap();
    eprintln!(
        "loaded {facts} facts of 3000 documents in {loading:?}: {:.0} facts/s; resident {:+} MB",
        facts as f64 / loading.as_secs_f64(),
        (resident() as i64 - before as i64) >> 20,
    );
    let begun = Instant::now();
    graph.maintain().await.unwrap();
    eprintln!("maintained in {:?}; resident {:+} MB", begun.elapsed(), (resident() as i64 - before as i64) >> 20);

    let about = |id: i64| GraphQuestion {
        terms: ["how", "does", "the", "topic", "7", "of", "part", "do", "thing"].map(str::to_owned).to_vec(),
        documents: (id..id + 10).map(DocumentId).collect(),
        limit: 50,
    };
    for (what, terms, documents) in [("words", about(1).terms, vec![]), ("documents", vec![], about(1).documents)] {
        let begun = Instant::now();
        for _ in 0..20 {
            let question = GraphQuestion { terms: terms.clone(), documents: documents.clone(), limit: 50 };
            graph.neighbours(question).await.unwrap();
        }
        eprintln!("neighbours by {what}: {:?}", begun.elapsed() / 20);
    }
    let mut times = Vec::new();
    for id in 1..=60 {
        let begun = Instant::now();
        let hits = graph.neighbours(about(id * 40)).await.unwrap();
        times.push(begun.elapsed());
        assert!(!hits.is_empty());
    }
    times.sort();
    eprintln!("neighbours: median {:?}, p95 {:?}", times[30], times[57]);
    assert!(times[30] < Duration::from_millis(200), "neighbours take {:?}", times[30]);

    let begun = Instant::now();
    for id in 1..=200 {
        let mut change = busy(id);
        if let DocumentChange::Written { document, .. } = &mut change {
            document.sequence = Sequence(10_000 + id);
        }
        graph.apply(vec![change]).await.unwrap();
    }
    eprintln!("one changed document: {:?}", begun.elapsed() / 200);
    assert_eq!(graph.count().await.unwrap(), facts);

    drop(graph);
    let begun = Instant::now();
    let graph = open(folder.path());
    assert_eq!(graph.applied().await.unwrap(), Sequence(10_200));
    let opening = begun.elapsed();
    let begun = Instant::now();
    graph.neighbours(about(1)).await.unwrap();
    eprintln!("opened in {opening:?}, first question after that {:?}", begun.elapsed());
    let begun = Instant::now();
    graph.purge().await.unwrap();
    eprintln!("purged in {:?}; resident {:+} MB", begun.elapsed(), (resident() as i64 - before as i64) >> 20);
    assert!(loading < Duration::from_secs(120), "loading took {loading:?}");
}
