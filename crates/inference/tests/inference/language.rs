//! Language models in the worker, on the small model of `crates/xtask/fixtures/language_model.py`.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ambit_domain::port::{GenerationPriority, Prompt};
use ambit_domain::{Constraint, ErrorCode, FinishReason, Message, Role, SamplingOptions, Tool, ToolChoice, Tools};
use ambit_inference::wire::{ModelState, Request, Response};
use ambit_inference::{DeviceChoice, LanguageModelFacts, WorkerOptions};

use crate::worker::Host;

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/language_model.gguf")
}

/// A folder with the model in it.
fn model() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(fixture(), folder.path().join("model.gguf")).unwrap();
    folder
}

fn text(id: u64, folder: &Path, text: &str, most: u32) -> Request {
    Request::Generate {
        id,
        folder: folder.to_path_buf(),
        device: DeviceChoice::Cpu,
        prompt: Prompt::Text(text.to_owned()),
        sampling: SamplingOptions { max_tokens: most, ..SamplingOptions::default() },
        priority: GenerationPriority::Chat,
        tools: Tools::default(),
        draft: None,
        now: "2026-11-26T09:30:00".to_owned(),
    }
}

/// What a worker says until a request is over: its text, and its last answer.
fn written(host: &mut Host, wanted: u64) -> (String, Response) {
    let mut text = String::new();
    loop {
        match host.receive() {
            Response::Written { id, text: more } if id == wanted => text.push_str(&more),
            Response::Written { .. } => {}
            end => return (text, end),
        }
    }
}

#[test]
fn a_model_tells_what_it_is_without_being_loaded() {
    let facts = LanguageModelFacts::read(model().path()).unwrap();
    assert_eq!((facts.architecture.as_str(), facts.context_tokens), ("qwen2", 4096));
    assert!(facts.bytes > 100_000 && facts.bytes < 200_000, "{facts:?}");
    assert_eq!((facts.layers, facts.quantisation.as_str(), facts.parts), (2, "Q8_0", 1));
    assert!(facts.has_chat_template && facts.license.is_none(), "{facts:?}");
    // 8 bits and a share of a scale of 16 for each; norms and biases have more.
    assert!(facts.parameters * 17 / 16 <= facts.bytes && facts.parameters * 10 / 8 > facts.bytes, "{facts:?}");
    assert_eq!(LanguageModelFacts::read(&fixture()).unwrap(), facts, "the file alone will do");
}

#[test]
fn the_worker_writes_the_same_on_a_gpu_that_a_program_imitates() {
    let folder = model();
    let mut host = Host::start();
    // More than a pass of few rows, and several texts at once.
    let question = "The model goes on with this. ".repeat(20);
    host.send(&text(1, folder.path(), &question, 12));
    let (on_processor, end) = written(&mut host, 1);
    assert!(matches!(end, Response::Generated { completion_tokens: 12, .. }), "{end:?}");
    host.end().0.unwrap();

    let mut host = Host::start();
    for id in [1, 2] {
        let mut request = text(id, folder.path(), &question, 12);
        if let Request::Generate { device, .. } = &mut request {
            *device = DeviceChoice::SoftwareGpu;
        }
        host.send(&request);
        let (on_gpu, end) = written(&mut host, id);
        assert!(matches!(end, Response::Generated { completion_tokens: 12, .. }), "{end:?}");
        assert_eq!(on_gpu, on_processor, "text {id}");
    }
    host.end().0.unwrap();
}

#[test]
fn a_text_is_written_piece_by_piece_and_comes_again() {
    let folder = model();
    let mut host = Host::start();
    host.send(&text(1, folder.path(), "The model goes on with this", 40));
    let (first, end) = written(&mut host, 1);
    let Response::Generated { id: 1, reason: FinishReason::Length, prompt_tokens, completion_tokens: 40, .. } = end
    else {
        panic!("{end:?}")
    };
    assert!(prompt_tokens > 3 && !first.is_empty(), "{prompt_tokens} tokens, {first:?}");
    host.send(&text(2, folder.path(), "The model goes on with this", 40));
    assert_eq!(written(&mut host, 2).0, first);
    host.end().0.unwrap();
}

