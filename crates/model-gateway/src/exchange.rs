//! One request to a provider and its answer: checked, recorded, sent, waited for, read.

use std::time::Duration;

use ambit_domain::port::{GenerationRequest, ModelEvent, NewTransmission, Prompt};
use ambit_domain::{Error, Message, Role};
use ambit_egress::{EgressError, Post, Response};
use async_stream::try_stream;
use futures_util::{Stream, StreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;

use crate::gateway::Shared;
use crate::lines::Lines;
use crate::provider::Stored;
use crate::secrets::find_secret;
use crate::wire::{self, Call, End, Fault, Piece, Reader};
use crate::{FoundSecret, GatewayError};

/// What of a failure's body is read, and shown of it.
const FAILURE_BYTES: usize = 64 << 10;
const FAILURE_CHARACTERS: usize = 300;

/// How long a provider is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// For the first piece of an answer, which may have to wait until a model is loaded.
    pub first: Duration,
    /// Between two pieces.
    pub between: Duration,
    /// For the summary that may follow the last piece.
    pub summary: Duration,
    /// The longest time that a busy provider may ask for, so that it is asked once more.
    pub busy: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(300),
            between: Duration::from_secs(60),
            summary: Duration::from_secs(3),
            busy: Duration::from_secs(10),
        }
    }
}

type Outcome<T> = Result<T, GatewayError>;

