//! How models write that a tool is to be called.
//!
//! There is no standard for it: each family was trained on a way of its own, which its chat template shows. A
//! [`CallReader`] finds the calls in what a model writes; [`grammar`] describes them, for texts that must call.

mod grammar;

use ambit_domain::{Tool, ToolCall};
use serde_json::{Map, Value};

pub(crate) use grammar::grammar;

/// How a model writes calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallFormat {
    /// `<tool_call>{"name": …, "arguments": …}</tool_call>`: Hermes, Qwen.
    Tagged,
    /// `<tool_call><function=…><parameter=…>…</parameter></function></tool_call>`: Qwen 3 Coder and later.
    Elements,
    /// `{"name": …, "parameters": …}` as all of the text: Llama 3.1 and later.
    Bare,
    /// `[TOOL_CALLS][{"name": …, "arguments": …}]`: Mistral.
    Listed,
    /// `[TOOL_CALLS]…[ARGS]{…}`: Mistral from the end of 2024 on.
    Named,
}

const OPEN: &str = "<tool_call>";
const CLOSE: &str = "</tool_call>";
const LIST: &str = "[TOOL_CALLS]";
const ARGUMENTS: &str = "[ARGS]";
const ID: &str = "[CALL_ID]";
const PYTHON: &str = "<|python_tag|>";

impl CallFormat {
    /// The format of the model that a chat template belongs to. None when it is none of these.
    pub(crate) fn of(template: &str) -> Option<Self> {
        let has = |text: &str| template.contains(text);
        if !has("tools") {
            None
        } else if has(LIST) {
            Some(if has(ARGUMENTS) { Self::Named } else { Self::Listed })
        } else if has(OPEN) {
            Some(if has("<function=") { Self::Elements } else { Self::Tagged })
        } else if has("parameters") && (has(PYTHON) || has("ipython")) {
            Some(Self::Bare)
        } else {
            None
        }
    }

    /// What marks the beginning of a call.
    fn open(self) -> &'static str {
        match self {
            Self::Tagged | Self::Elements => OPEN,
            Self::Bare => PYTHON,
            Self::Listed | Self::Named => LIST,
        }
    }

    /// What marks its end; the end of the text for those without one.
    fn close(self) -> Option<&'static str> {
        matches!(self, Self::Tagged | Self::Elements).then_some(CLOSE)
    }
}

/// What a model said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Said {
    /// Text.
    Text(String),
    /// That a tool is to be called.
    Call(ToolCall),
}

/// Finds the calls in what a model writes. What looks like a call and is none stays text.
pub(crate) struct CallReader {
    format: CallFormat,
    /// The offered tools with the schemas of their arguments, which tell texts from numbers where the format does not.
    schemas: Map<String, Value>,
    /// What was neither told nor read as a call yet.
    held: String,
    /// Whether that is a call, or may be.
    in_call: bool,
    /// Whether nothing was told yet but white space.
    is_beginning: bool,
    /// Whether a call came last, after which white space means nothing.
    after_call: bool,
    /// For the ids of calls.
    random: u64,
}

impl CallReader {
    /// A reader for calls of these tools. `seed` makes the ids of its calls differ from those of others.
    pub(crate) fn new(format: CallFormat, tools: &[Tool], seed: u64) -> Self {
        let schema = |tool: &Tool| (tool.name.clone(), serde_json::from_str(&tool.parameters).unwrap_or_default());
        Self {
            format,
            schemas: tools.iter().map(schema).collect(),
            held: String::new(),
            in_call: false,
            is_beginning: true,
            after_call: false,
            random: seed,
        }
    }

    /// Whether a control token of this name belongs to a call.
    pub(crate) fn is_mark(&self, name: &str) -> bool {
        let marks: &[&str] = match self.format {
            CallFormat::Tagged | CallFormat::Elements => &[OPEN, CLOSE],
            CallFormat::Bare => &[PYTHON],
            CallFormat::Listed | CallFormat::Named => &[LIST, ARGUMENTS, ID],
        };
        marks.contains(&name)
    }

