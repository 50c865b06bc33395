//! Models that an Ollama on this machine passes on to its cloud.

use ambit_domain::port::{ModelEvent, ProviderKind, Providers as _, Reach};
use ambit_domain::{Cancellation, ErrorCode};
use futures_util::StreamExt as _;

use crate::fake::{Fake, Part, bytes, failure, lines};
use crate::house::{House, ask, text};

const CLOUD: &str = "house/gpt-oss:120b-cloud";

fn begun() -> Part {
    bytes("{\"message\":{\"content\":\"Because.\"},\"done\":false}\n")
}

fn answer() -> Vec<Part> {
    vec![lines(), begun(), bytes("{\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\"}\n")]
}

fn sent(events: &[ModelEvent]) -> Option<u64> {
    events.iter().rev().find_map(|event| if let ModelEvent::Sent { bytes } = event { Some(*bytes) } else { None })
}

#[tokio::test]
async fn what_is_passed_on_needs_consent_and_counts_as_sent() {
    let fake = Fake::start(vec![answer()]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    assert!(matches!(house.gateway.model(CLOUD).unwrap().reach(), Reach::Remote { folders, .. } if folders.is_empty()));
    assert!(house.gateway.model("house/glm-4.6:cloud").unwrap().reach().is_remote());
    assert!(!house.model().reach().is_remote(), "what runs here counts as here");

    let error = house.told_by(CLOUD, ask("Why?")).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(error.message().contains("house runs at ollama.com"), "{error}");
    let held = house.ports.transmissions.get(1).await.unwrap().unwrap();
    assert_eq!((held.host.as_str(), held.is_sent), ("ollama.com", false));
    assert!(fake.came().is_empty(), "it was sent without consent");

    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.offline.set(true);
    let error = house.told_by(CLOUD, ask("Why?")).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Offline, "{error}");
    house.offline.set(false);
    let (told, error) = house.told_by(CLOUD, ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    let recorded = house.ports.transmissions.get(2).await.unwrap().unwrap();
    assert_eq!((recorded.host.as_str(), recorded.is_sent), ("ollama.com", true));
    assert_eq!(sent(&told), Some(recorded.bytes), "{told:?}");
    let counted = matches!(told.last(), Some(ModelEvent::Finished { bytes_sent, .. }) if *bytes_sent == recorded.bytes);
    assert!(counted, "{told:?}");
    assert_eq!(house.ports.egress.ledger().bytes(), recorded.bytes);
}

#[tokio::test]
async fn a_model_is_passed_on_whatever_its_name_is() {
    let models = r#"{"models":[{"name":"other:latest","model":"other:latest"},
        {"name":"small:latest","model":"small:latest","remote_model":"gpt-oss:120b","remote_host":"https://ollama.com:443"}]}"#;
    let fake = Fake::with_models(vec![answer()], models);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    let model = house.model();
    assert!(!model.reach().is_remote(), "nobody has said so yet");
    let error = house.failure().await;
    assert_eq!((error.code(), error.hint()), (ErrorCode::Conflict, Some("ask again")), "{error}");
    assert!(fake.came().is_empty(), "what was written for this machine was passed on");
    assert!(house.model().reach().is_remote());
    assert_eq!(house.gateway.list().await[0].passed_on, ["small"]);
    let error = house.failure().await;
    assert!(error.message().contains("house runs at ollama.com"), "{error}");
    let (told, error) = house.told_by("house/other", ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!((text(&told).as_str(), sent(&told)), ("Because.", None), "this one runs here");
}

#[tokio::test]
async fn a_name_is_read_as_ollama_reads_it() {
    let models =
        r#"{"models":["what is this?",{"name":"Small:latest","model":"small:latest","remote_model":"gpt-oss:120b"}]}"#;
    for kind in [ProviderKind::Ollama, ProviderKind::OpenAi] {
        let fake = Fake::with_models(vec![answer()], models);
        let house = House::with(kind, &fake.url()).await;
        for name in ["gpt-oss:120b-CLOUD", " gpt-oss:120b-cloud ", "GLM-4.6:Cloud", "library/glm-4.6:cloud"] {
            let model = house.gateway.model(&format!("house/{name}")).unwrap();
            assert!(model.reach().is_remote(), "{name} by {kind:?} counts as here");
        }
        for name in ["SMALL", "library/small", "registry.ollama.ai/library/small:latest", "small "] {
            let error = house.told_by(&format!("house/{name}"), ask("Why?")).await.1.unwrap();
            assert!(matches!(error.code(), ErrorCode::Conflict | ErrorCode::Forbidden), "{name}: {error}");
        }
        assert!(fake.came().is_empty(), "what was written for this machine was passed on");
    }
}

