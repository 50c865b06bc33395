//! Tools, the form of texts and the probabilities of tokens, over both APIs.

use ambit_client::SseEvent;
use ambit_protocol::domain::port::Prompt;
use ambit_protocol::domain::{AnsweredCall, Constraint, Message, Role, ToolCall, ToolChoice};
use ambit_runtime::testing::ScriptedModel;
use serde_json::{Value, json};

use crate::openai::host_with;

const CHAT: &str = "/v1/chat/completions";

fn weather() -> Value {
    let parameters = json!({"type": "object", "properties": {"city": {"type": "string"}}});
    json!({"type": "function", "function": {"name": "weather", "description": "Tells it.", "parameters": parameters}})
}

fn chunks(events: &[SseEvent]) -> Vec<Value> {
    events[..events.len() - 1].iter().map(|event| serde_json::from_str(&event.data).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_and_answered_over_openai() {
    let model =
        ScriptedModel::saying(&[&[], &["Let me ", "see."], &["Sunny."]]).calling("weather", "{\"city\":\"Graz\"}");
    let (host, model) = host_with(model).await;
    let user = json!({"role": "user", "content": "What is the weather?"});
    let body = json!({"messages": [user], "tools": [weather()], "tool_choice": "required"});
    let answer = host.post(CHAT, &body).await.json();
    let call = json!({"id": "call00001", "type": "function",
        "function": {"name": "weather", "arguments": "{\"city\":\"Graz\"}"}});
    let reply = json!({"role": "assistant", "content": null, "tool_calls": [call]});
    assert_eq!(answer["choices"][0], json!({"index": 0, "message": reply, "finish_reason": "tool_calls"}));

    let body = json!({"messages": [user], "tools": [weather()], "stream": true});
    let chunks = chunks(&host.post(CHAT, &body).await.events());
    let texts: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(texts, "Let me see.");
    let [.., called, end] = chunks.as_slice() else { panic!("{chunks:?}") };
    assert_eq!(called["choices"][0]["delta"]["tool_calls"][0]["index"], 0);
    assert_eq!(called["choices"][0]["delta"]["tool_calls"][0]["function"], call["function"]);
    assert_eq!(end["choices"][0]["finish_reason"], "tool_calls");

    let named = json!({"type": "function", "function": {"name": "weather"}});
    let result = json!({"role": "tool", "tool_call_id": "call00001", "content": "sunny"});
    let body = json!({"messages": [user, reply, result], "tools": [weather()], "tool_choice": named});
    assert_eq!(host.post(CHAT, &body).await.status, 200);
    let asked = model.requests();
    assert_eq!((asked[0].tools.offered.len(), &asked[0].tools.choice), (1, &ToolChoice::Required));
    assert_eq!(asked[1].tools.choice, ToolChoice::Auto);
    assert_eq!(asked[2].tools.choice, ToolChoice::Named("weather".to_owned()));
    let tool = &asked[0].tools.offered[0];
    assert_eq!((tool.name.as_str(), tool.description.as_deref()), ("weather", Some("Tells it.")));
    assert_eq!(serde_json::from_str::<Value>(&tool.parameters).unwrap(), weather()["function"]["parameters"]);
    let Prompt::Conversation(messages) = &asked[2].prompt else { panic!("{:?}", asked[2].prompt) };
    let call = ToolCall {
        id: "call00001".to_owned(),
        name: "weather".to_owned(),
        arguments: "{\"city\":\"Graz\"}".to_owned(),
    };
    assert_eq!(messages[1], Message { calls: vec![call], ..Message::new(Role::Assistant, "") });
    let answers = Some(AnsweredCall { id: Some("call00001".to_owned()), name: Some("weather".to_owned()) });
    assert_eq!(messages[2], Message { answers, ..Message::new(Role::Tool, "sunny") });

    let body = json!({"messages": [user], "tools": [weather()], "tool_choice": "none"});
    host.post(CHAT, &body).await.openai_error(503, "unavailable");
    assert!(model.requests()[3].tools.offered.is_empty(), "a model that must not call knows no tools");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_and_answered_over_responses() {
    let model = ScriptedModel::saying(&[&[], &["Let me see."], &["Sunny."]]).calling("weather", "{}");
    let (host, model) = host_with(model).await;
    let tool = json!({"type": "function", "name": "weather", "parameters": {"type": "object"}});
    let body = json!({"input": "What is the weather?", "tools": [tool], "tool_choice": "required"});
    let answer = host.post("/v1/responses", &body).await.json();
    let [call] = answer["output"].as_array().unwrap().as_slice() else { panic!("{answer}") };
    assert_eq!(
        (&call["type"], &call["name"], &call["arguments"]),
        (&json!("function_call"), &json!("weather"), &json!("{}"))
    );
    assert_eq!((&call["call_id"], &answer["tools"][0]["name"]), (&json!("call00001"), &json!("weather")));

    let body = json!({"input": "What is the weather?", "tools": [tool], "stream": true});
    let events = host.post("/v1/responses", &body).await.events();
    let names: Vec<_> = events.iter().map(|event| event.name.as_str()).collect();
    assert_eq!(
        names[5..],
        [
            "response.output_text.done",
            "response.content_part.done",
            "response.output_item.done",
            "response.output_item.added",
            "response.function_call_arguments.delta",
            "response.function_call_arguments.done",
            "response.output_item.done",
            "response.completed",
        ]
    );
    let last: Value = serde_json::from_str(&events.last().unwrap().data).unwrap();
    let kinds: Vec<_> = last["response"]["output"].as_array().unwrap().iter().map(|item| &item["type"]).collect();
    assert_eq!(kinds, ["message", "function_call"]);

    let items = json!([
        {"role": "user", "content": "What is the weather?"},
        {"type": "function_call", "call_id": "c1", "name": "weather", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c1", "output": "sunny"},
    ]);
    host.post("/v1/responses", &json!({"input": items, "tools": [tool]})).await.json();
    let Prompt::Conversation(messages) = &model.requests()[2].prompt else { panic!("no conversation") };
    assert_eq!((messages[1].calls[0].id.as_str(), messages[2].text.as_str()), ("c1", "sunny"));
    assert_eq!(messages[2].answers.as_ref().unwrap().name.as_deref(), Some("weather"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_tool_is_called_and_answered_over_ollama() {
    let model = ScriptedModel::saying(&[&[], &["Let me see."], &["Sunny."]]).calling("weather", "{\"city\": \"Graz\"}");
    let (host, model) = host_with(model).await;
    let user = json!({"role": "user", "content": "What is the weather?"});
    let body = json!({"messages": [user], "tools": [weather()], "stream": false});
    let answer = host.post("/api/chat", &body).await.json();
    let call = json!({"function": {"name": "weather", "arguments": {"city": "Graz"}}});
    assert_eq!(answer["message"], json!({"role": "assistant", "content": "", "tool_calls": [call]}));
    assert_eq!(answer["done_reason"], "stop");

    let lines = host.post("/api/chat", &json!({"messages": [user], "tools": [weather()]})).await.lines();
    assert_eq!(lines[0]["message"]["content"], "Let me see.");
    assert_eq!((&lines[1]["message"]["tool_calls"], &lines[1]["done"]), (&json!([call]), &json!(false)));

    let messages = json!([user, answer["message"], {"role": "tool", "tool_name": "weather", "content": "sunny"}]);
    host.post("/api/chat", &json!({"messages": messages, "tools": [weather()]})).await.lines();
    let Prompt::Conversation(messages) = &model.requests()[2].prompt else { panic!("no conversation") };
    let answered = messages[2].answers.as_ref().unwrap();
    assert_eq!((&answered.id, &answered.name), (&Some(messages[1].calls[0].id.clone()), &Some("weather".to_owned())));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_form_of_a_text_reaches_the_model() {
    let pieces: &[&str] = &["{}"];
    let (host, model) = host_with(ScriptedModel::saying(&[pieces; 8])).await;
    let schema = json!({"type": "object", "properties": {"z": {}, "a": {}}});
    let text = schema.to_string();
    let messages = json!([{"role": "user", "content": "a"}]);
    for (target, more, wanted) in [
        (CHAT, json!({"response_format": {"type": "json_object"}}), Constraint::JsonObject),
        (
            CHAT,
            json!({"response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}}),
            Constraint::JsonSchema(text.clone()),
        ),
        (CHAT, json!({"response_format": {"type": "regex", "regex": "a+"}}), Constraint::Regex("a+".to_owned())),
        (
            CHAT,
            json!({"response_format": {"type": "grammar", "grammar": "start: \"a\""}}),
            Constraint::Grammar("start: \"a\"".to_owned()),
        ),
        (
            "/v1/responses",
            json!({"input": "a", "text": {"format": {"type": "json_schema", "name": "x", "schema": schema}}}),
            Constraint::JsonSchema(text.clone()),
        ),
        ("/api/chat", json!({"format": schema}), Constraint::JsonSchema(text.clone())),
        ("/api/generate", json!({"prompt": "a", "format": "json"}), Constraint::JsonObject),
    ] {
        let mut body = json!({"messages": messages});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(host.post(target, &body).await.status, 200, "{target} {more}");
        assert_eq!(model.requests().last().unwrap().sampling.constraint, Some(wanted), "{target} {more}");
    }
    assert!(text.find("\"z\"") < text.find("\"a\""), "the order of a schema is that of the text");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_probabilities_of_tokens_are_told() {
    let pieces: &[&str] = &["Grüß ", "dich"];
    let (host, model) = host_with(ScriptedModel::saying(&[pieces; 6])).await;
    let chat = |more: Value| {
        let mut body = json!({"messages": [{"role": "user", "content": "a"}], "logprobs": true, "top_logprobs": 2});
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let whole = host.post(CHAT, &chat(json!({}))).await.json();
    let told = &whole["choices"][0]["logprobs"]["content"];
    let likely = json!({"token": "dich", "logprob": -0.25, "bytes": [100, 105, 99, 104]});
    let other = json!({"token": "?", "logprob": -1.5, "bytes": [63]});
    assert_eq!(told[1]["top_logprobs"], json!([likely, other]));
    assert_eq!((&told[0]["token"], &told[0]["bytes"][2]), (&json!("Grüß "), &json!(195)));
    let streamed = chunks(&host.post(CHAT, &chat(json!({"stream": true}))).await.events());
    let streamed: Vec<_> =
        streamed.iter().filter_map(|chunk| chunk["choices"][0]["logprobs"]["content"].as_array()).flatten().collect();
    assert_eq!(streamed, told.as_array().unwrap().iter().collect::<Vec<_>>());

    let body = json!({"prompt": "a", "logprobs": 1});
    let whole = host.post("/v1/completions", &body).await.json();
    let told = json!({"tokens": ["Grüß ", "dich"], "token_logprobs": [-0.25, -0.25],
        "top_logprobs": [{"Grüß ": -0.25}, {"dich": -0.25}], "text_offset": [0, 5]});
    assert_eq!(whole["choices"][0]["logprobs"], told);
    let streamed = host.post("/v1/completions", &json!({"prompt": "a", "logprobs": 1, "stream": true})).await;
    let streamed = chunks(&streamed.events());
    assert_eq!(streamed[1]["choices"][0]["logprobs"]["text_offset"], json!([5]));
    host.post("/v1/completions", &json!({"prompt": "a", "logprobs": 6})).await.openai_error(400, "invalid-input");

    let lines = host.post("/api/generate", &json!({"prompt": "a", "logprobs": true})).await.lines();
    assert_eq!(
        lines[1]["logprobs"][0],
        json!({"token": "dich", "logprob": -0.25, "bytes": [100, 105, 99, 104],
        "top_logprobs": []})
    );
    let without = host.post("/api/generate", &json!({"prompt": "a"})).await.lines();
    assert!(without.iter().all(|line| line.get("logprobs").is_none()), "{without:?}");
    assert_eq!(model.requests()[0].sampling.logprobs, Some(2));
    host.stop().await;
}
