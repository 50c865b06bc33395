#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

use std::path::{Path, PathBuf};

use ambit_domain as domain;
use ambit_domain::{Error, ErrorCode};
use ambit_protocol::*;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// The JSON of a wire value, after making sure that it reads back to the same.
fn wire<T: Serialize + DeserializeOwned + PartialEq + std::fmt::Debug>(value: &T) -> Value {
    let wire = serde_json::to_value(value).unwrap();
    let back: T = serde_json::from_value(wire.clone()).unwrap();
    assert_eq!(&back, value, "what the host writes, a client must read back unchanged");
    wire
}

fn document() -> domain::Document {
    domain::Document {
        id: domain::DocumentId(7),
        root: domain::RootId(1),
        path: "/notes/ownership.md".into(),
        kind: domain::DocumentKind::Markdown,
        language: Some("en".into()),
        title: Some("Ownership".into()),
        hash: "ab12".into(),
        size: 321,
        modified: domain::Timestamp(1_000),
        read: domain::Timestamp(2_000),
        sequence: domain::Sequence(9),
        taint: domain::Taint::Outside,
    }
}

fn passage() -> domain::Passage {
    domain::Passage {
        id: domain::PassageId(70),
        document: domain::DocumentId(7),
        ordinal: 2,
        text: "Each value has an owner.".into(),
        breadcrumb: vec!["Ownership".into(), "Rules".into()],
        anchor: Some("rules".into()),
        span: domain::Span::Lines { start: 3, end: 5 },
    }
}

fn scores() -> domain::PartScores {
    domain::PartScores { dense: Some(0.5), keyword: None, graph: Some(0.25), fused: 0.125, rerank: 0.75 }
}

fn memory() -> domain::Memory {
    domain::Memory {
        id: domain::MemoryId("m1".into()),
        kind: domain::MemoryKind::Preference,
        text: "short answers".into(),
        scope: domain::MemoryScope::Folder("/notes".into()),
        source: "user".into(),
        created: domain::Timestamp(1),
        updated: domain::Timestamp(2),
    }
}

fn turn() -> domain::Turn {
    domain::Turn {
        id: domain::TurnId("t1".into()),
        session: domain::SessionId("s1".into()),
        question: "what is ownership?".into(),
        status: domain::TurnStatus::Finished,
        answer: Some(domain::Answer {
            text: "Each value has an owner. [1]".into(),
            origin: domain::AnswerOrigin::Extractive,
            citations: vec![domain::Citation {
                number: 1,
                passage: domain::PassageId(70),
                document: domain::DocumentId(7),
                path: "/notes/ownership.md".into(),
                title: None,
                breadcrumb: vec![],
                anchor: None,
                span: domain::Span::Pages { start: 3, end: 3 },
                hash: "ab12".into(),
                scores: scores(),
                taint: domain::Taint::Trusted,
            }],
            memories: vec![domain::MemoryId("m1".into())],
            embedder: Some("all-MiniLM-L6-v2".into()),
            bytes_sent: 0,
        }),
        failure: None,
        asked: domain::Timestamp(10),
        ended: Some(domain::Timestamp(20)),
        replaces: false,
        about: Vec::new(),
    }
}

#[test]
fn search_response_has_everything_to_cite_a_passage() {
    let outcome = domain::RecallOutcome {
        passages: vec![domain::RankedPassage { passage: passage(), document: document(), scores: scores() }],
        memories: vec![memory()],
        relevance: domain::Relevance::NothingRelevant,
        degraded: vec!["dense: no embedding model is installed".into()],
        sequence: domain::Sequence(9),
    };
    assert_eq!(
        wire(&SearchResponse::from(outcome)),
        json!({
            "passages": [{
                "passage": 70, "document": 7, "path": "/notes/ownership.md", "kind": "markdown", "language": "en",
                "title": "Ownership", "breadcrumb": ["Ownership", "Rules"], "anchor": "rules",
                "span": {"unit": "lines", "start": 3, "end": 5}, "hash": "ab12", "modified_at": 1000,
                "text": "Each value has an owner.",
                "scores": {"dense": 0.5, "keyword": null, "graph": 0.25, "fused": 0.125, "rerank": 0.75},
                "from_outside": true,
            }],
            "memories": [{
                "id": "m1", "kind": "preference", "text": "short answers",
                "scope": {"scope": "folder", "value": "/notes"}, "source": "user", "created_at": 1, "updated_at": 2,
            }],
            "relevance": "nothing-relevant",
            "degraded": ["dense: no embedding model is installed"],
            "sequence": 9,
        })
    );
}

