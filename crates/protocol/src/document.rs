use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Where a piece of text stands in its source. Both ends are included and count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case", tag = "unit")]
pub enum Span {
    /// Lines of a text file.
    Lines {
        /// First line.
        start: u32,
        /// Last line.
        end: u32,
    },
    /// Pages, slides or sheets.
    Pages {
        /// First page.
        start: u32,
        /// Last page.
        end: u32,
    },
}

impl std::fmt::Display for Span {
    /// `12-20`, `12`, `p. 3`, `pp. 3-4`: what follows the path in a citation.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        ambit_domain::Span::from(*self).fmt(formatter)
    }
}

/// A file that was read, in its present version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Document {
    /// The id.
    pub id: i64,
    /// The indexed folder that it came with.
    pub root: i64,
    /// Absolute path of the file.
    pub path: String,
    /// `text`, `markdown`, `html`, `pdf`, `docx`, `pptx`, `xlsx`, `epub`, `notebook` or `code`; more may come.
    pub kind: String,
    /// The natural or programming language, where known.
    pub language: Option<String>,
    /// The title, where it has one.
    pub title: Option<String>,
    /// BLAKE3 of the file's bytes, in hexadecimal: the version.
    pub hash: String,
    /// Bytes of the file.
    pub size: u64,
    /// When the file was last changed, by its file system.
    pub modified_at: i64,
    /// When this version was read.
    pub read_at: i64,
    /// The change that brought this version.
    pub sequence: i64,
    /// Whether its content came from outside, such as from a page of the web: whoever wrote it may mean ill.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub from_outside: bool,
}

/// A passage: the unit of retrieval and citation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Passage {
    /// The id; a new version of the document brings new ones.
    pub id: i64,
    /// Its place among the document's passages, from 0.
    pub ordinal: u32,
    /// The text.
    pub text: String,
    /// The headings above, outermost first.
    pub breadcrumb: Vec<String>,
    /// The fragment that leads to it, without `#`.
    pub anchor: Option<String>,
    /// Where it stands in the source.
    pub span: Span,
}

/// A page of documents.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DocumentPage {
    /// The documents, by path.
    pub documents: Vec<Document>,
    /// `after` for the next page, when there may be more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

/// A document with its passages.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DocumentDetail {
    /// The document.
    pub document: Document,
    /// Its passages, in order.
    pub passages: Vec<Passage>,
}
