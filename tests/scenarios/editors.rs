//! Editors, with the real language server in front of the real host.

use std::path::{Path, PathBuf};

use ambit_tests::{Ambit, binary_named, clients_folder, files_that_hold, shown};

use crate::language_models::{installation, model};

const CODE: &str = "\
/// Renews a certificate for some days. Tells whether the authority agreed.
pub fn renew_certificate(days: u32) -> bool {
    days > 0
}

pub fn once_a_month() {
    renew_certificate(30);
}
";

const NOTES: &str = "\
# Certificates

The certificate of the server is renewed once a month by renew_certificate, which asks the authority for thirty days.
";

/// The clients are those of VS Code, Neovim and Emacs by what they say they can do. The language server starts the host.
#[test]
fn real_clients_use_the_language_server() {
    let ambit = Ambit::new();
    ambit.write("src/lib.rs", CODE);
    ambit.write("README.md", NOTES);
    ambit.index();
    ambit.text(&["stop"]);
    use_language_server(&ambit, &[]);
    suggestions_are_counted_and_forgotten(&ambit);
}

/// Runs the clients.
fn use_language_server(ambit: &Ambit, arguments: &[&str]) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("clients/language_client.py");
    let mut python = ambit.program("python3");
    python.arg(script).arg(binary_named("ambit-lsp")).arg(ambit.files()).args(arguments);
    python.env("PYTHONPATH", clients_folder()).env("PYTHONDONTWRITEBYTECODE", "1");
    let output = python.output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
}

/// Each of the three editors took a suggestion.
fn suggestions_are_counted_and_forgotten(ambit: &Ambit) {
    let stats = ambit.json(&["completion", "stats"]);
    assert!(stats["total"]["accepted"].as_u64().unwrap() >= 3 && stats["is_prior"] == true, "{stats}");
    assert_eq!(stats["languages"][0]["language"], "rust", "{stats}");
    let told = ambit.text(&["completion", "stats"]);
    assert!(told.contains("accepted") && told.contains("Nothing was learnt yet"), "{told}");
    assert_eq!(files_that_hold(&ambit.data(), "measure(input)"), Vec::<PathBuf>::new(), "what was typed is on disk");

    let unasked = ambit.run(&["completion", "reset"]);
    assert!(!unasked.status.success() && shown(&unasked).contains("--yes"), "{}", shown(&unasked));
    assert_eq!(ambit.json(&["completion", "reset", "--yes"])["reset"], true);
    let stats = ambit.json(&["completion", "stats"]);
    assert_eq!((&stats["total"]["shown"], stats["languages"].as_array().unwrap().len()), (&0.into(), 0), "{stats}");
    let audit = ambit.text(&["audit"]);
    assert!(audit.contains("completion.reset"), "{audit}");
}

/// A model of this machine, which writes nonsense, by the engine's worker.
#[test]
fn a_model_of_this_machine_goes_on_in_an_editor() {
    let (_models, ambit) = installation();
    ambit.run(&["models", "import", "small", &model()]);
    ambit.text(&["settings", "set", "completion.model", "small"]);
    use_language_server(&ambit, &["model"]);
    let audit = ambit.json(&["audit"]).to_string();
    assert!(audit.contains("editor.complete"), "{audit}");
}
