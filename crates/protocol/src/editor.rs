//! The line between an editor's language server and the host: one WebSocket, `GET /v1/editor`, with a JSON document in each
//! text frame.
//!
//! The host mirrors what is open in the editor from versioned edits, so the server at the editor's side holds no text. Places
//! are as the Language Server Protocol counts them, in the encoding that the greeting names. An edit is never refused: one that
//! does not fit gets `resync`, and the editor's side opens the document anew. Requests carry an id of the editor's side; each is
//! answered once, by `suggested`, `wrote` or `failed`, unless it was cancelled.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Problem;

/// What a place in a line counts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PositionEncoding {
    /// Bytes.
    #[serde(rename = "utf-8")]
    Utf8,
    /// Units of UTF-16, which every client of the protocol can count.
    #[default]
    #[serde(rename = "utf-16")]
    Utf16,
    /// Characters.
    #[serde(rename = "utf-32")]
    Utf32,
}

/// A place in a text; both count from 0. One behind the end of a line is its end, one behind the last line the end of the text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Position {
    /// The line.
    pub line: u32,
    /// The place in the line.
    pub character: u32,
}

/// From a place to another, which is not part of it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// Its first place.
    pub start: Position,
    /// The place behind it.
    pub end: Position,
}

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TextEdit {
    /// What it takes the place of; absent: the whole text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub range: Option<Range>,
    /// The new text.
    pub text: String,
}

/// What became of a suggestion, as far as the editor tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestionFate {
    /// It was shown.
    Shown,
    /// All of it was taken.
    Accepted,
    /// Its beginning was taken.
    PartlyAccepted,
    /// It was put away.
    Rejected,
}

/// What is to be written by a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum EditorTask {
    /// What the code does.
    Explain,
    /// The code without what the diagnostics complain of.
    Fix,
    /// The code with documentation.
    Document,
    /// A test of the code.
    Test,
    /// The same in simpler words.
    Simplify,
    /// The comments of the code in English.
    TranslateComments,
    /// The code that a comment describes.
    Generate,
}

/// What a compiler says about a line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Complaint {
    /// The line, from 0.
    pub line: u32,
    /// In words.
    pub message: String,
}

/// What the editor's side says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
pub enum FromEditor {
    /// The first frame.
    Hello {
        /// The editor and its version, for people.
        editor: String,
        /// How places are counted.
        encoding: PositionEncoding,
        /// Absolute paths of the folders that are open.
        #[serde(default)]
        folders: Vec<String>,
    },
    /// Other folders are open now.
    Folders {
        /// All of them.
        folders: Vec<String>,
    },
    /// A document is open; also one that was open before and is told anew.
    Open {
        /// Its URI.
        uri: String,
        /// What the editor calls its language.
        language: String,
        /// Its version.
        version: i32,
        /// Its text.
        text: String,
    },
    /// A document was edited.
    Change {
        /// Its URI.
        uri: String,
        /// Its version after the edits.
        version: i32,
        /// One after the other, each for the text that the one before left.
        edits: Vec<TextEdit>,
    },
    /// A document was saved.
    Save {
        /// Its URI.
        uri: String,
    },
    /// A document is open no more.
    Close {
        /// Its URI.
        uri: String,
    },
    /// What follows at a place.
    Complete {
        /// The request.
        id: u64,
        /// The document.
        uri: String,
        /// The version that the place is in; the host waits for it.
        version: i32,
        /// The place.
        position: Position,
        /// Whether somebody asked for it, and did not just type; then the host is not silent because of doubt.
        #[serde(default)]
        asked: bool,
        /// Whether words that fit are wanted, for a list, and not the text that follows.
        #[serde(default)]
        words: bool,
        /// How many at most.
        limit: u32,
    },
    /// Where something is to be edited next, after the last edit of a document.
    NextEdit {
        /// The request.
        id: u64,
        /// The document.
        uri: String,
        /// The version that the place is in.
        version: i32,
        /// Where one is.
        position: Position,
    },
    /// A text about a range, by a model.
    Write {
        /// The request.
        id: u64,
        /// The document.
        uri: String,
        /// The version that the range is in.
        version: i32,
        /// The range.
        range: Range,
        /// What is to be written.
        task: EditorTask,
        /// Diagnostics that it is about, in words.
        #[serde(default)]
        diagnostics: Vec<String>,
    },
    /// A request is not wanted any more.
    Cancel {
        /// The request.
        id: u64,
    },
    /// What compilers complain of in a document, in the place of what was told before. A model that completes is shown it.
    Diagnostics {
        /// The document.
        uri: String,
        /// Each with its line, from 0.
        complaints: Vec<Complaint>,
    },
    /// What became of a suggestion.
    Tell {
        /// The suggestion.
        suggestion: u64,
        /// What became of it.
        fate: SuggestionFate,
        /// How many characters were taken, where that is a part.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        characters: Option<u32>,
    },
}

/// Who suggests something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum SuggestedBy {
    /// What was written before, here and elsewhere, counted.
    Counts,
    /// A language model.
    Model,
}

/// What may follow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Suggestion {
    /// Its number on this line, by which one tells what became of it.
    pub suggestion: u64,
    /// What it takes the place of, on one line, and holds the place that was asked for.
    pub range: Range,
    /// The text.
    pub text: String,
    /// Who suggests it.
    pub by: SuggestedBy,
}

/// An edit somewhere in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SuggestedEdit {
    /// Its number on this line, by which one tells what became of it.
    pub suggestion: u64,
    /// What it takes the place of.
    pub range: Range,
    /// The text.
    pub text: String,
    /// Why, in a few words.
    pub reason: String,
}

/// What the host says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum ToEditor {
    /// The answer to the greeting.
    Ready {
        /// The host's version.
        version: String,
    },
    /// The host does not have this version of a document; it is to be opened anew.
    Resync {
        /// The document.
        uri: String,
    },
    /// Why the language model that is to complete does not. It is told once; counts go on.
    Trouble {
        /// Why.
        problem: Problem,
    },
    /// What may follow, the best first; empty where nothing is good enough.
    Suggested {
        /// The request.
        id: u64,
        /// The version that it is about.
        version: i32,
        /// The suggestions.
        suggestions: Vec<Suggestion>,
    },
    /// Edits that may come next, the nearest first.
    Edits {
        /// The request.
        id: u64,
        /// The version that they are about.
        version: i32,
        /// The edits.
        edits: Vec<SuggestedEdit>,
    },
    /// More of a text.
    Text {
        /// The request.
        id: u64,
        /// To be appended to what came before.
        text: String,
    },
    /// A text is complete.
    Wrote {
        /// The request.
        id: u64,
        /// The whole text.
        text: String,
        /// What is to stand in the place of the range, where the task changes code.
        edit: Option<TextEdit>,
    },
    /// A request failed.
    Failed {
        /// The request.
        id: u64,
        /// Why.
        problem: Problem,
    },
}
