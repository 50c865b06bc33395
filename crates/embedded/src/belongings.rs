//! What Ambit keeps for a user, and its removal.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ambit_domain::{Error, ErrorCode};
use ambit_settings::{DataDirectory, SealedKeys, SettingsError};
use rustix::fs::{FlockOperation, flock};

use crate::keys::keys_of;
use crate::{EmbeddedError, HostLock};

/// Something that Ambit keeps for a user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belonging {
    /// What it is, a few words.
    pub what: &'static str,
    /// Where it is.
    pub path: PathBuf,
    /// How much space it takes.
    pub bytes: u64,
}

/// What there is of one installation. Keys in the system's keychain are counted, not weighed.
///
/// # Errors
/// When the home folder is not known, or the list of keys cannot be read.
pub fn belongings(directory: &DataDirectory, settings_file: &Path) -> Result<(Vec<Belonging>, usize), EmbeddedError> {
    let mut found = Vec::new();
    for (what, path) in within(directory).into_iter().chain(beside(directory, settings_file)?) {
        if std::fs::symlink_metadata(&path).is_ok() {
            found.push(Belonging { what, bytes: weigh(&path), path });
        }
    }
    Ok((found, keys_of(directory)?.count()?.0))
}

/// Removes all of it: first the keys, then everything else. What else is in the data directory stays, and the directory with it.
/// Returns what stays there.
///
/// # Errors
/// When a host or the desktop app runs, the keychain cannot be asked (then nothing was removed, unless `leave_keys` says that
/// it is not to be asked), or something cannot be removed.
pub fn remove_belongings(
    directory: &DataDirectory,
    settings_file: &Path,
    leave_keys: bool,
) -> Result<Vec<PathBuf>, EmbeddedError> {
    let beside = beside(directory, settings_file)?;
    if directory.path().exists() {
        std::fs::create_dir_all(directory.run()).map_err(EmbeddedError::file(directory.run()))?;
        let _lock = HostLock::acquire(directory)?;
        let _app = app_lock(directory)?;
        if !leave_keys {
            keys_of(directory)?.remove_all().map_err(|error| {
                let error = Error::from(error);
                Error::new(error.code(), error.message().to_owned())
                    .with_hint("open the keyring and try again, or leave the keys in it with `--leave-keys`")
            })?;
        }
        for (_, path) in within(directory) {
            remove(&path)?;
        }
    }
    for (_, path) in beside {
        remove(&path)?;
    }
    if let Some(folder) = settings_file.parent().filter(|folder| folder.ends_with("ambit")) {
        // It stays when somebody else keeps something there.
        std::fs::remove_dir(folder).ok();
    }
    match std::fs::remove_dir(directory.path()) {
        Ok(()) => Ok(Vec::new()),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Vec::new()),
        Err(_) => left(directory.path()),
    }
}

/// The parts of the data directory.
fn within(directory: &DataDirectory) -> Vec<(&'static str, PathBuf)> {
    let beside_state = |end: &str| directory.path().join(format!("state.db{end}"));
    vec![
        ("sessions, memories, text of documents", directory.state()),
        ("its log", beside_state("-wal")),
        ("its index", beside_state("-shm")),
        ("vectors", directory.vectors()),
        ("knowledge graph", directory.graph()),
        ("models", directory.models()),
        ("logs", directory.logs()),
        ("cache", directory.cache()),
        ("what the desktop app's page keeps", directory.path().join("webview")),
        ("questions typed at the prompt", directory.path().join("history")),
        ("digests of tokens", directory.tokens()),
        ("sealed keys", directory.keys()),
        ("names of keys", directory.keychain_list()),
        ("lock and socket", directory.run()),
    ]
}

/// What is elsewhere. The key that seals keys is all installations' of a user, and useless without them.
fn beside(directory: &DataDirectory, settings_file: &Path) -> Result<Vec<(&'static str, PathBuf)>, SettingsError> {
    let mut beside = vec![("settings", settings_file.to_owned())];
    let key = SealedKeys::machine_key()?;
    let configuration = key.ancestors().nth(2).unwrap_or(Path::new("/"));
    let autostart = configuration.join("autostart/ambit-desktop.desktop");
    let is_ours = std::fs::read_to_string(&autostart).is_ok_and(|text| starts(&text, directory.path()));
    if is_ours {
        beside.push(("start with the desktop", autostart));
    }
    if *directory == DataDirectory::locate(None)? {
        beside.push(("key for updates", key.with_file_name("update.pub")));
        beside.push(("key that seals keys", key));
    }
    Ok(beside)
}

/// Whether an entry of the desktop starts the app for this data directory, as the app notes it there.
fn starts(entry: &str, directory: &Path) -> bool {
    let path = directory.display().to_string();
    entry.lines().filter_map(|line| line.strip_prefix("X-Ambit-Data-Directory=")).any(|value| {
        // Quoted for desktops, which changes nothing in a usual path.
        value.trim_matches('"') == path
    })
}

/// Held while nothing may start the app; it would start a host.
fn app_lock(directory: &DataDirectory) -> Result<Option<File>, EmbeddedError> {
    let path = directory.run().join("desktop.lock");
    let Ok(file) = File::open(&path) else { return Ok(None) };
    if flock(&file, FlockOperation::NonBlockingLockExclusive).is_err() {
        let running = Error::new(ErrorCode::Conflict, "the desktop app is running");
        return Err(running.with_hint("`ambit-desktop --quit` ends it").into());
    }
    Ok(Some(file))
}

fn weigh(path: &Path) -> u64 {
    let Ok(metadata) = std::fs::symlink_metadata(path) else { return 0 };
    if !metadata.is_dir() {
        return metadata.len();
    }
    let entries = std::fs::read_dir(path).into_iter().flatten().flatten();
    entries.map(|entry| weigh(&entry.path())).sum()
}

fn remove(path: &Path) -> Result<(), EmbeddedError> {
    let is_folder = std::fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_dir());
    let removed = if is_folder { std::fs::remove_dir_all(path) } else { std::fs::remove_file(path) };
    match removed {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(EmbeddedError::file(path)(error)),
        _ => Ok(()),
    }
}

fn left(folder: &Path) -> Result<Vec<PathBuf>, EmbeddedError> {
    let entries = std::fs::read_dir(folder).map_err(EmbeddedError::file(folder))?;
    Ok(entries.flatten().map(|entry| entry.path()).collect())
}
