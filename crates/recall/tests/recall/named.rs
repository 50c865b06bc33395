//! Questions about files that are named.

use ambit_domain::port::Documents as _;
use ambit_domain::{PassageFilter, RecallQuery, Relevance, Scope};
use ambit_runtime::testing::World;

use crate::questions::{files, librarian, question, read};
use crate::stage::{library, path};

fn about(text: &str, about: &[&str]) -> RecallQuery {
    RecallQuery { about: about.iter().map(|name| path(name)).collect(), ..question(text, 8) }
}

#[tokio::test]
async fn all_of_a_named_file_is_told_whatever_the_question_says() {
    let (recall, _) = librarian().await;
    let outcome = recall.recall(about("What is the gist of it?", &["borrowing.md"])).await.unwrap();
    assert_eq!(outcome.relevance, Relevance::Relevant);
    assert_eq!(files(&outcome), ["borrowing.md", "borrowing.md"]);
    let outcome = recall.recall(about("Which rules hold for mutable references?", &["borrowing.md"])).await.unwrap();
    assert!(outcome.passages[0].passage.text.contains("one mutable reference"), "what fits comes first");
    assert_eq!(files(&outcome).len(), 2);
}

#[tokio::test]
async fn folders_keep_the_search_to_what_they_hold_and_several_places_add_up() {
    let (recall, _) = librarian().await;
    let outcome = recall.recall(about("Who owns a value?", &["notes"])).await.unwrap();
    assert!(files(&outcome).iter().all(|name| name == "threads.md"), "{:?}", files(&outcome));
    let outcome = recall.recall(about("Who owns a value?", &["notes/threads.md", "ownership.md"])).await.unwrap();
    assert_eq!(files(&outcome)[0], "ownership.md");
    assert!(files(&outcome).contains(&"threads.md".to_owned()), "{:?}", files(&outcome));
    let outcome = recall.recall(about("Who owns a value?", &["gone.md"])).await.unwrap();
    assert_eq!((outcome.relevance, outcome.passages.len()), (Relevance::NothingRelevant, 0));
}

#[tokio::test]
async fn files_share_the_room_when_they_hold_more_than_can_be_told() {
    let world = World::new();
    library(&world);
    for name in ["long.txt", "longer.txt"] {
        let paragraphs: Vec<String> = (0..90).map(|number| format!("Paragraph {number} of {name}.")).collect();
        world.source.write_unseen(path(name), paragraphs.join("\n\n"));
    }
    let (recall, _) = read(world).await;
    let outcome = recall.recall(about("Summarise both.", &["long.txt", "longer.txt"])).await.unwrap();
    let count = |name: &str| files(&outcome).iter().filter(|file| *file == name).count();
    assert_eq!(outcome.passages.len(), 64);
    assert!(count("long.txt") >= 16 && count("longer.txt") >= 16, "{} and {}", count("long.txt"), count("longer.txt"));
}

#[tokio::test]
async fn what_is_left_out_is_not_found_even_where_it_is_named() {
    let (recall, world) = librarian().await;
    let threads = world.documents.document_at(&path("notes/threads.md")).await.unwrap().unwrap();
    let without = |query: RecallQuery| {
        let filter = PassageFilter { without: vec![threads.id], ..PassageFilter::default() };
        RecallQuery { scope: Scope { filter, ..Scope::default() }, ..query }
    };
    let finds =
        async |query: RecallQuery| files(&recall.recall(query).await.unwrap()).contains(&"threads.md".to_owned());
    let text = "Which mutex guards data of threads?";
    assert!(finds(question(text, 8)).await);
    assert!(!finds(without(question(text, 8))).await);
    assert!(!finds(without(about(text, &["notes"]))).await, "the folder around it is named");
    assert!(!finds(without(about(text, &["notes/threads.md"]))).await);
}
