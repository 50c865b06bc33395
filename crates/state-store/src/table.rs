//! One file per table: its schema, its rows, its reads and its writes.

pub(crate) mod api_calls;
pub(crate) mod audit;
pub(crate) mod derived;
pub(crate) mod documents;
pub(crate) mod file_status;
pub(crate) mod journal;
pub(crate) mod keyword_index;
pub(crate) mod learnt_weights;
pub(crate) mod memories;
pub(crate) mod meta;
pub(crate) mod outlines;
pub(crate) mod passages;
pub(crate) mod preferences;
pub(crate) mod roots;
pub(crate) mod sessions;
pub(crate) mod suggestions;
pub(crate) mod tombstones;
pub(crate) mod totals;
pub(crate) mod transmissions;
pub(crate) mod turns;
pub(crate) mod users;
pub(crate) mod vocabulary;

type Result<T> = std::result::Result<T, crate::StateStoreError>;

/// The kebab-case name that serde gives a unit variant, for a text column.
fn name_of<T: serde::Serialize>(value: &T) -> Result<String> {
    match serde_json::to_value(value)? {
        serde_json::Value::String(name) => Ok(name),
        other => Err(crate::StateStoreError::Engine(format!("{other} is not a name"))),
    }
}

/// The variant with a kebab-case name.
fn named<T: serde::de::DeserializeOwned>(name: &str) -> Result<T> {
    Ok(serde_json::from_value(serde_json::Value::String(name.to_owned()))?)
}

/// A limit as SQLite counts.
pub(crate) fn limit(limit: usize) -> i64 {
    i64::try_from(limit).unwrap_or(i64::MAX)
}

/// A count or a size: a number that is never negative.
pub(crate) fn unsigned(row: &rusqlite::Row<'_>, column: usize) -> rusqlite::Result<u64> {
    let number: i64 = row.get(column)?;
    u64::try_from(number).map_err(|_| rusqlite::Error::IntegralValueOutOfRange(column, number))
}

/// Numbers as the bytes of a column.
fn packed(numbers: &[f32]) -> Vec<u8> {
    numbers.iter().flat_map(|number| number.to_le_bytes()).collect()
}

/// The numbers in the bytes of a column.
fn numbers(bytes: &[u8]) -> Vec<f32> {
    bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])).collect()
}
