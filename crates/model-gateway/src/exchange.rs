//! One request to a provider and its answer: checked, recorded, sent, waited for, read.

mod reading;
mod scan;

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use ambit_domain::Error;
use ambit_domain::port::{GenerationRequest, ModelEvent, NewTransmission, Rehearsal, TokenProbability};
use ambit_egress::{EgressError, Post, Recorded, Response};
use async_stream::try_stream;
use futures_util::{Stream, StreamExt as _};
use http::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER};
use serde_json::Value;
use tokio::time::Instant;

use crate::GatewayError;
use crate::gateway::Shared;
use crate::passed_on::{Unsaid, look};
use crate::provider::Stored;
use crate::wire::{self, Call, End, Fault, Piece};

use reading::Reading;
use scan::{secret, secret_within};

/// What of a failure's body is read, and shown of it.
const FAILURE_BYTES: usize = 64 << 10;
const FAILURE_CHARACTERS: usize = 300;
/// The longest answer that is taken, in bytes, with its calls and what is told of its tokens: more than any model writes.
const LONGEST_ANSWER: usize = 16 << 20;

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
    /// The host of the machine on which the model runs, when that is not this one.
    elsewhere: Option<String>,
    /// Bytes that have left this machine so far.
    sent: &'a AtomicU64,
    /// How often something had been forgotten when the request was written.
    forgotten: u64,
}

impl<'a> Exchange<'a> {
    /// An exchange with a model that runs at the host `elsewhere`, or on this machine. What leaves is added to `sent`.
    pub(crate) fn new(
        shared: &'a Shared,
        provider: &'a Stored,
        model: &'a str,
        elsewhere: Option<String>,
        sent: &'a AtomicU64,
    ) -> Self {
        Self { shared, provider, model, elsewhere, sent, forgotten: shared.forgotten() }
    }

