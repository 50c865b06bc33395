#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "client/host.rs"]
mod host;
#[path = "client/requests.rs"]
mod requests;
#[path = "client/sse.rs"]
mod sse;
#[path = "client/start.rs"]
mod start;
#[path = "client/version.rs"]
mod version;
