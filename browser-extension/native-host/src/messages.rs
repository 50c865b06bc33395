//! What the extension and this program say to each other.

use ambit_client::PageCall;
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// The version of what is spoken. Another number is another language.
pub(crate) const PROTOCOL: u32 = 1;

/// What the extension says.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Message {
    /// Who it is; the first that it says.
    Hello(Hello),
    /// A request to the host.
    Call(PageCall),
    /// That nobody waits for the answer to a request any more, by its name.
    Cancel(String),
}

/// Who somebody is.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Hello {
    /// What they speak.
    pub(crate) protocol: u32,
    /// Their version.
    pub(crate) version: String,
}

/// This program, as it introduces itself.
pub(crate) fn hello() -> String {
    let us = Hello { protocol: PROTOCOL, version: env!("CARGO_PKG_VERSION").to_owned() };
    json!({ "hello": us }).to_string()
}

/// A part of the answer to a request, which is JSON.
pub(crate) fn data(id: &str, data: &str) -> String {
    format!("{{\"id\":{},\"piece\":{{\"data\":{data}}}}}", json!(id))
}

/// The end of the answer to a request.
pub(crate) fn ended(id: &str) -> String {
    json!({ "id": id, "piece": { "ended": true } }).to_string()
}

/// Why a request has no answer, or no more of it.
pub(crate) fn failed(id: &str, problem: &Problem) -> String {
    json!({ "id": id, "piece": { "failed": problem } }).to_string()
}

/// Why what was said could not be heard.
pub(crate) fn unheard(problem: &Problem) -> String {
    json!({ "failed": problem }).to_string()
}

/// What is told of an extension that speaks another language.
pub(crate) fn another_language(theirs: u32) -> Problem {
    let (older, hint) = if theirs < PROTOCOL {
        ("the extension is older than Ambit on this machine", "update the extension in the browser")
    } else {
        ("Ambit on this machine is older than the extension", "install a newer Ambit, and start the browser again")
    };
    Problem { code: "version".to_owned(), ..Problem::new(ErrorCode::Conflict, older).with_hint(hint) }
}
