//! A language model that the user brought: import, ask, and what happens when its worker dies.

use std::path::Path;

use ambit_tests::{Ambit, shown};

/// The model of `crates/xtask/fixtures/language_model.py`, which writes nonsense.
fn model() -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures/language_model.gguf");
    path.canonicalize().unwrap().to_str().unwrap().to_owned()
}

/// An installation whose models' folder is its own.
fn installation() -> (tempfile::TempDir, Ambit) {
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
    assert!(models.path().join("small/language_model.gguf").exists());

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
