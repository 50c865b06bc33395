//! Benchmarks, fixtures and packaging of Ambit: what developers run with `cargo xtask`. Nothing of it is shipped.

pub mod bench;
pub mod fixtures;
pub mod package;
pub mod soak;

pub mod replay;

pub mod clock;
pub mod fake_model;
pub mod host;
pub mod matmul;
pub mod passages;
pub mod peers;
pub mod place;
pub mod quality;
pub mod questions;
pub mod report;
pub mod statistics;
pub mod synthetic;
