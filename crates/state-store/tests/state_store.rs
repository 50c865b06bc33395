//! The state store through its public surface: its ports, on real files.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    missing_docs,
    unreachable_pub,
    reason = "a test stops at the first surprise"
)]

#[path = "state_store/harness.rs"]
mod harness;

#[path = "state_store/audit.rs"]
mod audit;
#[path = "state_store/conversations.rs"]
mod conversations;
#[path = "state_store/documents.rs"]
mod documents;
#[path = "state_store/durability.rs"]
mod durability;
#[path = "state_store/forget.rs"]
mod forget;
#[path = "state_store/imports.rs"]
mod imports;
#[path = "state_store/memories.rs"]
mod memories;
#[path = "state_store/model.rs"]
mod model;
#[path = "state_store/search.rs"]
mod search;
#[path = "state_store/speed.rs"]
mod speed;
#[path = "state_store/suggestions.rs"]
mod suggestions;
#[path = "state_store/transmissions.rs"]
mod transmissions;
