//! The gateway against servers on this machine that speak as the real ones do, and misbehave as they do.
#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

#[path = "gateway/busy.rs"]
mod busy;
#[path = "gateway/fake.rs"]
mod fake;
#[path = "gateway/faults.rs"]
mod faults;
#[path = "gateway/house.rs"]
mod house;
#[path = "gateway/passed_on.rs"]
mod passed_on;
#[path = "gateway/privacy.rs"]
mod privacy;
#[path = "gateway/speaks.rs"]
mod speaks;
#[path = "gateway/tools.rs"]
mod tools;
