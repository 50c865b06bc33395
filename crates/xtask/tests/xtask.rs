#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

mod xtask {
    mod command;
    mod fake_model;
    mod host;
    mod quality;
    mod questions;
    mod replay;
    mod report;
    mod statistics;
    mod synthetic;
}
