//! Memories, settings, models, backup, export, audit.

use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::{GraphLimits, PullEvent, PullOptions, PullSource};
use ambit_domain::{ErrorCode, MemoryId, MemoryKind, MemoryScope, NewMemory, SessionId};
use ambit_runtime::testing::{OneModel, World};
use futures_util::StreamExt as _;
use serde_json::json;

use crate::house::{House, cli};

fn memory(text: &str) -> NewMemory {
    NewMemory {
        kind: MemoryKind::Preference,
        text: text.to_owned(),
        scope: MemoryScope::Global,
        source: "user".to_owned(),
    }
}

#[tokio::test]
async fn memories_are_kept_edited_and_removed() {
    let house = House::empty().await;
    let kept = house.runtime.add_memory(memory(" answers in German "), &cli()).await.unwrap();
    assert_eq!(kept.text, "answers in German");
    let edited = house.runtime.edit_memory(kept.id.clone(), memory("answers in French"), &cli()).await.unwrap();
    assert_eq!((edited.id.clone(), edited.text.as_str()), (kept.id.clone(), "answers in French"));
    let missing = house.runtime.edit_memory(MemoryId("none".to_owned()), memory("x"), &cli()).await.unwrap_err();
    assert_eq!(missing.code(), ErrorCode::NotFound);
    let empty = house.runtime.add_memory(memory(" "), &cli()).await.unwrap_err();
    assert_eq!(empty.code(), ErrorCode::InvalidInput);
    assert!(house.runtime.remove_memory(kept.id, &cli()).await.unwrap());
    assert!(house.runtime.memories(None).await.unwrap().is_empty());
    assert_eq!(house.world.audit.actions(), ["memory.add", "memory.edit", "memory.remove"]);
    let log = format!("{:?}", house.runtime.audit(None, 10).await.unwrap());
    assert!(!log.contains("German"), "the audit log holds what was remembered");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn settings_are_checked_set_and_taken_back() {
    let house = House::empty().await;
    let runtime = &house.runtime;
    let set = runtime.set_setting("recall.limit".to_owned(), Some(json!(20)), &cli()).await.unwrap();
    assert_eq!((set.value, set.origin.as_str()), (json!(20), "preference"));
    let listed = runtime.settings().await.unwrap();
    assert_eq!(listed.iter().find(|setting| setting.key == "recall.limit").unwrap().value, json!(20));
    let back = runtime.set_setting("recall.limit".to_owned(), None, &cli()).await.unwrap();
    assert_eq!((back.value, back.origin.as_str()), (json!(8), "default"));
    let unfit = runtime.set_setting("recall.limit".to_owned(), Some(json!("many")), &cli()).await.unwrap_err();
    assert_eq!(unfit.code(), ErrorCode::InvalidInput);
    let unknown = runtime.set_setting("index.forgotten".to_owned(), Some(json!([])), &cli()).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
    assert_eq!(house.world.audit.actions(), ["setting.set", "setting.set"]);
    runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn models_are_pulled_and_removed() {
    let house = House::empty().await;
    let pull =
        |id: &str| house.runtime.pull_model(id.to_owned(), PullSource::Hub, PullOptions::default(), &cli(), false);
    let events: Vec<_> = pull("hashing").collect().await;
    assert!(matches!(events.last(), Some(Ok(PullEvent::Finished { .. }))));
    assert!(house.runtime.models().await.unwrap()[0].installed);
    assert!(house.runtime.remove_model("hashing".to_owned(), &cli()).await.unwrap());
    let unknown: Vec<_> = pull("nothing").collect().await;
    assert_eq!(unknown[0].as_ref().unwrap_err().code(), ErrorCode::NotFound);
    assert!(house.runtime.pulls().is_empty() && !house.runtime.stop_pull("hashing"), "all are over");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn the_graph_can_be_asked() {
    let house = House::with_books(|_| {}).await;
    let limits = GraphLimits { time: Duration::from_secs(1), rows: 2 };
    let query = "SELECT ?document { ?document a ?type }".to_owned();
    let table = house.runtime.graph_query(query, limits, &cli()).await.unwrap();
    assert_eq!((table.rows.len(), table.truncated), (2, true));
    let empty = house.runtime.graph_query(" ".to_owned(), limits, &cli()).await.unwrap_err();
    assert_eq!(empty.code(), ErrorCode::InvalidInput);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn backup_and_export_hold_what_the_user_owns() {
    let house = House::with_books(|_| {}).await;
    house.runtime.add_memory(memory("answers in German"), &cli()).await.unwrap();
    let to = house.path("copy.db");
    house.runtime.backup(to.clone(), &cli()).await.unwrap();
    assert!(to.exists());
    let again = house.runtime.backup(to, &cli()).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::Conflict);
    let relative = house.runtime.backup("copy.db".into(), &cli()).await.unwrap_err();
    assert_eq!(relative.code(), ErrorCode::InvalidInput);
    let export = house.runtime.export().await.unwrap();
    assert_eq!(export["memories"][0]["text"], "answers in German");
    assert_eq!(export["roots"].as_array().unwrap().len(), 1);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn calls_are_recorded_with_their_failures() {
    let house = House::empty().await;
    let refused = house.runtime.add_root("/nowhere/at/all".into(), &cli()).await;
    assert!(refused.is_err());
    let calls = house.world.conversations.interactions();
    assert_eq!((calls[0].command.as_str(), calls[0].failure.as_deref()), ("index.add", Some("not-found")));
    assert!(house.world.audit.actions().is_empty(), "an action was announced that was never possible");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn what_is_removed_is_forgotten_by_the_models_that_read_it() {
    let models = OneModel::default();
    let port = Arc::new(models.clone());
    let house = House::open(World::new(), |ports| ports.language_models = port).await;
    let kept = house.runtime.add_memory(memory("answers in German"), &cli()).await.unwrap();
    assert_eq!(models.forgotten(), 0);
    house.runtime.edit_memory(kept.id.clone(), memory("answers in French"), &cli()).await.unwrap();
    assert_eq!(models.forgotten(), 1);
    house.runtime.remove_memory(kept.id, &cli()).await.unwrap();
    assert_eq!(models.forgotten(), 2);
    house.runtime.remove_session(&cli(), SessionId("a talk".to_owned())).await.unwrap();
    assert_eq!(models.forgotten(), 3);
    house.runtime.forget(house.path("notes"), &cli()).await.unwrap();
    assert_eq!(models.forgotten(), 4);
    house.runtime.shutdown(Duration::ZERO).await;
}
