#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "runtime/answers.rs"]
mod answers;
#[path = "runtime/attachments.rs"]
mod attachments;
#[path = "runtime/folders.rs"]
mod folders;
#[path = "runtime/generation.rs"]
mod generation;
#[path = "runtime/house.rs"]
mod house;
#[path = "runtime/records.rs"]
mod records;
#[path = "runtime/suggestions.rs"]
mod suggestions;
#[path = "runtime/updates.rs"]
mod updates;
#[path = "runtime/upkeep.rs"]
mod upkeep;
