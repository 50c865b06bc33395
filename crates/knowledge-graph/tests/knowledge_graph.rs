#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    missing_docs,
    reason = "a test stops at the first surprise"
)]

#[path = "knowledge_graph/contract.rs"]
mod contract;
#[path = "knowledge_graph/damage.rs"]
mod damage;
#[path = "knowledge_graph/disk.rs"]
mod disk;
#[path = "knowledge_graph/fixture.rs"]
mod fixture;
#[path = "knowledge_graph/neighbours.rs"]
mod neighbours;
#[path = "knowledge_graph/ranking.rs"]
mod ranking;
#[path = "knowledge_graph/sparql.rs"]
mod sparql;
#[path = "knowledge_graph/speed.rs"]
mod speed;
