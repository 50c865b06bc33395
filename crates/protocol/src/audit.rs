use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// An entry of the audit log: ids and keyed digests, never content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditRecord {
    /// Its place, from 1, without gaps.
    pub number: i64,
    /// When it was written: before the action.
    pub written_at: i64,
    /// Who acted: a surface or `host`.
    pub actor: String,
    /// What was done: `root.add`, `session.ask`, `source.forget`.
    pub action: String,
    /// To what: an id or a digest.
    pub subject: String,
    /// Small facts: counts, ids, bytes sent.
    pub detail: serde_json::Value,
    /// BLAKE3 over the record before and this one, in hexadecimal.
    pub chain: String,
}

/// A page of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AuditPage {
    /// The records, newest first.
    pub records: Vec<AuditRecord>,
    /// `before` for the next page, when there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<i64>,
}
