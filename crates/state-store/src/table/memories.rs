//! Remembered facts and preferences.

use std::path::Path;

use ambit_domain::{Memory, MemoryId, MemoryScope, Scope, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row};

use super::{Result, name_of, named, users};
use crate::path_text;

/// `scope` is `global`, `folder` or `surface`; `place` is the folder's path or the surface.
pub(crate) const SCHEMA: &str = "
    CREATE TABLE memories (
        id TEXT PRIMARY KEY,
        user INTEGER NOT NULL REFERENCES users(id),
        kind TEXT NOT NULL,
        text TEXT NOT NULL,
        scope TEXT NOT NULL,
        place TEXT NOT NULL,
        source TEXT NOT NULL,
        created INTEGER NOT NULL,
        updated INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX memories_created ON memories (created, id);";

const COLUMNS: &str = "id, kind, text, scope, place, source, created, updated";

fn memory(row: &Row<'_>) -> Result<Memory> {
    let place: String = row.get(4)?;
    let scope = match row.get_ref(3)?.as_str().map_err(rusqlite::Error::from)? {
        "folder" => MemoryScope::Folder(path_text::decode(&place)),
        "surface" => MemoryScope::Surface(place),
        _ => MemoryScope::Global,
    };
    Ok(Memory {
        id: MemoryId(row.get(0)?),
        kind: named(row.get_ref(1)?.as_str().map_err(rusqlite::Error::from)?)?,
        text: row.get(2)?,
        scope,
        source: row.get(5)?,
        created: Timestamp(row.get(6)?),
        updated: Timestamp(row.get(7)?),
    })
}

/// Stores a memory, in place of the one with its id.
pub(crate) fn put(connection: &Connection, memory: &Memory) -> Result<()> {
    let (scope, place) = match &memory.scope {
        MemoryScope::Global => ("global", String::new()),
        MemoryScope::Folder(folder) => ("folder", path_text::encode(folder)),
        MemoryScope::Surface(surface) => ("surface", surface.clone()),
    };
    connection
        .prepare_cached(
            "INSERT INTO memories (id, user, kind, text, scope, place, source, created, updated)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
             ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, text = excluded.text, scope = excluded.scope,
                 place = excluded.place, source = excluded.source, updated = excluded.updated",
        )?
        .execute((
            memory.id.as_str(),
            users::LOCAL,
            name_of(&memory.kind)?,
            &memory.text,
            scope,
            place,
            &memory.source,
            memory.created.0,
            memory.updated.0,
        ))?;
    Ok(())
}

pub(crate) fn get(connection: &Connection, id: &MemoryId) -> Result<Option<Memory>> {
    connection
        .prepare_cached(&format!("SELECT {COLUMNS} FROM memories WHERE id = ?1"))?
        .query_row([id.as_str()], |row| Ok(memory(row)))
        .optional()?
        .transpose()
}

/// Newest first; with a scope, those that count there.
pub(crate) fn list(connection: &Connection, scope: Option<&Scope>) -> Result<Vec<Memory>> {
    let mut statement =
        connection.prepare_cached(&format!("SELECT {COLUMNS} FROM memories ORDER BY created DESC, id DESC"))?;
    let mut rows = statement.query([])?;
    let mut list = Vec::new();
    while let Some(row) = rows.next()? {
        let memory = memory(row)?;
        if scope.is_none_or(|scope| counts_in(&memory.scope, scope)) {
            list.push(memory);
        }
    }
    Ok(list)
}

fn counts_in(memory: &MemoryScope, scope: &Scope) -> bool {
    match memory {
        MemoryScope::Global => true,
        MemoryScope::Folder(folder) => scope.folder.as_ref().is_some_and(|asked| asked.starts_with(folder)),
        MemoryScope::Surface(surface) => scope.surface.as_ref() == Some(surface),
    }
}

pub(crate) fn remove(connection: &Connection, id: &MemoryId) -> Result<bool> {
    Ok(connection.prepare_cached("DELETE FROM memories WHERE id = ?1")?.execute([id.as_str()])? > 0)
}

/// Removes memories that were learned from a file at or below a path. Returns how many.
pub(crate) fn remove_learned_from(connection: &Connection, path: &Path) -> Result<u64> {
    let mut removed = 0;
    for memory in list(connection, None)? {
        let source = memory.source.strip_prefix("file://").unwrap_or(&memory.source);
        if Path::new(source).starts_with(path) {
            removed += u64::from(remove(connection, &memory.id)?);
        }
    }
    Ok(removed)
}
