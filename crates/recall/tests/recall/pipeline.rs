//! The indexing pipeline over a world in memory.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit_domain::port::{Documents as _, Embedder as _, Heat, PassageIndex as _, Power};
use ambit_domain::{Cancellation, DocumentState, RootState, Sequence};
use ambit_recall::index::{DerivedStore, Touched};
use ambit_runtime::testing::{HashingEmbedder, Tripwire, World};

use crate::stage::{Stage, library, path, reopened, sleep};

fn staged() -> Stage {
    let world = World::new();
    library(&world);
    Stage::new(world)
}

#[tokio::test]
async fn files_become_documents_vectors_and_facts() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            stage.until("everything is on record", || !stage.indexer.board().progress().scanning).await;
        })
        .await;
    let counts = stage.world.documents.counts(None).await.unwrap();
    assert_eq!((counts.indexed, counts.pending, counts.failed), (3, 0, 0));
    let (newest, vectors, graph) = stage.recorded().await;
    assert_eq!((vectors, graph), (newest, newest));
    let progress = stage.indexer.board().progress();
    assert_eq!((progress.discovered, progress.processed, progress.embedded), (3, 3, 5));
}

#[tokio::test]
async fn what_did_not_change_is_not_read_again() {
    let stage = staged();
    stage.settle().await;
    let embedded = stage.world.embedder.embedded();
    let root = stage.root().await.unwrap();
    let (touched, never) = (Touched::default(), Cancellation::new());
    let scan = || stage.indexer.synchronise_root(&root, false, &touched, &never);
    let summary = scan().await.unwrap();
    assert_eq!((summary.found, summary.read, summary.vanished), (3, 0, 0));

    // Touched, but with the same content: read once, and then known by its new time.
    let text = "# Threads\nSpawn a thread and join its handle. A mutex guards data that several threads change.";
    stage.world.source.write_unseen(path("notes/threads.md"), text);
    assert_eq!(scan().await.unwrap().read, 1);
    assert_eq!(scan().await.unwrap().read, 0, "the new time of an unchanged file was not remembered");
    stage.settle().await;
    assert_eq!(stage.world.embedder.embedded(), embedded, "unchanged text was embedded again");
}

#[tokio::test]
async fn changes_while_nobody_looked_are_found_at_the_next_start() {
    let stage = staged();
    stage.settle().await;
    let world = reopened(&stage.world, &Tripwire::default());
    world.source.write_unseen(path("new.md"), "# New\nWritten while the host was away.");
    world.source.write_unseen(path("ownership.md"), "# Ownership\nChanged while the host was away.");
    world.source.remove_unseen(&path("borrowing.md"));
    let stage = Stage::new(world);
    stage.settle().await;
    assert_eq!(stage.world.documents.contents().len(), 3);
}

#[tokio::test]
async fn a_saved_file_is_found_by_keyword_at_once_even_while_embedding_rests() {
    let stage = staged();
    let guard = stage.gate.raise();
    stage
        .run(async {
            stage.until("all documents are stored", || stage.world.documents.contents().len() == 3).await;
            stage.world.source.write(path("now.md"), "# Now\nSaved a moment ago.");
            let before = tokio::time::Instant::now();
            stage.until("the new file is stored", || stage.world.documents.contents().len() == 4).await;
            assert!(before.elapsed() < Duration::from_secs(1), "it took {:?}", before.elapsed());
            assert_eq!(stage.world.embedder.embedded(), 0, "embedding did not give way to a person who waits");
            drop(guard);
            stage.settled().await;
        })
        .await;
}

#[tokio::test]
async fn a_low_battery_is_spared_and_a_fuller_one_is_used_slowly() {
    let stage = staged();
    let world = &stage.world;
    world.power.set(Power::Battery { percent: 12 });
    let paused = || stage.indexer.board().progress().paused;
    stage
        .run(async {
            stage.until("the pause is told", || paused().is_some()).await;
            let reason = paused().unwrap();
            assert!(reason.contains("12 %") && reason.contains("index.on-battery"), "{reason}");
            assert!(stage.indexer.board().progress().blocked, "who waits for the index would wait for the mains");
            stage.until("all documents are stored", || world.documents.contents().len() == 3).await;
            assert_eq!(world.embedder.embedded(), 0, "a low battery was drained further");
            // With more left, slowly, but on.
            world.power.set(Power::Battery { percent: 60 });
            stage.settled().await;
            assert_eq!((paused(), stage.indexer.board().progress().blocked), (None, false));
        })
        .await;
}

