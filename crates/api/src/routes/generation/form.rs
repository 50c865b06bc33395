//! What OpenAI's and Ollama's API share beyond the text: tools, the form of a text, the probabilities of its tokens.

use ambit_protocol::domain::port::{TokenProbability, WrittenToken};
use ambit_protocol::domain::{Constraint, Tool, ToolChoice, Tools};
use ambit_protocol::openai::{ChatFunction, ChatTool, LikelyToken, ResponseFormat, TokenLogprob};
use serde_json::{Value, json};

use super::{invalid_field, unsupported_field};
use crate::failure::Outcome;

/// Tools of a request, and letters of the name of one, at most; as OpenAI has it.
const MOST_TOOLS: usize = 128;
const LONGEST_NAME: usize = 64;

/// The tools that a model may ask for, and whether it has to.
pub(in crate::routes) fn tools(offered: Option<Vec<ChatTool>>, choice: Option<&Value>) -> Outcome<Tools> {
    let offered = offered.unwrap_or_default();
    if offered.len() > MOST_TOOLS {
        let what = format!("{} tools were given", offered.len());
        return Err(invalid_field("tools", what, format!("give at most {MOST_TOOLS}")));
    }
    let offered = offered.into_iter().enumerate().map(|(number, tool)| self::tool(tool, number));
    let offered = offered.collect::<Outcome<Vec<Tool>>>()?;
    let choice = match choice.filter(|choice| !choice.is_null()) {
        None => ToolChoice::Auto,
        Some(choice) => match (choice.as_str(), named(choice)) {
            // A model that must not call knows of no tools.
            (Some("none"), _) => return Ok(Tools::default()),
            (Some("auto"), _) => ToolChoice::Auto,
            (Some("required"), _) => ToolChoice::Required,
            (None, Some(name)) => ToolChoice::Named(name.to_owned()),
            _ => return Err(unsupported_field("tool_choice", format!("the `tool_choice` {choice} is not supported"))),
        },
    };
    let is_there = match &choice {
        ToolChoice::Auto => true,
        ToolChoice::Required => !offered.is_empty(),
        ToolChoice::Named(name) => offered.iter().any(|tool| tool.name == *name),
    };
    if !is_there {
        return Err(invalid_field(
            "tool_choice",
            "the tool to be called is not among the tools",
            "offer it in `tools`",
        ));
    }
    Ok(Tools { offered, choice })
}

/// The function that a choice names, in the form of either of OpenAI's APIs.
fn named(choice: &Value) -> Option<&str> {
    let is_function = choice["type"] == "function";
    choice["function"]["name"].as_str().or_else(|| choice["name"].as_str()).filter(|_| is_function)
}

fn tool(tool: ChatTool, number: usize) -> Outcome<Tool> {
    let field = format!("tools[{number}]");
    let function = match tool.function {
        Some(function) if tool.kind == "function" => function,
        None if tool.kind == "function" => {
            return Err(invalid_field(&field, "a tool has no function", "give its `function`"));
        }
        _ => {
            let what = format!("tools of the kind `{}` are not supported", tool.kind.escape_debug());
            return Err(unsupported_field(&format!("{field}.type"), what));
        }
    };
    let ChatFunction { name, description, parameters } = function;
    let known = |character: char| character.is_ascii_alphanumeric() || matches!(character, '_' | '-' | '.');
    if name.is_empty() || name.len() > LONGEST_NAME || !name.chars().all(known) {
        let what = format!("`{}` cannot be the name of a tool", name.escape_debug());
        let hint = format!("give 1 to {LONGEST_NAME} letters, digits, `_`, `-` and `.`");
        return Err(invalid_field(&format!("{field}.function.name"), what, hint));
    }
    let parameters = parameters.filter(|parameters| !parameters.is_null());
    let parameters = parameters.unwrap_or_else(|| json!({ "type": "object", "properties": {} }));
    if !parameters.is_object() {
        let what = format!("the parameters of the tool `{name}` are no schema of an object");
        return Err(invalid_field(&format!("{field}.function.parameters"), what, "give a JSON schema"));
    }
    Ok(Tool { name, description, parameters: parameters.to_string() })
}

/// The form that a text must have.
pub(in crate::routes) fn response_format(format: Option<ResponseFormat>, field: &str) -> Outcome<Option<Constraint>> {
    let Some(format) = format else { return Ok(None) };
    let missing = |name: &str| {
        let what = format!("`{name}` is missing");
        invalid_field(field, what, format!("a format of the kind `{}` needs it", format.kind))
    };
    Ok(match format.kind.as_str() {
        "text" => None,
        "json_object" => Some(Constraint::JsonObject),
        "json_schema" => {
            let schema = format.json_schema.as_ref().and_then(|format| format.schema.as_ref());
            Some(Constraint::JsonSchema(schema.ok_or_else(|| missing("schema"))?.to_string()))
        }
        "regex" => Some(Constraint::Regex(format.regex.clone().ok_or_else(|| missing("regex"))?)),
        "grammar" => Some(Constraint::Grammar(format.grammar.clone().ok_or_else(|| missing("grammar"))?)),
        other => {
            let what = format!("a `{field}` of the kind `{}` is not supported", other.escape_debug());
            return Err(unsupported_field(field, what));
        }
    })
}

/// How many of the likeliest tokens are told beside those that were written, if any are.
pub(in crate::routes) fn logprobs(wanted: bool, most: Option<u32>, limit: u32) -> Outcome<Option<u32>> {
    let most = most.unwrap_or(0);
    if most > limit {
        let what = format!("the {most} likeliest tokens are asked for");
        return Err(invalid_field("top_logprobs", what, format!("ask for at most {limit}")));
    }
    if most > 0 && !wanted {
        let what = "the likeliest tokens are asked for, but not those that are written";
        return Err(invalid_field("top_logprobs", what, "set `logprobs` as well"));
    }
    Ok(wanted.then_some(most))
}

/// Tokens as both APIs tell them.
pub(in crate::routes) fn token_logprobs(tokens: Vec<WrittenToken>) -> Vec<TokenLogprob> {
    let likely = |TokenProbability { bytes, logprob }| LikelyToken { token: text(&bytes), logprob, bytes };
    let told = |WrittenToken { token, likeliest }: WrittenToken| {
        let LikelyToken { token, logprob, bytes } = likely(token);
        TokenLogprob { token, logprob, bytes, top_logprobs: likeliest.into_iter().map(likely).collect() }
    };
    tokens.into_iter().map(told).collect()
}

/// The text of a token, with a replacement character for what is no whole character.
pub(in crate::routes) fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
