//! OpenAI's API: `chat/completions` and `completions`, streamed as server-sent events.

mod calls;

use ambit_domain::port::{GenerationRequest, Prompt, TokenProbability, WrittenToken};
use ambit_domain::{Constraint, FinishReason, Message, ToolChoice};
use serde_json::{Value, json};

use super::{
    Call, End, Fault, Piece, Reader, Wire, base64, count, failure, number, probability, role, token_limit, tokens,
    tools,
};
use calls::Calls;

/// What the last event says instead of a document.
const DONE: &str = "[DONE]";
/// The longest event that is taken, however many lines it comes in.
const LONGEST_EVENT: usize = 1 << 20;

pub(crate) struct OpenAi;

impl Wire for OpenAi {
    fn call(&self, model: &str, request: &GenerationRequest, context_tokens: usize) -> Result<Call, &'static str> {
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
                body["messages"] = conversation.iter().map(message).collect();
                chat(&mut body, request)?;
                "/chat/completions"
            }
            Prompt::Text(_) | Prompt::Gap { .. } if sampling.constraint.is_some() => {
                return Err("texts of a form, outside a conversation,");
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
        for (name, penalty) in
            [("frequency_penalty", sampling.frequency_penalty), ("presence_penalty", sampling.presence_penalty)]
        {
            if penalty != 0.0 {
                body[name] = json!(number(penalty));
            }
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
        let has_penalties = [sampling.frequency_penalty, sampling.presence_penalty, sampling.repetition_penalty - 1.0];
        if sampling.penalty_window.is_some() && has_penalties.iter().any(|penalty| *penalty != 0.0) {
            return Err("penalties over the last tokens alone");
        }
        if sampling.repetition_penalty != 1.0 {
            body["repetition_penalty"] = json!(number(sampling.repetition_penalty));
        }
        if let (Some(most), false) = (sampling.logprobs, path == "/chat/completions") {
            body["logprobs"] = json!(most);
        }
        Ok(Call { path, body })
    }

    fn reader(&self) -> Box<dyn Reader> {
        Box::new(Events::default())
    }
}

/// What only a chat can be asked for.
fn chat(body: &mut Value, request: &GenerationRequest) -> Result<(), &'static str> {
    if !request.tools.offered.is_empty() {
        body["tools"] = tools(&request.tools.offered)?;
        body["tool_choice"] = match &request.tools.choice {
            ToolChoice::Auto => json!("auto"),
            ToolChoice::Required => json!("required"),
            ToolChoice::Named(name) => json!({ "type": "function", "function": { "name": name } }),
        };
    }
    match &request.sampling.constraint {
        None => {}
        Some(Constraint::JsonObject) => body["response_format"] = json!({ "type": "json_object" }),
        Some(Constraint::JsonSchema(schema)) => {
            let schema: Value = serde_json::from_str(schema).map_err(|_| "answers by a schema that is no JSON")?;
            // The form was promised, so that a server which cannot keep to it has to say so.
            let named = json!({ "name": "answer", "schema": schema, "strict": true });
            body["response_format"] = json!({ "type": "json_schema", "json_schema": named });
        }
        Some(Constraint::Regex(_)) => return Err("answers by a regular expression"),
        Some(Constraint::Grammar(_)) => return Err("answers by a grammar"),
    }
    if let Some(most) = request.sampling.logprobs {
        body["logprobs"] = json!(true);
        body["top_logprobs"] = json!(most);
    }
    Ok(())
}

fn message(message: &Message) -> Value {
    let mut said = json!({ "role": role(message.role), "content": message.text });
    if !message.images.is_empty() {
        let text = (!message.text.is_empty()).then(|| json!({ "type": "text", "text": message.text }));
        let shown = message.images.iter().map(|image| {
            let url = format!("data:{};base64,{}", image.format.media_type(), base64(image));
            json!({ "type": "image_url", "image_url": { "url": url } })
        });
        said["content"] = text.into_iter().chain(shown).collect();
    }
    if !message.calls.is_empty() {
        let calls = message.calls.iter().map(|call| {
            let function = json!({ "name": call.name, "arguments": call.arguments });
            json!({ "id": call.id, "type": "function", "function": function })
        });
        said["tool_calls"] = calls.collect();
    }
    if let Some(id) = message.answers.as_ref().and_then(|answers| answers.id.as_ref()) {
        said["tool_call_id"] = json!(id);
    }
    said
}