#[test]
fn what_a_model_holds_is_told_when_it_comes_and_when_it_rests() {
    let folder = model();
    let mut host = Host::start();
    host.send(&text(1, folder.path(), "The model goes on with this", 40));
    written(&mut host, 1);
    let [told] = host.memory.models.as_slice() else { panic!("{:?}", host.memory) };
    let size = std::fs::metadata(folder.path().join("model.gguf")).unwrap().len();
    assert_eq!((told.folder.as_path(), told.state), (folder.path(), ModelState::Working));
    assert!(told.weights > size / 2 && told.weights < 2 * size, "{} of {size}", told.weights);
    let rest = loop {
        match host.next() {
            Response::Memory(told) if told.models[0].state == ModelState::Resting => break told,
            Response::Memory(_) => {}
            other => panic!("{other:?}"),
        }
    };
    assert!(rest.models[0].texts > 0, "what it has read is kept for texts that begin alike: {rest:?}");
    host.end().0.unwrap();
}

#[test]
fn conversations_and_gaps_are_put_as_the_model_knows_them() {
    let folder = model();
    let mut host = Host::start();
    let message = |role, text: &str| Message::new(role, text);
    let Request::Generate { folder: path, sampling, priority, tools, now, .. } = text(1, folder.path(), "", 10) else {
        unreachable!()
    };
    let ask = |id, prompt| Request::Generate {
        id,
        folder: path.clone(),
        device: DeviceChoice::Cpu,
        prompt,
        sampling: sampling.clone(),
        priority,
        tools: tools.clone(),
        draft: None,
        now: now.clone(),
    };
    let conversation = vec![message(Role::System, "Be brief."), message(Role::User, "Who are you?")];
    host.send(&ask(1, Prompt::Conversation(conversation)));
    let (_, end) = written(&mut host, 1);
    // The frames of three messages, the last of which the model is to write, and what is said.
    assert!(matches!(end, Response::Generated { prompt_tokens: 15.., .. }), "{end:?}");
    // Text that looks like a control token stays text, which takes more tokens.
    host.send(&ask(2, Prompt::Text("<|im_end|>".to_owned())));
    let (_, end) = written(&mut host, 2);
    assert!(matches!(end, Response::Generated { prompt_tokens: 2.., .. }), "{end:?}");
    host.send(&ask(3, Prompt::Gap { before: "fn main".to_owned(), after: "}".to_owned() }));
    let (_, end) = written(&mut host, 3);
    let Response::Failed { id: Some(3), code: ErrorCode::Unsupported, message, hint } = end else { panic!("{end:?}") };
    assert!(message.contains("gap") && hint.is_some(), "{message}");
    host.end().0.unwrap();
}

#[test]
fn several_texts_are_written_at_once_and_a_cancelled_one_stops() {
    let folder = model();
    let mut host = Host::start();
    host.send(&text(1, folder.path(), "first", 30));
    let alone = written(&mut host, 1).0;
    for id in 10..20 {
        host.send(&text(id, folder.path(), "first", if id == 15 { 4000 } else { 30 }));
    }
    let (mut texts, mut ended, mut cancelled) = (vec![String::new(); 20], 0, None);
    while ended < 10 {
        match host.receive() {
            Response::Written { id, text } => texts[usize::try_from(id).unwrap()].push_str(&text),
            Response::Generated { id, .. } => {
                assert_ne!(id, 15, "4000 tokens cannot be the first");
                ended += 1;
                if ended == 9 {
                    host.send(&Request::Cancel { id: 15 });
                    cancelled = Some(Instant::now());
                }
            }
            Response::Failed { id: Some(15), code: ErrorCode::Cancelled, .. } => ended += 1,
            other => panic!("{other:?}"),
        }
    }
    assert!(
        cancelled.unwrap().elapsed() < Duration::from_millis(500),
        "{:?} until it stopped",
        cancelled.unwrap().elapsed()
    );
    for id in (10..20).filter(|id| *id != 15) {
        assert_eq!(texts[id], alone, "text {id}");
    }
    assert!(texts[15].starts_with(&alone), "a longer text begins like a shorter one");
    host.end().0.unwrap();
}

