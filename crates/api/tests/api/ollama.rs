//! The routes of Ollama's API.

use ambit_protocol::domain::port::{GenerationPriority, Prompt};
use ambit_protocol::domain::{Message, Role};
use ambit_runtime::testing::ScriptedModel;
use serde_json::{Value, json};

use crate::openai::host_with;
use crate::raw::{over_unix, request};

fn said(role: Role, text: &str) -> Message {
    Message::new(role, text)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_comes_in_lines_unless_it_is_wanted_whole() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["Grüß ", "👩\u{200d}", "👧"], &["Good ", "day"]])).await;
    let body = json!({"model": "scripted", "prompt": "Say hello", "system": "Be kind."});
    let lines = host.post("/api/generate", &body).await.lines();
    let texts: String = lines.iter().map(|line| line["response"].as_str().unwrap()).collect();
    assert_eq!(texts, "Grüß 👩\u{200d}👧");
    assert!(lines[..3].iter().all(|line| line["done"] == false && line["model"] == "scripted"), "{lines:?}");
    assert!(lines[0]["created_at"].as_str().unwrap().starts_with("2023-11-14T22:13:2"), "{}", lines[0]);
    let end = &lines[3];
    assert_eq!((&end["done"], &end["done_reason"]), (&json!(true), &json!("stop")));
    assert_eq!((&end["prompt_eval_count"], &end["eval_count"]), (&json!(4), &json!(3)));
    for duration in ["total_duration", "load_duration", "prompt_eval_duration", "eval_duration"] {
        assert!(end[duration].is_u64(), "`{duration}` is missing: {end}");
    }
    let sum = end["prompt_eval_duration"].as_u64().unwrap() + end["eval_duration"].as_u64().unwrap();
    assert_eq!(end["total_duration"], sum, "durations are nanoseconds of one clock");

    let whole = json!({"model": "scripted:latest", "prompt": "Say hello", "stream": false});
    let whole = host.post("/api/generate", &whole).await;
    assert_eq!(whole.header("content-type"), "application/json");
    assert_eq!((&whole.json()["response"], &whole.json()["done"]), (&json!("Good day"), &json!(true)));
    let asked = model.requests();
    assert_eq!(
        asked[0].prompt,
        Prompt::Conversation(vec![said(Role::System, "Be kind."), said(Role::User, "Say hello")])
    );
    assert_eq!(asked[1].prompt, Prompt::Conversation(vec![said(Role::User, "Say hello")]));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chat_is_answered_in_messages() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["Good ", "day"], &["Again"]]).cut_short()).await;
    let messages =
        json!([{"role": "system", "content": "Be kind."}, {"role": "user", "content": "Hello", "images": []}]);
    let body = json!({"model": "scripted", "messages": messages, "tools": [], "keep_alive": "5m"});
    let lines = host.post("/api/chat", &body).await.lines();
    assert_eq!(lines[0]["message"], json!({"role": "assistant", "content": "Good "}));
    assert_eq!((&lines[2]["message"]["content"], &lines[2]["done_reason"]), (&json!(""), &json!("length")));
    assert!(lines.iter().all(|line| line.get("response").is_none()), "{lines:?}");

    let body = json!({"messages": [{"role": "user", "content": "Again"}], "stream": false});
    let whole = host.post("/api/chat", &body).await.json();
    assert_eq!((&whole["message"]["content"], &whole["eval_count"]), (&json!("Again"), &json!(1)));
    let conversation = vec![said(Role::System, "Be kind."), said(Role::User, "Hello")];
    assert_eq!(model.requests()[0].prompt, Prompt::Conversation(conversation));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn options_are_heeded_and_have_ollamas_defaults() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["a"], &["b"], &["c"]])).await;
    let options = json!({
        "temperature": 0.25, "top_k": 0, "top_p": 0.5, "min_p": 0.125, "seed": 3, "num_predict": 9, "stop": ["x", "y"],
        "repeat_penalty": 1.5, "num_ctx": 2048, "num_thread": 2, "presence_penalty": 0,
        "repeat_last_n": 0, "frequency_penalty": 0.5,
    });
    let body = json!({"prompt": "fn f() {", "suffix": "}", "options": options, "stream": false});
    assert_eq!(host.post("/api/generate", &body).await.status, 200);
    let body = json!({"prompt": "Once", "raw": true, "stream": false, "options": {"num_predict": -1}});
    assert_eq!(host.post("/api/generate", &body).await.status, 200);
    let body = json!({"prompt": "Once", "stream": false, "options": {"repeat_last_n": -1}});
    assert_eq!(host.post("/api/generate", &body).await.status, 200);
    let asked = model.requests();
    let gap = Prompt::Gap { before: "fn f() {".to_owned(), after: "}".to_owned() };
    assert_eq!((&asked[0].prompt, asked[0].priority), (&gap, GenerationPriority::Completion));
    let first = &asked[0].sampling;
    assert_eq!((first.temperature, first.top_k, first.top_p, first.min_p), (0.25, None, 0.5, 0.125));
    assert_eq!((first.repetition_penalty, first.max_tokens, first.seed), (1.5, 9, Some(3)));
    assert_eq!(first.stop, ["x", "y"]);
    assert_eq!((first.penalty_window, first.frequency_penalty), (Some(0), 0.5));
    assert_eq!(asked[1].prompt, Prompt::Text("Once".to_owned()));
    let second = &asked[1].sampling;
    assert_eq!((second.temperature, second.top_k, second.top_p, second.repetition_penalty), (0.8, Some(40), 0.9, 1.1));
    assert_eq!((second.max_tokens, second.seed), (4096, None), "the model's context is the limit");
    assert_eq!(second.penalty_window, Some(64));
    assert_eq!(asked[2].sampling.penalty_window, None, "the whole text");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn failures_are_told_as_ollama_tells_them() {
    let (host, model) = host_with(ScriptedModel::saying(&[&["Half "]]).breaking_off()).await;
    let missing =
        host.post("/api/chat", &json!({"model": "llama3", "messages": [{"role": "user", "content": "a"}]})).await;
    let error = missing.ollama_error(404);
    assert!(error.contains("llama3") && error.contains("ambit models list"), "{error}");
    let lines = host.post("/api/generate", &json!({"prompt": "a"})).await.lines();
    assert_eq!(lines[0]["response"], "Half ");
    assert!(lines[1]["error"].as_str().unwrap().contains("worker died"), "{lines:?}");
    assert_eq!((lines.len(), lines[1].as_object().unwrap().len()), (2, 1));
    let asked = model.requests().len();

    for (route, member, says) in [
        ("generate", json!({"template": "{{ .Prompt }}"}), "template"),
        ("generate", json!({"context": [1, 2]}), "context"),
        ("generate", json!({"images": ["AAAA"]}), "neither PNG"),
        ("generate", json!({"images": ["%"]}), "base64"),
        ("generate", json!({"images": ["iVBORw0KGgo="], "raw": true}), "images"),
        ("generate", json!({"images": ["iVBORw0KGgo="]}), "not known to take images"),
        ("generate", json!({"format": "xml"}), "format"),
        ("generate", json!({"think": true}), "think"),
        ("generate", json!({"raw": true, "system": "x"}), "system"),
        ("generate", json!({"suffix": "}", "system": "x"}), "system"),
        ("generate", json!({"options": {"num_predict": 0}}), "no tokens"),
        ("generate", json!({"options": {"temperature": -1}}), "temperature"),
        ("generate", json!({"options": {"mirostat": 2}}), "mirostat"),
        ("generate", json!({"options": {"frequency_penalty": 2.5}}), "frequency_penalty"),
        ("generate", json!({"options": 7}), "does not fit"),
        ("chat", json!({"format": 7}), "format"),
        ("chat", json!({"tools": [{"type": "function"}]}), "function"),
        ("chat", json!({"messages": [{"role": "user", "content": "a", "images": ["AAAA"]}]}), "neither PNG"),
        ("chat", json!({"messages": [{"role": "assistant", "content": "", "tool_calls": [{}]}]}), "function"),
        ("chat", json!({"messages": [{"role": "narrator", "content": "a"}]}), "narrator"),
    ] {
        let mut body = json!({"prompt": "a", "messages": [{"role": "user", "content": "a"}]});
        body.as_object_mut().unwrap().extend(member.as_object().unwrap().clone());
        let error = host.post(&format!("/api/{route}"), &body).await.ollama_error(400);
        assert!(error.contains(says), "{member}: {error}");
    }
    assert_eq!(model.requests().len(), asked, "a request that is refused must not reach the model");
    host.get("/api/pull").await.ollama_error(404);
    let form = [("Host", "x"), ("Content-Type", "application/x-www-form-urlencoded")];
    let answer = over_unix(&host.socket, &request("POST", "/api/generate", &form, "{}")).await;
    assert!(answer.ollama_error(400).contains("application/json"));
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn models_are_listed_and_shown() {
    let (host, model) = host_with(ScriptedModel::saying(&[]).with_context(2048)).await;
    let tags = host.get("/api/tags").await.json();
    let names: Vec<_> =
        tags["models"].as_array().unwrap().iter().map(|model| model["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["scripted", "ambit/completion", "hashing@1"]);
    assert_eq!((&tags["models"][2]["size"], &tags["models"][2]["model"]), (&json!(2), &json!("hashing@1")));
    assert_eq!(tags["models"][0]["digest"].as_str().unwrap().len(), 64);
    assert!(!host.get("/api/version").await.json()["version"].as_str().unwrap().is_empty());

    let show = async |body: Value| host.post("/api/show", &body).await;
    let writer = show(json!({"model": "scripted:latest"})).await.json();
    assert_eq!(
        (&writer["capabilities"], &writer["model_info"]["ambit.context_length"]),
        (&json!(["completion"]), &json!(2048))
    );
    let embedder = show(json!({"name": "hashing"})).await.json();
    assert_eq!((&embedder["capabilities"], &embedder["license"]), (&json!(["embedding"]), &json!("Apache-2.0")));
    show(json!({"model": "llama3"})).await.ollama_error(404);

    for (target, body) in
        [("/api/generate", json!({"model": "scripted"})), ("/api/chat", json!({"model": "scripted", "messages": []}))]
    {
        let loaded = host.post(target, &body).await.json();
        assert_eq!((&loaded["done"], &loaded["done_reason"]), (&json!(true), &json!("load")), "{target}");
        host.post(target, &json!({"model": "llama3"})).await.ollama_error(404);
    }
    assert!(model.requests().is_empty(), "to see whether a model is there, it need not write");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn texts_become_vectors_in_both_forms() {
    let (host, _) = host_with(ScriptedModel::saying(&[])).await;
    let made = host.post("/api/embed", &json!({"model": "any", "input": ["red apples", "green pears"]})).await.json();
    assert_eq!((&made["model"], &made["prompt_eval_count"]), (&json!("hashing@1"), &json!(4)));
    assert_eq!(made["embeddings"].as_array().unwrap().len(), 2);
    let older = host.post("/api/embeddings", &json!({"model": "any", "prompt": "green pears"})).await.json();
    assert_eq!(older["embedding"], made["embeddings"][1]);
    let one = host.post("/api/embed", &json!({"input": "green pears"})).await.json();
    assert_eq!(one["embeddings"], json!([made["embeddings"][1]]));
    assert_eq!(host.post("/api/embed", &json!({"input": []})).await.json()["embeddings"], json!([]));
    assert_eq!(host.post("/api/embeddings", &json!({"prompt": ""})).await.json()["embedding"], json!([]));

    host.world.models.add_other("bge-small");
    let other = host.post("/api/embed", &json!({"model": "bge-small", "input": "a"})).await.ollama_error(400);
    assert!(other.contains("not in use"), "{other}");
    let own = host.post("/api/embed", &json!({"model": "hashing:latest", "input": "a"})).await.json();
    assert_eq!(own["model"], "hashing@1");

    let long = "word ".repeat(200);
    assert_eq!(host.post("/api/embed", &json!({"input": long})).await.json()["prompt_eval_count"], 128, "it is cut");
    let error = host.post("/api/embed", &json!({"input": long, "truncate": false})).await.ollama_error(400);
    assert!(error.contains("200 tokens"), "{error}");
    host.post("/api/embed", &json!({"model": "scripted", "input": "a"})).await.ollama_error(400);
    host.post("/api/embed", &json!({"input": "a", "dimensions": 3})).await.ollama_error(400);
    host.post("/api/embed", &json!({"input": {}})).await.ollama_error(400);
    host.world.embedder.set_missing(true);
    host.post("/api/embed", &json!({"input": "a"})).await.ollama_error(404);
    host.stop().await;
}
