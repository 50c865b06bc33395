use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

use ambit_domain::Timestamp;
use ambit_domain::port::Candidate;

/// A file with what the file system says about it.
pub(crate) fn candidate(path: PathBuf, metadata: &Metadata) -> Candidate {
    Candidate { path, size: metadata.len(), modified: modified(metadata) }
}

/// A file or folder about which nothing could be found out.
pub(crate) fn unknown(path: &Path) -> Candidate {
    Candidate { path: path.to_owned(), size: 0, modified: Timestamp::default() }
}

/// A path that every store can write down: what is not Unicode in it becomes U+FFFD.
pub(crate) fn printable(path: &Path) -> PathBuf {
    PathBuf::from(path.to_string_lossy().into_owned())
}

fn modified(metadata: &Metadata) -> Timestamp {
    let Ok(time) = metadata.modified() else { return Timestamp::default() };
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX)),
        Err(before) => Timestamp(i64::try_from(before.duration().as_millis()).map_or(i64::MIN, |millis| -millis)),
    }
}