#[test]
fn a_turn_carries_its_provenance() {
    let shape = wire(&Turn::from(turn()));
    assert_eq!(shape["status"], "finished");
    assert_eq!((&shape["asked_at"], &shape["ended_at"]), (&json!(10), &json!(20)));
    assert_eq!(shape["answer"]["origin"], json!({"kind": "extractive"}));
    assert_eq!(shape["answer"]["bytes_sent"], 0);
    assert_eq!(shape["answer"]["citations"][0]["span"], json!({"unit": "pages", "start": 3, "end": 3}));
    assert_eq!(shape["answer"]["memories"], json!(["m1"]));
}

#[test]
fn ask_events_name_themselves() {
    let events = [
        AskEvent::Started { session: "s1".into(), turn: "t1".into() },
        AskEvent::Recalled { passages: vec![], memories: vec![], relevance: Relevance::Relevant, degraded: vec![] },
        AskEvent::Text { text: "Each".into() },
        AskEvent::Finished { turn: turn().into() },
        AskEvent::Failed { problem: Problem::new(ErrorCode::Unavailable, "the engine worker is gone") },
    ];
    for event in events {
        assert_eq!(wire(&event)["event"], event.name());
    }
}

#[test]
fn pull_events_name_themselves() {
    let model = domain::port::ModelInfo {
        id: "all-MiniLM-L6-v2".into(),
        role: domain::port::ModelRole::Embedding,
        license: "Apache-2.0".into(),
        size: 90,
        installed: true,
        active: true,
        folder: "/data/models".into(),
        fit: None,
        origin: None,
        language: None,
    };
    let origin = domain::port::ModelOrigin::Local { path: "/home/me/small.gguf".into() };
    let verdict = domain::port::FitVerdict::WontFit;
    let fit = Some(domain::port::Fit { verdict, needed: 5, free: 3, tokens_per_second: None });
    for event in [
        domain::port::PullEvent::Planned { model: "small".into(), bytes: 2, origin, fit },
        domain::port::PullEvent::Progress { file: "model.safetensors".into(), done: 1, total: 2 },
        domain::port::PullEvent::Verified { file: "model.safetensors".into() },
        domain::port::PullEvent::Finished { model },
    ] {
        let event = PullEvent::from_domain(event).unwrap();
        assert_eq!(wire(&event)["event"], event.name());
    }
}

#[test]
fn problems_follow_the_rfc_and_carry_code_and_hint() {
    let error = Error::not_found("there is no session with this id").with_hint("`ambit sessions` shows them");
    let problem = Problem::from(&error);
    assert_eq!(
        wire(&problem),
        json!({
            "type": "urn:ambit:problem:not-found", "title": "Not found", "status": 404,
            "detail": "there is no session with this id", "code": "not-found", "hint": "`ambit sessions` shows them",
        })
    );
    let back = Error::from(problem);
    assert_eq!((back.code(), back.message(), back.hint()), (error.code(), error.message(), error.hint()));
}

#[test]
fn a_code_of_a_later_version_still_reads() {
    let problem: Problem = serde_json::from_value(json!({
        "type": "about:blank", "title": "?", "status": 418, "detail": "a teapot", "code": "teapot", "news": 1,
    }))
    .unwrap();
    assert_eq!(problem.error_code(), ErrorCode::Internal);
}

