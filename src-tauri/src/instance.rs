//! One app for each data directory: a second start has the first show itself, and ends.

use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::time::{Duration, Instant};

use ambit_settings::DataDirectory;
use anyhow::{Context, Result, bail};
use rustix::fs::{FlockOperation, flock};
use rustix::process::{Pid, Signal, kill_process};
use tokio::signal::unix::{self, SignalKind};

/// What a start is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Wish {
    /// To be there, without a window.
    Hidden,
    /// The main window.
    Main,
    /// The launcher.
    Launcher,
}

/// What tells a running app to show its main window. The first of the two signals that are free for use is not: the
/// JavaScript engine in the app's process takes it for itself.
const MAIN: Signal = Signal::USR2;

/// What tells a running app to show its launcher: a signal that sockets send to who wants it, and nobody here does.
const LAUNCHER: Signal = Signal::URG;

/// The lock of the only app on a data directory, and what later starts wish.
pub(crate) struct OnlyOne {
    // The operating system lets go of the lock when the process ends, however it ends.
    _lock: File,
    main: unix::Signal,
    launcher: unix::Signal,
}

impl OnlyOne {
    /// Takes the lock; None when another app has it, which was told what this start wishes. Must be called within the
    /// asynchronous runtime.
    pub(crate) fn or_tell(directory: &DataDirectory, wish: Wish) -> Result<Option<Self>> {
        // Whoever reads the process id in the lock may send signals at once, which end a process that does not listen.
        let listen = |kind| unix::signal(kind).context("signals cannot be listened to");
        let (main, launcher) =
            (listen(SignalKind::from_raw(MAIN.as_raw()))?, listen(SignalKind::from_raw(LAUNCHER.as_raw()))?);
        let path = directory.run().join("desktop.lock");
        let opened = File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut lock = opened.with_context(|| format!("{} cannot be opened", path.display()))?;
        if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
            return tell(&mut lock, wish).map(|()| None);
        }
        let write = |lock: &mut File| {
            lock.set_len(0)?;
            lock.seek(SeekFrom::Start(0))?;
            writeln!(lock, "{}", std::process::id())
        };
        write(&mut lock).with_context(|| format!("{} cannot be written", path.display()))?;
        Ok(Some(Self { _lock: lock, main, launcher }))
    }

    /// What a later start wishes.
    pub(crate) async fn wish(&mut self) -> Wish {
        tokio::select! {
            _ = self.main.recv() => Wish::Main,
            _ = self.launcher.recv() => Wish::Launcher,
        }
    }
}

fn tell(lock: &mut File, wish: Wish) -> Result<()> {
    let signal = match wish {
        Wish::Hidden => return Ok(()),
        Wish::Main => MAIN,
        Wish::Launcher => LAUNCHER,
    };
    let begun = Instant::now();
    loop {
        let mut text = String::new();
        lock.seek(SeekFrom::Start(0))?;
        lock.read_to_string(&mut text)?;
        // The process that holds the lock lives, and writes its number at once.
        if let Some(process) = text.strip_suffix('\n').and_then(|text| Pid::from_raw(text.parse().ok()?)) {
            return kill_process(process, signal).context("Ambit runs already, but cannot be told to show itself");
        }
        if begun.elapsed() > Duration::from_secs(2) {
            bail!("Ambit runs already, but does not say as which process");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}
