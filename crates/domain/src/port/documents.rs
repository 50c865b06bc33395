use std::path::{Path, PathBuf};

use crate::{
    BoxFuture, Document, DocumentChange, DocumentId, DocumentState, DocumentStatus, Extraction, IndexCounts, IndexRoot,
    Passage, PassageFilter, PassageId, Result, RootId, RootState, Sequence, Taint, Timestamp,
};

/// A passage with the document that it stands in.
pub type PlacedPassage = (Passage, Document);

/// A document with its passages in order.
pub type WholeDocument = (Document, Vec<Passage>);

/// What is stored about a file, to tell whether it changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredVersion {
    /// Absolute path.
    pub path: PathBuf,
    /// Size when read.
    pub size: u64,
    /// Modification time when read.
    pub modified: Timestamp,
    /// BLAKE3 of the content, in hexadecimal; empty for files that were skipped before they were read.
    pub hash: String,
    /// How far it came.
    pub state: DocumentState,
}

/// A file that was read, to be stored.
#[derive(Debug, Clone, PartialEq)]
pub struct DocumentRecord {
    /// The indexed folder.
    pub root: RootId,
    /// Absolute path.
    pub path: PathBuf,
    /// BLAKE3 of the file's bytes, in hexadecimal.
    pub hash: String,
    /// Bytes of the file.
    pub size: u64,
    /// When the file was last changed.
    pub modified: Timestamp,
    /// What was found in it.
    pub extraction: Extraction,
    /// Where it came from, as far as trust goes.
    pub taint: Taint,
}

/// A file that is not indexed, with the reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The indexed folder.
    pub root: RootId,
    /// Absolute path.
    pub path: PathBuf,
    /// [`DocumentState::Skipped`] or [`DocumentState::Failed`].
    pub state: DocumentState,
    /// The reason, for people: "a scanned PDF: its 3 pages hold no text".
    pub reason: String,
    /// Bytes of the file.
    pub size: u64,
    /// When the file was last changed.
    pub modified: Timestamp,
    /// BLAKE3 of the file's bytes, when they were read.
    pub hash: Option<String>,
}

/// A keyword search.
#[derive(Debug, Clone, PartialEq)]
pub struct KeywordQuery {
    /// In plain language or keywords; no query syntax, any text is valid.
    pub text: String,
    /// How many passages.
    pub limit: usize,
    /// Which passages may be returned.
    pub filter: PassageFilter,
}

/// A passage that holds words of the question.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct KeywordHit {
    /// The passage.
    pub passage: PassageId,
    /// Its document.
    pub document: DocumentId,
    /// BM25, larger is better.
    pub score: f32,
}

/// What `forget` removed from the state store.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Purge {
    /// The documents that are gone.
    pub documents: Vec<DocumentId>,
    /// Passages that went with them.
    pub passages: u64,
    /// Memories learned from the source.
    pub memories: u64,
    /// Turns whose answer quoted the source; their answers were blanked.
    pub turns: u64,
    /// Saves of the sequence after the removal.
    pub sequence: Sequence,
}

/// The truth about indexed files, their text and the keyword index over it.
///
/// A method that writes returns once the write is durable. Removing and writing documents raises the sequence.
pub trait Documents: Send + Sync {
    /// Adds a folder, or returns the one that is already there. The path is absolute and canonical.
    fn add_root(&self, path: PathBuf) -> BoxFuture<'_, Result<IndexRoot>>;

    /// Records whether a folder can be read.
    fn set_root_state(&self, root: RootId, state: RootState) -> BoxFuture<'_, Result<()>>;

    /// All folders, by path.
    fn roots(&self) -> BoxFuture<'_, Result<Vec<IndexRoot>>>;

    /// Removes a folder with all its documents and statuses. Returns how many documents went.
    fn remove_root(&self, root: RootId) -> BoxFuture<'_, Result<u64>>;

    /// What is stored of all files of a folder, to compare with the file system.
    fn stored_versions(&self, root: RootId) -> BoxFuture<'_, Result<Vec<StoredVersion>>>;

