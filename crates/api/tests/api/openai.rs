//! The routes of OpenAI's API.

use std::sync::Arc;

use ambit_api::Limits;
use ambit_protocol::domain::port::{GenerationPriority, Prompt};
use ambit_protocol::domain::{ImageFormat, Message, Role};
use ambit_runtime::testing::{OneModel, ScriptedModel};
use serde_json::{Value, json};

use crate::harness::TestHost;
use crate::raw::{over_unix, request};

const CHAT: &str = "/v1/chat/completions";

pub(crate) async fn host_with(model: ScriptedModel) -> (TestHost, Arc<ScriptedModel>) {
    let model = Arc::new(model);
    let port = OneModel::new(model.clone());
    (TestHost::start_with(Limits::default(), |ports| ports.language_models = Arc::new(port)).await, model)
}

/// What a text cost; the model of the tests has always read one token before.
fn usage(read: u64, written: u64) -> Value {
    json!({
        "prompt_tokens": read, "completion_tokens": written, "total_tokens": read + written,
        "prompt_tokens_details": {"cached_tokens": 1},
    })
}

/// An image of one point.
const PNG: &str = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg==";

/// A question about the image at an address.
fn showing(address: &str) -> Value {
    let image = json!({"type": "image_url", "image_url": {"url": address}});
    json!({"messages": [{"role": "user", "content": [{"type": "text", "text": "What is this?"}, image]}]})
}

