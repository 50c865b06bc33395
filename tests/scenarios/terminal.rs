//! A shell in a terminal, with a person at the keyboard: tmux is the terminal, and tells what it shows.

use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use ambit_tests::{Ambit, binary, shown};

/// How long a shell, a host or a model may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);
/// What each shell's prompt is.
pub(crate) const PROMPT: &str = "READY> ";

/// A shell that is tested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shell {
    Bash,
    Zsh,
    Fish,
}

pub(crate) const SHELLS: [Shell; 3] = [Shell::Bash, Shell::Zsh, Shell::Fish];

impl Shell {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Bash => "bash",
            Self::Zsh => "zsh",
            Self::Fish => "fish",
        }
    }

    /// Its start file below the home folder, and the line there that brings Ambit.
    fn start(self) -> (&'static str, String) {
        let ambit = binary();
        let ambit = ambit.to_str().unwrap();
        match self {
            Self::Bash => (".bashrc", format!("PS1='{PROMPT}'\neval \"$({ambit} shell init bash)\"")),
            Self::Zsh => (".zshrc", format!("PS1='{PROMPT}'\neval \"$({ambit} shell init zsh)\"")),
            Self::Fish => (
                ".config/fish/config.fish",
                format!(
                    "set fish_greeting\nfunction fish_prompt\n  printf '{PROMPT}'\nend\n\
                     set -U fish_autosuggestion_enabled 0\n{ambit} shell init fish | source"
                ),
            ),
        }
    }
}

/// A terminal with a shell in it. It ends with it.
pub(crate) struct Terminal<'a> {
    ambit: &'a Ambit,
    pub(crate) shell: Shell,
    socket: PathBuf,
}

impl<'a> Terminal<'a> {
    /// Starts a shell whose start file holds `before` and then twice the line that brings Ambit.
    pub(crate) fn open(ambit: &'a Ambit, shell: Shell, before: &str) -> Self {
        Self::begin(ambit, shell, before, "exec env -u TMUX -u TMUX_PANE")
    }

    /// The same, where the shell knows that it is in tmux.
    pub(crate) fn in_tmux(ambit: &'a Ambit, shell: Shell) -> Self {
        Self::begin(ambit, shell, "", "exec")
    }

    fn begin(ambit: &'a Ambit, shell: Shell, before: &str, how: &str) -> Self {
        let home = ambit.data().with_file_name("home");
        let (file, line) = shell.start();
        let file = home.join(file);
        std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        std::fs::write(&file, format!("{before}\n{line}\n{line}\n")).unwrap();
        // The server of a terminal before this one may just be ending at its socket.
        static LAST: AtomicUsize = AtomicUsize::new(0);
        let socket = home.join(format!("{}-{}.socket", shell.name(), LAST.fetch_add(1, Ordering::Relaxed)));
        let terminal = Self { ambit, shell, socket };
        let files = ambit.files();
        let command = format!("{how} {} -i", shell.name());
        terminal.tmux(&[
            "-f",
            "/dev/null",
            "new-session",
            "-d",
            "-x",
            "150",
            "-y",
            "40",
            "-c",
            files.to_str().unwrap(),
            &command,
        ]);
        terminal.wait("the prompt is there", |screen| screen.trim_end() == PROMPT.trim_end());
        terminal
    }

    fn tmux(&self, arguments: &[&str]) -> String {
        let mut tmux: Command = self.ambit.program("tmux");
        tmux.env("LANG", "C.UTF-8").env("SHELL", format!("/usr/bin/{}", self.shell.name()));
        let output = tmux.arg("-S").arg(&self.socket).args(arguments).output().unwrap();
        assert!(output.status.success(), "tmux {arguments:?}: {}", shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Types a text.
    pub(crate) fn types(&self, text: &str) {
        self.tmux(&["send-keys", "-l", "--", text]);
    }

    /// Presses a key, by tmux's name for it.
    pub(crate) fn press(&self, key: &str) {
        self.tmux(&["send-keys", key]);
    }

    /// What is to be seen.
    pub(crate) fn screen(&self) -> String {
        self.tmux(&["capture-pane", "-p", "-J"])
    }

    /// Waits until the terminal shows something.
    pub(crate) fn wait(&self, what: &str, is_shown: impl Fn(&str) -> bool) -> String {
        let begun = std::time::Instant::now();
        loop {
            let screen = self.screen();
            if is_shown(&screen) {
                return screen;
            }
            if begun.elapsed() > PATIENCE {
                panic!("{}: not within {PATIENCE:?}: {what}. The terminal shows:\n{screen}", self.shell.name());
            }
            std::thread::sleep(Duration::from_millis(30));
        }
    }

    /// Types a command, and waits until it has ended and the next prompt is there. Gives what it printed.
    pub(crate) fn runs(&self, command: &str) -> String {
        self.press("C-l");
        self.wait("the screen is empty", |screen| screen.trim_end() == PROMPT.trim_end());
        self.types(command);
        self.press("Enter");
        let screen = self.wait(&format!("`{command}` has ended"), |screen| {
            screen.trim_end().lines().count() > 1 && screen.trim_end().ends_with(PROMPT.trim_end())
        });
        let lines: Vec<&str> = screen.trim_end().lines().collect();
        lines[1..lines.len() - 1].join("\n")
    }

    /// The command line: what stands behind the last prompt.
    pub(crate) fn line(&self) -> String {
        let screen = self.screen();
        screen.rsplit_once(PROMPT.trim_end()).map(|(_, line)| line.trim().to_owned()).unwrap_or_default()
    }

    /// Waits until the command line is so.
    pub(crate) fn waits_for_line(&self, what: &str, is_so: impl Fn(&str) -> bool) -> String {
        let begun = std::time::Instant::now();
        while !is_so(&self.line()) {
            assert!(
                begun.elapsed() < PATIENCE,
                "{}: not within {PATIENCE:?}: {what}. The terminal shows:\n{}",
                self.shell.name(),
                self.screen()
            );
            std::thread::sleep(Duration::from_millis(30));
        }
        self.line()
    }

    /// Empties the command line. What a shell says below it may stay there.
    pub(crate) fn clear_line(&self) {
        self.press("C-e");
        self.press("C-u");
        self.wait("the line is empty", |screen| {
            let behind = screen.rsplit_once(PROMPT.trim_end()).map(|(_, behind)| behind);
            behind.is_some_and(|behind| behind.lines().next().is_none_or(|line| line.trim().is_empty()))
        });
    }
}

impl Drop for Terminal<'_> {
    fn drop(&mut self) {
        // Whether it still runs does not matter: afterwards it does not.
        self.ambit.program("tmux").arg("-S").arg(&self.socket).arg("kill-server").output().ok();
    }
}
