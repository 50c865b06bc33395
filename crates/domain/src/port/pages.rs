use std::path::PathBuf;

use super::Candidate;
use crate::{BoxFuture, NewPage, Result, SavedPage, Timestamp};

/// A page that has just been kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptPage {
    /// The page.
    pub page: SavedPage,
    /// Its file as one to be read.
    pub candidate: Candidate,
    /// The file in whose place it stands, where that had another name.
    pub replaced: Option<PathBuf>,
}

/// Pages that were saved, as files of their own in a folder that is indexed like any other.
pub trait SavedPages: Send + Sync {
    /// The folder.
    fn folder(&self) -> PathBuf;

    /// Keeps a page that was read then, in the place of what was kept of its address. Durable on return.
    fn keep(&self, page: NewPage, read: Timestamp) -> BoxFuture<'_, Result<KeptPage>>;

    /// Those that are kept, the last saved first: all, or that of an address.
    fn list(&self, url: Option<String>) -> BoxFuture<'_, Result<Vec<SavedPage>>>;

    /// Removes the files at or below a path. Returns how many there were.
    fn remove(&self, path: PathBuf) -> BoxFuture<'_, Result<u64>>;
}
