//! The agent for editors. It is part of `ambit-lsp`: what its protocol brings along stays out of the host.

use std::io::ErrorKind;
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::Command;

use ambit_protocol::domain::Error;
use anyhow::{Context as _, Result};

use crate::Outcome;
use crate::connection::{Place, domain};

/// The program that speaks with editors.
const PROGRAM: &str = "ambit-lsp";

/// Becomes that program, so that the editor has one process to speak with and to end. Returns only when that failed.
#[expect(clippy::disallowed_methods, reason = "no other process: this one goes on as another program")]
pub(super) fn run(place: &Place) -> Result<Outcome> {
    let beside = std::env::current_exe().ok().map(|this| this.with_file_name(PROGRAM));
    let program = beside.filter(|path| path.is_file()).unwrap_or_else(|| PathBuf::from(PROGRAM));
    let mut command = Command::new(&program);
    command.arg("acp").arg("--data-directory").arg(place.directory.path());
    let installation = place.installation();
    if installation.is_file_named {
        // For the host, where it starts one.
        command.env("AMBIT_SETTINGS_FILE", installation.settings_file);
    }
    let error = command.exec();
    if error.kind() == ErrorKind::NotFound {
        let missing = Error::not_found(format!("`{PROGRAM}` is neither beside this program nor on PATH"));
        return Err(domain(missing.with_hint("install it: `make install` puts both into one folder")));
    }
    Err(error).with_context(|| format!("{} cannot be run", program.display()))
}
