#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_domain::port::{GenerationOrigin, GenerationPriority};
use ambit_domain::{AnsweredCall, Message, Role, SamplingOptions, Tool, ToolCall, Tools};

use super::*;

fn request(prompt: Prompt, sampling: SamplingOptions) -> GenerationRequest {
    GenerationRequest {
        prompt,
        sampling,
        priority: GenerationPriority::Chat,
        origin: GenerationOrigin::default(),
        tools: Default::default(),
        draft: None,
    }
}

fn read(text: &str) -> Result<Vec<Piece>, Fault> {
    let mut reader = OpenAi.reader();
    let mut pieces = Vec::new();
    for line in text.lines() {
        pieces.extend(reader.line(line)?);
        if matches!(pieces.last(), Some(Piece::End(_))) {
            return Ok(pieces);
        }
    }
    pieces.extend(reader.close()?);
    Ok(pieces)
}

/// What is said, without signs of life.
fn told(text: &str) -> Vec<Piece> {
    read(text).unwrap().into_iter().filter(|piece| *piece != Piece::Alive).collect()
}

fn call(id: &str, name: &str, arguments: &str) -> Piece {
    Piece::Called(ToolCall { id: id.to_owned(), name: name.to_owned(), arguments: arguments.to_owned() })
}

#[test]
fn tools_their_results_and_the_form_of_an_answer_are_passed_on() {
    let mut asked = Message::new(Role::Assistant, "");
    asked.calls = vec![ToolCall { id: "c1".into(), name: "weather".into(), arguments: r#"{"in":"Oslo"}"#.into() }];
    let mut answer = Message::new(Role::Tool, "cold");
    answer.answers = Some(AnsweredCall { id: Some("c1".into()), name: Some("weather".into()) });
    let schema = r#"{"type":"object"}"#.to_owned();
    let sampling = SamplingOptions {
        constraint: Some(Constraint::JsonSchema(schema.clone())),
        logprobs: Some(2),
        ..SamplingOptions::default()
    };
    let mut request = request(Prompt::Conversation(vec![asked, answer]), sampling);
    let tool = Tool { name: "weather".into(), description: Some("Tells it".into()), parameters: schema };
    request.tools = Tools { offered: vec![tool], choice: ToolChoice::Named("weather".into()) };
    let body = OpenAi.call("m", &request, 4096).unwrap().body;
    assert_eq!(
        body["messages"],
        json!([
            { "role": "assistant", "content": "", "tool_calls": [
                { "id": "c1", "type": "function", "function": { "name": "weather", "arguments": "{\"in\":\"Oslo\"}" } },
            ] },
            { "role": "tool", "content": "cold", "tool_call_id": "c1" },
        ])
    );
    let function = json!({ "name": "weather", "description": "Tells it", "parameters": { "type": "object" } });
    assert_eq!(body["tools"], json!([{ "type": "function", "function": function }]));
    assert_eq!(body["tool_choice"], json!({ "type": "function", "function": { "name": "weather" } }));
    let named = json!({ "name": "answer", "schema": { "type": "object" }, "strict": true });
    assert_eq!(body["response_format"], json!({ "type": "json_schema", "json_schema": named }));
    assert_eq!((&body["logprobs"], &body["top_logprobs"]), (&json!(true), &json!(2)));

    for (constraint, what) in
        [(Constraint::Regex("a+".into()), "regular expression"), (Constraint::Grammar("start: A".into()), "grammar")]
    {
        request.sampling.constraint = Some(constraint);
        assert!(OpenAi.call("m", &request, 4096).unwrap_err().contains(what), "{what}");
    }
    request.sampling.constraint = Some(Constraint::JsonObject);
    request.tools.choice = ToolChoice::Required;
    let body = OpenAi.call("m", &request, 4096).unwrap().body;
    assert_eq!(body["response_format"], json!({ "type": "json_object" }));
    assert_eq!(body["tool_choice"], json!("required"));
    request.prompt = Prompt::Text("on".into());
    assert!(OpenAi.call("m", &request, 4096).is_err(), "a form of a text that is no conversation");
    request.sampling.constraint = None;
    assert_eq!(OpenAi.call("m", &request, 4096).unwrap().body["logprobs"], json!(2));
}

#[test]
fn calls_are_put_together_from_their_pieces() {
    let event = |calls: Value| format!("data: {}\n\n", json!({ "choices": [{ "delta": { "tool_calls": calls } }] }));
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
    let mixed = [
        event(
            json!([{ "index": 0, "id": "a", "type": "function", "function": { "name": "weather", "arguments": "" } }]),
        ),
        event(json!([{ "index": 1, "id": "b", "function": { "name": "clock", "arguments": "{" } }])),
        event(
            json!([{ "index": 0, "function": { "arguments": "{\"in\":" } }, { "index": 1, "function": { "arguments": "}" } }]),
        ),
        event(json!([{ "index": 0, "function": { "arguments": "\"Oslo\"}" } }])),
        end.to_owned(),
    ];
    let stop = Piece::End(End {
        reason: FinishReason::Stop,
        prompt_tokens: None,
        known_tokens: None,
        completion_tokens: None,
    });
    let expected = [call("a", "weather", r#"{"in":"Oslo"}"#), call("b", "clock", "{}"), stop.clone()];
    assert_eq!(told(&mixed.concat()), expected);
    let without_index = [
        event(json!([{ "id": "a", "function": { "name": "weather", "arguments": "{" } }])),
        event(json!([{ "function": { "arguments": "}" } }])),
        event(json!([{ "id": "b", "function": { "name": "clock", "arguments": {} } }])),
        end.to_owned(),
    ];
    let told = told(&without_index.concat());
    assert_eq!(told, [call("a", "weather", "{}"), call("b", "clock", "{}"), stop]);
    let nameless =
        format!("{}{end}", event(json!([{ "index": 0, "function": { "name": "clock", "arguments": "{}" } }])));
    let pieces = self::told(&nameless);
    assert!(
        matches!(&pieces[0], Piece::Called(call) if call.id.starts_with("call_") && call.id.len() > 20),
        "{pieces:?}"
    );
    let whole = json!({ "choices": [{ "finish_reason": "tool_calls", "message": { "content": null, "tool_calls": [
        { "id": "a", "type": "function", "function": { "name": "clock", "arguments": "{}" } },
    ] } }] });
    assert_eq!(self::told(&whole.to_string())[0], call("a", "clock", "{}"), "a server that does not stream");
    let many = json!((0..200).map(|index| json!({ "index": index, "function": { "name": "x" } })).collect::<Vec<_>>());
    assert!(matches!(read(&event(many)), Err(Fault::Malformed(_))));
}

#[test]
fn probabilities_come_with_their_tokens() {
    let content = json!([{ "token": "é", "bytes": [195, 169], "logprob": -0.5, "top_logprobs": [
        { "token": "é", "bytes": [195, 169], "logprob": -0.5 }, { "token": "e", "bytes": null, "logprob": -1.5 },
    ] }]);
    let choice = json!({ "choices": [{ "delta": { "content": "é" }, "logprobs": { "content": content } }] });
    let token = |text: &str, logprob| TokenProbability { bytes: text.as_bytes().to_vec(), logprob };
    let written = WrittenToken { token: token("é", -0.5), likeliest: vec![token("é", -0.5), token("e", -1.5)] };
    let mut reader = OpenAi.reader();
    reader.line(&format!("data: {choice}")).unwrap();
    let pieces = reader.line("").unwrap();
    assert_eq!(pieces, [Piece::Alive, Piece::Tokens(vec![written.clone()]), Piece::Text("é".into())]);
    let lists = json!({ "tokens": ["é"], "token_logprobs": [-0.5], "top_logprobs": [{ "e": -1.5, "é": -0.5 }] });
    let choice = json!({ "choices": [{ "text": "é", "logprobs": lists }] });
    reader.line(&format!("data: {choice}")).unwrap();
    assert_eq!(reader.line("").unwrap(), [Piece::Alive, Piece::Tokens(vec![written]), Piece::Text("é".into())]);
}

#[test]
fn a_request_says_what_is_asked_and_no_more() {
    let conversation = vec![Message::new(Role::System, "Be brief."), Message::new(Role::User, "Why?")];
    let call =
        OpenAi.call("small", &request(Prompt::Conversation(conversation), SamplingOptions::default()), 8192).unwrap();
    assert_eq!(call.path, "/chat/completions");
    let expected = json!({
        "model": "small", "stream": true, "stream_options": { "include_usage": true }, "temperature": 0.0, "top_p": 1.0,
        "max_tokens": 1024,
        "messages": [{ "role": "system", "content": "Be brief." }, { "role": "user", "content": "Why?" }],
    });
    assert_eq!(call.body, expected);

    let sampling = SamplingOptions {
        temperature: 0.7,
        top_k: Some(40),
        min_p: 0.05,
        repetition_penalty: 1.1,
        max_tokens: u32::MAX,
        seed: Some(7),
        stop: vec!["\n".to_owned()],
        ..SamplingOptions::default()
    };
    let gap = Prompt::Gap { before: "fn a".to_owned(), after: "}".to_owned() };
    let call = OpenAi.call("code", &request(gap, sampling), 4096).unwrap();
    assert_eq!(call.path, "/completions");
    let expected = json!({
        "model": "code", "stream": true, "stream_options": { "include_usage": true }, "temperature": 0.7, "top_p": 1.0,
        "prompt": "fn a", "suffix": "}", "seed": 7, "stop": ["\n"], "top_k": 40, "min_p": 0.05, "repetition_penalty": 1.1,
    });
    assert_eq!(call.body, expected, "a limit beyond the context is none");
}

#[test]
fn a_stream_is_read_as_the_servers_send_it() {
    // The first event names the role, OpenRouter sends comments, usage comes in an event without choices.
    let text = concat!(
        ": OPENROUTER PROCESSING\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}\n\n",
        "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Be\"},\"finish_reason\":null}]}\n\n",
        "event: message\nid: 7\ndata: {\"choices\":[{\"index\":0,\ndata: \"delta\":{\"content\":\"cause\"},\"finish_reason\":null}]}\n\n",
        "data:{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"length\"}]}\n\n",
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2,\"prompt_tokens_details\":{\"cached_tokens\":8}}}\n\n",
        "data: [DONE]\n\n",
    );
    let end = End {
        reason: FinishReason::Length,
        prompt_tokens: Some(12),
        known_tokens: Some(8),
        completion_tokens: Some(2),
    };
    assert_eq!(told(text), [Piece::Text("Be".into()), Piece::Text("cause".into()), Piece::End(end)]);
    let completions = "data: {\"choices\":[{\"text\":\"on\",\"finish_reason\":\"stop\"}]}\n\n";
    let end = End { reason: FinishReason::Stop, prompt_tokens: None, known_tokens: None, completion_tokens: None };
    assert_eq!(told(completions), [Piece::Text("on".into()), Piece::End(end)], "without [DONE]");
    let whole = r#"{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#;
    assert_eq!(told(whole)[0], Piece::Text("whole".into()), "a server that does not stream");
}

#[test]
fn the_last_event_counts_without_its_empty_line() {
    let whole = r#"{"choices":[{"delta":{"content":"it"},"finish_reason":"stop"}]}"#;
    let end = End { reason: FinishReason::Stop, prompt_tokens: None, known_tokens: None, completion_tokens: None };
    assert_eq!(told(&format!("data: {whole}\n")), [Piece::Text("it".into()), Piece::End(end)]);
    let call = json!([{ "index": 0, "id": "a", "function": { "name": "clock", "arguments": "{}" } }]);
    let last = json!({ "choices": [{ "delta": { "tool_calls": call }, "finish_reason": "tool_calls" }] });
    let pieces = told(&format!("data: {last}"));
    assert!(matches!(&pieces[..], [Piece::Called(call), Piece::End(_)] if call.name == "clock"), "{pieces:?}");
}

#[test]
fn calls_that_share_an_index_are_told_apart_by_their_ids() {
    let piece = |id: &str, name: &str, arguments: &str| {
        let call = json!([{ "index": 0, "id": id, "function": { "name": name, "arguments": arguments } }]);
        format!("data: {}\n\n", json!({ "choices": [{ "delta": { "tool_calls": call } }] }))
    };
    let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"tool_calls\"}]}\n\ndata: [DONE]\n\n";
    let text = [piece("a", "weather", "{\"in\":"), piece("", "", "1}"), piece("b", "clock", "{"), piece("", "", "}")];
    let pieces = told(&format!("{}{end}", text.concat()));
    let calls: Vec<_> =
        pieces.iter().filter_map(|piece| if let Piece::Called(call) = piece { Some(call) } else { None }).collect();
    let told: Vec<_> =
        calls.iter().map(|call| (call.id.as_str(), call.name.as_str(), call.arguments.as_str())).collect();
    assert_eq!(told, [("a", "weather", "{\"in\":1}"), ("b", "clock", "{}")]);
    let long = piece("a", &"x".repeat(2000), "{}");
    assert!(matches!(read(&long), Err(Fault::Malformed(_))), "a name without end");
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"Be\"}}]}\n\n";
    assert_eq!(read(begun), Err(Fault::Closed));
    assert_eq!(read(&format!("{begun}data: {{\"choices\":[{{\"del")), Err(Fault::Closed), "cut within an event");
    assert!(matches!(read("data: {broken\n\n"), Err(Fault::Malformed(_))));
    assert!(matches!(read("data: {\"object\":\"list\"}\n\n"), Err(Fault::Malformed(_))));
    let half = format!("data: {}\n", "x".repeat(600_000));
    assert!(matches!(read(&half.repeat(2)), Err(Fault::Malformed(_))), "an event that does not end");
    for error in [
        "data: {\"error\":{\"message\":\"out of memory\",\"type\":\"server_error\"}}\n\n",
        "data: {\"error\":\"out of memory\"}\n\n",
        "{\"error\":{\"message\":\"out of memory\"}}\n",
        "data: {\"object\":\"error\",\"message\":\"out of memory\"}\n\n",
    ] {
        assert_eq!(read(&format!("{begun}{error}")), Err(Fault::Told("out of memory".into())), "{error}");
    }
    let filtered = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"content_filter\"}]}\n\n";
    assert!(matches!(read(filtered), Err(Fault::Told(_))));
}
