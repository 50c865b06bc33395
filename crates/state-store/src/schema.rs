//! Creates and migrates the schema. `user_version` holds the number of the last migration.

use rusqlite::Connection;

use crate::{StateStoreError, table};

/// Marks a file as Ambit's, in SQLite's header: "Ambt".
pub(crate) const APPLICATION: u32 = 0x416d_6274;

/// The migrations, oldest first. Number `n` brings the schema from `n - 1` to `n`. What is here was released and never
/// changes; a change is a new entry.
const MIGRATIONS: [&[&str]; 7] = [
    FIRST,
    &[table::transmissions::SCHEMA],
    &[table::transmissions::INDEXES],
    &[table::sessions::CHOICES, table::turns::REPLACEMENTS],
    &[table::turns::ABOUT],
    &[table::suggestions::SCHEMA, table::learnt_weights::SCHEMA],
    &[table::documents::ORIGIN],
];

const FIRST: &[&str] = &[
    table::meta::SCHEMA,
    table::users::SCHEMA,
    table::sessions::SCHEMA,
    table::turns::SCHEMA,
    table::journal::SCHEMA,
    table::api_calls::SCHEMA,
    table::preferences::SCHEMA,
    table::memories::SCHEMA,
    table::audit::SCHEMA,
    table::roots::SCHEMA,
    table::totals::SCHEMA,
    table::documents::SCHEMA,
    table::outlines::SCHEMA,
    table::passages::SCHEMA,
    table::file_status::SCHEMA,
    table::tombstones::SCHEMA,
    table::derived::SCHEMA,
    table::keyword_index::SCHEMA,
    table::vocabulary::SCHEMA,
    table::totals::TRIGGERS,
];

/// The schema that this program writes.
pub(crate) const VERSION: u32 = MIGRATIONS.len() as u32;

/// The schema of a file.
pub(crate) fn version(connection: &Connection) -> Result<u32, StateStoreError> {
    Ok(connection.pragma_query_value(None, "user_version", |row| row.get(0))?)
}

/// Brings the file to [`VERSION`]. Each migration is one transaction.
pub(crate) fn migrate(connection: &mut Connection, path: &std::path::Path) -> Result<(), StateStoreError> {
    let present = version(connection)?;
    if present > VERSION {
        return Err(StateStoreError::NewerSchema { found: present, supported: VERSION });
    }
    check_owner(connection, path, present)?;
    for (number, statements) in (1u32..).zip(MIGRATIONS).skip(present as usize) {
        let transaction = connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        for statement in statements {
            transaction.execute_batch(statement)?;
        }
        if number == 1 {
            table::meta::create_key(&transaction)?;
        }
        transaction.pragma_update(None, "application_id", APPLICATION)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

/// Refuses a database that another program wrote.
pub(crate) fn check_owner(
    connection: &Connection,
    path: &std::path::Path,
    present: u32,
) -> Result<(), StateStoreError> {
    let application: u32 = connection.pragma_query_value(None, "application_id", |row| row.get(0))?;
    let tables: u32 = connection.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?;
    let empty = present == 0 && tables == 0;
    if application == APPLICATION || empty { Ok(()) } else { Err(StateStoreError::Foreign(path.to_path_buf())) }
}
