use ambit_protocol::Problem;
use ambit_protocol::openai::{ChatCompletionChunk, DONE, OpenAiFailure};

use crate::events::SseStream;
use crate::{Error, Result};

/// The text of a chat completion as it is written. Dropping it tells the host to stop.
pub struct CompletionStream {
    events: SseStream,
    is_cut: bool,
    ended: bool,
}

impl CompletionStream {
    pub(crate) fn new(events: SseStream) -> Self {
        Self { events, is_cut: false, ended: false }
    }

    /// Whether the limit of tokens ended the text; known once it has ended.
    #[must_use]
    pub fn is_cut(&self) -> bool {
        self.is_cut
    }

    /// The next piece of the text; `None` after its end.
    ///
    /// # Errors
    /// What made the model fail, and [`Error::Interrupted`] when the connection ends before the text does.
    pub async fn next(&mut self) -> Option<Result<String>> {
        while !self.ended {
            let Some(event) = self.events.next().await else {
                self.ended = true;
                return Some(Err(Error::Interrupted { source: None }));
            };
            let read = event.and_then(|event| self.read(&event.data));
            self.ended |= read.is_err();
            match read {
                Ok(text) if text.is_empty() => {}
                told => return Some(told),
            }
        }
        None
    }

    /// The text that an event brings.
    fn read(&mut self, data: &str) -> Result<String> {
        if data == DONE {
            self.ended = true;
            return Ok(String::new());
        }
        if let Ok(OpenAiFailure { error }) = serde_json::from_str(data) {
            return Err(Problem::from(error).into());
        }
        let chunk: ChatCompletionChunk = serde_json::from_str(data)
            .map_err(|error| Error::Malformed { request: "a chat completion".to_owned(), reason: error.to_string() })?;
        let steps = chunk.choices.into_iter();
        Ok(steps
            .filter_map(|step| {
                self.is_cut |= step.finish_reason.as_deref() == Some("length");
                step.delta.content
            })
            .collect())
    }
}

impl std::fmt::Debug for CompletionStream {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CompletionStream").field("is_cut", &self.is_cut).finish_non_exhaustive()
    }
}
