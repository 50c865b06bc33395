//! Which passage each row is of.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, PoisonError, RwLock};

use ambit_domain::{DocumentId, PassageId};
use arrow_array::UInt64Array;
use futures_util::TryStreamExt;
use lancedb::Table;

use crate::{VectorStoreError, table};

/// The engine's number of a row: its file above, its place in that file below.
pub(crate) const ROW: &str = "_rowid";
/// The same, for rows that were deleted as well.
const ADDRESS: &str = "_rowaddr";

/// What a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) passage: PassageId,
    pub(crate) document: DocumentId,
}

/// The owners of all rows of the files that searches came upon, 16 bytes a row: fetching two columns of fifty rows takes the
/// engine about as long as finding them.
///
/// The rows of a file never change, and no number is given twice until the table is made anew: then everything is to be
/// forgotten.
#[derive(Debug, Default)]
pub(crate) struct Owners {
    files: RwLock<HashMap<u32, Arc<[Owner]>>>,
}

impl Owners {
    /// The owners of rows that a search of this very version of the table found.
    pub(crate) async fn of(&self, table: &Table, rows: &[u64]) -> Result<Vec<Owner>, VectorStoreError> {
        let mut files: HashMap<u32, Arc<[Owner]>> = HashMap::new();
        let mut owners = Vec::with_capacity(rows.len());
        for row in rows {
            let (file, place) = split(*row);
            let of_file = match files.entry(file) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(vacant) => vacant.insert(self.file(table, file).await?),
            };
            owners.push(*of_file.get(place).ok_or_else(|| unknown(*row))?);
        }
        Ok(owners)
    }

    async fn file(&self, table: &Table, file: u32) -> Result<Arc<[Owner]>, VectorStoreError> {
        let known = self.files.read().unwrap_or_else(PoisonError::into_inner).get(&file).cloned();
        if let Some(known) = known {
            return Ok(known);
        }
        let read: Arc<[Owner]> = read(table, file).await?.into();
        self.files.write().unwrap_or_else(PoisonError::into_inner).insert(file, Arc::clone(&read));
        Ok(read)
    }

    /// Keeps what is known of the files that the table still has.
    pub(crate) async fn keep(&self, table: &Table) -> Result<(), VectorStoreError> {
        let Some(dataset) = table.dataset() else { return Ok(()) };
        let dataset = dataset.get().await?;
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        files.retain(|file, _| dataset.fragments().iter().any(|fragment| fragment.id == u64::from(*file)));
        Ok(())
    }

    pub(crate) fn forget(&self) {
        self.files.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

fn split(row: u64) -> (u32, usize) {
    ((row >> 32) as u32, (row & u64::from(u32::MAX)) as usize)
}

fn unknown(row: u64) -> VectorStoreError {
    VectorStoreError::Damaged(format!("a search found row {row}, which no file has"))
}

/// The owners of a file's rows, by their place; those of deleted rows as well, which a search of an earlier version may find.
async fn read(table: &Table, file: u32) -> Result<Vec<Owner>, VectorStoreError> {
    let absent = || unknown(u64::from(file) << 32);
    let dataset = table.dataset().ok_or_else(absent)?.get().await?;
    let fragment = dataset.get_fragment(file as usize).ok_or_else(absent)?;
    let mut scan = fragment.scan();
    let scan = scan.project(&[table::PASSAGE, table::DOCUMENT]).map_err(lancedb::Error::from)?;
    // The engine gives deleted rows only with both numbers, of which they have but the second.
    let scan = scan.scan_in_order(true).with_row_id().with_row_address().include_deleted_rows();
    let mut stream = scan.try_into_stream().await.map_err(lancedb::Error::from)?;
    let mut owners = Vec::new();
    while let Some(batch) = stream.try_next().await.map_err(lancedb::Error::from)? {
        let rows: &UInt64Array = table::column(&batch, ADDRESS)?;
        let passages = table::numbers(&batch, table::PASSAGE)?;
        let documents = table::numbers(&batch, table::DOCUMENT)?;
        for ((row, passage), document) in rows.values().iter().zip(passages.values()).zip(documents.values()) {
            if split(*row) != (file, owners.len()) {
                return Err(unknown(*row));
            }
            owners.push(Owner { passage: PassageId(*passage), document: DocumentId(*document) });
        }
    }
    Ok(owners)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::VectorStoreOptions;
    use crate::buffer::Buffer;
    use ambit_domain::{DocumentKind, PassageVector, Sequence, Timestamp};

    #[tokio::test]
    async fn a_deleted_row_is_known_to_those_who_search_an_earlier_version() {
        let folder = tempfile::tempdir().unwrap();
        let options = VectorStoreOptions { dimensions: 4, ..VectorStoreOptions::default() };
        let table = table::open(folder.path(), &options).await.unwrap();
        let vectors = (0..4).map(|number| PassageVector {
            passage: PassageId(10 + number),
            part: 0,
            document: DocumentId(number),
            path: "/a".to_owned(),
            kind: DocumentKind::Text,
            language: None,
            source: "folder".to_owned(),
            modified: Timestamp(0),
            embedding: vec![1.0, 0.0, 0.0, 0.0],
        });
        let mut buffer = Buffer::default();
        buffer.apply(&[], vectors.collect(), &"model".to_owned().into(), Sequence(1), Timestamp(0), 4);
        table.add(table::batch(&buffer.rows, &buffer.vectors, 4).unwrap()).execute().await.unwrap();
        let before = table.query_snapshot().await.unwrap();
        // One in the middle, and the last.
        table.delete("document = 1 OR document = 3").await.unwrap();
        let after = table.query_snapshot().await.unwrap();
        let owners = Owners::default();
        let passages = async |table: &Table, rows: &[u64]| -> Vec<i64> {
            owners.of(table, rows).await.unwrap().into_iter().map(|owner| owner.passage.0).collect()
        };
        assert_eq!(passages(&after, &[2, 0]).await, [12, 10]);
        assert_eq!(passages(&before, &[3, 1, 2]).await, [13, 11, 12]);
        assert!(owners.of(&after, &[4]).await.unwrap_err().is_damage());
        assert!(owners.of(&after, &[1 << 32]).await.unwrap_err().is_damage());
    }
}
