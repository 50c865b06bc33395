//! Folders, progress, rebuilding, going back, forgetting.

use std::time::Duration;

use ambit_domain::port::Documents as _;
use ambit_domain::{DocumentState, ErrorCode, Relevance};
use ambit_runtime::testing::World;
use ambit_runtime::{IndexDepth, RebuildTarget};
use futures_util::StreamExt as _;

use crate::house::{House, cli, question};

#[tokio::test]
async fn a_folder_is_read_found_and_told_of() {
    let house = House::with_books(|_| {}).await;
    let status = house.runtime.status().await.unwrap();
    assert_eq!((status.counts.indexed, status.vectors, status.roots.len()), (3, 3, 1));
    assert_eq!((status.roots[0].discovered, status.roots[0].processed, status.roots[0].scanning), (3, 3, false));
    assert_eq!((status.progress.embedded, status.progress.to_embed, status.progress.paused), (3, 0, None));
    assert!(status.embedder.ready && status.model.is_none() && status.facts > 0);
    let found = house.runtime.search(question("Which guards data of threads?"), &cli()).await.unwrap();
    assert_eq!(found.relevance, Relevance::Relevant);
    assert_eq!(found.passages[0].document.path, house.path("notes/threads.md"));
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_new_file_is_found_within_a_second() {
    let house = House::with_books(|_| {}).await;
    house.write("slices.md", "# Slices\nA slice refers to contiguous elements.");
    let began = std::time::Instant::now();
    loop {
        let found = house.runtime.search(question("contiguous elements"), &cli()).await.unwrap();
        if found.passages.first().is_some_and(|best| best.document.path == house.path("slices.md")) {
            break;
        }
        assert!(began.elapsed() < Duration::from_secs(1), "a second after it was saved, the file is not found");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn folders_within_folders_are_refused_with_what_to_do() {
    let house = House::with_books(|_| {}).await;
    let again = house.runtime.add_root(house.root(), &cli()).await.unwrap();
    assert_eq!(again.counts.indexed, 3, "adding a folder again changes something");
    let inner = house.runtime.add_root(house.path("notes"), &cli()).await.unwrap_err();
    assert_eq!(inner.code(), ErrorCode::Conflict);
    let outer = house.runtime.add_root(house.root().parent().unwrap().into(), &cli()).await.unwrap_err();
    assert_eq!(outer.code(), ErrorCode::Conflict);
    assert!(outer.hint().unwrap().contains("ambit index remove"), "the hint is {:?}", outer.hint());
    let missing = house.runtime.add_root(house.path("nowhere"), &cli()).await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::NotFound);
    let other = tempfile::NamedTempFile::new().unwrap();
    let file = house.runtime.add_root(other.path().into(), &cli()).await.unwrap_err();
    assert_eq!(file.code(), ErrorCode::InvalidInput);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_removed_folder_is_gone_from_all_stores() {
    let house = House::with_books(|_| {}).await;
    assert_eq!(house.runtime.remove_root(house.root(), &cli()).await.unwrap(), 3);
    house.settle().await;
    let status = house.runtime.status().await.unwrap();
    assert_eq!((status.counts.indexed, status.vectors, status.facts, status.roots.len()), (0, 0, 0, 0));
    let again = house.runtime.remove_root(house.root(), &cli()).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::NotFound);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_new_runtime_goes_on_where_the_last_one_stopped() {
    let house = House::with_books(|_| {}).await;
    house.runtime.shutdown(Duration::ZERO).await;
    let embedded = house.world.embedder.embedded();
    house.world.source.write_unseen(house.path("slices.md"), "# Slices\nA slice refers to contiguous elements.");
    let House { world, folder, .. } = house;
    let next = House { folder, ..House::open(world, |_| {}).await };
    next.settle().await;
    assert_eq!(next.runtime.status().await.unwrap().counts.indexed, 4);
    assert_eq!(next.world.embedder.embedded(), embedded + 1, "what was embedded before was embedded again");
    next.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn without_a_model_waiting_ends_and_says_what_is_missing() {
    let world = World::new();
    world.embedder.set_missing(true);
    let house = House::open(world, |_| {}).await;
    house.write("ownership.md", "# Ownership\nEach value has one owner.");
    house.runtime.add_root(house.root(), &cli()).await.unwrap();
    let waiting = house.runtime.wait_until_indexed(IndexDepth::Full);
    let progress = tokio::time::timeout(Duration::from_secs(20), waiting).await.expect("waiting ends").unwrap();
    assert!(progress.paused.as_deref().unwrap_or_default().contains("ambit models pull"), "{progress:?}");
    assert_eq!(progress.to_embed, 1);
    let found = house.runtime.search(question("owner of a value"), &cli()).await.unwrap();
    assert_eq!(found.passages.len(), 1, "it is not even found by keyword");
    let status = house.runtime.status().await.unwrap();
    assert!(!status.embedder.ready && status.embedder.reason.is_some());

    house.world.embedder.set_missing(false);
    house.until("the vector is there", || house.world.passage_index.contents().len() == 1).await;
    house.settle().await;
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn progress_is_told_at_once_and_ends_with_the_runtime() {
    let house = House::with_books(|_| {}).await;
    let mut events = house.runtime.index_events();
    assert_eq!(events.next().await.unwrap().embedded, 3);
    house.write("more.md", "# More\nAnother file.");
    let more = tokio::time::timeout(Duration::from_secs(5), events.next()).await.expect("a change is told");
    assert!(more.is_some());
    house.runtime.shutdown(Duration::ZERO).await;
    let rest = tokio::time::timeout(Duration::from_secs(5), events.collect::<Vec<_>>()).await;
    assert!(rest.is_ok(), "the stream outlives the runtime");
}

#[tokio::test]
async fn rebuilt_stores_are_filled_again() {
    let house = House::with_books(|_| {}).await;
    house.runtime.rebuild(RebuildTarget::All, &cli()).await.unwrap();
    house.settle().await;
    assert_eq!(house.world.passage_index.contents().len(), 3);
    assert_eq!(house.world.graph.contents().len(), 3);
    assert_eq!(house.world.embedder.embedded(), 6);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn an_earlier_state_of_the_vectors_comes_back_and_catches_up() {
    let house = House::with_books(|_| {}).await;
    let (versions, newest) = house.runtime.vector_versions().await.unwrap();
    assert_eq!(versions[0].applied, newest, "the newest state is not the present one");
    let earlier = versions[0].version;
    house.write("ownership.md", "# Ownership\nRewritten: whoever has a value may lend it.");
    house.until("the change is embedded", || house.world.embedder.embedded() == 4).await;
    house.settle().await;
    let changed = house.world.passage_index.contents();

    house.runtime.restore_vectors(earlier, &cli()).await.unwrap();
    house.settle().await;
    assert_eq!(house.world.passage_index.contents(), changed, "what changed since was not applied again");
    assert_eq!(house.world.embedder.embedded(), 5, "only what changed since is to be embedded again");
    let found = house.runtime.search(question("who may lend a value?"), &cli()).await.unwrap();
    assert_eq!(found.passages[0].document.path, house.path("ownership.md"));
    let (versions, newest) = house.runtime.vector_versions().await.unwrap();
    assert_eq!(versions[0].applied, newest);

    let unknown = house.runtime.restore_vectors(999, &cli()).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
    assert!(unknown.hint().unwrap().contains("ambit index versions"), "the hint is {:?}", unknown.hint());
    let actions = house.world.audit.actions();
    let restored = actions.iter().filter(|action| action.as_str() == "index.restore").count();
    assert_eq!(restored, 1, "an unknown version is no action: {actions:?}");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_rescan_reads_failed_files_again() {
    let house = House::with_books(|_| {}).await;
    house.write("junk.md", "\0");
    let failed = async {
        loop {
            let failed = house.runtime.statuses(None, Some(DocumentState::Failed), None, 10).await.unwrap();
            if !failed.is_empty() {
                break failed;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let failed = tokio::time::timeout(Duration::from_secs(5), failed).await.expect("the failure is told");
    assert_eq!(failed[0].reason.as_deref(), Some("it is not a text file"));
    let scans = house.world.source.scans();
    house.runtime.rescan(Some(house.path("notes"))).await.unwrap();
    house.settle().await;
    assert!(house.world.source.scans() > scans, "nothing was scanned");
    let nowhere = house.runtime.rescan(Some("/nowhere/at/all".into())).await.unwrap_err();
    assert_eq!(nowhere.code(), ErrorCode::NotFound);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_forgotten_source_stays_away_until_it_is_added_by_name() {
    let house = House::with_books(|_| {}).await;
    let purge = house.runtime.forget(house.path("notes"), &cli()).await.unwrap();
    assert_eq!(purge.documents.len(), 1);
    assert_eq!((house.world.passage_index.purges(), house.world.graph.purges()), (1, 1));
    house.write("notes/threads.md", "# Threads\nWritten again.");
    house.runtime.rescan(None).await.unwrap();
    house.settle().await;
    let found = house.runtime.search(question("threads"), &cli()).await.unwrap();
    assert!(found.passages.iter().all(|ranked| !ranked.document.path.starts_with(house.path("notes"))));

    house.runtime.add_root(house.path("notes"), &cli()).await.unwrap();
    house.settle().await;
    let counts = house.runtime.status().await.unwrap().counts;
    assert_eq!(counts.indexed, 3, "adding the path by name did not bring it back");

    // A root that is forgotten is no root any more.
    house.runtime.forget(house.root(), &cli()).await.unwrap();
    assert!(house.runtime.roots().await.unwrap().is_empty());
    house.settle().await;
    assert!(house.world.documents.contents().is_empty() && house.world.passage_index.contents().is_empty());
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn many_files_are_read_in_bounded_groups() {
    let house = House::empty().await;
    for number in 0..3000 {
        let path = house.path(&format!("{}/{number}.md", number % 50));
        house.world.source.write_unseen(path, format!("# File {number}\nThis is the text of file number {number}."));
    }
    house.runtime.add_root(house.root(), &cli()).await.unwrap();
    let keyword = house.runtime.wait_until_indexed(IndexDepth::Keyword);
    let progress = tokio::time::timeout(Duration::from_secs(60), keyword).await.expect("it ends").unwrap();
    assert_eq!((progress.discovered, progress.processed), (3000, 3000));
    assert_eq!(house.world.documents.counts(None).await.unwrap().passages, 3000);
    house.runtime.shutdown(Duration::ZERO).await;
}
