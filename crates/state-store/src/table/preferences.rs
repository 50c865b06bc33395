//! Settings that the user changed through a surface, as JSON.

use rusqlite::Connection;
use serde_json::Value;

use super::Result;

pub(crate) const SCHEMA: &str = "
    CREATE TABLE preferences (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

pub(crate) fn all(connection: &Connection) -> Result<Vec<(String, Value)>> {
    let mut statement = connection.prepare_cached("SELECT key, value FROM preferences ORDER BY key")?;
    let mut rows = statement.query([])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        let value = serde_json::from_str(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?;
        all.push((row.get(0)?, value));
    }
    Ok(all)
}

pub(crate) fn set(connection: &Connection, key: &str, value: &Value) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO preferences VALUES (?1, ?2) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        )?
        .execute((key, serde_json::to_string(value)?))?;
    Ok(())
}

pub(crate) fn remove(connection: &Connection, key: &str) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM preferences WHERE key = ?1")?.execute([key])? > 0)
}