    /// The answer, piece by piece. Dropping the stream closes the connection.
    pub(crate) fn run(self, request: GenerationRequest) -> impl Stream<Item = Outcome<ModelEvent>> {
        try_stream! {
            let wire = wire::of(self.provider.kind);
            let call = wire.call(self.model, &request, self.provider.context_tokens);
            let call = call.map_err(|what| self.unable(what))?;
            self.check(&request, &call).await?;
            let recorded = self.record_where_it_may_go(&request, &call).await?;
            let response = self.send(&request, call, recorded).await?;
            let mut reading = Reading::new(wire.reader(), response.body);
            // A server that does not know of probabilities says so by leaving them out.
            let mut lacks_probabilities = request.sampling.logprobs.is_some();
            let mut pieces = 0_u32;
            let mut weight = 0_usize;
            let mut has_text = false;
            let mut summary = None;
            loop {
                let patience = self.patience(pieces, reading.complete().is_some());
                let mut until = Instant::now() + patience;
                if reading.complete().is_some() {
                    // Whatever comes after an answer does not make the wait for its summary longer.
                    until = *summary.get_or_insert(until);
                }
                let read = match reading.within(until).await {
                    Some(Ok(read)) => read,
                    Some(Err(fault)) => Err(self.explain(fault).await)?,
                    None => match reading.complete() {
                        Some(end) => vec![Piece::End(end)],
                        None => Err(GatewayError::Stalled { provider: self.name(), waited: patience })?,
                    },
                };
                for piece in read {
                    weight += size(&piece);
                    if weight > LONGEST_ANSWER {
                        Err(self.malformed("an answer of more than 16 megabytes".to_owned()))?;
                    }
                    match piece {
                        Piece::Text(text) => {
                            pieces += 1;
                            has_text = true;
                            yield ModelEvent::Text(text);
                        }
                        Piece::Tokens(tokens) => {
                            lacks_probabilities = false;
                            yield ModelEvent::Tokens(tokens);
                        }
                        Piece::Called(call) => {
                            pieces += 1;
                            yield ModelEvent::Called(call);
                        }
                        Piece::Alive => {}
                        Piece::End(_) if lacks_probabilities && has_text => Err(self.unable("probabilities of tokens"))?,
                        Piece::End(End { reason, prompt_tokens, known_tokens, completion_tokens }) => {
                            yield ModelEvent::Finished {
                                reason,
                                prompt_tokens: prompt_tokens.unwrap_or(0),
                                known_tokens: known_tokens.unwrap_or(0),
                                // Servers that do not count send about a token in each piece.
                                completion_tokens: completion_tokens.unwrap_or(pieces),
                                bytes_sent: self.sent.load(Ordering::Acquire),
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

    fn unable(&self, what: &'static str) -> GatewayError {
        GatewayError::Unable { provider: self.name(), what }
    }

    fn patience(&self, pieces: u32, is_complete: bool) -> Duration {
        let patience = &self.shared.patience;
        match (is_complete, pieces) {
            (true, _) => patience.summary,
            (false, 0) => patience.first,
            (false, _) => patience.between,
        }
    }

    /// Whether the model runs where it was taken to run. What was written for this machine goes no further.
    async fn check_place(&self) -> Outcome<()> {
        if self.elsewhere.is_some() {
            return Ok(());
        }
        let patience = self.shared.patience.first;
        let headers = self.headers().await?;
        match tokio::time::timeout(patience, look(self.shared, self.provider, self.model, headers)).await {
            Ok(Ok(false)) => Ok(()),
            Ok(Ok(true)) => Err(GatewayError::Changed { provider: self.name() }),
            Ok(Err(Unsaid::Network(cause))) => Err(self.network(cause)),
            Ok(Err(Unsaid::Status(status))) => {
                Err(self.refusal(status, "it does not say where its models run".to_owned(), None).await)
            }
            Ok(Err(Unsaid::Malformed)) => Err(self.malformed("no list of models".to_owned())),
            Err(_) => Err(GatewayError::Stalled { provider: self.name(), waited: patience }),
        }
    }

    /// Writes the request down, and finds out meanwhile whether it may go: whoever types waits for one write to the disk, not for
    /// two.
    async fn record_where_it_may_go(&self, request: &GenerationRequest, call: &Call) -> Outcome<Recorded> {
        let (recorded, allowed) = tokio::join!(self.record(request, call), self.check_place());
        // What may not go there is dropped, and by that taken back.
        allowed.and(recorded)
    }

    /// What sending the request would come to.
    pub(crate) fn rehearse(&self, request: &GenerationRequest) -> Rehearsal {
        let call = wire::of(self.provider.kind).call(self.model, request, self.provider.context_tokens);
        let bytes = call.as_ref().map_or(0, |call| call.body.to_string().len() as u64);
        let objection = call.map_err(|what| self.unable(what)).and_then(|call| {
            self.check_content(request, &call)?;
            match self.elsewhere.clone().filter(|host| !self.provider.is_consented_for(host)) {
                Some(host) => Err(self.not_consented(request, host, bytes, None)),
                None => Ok(()),
            }
        });
        Rehearsal { bytes, objection: objection.err().map(Error::from) }
    }

    fn not_consented(
        &self,
        request: &GenerationRequest,
        host: String,
        bytes: u64,
        transmission: Option<i64>,
    ) -> GatewayError {
        let passages = request.origin.quotations.len();
        GatewayError::NotConsented { provider: self.name(), host, bytes, passages, transmission }
    }

    /// Whether it may leave the machine for what is in it.
    fn check_content(&self, request: &GenerationRequest, call: &Call) -> Outcome<()> {
        let Some(host) = self.elsewhere.clone() else { return Ok(()) };
        if self.shared.ports.egress.offline().is_offline() {
            return Err(GatewayError::Offline { provider: self.name(), host });
        }
        if let Some((kind, place)) = secret(request).or_else(|| secret_within(&call.body)) {
            return Err(GatewayError::SecretFound { provider: self.name(), kind, place });
        }
        Ok(())
    }

    /// Whether this may leave the machine. What stays on it is sent as it is.
    async fn check(&self, request: &GenerationRequest, call: &Call) -> Outcome<()> {
        let Some(host) = self.elsewhere.clone() else { return Ok(()) };
        self.check_content(request, call)?;
        if self.provider.is_consented_for(&host) {
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
        Err(self.not_consented(request, host, bytes, Some(transmission)))
    }

    /// Sends a request; once more when the provider asks to wait for a short while, and in other words when it asks for these.
    async fn send(&self, request: &GenerationRequest, mut call: Call, recorded: Recorded) -> Outcome<Response> {
        let mut is_first = true;
        let mut recorded = Some(recorded);
        loop {
            let going = match recorded.take() {
                Some(recorded) => recorded,
                None => self.record(request, &call).await?,
            };
            let response = self.send_once(request, going).await?;
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
                self.check_again(request)?;
                continue;
            }
            let told = self.told(response).await;
            if status == 400 && adapt(&mut call.body, request, &told) {
                self.check_again(request)?;
                continue;
            }
            return Err(self.refusal(status, told, wait).await);
        }
    }

    /// Whether what was found before the first attempt holds yet: much can be changed during a wait.
    fn check_again(&self, request: &GenerationRequest) -> Outcome<()> {
        let same = self.shared.find(&self.provider.name).filter(|found| {
            let is_consented = self.elsewhere.as_ref().is_none_or(|host| found.is_consented_for(host));
            let may_have = found.may_have(&request.origin, self.elsewhere.is_some());
            found.url == self.provider.url && is_consented && may_have && self.shared.forgotten() == self.forgotten
        });
        same.map(drop).ok_or_else(|| GatewayError::Changed { provider: self.name() })
    }

    async fn record(&self, request: &GenerationRequest, call: &Call) -> Outcome<Recorded> {
        let ports = &self.shared.ports;
        let post = Post {
            purpose: "model.generate".to_owned(),
            url: format!("{}{}", self.provider.url, call.path),
            headers: self.headers().await?,
            body: call.body.to_string(),
            model: self.model.to_owned(),
            provider: self.name(),
            passed_on_to: self.elsewhere.clone().filter(|_| !self.provider.is_remote()),
            origin: request.origin.clone(),
        };
        ports.egress.record(post, &ports.transmissions).await.map_err(|cause| self.network(cause))
    }

    async fn send_once(&self, request: &GenerationRequest, recorded: Recorded) -> Outcome<Response> {
        let ports = &self.shared.ports;
        // The key is that of the provider as it is now, which may be another one under this name.
        self.check_again(request)?;
        let patience = self.shared.patience.first;
        let sending = ports.egress.send(recorded, self.sent);
        match tokio::time::timeout(patience, sending).await {
            Ok(sent) => sent.map_err(|cause| self.network(cause)),
            Err(_) => Err(GatewayError::Stalled { provider: self.name(), waited: patience }),
        }
    }

    async fn headers(&self) -> Outcome<HeaderMap> {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT, HeaderValue::from_static("text/event-stream, application/x-ndjson, application/json"));
        let key = self.shared.ports.secrets.get(self.provider.key_name()).await.map_err(GatewayError::Stored)?;
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
            return Err(self.malformed("a web page".to_owned()));
        }
        Ok(response)
    }

    fn malformed(&self, told: String) -> GatewayError {
        GatewayError::Malformed { provider: self.name(), kind: self.provider.kind.as_str(), told }
    }

    async fn explain(&self, fault: Fault) -> GatewayError {
        match fault {
            Fault::Malformed(told) => self.malformed(told),
            Fault::Told(told) => GatewayError::BrokeOff { provider: self.name(), told: self.scrubbed(&told).await },
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

    async fn refusal(&self, status: u16, told: String, wait: Option<Duration>) -> GatewayError {
        let provider = self.name();
        let wait = wait.map(|wait| (wait, self.until(wait)));
        match status {
            401 | 403 => {
                let key = self.shared.ports.secrets.get(self.provider.key_name()).await;
                GatewayError::Key { provider, told, has_one: matches!(key, Ok(Some(_))) }
            }
            429 => GatewayError::Limited { provider, told, wait },
            503 if wait.is_some() => GatewayError::Busy { provider, told, wait },
            _ => GatewayError::Refused { provider, status, told },
        }
    }

    fn until(&self, wait: Duration) -> String {
        let millis = i64::try_from(wait.as_millis()).unwrap_or(i64::MAX);
        let at = self.shared.ports.clock.now().0.saturating_add(millis);
        let at = jiff::Timestamp::from_second(at.div_euclid(1000));
        at.map_or_else(|_| "later".to_owned(), |at| at.to_string())
    }

    /// What a failure says for itself.
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
        let told = self.scrubbed(told.as_deref().unwrap_or(text.trim())).await;
        if told.is_empty() { "it gave no reason".to_owned() } else { told }
    }

    /// A provider's own words, as they are shown. The key is taken out, should a server repeat it, and before they are
    /// shortened: half of a key would not be found any more.
    async fn scrubbed(&self, text: &str) -> String {
        match self.shared.ports.secrets.get(self.provider.key_name()).await {
            Ok(Some(key)) => shortened(&text.replace(key.reveal(), "…")),
            Ok(None) | Err(_) => shortened(text),
        }
    }
}

/// The bytes of a piece, as far as they are kept.
fn size(piece: &Piece) -> usize {
    match piece {
        Piece::Text(text) => text.len(),
        Piece::Tokens(tokens) => {
            let all = tokens.iter().flat_map(|written| std::iter::once(&written.token).chain(&written.likeliest));
            all.map(|token| token.bytes.len() + size_of::<TokenProbability>()).sum()
        }
        Piece::Called(call) => call.id.len() + call.name.len() + call.arguments.len(),
        Piece::Alive | Piece::End(_) => 0,
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
