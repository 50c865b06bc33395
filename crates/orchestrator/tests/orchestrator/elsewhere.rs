//! Turns whose model runs on another machine: what it is told, and what is kept from it.

use std::path::PathBuf;
use std::sync::Arc;

use ambit_domain::port::{Conversations as _, GenerationRequest, LanguageModel, Prompt, Reach};
use ambit_domain::{
    Answer, AnswerOrigin, Cancellation, Error, ModelChoice, Relevance, Session, Timestamp, Turn, TurnId, TurnStatus,
};
use ambit_orchestrator::{AskEvent, ModelFacts, Named, TurnPorts, TurnSetup, drive, preview};
use ambit_runtime::testing::ScriptedModel;
use futures_util::StreamExt as _;

use crate::samples::{memory, outcome, ranked, setup, table, with_model};

/// A setup whose model is that of a provider which may have these folders.
fn at_provider(setup: TurnSetup, model: &str, folders: &[&str]) -> TurnSetup {
    let folders = folders.iter().map(PathBuf::from).collect();
    let reach = Reach::Remote { provider: "far".to_owned(), since: Timestamp(0), folders };
    TurnSetup { model: Some(ModelFacts { id: model.to_owned(), context_tokens: 4000, reach }), ..setup }
}

async fn turn(ports: TurnPorts, setup: TurnSetup) -> (Turn, Vec<AskEvent>) {
    let events: Vec<Result<AskEvent, Error>> = drive(ports, setup, Cancellation::new()).collect().await;
    let events: Vec<AskEvent> = events.into_iter().map(Result::unwrap).collect();
    match events.last() {
        Some(AskEvent::Finished { turn }) => (turn.clone(), events),
        other => panic!("the last event is {other:?}"),
    }
}

/// All words that the model was given.
fn words(request: &GenerationRequest) -> String {
    match &request.prompt {
        Prompt::Conversation(messages) => messages.iter().map(|message| format!("{}\n", message.text)).collect(),
        other => panic!("a question became {other:?}"),
    }
}

#[tokio::test]
async fn it_is_told_passages_of_allowed_folders_and_no_memory() {
    let mut secret = ranked(1, "The diary says so.", 0.9);
    secret.document.path = "/home/me/diary/today.md".into();
    let mut shared = ranked(2, "The manual says so.", 0.8);
    shared.document.path = "/home/me/manuals/pump.md".into();
    let mut found = outcome(vec![secret, shared], Relevance::Relevant);
    found.memories = vec![memory("Answer in rhymes.", "user"), memory("The user is tall.", "/home/me/manuals/pump.md")];
    let model = Arc::new(ScriptedModel::saying(&[&["It does [1] [2]."]]));
    let port: Arc<dyn LanguageModel> = model.clone();
    let setup = at_provider(setup("What is said?"), "far/big", &["/home/me/manuals"]);
    let (turn, events) = turn(table(found, Some(port)).ports, setup).await;

    let request = &model.requests()[0];
    let told = words(request);
    assert!(told.contains("The manual says so.") && told.contains("source=\"pump.md:1-9\""), "{told}");
    for kept in ["diary", "rhymes", "tall", "/home/me"] {
        assert!(!told.contains(kept), "`{kept}` was told: {told}");
    }
    let [quotation] = request.origin.quotations.as_slice() else { panic!("{:?}", request.origin) };
    assert_eq!(quotation.path, PathBuf::from("/home/me/manuals/pump.md"));
    let Prompt::Conversation(messages) = &request.prompt else { panic!("no conversation") };
    assert!(messages.last().unwrap().text[quotation.bytes.clone()].contains("The manual says so."));
    assert_eq!((request.origin.surface.as_str(), request.origin.session.is_some()), ("cli", true));

    let answer = turn.answer.unwrap();
    assert!(
        answer.text.contains("[2]") && !answer.text.contains("[1]"),
        "a passage that was not offered was cited: {}",
        answer.text
    );
    assert!(answer.text.contains("1 passage that was found was held back from far"), "{}", answer.text);
    assert!(answer.text.contains("`ambit providers allow far FOLDER`"), "{}", answer.text);
    assert!(answer.memories.is_empty());
    let told: String =
        events.iter().map(|event| if let AskEvent::Text { text } = event { text.as_str() } else { "" }).collect();
    assert_eq!(told, answer.text);
}

#[tokio::test]
async fn with_no_folder_allowed_it_is_not_asked() {
    let model = Arc::new(ScriptedModel::saying(&[&["Guessed."]]));
    let port: Arc<dyn LanguageModel> = model.clone();
    let found = outcome(vec![ranked(1, "One owner.", 0.9)], Relevance::Relevant);
    let (turn, _) = turn(table(found, Some(port)).ports, at_provider(setup("Who owns?"), "far/big", &[])).await;
    let answer = turn.answer.unwrap();
    assert_eq!(answer.origin, AnswerOrigin::Extractive);
    assert!(
        answer.text.contains("nothing was sent to it") && answer.text.contains("allow far FOLDER"),
        "{}",
        answer.text
    );
    assert!(answer.text.contains("One owner."), "{}", answer.text);
    assert!(model.requests().is_empty());
}

