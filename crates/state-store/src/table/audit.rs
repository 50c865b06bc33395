//! The audit log: a chain in which each record holds a hash over the one before and itself.

use ambit_domain::{AuditEntry, AuditRecord, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};
use serde_json::Value;

use super::{Result, limit};

pub(crate) const SCHEMA: &str = "
    CREATE TABLE audit (
        number INTEGER PRIMARY KEY,
        at INTEGER NOT NULL,
        actor TEXT NOT NULL,
        action TEXT NOT NULL,
        subject TEXT NOT NULL,
        detail TEXT NOT NULL,
        chain TEXT NOT NULL
    ) STRICT;";

const COLUMNS: &str = "number, at, actor, action, subject, detail, chain";

/// A record with the text of its detail as stored, which is what the chain was made over.
struct Stored {
    number: i64,
    at: i64,
    actor: String,
    action: String,
    subject: String,
    detail: String,
    chain: String,
}

impl Stored {
    fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            number: row.get(0)?,
            at: row.get(1)?,
            actor: row.get(2)?,
            action: row.get(3)?,
            subject: row.get(4)?,
            detail: row.get(5)?,
            chain: row.get(6)?,
        })
    }

    fn record(self) -> Result<AuditRecord> {
        let detail = serde_json::from_str(&self.detail)?;
        Ok(AuditRecord {
            number: self.number,
            at: Timestamp(self.at),
            entry: AuditEntry { actor: self.actor, action: self.action, subject: self.subject, detail },
            chain: self.chain,
        })
    }

    /// BLAKE3 over the chain before and this record as a JSON array.
    fn link(&self, before: &str) -> Result<String> {
        let fields = (self.number, self.at, &self.actor, &self.action, &self.subject, &self.detail);
        let mut hasher = blake3::Hasher::new();
        hasher.update(before.as_bytes());
        hasher.update(&serde_json::to_vec(&fields)?);
        Ok(hasher.finalize().to_hex().to_string())
    }
}

/// The text of a value with sorted keys, whatever order the map of the JSON library keeps.
fn canonical(value: &Value) -> String {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.iter().collect();
            entries.sort_by_key(|(key, _)| key.as_str());
            let members: Vec<String> = entries
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::String(key.clone()), canonical(value)))
                .collect();
            format!("{{{}}}", members.join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(canonical).collect::<Vec<_>>().join(",")),
        other => other.to_string(),
    }
}

pub(crate) fn append(connection: &Connection, entry: &AuditEntry, at: Timestamp) -> Result<AuditRecord> {
    let last: Option<(i64, String)> = connection
        .prepare_cached("SELECT number, chain FROM audit ORDER BY number DESC LIMIT 1")?
        .query_row([], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    let (number, before) = last.unwrap_or_default();
    let mut stored = Stored {
        number: number + 1,
        at: at.0,
        actor: entry.actor.clone(),
        action: entry.action.clone(),
        subject: entry.subject.clone(),
        detail: canonical(&entry.detail),
        chain: String::new(),
    };
    stored.chain = stored.link(&before)?;
    connection.prepare_cached("INSERT INTO audit VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)")?.execute((
        stored.number,
        stored.at,
        &stored.actor,
        &stored.action,
        &stored.subject,
        &stored.detail,
        &stored.chain,
    ))?;
    stored.record()
}

/// Before a number, newest first.
pub(crate) fn list(connection: &Connection, before: Option<i64>, most: usize) -> Result<Vec<AuditRecord>> {
    let mut statement = connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM audit WHERE number < ?1 ORDER BY number DESC LIMIT ?2"))?;
    let rows = statement.query_map((before.unwrap_or(i64::MAX), limit(most)), Stored::of)?;
    rows.map(|row| row?.record()).collect()
}

/// The number of the first record that does not fit to the one before it.
pub(crate) fn first_broken(connection: &Connection) -> Result<Option<i64>> {
    let mut statement = connection.prepare_cached(&format!("SELECT {COLUMNS} FROM audit ORDER BY number"))?;
    let mut before = String::new();
    let mut number = 0;
    for stored in statement.query_map([], Stored::of)? {
        let stored = stored?;
        number += 1;
        if stored.number != number || stored.link(&before)? != stored.chain {
            return Ok(Some(number));
        }
        before = stored.chain;
    }
    Ok(None)
}
