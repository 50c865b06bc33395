use std::time::Duration;

use agent_client_protocol::v1::schema::{CancelNotification, StopReason};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;

use crate::editor::{ended, with};
use crate::host::cancelled;

#[test]
fn an_answer_is_stopped_at_the_host() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("turn-7");
        asked.recall(Vec::new());
        asked.write("It is ");
        editor.read_to("It is ").await;
        editor.connection.send_notification(CancelNotification::new(id.clone())).unwrap();
        host.hears("DELETE /v1/answers/turn-7").await;
        // What was written meanwhile still comes.
        asked.write("so");
        asked.fail(cancelled());
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        assert_eq!(editor.read(), "so");

        let prompt = editor.say(&id, "And now?");
        host.asked().await.answer("Well.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn, "the session goes on");
    });
}

#[test]
fn a_host_that_does_not_stop_keeps_nobody_waiting() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        editor.begun().await;
        editor.connection.send_notification(CancelNotification::new(id)).unwrap();
        host.hears("DELETE /v1/answers/t").await;
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        asked.is_given_up().await;
    });
}

#[test]
fn a_prompt_is_stopped_before_the_host_has_begun() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        editor.connection.send_notification(CancelNotification::new(id.clone())).unwrap();
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        asked.is_given_up().await;

        // The host may have it by now, which it did not tell.
        let prompt = editor.say(&id, "And now?");
        let asked = host.asked().await;
        assert!(asked.request.new_session.is_some());
        asked.refuse(&Problem::new(ErrorCode::Conflict, "there is a session with this id already"));
        let mut asked = host.asked().await;
        assert_eq!(asked.request.session.as_deref(), Some(&*id.0));
        asked.answer("Well.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
    });
}

#[test]
fn what_waits_for_its_turn_is_stopped_as_well() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let first = editor.say(&id, "One?");
        let mut asked = host.asked().await;
        asked.start("t");
        editor.begun().await;
        let second = editor.say(&id, "Two?");
        editor.connection.send_notification(CancelNotification::new(id)).unwrap();
        host.hears("DELETE /v1/answers/t").await;
        asked.fail(cancelled());
        assert_eq!(ended(first).await.unwrap(), StopReason::Cancelled);
        assert_eq!(ended(second).await.unwrap(), StopReason::Cancelled);
        assert!(!host.is_asked());
    });
}

#[test]
fn the_request_itself_can_be_cancelled() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        editor.begun().await;
        prompt.cancel().unwrap();
        host.hears("DELETE /v1/answers/t").await;
        asked.fail(cancelled());
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
    });
}

#[test]
fn what_somebody_else_stopped_is_told_so() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        asked.fail(cancelled());
        assert_eq!(ended(prompt).await.unwrap(), StopReason::Cancelled);
        // Nothing is left of it that would stop the next one.
        let prompt = editor.say(&id, "And now?");
        host.asked().await.answer("Well.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
    });
}

#[test]
fn an_editor_that_goes_stops_its_answer() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        editor.begun().await;
        editor.hang_up();
        assert!(editor.end(Duration::from_secs(2)).await.success());
        asked.is_given_up().await;
        prompt.detach();
    });
}
