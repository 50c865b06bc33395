use std::path::PathBuf;
use std::sync::Arc;

use crate::port::TokenCounter;
use crate::{BoxStream, Cancellation, DocumentState, Extraction, Result, Timestamp};

/// Tells the stored hash of a path, where there is one.
pub type KnownHashes = dyn Fn(&std::path::Path) -> Option<String> + Send + Sync;

/// A file that may be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// Absolute path.
    pub path: PathBuf,
    /// Bytes.
    pub size: u64,
    /// When it was last changed.
    pub modified: Timestamp,
}

/// What a scan tells about one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It may be read.
    File(Candidate),
    /// It is left out for a reason worth telling.
    LeftOut {
        /// The file or folder.
        candidate: Candidate,
        /// [`DocumentState::Skipped`] or [`DocumentState::Failed`].
        state: DocumentState,
        /// For people: "looks like a private key".
        reason: String,
    },
}

/// What became of a candidate.
#[derive(Debug, Clone, PartialEq)]
pub struct Reading {
    /// The file.
    pub candidate: Candidate,
    /// BLAKE3 of the bytes in hexadecimal, when they were read.
    pub hash: Option<String>,
    /// What was found.
    pub outcome: ReadOutcome,
}

/// What reading a file gave.
#[derive(Debug, Clone, PartialEq)]
pub enum ReadOutcome {
    /// Text and outline.
    Read(Box<Extraction>),
    /// The bytes are the ones that the caller already knows.
    Unchanged,
    /// Left out or not readable, with the reason.
    Rejected {
        /// [`DocumentState::Skipped`] or [`DocumentState::Failed`].
        state: DocumentState,
        /// For people.
        reason: String,
    },
    /// It is no longer there.
    Gone,
}

/// A change that was seen in a watched folder. Several quick changes arrive as one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SourceEvent {
    /// A file was written or appeared.
    Written(Candidate),
    /// A file or a whole folder is gone.
    Removed(PathBuf),
    /// A file or a whole folder moved within the root.
    Renamed {
        /// Where it was.
        from: PathBuf,
        /// Where it is.
        to: PathBuf,
    },
    /// Changes were missed, ignore rules changed or the root came back: the root must be scanned again.
    Rescan,
    /// The root itself is gone.
    RootMissing,
}

/// Which source code is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CodeQuery {
    /// Below this folder.
    pub folder: PathBuf,
    /// Whether files in folders of it are wanted too.
    pub is_deep: bool,
    /// How their names end, without the dot.
    pub endings: Vec<String>,
    /// So many bytes at most.
    pub bytes: u64,
}

/// Finds, watches and reads files. The methods return at once; the work happens on the source's own threads, and ends
/// when the stream is dropped or cancelled.
pub trait Source: Send + Sync {
    /// Walks a folder: what may be read, and what is left out with a reason worth telling (ignored files are not told).
    fn scan(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<Found>>;

    /// Follows changes below a folder until cancelled. The first item comes once the watch stands, so that a scan that
    /// begins after it misses nothing: it is always [`SourceEvent::Rescan`].
    fn watch(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<SourceEvent>>;

    /// Reads files in parallel, in no particular order. `known` gives a path's stored hash, so that unchanged content is
    /// not parsed again.
    fn read(
        &self,
        candidates: Vec<Candidate>,
        known: Arc<KnownHashes>,
        tokens: Arc<dyn TokenCounter>,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Reading>;

    /// Reads source code as it stands, by path, under the rules of [`Source::scan`]. What cannot be read is left out.
    fn code(&self, query: CodeQuery, cancellation: Cancellation) -> BoxStream<'static, (PathBuf, String)>;

    /// The folders, on this machine, of what a project depends on, those that it names itself first.
    fn dependencies(&self, project: PathBuf, cancellation: Cancellation) -> BoxStream<'static, PathBuf>;
}