#[tokio::test]
async fn embedding_rests_while_the_user_wants_it_to() {
    let stage = staged();
    let world = &stage.world;
    world.power.set_paused(true);
    let progress = || stage.indexer.board().progress();
    stage
        .run(async {
            stage.until("the pause is told", || progress().paused.is_some()).await;
            let reason = progress().paused.unwrap();
            assert!(reason.contains("index.paused"), "{reason}");
            assert!(progress().blocked, "who waits for the index would wait for somebody to end the pause");
            stage.until("all documents are stored", || world.documents.contents().len() == 3).await;
            assert_eq!(world.embedder.embedded(), 0, "it was embedded in spite of the pause");
            world.power.set_paused(false);
            stage.settled().await;
            assert_eq!((progress().paused, progress().blocked), (None, false));
        })
        .await;
}

#[tokio::test]
async fn a_hot_processor_is_left_to_cool_down_and_a_warm_one_is_used_slowly() {
    let stage = staged();
    let world = &stage.world;
    world.power.set_heat(Heat::Hot);
    let progress = || stage.indexer.board().progress();
    stage
        .run(async {
            stage.until("the pause is told", || progress().paused.is_some()).await;
            let reason = progress().paused.unwrap();
            assert!(reason.contains("processor") && !reason.contains("battery"), "{reason}");
            assert!(!progress().blocked, "heat passes by itself, so who waits for the index goes on waiting");
            stage.until("all documents are stored", || world.documents.contents().len() == 3).await;
            assert_eq!(world.embedder.embedded(), 0, "a hot processor was heated further");
            // A low battery is another reason, told beside it.
            world.power.set(Power::Battery { percent: 12 });
            stage.until("the battery's pause is told", || progress().blocked).await;
            let reason = progress().paused.unwrap();
            assert!(reason.contains("12 %") && reason.contains("processor"), "{reason}");
            world.power.set(Power::Mains);
            stage.until("the battery's pause is over", || !progress().blocked).await;
            let reason = progress().paused.unwrap();
            assert!(reason.contains("processor") && !reason.contains("battery"), "{reason}");
            assert_eq!(world.embedder.embedded(), 0, "a hot processor was heated further");
            // With less heat, slowly, but on.
            world.power.set_heat(Heat::Warm);
            stage.settled().await;
            assert_eq!((progress().paused, progress().blocked), (None, false));
        })
        .await;
}

#[tokio::test]
async fn a_tree_that_moves_is_not_embedded_again() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            let embedded = stage.world.embedder.embedded();
            stage.world.source.rename(&path("notes"), &path("archive"));
            stage.settled().await;
            assert!(stage.world.documents.contents().contains_key(&path("archive/threads.md")));
            assert_eq!(stage.world.embedder.embedded(), embedded);
        })
        .await;
}

#[tokio::test]
async fn a_long_passage_has_several_vectors_and_keeps_them_when_it_moves() {
    let stage = staged();
    let sentence = "The heron stands in the shallow water and waits for the fish to come. ";
    stage.world.source.write_unseen(path("heron.md"), format!("# Heron\n{}", sentence.repeat(12)));
    let parts = async |name: &str| {
        let document = stage.world.documents.contents().contains_key(&path(name));
        assert!(document, "{name} is not there");
        let model = stage.world.embedder.model().to_owned();
        let passages = stage.world.documents.all_passages().into_iter().map(|(passage, _)| passage).collect();
        let stored = stage.world.passage_index.stored(passages, model).await.unwrap();
        stored.iter().filter(|vector| vector.part > 0).count()
    };
    stage
        .run(async {
            stage.settled().await;
            let more = parts("heron.md").await;
            assert!(more >= 2, "168 words are {more} parts more than one");
            let progress = stage.indexer.board().progress();
            assert_eq!((progress.embedded, progress.to_embed), (6, 0), "passages are told, not parts");
            let embedded = stage.world.embedder.embedded();
            stage.world.source.rename(&path("heron.md"), &path("notes/heron.md"));
            stage.settled().await;
            assert_eq!(parts("notes/heron.md").await, more);
            assert_eq!(stage.world.embedder.embedded(), embedded);
        })
        .await;
}

#[tokio::test]
async fn a_scan_that_breaks_off_removes_nothing_and_is_repeated() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            stage.world.source.break_scans_after(Some(1));
            stage.world.source.request_rescan();
            sleep(Duration::from_secs(5)).await;
            assert_eq!(stage.world.documents.contents().len(), 3, "a broken scan took documents for vanished");
            stage.world.source.break_scans_after(None);
            stage.world.source.remove_unseen(&path("borrowing.md"));
            stage.settled().await;
        })
        .await;
}