#[test]
fn requests_refuse_fields_that_do_not_exist() {
    fn refused<T: DeserializeOwned>(body: Value, field: &str) {
        let message = serde_json::from_value::<T>(body).err().expect("an unknown field must be refused").to_string();
        assert!(message.contains(field), "{message} must name {field}");
    }
    refused::<AskRequest>(json!({"question": "?", "sesion": "x"}), "sesion");
    refused::<SearchRequest>(json!({"query": "?", "scope": {"filter": {"path": "/x"}}}), "path");
    refused::<NewMemory>(json!({"text": "x", "scoop": {}}), "scoop");
    refused::<NewToken>(json!({"name": "x", "scopes": [], "admin": true}), "admin");
    refused::<RebuildRequest>(json!({"targets": "all"}), "targets");
    refused::<GraphQuery>(json!({"query": "ASK {}", "limit": 3}), "limit");
}

#[test]
fn absent_fields_of_requests_have_defaults() {
    let request: AskRequest = serde_json::from_value(json!({"question": "why?"})).unwrap();
    assert_eq!(request, AskRequest { question: "why?".into(), ..AskRequest::default() });
    let memory: NewMemory = serde_json::from_value(json!({"text": "x"})).unwrap();
    assert_eq!((memory.kind, memory.scope), (MemoryKind::Fact, MemoryScope::Global));
    assert_eq!(serde_json::from_value::<RebuildRequest>(json!({})).unwrap().target, RebuildTarget::All);
}

#[test]
fn scopes_are_checked_before_they_reach_the_domain() {
    let scope = SearchScope {
        filter: Filter { paths: vec!["/notes".into()], kinds: vec!["markdown".into()], ..Filter::default() },
        folder: Some("/notes/work".into()),
    };
    let converted = scope.into_domain("cli").unwrap();
    assert_eq!(converted.surface.as_deref(), Some("cli"));
    assert_eq!(converted.filter.kinds, [domain::DocumentKind::Markdown]);
    assert_eq!(converted.folder, Some(PathBuf::from("/notes/work")));

    let unknown = Filter { kinds: vec!["film".into()], ..Filter::default() }.into_domain().unwrap_err();
    assert!(unknown.message().contains("film") && unknown.hint().unwrap().contains("markdown"));
    for path in ["", "notes", "./notes", "/no\0tes"] {
        assert_eq!(absolute(path).unwrap_err().code(), ErrorCode::InvalidInput, "{path:?}");
    }
}

#[test]
fn secrets_do_not_show_in_logs() {
    let secret = Secret::new("ambit_0123");
    assert_eq!(format!("{secret:?}"), "Secret(…)");
    assert_eq!(wire(&secret), json!("ambit_0123"), "but the answer that makes a token has to tell it");
}

#[test]
fn texts_come_alone_or_in_lists() {
    use openai::TextInput;
    let read = |value: Value| serde_json::from_value::<TextInput>(value);
    assert_eq!(read(json!("a")).unwrap(), TextInput::One("a".into()));
    assert_eq!(read(json!(["a", "b"])).unwrap(), TextInput::Many(vec!["a".into(), "b".into()]));
    assert_eq!(read(json!([1, 2])).unwrap(), TextInput::Other(vec![json!(1), json!(2)]));
    assert_eq!(read(json!({})).unwrap_err().to_string(), "expected a text or a list");
    let texts: Vec<Texts> = serde_json::from_value(json!(["a", ["b", "c"]])).unwrap();
    let texts: Vec<_> = texts.into_iter().flat_map(Texts::into_vec).collect();
    assert_eq!(texts, ["a", "b", "c"]);
}

#[test]
fn events_of_a_response_are_named_as_their_type() {
    use openai::{OutputText, ResponseEvent};
    let part = OutputText::new("a");
    let event = ResponseEvent::ContentPartDone {
        sequence_number: 7,
        item_id: "msg_1".into(),
        output_index: 0,
        content_index: 0,
        part,
    };
    assert_eq!(wire(&event)["type"], event.name());
    let event = ResponseEvent::Error { sequence_number: 0, code: None, message: "no".into(), param: None };
    assert_eq!(
        wire(&event),
        json!({"type": "error", "sequence_number": 0, "code": null, "message": "no", "param": null})
    );
}

