//! Folders that are being filled beside the models, and what is left of them after a crash.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use ambit_domain::Result;

/// Numbers the folders of this process, so that two for one name do not meet.
static NEXT: AtomicU64 = AtomicU64::new(0);
/// Those of this process that are in use. A process of an earlier day may have had the same id.
static IN_USE: LazyLock<Mutex<HashSet<PathBuf>>> = LazyLock::new(Mutex::default);

const FILLED: &str = "part";
const REPLACED: &str = "old";

/// A folder of its own for a model that is being copied; gone when this is dropped, unless it was put in its place.
pub(super) struct Scratch {
    path: PathBuf,
}

impl Scratch {
    /// Makes the folder `.NAME.PROCESS-NUMBER.part`.
    pub(super) fn make(library: &Path, id: &str) -> Result<Self> {
        let path = numbered(library, id, FILLED);
        in_use().insert(path.clone());
        // Held from here on, so that it is let go if the folder cannot be made.
        let scratch = Self { path };
        std::fs::create_dir_all(&scratch.path)?;
        Ok(scratch)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.path)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "what was copied of a model stays until the next start");
        }
        in_use().remove(&self.path);
    }
}

/// Puts a filled folder in the place of a model; the one that was there goes when the new one is in its place.
pub(super) fn install(library: &Path, id: &str, filled: &Path) -> Result<()> {
    let target = library.join(id);
    if !target.exists() {
        return Ok(std::fs::rename(filled, &target)?);
    }
    let old = numbered(library, id, REPLACED);
    in_use().insert(old.clone());
    let replaced = || {
        std::fs::rename(&target, &old)?;
        std::fs::rename(filled, &target)?;
        std::fs::remove_dir_all(&old)
    };
    let result = replaced();
    in_use().remove(&old);
    Ok(result?)
}

/// Removes what processes that ended too early left behind. A model that was taken from its place while the new one did not
/// get there comes back.
pub(super) fn clear(library: &Path) {
    let entries = std::fs::read_dir(library).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let Some((id, ending)) = left_over(&path) else { continue };
        let target = library.join(id);
        let cleared = if ending == REPLACED && !target.exists() {
            std::fs::rename(&path, &target)
        } else {
            std::fs::remove_dir_all(&path)
        };
        match cleared {
            Ok(()) => tracing::info!(path = %path.display(), "what an interrupted import left is cleared away"),
            Err(error) => tracing::warn!(path = %path.display(), %error, "what an interrupted import left stays"),
        }
    }
}

/// The model and the ending of a folder that nobody fills any more.
fn left_over(path: &Path) -> Option<(&str, &str)> {
    let name = path.file_name()?.to_str()?.strip_prefix('.')?;
    let (rest, ending) = name.rsplit_once('.').filter(|(_, ending)| [FILLED, REPLACED].contains(ending))?;
    let (id, numbers) = rest.rsplit_once('.')?;
    let process = numbers.split_once('-')?.0.parse::<i32>().ok().filter(|process| *process > 0)?;
    let is_used = if u32::try_from(process) == Ok(std::process::id()) {
        in_use().contains(path)
    } else {
        // Several hosts may share a folder of models.
        rustix::process::Pid::from_raw(process).is_some_and(|process| {
            let asked = rustix::process::test_kill_process(process);
            asked != Err(rustix::io::Errno::SRCH)
        })
    };
    (!is_used).then_some((id, ending))
}

fn numbered(library: &Path, id: &str, ending: &str) -> PathBuf {
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    library.join(format!(".{id}.{}-{number}.{ending}", std::process::id()))
}

fn in_use() -> MutexGuard<'static, HashSet<PathBuf>> {
    IN_USE.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    fn names(library: &Path) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(library)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn what_dead_processes_left_goes_and_what_is_being_filled_stays() {
        let library = tempfile::tempdir().unwrap();
        let path = library.path();
        // The largest id of a process on Linux is a good deal smaller.
        let dead = i32::MAX;
        for name in [
            format!(".small.{dead}-0.part"),
            format!(".small.q4.{}-999999.part", std::process::id()),
            format!(".kept.{dead}-3.old"),
            format!(".lost.{dead}-4.old"),
            ".begun.pull".to_owned(),
            "kept".to_owned(),
        ] {
            std::fs::create_dir(path.join(name)).unwrap();
        }
        let alive = format!(".small.{}-0.part", rustix::process::getppid().unwrap().as_raw_nonzero());
        std::fs::create_dir(path.join(&alive)).unwrap();
        let filled = Scratch::make(path, "large").unwrap();
        clear(path);
        let own = filled.path().file_name().unwrap().to_str().unwrap().to_owned();
        let mut left = vec![".begun.pull".to_owned(), "kept".to_owned(), "lost".to_owned(), alive, own];
        left.sort();
        assert_eq!(names(path), left);
        drop(filled);
        assert_eq!(names(path).len(), left.len() - 1);
    }

    #[test]
    fn a_model_takes_the_place_of_another() {
        let library = tempfile::tempdir().unwrap();
        for content in ["first", "second"] {
            let filled = Scratch::make(library.path(), "small").unwrap();
            std::fs::write(filled.path().join("file"), content).unwrap();
            install(library.path(), "small", filled.path()).unwrap();
            assert_eq!(std::fs::read_to_string(library.path().join("small/file")).unwrap(), content);
            drop(filled);
            assert_eq!(names(library.path()), ["small"]);
        }
    }
}
