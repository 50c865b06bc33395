use std::path::PathBuf;
use std::sync::Arc;

use ambit_domain::port::{
    Audit as _, NewTransmission, Prompt, ProviderKind, Providers as _, Quotation, Transmission, Transmissions,
};
use ambit_domain::{BoxFuture, Cancellation, Error, ErrorCode, Message, Result, Role, SessionId, Span, Tool, ToolCall};
use ambit_model_gateway::{Gateway, GatewayPorts};
use futures_util::StreamExt as _;

use crate::fake::{Fake, delta, events, stop};
use crate::house::{House, ask, patience, text};

/// Nobody is asked there: the address is one for documentation.
const ELSEWHERE: &str = "https://192.0.2.1/v1";

#[tokio::test]
async fn nothing_goes_elsewhere_before_the_user_saw_it_and_consented() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    house.gateway.set_folder("house".to_owned(), "/notes".into(), true).await.unwrap();
    let mut request = ask("Why?");
    request.origin.session = Some(SessionId("s".to_owned()));
    let span = Span::Lines { start: 1, end: 2 };
    request.origin.quotations.push(Quotation { path: "/notes/a.md".into(), span, bytes: 0..3 });
    let error = house.told(request).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(error.message().contains("192.0.2.1") && error.message().contains("1 of your passages"), "{error}");
    let hint = error.hint().unwrap();
    assert!(hint.contains("`ambit egress show 1`") && hint.contains("`ambit providers consent house`"), "{hint}");

    let held = house.ports.transmissions.get(1).await.unwrap().unwrap();
    assert!(!held.is_sent && held.content.unwrap().contains("Why?"));
    assert_eq!((held.session.unwrap().as_str(), held.paths), ("s", vec![PathBuf::from("/notes/a.md")]));
    assert!(house.audit.records(None, 9).await.unwrap().is_empty(), "a connection was begun");
    assert_eq!(house.ports.egress.ledger().bytes(), 0);
}

#[tokio::test]
async fn offline_only_this_machine_is_asked() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.offline.set(true);
    let error = house.failure().await;
    assert_eq!(error.code(), ErrorCode::Offline);
    assert!(error.message().contains("house at 192.0.2.1"), "{error}");
    assert!(house.ports.transmissions.list(None, 9).await.unwrap().is_empty());

    let fake = Fake::start(vec![vec![events(), delta("Because."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    house.offline.set(true);
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
}

#[tokio::test]
async fn what_was_made_for_other_rules_is_not_sent() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.gateway.set_folder("house".to_owned(), "/notes".into(), true).await.unwrap();
    let model = house.model();
    house.gateway.set_folder("house".to_owned(), "/notes".into(), false).await.unwrap();
    let mut request = ask("Why?");
    let span = Span::Lines { start: 1, end: 2 };
    request.origin.quotations.push(Quotation { path: "/notes/a.md".into(), span, bytes: 0..3 });
    let error = model.generate(request, Cancellation::new()).next().await.unwrap().unwrap_err();
    assert_eq!((error.code(), error.hint()), (ErrorCode::Conflict, Some("ask again")), "{error}");
    assert!(error.message().contains("what house may have has changed"), "{error}");
    let mut request = ask("Why?");
    request.origin.cited_before = vec!["/notes/a.md".into()];
    let error = house.told(request).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Conflict, "an earlier answer that quotes it goes along: {error}");

    let local = House::with(ProviderKind::OpenAi, "http://127.0.0.1:9/v1").await;
    let model = local.model();
    local.gateway.remove("house".to_owned()).await.unwrap();
    local.add(ProviderKind::OpenAi, ELSEWHERE).await.unwrap();
    local.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let error = model.generate(ask("Why?"), Cancellation::new()).next().await.unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::Conflict, "{error}");
    for house in [house, local] {
        assert!(house.ports.transmissions.list(None, 9).await.unwrap().is_empty(), "it was sent");
    }
}

