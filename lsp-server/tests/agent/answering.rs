use agent_client_protocol::schema::MaybeUndefined;
use agent_client_protocol::v1::schema::{SessionUpdate, StopReason, ToolCallLocation, ToolCallStatus, ToolKind};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{Problem, SessionDetail, Span};

use crate::editor::{ended, with};
use crate::host::{citation, finished, hit, session};

#[test]
fn an_answer_streams_with_links_to_its_sources() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let detail =
            SessionDetail { session: session(&id.0, "When is it renewed?"), turns: Vec::new(), replaced: Vec::new() };
        host.answer(&format!("GET /v1/sessions/{id}"), detail);
        let prompt = editor.say(&id, "When is it renewed?");
        let mut asked = host.asked().await;
        assert_eq!(asked.request.question, "When is it renewed?");
        assert_eq!(asked.request.new_session.as_deref(), Some(&*id.0), "the host has it under the same id");
        assert_eq!((&asked.request.session, asked.request.goes_on), (&None, false));
        let folder = editor.folder();
        assert_eq!(asked.request.scope.as_ref().unwrap().folder.as_deref(), folder.to_str());

        assert!(matches!(editor.told().await, SessionUpdate::AvailableCommandsUpdate(_)));
        asked.start("t1");
        let SessionUpdate::ToolCall(call) = editor.told().await else { panic!("a search is shown") };
        assert_eq!((call.kind, call.status), (ToolKind::Search, ToolCallStatus::InProgress));
        let (notes, code) = (folder.join("my notes.md"), folder.join("lib.rs"));
        let hits = vec![hit(&notes, (3, 5)), hit(&code, (7, 7))];
        asked.recall(hits.clone());
        let SessionUpdate::ToolCallUpdate(found) = editor.told().await else { panic!("the search ends") };
        assert_eq!(found.tool_call_id, call.tool_call_id);
        assert_eq!(found.fields.status, Some(ToolCallStatus::Completed));
        assert_eq!(found.fields.title.as_deref(), Some("Found 2 passages"));
        let locations = vec![ToolCallLocation::new(&*notes).line(3), ToolCallLocation::new(&*code).line(7)];
        assert_eq!(found.fields.locations, Some(locations));

        asked.write("Once a month ");
        assert_eq!(editor.read_to("month ").await, "Once a month ", "it comes as it is written");
        asked.write("[1, ");
        asked.write("2], by `renew[1]`.");
        let uri = |name: &str| format!("file://{}/{name}", folder.display());
        let links = format!("[my notes.md:3-5]({}#L3), [lib.rs:7]({}#L7)", uri("my%20notes.md"), uri("lib.rs"));
        assert_eq!(editor.read_to("`.").await, format!("{links}, by `renew[1]`."));

        asked.finish("t1", "Once a month [1].", vec![citation(1, &hits[0])]);
        let sources = format!("\n\n<my notes.md:3-5|{}#L3|Certificates>", uri("my%20notes.md"));
        assert_eq!(editor.read_to(">").await, sources);
        let SessionUpdate::SessionInfoUpdate(info) = editor.told().await else { panic!("the title is told") };
        assert_eq!(info.title, MaybeUndefined::Value("When is it renewed?".to_owned()));
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);

        // The same session of the host goes on.
        let prompt = editor.say(&id, "By whom?");
        let mut asked = host.asked().await;
        assert_eq!((asked.request.session.as_deref(), &asked.request.new_session), (Some(&*id.0), &None));
        asked.answer("By nobody.");
        assert_eq!(ended(prompt).await.unwrap(), StopReason::EndTurn);
        assert_eq!(editor.read(), "By nobody.");
        assert_eq!(host.heard(&format!("GET /v1/sessions/{id}")).len(), 1, "its title is known");
    });
}

#[test]
fn pages_and_what_cannot_be_opened_are_told_by_name() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        let mut manual = hit(&editor.folder().join("manual.pdf"), (1, 1));
        manual.span = Span::Pages { start: 3, end: 3 };
        let elsewhere = hit("/ambit/attachments/9/letter.pdf".as_ref(), (1, 2));
        asked.start("t");
        asked.recall(vec![manual.clone(), elsewhere.clone()]);
        asked.write("It [1][2]");
        asked.finish("t", "It [1][2]", vec![citation(1, &manual), citation(2, &elsewhere)]);
        ended(prompt).await.unwrap();
        let uri = format!("file://{}/manual.pdf#page=3", editor.folder().display());
        let text = format!("It [manual.pdf, p. 3]({uri})(letter.pdf:1-2)\n\n<manual.pdf, p. 3|{uri}|Certificates>");
        assert_eq!(editor.read(), text);
    });
}

#[test]
fn what_left_the_machine_is_told() {
    with(async |mut editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        asked.recall(Vec::new());
        let mut turn = finished(&id.0, "t", "What?", "This.", Vec::new());
        turn.answer.as_mut().unwrap().bytes_sent = 1234;
        asked.tell(&ambit_protocol::AskEvent::Finished { turn });
        ended(prompt).await.unwrap();
        assert!(editor.read().contains("1234 bytes left this machine"));
    });
}

#[test]
fn failures_say_what_to_do() {
    with(async |editor, mut host| {
        let id = editor.open().await;
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        asked.fail(Problem::new(ErrorCode::RateLimited, "openai takes no more").with_hint("wait a minute"));
        let error = ended(prompt).await.unwrap_err();
        assert_eq!((error.code.value(), error.message.as_str()), (-32603, "openai takes no more; wait a minute"));

        let prompt = editor.say(&id, " ");
        host.asked()
            .await
            .refuse(&Problem::new(ErrorCode::InvalidInput, "the question is empty").with_hint("say what"));
        let error = ended(prompt).await.unwrap_err();
        assert_eq!((error.code.value(), error.message.as_str()), (-32602, "the question is empty; say what"));

        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        asked.start("t");
        drop(asked);
        let error = ended(prompt).await.unwrap_err();
        assert!(error.message.ends_with("ask again"), "{error}");
    });
}

#[test]
fn two_sessions_are_answered_at_once_and_one_after_the_other_within_each() {
    with(async |mut editor, mut host| {
        let (first, second) = (editor.open().await, editor.open().await);
        assert_ne!(first, second);
        let one = editor.say(&first, "One?");
        let mut asked_one = host.asked().await;
        let next = editor.say(&first, "Next?");
        let two = editor.say(&second, "Two?");
        let mut asked_two = host.asked().await;
        assert_eq!(asked_two.request.question, "Two?", "the next one of the first session waits");
        asked_two.answer("2");
        assert_eq!(ended(two).await.unwrap(), StopReason::EndTurn);
        assert!(!host.is_asked());
        asked_one.answer("1");
        assert_eq!(ended(one).await.unwrap(), StopReason::EndTurn);
        let mut asked = host.asked().await;
        assert_eq!((asked.request.question.as_str(), asked.session().as_str()), ("Next?", &*first.0));
        asked.answer("3");
        assert_eq!(ended(next).await.unwrap(), StopReason::EndTurn);
        let mut said = Vec::new();
        while let Ok(told) = editor.updates.try_recv() {
            let words = crate::editor::words(told.update);
            if !words.is_empty() {
                said.push((told.session_id, words));
            }
        }
        assert_eq!(said, [(second, "2".to_owned()), (first.clone(), "1".to_owned()), (first, "3".to_owned())]);
    });
}
