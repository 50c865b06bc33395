use std::fs::File;
use std::io::{Read, Seek, SeekFrom, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use ambit_settings::DataDirectory;
use rustix::fs::{FlockOperation, flock};

use crate::EmbeddedError;

/// Holding it makes a host the only one on its data directory. The operating system lets go of it when the process
/// ends, however it ends.
#[derive(Debug)]
pub struct HostLock {
    file: File,
}

impl HostLock {
    /// Takes the lock and writes the process id into it.
    ///
    /// # Errors
    /// [`EmbeddedError::AlreadyRunning`] when another process holds it.
    pub fn acquire(directory: &DataDirectory) -> Result<Self, EmbeddedError> {
        let path = directory.lock();
        let mut file = open(&path).map_err(EmbeddedError::file(&path))?;
        if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
            return Err(EmbeddedError::AlreadyRunning {
                path: directory.path().to_owned(),
                process: process_in(&mut file),
            });
        }
        let write = |file: &mut File| {
            file.set_len(0)?;
            file.seek(SeekFrom::Start(0))?;
            writeln!(file, "{}", std::process::id())
        };
        write(&mut file).map_err(EmbeddedError::file(&path))?;
        Ok(Self { file })
    }
}

impl Drop for HostLock {
    fn drop(&mut self) {
        // The process id must not outlive the host: another process may get the same one.
        if self.file.set_len(0).is_err() {
            tracing::debug!("the lock file keeps its process id");
        }
    }
}

/// The process id of the host that holds the data directory, when there is one.
#[must_use]
pub fn running_host(directory: &DataDirectory) -> Option<u32> {
    let mut file = File::open(directory.lock()).ok()?;
    match flock(&file, FlockOperation::NonBlockingLockShared) {
        Ok(()) => None,
        Err(_) => Some(process_in(&mut file)),
    }
}

/// Whether the host of this process id has let go of the data directory. Another one may hold it then.
#[must_use]
pub fn has_let_go(directory: &DataDirectory, process: u32) -> bool {
    // A host takes its id out before it lets go.
    running_host(directory).is_none_or(|running| running != process && running != 0)
}

fn open(path: &Path) -> std::io::Result<File> {
    File::options().read(true).write(true).create(true).truncate(false).mode(0o600).open(path)
}

fn process_in(file: &mut File) -> u32 {
    let mut text = String::new();
    match file.seek(SeekFrom::Start(0)).and_then(|_| file.read_to_string(&mut text)) {
        Ok(_) => text.trim().parse().unwrap_or_default(),
        Err(_) => 0,
    }
}
