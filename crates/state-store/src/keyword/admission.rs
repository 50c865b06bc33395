//! Which passages a filter admits.

use std::collections::{HashMap, HashSet};

use ambit_domain::PassageFilter;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension};

use super::{Result, document_of};
use crate::table::documents::{self, Range};

/// After so many passages that were refused, all documents that pass are looked up at once, because the filter is narrow.
const MOST_REFUSED: usize = 256;

/// Asks for each passage in turn; a narrow filter is turned into ranges of passages.
pub(super) struct Admission<'a> {
    connection: &'a Connection,
    without: HashSet<i64>,
    condition: Option<String>,
    parameters: Vec<Value>,
    documents: HashMap<i64, bool>,
    refused: usize,
    ranges: Option<Vec<(i64, i64)>>,
}

impl<'a> Admission<'a> {
    pub(super) fn new(connection: &'a Connection, filter: &PassageFilter) -> Self {
        let (condition, parameters) = condition(filter);
        let without = filter.without.iter().map(|id| id.0).collect();
        Self { connection, without, condition, parameters, documents: HashMap::new(), refused: 0, ranges: None }
    }

    /// The document of a passage, when it is admitted.
    pub(super) fn document(&mut self, passage: i64) -> Result<Option<i64>> {
        Ok(self.fitting(passage)?.filter(|document| !self.without.contains(document)))
    }

    /// The document of a passage, when it fits the condition.
    fn fitting(&mut self, passage: i64) -> Result<Option<i64>> {
        let Some(condition) = &self.condition else {
            return document_of(self.connection, passage);
        };
        if self.refused >= MOST_REFUSED && self.ranges.is_none() {
            self.ranges = Some(documents::passage_ranges(self.connection, condition, &self.parameters)?);
        }
        if let Some(ranges) = &self.ranges {
            let place = ranges.partition_point(|(first, _)| *first <= passage);
            let admitted = place > 0 && passage < ranges[place - 1].1;
            return if admitted { document_of(self.connection, passage) } else { Ok(None) };
        }
        let Some(document) = document_of(self.connection, passage)? else {
            return Ok(None);
        };
        let admitted = match self.documents.get(&document) {
            Some(admitted) => *admitted,
            None => {
                let admitted = self.admits(document)?;
                self.documents.insert(document, admitted);
                admitted
            }
        };
        self.refused += usize::from(!admitted);
        Ok(admitted.then_some(document))
    }

    fn admits(&self, document: i64) -> Result<bool> {
        let condition = self.condition.as_deref().unwrap_or("1");
        // The filter's parameters are numbered from 1; the document comes after them.
        let place = self.parameters.len() + 1;
        let sql = format!("SELECT 1 FROM documents AS document WHERE document.id = ?{place} AND {condition}");
        let parameters = self.parameters.iter().cloned().chain([Value::Integer(document)]);
        let mut statement = self.connection.prepare_cached(&sql)?;
        Ok(statement.query_row(rusqlite::params_from_iter(parameters), |_| Ok(())).optional()?.is_some())
    }
}

/// The filter as a condition on `document`, with its parameters; none when it lets everything through.
fn condition(filter: &PassageFilter) -> (Option<String>, Vec<Value>) {
    let mut parameters: Vec<Value> = Vec::new();
    let mut conditions = Vec::new();
    let mut bind = |value: Value| {
        parameters.push(value);
        format!("?{}", parameters.len())
    };
    if !filter.paths.is_empty() {
        let paths = filter.paths.iter().map(|path| {
            let range = Range::at(path);
            let (exact, low, high) =
                (bind(Value::Text(range.exact)), bind(Value::Text(range.low)), bind(Value::Text(range.high)));
            format!("(document.path = {exact} OR (document.path >= {low} AND document.path < {high}))")
        });
        conditions.push(format!("({})", paths.collect::<Vec<_>>().join(" OR ")));
    }
    if !filter.kinds.is_empty() {
        let kinds: Vec<_> = filter.kinds.iter().map(|kind| bind(Value::Text(kind.as_str().to_owned()))).collect();
        conditions.push(format!("document.kind IN ({})", kinds.join(", ")));
    }
    if !filter.languages.is_empty() {
        let languages: Vec<_> = filter.languages.iter().map(|language| bind(Value::Text(language.clone()))).collect();
        conditions.push(format!("document.language IN ({})", languages.join(", ")));
    }
    if let Some(after) = filter.modified_after {
        conditions.push(format!("document.modified >= {}", bind(Value::Integer(after.0))));
    }
    if let Some(before) = filter.modified_before {
        conditions.push(format!("document.modified < {}", bind(Value::Integer(before.0))));
    }
    let condition = (!conditions.is_empty()).then(|| conditions.join(" AND "));
    (condition, parameters)
}