pub(crate) struct Exchange<'a> {
    shared: &'a Shared,
    provider: &'a Stored,
    model: &'a str,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(shared: &'a Shared, provider: &'a Stored, model: &'a str) -> Self {
        Self { shared, provider, model }
    }

    /// The answer, piece by piece. Dropping the stream closes the connection.
    pub(crate) fn run(self, request: GenerationRequest) -> impl Stream<Item = Outcome<ModelEvent>> {
        try_stream! {
            let wire = wire::of(self.provider.kind);
            let call = wire.call(self.model, &request, self.provider.context_tokens);
            self.check(&request, &call).await?;
            let response = self.send(&request, call).await?;
            let bytes_sent = if self.provider.is_remote() { response.bytes_sent } else { 0 };
            let mut reading = Reading { lines: Lines::default(), reader: wire.reader(), body: response.body, ended: false };
            let mut pieces = 0_u32;
            loop {
                let patience = self.patience(pieces, reading.reader.as_ref());
                let read = match tokio::time::timeout(patience, reading.next()).await {
                    Ok(read) => read.map_err(|fault| self.explain(fault))?,
                    Err(_) => match reading.reader.complete() {
                        Some(end) => vec![Piece::End(end)],
                        None => Err(GatewayError::Stalled { provider: self.name(), waited: patience })?,
                    },
                };
                for piece in read {
                    match piece {
                        Piece::Text(text) => {
                            pieces += 1;
                            yield ModelEvent::Text(text);
                        }
                        Piece::Alive => {}
                        Piece::End(End { reason, prompt_tokens, completion_tokens }) => {
                            yield ModelEvent::Finished {
                                reason,
                                prompt_tokens: prompt_tokens.unwrap_or(0),
                                // Servers that do not count send about a token in each piece.
                                completion_tokens: completion_tokens.unwrap_or(pieces),
                                bytes_sent,
                            };
                            return;
                        }
                    }
                }
            }
        }
    }

    fn name(&self) -> String {
        self.provider.name.clone()
    }

    fn patience(&self, pieces: u32, reader: &dyn Reader) -> Duration {
        let patience = &self.shared.patience;
        match (reader.complete(), pieces) {
            (Some(_), _) => patience.summary,
            (None, 0) => patience.first,
            (None, _) => patience.between,
        }
    }

    /// Whether this may leave the machine. What stays on it is sent as it is.
    async fn check(&self, request: &GenerationRequest, call: &Call) -> Outcome<()> {
        if !self.provider.is_remote() {
            return Ok(());
        }
        let host = self.provider.host();
        if self.shared.ports.egress.offline().is_offline() {
            return Err(GatewayError::Offline { provider: self.name(), host });
        }
        if let Some((kind, place)) = secret(request) {
            return Err(GatewayError::SecretFound { provider: self.name(), kind, place });
        }
        if self.provider.is_consented {
            return Ok(());
        }
        let content = call.body.to_string();
        let bytes = content.len() as u64;
        let held = NewTransmission {
            provider: self.name(),
            host: host.clone(),
            model: self.model.to_owned(),
            surface: request.origin.surface.clone(),
            session: request.origin.session.clone(),
            paths: request.origin.paths(),
            bytes,
            is_sent: false,
            content,
        };
        let transmission = self.shared.ports.transmissions.record(held).await.map_err(GatewayError::Stored)?;
        let passages = request.origin.quotations.len();
        Err(GatewayError::NotConsented { provider: self.name(), host, bytes, passages, transmission })
    }

    /// Sends a request; once more when the provider asks to wait for a short while, and in other words when it asks for these.
    async fn send(&self, request: &GenerationRequest, mut call: Call) -> Outcome<Response> {
        let mut is_first = true;
        loop {
            let response = self.send_once(request, &call).await?;
            let status = response.status.as_u16();
            if response.status.is_success() {
                return self.check_kind(response);
            }
            let wait = self.retry_after(&response.headers);
            let is_busy = matches!(status, 429 | 503);
            if let Some(wait) = wait.filter(|wait| is_first && is_busy && *wait <= self.shared.patience.busy) {
                is_first = false;
                tracing::info!(provider = self.provider.name, seconds = wait.as_secs(), "the provider is busy");
                drop(response);
                tokio::time::sleep(wait).await;
                continue;
            }
            let told = self.told(response).await;
            if status == 400 && adapt(&mut call.body, request, &told) {
                continue;
            }
            return Err(self.refusal(status, told, wait));
        }
    }

    async fn send_once(&self, request: &GenerationRequest, call: &Call) -> Outcome<Response> {
        let ports = &self.shared.ports;
        let post = Post {
            purpose: "model.generate".to_owned(),
            url: format!("{}{}", self.provider.url, call.path),
            headers: self.headers().await?,
            body: call.body.to_string(),
            model: self.model.to_owned(),
            provider: self.name(),
            origin: request.origin.clone(),
        };
        let patience = self.shared.patience.first;
        match tokio::time::timeout(patience, ports.egress.post(post, ports.transmissions.as_ref())).await {
            Ok(sent) => sent.map_err(|cause| self.network(cause)),
            Err(_) => Err(GatewayError::Stalled { provider: self.name(), waited: patience }),
        }
    }

    async fn headers(&self) -> Outcome<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream, application/x-ndjson, application/json"));
        let key = self.shared.ports.secrets.get(self.name()).await.map_err(GatewayError::Stored)?;
        if let Some(key) = key {
            let mut value = HeaderValue::try_from(format!("Bearer {}", key.reveal()))
                .map_err(|_| GatewayError::Stored(Error::invalid("the stored key cannot be sent")))?;
            value.set_sensitive(true);
            headers.insert(AUTHORIZATION, value);
        }
        Ok(headers)
    }

    fn network(&self, cause: EgressError) -> GatewayError {
        match cause {
            EgressError::Audit(cause) | EgressError::Record(cause) => GatewayError::Stored(cause),
            EgressError::Offline { host } => GatewayError::Offline { provider: self.name(), host },
            cause => GatewayError::Network { provider: self.name(), cause },
        }
    }

    /// A page for people is no answer.
    fn check_kind(&self, response: Response) -> Outcome<Response> {
        let kind = response.headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if kind.starts_with("text/html") {
            return Err(self.explain(Fault::Malformed("a web page".to_owned())));
        }
        Ok(response)
    }

    fn explain(&self, fault: Fault) -> GatewayError {
        match fault {
            Fault::Malformed(told) => {
                GatewayError::Malformed { provider: self.name(), kind: self.provider.kind.as_str(), told }
            }
            Fault::Told(told) => GatewayError::BrokeOff { provider: self.name(), told: shortened(&told) },
            Fault::Closed => GatewayError::Closed { provider: self.name() },
        }
    }

    /// How long the provider asks to be left alone: RFC 9110 has seconds, and a date.
    fn retry_after(&self, headers: &HeaderMap) -> Option<Duration> {
        let value = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
        if let Ok(seconds) = value.parse::<f64>() {
            return Duration::try_from_secs_f64(seconds).ok();
        }
        let until = jiff::fmt::rfc2822::parse(value).ok()?.timestamp().as_millisecond();
        let millis = until.saturating_sub(self.shared.ports.clock.now().0);
        Some(Duration::from_millis(u64::try_from(millis).unwrap_or(0)))
    }

    fn refusal(&self, status: u16, told: String, wait: Option<Duration>) -> GatewayError {
        let provider = self.name();
        match status {
            401 | 403 => GatewayError::Key { provider, told },
            429 => GatewayError::Busy { provider, told, wait: wait.map(|wait| (wait, self.until(wait))) },
            503 if wait.is_some() => {
                GatewayError::Busy { provider, told, wait: wait.map(|wait| (wait, self.until(wait))) }
            }
            _ => GatewayError::Refused { provider, status, told },
        }
    }

    fn until(&self, wait: Duration) -> String {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let at = self.shared.ports.clock.now().0.saturating_add(millis);
        let at = jiff::Timestamp::from_second(at.div_euclid(1000));
        at.map_or_else(|_| "later".to_owned(), |at| at.to_string())
    }

    /// What a failure says for itself. The key is taken out, should a server repeat it.
    async fn told(&self, mut response: Response) -> String {
        let mut body = Vec::new();
        let reading = async {
            while let Some(Ok(piece)) = response.body.next().await {
                body.extend_from_slice(&piece);
                if body.len() > FAILURE_BYTES {
                    break;
                }
            }
        };
        // What came in time is shown.
        tokio::time::timeout(self.shared.patience.between, reading).await.ok();
        let text = String::from_utf8_lossy(&body);
        let told = serde_json::from_str::<Value>(&text).ok().and_then(|document| wire::failure(&document));
        let mut told = shortened(told.as_deref().unwrap_or(text.trim()));
        if let Ok(Some(key)) = self.shared.ports.secrets.get(self.name()).await {
            told = told.replace(key.reveal(), "…");
        }
        if told.is_empty() { "it gave no reason".to_owned() } else { told }
    }
}

