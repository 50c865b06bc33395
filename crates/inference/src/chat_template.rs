//! Conversations as the text that a model was trained on.
//!
//! A chat template is a program in Jinja that comes with a model, so it is not to be trusted: it sees nothing but the
//! conversation, and how long it may run and how much it may write is bounded. Templates are rendered as transformers
//! does in `apply_chat_template`, with the same functions, filters and treatment of white space.

mod limits;
mod python;
mod source;

use std::sync::Arc;

use jiff::civil::DateTime;
use minijinja::{AutoEscape, Environment, Error as TemplateError, ErrorKind, Value};
use serde_json::{Map, Value as Json};

use crate::vocabulary::{Controls, Prompt, Vocabulary};
use crate::{Error, Result};

/// For base models, which know no turns: they go on with a dialogue. It has no tokens of its own, so encode its prompts
/// with `add_special`, and stop at [`PLAIN_STOPS`].
const PLAIN: &str = "\
{%- for message in messages %}
{%- set content = message.content if message.content is string else message.content | map(attribute='text') | join %}
{%- if message.role == 'user' %}{{ 'User: ' + content | trim + '\\n' }}
{%- elif message.role == 'assistant' %}{{ 'Assistant: ' + content | trim + '\\n' }}
{%- else %}{{ content | trim + '\\n\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}{{ 'Assistant:' }}{% endif %}";

/// Where an answer to [`ChatTemplate::plain`] ends: when the model writes the user's next line itself.
pub(crate) const PLAIN_STOPS: &[&str] = &["\nUser:"];

/// The name under which the one template is known to the engine, which error messages show.
const NAME: &str = "chat_template";

/// A chat template, ready to be rendered any number of times.
pub(crate) struct ChatTemplate {
    environment: Arc<Environment<'static>>,
    begin: Option<String>,
    end: Option<String>,
}

/// What a template is to render.
pub(crate) struct Conversation<'a> {
    /// Objects with `role` and `content`, which is a text or a list of parts; also `tool_calls`, `reasoning_content` and
    /// what else the template knows.
    pub(crate) messages: &'a [Json],
    /// The JSON schemas of the functions that may be called. None and an empty list are not the same to all templates.
    pub(crate) tools: Option<&'a [Json]>,
    /// Whether the text ends where the model's answer begins.
    pub(crate) add_generation_prompt: bool,
    /// What the template may be told besides, such as `enable_thinking`.
    pub(crate) variables: &'a Map<String, Json>,
    /// For templates that tell the model the date.
    pub(crate) now: DateTime,
}

impl ChatTemplate {
    /// Reads a template. `begin` and `end` are what it calls `bos_token` and `eos_token`.
    ///
    /// # Errors
    /// When it is not in Jinja, or uses what transformers does not have either.
    pub(crate) fn compile(template: &str, begin: Option<String>, end: Option<String>) -> Result<Self> {
        if template.len() > limits::SOURCE {
            return Err(Error::ChatTemplate(format!("it has {} bytes", template.len())));
        }
        let template = source::without_training_tags(template);
        let environment = limits::within(move || {
            let mut environment = Environment::new();
            environment.set_trim_blocks(true);
            environment.set_lstrip_blocks(true);
            environment.set_fuel(Some(limits::FUEL));
            environment.set_auto_escape_callback(|_| AutoEscape::None);
            python::install(&mut environment);
            environment.add_function("raise_exception", raise);
            environment.add_template_owned(NAME, template).map_err(failure)?;
            Ok(environment)
        })?;
        Ok(Self { environment: Arc::new(environment), begin, end })
    }

    /// The template of a model: for conversations with tools, the one for them. None when the model has none; which is
    /// for the caller to deal with, as another model's template makes answers worse without any sign of it.
    ///
    /// # Errors
    /// As [`Self::compile`].
    pub(crate) fn of(vocabulary: &Vocabulary, with_tools: bool) -> Result<Option<Self>> {
        let text = |id: Option<u32>| id.and_then(|id| vocabulary.token_text(id));
        let template = vocabulary.chat_template(with_tools);
        template.map(|it| Self::compile(it, text(vocabulary.begin()), text(vocabulary.end()))).transpose()
    }

    /// A dialogue of `User:` and `Assistant:`, for models without a template.
    ///
    /// # Errors
    /// None that is known.
    pub(crate) fn plain() -> Result<Self> {
        Self::compile(PLAIN, None, None)
    }

    /// Renders a conversation. Nothing in it can become one of the control tokens: they are quoted in the [`Prompt`], and
    /// only those that the template itself writes count.
    ///
    /// # Errors
    /// When the template refuses the conversation or fails, or goes beyond its limits.
    pub(crate) fn render(&self, conversation: &Conversation<'_>, controls: &Controls) -> Result<Prompt> {
        if conversation.messages.is_empty() {
            return Err(Error::ChatRefused("there is no message in it".to_owned()));
        }
        let messages = conversation.messages.iter().map(|it| message(it, controls)).collect::<Result<Vec<_>>>()?;
        let quoted = |value: &Json| Value::from_serialize(quoted(value, controls));
        let mut context: Vec<(String, Value)> = Vec::new();
        for (name, token) in [("bos_token", &self.begin), ("eos_token", &self.end)] {
            context.extend(token.as_ref().map(|token| (name.to_owned(), Value::from(token))));
        }
        context.extend(conversation.variables.iter().map(|(name, value)| (name.clone(), quoted(value))));
        let tools = conversation.tools.map(|tools| tools.iter().map(quoted).collect::<Value>());
        let now = conversation.now;
        context.extend([
            ("messages".to_owned(), messages.into_iter().collect()),
            ("tools".to_owned(), Value::from(tools)),
            ("documents".to_owned(), Value::from(())),
            ("add_generation_prompt".to_owned(), Value::from(conversation.add_generation_prompt)),
            ("strftime_now".to_owned(), Value::from_function(move |format: &str| python::time(now, format))),
        ]);
        let context: Value = context.into_iter().collect();
        let environment = self.environment.clone();
        let text = limits::within(move || {
            let template = environment.get_template(NAME).map_err(failure)?;
            let mut text = limits::Bounded::default();
            let rendered = template.render_captured_to(context, &mut text).map(drop);
            rendered.map_err(failure)?;
            text.into_text()
        })?;
        Ok(Prompt::of_marked(text))
    }
}

/// A message as transformers passes it on: without what is null, and with the model's reasoning under the names that
/// templates know it by.
fn message(message: &Json, controls: &Controls) -> Result<Value> {
    let Json::Object(fields) = message else {
        return Err(Error::ChatRefused("a message is not an object".to_owned()));
    };
    // Templates put the role into control tokens as it is.
    let role = fields.get("role").and_then(Json::as_str).unwrap_or_default();
    let known = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    if role.is_empty() || !role.chars().all(known) {
        return Err(Error::ChatRefused(format!("{role:?} is not the role of a message")));
    }
    let mut fields: Map<String, Json> = fields
        .iter()
        .filter(|(_, value)| !value.is_null())
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    let reasoning = ["reasoning_content", "thinking", "reasoning"].iter().find_map(|name| fields.get(*name)).cloned();
    if let Some(reasoning) = reasoning {
        fields.entry("thinking").or_insert_with(|| reasoning.clone());
        fields.insert("reasoning_content".to_owned(), reasoning);
    }
    Ok(Value::from_serialize(quoted(&Json::Object(fields), controls)))
}

/// A value with all its texts and names quoted.
fn quoted(value: &Json, controls: &Controls) -> Json {
    match value {
        Json::String(text) => Json::String(controls.quote(text)),
        Json::Array(values) => values.iter().map(|value| quoted(value, controls)).collect(),
        Json::Object(fields) => {
            fields.iter().map(|(name, value)| (controls.quote(name), quoted(value, controls))).collect()
        }
        other => other.clone(),
    }
}

/// What a template says when it does not want a conversation.
#[derive(Debug)]
struct Refusal(String);

impl std::fmt::Display for Refusal {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Refusal {}

fn raise(message: &Value) -> Result<Value, TemplateError> {
    let refusal = Refusal(message.to_string());
    Err(TemplateError::new(ErrorKind::InvalidOperation, refusal.0.clone()).with_source(refusal))
}

fn failure(error: TemplateError) -> Error {
    let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(&error);
    while let Some(it) = cause {
        if let Some(Refusal(message)) = it.downcast_ref() {
            return Error::ChatRefused(message.clone());
        }
        cause = it.source();
    }
    Error::ChatTemplate(match error.kind() {
        ErrorKind::OutOfFuel => "it takes more steps than a conversation needs".to_owned(),
        ErrorKind::WriteFailure => format!("it writes more than {} bytes", limits::OUTPUT),
        _ => error.to_string(),
    })
}

#[cfg(test)]
mod tests;
