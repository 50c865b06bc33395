//! Starting a headless host, and replacing an older one.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use ambit_protocol::{DrainRequest, Health};
use etcetera::BaseStrategy as _;
use http::Method;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep};

use crate::client::{Call, health, send_once};
use crate::{Error, Result, is_newer, socket_for};

/// Names the folder where Ambit keeps everything, as for all of its programs.
const DATA_DIRECTORY: &str = "AMBIT_DATA_DIRECTORY";

/// How to reach the host of a data directory, and how to start it.
#[derive(Debug, Clone)]
pub struct ConnectOptions {
    /// The data directory; made when it does not exist.
    pub data_directory: PathBuf,
    /// The executable of the host.
    pub host_binary: PathBuf,
    /// Its arguments: by default `serve --data-directory <data directory>`.
    pub host_arguments: Vec<OsString>,
    /// The version of the client. A host that is older is asked to hand over.
    pub version: String,
    /// The surface that this client is.
    pub surface: String,
    /// How long the host may take until it answers.
    pub timeout: Duration,
    /// Where the host writes its log, to be named when it does not come up.
    pub log_directory: PathBuf,
}

impl ConnectOptions {
    /// Options with the usual arguments, as surface `api`, with 20 seconds for the host to come up.
    pub fn new(
        data_directory: impl Into<PathBuf>,
        host_binary: impl Into<PathBuf>,
        version: impl Into<String>,
    ) -> Self {
        let data_directory = data_directory.into();
        Self {
            host_binary: host_binary.into(),
            host_arguments: vec!["serve".into(), "--data-directory".into(), data_directory.clone().into()],
            version: version.into(),
            surface: "api".to_owned(),
            timeout: Duration::from_secs(20),
            log_directory: data_directory.join("logs"),
            data_directory,
        }
    }

    /// Options for a program that is installed beside `ambit`: for the host of the data directory that is named, or else of that in
    /// the environment (`AMBIT_DATA_DIRECTORY`), or else of the platform's usual one. It is run by the `ambit` beside this program,
    /// or else by that of the search path, and never shows a window.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when no folder is named and there is no home folder.
    pub fn locate(named: Option<PathBuf>, version: &str) -> Result<Self> {
        let named =
            named.or_else(|| std::env::var_os(DATA_DIRECTORY).filter(|path| !path.is_empty()).map(PathBuf::from));
        let directory = match named {
            Some(path) => std::path::absolute(&path).unwrap_or(path),
            None => {
                let strategy = etcetera::choose_base_strategy().map_err(|_| {
                    Error::InvalidRequest(format!(
                        "there is no home folder; {DATA_DIRECTORY} can name a folder instead"
                    ))
                })?;
                strategy.data_dir().join("ambit")
            }
        };
        let beside = std::env::current_exe().ok().map(|program| program.with_file_name("ambit"));
        let binary = beside.filter(|path| path.is_file()).unwrap_or_else(|| "ambit".into());
        let mut options = Self::new(directory, binary, version);
        options.host_arguments.push("--headless".into());
        Ok(options)
    }

    /// The surface that this client is: `cli`, `editor`, `browser`, `desktop` or `api`.
    #[must_use]
    pub fn surface(mut self, surface: impl Into<String>) -> Self {
        self.surface = surface.into();
        self
    }
}

/// Makes sure that a host runs.
#[derive(Clone)]
pub(crate) struct Starter {
    shared: Arc<Shared>,
}

struct Shared {
    options: ConnectOptions,
    socket: PathBuf,
    /// One start at a time. Keeps the hosts that were started, so that their ends are noticed and none stays as a zombie.
    children: Mutex<Vec<Child>>,
}

impl Starter {
    pub(crate) fn new(options: ConnectOptions) -> Result<Self> {
        make_private_folder(&options.data_directory).map_err(|error| Error::NotStarted {
            reason: format!("the data directory {} cannot be made: {error}", options.data_directory.display()),
            hint: "choose another data directory, or correct its permissions".to_owned(),
        })?;
        let socket = socket_for(&options.data_directory);
        Ok(Self { shared: Arc::new(Shared { options, socket, children: Mutex::default() }) })
    }

    pub(crate) fn socket(&self) -> &Path {
        &self.shared.socket
    }

    /// Returns once a host answers that is at least as new as this client.
    pub(crate) async fn ensure_running(&self) -> Result<Health> {
        let mut children = self.shared.children.lock().await;
        let mut attempt =
            Attempt { shared: &self.shared, children: &mut children, started: None, exit: None, replaced: None };
        attempt.run().await
    }
}

/// How a host ends that finds another one on its data directory: its client waits for that one, or tries again.
pub const ALREADY_RUNNING_EXIT_CODE: u8 = 5;

/// The end of a host.
struct Exit {
    at: Instant,
    how: String,
    /// It lost the race for the data directory.
    outrun: bool,
}

/// One try to get a host that answers.
struct Attempt<'a> {
    shared: &'a Shared,
    children: &'a mut Vec<Child>,
    /// The process of the host that was started last.
    started: Option<u32>,
    /// When and how the host that was started last ended.
    exit: Option<Exit>,
    /// The version of the host that was asked to hand over.
    replaced: Option<String>,
}

/// A host that ended may have lost the race for the data directory: another one is given this long to answer.
const RIVAL: Duration = Duration::from_secs(2);

/// How often a host is started anew while an older one finishes.
const AGAIN: Duration = Duration::from_millis(250);

