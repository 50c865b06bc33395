//! Finds, watches and reads the files of indexed folders, and cuts them into passages.
//!
//! [`FileSource`] implements the port [`ambit_domain::port::Source`] on plain threads; [`read_bytes`] reads one file
//! from memory. Everything that a stranger may have written is read under limits ([`FileSourceOptions`]), and a file
//! that breaks its reader costs nothing but itself.
//!
//! Lines and pages of passages are those of the source file. Formats without lines count what a reader would call a
//! page: slides of PPTX, sheets of XLSX, documents of an EPUB's spine, paragraphs (as lines) of a DOCX that records no
//! page breaks. Neighbouring passages do not overlap.

mod error;
mod file_source;
mod options;
mod reader;

mod bridge;
mod candidate;
mod chunk;
mod code;
mod decode;
mod dependencies;
mod draft;
mod format;
mod history;
mod limits;
mod read;
mod rules;
mod scan;
mod sentence;
mod watch;

pub use error::IngestError;
pub use file_source::FileSource;
pub use options::FileSourceOptions;
pub use reader::read_bytes;
