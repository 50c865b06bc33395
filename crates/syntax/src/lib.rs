//! Source code to symbols, references, scopes and chunk borders.
//!
//! The types of the parser stay inside; what comes out is the vocabulary of `ambit-domain` and plain line numbers.
//! A file with syntax errors gives everything that could be recognised around them.
//!
//! ```
//! use ambit_syntax::{Language, parse};
//!
//! let parsed = parse(Language::Rust, "struct Map;\nimpl Map { fn insert(&self) { grow() } }\n");
//! let names: Vec<&str> = parsed.symbols.iter().map(|symbol| symbol.name.as_str()).collect();
//! assert_eq!(names, ["Map", "insert"]);
//! assert_eq!(parsed.references[0].name, "grow");
//! ```

mod language;
mod parse;

mod c;
mod grammar;
mod java;
mod names;
mod python;
mod region;
mod rust;
mod scope;
mod script;
mod walk;

mod go;

pub use language::Language;
pub use parse::{ParsedCode, parse, parse_until};
pub use region::Region;
pub use scope::scope_end;
