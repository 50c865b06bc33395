mod about;
mod browser;
mod completion;
mod models;
mod pages;
mod providers;
mod sessions;
mod shell;
mod upkeep;

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

pub(crate) use about::About;
pub(crate) use browser::{Browser, BrowserCommand, BrowserPlace, Browsers};
pub(crate) use completion::Completion;
pub(crate) use models::Models;
pub(crate) use pages::Pages;
pub(crate) use providers::{Egress, ProviderKind, Providers};
pub(crate) use sessions::{AnsweredBy, Sessions};
pub(crate) use shell::{Explain, History, Propose, Shell, ShellModel, ShellName};
pub(crate) use upkeep::{Data, Update};

/// An assistant that knows your files and stays on your machine.
#[derive(Debug, Parser)]
#[command(name = "ambit", version, about, after_help = EXIT_CODES, propagate_version = true)]
pub(crate) struct Arguments {
    /// Where Ambit keeps everything; your platform's data folder when not given.
    #[arg(long, global = true, env = "AMBIT_DATA_DIRECTORY", value_name = "FOLDER")]
    pub(crate) data_directory: Option<PathBuf>,
    /// Settings file; `ambit/settings.toml` in your configuration folder when not given.
    #[arg(long, global = true, env = "AMBIT_SETTINGS_FILE", value_name = "FILE", hide = true)]
    pub(crate) settings_file: Option<PathBuf>,
    /// Print JSON: one value, or one value a line where results stream.
    #[arg(long, global = true)]
    pub(crate) json: bool,
    /// When to use colours.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub(crate) color: When,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_CODES: &str = "\
Exit codes:
  0  done
  1  it failed; the message says why and what to do
  2  the command line is wrong
  3  nothing was found, or the sources do not answer the question
  4  no host could be reached or started
  5  another host holds the data directory (`ambit serve` only)
  130  interrupted";

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum When {
    /// On a terminal.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Ask a question; the answer comes with its sources.
    Ask(Ask),
    /// Ask one question after the other at a prompt.
    Chat(Chat),
    /// Find passages.
    Search(Search),
    /// Answer questions in editors, over the Agent Client Protocol: Zed, Neovim, JetBrains, Emacs.
    ///
    /// Editors start this, and speak with it over standard input and output. It becomes `ambit-lsp`, which has to be beside it
    /// or on PATH.
    Acp,
    /// Let browsers start Ambit for its extension, which works on pages that you show it.
    #[command(subcommand)]
    Browser(BrowserCommand),
    /// Open the page in your browser: everything that Ambit does, in a window.
    ///
    /// Starts a host when none runs. Where there is no display, it prints the link, which works once, within a minute.
    Open(Open),
    /// Choose what is indexed, and see how far it is.
    #[command(subcommand)]
    Index(Index),
    /// Query the knowledge graph.
    #[command(subcommand)]
    Graph(Graph),
    /// Facts and preferences that answers take into account.
    #[command(subcommand)]
    Memory(Memory),
    /// Pages of the web that you saved.
    #[command(subcommand)]
    Pages(Pages),
    /// Earlier questions and answers.
    #[command(subcommand)]
    Sessions(Sessions),
    /// Remove a file or folder from everything that Ambit keeps, for good.
    Forget(Forget),
    /// Local models.
    #[command(subcommand)]
    Models(Models),
    /// Servers of language models that you run or use already: OpenAI, LM Studio, vLLM, llama.cpp, Ollama, …
    #[command(subcommand)]
    Providers(Providers),
    /// What was sent to servers of language models, word for word.
    #[command(subcommand)]
    Egress(Egress),
    /// At your shell's prompt: why a command failed, a command from a description, a search of the history.
    #[command(subcommand)]
    Shell(Shell),
    /// Suggestions in editors: how they fare, and what is learnt from it on this machine.
    #[command(subcommand)]
    Completion(Completion),
    /// Settings.
    #[command(subcommand)]
    Settings(Settings),
    /// What was done, and what left this machine.
    Audit(Audit),
    /// Tokens for programs that use the API over TCP.
    #[command(subcommand)]
    Token(Token),
    /// How everything stands.
    Status,
    /// Look for what is missing, and say how to get it.
    Doctor,
    /// What the host did and met with: its log, the newest records last.
    Log(Log),
    /// Write a copy of everything that cannot be rebuilt into a new file.
    Backup(Backup),
    /// Put a backup in the place of the present data.
    Restore(Restore),
    /// Print memories, sessions, settings and roots as one JSON document.
    Export,
    /// All that Ambit keeps for you on this machine.
    #[command(subcommand)]
    Data(Data),
    /// Newer versions.
    #[command(subcommand)]
    Update(Update),
    /// Run the host in the foreground.
    Serve(Serve),
    /// Ask the running host to end.
    Stop,
    /// Print a completion script for a shell.
    Completions {
        /// The shell.
        shell: clap_complete::Shell,
    },
    /// Print the manual page, for who packs this.
    #[command(hide = true)]
    Manual,
    /// What `doctor` starts to ask the graphics drivers.
    #[command(name = ambit_embedded::DEVICES_COMMAND, hide = true)]
    Devices,
    /// What the host starts to run models in.
    #[command(name = ambit_embedded::WORKER_COMMAND, hide = true)]
    EngineWorker {
        /// The models' folder.
        models: PathBuf,
        /// The folder for caches.
        cache: PathBuf,
        /// Threads; 0 takes one per core.
        threads: usize,
        /// Bytes on disk for what language models have read; 0: none.
        prefix_bytes: u64,
        /// The most bytes of memory that models may hold; 0: as many as are free.
        memory: u64,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Log {
    /// Only what is not older than this: 90m, 2h, 3d.
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only what is as grave as this, or graver.
    #[arg(long, value_name = "LEVEL", default_value = "info")]
    pub(crate) level: LogLevel,
    /// Only what contains this text.
    #[arg(long, value_name = "TEXT")]
    pub(crate) contains: Option<String>,
    /// At most this many records: the newest.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 50)]
    pub(crate) limit: usize,
}

/// How grave a record of the log is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LogLevel {
    Error,
    Warn,
    Info,
    Debug,
    Trace,
}

impl From<LogLevel> for tracing::Level {
    fn from(level: LogLevel) -> Self {
        match level {
            LogLevel::Error => Self::ERROR,
            LogLevel::Warn => Self::WARN,
            LogLevel::Info => Self::INFO,
            LogLevel::Debug => Self::DEBUG,
            LogLevel::Trace => Self::TRACE,
        }
    }
}

/// Where to look.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Scope {
    /// Look only below this folder or file; may be given several times.
    #[arg(long = "in", value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Look only in files of this kind: text, markdown, html, pdf, docx, pptx, xlsx, epub, notebook, code.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: Vec<String>,
    /// Look only in this language: en, rust, …
    #[arg(long, value_name = "LANGUAGE")]
    pub(crate) language: Vec<String>,
    /// At most this many passages.
    #[arg(long, short = 'n', value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=50))]
    pub(crate) limit: Option<u32>,
}

#[derive(Debug, Args)]
pub(crate) struct Ask {
    /// The question; the words need no quotes. `-` reads it from standard input.
    #[arg(required = true)]
    pub(crate) question: Vec<String>,
    /// Go on with this session.
    #[arg(long, value_name = "ID")]
    pub(crate) session: Option<String>,
    #[command(flatten)]
    pub(crate) by: AnsweredBy,
    #[command(flatten)]
    pub(crate) about: About,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

#[derive(Debug, Args)]
pub(crate) struct Chat {
    #[command(flatten)]
    pub(crate) by: AnsweredBy,
    /// What to ask when standard input is closed; a question about an indexed document when not given.
    #[arg(long, value_name = "QUESTION")]
    pub(crate) example: Option<String>,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

#[derive(Debug, Args)]
pub(crate) struct Open {
    /// Print the link, and open nothing.
    #[arg(long)]
    pub(crate) print: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Search {
    /// What to look for, in plain language or keywords.
    #[arg(required = true)]
    pub(crate) query: Vec<String>,
    #[command(flatten)]
    pub(crate) scope: Scope,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Index {
    /// Index a folder and follow its changes.
    Add {
        /// The folder.
        #[arg(required = true)]
        folders: Vec<PathBuf>,
        /// Wait until everything is indexed, with a progress bar.
        #[arg(long)]
        wait: bool,
    },
    /// No longer index a folder; what was read from it goes.
    Remove {
        /// The folder.
        folder: PathBuf,
    },
    /// The indexed folders, and the files that are not indexed, with the reason.
    Status {
        /// Only files below this path.
        path: Option<PathBuf>,
        /// Only files in this state: indexed, pending, skipped, failed.
        #[arg(long, value_name = "STATE")]
        state: Option<String>,
        /// Follow the progress until everything is indexed.
        #[arg(long)]
        wait: bool,
    },
    /// Look through the folders again.
    Rescan {
        /// The folder; all when not given.
        folder: Option<PathBuf>,
    },
    /// Derive vectors and graph anew from the stored text.
    Rebuild {
        /// What to rebuild.
        #[arg(default_value = "all", value_parser = ["all", "vectors", "graph"])]
        target: String,
    },
    /// List the states that the vectors can go back to, the newest first: that is the present one.
    ///
    /// A state is kept with every group of changes that is written; those beyond the newest 20, and those older than a
    /// week, go when the host is idle, and `ambit forget` drops all but the present one.
    Versions,
    /// Put the vectors back into an earlier state.
    ///
    /// Where `ambit index rebuild vectors` embeds everything anew, this embeds only what changed since, in the
    /// background. Text and graph stay as they are. The state goes on under a new number.
    Restore {
        /// The number of the state, from `ambit index versions`.
        #[arg(value_name = "VERSION")]
        number: u64,
    },
}

#[derive(Debug, Subcommand)]
pub(crate) enum Graph {
    /// Run a read-only SPARQL query. The prefixes schema, prov, rdf, rdfs, xsd and ambit are known.
    Query {
        /// The query; `-` reads it from standard input.
        sparql: String,
        /// Give up after this many milliseconds.
        #[arg(long, value_name = "MILLISECONDS")]
        time: Option<u64>,
        /// Print at most this many rows.
        #[arg(long, value_name = "NUMBER")]
        rows: Option<u32>,
    },
    /// List groups of documents that refer to each other, the largest first, each with its most central ones.
    Communities {
        /// At most this many groups.
        #[arg(long, short = 'n', value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100))]
        limit: Option<u32>,
        /// At most this many documents of each.
        #[arg(long, value_name = "NUMBER", value_parser = clap::value_parser!(u32).range(1..=100))]
        members: Option<u32>,
    },
}

/// Where a memory counts.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct MemoryPlace {
    /// Count only for questions asked from within this folder.
    #[arg(long, value_name = "FOLDER", conflicts_with = "surface")]
    pub(crate) folder: Option<PathBuf>,
    /// Count only for questions from this surface: cli, desktop, editor, browser.
    #[arg(long, value_name = "SURFACE")]
    pub(crate) surface: Option<String>,
}

/// What a memory is.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Kind {
    /// Something that is so.
    Fact,
    /// Something that you want.
    Preference,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Memory {
    /// Remember something.
    Add {
        /// What to remember; the words need no quotes.
        #[arg(required = true)]
        text: Vec<String>,
        /// It is something that you want, not something that is so.
        #[arg(long)]
        preference: bool,
        #[command(flatten)]
        place: MemoryPlace,
    },
    /// Everything that is remembered.
    List,
    /// Change a memory; what is not named stays.
    #[command(group = clap::ArgGroup::new("change").required(true).multiple(true))]
    Edit {
        /// Its id.
        id: String,
        /// The new text; the words need no quotes.
        #[arg(group = "change")]
        text: Vec<String>,
        /// What it is.
        #[arg(long, value_name = "KIND", group = "change")]
        kind: Option<Kind>,
        /// Count for all questions.
        #[arg(long, group = "change", conflicts_with_all = ["folder", "surface"])]
        everywhere: bool,
        /// Count only for questions asked from within this folder.
        #[arg(long, value_name = "FOLDER", group = "change", conflicts_with = "surface")]
        folder: Option<PathBuf>,
        /// Count only for questions from this surface: cli, desktop, editor, browser.
        #[arg(long, value_name = "SURFACE", group = "change")]
        surface: Option<String>,
    },
    /// Forget a memory.
    Remove {
        /// Its id.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Forget {
    /// The file or folder; it need not exist any more.
    pub(crate) path: PathBuf,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Settings {
    /// All settings with their values.
    List,
    /// One setting.
    Get {
        /// Its key.
        key: String,
    },
    /// Set a setting.
    Set {
        /// Its key.
        key: String,
        /// The value; lists are written with commas.
        value: String,
    },
    /// Go back to what holds without your change.
    Unset {
        /// Its key.
        key: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Audit {
    /// At most this many records, newest first.
    #[arg(long, short = 'n', default_value_t = 50)]
    pub(crate) limit: u32,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Token {
    /// Make a token; it is shown once.
    Create {
        /// What it is for.
        name: String,
        /// What it may do: read, chat, save, manage, approve; may be given several times.
        #[arg(long, value_name = "SCOPE", default_value = "read")]
        scope: Vec<String>,
    },
    /// The tokens that there are.
    List,
    /// Make a token useless.
    Revoke {
        /// Its id.
        id: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct Backup {
    /// The file to write; it must not exist.
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct Restore {
    /// The backup.
    pub(crate) file: PathBuf,
    /// Do not ask.
    #[arg(long, short)]
    pub(crate) yes: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// Serve the API over TCP as well, on this loopback address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// Leave after this many minutes without a request; 0 stays.
    #[arg(long, value_name = "MINUTES")]
    pub(crate) idle_minutes: Option<u64>,
    /// Started by a client: leave the caller's session, log to files only, and leave when idle.
    #[arg(long, hide = true)]
    pub(crate) headless: bool,
}
