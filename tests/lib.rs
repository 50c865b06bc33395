//! The harness of the scenarios: starts the real `ambit` in scratch folders and stops what it started.
#![allow(clippy::unwrap_used, clippy::panic, clippy::expect_used, reason = "a test stops at the first surprise")]

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// A scratch installation: its own home, data directory and folder of files.
pub struct Ambit {
    scratch: TempDir,
    environment: Vec<(String, String)>,
    /// What starts the binary, with its arguments; empty for nothing.
    through: Vec<String>,
}

impl Ambit {
    /// An installation with the embedding model at hand.
    #[must_use]
    pub fn new() -> Self {
        Self::with(&[])
    }

    /// An installation with further environment variables.
    #[must_use]
    pub fn with(environment: &[(&str, &str)]) -> Self {
        let scratch = tempfile::Builder::new().prefix("ambit-").tempdir().unwrap();
        std::fs::create_dir(scratch.path().join("home")).unwrap();
        std::fs::create_dir(scratch.path().join("files")).unwrap();
        let environment = environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { scratch, environment, through: Vec::new() }
    }

    /// Lets another program start the binary from now on: one that takes the command as its last arguments.
    pub fn through(&mut self, program: &[&str]) {
        self.through = program.iter().map(|&part| part.to_owned()).collect();
    }

    /// The folder that the test fills with files.
    #[must_use]
    pub fn files(&self) -> PathBuf {
        self.scratch.path().join("files").canonicalize().unwrap()
    }

    /// The home folder.
    #[must_use]
    pub fn home(&self) -> PathBuf {
        self.scratch.path().join("home")
    }

    /// The data directory.
    #[must_use]
    pub fn data(&self) -> PathBuf {
        self.scratch.path().join("data")
    }