#[test]
fn a_list_of_models_of_an_older_host_is_read() {
    let list: ModelList = serde_json::from_value(json!({"models": []})).unwrap();
    assert_eq!((list.models.len(), list.data.len()), (0, 0));
}

#[test]
fn a_version_of_the_vectors_tells_its_time_and_its_last_change() {
    let known = domain::VectorVersion { version: 7, at: domain::Timestamp(5), applied: domain::Sequence(9) };
    assert_eq!(wire(&VectorVersion::from(known)), json!({"version": 7, "written_at": 5, "sequence": 9}));
}

fn table(variables: &[&str], rows: Vec<Vec<Option<GraphValue>>>) -> GraphResult {
    GraphResult { variables: variables.iter().map(ToString::to_string).collect(), rows, truncated: false }
}

#[test]
fn sparql_results_follow_the_standard() {
    let result = table(
        &["a", "b"],
        vec![vec![Some(GraphValue::Iri("urn:x".into())), None], vec![None, Some(GraphValue::Blank("n".into()))]],
    );
    let query = "PREFIX ask: <urn:ask#>\n# ASK\nSELECT ?a ?b {}";
    assert_eq!(
        wire(&result.into_sparql(query)),
        json!({
            "head": {"vars": ["a", "b"]},
            "results": {"bindings": [
                {"a": {"type": "uri", "value": "urn:x"}},
                {"b": {"type": "bnode", "value": "n"}},
            ]},
        })
    );
    for query in ["ASK { ?s ?p ?o }", "base <urn:a#b> prefix : <urn:c#> # select\n ask{}"] {
        let result = table(&["result"], vec![vec![Some(GraphValue::Literal("true".into()))]]);
        assert_eq!(wire(&result.into_sparql(query)), json!({"head": {}, "boolean": true}), "{query}");
    }
    let select =
        table(&["result"], vec![vec![Some(GraphValue::Literal("true".into()))]]).into_sparql("SELECT ?result {}");
    assert!(select.boolean.is_none() && select.results.is_some());
}

#[test]
fn the_socket_lies_in_the_data_directory_unless_that_is_too_deep() {
    assert_eq!(socket_path(Path::new("/data"), None, 1000), Path::new("/data/run/host.sock"));

    let deep = PathBuf::from(format!("/{}", "d".repeat(120)));
    let hashed = socket_path(&deep, Some(Path::new("/run/user/1000")), 1000);
    assert!(hashed.starts_with("/run/user/1000/ambit"), "{}", hashed.display());
    assert_eq!(hashed, socket_path(&deep, Some(Path::new("/run/user/1000")), 1000), "host and client must agree");
    assert_ne!(hashed, socket_path(&deep.join("x"), Some(Path::new("/run/user/1000")), 1000));
    assert!(socket_path(&deep, None, 1000).starts_with("/tmp/ambit-1000"));
    assert!(
        socket_path(&deep, Some(&deep), 1000).starts_with("/tmp/ambit-1000"),
        "a deep runtime directory does not help"
    );
    for path in [hashed, socket_path(&deep, None, u32::MAX)] {
        assert!(path.as_os_str().len() <= MAX_SOCKET_PATH);
    }
}

#[cfg(unix)]
#[test]
fn a_path_that_is_not_utf8_is_shown_all_the_same() {
    use std::os::unix::ffi::OsStringExt;
    let path = PathBuf::from(std::ffi::OsString::from_vec(b"/a/\xff.md".to_vec()));
    let status = domain::DocumentStatus {
        path,
        state: domain::DocumentState::Failed,
        reason: None,
        size: 0,
        at: domain::Timestamp(5),
    };
    assert_eq!(
        wire(&DocumentStatus::from(status)),
        json!({"path": "/a/\u{fffd}.md", "state": "failed", "reason": null, "size": 0, "found_at": 5})
    );
}
