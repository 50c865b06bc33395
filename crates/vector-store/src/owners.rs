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

/// What a row belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Owner {
    pub(crate) passage: PassageId,
    pub(crate) document: DocumentId,
}

/// The owners of all rows of the files that searches came upon, 16 bytes a row: fetching two columns of fifty rows takes the
/// engine about as long as finding them.
///
/// The rows of a file never change, and no number is given twice, unless an earlier state is restored or the table is made
/// anew: then everything is to be forgotten.
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

/// The owners of a file's rows, by their place. Deleted rows have none of their own; no search finds them.
async fn read(table: &Table, file: u32) -> Result<Vec<Owner>, VectorStoreError> {
    let nobody = Owner { passage: PassageId(-1), document: DocumentId(-1) };
    let absent = || unknown(u64::from(file) << 32);
    let dataset = table.dataset().ok_or_else(absent)?.get().await?;
    let fragment = dataset.get_fragment(file as usize).ok_or_else(absent)?;
    let mut scan = fragment.scan();
    let scan = scan.project(&[table::PASSAGE, table::DOCUMENT]).map_err(lancedb::Error::from)?;
    let mut stream = scan.with_row_id().try_into_stream().await.map_err(lancedb::Error::from)?;
    let mut owners = Vec::new();
    while let Some(batch) = stream.try_next().await.map_err(lancedb::Error::from)? {
        let rows: &UInt64Array = table::column(&batch, ROW)?;
        let passages = table::numbers(&batch, table::PASSAGE)?;
        let documents = table::numbers(&batch, table::DOCUMENT)?;
        for ((row, passage), document) in rows.values().iter().zip(passages.values()).zip(documents.values()) {
            let (_, place) = split(*row);
            if place >= owners.len() {
                owners.resize(place + 1, nobody);
            }
            owners[place] = Owner { passage: PassageId(*passage), document: DocumentId(*document) };
        }
    }
    Ok(owners)
}
