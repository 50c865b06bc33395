//! Ollama's API: `/api/chat` and `/api/generate`, streamed as a JSON document a line.

use ambit_domain::port::{GenerationRequest, Prompt};
use ambit_domain::{Constraint, FinishReason, Message, ToolCall, ToolChoice};
use serde_json::{Value, json};

use super::{
    Call, End, Fault, Piece, Reader, Wire, base64, call_id, count, failure, number, role, token_limit, tokens, tools,
};

pub(crate) struct Ollama;

impl Wire for Ollama {
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Result<Call, &'static str> {
        let sampling = &request.sampling;
        let mut options = json!({
            "temperature": number(sampling.temperature),
            // Ollama and its models have defaults of their own for these, so that all are said.
            "top_k": sampling.top_k.unwrap_or(0),
            "top_p": number(sampling.top_p),
            "min_p": number(sampling.min_p),
            "repeat_penalty": number(sampling.repetition_penalty),
            "repeat_last_n": sampling.penalty_window.map_or(-1, i64::from),
            "frequency_penalty": number(sampling.frequency_penalty),
            "presence_penalty": number(sampling.presence_penalty),
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
        match &sampling.constraint {
            None => {}
            Some(Constraint::JsonObject) => body["format"] = json!("json"),
            Some(Constraint::JsonSchema(schema)) => {
                body["format"] = serde_json::from_str(schema).map_err(|_| "answers by a schema that is no JSON")?;
            }
            Some(Constraint::Regex(_)) => return Err("answers by a regular expression"),
            Some(Constraint::Grammar(_)) => return Err("answers by a grammar"),
        }
        if let Some(most) = sampling.logprobs {
            body["logprobs"] = json!(true);
            body["top_logprobs"] = json!(most);
        }
        let path = match &request.prompt {
            Prompt::Conversation(conversation) => {
                body["messages"] = conversation.iter().map(message).collect::<Result<Value, _>>()?;
                if !request.tools.offered.is_empty() {
                    if request.tools.choice != ToolChoice::Auto {
                        return Err("calls of tools that have to be made");
                    }
                    body["tools"] = tools(&request.tools.offered)?;
                }
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
        Ok(Call { path, body })
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Documents::default())
    }
}

/// A message. Ollama knows calls by the names of their functions, and their arguments as objects.
fn message(message: &Message) -> Result<Value, &'static str> {
    let mut said = json!({ "role": role(message.role), "content": message.text });
    if !message.images.is_empty() {
        said["images"] = message.images.iter().map(base64).collect();
    }
    if !message.calls.is_empty() {
        let call = |call: &ToolCall| {
            let arguments = serde_json::from_str::<Value>(&call.arguments).ok().filter(Value::is_object);
            let arguments = arguments.ok_or("calls whose arguments are no object in JSON")?;
            Ok(json!({ "function": { "name": call.name, "arguments": arguments } }))
        };
        said["tool_calls"] = message.calls.iter().map(call).collect::<Result<Value, &'static str>>()?;
    }
    if let Some(name) = message.answers.as_ref().and_then(|answers| answers.name.as_ref()) {
        said["tool_name"] = json!(name);
    }
    Ok(said)
}

/// A call, which Ollama tells as a whole.
fn called(call: &Value) -> Option<Piece> {
    let function = &call["function"];
    let id = call["id"].as_str().filter(|id| !id.is_empty()).map_or_else(call_id, str::to_owned);
    let arguments = match &function["arguments"] {
        Value::String(text) => text.clone(),
        Value::Null => "{}".to_owned(),
        arguments => arguments.to_string(),
    };
    Some(Piece::Called(ToolCall { id, name: function["name"].as_str()?.to_owned(), arguments }))
}

/// What was read of a stream of documents.
#[derive(Default)]
struct Documents {
    /// What the last document says.
    end: Option<End>,
}

impl Reader for Documents {
    fn line(&mut self, line: &str) -> Result<Vec<Piece>, Fault> {
        if line.trim().is_empty() {
            return Ok(Vec::new());
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
                known_tokens: None,
                completion_tokens: count(&document["eval_count"]),
            };
            self.end = Some(end);
        }
        let places = [&document["message"]["content"], &document["response"]];
        let text = places.into_iter().find_map(Value::as_str).unwrap_or_default();
        let mut pieces = vec![Piece::Alive];
        let told = tokens(&document["logprobs"]);
        if !told.is_empty() {
            pieces.push(Piece::Tokens(told));
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        pieces.extend(document["message"]["tool_calls"].as_array().into_iter().flatten().filter_map(called));
        pieces.extend(self.end.map(Piece::End));
        Ok(pieces)
    }

    fn close(&mut self) -> Result<Vec<Piece>, Fault> {
        self.end.map(|end| vec![Piece::End(end)]).ok_or(Fault::Closed)
    }

    fn complete(&self) -> Option<End> {
        self.end
    }
}

#[cfg(test)]
mod tests;