/// The tokens of a text outside a chat, which are told in lists side by side.
fn text_tokens(logprobs: &Value) -> Vec<WrittenToken> {
    let list = |name: &str| logprobs[name].as_array().map(Vec::as_slice).unwrap_or_default();
    let likeliest = |number: usize| {
        let tops = logprobs["top_logprobs"][number].as_object().into_iter().flatten();
        let mut tops: Vec<TokenProbability> = tops.filter_map(|(text, value)| text_token(text, value)).collect();
        tops.sort_by(|one, other| other.logprob.total_cmp(&one.logprob));
        tops
    };
    let pairs = list("tokens").iter().zip(list("token_logprobs")).enumerate();
    pairs
        .filter_map(|(number, (text, value))| {
            Some(WrittenToken { token: text_token(text.as_str()?, value)?, likeliest: likeliest(number) })
        })
        .collect()
}

fn text_token(text: &str, value: &Value) -> Option<TokenProbability> {
    Some(TokenProbability { bytes: text.as_bytes().to_vec(), logprob: probability(value)? })
}

/// What was read of a stream of events.
#[derive(Default)]
struct Events {
    /// The data of the event that is being read.
    data: Option<String>,
    calls: Calls,
    reason: Option<FinishReason>,
    prompt_tokens: Option<u32>,
    known_tokens: Option<u32>,
    completion_tokens: Option<u32>,
}

impl Events {
    fn end(&self) -> End {
        End {
            reason: self.reason.unwrap_or(FinishReason::Stop),
            prompt_tokens: self.prompt_tokens,
            known_tokens: self.known_tokens,
            completion_tokens: self.completion_tokens,
        }
    }

    /// The end, after the calls that are not told yet.
    fn ended(&mut self) -> Vec<Piece> {
        let mut pieces = self.calls.take();
        pieces.push(Piece::End(self.end()));
        pieces
    }

    fn event(&mut self, data: &str) -> Result<Vec<Piece>, Fault> {
        if data.trim() == DONE {
            return Ok(self.ended());
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
        self.known_tokens = count(&usage["prompt_tokens_details"]["cached_tokens"]).or(self.known_tokens);
        self.completion_tokens = count(&usage["completion_tokens"]).or(self.completion_tokens);
        let Some(choice) = choices.first() else { return Ok(vec![Piece::Alive]) };
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
        let mut told = tokens(&choice["logprobs"]["content"]);
        told.extend(text_tokens(&choice["logprobs"]));
        let mut pieces = vec![Piece::Alive];
        if !told.is_empty() {
            pieces.push(Piece::Tokens(told));
        }
        if !text.is_empty() {
            pieces.push(Piece::Text(text.to_owned()));
        }
        for calls in [&choice["delta"]["tool_calls"], &choice["message"]["tool_calls"]] {
            self.calls.add(calls)?;
        }
        if self.reason.is_some() {
            pieces.extend(self.calls.take());
        }
        Ok(pieces)
    }
}

impl Reader for Events {
    fn line(&mut self, line: &str) -> Result<Vec<Piece>, Fault> {
        if line.is_empty() {
            return self.data.take().map_or(Ok(Vec::new()), |data| self.event(&data));
        }
        // Servers tell failures, and answers that they do not stream, without the dress of an event.
        if line.starts_with('{') && self.data.is_none() {
            return self.event(line);
        }
        let (field, value) = line.split_once(':').unwrap_or((line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "" => return Ok(vec![Piece::Alive]),
            "data" => match &mut self.data {
                Some(data) => {
                    if data.len() + value.len() >= LONGEST_EVENT {
                        return Err(Fault::Malformed("an event of more than a megabyte".to_owned()));
                    }
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // `event`, `id` and `retry` say nothing here; other fields are to be ignored.
            _ => {}
        }
        Ok(Vec::new())
    }

    fn close(&mut self) -> Result<Vec<Piece>, Fault> {
        if let Some(data) = self.data.take() {
            // An event that its empty line does not end is no event, unless it is whole all the same.
            match self.event(&data) {
                Ok(pieces) if matches!(pieces.last(), Some(Piece::End(_))) => return Ok(pieces),
                Ok(mut pieces) if self.reason.is_some() => {
                    pieces.extend(self.ended());
                    return Ok(pieces);
                }
                Err(Fault::Told(told)) => return Err(Fault::Told(told)),
                _ => {}
            }
        }
        if self.reason.is_some() { Ok(self.ended()) } else { Err(Fault::Closed) }
    }

    fn complete(&self) -> Option<End> {
        self.reason.is_some().then(|| self.end())
    }
}

#[cfg(test)]
mod tests;
