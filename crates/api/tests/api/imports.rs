//! Chats of other services: by path, and in pieces.

use std::io::{Cursor, Write as _};
use std::path::Path;

use ambit_client::Error;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AnswerOrigin, ImportEvent, ImportReport, ImportRequest};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::json;
use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use crate::harness::TestHost;

fn export() -> String {
    let messages = json!([
        { "uuid": "1", "sender": "human", "text": "How long does tea steep?", "created_at": "2024-05-01T10:00:01Z" },
        { "uuid": "2", "sender": "assistant", "text": "Two minutes [1].", "created_at": "2024-05-01T10:00:05Z" }
    ]);
    json!([{ "uuid": "u", "name": "Tea", "chat_messages": messages }, { "title": "Odd" }]).to_string()
}

/// The end of an import.
async fn import(host: &TestHost, request: &ImportRequest) -> Result<ImportReport, Error> {
    let mut events = host.client.import_chats(request).await?;
    let mut last = None;
    while let Some(event) = events.next().await {
        last = Some(event?);
    }
    match last {
        Some(ImportEvent::Finished { report }) => Ok(report),
        other => panic!("the import ended with {other:?}"),
    }
}

fn by_path(path: &Path) -> ImportRequest {
    ImportRequest { path: Some(path.to_str().unwrap().to_owned()), upload: None }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_imported_once() {
    let host = TestHost::start().await;
    let file = host.folder.path().join("conversations.json");
    std::fs::write(&file, export()).unwrap();
    let report = import(&host, &by_path(&file)).await.unwrap();
    assert_eq!((report.added, report.left_out, report.reasons[0].title.as_str()), (1, 1, "Odd"));
    let sessions = host.client.sessions(&Default::default()).await.unwrap().sessions;
    let [session] = sessions.as_slice() else { panic!("{sessions:?}") };
    assert_eq!((session.title.as_str(), session.surface.as_str()), ("Tea", "claude"));
    let turns = host.client.session(&session.id).await.unwrap().turns;
    let answer = turns[0].answer.as_ref().unwrap();
    assert_eq!(answer.origin, AnswerOrigin::Imported { by: "claude".to_owned() });
    assert_eq!((answer.text.as_str(), answer.citations.len()), ("Two minutes [1].", 0));
    let again = import(&host, &by_path(&file)).await.unwrap();
    assert_eq!((again.added, again.grown, again.known), (0, 0, 1));
    assert!(host.world.audit.actions().contains(&"session.import".to_owned()));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_imported_is_refused_by_its_reason() {
    let host = TestHost::start().await;
    let folder = host.folder.path().to_owned();
    let text = folder.join("notes.txt");
    std::fs::write(&text, "no export").unwrap();
    let cases = [
        (by_path(&folder.join("nowhere.zip")), ErrorCode::NotFound),
        (by_path(&folder), ErrorCode::InvalidInput),
        (by_path(&text), ErrorCode::Unsupported),
        (ImportRequest::default(), ErrorCode::InvalidInput),
        (ImportRequest { path: None, upload: Some("none".to_owned()) }, ErrorCode::NotFound),
    ];
    for (request, code) in cases {
        let error = import(&host, &request).await.unwrap_err();
        assert_eq!(error.code(), code, "{request:?}: {error}");
    }
    host.stop().await;
}

/// The archive that a service sends.
fn zipped(chats: &str) -> Vec<u8> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    archive.start_file("conversations.json", SimpleFileOptions::default()).unwrap();
    archive.write_all(chats.as_bytes()).unwrap();
    archive.finish().unwrap().into_inner()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archive_comes_in_pieces_too() {
    let host = TestHost::start().await;
    let upload = host.post("/v1/uploads", &json!({})).await.json()["id"].as_str().unwrap().to_owned();
    let piece = json!({ "at": 0, "data": BASE64_STANDARD.encode(zipped(&export())) });
    assert_eq!(host.post(&format!("/v1/uploads/{upload}"), &piece).await.status, 200);
    let report = import(&host, &ImportRequest { path: None, upload: Some(upload) }).await.unwrap();
    assert_eq!((report.added, report.left_out), (1, 1));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_pieces_one_after_another() {
    let host = TestHost::start().await;
    let begun = host.post("/v1/uploads", &json!({})).await;
    let upload = begun.json();
    let target = format!("/v1/uploads/{}", upload["id"].as_str().unwrap());
    let export = export();
    let (first, second) = export.as_bytes().split_at(20);
    let piece = |at: usize, bytes: &[u8]| json!({ "at": at, "data": BASE64_STANDARD.encode(bytes) });
    assert_eq!(host.post(&target, &piece(0, first)).await.status, 200);
    assert_eq!(host.post(&target, &piece(0, first)).await.status, 409, "it has come already");
    assert_eq!(host.post(&target, &json!({ "at": 20, "data": "?" })).await.status, 400);
    assert_eq!(host.post(&target, &piece(20, second)).await.status, 200);
    let upload = upload["id"].as_str().map(str::to_owned);
    let request = ImportRequest { path: None, upload };
    assert_eq!(import(&host, &request).await.unwrap().added, 1);
    assert_eq!(import(&host, &request).await.unwrap_err().code(), ErrorCode::NotFound, "it is used once");
    host.stop().await;
}
