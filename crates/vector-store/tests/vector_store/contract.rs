//! What the port promises.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::PassageIndex;
use ambit_domain::{
    DocumentId, DocumentKind, ErrorCode, PassageFilter, PassageId, PassageVector, Sequence, Timestamp, VectorQuery,
};

use crate::fixture::{
    MODEL, TestClock, all, count_files, embedding, open, open_with, passing, put, query, row, rows, small,
};

#[tokio::test]
async fn an_empty_store_answers() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(0));
    assert_eq!(store.count().await.unwrap(), 0);
    assert!(store.search(query(embedding(1), 5)).await.unwrap().is_empty());
    assert!(store.versions().await.unwrap().is_empty());
    store.maintain().await.unwrap();
    store.purge().await.unwrap();
    store.clear().await.unwrap();
    store.flush().await.unwrap();
    assert_eq!(store.applied().await.unwrap(), Sequence(0));
}

#[tokio::test]
async fn the_nearest_come_first_whether_written_or_waiting() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    for document in 1..=20 {
        put(&store, document, document).await;
        if document == 10 {
            store.flush().await.unwrap();
        }
    }
    let check = async || {
        for (passage, document) in [(51, 5), (152, 15)] {
            let hits = store.search(query(embedding(passage), 5)).await.unwrap();
            assert_eq!(hits.len(), 5);
            assert_eq!((hits[0].passage, hits[0].document), (PassageId(passage), DocumentId(document)));
            assert!((hits[0].similarity - 1.0).abs() < 1e-4, "{hits:?}");
            assert!(hits.is_sorted_by(|a, b| a.similarity >= b.similarity), "{hits:?}");
            let by_hand: f32 = embedding(passage).iter().zip(embedding(hits[4].passage.0)).map(|(a, b)| a * b).sum();
            assert!((hits[4].similarity - by_hand).abs() < 1e-4, "the similarity is the cosine");
        }
    };
    check().await;
    assert_eq!(store.applied().await.unwrap(), Sequence(10), "only what is on the disk is told");
    store.flush().await.unwrap();
    check().await;
    assert_eq!(store.applied().await.unwrap(), Sequence(20));
    assert_eq!(store.count().await.unwrap(), 60);
    assert!(store.search(query(embedding(1), 0)).await.unwrap().is_empty());
    assert_eq!(store.search(query(embedding(1), 1000)).await.unwrap().len(), 60);
}

#[tokio::test]
async fn a_passage_is_as_near_as_its_nearest_part_and_counts_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let part = |passage: i64, part: u32| PassageVector {
        part,
        embedding: embedding(passage * 100 + i64::from(part)),
        ..row(passage / 10, passage)
    };
    // Many parts, so that a search whose first rows are all of one passage has to look further.
    let long: Vec<PassageVector> = (0..40).map(|n| PassageVector { embedding: embedding(7), ..part(11, n) }).collect();
    store.apply(vec![DocumentId(1)], long, MODEL.into(), Sequence(1)).await.unwrap();
    let second: Vec<PassageVector> = (20..25).flat_map(|passage| [part(passage, 0), part(passage, 1)]).collect();
    store.apply(vec![DocumentId(2)], second, MODEL.into(), Sequence(2)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.count().await.unwrap(), 6);
        let hits = store.search(query(embedding(7), 3)).await.unwrap();
        assert_eq!(hits.len(), 3, "{hits:?}");
        assert_eq!(hits[0].passage, PassageId(11));
        assert!(hits[1..].iter().all(|hit| hit.passage != PassageId(11)), "{hits:?}");
        let hits = store.search(query(embedding(2301), 10)).await.unwrap();
        assert_eq!(hits.len(), 6);
        assert_eq!(hits[0].passage, PassageId(23));
        assert!((hits[0].similarity - 1.0).abs() < 1e-4, "{hits:?}");

        let mut stored = store.stored(vec![PassageId(23), PassageId(99)], MODEL.into()).await.unwrap();
        stored.sort_by_key(|vector| vector.part);
        let told: Vec<_> = stored.iter().map(|vector| (vector.passage.0, vector.part)).collect();
        assert_eq!(told, [(23, 0), (23, 1)]);
        assert_eq!(stored[1].embedding, embedding(2301));
        assert!(store.stored(vec![PassageId(23)], "another".into()).await.unwrap().is_empty());
        store.flush().await.unwrap();
    }
    // Told again with fewer parts, none of the old ones is left.
    store.apply(vec![DocumentId(2)], vec![part(23, 0)], MODEL.into(), Sequence(3)).await.unwrap();
    for _ in 0..2 {
        assert_eq!(store.count().await.unwrap(), 2);
        assert_eq!(store.stored(vec![PassageId(23)], MODEL.into()).await.unwrap().len(), 1);
        store.flush().await.unwrap();
    }
}

