#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    clippy::disallowed_methods,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "vector_store/contract.rs"]
mod contract;
#[path = "vector_store/damage.rs"]
mod damage;
#[path = "vector_store/fixture.rs"]
mod fixture;
#[path = "vector_store/history.rs"]
mod history;
#[path = "vector_store/scale.rs"]
mod scale;
