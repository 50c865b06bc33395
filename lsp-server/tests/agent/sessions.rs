use std::path::Path;

use agent_client_protocol::schema::ProtocolVersion;
use agent_client_protocol::v1::schema::{
    AuthenticateRequest, CloseSessionRequest, DeleteSessionRequest, ErrorCode, InitializeRequest, ListSessionsRequest,
    LoadSessionRequest, NewSessionRequest, ResumeSessionRequest, SessionUpdate, SetSessionModeRequest, StopReason,
};
use ambit_protocol::domain::ErrorCode as HostCode;
use ambit_protocol::{Mention, Problem, Session, SessionDetail, SessionPage, TurnStatus};

use crate::editor::{alone, ended, with, words};
use crate::host::{cancelled, citation, finished, hit, session};

const ID: &str = "01890a5d-ac96-774b-bcce-b302099a8057";

#[test]
fn it_says_what_it_can_do() {
    alone(async |editor| {
        // A session comes after that.
        let early = editor.connection.send_request(NewSessionRequest::new("/")).block_task().await;
        assert!(early.is_err());
        let request = InitializeRequest::new(ProtocolVersion::V1);
        let introduced = editor.connection.send_request(request).block_task().await.unwrap();
        let info = introduced.agent_info.unwrap();
        assert_eq!((info.name.as_str(), info.title.as_deref()), ("ambit", Some("Ambit")));
        assert!(introduced.auth_methods.is_empty(), "nobody has to sign in");
        let can = introduced.agent_capabilities;
        assert!(can.load_session && can.prompt_capabilities.embedded_context && can.prompt_capabilities.image);
        assert!(!can.prompt_capabilities.audio);
        let sessions = can.session_capabilities;
        assert!(sessions.list.is_some() && sessions.resume.is_some() && sessions.close.is_some());
        assert!(sessions.delete.is_some() && sessions.system_prompt.is_none());
    });
}

