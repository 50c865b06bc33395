//! What an editor says over its line, and what it is told.

use std::path::PathBuf;

use ambit_completion::{Edit, Encoding, Position};
use ambit_domain::Error;

/// What an editor says.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum EditorCommand {
    /// How it counts places, and the folders that are open in it.
    Hello {
        /// What a place in a line counts.
        encoding: Encoding,
        /// Absolute paths.
        folders: Vec<PathBuf>,
    },
    /// The folders that are open now.
    Folders(Vec<PathBuf>),
    /// A document is open, also one that was open before.
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
        /// One after the other.
        edits: Vec<Edit>,
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
        /// The version that the place is in.
        version: i32,
        /// The place.
        position: Position,
        /// Whether somebody asked for it.
        asked: bool,
        /// Whether words that fit are wanted instead.
        words: bool,
        /// How many at most.
        limit: usize,
    },
    /// Where something is edited next.
    NextEdit {
        /// The request.
        id: u64,
        /// The document.
        uri: String,
        /// The version that the place is in.
        version: i32,
        /// The place.
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
        /// Where it begins.
        start: Position,
        /// Where it ends.
        end: Position,
        /// What is to be written.
        task: EditorTask,
        /// Diagnostics that it is about.
        diagnostics: Vec<String>,
    },
    /// A request is not wanted any more.
    Cancel {
        /// The request.
        id: u64,
    },
    /// What compilers complain of in a document, all of it.
    Diagnostics {
        /// Its URI.
        uri: String,
        /// Lines, from 0, and what is said about them.
        complaints: Vec<(u32, String)>,
    },
    /// What became of a suggestion.
    Tell {
        /// The suggestion.
        suggestion: u64,
        /// What became of it.
        fate: SuggestionFate,
    },
}

/// What a model is to write about code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EditorTask {
    /// What it does.
    Explain,
    /// It, without what the diagnostics complain of.
    Fix,
    /// It, with documentation.
    Document,
    /// A test of it.
    Test,
    /// It, in simpler words.
    Simplify,
    /// It, with its comments in English.
    TranslateComments,
    /// The code that a comment describes.
    Generate,
}

/// What became of a suggestion.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestionFate {
    /// It was shown.
    Shown,
    /// All of it was taken.
    Accepted,
    /// So many characters of it were taken.
    PartlyAccepted(u32),
    /// It was put away.
    Rejected,
}

/// What may be written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorSuggestion {
    /// Its number on this line.
    pub number: u64,
    /// Where what it takes the place of begins.
    pub start: Position,
    /// Where that ends.
    pub end: Position,
    /// The text.
    pub text: String,
    /// Who suggests it.
    pub by: SuggestedBy,
}

/// Who suggests something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SuggestedBy {
    /// What was written before, counted.
    Counts,
    /// A language model.
    Model,
}

/// A text in the place of another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EditorEdit {
    /// Where what it takes the place of begins.
    pub start: Position,
    /// Where that ends.
    pub end: Position,
    /// The text.
    pub text: String,
}

/// What an editor is told.
#[derive(Debug)]
pub enum EditorEvent {
    /// The answer to the greeting.
    Ready,
    /// The host does not have this version of a document.
    Resync {
        /// The document.
        uri: String,
    },
    /// Why the model that is to complete does not; told once.
    Trouble(Error),
    /// The answer to [`EditorCommand::Complete`].
    Suggested {
        /// The request.
        id: u64,
        /// The version that it is about.
        version: i32,
        /// The best first.
        suggestions: Vec<EditorSuggestion>,
    },
    /// The answer to [`EditorCommand::NextEdit`].
    Edits {
        /// The request.
        id: u64,
        /// The version that they are about.
        version: i32,
        /// The number of each and why it may come, the nearest first.
        edits: Vec<(u64, EditorEdit, String)>,
    },
    /// More of what [`EditorCommand::Write`] asked for.
    Text {
        /// The request.
        id: u64,
        /// To be appended.
        text: String,
    },
    /// It is complete.
    Wrote {
        /// The request.
        id: u64,
        /// The whole text.
        text: String,
        /// What it changes, where the task changes code.
        edit: Option<EditorEdit>,
    },
    /// It failed.
    Failed {
        /// The request.
        id: u64,
        /// Why.
        error: Error,
    },
}
