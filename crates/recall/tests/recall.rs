#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "recall/named.rs"]
mod named;
#[path = "recall/pipeline.rs"]
mod pipeline;
#[path = "recall/power.rs"]
mod power;
#[path = "recall/questions.rs"]
mod questions;
#[path = "recall/stage.rs"]
mod stage;
#[path = "recall/survival.rs"]
mod survival;
