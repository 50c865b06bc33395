//! Secrets in what is about to be sent.

use ambit_domain::port::{GenerationRequest, Prompt};
use ambit_domain::{Constraint, Message, Role};
use serde_json::Value;

use crate::secrets::find_secret;
use crate::{FoundSecret, SecretKind};

/// The first secret of a request, and where it stands.
pub(super) fn secret(request: &GenerationRequest) -> Option<(SecretKind, String)> {
    said(request).or_else(|| offered(request))
}

/// In what is said.
fn said(request: &GenerationRequest) -> Option<(SecretKind, String)> {
    let line = |text: &str, at: usize| text[..at].matches('\n').count() + 1;
    let within = |name: &str, text: &str| {
        let FoundSecret { kind, at } = find_secret(text)?;
        Some((kind, format!("line {} of {name}", line(text, at))))
    };
    let messages = match &request.prompt {
        Prompt::Text(text) => return within("the text", text),
        Prompt::Gap { before, after } => {
            return within("the text before the gap", before).or_else(|| within("the text after the gap", after));
        }
        Prompt::Conversation(messages) => messages,
    };
    let last = messages.len().saturating_sub(1);
    messages.iter().enumerate().find_map(|(number, Message { role, text, calls, .. })| {
        if let Some(found) = calls.iter().find_map(|call| find_secret(&call.arguments)) {
            return Some((found.kind, format!("a call of a tool in message {}", number + 1)));
        }
        let FoundSecret { kind, at } = find_secret(text)?;
        let quoted = request.origin.quotations.iter().find(|quotation| number == last && quotation.bytes.contains(&at));
        let place = match (quoted, role) {
            (Some(quotation), _) => format!("the passage {}:{}", quotation.path.display(), quotation.span),
            (None, Role::Assistant) => format!("line {} of an earlier answer", line(text, at)),
            (None, Role::System) => format!("line {} of the instructions", line(text, at)),
            (None, Role::User | Role::Tool) => format!("line {} of message {}", line(text, at), number + 1),
        };
        Some((kind, place))
    })
}

/// In what describes the tools and the form of the answer.
fn offered(request: &GenerationRequest) -> Option<(SecretKind, String)> {
    let tools = request.tools.offered.iter().find_map(|tool| {
        let texts = [Some(tool.parameters.as_str()), tool.description.as_deref()];
        let found = texts.into_iter().flatten().find_map(find_secret)?;
        Some((found.kind, format!("the description of the tool `{}`", tool.name)))
    });
    let form = || match &request.sampling.constraint {
        Some(Constraint::JsonSchema(text) | Constraint::Regex(text) | Constraint::Grammar(text)) => {
            Some((find_secret(text)?.kind, "the form of the answer".to_owned()))
        }
        Some(Constraint::JsonObject) | None => None,
    };
    let stop = || {
        let found = request.sampling.stop.iter().find_map(|text| find_secret(text))?;
        Some((found.kind, "a text to stop at".to_owned()))
    };
    tools.or_else(form).or_else(stop)
}

/// In anything that is sent: names and ids that a client made up, and arguments as they are written there. Images are what
/// the user wants to show.
pub(super) fn secret_within(body: &Value) -> Option<(SecretKind, String)> {
    let place = "the request";
    match body {
        Value::String(text) if text.starts_with("data:image/") => None,
        Value::String(text) => find_secret(text).map(|found| (found.kind, place.to_owned())),
        Value::Array(items) => items.iter().find_map(secret_within),
        Value::Object(members) => members.iter().find_map(|(name, value)| match name.as_str() {
            "images" => None,
            name => find_secret(name).map(|found| (found.kind, place.to_owned())).or_else(|| secret_within(value)),
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}
