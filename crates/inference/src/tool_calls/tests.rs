#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use super::*;
use crate::constraint::Constraints;
use crate::constraint::tests::{vocabulary, walk};

fn tool() -> Tool {
    let parameters = r#"{"type": "object", "properties": {"city": {"type": "string"}, "days": {"type": "integer"}}}"#;
    Tool { name: "weather".to_owned(), description: None, parameters: parameters.to_owned() }
}

/// What a reader makes of a text that comes in pieces of some bytes: the text, and the calls.
fn read(format: CallFormat, text: &str, size: usize) -> (String, Vec<(String, String)>) {
    read_with(format, &[tool()], text, size)
}

fn read_with(format: CallFormat, tools: &[Tool], text: &str, size: usize) -> (String, Vec<(String, String)>) {
    let mut reader = CallReader::new(format, tools, 7);
    let characters: Vec<char> = text.chars().collect();
    let mut said: Vec<Said> =
        characters.chunks(size).flat_map(|piece| reader.push(&piece.iter().collect::<String>())).collect();
    said.extend(reader.finish());
    let (mut text, mut calls) = (String::new(), Vec::new());
    for said in said {
        match said {
            Said::Text(more) => text.push_str(&more),
            Said::Call(ToolCall { id, name, arguments }) => {
                assert!(id.len() == 9 && id.chars().all(|it| it.is_ascii_alphanumeric()), "{id}");
                calls.push((name, arguments));
            }
        }
    }
    (text, calls)
}

