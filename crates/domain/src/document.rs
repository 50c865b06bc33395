use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{DocumentId, DocumentKind, Outline, PassageId, RootId, Sequence, Taint, Timestamp};

/// Where a piece of text stands in its source. Both ends are included and count from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

impl Span {
    /// The first line or page.
    #[must_use]
    pub fn start(self) -> u32 {
        match self {
            Self::Lines { start, .. } | Self::Pages { start, .. } => start,
        }
    }

    /// The last line or page.
    #[must_use]
    pub fn end(self) -> u32 {
        match self {
            Self::Lines { end, .. } | Self::Pages { end, .. } => end,
        }
    }
}

impl std::fmt::Display for Span {
    /// `12-20`, `12`, `p. 3`, `pp. 3-4`: what follows the path in a citation.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match *self {
            Self::Lines { start, end } if start == end => write!(formatter, "{start}"),
            Self::Lines { start, end } => write!(formatter, "{start}-{end}"),
            Self::Pages { start, end } if start == end => write!(formatter, "p. {start}"),
            Self::Pages { start, end } => write!(formatter, "pp. {start}-{end}"),
        }
    }
}

/// How far a file has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DocumentState {
    /// Found by keyword and by meaning.
    Indexed,
    /// Known, found by keyword once read; the embedding is still to come.
    Pending,
    /// Left out on purpose; the reason says why.
    Skipped,
    /// Could not be read; the reason says why.
    Failed,
}

impl DocumentState {
    /// The wire form, for example `indexed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Indexed => "indexed",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
            Self::Failed => "failed",
        }
    }
}

/// A file that was read, in its present version.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// The row.
    pub id: DocumentId,
    /// The indexed folder that it came with.
    pub root: RootId,
    /// Absolute path of the file.
    pub path: PathBuf,
    /// What it is.
    pub kind: DocumentKind,
    /// The language, where known.
    pub language: Option<String>,
    /// The title, where it has one.
    pub title: Option<String>,
    /// BLAKE3 of the file's bytes, in hexadecimal: the version.
    pub hash: String,
    /// Bytes of the file.
    pub size: u64,
    /// When the file was last changed, by its file system.
    pub modified: Timestamp,
    /// When this version was read.
    pub read: Timestamp,
    /// The change that brought this version.
    pub sequence: Sequence,
    /// Where its content came from, as far as trust goes.
    #[serde(default)]
    pub taint: Taint,
}

/// A passage: the unit of retrieval and citation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Passage {
    /// The row.
    pub id: PassageId,
    /// The document that it belongs to.
    pub document: DocumentId,
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

impl Passage {
    /// The text that is embedded: the breadcrumb gives a passage the context that it lost when it was cut out.
    #[must_use]
    pub fn embedding_text(&self) -> String {
        self.part_text(&self.text)
    }

    /// The same for a part of the text.
    #[must_use]
    pub fn part_text(&self, part: &str) -> String {
        if self.breadcrumb.is_empty() {
            return part.to_owned();
        }
        let mut text = self.breadcrumb.join(" > ");
        text.push('\n');
        text.push_str(part);
        text
    }
}

/// A change to a document, for the stores that are derived from it.
#[derive(Debug, Clone, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "removals are rare, and changes travel in vectors")]
pub enum DocumentChange {
    /// There is a new version; all earlier passages are gone.
    Written {
        /// The document; its `sequence` orders this change.
        document: Document,
        /// What the graph is derived from.
        outline: Outline,
        /// All passages of the new version.
        passages: Vec<Passage>,
    },
    /// The document is gone.
    Removed {
        /// The document that was.
        id: DocumentId,
        /// Orders this change.
        sequence: Sequence,
    },
}

impl DocumentChange {
    /// The document that changed.
    #[must_use]
    pub fn document_id(&self) -> DocumentId {
        match self {
            Self::Written { document, .. } => document.id,
            Self::Removed { id, .. } => *id,
        }
    }

    /// Orders the change.
    #[must_use]
    pub fn sequence(&self) -> Sequence {
        match self {
            Self::Written { document, .. } => document.sequence,
            Self::Removed { sequence, .. } => *sequence,
        }
    }
}

/// What is known about one file under an indexed folder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DocumentStatus {
    /// Absolute path.
    pub path: PathBuf,
    /// How far it has come.
    pub state: DocumentState,
    /// Why it was skipped or failed, or what was missing although it was read.
    pub reason: Option<String>,
    /// Bytes of the file when last seen.
    pub size: u64,
    /// When this was found.
    pub at: Timestamp,
}

/// How many files are in which state.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IndexCounts {
    /// Found by keyword and by meaning.
    pub indexed: u64,
    /// Found by keyword, not yet by meaning.
    pub pending: u64,
    /// Left out on purpose.
    pub skipped: u64,
    /// Could not be read.
    pub failed: u64,
    /// Passages in all documents.
    pub passages: u64,
    /// Bytes of all files that were read.
    pub bytes: u64,
}

/// Which passages a search may return. Empty lists do not restrict.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PassageFilter {
    /// Only below these absolute paths.
    pub paths: Vec<PathBuf>,
    /// Only of these kinds.
    pub kinds: Vec<DocumentKind>,
    /// Only in these languages.
    pub languages: Vec<String>,
    /// Only from files changed at or after.
    pub modified_after: Option<Timestamp>,
    /// Only from files changed before.
    pub modified_before: Option<Timestamp>,
    /// Not of these documents.
    pub without: Vec<DocumentId>,
}

impl PassageFilter {
    /// Whether it lets everything through.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a document passes.
    #[must_use]
    pub fn admits(&self, document: &Document) -> bool {
        (self.paths.is_empty() || self.paths.iter().any(|path| document.path.starts_with(path)))
            && (self.kinds.is_empty() || self.kinds.contains(&document.kind))
            && (self.languages.is_empty()
                || document.language.as_ref().is_some_and(|language| self.languages.contains(language)))
            && self.modified_after.is_none_or(|after| document.modified >= after)
            && self.modified_before.is_none_or(|before| document.modified < before)
            && !self.without.contains(&document.id)
    }
}
