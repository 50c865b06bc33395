//! A language model that the user brought: import, ask, and what happens when its worker dies.

use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use ambit_tests::{Ambit, children, clients_folder, eventually, kill, model_folder, shown};

/// The model of `crates/xtask/fixtures/language_model.py`, which writes nonsense.
pub(crate) fn model() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures/language_model.gguf");
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// An installation whose models' folder is its own.
pub(crate) fn installation() -> (tempfile::TempDir, Ambit) {
    let models = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap())]);
    (models, ambit)
}

#[test]
fn a_model_is_imported_answers_and_is_removed() {
    let (models, ambit) = installation();
    ambit
        .write("ships.md", "# Ships\n\nThe harbour master writes down every ship that enters the harbour of Lisbon.\n");
    let without = ambit.json(&["models", "list"]);
    assert_eq!(without["models"].as_array().unwrap().len(), 1, "{without}");

    let imported = ambit.run(&["models", "import", "small", &model()]);
    assert!(imported.status.success(), "{}", shown(&imported));
    let listed = ambit.json(&["models", "list"]);
    let small = listed["models"].as_array().unwrap().iter().find(|listed| listed["id"] == "small").unwrap().clone();
    assert_eq!((small["role"].as_str(), small["active"].as_bool()), (Some("language"), Some(true)), "{small}");
    assert!(models.path().join("small/model.gguf").exists());

    // Without an encoder, keywords find the passage; the model writes the answer.
    let files = ambit.files();
    ambit.run(&["index", "add", files.to_str().unwrap()]);
    let answer = ambit.run(&["--json", "ask", "harbour master Lisbon ship"]);
    assert!(answer.status.success(), "{}", shown(&answer));
    let text = String::from_utf8(answer.stdout).unwrap();
    let last: serde_json::Value = text.lines().filter_map(|line| serde_json::from_str(line).ok()).next_back().unwrap();
    assert!(last.to_string().contains("\"small\""), "the answer does not name its model: {last}");
    assert_eq!(ambit.json(&["status"])["language_model"], "small");

    let settings = ambit.run(&["settings", "set", "models.language", "other"]);
    assert!(settings.status.success(), "{}", shown(&settings));
    assert!(ambit.json(&["status"])["language_model"].is_null(), "a model that is not there does not answer");
    ambit.text(&["settings", "set", "models.language", "small"]);
    assert_eq!(ambit.json(&["status"])["language_model"], "small");

    ambit.text(&["models", "remove", "small"]);
    assert!(!models.path().join("small").exists());
    assert!(ambit.json(&["status"])["language_model"].is_null());
}

