#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

#[path = "ingest/fixture.rs"]
mod fixture;
#[path = "ingest/formats.rs"]
mod formats;
#[path = "ingest/history.rs"]
mod history;
#[path = "ingest/hostile.rs"]
mod hostile;
#[path = "ingest/packed.rs"]
mod packed;
#[path = "ingest/property.rs"]
mod property;
#[path = "ingest/scanning.rs"]
mod scanning;
#[path = "ingest/speed.rs"]
mod speed;
#[path = "ingest/watching.rs"]
mod watching;
