//! Encoders that the user brought: import, choose, index, search, and change to another.

use std::path::Path;
use std::process::Command;

use ambit_tests::{Ambit, shown};
use serde_json::{Value, json};

/// A model of `crates/xtask/fixtures/encoders.py`, which tells texts apart and nothing else.
fn encoder(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures/encoders").join(name);
    folder.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// What stands in the list of models about one of them.
fn listed(ambit: &Ambit, id: &str) -> Value {
    let list = ambit.json(&["models", "list"]);
    let mut models = list["models"].as_array().unwrap().iter();
    models.find(|model| model["id"] == id).unwrap_or_else(|| panic!("no {id} in {list}")).clone()
}

/// What the host answers to a client of OpenAI's API that names a model.
fn embedded(ambit: &Ambit, model: &str) -> Value {
    let mut curl = Command::new("curl");
    curl.args(["-s", "--unix-socket"]).arg(ambit.data().join("run/host.sock"));
    curl.args(["http://localhost/v1/embeddings", "--json"]);
    curl.arg(json!({ "model": model, "input": "the harbour master" }).to_string());
    let output = curl.output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {}", shown(&output)))
}

/// That the passages which are found have vectors of this encoder, of this length.
fn finds_with(ambit: &Ambit, id: &str, dimensions: usize) {
    ambit.text(&["index", "status", "--wait"]);
    let status = ambit.json(&["status"]);
    let model = status["embedder"]["model"].as_str().unwrap();
    assert!(model.starts_with(&format!("{id}@")) && status["embedder"]["ready"] == true, "{status}");
    assert_eq!(status["vectors"], 2, "{status}");
    let question = "The harbour master writes down every ship that enters the harbour of Lisbon.";
    let found = ambit.json(&["search", question]);
    let best = &found["passages"][0];
    assert!(best["path"].as_str().unwrap().ends_with("ships.md"), "{found}");
    assert!(best["scores"]["dense"].as_f64().unwrap() > 0.0, "the vectors took no part: {found}");
    let made = embedded(ambit, id);
    assert_eq!(made["data"][0]["embedding"].as_array().unwrap().len(), dimensions, "{made}");
    assert_eq!(made["model"], model);
}

#[test]
fn an_encoder_is_imported_chosen_and_changed() {
    let models = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap())]);
    ambit.write("ships.md", "The harbour master writes down every ship that enters the harbour of Lisbon.\n");
    ambit.write("plants.md", "Water tomatoes early in the morning, so that their leaves are dry by noon.\n");
    ambit.text(&["models", "import", "small", &encoder("multilingual_e5")]);
    let small = listed(&ambit, "small");
    assert_eq!((&small["role"], &small["active"]), (&json!("embedding"), &json!(false)), "{small}");
    let shown = ambit.json(&["models", "show", "small"]);
    assert_eq!(shown["origin"], json!({ "from": "local", "path": encoder("multilingual_e5") }));
    assert_eq!((&shown["fit"]["verdict"], &shown["language"]), (&json!("fits"), &Value::Null), "{shown}");
    let refused = embedded(&ambit, "small");
    assert!(refused["error"]["message"].as_str().unwrap().contains("not in use"), "{refused}");

    ambit.text(&["settings", "set", "models.embedder", "small"]);
    ambit.text(&["stop"]);
    assert_eq!(listed(&ambit, "small")["active"], true);
    ambit.index();
    finds_with(&ambit, "small", 32);

    // Another encoder, with vectors of another length: everything is embedded anew.
    ambit.text(&["models", "import", "other", &encoder("e5")]);
    ambit.text(&["settings", "set", "models.embedder", "other"]);
    ambit.text(&["stop"]);
    finds_with(&ambit, "other", 36);

    // One that is not there: words still find, and it is said what to do.
    ambit.text(&["settings", "set", "models.embedder", "nothing"]);
    ambit.text(&["stop"]);
    assert!(ambit.search("harbour master")[0].ends_with("ships.md"));
    let status = ambit.json(&["status"]);
    assert!(status["embedder"]["missing"].as_str().unwrap().contains("ambit models import nothing"), "{status}");
    ambit.text(&["models", "import", "nothing", &encoder("bge")]);
    let status = ambit.json(&["status"]);
    assert!(status["embedder"]["missing"].as_str().unwrap().contains("ambit stop"), "{status}");
    ambit.text(&["stop"]);
    finds_with(&ambit, "nothing", 32);

    // Those that are not in use can go, and nothing that was indexed goes with them.
    for id in ["small", "other"] {
        ambit.text(&["models", "remove", id]);
        assert!(!models.path().join(id).exists(), "the files of {id} stay");
        assert!(!ambit.run(&["models", "show", id]).status.success(), "{id} is still shown");
    }
    finds_with(&ambit, "nothing", 32);
}

#[test]
fn a_folder_that_holds_no_usable_encoder_is_refused_and_leaves_nothing() {
    let models = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap())]);
    for (name, file, content, told) in [
        (
            "dense",
            "modules.json",
            r#"[{"type": "m.Transformer"}, {"type": "m.Pooling", "path": "p"}, {"type": "m.Dense"}]"#,
            "Dense",
        ),
        ("pooled", "1_Pooling/config.json", r#"{"pooling_mode_weightedmean_tokens": true}"#, "weightedmean"),
        ("kind", "config.json", r#"{"model_type": "mpnet"}"#, "mpnet"),
        ("cut", "model.safetensors", "no weights", "damaged"),
    ] {
        let folder = ambit.files().join(name);
        let copied = Command::new("cp").arg("-r").arg(encoder("bge")).arg(&folder).status().unwrap();
        assert!(copied.success());
        std::fs::write(folder.join(file), content).unwrap();
        let output = ambit.run(&["models", "import", name, folder.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(told), "{name}: {said}");
    }
    assert_eq!(std::fs::read_dir(models.path()).unwrap().count(), 0);
}
