//! The route of OpenAI's API that answers in items.

use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{Message, Role};
use ambit_runtime::testing::ScriptedModel;
use serde_json::{Value, json};

use crate::openai::host_with;

const RESPONSES: &str = "/v1/responses";

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_whole() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["Good ", "day"], &["Again"]])).await;
    let body = json!({
        "model": "scripted", "instructions": "Be kind.", "input": "Hello", "max_output_tokens": 30, "metadata": {"a": "b"},
        "store": true, "include": ["reasoning.encrypted_content"], "reasoning": {"effort": "low"},
        "text": {"format": {"type": "text"}}, "tools": [],
    });
    let answer = host.post(RESPONSES, &body).await.json();
    assert!(answer["id"].as_str().unwrap().starts_with("resp_"), "{answer}");
    assert_eq!((&answer["object"], &answer["status"]), (&json!("response"), &json!("completed")));
    let [message] = answer["output"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert!(message["id"].as_str().unwrap().starts_with("msg_"), "{answer}");
    assert_eq!((&message["type"], &message["role"]), (&json!("message"), &json!("assistant")));
    assert_eq!(message["content"], json!([{"type": "output_text", "text": "Good day", "annotations": []}]));
    assert_eq!((&answer["usage"]["input_tokens"], &answer["usage"]["total_tokens"]), (&json!(3), &json!(5)));
    assert_eq!(answer["usage"]["input_tokens_details"], json!({"cached_tokens": 1}));
    assert_eq!((&answer["store"], &answer["metadata"]), (&json!(false), &json!({"a": "b"})), "nothing is stored");

    let items = json!([
        {"role": "user", "content": "Hello"},
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Good day"}]},
        {"role": "user", "content": [{"type": "input_text", "text": "Again?"}]},
    ]);
    assert_eq!(host.post(RESPONSES, &json!({"input": items})).await.json()["output"][0]["content"][0]["text"], "Again");
    let asked = model.requests();
    assert_eq!(asked[0].sampling.max_tokens, 30);
    let said = |role, text: &str| Message::new(role, text);
    let first = vec![said(Role::System, "Be kind."), said(Role::User, "Hello")];
    let second = vec![said(Role::User, "Hello"), said(Role::Assistant, "Good day"), said(Role::User, "Again?")];
    assert_eq!(asked[0].prompt, Prompt::Conversation(first));
    assert_eq!(asked[1].prompt, Prompt::Conversation(second));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_streams_in_the_order_that_is_documented() {
    let (host, _) = host_with(ScriptedModel::saying(&[&["Good ", "day"]])).await;
    let events = host.post(RESPONSES, &json!({"input": "Hello", "stream": true})).await.events();
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names,
        [
            "response.created",
            "response.in_progress",
            "response.output_item.added",
            "response.content_part.added",
            "response.output_text.delta",
            "response.output_text.delta",
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let data: Vec<Value> = events.iter().map(|event| serde_json::from_str(&event.data).unwrap()).collect();
    for (number, (event, data)) in events.iter().zip(&data).enumerate() {
        assert_eq!((&data["type"], &data["sequence_number"]), (&json!(event.name), &json!(number)), "{data}");
    }
    assert_eq!((&data[0]["response"]["status"], &data[0]["response"]["output"]), (&json!("in_progress"), &json!([])));
    assert_eq!((&data[4]["delta"], &data[5]["delta"]), (&json!("Good "), &json!("day")));
    let id = &data[2]["item"]["id"];
    assert!(data[3..8].iter().all(|event| event["item_id"] == *id), "all are about one message: {data:?}");
    assert_eq!(data[6]["text"], "Good day");
    let whole = &data[9]["response"];
    assert_eq!((&whole["status"], &whole["id"]), (&json!("completed"), &data[0]["response"]["id"]));
    assert_eq!((&whole["output"][0], &whole["usage"]["output_tokens"]), (&data[8]["item"], &json!(2)));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_is_cut_or_fails_says_so() {
    let (host, _) = host_with(ScriptedModel::saying(&[&["Good"], &["Good"]]).cut_short()).await;
    let cut = host.post(RESPONSES, &json!({"input": "Hello"})).await.json();
    assert_eq!(
        (&cut["status"], &cut["incomplete_details"]["reason"]),
        (&json!("incomplete"), &json!("max_output_tokens"))
    );
    let events = host.post(RESPONSES, &json!({"input": "Hello", "stream": true})).await.events();
    assert_eq!(events.last().unwrap().name, "response.incomplete");
    host.stop().await;

    let (host, _) = host_with(ScriptedModel::saying(&[&["Half"], &["Half"]]).breaking_off()).await;
    let events = host.post(RESPONSES, &json!({"input": "Hello", "stream": true})).await.events();
    let [.., text, error, failed] = events.as_slice() else { panic!("{events:?}") };
    assert_eq!(text.name, "response.output_text.delta");
    let told: Value = serde_json::from_str(&error.data).unwrap();
    assert_eq!((error.name.as_str(), &told["type"], &told["code"]), ("error", &json!("error"), &json!("unavailable")));
    let told: Value = serde_json::from_str(&failed.data).unwrap();
    assert_eq!((failed.name.as_str(), &told["response"]["status"]), ("response.failed", &json!("failed")));
    assert!(told["response"]["error"]["message"].as_str().unwrap().contains("worker died"), "{told}");
    host.post(RESPONSES, &json!({"input": "Hello"})).await.openai_error(503, "unavailable");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_by_name() {
    let (host, model) = host_with(ScriptedModel::saying(&[])).await;
    for (field, value) in [
        ("tools", json!([{"type": "web_search"}])),
        ("previous_response_id", json!("resp_1")),
        ("conversation", json!("conv_1")),
        ("background", json!(true)),
        ("parallel_tool_calls", json!(false)),
        ("text", json!({"format": {"type": "xml"}})),
        ("include", json!(["message.output_text.logprobs"])),
    ] {
        let mut body = json!({"input": "Hello"});
        body[field] = value;
        let error = host.post(RESPONSES, &body).await.openai_error(400, "unsupported");
        assert!(error["param"].as_str().unwrap().starts_with(field), "{error}");
    }
    for (items, field) in [
        (json!([{"type": "computer_call_output", "call_id": "1", "output": {}}]), "input[0].type"),
        (json!([{"role": "user", "content": [{"type": "input_file", "file_id": "x"}]}]), "input[0].content"),
    ] {
        let error = host.post(RESPONSES, &json!({"input": items})).await.openai_error(400, "unsupported");
        assert_eq!(error["param"], field);
    }
    host.post(RESPONSES, &json!({"input": []})).await.openai_error(400, "invalid-input");
    host.post(RESPONSES, &json!({})).await.openai_error(400, "invalid-input");
    assert!(model.requests().is_empty());
    host.stop().await;
}
