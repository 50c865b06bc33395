use std::net::TcpListener;
use std::time::{Duration, Instant};

use ambit_domain::port::{ProviderKind, Providers as _};
use ambit_domain::{ErrorCode, Secret};

use crate::fake::{Fake, Part, bytes, delta, events, failure, lines};
use crate::house::{House, ask, text};

/// What a server of a kind does, and what is told of it: the code, a part of the message and a part of the hint.
type Case = (ProviderKind, Vec<Part>, ErrorCode, &'static str, &'static str);

#[tokio::test]
async fn each_fault_is_told_for_what_it_is() {
    use ProviderKind::{Ollama, OpenAi};
    let page = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Welcome</html>";
    let no_key = r#"{"error":{"message":"Incorrect API key provided: sesame-12","code":"invalid_api_key"}}"#;
    let long = "x".repeat(294);
    let no_model = r#"{"error":"model \"small\" not found, try pulling it first"}"#;
    let cases: Vec<Case> = vec![
        (OpenAi, vec![events(), delta("Be")], ErrorCode::Unavailable, "in the middle of its answer", "ask again"),
        (
            OpenAi,
            vec![events(), bytes("data: {\"choices\":[{\"de")],
            ErrorCode::Unavailable,
            "closed the connection",
            "ask again",
        ),
        (
            OpenAi,
            vec![events(), bytes("data: {broken}\n\n")],
            ErrorCode::Unavailable,
            "no answer of the API `openai`",
            "/v1",
        ),
        (
            OpenAi,
            vec![events(), delta("Be"), bytes("data: {\"error\":{\"message\":\"CUDA out of memory\"}}\n\n")],
            ErrorCode::Unavailable,
            "broke off: CUDA out of memory",
            "ask again",
        ),
        (
            OpenAi,
            vec![events(), bytes("data: {\"error\":{\"message\":\"no quota for sesame-12\"}}\n\n")],
            ErrorCode::Unavailable,
            "broke off: no quota for …",
            "ask again",
        ),
        (
            OpenAi,
            vec![failure("401 Unauthorized", "", &format!("{long} sesame-12"))],
            ErrorCode::KeyRefused,
            "house refused the key",
            "",
        ),
        (OpenAi, vec![bytes(page)], ErrorCode::Unavailable, "a web page", "providers list"),
        (
            OpenAi,
            vec![failure("401 Unauthorized", "", no_key)],
            ErrorCode::KeyRefused,
            "house refused the key",
            "`ambit providers key house`",
        ),
        (
            OpenAi,
            vec![failure("404 Not Found", "", no_model)],
            ErrorCode::ModelMissing,
            "try pulling it first",
            "house/MODEL",
        ),
        (
            OpenAi,
            vec![failure("400 Bad Request", "", r#"{"error":{"message":"Unrecognized request argument: top_k"}}"#)],
            ErrorCode::InvalidInput,
            "argument: top_k",
            "",
        ),
        (
            OpenAi,
            vec![failure("500 Internal Server Error", "", "oops")],
            ErrorCode::Unavailable,
            "answered 500: oops",
            "later",
        ),
        (
            OpenAi,
            vec![failure("302 Found", "Location: http://127.0.0.1:9/\r\n", "")],
            ErrorCode::Unavailable,
            "answered 302",
            "",
        ),
        (
            Ollama,
            vec![lines(), bytes("{\"message\":{\"content\":\"Be\"},\"done\":false}\n")],
            ErrorCode::Unavailable,
            "in the middle",
            "ask again",
        ),
        (
            Ollama,
            vec![lines(), bytes("{\"error\":\"llama runner process has terminated\"}\n")],
            ErrorCode::Unavailable,
            "has terminated",
            "ask again",
        ),
        (Ollama, vec![lines(), bytes("hello\n")], ErrorCode::Unavailable, "no answer of the API `ollama`", "kind"),
        (Ollama, vec![failure("404 Not Found", "", no_model)], ErrorCode::ModelMissing, "try pulling it first", ""),
    ];
    for (kind, answer, code, message, hint) in cases {
        let fake = Fake::start(vec![answer]);
        let house = House::with(kind, &fake.url()).await;
        house.gateway.set_key("house".to_owned(), Some(Secret::new("sesame-12"))).await.unwrap();
        let error = house.failure().await;
        let told = format!("{error} ({}), hint: {:?}", error.code(), error.hint());
        assert_eq!(error.code(), code, "{told}");
        assert!(error.message().contains(message), "{message}: {told}");
        assert!(error.hint().unwrap_or_default().contains(hint), "{hint}: {told}");
        assert!(!told.contains("sesam"), "the key is told: {told}");
    }
}

#[tokio::test]
async fn what_came_before_a_fault_is_told() {
    let broken = bytes("data: {\"choices\":[{\"delta\":{\"content\":\"cause\"}}]}\n\ndata: {broken}\n\n");
    let fake = Fake::start(vec![vec![events(), delta("Be"), broken]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let (told, error) = house.told(ask("Why?")).await;
    assert_eq!(text(&told), "Because");
    assert!(error.is_some());
}

#[tokio::test]
async fn a_server_that_stalls_is_given_up() {
    let stalling = vec![events(), delta("Be"), Part::Pause(Duration::from_secs(3))];
    let silent = vec![Part::Pause(Duration::from_secs(3))];
    let alive = vec![
        events(),
        bytes(": keep-alive\n\n"),
        Part::Pause(Duration::from_millis(450)),
        bytes(": keep-alive\n\n"),
        Part::Pause(Duration::from_millis(450)),
        delta("Because."),
        bytes("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
        Part::Pause(Duration::from_secs(3)),
    ];
    for (answer, expected) in [(stalling, "Be"), (silent, "")] {
        let fake = Fake::start(vec![answer]);
        let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
        let begun = Instant::now();
        let (told, error) = house.told(ask("Why?")).await;
        let error = error.unwrap();
        assert_eq!((text(&told).as_str(), error.code()), (expected, ErrorCode::Timeout), "{error}");
        assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
    }
    let fake = Fake::start(vec![alive]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "one that shows that it lives, and forgets to end: {error:?}");
    assert_eq!(text(&told), "Because.");
}

#[tokio::test]
async fn a_server_that_goes_on_after_its_answer_is_not_listened_to() {
    let mut answer = vec![events(), delta("Because.")];
    answer.push(bytes("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"));
    for _ in 0..60 {
        answer.extend([Part::Pause(Duration::from_millis(50)), bytes(": keep-alive\n\n")]);
    }
    let fake = Fake::start(vec![answer]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let begun = Instant::now();
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    assert!(begun.elapsed() < Duration::from_millis(2500), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn an_answer_without_end_is_given_up() {
    let piece = "x".repeat(1_000_000);
    let answer = std::iter::once(events()).chain((0..20).map(|_| delta(&piece))).collect();
    let fake = Fake::start(vec![answer]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let (told, error) = house.told(ask("Why?")).await;
    let error = error.unwrap();
    assert!(error.message().contains("more than 16 megabytes"), "{error}");
    assert_eq!(text(&told).len(), 16_000_000);
}

#[tokio::test]
async fn a_server_that_is_not_there_is_named() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://127.0.0.1:{}", listener.local_addr().unwrap().port());
    drop(listener);
    let house = House::with(ProviderKind::Ollama, &url).await;
    let error = house.failure().await;
    assert_eq!(error.code(), ErrorCode::Unavailable);
    assert!(error.message().starts_with("house: 127.0.0.1 could not be reached"), "{error}");
    assert!(error.hint().unwrap().contains("look whether house runs"), "{:?}", error.hint());
}