#[tokio::test]
async fn a_root_that_is_gone_keeps_its_documents_and_is_read_when_it_is_back() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            stage.world.source.set_missing(true);
            sleep(Duration::from_secs(90)).await;
            assert_eq!(stage.world.documents.contents().len(), 3);
            assert_eq!(stage.world.documents.roots().await.unwrap()[0].state, RootState::Missing);
            stage.world.source.write_unseen(path("back.md"), "# Back\nThe disk is mounted again.");
            stage.world.source.set_missing(false);
            stage.settled().await;
        })
        .await;
    assert_eq!(stage.world.documents.roots().await.unwrap()[0].state, RootState::Watching);

    // The same when it is away at the start.
    let world = reopened(&stage.world, &Tripwire::default());
    world.source.set_missing(true);
    let stage = Stage::new(world);
    stage
        .run(async {
            stage.until("the missing root rests", || !stage.indexer.board().progress().scanning).await;
            assert_eq!(stage.world.documents.contents().len(), 4);
            stage.world.source.set_missing(false);
            stage.world.source.write_unseen(path("later.md"), "# Later\nSeen once it is back.");
            stage.until("it is read", || stage.world.documents.contents().len() == 5).await;
        })
        .await;
}

#[tokio::test]
async fn a_file_that_cannot_be_read_says_why_and_stops_nothing() {
    let world = World::new();
    library(&world);
    world.source.write_unseen(path("junk.md"), "\0\u{1}\u{2}");
    let stage = Stage::new(world);
    stage
        .run(async {
            stage.until("all is embedded", || stage.world.passage_index.contents().len() == 5).await;
            stage.until("the scan is over", || !stage.indexer.board().progress().scanning).await;
        })
        .await;
    let failed = stage.world.documents.statuses(None, Some(DocumentState::Failed), None, 9).await.unwrap();
    assert_eq!(failed.len(), 1);
    assert_eq!(failed[0].reason.as_deref(), Some("it is not a text file"));
    assert_eq!(stage.indexer.board().progress().failed, 1);
}

#[tokio::test]
async fn a_document_that_cannot_be_embedded_is_passed_over_with_a_warning() {
    let world = World::new();
    library(&world);
    world.source.write_unseen(path("poison.md"), "# Poison\nThis text is \u{feff}poison to the tokeniser.");
    world.embedder.refuse("\u{feff}poison");
    let stage = Stage::new(world);
    stage
        .run(async {
            stage.until("the others are embedded", || stage.world.passage_index.contents().len() == 5).await;
            stage.until("the scan is over", || !stage.indexer.board().progress().scanning).await;
            sleep(Duration::from_secs(1)).await;
        })
        .await;
    let (newest, vectors, _) = stage.recorded().await;
    assert_eq!(vectors, newest, "one document holds up all others");
    let statuses = stage.world.documents.statuses(Some(path("poison.md")), None, None, 1).await.unwrap();
    let reason = statuses[0].reason.as_deref().unwrap_or_default();
    assert!(reason.contains("could not be embedded: the text cannot be tokenised"), "the status says: {reason}");
}

#[tokio::test]
async fn a_worker_that_dies_costs_only_a_retry() {
    let stage = staged();
    stage.world.embedder.set_unavailable(4);
    let paused = AtomicBool::new(false);
    stage
        .run(async {
            stage
                .until("the pause is told", || {
                    let reason = stage.indexer.board().progress().paused;
                    paused.fetch_or(reason.is_some_and(|reason| reason.contains("worker died")), Ordering::SeqCst)
                })
                .await;
            stage.settled().await;
        })
        .await;
    assert_eq!(stage.indexer.board().progress().paused, None);
}

#[tokio::test]
async fn without_a_model_the_graph_goes_on_and_vectors_follow_later() {
    let stage = staged();
    stage.world.embedder.set_missing(true);
    stage
        .run(async {
            stage.until("the graph is filled", || stage.world.graph.contents().len() == 3).await;
            stage.until("vectors wait for the model", || stage.indexer.is_blocked(DerivedStore::Vectors)).await;
            let paused = stage.indexer.board().progress().paused.unwrap_or_default();
            assert!(paused.contains("ambit models pull"), "what to do is not said: {paused}");
            assert!(stage.world.passage_index.contents().is_empty());
            stage.world.embedder.set_missing(false);
            stage.settled().await;
        })
        .await;
    assert!(!stage.indexer.is_blocked(DerivedStore::Vectors));
}

