//! Help at a shell's prompt.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Shell {
    /// Print what a shell evaluates to have Ambit at its prompt: in its start file, `eval "$(ambit shell init)"`, for fish
    /// `ambit shell init fish | source`.
    ///
    /// `why` explains the last command that failed. Alt+I makes a command of the description on the line, and on an empty
    /// line puts right the one that failed. Alt+M finds commands of the history by their meaning; again for the next one. In
    /// vi mode of bash and zsh these are Ctrl+X i and Ctrl+X p. No command is ever run.
    Init {
        /// The shell; the one that asks when not given.
        shell: Option<ShellName>,
    },
    /// Explain why a command failed. `why` calls it.
    Explain(Explain),
    /// Make a command of a description, and print it. It is not run.
    Command(Propose),
    /// Find commands in a history by meaning and by words. Nothing of it is kept.
    ///
    /// Without a running host, or its embedding model, by words alone.
    History(History),
}

/// A shell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ShellName {
    Bash,
    Zsh,
    Fish,
}

impl ShellName {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }
}

/// By which model, and for which shell.
#[derive(Debug, Clone, Args)]
pub(crate) struct ShellModel {
    /// The shell; the one that `SHELL` names when not given.
    #[arg(long, value_name = "SHELL")]
    pub(crate) shell: Option<ShellName>,
    /// The language model; the chosen one when not given.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Let a model on another machine answer, by the rules for them: consent first. Without this, none gets anything.
    #[arg(long)]
    pub(crate) remote: bool,
}

/// A command that failed.
#[derive(Debug, Clone, Args)]
pub(crate) struct Failed {
    /// The command that failed. In the environment, other users cannot read it.
    #[arg(long, env = "AMBIT_SHELL_FAILED", hide_env_values = true, value_name = "COMMAND")]
    pub(crate) failed: Option<OsString>,
    /// Its exit status. Functions of zsh can give any number.
    #[arg(long, value_name = "NUMBER", allow_negative_numbers = true)]
    pub(crate) status: Option<i64>,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    #[command(flatten)]
    pub(crate) failed: Failed,
    /// Standard input is what the terminal shows: the output is what stands below the command. Without this, what comes on
    /// standard input is the output.
    #[arg(long)]
    pub(crate) screen: bool,
    /// Standard input is the output of a command that still runs, which is shown as it comes. What failed is the line with the
    /// pipe to `why`.
    #[arg(long, conflicts_with = "screen")]
    pub(crate) piped: bool,
    #[command(flatten)]
    pub(crate) by: ShellModel,
}

#[derive(Debug, Args)]
pub(crate) struct Propose {
    /// What the command is to do; the words need no quotes. `-` reads it from standard input.
    pub(crate) description: Vec<String>,
    #[command(flatten)]
    pub(crate) failed: Failed,
    /// For key bindings: print a line with what is to be said, which may be empty, and the command below it. Nothing below:
    /// there is no command.
    #[arg(long, hide = true)]
    pub(crate) widget: bool,
    #[command(flatten)]
    pub(crate) by: ShellModel,
}

#[derive(Debug, Args)]
pub(crate) struct History {
    /// What to look for. In the environment, other users cannot read it.
    #[arg(env = "AMBIT_SHELL_QUERY", hide_env_values = true)]
    pub(crate) query: Option<OsString>,
    /// Print at most this many.
    #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 10)]
    pub(crate) limit: usize,
    /// End each with a NUL character, since a command can have several lines.
    #[arg(long, short = '0')]
    pub(crate) null: bool,
}
