//! The folder is not trusted: older copies, torn and overwritten files.

use std::path::Path;

use ambit_domain::port::{Graph, GraphQuestion};
use ambit_domain::{DocumentChange, Sequence};

use crate::fixture::{copy_folder, open, page, removed, rows};

const NAMES: &str = "SELECT ?n { ?d schema:hasPart/schema:name ?n }";

fn history() -> Vec<DocumentChange> {
    let mut changes: Vec<_> =
        (1..=20).map(|id| page(id, &format!("/p/{id}.md"), &format!("Heading {id}"), &["1.md"], id)).collect();
    changes.push(removed(3, 21));
    changes.push(page(4, "/p/4.md", "Changed", &[], 22));
    changes
}

#[tokio::test]
async fn an_older_copy_of_the_folder_is_filled_up_by_replay() {
    let base = tempfile::tempdir().unwrap();
    let (folder, copy) = (base.path().join("graph"), base.path().join("copy"));
    {
        let graph = open(&folder);
        graph.apply(history()[..10].to_vec()).await.unwrap();
        graph.maintain().await.unwrap();
    }
    copy_folder(&folder, &copy);
    let expected = {
        let graph = open(&folder);
        graph.apply(history()[10..].to_vec()).await.unwrap();
        graph.maintain().await.unwrap();
        rows(&graph, NAMES).await
    };
    std::fs::remove_dir_all(&folder).unwrap();
    std::fs::rename(&copy, &folder).unwrap();
    let graph = open(&folder);
    assert_eq!(graph.applied().await.unwrap(), Sequence(10), "the folder tells its own age");
    graph.apply(history()[10..].to_vec()).await.unwrap();
    assert_eq!(rows(&graph, NAMES).await, expected);
    assert_eq!(graph.applied().await.unwrap(), Sequence(22));
}

/// Fills a folder, lets something happen to its files, and checks that the graph opens and can be filled again.
async fn heals(harm: impl Fn(&Path)) -> Sequence {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("graph");
    {
        let graph = open(&folder);
        graph.apply(history()[..15].to_vec()).await.unwrap();
        graph.maintain().await.unwrap();
        graph.apply(history()[15..].to_vec()).await.unwrap();
    }
    harm(&folder);
    let (applied, graph) = {
        let graph = open(&folder);
        let applied = graph.applied().await.unwrap();
        let read = graph.query(NAMES.into(), crate::fixture::LIMITS).await;
        if read.is_err() {
            // Damage that only shows when a block is read: the next start makes the graph anew.
            drop(graph);
            let graph = open(&folder);
            assert_eq!(graph.applied().await.unwrap(), Sequence(0), "noted damage empties the graph");
            (Sequence(0), graph)
        } else {
            (applied, graph)
        }
    };
    let rest = history().into_iter().filter(|change| change.sequence() > applied).collect();
    graph.apply(rest).await.unwrap();
    graph.maintain().await.unwrap();
    let mut expected: Vec<_> = (1..=20).filter(|id| ![3, 4].contains(id)).map(|id| format!("Heading {id}")).collect();
    expected.push("Changed".into());
    expected.sort();
    assert_eq!(rows(&graph, NAMES).await, expected);
    let question = GraphQuestion { terms: vec!["changed".into()], documents: Vec::new(), limit: 5 };
    assert_eq!(graph.neighbours(question).await.unwrap().len(), 1);
    applied
}

fn each_file(folder: &Path, act: &dyn Fn(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { each_file(&path, act) } else { act(&path) }
    }
}

#[tokio::test]
async fn an_untouched_folder_needs_no_replay() {
    assert_eq!(heals(|_| {}).await, Sequence(22));
}

#[tokio::test]
async fn files_full_of_junk() {
    let applied = heals(|folder| each_file(folder, &|file| std::fs::write(file, [0xa5; 3000]).unwrap())).await;
    assert_eq!(applied, Sequence(0));
}

#[tokio::test]
async fn empty_files() {
    heals(|folder| each_file(folder, &|file| std::fs::write(file, b"").unwrap())).await;
}

#[tokio::test]
async fn files_cut_in_half() {
    heals(|folder| {
        each_file(folder, &|file| {
            let bytes = std::fs::read(file).unwrap();
            std::fs::write(file, &bytes[..bytes.len() / 2]).unwrap();
        });
    })
    .await;
}

#[tokio::test]
async fn tables_with_flipped_bits() {
    heals(|folder| {
        each_file(folder, &|file| {
            if file.extension().is_some_and(|extension| extension == "sst") {
                let mut bytes = std::fs::read(file).unwrap();
                for byte in bytes.iter_mut().step_by(7) {
                    *byte ^= 0x40;
                }
                std::fs::write(file, bytes).unwrap();
            }
        });
    })
    .await;
}

#[tokio::test]
async fn lost_tables() {
    heals(|folder| {
        each_file(folder, &|file| {
            if file.extension().is_some_and(|extension| extension == "sst") {
                std::fs::remove_file(file).unwrap();
            }
        });
    })
    .await;
}

#[tokio::test]
async fn a_lost_log() {
    let applied = heals(|folder| {
        each_file(folder, &|file| {
            if file.extension().is_some_and(|extension| extension == "log") {
                std::fs::remove_file(file).unwrap();
            }
        });
    })
    .await;
    assert_eq!(applied, Sequence(15), "what was flushed is still there");
}

#[tokio::test]
async fn a_file_where_the_store_should_be() {
    let applied = heals(|folder| {
        std::fs::remove_dir_all(folder.join("store")).unwrap();
        std::fs::write(folder.join("store"), b"not a folder").unwrap();
    })
    .await;
    assert_eq!(applied, Sequence(0));
}

#[tokio::test]
async fn a_damaged_catalogue_is_read_from_the_facts() {
    let applied = heals(|folder| {
        let file = folder.join("catalogue.bin");
        let mut bytes = std::fs::read(&file).unwrap();
        let middle = bytes.len() / 2;
        bytes[middle] ^= 0xff;
        std::fs::write(file, bytes).unwrap();
    })
    .await;
    assert_eq!(applied, Sequence(22));
}

#[tokio::test]
async fn an_interrupted_purge_leaves_nothing_behind() {
    let base = tempfile::tempdir().unwrap();
    let folder = base.path().join("graph");
    {
        let graph = open(&folder);
        graph.apply(history()).await.unwrap();
    }
    copy_folder(&folder.join("store"), &folder.join("store.old"));
    std::fs::create_dir_all(folder.join("store.new")).unwrap();
    std::fs::write(folder.join("store.new/000001.sst"), b"half written").unwrap();
    let graph = open(&folder);
    assert_eq!(graph.applied().await.unwrap(), Sequence(22));
    assert!(!folder.join("store.old").exists() && !folder.join("store.new").exists());
}
