//! Benchmarks, fixtures and packaging of Ambit: what developers run with `cargo xtask`. Nothing of it is shipped.

pub mod fixtures;
pub mod package;
pub mod peers;
pub mod place;
pub mod questions;
pub mod report;
pub mod statistics;
pub mod synthetic;