#[tokio::test]
async fn a_secret_goes_nowhere_and_is_not_told() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.gateway.set_folder("house".to_owned(), "/notes".into(), true).await.unwrap();
    let secret = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let with = |prompt: Prompt| {
        let mut request = ask("");
        request.prompt = prompt;
        request
    };
    let quoting = {
        let data = format!("<passage>\nid = {secret}\n</passage>\n");
        let message = Message::new(Role::User, format!("{data}\nQuestion: why?"));
        let mut request = with(Prompt::Conversation(vec![message]));
        let span = Span::Lines { start: 3, end: 9 };
        request.origin.quotations.push(Quotation { path: "/notes/aws.md".into(), span, bytes: 0..data.len() });
        request
    };
    let tools = {
        let mut request = ask("Why?");
        let parameters = format!(r#"{{"default":"{secret}"}}"#);
        request.tools.offered.push(Tool { name: "weather".to_owned(), description: None, parameters });
        request
    };
    let called = {
        let mut message = Message::new(Role::Assistant, "");
        let (id, name, arguments) = ("c1".to_owned(), "weather".to_owned(), format!(r#"{{"key":"{secret}"}}"#));
        message.calls.push(ToolCall { id, name, arguments });
        with(Prompt::Conversation(vec![message]))
    };
    let named = {
        let mut message = Message::new(Role::Assistant, "");
        message.calls.push(ToolCall { id: secret.clone(), name: "weather".to_owned(), arguments: "{}".to_owned() });
        with(Prompt::Conversation(vec![message]))
    };
    let cases = [
        (named, "the request"),
        (tools, "the description of the tool `weather`"),
        (called, "a call of a tool in message 1"),
        (ask(&format!("first line\nis {secret} mine?")), "line 2 of message 1"),
        (quoting, "the passage /notes/aws.md:3-9"),
        (with(Prompt::Text(secret.clone())), "line 1 of the text"),
        (with(Prompt::Gap { before: String::new(), after: secret.clone() }), "the text after the gap"),
    ];
    for (request, place) in cases {
        let error = house.told(request).await.1.unwrap();
        let told = format!("{error} {:?}", error.hint());
        assert_eq!(error.code(), ErrorCode::Forbidden, "{told}");
        assert!(error.message().contains("an access key of AWS") && error.message().contains(place), "{place}: {told}");
        assert!(!told.contains(&secret), "{told}");
    }
    assert!(house.ports.transmissions.list(None, 9).await.unwrap().is_empty(), "the ledger holds the secret");

    // What stays on this machine may hold what it likes.
    let fake = Fake::start(vec![vec![events(), delta("Yes."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    assert!(house.told(ask(&secret)).await.1.is_none());
}

#[tokio::test]
async fn consent_is_given_to_an_address_and_not_to_a_name() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let reopened = Gateway::open(house.ports.clone(), patience()).await.unwrap();
    assert!(reopened.list().await[0].is_consented);
    let (key, stored) = house.ports.preferences.all().await.unwrap().remove(0);
    let elsewhere = stored.to_string().replacen(ELSEWHERE, "https://192.0.2.99/v1", 1);
    house.ports.preferences.set(key, serde_json::from_str(&elsewhere).unwrap()).await.unwrap();
    let reopened = Gateway::open(house.ports.clone(), patience()).await.unwrap();
    let shown = reopened.list().await.remove(0);
    assert_eq!((shown.host.as_str(), shown.is_consented), ("192.0.2.99", false), "another server has the consent");
}

/// A ledger whose disk is full.
struct FullLedger;

impl Transmissions for FullLedger {
    fn record(&self, _: NewTransmission) -> BoxFuture<'_, Result<i64>> {
        Box::pin(async { Err(Error::new(ErrorCode::StorageFull, "the disk is full")) })
    }
    fn take_back(&self, _: i64) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
    fn list(&self, _: Option<i64>, _: usize) -> BoxFuture<'_, Result<Vec<Transmission>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn get(&self, _: i64) -> BoxFuture<'_, Result<Option<Transmission>>> {
        Box::pin(async { Ok(None) })
    }
    fn erase(&self, _: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}

#[tokio::test]
async fn nothing_is_sent_that_the_ledger_cannot_take() {
    let fake = Fake::start(vec![vec![events(), delta("Because."), stop()]]);
    let mut house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let ports = GatewayPorts { transmissions: Arc::new(FullLedger), ..house.ports.clone() };
    house.gateway = Gateway::open(ports, patience()).await.unwrap();
    let error = house.failure().await;
    assert_eq!((error.code(), error.message()), (ErrorCode::StorageFull, "the disk is full"));
    assert!(fake.came().is_empty(), "it was sent all the same");
    assert_eq!(house.ports.egress.ledger().bytes(), 0);
}

#[tokio::test]
async fn a_rehearsal_tells_size_and_objection_and_leaves_no_trace() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    let rehearse = || house.model().rehearse(&ask("Why?")).unwrap();
    let told = rehearse();
    let objection = told.objection.unwrap();
    assert_eq!(objection.code(), ErrorCode::Forbidden);
    assert_eq!(objection.hint(), Some("`ambit providers consent house` lets it and what follows be sent"));
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let told = rehearse();
    assert!(told.objection.is_none() && told.bytes > 20, "{told:?}");
    let secret = ["AKIA", "IOSFODNN7EXAMPLE"].concat();
    let told = house.model().rehearse(&ask(&format!("Is {secret} one?"))).unwrap();
    assert!(told.objection.unwrap().message().contains("nothing was sent"));
    house.offline.set(true);
    assert_eq!(rehearse().objection.unwrap().code(), ErrorCode::Offline);
    assert!(house.ports.transmissions.list(None, 9).await.unwrap().is_empty());
    assert!(house.audit.records(None, 9).await.unwrap().is_empty());
}

#[tokio::test]
async fn what_was_handed_over_for_the_conversation_may_go_without_its_folder() {
    let house = House::with(ProviderKind::OpenAi, ELSEWHERE).await;
    let mut request = ask("Why?");
    let span = Span::Lines { start: 1, end: 2 };
    house.gateway.set_folder("house".to_owned(), "/".into(), true).await.unwrap();
    let path = PathBuf::from("/ambit/attachments/1/letter.txt");
    request.origin.quotations.push(Quotation { path: path.clone(), span, bytes: 0..3 });
    let error = house.told(request.clone()).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Conflict, "nobody handed it over");
    request.origin.given.push(path);
    let error = house.told(request).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Forbidden, "it waits for consent like all else");
}
