#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "api/access.rs"]
mod access;
#[path = "api/bodies.rs"]
mod bodies;
#[path = "api/compatibility.rs"]
mod compatibility;
#[path = "api/document.rs"]
mod document;
#[path = "api/editor.rs"]
mod editor;
#[path = "api/editor_context.rs"]
mod editor_context;
#[path = "api/editor_models.rs"]
mod editor_models;
#[path = "api/generation.rs"]
mod generation;
#[path = "api/harness.rs"]
mod harness;
#[path = "api/imports.rs"]
mod imports;
#[path = "api/life.rs"]
mod life;
#[path = "api/ollama.rs"]
mod ollama;
#[path = "api/openai.rs"]
mod openai;
#[path = "api/page.rs"]
mod page;
#[path = "api/providers.rs"]
mod providers;
#[path = "api/raw.rs"]
mod raw;
#[path = "api/refusals.rs"]
mod refusals;
#[path = "api/responses.rs"]
mod responses;
#[path = "api/routes.rs"]
mod routes;
#[path = "api/streams.rs"]
mod streams;
#[path = "api/tools.rs"]
mod tools;