/// Every order of writing and waiting must give the same rows.
#[tokio::test]
async fn changes_replace_and_repeat_wherever_the_rows_are() {
    for flushes in 0..32 {
        let folder = tempfile::tempdir().unwrap();
        let store = open(folder.path()).await;
        let flush = async |step: u32| {
            if flushes & (1 << step) != 0 {
                store.flush().await.unwrap();
            }
        };
        put(&store, 1, 1).await;
        put(&store, 2, 2).await;
        flush(0).await;
        put(&store, 2, 2).await;
        flush(1).await;
        // A new version of 1 with other passages; 2 goes away and comes back smaller.
        let newer = vec![row(1, 1001), row(1, 1002)];
        store.apply(vec![DocumentId(1)], newer.clone(), MODEL.into(), Sequence(3)).await.unwrap();
        flush(2).await;
        store.apply(vec![DocumentId(1)], newer, MODEL.into(), Sequence(3)).await.unwrap();
        store.apply(vec![DocumentId(2)], Vec::new(), MODEL.into(), Sequence(4)).await.unwrap();
        flush(3).await;
        // The rest of a document in a second call, told twice.
        store.apply(vec![DocumentId(2)], vec![row(2, 2001)], MODEL.into(), Sequence(5)).await.unwrap();
        store.apply(Vec::new(), vec![row(2, 2002)], MODEL.into(), Sequence(5)).await.unwrap();
        flush(4).await;
        store.apply(Vec::new(), vec![row(2, 2002)], MODEL.into(), Sequence(5)).await.unwrap();
        for _ in 0..2 {
            assert_eq!(all(&store).await, [1001, 1002, 2001, 2002], "flushes {flushes:05b}");
            assert_eq!(store.count().await.unwrap(), 4, "flushes {flushes:05b}");
            store.flush().await.unwrap();
        }
        assert_eq!(store.applied().await.unwrap(), Sequence(5));
        drop(store);
        let store = open(folder.path()).await;
        assert_eq!(all(&store).await, [1001, 1002, 2001, 2002], "flushes {flushes:05b}, reopened");
        assert_eq!(store.applied().await.unwrap(), Sequence(5));
    }
}

#[tokio::test]
async fn many_removed_documents_hide_few_others() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    for document in 1..=100 {
        put(&store, document, document).await;
    }
    store.flush().await.unwrap();
    // The nearest hundred or so are removed and only wait to be written.
    let nearest = store.search(query(embedding(7), 120)).await.unwrap();
    let gone: Vec<DocumentId> = nearest.iter().map(|hit| hit.document).take(100).collect();
    store.apply(gone.clone(), Vec::new(), MODEL.into(), Sequence(101)).await.unwrap();
    let rest = store.search(query(embedding(7), 50)).await.unwrap();
    let left = 300 - 3 * gone.iter().collect::<std::collections::HashSet<_>>().len();
    assert_eq!(rest.len(), left.min(50));
    assert!(rest.iter().all(|hit| !gone.contains(&hit.document)));
}

