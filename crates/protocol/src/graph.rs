use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A question to the knowledge graph.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GraphQuery {
    /// A SPARQL 1.1 query that reads: SELECT, ASK, CONSTRUCT or DESCRIBE.
    pub query: String,
    /// The query fails after this; 10,000 when absent, at most 60,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_millis: Option<u64>,
    /// The result is cut after this many rows; 1,000 when absent, at most 100,000.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rows: Option<u32>,
}

/// A value of a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "type", content = "value")]
pub enum GraphValue {
    /// An IRI.
    Iri(String),
    /// A literal's text.
    Literal(String),
    /// A blank node's label.
    Blank(String),
}

impl GraphValue {
    /// The text of the value, whatever it is.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Iri(text) | Self::Literal(text) | Self::Blank(text) => text,
        }
    }
}

/// The result of a graph query. ASK gives one row with the variable `result`; CONSTRUCT gives `subject`, `predicate` and
/// `object`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct GraphResult {
    /// Names of the variables.
    pub variables: Vec<String>,
    /// The solutions: a value or null for each variable.
    pub rows: Vec<Vec<Option<GraphValue>>>,
    /// Whether the row limit cut the result.
    pub truncated: bool,
}

/// Groups of documents, the largest first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommunityList {
    /// The groups.
    pub communities: Vec<Community>,
}

/// Documents that refer to each other more than to others.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Community {
    /// How many documents it has.
    pub size: u64,
    /// Its most central documents, the most central first.
    pub members: Vec<CommunityMember>,
}

/// A document of a group.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct CommunityMember {
    /// Where the document is.
    pub path: String,
    /// Its title, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// How much other documents refer to it, 0 to 1 over all documents (PageRank, by that of the first).
    pub centrality: f32,
}

/// The result in the W3C's form (SPARQL 1.1 Query Results JSON Format), for `Accept: application/sparql-results+json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SparqlResults {
    /// The variables.
    pub head: SparqlHead,
    /// The solutions of a query that has some.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<SparqlSolutions>,
    /// The answer to an ASK query.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boolean: Option<bool>,
}

/// The variables of a result in the W3C's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SparqlHead {
    /// Their names; empty for ASK.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub vars: Vec<String>,
}

/// The solutions of a result in the W3C's form.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SparqlSolutions {
    /// One map for each solution; variables without a value are left out.
    pub bindings: Vec<BTreeMap<String, SparqlBinding>>,
}

/// A value in the W3C's form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase", tag = "type", content = "value")]
pub enum SparqlBinding {
    /// An IRI.
    Uri(String),
    /// A literal's text.
    Literal(String),
    /// A blank node's label.
    Bnode(String),
}

impl GraphResult {
    /// The result in the W3C's form. `query` is the text that was asked: only it tells ASK from a SELECT.
    #[must_use]
    pub fn into_sparql(self, query: &str) -> SparqlResults {
        if is_ask(query) {
            let value = self.rows.first().and_then(|row| row.first()).and_then(Option::as_ref);
            let boolean = Some(value.is_some_and(|value| matches!(value.text(), "true" | "1")));
            return SparqlResults { head: SparqlHead::default(), results: None, boolean };
        }
        let bindings = self.rows.into_iter().map(|row| {
            self.variables
                .iter()
                .zip(row)
                .filter_map(|(variable, value)| Some((variable.clone(), SparqlBinding::from(value?))))
                .collect()
        });
        let results = Some(SparqlSolutions { bindings: bindings.collect() });
        SparqlResults { head: SparqlHead { vars: self.variables }, results, boolean: None }
    }
}

impl From<GraphValue> for SparqlBinding {
    fn from(value: GraphValue) -> Self {
        match value {
            GraphValue::Iri(text) => Self::Uri(text),
            GraphValue::Literal(text) => Self::Literal(text),
            GraphValue::Blank(text) => Self::Bnode(text),
        }
    }
}

/// Whether a valid query is an ASK: the first keyword after the prologue (BASE and PREFIX declarations, comments) says so.
fn is_ask(query: &str) -> bool {
    let mut rest = query;
    loop {
        rest = rest.trim_start();
        if let Some(comment) = rest.strip_prefix('#') {
            rest = comment.split_once('\n').map_or("", |(_, after)| after);
            continue;
        }
        let end = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let (keyword, after) = rest.split_at(end);
        if !keyword.eq_ignore_ascii_case("prefix") && !keyword.eq_ignore_ascii_case("base") {
            return keyword.eq_ignore_ascii_case("ask");
        }
        match after.split_once('>') {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
}
