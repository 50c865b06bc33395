//! The desktop app: Ambit in the tray, in a window, and in a launcher above any program. It is a surface like any other: the
//! host is a process of its own, which the app starts when none runs and ends when it is quit.
// On Windows a program with windows must not bring a terminal along.
#![cfg_attr(windows, windows_subsystem = "windows")]

mod app;
mod autostart;
mod bridge;
#[cfg(target_os = "linux")]
mod desktop_search;
mod folder;
mod follow;
mod host;
mod instance;
mod link;
mod notification;
mod page;
#[cfg(target_os = "macos")]
mod script;
mod selection;
mod shell;
mod shortcut;
mod tray;
mod windows;
mod words;

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Mutex;

use ambit_settings::DataDirectory;
use anyhow::{Context, Result};
use clap::Parser;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use instance::{OnlyOne, Wish};
use link::Link;

/// Ambit on the desktop: in the tray, in a window, and in a launcher above any program.
///
/// When it runs already, it shows itself.
#[derive(Debug, Parser)]
#[command(name = "ambit-desktop", version)]
struct Arguments {
    /// Start in the tray, without a window.
    #[arg(long, conflicts_with = "launcher")]
    hidden: bool,
    /// Show the launcher: for a shortcut of your desktop's own.
    #[arg(long)]
    launcher: bool,
    /// End the app that runs, with its host.
    #[arg(long, conflicts_with_all = ["hidden", "launcher"])]
    quit: bool,
    /// Answer what is searched for on the desktop, without a window: the desktop's bus starts this, and it ends by itself.
    #[cfg(target_os = "linux")]
    #[arg(long, conflicts_with_all = ["hidden", "launcher", "quit", "link"])]
    answer_searches: bool,
    /// Show where an `ambit://` link leads.
    #[arg(value_name = "LINK", conflicts_with_all = ["hidden", "launcher", "quit"])]
    link: Option<Link>,
    /// Where Ambit keeps everything; your platform's data folder when not given.
    #[arg(long, env = "AMBIT_DATA_DIRECTORY", value_name = "FOLDER")]
    data_directory: Option<PathBuf>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tracing::error!("{error:#}");
            // Nobody is left to tell when standard error is gone.
            writeln!(std::io::stderr(), "error: {error:#}").ok();
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: Arguments) -> Result<()> {
    let data_directory = arguments.data_directory.clone();
    #[cfg(target_os = "linux")]
    let answers_searches = arguments.answer_searches;
    let wish = match arguments {
        Arguments { launcher: true, .. } => Wish::Launcher,
        Arguments { hidden: true, .. } => Wish::Hidden,
        Arguments { quit: true, .. } => Wish::Quit,
        Arguments { link: Some(link), .. } => Wish::Link(link),
        _ => Wish::Main,
    };
    let directory = DataDirectory::locate(data_directory)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("the asynchronous runtime could not be started")?;
    #[cfg(target_os = "linux")]
    if answers_searches {
        // The bus starts this for everybody, also for who has never used Ambit.
        if directory.path().is_dir() {
            directory.create()?;
            start_log(&directory, "desktop-search.log")?;
        }
        return desktop_search::run(directory, &runtime);
    }
    directory.create()?;
    let entered = runtime.enter();
    let Some(only_one) = OnlyOne::or_tell(&directory, &wish)? else { return Ok(()) };
    if wish == Wish::Quit {
        // None runs.
        return Ok(());
    }
    start_log(&directory, "desktop.log")?;
    drop(entered);
    app::run(directory, wish, only_one, runtime)
}

/// Tells standard error, and a file that holds what this start says.
fn start_log(directory: &DataDirectory, name: &str) -> Result<()> {
    let path = directory.run().join(name);
    let file = File::create(&path).with_context(|| format!("{} cannot be written", path.display()))?;
    let filter = || EnvFilter::new("warn,ambit=info");
    let to_file = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(Mutex::new(file)).with_filter(filter());
    let to_terminal = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::new("warn"));
    tracing_subscriber::registry().with(to_file).with(to_terminal).try_init().context("the log could not be started")
}