impl Attempt<'_> {
    async fn run(&mut self) -> Result<Health> {
        let deadline = Instant::now() + self.shared.options.timeout;
        let mut pause = Duration::from_millis(5);
        loop {
            let last = match health(&self.shared.socket).await {
                Ok(health) if !is_newer(&self.shared.options.version, &health.version) => return Ok(health),
                Ok(health) => self.ask_to_hand_over(&health).await?,
                Err(error) if error.is_absence() => {
                    self.start_or_watch()?;
                    error
                }
                Err(error) => error,
            };
            if Instant::now() >= deadline {
                return Err(self.too_late(last));
            }
            sleep(pause).await;
            pause = (pause * 2).min(Duration::from_millis(200));
        }
    }

    async fn ask_to_hand_over(&mut self, running: &Health) -> Result<Error> {
        let wanted = self.shared.options.version.clone();
        if self.replaced.as_ref() == Some(&running.version) && self.started.is_some() {
            // The host that was started is as old as the one that left: its executable is older than this client.
            return Err(Error::NotStarted {
                reason: format!("{} is of version {}", self.shared.options.host_binary.display(), running.version),
                hint: format!("install version {wanted} of the host"),
            });
        }
        if self.replaced.replace(running.version.clone()).is_none() {
            let reason = Some(format!("a newer client ({wanted}) takes over"));
            let call = Call::new(Method::POST, "/host/drain").json(&DrainRequest { reason })?;
            match send_once(&self.shared.socket, &call).await {
                // It may be gone before it has answered.
                Ok(()) | Err(Error::Interrupted { .. } | Error::Unreachable { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Error::NotHandedOver { running: running.version.clone(), wanted })
    }

    /// Starts a host, unless one was started and has not yet failed for good.
    fn start_or_watch(&mut self) -> Result<()> {
        self.reap();
        match &self.exit {
            None if self.started.is_some() => return Ok(()),
            None => {}
            // Another host, perhaps an older one that is still finishing, holds the data directory. It answers soon, or it
            // is gone and a new one can be started.
            Some(exit) if (self.replaced.is_some() || exit.outrun) && exit.at.elapsed() >= AGAIN => {}
            Some(exit) if self.replaced.is_some() || exit.outrun || exit.at.elapsed() < RIVAL => return Ok(()),
            Some(exit) => return Err(self.failed(&exit.how)),
        }
        let child = self.spawn().map_err(|error| Error::NotStarted {
            reason: format!("{} cannot be run: {error}", self.shared.options.host_binary.display()),
            hint: "reinstall Ambit, or name the right executable".to_owned(),
        })?;
        self.started = Some(child.id());
        self.exit = None;
        self.children.push(child);
        Ok(())
    }

    fn reap(&mut self) {
        self.children.retain_mut(|child| match child.try_wait() {
            Ok(Some(status)) => {
                if self.started == Some(child.id()) {
                    let outrun = status.code() == Some(ALREADY_RUNNING_EXIT_CODE.into());
                    self.exit = Some(Exit { at: Instant::now(), how: status.to_string(), outrun });
                }
                false
            }
            _ => true,
        });
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "any client may start a headless host; it is the one process that it starts"
    )]
    fn spawn(&self) -> std::io::Result<Child> {
        let options = &self.shared.options;
        let mut command = Command::new(&options.host_binary);
        command.args(&options.host_arguments).current_dir(&options.data_directory);
        // What a shell's functions tell a command may be secret, and is not for a process that stays.
        command.env_remove("AMBIT_SHELL_FAILED").env_remove("AMBIT_SHELL_QUERY");
        // What keeps the heap of a small client small would slow the engines down.
        command.env_remove("MALLOC_MMAP_THRESHOLD_").env_remove("MALLOC_ARENA_MAX");
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(self.start_log()?);
        // No process group of its own: the host begins a session, which the leader of a group cannot.
        command.spawn()
    }

    /// What the host says before it has a log of its own.
    fn start_log(&self) -> std::io::Result<File> {
        let path = self.start_log_path();
        if let Some(folder) = path.parent() {
            make_private_folder(folder)?;
        }
        OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(path)
    }

    fn start_log_path(&self) -> PathBuf {
        self.shared.options.data_directory.join("run").join("start.log")
    }

    fn too_late(&self, last: Error) -> Error {
        match (&self.exit, last) {
            (_, error @ Error::NotHandedOver { .. }) => error,
            (Some(exit), _) => self.failed(&exit.how),
            (None, _) if self.started.is_none() => {
                let hint = format!(
                    "the host may be overloaded; its log is in {}",
                    self.shared.options.log_directory.display()
                );
                Error::NotStarted { reason: "one runs, but does not answer".to_owned(), hint }
            }
            (None, _) => self.failed(&format!("no answer within {:.0?}", self.shared.options.timeout)),
        }
    }

    fn failed(&self, how: &str) -> Error {
        let said = std::fs::read_to_string(self.start_log_path()).unwrap_or_default();
        let told =
            |prefix: &str| said.lines().rev().find_map(|line| line.trim().strip_prefix(prefix).map(str::to_owned));
        let last = || said.lines().rev().map(str::trim).find(|line| !line.is_empty()).map(str::to_owned);
        let reason = match told("error: ").or_else(last) {
            Some(line) => format!("{line} ({how})"),
            None => how.to_owned(),
        };
        let log = || format!("its log is in {}", self.shared.options.log_directory.display());
        let hint = told("hint: ").unwrap_or_else(log);
        Error::NotStarted { reason, hint }
    }
}

fn make_private_folder(folder: &Path) -> std::io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}