#[test]
fn a_model_that_is_no_model_costs_one_request() {
    let (empty, damaged, good) = (tempfile::tempdir().unwrap(), model(), model());
    let bytes = std::fs::read(fixture()).unwrap();
    std::fs::write(damaged.path().join("model.gguf"), &bytes[..bytes.len() / 2]).unwrap();
    let mut host = Host::start();
    for (id, folder, wanted) in [(1, empty.path(), ErrorCode::ModelMissing), (2, damaged.path(), ErrorCode::Corrupt)] {
        host.send(&text(id, folder, "anything", 5));
        let (_, end) = written(&mut host, id);
        let Response::Failed { id: Some(_), code, message, .. } = end else { panic!("{end:?}") };
        assert_eq!(code, wanted, "{message}");
    }
    host.send(&text(3, good.path(), "anything", 5));
    assert!(matches!(written(&mut host, 3).1, Response::Generated { completion_tokens: 5, .. }));
    host.send(&text(4, good.path(), &"a ".repeat(20_000), 5));
    let (_, end) = written(&mut host, 4);
    let Response::Failed { code: ErrorCode::TooLarge, message, .. } = end else { panic!("{end:?}") };
    assert!(message.contains("4096"), "{message}");
    host.end().0.unwrap();
}

/// A conversation with tools.
fn with_tools(id: u64, folder: &Path, choice: ToolChoice) -> Request {
    let Request::Generate { folder, sampling, priority, now, .. } = text(id, folder, "", 800) else { unreachable!() };
    let parameters = r##"{"type": "object", "properties": {"city": {"$ref": "#/$defs/city"}, "days": {"type": "integer",
        "minimum": 1, "maximum": 9}}, "required": ["city", "days"], "additionalProperties": false,
        "$defs": {"city": {"enum": ["Graz", "Wien"]}}}"##;
    let tool = |name: &str| Tool { name: name.to_owned(), description: None, parameters: parameters.to_owned() };
    let tools = Tools { offered: vec![tool("weather"), tool("traffic")], choice };
    let prompt = Prompt::Conversation(vec![Message::new(Role::User, "What is the weather?")]);
    Request::Generate { id, folder, device: DeviceChoice::Cpu, prompt, sampling, priority, tools, draft: None, now }
}

#[test]
fn a_tool_that_must_be_called_is_called() {
    let folder = model();
    let mut host = Host::start();
    for (id, choice) in [(1, ToolChoice::Required), (2, ToolChoice::Named("traffic".to_owned()))] {
        host.send(&with_tools(id, folder.path(), choice.clone()));
        let mut calls = Vec::new();
        let end = loop {
            match host.receive() {
                Response::Called { call, .. } => calls.push(call),
                Response::Written { text, .. } => panic!("a call is no text: {text}"),
                end => break end,
            }
        };
        assert!(matches!(end, Response::Generated { reason: FinishReason::Stop, .. }), "{end:?}");
        let [call] = calls.as_slice() else { panic!("{calls:?}") };
        let arguments: serde_json::Value = serde_json::from_str(&call.arguments).unwrap();
        assert!(arguments["city"] == "Graz" || arguments["city"] == "Wien", "{arguments}");
        assert!((1..=9).contains(&arguments["days"].as_u64().unwrap()), "{arguments}");
        assert!(choice == ToolChoice::Required || call.name == "traffic", "{call:?}");
        assert_eq!(call.id.len(), 9);
    }
    // One that need not be called is offered in the prompt all the same.
    host.send(&with_tools(3, folder.path(), ToolChoice::Auto));
    let (_, end) = written(&mut host, 3);
    assert!(matches!(end, Response::Generated { prompt_tokens: 150.., .. }), "{end:?}");
    host.end().0.unwrap();
}

#[test]
fn tools_that_the_model_does_not_know_and_forms_without_sense_are_refused() {
    let (folder, ignorant) = (model(), model());
    // The same model, whose template has another word for tools.
    let mut bytes = std::fs::read(fixture()).unwrap();
    for place in 0..bytes.len() - 5 {
        if &bytes[place..place + 5] == b"tools" {
            bytes[place..place + 5].copy_from_slice(b"stool");
        }
    }
    std::fs::write(ignorant.path().join("model.gguf"), &bytes).unwrap();
    let mut host = Host::start();
    host.send(&with_tools(1, ignorant.path(), ToolChoice::Auto));
    let (_, end) = written(&mut host, 1);
    let Response::Failed { code: ErrorCode::Unsupported, message, hint, .. } = end else { panic!("{end:?}") };
    assert!(message.contains("tools are not supported by this model") && hint.is_some(), "{message}");
    let mut wrong = text(2, folder.path(), "a", 5);
    if let Request::Generate { sampling, .. } = &mut wrong {
        sampling.constraint = Some(Constraint::JsonSchema("{\"type\": \"objekt\"}".to_owned()));
    }
    host.send(&wrong);
    let (_, end) = written(&mut host, 2);
    let Response::Failed { code: ErrorCode::InvalidInput, message, .. } = end else { panic!("{end:?}") };
    assert!(message.contains("objekt"), "{message}");
    host.send(&text(3, folder.path(), "anything", 5));
    assert!(matches!(written(&mut host, 3).1, Response::Generated { completion_tokens: 5, .. }), "the worker lives on");
    host.end().0.unwrap();
}

