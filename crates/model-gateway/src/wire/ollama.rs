//! Ollama's API: `/api/chat` and `/api/generate`, streamed as a JSON document a line.

use ambit_domain::FinishReason;
use ambit_domain::port::{GenerationRequest, Prompt};
use serde_json::{Value, json};

use super::{Call, End, Fault, Piece, Reader, Wire, count, failure, messages, number, token_limit};

pub(crate) struct Ollama;

impl Wire for Ollama {
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Call {
        let sampling = &request.sampling;
        let mut options = json!({
            "temperature": number(sampling.temperature),
            // Ollama has defaults of its own for these, so that all are said.
            "top_k": sampling.top_k.unwrap_or(0),
            "top_p": number(sampling.top_p),
            "min_p": number(sampling.min_p),
            "repeat_penalty": number(sampling.repetition_penalty),
            // Its own default is smaller than most models, and it cuts longer conversations without a word.
            "num_ctx": context_tokens,
        });
        if let Some(limit) = token_limit(request, context_tokens) {
            options["num_predict"] = json!(limit);
        }
        if let Some(seed) = sampling.seed {
            options["seed"] = json!(seed.cast_signed());
        }
        if !sampling.stop.is_empty() {
            options["stop"] = json!(sampling.stop);
        }
        let mut body = json!({ "model": model, "stream": true, "options": options });
        let path = match &request.prompt {
            Prompt::Conversation(conversation) => {
                body["messages"] = messages(conversation);
                "/api/chat"
            }
            Prompt::Text(text) => {
                body["prompt"] = json!(text);
                body["raw"] = json!(true);
                "/api/generate"
            }
            Prompt::Gap { before, after } => {
                body["prompt"] = json!(before);
                body["suffix"] = json!(after);
                "/api/generate"
            }
        };
        Call { path, body }
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Documents::default())
    }
}

/// What was read of a stream of documents.
#[derive(Default)]
struct Documents {
    /// What the last document says, when its text is to be told first.
    end: Option<End>,
}

impl Reader for Documents {
    fn line(&mut self, line: &str) -> Result<Option<Piece>, Fault> {
        if line.trim().is_empty() {
            return Ok(None);
        }
        let document: Value = serde_json::from_str(line).map_err(|error| Fault::Malformed(error.to_string()))?;
        if let Some(told) = failure(&document) {
            return Err(Fault::Told(told));
        }
        let Some(is_done) = document["done"].as_bool() else {
            return Err(Fault::Malformed("a line does not say whether it is the last".to_owned()));
        };
        if is_done {
            let reason = if document["done_reason"] == "length" { FinishReason::Length } else { FinishReason::Stop };
            let end = End {
                reason,
                prompt_tokens: count(&document["prompt_eval_count"]),
                completion_tokens: count(&document["eval_count"]),
            };
            self.end = Some(end);
        }
        let places = [&document["message"]["content"], &document["response"]];
        let text = places.into_iter().find_map(Value::as_str).unwrap_or_default();
        Ok(Some(match (text, self.end) {
            ("", Some(end)) => Piece::End(end),
            ("", None) => Piece::Alive,
            (text, _) => Piece::Text(text.to_owned()),
        }))
    }

    fn close(&mut self) -> Result<Piece, Fault> {
        self.end.map(Piece::End).ok_or(Fault::Closed)
    }

    fn complete(&self) -> Option<End> {
        self.end
    }
}

#[cfg(test)]
mod tests;
