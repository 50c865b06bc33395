//! The indexing pipeline: files become documents, and documents become vectors and facts.
//!
//! Everything here is plain async code over the ports. It spawns nothing, reads no clock of its own and knows no async
//! runtime: whoever drives it brings the tasks and a [`Timer`].

mod progress;

pub use progress::{IndexProgress, ProgressBoard, RootProgress};
