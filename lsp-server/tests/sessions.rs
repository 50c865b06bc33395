//! Real sessions of the language server: the built program, spoken with over its standard input and output as editors do, in
//! front of a host that says what the test has it say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "sessions/copilot.rs"]
mod copilot;
#[path = "sessions/editor.rs"]
mod editor;
#[path = "sessions/host.rs"]
mod host;
#[path = "sessions/life.rs"]
mod life;
#[path = "sessions/mirroring.rs"]
mod mirroring;
#[path = "sessions/settings.rs"]
mod settings;
#[path = "sessions/suggestions.rs"]
mod suggestions;
#[path = "sessions/writing.rs"]
mod writing;
