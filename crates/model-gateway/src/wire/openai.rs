//! OpenAI's API: `chat/completions` and `completions`, streamed as server-sent events.

use ambit_domain::FinishReason;
use ambit_domain::port::{GenerationRequest, Prompt};
use serde_json::{Value, json};

use super::{Call, End, Fault, Piece, Reader, Wire, count, failure, messages, number, token_limit};

/// What the last event says instead of a document.
const DONE: &str = "[DONE]";

pub(crate) struct OpenAi;

impl Wire for OpenAi {
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Call {
        let sampling = &request.sampling;
        let mut body = json!({
            "model": model,
            "stream": true,
            "stream_options": { "include_usage": true },
            "temperature": number(sampling.temperature),
            "top_p": number(sampling.top_p),
        });
        let path = match &request.prompt {
            Prompt::Conversation(conversation) => {
                body["messages"] = messages(conversation);
                "/chat/completions"
            }
            Prompt::Text(text) => {
                body["prompt"] = json!(text);
                "/completions"
            }
            Prompt::Gap { before, after } => {
                body["prompt"] = json!(before);
                body["suffix"] = json!(after);
                "/completions"
            }
        };
        if let Some(limit) = token_limit(request, context_tokens) {
            body["max_tokens"] = json!(limit);
        }
        if let Some(seed) = sampling.seed {
            body["seed"] = json!(seed.cast_signed());
        }
        if !sampling.stop.is_empty() {
            body["stop"] = json!(sampling.stop);
        }
        // Not of OpenAI itself, which refuses them; the servers that know them call them so.
        if let Some(top_k) = sampling.top_k {
            body["top_k"] = json!(top_k);
        }
        if sampling.min_p > 0.0 {
            body["min_p"] = json!(number(sampling.min_p));
        }
        if sampling.repetition_penalty != 1.0 {
            body["repetition_penalty"] = json!(number(sampling.repetition_penalty));
        }
        Call { path, body }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Events::default())
    }
}

/// What was read of a stream of events.
#[derive(Default)]
struct Events {
    /// The data of the event that is being read.
    data: Option<String>,
    reason: Option<FinishReason>,
    prompt_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

impl Events {
    fn end(&self) -> End {
        End {
            reason: self.reason.unwrap_or(FinishReason::Stop),
            prompt_tokens: self.prompt_tokens,
            completion_tokens: self.completion_tokens,
        }
    }

    fn event(&mut self, data: &str) -> Result<Piece, Fault> {
        if data.trim() == DONE {
            return Ok(Piece::End(self.end()));
        }
        let document: Value = serde_json::from_str(data).map_err(|error| Fault::Malformed(error.to_string()))?;
        if let Some(told) = failure(&document) {
            return Err(Fault::Told(told));
        }
        let Some(choices) = document["choices"].as_array() else {
            return Err(Fault::Malformed("an event has no `choices`".to_owned()));
        };
        let usage = &document["usage"];
        self.prompt_tokens = count(&usage["prompt_tokens"]).or(self.prompt_tokens);
        self.completion_tokens = count(&usage["completion_tokens"]).or(self.completion_tokens);
        let Some(choice) = choices.first() else { return Ok(Piece::Alive) };
        match choice["finish_reason"].as_str() {
            None | Some("") => {}
            Some("content_filter") => {
                return Err(Fault::Told("the rest was withheld by its content filter".to_owned()));
            }
            Some("length") => self.reason = Some(FinishReason::Length),
            Some(_) => self.reason = Some(FinishReason::Stop),
        }
        // A server that does not stream answers with a whole message.
        let places = [&choice["delta"]["content"], &choice["text"], &choice["message"]["content"]];
        let text = places.into_iter().find_map(Value::as_str).unwrap_or_default();
        Ok(if text.is_empty() { Piece::Alive } else { Piece::Text(text.to_owned()) })
    }
}

impl Reader for Events {
    fn line(&mut self, line: &str) -> Result<Option<Piece>, Fault> {
        if line.is_empty() {
            return self.data.take().map(|data| self.event(&data)).transpose();
        }
        // Servers tell failures, and answers that they do not stream, without the dress of an event.
        if line.starts_with('{') && self.data.is_none() {
            return self.event(line).map(Some);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Ok(Some(Piece::Alive)),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // `event`, `id` and `retry` say nothing here; other fields are to be ignored.
            _ => {}
        }
        Ok(None)
    }

    fn close(&mut self) -> Result<Piece, Fault> {
        if let Some(data) = self.data.take() {
            // An event that its empty line does not end is no event, unless it is whole all the same.
            match self.event(&data) {
                Ok(Piece::End(end)) => return Ok(Piece::End(end)),
                Err(Fault::Told(told)) => return Err(Fault::Told(told)),
                _ => {}
            }
        }
        self.complete().map(Piece::End).ok_or(Fault::Closed)
    }

    fn complete(&self) -> Option<End> {
        self.reason.is_some().then(|| self.end())
    }
}

#[cfg(test)]
mod tests;