#[tokio::test]
async fn filters_mean_what_they_say() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    let paths = [
        "/a/b/one.md",
        "/a/b",
        "/a/bc/two.md",
        "/a/b/c/three.rs",
        "/a/B/four.md",
        "/a/b%/five.md",
        "/a/b_/six.md",
        "/a/it's \"quoted\"; DROP TABLE vectors --/seven.md",
        "/a/back\\slash/eight.md",
        "/a/\u{0}zero\n\u{1f600}/nine.md",
        "/a/日本/ten.md",
    ];
    let mut vectors: Vec<PassageVector> = Vec::new();
    for (passage, path) in (0..).zip(paths) {
        vectors.push(PassageVector { path: path.into(), language: None, ..row(passage, passage) });
    }
    vectors[3].kind = DocumentKind::Code;
    vectors[3].language = Some("rust".into());
    vectors[4].language = Some("e' OR '1'='1".into());
    vectors[5].language = Some("en".into());
    let documents = (0..paths.len() as i64).map(DocumentId).collect();
    store.apply(documents, vectors, MODEL.into(), Sequence(1)).await.unwrap();
    let below =
        |paths: &[&str]| PassageFilter { paths: paths.iter().map(PathBuf::from).collect(), ..Default::default() };
    let without =
        |ids: &[i64]| PassageFilter { without: ids.iter().copied().map(DocumentId).collect(), ..below(&["/"]) };
    let languages = |names: &[&str]| PassageFilter {
        languages: names.iter().map(|name| (*name).to_owned()).collect(),
        ..Default::default()
    };
    for written in [false, true] {
        if written {
            store.flush().await.unwrap();
        }
        let ten: Vec<i64> = (0..paths.len() as i64).collect();
        assert_eq!(passing(&store, below(&["/"])).await, ten);
        assert_eq!(passing(&store, below(&["/a"])).await, ten);
        assert_eq!(passing(&store, below(&["/a/b"])).await, [0, 1, 3]);
        assert_eq!(passing(&store, below(&["/a/b/"])).await, [0, 1, 3]);
        assert_eq!(passing(&store, below(&["/a/b/c/three.rs", "/a/bc"])).await, [2, 3]);
        assert_eq!(passing(&store, without(&[0, 1, 3, 99])).await, [2, 4, 5, 6, 7, 8, 9, 10]);
        assert_eq!(passing(&store, without(&ten)).await, Vec::<i64>::new());
        assert_eq!(passing(&store, below(&["/a/b%"])).await, [5]);
        assert_eq!(passing(&store, below(&["/a/b_"])).await, [6]);
        assert_eq!(passing(&store, below(&["/a/it's \"quoted\"; DROP TABLE vectors --"])).await, [7]);
        assert_eq!(passing(&store, below(&["/a/back\\slash"])).await, [8]);
        assert_eq!(passing(&store, below(&["/a/\u{0}zero\n\u{1f600}"])).await, [9]);
        assert_eq!(passing(&store, below(&["/a/日本", "' OR 1=1 --"])).await, [10]);
        assert_eq!(passing(&store, below(&["' OR 1=1 --", "%", "_", "\\"])).await, Vec::<i64>::new());
        assert_eq!(passing(&store, languages(&["rust", "en"])).await, [3, 5]);
        assert_eq!(passing(&store, languages(&["e' OR '1'='1"])).await, [4]);
        assert_eq!(passing(&store, languages(&["' OR language IS NULL --"])).await, Vec::<i64>::new());
        let kinds = PassageFilter { kinds: vec![DocumentKind::Code, DocumentKind::Pdf], ..Default::default() };
        assert_eq!(passing(&store, kinds.clone()).await, [3]);
        assert_eq!(passing(&store, PassageFilter { paths: vec!["/a/bc".into()], ..kinds }).await, Vec::<i64>::new());
        let times = PassageFilter {
            modified_after: Some(Timestamp(2000)),
            modified_before: Some(Timestamp(5000)),
            ..Default::default()
        };
        assert_eq!(passing(&store, times).await, [2, 3, 4]);
        let extreme = PassageFilter {
            modified_after: Some(Timestamp(i64::MIN)),
            modified_before: Some(Timestamp(i64::MAX)),
            ..Default::default()
        };
        assert_eq!(passing(&store, extreme).await, ten);
    }
}

#[tokio::test]
async fn models_live_beside_each_other() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, 1, 1).await;
    store.flush().await.unwrap();
    let other = "it's another' model";
    // The same passages of another model: nothing is removed.
    store.apply(Vec::new(), rows(1), other.into(), Sequence(1)).await.unwrap();
    store.apply(Vec::new(), vec![row(9, 90)], other.into(), Sequence(1)).await.unwrap();
    for written in [false, true] {
        if written {
            store.flush().await.unwrap();
        }
        let asked = async |model: &str| {
            let question = VectorQuery { model: model.into(), ..query(embedding(10), 10) };
            let mut found: Vec<i64> = store.search(question).await.unwrap().iter().map(|hit| hit.passage.0).collect();
            found.sort_unstable();
            found
        };
        assert_eq!(asked(MODEL).await, [10, 11, 12]);
        assert_eq!(asked(other).await, [10, 11, 12, 90]);
        assert_eq!(asked("unknown").await, Vec::<i64>::new());
    }
    assert_eq!(store.count().await.unwrap(), 7);
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(all(&store).await, [10, 11, 12], "the models are known after opening");
    // A removed document is removed in all models.
    store.apply(vec![DocumentId(1)], Vec::new(), MODEL.into(), Sequence(2)).await.unwrap();
    assert_eq!(store.count().await.unwrap(), 1);
}

