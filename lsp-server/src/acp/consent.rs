//! A model elsewhere gets nothing before its person saw, word for word, what that would be, and agreed.
//!
//! The host holds such a question back, keeps what would have been sent, and names it in its refusal; the editor shows it and asks.

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    PermissionOption, PermissionOptionKind, RequestPermissionOutcome, RequestPermissionRequest, ToolCall,
    ToolCallStatus, ToolCallUpdate, ToolCallUpdateFields, ToolKind,
};
use ambit_client::Client;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{Problem, Transmission};
use serde_json::Value;

use super::conversation::Stop;
use super::failure::refused;
use super::links::fenced;
use super::voice::Voice;

const SEND: &str = "send";
const KEEP: &str = "keep";

/// What its person says.
pub(crate) enum Consent {
    /// It may be sent, and what is asked from now on.
    Given,
    Refused,
    /// The prompt was stopped meanwhile.
    Stopped,
    /// This is no question of consent.
    NoQuestion,
}

/// Asks whether what was held back may be sent, where that is why a question was not answered.
pub(crate) async fn ask(client: &Client, voice: &Voice, problem: &Problem, stop: &mut Stop) -> Result<Consent> {
    if problem.error_code() != ErrorCode::Forbidden {
        return Ok(Consent::NoQuestion);
    }
    let Some(held) = held_back(client, problem).await.map_err(|error| refused(&error))? else {
        return Ok(Consent::NoQuestion);
    };
    let call = call(&held);
    voice.begin(call.clone())?;
    let options = vec![
        PermissionOption::new(
            SEND,
            format!("Send this, and what I ask {} from now on", held.provider),
            PermissionOptionKind::AllowAlways,
        ),
        PermissionOption::new(KEEP, "Send nothing", PermissionOptionKind::RejectOnce),
    ];
    let id = call.tool_call_id.clone();
    let request = RequestPermissionRequest::new(voice.session.clone(), call.into(), options);
    let answered = tokio::select! {
        answered = voice.editor.send_request(request).block_task() => answered?.outcome,
        () = stop.asked() => RequestPermissionOutcome::Cancelled,
    };
    let consent = match answered {
        RequestPermissionOutcome::Selected(chosen) if &*chosen.option_id.0 == SEND => Consent::Given,
        RequestPermissionOutcome::Cancelled => Consent::Stopped,
        _ => Consent::Refused,
    };
    if matches!(consent, Consent::Given) {
        client.consent_to_provider(&held.provider).await.map_err(|error| refused(&error))?;
    }
    let status = if matches!(consent, Consent::Given) { ToolCallStatus::Completed } else { ToolCallStatus::Failed };
    voice.change(ToolCallUpdate::new(id, ToolCallUpdateFields::new().status(status)))?;
    Ok(consent)
}

/// What the host held back, when it says so in its refusal: there it is named, so that two questions at once are told apart.
async fn held_back(client: &Client, problem: &Problem) -> ambit_client::Result<Option<Transmission>> {
    let named = problem.hint.as_deref().and_then(|hint| hint.split_once("`ambit egress show "));
    let number = named.and_then(|(_, rest)| rest.split_once('`')?.0.parse().ok());
    match number {
        Some(number) => client.transmission(number).await.map(|held| Some(held).filter(|held| !held.sent)),
        None => Ok(None),
    }
}

fn call(held: &Transmission) -> ToolCall {
    let files = match held.paths.len() {
        0 => String::new(),
        1 => ", quoting 1 file".to_owned(),
        many => format!(", quoting {many} files"),
    };
    let title = format!("Send {} bytes to {} at {}{files}", held.bytes, held.provider, held.host);
    ToolCall::new(format!("send-{}", held.id), title)
        .kind(ToolKind::Fetch)
        .content(vec![fenced(&readable(held.content.as_deref().unwrap_or_default())).into()])
}

/// What would be sent, word for word: the messages as texts, and the rest as it is.
fn readable(content: &str) -> String {
    let Ok(Value::Object(mut document)) = serde_json::from_str::<Value>(content) else { return content.to_owned() };
    let mut text = String::new();
    for message in document.remove("messages").as_ref().and_then(Value::as_array).into_iter().flatten() {
        let Value::Object(mut message) = message.clone() else { continue };
        let role = message.remove("role").unwrap_or_default();
        text.push_str(&format!("--- {}\n", role.as_str().unwrap_or_default()));
        match message.remove("content") {
            Some(Value::String(said)) => text.push_str(&format!("{}\n", said.trim_end())),
            Some(parts) => text.push_str(&format!("{}\n", shortened(parts))),
            None => {}
        }
        if !message.is_empty() {
            text.push_str(&format!("{}\n", shortened(Value::Object(message))));
        }
    }
    text.push_str(&format!("---\n{}", Value::Object(document)));
    text
}

/// Images are told by their size, as nobody reads them in base64; anything else is left as it is.
fn shortened(value: Value) -> Value {
    each(value, |name, value| if matches!(name, "image_url" | "images") { sized(value) } else { shortened(value) })
}

fn sized(image: Value) -> Value {
    match image {
        Value::String(image) => Value::String(format!("({} bytes in base64)", image.len())),
        Value::Array(images) => images.into_iter().map(sized).collect(),
        other => each(other, |name, value| if name == "url" { sized(value) } else { value }),
    }
}

/// A value with its fields changed; those of its items as well.
fn each(value: Value, change: impl Fn(&str, Value) -> Value + Copy) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(|item| each(item, change)).collect(),
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name.clone(), change(&name, value))).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::readable;

    #[test]
    fn what_would_be_sent_is_shown_word_for_word() {
        let content = r#"{"model":"m","messages":[{"role":"user","content":"a\nb"},
            {"role":"assistant","content":null,"tool_calls":[{"id":"7"}]}],"stream":true}"#;
        let shown = readable(content);
        assert!(shown.starts_with("--- user\na\nb\n--- assistant\n"), "{shown}");
        assert!(shown.contains(r#""tool_calls":[{"id":"7"}]"#), "{shown}");
        assert!(shown.ends_with(r#"{"model":"m","stream":true}"#), "{shown}");
        assert_eq!(readable("no JSON"), "no JSON");
        let long = "A".repeat(4000);
        assert!(readable(&format!(r#"{{"messages":[{{"role":"user","content":"{long}"}}]}}"#)).contains(&long));
    }

    #[test]
    fn images_are_told_by_their_size() {
        let image = "A".repeat(4000);
        let content = format!(
            r#"{{"messages":[{{"role":"user","content":[{{"type":"image_url","image_url":{{"url":"data:{image}"}}}},
                {{"type":"text","text":"What is it?"}}]}}]}}"#
        );
        let shown = readable(&content);
        assert!(!shown.contains(&image) && shown.contains("4005 bytes") && shown.contains("What is it?"), "{shown}");
    }
}
