//! The truth: users, conversations, preferences, memories, documents with their text, the keyword index, the journal
//! and the audit log, in one SQLite file. The only crate that names rusqlite, and the only home of text.
//!
//! # Guarantees
//!
//! - A write that was answered is on the disk: write-ahead log with `synchronous=FULL`. Writes that wait at the same
//!   time share one transaction, and each is answered after the commit.
//! - A write that failed left nothing behind, and did not touch the others of its group.
//! - Every change to a document takes the next number of one sequence, in the same transaction, so that stores which
//!   are derived from the documents can catch up by number.
//! - After [`forget`](ambit_domain::port::Documents::forget) no byte of the forgotten text is left in the file, in its
//!   log or in the keyword index.
//!
//! # Shape
//!
//! [`StateStore`] implements seven ports and is cheap to clone. One thread owns the writing connection, two more read.
//! `table/` has one file per table: schema, row, reads and writes. `terms` turns text into the normal form that the
//! keyword index holds, `keyword` searches it.

mod backup;
mod change;
mod connection;
mod error;
mod forget;
mod keyword;
mod path_text;
mod port;
mod prepare;
mod reader;
mod schema;
mod store;
mod table;
mod terms;
mod writer;

pub use backup::{CarriedFile, CarriedFolder};
pub use error::StateStoreError;
pub use store::{Integrity, StateStore};