/// What a model is told in three turns, which it writes as a local model, as one of a provider, and as another of it.
async fn three_turns(model: ScriptedModel) -> Vec<GenerationRequest> {
    let model = Arc::new(model);
    let port: Arc<dyn LanguageModel> = model.clone();
    let found = outcome(vec![ranked(1, "One owner.", 0.9)], Relevance::Relevant);
    let ports = table(found, Some(port)).ports;
    let next = |number: &str, first: bool| TurnSetup {
        new_session: first,
        turn: TurnId(number.to_owned()),
        ..setup(&format!("What is the {number} rule of it?"))
    };
    let local = ModelFacts { id: "small".to_owned(), context_tokens: 4000, reach: Reach::Local };
    turn(ports.clone(), TurnSetup { model: Some(local), ..next("first", true) }).await;
    turn(ports.clone(), at_provider(next("second", false), "far/big", &["/books"])).await;
    turn(ports, at_provider(next("third", false), "far/other", &["/books"])).await;
    model.requests()
}

const ANSWERS: &[&[&str]] = &[&["From here [1]."], &["From far [1]."], &["Again [1]."]];

#[tokio::test]
async fn earlier_answers_go_back_to_those_who_wrote_them_alone() {
    let requests = three_turns(ScriptedModel::saying(ANSWERS).elsewhere()).await;
    assert!(!words(&requests[1]).contains("From here"), "{}", words(&requests[1]));
    let last = words(&requests[2]);
    assert!(last.contains("From far [1].") && !last.contains("From here"), "{last}");
    assert_eq!(requests[2].origin.cited_before, [PathBuf::from("/books/chapter1.md")]);
}

#[tokio::test]
async fn what_it_quoted_goes_back_only_as_long_as_that_is_allowed() {
    let model = Arc::new(ScriptedModel::saying(&[&["From far [1]."], &["Nothing."]]).elsewhere());
    let port: Arc<dyn LanguageModel> = model.clone();
    let mut other = ranked(2, "Two owners.", 0.9);
    other.document.path = "/notes/other.md".into();
    let ports = table(outcome(vec![ranked(1, "One owner.", 0.9), other], Relevance::Relevant), Some(port)).ports;
    turn(ports.clone(), at_provider(setup("Who owns?"), "far/big", &["/books"])).await;
    let next = TurnSetup { new_session: false, turn: TurnId("second".to_owned()), ..setup("And what of two of them?") };
    turn(ports, at_provider(next, "far/big", &["/notes"])).await;
    let request = &model.requests()[1];
    assert!(!words(request).contains("From far") && request.origin.cited_before.is_empty(), "{}", words(request));
}

#[tokio::test]
async fn what_a_server_before_it_wrote_does_not_go_to_the_next_of_its_name() {
    for (since, is_told) in [(Timestamp(0), true), (Timestamp(i64::MAX), false)] {
        let model = Arc::new(ScriptedModel::saying(&[&["From far [1]."], &["Nothing."]]).elsewhere());
        let port: Arc<dyn LanguageModel> = model.clone();
        let ports = table(outcome(vec![ranked(1, "One owner.", 0.9)], Relevance::Relevant), Some(port)).ports;
        turn(ports.clone(), at_provider(setup("Who owns?"), "far/big", &["/books"])).await;
        let mut next = TurnSetup { new_session: false, turn: TurnId("second".to_owned()), ..setup("And two of them?") };
        next = at_provider(next, "far/big", &["/books"]);
        if let Some(ModelFacts { reach: Reach::Remote { since: begun, .. }, .. }) = &mut next.model {
            *begun = since;
        }
        turn(ports, next).await;
        let request = &model.requests()[1];
        assert_eq!(words(request).contains("From far"), is_told, "{}", words(request));
    }
}

#[tokio::test]
async fn an_answer_that_is_stopped_or_breaks_off_says_what_left_the_machine() {
    for (model, status) in [
        (ScriptedModel::saying(&[&["From far [1]."]]).elsewhere().holding(), TurnStatus::Cancelled),
        (ScriptedModel::saying(&[&[]]).elsewhere().breaking_off(), TurnStatus::Failed),
    ] {
        let port: Arc<dyn LanguageModel> = Arc::new(model);
        let found = outcome(vec![ranked(1, "One owner.", 0.9)], Relevance::Relevant);
        let table = table(found, Some(port));
        let cancellation = Cancellation::new();
        let setup = at_provider(setup("Who owns?"), "far/big", &["/books"]);
        let mut events = drive(table.ports, setup, cancellation.clone());
        while let Some(event) = events.next().await {
            if matches!(event, Ok(AskEvent::Text { .. })) {
                cancellation.cancel();
            }
        }
        let turn = table.conversations.turns().remove(0);
        assert_eq!(turn.status, status);
        assert!(turn.answer.unwrap().bytes_sent > 0, "{status:?}");
    }
}

