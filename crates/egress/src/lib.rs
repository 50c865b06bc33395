//! The only way out: one HTTP client with an offline switch, a list of allowed hosts and a ledger of what was sent.
//!
//! A request is made only when the switch is open (or the target is this machine), the host is on the list that the
//! caller was given, and the audit log has taken the record of it. Each step of a redirect is such a request. What goes to
//! a server of this machine is written down while it goes, and its answer is not given out before.

mod address;
mod clients;
mod error;
mod ledger;
mod post;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit_domain::port::{Audit, NewTransmission, Transmissions};
use ambit_domain::{AuditEntry, BoxFuture, BoxStream};
use bytes::Bytes;
use clients::Answer;
use futures_util::StreamExt;

pub use address::{host_of, is_this_machine};
pub use clients::OfflineSwitch;
pub use error::EgressError;
pub use http::HeaderMap;
pub use ledger::{Ledger, Sent};
pub use post::Post;

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
        let recording = self.write_down("network.get", url, &request.purpose);
        if address::is_loopback(url) {
            let (recorded, answered) = tokio::join!(recording, client.execute(outgoing));
            recorded?;
            return answered.map_err(|error| EgressError::connection(url, &error));
        }
        recording.await?;
        let leaving = ledger::size_of(&outgoing);
        let host = url.host_str().unwrap_or_default();
        self.ledger.record(&request.purpose, host, leaving);
        client.execute(outgoing).await.map_err(|error| {
            if error.is_connect() {
                self.ledger.take_back(&request.purpose, host, leaving);
            }
            EgressError::connection(url, &error)
        })
    }

    /// Sends a body to an address. Ends at the header; the body of the answer streams, and dropping it closes the
    /// connection. Redirects are answers like others: what was meant for one address goes to no other.
    ///
    /// Before anything leaves this machine, it stands in the audit log, and with its content in `transmissions`; what a
    /// server of this machine gets, before its answer is given out. Its size is added to `sent` when it goes, if it leaves.
    /// When no connection could be made, all of that is taken back but the audit record.
    ///
    /// # Errors
    /// As for [`Self::get`].
    pub fn post<'a>(
        &'a self,
        post: Post,
        transmissions: &'a dyn Transmissions,
        sent: &'a AtomicU64,
    ) -> BoxFuture<'a, Result<Response, EgressError>> {
        Box::pin(async move {
            let url = address::parse(&post.url)?;
            let host = url.host_str().unwrap_or_default().to_owned();
            address::admit(&url, std::slice::from_ref(&host), &self.offline)?;
            // How long the answer may take is for the caller to say.
            let client = self.offline.client(&url, Answer::Stream)?;
            let Post { purpose, url: _, headers, body, model, provider, passed_on_to, origin } = post;
            let leaves = passed_on_to.is_some() || !address::is_loopback(&url);
            let host = passed_on_to.unwrap_or(host);
            if leaves && self.offline.is_offline() {
                return Err(EgressError::Offline { host });
            }
            let outgoing = client.post(url.clone()).headers(headers).body(body.clone()).build();
            let outgoing = outgoing.map_err(|error| EgressError::connection(&url, &error))?;
            let bytes = ledger::size_of(&outgoing);
            let record = NewTransmission {
                paths: origin.paths(),
                provider,
                host: host.clone(),
                model,
                surface: origin.surface,
                session: origin.session,
                bytes,
                is_sent: true,
                content: body,
            };
            let recording = self.record(&url, &purpose, record, transmissions);
            // What a server on this machine keeps leaves no machine.
            let leaving = if leaves { bytes } else { 0 };
            let (number, answered) = if leaves {
                let number = recording.await?;
                self.ledger.record(&purpose, &host, bytes);
                sent.fetch_add(leaving, Ordering::AcqRel);
                (number, client.execute(outgoing).await)
            } else {
                // Whoever types waits for this, and not for the disk as well.
                let (number, answered) = tokio::join!(recording, client.execute(outgoing));
                (number?, answered)
            };
            match answered {
                Ok(response) => Ok(answer(response, url)),
                Err(error) => {
                    if error.is_connect() {
                        sent.fetch_sub(leaving, Ordering::AcqRel);
                        if leaves {
                            self.ledger.take_back(&purpose, &host, bytes);
                        }
                        transmissions.take_back(number).await.map_err(EgressError::Record)?;
                    }
                    Err(EgressError::connection(&url, &error))
                }
            }
        })
    }

    /// Writes down what is sent, in the audit log and with its content, so that one commit may hold both.
    async fn record(
        &self,
        url: &reqwest::Url,
        purpose: &str,
        record: NewTransmission,
        transmissions: &dyn Transmissions,
    ) -> Result<i64, EgressError> {
        let audited = self.write_down("network.post", url, purpose);
        let (audited, recorded) = tokio::join!(audited, transmissions.record(record));
        let number = recorded.map_err(EgressError::Record);
        if let (Err(cause), Ok(number)) = (audited, &number) {
            // Nothing goes, so nothing is said to have gone.
            transmissions.take_back(*number).await.map_err(EgressError::Record)?;
            return Err(cause);
        }
        number
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
