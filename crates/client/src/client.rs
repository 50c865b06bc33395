use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::openai::OpenAiFailure;
use ambit_protocol::{Health, PREFIX, PROBLEM_MEDIA_TYPE, Problem, SURFACE_HEADER, Secret};
use bytes::Bytes;
use http::header::{
    ACCEPT, AUTHORIZATION, CONNECTION, CONTENT_TYPE, HOST, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE,
    USER_AGENT,
};
use http::{HeaderMap, HeaderValue, Method, Request, StatusCode};
use http_body_util::Full;
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::time::{Instant, sleep, timeout};

use crate::events::EventStream;
use crate::exchange::{Answer, exchange};
use crate::start::{ConnectOptions, Starter};
use crate::{Error, Result};

/// How long a host that hands over may be away before a client that cannot start one gives up.
const HAND_OVER: Duration = Duration::from_secs(5);

/// How long a client that can start a host waits for another one to come by itself.
const SUCCESSOR: Duration = Duration::from_secs(1);

/// How long a host may take to say that it is well.
const HEALTH: Duration = Duration::from_secs(2);

/// A client of one host. Clones share everything; any number of requests may run at once.
#[derive(Clone)]
pub struct Client {
    shared: Arc<Shared>,
}

struct Shared {
    socket: PathBuf,
    headers: HeaderMap,
    starter: Option<Starter>,
}

/// A request that is to be sent.
#[derive(Clone)]
pub(crate) struct Call {
    pub(crate) method: Method,
    /// Path and query below the prefix.
    pub(crate) target: String,
    pub(crate) body: Option<Bytes>,
    pub(crate) accept: &'static str,
    /// The key of the WebSocket that the connection is to become.
    pub(crate) socket_key: Option<HeaderValue>,
}

impl Call {
    pub(crate) fn new(method: Method, target: impl Into<String>) -> Self {
        Self { method, target: target.into(), body: None, accept: "application/json", socket_key: None }
    }

    pub(crate) fn json(mut self, body: &impl Serialize) -> Result<Self> {
        let body = serde_json::to_vec(body).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        self.body = Some(body.into());
        Ok(self)
    }

    pub(crate) fn accept(mut self, accept: &'static str) -> Self {
        self.accept = accept;
        self
    }

    fn describe(&self) -> String {
        let path = self.target.split_once('?').map_or(self.target.as_str(), |(path, _)| path);
        format!("{} {PREFIX}{path}", self.method)
    }

    fn request(&self, headers: &HeaderMap) -> Result<Request<Full<Bytes>>> {
        let mut builder = Request::builder().method(&self.method).uri(format!("{PREFIX}{}", self.target));
        if let Some(target) = builder.headers_mut() {
            target.clone_from(headers);
            target.insert(ACCEPT, HeaderValue::from_static(self.accept));
            if self.body.is_some() {
                target.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            }
            if let Some(key) = &self.socket_key {
                target.insert(CONNECTION, HeaderValue::from_static("Upgrade"));
                target.insert(UPGRADE, HeaderValue::from_static("websocket"));
                target.insert(SEC_WEBSOCKET_VERSION, HeaderValue::from_static("13"));
                target.insert(SEC_WEBSOCKET_KEY, key.clone());
            }
        }
        let body = Full::new(self.body.clone().unwrap_or_default());
        builder.body(body).map_err(|error| Error::InvalidRequest(error.to_string()))
    }
}

impl Client {
    /// Connects to the host that listens at a socket.
    ///
    /// # Errors
    /// [`Error::Unreachable`] when none answers.
    pub async fn connect(socket: impl Into<PathBuf>) -> Result<Self> {
        let client =
            Self { shared: Arc::new(Shared { socket: socket.into(), headers: headers("api")?, starter: None }) };
        health(&client.shared.socket).await?;
        Ok(client)
    }

    /// Connects to the host of a data directory, and starts one when none runs. An older host is asked to hand over.
    ///
    /// # Errors
    /// [`Error::NotStarted`] when the host does not come up in time, [`Error::NotHandedOver`] when an older one stays.
    pub async fn connect_or_start(options: ConnectOptions) -> Result<Self> {
        let headers = headers(&options.surface)?;
        let starter = Starter::new(options)?;
        starter.ensure_running().await?;
        let socket = starter.socket().to_owned();
        Ok(Self { shared: Arc::new(Shared { socket, headers, starter: Some(starter) }) })
    }

    /// The same client, speaking as another surface: `cli`, `editor`, `browser`, `desktop` or `api`.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the name cannot be a header's value.
    pub fn with_surface(self, surface: &str) -> Result<Self> {
        self.with_header(SURFACE_HEADER, surface)
    }

    /// The same client, held to what a token allows.
    ///
    /// # Errors
    /// [`Error::InvalidRequest`] when the token cannot be a header's value.
    pub fn with_token(self, token: &Secret) -> Result<Self> {
        self.with_header(AUTHORIZATION.as_str(), &format!("Bearer {}", token.reveal()))
    }

    /// Where the host listens.
    #[must_use]
    pub fn socket(&self) -> &Path {
        &self.shared.socket
    }

    fn with_header(self, name: &'static str, value: &str) -> Result<Self> {
        let mut headers = self.shared.headers.clone();
        headers.insert(name, header_value(value)?);
        let starter = self.shared.starter.clone();
        Ok(Self { shared: Arc::new(Shared { socket: self.shared.socket.clone(), headers, starter }) })
    }

