#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "orchestrator/answers.rs"]
mod answers;
#[path = "orchestrator/elsewhere.rs"]
mod elsewhere;
#[path = "orchestrator/samples.rs"]
mod samples;
#[path = "orchestrator/simulator.rs"]
mod simulator;