    /// Writes a file below [`Self::files`], with its folders.
    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.files().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A command of the real binary in this installation.
    #[must_use]
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.program(binary());
        command.args(arguments);
        command
    }

    /// Another program in this installation.
    #[must_use]
    #[expect(clippy::disallowed_methods, reason = "the harness starts the binary that it tests")]
    pub fn program(&self, binary: impl AsRef<OsStr>) -> Command {
        let mut command = match self.through.split_first() {
            Some((program, rest)) => {
                let mut command = Command::new(program);
                command.args(rest).arg(binary);
                command
            }
            None => Command::new(binary),
        };
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home())
            .env("AMBIT_DATA_DIRECTORY", self.data())
            .env("AMBIT_MODELS_FOLDER", model_folder().parent().unwrap())
            .env("AMBIT_INFERENCE_DEVICE", "cpu")
            .env("AMBIT_POWER_PROFILE", "performance")
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub fn run(&self, arguments: &[&str]) -> Output {
        self.command(arguments).output().unwrap()
    }

    /// Runs a command that must succeed, and gives its standard output.
    pub fn text(&self, arguments: &[&str]) -> String {
        let output = self.run(arguments);
        assert!(output.status.success(), "ambit {}: {}", arguments.join(" "), shown(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// Runs a command with `--json` that must succeed, and gives what it printed.
    pub fn json(&self, arguments: &[&str]) -> Value {
        let mut all = arguments.to_vec();
        all.insert(0, "--json");
        let text = self.text(&all);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The paths of the passages that a search finds, best first; none when it says that nothing fits.
    #[must_use]
    pub fn search(&self, query: &str) -> Vec<String> {
        let output = self.run(&["--json", "search", query]);
        let found: Value = match serde_json::from_slice(&output.stdout) {
            Ok(found) => found,
            Err(_) => panic!("search {query}: {}", shown(&output)),
        };
        if found["relevance"] == "nothing-relevant" {
            return Vec::new();
        }
        let passages = found["passages"].as_array().unwrap();
        passages.iter().map(|passage| passage["path"].as_str().unwrap().to_owned()).collect()
    }

    /// Indexes the folder of files and waits until everything is found by meaning.
    pub fn index(&self) {
        let files = self.files();
        let output = self.run(&["index", "add", files.to_str().unwrap(), "--wait"]);
        assert!(output.status.success(), "index add: {}", shown(&output));
    }

    /// The process id of the running host.
    #[must_use]
    pub fn host(&self) -> Option<u32> {
        let text = std::fs::read_to_string(self.data().join("run/host.lock")).ok()?;
        let process = text.trim().parse().ok()?;
        Path::new(&format!("/proc/{process}")).exists().then_some(process)
    }

    /// Ends the host without giving it a chance.
    pub fn kill(&self) {
        if let Some(process) = self.host() {
            kill(process);
        }
    }
}

impl Ambit {
    /// The end of the host's log, when the test is failing.
    pub fn tell_log_of_failure(&self) {
        if std::thread::panicking()
            && let Ok(log) = std::fs::read_to_string(self.data().join("logs/ambit.jsonl"))
        {
            let lines: Vec<&str> = log.lines().collect();
            eprint(&lines[lines.len().saturating_sub(40)..].join("\n"));
        }
    }
}

impl Default for Ambit {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for Ambit {
    fn drop(&mut self) {
        self.tell_log_of_failure();
        self.kill();
    }
}

/// Says that a test could not run here, so that nobody takes it for passed.
pub fn not_run(why: &str) {
    eprint(&format!("not run: {why}"));
}

/// Says what a test measured.
pub fn tell(measured: &str) {
    eprint(measured);
}

#[expect(clippy::print_stderr, reason = "the log of a host is what explains a failed scenario")]
fn eprint(text: &str) {
    eprintln!("{text}");
}

/// Ends a process by force and waits until it is gone.
pub fn kill(process: u32) {
    let id = rustix::process::Pid::from_raw(i32::try_from(process).unwrap()).unwrap();
    rustix::process::kill_process(id, rustix::process::Signal::KILL).ok();
    eventually("the process is gone", Duration::from_secs(10), || {
        let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
        // Its first thread may be done before the others, which hold what is open as long.
        let threads = std::fs::read_dir(format!("/proc/{process}/task")).map_or(0, Iterator::count);
        stat.is_empty() || stat.contains(") Z ") && threads <= 1
    });
}

/// The processes whose parent is `process`.
#[must_use]
pub fn children(process: u32) -> Vec<u32> {
    let entries = std::fs::read_dir("/proc").unwrap().flatten();
    let numbers = entries.filter_map(|entry| entry.file_name().to_str()?.parse::<u32>().ok());
    numbers.filter(|child| parent(*child) == Some(process)).collect()
}

fn parent(process: u32) -> Option<u32> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    stat.rsplit_once(") ")?.1.split(' ').nth(1)?.parse().ok()
}

/// Waits until something holds; fails with `what` when it does not in time.
pub fn eventually(what: &str, patience: Duration, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < patience, "not within {patience:?}: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// What a command printed, for a failure's message.
#[must_use]
pub fn shown(output: &Output) -> String {
    format!("{}\n{}{}", output.status, String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The binary that was built beside this test.
#[must_use]
pub fn binary() -> PathBuf {
    binary_named("ambit")
}

/// A binary that was built beside this test.
#[must_use]
pub fn binary_named(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let folder = test.ancestors().nth(2).unwrap();
    let binary = folder.join(name);
    assert!(binary.exists(), "{} is not there; `make build` builds it", binary.display());
    binary
}

/// The user's cache folder.
fn cache() -> PathBuf {
    let home = std::env::var_os("HOME").map(PathBuf::from).unwrap_or_default();
    std::env::var_os("XDG_CACHE_HOME").map_or_else(|| home.join(".cache"), PathBuf::from)
}

/// The Python clients for tests, to be named as `PYTHONPATH`.
#[must_use]
pub fn clients_folder() -> PathBuf {
    let folder = std::env::var_os("AMBIT_TEST_CLIENTS").map_or_else(|| cache().join("ambit/clients"), PathBuf::from);
    assert!(folder.join("pytest_lsp").exists(), "{} holds no clients; `make test` fetches them", folder.display());
    folder
}

/// The embedding model for tests.
#[must_use]
pub fn model_folder() -> PathBuf {
    let folder = std::env::var_os("AMBIT_TEST_MODEL")
        .map_or_else(|| cache().join("ambit/models/all-MiniLM-L6-v2"), PathBuf::from);
    assert!(folder.join("model.safetensors").exists(), "{} holds no model; `make model` fetches it", folder.display());
    folder
}

/// Files below a folder whose bytes hold a text.
#[must_use]
pub fn files_that_hold(folder: &Path, text: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let Ok(entries) = std::fs::read_dir(&folder) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            match entry.file_type() {
                Ok(kind) if kind.is_dir() => folders.push(path),
                Ok(kind) if kind.is_file() => {
                    let bytes = std::fs::read(&path).unwrap_or_default();
                    if bytes.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text.as_bytes())) {
                        found.push(path);
                    }
                }
                _ => {}
            }
        }
    }
    found
}
