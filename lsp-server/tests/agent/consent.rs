use agent_client_protocol::v1::schema::{
    CancelNotification, PermissionOptionKind, RequestPermissionOutcome, RequestPermissionResponse,
    SelectedPermissionOutcome, SessionUpdate, StopReason, ToolCallStatus,
};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use serde_json::json;

use crate::editor::{ended, with};
use crate::host::Host;

/// Holds a question back, as the host does for a server that may have nothing yet.
async fn hold_back(host: &mut Host) {
    let mut asked = host.asked().await;
    let content = r#"{"model":"large","messages":[{"role":"user","content":"Question: What?"}]}"#;
    let held = json!({
        "id": 7, "recorded_at": 0, "sent": false, "provider": "far", "host": "api.example.org", "model": "large",
        "surface": "editor", "paths": ["/a"], "bytes": 88, "content": content
    });
    host.answer("GET /v1/egress/7", held);
    let provider = json!({
        "name": "far", "kind": "openai", "url": "", "host": "", "models": [], "context_tokens": 1, "remote": true,
        "consented": true, "folders": []
    });
    host.answer("PUT /v1/providers/far/consent", provider);
    asked.start("held");
    asked.recall(Vec::new());
    let refusal = Problem::new(ErrorCode::Forbidden, "far gets nothing before you consented")
        .with_hint("`ambit egress show 7` shows it word for word, `ambit providers consent far` lets it be sent");
    asked.fail(refusal);
}

fn chosen(option: &'static str) -> RequestPermissionResponse {
    RequestPermissionResponse::new(RequestPermissionOutcome::Selected(SelectedPermissionOutcome::new(option)))
}

#[test]
fn nothing_goes_elsewhere_before_its_person_saw_it_and_agreed() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        hold_back(&mut host).await;
        let (request, responder) = editor.permission().await;
        assert_eq!(request.session_id, id);
        let shown = request.tool_call.fields;
        assert_eq!(shown.title.as_deref(), Some("Send 88 bytes to far at api.example.org, quoting 1 file"));
        assert!(serde_json::to_string(&shown.content).unwrap().contains("--- user\\nQuestion: What?"), "word for word");
        let kinds: Vec<_> = request.options.iter().map(|option| option.kind).collect();
        assert_eq!(kinds, [PermissionOptionKind::AllowAlways, PermissionOptionKind::RejectOnce]);
        assert!(host.heard("PUT /v1/providers/far/consent").is_empty());

        responder.respond(chosen("send")).unwrap();
        let mut asked = host.asked().await;
        assert_eq!(host.heard("PUT /v1/providers/far/consent").len(), 1);
        assert_eq!(asked.request.question, "What?");
        assert_eq!((asked.request.session.as_deref(), asked.request.replaces.as_deref()), (Some(&*id.0), Some("held")));
        asked.answer("This.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
        assert_eq!(editor.read(), "This.");
    });
}

#[test]
fn who_does_not_agree_sends_nothing() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        for outcome in [chosen("keep"), chosen("something else")] {
            let prompt = editor.say(&id, "What?");
            hold_back(&mut host).await;
            editor.permission().await.1.respond(outcome).unwrap();
            assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
            let mut status = None;
            let mut said = String::new();
            while let Ok(update) = editor.updates.try_recv() {
                if let SessionUpdate::ToolCallUpdate(change) = &update.update {
                    status = change.fields.status;
                }
                said.push_str(&crate::editor::words(update.update));
            }
            assert_eq!(status, Some(ToolCallStatus::Failed));
            assert!(said.starts_with("Nothing was sent."), "{said}");
        }
        assert!(host.heard("PUT /v1/providers/far/consent").is_empty());
        assert!(!host.is_asked());
    });
}

#[test]
fn a_prompt_is_stopped_while_its_person_is_asked() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        hold_back(&mut host).await;
        let (_, responder) = editor.permission().await;
        editor.connection.send_notification(CancelNotification::new(id)).unwrap();
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        responder.respond(RequestPermissionResponse::new(RequestPermissionOutcome::Cancelled)).unwrap();
        assert!(host.heard("PUT /v1/providers/far/consent").is_empty());
    });
}

#[test]
fn other_refusals_are_no_question_of_consent() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let refusal = Problem::new(ErrorCode::Forbidden, "this conversation stays on this machine").with_hint("choose");
        host.asked().await.refuse(&refusal);
        assert_eq!(ended(prompt).await.unwrap_err().message, "this conversation stays on this machine; choose");
    });
}
