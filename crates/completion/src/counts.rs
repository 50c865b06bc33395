//! What follows, counted.

mod bytes;
mod model;
mod predict;
mod segment;

pub use predict::Thresholds;
pub use segment::Segment;

pub(crate) use model::{Candidate, Model, Weights};
pub(crate) use predict::{before, predict};
