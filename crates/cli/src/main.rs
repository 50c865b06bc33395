//! The terminal's door to Ambit: the host, and the commands that talk to it.

mod arguments;
mod chat;
mod commands;
mod connection;
mod logging;
mod mentions;
mod output;
mod questions;
mod serve;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

use arguments::Arguments;
use connection::Unreachable;

/// How a command ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    NothingFound,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let is_json = arguments.json;
    match commands::run(arguments) {
        Ok(Outcome::Done) => ExitCode::SUCCESS,
        Ok(Outcome::NothingFound) => ExitCode::from(3),
        Err(error) => fail(&error, is_json),
    }
}

fn fail(error: &anyhow::Error, is_json: bool) -> ExitCode {
    let broken_pipe = |io: &std::io::Error| io.kind() == std::io::ErrorKind::BrokenPipe;
    if error.chain().filter_map(|cause| cause.downcast_ref()).any(broken_pipe) {
        // The reader has seen enough, as with `ambit … | head`.
        return ExitCode::SUCCESS;
    }
    let text = if is_json {
        format!("{}\n", serde_json::json!({ "error": format!("{error:#}"), "hint": hint(error) }))
    } else {
        explain(error)
    };
    // Nobody is left to tell when standard error is gone.
    std::io::stderr().write_all(output::printable(&text).as_bytes()).ok();
    if error.downcast_ref::<questions::Interrupted>().is_some() {
        return ExitCode::from(130);
    }
    if error.downcast_ref::<serve::AlreadyRunning>().is_some() {
        return ExitCode::from(ambit_client::ALREADY_RUNNING_EXIT_CODE);
    }
    if error.downcast_ref::<Unreachable>().is_some() { ExitCode::from(4) } else { ExitCode::FAILURE }
}

/// What went wrong and what to do about it, in lines.
fn explain(error: &anyhow::Error) -> String {
    let mut text = format!("error: {error:#}\n");
    if let Some(hint) = hint(error) {
        text.push_str(&format!("hint: {hint}\n"));
    }
    text
}

fn hint(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<ambit_client::Error>() {
            return error.hint().map(str::to_owned);
        }
        cause.downcast_ref::<ambit_protocol::domain::Error>()?.hint().map(str::to_owned)
    })
}