    /// Sends a request and reads the JSON of its answer.
    pub(crate) async fn fetch<T: DeserializeOwned>(&self, call: Call) -> Result<T> {
        let request = call.describe();
        let body = self.send(call).await?.body.collect().await?;
        serde_json::from_slice(&body).map_err(|error| Error::Malformed { request, reason: error.to_string() })
    }

    /// Sends a request whose answer has no content.
    pub(crate) async fn execute(&self, call: Call) -> Result<()> {
        self.send(call).await?.body.collect().await.map(drop)
    }

    /// Sends a request and reads the text of its answer.
    pub(crate) async fn fetch_text(&self, call: Call) -> Result<String> {
        let request = call.describe();
        let body = self.send(call).await?.body.collect().await?;
        String::from_utf8(body).map_err(|error| Error::Malformed { request, reason: error.to_string() })
    }

    /// Sends a request whose answer is a stream of events.
    pub(crate) async fn stream<T>(&self, call: Call) -> Result<EventStream<T>> {
        let answer = self.send(call.accept("text/event-stream")).await?;
        Ok(EventStream::new(answer.body))
    }

    /// Sends a request; once more when the host was being replaced and cannot have seen it.
    pub(crate) async fn send(&self, call: Call) -> Result<Answer> {
        let first = exchange(&self.shared.socket, call.request(&self.shared.headers)?).await;
        let unseen = match &first {
            Err(error) if error.is_absence() => true,
            Err(Error::Interrupted { .. }) => call.method.is_safe(),
            _ => false,
        };
        let answer = if unseen {
            self.find_host().await?;
            exchange(&self.shared.socket, call.request(&self.shared.headers)?).await?
        } else {
            first?
        };
        let status = answer.head.status;
        let fits = status.is_success() || (call.socket_key.is_some() && status == StatusCode::SWITCHING_PROTOCOLS);
        if fits { Ok(answer) } else { Err(failure(&call, answer).await) }
    }

    async fn find_host(&self) -> Result<()> {
        match &self.shared.starter {
            // Most often a host goes because another one comes: starting a third would only get in its way.
            Some(_) if wait_for(&self.shared.socket, SUCCESSOR).await.is_ok() => Ok(()),
            Some(starter) => starter.ensure_running().await.map(drop),
            None => wait_for(&self.shared.socket, HAND_OVER).await,
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Client").field("socket", &self.shared.socket).finish_non_exhaustive()
    }
}

/// Whether a host listens and is well.
pub(crate) async fn health(socket: &Path) -> Result<Health> {
    let call = Call::new(Method::GET, "/health");
    let request = call.request(&headers("api")?)?;
    let asked = async {
        let answer = exchange(socket, request).await?;
        if !answer.head.status.is_success() {
            return Err(failure(&call, answer).await);
        }
        let body = answer.body.collect().await?;
        serde_json::from_slice(&body)
            .map_err(|error| Error::Malformed { request: call.describe(), reason: error.to_string() })
    };
    match timeout(HEALTH, asked).await {
        Ok(health) => health,
        Err(_) => Err(Error::Unreachable { socket: socket.to_owned(), source: std::io::ErrorKind::TimedOut.into() }),
    }
}

/// Sends one request that must not start a host by itself.
pub(crate) async fn send_once(socket: &Path, call: &Call) -> Result<()> {
    let answer = exchange(socket, call.request(&headers("api")?)?).await?;
    if answer.head.status.is_success() { Ok(()) } else { Err(failure(call, answer).await) }
}

async fn wait_for(socket: &Path, at_most: Duration) -> Result<()> {
    let deadline = Instant::now() + at_most;
    loop {
        match health(socket).await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() >= deadline => return Err(error),
            Err(_) => sleep(Duration::from_millis(50)).await,
        }
    }
}

/// The error that an answer tells.
async fn failure(call: &Call, answer: Answer) -> Error {
    let status = answer.head.status;
    let is_problem = answer.head.headers.get(CONTENT_TYPE).is_some_and(|kind| kind == PROBLEM_MEDIA_TYPE);
    let body = match answer.body.collect().await {
        Ok(body) => body,
        Err(error) => return error,
    };
    if is_problem && let Ok(problem) = serde_json::from_slice::<Problem>(&body) {
        return problem.into();
    }
    if let Ok(OpenAiFailure { error }) = serde_json::from_slice(&body) {
        return Problem::from(error).with_status(status.as_u16()).into();
    }
    let code = if status.is_client_error() { ErrorCode::InvalidInput } else { ErrorCode::Internal };
    Problem::new(code, format!("{} was answered with {status}", call.describe())).with_status(status.as_u16()).into()
}

fn headers(surface: &str) -> Result<HeaderMap> {
    let mut headers = HeaderMap::new();
    headers.insert(HOST, HeaderValue::from_static("localhost"));
    headers.insert(USER_AGENT, HeaderValue::from_static(concat!("ambit-client/", env!("CARGO_PKG_VERSION"))));
    headers.insert(SURFACE_HEADER, header_value(surface)?);
    Ok(headers)
}

fn header_value(value: &str) -> Result<HeaderValue> {
    let mut value = HeaderValue::from_str(value).map_err(|_| {
        Error::InvalidRequest("a surface or token holds characters that a header cannot hold".to_owned())
    })?;
    value.set_sensitive(true);
    Ok(value)
}