    /// Takes the next piece of text.
    pub(crate) fn push(&mut self, text: &str) -> Vec<Said> {
        self.held.push_str(text);
        let mut said = Vec::new();
        loop {
            if self.in_call {
                let Some(close) = self.format.close() else { return said };
                let Some(end) = self.held.find(close) else { return said };
                let rest = self.held.split_off(end + close.len());
                let whole = std::mem::replace(&mut self.held, rest);
                let calls = self.calls(&whole[..end]);
                self.in_call = false;
                self.told_or(calls, whole, &mut said);
                continue;
            }
            if self.after_call || self.is_beginning {
                let blank = self.held.len() - self.held.trim_start().len();
                if self.held.len() == blank {
                    return said;
                }
                if self.after_call {
                    self.held.drain(..blank);
                } else if self.format == CallFormat::Bare && self.held.trim_start().starts_with('{') {
                    self.in_call = true;
                    continue;
                }
            }
            let open = self.format.open();
            if let Some(start) = self.held.find(open) {
                let rest = self.held.split_off(start);
                let before = std::mem::replace(&mut self.held, rest);
                self.tell(before, &mut said);
                self.in_call = true;
                continue;
            }
            let rest = self.held.split_off(undecided(&self.held, open));
            let before = std::mem::replace(&mut self.held, rest);
            self.tell(before, &mut said);
            return said;
        }
    }

    /// Takes what another reader said.
    pub(crate) fn again(&mut self, said: Said) -> Vec<Said> {
        match said {
            Said::Text(text) => self.push(&text),
            call @ Said::Call(_) => vec![call],
        }
    }

    /// What was held back, when no more comes.
    pub(crate) fn finish(mut self) -> Vec<Said> {
        let held = std::mem::take(&mut self.held);
        let mut said = Vec::new();
        if self.in_call {
            let calls = self.calls(&held);
            self.told_or(calls, held, &mut said);
        } else if !self.after_call || !held.trim().is_empty() {
            self.tell(held, &mut said);
        }
        said
    }

    fn tell(&mut self, text: String, said: &mut Vec<Said>) {
        if !text.is_empty() {
            self.is_beginning &= text.trim().is_empty();
            self.after_call = false;
            said.push(Said::Text(text));
        }
    }

    /// Tells calls, or the text that holds none. Whoever writes of something with a name calls nothing by it.
    fn told_or(&mut self, calls: Option<Vec<(String, String)>>, text: String, said: &mut Vec<Said>) {
        let are_offered = |calls: &Vec<(String, String)>| calls.iter().all(|(name, _)| self.schemas.contains_key(name));
        let Some(calls) = calls.filter(|calls| !calls.is_empty() && are_offered(calls)) else {
            return self.tell(text, said);
        };
        for (name, arguments) in calls {
            let id = self.id();
            said.push(Said::Call(ToolCall { id, name, arguments }));
        }
        self.is_beginning = false;
        self.after_call = true;
    }

    /// Nine letters and digits: some templates take no other ids.
    fn id(&mut self) -> String {
        let mut id = String::with_capacity(9);
        while id.len() < 9 {
            // Knuth's generator, of which the higher bits are good ones.
            self.random = self.random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            id.extend(char::from_digit(((self.random >> 33) % 36) as u32, 36));
        }
        id
    }

