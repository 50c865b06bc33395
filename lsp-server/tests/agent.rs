//! The agent in front of the protocol's own client: the built program, driven over its standard input and output by the client
//! of the library, before a host that says what the test has it say.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "agent/answering.rs"]
mod answering;
#[path = "agent/choosing.rs"]
mod choosing;
#[path = "agent/commands.rs"]
mod commands;
#[path = "agent/consent.rs"]
mod consent;
#[path = "agent/editor.rs"]
mod editor;
#[path = "agent/host.rs"]
mod host;
#[path = "agent/life.rs"]
mod life;
#[path = "agent/mentions.rs"]
mod mentions;
#[path = "agent/sessions.rs"]
mod sessions;
#[path = "agent/stopping.rs"]
mod stopping;
