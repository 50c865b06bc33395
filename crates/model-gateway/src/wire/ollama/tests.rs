#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_domain::port::{GenerationOrigin, GenerationPriority};
use ambit_domain::{Message, Role, SamplingOptions};

use super::*;

fn request(prompt: Prompt, sampling: SamplingOptions) -> GenerationRequest {
    GenerationRequest { prompt, sampling, priority: GenerationPriority::Chat, origin: GenerationOrigin::default() }
}

fn read(text: &str) -> Result<Vec<Piece>, Fault> {
    let mut reader = Ollama.reader();
    let mut pieces = Vec::new();
    for line in text.lines() {
        pieces.extend(reader.line(line)?);
    }
    if !matches!(pieces.last(), Some(Piece::End(_))) {
        pieces.push(reader.close()?);
    }
    Ok(pieces)
}

#[test]
fn a_request_says_all_options_since_the_server_has_defaults_of_its_own() {
    let conversation = vec![Message { role: Role::User, text: "Why?".to_owned() }];
    let sampling =
        SamplingOptions { seed: Some(u64::MAX), max_tokens: 50, stop: vec!["x".to_owned()], ..Default::default() };
    let call = Ollama.call("llama3.2:1b", &request(Prompt::Conversation(conversation), sampling), 4096);
    assert_eq!(call.path, "/api/chat");
    let expected = json!({
        "model": "llama3.2:1b", "stream": true, "messages": [{ "role": "user", "content": "Why?" }],
        "options": {
            "temperature": 0.0, "top_k": 0, "top_p": 1.0, "min_p": 0.0, "repeat_penalty": 1.0, "num_ctx": 4096,
            "num_predict": 50, "seed": -1, "stop": ["x"],
        },
    });
    assert_eq!(call.body, expected);
    let call = Ollama.call("m", &request(Prompt::Text("on".to_owned()), SamplingOptions::default()), 4096);
    assert_eq!((call.path, &call.body["raw"], &call.body["prompt"]), ("/api/generate", &json!(true), &json!("on")));
    let gap = Prompt::Gap { before: "a".to_owned(), after: "b".to_owned() };
    let call = Ollama.call("m", &request(gap, SamplingOptions::default()), 4096);
    assert_eq!((call.path, &call.body["suffix"], &call.body["raw"]), ("/api/generate", &json!("b"), &Value::Null));
}

#[test]
fn a_stream_is_read_as_the_server_sends_it() {
    let text = concat!(
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"Be\"},\"done\":false}\n",
        "{\"model\":\"m\",\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"hm\"},\"done\":false}\n",
        "{\"model\":\"m\",\"message\":{\"content\":\"\"},\"done\":true,\"done_reason\":\"length\",\"prompt_eval_count\":9,\"eval_count\":3}\n",
    );
    let end = End { reason: FinishReason::Length, prompt_tokens: Some(9), completion_tokens: Some(3) };
    assert_eq!(read(text).unwrap(), [Piece::Text("Be".into()), Piece::Alive, Piece::End(end)]);
    let generated = "{\"response\":\"on\",\"done\":true,\"done_reason\":\"stop\"}\n";
    let end = End { reason: FinishReason::Stop, prompt_tokens: None, completion_tokens: None };
    assert_eq!(read(generated).unwrap(), [Piece::Text("on".into()), Piece::End(end)], "text in the last document");
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