    /// Stores files that were read, in one durable transaction. A file whose content did not change keeps its passages.
    fn write(&self, records: Vec<DocumentRecord>) -> BoxFuture<'_, Result<Sequence>>;

    /// Stores why files are not indexed; documents that they had before are removed.
    fn write_failures(&self, failures: Vec<Failure>) -> BoxFuture<'_, Result<()>>;

    /// Removes files; a path that is a folder removes all below it. Returns how many documents went.
    fn remove_paths(&self, root: RootId, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<u64>>;

    /// Moves a file or a whole tree: documents keep their ids and passages, and their sequence rises.
    fn rename_path(&self, root: RootId, from: PathBuf, to: PathBuf) -> BoxFuture<'_, Result<u64>>;

    /// The sequence of the newest change.
    fn sequence(&self) -> BoxFuture<'_, Result<Sequence>>;

    /// The oldest sequence from which [`Self::changes_since`] can still tell everything.
    fn oldest_sequence(&self) -> BoxFuture<'_, Result<Sequence>>;

    /// Changes after a sequence, in order, at most `limit` of them. Only the newest change of each document is told.
    fn changes_since(&self, sequence: Sequence, limit: usize) -> BoxFuture<'_, Result<Vec<DocumentChange>>>;

    /// The last sequence that a derived store (`vectors`, `graph`) is recorded to have applied.
    fn applied(&self, store: &'static str) -> BoxFuture<'_, Result<Sequence>>;

    /// Records what a derived store has applied. Files up to the smaller of both count as indexed.
    fn set_applied(&self, store: &'static str, sequence: Sequence) -> BoxFuture<'_, Result<()>>;

    /// Records that a document can not be embedded; it stays found by keyword, and its status tells the reason.
    fn write_warning(&self, document: DocumentId, warning: String) -> BoxFuture<'_, Result<()>>;

    /// Labels the documents at or below a path by where their content came from.
    fn set_taint(&self, path: PathBuf, taint: Taint) -> BoxFuture<'_, Result<()>>;

    /// Keyword search: words with BM25, and parts of words.
    fn search(&self, query: KeywordQuery) -> BoxFuture<'_, Result<Vec<KeywordHit>>>;

    /// Passages by id with their documents, in the order asked for; those that are gone are left out.
    fn passages(&self, ids: Vec<PassageId>) -> BoxFuture<'_, Result<Vec<PlacedPassage>>>;

    /// One document with its passages.
    fn document(&self, id: DocumentId) -> BoxFuture<'_, Result<Option<WholeDocument>>>;

    /// One document by its absolute path.
    fn document_at(&self, path: &Path) -> BoxFuture<'_, Result<Option<Document>>>;

    /// Documents by path, after `after`, at most `limit`.
    fn list(&self, after: Option<PathBuf>, limit: usize) -> BoxFuture<'_, Result<Vec<Document>>>;

    /// The paths of all documents, by path.
    fn paths(&self) -> BoxFuture<'_, Result<Vec<PathBuf>>>;

    /// Status of files below a path, by path, after `after`, at most `limit`. `state` restricts.
    fn statuses(
        &self,
        below: Option<PathBuf>,
        state: Option<DocumentState>,
        after: Option<PathBuf>,
        limit: usize,
    ) -> BoxFuture<'_, Result<Vec<DocumentStatus>>>;

    /// How many files of a folder, or of all, are in which state.
    fn counts(&self, root: Option<RootId>) -> BoxFuture<'_, Result<IndexCounts>>;

    /// Removes sources (files, or folders with all below them) with everything that quotes them, and makes sure that no
    /// page of the database, of its log or of its keyword index still holds their text.
    fn forget(&self, paths: Vec<PathBuf>) -> BoxFuture<'_, Result<Purge>>;

    /// Writes a consistent copy of the whole database to a new file.
    fn backup(&self, to: PathBuf) -> BoxFuture<'_, Result<()>>;

    /// Merges the keyword index and gives back unused pages. For idle times.
    fn maintain(&self) -> BoxFuture<'_, Result<()>>;
}
