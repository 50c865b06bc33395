//! What a person does with Ambit, done with the real binary.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::expect_used,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops at the first surprise, and starts the processes that it needs"
)]

#[path = "scenarios/agents.rs"]
mod agents;
#[path = "scenarios/attachments.rs"]
mod attachments;
#[path = "scenarios/bad_input.rs"]
mod bad_input;
#[path = "scenarios/browser.rs"]
mod browser;
#[path = "scenarios/changes.rs"]
mod changes;
#[path = "scenarios/editors.rs"]
mod editors;
#[path = "scenarios/encoders.rs"]
mod encoders;
#[path = "scenarios/faults.rs"]
mod faults;
#[path = "scenarios/forgetting.rs"]
mod forgetting;
#[path = "scenarios/host.rs"]
mod host;
#[path = "scenarios/hub.rs"]
mod hub;
#[path = "scenarios/imports.rs"]
mod imports;
#[path = "scenarios/keys.rs"]
mod keys;
#[path = "scenarios/language_models.rs"]
mod language_models;
#[path = "scenarios/main_job.rs"]
mod main_job;
#[path = "scenarios/model_faults.rs"]
mod model_faults;
#[path = "scenarios/models.rs"]
mod models;
#[path = "scenarios/own_data.rs"]
mod own_data;
#[path = "scenarios/packages.rs"]
mod packages;
#[path = "scenarios/page.rs"]
mod page;
#[path = "scenarios/preferences.rs"]
mod preferences;
#[path = "scenarios/privacy.rs"]
mod privacy;
#[path = "scenarios/providers.rs"]
mod providers;
#[path = "scenarios/pulled_models.rs"]
mod pulled_models;
#[path = "scenarios/shell.rs"]
mod shell;
#[path = "scenarios/shell_hooks.rs"]
mod shell_hooks;
#[path = "scenarios/terminal.rs"]
mod terminal;
#[path = "scenarios/tiny.rs"]
mod tiny;
#[path = "scenarios/updates.rs"]
mod updates;
