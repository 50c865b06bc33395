#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use ambit_domain::port::{GenerationOrigin, GenerationPriority};
use ambit_domain::{Message, Role, SamplingOptions};

use super::*;

fn request(prompt: Prompt, sampling: SamplingOptions) -> GenerationRequest {
    GenerationRequest { prompt, sampling, priority: GenerationPriority::Chat, origin: GenerationOrigin::default() }
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
    pieces.push(reader.close()?);
    Ok(pieces)
}

#[test]
fn a_request_says_what_is_asked_and_no_more() {
    let conversation = vec![
        Message { role: Role::System, text: "Be brief.".to_owned() },
        Message { role: Role::User, text: "Why?".to_owned() },
    ];
    let call = OpenAi.call("small", &request(Prompt::Conversation(conversation), SamplingOptions::default()), 8192);
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
    let call = OpenAi.call("code", &request(gap, sampling), 4096);
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
        "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":12,\"completion_tokens\":2}}\n\n",
        "data: [DONE]\n\n",
    );
    let end = End { reason: FinishReason::Length, prompt_tokens: Some(12), completion_tokens: Some(2) };
    let told: Vec<Piece> = read(text).unwrap().into_iter().filter(|piece| *piece != Piece::Alive).collect();
    assert_eq!(told, [Piece::Text("Be".into()), Piece::Text("cause".into()), Piece::End(end)]);
    let completions = "data: {\"choices\":[{\"text\":\"on\",\"finish_reason\":\"stop\"}]}\n\n";
    let end = End { reason: FinishReason::Stop, prompt_tokens: None, completion_tokens: None };
    assert_eq!(read(completions).unwrap(), [Piece::Text("on".into()), Piece::End(end)], "without [DONE]");
    let whole = r#"{"choices":[{"message":{"content":"whole"},"finish_reason":"stop"}],"usage":{"prompt_tokens":1}}"#;
    assert_eq!(read(whole).unwrap()[0], Piece::Text("whole".into()), "a server that does not stream");
}

#[test]
fn what_is_no_answer_is_told_apart() {
    let begun = "data: {\"choices\":[{\"delta\":{\"content\":\"Be\"}}]}\n\n";
    assert_eq!(read(begun), Err(Fault::Closed));
    assert_eq!(read(&format!("{begun}data: {{\"choices\":[{{\"del")), Err(Fault::Closed), "cut within an event");
    assert!(matches!(read("data: {broken\n\n"), Err(Fault::Malformed(_))));
    assert!(matches!(read("data: {\"object\":\"list\"}\n\n"), Err(Fault::Malformed(_))));
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
