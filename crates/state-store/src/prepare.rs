//! What can be done for a write before the writing thread has it: normalising the text, and encoding what is stored as
//! JSON. Runs on the shared thread pool.

use ambit_domain::port::DocumentRecord;
use ambit_domain::{Document, DocumentId, Passage, Sequence, Span, Timestamp};
use rayon::prelude::*;

use crate::table::documents::StoredDocument;
use crate::terms::{Columns, Interner, PassageText};
use crate::{StateStoreError, path_text};

/// A batch that is ready to be stored.
pub(crate) struct Prepared {
    pub(crate) documents: Vec<PreparedDocument>,
    /// The distinct terms of all documents; a term can come once per thread.
    pub(crate) terms: Vec<Box<str>>,
}

/// A document without the numbers that storing it gives.
pub(crate) struct PreparedDocument {
    pub(crate) stored: StoredDocument,
    pub(crate) outline: String,
    pub(crate) warning: Option<String>,
    pub(crate) passages: Vec<PreparedPassage>,
}

/// A passage as it is stored.
pub(crate) struct PreparedPassage {
    pub(crate) text: String,
    /// JSON; none when there are no headings above.
    pub(crate) breadcrumb: Option<String>,
    pub(crate) anchor: Option<String>,
    pub(crate) span: Span,
    pub(crate) columns: Columns,
}

/// The columns of each record's passages, and the terms that they hold.
type Normalised = (Vec<Vec<Columns>>, Vec<Box<str>>);

/// Prepares a batch, on all threads of the pool.
pub(crate) fn prepare(records: Vec<DocumentRecord>, read: Timestamp) -> Result<Prepared, StateStoreError> {
    let paths: Vec<String> = records.iter().map(|record| path_text::encode(&record.path)).collect();
    let share = records.len().div_ceil(rayon::current_num_threads() * 2).max(1);
    let normalised: Vec<Normalised> = records
        .par_chunks(share)
        .zip(paths.par_chunks(share))
        .map(|(records, paths)| normalise(records, paths))
        .collect();
    let mut columns = Vec::with_capacity(records.len());
    let mut terms = Vec::new();
    for (some_columns, some_terms) in normalised {
        columns.extend(some_columns);
        terms.extend(some_terms);
    }
    let documents = records
        .into_iter()
        .zip(paths)
        .zip(columns)
        .map(|((record, path), columns)| document(record, path, columns, read))
        .collect::<Result<_, _>>()?;
    Ok(Prepared { documents, terms })
}

fn normalise(records: &[DocumentRecord], paths: &[String]) -> Normalised {
    let mut interner = Interner::new();
    let columns = records
        .iter()
        .zip(paths)
        .map(|(record, path)| {
            interner.begin_document(path, record.extraction.title.as_deref());
            let chunks = record.extraction.chunks.iter();
            chunks
                .map(|chunk| interner.passage(PassageText { text: &chunk.text, breadcrumb: &chunk.breadcrumb }))
                .collect()
        })
        .collect();
    (columns, interner.into_terms())
}

fn document(
    record: DocumentRecord,
    path: String,
    columns: Vec<Columns>,
    read: Timestamp,
) -> Result<PreparedDocument, StateStoreError> {
    let extraction = record.extraction;
    let outline = serde_json::to_string(&extraction.outline)?;
    let warning = (!extraction.warnings.is_empty()).then(|| extraction.warnings.join("; "));
    let passages = extraction
        .chunks
        .into_iter()
        .zip(columns)
        .map(|(chunk, columns)| {
            let breadcrumb =
                if chunk.breadcrumb.is_empty() { None } else { Some(serde_json::to_string(&chunk.breadcrumb)?) };
            Ok(PreparedPassage { text: chunk.text, breadcrumb, anchor: chunk.anchor, span: chunk.span, columns })
        })
        .collect::<Result<Vec<_>, StateStoreError>>()?;
    let document = Document {
        id: DocumentId(0),
        root: record.root,
        path: record.path,
        kind: extraction.kind,
        language: extraction.language,
        title: extraction.title,
        hash: record.hash,
        size: record.size,
        modified: record.modified,
        read,
        sequence: Sequence(0),
        taint: record.taint,
    };
    let count = i64::try_from(passages.len()).unwrap_or(i64::MAX);
    let stored = StoredDocument { document, path, first_passage: 0, passages: count };
    Ok(PreparedDocument { stored, outline, warning, passages })
}

/// The columns of a stored document's passages under another path, and the terms that they hold.
pub(crate) fn columns_of(path: &str, title: Option<&str>, passages: &[Passage]) -> (Vec<Columns>, Vec<Box<str>>) {
    let mut interner = Interner::new();
    interner.begin_document(path, title);
    let columns = passages
        .iter()
        .map(|passage| interner.passage(PassageText { text: &passage.text, breadcrumb: &passage.breadcrumb }))
        .collect();
    (columns, interner.into_terms())
}
