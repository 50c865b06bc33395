//! What is asked of a model, as tokens.

use ambit_domain::{Message, Role};
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
    now: DateTime,
) -> Result<Vec<u32>> {
    let messages: Vec<Value> =
        messages.iter().map(|message| json!({ "role": name(message.role), "content": message.text })).collect();
    let conversation =
        Conversation { messages: &messages, tools: None, add_generation_prompt: true, variables: &Map::new(), now };
    let prompt = template.render(&conversation, vocabulary.controls())?;
    vocabulary.encode_prompt(&prompt, is_plain)
}

fn name(role: Role) -> &'static str {
    match role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    }
}
