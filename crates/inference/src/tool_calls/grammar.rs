//! Calls of tools as a grammar, for texts that must make one.

use std::fmt::Write as _;

use ambit_domain::{Constraint, Tool};
use serde_json::{Map, Value, json};

use super::{ARGUMENTS, CLOSE, CallFormat, LIST, OPEN};
use crate::constraint::prepared;
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// A grammar of texts that call one of the tools, or else have another form.
///
/// # Errors
/// [`Error::Constraint`] when the schema of a tool is none, or the other form is no JSON.
pub(crate) fn grammar(
    format: CallFormat,
    vocabulary: &Vocabulary,
    tools: &[Tool],
    or: Option<&Constraint>,
) -> Result<Constraint> {
    let mark = |name: &'static str| mark(vocabulary, name);
    let mut rules = String::new();
    let start = match format {
        CallFormat::Tagged => format!("{} \"\\n\" call \"\\n\" {}", mark(OPEN), mark(CLOSE)),
        CallFormat::Elements => {
            format!("{} \"\\n<function=\" call \"</function>\\n\" {}", mark(OPEN), mark(CLOSE))
        }
        CallFormat::Bare => "call".to_owned(),
        CallFormat::Listed => format!("{} \"[\" call \"]\"", mark(LIST)),
        CallFormat::Named => format!("{} call", mark(LIST)),
    };
    let other = or.map_or(Ok(None), |or| other(or).map(Some))?;
    let alternative = if other.is_some() { " | other" } else { "" };
    push(&mut rules, format_args!("start: {start}{alternative}\n"));
    if let Some(schema) = other {
        push(&mut rules, format_args!("other: %json {}\n", prepared(schema)));
    }
    let names: Vec<String> = (0..tools.len()).map(|number| format!("call_{number}")).collect();
    push(&mut rules, format_args!("call: {}\n", names.join(" | ")));
    for (number, tool) in tools.iter().enumerate() {
        let schema = schema(tool)?;
        let name = &tool.name;
        let call = match format {
            CallFormat::Tagged | CallFormat::Listed => {
                format!("{} arguments_{number} \"}}\"", text(&format!("{{\"name\": {}, \"arguments\": ", json!(name))))
            }
            CallFormat::Bare => {
                format!("{} arguments_{number} \"}}\"", text(&format!("{{\"name\": {}, \"parameters\": ", json!(name))))
            }
            CallFormat::Named if vocabulary.special(ARGUMENTS).is_some() => {
                format!("{} {} arguments_{number}", text(name), mark(ARGUMENTS))
            }
            CallFormat::Named => format!("{} arguments_{number}", text(name)),
            CallFormat::Elements => {
                let elements = elements(number, &schema, &mut rules);
                push(&mut rules, format_args!("call_{number}: {} {elements}\n", text(&format!("{name}>\n"))));
                continue;
            }
        };
        push(&mut rules, format_args!("call_{number}: {call}\n"));
        push(&mut rules, format_args!("arguments_{number}: %json {}\n", prepared(schema)));
    }
    Ok(Constraint::Grammar(rules))
}

/// Arguments as elements, in the order of the schema.
fn elements(number: usize, schema: &Value, rules: &mut String) -> String {
    let required: Vec<&str> = schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let mut elements = Vec::new();
    for (place, (name, kind)) in schema["properties"].as_object().into_iter().flatten().enumerate() {
        let rule = format!("value_{number}_{place}");
        if let Some(choices) = choices(kind) {
            let choices = choices.iter().map(|choice| text(&format!("{choice}\n</parameter>\n")));
            push(rules, format_args!("{rule}: {}\n", choices.collect::<Vec<_>>().join(" | ")));
        } else if is_text(kind) {
            push(rules, format_args!("{rule}[suffix=\"\\n</parameter>\\n\"]: /(.|\\n)*/\n"));
        } else {
            let mut kind = kind.clone();
            // What it refers to stands beside the arguments.
            if let (Value::Object(kind), Value::Object(all)) = (&mut kind, schema) {
                let definitions = all.iter().filter(|(name, _)| *name == "$defs" || *name == "definitions");
                kind.extend(definitions.map(|(name, value)| (name.clone(), value.clone())));
            }
            push(
                rules,
                format_args!("{rule}: {rule}_json \"\\n</parameter>\\n\"\n{rule}_json: %json {}\n", prepared(kind)),
            );
        }
        let element = format!("{} {rule}", text(&format!("<parameter={name}>\n")));
        elements.push(if required.contains(&name.as_str()) { element } else { format!("({element})?") });
    }
    elements.join(" ")
}

/// Whether a value by this schema is a text, which elements hold as it is instead of in JSON.
pub(super) fn is_text(schema: &Value) -> bool {
    choices(schema).is_some() || (schema["type"] == "string" && schema.get("const").is_none())
}

/// The texts that a schema allows, where it names them.
fn choices(schema: &Value) -> Option<Vec<&str>> {
    let choices = schema["enum"].as_array().filter(|choices| !choices.is_empty())?;
    choices.iter().map(Value::as_str).collect()
}

/// The schema of a tool's arguments: an object.
fn schema(tool: &Tool) -> Result<Value> {
    let told = |what: &str| Error::Constraint(format!("the parameters of the tool `{}` are {what}", tool.name));
    let mut schema: Map<String, Value> =
        serde_json::from_str(&tool.parameters).map_err(|_| told("no schema of an object"))?;
    schema.entry("type").or_insert_with(|| json!("object"));
    Ok(Value::Object(schema))
}

/// The schema of the other form.
fn other(constraint: &Constraint) -> Result<Value> {
    match constraint {
        Constraint::JsonObject => Ok(json!({ "type": "object" })),
        Constraint::JsonSchema(schema) => {
            serde_json::from_str(schema).map_err(|error| Error::Constraint(format!("the schema is not JSON: {error}")))
        }
        Constraint::Regex(_) | Constraint::Grammar(_) => {
            Err(Error::Constraint("with tools, only JSON can be asked for besides".to_owned()))
        }
    }
}

/// A mark as the vocabulary has it: a control token, or text.
fn mark(vocabulary: &Vocabulary, name: &'static str) -> String {
    match vocabulary.special(name).filter(|id| vocabulary.readable(*id).is_none()) {
        Some(id) => format!("<[{id}]>"),
        None => text(name),
    }
}

/// A text in the grammar's quotes, which are JSON's.
fn text(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}

fn push(rules: &mut String, arguments: std::fmt::Arguments<'_>) {
    // A string takes all that is written to it.
    if rules.write_fmt(arguments).is_err() {
        rules.push('\n');
    }
}
