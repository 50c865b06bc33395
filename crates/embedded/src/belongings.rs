//! What Ambit keeps for a user, and its removal.

use std::collections::BTreeSet;
use std::fs::{DirEntry, File};
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ambit_domain::{Error, ErrorCode};
use ambit_settings::{DataDirectory, SealedKeys, SettingsError, settings_set_aside};
use etcetera::BaseStrategy;
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

/// What belongs together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Installation {
    /// Where everything is kept.
    pub data_directory: DataDirectory,
    /// The file of settings.
    pub settings_file: PathBuf,
    /// Whether the user named that file for this installation. Otherwise all installations of a user read it, and it belongs to
    /// the standard one.
    pub is_file_named: bool,
}

/// What there is of one installation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Belongings {
    /// Files and folders.
    pub kept: Vec<Belonging>,
    /// How many keys are in the system's keychain, or why that is not known.
    pub keys_in_keychain: Result<usize, String>,
}

/// What there is of one installation. Keys in the system's keychain are counted, not weighed.
///
/// # Errors
/// When the home folder is not known.
pub fn belongings(installation: &Installation) -> Result<Belongings, EmbeddedError> {
    let directory = &installation.data_directory;
    let mut kept = Vec::new();
    for (what, path) in within(directory).into_iter().chain(beside(installation)?) {
        if std::fs::symlink_metadata(&path).is_ok() {
            kept.push(Belonging { what, bytes: weigh(&path), path });
        }
    }
    let counted = keys_of(directory).and_then(|keys| keys.count());
    let keys_in_keychain = counted.map(|(in_keychain, _)| in_keychain).map_err(|error| error.to_string());
    Ok(Belongings { kept, keys_in_keychain })
}

/// Removes all of it: first the keys, then everything else. What else is in the data directory stays, and the directory with it.
/// Returns what stays there.
///
/// # Errors
/// When a host or the desktop app runs, the keychain cannot be asked (then nothing was removed, unless `leave_keys` says that
/// it is not to be asked), or something cannot be removed.
pub fn remove_belongings(installation: &Installation, leave_keys: bool) -> Result<Vec<PathBuf>, EmbeddedError> {
    let directory = &installation.data_directory;
    let beside = beside(installation)?;
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
    let folders: BTreeSet<PathBuf> =
        beside.iter().filter_map(|(_, path)| path.parent()).map(Path::to_path_buf).collect();
    for (_, path) in beside {
        remove(&path)?;
    }
    for folder in folders.iter().filter(|folder| folder.ends_with("ambit")) {
        // It stays when somebody else keeps something there.
        std::fs::remove_dir(folder).ok();
    }
    remove_folder(directory.path())
}

/// Removes the data directory where nothing is left in it, or says what is. One that lies elsewhere goes there, and the link to
/// it after that.
fn remove_folder(folder: &Path) -> Result<Vec<PathBuf>, EmbeddedError> {
    let real = match folder.canonicalize() {
        Ok(real) => real,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(EmbeddedError::file(folder)(error)),
    };
    if std::fs::remove_dir(&real).is_err() {
        return left(folder);
    }
    if std::fs::symlink_metadata(folder).is_ok_and(|metadata| metadata.is_symlink()) {
        remove(folder)?;
    }
    Ok(Vec::new())
}

/// The parts of the data directory.
fn within(directory: &DataDirectory) -> Vec<(&'static str, PathBuf)> {
    let part = |name: &str| directory.path().join(name);
    vec![
        ("sessions, memories, text of documents", directory.state()),
        ("its log", part("state.db-wal")),
        ("its index", part("state.db-shm")),
        ("a restore that broke off", part("state.db-restoring")),
        ("its journal", part("state.db-restoring-journal")),
        ("attached files", directory.attachments()),
        ("attached files that a restore set aside", directory.attachments_aside()),
        ("saved pages", directory.pages()),
        ("vectors", directory.vectors()),
        ("knowledge graph", directory.graph()),
        ("models", directory.models()),
        ("logs", directory.logs()),
        ("cache", directory.cache()),
        ("what the desktop app's page keeps", part("webview")),
        ("questions typed at the prompt", part("history")),
        ("digests of tokens", directory.tokens()),
        ("an unfinished list of them", directory.tokens().with_extension("json.new")),
        ("sealed keys", directory.keys()),
        ("an unfinished file of them", directory.keys().with_extension("new")),
        ("names of keys", directory.keychain_list()),
        ("an unfinished list of them", directory.keychain_list().with_extension("new")),
        ("lock and socket", directory.run()),
    ]
}

