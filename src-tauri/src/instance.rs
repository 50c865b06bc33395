//! One app for each data directory: a later start tells the first what it is for, and ends.

use std::fs::{DirBuilder, File};
use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::os::unix::net;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ambit_client::socket_for;
use ambit_settings::DataDirectory;
use anyhow::{Context, Result, anyhow, ensure};
use rustix::fs::{FlockOperation, flock};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt};
use tokio::net::UnixListener;
use tokio::time::timeout;

use crate::link::Link;

/// What a start is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wish {
    /// To be there, without a window.
    Hidden,
    /// The main window.
    Main,
    /// The launcher.
    Launcher,
    /// The main window, where a link leads.
    Link(Link),
    /// The end of the app.
    Quit,
}

/// How long a start waits for the running app to hear it, or to be gone: one that is ending lets its host finish first, and one
/// that starts on a busy machine takes its time.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a wish may take to arrive once somebody is there: nobody may keep others waiting.
const ARRIVAL: Duration = Duration::from_secs(1);

/// A wish is no longer than this, in bytes.
const LONGEST: u64 = 64 * 1024;

/// What the running app answers once it has heard.
const HEARD: &str = "heard\n";

/// What it answers to what it does not know.
const UNKNOWN: &str = "unknown\n";

/// The lock of the only app on a data directory, and where later starts tell what they wish.
pub(crate) struct OnlyOne {
    lock: Lock,
    listener: UnixListener,
}

