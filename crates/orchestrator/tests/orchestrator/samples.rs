//! Passages, setups and ports for turns.

use std::path::PathBuf;
use std::sync::Arc;

use ambit_domain::port::{LanguageModel, Reach};
use ambit_domain::{
    Document, DocumentId, DocumentKind, Memory, MemoryId, MemoryKind, MemoryScope, PartScores, Passage, PassageId,
    RankedPassage, RecallOutcome, RecallQuery, Relevance, RootId, Scope, Sequence, SessionId, Span, Taint, Timestamp,
    TurnId,
};
use ambit_orchestrator::{ModelFacts, Named, TurnPorts, TurnSetup};
use ambit_runtime::testing::{ManualClock, MemoryConversations};
use std::sync::Mutex;

pub(crate) fn ranked(number: i64, text: &str, rerank: f32) -> RankedPassage {
    RankedPassage {
        passage: Passage {
            id: PassageId(number * 10),
            document: DocumentId(number),
            ordinal: 0,
            text: text.to_owned(),
            breadcrumb: vec!["The Book".to_owned(), format!("Section {number}")],
            anchor: Some(format!("section-{number}")),
            span: Span::Lines { start: 1, end: 9 },
        },
        document: Document {
            id: DocumentId(number),
            root: RootId(1),
            path: PathBuf::from(format!("/books/chapter{number}.md")),
            kind: DocumentKind::Markdown,
            language: Some("en".to_owned()),
            title: Some("The Book".to_owned()),
            hash: format!("hash{number}"),
            size: 100,
            modified: Timestamp(1),
            read: Timestamp(2),
            sequence: Sequence(number),
            taint: Taint::Trusted,
        },
        scores: PartScores { rerank, dense: Some(0.6), ..PartScores::default() },
    }
}

pub(crate) fn outcome(passages: Vec<RankedPassage>, relevance: Relevance) -> RecallOutcome {
    RecallOutcome { passages, memories: Vec::new(), relevance, degraded: Vec::new(), sequence: Sequence(9) }
}

pub(crate) fn memory(text: &str, source: &str) -> Memory {
    Memory {
        id: MemoryId(format!("memory-{}", text.len())),
        kind: MemoryKind::Preference,
        text: text.to_owned(),
        scope: MemoryScope::Global,
        source: source.to_owned(),
        created: Timestamp(1),
        updated: Timestamp(1),
    }
}

pub(crate) fn setup(question: &str) -> TurnSetup {
    TurnSetup {
        session: SessionId("session".to_owned()),
        new_session: true,
        turn: TurnId("0190a7b4-5c7e-7abc-8def-0123456789ab".to_owned()),
        surface: "cli".to_owned(),
        question: question.to_owned(),
        named: Named::default(),
        replaces: None,
        choice: ambit_domain::ModelChoice::default(),
        limit: 8,
        scope: Scope::default(),
        model: None,
        embedder: "mini@1".to_owned(),
    }
}

pub(crate) fn with_model(setup: TurnSetup, context_tokens: usize) -> TurnSetup {
    TurnSetup { model: Some(ModelFacts { id: "scripted".to_owned(), context_tokens, reach: Reach::Local }), ..setup }
}

/// Ports over a fixed outcome of recall, with what recall was asked.
pub(crate) struct Table {
    pub(crate) conversations: Arc<MemoryConversations>,
    pub(crate) asked: Arc<Mutex<Vec<RecallQuery>>>,
    pub(crate) ports: TurnPorts,
}

pub(crate) fn table(outcome: RecallOutcome, model: Option<Arc<dyn LanguageModel>>) -> Table {
    let conversations = Arc::new(MemoryConversations::new(Arc::new(ManualClock::default())));
    let asked: Arc<Mutex<Vec<RecallQuery>>> = Arc::default();
    let record = Arc::clone(&asked);
    let ports = TurnPorts {
        conversations: conversations.clone(),
        recall: Arc::new(move |query, _| {
            record.lock().unwrap().push(query);
            let outcome = outcome.clone();
            Box::pin(async move { Ok(outcome) })
        }),
        language_model: model,
    };
    Table { conversations, asked, ports }
}
