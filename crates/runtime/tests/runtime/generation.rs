//! Texts and vectors without retrieval.

use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::{EmbedPurpose, GenerationRequest, ModelEvent, Prompt};
use ambit_domain::{Cancellation, Error, ErrorCode, Message, Role, SamplingOptions};
use ambit_runtime::testing::{OneModel, ScriptedModel, World};
use ambit_runtime::{Caller, EmbedRequest};
use futures_util::StreamExt as _;

use crate::house::{House, cli};

fn say(text: &str) -> GenerationRequest {
    let message = Message::new(Role::User, text);
    GenerationRequest {
        prompt: Prompt::Conversation(vec![message]),
        sampling: SamplingOptions { max_tokens: u32::MAX, ..SamplingOptions::default() },
        priority: Default::default(),
        origin: Default::default(),
        tools: Default::default(),
        draft: None,
    }
}

async fn house(model: ScriptedModel) -> (House, Arc<ScriptedModel>) {
    let model = Arc::new(model);
    let port = OneModel::new(model.clone());
    (House::open(World::new(), |ports| ports.language_models = Arc::new(port)).await, model)
}

async fn events(house: &House, request: GenerationRequest) -> Vec<Result<ModelEvent, Error>> {
    let generation = house.runtime.generate(request, None, &cli(), Cancellation::new()).await.unwrap();
    tokio::time::timeout(Duration::from_secs(10), generation.events.collect()).await.expect("the text ends")
}