    /// The calls in a text that begins with the mark of one. None when it holds anything else.
    fn calls(&self, text: &str) -> Option<Vec<(String, String)>> {
        let text = text.trim();
        let inner = text.strip_prefix(self.format.open()).unwrap_or(text).trim();
        match self.format {
            CallFormat::Tagged | CallFormat::Elements => {
                objects(inner, &[]).or_else(|| Some(vec![self.elements(inner)?]))
            }
            CallFormat::Bare => objects(inner, &[";", PYTHON]),
            CallFormat::Listed | CallFormat::Named if inner.starts_with('[') => {
                match serde_json::from_str(inner).ok()? {
                    Value::Array(items) => items.iter().map(object).collect(),
                    _ => None,
                }
            }
            CallFormat::Listed | CallFormat::Named => named(inner),
        }
    }

    /// A call whose arguments are elements.
    fn elements(&self, text: &str) -> Option<(String, String)> {
        let (name, mut rest) = text.strip_prefix("<function=")?.split_once('>')?;
        let schema = self.schemas.get(name);
        let mut arguments = Map::new();
        while let Some((_, after)) = rest.split_once("<parameter=") {
            let (parameter, after) = after.split_once('>')?;
            let (value, after) = after.split_once("</parameter>")?;
            rest = after;
            let value = value.strip_prefix('\n').unwrap_or(value);
            let value = value.strip_suffix('\n').unwrap_or(value);
            let is_text = schema.is_some_and(|schema| grammar::is_text(&schema["properties"][parameter]));
            let json = if is_text { None } else { serde_json::from_str(value).ok() };
            arguments.insert(parameter.to_owned(), json.unwrap_or_else(|| Value::String(value.to_owned())));
        }
        rest.contains("</function>").then(|| (name.to_owned(), Value::Object(arguments).to_string()))
    }
}

/// Calls as objects, one after the other, with any of some texts between them.
fn objects(mut text: &str, between: &[&str]) -> Option<Vec<(String, String)>> {
    let mut calls = Vec::new();
    while !text.is_empty() {
        let (value, rest) = value(text)?;
        calls.push(object(&value)?);
        text = rest.trim_start();
        while let Some(rest) = between.iter().find_map(|between| text.strip_prefix(between)) {
            text = rest.trim_start();
        }
    }
    Some(calls)
}

/// A call as an object with the name and the arguments, under one of the names that models know them by.
fn object(value: &Value) -> Option<(String, String)> {
    let name = value.get("name")?.as_str()?.to_owned();
    let arguments = match value.get("arguments").or_else(|| value.get("parameters")) {
        None | Some(Value::Null) => "{}".to_owned(),
        // Some models write them in JSON within JSON.
        Some(Value::String(text)) => text.clone(),
        Some(arguments) => arguments.to_string(),
    };
    Some((name, arguments))
}

/// Calls as names, each followed by its arguments.
fn named(mut text: &str) -> Option<Vec<(String, String)>> {
    let mut calls = Vec::new();
    while !text.is_empty() {
        let end = text.find([' ', '\n', '[', '{'])?;
        let name = text[..end].to_owned();
        let (before, rest) = text[end..].split_at(text[end..].find('{')?);
        // Nothing but the marks, and an id that nobody needs.
        let before = before.trim();
        if name.is_empty() || !(before.is_empty() || before.ends_with(ARGUMENTS)) {
            return None;
        }
        let (arguments, rest) = value(rest)?;
        calls.push((name, arguments.to_string()));
        text = rest.trim_start();
        text = text.strip_prefix(LIST).unwrap_or(text).trim_start();
    }
    Some(calls)
}

/// The value that a text begins with, and what comes after it.
fn value(text: &str) -> Option<(Value, &str)> {
    let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
    let value = values.next()?.ok()?;
    Some((value, &text[values.byte_offset()..]))
}

/// Where the longest end of a text starts that may become a mark.
fn undecided(text: &str, mark: &str) -> usize {
    let earliest = text.ceil_char_boundary(text.len().saturating_sub(mark.len() - 1));
    let mut starts = text[earliest..].char_indices().map(|(offset, _)| earliest + offset);
    starts.find(|start| mark.starts_with(&text[*start..])).unwrap_or(text.len())
}

#[cfg(test)]
mod tests;
