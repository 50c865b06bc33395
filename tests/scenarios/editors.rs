//! Editors, with the real language server in front of the real host.

use std::path::Path;

use ambit_tests::{Ambit, binary_named, clients_folder, shown};

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
