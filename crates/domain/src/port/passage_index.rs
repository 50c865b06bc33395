use crate::{
    BoxFuture, DocumentId, PassageId, PassageVector, Result, Sequence, StoredVector, VectorHit, VectorQuery,
    VectorVersion,
};

/// Vectors of passages: derived from the documents, can be rebuilt at any time.
pub trait PassageIndex: Send + Sync {
    /// The last sequence that is really in the store, by the store's own record; an older copy of its folder tells an
    /// older one, an unreadable or empty one tells 0.
    fn applied(&self) -> BoxFuture<'_, Result<Sequence>>;

    /// Removes the vectors of `documents`, adds `vectors` made by `model`, and records `sequence`, in this order, so
    /// that a crash in between only means that the same call is made again. Repeating a call changes nothing.
    fn apply(
        &self,
        documents: Vec<DocumentId>,
        vectors: Vec<PassageVector>,
        model: String,
        sequence: Sequence,
    ) -> BoxFuture<'_, Result<()>>;

    /// The passages nearest by cosine, best first. A passage is as near as the nearest of its parts.
    fn search(&self, query: VectorQuery) -> BoxFuture<'_, Result<Vec<VectorHit>>>;

    /// Vectors of `model` that are stored already, of those passages that have one: a document that only moved keeps its
    /// passages, and need not be embedded again.
    fn stored(&self, passages: Vec<PassageId>, model: String) -> BoxFuture<'_, Result<Vec<StoredVector>>>;

    /// How many passages have vectors.
    fn count(&self) -> BoxFuture<'_, Result<u64>>;

    /// Compacts, builds or extends the nearest-neighbour index when the table is large enough, and drops versions
    /// beyond the retention. For idle times.
    fn maintain(&self) -> BoxFuture<'_, Result<()>>;

    /// Drops all history, so that removed vectors are really gone from the disk.
    fn purge(&self) -> BoxFuture<'_, Result<()>>;

    /// Empties the store and sets its sequence to 0.
    fn clear(&self) -> BoxFuture<'_, Result<()>>;

    /// The states that one can go back to, newest first.
    fn versions(&self) -> BoxFuture<'_, Result<Vec<VectorVersion>>>;

    /// Goes back to a state; the changes since then are replayed by the indexing pipeline.
    fn restore(&self, version: u64) -> BoxFuture<'_, Result<()>>;
}
