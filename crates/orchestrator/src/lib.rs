//! Session > Task > Turn: how a question becomes an answer with its sources.
//!
//! A **session** is a conversation. A **task** is what the user wants of one message; with questions as the only kind of
//! task it is one **turn**: a question, what recall found, and the answer. The turn is a pure function,
//! [`step`]`(state, event) -> (state, commands)`, that awaits nothing, reads no clock and draws no random number;
//! [`drive`] carries its commands out over ports and yields what it tells.

mod citations;
mod drive;
mod event;
mod extractive;
mod follow_up;
mod prompt;
mod step;
mod turn;

pub use drive::{RecallPort, TurnPorts, drive};
pub use event::AskEvent;
pub use extractive::{nothing_found, quote};
pub use follow_up::recall_text;
pub use step::{preview, recall_query, step};
pub use turn::{Command, Failure, ModelFacts, Named, Phase, TurnEvent, TurnSetup, TurnState};
