//! What ChatGPT's messages hold beside text.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::{chatgpt, node, pair, pairs, said};

/// What is told of an answer, with what its metadata says of references.
fn answered(text: &str, references: Value) -> String {
    let (id, mut answer) = node("b", Some("a"), "assistant", &said(text));
    answer["message"]["metadata"]["content_references"] = references;
    let nodes = [node("a", None, "user", &said("What?")), (id, answer)];
    pairs(&json!([chatgpt("b", nodes)])).remove(0).1
}

/// What is told of a message that the model sent to a tool.
fn called(tool: &str, content: &Value) -> String {
    let (id, mut call) = node("b", Some("a"), "assistant", content);
    call["message"]["recipient"] = json!(tool);
    let nodes = [node("a", None, "user", &said("What?")), (id, call)];
    pairs(&json!([chatgpt("b", nodes)])).remove(0).1
}

#[test]
fn references_are_written_out_where_the_export_names_them() {
    let references = json!([
        { "matched_text": "\u{e200}cite\u{e202}turn0\u{e201}", "alt": "([Bread](https://bread.example))" },
        { "matched_text": "\u{e200}nav\u{e202}turn1\u{e201}", "alt": null, "title": "Yeast" },
        { "matched_text": "\u{e200}x\u{e201}", "alt": "", "name": "Flour" }
    ]);
    let text = "Bake \u{e200}cite\u{e202}turn0\u{e201}, \u{e200}nav\u{e202}turn1\u{e201}, \u{e200}x\u{e201} in \
        \u{e200}entity\u{e202}[\"city\",\"Paris\",\"capital\"]\u{e201} now\u{e200}cite\u{e202}turn9\u{e201}【5†source】, 【so】.";
    let told = "Bake ([Bread](https://bread.example)), Yeast, Flour in Paris now, 【so】.";
    assert_eq!(answered(text, references), told);
}

#[test]
fn a_sign_that_begins_no_reference_costs_only_itself() {
    assert_eq!(answered("One \u{e200}two.\nThree\u{e201}.", json!([])), "One two.\nThree\u{e201}.");
    let long = "x".repeat(1001);
    assert_eq!(answered(&format!("\u{e200}{long}\u{e201}, 【{long}"), json!([])), format!("{long}\u{e201}, 【{long}"));
    assert_eq!(answered("\u{e200}one \u{e200}cite\u{e201}two", json!([])), "one two");
    let question = [node("a", None, "user", &said("What is \u{e200}x\u{e201}【1†2】?"))];
    assert_eq!(pairs(&json!([chatgpt("a", question)])), [pair("What is \u{e200}x\u{e201}【1†2】?", "")]);
}

#[test]
fn what_a_reference_is_called_is_put_in_once_and_not_read_again() {
    let mark = "\u{e200}x\u{e201}";
    let twice: Vec<Value> = (0..60).map(|_| json!({ "matched_text": mark, "alt": format!("a{mark}{mark}") })).collect();
    assert_eq!(answered(&format!("One {mark}."), json!(twice)), "One axx.");

    let many: Vec<Value> = (0..20_000)
        .map(|number| json!({ "matched_text": format!("\u{e200}{number}\u{e201}"), "alt": number.to_string() }))
        .collect();
    let text: String = (0..20_000).map(|number| format!("\u{e200}{number}\u{e201} ")).collect();
    let began = Instant::now();
    assert!(answered(&text, json!(many)).ends_with(" 19999"));
    assert!(began.elapsed() < Duration::from_secs(5), "it took {:?}", began.elapsed());

    let long = json!([{ "matched_text": mark, "alt": "y".repeat(100_000) }]);
    assert!(answered(&mark.repeat(10_000), long).len() <= 1 << 20, "one name fills no memory");
}

#[test]
fn what_the_model_gave_to_tools_is_no_prose() {
    let query = json!({ "content_type": "text", "parts": ["{\"prompt\": \"a *cat*\"}"] });
    assert_eq!(called("dalle.text2im", &query), "[tool: dalle.text2im]\n\n```\n{\"prompt\": \"a *cat*\"}\n```");
    let code = json!({ "content_type": "code", "language": "unknown", "text": "print(1)" });
    assert_eq!(called("python", &code), "[tool: python]\n\n```python\nprint(1)\n```");
    let text = |document: &Value| json!({ "content_type": "code", "language": "json", "text": document.to_string() });
    let letter = json!({ "name": "Letter", "type": "document", "content": "Dear *you*" });
    assert_eq!(called("canmore.create_textdoc", &text(&letter)), "[document: Letter]\n\nDear *you*");
    let program = json!({ "name": "sum", "type": "code/python", "content": "1 + 1" });
    assert_eq!(called("canmore.create_textdoc", &text(&program)), "[document: sum]\n\n```python\n1 + 1\n```");
    let change = json!({ "updates": [{ "pattern": ".*", "replacement": "Dear all" }] });
    assert_eq!(called("canmore.update_textdoc", &text(&change)), "[document]\n\n```\nDear all\n```");
    let broken = json!({ "content_type": "text", "parts": ["{\"name\": "] });
    assert_eq!(called("canmore.create_textdoc", &broken), "[tool: canmore.create_textdoc]\n\n```\n{\"name\":\n```");
    assert_eq!(called("all", &said("Prose.")), "Prose.");
}

#[test]
fn pages_and_files_that_the_model_read_are_told_by_name_alone() {
    let quote = json!({ "content_type": "tether_quote", "title": "Yeast", "url": "https://y.example", "text": "long" });
    let page = json!({ "content_type": "tether_browsing_display", "url": "https://z.example", "result": "long" });
    let (id, mut file) = node("d", Some("c"), "tool", &said("All of the file."));
    file["message"]["author"]["name"] = json!("myfiles_browser");
    let nodes = [
        node("a", None, "user", &said("What?")),
        node("b", Some("a"), "tool", &quote),
        node("c", Some("b"), "tool", &page),
        (id, file),
    ];
    let told = "[tool]\n\n[page: Yeast]\n\n[tool]\n\n[page: https://z.example]\n\n[tool: myfiles_browser]";
    assert_eq!(pairs(&json!([chatgpt("d", nodes)])), [pair("What?", told)]);
}
