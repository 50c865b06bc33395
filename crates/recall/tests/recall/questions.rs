//! Questions over a small library.

use ambit_domain::port::{EmbedPurpose, Memories as _};
use ambit_domain::{
    ErrorCode, MemoryId, MemoryKind, MemoryScope, NewMemory, PassageFilter, RecallOutcome, RecallQuery, Relevance,
    Scope,
};
use ambit_recall::{Recall, RecallOptions, content_words, fold, stem};
use ambit_runtime::testing::World;

use crate::stage::{Stage, library, path};

pub(crate) async fn read(world: World) -> (Recall, World) {
    let stage = Stage::new(world);
    stage.settle().await;
    let world = stage.world.clone();
    (recall_over(&world), world)
}

fn recall_over(world: &World) -> Recall {
    let ports = world.ports();
    Recall::new(
        ports.documents,
        ports.passage_index,
        ports.graph,
        ports.embedder,
        ports.memories,
        RecallOptions::default(),
    )
}

pub(crate) fn question(text: &str, limit: usize) -> RecallQuery {
    RecallQuery { text: text.to_owned(), limit, scope: Scope::default(), about: Vec::new() }
}

pub(crate) fn files(outcome: &RecallOutcome) -> Vec<String> {
    let name = |path: &std::path::Path| path.file_name().unwrap().to_string_lossy().into_owned();
    outcome.passages.iter().map(|ranked| name(&ranked.document.path)).collect()
}

pub(crate) async fn librarian() -> (Recall, World) {
    let world = World::new();
    library(&world);
    read(world).await
}

#[tokio::test]
async fn all_parts_find_rank_and_explain() {
    let (recall, world) = librarian().await;
    assert_eq!(world.embedder.purposes(), [EmbedPurpose::Passage]);
    let outcome = recall.recall(question("How many mutable references may exist at the same time?", 8)).await.unwrap();
    assert_eq!(world.embedder.purposes(), [EmbedPurpose::Passage, EmbedPurpose::Question]);
    assert_eq!(outcome.relevance, Relevance::Relevant);
    assert_eq!(outcome.degraded, Vec::<String>::new());
    let best = &outcome.passages[0];
    assert!(best.passage.text.contains("one mutable reference"), "the best passage is {:?}", best.passage.text);
    assert!(best.scores.dense.is_some() && best.scores.keyword.is_some() && best.scores.fused > 0.0);
    for pair in outcome.passages.windows(2) {
        assert!(pair[0].scores.rerank >= pair[1].scores.rerank, "the order does not come from the rerank score");
    }
    assert!(outcome.passages.iter().all(|ranked| (0.0..=1.0).contains(&ranked.scores.rerank)));
}

#[tokio::test]
async fn a_question_about_something_else_finds_nothing_relevant() {
    let (recall, _) = librarian().await;
    for text in ["What is the capital of Peru?", "Who won the world cup in 1998?", "best pancake recipe"] {
        let outcome = recall.recall(question(text, 8)).await.unwrap();
        assert_eq!(outcome.relevance, Relevance::NothingRelevant, "{text} was taken as answered");
    }
}

#[tokio::test]
async fn single_parts_can_be_asked_alone() {
    let (recall, _) = librarian().await;
    let dense = recall.dense_only().recall(question("mutex", 8)).await.unwrap();
    assert!(dense.passages.iter().all(|ranked| ranked.scores.dense.is_some() && ranked.scores.keyword.is_none()));
    let keyword = recall.keyword_only().recall(question("mutex", 8)).await.unwrap();
    assert_eq!(files(&keyword), ["threads.md"]);
    assert!(keyword.passages[0].scores.dense.is_none());
}

#[tokio::test]
async fn parts_that_fail_are_named_and_do_not_fail_the_question() {
    let (recall, world) = librarian().await;
    world.embedder.set_missing(true);
    let outcome = recall.recall(question("Which rules hold for mutable references?", 4)).await.unwrap();
    assert_eq!(files(&outcome)[0], "borrowing.md");
    assert_eq!(outcome.relevance, Relevance::Relevant);
    assert!(outcome.degraded[0].starts_with("dense: the embedding model is not installed"), "{:?}", outcome.degraded);
    let other = recall.recall(question("What is the capital of Peru?", 4)).await.unwrap();
    assert_eq!(other.relevance, Relevance::NothingRelevant, "without dense search anything passes for an answer");

    world.embedder.set_missing(false);
    world.passage_index.set_broken(true);
    let outcome = recall.recall(question("Which rules hold for mutable references?", 4)).await.unwrap();
    assert_eq!(files(&outcome)[0], "borrowing.md");
    assert_eq!(outcome.degraded, ["dense: the vectors cannot be read"]);
    let error = recall.dense_only().recall(question("rules", 4)).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::Corrupt);
}

