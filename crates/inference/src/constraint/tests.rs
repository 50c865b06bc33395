#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::path::Path;
use std::time::{Duration, Instant};

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use super::*;

pub(crate) fn vocabulary(name: &str) -> Vocabulary {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/vocabulary").join(name);
    Vocabulary::open(&folder).unwrap()
}

/// What a model writes that takes any token as well as another one; None when it does not end within some tokens.
pub(crate) fn walk(vocabulary: &Vocabulary, form: &mut Form, seed: u64) -> Option<String> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    let (mut stream, mut text) = (vocabulary.stream().continuing(), String::new());
    for _ in 0..600 {
        let Some(allowed) = form.allowed().unwrap() else { return Some(text) };
        let allowed = allowed.to_list();
        // Ends as soon as it may, and does not write strings for ever.
        let closing = |id: &&u32| vocabulary.readable(**id).is_some_and(|bytes| matches!(bytes, b"\"" | b"}" | b"]"));
        let end = allowed
            .iter()
            .find(|id| vocabulary.is_end(**id))
            .or_else(|| allowed.iter().find(closing).filter(|_| random.next_u32() % 4 == 0));
        let token = end.copied().unwrap_or_else(|| allowed[random.next_u32() as usize % allowed.len()]);
        if vocabulary.is_end(token) {
            return Some(text);
        }
        form.take(token).unwrap();
        text.extend(stream.push(token));
    }
    None
}

fn schema(value: Value) -> Constraint {
    Constraint::JsonSchema(value.to_string())
}

#[test]
fn any_text_that_may_be_written_fits_the_schema() {
    let wanted = json!({
        "type": "object",
        "properties": {
            "name": { "type": "string", "maxLength": 12 },
            "kind": { "enum": ["cat", "dog"] },
            "age": { "type": "integer", "minimum": 0, "maximum": 120 },
            "friends": { "type": "array", "items": { "$ref": "#/$defs/friend" }, "maxItems": 2 },
        },
        "required": ["name", "kind", "age", "friends"],
        "additionalProperties": false,
        "$defs": { "friend": { "type": "object", "properties": { "id": { "type": "integer" } }, "required": ["id"],
            "additionalProperties": false } },
    });
    for name in ["qwen2", "spm"] {
        let vocabulary = vocabulary(name);
        let constraints = Constraints::new(&vocabulary).unwrap();
        let mut ended = 0;
        for seed in 0..20 {
            let mut form = constraints.compile(&schema(wanted.clone())).unwrap();
            let Some(text) = walk(&vocabulary, &mut form, seed) else { continue };
            ended += 1;
            let value: Value = serde_json::from_str(&text).unwrap_or_else(|error| panic!("{name}: {error} in {text}"));
            let keys: Vec<_> = value.as_object().unwrap().keys().collect();
            assert_eq!(keys, ["name", "kind", "age", "friends"], "{text}");
            assert!(value["kind"] == "cat" || value["kind"] == "dog", "{text}");
            assert!(value["age"].as_u64().is_some_and(|age| age <= 120), "{text}");
            assert!(value["name"].as_str().unwrap().chars().count() <= 12, "{text}");
            assert!(value["friends"].as_array().unwrap().iter().all(|friend| friend["id"].is_i64()), "{text}");
        }
        assert!(ended >= 10, "only {ended} of 20 texts of {name} came to an end");
    }
}

