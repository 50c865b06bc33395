#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_domain::port::{GenerationOrigin, GenerationPriority, TokenProbability, WrittenToken};
use ambit_domain::{AnsweredCall, Message, Role, SamplingOptions, Tool, Tools};

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
    let mut reader = Ollama.reader();
    let mut pieces = Vec::new();
    for line in text.lines() {
        pieces.extend(reader.line(line)?);
    }
    if !matches!(pieces.last(), Some(Piece::End(_))) {
        pieces.extend(reader.close()?);
    }
    Ok(pieces)
}

/// What is said, without signs of life.
fn told(text: &str) -> Vec<Piece> {
    read(text).unwrap().into_iter().filter(|piece| *piece != Piece::Alive).collect()
}

#[test]
fn tools_and_the_form_of_an_answer_are_said_in_its_own_way() {
    let mut asked = Message::new(Role::Assistant, "");
    asked.calls = vec![ToolCall { id: "c1".into(), name: "weather".into(), arguments: r#"{"in":"Oslo"}"#.into() }];
    let mut answer = Message::new(Role::Tool, "cold");
    answer.answers = Some(AnsweredCall { id: Some("c1".into()), name: Some("weather".into()) });
    let sampling = SamplingOptions {
        constraint: Some(Constraint::JsonSchema(r#"{"type":"object"}"#.into())),
        logprobs: Some(1),
        ..SamplingOptions::default()
    };
    let mut request = request(Prompt::Conversation(vec![asked, answer]), sampling);
    let tool = Tool { name: "weather".into(), description: None, parameters: "{}".into() };
    request.tools = Tools { offered: vec![tool], choice: ToolChoice::Auto };
    let body = Ollama.call("m", &request, 4096).unwrap().body;
    assert_eq!(
        body["messages"],
        json!([
            { "role": "assistant", "content": "", "tool_calls": [
                { "function": { "name": "weather", "arguments": { "in": "Oslo" } } },
            ] },
            { "role": "tool", "content": "cold", "tool_name": "weather" },
        ])
    );
    assert_eq!(body["tools"], json!([{ "type": "function", "function": { "name": "weather", "parameters": {} } }]));
    assert_eq!(body["format"], json!({ "type": "object" }));
    assert_eq!((&body["logprobs"], &body["top_logprobs"]), (&json!(true), &json!(1)));
    request.tools.choice = ToolChoice::Required;
    assert!(Ollama.call("m", &request, 4096).unwrap_err().contains("have to be made"));
    request.tools = Tools::default();
    request.sampling.constraint = Some(Constraint::JsonObject);
    assert_eq!(Ollama.call("m", &request, 4096).unwrap().body["format"], json!("json"));
    request.sampling.constraint = Some(Constraint::Grammar("start: A".into()));
    assert!(Ollama.call("m", &request, 4096).unwrap_err().contains("grammar"));
    request.sampling.constraint = None;
    let Prompt::Conversation(messages) = &mut request.prompt else { return };
    messages[0].calls[0].arguments = "{broken".into();
    assert!(Ollama.call("m", &request, 4096).unwrap_err().contains("no object"));
}

#[test]
fn calls_and_probabilities_are_read() {
    let text = concat!(
        r#"{"message":{"content":"","tool_calls":[{"function":{"name":"weather","arguments":{"in":"Oslo"}}}]},"done":false}"#,
        "\n",
        r#"{"message":{"content":"é"},"logprobs":[{"token":"é","logprob":-0.5,"top_logprobs":[{"token":"e","logprob":-1}]}],"done":false}"#,
        "\n",
        r#"{"message":{"content":""},"done":true,"done_reason":"stop"}"#,
        "\n",
    );
    let pieces = told(text);
    let Piece::Called(call) = &pieces[0] else { unreachable!("{pieces:?}") };
    assert_eq!((call.name.as_str(), call.arguments.as_str()), ("weather", r#"{"in":"Oslo"}"#));
    assert!(call.id.starts_with("call_"), "{call:?}");
    let token = |text: &str, logprob| TokenProbability { bytes: text.as_bytes().to_vec(), logprob };
    let written = WrittenToken { token: token("é", -0.5), likeliest: vec![token("e", -1.0)] };
    assert_eq!(pieces[1..3], [Piece::Tokens(vec![written]), Piece::Text("é".into())]);
}

#[test]
fn a_request_says_all_options_since_the_server_has_defaults_of_its_own() {
    let conversation = vec![Message::new(Role::User, "Why?")];
    let sampling =
        SamplingOptions { seed: Some(u64::MAX), max_tokens: 50, stop: vec!["x".to_owned()], ..Default::default() };
    let call = Ollama.call("llama3.2:1b", &request(Prompt::Conversation(conversation), sampling), 4096).unwrap();
    assert_eq!(call.path, "/api/chat");
    let expected = json!({
        "model": "llama3.2:1b", "stream": true, "messages": [{ "role": "user", "content": "Why?" }],
        "options": {
            "temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0, "num_ctx": 4096,
            "repeat_last_n": -1, "frequency_penalty": 0.0, "presence_penalty": 0.0, "num_predict": 50, "seed": -1, "stop": ["x"],
        },
    });
    assert_eq!(call.body, expected);
    let call = Ollama.call("m", &request(Prompt::Text("on".to_owned()), SamplingOptions::default()), 4096).unwrap();
    assert_eq!((call.path, &call.body["raw"], &call.body["prompt"]), ("/api/generate", &json!(true), &json!("on")));
    let gap = Prompt::Gap { before: "a".to_owned(), after: "b".to_owned() };
    let call = Ollama.call("m", &request(gap, SamplingOptions::default()), 4096).unwrap();
    assert_eq!((call.path, &call.body["suffix"], &call.body["raw"]), ("/api/generate", &json!("b"), &Value::Null));
}

#[test]
fn a_stream_is_read_as_the_server_sends_it() {
    let text = concat!(
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Be\"},\"done\":false}\n",
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n",
        "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\",\"prompt_eval_count\":9,\"eval_count\":3}\n",
    );
    let end =
        End { reason: FinishReason::Length, prompt_tokens: Some(9), known_tokens: None, completion_tokens: Some(3) };
    assert_eq!(told(text), [Piece::Text("Be".into()), Piece::End(end)]);
    let generated = "{\"response\":\"on\",\"done\":true,\"done_reason\":\"stop\"}\n";
    let end = End { reason: FinishReason::Stop, prompt_tokens: None, known_tokens: None, completion_tokens: None };
    assert_eq!(told(generated), [Piece::Text("on".into()), Piece::End(end)], "text in the last document");
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let begun = "{\"message\":{\"content\":\"Be\"},\"done\":false}\n";
    assert_eq!(read(begun), Err(Fault::Closed));
    assert!(matches!(read("not json\n"), Err(Fault::Malformed(_))));
    assert!(matches!(read("{\"models\":[]}\n"), Err(Fault::Malformed(_))));
    assert_eq!(
        read(&format!("{begun}{{\"error\":\"model runner stopped\"}}\n")),
        Err(Fault::Told("model runner stopped".into()))
    );
}