#[tokio::test]
async fn a_model_writes_and_it_is_recorded_without_the_text() {
    let (house, model) = house(ScriptedModel::saying(&[&["Good ", "day"]])).await;
    let written = events(&house, say("greet Ada")).await;
    let texts: String = written
        .iter()
        .filter_map(|event| match event {
            Ok(ModelEvent::Text(text)) => Some(text.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(texts, "Good day");
    assert!(matches!(written.last(), Some(Ok(ModelEvent::Finished { completion_tokens: 2, .. }))), "{written:?}");
    assert_eq!(model.requests()[0].sampling.max_tokens, 4096, "more than its context was asked of the model");

    house.until("the call is recorded", || house.world.conversations.interactions().len() == 1).await;
    let call = &house.world.conversations.interactions()[0];
    assert_eq!((call.command.as_str(), call.failure.as_deref()), ("generate", None));
    assert_eq!(house.world.audit.actions(), ["model.generate"]);
    let log = format!("{:?}", house.runtime.audit(None, 10).await.unwrap());
    assert!(log.contains("scripted") && !log.contains("Ada"), "the audit log holds what was asked: {log}");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_model_elsewhere_is_asked_only_for_callers_that_are_known() {
    let (house, model) = house(ScriptedModel::saying(&[&["Good day"]]).elsewhere()).await;
    let unknown = Caller::confined("compatibility");
    let error = house.runtime.generate(say("Hello"), None, &unknown, Cancellation::new()).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::Forbidden);
    assert!(error.message().contains("`scripted` runs on another machine"), "{error}");
    assert!(house.world.audit.actions().is_empty() && model.requests().is_empty());
    assert!(events(&house, say("Hello")).await.iter().all(Result::is_ok));
    assert_eq!(model.requests()[0].origin.surface, "cli", "the ledger must know who asked");
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_model_that_is_not_there_is_no_action() {
    let nobody = House::empty().await;
    let error = nobody.runtime.generate(say("Hello"), None, &cli(), Cancellation::new()).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::ModelMissing);
    assert!(error.hint().unwrap().contains("ambit models list"), "{error:?}");
    assert!(nobody.world.audit.actions().is_empty());
    nobody.runtime.shutdown(Duration::ZERO).await;

    let (house, _) = house(ScriptedModel::saying(&[])).await;
    let named = Some("gpt-none".to_owned());
    let error = house.runtime.generate(say("Hello"), named, &cli(), Cancellation::new()).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::ModelMissing);
    assert!(error.hint().unwrap().contains("scripted"), "what there is must be said: {error:?}");
    let empty = GenerationRequest { prompt: Prompt::Conversation(Vec::new()), ..say("") };
    let error = house.runtime.generate(empty, None, &cli(), Cancellation::new()).await.err().unwrap();
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(house.world.audit.actions().is_empty(), "what was never possible is no action");
    let failures: Vec<_> = house.world.conversations.interactions().into_iter().map(|call| call.failure).collect();
    assert_eq!(failures, [Some("model-missing".to_owned()), Some("invalid-input".to_owned())]);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_failure_is_the_last_event() {
    let (house, _) = house(ScriptedModel::saying(&[&["Half a "]]).breaking_off()).await;
    let written = events(&house, say("Hello")).await;
    assert_eq!(written.len(), 2, "{written:?}");
    assert_eq!(written[1].as_ref().unwrap_err().code(), ErrorCode::Unavailable);
    let failure = || house.world.conversations.interactions().first().and_then(|call| call.failure.clone());
    house.until("the failure is recorded", || failure().as_deref() == Some("unavailable")).await;
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn a_text_is_given_up_when_it_is_cancelled_dropped_or_outlasts_the_host() {
    let (house, _) = house(ScriptedModel::saying(&[&["One "], &["Two "], &["Three "]]).holding()).await;
    let cancelled = || {
        let calls = house.world.conversations.interactions();
        calls.iter().filter(|call| call.failure.as_deref() == Some("cancelled")).count()
    };
    let cancellation = Cancellation::new();
    let mut first = house.runtime.generate(say("a"), None, &cli(), cancellation.clone()).await.unwrap().events;
    assert!(matches!(first.next().await, Some(Ok(ModelEvent::Text(_)))));
    cancellation.cancel();
    let end = tokio::time::timeout(Duration::from_secs(5), first.next()).await.expect("cancelling ends it");
    assert_eq!(end.unwrap().unwrap_err().code(), ErrorCode::Cancelled);
    house.until("the first is recorded", || cancelled() == 1).await;

    let mut second = house.runtime.generate(say("b"), None, &cli(), Cancellation::new()).await.unwrap().events;
    assert!(matches!(second.next().await, Some(Ok(ModelEvent::Text(_)))));
    drop(second);
    house.until("the second is recorded", || cancelled() == 2).await;

    let third = house.runtime.generate(say("c"), None, &cli(), Cancellation::new()).await.unwrap().events;
    let ending = house.runtime.shutdown(Duration::from_millis(50));
    tokio::time::timeout(Duration::from_secs(5), ending).await.expect("the end waits for no model");
    let rest: Vec<_> = third.collect().await;
    assert_eq!(rest.last().unwrap().as_ref().unwrap_err().code(), ErrorCode::Cancelled);
    let late = house.runtime.generate(say("d"), None, &cli(), Cancellation::new()).await.err().unwrap();
    assert_eq!(late.code(), ErrorCode::Unavailable);
}

fn texts(texts: &[&str]) -> EmbedRequest {
    EmbedRequest { texts: texts.iter().map(|text| (*text).to_owned()).collect(), ..EmbedRequest::default() }
}

#[tokio::test]
async fn texts_become_vectors_in_their_order() {
    let (house, _) = house(ScriptedModel::saying(&[])).await;
    let embed = async |request| house.runtime.embed(request, &cli(), Cancellation::new()).await;
    let many: Vec<String> = (0..40).map(|number| format!("text number {number}")).collect();
    let made = embed(EmbedRequest { texts: many.clone(), ..EmbedRequest::default() }).await.unwrap();
    assert_eq!((made.model.as_str(), made.vectors.len(), made.tokens), ("hashing@1", 40, 120));
    let last = embed(texts(&[&many[39]])).await.unwrap();
    assert_eq!(last.vectors[0], made.vectors[39], "the vectors are not in the order of the texts");
    assert_eq!(house.world.audit.actions(), ["model.embed", "model.embed"]);
    assert!(!format!("{:?}", house.runtime.audit(None, 10).await.unwrap()).contains("text number"));

    assert!(embed(EmbedRequest { model: Some("text-embedding-3-small".to_owned()), ..texts(&["a"]) }).await.is_ok());
    let writer = embed(EmbedRequest { model: Some("scripted".to_owned()), ..texts(&["a"]) }).await.unwrap_err();
    assert_eq!(writer.code(), ErrorCode::InvalidInput);
    assert!(writer.hint().unwrap().contains("hashing@1"), "{writer:?}");

    house.world.models.add_other("bge-small");
    for other in ["bge-small", "bge-small@01234567"] {
        let refused = embed(EmbedRequest { model: Some(other.to_owned()), ..texts(&["a"]) }).await.unwrap_err();
        assert_eq!(refused.code(), ErrorCode::InvalidInput);
        assert!(refused.message().contains(other) && refused.hint().unwrap().contains("hashing@1"), "{refused:?}");
    }
    for own in ["hashing", "hashing@1"] {
        assert!(embed(EmbedRequest { model: Some(own.to_owned()), ..texts(&["a"]) }).await.is_ok(), "{own}");
    }
    assert_eq!(house.world.embedder.purposes(), [EmbedPurpose::Other]);

    let long = "word ".repeat(129);
    let refused = embed(texts(&[&long])).await.unwrap_err();
    assert!(refused.message().contains("129 tokens") && refused.message().contains("128"), "{refused:?}");
    assert_eq!(embed(EmbedRequest { truncate: true, ..texts(&[&long]) }).await.unwrap().tokens, 128);
    assert_eq!(embed(texts(&["a", ""])).await.unwrap_err().code(), ErrorCode::InvalidInput);

    house.world.embedder.set_missing(true);
    assert_eq!(embed(texts(&["a"])).await.unwrap_err().code(), ErrorCode::ModelMissing);
    assert!(!house.runtime.served_models(&cli()).embedder.ready);
    house.runtime.shutdown(Duration::ZERO).await;
}

#[tokio::test]
async fn models_are_told_by_name() {
    let (house, _) = house(ScriptedModel::saying(&[]).with_context(512)).await;
    let served = house.runtime.served_models(&cli());
    assert_eq!(
        (served.chosen.as_deref(), served.language.as_slice()),
        (Some("scripted"), &["scripted".to_owned(), "ambit/completion".to_owned()][..])
    );
    assert_eq!(served.embedder.model, "hashing@1");
    let facts = house.runtime.language_model(Some("scripted")).unwrap();
    assert_eq!((facts.id.as_str(), facts.context_tokens), ("scripted", 512));
    assert_eq!(house.runtime.language_model(None).unwrap(), facts);
    assert_eq!(house.runtime.language_model(Some("none")).unwrap_err().code(), ErrorCode::ModelMissing);
    house.runtime.shutdown(Duration::ZERO).await;
}
