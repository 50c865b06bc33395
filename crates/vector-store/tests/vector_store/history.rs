//! Versions, retention, purge.

use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::PassageIndex;
use ambit_domain::{DocumentId, ErrorCode, PassageVector, Sequence};

use crate::fixture::{MODEL, TestClock, all, count_files, files_with, open, open_with, put, row, small};

#[tokio::test]
async fn one_can_go_back_and_forward_again() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let store = open_with(folder.path(), small(), Arc::clone(&clock)).await;
    for sequence in 1..=3 {
        put(&store, sequence, sequence).await;
        store.flush().await.unwrap();
        clock.advance(Duration::from_secs(60));
    }
    let versions = store.versions().await.unwrap();
    assert_eq!(versions.iter().map(|version| version.applied.0).collect::<Vec<_>>(), [3, 2, 1], "newest first");
    assert!(versions.is_sorted_by(|a, b| a.at > b.at && a.version > b.version));
    let first = versions[2].version;
    put(&store, 4, 4).await;
    store.restore(first).await.unwrap();
    assert_eq!(all(&store).await, [10, 11, 12], "what waited is gone as well");
    assert_eq!(store.applied().await.unwrap(), Sequence(1));
    // Replay brings everything back, and repeats nothing.
    for sequence in 2..=4 {
        put(&store, sequence, sequence).await;
    }
    store.flush().await.unwrap();
    assert_eq!(store.count().await.unwrap(), 12);
    let third = store.versions().await.unwrap().into_iter().find(|version| version.applied == Sequence(3)).unwrap();
    drop(store);
    let store = open(folder.path()).await;
    store.restore(third.version).await.unwrap();
    assert_eq!(store.count().await.unwrap(), 9);
    assert_eq!(store.applied().await.unwrap(), Sequence(3));
    let error = store.restore(999).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound, "{error}");
    assert_eq!(store.count().await.unwrap(), 9);
}

#[tokio::test]
async fn rows_written_after_going_back_are_found_as_what_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, 1, 1).await;
    put(&store, 5, 1).await;
    store.flush().await.unwrap();
    let first = store.versions().await.unwrap()[0].version;
    store.apply(vec![DocumentId(5)], Vec::new(), MODEL.into(), Sequence(2)).await.unwrap();
    for sequence in 2..=4 {
        put(&store, sequence, sequence).await;
        store.flush().await.unwrap();
        assert_eq!(all(&store).await.len() as i64, 3 * sequence);
    }
    store.restore(first).await.unwrap();
    assert_eq!(all(&store).await, [10, 11, 12, 50, 51, 52], "what was deleted since is there again");
    store.apply(vec![DocumentId(5)], Vec::new(), MODEL.into(), Sequence(2)).await.unwrap();
    for sequence in 2..=4 {
        put(&store, sequence + 5, sequence).await;
        store.flush().await.unwrap();
    }
    assert_eq!(all(&store).await, [10, 11, 12, 70, 71, 72, 80, 81, 82, 90, 91, 92]);
    // Files are joined, and rows of others are gone from between.
    store.apply(vec![DocumentId(8)], Vec::new(), MODEL.into(), Sequence(5)).await.unwrap();
    store.purge().await.unwrap();
    assert_eq!(all(&store).await, [10, 11, 12, 70, 71, 72, 90, 91, 92]);
    // The engine begins again with its numbers.
    for document in [3, 4] {
        store.clear().await.unwrap();
        put(&store, document, 1).await;
        store.flush().await.unwrap();
        assert_eq!(all(&store).await, [10 * document, 10 * document + 1, 10 * document + 2]);
    }
}

#[tokio::test]
async fn old_versions_are_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let mut options = small();
    options.versions = 5;
    let store = open_with(folder.path(), options, Arc::clone(&clock)).await;
    for sequence in 1..=12 {
        put(&store, sequence, sequence).await;
        store.flush().await.unwrap();
    }
    let before = count_files(folder.path());
    store.maintain().await.unwrap();
    let kept: Vec<_> = store.versions().await.unwrap().iter().map(|version| version.applied.0).collect();
    assert_eq!(kept, [12, 11, 10, 9, 8]);
    assert!(count_files(folder.path()) < before, "files went with the versions");
    clock.advance(Duration::from_secs(8 * 24 * 3600));
    put(&store, 13, 13).await;
    store.maintain().await.unwrap();
    let kept: Vec<_> = store.versions().await.unwrap().iter().map(|version| version.applied.0).collect();
    assert_eq!(kept, [13], "after a week only the present is kept");
    assert_eq!(all(&store).await.len(), 39);
    let oldest = store.versions().await.unwrap()[0].version;
    store.restore(oldest).await.unwrap();
    assert_eq!(all(&store).await.len(), 39);
}

#[tokio::test]
async fn what_was_removed_is_in_no_file_after_a_purge() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let secret = "/home/ada/Secretplace/diary.md";
    for round in 0..4_i64 {
        let documents: Vec<i64> = (round * 50..round * 50 + 50).collect();
        let vectors = documents
            .iter()
            .map(|id| {
                let path = if id % 25 == 3 { format!("{secret}.{id}") } else { format!("/home/ada/kept/{id}.md") };
                PassageVector { path, ..row(*id, *id) }
            })
            .collect();
        store
            .apply(documents.into_iter().map(DocumentId).collect(), vectors, MODEL.into(), Sequence(round + 1))
            .await
            .unwrap();
        store.flush().await.unwrap();
        if round == 1 {
            store.maintain().await.unwrap();
        }
    }
    assert!(!files_with(folder.path(), "kept").is_empty(), "the search finds what is there");
    assert!(!files_with(folder.path(), "Secretplace").is_empty(), "the search finds what is there");
    let gone = (0..200).filter(|id| id % 25 == 3).map(DocumentId).collect();
    store.apply(gone, Vec::new(), MODEL.into(), Sequence(5)).await.unwrap();
    store.purge().await.unwrap();
    for needle in ["Secretplace", "diary"] {
        assert_eq!(files_with(folder.path(), needle), Vec::<std::path::PathBuf>::new());
    }
    assert_eq!(store.count().await.unwrap(), 192);
    assert_eq!(store.applied().await.unwrap(), Sequence(5));
    assert_eq!(store.versions().await.unwrap().len(), 1);
    assert_eq!(all(&store).await.len(), 192);
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(all(&store).await.len(), 192);
    assert_eq!(store.applied().await.unwrap(), Sequence(5));
}

#[tokio::test]
async fn a_cleared_store_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, 1, 1).await;
    store.flush().await.unwrap();
    put(&store, 2, 2).await;
    store.clear().await.unwrap();
    assert_eq!(store.applied().await.unwrap(), Sequence(0));
    assert_eq!(store.count().await.unwrap(), 0);
    assert!(all(&store).await.is_empty());
    assert!(store.versions().await.unwrap().is_empty());
    for sequence in 1..=3 {
        put(&store, sequence, sequence).await;
        store.flush().await.unwrap();
    }
    assert_eq!(all(&store).await.len(), 9);
    assert_eq!(store.applied().await.unwrap(), Sequence(3));
    assert_eq!(store.versions().await.unwrap().len(), 3);
}