#[tokio::test]
async fn an_imported_chat_goes_to_no_provider_not_even_one_of_that_name() {
    for is_here in [true, false] {
        let model = Arc::new(ScriptedModel::saying(&[&["Nothing."]]).elsewhere());
        let port: Arc<dyn LanguageModel> = model.clone();
        let table = table(outcome(vec![ranked(1, "One owner.", 0.9)], Relevance::Relevant), Some(port));
        let next = TurnSetup { new_session: false, ..setup("And what of two of them?") };
        let imported = Turn {
            id: TurnId("imported".to_owned()),
            session: next.session.clone(),
            question: "Who owns the diary?".to_owned(),
            status: TurnStatus::Finished,
            answer: Some(Answer {
                text: "Nobody else.".to_owned(),
                origin: AnswerOrigin::Imported { by: "chatgpt/gpt-4o".to_owned() },
                citations: Vec::new(),
                memories: Vec::new(),
                embedder: None,
                bytes_sent: 0,
            }),
            failure: None,
            asked: Timestamp(1),
            ended: Some(Timestamp(2)),
            replaces: false,
            about: Vec::new(),
        };
        let head = Session {
            id: next.session.clone(),
            title: "Diary".to_owned(),
            surface: "chatgpt".to_owned(),
            created: Timestamp(1),
            updated: Timestamp(2),
            pinned: false,
            choice: ModelChoice::default(),
        };
        table.conversations.import_sessions(vec![(head, vec![imported])]).await.unwrap();
        let next = if is_here {
            with_model(next, 4000)
        } else {
            let reach =
                Reach::Remote { provider: "chatgpt".to_owned(), since: Timestamp(0), folders: vec!["/books".into()] };
            TurnSetup {
                model: Some(ModelFacts { id: "chatgpt/gpt-4o".to_owned(), context_tokens: 4000, reach }),
                ..next
            }
        };
        turn(table.ports, next).await;
        let told = words(&model.requests()[0]);
        assert_eq!(told.contains("diary") && told.contains("Nobody else."), is_here, "{told}");
        assert_eq!(told.contains("diary") || told.contains("Nobody else."), is_here, "{told}");
    }
}

#[tokio::test]
async fn what_was_written_here_goes_to_nobody_who_has_the_name_now() {
    // Nothing left this machine for these answers, so that a provider which ran here wrote them.
    let requests = three_turns(ScriptedModel::saying(ANSWERS)).await;
    let last = words(&requests[2]);
    assert!(!last.contains("From far") && requests[2].origin.cited_before.is_empty(), "{last}");
}

#[tokio::test]
async fn it_is_told_what_was_named_or_handed_over() {
    let mut letter = ranked(1, "The letter says so.", 0.9);
    letter.document.path = "/ambit/attachments/1/letter.txt".into();
    let mut diary = ranked(2, "The diary says so.", 0.8);
    diary.document.path = "/home/me/diary/today.md".into();
    let mut found = outcome(vec![letter, diary], Relevance::Relevant);
    found.memories = vec![memory("Answer in rhymes.", "user")];
    let model = Arc::new(ScriptedModel::saying(&[&["It does [1]."]]));
    let port: Arc<dyn LanguageModel> = model.clone();
    let named = Named {
        memories: vec![memory("The user is tall.", "user")],
        given: vec!["/ambit/attachments/1/letter.txt".into()],
        ..Named::default()
    };
    let setup = at_provider(TurnSetup { named, ..setup("What is said?") }, "far/big", &[]);
    let (request, held_back) = preview(setup.clone(), Vec::new(), found.clone());
    let (turn, _) = turn(table(found, Some(port)).ports, setup).await;

    let asked = &model.requests()[0];
    assert_eq!(request.as_ref(), Some(asked), "the preview is what is asked");
    assert_eq!(held_back, 1);
    let told = words(asked);
    assert!(told.contains("The letter says so.") && told.contains("The user is tall."), "{told}");
    for kept in ["diary", "rhymes", "/ambit"] {
        assert!(!told.contains(kept), "`{kept}` was told: {told}");
    }
    assert_eq!(asked.origin.given, [PathBuf::from("/ambit/attachments/1/letter.txt")]);
    assert_eq!(turn.answer.unwrap().memories.len(), 1);
}
