//! Vectors of passages in LanceDB: nearest neighbours, filtered, with versions to go back to.
//!
//! The store holds ids, filter columns and vectors, never text, and is derived: whatever happens to its folder, it opens,
//! tells by [`PassageIndex::applied`](ambit_domain::port::PassageIndex::applied) how far it is, and is filled up by replay.
//!
//! # How writes travel
//! A commit to LanceDB makes a file and a version, so thousands of small ones would make it slow. [`VectorStore`] collects
//! what it is told in memory, where searches see it at once, and writes groups: when enough rows wait, when they have waited
//! long enough and the next call comes, and in `maintain`, `purge`, `versions` and [`VectorStore::flush`]. A host calls
//! `flush` before it ends. `applied` tells only what is on the disk; it is meant to be asked at start, and what a crash lost
//! is replayed from there. A group is written as: delete, append, then the record of the sequence; each step may be repeated.

mod error;
mod options;
mod store;

mod buffer;
mod filter;
mod folder;
mod maintenance;
mod owners;
mod record;
mod search;
mod table;

pub use error::VectorStoreError;
pub use options::VectorStoreOptions;
pub use search::IndexState;
pub use store::VectorStore;
