//! The indexing pipeline: files become documents, and documents become vectors and facts.
//!
//! Everything here is plain async code over the ports. It spawns nothing, reads no clock of its own and knows no async
//! runtime: whoever drives it brings the tasks and a [`Timer`].
//!
//! - [`Indexer::follow_root`] keeps the documents of one folder as the folder is: it scans, reads what changed, and then
//!   follows the watch.
//! - [`Indexer::follow_vectors`] and [`Indexer::follow_graph`] replay the documents' changes into the derived stores.
//!   Both record what they applied after it was applied, so that a crash at any point only means that work is repeated.

mod derived;
mod forget;
mod forgotten;
mod gate;
mod graph;
mod indexer;
mod parts;
mod power;
mod progress;
mod root;
mod scan;
mod signal;
mod timer;
mod vectors;
mod versions;
mod writer;

pub use derived::DerivedStore;
pub use forgotten::{FORGOTTEN_PREFERENCE, Forgotten};
pub use gate::{InteractiveGate, InteractiveGuard};
pub use indexer::{IndexOptions, IndexPorts, Indexer};
pub use power::{Background, Cause, Pace};
pub use progress::{IndexProgress, ProgressBoard, RootProgress};
pub use scan::{ScanSummary, Touched};
pub use signal::Signal;
pub use timer::Timer;
pub use vectors::MODEL_PREFERENCE;
