//! Questions through the runtime.

use std::sync::Arc;
use std::time::Duration;

use ambit_domain::{
    AnswerOrigin, Cancellation, Error, ErrorCode, ModelChoice, Scope, SessionChange, SessionId, Turn, TurnId,
    TurnStatus,
};
use ambit_runtime::testing::{OneModel, ScriptedModel};
use ambit_runtime::{AskEvent, AskRequest};
use futures_util::StreamExt as _;

use crate::house::{House, cli};

pub(crate) fn request(question: &str) -> AskRequest {
    AskRequest {
        session: None,
        new_session: None,
        question: question.to_owned(),
        limit: 0,
        model: None,
        only_local: false,
        replaces: None,
        about: Vec::new(),
        scope: Scope::default(),
        goes_on: false,
    }
}

pub(crate) async fn ask(house: &House, request: AskRequest) -> Vec<Result<AskEvent, Error>> {
    let events = house.runtime.ask(request, cli(), Cancellation::new()).collect();
    tokio::time::timeout(Duration::from_secs(20), events).await.expect("the answer ends")
}

pub(crate) fn turn(events: &[Result<AskEvent, Error>]) -> Turn {
    match events.last() {
        Some(Ok(AskEvent::Finished { turn })) => turn.clone(),
        other => panic!("the last event is {other:?}"),
    }
}

