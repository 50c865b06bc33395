//! Code completion: what is typed next, by what was written before.
//!
//! [`Document`] mirrors a text that is edited elsewhere, in versions. [`Segment`]s hold the counts of what stands in some files;
//! [`Surroundings`] are those that count for one document, from near to far. [`suggest`] says what follows at a place of it, to
//! the end of the line or the closing of the bracket at most, and [`words`] which words fit.
//!
//! [`Gate`] says which suggestions are worth to be shown, by weights that are learnt elsewhere, and [`standing`] how much of one
//! that was taken was kept.
//!
//! There is no grammar in that, no model to load and nothing that waits: an answer takes less than a millisecond or two, for every
//! language, from the first minute.
//!
//! Where a language model is to go on, [`gap`] and [`pack`] say what it is shown, [`fit`] what is left of what it writes, and
//! [`Ongoing`] whether that still fits while one types on.
//!
//! ```
//! use ambit_completion::{Document, Edit, Encoding, Surroundings, Thresholds, suggest};
//!
//! let code = "let total = sum(&values);\nprint(total);\n";
//! let mut document = Document::new(code.repeat(4), 1);
//! document.count();
//! let end = document.position(document.text().len(), Encoding::Utf8);
//! let typed = Edit { range: Some((end, end)), text: "let total = su".to_owned() };
//! assert!(document.edit(vec![typed], 2, Encoding::Utf8).is_ok());
//! let end = document.text().len();
//! let suggestions = suggest(&document, end, &Surroundings::default(), Thresholds::default(), 1);
//! assert_eq!(suggestions[0].text, "m(&values);");
//! ```

mod alike;
mod arguments;
mod counts;
mod document;
mod gate;
mod lexer;
mod matching_test;
mod next_edit;
mod place;
mod standing;
mod suggestion;
mod writing;

pub use alike::{Alike, alike};
pub use counts::{Segment, Thresholds};
pub use document::{Document, Edit, OutOfStep};
pub use gate::{Features, Gate, Moment};
pub use lexer::is_word;
pub use next_edit::{NextEdit, Reason, next_edits};
pub use place::{Encoding, Position};
pub use standing::standing;
pub use suggestion::{Suggestion, Surroundings, suggest, words};
pub use writing::{
    Fitted, Gap, GapLimits, Ongoing, Piece, PieceKind, Shape, comment_mark, fit, gap, names_in_sight, pack, shape,
    similar,
};
