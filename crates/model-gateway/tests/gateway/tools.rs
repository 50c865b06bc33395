//! Tools, images, forms of answers and probabilities, as they travel to a server and back.

use ambit_domain::port::{ModelEvent, Prompt, ProviderKind};
use ambit_domain::{Constraint, ErrorCode, Image, ImageFormat, Message, Role, Tool};
use serde_json::json;

use crate::fake::{Fake, bytes, delta, events, lines, stop};
use crate::house::{House, ask, text};

fn weather() -> Tool {
    Tool { name: "weather".to_owned(), description: None, parameters: r#"{"type":"object"}"#.to_owned() }
}

#[tokio::test]
async fn a_call_that_comes_in_pieces_is_told_whole() {
    let piece = |call| bytes(format!("data: {}\n\n", json!({ "choices": [{ "delta": { "tool_calls": [call] } }] })));
    let begun = piece(json!({ "index": 0, "id": "c1", "function": { "name": "weather", "arguments": "{\"in\":" } }));
    let rest = piece(json!({ "index": 0, "function": { "arguments": "\"Oslo\"}" } }));
    let fake = Fake::start(vec![vec![events(), begun, rest, stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let mut request = ask("How is the weather?");
    request.tools.offered.push(weather());
    let (told, error) = house.told(request).await;
    assert!(error.is_none(), "{error:?}");
    let [ModelEvent::Called(call), ModelEvent::Finished { .. }] = told.as_slice() else { panic!("{told:?}") };
    assert_eq!((call.id.as_str(), call.name.as_str()), ("c1", "weather"));
    assert_eq!(call.arguments, r#"{"in":"Oslo"}"#);
    assert_eq!(fake.came()[0].body["tools"][0]["function"]["name"], "weather");
}

#[tokio::test]
async fn ollama_calls_tools_and_keeps_to_a_schema() {
    let call = json!({ "function": { "name": "weather", "arguments": { "in": "Oslo" } } });
    let called = json!({ "message": { "content": "", "tool_calls": [call] }, "done": false });
    let answer = vec![lines(), bytes(format!("{called}\n{}\n", json!({ "message": {}, "done": true })))];
    let fake = Fake::start(vec![answer]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    let mut request = ask("How is the weather?");
    request.tools.offered.push(weather());
    request.sampling.constraint = Some(Constraint::JsonSchema(r#"{"type":"object"}"#.to_owned()));
    let (told, error) = house.told(request).await;
    assert!(error.is_none(), "{error:?}");
    assert!(matches!(&told[0], ModelEvent::Called(call) if call.name == "weather"), "{told:?}");
    assert_eq!(fake.came()[0].body["format"], json!({ "type": "object" }));
}

#[tokio::test]
async fn images_travel_as_each_api_has_them() {
    let image = Image { format: ImageFormat::Png, bytes: vec![0x89, b'P', b'N', b'G'] };
    let shown = Message { images: vec![image], ..Message::new(Role::User, "What is this?") };
    let mut request = ask("");
    request.prompt = Prompt::Conversation(vec![shown]);

    let fake = Fake::start(vec![vec![events(), delta("A dot."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    assert!(house.gateway.model("house/seeing").unwrap().takes_images());
    assert!(!house.gateway.model("house/small").unwrap().takes_images());
    let (_, error) = house.told_by("house/seeing", request.clone()).await;
    assert!(error.is_none(), "{error:?}");
    let url = json!({ "url": "data:image/png;base64,iVBORw==" });
    let content = json!([{ "type": "text", "text": "What is this?" }, { "type": "image_url", "image_url": url }]);
    assert_eq!(fake.came()[0].body["messages"], json!([{ "role": "user", "content": content }]));

    let end = json!({ "message": { "content": "A dot." }, "done": true });
    let fake = Fake::start(vec![vec![lines(), bytes(format!("{end}\n"))]]);
    let house = House::with(ProviderKind::Ollama, &fake.url()).await;
    let (_, error) = house.told_by("house/seeing", request).await;
    assert!(error.is_none(), "{error:?}");
    let said = json!({ "role": "user", "content": "What is this?", "images": ["iVBORw=="] });
    assert_eq!(fake.came()[0].body["messages"], json!([said]));
}

#[tokio::test]
async fn what_a_server_cannot_do_is_refused_by_name() {
    let fake = Fake::start(vec![vec![events(), delta("Because."), stop()]]);
    let house = House::with(ProviderKind::OpenAi, &fake.url()).await;
    let mut request = ask("Why?");
    request.sampling.constraint = Some(Constraint::Grammar("start: A".to_owned()));
    let error = house.told(request).await.1.unwrap();
    assert_eq!(error.code(), ErrorCode::Unsupported);
    assert!(error.message().contains("answers by a grammar of models of house"), "{error}");
    assert!(fake.came().is_empty(), "it was sent all the same");

    let mut request = ask("Why?");
    request.sampling.logprobs = Some(1);
    let (told, error) = house.told(request).await;
    let error = error.unwrap();
    assert_eq!((text(&told).as_str(), error.code()), ("Because.", ErrorCode::Unsupported), "{error}");
    assert!(error.message().contains("probabilities of tokens"), "{error}");
}
