//! The folder is not trusted: older copies, torn and overwritten files.

use std::path::Path;

use ambit_domain::Sequence;
use ambit_domain::port::PassageIndex;

use crate::fixture::{all, copy_folder, each_file, embedding, open, put, query};

#[tokio::test]
async fn an_older_copy_of_the_folder_is_filled_up_by_replay() {
    let base = tempfile::tempdir().unwrap();
    let (folder, copy) = (base.path().join("vectors"), base.path().join("copy"));
    let store = open(&folder).await;
    for sequence in 1..=5 {
        put(&store, sequence, sequence).await;
    }
    store.flush().await.unwrap();
    drop(store);
    copy_folder(&folder, &copy);
    let store = open(&folder).await;
    for sequence in 6..=9 {
        put(&store, sequence, sequence).await;
        store.flush().await.unwrap();
    }
    store.maintain().await.unwrap();
    let expected = all(&store).await;
    drop(store);
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&copy, &folder).unwrap();
    let store = open(&folder).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(5), "the folder tells its own age");
    for sequence in 6..=9 {
        put(&store, sequence, sequence).await;
    }
    assert_eq!(all(&store).await, expected);
    store.flush().await.unwrap();
    assert_eq!(store.applied().await.unwrap(), Sequence(9));
}

/// Fills a folder, lets something happen to its files, and checks that the store opens and can be filled again.
async fn heals(harm: impl Fn(&Path)) -> Sequence {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("vectors");
    let store = open(&folder).await;
    for sequence in 1..=8 {
        put(&store, sequence, sequence).await;
        if sequence % 3 == 0 {
            store.flush().await.unwrap();
        }
    }
    store.maintain().await.unwrap();
    drop(store);
    harm(&folder);
    let mut store = open(&folder).await;
    let mut applied = store.applied().await.unwrap();
    if store.search(query(embedding(1), 100)).await.is_err() {
        // Damage that only shows when vectors are read: the next start makes the store anew.
        drop(store);
        store = open(&folder).await;
        applied = store.applied().await.unwrap();
        assert_eq!(applied, Sequence(0), "noted damage empties the store");
    }
    for sequence in applied.0 + 1..=8 {
        put(&store, sequence, sequence).await;
    }
    store.flush().await.unwrap();
    assert_eq!(store.applied().await.unwrap(), Sequence(8));
    assert_eq!(all(&store).await.len(), 24);
    assert_eq!(store.search(query(embedding(41), 1)).await.unwrap()[0].passage.0, 41);
    drop(store);
    let store = open(&folder).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(8));
    applied
}

fn with_each(folder: &Path, extension: &str, act: impl Fn(&Path)) {
    each_file(folder, &mut |file| {
        if extension.is_empty() || file.extension().is_some_and(|found| found == extension) {
            act(file);
        }
    });
}

#[tokio::test]
async fn an_untouched_folder_needs_no_replay() {
    assert_eq!(heals(|_| {}).await, Sequence(8));
}

#[tokio::test]
async fn files_full_of_junk() {
    let harm = |folder: &Path| with_each(folder, "", |file| std::fs::write(file, [0xa5; 2000]).unwrap());
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn empty_files() {
    assert_eq!(heals(|folder| with_each(folder, "", |file| std::fs::write(file, b"").unwrap())).await, Sequence(0));
}

#[tokio::test]
async fn files_cut_in_half() {
    let harm = |folder: &Path| {
        with_each(folder, "", |file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        });
    };
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn lost_data_files() {
    let harm = |folder: &Path| with_each(folder, "lance", |file| std::fs::remove_file(file).unwrap());
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn data_files_of_junk() {
    let harm = |folder: &Path| {
        with_each(folder, "lance", |file| {
            let length = std::fs::metadata(file).unwrap().len() as usize;
            std::fs::write(file, vec![0x5a; length]).unwrap();
        });
    };
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn a_lost_table() {
    assert_eq!(heals(|folder| std::fs::remove_dir_all(folder.join("vectors.lance")).unwrap()).await, Sequence(0));
}

#[tokio::test]
async fn lost_manifests() {
    let harm = |folder: &Path| std::fs::remove_dir_all(folder.join("vectors.lance/_versions")).unwrap();
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn a_lost_newest_manifest_is_older_than_the_record_says() {
    let harm = |folder: &Path| {
        let versions = folder.join("vectors.lance/_versions");
        let mut files: Vec<_> = std::fs::read_dir(versions).unwrap().map(|entry| entry.unwrap()).collect();
        // Names count down, so the newest is the first.
        files.sort_by_key(|file| file.file_name());
        std::fs::remove_file(files[0].path()).unwrap();
    };
    assert_eq!(heals(harm).await, Sequence(0));
}

#[tokio::test]
async fn a_lost_record() {
    assert_eq!(heals(|folder| std::fs::remove_file(folder.join("record.json")).unwrap()).await, Sequence(0));
}

#[tokio::test]
async fn a_damaged_record() {
    for text in ["", "{", "[]", "{\"applied\": \"x\"}", "\u{0}\u{0}\u{0}", "{\"applied\": 99}"] {
        let harm = |folder: &Path| std::fs::write(folder.join("record.json"), text).unwrap();
        assert_eq!(heals(harm).await, Sequence(0), "{text:?}");
    }
}

#[tokio::test]
async fn an_older_record_means_replay() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("vectors");
    let store = open(&folder).await;
    put(&store, 1, 1).await;
    store.flush().await.unwrap();
    let record = std::fs::read(folder.join("record.json")).unwrap();
    put(&store, 2, 2).await;
    put(&store, 1, 3).await;
    store.flush().await.unwrap();
    drop(store);
    // As after a crash between the commit and the record.
    std::fs::write(folder.join("record.json"), record).unwrap();
    let store = open(&folder).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(1));
    put(&store, 2, 2).await;
    put(&store, 1, 3).await;
    assert_eq!(store.count().await.unwrap(), 6);
}

#[tokio::test]
async fn a_store_of_another_length_begins_anew() {
    let folder = tempfile::tempdir().unwrap();
    let store = open(folder.path()).await;
    put(&store, 1, 1).await;
    store.flush().await.unwrap();
    drop(store);
    let mut options = crate::fixture::small();
    options.dimensions = 8;
    let store = crate::fixture::open_with(folder.path(), options, Default::default()).await;
    assert_eq!(store.applied().await.unwrap(), Sequence(0));
    assert_eq!(store.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_is_an_error() {
    let base = tempfile::tempdir().unwrap();
    let file = base.path().join("file");
    std::fs::write(&file, b"keep me").unwrap();
    let clock = std::sync::Arc::new(crate::fixture::TestClock::default());
    let outcome = ambit_vector_store::VectorStore::open(&file, crate::fixture::small(), clock).await;
    assert!(outcome.is_err());
    assert_eq!(std::fs::read(&file).unwrap(), b"keep me");
}
