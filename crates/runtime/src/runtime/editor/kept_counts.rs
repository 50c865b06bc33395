//! Counts in a folder: they hold from one start to the next, and are mapped into memory, which gets them back when it runs short.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use ambit_completion::Segment;
use ambit_domain::{Error, Result};

use super::codebases::Part;
use super::family::Family;

/// The ending of such files.
const ENDING: &str = "counts";
/// So long they are believed to be of what is there.
const FRESH: Duration = Duration::from_secs(24 * 60 * 60);
/// What they take on disk, in bytes; the oldest go first.
const MOST: u64 = 512 << 20;

/// A folder of counts.
pub(super) struct KeptCounts {
    folder: PathBuf,
}

impl KeptCounts {
    /// Those of a folder, which need not be there.
    pub(super) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn path(&self, part: Part, folder: &Path, family: Family) -> PathBuf {
        let mut hasher = blake3::Hasher::new();
        hasher.update(match part {
            Part::Beside => b"beside",
            Part::Project => b"project",
            Part::Dependencies => b"dependencies",
        });
        hasher.update(&[0]).update(folder.as_os_str().as_encoded_bytes());
        for ending in family.endings {
            hasher.update(&[0]).update(ending.as_bytes());
        }
        self.folder.join(hasher.finalize().to_hex().as_str()).with_extension(ENDING)
    }

    /// The counts of a folder, where there are any.
    pub(super) fn open(&self, part: Part, folder: &Path, family: Family) -> Option<Segment> {
        let path = self.path(part, folder, family);
        match Segment::open(&path) {
            Ok(segment) => Some(segment),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => None,
            Err(error) => {
                tracing::debug!("kept counts cannot be used, and are made anew: {error}");
                None
            }
        }
    }

    /// Whether there are counts of a folder that were made lately.
    pub(super) fn is_fresh(&self, part: Part, folder: &Path, family: Family) -> bool {
        let made = std::fs::metadata(self.path(part, folder, family)).and_then(|file| file.modified());
        made.is_ok_and(|made| made.elapsed().is_ok_and(|age| age < FRESH))
    }

    /// Keeps the counts of a folder, and gives them as they are kept. Where that cannot be, they hold all the same.
    pub(super) fn keep(&self, part: Part, folder: &Path, family: Family, segment: Segment) -> Segment {
        let path = self.path(part, folder, family);
        let kept = std::fs::create_dir_all(&self.folder).and_then(|()| segment.save(&path));
        match kept.and_then(|()| Segment::open(&path)) {
            Ok(kept) => {
                self.make_room(&path);
                kept
            }
            Err(error) => {
                tracing::warn!("counts of code stay in memory, since they cannot be kept: {error}");
                segment
            }
        }
    }

    /// Takes the oldest away while they are too many; the newest stays.
    fn make_room(&self, newest: &Path) {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.folder).into_iter().flatten().flatten() {
            if let Ok(about) = entry.metadata()
                && let Ok(made) = about.modified()
            {
                files.push((made, about.len(), entry.path()));
            }
        }
        files.sort();
        let mut all: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, bytes, path) in files {
            if all <= MOST {
                break;
            }
            // What is mapped stays readable until nobody needs it.
            if path != newest && std::fs::remove_file(&path).is_ok() {
                all -= bytes;
            }
        }
    }

    /// Takes all away.
    pub(super) fn clear(&self) -> Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(Error::internal("what was counted of code cannot be forgotten").with_source(error))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
#[expect(clippy::expect_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn counts_are_there_at_the_next_start_and_are_forgotten_with_the_rest() {
        let folder = tempfile::tempdir().expect("a folder");
        let kept = KeptCounts::new(folder.path().join("counts"));
        let (project, other) = (Path::new("/project"), Path::new("/other"));
        let rust = Family { endings: &["rs"] };
        assert!(kept.open(Part::Project, project, rust).is_none());
        drop(kept.keep(Part::Project, project, rust, Segment::of(["let a = 1;\n"])));
        let again = KeptCounts::new(folder.path().join("counts"));
        assert!(again.open(Part::Project, project, rust).is_some());
        assert!(again.is_fresh(Part::Project, project, rust));
        assert!(again.open(Part::Dependencies, project, rust).is_none());
        assert!(again.open(Part::Project, other, rust).is_none());
        assert!(again.open(Part::Project, project, Family { endings: &["py"] }).is_none());
        assert!(again.clear().is_ok() && again.clear().is_ok());
        assert!(kept.open(Part::Project, project, rust).is_none());
    }
}
