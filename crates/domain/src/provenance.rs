use serde::{Deserialize, Serialize};

use crate::Timestamp;

/// Where content came from, as far as trust goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Taint {
    /// The user wrote or chose it.
    #[default]
    Trusted,
    /// It came from outside: a page, mail, a tool of somebody else.
    Outside,
}

impl Taint {
    /// Whether it came from outside.
    #[must_use]
    pub fn is_outside(self) -> bool {
        self == Self::Outside
    }
}

/// Something that is about to be done, for the audit log. Holds ids and keyed digests, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditEntry {
    /// Who: a surface or `host`.
    pub actor: String,
    /// What, as `noun.verb`: `root.add`, `session.ask`, `source.forget`.
    pub action: String,
    /// On what: an id or a digest.
    pub subject: String,
    /// Small facts: counts, ids, bytes sent.
    pub detail: serde_json::Value,
}

/// An entry of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    /// Its place, from 1, without gaps.
    pub number: i64,
    /// When it was written.
    pub at: Timestamp,
    /// What it says.
    pub entry: AuditEntry,
    /// BLAKE3 over the record before and this one, in hexadecimal.
    pub chain: String,
}
