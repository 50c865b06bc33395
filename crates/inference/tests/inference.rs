//! Encoder, token counter, wire and worker, on the real model.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "inference/catalogue.rs"]
mod catalogue;
#[path = "inference/confinement.rs"]
mod confinement;
#[path = "inference/encoder.rs"]
mod encoder;
#[path = "inference/language.rs"]
mod language;
#[path = "inference/model.rs"]
mod model;
#[path = "inference/tokens.rs"]
mod tokens;
#[path = "inference/wire.rs"]
mod wire;
#[path = "inference/worker.rs"]
mod worker;
