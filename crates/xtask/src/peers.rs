//! Peers to measure against, and other programs that this one runs.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, bail};

use crate::place;

/// A Python environment of its own for one peer, in the user's cache folder.
#[derive(Debug, Clone)]
pub struct Peer {
    python: PathBuf,
    scripts: PathBuf,
}

impl Peer {
    /// The peer of this name, installed on first use with the versions that `peers/NAME.txt` pins.
    ///
    /// # Errors
    /// When Python is not there or a package cannot be installed.
    pub fn ready(name: &str) -> anyhow::Result<Self> {
        let scripts = place::crate_folder().join("peers");
        let pinned = std::fs::read_to_string(scripts.join(format!("{name}.txt")))
            .with_context(|| format!("there is no peer called {name}"))?;
        let folder = place::cache()?.join("peers").join(name);
        let python = folder.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" });
        let stamp = folder.join("ambit-pinned.txt");
        if std::fs::read_to_string(&stamp).is_ok_and(|installed| installed == pinned) && python.exists() {
            return Ok(Self { python, scripts });
        }
        progress(&format!("installing the peer `{name}` into {} (once; PyTorch is large)", folder.display()));
        if !python.exists() {
            run(command("python3").args(["-m", "venv"]).arg(&folder))
                .context("cannot make a Python environment; install python3 with venv")?;
        }
        let list = scripts.join(format!("{name}.txt"));
        let mut install = command(&python);
        install.args(["-m", "pip", "install", "--quiet", "--requirement"]).arg(list);
        if cfg!(target_arch = "x86_64") {
            // Virtual machines tell of AMX and do not allow it: what is compiled for this machine would be ended by a signal.
            for flags in ["CFLAGS", "CXXFLAGS"] {
                install.env(flags, "-mno-amx-tile -mno-amx-int8 -mno-amx-bf16");
            }
        }
        run(&mut install).with_context(|| format!("cannot install the peer `{name}`"))?;
        std::fs::write(&stamp, pinned)?;
        Ok(Self { python, scripts })
    }

    /// A command that runs a script of `peers/`.
    #[must_use]
    pub fn script(&self, name: &str) -> Command {
        self.path(&self.scripts.join(name))
    }

    /// A command that runs a script from anywhere.
    #[must_use]
    pub fn path(&self, script: &Path) -> Command {
        let mut command = command(&self.python);
        command.arg(script);
        command
    }
}

/// A command. The one place where this crate makes one.
#[expect(clippy::disallowed_methods, reason = "a development tool starts compilers, peers and the host under test")]
pub fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

/// The compiler, as if it were started from a terminal. What this program's own start put into the environment, such as the
/// name of its package, would make build scripts that look at it run again, and all engines after them be compiled anew.
#[must_use]
pub fn cargo() -> Command {
    let mut cargo = command(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    let is_ours = |name: &str| name.starts_with("CARGO_PKG_") || name.starts_with("CARGO_MANIFEST_");
    for (name, _) in std::env::vars_os().filter(|(name, _)| name.to_str().is_some_and(is_ours)) {
        cargo.env_remove(name);
    }
    cargo
}

/// Runs a command to its end; its output goes to standard error.
///
/// # Errors
/// When it cannot be started or ends with another status than 0.
pub fn run(command: &mut Command) -> anyhow::Result<()> {
    // Standard output belongs to the report.
    let status = command.stdout(std::io::stderr()).status().with_context(|| format!("cannot start {command:?}"))?;
    if !status.success() {
        bail!("{command:?} ended with {status}");
    }
    Ok(())
}

/// Runs a command to its end and parses the last line of its standard output as JSON.
///
/// # Errors
/// When it fails or prints something else.
pub fn json<T: serde::de::DeserializeOwned>(command: &mut Command) -> anyhow::Result<T> {
    let output =
        command.stderr(std::process::Stdio::inherit()).output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}", output.status);
    }
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next_back().with_context(|| format!("{command:?} printed nothing"))?;
    serde_json::from_str(line).with_context(|| format!("{command:?} printed no JSON object: {line}"))
}

/// Says on standard error what is going on; standard output belongs to the report.
#[expect(clippy::print_stderr, reason = "a benchmark says what it does while it runs")]
pub fn progress(message: &str) {
    eprintln!("· {message}");
}