#[test]
fn a_session_is_told_again_when_it_is_loaded() {
    with(async |mut editor, mut host| {
        let folder = editor.folder();
        let cited = hit(&folder.join("notes.md"), (3, 4));
        let uri = format!("file://{}/notes.md", folder.display());
        let mut first = finished(ID, "a", "When?", "Monthly [3], not [2].", vec![citation(3, &cited)]);
        first.about = vec![Mention::File { path: folder.join("notes.md").to_str().unwrap().to_owned() }];
        let mut failed = finished(ID, "b", "And @notes.md?", "", Vec::new());
        (failed.status, failed.answer, failed.failure) = (TurnStatus::Failed, None, Some("no memory".to_owned()));
        failed.about = first.about.clone();
        let mut stopped = failed.clone();
        (stopped.status, stopped.failure, stopped.question) = (TurnStatus::Cancelled, None, "Stop?".to_owned());
        stopped.about = Vec::new();
        let turns = vec![first, failed, stopped];
        let detail = SessionDetail { session: session(ID, "When?"), turns, replaced: Vec::new() };
        host.answer(&format!("GET /v1/sessions/{ID}"), detail);
        let load = LoadSessionRequest::new(ID, &*folder);
        editor.connection.send_request(load).block_task().await.unwrap();
        let told = editor.read();
        let again = format!(
            "> When?\n> <notes.md|{uri}|>\nMonthly [notes.md:3-4]({uri}#L3), not [2].\n\n<notes.md:3-4|{uri}#L3|Certificates>> \
             And @notes.md?\nThe question could not be answered: no memory> Stop?\nThe answer was stopped."
        );
        assert_eq!(told, again);

        let prompt = editor.say(&ID.to_owned().into(), "And now?");
        let mut asked = host.asked().await;
        assert_eq!(asked.request.session.as_deref(), Some(ID));
        asked.answer("So.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
    });
}

#[test]
fn a_session_is_resumed_without_that() {
    with(async |mut editor, host| {
        let turns = vec![finished(ID, "a", "When?", "Monthly.", Vec::new())];
        let detail = SessionDetail { session: session(ID, "When?"), turns, replaced: Vec::new() };
        host.answer(&format!("GET /v1/sessions/{ID}"), detail);
        let resume = ResumeSessionRequest::new(ID, editor.folder());
        editor.connection.send_request(resume).block_task().await.unwrap();
        assert!(matches!(editor.told().await, SessionUpdate::AvailableCommandsUpdate(_)));
        assert!(editor.updates.try_recv().is_err());
    });
}

#[test]
fn sessions_that_are_not_there_are_refused() {
    with(async |editor, host| {
        host.refuse(&format!("GET /v1/sessions/{ID}"), &Problem::new(HostCode::NotFound, "there is no session"));
        let load = LoadSessionRequest::new(ID, editor.folder());
        let error = editor.connection.send_request(load).block_task().await.unwrap_err();
        assert_eq!(error.code, ErrorCode::ResourceNotFound);
        let error = ended(editor.say(&ID.to_owned().into(), "What?")).await.unwrap_err();
        assert_eq!(error.code, ErrorCode::ResourceNotFound);
        assert!(error.message.contains("load it"), "{error}");
        let relative = NewSessionRequest::new("notes");
        let error = editor.connection.send_request(relative).block_task().await.unwrap_err();
        assert_eq!(error.message, "`cwd` is to be an absolute path, not `notes`");
    });
}

#[test]
fn what_it_does_not_do_is_refused_by_name() {
    with(async |editor, _host| {
        let id = editor.open().await;
        let mode = SetSessionModeRequest::new(id, "plan");
        let error = editor.connection.send_request(mode).block_task().await.unwrap_err();
        assert_eq!(error.code, ErrorCode::MethodNotFound);
        let sign_in = AuthenticateRequest::new("password");
        let error = editor.connection.send_request(sign_in).block_task().await.unwrap_err();
        assert_eq!(error.code, ErrorCode::MethodNotFound);
    });
}

#[test]
fn the_sessions_of_the_host_are_listed() {
    with(async |editor, host| {
        let sessions: Vec<Session> = vec![session(ID, "When?"), session("b", "What?")];
        host.answer("GET /v1/sessions", SessionPage { sessions, next: Some("b".to_owned()) });
        let list = ListSessionsRequest::new().cwd(Path::new("/work").to_owned());
        let page = editor.connection.send_request(list).block_task().await.unwrap();
        assert_eq!(page.next_cursor.as_deref(), Some("b"));
        let first = &page.sessions[0];
        assert_eq!((&*first.session_id.0, first.title.as_deref()), (ID, Some("When?")));
        assert_eq!(first.cwd, Path::new("/work"));
        assert_eq!(first.updated_at.as_deref(), Some("2023-11-14T22:13:20.123Z"));
    });
}

#[test]
fn closing_stops_and_deleting_removes() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        editor.begun().await;
        editor.connection.send_request(CloseSessionRequest::new(id.clone())).block_task().await.unwrap();
        host.hears("DELETE /v1/answers/t").await;
        asked.fail(cancelled());
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        assert!(ended(editor.say(&id, "More?")).await.is_err());
        assert!(host.heard(&format!("DELETE /v1/sessions/{id}")).is_empty(), "the host keeps it");

        let delete = || editor.connection.send_request(DeleteSessionRequest::new(id.clone())).block_task();
        delete().await.unwrap();
        assert_eq!(host.heard(&format!("DELETE /v1/sessions/{id}")).len(), 1);
        let gone = Problem::new(HostCode::NotFound, "there is no session");
        host.refuse(&format!("DELETE /v1/sessions/{id}"), &gone);
        delete().await.expect("one that is gone is no matter");
        host.refuse(&format!("DELETE /v1/sessions/{id}"), &Problem::new(HostCode::StorageFull, "the disk is full"));
        assert_eq!(delete().await.unwrap_err().message, "the disk is full");
    });
}

#[test]
fn a_session_in_which_nothing_was_asked_leaves_nothing() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let update = editor.told().await;
        assert!(words(update).is_empty());
        assert!(!host.is_asked());
        editor.connection.send_request(CloseSessionRequest::new(id)).block_task().await.unwrap();
        assert!(host.heard("POST /v1/ask").is_empty());
    });
}
