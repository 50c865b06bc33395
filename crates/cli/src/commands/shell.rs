//! Help at a shell's prompt: what the shell evaluates, and the commands that its functions call.

mod danger;
mod explain;
mod history;
mod model;
mod propose;
mod ranking;

use std::path::Path;

use anyhow::{Result, bail};

use crate::Outcome;
use crate::arguments::{Shell, ShellName};
use crate::connection::Place;
use crate::output::Output;

pub(super) async fn run(place: &Place, output: Output, command: Shell) -> Result<Outcome> {
    match command {
        Shell::Init { shell } => init(output, shell),
        Shell::Explain(command) => explain::run(place, output, command).await,
        Shell::Command(command) => propose::run(place, output, command).await,
        Shell::History(command) => history::run(place, output, command).await,
    }
}

fn init(output: Output, shell: Option<ShellName>) -> Result<Outcome> {
    let Some(shell) = shell.or_else(asking).or_else(preferred) else {
        bail!("the shell that asks is neither bash, zsh nor fish; name it: `ambit shell init bash`");
    };
    let script = match shell {
        ShellName::Bash => include_str!("shell/init.bash"),
        ShellName::Zsh => include_str!("shell/init.zsh"),
        ShellName::Fish => include_str!("shell/init.fish"),
    };
    let assign = if shell == ShellName::Fish { "set -g __ambit_program " } else { "__ambit_program=" };
    output.line(format!("{assign}{}\n{script}", quoted(&program(), shell)))?;
    Ok(Outcome::Done)
}

/// This program, as the shell is to call it: by its name where that is how it was called, so that a later version counts.
fn program() -> String {
    let called = std::env::args_os().next().unwrap_or_default();
    let path = Path::new(&called);
    if path.components().count() < 2 {
        return path.to_string_lossy().into_owned();
    }
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf()).to_string_lossy().into_owned()
}

/// A text as one word of a shell.
fn quoted(text: &str, shell: ShellName) -> String {
    match shell {
        ShellName::Fish => format!("'{}'", text.replace('\\', r"\\").replace('\'', r"\'")),
        ShellName::Bash | ShellName::Zsh => format!("'{}'", text.replace('\'', r"'\''")),
    }
}

/// The shell that started this program, where the system tells.
fn asking() -> Option<ShellName> {
    let parent = rustix::process::getppid()?;
    let name = std::fs::read_to_string(format!("/proc/{}/comm", parent.as_raw_nonzero())).ok()?;
    named(name.trim())
}

/// The user's shell.
fn preferred() -> Option<ShellName> {
    let shell = std::env::var_os("SHELL")?;
    named(Path::new(&shell).file_name()?.to_str()?)
}

fn named(name: &str) -> Option<ShellName> {
    match name.trim_start_matches('-') {
        "bash" => Some(ShellName::Bash),
        "zsh" => Some(ShellName::Zsh),
        "fish" => Some(ShellName::Fish),
        _ => None,
    }
}

/// The beginning of a text.
fn beginning(text: &str, characters: usize) -> &str {
    text.char_indices().nth(characters).map_or(text, |(end, _)| &text[..end])
}

/// A command as it may stand on a command line: what the user does not see, or could not edit, is left out, so that what is
/// shown is what would be run.
fn visible(command: &str) -> String {
    command.chars().filter(|&character| !ambit_protocol::is_hidden(character)).collect()
}

#[cfg(test)]
mod tests {
    use super::{ShellName, named, quoted, visible};

    #[test]
    fn a_path_is_one_word() {
        assert_eq!(quoted("/a b/it's$(x)", ShellName::Bash), r"'/a b/it'\''s$(x)'");
        assert_eq!(quoted(r"/a\b/it's", ShellName::Fish), r"'/a\\b/it\'s'");
    }

    #[test]
    fn shells_are_known_by_their_names() {
        assert_eq!(named("-bash"), Some(ShellName::Bash));
        assert_eq!(named("fish"), Some(ShellName::Fish));
        assert_eq!(named("cargo"), None);
    }

    #[test]
    fn what_is_shown_is_what_would_be_run() {
        assert_eq!(visible("ls\u{1b}[2K\r -l\u{202e} x\u{200b}\ny"), "ls[2K -l x\ny");
        assert_eq!(visible("rm\u{3164}\u{61c} x\u{e0041}"), "rm x");
    }
}