/// The lock alone. The operating system lets go of it when the process ends, however it ends.
pub(crate) struct Lock(#[expect(dead_code, reason = "it is held, not used")] File);

/// Why a wish was not told.
enum Untold {
    /// Nobody heard it. The app that runs may be ending, and this start take its place.
    Unheard(anyhow::Error),
    /// It was heard and not understood, or cannot be told at all.
    Refused(anyhow::Error),
}

impl OnlyOne {
    /// Takes the lock, waiting for an app that is ending; None when another app has it, which was told what this start wishes.
    /// Must be called within the asynchronous runtime.
    pub(crate) fn or_tell(directory: &DataDirectory, wish: &Wish) -> Result<Option<Self>> {
        let path = directory.run().join("desktop.lock");
        let opened = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let lock = opened.with_context(|| format!("{} cannot be opened", path.display()))?;
        let socket = socket(directory)?;
        let begun = Instant::now();
        while flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            match tell(&socket, wish) {
                Ok(()) => return Ok(None),
                Err(Untold::Unheard(_)) if begun.elapsed() < PATIENCE => std::thread::sleep(Duration::from_millis(20)),
                Err(Untold::Unheard(error) | Untold::Refused(error)) => return Err(error),
            }
        }
        let listener = listen(&socket).with_context(|| format!("{} cannot be listened at", socket.display()))?;
        Ok(Some(Self { lock: Lock(lock), listener }))
    }

    /// Hears no more wishes: whoever starts from now on waits until the lock is free.
    pub(crate) fn hear_no_more(self) -> Lock {
        self.lock
    }

    /// What a later start wishes.
    pub(crate) async fn wish(&mut self) -> Wish {
        loop {
            match self.hear().await {
                Ok(wish) => return wish,
                Err(error) => tracing::warn!("a later start was not understood: {error:#}"),
            }
            // What failed may fail again at once.
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    async fn hear(&mut self) -> Result<Wish> {
        let (mut stream, _) = self.listener.accept().await?;
        let mut line = String::new();
        let (reader, mut writer) = stream.split();
        timeout(ARRIVAL, tokio::io::BufReader::new(reader.take(LONGEST)).read_line(&mut line)).await??;
        let wish = serde_json::from_str(&line);
        let answer = if wish.is_ok() { HEARD } else { UNKNOWN };
        // Who gave up waiting still wishes.
        match timeout(ARRIVAL, writer.write_all(answer.as_bytes())).await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::debug!(%error, "a later start is gone"),
            Err(_) => tracing::debug!("a later start does not read its answer"),
        }
        Ok(wish?)
    }
}

/// Where the app listens: beside the host, in a folder that is for this user alone.
fn socket(directory: &DataDirectory) -> Result<PathBuf> {
    let socket = socket_for(directory.path()).with_extension("app");
    let folder = socket.parent().context("a socket is in a folder")?;
    let made = DirBuilder::new().recursive(true).mode(0o700).create(folder).and_then(|()| folder.metadata());
    let found = made.with_context(|| format!("{} cannot be made", folder.display()))?;
    let is_own = found.uid() == rustix::process::geteuid().as_raw() && found.mode() & 0o077 == 0;
    ensure!(is_own, "{} is not for this user alone", folder.display());
    Ok(socket)
}

fn listen(socket: &Path) -> std::io::Result<UnixListener> {
    // The one that listened there is gone: this start has its lock.
    match std::fs::remove_file(socket) {
        Err(error) if error.kind() != ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    UnixListener::bind(socket)
}

/// Has the app of a data directory grant a wish; `start` starts one that will, when none runs or it is ending.
#[cfg(target_os = "linux")]
pub(crate) fn have_granted(directory: &DataDirectory, wish: &Wish, start: impl FnOnce() -> Result<()>) -> Result<()> {
    let (socket, begun, mut start) = (socket(directory)?, Instant::now(), Some(start));
    loop {
        match tell(&socket, wish) {
            Ok(()) => return Ok(()),
            Err(Untold::Unheard(_)) if begun.elapsed() < PATIENCE => {
                if let Some(start) = start.take() {
                    start()?;
                }
                std::thread::sleep(Duration::from_millis(20));
            }
            Err(Untold::Unheard(error) | Untold::Refused(error)) => return Err(error),
        }
    }
}

fn tell(socket: &Path, wish: &Wish) -> Result<(), Untold> {
    let unheard = |error: std::io::Error| {
        Untold::Unheard(anyhow::Error::new(error).context("Ambit runs already, but does not answer"))
    };
    let line = serde_json::to_string(wish).map_err(|error| Untold::Refused(error.into()))?;
    let mut stream = net::UnixStream::connect(socket).map_err(unheard)?;
    stream.set_read_timeout(Some(PATIENCE)).map_err(unheard)?;
    stream.set_write_timeout(Some(PATIENCE)).map_err(unheard)?;
    let mut answer = String::new();
    let told = writeln!(stream, "{line}");
    told.and_then(|()| BufReader::new(&stream).read_line(&mut answer)).map_err(unheard)?;
    match answer.as_str() {
        HEARD => Ok(()),
        "" => Err(unheard(ErrorKind::UnexpectedEof.into())),
        _ => Err(Untold::Refused(anyhow!("Ambit runs already, but did not understand; it may be of another version"))),
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread")]
    async fn a_later_start_is_heard_and_nonsense_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
        directory.create().unwrap();
        let mut first = OnlyOne::or_tell(&directory, &Wish::Main).unwrap().unwrap();
        let later = std::thread::spawn(move || {
            let socket = socket(&directory).unwrap();
            let mut nonsense = net::UnixStream::connect(&socket).unwrap();
            writeln!(nonsense, "{{\"link\":\"ambit://forget\"}}").unwrap();
            for wish in [Wish::Launcher, Wish::Link("ambit://settings".parse().unwrap()), Wish::Quit] {
                assert!(OnlyOne::or_tell(&directory, &wish).unwrap().is_none());
            }
            drop(nonsense);
        });
        assert_eq!(first.wish().await, Wish::Launcher);
        assert!(matches!(first.wish().await, Wish::Link(link) if link.text() == "ambit://settings"));
        assert_eq!(first.wish().await, Wish::Quit);
        later.join().unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wish_is_granted_by_an_app_that_is_started_for_it() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
        directory.create().unwrap();
        let (tell, told) = std::sync::mpsc::channel();
        let for_start = directory.clone();
        let runtime = tokio::runtime::Handle::current();
        let wish = std::thread::spawn(move || {
            let start = || {
                let _entered = runtime.enter();
                tell.send(OnlyOne::or_tell(&for_start, &Wish::Hidden).unwrap().unwrap()).unwrap();
                Ok(())
            };
            have_granted(&directory, &Wish::Launcher, start).unwrap();
        });
        let mut app = told.recv_timeout(PATIENCE).unwrap();
        assert_eq!(timeout(PATIENCE, app.wish()).await, Ok(Wish::Launcher));
        wish.join().unwrap();
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_wish_is_heard_of_a_start_that_did_not_wait() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
        directory.create().unwrap();
        let mut first = OnlyOne::or_tell(&directory, &Wish::Main).unwrap().unwrap();
        let mut gone = net::UnixStream::connect(socket(&directory).unwrap()).unwrap();
        writeln!(gone, "{}", serde_json::to_string(&Wish::Launcher).unwrap()).unwrap();
        drop(gone);
        assert_eq!(timeout(PATIENCE, first.wish()).await, Ok(Wish::Launcher));
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_start_while_the_app_ends_takes_its_place() {
        let folder = tempfile::tempdir().unwrap();
        let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
        directory.create().unwrap();
        let lock = OnlyOne::or_tell(&directory, &Wish::Main).unwrap().unwrap().hear_no_more();
        let runtime = tokio::runtime::Handle::current();
        let later = std::thread::spawn(move || {
            let _entered = runtime.enter();
            OnlyOne::or_tell(&directory, &Wish::Hidden).unwrap().is_some()
        });
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(!later.is_finished(), "it waits for the end of the first");
        drop(lock);
        assert!(later.join().unwrap(), "it is the first now");
    }
}
