//! `ambit-lsp`: Ambit in editors. A small process between an editor and the host, which has the models, the index and a mirror
//! of what is open in the editor. It is a language server, or, started as `ambit-lsp acp`, an agent.

mod acp;
mod actions;
mod commands;
mod completion;
mod convert;
mod copilot;
mod diagnosed;
mod edge;
mod heap;
mod host;
mod initialize;
mod inline;
mod knowledge;
mod known;
mod line;
mod mirror;
mod pages;
mod preferences;
mod process;
mod progress;
mod server;
mod signature;
mod synchronise;
mod text;
mod write;

use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use host::Host;
use line::Line;

const HELP: &str = "\
Ambit in editors. They start it, and speak with it over standard input and output.

Usage: ambit-lsp [--stdio] [--data-directory FOLDER]
       ambit-lsp acp [--data-directory FOLDER]

A language server, or, with `acp`, an agent that answers questions over the Agent Client Protocol.

      --stdio                  Speak over standard input and output; there is no other way
      --data-directory FOLDER  Where Ambit keeps everything [env: AMBIT_DATA_DIRECTORY]
  -h, --help                   Print help
  -V, --version                Print version
";

/// What the arguments ask for.
enum Wish {
    Serve(Door, Option<PathBuf>),
    Say(String),
    Complain(String),
}

/// What an editor takes this for.
#[derive(Clone, Copy)]
enum Door {
    LanguageServer,
    Agent,
}

fn main() -> ExitCode {
    match wish(std::env::args_os().skip(1)) {
        Wish::Serve(door, data_directory) => {
            heap::steady();
            serve(door, data_directory)
        }
        Wish::Say(text) => match write!(std::io::stdout(), "{text}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Wish::Complain(text) => fail(&format!("{text}\nhint: `ambit-lsp --help` lists the options"), 2),
    }
}

fn wish(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> Wish {
    let (mut door, mut data_directory) = (Door::LanguageServer, None);
    while let Some(argument) = arguments.next() {
        match argument.to_str() {
            Some("acp") => door = Door::Agent,
            Some("--stdio") => {}
            Some("-h" | "--help") => return Wish::Say(HELP.to_owned()),
            Some("-V" | "--version") => return Wish::Say(format!("ambit-lsp {}\n", env!("CARGO_PKG_VERSION"))),
            Some("--data-directory") => match arguments.next() {
                Some(folder) => data_directory = Some(folder.into()),
                None => return Wish::Complain("--data-directory needs a folder".to_owned()),
            },
            // Client libraries add options of their own, such as the process to watch, which the first request names as well.
            Some(other) if other.starts_with("--clientProcessId") => {}
            _ => return Wish::Complain(format!("unexpected argument `{}`", argument.to_string_lossy())),
        }
    }
    Wish::Serve(door, data_directory)
}

fn serve(door: Door, data_directory: Option<PathBuf>) -> ExitCode {
    let host = match Host::locate(data_directory) {
        Ok(host) => host,
        Err(error) => return fail(&error.to_string(), 1),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        // One reads, one writes.
        .max_blocking_threads(2)
        .thread_stack_size(256 << 10)
        .build();
    let runtime = match runtime {
        Ok(runtime) => runtime,
        Err(error) => return fail(&format!("the asynchronous runtime could not be started: {error}"), 1),
    };
    let code = match door {
        Door::LanguageServer => runtime.block_on(process::run(Arc::new(Line::new()), host)),
        Door::Agent => runtime.block_on(acp::run(host)),
    };
    // The thread that waits for more input would never be done.
    runtime.shutdown_background();
    code
}

fn fail(text: &str, code: u8) -> ExitCode {
    // Nobody is left to tell when standard error is gone.
    writeln!(std::io::stderr(), "error: {text}").ok();
    ExitCode::from(code)
}
