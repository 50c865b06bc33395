//! One question over passages, vectors, graph and memory ([`Recall`]); and the pipeline that fills them ([`mod@index`]).

mod duplicates;
mod fusion;
pub mod index;
mod named;
mod neighbours;
mod paths;
mod recall;
mod relevance;
mod rerank;
mod weights;
mod words;

pub use paths::Names;
pub use recall::{Parts, Recall, RecallOptions};
pub use weights::{Thresholds, Weights};
pub use words::{content_words, fold, stem};