/// Tokens of the prompt that had been read before, and what was written.
fn known(host: &mut Host, id: u64, folder: &Path) -> (u32, String) {
    known_on(host, id, folder, DeviceChoice::Cpu)
}

fn known_on(host: &mut Host, id: u64, folder: &Path, on: DeviceChoice) -> (u32, String) {
    let prompt = "A harbour is a place on the coast where ships and boats may lie at anchor. ".repeat(4);
    let mut request = text(id, folder, &prompt, 12);
    if let Request::Generate { device, .. } = &mut request {
        *device = on;
    }
    host.send(&request);
    let (text, Response::Generated { known_tokens, .. }) = written(host, id) else { panic!("it must be written") };
    (known_tokens, text)
}

#[test]
fn what_was_read_is_known_after_a_restart_until_it_is_forgotten() {
    let (folder, cache) = (model(), tempfile::tempdir().unwrap());
    let prefixes = cache.path().join("prefixes");
    let start =
        || Host::with(WorkerOptions { prefixes: Some((prefixes.clone(), 1 << 24)), ..WorkerOptions::default() });
    let mut host = start();
    let (nothing, first) = known(&mut host, 1, folder.path());
    let (tokens, again) = known(&mut host, 2, folder.path());
    assert_eq!((nothing, &again), (0, &first));
    assert!(tokens > 32, "{tokens} tokens are known");
    host.end().0.unwrap();

    let mut host = start();
    assert_eq!(known(&mut host, 1, folder.path()), (tokens / 32 * 32, first.clone()), "whole pages are on the disk");
    host.send(&Request::Forget { id: 2 });
    assert_eq!(host.receive(), Response::Forgotten { id: 2 });
    assert_eq!(std::fs::read_dir(&prefixes).unwrap().count(), 0);
    assert_eq!(known(&mut host, 3, folder.path()), (0, first));
    host.end().0.unwrap();
    assert!(std::fs::read_dir(&prefixes).unwrap().count() > 0, "what was read afterwards is kept again");
}

#[test]
fn what_is_in_memory_alone_is_forgotten_too_on_the_gpu_as_well() {
    let folder = model();
    for device in [DeviceChoice::Cpu, DeviceChoice::SoftwareGpu] {
        let mut host = Host::start();
        let (nothing, first) = known_on(&mut host, 1, folder.path(), device);
        assert!(nothing == 0 && known_on(&mut host, 2, folder.path(), device).0 > 32, "{device:?}");
        host.send(&Request::Forget { id: 3 });
        assert_eq!(host.receive(), Response::Forgotten { id: 3 }, "{device:?}");
        assert_eq!(known_on(&mut host, 4, folder.path(), device), (0, first), "{device:?}: it is read anew");
        host.end().0.unwrap();
    }
}

#[test]
fn a_model_in_the_place_of_another_answers_from_then_on() {
    let (folder, other) = (model(), model());
    // The same model of the same size, whose template has another word for tools.
    let path = other.path().join("model.gguf");
    let mut bytes = std::fs::read(&path).unwrap();
    for place in 0..bytes.len() - 5 {
        if &bytes[place..place + 5] == b"tools" {
            bytes[place..place + 5].copy_from_slice(b"stool");
        }
    }
    std::fs::write(&path, &bytes).unwrap();
    let mut host = Host::start();
    host.send(&with_tools(1, folder.path(), ToolChoice::Required));
    let end = loop {
        match host.receive() {
            Response::Called { .. } => {}
            end => break end,
        }
    };
    assert!(matches!(end, Response::Generated { .. }), "{end:?}");
    // As a model is installed: the old folder goes, and the new one comes under its name.
    let moved = tempfile::tempdir().unwrap();
    std::fs::rename(folder.path(), moved.path().join("old")).unwrap();
    std::fs::rename(other.path(), folder.path()).unwrap();
    host.send(&with_tools(2, folder.path(), ToolChoice::Required));
    let (_, end) = written(&mut host, 2);
    assert!(matches!(end, Response::Failed { code: ErrorCode::Unsupported, .. }), "the old one answers: {end:?}");
    host.end().0.unwrap();
}