/// A request to chat with these members besides.
fn chat(more: Value) -> Value {
    let mut body = json!({"model": "scripted", "messages": [{"role": "user", "content": "Say hello"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_answered_whole() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["Grüß ", "dich, ", "🦀!"]])).await;
    let answer = host
        .post(
            CHAT,
            &json!({
                "model": "scripted",
                "messages": [
                    {"role": "developer", "content": "Be brief.", "name": "x"},
                    {"role": "user", "content": [{"type": "text", "text": "Say "}, {"type": "text", "text": "hello"}]},
                    {"role": "assistant", "content": null},
                ],
                "max_tokens": 50, "temperature": 0.5, "top_p": 0.25, "seed": 7, "stop": "END",
                // What asks for nothing, and what nobody knows.
                "n": 1, "tools": [], "response_format": {"type": "text"}, "logprobs": false, "presence_penalty": 0,
                "logit_bias": null, "user": "somebody", "a_field_of_tomorrow": {"deep": [1]},
            }),
        )
        .await;
    assert_eq!((answer.status, answer.header("content-type")), (200, "application/json"), "{}", answer.text());
    let body = answer.json();
    assert_eq!(body["object"], "chat.completion");
    assert!(body["id"].as_str().unwrap().starts_with("chatcmpl-"), "{body}");
    assert_eq!((&body["model"], body["created"].as_i64().unwrap() / 1000), (&json!("scripted"), 1_700_000));
    let choice = json!({
        "index": 0, "message": {"role": "assistant", "content": "Grüß dich, 🦀!"}, "finish_reason": "stop",
    });
    assert_eq!(body["choices"], json!([choice]));
    assert_eq!(body["usage"], usage(4, 3));

    let asked = &model.requests()[0];
    let said = |role, text: &str| Message::new(role, text);
    let conversation = vec![said(Role::System, "Be brief."), said(Role::User, "Say hello"), said(Role::Assistant, "")];
    assert_eq!((&asked.prompt, asked.priority), (&Prompt::Conversation(conversation), GenerationPriority::Chat));
    let sampling = &asked.sampling;
    assert_eq!((sampling.max_tokens, sampling.temperature, sampling.top_p), (50, 0.5, 0.25));
    assert_eq!((sampling.seed, sampling.stop.as_slice()), (Some(7), &["END".to_owned()][..]));
    assert_eq!(host.world.audit.actions(), ["model.generate"]);
    assert!(host.world.conversations.turns().is_empty(), "a chat without retrieval is not stored");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_said_is_as_openai_has_it() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["a"], &["b"], &["c"]])).await;
    let bare = json!({"messages": [{"role": "user", "content": "Hi"}], "stop": ["a", "b"], "max_completion_tokens": 9});
    assert_eq!(host.post(CHAT, &bare).await.status, 200, "the chosen model answers when none is named");
    let unlimited = json!({"model": "", "messages": [{"role": "user", "content": "Hi"}], "seed": -1});
    assert_eq!(host.post(CHAT, &unlimited).await.status, 200);
    assert_eq!(host.post("/v1/completions", &json!({"prompt": "fn main"})).await.status, 200);
    let asked: Vec<_> = model.requests().into_iter().map(|request| request.sampling).collect();
    assert_eq!((asked[0].temperature, asked[0].top_p, asked[0].max_tokens), (1.0, 1.0, 9));
    assert_eq!((asked[0].seed, asked[0].stop.len()), (None, 2));
    assert_eq!((asked[1].max_tokens, asked[1].seed), (4096, Some(u64::MAX)), "the model's context is the limit");
    assert_eq!(asked[2].max_tokens, 16);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_streams_in_pieces() {
    // A family of three, cut between the code points that it is made of.
    let family = ["👩", "\u{200d}", "👩", "\u{200d}", "👧", " é", ""];
    let (host, _) = host_with(ScriptedModel::saying(&[&family]).cut_short()).await;
    let body = chat(json!({"stream": true, "stream_options": {"include_usage": true}}));
    let answer = host.post(CHAT, &body).await;
    let events = answer.events();
    assert!(events.iter().all(|event| event.name == "message"), "OpenAI's events have no names: {events:?}");
    assert_eq!(events.last().unwrap().data, "[DONE]");
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|event| serde_json::from_str(&event.data).unwrap()).collect();
    assert!(chunks.iter().all(|chunk| chunk["id"] == chunks[0]["id"] && chunk["object"] == "chat.completion.chunk"));
    assert_eq!(chunks[0]["choices"][0]["delta"], json!({"role": "assistant", "content": ""}));
    let text: String = chunks.iter().filter_map(|chunk| chunk["choices"][0]["delta"]["content"].as_str()).collect();
    assert_eq!(text, family.concat(), "not a byte may be lost between pieces");
    let [.., end, cost] = chunks.as_slice() else { panic!("{chunks:?}") };
    assert_eq!(end["choices"][0], json!({"index": 0, "delta": {}, "finish_reason": "length"}));
    assert_eq!(cost["choices"], json!([]));
    assert_eq!(cost["usage"], usage(2, 7));
    assert!(chunks.iter().filter(|chunk| chunk.get("usage").is_some()).count() == 1);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_model_that_takes_images_is_shown_them() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["A dot."], &["A dot."], &["A dot."]]).seeing()).await;
    let address = format!("data:image/png;base64,{PNG}");
    assert_eq!(host.post(CHAT, &showing(&address)).await.status, 200);
    let item = json!({"role": "user", "content": [
        {"type": "input_text", "text": "What is this?"}, {"type": "input_image", "image_url": address},
    ]});
    assert_eq!(host.post("/v1/responses", &json!({"input": [item]})).await.status, 200);
    let asked = json!({"messages": [{"role": "user", "content": "What is this?", "images": [PNG]}], "stream": false});
    assert_eq!(host.post("/api/chat", &asked).await.status, 200);
    for asked in model.requests() {
        let Prompt::Conversation(messages) = asked.prompt else { panic!("{asked:?}") };
        let [Message { text, images, .. }] = messages.as_slice() else { panic!("{messages:?}") };
        let [image] = images.as_slice() else { panic!("{images:?}") };
        assert_eq!((text.as_str(), image.format), ("What is this?", ImageFormat::Png));
        assert!(image.bytes.starts_with(b"\x89PNG"));
    }

    for (address, says) in [
        ("https://pictures.example/dot.png", "nothing is fetched"),
        ("file:///etc/passwd", "nothing is fetched"),
        ("data:image/png,dot", "not in base64"),
        ("data:image/png;base64,%%%", "not in base64"),
        ("data:image/png;base64,AAAA", "neither PNG"),
    ] {
        let error = host.post(CHAT, &showing(address)).await.openai_error(400, "invalid-input");
        assert_eq!(error["param"], "messages[0].content");
        assert!(error["message"].as_str().unwrap().contains(says), "{address}: {error}");
    }
    assert_eq!(model.requests().len(), 3, "a request that is refused must not reach the model");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn images_may_be_larger_than_other_requests() {
    let limits = Limits { body_bytes: 100, image_body_bytes: 4000, ..Limits::default() };
    let model = Arc::new(ScriptedModel::saying(&[&["A dot."]]).seeing());
    let port = OneModel::new(model);
    let host = TestHost::start_with(limits, |ports| ports.language_models = Arc::new(port)).await;
    let body = showing(&format!("data:image/png;base64,{PNG}"));
    assert!(body.to_string().len() > 100);
    assert_eq!(host.post(CHAT, &body).await.status, 200);
    host.post("/v1/embeddings", &json!({"input": "x".repeat(200)})).await.openai_error(413, "too-large");
    host.post(CHAT, &chat(json!({"user": "x".repeat(5000)}))).await.openai_error(413, "too-large");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_done_is_refused_by_name() {
    let (host, model) = host_with(ScriptedModel::saying(&[])).await;
    for (field, value) in [
        ("n", json!(2)),
        ("functions", json!([{"name": "f"}])),
        ("function_call", json!({"name": "f"})),
        ("response_format", json!({"type": "xml"})),
        ("logit_bias", json!({"50256": -100})),
        ("modalities", json!(["text", "audio"])),
        ("parallel_tool_calls", json!(false)),
    ] {
        let error = host.post(CHAT, &chat(json!({field: value}))).await.openai_error(400, "unsupported");
        assert_eq!((&error["param"], &error["type"]), (&json!(field), &json!("invalid_request_error")));
        assert!(error["message"].as_str().unwrap().contains(field), "{error}");
    }
    let error = host.post(CHAT, &showing(&format!("data:image/png;base64,{PNG}"))).await;
    let error = error.openai_error(400, "unsupported");
    assert!(error["message"].as_str().unwrap().contains("`scripted` is not known to take images"), "{error}");
    let searching = host.post(CHAT, &chat(json!({"tools": [{"type": "web_search"}]}))).await;
    assert_eq!(searching.openai_error(400, "unsupported")["param"], "tools[0].type");
    for (field, value) in [("n", json!(2)), ("best_of", json!(3)), ("echo", json!(true)), ("prompt", json!([1, 2]))] {
        let mut body = json!({"prompt": "a"});
        body[field] = value;
        let error = host.post("/v1/completions", &body).await.openai_error(400, "unsupported");
        assert_eq!(error["param"], field);
    }
    assert!(model.requests().is_empty(), "a request that is refused must not reach the model");
    assert!(host.world.audit.actions().is_empty());
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_as_openai_tells_them() {
    let (host, _) = host_with(ScriptedModel::saying(&[])).await;
    let missing = host.post(CHAT, &chat(json!({"model": "gpt-4o"}))).await.openai_error(404, "model_not_found");
    let message = missing["message"].as_str().unwrap();
    assert!(message.contains("gpt-4o") && message.contains("ambit models list"), "{message}");
    let streamed = host.post(CHAT, &chat(json!({"model": "gpt-4o", "stream": true}))).await;
    streamed.openai_error(404, "model_not_found");

    for (field, value) in [
        ("messages", json!([])),
        ("messages", json!([{"role": "narrator", "content": "x"}])),
        ("temperature", json!(2.5)),
        ("temperature", json!(-1)),
        ("top_p", json!(0)),
        ("max_tokens", json!(0)),
        ("stop", json!([""])),
        ("frequency_penalty", json!(2.5)),
        ("presence_penalty", json!(-3)),
        ("top_logprobs", json!(3)),
        ("tool_choice", json!("required")),
        ("tools", json!([{"type": "function"}])),
        ("tools", json!([{"type": "function", "function": {"name": "a b"}}])),
        ("tools", json!([{"type": "function", "function": {"name": "a", "parameters": [1]}}])),
        ("response_format", json!({"type": "json_schema"})),
    ] {
        let error = host.post(CHAT, &chat(json!({field: value}))).await.openai_error(400, "invalid-input");
        assert!(error["param"].as_str().unwrap().starts_with(field), "{error}");
    }
    for (body, says) in [
        ("{\"messages\": ", "breaks off"),
        ("nope", "not JSON"),
        ("{}", "missing field `messages`"),
        ("[]", "does not fit"),
        ("{\"messages\": [{\"role\": \"user\", \"content\": 7}]}", "a text or a list of parts"),
        ("{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}], \"max_tokens\": -1}", "invalid value"),
    ] {
        let headers = [("Host", "x"), ("Content-Type", "application/json")];
        let answer = over_unix(&host.socket, &request("POST", CHAT, &headers, body)).await;
        let error = answer.openai_error(400, "invalid-input");
        assert!(error["message"].as_str().unwrap().contains(says), "{body} gives {error}");
    }
    let form = [("Host", "x"), ("Content-Type", "application/x-www-form-urlencoded")];
    over_unix(&host.socket, &request("POST", CHAT, &form, "{}")).await.openai_error(400, "unsupported");
    let large = chat(json!({"messages": [{"role": "user", "content": "x".repeat(17 << 20)}]}));
    host.post(CHAT, &large).await.openai_error(413, "too-large");
    let nothing_to_say = host.post(CHAT, &chat(json!({}))).await;
    assert_eq!(nothing_to_say.openai_error(503, "unavailable")["type"], "server_error");
    assert_eq!(nothing_to_say.header("retry-after"), "1");
    host.get(CHAT).await.openai_error(405, "invalid-input");
    host.stop().await;

    let nobody = TestHost::start().await;
    let error = nobody.post(CHAT, &json!({"messages": [{"role": "user", "content": "a"}]})).await;
    let error = error.openai_error(404, "model_not_found");
    assert!(error["message"].as_str().unwrap().contains("ambit models list"), "{error}");
    nobody.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failure_within_a_stream_is_an_event_of_it() {
    let (host, _) = host_with(ScriptedModel::saying(&[&["Half "], &["Half "], &["Half "]]).breaking_off()).await;
    for (target, body) in
        [(CHAT, chat(json!({"stream": true}))), ("/v1/completions", json!({"prompt": "a", "stream": true}))]
    {
        let events = host.post(target, &body).await.events();
        let [.., text, failure, done] = events.as_slice() else { panic!("{events:?}") };
        assert!(text.data.contains("Half "), "{events:?}");
        let failure: Value = serde_json::from_str(&failure.data).unwrap();
        assert_eq!(failure["error"]["code"], "unavailable", "{failure}");
        assert_eq!(done.data, "[DONE]");
    }
    let whole = host.post(CHAT, &chat(json!({}))).await.openai_error(503, "unavailable");
    assert!(whole["message"].as_str().unwrap().contains("worker died"), "half an answer must not look whole: {whole}");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_are_gone_on_with_and_gaps_are_filled() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["a", " + b"], &["x"], &["c", "d"], &["y"]])).await;
    let body = json!({
        "model": "scripted", "prompt": "fn add(a: u32, b: u32) -> u32 {\n    ", "suffix": "\n}", "max_tokens": 20,
    });
    let filled = host.post("/v1/completions", &body).await.json();
    assert_eq!((&filled["object"], &filled["model"]), (&json!("text_completion"), &json!("scripted")));
    assert_eq!(filled["choices"], json!([{"index": 0, "text": "a + b", "finish_reason": "stop"}]));
    assert_eq!(filled["usage"]["completion_tokens"], 2);
    let asked = &model.requests()[0];
    let gap = Prompt::Gap { before: "fn add(a: u32, b: u32) -> u32 {\n    ".to_owned(), after: "\n}".to_owned() };
    assert_eq!((&asked.prompt, asked.priority), (&gap, GenerationPriority::Completion), "somebody types there");

    host.post("/v1/completions", &json!({"prompt": ["once"], "suffix": ""})).await.json();
    assert_eq!(model.requests()[1].prompt, Prompt::Text("once".to_owned()));

    let body = json!({"prompt": "a", "stream": true, "stream_options": {"include_usage": true}});
    let events = host.post("/v1/completions", &body).await.events();
    assert_eq!(events.last().unwrap().data, "[DONE]");
    let chunks: Vec<Value> =
        events[..events.len() - 1].iter().map(|event| serde_json::from_str(&event.data).unwrap()).collect();
    let texts: Vec<_> = chunks.iter().map(|chunk| chunk["choices"][0]["text"].as_str().unwrap_or_default()).collect();
    assert_eq!(texts, ["c", "d", "", ""]);
    assert_eq!(chunks[2]["choices"][0]["finish_reason"], "stop");
    assert_eq!(chunks[3]["usage"]["total_tokens"], 3);
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_vectors() {
    let (host, _) = host_with(ScriptedModel::saying(&[])).await;
    let embed = async |body: Value| host.post("/v1/embeddings", &body).await;
    let two = embed(json!({"model": "text-embedding-3-small", "input": ["red apples", "green pears"]})).await.json();
    assert_eq!((&two["object"], &two["model"]), (&json!("list"), &json!("hashing@1")));
    assert_eq!(two["usage"], json!({"prompt_tokens": 4, "total_tokens": 4}));
    assert_eq!((&two["data"][1]["index"], &two["data"][1]["object"]), (&json!(1), &json!("embedding")));
    let numbers: Vec<f32> = serde_json::from_value(two["data"][1]["embedding"].clone()).unwrap();
    assert_eq!(numbers.len(), 512);

    let packed = embed(json!({"input": "green pears", "encoding_format": "base64", "dimensions": 512})).await.json();
    let bytes: Vec<u8> = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    assert_eq!(packed["data"][0]["embedding"], base64(&bytes), "both encodings hold the same numbers");

    for (body, code, field) in [
        (json!({"input": [1, 2, 3]}), "unsupported", "input"),
        (json!({"input": [[1, 2], [3]]}), "unsupported", "input"),
        (json!({"input": "a", "dimensions": 64}), "unsupported", "dimensions"),
        (json!({"input": ""}), "invalid-input", "input"),
        (json!({"input": []}), "invalid-input", "input"),
        (json!({"input": ["a", ""]}), "invalid-input", "input"),
        (json!({"input": vec!["a"; 2049]}), "invalid-input", "input"),
        (json!({"input": "a", "encoding_format": "hex"}), "invalid-input", "encoding_format"),
    ] {
        let error = embed(body.clone()).await.openai_error(400, code);
        assert_eq!(error["param"], field, "{body}");
    }
    let writer = embed(json!({"model": "scripted", "input": "a"})).await.openai_error(400, "invalid-input");
    assert!(writer["message"].as_str().unwrap().contains("hashing@1"), "{writer}");
    host.world.models.add_other("bge-small");
    let other = embed(json!({"model": "bge-small", "input": "a"})).await.openai_error(400, "invalid-input");
    assert!(other["message"].as_str().unwrap().contains("not in use"), "{other}");
    let own = embed(json!({"model": "hashing", "input": "a"})).await.json();
    assert_eq!(own["model"], "hashing@1");
    let long = embed(json!({"input": "word ".repeat(200)})).await.openai_error(400, "invalid-input");
    assert!(long["message"].as_str().unwrap().contains("200 tokens"), "{long}");
    host.world.embedder.set_missing(true);
    embed(json!({"input": "a"})).await.openai_error(404, "model_not_found");
    host.stop().await;
}

/// Base64 as RFC 4648 has it, to compare with.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0_u32, |bits, byte| (bits << 8) | u32::from(*byte)) << (8 * (3 - group.len()));
        for place in 0..4 {
            let letter = LETTERS[((bits >> (18 - 6 * place)) & 63) as usize];
            text.push(if place <= group.len() { char::from(letter) } else { '=' });
        }
    }
    text
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_for_both_kinds_of_clients() {
    let (host, _) = host_with(ScriptedModel::saying(&[])).await;
    let listed = host.get("/v1/models").await.json();
    assert_eq!(listed["object"], "list");
    let model = |id: &str| json!({"id": id, "object": "model", "created": 0, "owned_by": "ambit"});
    let engine = model("ambit/completion");
    assert_eq!(listed["data"], json!([model("scripted"), engine, model("hashing@1")]));
    assert_eq!(listed["models"][0]["id"], "hashing");
    assert_eq!(host.client.models().await.unwrap().models[0].id, "hashing", "Ambit's own client reads it as before");

    let chatter = host.client.clone().with_token(&host.token(&[ambit_protocol::TokenScope::Chat]).await).unwrap();
    let seen = chatter.models().await.unwrap();
    assert_eq!((seen.models.len(), seen.data.len()), (0, 3), "where files are is for those who may read");
    host.world.embedder.set_missing(true);
    assert_eq!(host.get("/v1/models").await.json()["data"], json!([model("scripted"), engine]));

    let headers = [("Host", "x"), ("Authorization", "Bearer ambit_0")];
    let refused = over_unix(&host.socket, &request("GET", "/v1/models", &headers, "")).await;
    let problem = refused.problem(401, "unauthenticated");
    assert_eq!(problem["error"]["code"], "invalid_api_key", "OpenAI's clients look there");
    host.stop().await;
}