#[test]
fn calls_are_found_however_the_text_is_cut() {
    let call = r#"{"name": "weather", "arguments": {"city": "Graz", "days": 2}}"#;
    let parameters = call.replace("arguments", "parameters");
    let elements = "<tool_call>\n<function=weather>\n<parameter=city>\n1010\n</parameter>\n<parameter=days>\n2\n</parameter>\n</function>\n</tool_call>";
    let wanted = ("weather".to_owned(), r#"{"city":"Graz","days":2}"#.to_owned());
    let two = vec![wanted.clone(), wanted.clone()];
    for (format, text, said, calls) in [
        (
            CallFormat::Tagged,
            format!("Let me see.\n<tool_call>\n{call}\n</tool_call>\n<tool_call>\n{call}\n</tool_call>"),
            "Let me see.\n",
            two.clone(),
        ),
        (CallFormat::Tagged, format!("<tool_call>\n{call}"), "", vec![wanted.clone()]),
        (CallFormat::Tagged, "a < b <tool".to_owned(), "a < b <tool", vec![]),
        (CallFormat::Tagged, "<tool_call>nothing</tool_call> and on".to_owned(), "<tool_call>nothing</tool_call> and on", vec![]),
        (
            CallFormat::Elements,
            elements.to_owned(),
            "",
            vec![("weather".to_owned(), r#"{"city":"1010","days":2}"#.to_owned())],
        ),
        (CallFormat::Bare, format!("\n{parameters}; {parameters}"), "", two.clone()),
        (CallFormat::Bare, format!("<|python_tag|>{parameters}"), "", vec![wanted.clone()]),
        (CallFormat::Bare, "{\"no\": \"call\"}".to_owned(), "{\"no\": \"call\"}", vec![]),
        (CallFormat::Bare, "{\"name\": \"Ada\", \"age\": 36}".to_owned(), "{\"name\": \"Ada\", \"age\": 36}", vec![]),
        (CallFormat::Bare, "Say {\"name\": 1}".to_owned(), "Say {\"name\": 1}", vec![]),
        (CallFormat::Listed, format!("[TOOL_CALLS] [{call}, {call}]"), "", two.clone()),
        (CallFormat::Named, "[TOOL_CALLS]weather[ARGS]{\"city\": \"Graz\", \"days\": 2}[TOOL_CALLS]weather[CALL_ID]abc[ARGS]{\"city\": \"Graz\", \"days\": 2}".to_owned(), "", two.clone()),
        (CallFormat::Listed, "[TOOL_CALLS] none".to_owned(), "[TOOL_CALLS] none", vec![]),
    ] {
        for size in [1, 3, 7, 1000] {
            let (text, found) = read(format, &text, size);
            assert_eq!((text.trim_end(), &found), (said.trim_end(), &calls), "{format:?} in pieces of {size}");
        }
    }
}

#[test]
fn the_format_is_told_by_the_template() {
    for (template, format) in [
        ("{{ tools | tojson }}<tool_call>", Some(CallFormat::Tagged)),
        ("{% for tool in tools %}<tool_call><function=x>", Some(CallFormat::Elements)),
        ("{{ tools }} \"parameters\" <|python_tag|>", Some(CallFormat::Bare)),
        ("[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]", Some(CallFormat::Listed)),
        ("[AVAILABLE_TOOLS]{{ tools }}[TOOL_CALLS]f[ARGS]", Some(CallFormat::Named)),
        ("{{ tools }} in some way", None),
        ("{{ messages }}<tool_call>", None),
    ] {
        assert_eq!(CallFormat::of(template), format, "{template}");
    }
}

#[test]
fn whoever_must_call_writes_a_call_that_is_found() {
    let vocabulary = vocabulary("qwen2");
    let constraints = Constraints::new(&vocabulary).unwrap();
    let parameters = r##"{"type": "object", "properties": {"city": {"$ref": "#/$defs/city"}, "days": {"type": "integer"}},
        "required": ["city"], "additionalProperties": false, "$defs": {"city": {"enum": ["Graz", "Wien"]}}}"##;
    let tools = ["weather", "traffic"].map(|name| Tool {
        name: name.to_owned(),
        description: None,
        parameters: parameters.to_owned(),
    });
    let other = ambit_domain::Constraint::JsonSchema(r#"{"const": 7}"#.to_owned());
    for format in [CallFormat::Tagged, CallFormat::Elements, CallFormat::Bare, CallFormat::Listed, CallFormat::Named] {
        let must = grammar(format, &vocabulary, &tools, None).unwrap();
        let may = grammar(format, &vocabulary, &tools, Some(&other)).unwrap();
        let (mut called, mut not) = (0, 0);
        for seed in 0..20 {
            let constraint = if seed % 2 == 0 { &must } else { &may };
            let mut form = constraints.compile(constraint).unwrap();
            let Some(text) = walk(&vocabulary, &mut form, seed) else { continue };
            let (rest, calls) = read_with(format, &tools, &text, 5);
            if seed % 2 == 1 && text == "7" {
                not += 1;
                continue;
            }
            let [(name, arguments)] = calls.as_slice() else { panic!("{format:?}: {calls:?} in {text}") };
            let arguments: Value = serde_json::from_str(arguments).unwrap();
            assert!(name == "weather" || name == "traffic", "{text}");
            assert!(arguments["city"] == "Graz" || arguments["city"] == "Wien", "{format:?}: {text}");
            assert_eq!(rest, "", "{text}");
            called += 1;
        }
        assert!(called >= 8, "{format:?}: {called} calls, {not} others");
    }
}

#[test]
fn texts_among_the_arguments_are_free() {
    let vocabulary = vocabulary("qwen2");
    let constraints = Constraints::new(&vocabulary).unwrap();
    let constraint = grammar(CallFormat::Elements, &vocabulary, &[tool()], None).unwrap();
    let text =
        "<tool_call>\n<function=weather>\n<parameter=city>\nSankt \"P\"\n</parameter>\n</function>\n</tool_call>";
    let tokens = vocabulary.encode(text, false, true).unwrap();
    let mut form = constraints.compile(&constraint).unwrap();
    assert_eq!(form.agreed(&tokens), tokens.len());
    tokens.iter().for_each(|token| form.take(*token).unwrap());
    assert!(form.is_complete());
    let city = r#"{"city":"Sankt \"P\""}"#.to_owned();
    assert_eq!(read(CallFormat::Elements, text, 4), (String::new(), vec![("weather".to_owned(), city)]));
    let broken = Tool { parameters: "[1]".to_owned(), ..tool() };
    let Err(crate::Error::Constraint(told)) = grammar(CallFormat::Tagged, &vocabulary, &[broken], None) else {
        panic!("parameters that are no schema were taken")
    };
    assert!(told.contains("weather"), "{told}");
}