#[tokio::test]
async fn another_model_embeds_everything_anew() {
    let stage = staged();
    stage.settle().await;
    let mut world = reopened(&stage.world, &Tripwire::default());
    world.embedder = Arc::new(HashingEmbedder::named("hashing@2"));
    world.embedder.set_missing(true);
    let stage = Stage::new(world);
    let kept = stage.world.passage_index.contents();
    let waits = || stage.indexer.is_blocked(DerivedStore::Vectors);
    stage.run(stage.until("the new model is waited for", waits)).await;
    assert_eq!(stage.world.passage_index.contents(), kept, "vectors are dropped that nothing can replace");
    stage.world.embedder.set_missing(false);
    stage.run(stage.until("all is embedded by the new model", || stage.world.embedder.embedded() == 5)).await;
    stage.settle().await;
}

#[tokio::test]
async fn older_and_foreign_copies_of_the_derived_stores_heal() {
    for pretended in [0, 1, 50] {
        let stage = staged();
        stage.settle().await;
        let world = reopened(&stage.world, &Tripwire::default());
        // Another folder: older and without content, or from other documents and far ahead.
        let pretended = Sequence(pretended);
        let documents = world.documents.list(None, 9).await.unwrap();
        let later = documents.into_iter().filter(|document| document.sequence > pretended || pretended.0 == 50);
        let strange = later.map(|document| document.id).collect();
        world.passage_index.apply(strange, Vec::new(), "hashing@1".to_owned(), pretended).await.unwrap();
        world.graph.set_applied(pretended);
        let stage = Stage::new(world);
        stage
            .run(async {
                stage.settled().await;
                sleep(Duration::from_secs(1)).await;
            })
            .await;
        let (newest, vectors, graph) = stage.recorded().await;
        assert_eq!((vectors, graph), (newest, newest), "after a store that pretended {pretended}");
    }
}

#[tokio::test]
async fn a_rebuilt_store_is_filled_again() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            for store in [DerivedStore::Vectors, DerivedStore::Graph] {
                stage.indexer.rebuild(store).await.unwrap();
                stage.settled().await;
            }
        })
        .await;
}

#[tokio::test]
async fn vectors_that_go_back_catch_up_even_while_a_change_is_embedded() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            let earlier = stage.world.passage_index.versions().await.unwrap()[0].version;
            stage.world.source.write(path("ownership.md"), "# Ownership\nRewritten after that state.");
            stage.settled().await;
            let guard = stage.gate.raise();
            stage.world.source.write(path("slices.md"), "# Slices\nA slice refers to a part of a collection.");
            stage.until("the new file is stored", || stage.world.documents.contents().len() == 4).await;
            sleep(Duration::from_secs(1)).await;
            stage.indexer.restore_vectors(earlier).await.unwrap();
            assert!(stage.agrees().is_err(), "nothing went back");
            let (newest, vectors, _) = stage.recorded().await;
            assert!(vectors < newest, "who waits for the index would not wait for the replay");
            drop(guard);
            stage.settled().await;
            sleep(Duration::from_secs(1)).await;
        })
        .await;
    let (newest, vectors, _) = stage.recorded().await;
    assert_eq!(vectors, newest);
}

#[tokio::test]
async fn what_is_forgotten_is_gone_from_all_stores_and_stays_away() {
    let stage = staged();
    stage
        .run(async {
            stage.settled().await;
            let purge = stage.indexer.forget(path("notes")).await.unwrap();
            assert_eq!(purge.documents.len(), 1);
            assert_eq!((stage.world.passage_index.purges(), stage.world.graph.purges()), (1, 1));
            assert!(!stage.world.documents.contents().contains_key(&path("notes/threads.md")));
            stage.settled().await;
            // Neither a change of the file nor a scan brings it back.
            stage.world.source.write(path("notes/threads.md"), "# Threads\nWritten again.");
            stage.world.source.request_rescan();
            sleep(Duration::from_secs(5)).await;
            stage.settled().await;
            assert!(!stage.world.documents.contents().contains_key(&path("notes/threads.md")));
        })
        .await;
    let skipped = stage.world.documents.statuses(None, Some(DocumentState::Skipped), None, 9).await.unwrap();
    assert!(skipped[0].reason.as_deref().unwrap_or_default().contains("forgotten"), "it is left out without a word");

    let stage = Stage::new(reopened(&stage.world, &Tripwire::default()));
    stage.settle().await;
    assert!(!stage.world.documents.contents().contains_key(&path("notes/threads.md")), "a restart brought it back");
}
