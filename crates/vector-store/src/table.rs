//! The one table: its columns, its opening, and rows in and out of Arrow.

use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;

use ambit_domain::DocumentId;
use arrow_array::types::Float32Type;
use arrow_array::{
    Array, ArrayRef, FixedSizeListArray, Float32Array, Int64Array, PrimitiveArray, RecordBatch, StringArray,
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use futures_util::TryStreamExt;
use lancedb::query::{ExecutableQuery, QueryBase, Select};
use lancedb::{ObjectStoreRegistry, Session, Table};

use crate::buffer::Row;
use crate::{VectorStoreError, VectorStoreOptions};

pub(crate) const PASSAGE: &str = "passage";
pub(crate) const PART: &str = "part";
pub(crate) const DOCUMENT: &str = "document";
pub(crate) const PATH: &str = "path";
pub(crate) const KIND: &str = "kind";
pub(crate) const LANGUAGE: &str = "language";
pub(crate) const SOURCE: &str = "source";
pub(crate) const MODIFIED: &str = "modified";
pub(crate) const MODEL: &str = "model";
pub(crate) const VECTOR: &str = "vector";

const NAME: &str = "vectors";

fn item() -> Field {
    Field::new("item", DataType::Float32, true)
}

pub(crate) fn schema(dimensions: usize) -> SchemaRef {
    let length = i32::try_from(dimensions).unwrap_or(i32::MAX);
    Arc::new(Schema::new(vec![
        Field::new(PASSAGE, DataType::Int64, false),
        Field::new(PART, DataType::Int64, false),
        Field::new(DOCUMENT, DataType::Int64, false),
        Field::new(PATH, DataType::Utf8, false),
        Field::new(KIND, DataType::Utf8, false),
        Field::new(LANGUAGE, DataType::Utf8, true),
        Field::new(SOURCE, DataType::Utf8, false),
        Field::new(MODIFIED, DataType::Int64, false),
        Field::new(MODEL, DataType::Utf8, false),
        Field::new(VECTOR, DataType::FixedSizeList(Arc::new(item()), length), false),
    ]))
}

/// Opens the table of a folder, or makes it. Each opening has caches of its own: those of an earlier table in the same place
/// would answer for files that are gone.
pub(crate) async fn open(folder: &Path, options: &VectorStoreOptions) -> Result<Table, VectorStoreError> {
    let uri = folder.to_str().ok_or_else(|| VectorStoreError::Path { folder: folder.to_owned() })?;
    let registry = Arc::new(ObjectStoreRegistry::default());
    let session = Arc::new(Session::new(options.index_cache, options.metadata_cache, registry));
    let connection = lancedb::connect(uri).session(session).execute().await?;
    match connection.open_table(NAME).execute().await {
        Ok(table) => Ok(table),
        Err(lancedb::Error::TableNotFound { .. }) => {
            Ok(connection.create_empty_table(NAME, schema(options.dimensions)).execute().await?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The documents that have rows. Reads one column of all fragments, so files that are gone or cut show here.
pub(crate) async fn documents(table: &Table) -> Result<HashSet<DocumentId>, VectorStoreError> {
    let mut stream = table.query().select(Select::columns(&[DOCUMENT])).execute().await?;
    let mut documents = HashSet::new();
    while let Some(batch) = stream.try_next().await? {
        documents.extend(numbers(&batch, DOCUMENT)?.values().iter().map(|id| DocumentId(*id)));
    }
    Ok(documents)
}

/// Rows as one batch.
pub(crate) fn batch(rows: &[Row], vectors: &[f32], dimensions: usize) -> Result<RecordBatch, VectorStoreError> {
    let text = |of: fn(&Row) -> &str| -> ArrayRef { Arc::new(StringArray::from_iter_values(rows.iter().map(of))) };
    let number = |of: fn(&Row) -> i64| -> ArrayRef { Arc::new(Int64Array::from_iter_values(rows.iter().map(of))) };
    let length = i32::try_from(dimensions).unwrap_or(i32::MAX);
    let values: PrimitiveArray<Float32Type> = vectors.to_vec().into();
    let vectors = FixedSizeListArray::try_new(Arc::new(item()), length, Arc::new(values), None);
    let columns = vec![
        number(|row| row.vector.passage.0),
        number(|row| i64::from(row.vector.part)),
        number(|row| row.vector.document.0),
        text(|row| &row.vector.path),
        text(|row| row.vector.kind.as_str()),
        Arc::new(StringArray::from_iter(rows.iter().map(|row| row.vector.language.as_deref()))) as ArrayRef,
        text(|row| &row.vector.source),
        number(|row| row.vector.modified.0),
        text(|row| &row.model),
        Arc::new(vectors.map_err(lancedb::Error::from)?) as ArrayRef,
    ];
    Ok(RecordBatch::try_new(schema(dimensions), columns).map_err(lancedb::Error::from)?)
}

/// A column of whole numbers.
pub(crate) fn numbers<'a>(batch: &'a RecordBatch, name: &str) -> Result<&'a Int64Array, VectorStoreError> {
    column(batch, name)
}

/// A column of a known type.
pub(crate) fn column<'a, T: Array + 'static>(batch: &'a RecordBatch, name: &str) -> Result<&'a T, VectorStoreError> {
    batch
        .column_by_name(name)
        .and_then(|column| column.as_any().downcast_ref())
        .ok_or_else(|| VectorStoreError::Damaged(format!("the column {name} is missing or of another type")))
}

/// The vectors of a batch, one after the other, with their length.
pub(crate) fn vectors(batch: &RecordBatch) -> Result<(&Float32Array, usize), VectorStoreError> {
    let lists: &FixedSizeListArray = column(batch, VECTOR)?;
    let values = lists.values().as_any().downcast_ref();
    let values = values.ok_or_else(|| VectorStoreError::Damaged("the vectors are not numbers".to_owned()))?;
    Ok((values, usize::try_from(lists.value_length()).unwrap_or_default()))
}
