//! Whom conversations and memories belong to. A desktop has one user; a gateway's database has its own tables.

pub(crate) const SCHEMA: &str = "
    CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
    INSERT INTO users VALUES (1, 'local');";

/// The one user of this database.
pub(crate) const LOCAL: i64 = 1;
