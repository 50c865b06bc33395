//! `ambit-native-host`: Ambit in browsers. A small process that a browser starts for the extension and speaks with over standard
//! input and output; it hands requests on to the host, as the surface `browser`, which may read, ask and save, and manages nothing.

mod caller;
mod frames;
mod messages;
mod session;
#[cfg(test)]
mod untrusted;

use std::io::Write;
use std::process::ExitCode;

use ambit_client::ConnectOptions;
use tokio::io::{stdin, stdout};

const HELP: &str = "\
Ambit in browsers. They start it for the extension, and speak with it over standard input and output.

Usage: ambit-native-host chrome-extension://ID/
       ambit-native-host MANIFEST ID

`ambit browser install` tells browsers where it is.

  -h, --help     Print help
  -V, --version  Print version
";

/// What the arguments ask for.
enum Wish {
    Serve,
    Say(String),
    Complain(String),
}

fn main() -> ExitCode {
    let arguments: Vec<String> =
        std::env::args_os().skip(1).map(|argument| argument.to_string_lossy().into_owned()).collect();
    match wish(&arguments) {
        Wish::Serve => serve(),
        Wish::Say(text) => match write!(std::io::stdout(), "{text}") {
            Ok(()) => ExitCode::SUCCESS,
            Err(_) => ExitCode::FAILURE,
        },
        Wish::Complain(text) => fail(&text, 2),
    }
}

fn wish(arguments: &[String]) -> Wish {
    match arguments.first().map(String::as_str) {
        Some("-h" | "--help") => Wish::Say(HELP.to_owned()),
        Some("-V" | "--version") => Wish::Say(format!("ambit-native-host {}\n", env!("CARGO_PKG_VERSION"))),
        None => Wish::Complain(
            "this is for browsers, which start it for Ambit's extension\nhint: `ambit browser install` tells them where it is"
                .to_owned(),
        ),
        Some(_) => match caller::check(arguments) {
            Ok(()) => Wish::Serve,
            Err(named) => Wish::Complain(format!(
                "`{named}` is not Ambit's extension\nhint: only that one may speak with Ambit through this program"
            )),
        },
    }
}

fn serve() -> ExitCode {
    let options = match ConnectOptions::locate(None, env!("CARGO_PKG_VERSION")) {
        Ok(options) => options.surface("browser"),
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
    let ended = runtime.block_on(session::run(stdin(), stdout(), options));
    // The thread that waits for more input would never be done.
    runtime.shutdown_background();
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => fail(&error.to_string(), 1),
    }
}

fn fail(text: &str, code: u8) -> ExitCode {
    // Nobody is left to tell when standard error is gone.
    writeln!(std::io::stderr(), "error: {text}").ok();
    ExitCode::from(code)
}
