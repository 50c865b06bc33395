#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod xtask {
    mod command;
    mod host;
    mod quality;
    mod questions;
    mod report;
    mod statistics;
    mod synthetic;
}
