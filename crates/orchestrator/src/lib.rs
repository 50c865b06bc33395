//! Session > Task > Turn: how a question becomes an answer with its sources.

mod event;

pub use event::AskEvent;