/// What is elsewhere. The standard installation has what all installations of a user share.
fn beside(installation: &Installation) -> Result<Vec<(&'static str, PathBuf)>, SettingsError> {
    let Installation { data_directory, settings_file, is_file_named } = installation;
    let standard = DataDirectory::locate(None)?;
    let is_standard = is_same(data_directory.path(), standard.path());
    let mut beside = Vec::new();
    if is_standard || *is_file_named {
        beside.push(("settings", settings_file.clone()));
        let aside = settings_set_aside(settings_file).into_iter();
        beside.extend(aside.map(|path| ("settings that could not be read", path)));
    }
    let key = SealedKeys::machine_key()?;
    let configuration = key.ancestors().nth(2).unwrap_or(Path::new("/"));
    let autostart = configuration.join("autostart/ambit-desktop.desktop");
    let is_ours = std::fs::read_to_string(&autostart).is_ok_and(|text| starts(&text, data_directory.path()));
    if is_ours {
        beside.push(("start with the desktop", autostart));
    }
    if is_standard {
        beside.push(("key for updates", key.with_file_name("update.pub")));
        beside.extend(unpacked().into_iter().map(|path| ("an unpacked AppImage", path)));
        beside.push(("key that seals the keys of all your installations", key));
    }
    Ok(beside)
}

/// What AppImages unpacked where they cannot be mounted.
fn unpacked() -> Vec<PathBuf> {
    let Ok(strategy) = etcetera::choose_base_strategy() else { return Vec::new() };
    let entries = std::fs::read_dir(strategy.cache_dir().join("ambit")).into_iter().flatten().flatten();
    let is_one = |entry: &DirEntry| entry.file_name().to_string_lossy().starts_with("appimage-");
    entries.filter(is_one).map(|entry| entry.path()).collect()
}

/// Whether two paths lead to the same place.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().unwrap_or_else(|_| path.to_owned());
    one == other || real(one) == real(other)
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

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn every_part_that_the_data_directory_knows_is_known_here() {
        let directory = DataDirectory::locate(Some("/data".into())).unwrap();
        let known: Vec<PathBuf> = within(&directory).into_iter().map(|(_, path)| path).collect();
        let source = include_str!("../../settings/src/data_directory.rs");
        let names: Vec<&str> =
            source.split("self.path.join(\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert!(names.len() > 10, "the source is written otherwise: {names:?}");
        for name in names {
            assert!(known.contains(&directory.path().join(name)), "{name} would stay");
        }
    }

    #[test]
    fn a_data_directory_behind_a_link_goes_with_the_link() {
        let folder = tempfile::tempdir().unwrap();
        let (real, link) = (folder.path().join("real"), folder.path().join("link"));
        std::fs::create_dir(&real).unwrap();
        std::os::unix::fs::symlink(&real, &link).unwrap();
        std::fs::write(real.join("theirs"), "").unwrap();
        assert_eq!(remove_folder(&link).unwrap(), [link.join("theirs")]);
        assert!(link.exists());
        std::fs::remove_file(real.join("theirs")).unwrap();
        assert_eq!(remove_folder(&link).unwrap(), [""; 0].map(PathBuf::from));
        assert!(!real.exists() && std::fs::symlink_metadata(&link).is_err());
        assert!(remove_folder(&link).unwrap().is_empty());
    }
}