#[test]
fn objects_expressions_and_grammars_are_held_to() {
    let vocabulary = vocabulary("qwen2");
    let constraints = Constraints::new(&vocabulary).unwrap();
    let mut ended = 0;
    for seed in 0..10 {
        let mut form = constraints.compile(&Constraint::JsonObject).unwrap();
        if let Some(text) = walk(&vocabulary, &mut form, seed) {
            ended += 1;
            assert!(serde_json::from_str::<Value>(&text).unwrap().is_object(), "{text}");
        }
        let expression = Constraint::Regex("[a-f]{3}-[0-9]+/(yes|no)".to_owned());
        let mut form = constraints.compile(&expression).unwrap();
        if let Some(text) = walk(&vocabulary, &mut form, seed) {
            ended += 1;
            assert!(text.len() >= 8 && text.as_bytes()[3] == b'-', "{text}");
            assert!(text.ends_with("/yes") || text.ends_with("/no"), "{text}");
        }
        let grammar = Constraint::Grammar("start: sum\nsum: \"1\" | \"(\" sum \"+\" sum \")\"\n".to_owned());
        let mut form = constraints.compile(&grammar).unwrap();
        if let Some(text) = walk(&vocabulary, &mut form, seed) {
            ended += 1;
            assert_eq!(text.matches('(').count(), text.matches(')').count(), "{text}");
        }
    }
    assert!(ended > 15, "only {ended} of 30 came to an end");
}

#[test]
fn what_makes_no_sense_is_refused_with_its_cause() {
    let vocabulary = vocabulary("qwen2");
    let constraints = Constraints::new(&vocabulary).unwrap();
    let nested = |depth: usize| format!("{}{}", "{\"not\":".repeat(depth), "1".to_owned() + &"}".repeat(depth));
    for (constraint, cause) in [
        (schema(json!({ "type": "objekt" })), "objekt"),
        (schema(json!({ "type": "object", "not": {} })), "not"),
        (schema(json!({ "$ref": "#/$defs/none" })), "none"),
        (schema(json!({ "minimum": 3, "maximum": 2, "type": "integer" })), "2"),
        (schema(json!([1])), "object"),
        (Constraint::JsonSchema("{\"type\": ".to_owned()), "not JSON"),
        (Constraint::JsonSchema(nested(200)), "recursion"),
        (Constraint::JsonSchema(" ".repeat(LONGEST + 1)), "bytes"),
        (Constraint::Regex("(a".to_owned()), "("),
        (Constraint::Grammar("start: other\n".to_owned()), "other"),
        (Constraint::Grammar(format!("start: {}\"a\"{}", "(".repeat(5000), ")".repeat(5000))), "nested"),
    ] {
        let Err(Error::Constraint(told)) = constraints.compile(&constraint) else { panic!("{constraint:?} was taken") };
        assert!(told.contains(cause) && told.len() < 2 * TOLD, "{constraint:?}: {told}");
    }
}

#[test]
fn what_costs_too_much_is_refused_in_time() {
    let vocabulary = vocabulary("qwen2");
    let constraints = Constraints::new(&vocabulary).unwrap();
    let began = Instant::now();
    let many: Vec<Value> = (0..8000).map(|number| json!({ "const": format!("value {number}") })).collect();
    let chain: Map =
        (0..3000).map(|number| (format!("a{number}"), json!({ "$ref": format!("#/$defs/a{}", number + 1) }))).collect();
    type Map = serde_json::Map<String, Value>;
    for constraint in [
        schema(json!({ "anyOf": many })),
        schema(json!({ "$ref": "#/$defs/a0", "$defs": chain })),
        schema(json!({ "type": "array", "minItems": 100_000_000, "items": { "type": "array", "minItems": 100_000 } })),
        schema(json!({ "type": "string", "pattern": "(a{1,1000}){1,1000}(b|c){1,1000}" })),
        Constraint::Regex("((((a{1,100}){1,100}){1,100}){1,100})".to_owned()),
        Constraint::Regex("(.*a.{30}|.*b.{31}|.*c.{32})*x".to_owned()),
    ] {
        match constraints.compile(&constraint) {
            Ok(mut form) => {
                for _ in 0..40 {
                    let Ok(Some(allowed)) = form.allowed() else { break };
                    if form.take(allowed.to_list()[0]).is_err() {
                        break;
                    }
                }
            }
            Err(error) => assert!(matches!(error, Error::Constraint(_)), "{error}"),
        }
    }
    assert!(began.elapsed() < Duration::from_secs(30), "{:?}", began.elapsed());
}