#[tokio::test]
async fn an_ollama_that_does_not_say_where_its_models_run_is_not_asked() {
    for (status, list) in [("500 Internal Server Error", "{}"), ("401 Unauthorized", "{}"), ("200 OK", "<html>")] {
        let fake = Fake::with_list(vec![answer()], status, list);
        let house = House::with(ProviderKind::Ollama, &fake.url()).await;
        assert_eq!(
            house.failure().await.code(),
            if status.starts_with("401") { ErrorCode::KeyRefused } else { ErrorCode::Unavailable }
        );
        assert!(fake.came().is_empty(), "{status}: it was asked all the same");
    }
    let fake = Fake::with_list(vec![answer()], "401 Unauthorized", "{}");
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    assert_eq!(house.failure().await.code(), ErrorCode::KeyRefused, "what it passes on may be told to who has a key");
    assert!(fake.came().is_empty());
    for (kind, status) in [(ProviderKind::Ollama, "404 Not Found"), (ProviderKind::OpenAi, "400 Bad Request")] {
        let fake = Fake::with_list(vec![answer()], status, "{}");
        let house = House::with(kind, &fake.url()).await;
        drop(house.told(ask("Why?")).await);
        assert_eq!(fake.came().len(), 1, "a server that knows no such list runs what it has");
    }
}

#[tokio::test]
async fn consent_holds_for_the_hosts_that_could_be_known() {
    let models = r#"{"models":[{"name":"small","remote_model":"big","remote_host":"https://far.example:443"}]}"#;
    let fake = Fake::with_models(vec![answer()], models);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    assert_eq!(house.failure().await.code(), ErrorCode::Conflict, "now it is known where it runs");
    let error = house.failure().await;
    assert_eq!(error.code(), ErrorCode::Forbidden, "{error}");
    assert!(error.message().contains("house runs at far.example"), "{error}");
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
}

#[tokio::test]
async fn what_left_the_machine_is_told_however_the_answer_ends() {
    let refused = vec![failure("429 Too Many Requests", "Retry-After: 60\r\n", "{}")];
    let fake = Fake::start(vec![vec![lines(), begun()], refused, vec![Part::UntilClosed]]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let (told, error) = house.told_by(CLOUD, ask("Why?")).await;
    assert_eq!((error.unwrap().code(), text(&told).as_str()), (ErrorCode::Unavailable, "Because."), "it broke off");
    assert!(sent(&told).is_some_and(|bytes| bytes > 100), "{told:?}");
    let (told, error) = house.told_by(CLOUD, ask("Why?")).await;
    assert_eq!(error.unwrap().code(), ErrorCode::RateLimited);
    assert!(sent(&told).is_some_and(|bytes| bytes > 100), "it was refused, and had been sent: {told:?}");

    // Whoever stops before anything came back has heard of it all the same.
    let model = house.gateway.model(CLOUD).unwrap();
    let cancellation = Cancellation::new();
    let mut stream = model.generate(ask("Why?"), cancellation.clone());
    assert!(matches!(stream.next().await, Some(Ok(ModelEvent::Sent { bytes })) if bytes > 100));
    cancellation.cancel();
    assert_eq!(stream.next().await.unwrap().unwrap_err().code(), ErrorCode::Cancelled);

    let nobody = House::with(ProviderKind::Ollama, "http://127.0.0.1:9").await;
    nobody.gateway.set_consent("house".to_owned(), true).await.unwrap();
    let (told, error) = nobody.told_by(CLOUD, ask("Why?")).await;
    assert_eq!((error.unwrap().code(), sent(&told).unwrap_or(0)), (ErrorCode::Unavailable, 0), "nothing got out");
    let ledger = nobody.ports.egress.ledger();
    assert!(ledger.entries().is_empty(), "{:?}", ledger.entries());
    assert!(!nobody.ports.transmissions.get(1).await.unwrap().unwrap().is_sent, "the ledger says that it got out");
}