#[tokio::test]
async fn an_answer_quotes_cites_and_is_stored() {
    let house = House::with_books(|_| {}).await;
    let events = ask(&house, request("  Who is the owner of a value?  ")).await;
    let turn = turn(&events);
    assert_eq!(turn.question, "Who is the owner of a value?");
    let answer = turn.answer.clone().unwrap();
    assert_eq!(answer.origin, AnswerOrigin::Extractive);
    assert_eq!(answer.citations[0].path, house.path("ownership.md"));
    assert_eq!(answer.bytes_sent, 0);
    assert_eq!(answer.embedder.as_deref(), Some("hashing@1"));
    let (session, turns) = house.runtime.session(turn.session.clone()).await.unwrap().unwrap();
    assert_eq!((session.title.as_str(), session.surface.as_str()), ("Who is the owner of a value?", "cli"));
    assert_eq!(turns, std::slice::from_ref(&turn));

    let next = AskRequest { session: Some(turn.session.clone()), ..request("Why?") };
    ask(&house, next).await;
    assert_eq!(house.runtime.session(turn.session).await.unwrap().unwrap().1.len(), 2);

    let other = ask(&house, request("What is the capital of Peru?")).await;
    let answer = self::turn(&other).answer.unwrap();
    assert_eq!((answer.origin, answer.citations.len()), (AnswerOrigin::NothingFound, 0));

    house.until("all calls are recorded", || house.world.conversations.interactions().len() >= 4).await;
    let records = house.runtime.audit(None, 10).await.unwrap();
    let asked = records.iter().filter(|record| record.entry.action == "session.ask").count();
    assert_eq!(asked, 3);
    assert!(!format!("{records:?}").contains("Peru"), "the audit log holds the question itself");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_language_model_answers_when_there_is_one() {
    let model = Arc::new(ScriptedModel::saying(&[&["A value has ", "one owner [1]."]]));
    let house = House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(model))).await;
    let answer = turn(&ask(&house, request("Who is the owner of a value?")).await).answer.unwrap();
    assert_eq!(answer.text, "A value has one owner [1].");
    assert_eq!(answer.origin, AnswerOrigin::Model { model: "scripted".to_owned() });
    assert_eq!(answer.citations.len(), 1);
    assert_eq!(house.runtime.status().await.unwrap().model.as_deref(), Some("scripted"));
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_conversation_keeps_what_answers_in_it() {
    let near = Arc::new(ScriptedModel::saying(&[&["One owner [1]."], &["Still one [1]."], &["One, again [1]."]]));
    let model = Arc::clone(&near);
    let house = House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(model))).await;
    let named = AskRequest { model: Some("scripted".to_owned()), only_local: true, ..request("Who is the owner?") };
    let first = turn(&ask(&house, named).await);
    let id = first.session.clone();
    let choice = || async { house.runtime.session(id.clone()).await.unwrap().unwrap().0.choice };
    assert_eq!(choice().await, ModelChoice { model: Some("scripted".to_owned()), only_local: true });
    let next = |question: &str| AskRequest { session: Some(id.clone()), ..request(question) };
    let second = turn(&ask(&house, next("Who is the owner of a value?")).await);
    assert_eq!(second.answer.unwrap().origin, AnswerOrigin::Model { model: "scripted".to_owned() });

    // Asked once more, in the place of the first.
    let again = AskRequest { replaces: Some(first.id.clone()), ..next("Who is the owner of a value in Rust?") };
    let again = turn(&ask(&house, again).await);
    assert!(again.replaces);
    let told: Vec<String> = near.requests().iter().map(|request| format!("{:?}", request.prompt)).collect();
    assert!(
        told[1].contains("One owner") && !told[2].contains("One owner"),
        "what was replaced is no history: {told:?}"
    );
    let export = house.runtime.export().await.unwrap();
    assert_eq!(export["sessions"][0]["replaced"].as_array().unwrap().len(), 2, "{export}");
    let turns = house.runtime.session(id.clone()).await.unwrap().unwrap().1;
    assert_eq!(turns.iter().map(|turn| &turn.id).collect::<Vec<_>>(), [&again.id]);
    let (_, back) = house.runtime.restore_turns(&cli(), id.clone(), again.id).await.unwrap();
    assert_eq!((back.len(), &back[0].id), (2, &first.id));
    let fork = house.runtime.fork_session(&cli(), id.clone(), Some(first.id)).await.unwrap();
    assert_eq!((house.runtime.session(fork.id).await.unwrap().unwrap().1.len(), fork.choice), (1, choice().await));

    let change = |model: &str| SessionChange { model: Some(Some(model.to_owned())), ..SessionChange::default() };
    let error = house.runtime.change_session(&cli(), id.clone(), change("nobody")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::ModelMissing);
    let nowhere = AskRequest { replaces: Some(TurnId("none".to_owned())), ..request("Who?") };
    assert_eq!(ask(&house, nowhere).await[0].as_ref().unwrap_err().code(), ErrorCode::InvalidInput);
    assert_eq!(house.runtime.sessions(None, 10).await.unwrap().len(), 2, "it left no empty session");
    let unknown = AskRequest { replaces: Some(TurnId("none".to_owned())), ..next("Who?") };
    assert_eq!(ask(&house, unknown).await[0].as_ref().unwrap_err().code(), ErrorCode::NotFound);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn what_stays_on_this_machine_is_not_asked_elsewhere() {
    let far = Arc::new(ScriptedModel::saying(&[&["One owner."]]).elsewhere());
    let house = House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(far))).await;
    let events = ask(&house, AskRequest { only_local: true, ..request("Who is the owner of a value?") }).await;
    let error = events[0].as_ref().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(error.message().contains("scripted") && house.world.conversations.turns().is_empty(), "{error}");
    let session = turn(&ask(&house, request("Who is the owner of a value?")).await).session;
    let lock = SessionChange { only_local: Some(true), ..SessionChange::default() };
    house.runtime.change_session(&cli(), session.clone(), lock).await.unwrap();
    let events = ask(&house, AskRequest { session: Some(session), ..request("And who owns that?") }).await;
    assert_eq!(events[0].as_ref().unwrap_err().code(), ErrorCode::Forbidden);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_conversation_begins_under_the_id_that_its_client_gives_it() {
    let house = House::with_books(|_| {}).await;
    let id = SessionId("01890a5d-ac96-774b-bcce-b302099a8057".to_owned());
    let begin =
        |id: &SessionId| AskRequest { new_session: Some(id.clone()), ..request("Who is the owner of a value?") };
    assert_eq!(turn(&ask(&house, begin(&id)).await).session, id);
    let next = AskRequest { session: Some(id.clone()), ..request("And who owns that?") };
    assert_eq!(turn(&ask(&house, next).await).session, id);

    let both = AskRequest { session: Some(id.clone()), ..begin(&SessionId(id.0.replace("0189", "0190"))) };
    let capital = SessionId(id.0.to_uppercase());
    for (refused, code) in [
        (begin(&id), ErrorCode::Conflict),
        (begin(&capital), ErrorCode::InvalidInput),
        (begin(&SessionId("mine".to_owned())), ErrorCode::InvalidInput),
        (both, ErrorCode::InvalidInput),
    ] {
        let events = ask(&house, refused).await;
        assert_eq!(events[0].as_ref().unwrap_err().code(), code, "{events:?}");
    }
    assert_eq!(house.runtime.session(id).await.unwrap().unwrap().1.len(), 2, "nothing took its place");
    assert_eq!(house.runtime.sessions(None, 10).await.unwrap().len(), 1);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn impossible_questions_are_refused_and_not_stored() {
    let house = House::with_books(|_| {}).await;
    for (text, session, code) in [
        ("  ", None, ErrorCode::InvalidInput),
        (&*"x".repeat(8001), None, ErrorCode::InvalidInput),
        ("Who?", Some(SessionId("none".to_owned())), ErrorCode::NotFound),
    ] {
        let events = ask(&house, AskRequest { session, ..request(text) }).await;
        assert_eq!(events.len(), 1);
        assert_eq!(events[0].as_ref().unwrap_err().code(), code);
    }
    assert!(house.world.conversations.turns().is_empty());
    house.runtime.shutdown(Duration::ZERO).await;
}

async fn wait_for_text(events: &mut ambit_domain::BoxStream<'static, Result<AskEvent, Error>>) {
    loop {
        let event = tokio::time::timeout(Duration::from_secs(5), events.next()).await.expect("events come");
        if let AskEvent::Text { .. } = event.expect("the stream goes on").expect("the answer goes on") {
            break;
        }
    }
}

async fn held_house() -> House {
    let model = Arc::new(ScriptedModel::saying(&[&["One owner [1]. "]]).holding());
    House::with_books(|ports| ports.language_models = Arc::new(OneModel::new(model))).await
}

#[tokio::test]
async fn an_answer_that_nobody_reads_any_more_is_given_up() {
    let house = held_house().await;
    let mut events = house.runtime.ask(request("Who is the owner of a value?"), cli(), Cancellation::new());
    wait_for_text(&mut events).await;
    drop(events);
    let status = || house.world.conversations.turns()[0].status;
    house.until("the turn is stored as cancelled", || status() == TurnStatus::Cancelled).await;
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn an_answer_that_goes_on_is_followed_by_others_and_stopped_by_them() {
    let house = held_house().await;
    let question = AskRequest { goes_on: true, ..request("Who is the owner of a value?") };
    let mut events = house.runtime.ask(question, cli(), Cancellation::new());
    wait_for_text(&mut events).await;
    drop(events);
    let turn = house.world.conversations.turns()[0].id.clone();
    let mut followed = house.runtime.follow_answer(&turn).expect("it goes on");
    assert!(matches!(followed.next().await, Some(Ok(AskEvent::Started { .. }))), "it is told from its beginning");
    wait_for_text(&mut followed).await;
    assert!(house.runtime.stop_answer(&turn));
    let rest: Vec<_> = tokio::time::timeout(Duration::from_secs(5), followed.collect()).await.expect("it stops");
    assert_eq!(rest.last().unwrap().as_ref().unwrap_err().code(), ErrorCode::Cancelled);
    assert_eq!(house.world.conversations.turns()[0].status, TurnStatus::Cancelled);
    assert!(house.runtime.follow_answer(&turn).is_none() && !house.runtime.stop_answer(&turn));
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn an_answer_that_goes_on_ends_with_the_host_though_nobody_reads_it() {
    let house = held_house().await;
    let question = AskRequest { goes_on: true, ..request("Who is the owner of a value?") };
    let mut events = house.runtime.ask(question, cli(), Cancellation::new());
    wait_for_text(&mut events).await;
    drop(events);
    let ending = house.runtime.shutdown(Duration::from_millis(50));
    tokio::time::timeout(Duration::from_secs(5), ending).await.expect("it ends");
    assert_eq!(house.world.conversations.turns()[0].status, TurnStatus::Cancelled);
}

#[tokio::test]
async fn the_caller_can_cancel() {
    let house = held_house().await;
    let cancellation = Cancellation::new();
    let mut events = house.runtime.ask(request("Who is the owner of a value?"), cli(), cancellation.clone());
    wait_for_text(&mut events).await;
    cancellation.cancel();
    let rest = tokio::time::timeout(Duration::from_secs(5), events.collect::<Vec<_>>()).await.expect("it ends");
    assert_eq!(rest.last().unwrap().as_ref().unwrap_err().code(), ErrorCode::Cancelled);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn shutdown_ends_answers_after_the_grace_and_stores_them() {
    let house = held_house().await;
    let mut events = house.runtime.ask(request("Who is the owner of a value?"), cli(), Cancellation::new());
    wait_for_text(&mut events).await;
    let ending = house.runtime.shutdown(Duration::from_millis(50));
    tokio::time::timeout(Duration::from_secs(5), ending).await.expect("the end does not wait for a reader");
    let turn = &house.world.conversations.turns()[0];
    assert_eq!(turn.status, TurnStatus::Cancelled);
    let late = ask(&house, request("Who is the owner of a value?")).await;
    assert_eq!(late[0].as_ref().unwrap_err().code(), ErrorCode::Unavailable);
}

#[tokio::test]
async fn a_turn_that_a_crash_cut_off_is_marked_at_the_next_start() {
    use ambit_domain::port::Conversations as _;
    use ambit_domain::{NewTurn, TurnId};

    let world = ambit_runtime::testing::World::new();
    let session = SessionId("s".to_owned());
    world
        .conversations
        .begin_session(session.clone(), "Cut off".to_owned(), "cli".to_owned(), ModelChoice::default())
        .await
        .unwrap();
    world.conversations.begin_turn(NewTurn::new(TurnId("t".to_owned()), session, "Who?")).await.unwrap();
    let house = House::open(world, |_| {}).await;
    assert_eq!(house.world.conversations.turns()[0].status, TurnStatus::Failed);
    house.runtime.shutdown(Duration::ZERO).await;
}
