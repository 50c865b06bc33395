//! What each route does, through the client.

use std::time::Duration;

use ambit_client::{DocumentQuery, SessionQuery, StatusQuery};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{
    AnswerOrigin, AskEvent, AskRequest, BackupRequest, DocumentState, EditMemory, EditSession, ForgetRequest,
    ForkSession, GraphQuery, MemoryKind, MemoryScope, Mention, NewAttachment, NewMemory, PullEvent, PullRequest,
    RebuildRequest, Relevance, RestoreTurns, SPARQL_RESULTS_MEDIA_TYPE, SearchRequest, SettingKind, Turn, TurnStatus,
};
use ambit_runtime::IndexDepth;
use futures_util::StreamExt;
use serde_json::json;

use crate::harness::TestHost;
use crate::raw::{over_unix, request};

async fn ask(host: &TestHost, question: &str) -> (Vec<&'static str>, Turn) {
    put(host, &AskRequest { question: question.to_owned(), ..AskRequest::default() }).await
}

async fn put(host: &TestHost, request: &AskRequest) -> (Vec<&'static str>, Turn) {
    let events: Vec<AskEvent> = host.client.ask(request).await.unwrap().map(Result::unwrap).collect().await;
    let names = events.iter().map(AskEvent::name).collect();
    match events.into_iter().next_back() {
        Some(AskEvent::Finished { turn }) => (names, turn),
        last => panic!("the answer did not finish: {last:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn folders_are_indexed_watched_and_removed() {
    let host = TestHost::start().await;
    let notes = host.index_notes().await;
    let roots = host.client.roots().await.unwrap().roots;
    assert_eq!((roots.len(), roots[0].path.as_str(), roots[0].counts.indexed), (1, notes.as_str(), 2));

    let files = host.client.index_status(&StatusQuery::default()).await.unwrap();
    assert!(files.files.iter().all(|file| file.state == DocumentState::Indexed), "{files:?}");
    let first = host.client.index_status(&StatusQuery { limit: Some(1), ..StatusQuery::default() }).await.unwrap();
    let second = StatusQuery { limit: Some(1), after: first.next.clone(), ..StatusQuery::default() };
    let second = host.client.index_status(&second).await.unwrap();
    assert_eq!(
        [&first.files[0], &second.files[0]],
        [&files.files[0], &files.files[1]],
        "pages must not overlap or skip"
    );
    let failed =
        StatusQuery { state: Some(DocumentState::Failed), below: Some(notes.clone()), ..StatusQuery::default() };
    assert!(host.client.index_status(&failed).await.unwrap().files.is_empty());

    let status = host.client.status().await.unwrap();
    assert_eq!((status.version.as_str(), status.counts.indexed, status.process), ("0.1.0", 2, std::process::id()));
    assert!(status.embedder.ready && status.language_model.is_none() && status.vectors > 0, "{status:?}");
    assert!(status.host.data_directory.ends_with("/data"), "{status:?}");

    let mut progress = host.client.index_events().await.unwrap();
    let now = progress.next().await.unwrap().unwrap();
    assert_eq!((now.processed, now.to_embed, now.scanning), (2, 0, false));

    host.client.rescan(&Default::default()).await.unwrap();
    host.client.rebuild(&RebuildRequest::default()).await.unwrap();
    assert_eq!(host.client.remove_root(&notes).await.unwrap().documents, 2);
    assert!(host.client.roots().await.unwrap().roots.is_empty());
    assert_eq!(host.client.remove_root(&notes).await.unwrap_err().code(), ErrorCode::NotFound);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_vectors_go_back_to_an_earlier_state_and_catch_up() {
    let host = TestHost::start().await;
    assert_eq!(host.client.vector_versions().await.unwrap().versions, [], "nothing was embedded yet");
    let notes = host.index_notes().await;
    let before = host.client.vector_versions().await.unwrap();
    assert_eq!(before.versions[0].sequence, before.sequence, "the newest state is the present one: {before:?}");

    host.world.source.write(format!("{notes}/cooking.md"), "# Soup\n\nBoil the leeks with pepper.\n");
    let later = async {
        loop {
            let list = host.client.vector_versions().await.unwrap();
            if list.sequence > before.sequence && list.versions[0].sequence == list.sequence {
                break list;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    let later = tokio::time::timeout(Duration::from_secs(10), later).await.expect("the change is embedded");
    let earlier = later.versions.iter().find(|known| known.sequence == before.sequence).unwrap();
    host.client.restore_vectors(earlier.version).await.unwrap();
    let indexed = host.runtime.wait_until_indexed(IndexDepth::Full);
    tokio::time::timeout(Duration::from_secs(10), indexed).await.expect("what changed since is replayed").unwrap();
    let after = host.client.vector_versions().await.unwrap();
    assert_eq!(after.versions[0].sequence, after.sequence, "{after:?}");

    let unknown = host.client.restore_vectors(999_999).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::NotFound);
    assert!(unknown.hint().unwrap().contains("ambit index versions"), "{unknown:?}");
    let actions = host.world.audit.actions();
    let restored = actions.iter().filter(|action| action.as_str() == "index.restore").count();
    assert_eq!(restored, 1, "an unknown version is no action: {actions:?}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn searching_tells_where_and_how_good() {
    let host = TestHost::start().await;
    let notes = host.index_notes().await;
    let request = SearchRequest { query: "who is the owner of a value in Rust".into(), ..SearchRequest::default() };
    let found = host.client.search(&request).await.unwrap();
    let best = &found.passages[0];
    assert_eq!(found.relevance, Relevance::Relevant);
    assert_eq!((best.path.as_str(), best.kind.as_str()), (format!("{notes}/ownership.md").as_str(), "markdown"));
    assert!(best.text.contains("has an owner") && !best.hash.is_empty() && best.scores.rerank > 0.0, "{best:?}");

    let elsewhere = json!({"query": request.query, "scope": {"filter": {"paths": [format!("{notes}/cooking.md")]}}});
    let elsewhere: SearchRequest = serde_json::from_value(elsewhere).unwrap();
    let found = host.client.search(&elsewhere).await.unwrap();
    assert!(found.passages.iter().all(|hit| hit.path.ends_with("cooking.md")), "{found:?}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_conversation_is_pinned_asked_anew_brought_back_and_gone_on_from() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let (_, turn) = ask(&host, "who is the owner of a value in Rust?").await;
    let pinned = EditSession { pinned: Some(true), only_local: Some(true), ..EditSession::default() };
    let changed = host.client.change_session(&turn.session, &pinned).await.unwrap();
    assert_eq!((changed.pinned, changed.only_local, changed.title), (true, true, turn.question.clone()));
    let nothing = host.client.change_session(&turn.session, &EditSession::default()).await.unwrap_err();
    assert_eq!(nothing.code(), ErrorCode::InvalidInput);
    let unknown = EditSession { model: Some("nobody".to_owned()), ..EditSession::default() };
    let unknown = host.client.change_session(&turn.session, &unknown).await.unwrap_err();
    assert_eq!(unknown.code(), ErrorCode::ModelMissing);

    let again = AskRequest {
        question: "what owns a value in Rust?".into(),
        session: Some(turn.session.clone()),
        replaces: Some(turn.id.clone()),
        ..AskRequest::default()
    };
    let (_, again) = put(&host, &again).await;
    assert!(again.replaces && again.id != turn.id);
    let restore = RestoreTurns { replacing: again.id.clone() };
    let back = host.client.restore_turns(&turn.session, &restore).await.unwrap();
    assert_eq!(back.turns.iter().map(|turn| &turn.id).collect::<Vec<_>>(), [&turn.id]);

    let whole = host.client.whole_session(&turn.session).await.unwrap();
    assert_eq!((whole.turns.len(), whole.replaced.len(), &whole.replaced[0].id), (1, 1, &again.id));

    let fork = host.client.fork_session(&turn.session, &ForkSession::default()).await.unwrap();
    assert_eq!((&fork.title, fork.pinned, fork.only_local), (&turn.question, false, true));
    assert_eq!(host.client.session(&fork.id).await.unwrap().turns[0].answer, turn.answer);
    let gone = ForkSession { through: Some(again.id) };
    assert_eq!(host.client.fork_session(&turn.session, &gone).await.unwrap_err().code(), ErrorCode::NotFound);
    let listed = host.client.sessions(&SessionQuery::default()).await.unwrap().sessions;
    assert_eq!(listed.iter().map(|one| &one.id).collect::<Vec<_>>(), [&turn.session, &fork.id]);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn asking_stores_a_session_that_can_be_named_and_removed() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let (names, turn) = ask(&host, "who is the owner of a value in Rust?").await;
    assert_eq!((names[0], names[1], *names.last().unwrap()), ("started", "recalled", "finished"));
    assert_eq!(turn.status, TurnStatus::Finished);
    let answer = turn.answer.as_ref().unwrap();
    assert_eq!((&answer.origin, answer.bytes_sent), (&AnswerOrigin::Extractive, 0));
    assert!(answer.citations[0].path.ends_with("ownership.md") && answer.text.contains("[1]"), "{answer:?}");

    let sessions = host.client.sessions(&SessionQuery::default()).await.unwrap().sessions;
    assert_eq!((sessions.len(), sessions[0].id.as_str(), sessions[0].turns), (1, turn.session.as_str(), Some(1)));
    assert_eq!(sessions[0].surface, "cli");
    assert_eq!(host.client.session(&turn.session).await.unwrap().turns, std::slice::from_ref(&turn));
    assert_eq!(host.client.rename_session(&turn.session, " Rust ").await.unwrap().title, "Rust");
    assert_eq!(host.client.rename_session(&turn.session, " ").await.unwrap_err().code(), ErrorCode::InvalidInput);
    host.client.remove_session(&turn.session).await.unwrap();
    for error in [
        host.client.session(&turn.session).await.unwrap_err(),
        host.client.rename_session(&turn.session, "x").await.unwrap_err(),
        host.client.remove_session(&turn.session).await.unwrap_err(),
    ] {
        assert_eq!(error.code(), ErrorCode::NotFound, "{error:?}");
    }
    let gone = AskRequest { question: "and now?".into(), session: Some(turn.session), ..AskRequest::default() };
    let error = host.client.ask(&gone).await.err().expect("a session that is gone is told before the stream begins");
    assert_eq!(error.code(), ErrorCode::NotFound);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn memories_are_added_edited_scoped_and_removed() {
    let host = TestHost::start().await;
    let new = NewMemory { text: " short answers ".into(), kind: MemoryKind::Preference, ..NewMemory::default() };
    let memory = host.client.add_memory(&new).await.unwrap();
    assert_eq!((memory.text.as_str(), memory.source.as_str()), ("short answers", "user"));
    let scope = Some(MemoryScope::Folder("/notes".into()));
    let edited = host.client.edit_memory(&memory.id, &EditMemory { scope, ..EditMemory::default() }).await.unwrap();
    assert_eq!((edited.text.as_str(), edited.kind), ("short answers", MemoryKind::Preference), "what is absent stays");
    let listed = host.client.memories().await.unwrap().memories;
    assert_eq!(listed.iter().map(|memory| &memory.id).collect::<Vec<_>>(), [&memory.id]);
    assert_eq!(host.client.memories_in_scope(Some("/notes/work"), None).await.unwrap().memories.len(), 1);
    assert_eq!(host.client.memories_in_scope(Some("/other"), None).await.unwrap().memories, []);
    host.client.remove_memory(&memory.id).await.unwrap();
    let again = host.client.remove_memory(&memory.id).await.unwrap_err();
    let edit = host.client.edit_memory(&memory.id, &EditMemory::default()).await.unwrap_err();
    assert_eq!((again.code(), edit.code()), (ErrorCode::NotFound, ErrorCode::NotFound));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn documents_are_listed_and_shown() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let first = host.client.documents(&DocumentQuery { limit: Some(1), ..DocumentQuery::default() }).await.unwrap();
    let rest = host.client.documents(&DocumentQuery { after: first.next.clone(), limit: None }).await.unwrap();
    assert!(first.documents[0].path.ends_with("cooking.md") && rest.documents[0].path.ends_with("ownership.md"));
    assert_eq!(rest.next, None);
    let detail = host.client.document(rest.documents[0].id).await.unwrap();
    assert_eq!(detail.document, rest.documents[0]);
    assert!(detail.passages[0].text.contains("has an owner"), "{detail:?}");
    assert_eq!(host.client.document(999_999).await.unwrap_err().code(), ErrorCode::NotFound);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_graph_answers_in_both_forms() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let query = GraphQuery { query: "SELECT ?s WHERE { ?s ?p ?o }".into(), ..GraphQuery::default() };
    let table = host.client.graph_query(&query).await.unwrap();
    assert!(table.rows.iter().all(|row| row.len() == table.variables.len()), "{table:?}");
    let standard = host.client.graph_query_sparql(&query).await.unwrap();
    assert_eq!(standard.head.vars, table.variables);
    assert_eq!(standard.results.unwrap().bindings.len(), table.rows.len());

    let body = serde_json::to_string(&query).unwrap();
    for (accept, answered) in [
        ("application/sparql-results+json;q=0.9, */*", SPARQL_RESULTS_MEDIA_TYPE),
        ("application/json", "application/json"),
    ] {
        let headers = [("Host", "x"), ("Content-Type", "application/json"), ("Accept", accept)];
        let answer = over_unix(&host.socket, &request("POST", "/v1/graph/query", &headers, &body)).await;
        assert_eq!((answer.status, answer.header("content-type")), (200, answered));
    }
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn communities_name_their_documents() {
    let host = TestHost::start().await;
    host.index_notes().await;
    let found = host.client.communities(None, Some(1)).await.unwrap().communities;
    assert_eq!(found.len(), 1, "{found:?}");
    assert!(found[0].size > 1 && found[0].members.len() <= 1, "{found:?}");
    assert!(found[0].members.iter().all(|member| member.path.starts_with('/')), "{found:?}");
    assert_eq!(host.client.communities(Some(0), None).await.unwrap_err().code(), ErrorCode::InvalidInput);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn settings_are_set_checked_and_reset() {
    let host = TestHost::start().await;
    let set = host.client.set_setting("recall.limit", json!(5)).await.unwrap();
    assert_eq!((set.value, set.default, set.origin.as_str()), (json!(5), json!(8), "preference"));
    assert_eq!((set.kind, set.minimum, set.maximum), (SettingKind::Integer, Some(1), Some(50)));
    let refused = host.client.set_setting("recall.limit", json!("many")).await.unwrap_err();
    assert_eq!(refused.code(), ErrorCode::InvalidInput);
    assert_eq!(host.client.set_setting("no/such key", json!(1)).await.unwrap_err().code(), ErrorCode::NotFound);
    let listed = host.client.settings().await.unwrap().settings;
    assert!(listed.iter().any(|setting| setting.key == "recall.limit" && setting.value == json!(5)), "{listed:?}");
    assert_eq!(host.client.reset_setting("recall.limit").await.unwrap().value, json!(8));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_pulled_and_removed() {
    let host = TestHost::start().await;
    assert!(!host.client.model("hashing").await.unwrap().installed);
    let stream = host.client.pull_model("hashing", &PullRequest::default()).await.unwrap();
    let events: Vec<PullEvent> = stream.map(Result::unwrap).collect().await;
    let names: Vec<_> = events.iter().map(PullEvent::name).collect();
    assert_eq!(names, ["progress", "progress", "verified", "finished"]);
    assert!(host.client.model("hashing").await.unwrap().installed);
    assert_eq!(host.client.model("none").await.unwrap_err().code(), ErrorCode::NotFound);
    assert!(host.client.pulls().await.unwrap().pulls.is_empty(), "it is here");
    assert_eq!(host.client.stop_pull("hashing").await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(host.client.follow_pull("hashing").await.err().unwrap().code(), ErrorCode::NotFound);
    assert!(host.client.remove_model("hashing").await.unwrap().removed);
    let error = host.client.pull_model("org/none", &PullRequest::default()).await.err().unwrap();
    assert_eq!((error.code(), error.to_string().contains("org/none")), (ErrorCode::NotFound, true), "{error}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_stands_in_the_audit_log() {
    let host = TestHost::start().await;
    let notes = host.index_notes().await;
    host.client.add_memory(&NewMemory { text: "x".into(), ..NewMemory::default() }).await.unwrap();
    let forgotten = host.client.forget(&ForgetRequest { path: format!("{notes}/cooking.md") }).await.unwrap();
    assert_eq!(forgotten.documents, 1);
    let left = host.client.documents(&DocumentQuery::default()).await.unwrap().documents;
    assert!(left.iter().all(|document| !document.path.ends_with("cooking.md")), "{left:?}");

    let page = host.client.audit(None, Some(2)).await.unwrap();
    assert_eq!(page.records.len(), 2);
    assert!(page.records.iter().all(|record| record.actor == "cli"), "{page:?}");
    let older = host.client.audit(page.next, None).await.unwrap();
    assert_eq!(older.records[0].number, page.records[1].number - 1, "pages must follow each other");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_state_is_copied_and_exported() {
    let host = TestHost::start().await;
    host.client.add_memory(&NewMemory { text: "remember me".into(), ..NewMemory::default() }).await.unwrap();
    let path = host.folder.path().join("copy.db").to_str().unwrap().to_owned();
    let copy = host.client.backup(&BackupRequest { path: path.clone() }).await.unwrap();
    assert_eq!(copy.size, std::fs::metadata(&path).unwrap().len());
    let export = host.client.export().await.unwrap();
    assert!(export.0.to_string().contains("remember me"), "{export:?}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn metrics_count_requests_and_files() {
    let host = TestHost::start().await;
    host.index_notes().await;
    host.client.session("none").await.unwrap_err();
    let metrics = host.client.metrics().await.unwrap();
    for line in [
        "ambit_requests_total{method=\"GET\",route=\"/v1/sessions/{id}\",status=\"404\"} 1",
        "ambit_request_duration_seconds_bucket{le=\"0.3\",method=\"POST\",route=\"/v1/index/roots\"} 1",
        "ambit_files{state=\"indexed\"} 2",
        "ambit_embedder_ready 1",
        "ambit_requests_in_flight 1",
        "ambit_build_info{version=\"0.1.0\"} 1",
    ] {
        assert!(metrics.lines().any(|found| found == line), "`{line}` is missing in\n{metrics}");
    }
    assert_eq!(metrics.matches("# EOF").count(), 1);
    assert!(metrics.ends_with("# EOF\n"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_is_served() {
    let host = TestHost::start().await;
    let served = host.client.openapi().await.unwrap();
    assert_eq!(served, serde_json::from_str::<serde_json::Value>(&ambit_api::openapi()).unwrap());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_handed_over_named_and_taken_back() {
    let host = TestHost::start().await;
    let notes = host.index_notes().await;
    let letter =
        NewAttachment { name: "letter.txt".into(), content: "VGhlIGJvaWxlciBpcyBpbiB0aGUgY2VsbGFyLg==".into() };
    let attachment = host.client.attach(&letter).await.unwrap();
    assert_eq!((attachment.name.as_str(), attachment.size, attachment.image), ("letter.txt", 28, None));
    let broken = NewAttachment { content: "no base64!".into(), ..letter.clone() };
    assert_eq!(host.client.attach(&broken).await.unwrap_err().code(), ErrorCode::InvalidInput);

    let mention = Mention::Attachment { id: attachment.id.clone(), name: String::new(), is_image: false };
    let question =
        AskRequest { question: "Where is the boiler?".into(), about: vec![mention], ..AskRequest::default() };
    let (_, turn) = put(&host, &question).await;
    let told = Mention::Attachment { id: attachment.id.clone(), name: "letter.txt".into(), is_image: false };
    assert_eq!((turn.about, turn.answer.unwrap().citations.len()), (vec![told], 1));
    assert_eq!(host.client.detach(&attachment.id).await.unwrap_err().code(), ErrorCode::Conflict);
    let spare = host.client.attach(&letter).await.unwrap();
    host.client.detach(&spare.id).await.unwrap();
    assert_eq!(host.client.detach(&spare.id).await.unwrap_err().code(), ErrorCode::NotFound);

    let relative = AskRequest { about: vec![Mention::File { path: "notes.md".into() }], ..question.clone() };
    assert_eq!(host.client.preview(&relative).await.unwrap_err().code(), ErrorCode::InvalidInput);
    let preview = host.client.preview(&question).await.unwrap();
    assert_eq!((preview.model, preview.messages.len()), (None, 0), "no model would be asked");

    let socket = host.client.socket().to_owned();
    let found = over_unix(&socket, &request("GET", "/v1/mentions?text=rust&limit=3", &[], "")).await;
    assert_eq!(found.status, 200);
    let found = found.json();
    assert!(
        found["places"].as_array().unwrap().iter().all(|place| place["path"].as_str().unwrap().starts_with(&notes))
    );
    let shown =
        over_unix(&socket, &request("GET", &format!("/v1/attachments/{}?content=true", attachment.id), &[], "")).await;
    assert!(shown.text().contains(&letter.content), "{}", shown.text());
    host.stop().await;
}
