use ambit_domain::{Memory, RankedPassage, Relevance, SessionId, Turn, TurnId};
use serde::{Deserialize, Serialize};

/// What an answer tells while it is being made, in this order: `Started`, `Recalled`, any number of `Text`, `Finished`.
/// An error ends the stream instead of `Finished`; what was asked and why it failed are stored all the same.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "event")]
#[non_exhaustive]
#[expect(clippy::large_enum_variant, reason = "the large one comes once, at the end of a stream")]
pub enum AskEvent {
    /// The question is stored.
    Started {
        /// The conversation, new or continued.
        session: SessionId,
        /// The question and its answer to be.
        turn: TurnId,
    },
    /// The sources were asked.
    Recalled {
        /// The passages that the answer may cite, the best first; number `n` is the `n`-th of them.
        passages: Vec<RankedPassage>,
        /// Memories that are given to the model.
        memories: Vec<Memory>,
        /// Whether the passages answer the question.
        relevance: Relevance,
        /// Parts of recall that could not take part, each with the reason.
        degraded: Vec<String>,
    },
    /// More of the answer.
    Text {
        /// To be appended to what came before.
        text: String,
    },
    /// The turn as it is stored.
    Finished {
        /// With its answer and provenance.
        turn: Turn,
    },
}
