//! The only way out: one HTTP client with an offline switch, a list of allowed hosts and a ledger of what was sent.
//!
//! A request is made only when the switch is open (or the target is this machine), the host is on the list that the
//! caller was given, and the audit log has taken the record of it. Each step of a redirect is such a request.

mod address;
mod clients;
mod error;
mod ledger;
mod post;

use std::sync::Arc;

use ambit_domain::port::Audit;
use ambit_domain::{AuditEntry, BoxFuture, BoxStream};
use bytes::Bytes;
use clients::Answer;
use futures_util::StreamExt;

pub use address::{host_of, is_this_machine};
pub use clients::OfflineSwitch;
pub use error::EgressError;
pub use http::HeaderMap;
pub use ledger::{Ledger, Sent};
pub use post::{Post, Recorded};

/// How often a server may send us on.
const MOST_REDIRECTS: usize = 8;

/// A request without a body.
#[derive(Debug, Clone)]
pub struct Request {
    /// Why it is made, for audit and ledger: `models.pull`.
    pub purpose: String,
    /// The address.
    pub url: String,
    /// Hosts that may be talked to, redirects included. A leading dot admits all below a domain.
    pub allowed_hosts: Vec<String>,
    /// The first byte that is wanted, when a download goes on.
    pub from_byte: Option<u64>,
    /// Further header fields, for the address alone: where that leads is not told them. Mark a key as sensitive.
    pub headers: http::HeaderMap,
}

/// An answer, its body still to come.
pub struct Response {
    /// The status.
    pub status: http::StatusCode,
    /// The header fields.
    pub headers: http::HeaderMap,
    /// The body, piece by piece.
    pub body: BoxStream<'static, Result<Bytes, EgressError>>,
}

impl std::fmt::Debug for Response {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Response").field("status", &self.status).finish_non_exhaustive()
    }
}

/// The outbound client.
pub struct Egress {
    offline: OfflineSwitch,
    audit: Arc<dyn Audit>,
    ledger: Arc<Ledger>,
}

impl Egress {
    /// A client under this switch, which writes its audit records there.
    pub fn new(offline: OfflineSwitch, audit: Arc<dyn Audit>) -> Self {
        Self { offline, audit, ledger: Arc::new(Ledger::default()) }
    }

    /// What has been sent since the start.
    #[must_use]
    pub fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The switch that this client obeys.
    #[must_use]
    pub fn offline(&self) -> &OfflineSwitch {
        &self.offline
    }

    /// Fetches an address with GET. Ends at the header; the body streams.
    ///
    /// # Errors
    /// Before anything is sent: when offline, when the host is not allowed, or when the audit record cannot be written.
    /// After that: when the connection fails.
    pub fn get(&self, request: Request) -> BoxFuture<'_, Result<Response, EgressError>> {
        Box::pin(async move {
            let mut url = address::parse(&request.url)?;
            for step in 0..=MOST_REDIRECTS {
                let headers = if step == 0 { request.headers.clone() } else { http::HeaderMap::new() };
                let response = self.get_once(&url, &request, headers).await?;
                match redirected(&response, &url)? {
                    Some(next) => url = next,
                    None => return Ok(answer(response, url)),
                }
            }
            Err(EgressError::Redirects { host: url.host_str().unwrap_or_default().to_owned() })
        })
    }

    async fn get_once(
        &self,
        url: &reqwest::Url,
        request: &Request,
        headers: http::HeaderMap,
    ) -> Result<reqwest::Response, EgressError> {
        address::admit(url, &request.allowed_hosts, &self.offline)?;
        let client = self.offline.client(url, Answer::File)?;
        let mut builder = client.get(url.clone()).headers(headers);
        if let Some(first) = request.from_byte.filter(|first| *first > 0) {
            builder = builder.header(http::header::RANGE, format!("bytes={first}-"));
        }
        let outgoing = builder.build().map_err(|error| EgressError::connection(url, &error))?;
        self.write_down("network.get", url, &request.purpose).await?;
        let leaving = if address::is_loopback(url) { 0 } else { ledger::size_of(&outgoing) };
        let host = url.host_str().unwrap_or_default();
        if leaving > 0 {
            self.ledger.record(&request.purpose, host, leaving);
        }
        // A server may close a connection that was kept just when it is used again. What only asks can be asked once more.
        let again = outgoing.try_clone();
        let answered = match (client.execute(outgoing).await, again) {
            (Err(error), Some(again)) if is_hung_up(&error) => {
                address::admit(url, &request.allowed_hosts, &self.offline)?;
                self.write_down("network.get", url, &request.purpose).await?;
                if leaving > 0 {
                    self.ledger.record(&request.purpose, host, leaving);
                }
                client.execute(again).await
            }
            (answered, _) => answered,
        };
        answered.map_err(|error| {
            if error.is_connect() && leaving > 0 {
                self.ledger.take_back(&request.purpose, host, leaving);
            }
            EgressError::connection(url, &error)
        })
    }

    async fn write_down(&self, action: &str, url: &reqwest::Url, purpose: &str) -> Result<(), EgressError> {
        let entry = AuditEntry {
            actor: "host".to_owned(),
            action: action.to_owned(),
            subject: url.host_str().unwrap_or_default().to_owned(),
            detail: serde_json::json!({ "purpose": purpose }),
        };
        self.audit.append(entry).await.map(drop).map_err(EgressError::Audit)
    }
}

/// Whether the server closed the connection instead of answering.
fn is_hung_up(error: &reqwest::Error) -> bool {
    error.is_request() && !error.is_connect() && !error.is_timeout()
}

/// Where an answer sends whoever asked, if it does.
fn redirected(response: &reqwest::Response, url: &reqwest::Url) -> Result<Option<reqwest::Url>, EgressError> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get(http::header::LOCATION) else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes()).into_owned();
    let next = url.join(&location);
    next.map(Some).map_err(|error| EgressError::Address { url: location, message: error.to_string() })
}

fn answer(response: reqwest::Response, url: reqwest::Url) -> Response {
    let (status, headers) = (response.status(), response.headers().clone());
    let body =
        response.bytes_stream().map(move |piece| piece.map_err(|error| EgressError::connection(&url, &error))).boxed();
    Response { status, headers, body }
}