#[tokio::test]
async fn vectors_of_another_length_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, 1, 1).await;
    for bad in [vec![], vec![0.1; 15], vec![0.1; 17], vec![f32::NAN; 16], vec![f32::INFINITY; 16]] {
        let vector = PassageVector { embedding: bad.clone(), ..row(2, 20) };
        let error = store.apply(vec![DocumentId(2)], vec![vector], MODEL.into(), Sequence(2)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
        let error = store.search(query(bad, 3)).await.unwrap_err();
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
    }
    assert_eq!(all(&store).await, [10, 11, 12]);
}

#[tokio::test]
async fn small_calls_are_written_together() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(TestClock::default());
    let mut options = small();
    options.flush_rows = 300;
    let store = open_with(folder.path(), options, Arc::clone(&clock)).await;
    let before = count_files(folder.path());
    for document in 1..=99 {
        put(&store, document, document).await;
    }
    assert_eq!(store.applied().await.unwrap(), Sequence(0));
    assert_eq!(count_files(folder.path()), before, "99 calls wait");
    put(&store, 100, 100).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(100), "300 rows are written");
    put(&store, 101, 101).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(100));
    clock.advance(Duration::from_secs(30));
    put(&store, 102, 102).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(102), "what waited long is written with the next call");
    put(&store, 103, 103).await;
    drop(store);
    let store = open(folder.path()).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(102), "what a crash lost is told by the record");
    assert_eq!(store.count().await.unwrap(), 306);
}

#[tokio::test(flavor = "multi_thread")]
async fn searches_never_miss_a_row_while_it_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let mut options = small();
    options.flush_rows = 12;
    let store = Arc::new(open_with(folder.path(), options, Arc::default()).await);
    put(&store, 1, 1).await;
    let reader = {
        let store = Arc::clone(&store);
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let task = async move {
            let mut stopped = stopped;
            let mut searches = 0;
            while stopped.try_recv().is_err() {
                let hits = store.search(query(embedding(10), 500)).await.unwrap();
                assert_eq!(hits[0].passage, PassageId(10), "after {searches} searches");
                let mut passages: Vec<_> = hits.iter().map(|hit| hit.passage).collect();
                passages.sort_unstable();
                passages.dedup();
                assert_eq!(passages.len(), hits.len(), "no row twice");
                searches += 1;
            }
            searches
        };
        (stop, tokio::task::spawn(task))
    };
    for document in 2..=80 {
        put(&store, document, document).await;
        // The same document again and again, so that it is deleted and added while it is searched.
        put(&store, 1, document).await;
        if document % 20 == 0 {
            store.maintain().await.unwrap();
        }
    }
    reader.0.send(()).unwrap();
    assert!(reader.1.await.unwrap() > 0);
    assert_eq!(store.count().await.unwrap(), 240);
}

#[tokio::test]
async fn a_write_whose_caller_went_away_is_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    for document in 1..=30 {
        put(&store, document, document).await;
        // Polled a few times and dropped, at another point each time.
        let mut flush = Box::pin(store.flush());
        for _ in 0..document {
            let polled = futures_util_poll(&mut flush).await;
            if polled {
                break;
            }
        }
        drop(flush);
        assert_eq!(all(&store).await.len() as i64, document * 3);
    }
    assert_eq!(store.count().await.unwrap(), 90);
    store.flush().await.unwrap();
    assert_eq!(store.count().await.unwrap(), 90);
    assert_eq!(store.applied().await.unwrap(), Sequence(30));
}

/// Polls once and lets other tasks run; true when the future is done.
async fn futures_util_poll<F: Future + Unpin>(future: &mut F) -> bool {
    let done = std::future::poll_fn(|context| {
        std::task::Poll::Ready(std::pin::Pin::new(&mut *future).poll(context).is_ready())
    })
    .await;
    tokio::task::yield_now().await;
    done
}