#[test]
fn what_is_no_model_is_refused_and_leaves_nothing() {
    let (models, ambit) = installation();
    let junk = ambit.write("junk.gguf", "no model at all");
    for (name, path, told) in [
        ("small", junk.to_str().unwrap(), "damaged"),
        ("small", "/does/not/exist.gguf", "exist"),
        ("../small", model().as_str(), "cannot be the name"),
        (".small", model().as_str(), "cannot be the name"),
    ] {
        let output = ambit.run(&["models", "import", name, path]);
        assert!(!output.status.success(), "{name} from {path} was taken");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(said.contains(told), "{name} from {path}: {said}");
    }
    let left: Vec<_> = std::fs::read_dir(models.path()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn clients_of_openai_ollama_and_llm_use_the_models() {
    let (models, ambit) = installation();
    let embedder = models.path().join("all-MiniLM-L6-v2");
    std::fs::create_dir(&embedder).unwrap();
    for file in ["config.json", "tokenizer.json", "model.safetensors"] {
        std::fs::copy(model_folder().join(file), embedder.join(file)).unwrap();
    }
    let mut host = ambit.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut host = host.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(found) = line.split("http://").nth(1) {
            break found.trim_end_matches('/').to_owned();
        }
    };
    ambit.text(&["models", "import", "small", &model()]);
    let token = ambit.text(&["token", "create", "clients", "--scope", "chat", "--scope", "read"]);
    for (script, base) in [
        ("openai_client.py", format!("http://{address}/v1")),
        ("ollama_client.py", format!("http://{address}")),
        ("llm_client.py", format!("http://{address}/v1")),
    ] {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients").join(script);
        let mut python = Command::new("python3");
        python.arg(&script).args([base.as_str(), token.trim(), "small"]);
        python.env("PYTHONPATH", clients_folder()).env("PYTHONDONTWRITEBYTECODE", "1");
        let output = python.output().unwrap();
        assert!(output.status.success(), "{}: {}", script.display(), shown(&output));
    }
    ambit.text(&["stop"]);
    assert!(host.wait().unwrap().success());
}

#[test]
fn a_worker_that_dies_while_it_writes_costs_one_text() {
    let (_models, ambit) = installation();
    ambit.text(&["models", "import", "small", &model()]);
    let socket = ambit.data().join("run/host.sock");
    let mut long = completion(&socket, 4000);
    let mut long = long.stdout(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(long.stdout.take().unwrap()).lines();
    assert!(lines.next().unwrap().unwrap().starts_with("data:"), "it has begun to write");
    let host = ambit.host().unwrap();
    let workers = children(host);
    workers.iter().for_each(|worker| kill(*worker));
    let rest: Vec<String> = lines.map_while(Result::ok).collect();
    let told = rest.iter().find(|line| line.contains("error")).unwrap_or_else(|| panic!("no error in {rest:?}"));
    assert!(told.contains("engine worker ended"), "{told}");
    long.wait().unwrap();

    let next = completion(&socket, 5).output().unwrap();
    let next = String::from_utf8(next.stdout).unwrap();
    assert!(next.contains("[DONE]") && !next.contains("error"), "the next one works: {next}");
    assert!(!children(host).is_empty() && children(host) != workers, "the worker is another one");
}

/// Asks the host for a text in pieces.
fn completion(socket: &Path, tokens: u32) -> Command {
    let mut curl = Command::new("curl");
    curl.args(["-sN", "--unix-socket"]).arg(socket).args(["http://localhost/v1/completions", "--json"]);
    curl.arg(format!(r#"{{"model": "small", "prompt": "on and on", "max_tokens": {tokens}, "stream": true}}"#));
    curl
}

#[test]
fn it_is_told_what_models_hold_of_the_memory_and_what_they_may() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().to_str().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", folder), ("AMBIT_INFERENCE_MEMORY_MEGABYTES", "1")]);
    let memory = || ambit.json(&["status"])["memory"].clone();
    let before = memory();
    assert_eq!(
        (before["limit"].as_u64(), before["models"].as_array().map(Vec::len)),
        (Some(1 << 20), Some(0)),
        "{before}"
    );
    #[cfg(target_os = "linux")]
    assert!(before["host"].as_u64() > Some(1 << 20) && before["worker"].is_null(), "{before}");

    ambit.text(&["models", "import", "small", &model()]);
    ambit.write("ships.md", "# Ships\n\nThe harbour master writes down every ship.\n");
    ambit.text(&["index", "add", ambit.files().to_str().unwrap(), "--wait"]);
    ambit.text(&["ask", "harbour master ship"]);
    let file = std::fs::metadata(models.path().join("small/model.gguf")).unwrap().len();
    // It is told once the worker has nothing to do any more.
    let rests = || memory()["models"][0]["state"] == "resting";
    eventually("the model rests", Duration::from_secs(10), rests);
    let after = memory();
    let small = &after["models"][0];
    assert_eq!((small["model"].as_str(), small["role"].as_str()), (Some("small"), Some("language")), "{after}");
    assert_eq!((small["state"].as_str(), small["on_gpu"].as_bool()), (Some("resting"), Some(false)), "{after}");
    let weights = small["weights"].as_u64().unwrap();
    assert!(weights > file / 2 && weights < 2 * file, "{weights} of {file}");
    assert!(small["texts"].as_u64() > Some(0), "what it has read is kept for who begins alike: {after}");
    let told = ambit.text(&["status"]);
    assert!(told.contains("models may hold 1.0 MB") && told.contains("small rests"), "{told}");

    // What is larger than all models may be does not fit, however much is free.
    let listed = ambit.json(&["models", "list"]);
    let encoder = listed["models"].as_array().unwrap().iter().find(|listed| listed["role"] == "embedding").unwrap();
    assert_eq!(encoder["fit"]["verdict"], "wont-fit", "{encoder}");
}