/// The body of an answer while it is read.
struct Reading {
    lines: Lines,
    reader: Box<dyn Reader>,
    body: ambit_domain::BoxStream<'static, Result<bytes::Bytes, EgressError>>,
    ended: bool,
}

impl Reading {
    /// What comes next; at least one piece, unless what came only says something together with what follows.
    async fn next(&mut self) -> Result<Vec<Piece>, Fault> {
        if self.ended {
            return self.reader.close().map(|piece| vec![piece]);
        }
        let lines = match self.body.next().await {
            Some(Ok(bytes)) => {
                self.lines.push(&bytes).map_err(|_| Fault::Malformed("a line of more than a megabyte".to_owned()))?
            }
            // A connection that breaks in an answer and one that is closed there are the same to the reader.
            Some(Err(_)) | None => {
                self.ended = true;
                self.lines.finish().into_iter().collect()
            }
        };
        let mut pieces = Vec::new();
        for line in lines {
            match self.reader.line(&line) {
                Ok(piece) => pieces.extend(piece),
                // What came before a fault is told before it.
                Err(fault) if pieces.is_empty() => return Err(fault),
                Err(fault) => {
                    self.ended = true;
                    self.reader = Box::new(Failed(fault));
                    return Ok(pieces);
                }
            }
        }
        Ok(pieces)
    }
}

/// Stands in for a reader that met a fault.
struct Failed(Fault);

impl Reader for Failed {
    fn line(&mut self, _: &str) -> Result<Option<Piece>, Fault> {
        Err(self.0.clone())
    }

    fn close(&mut self) -> Result<Piece, Fault> {
        Err(self.0.clone())
    }

    fn complete(&self) -> Option<End> {
        None
    }
}

/// Says a request in the words that some models of OpenAI want, when a refusal asks for them. False: there is nothing to
/// change, so that the refusal stands.
fn adapt(body: &mut Value, request: &GenerationRequest, told: &str) -> bool {
    let Some(members) = body.as_object_mut() else { return false };
    if told.contains("max_completion_tokens") {
        let limit = members.remove("max_tokens");
        return limit.is_some_and(|limit| members.insert("max_completion_tokens".to_owned(), limit).is_none());
    }
    // Whoever names a temperature is told that it cannot be had; the answer to a question may have any.
    told.contains("temperature") && request.origin.session.is_some() && members.remove("temperature").is_some()
}

fn shortened(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(FAILURE_CHARACTERS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// The first secret of a request, and where it stands.
fn secret(request: &GenerationRequest) -> Option<(crate::SecretKind, String)> {
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
    messages.iter().enumerate().find_map(|(number, Message { role, text })| {
        let FoundSecret { kind, at } = find_secret(text)?;
        let quoted = request.origin.quotations.iter().find(|quotation| number == last && quotation.bytes.contains(&at));
        let place = match (quoted, role) {
            (Some(quotation), _) => format!("the passage {}:{}", quotation.path.display(), quotation.span),
            (None, Role::Assistant) => format!("line {} of an earlier answer", line(text, at)),
            (None, Role::System) => format!("line {} of the instructions", line(text, at)),
            (None, Role::User) => format!("line {} of message {}", line(text, at), number + 1),
        };
        Some((kind, place))
    })
}
