//! What templates expect of Python: how values are written, methods of strings, and `json.dumps`.

use std::fmt::Write as _;

use jiff::civil::DateTime;
use minijinja::value::{Kwargs, ValueKind, from_args};
use minijinja::{Environment, Error, ErrorKind, Output, State, Value};
use minijinja_contrib::pycompat::unknown_method_callback;

use self::json::Style;

mod json;

pub(super) fn install(environment: &mut Environment<'static>) {
    environment.set_formatter(write);
    environment.set_unknown_method_callback(method);
    environment.add_filter("tojson", to_json);
    environment.add_filter("string", |value: &Value| text(value));
    environment.add_filter("trim", |value: &Value, characters: Option<&str>| {
        let text = text(value);
        strip(&text, true, true, characters).to_owned()
    });
    environment.add_filter("join", join);
}

/// `str.strip`, `lstrip` and `rstrip`. Python's white space has four control characters more than Unicode's.
fn strip<'a>(text: &'a str, left: bool, right: bool, characters: Option<&str>) -> &'a str {
    let blank = |it: char| match characters {
        Some(characters) => characters.contains(it),
        None => it.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&it),
    };
    let text = if left { text.trim_start_matches(blank) } else { text };
    if right { text.trim_end_matches(blank) } else { text }
}

/// Jinja's `join`, which writes values as Python does and can take one attribute of each.
fn join(values: &Value, separator: Option<&str>, options: Kwargs) -> Result<String, Error> {
    let separator = match separator {
        Some(positional) => positional.to_owned(),
        None => options.get::<Option<String>>("d")?.unwrap_or_default(),
    };
    let attribute = options.get::<Option<String>>("attribute")?;
    options.assert_all_used()?;
    let mut joined = String::new();
    for (index, value) in values.try_iter()?.enumerate() {
        joined.push_str(if index > 0 { &separator } else { "" });
        joined.push_str(&match &attribute {
            Some(attribute) => text(&value.get_attr(attribute)?),
            None => text(&value),
        });
    }
    Ok(joined)
}

/// `strftime`. The caller says what time it is.
pub(super) fn time(now: DateTime, format: &str) -> Result<String, Error> {
    let formatted = jiff::fmt::strtime::format(format, now);
    formatted.map_err(|error| Error::new(ErrorKind::InvalidOperation, format!("strftime_now: {error}")))
}

fn write(output: &mut Output<'_>, _: &State<'_, '_>, value: &Value) -> Result<(), Error> {
    let written = match value.as_str() {
        Some(text) => output.write_str(text),
        None => output.write_str(&text(value)),
    };
    written.map_err(|_| Error::from(ErrorKind::WriteFailure))
}

/// `str(value)`.
fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined => String::new(),
        ValueKind::String => value.to_string(),
        _ => {
            let mut text = String::new();
            represent(value, &mut text, 0);
            text
        }
    }
}

/// `repr(value)`, of the values that come from JSON. Python itself stops at some depth too.
fn represent(value: &Value, text: &mut String, depth: usize) {
    if depth > 64 {
        text.push_str("...");
        return;
    }
    let float = || value.to_string().parse::<f64>().ok().filter(|_| !value.is_integer());
    match value.kind() {
        ValueKind::String => quote(value.as_str().unwrap_or_default(), text),
        ValueKind::Number => match float() {
            Some(number) => text.push_str(&number_text(number)),
            None => text.push_str(&value.to_string()),
        },
        ValueKind::Seq | ValueKind::Iterable => {
            text.push('[');
            for (index, item) in value.try_iter().into_iter().flatten().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                represent(&item, text, depth + 1);
            }
            text.push(']');
        }
        ValueKind::Map => {
            text.push('{');
            for (index, key) in value.try_iter().into_iter().flatten().enumerate() {
                text.push_str(if index > 0 { ", " } else { "" });
                represent(&key, text, depth + 1);
                text.push_str(": ");
                represent(&value.get_item(&key).unwrap_or_default(), text, depth + 1);
            }
            text.push('}');
        }
        _ => text.push_str(&value.to_string()),
    }
}

fn quote(value: &str, text: &mut String) {
    let mark = if value.contains('\'') && !value.contains('"') { '"' } else { '\'' };
    text.push(mark);
    for character in value.chars() {
        match character {
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            _ if character == mark => text.extend(['\\', mark]),
            // Python escapes all that has no shape of its own; these are what texts hold of it.
            '\u{0}'..='\u{1f}' | '\u{7f}'..='\u{a0}' | '\u{ad}' => {
                push_formatted(text, format_args!("\\x{:02x}", u32::from(character)))
            }
            '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202f}' | '\u{2060}'..='\u{206f}' | '\u{3000}' | '\u{feff}' => {
                push_formatted(text, format_args!("\\u{:04x}", u32::from(character)));
            }
            _ => text.push(character),
        }
    }
    text.push(mark);
}

fn push_formatted(text: &mut String, arguments: std::fmt::Arguments<'_>) {
    // A string takes all that is written to it.
    if text.write_fmt(arguments).is_err() {
        text.push(char::REPLACEMENT_CHARACTER);
    }
}

