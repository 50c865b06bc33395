//! What is asked of a model, as tokens.

use ambit_domain::{Message, Role, Tool, ToolCall};
use jiff::civil::DateTime;
use serde_json::{Map, Value, json};

use crate::chat_template::{ChatTemplate, Conversation};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// How models mark a gap in a text: what stands before the text before it, before the text after it, and before what fills
/// it. Bavarian et al. 2022, "Efficient Training of Language Models to Fill in the Middle".
const GAPS: [[&str; 3]; 5] = [
    ["<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"],
    ["<fim_prefix>", "<fim_suffix>", "<fim_middle>"],
    ["<｜fim▁begin｜>", "<｜fim▁hole｜>", "<｜fim▁end｜>"],
    ["▁<PRE>", "▁<SUF>", "▁<MID>"],
    ["<PRE>", "<SUF>", "<MID>"],
];

/// The tokens of a text that goes on.
pub(super) fn text(vocabulary: &Vocabulary, text: &str) -> Result<Vec<u32>> {
    vocabulary.encode_open(text)
}

/// The tokens of a text with a gap.
pub(super) fn gap(vocabulary: &Vocabulary, before: &str, after: &str) -> Result<Vec<u32>> {
    let text = |text: &str| vocabulary.encode(text, false, false);
    let begin: Vec<u32> = vocabulary.encode_open("")?;
    let marks = GAPS.iter().find_map(|names| {
        let [first, second, third] = names.map(|name| vocabulary.special(name));
        Some([first?, second?, third?])
    });
    if let Some([first, second, third]) = marks {
        return Ok([&begin[..], &[first], &text(before)?, &[second], &text(after)?, &[third]].concat());
    }
    // Mistral's models are given the end first.
    if let (Some(suffix), Some(prefix)) = (vocabulary.special("[SUFFIX]"), vocabulary.special("[PREFIX]")) {
        return Ok([&begin[..], &[suffix], &text(after)?, &[prefix], &text(before)?].concat());
    }
    Err(Error::Unable("the model was not trained to fill a gap in a text".to_owned()))
}

/// The tokens of a conversation that the model is to answer. `is_plain` tells that the template is no one's own.
pub(super) fn conversation(
    vocabulary: &Vocabulary,
    template: &ChatTemplate,
    is_plain: bool,
    messages: &[Message],
    tools: &[Tool],
    now: DateTime,
) -> Result<Vec<u32>> {
    let messages: Vec<Value> = messages.iter().map(said).collect();
    let tools: Vec<Value> = tools.iter().map(offered).collect();
    let conversation = Conversation {
        messages: &messages,
        tools: (!tools.is_empty()).then_some(&tools),
        add_generation_prompt: true,
        variables: &Map::new(),
        now,
    };
    let prompt = template.render(&conversation, vocabulary.controls())?;
    vocabulary.encode_prompt(&prompt, is_plain)
}

/// A message as templates know it.
fn said(message: &Message) -> Value {
    let mut said = json!({ "role": name(message.role), "content": message.text });
    if !message.calls.is_empty() {
        said["tool_calls"] = message.calls.iter().map(called).collect();
    }
    if let Some(answers) = &message.answers {
        if let Some(id) = &answers.id {
            said["tool_call_id"] = json!(id);
        }
        if let Some(name) = &answers.name {
            said["name"] = json!(name);
        }
    }
    said
}

/// A call as templates know it: with arguments that are no text, where they can be read.
fn called(call: &ToolCall) -> Value {
    let arguments = serde_json::from_str(&call.arguments).unwrap_or_else(|_| json!(call.arguments));
    json!({ "id": call.id, "type": "function", "function": { "name": call.name, "arguments": arguments } })
}

/// A tool as templates know it.
fn offered(tool: &Tool) -> Value {
    let parameters: Value = serde_json::from_str(&tool.parameters).unwrap_or_default();
    let mut function = json!({ "name": tool.name });
    if let Some(description) = &tool.description {
        function["description"] = json!(description);
    }
    function["parameters"] = parameters;
    json!({ "type": "function", "function": function })
}

fn name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    }
}