#[tokio::test]
async fn near_duplicates_are_told_once() {
    let world = World::new();
    let text = "A lighthouse keeper trims the lamp every evening before the fog rolls in from the northern sea.";
    world.source.write_unseen(path("a.txt"), text);
    world.source.write_unseen(path("b.txt"), text.to_uppercase());
    world.source.write_unseen(path("c.txt"), format!("{text} Always."));
    world.source.write_unseen(path("d.txt"), "The lighthouse was painted red and white by the keeper's daughter.");
    let (recall, _) = read(world).await;
    let outcome = recall.recall(question("lighthouse keeper", 8)).await.unwrap();
    assert_eq!(outcome.passages.len(), 2, "found {:?}", files(&outcome));
}

#[tokio::test]
async fn one_document_does_not_crowd_out_the_others() {
    let world = World::new();
    let pages = |topic: &str| {
        let page = |number: usize| format!("Page {number} on the glacier, seen by {topic} number {}.", number * 7919);
        (1..9).map(page).collect::<Vec<_>>().join("\n\n")
    };
    world.source.write_unseen(path("long.txt"), pages("explorer glacier glacier"));
    world.source.write_unseen(path("short.txt"), "The glacier retreats every summer.");
    world.source.write_unseen(path("other.txt"), "A glacier carves its valley over centuries.");
    let (recall, _) = read(world).await;
    let outcome = recall.recall(question("glacier", 5)).await.unwrap();
    let names = files(&outcome);
    assert!(names.iter().any(|name| name == "short.txt") && names.iter().any(|name| name == "other.txt"), "{names:?}");
    assert_eq!(outcome.passages.len(), 5, "room that is left goes to more of the same document");
}

#[tokio::test]
async fn the_scope_restricts_every_part() {
    let (recall, _) = librarian().await;
    let filter = PassageFilter { paths: vec![path("notes")], ..PassageFilter::default() };
    let query =
        RecallQuery { scope: Scope { filter, ..Scope::default() }, ..question("ownership borrowing threads", 8) };
    let outcome = recall.recall(query).await.unwrap();
    assert_eq!(files(&outcome), ["threads.md"]);
}

#[tokio::test]
async fn the_graph_leads_to_what_is_linked() {
    let (recall, _) = librarian().await;
    let outcome = recall.recall(question("what happens to a heap variable in an assignment", 8)).await.unwrap();
    assert_eq!(files(&outcome)[0], "ownership.md");
    let linked = outcome.passages.iter().find(|ranked| ranked.document.path == path("borrowing.md"));
    assert!(linked.is_some_and(|ranked| ranked.scores.graph.is_some()), "a linked document got no share of the graph");
}

#[tokio::test]
async fn memories_of_the_scope_come_along_within_a_bound() {
    let (recall, world) = librarian().await;
    for number in 0..20 {
        let scope = if number % 2 == 0 { MemoryScope::Global } else { MemoryScope::Surface("editor".to_owned()) };
        let text = format!("prefers short answers, number {number}");
        let memory = NewMemory { kind: MemoryKind::Preference, text, scope, source: "user".to_owned() };
        world.memories.add(MemoryId(number.to_string()), memory).await.unwrap();
    }
    let outcome = recall.recall(question("ownership", 4)).await.unwrap();
    assert_eq!(outcome.memories.len(), 8);
    assert!(outcome.memories.iter().all(|memory| memory.scope == MemoryScope::Global));
}

#[tokio::test]
async fn an_empty_question_is_refused() {
    let (recall, _) = librarian().await;
    assert_eq!(recall.recall(question("  ", 4)).await.unwrap_err().code(), ErrorCode::InvalidInput);
}

#[test]
fn words_are_made_comparable() {
    assert_eq!(fold("Vec::push_back(x), 所有权!"), ["vec", "push_back", "x", "所有", "有权"]);
    assert_eq!(content_words("How do I borrow a value from the heap?"), ["borrow", "value", "heap"]);
    assert_eq!(content_words("what is it?"), ["what", "is", "it"]);
    let meets = |left: &str, right: &str| assert_eq!(stem(left), stem(right), "{left} and {right}");
    meets("threads", "threading");
    meets("borrowed", "borrows");
    meets("dropping", "dropped");
    meets("references", "reference");
    meets("libraries", "library");
    assert_ne!(stem("class"), stem("clas"));
    assert_eq!(stem("this"), "this");
}