/// `repr` of a float: the shortest digits that give the same number, with an exponent from 1e16 up and below 1e-4.
fn number_text(number: f64) -> String {
    if !number.is_finite() {
        return number.to_string().replace("NaN", "nan");
    }
    let scientific = format!("{number:e}");
    let Some((digits, exponent)) = scientific.split_once('e') else { return scientific };
    match exponent.parse::<i32>() {
        Ok(exponent) if number != 0.0 && !(-4..16).contains(&exponent) => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{digits}e{sign}{:02}", exponent.unsigned_abs())
        }
        _ => format!("{number:?}"),
    }
}

/// `json.dumps(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False)`, with which transformers
/// replaces Jinja's filter: nothing is escaped for HTML.
fn to_json(value: &Value, ensure_ascii: Option<bool>, options: Kwargs) -> Result<String, Error> {
    let failed = |error: serde_json::Error| Error::new(ErrorKind::BadSerialization, error.to_string());
    if value.is_undefined() {
        return Err(Error::new(ErrorKind::UndefinedError, "what is not defined has no JSON"));
    }
    let ensure_ascii = match ensure_ascii {
        Some(positional) => positional,
        None => options.get::<Option<bool>>("ensure_ascii")?.unwrap_or(false),
    };
    let indent = options.get::<Option<Value>>("indent")?.filter(|indent| !indent.is_none());
    let indent = indent.map(|indent| match indent.as_usize() {
        Some(width) => " ".repeat(width.min(64)),
        None => indent.as_str().unwrap_or_default().to_owned(),
    });
    let separators = options.get::<Option<Vec<String>>>("separators")?;
    let sort_keys = options.get::<Option<bool>>("sort_keys")?.unwrap_or(false);
    options.assert_all_used()?;
    let mut json = serde_json::to_value(value).map_err(failed)?;
    if sort_keys {
        json.sort_all_objects();
    }
    json::dumps(&json, &Style::new(ensure_ascii, indent, separators)).map_err(failed)
}

/// The methods that the contrib crate lacks, or has otherwise than Python.
fn method(state: &State<'_, '_>, value: &Value, name: &str, arguments: &[Value]) -> Result<Value, Error> {
    let Some(text) = value.as_str() else { return unknown_method_callback(state, value, name, arguments) };
    Ok(match name {
        "isdigit" | "isnumeric" | "isalpha" | "isalnum" | "isspace" if text.is_empty() => Value::from(false),
        "isupper" | "islower" => {
            // Python asks only characters that have a case, and there must be one.
            let mut cased = text.chars().filter(|it| it.is_uppercase() || it.is_lowercase()).peekable();
            let wanted = |it: char| if name == "isupper" { it.is_uppercase() } else { it.is_lowercase() };
            Value::from(cased.peek().is_some() && cased.all(wanted))
        }
        "strip" | "lstrip" | "rstrip" => {
            let (characters,): (Option<&str>,) = from_args(arguments)?;
            Value::from(strip(text, name != "rstrip", name != "lstrip", characters))
        }
        "rsplit" => {
            let (separator, most): (Option<&str>, Option<usize>) = from_args(arguments)?;
            let most = most.map_or(usize::MAX, |most| most.saturating_add(1));
            let mut parts: Vec<&str> = match separator {
                Some(separator) => text.rsplitn(most, separator).collect(),
                None if most == usize::MAX => text.split_whitespace().rev().collect(),
                None => {
                    return Err(Error::new(ErrorKind::InvalidOperation, "rsplit at white space takes no limit here"));
                }
            };
            parts.reverse();
            parts.into_iter().map(Value::from).collect()
        }
        "partition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            let (before, after) = text.split_once(separator).unwrap_or((text, ""));
            let found = if text.contains(separator) { separator } else { "" };
            [before, found, after].into_iter().map(Value::from).collect()
        }
        "rpartition" => {
            let (separator,): (&str,) = from_args(arguments)?;
            let (before, after) = text.rsplit_once(separator).unwrap_or(("", text));
            let found = if text.contains(separator) { separator } else { "" };
            [before, found, after].into_iter().map(Value::from).collect()
        }
        "removeprefix" => {
            let (prefix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_prefix(prefix).unwrap_or(text))
        }
        "removesuffix" => {
            let (suffix,): (&str,) = from_args(arguments)?;
            Value::from(text.strip_suffix(suffix).unwrap_or(text))
        }
        "find" | "rfind" | "index" | "rindex" => {
            let (sought,): (&str,) = from_args(arguments)?;
            let found = if name.starts_with('r') { text.rfind(sought) } else { text.find(sought) };
            // Python counts characters.
            match found.map(|offset| text[..offset].chars().count()) {
                Some(position) => Value::from(position),
                None if name.ends_with("find") => Value::from(-1),
                None => return Err(Error::new(ErrorKind::InvalidOperation, "substring not found")),
            }
        }
        _ => return unknown_method_callback(state, value, name, arguments),
    })
}
