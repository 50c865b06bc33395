use ambit_domain::port::{ModelEvent, NewProvider, Prompt, ProviderChange, ProviderKind, Providers as _, Reach};
use ambit_domain::{ErrorCode, FinishReason, Secret, SessionId};
use ambit_model_gateway::Gateway;
use serde_json::json;

use crate::fake::{Fake, bytes, delta, events, failure, lines, stop};
use crate::house::{House, ask, patience, text};

#[tokio::test]
async fn a_server_of_openais_api_answers_and_the_ledger_knows_the_very_bytes() {
    let fake = Fake::start(vec![vec![events(), delta("Be"), delta("cause."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    house.gateway.set_key("house".to_owned(), Some(Secret::new("sesame"))).await.unwrap();
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    let Some(ModelEvent::Finished { reason, prompt_tokens, known_tokens, completion_tokens, bytes_sent }) = told.last()
    else {
        panic!("it did not finish: {told:?}");
    };
    assert_eq!((*reason, *prompt_tokens, *known_tokens, *completion_tokens), (FinishReason::Stop, 11, 7, 2));
    assert_eq!((*bytes_sent, house.ports.egress.ledger().bytes()), (0, 0), "nothing left this machine");

    let came = fake.came().remove(0);
    assert!(came.head.starts_with("POST /v1/chat/completions HTTP/1.1\r\n"), "{}", came.head);
    assert!(came.head.to_ascii_lowercase().contains("authorization: bearer sesame\r\n"), "{}", came.head);
    assert_eq!(came.body["messages"], json!([{ "role": "user", "content": "Why?" }]));
    let sent = house.ports.transmissions.get(1).await.unwrap().unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(sent.content.as_deref().unwrap()).unwrap(), came.body);
    let content = sent.content.as_deref().unwrap();
    assert_eq!((sent.provider.as_str(), sent.host.as_str(), sent.model.as_str()), ("house", "127.0.0.1", "small"));
    assert_eq!((sent.surface.as_str(), sent.is_sent), ("cli", true));
    assert!(sent.bytes > content.len() as u64, "the header counts too");
    assert!(!content.contains("sesame"), "the key is no content");
}

#[tokio::test]
async fn ollama_answers() {
    let first = json!({ "model": "small", "message": { "role": "assistant", "content": "Be" }, "done": false });
    let second = json!({ "model": "small", "message": { "role": "assistant", "content": "cause." }, "done": false });
    let last = json!({
        "model": "small", "message": { "role": "assistant", "content": "" }, "done": true, "done_reason": "length",
        "prompt_eval_count": 26, "eval_count": 4,
    });
    let answer = vec![lines(), bytes(format!("{first}\n{second}\n")), bytes(format!("{last}\n"))];
    let fake = Fake::start(vec![answer, vec![lines(), bytes("{\"response\":\"on\",\"done\":true}\n")]]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    let (told, error) = house.told(ask("Why?")).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    let end = ModelEvent::Finished {
        reason: FinishReason::Length,
        prompt_tokens: 26,
        known_tokens: 0,
        completion_tokens: 4,
        bytes_sent: 0,
    };
    assert_eq!(told.last(), Some(&end));
    let mut request = ask("");
    request.prompt = Prompt::Text("go".to_owned());
    let (told, error) = house.told(request).await;
    assert_eq!((text(&told).as_str(), error.is_none()), ("on", true));
    let came = fake.came();
    assert!(came[0].head.starts_with("POST /api/chat "), "{}", came[0].head);
    assert!(came[1].head.starts_with("POST /api/generate "), "{}", came[1].head);
    assert!(!came[0].head.to_ascii_lowercase().contains("authorization"), "there is no key");
}

#[tokio::test]
async fn models_are_named_after_their_provider_and_providers_are_kept() {
    let house = House::with(ProviderKind::OpenAi, "https://models.example").await;
    assert_eq!(house.gateway.ids(), ["house/small"]);
    assert_eq!(house.model().model(), "house/small");
    assert!(house.gateway.model("house/org/model:7b").is_some(), "one that is not listed can be named");
    assert!(house.gateway.model("house/").is_none());
    assert!(house.gateway.model("house").is_none());
    assert!(house.gateway.model("other/small").is_none());
    assert!(matches!(house.model().reach(), Reach::Remote { folders, .. } if folders.is_empty()));

    let again = NewProvider {
        name: "house".to_owned(),
        kind: ProviderKind::Ollama,
        url: "http://127.0.0.1:1".to_owned(),
        models: Vec::new(),
        image_models: Vec::new(),
        context_tokens: None,
    };
    assert_eq!(house.gateway.add(again).await.unwrap_err().code(), ErrorCode::Conflict);
    house.gateway.set_folder("house".to_owned(), "/notes/".into(), true).await.unwrap();
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.gateway.set_key("house".to_owned(), Some(Secret::new("sesame"))).await.unwrap();

    let reopened = Gateway::open(house.ports.clone(), patience()).await.unwrap();
    assert_eq!(reopened.list().await, house.gateway.list().await);
    assert_eq!(reopened.list().await[0].key.as_deref(), Some("memory"), "the list says where the key is");
    let reach = reopened.model("house/small").unwrap().reach();
    assert!(reach.admits("/notes/a.md".as_ref()) && !reach.admits("/notes-of-others/a.md".as_ref()));
    let stored = house.ports.preferences.all().await.unwrap();
    assert!(!format!("{stored:?}").contains("sesame"), "the key is among the preferences");

    assert!(house.gateway.remove("house".to_owned()).await.unwrap());
    assert!(!house.gateway.remove("house".to_owned()).await.unwrap());
    house.add(ProviderKind::OpenAi, "https://models.example").await.unwrap();
    assert_eq!(house.gateway.list().await[0].key, None, "the key outlived its provider");
    house.gateway.remove("house".to_owned()).await.unwrap();
    assert_eq!(house.gateway.set_consent("house".to_owned(), true).await.unwrap_err().code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn a_key_that_was_named_after_its_provider_alone_is_adopted() {
    let house = House::with(ProviderKind::OpenAi, "https://models.example").await;
    house.ports.secrets.set("house".to_owned(), Some(Secret::new("sesame"))).await.unwrap();
    assert_eq!(house.gateway.list().await[0].key, None);
    let reopened = Gateway::open(house.ports.clone(), patience()).await.unwrap();
    assert!(reopened.list().await[0].key.is_some());
    assert!(house.ports.secrets.get("house".to_owned()).await.unwrap().is_none());
}

#[tokio::test]
async fn a_provider_that_moves_takes_nothing_with_it() {
    let house = House::with(ProviderKind::OpenAi, "https://models.example").await;
    house.gateway.set_folder("house".to_owned(), "/notes".into(), true).await.unwrap();
    house.gateway.set_consent("house".to_owned(), true).await.unwrap();
    house.gateway.set_key("house".to_owned(), Some(Secret::new("sesame"))).await.unwrap();
    let to = |url: &str| ProviderChange { url: Some(url.to_owned()), ..ProviderChange::default() };
    let change = ProviderChange { context_tokens: Some(512), models: Some(Vec::new()), ..ProviderChange::default() };
    let changed = house.gateway.change("house".to_owned(), change).await.unwrap();
    assert!(changed.is_consented && changed.key.is_some() && changed.models.is_empty());
    assert_eq!((changed.context_tokens, changed.image_models.as_slice()), (512, &["seeing".to_owned()][..]));

    let error = house.gateway.change("house".to_owned(), to("http://models.example")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
    assert!(house.gateway.list().await[0].key.is_some(), "a change that is refused changes nothing");
    let moved = house.gateway.change("house".to_owned(), to("https://others.example")).await.unwrap();
    assert!(!moved.is_consented && moved.folders.is_empty());
    assert_eq!((moved.host.as_str(), moved.key), ("others.example", None));
    let back = house.gateway.change("house".to_owned(), to("https://models.example")).await.unwrap();
    assert_eq!((back.is_consented, back.key), (false, None));
    let error = house.gateway.change("other".to_owned(), to("https://models.example")).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
}

#[tokio::test]
async fn models_that_want_other_words_get_them() {
    let limit = r#"{"error":{"message":"Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."}}"#;
    let heat = r#"{"error":{"message":"Unsupported value: 'temperature' does not support 0 with this model."}}"#;
    let refused = |told: &str| vec![failure("400 Bad Request", "", told)];
    let answer = vec![events(), delta("Because."), stop()];
    let fake = Fake::start(vec![refused(limit), refused(heat), answer, refused(heat), refused(limit), refused(limit)]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let mut question = ask("Why?");
    question.origin.session = Some(SessionId("s".to_owned()));
    let (told, error) = house.told(question).await;
    assert!(error.is_none(), "{error:?}");
    assert_eq!(text(&told), "Because.");
    let last = fake.came()[2].body.clone();
    assert_eq!((&last["max_completion_tokens"], &last["max_tokens"]), (&json!(1024), &json!(null)), "{last}");
    assert!(last["temperature"].is_null(), "{last}");

    let error = house.failure().await;
    assert!(error.message().contains("'temperature'"), "who names a temperature hears of it: {error}");
    assert_eq!(fake.came().len(), 4);
    let error = house.failure().await;
    assert_eq!((error.code(), fake.came().len()), (ErrorCode::InvalidInput, 6), "it is not asked for ever: {error}");
}
