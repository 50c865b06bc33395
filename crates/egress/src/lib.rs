//! The only way out: one HTTP client with an offline switch, a list of allowed hosts and a ledger of what was sent.
//!
//! A request is made only when the switch is open (or the target is this machine), the host is on the list that the
//! caller was given, and the audit log has taken the record of it. Redirects are held to the same rules.

mod address;
mod error;
mod ledger;
mod post;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use ambit_domain::port::{Audit, NewTransmission, Transmissions};
use ambit_domain::{AuditEntry, BoxFuture, BoxStream};
use bytes::Bytes;
use futures_util::StreamExt;

pub use address::{host_of, is_this_machine};
pub use error::EgressError;
pub use ledger::{Ledger, Sent};
pub use post::Post;

/// How long a server has to take a connection.
const CONNECT_TIME: Duration = Duration::from_secs(15);
const USER_AGENT: &str = concat!("ambit/", env!("CARGO_PKG_VERSION"));

/// The offline switch; clones share it.
#[derive(Debug, Clone, Default)]
pub struct OfflineSwitch(Arc<AtomicBool>);

impl OfflineSwitch {
    /// A switch in the given position.
    #[must_use]
    pub fn new(offline: bool) -> Self {
        Self(Arc::new(AtomicBool::new(offline)))
    }

    /// Whether only this machine may be reached.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    /// Sets it; counts from the next request on.
    pub fn set(&self, offline: bool) {
        self.0.store(offline, Ordering::Release);
    }
}

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
            let url = address::parse(&request.url)?;
            address::admit(&url, &request.allowed_hosts, &self.offline)?;
            self.write_down("network.get", &url, &request.purpose).await?;
            let client = self.client(&request.allowed_hosts)?;
            let mut builder = client.get(url.clone());
            if let Some(first) = request.from_byte.filter(|first| *first > 0) {
                builder = builder.header(http::header::RANGE, format!("bytes={first}-"));
            }
            let outgoing = builder.build().map_err(|error| EgressError::connection(&url, &error))?;
            let bytes = ledger::size_of(&outgoing);
            self.ledger.record(&request.purpose, url.host_str().unwrap_or_default(), bytes);
            let response = client.execute(outgoing).await.map_err(|error| self.explain(&url, &error))?;
            Ok(answer(response, url))
        })
    }

    /// Sends a body to an address. Ends at the header; the body of the answer streams, and dropping it closes the
    /// connection. Redirects are answers like others: what was meant for one address goes to no other.
    ///
    /// Before anything is sent, it stands in the audit log, and with its content in `transmissions`. Its size is added to
    /// `sent` when it goes, if it leaves this machine, and taken off again when no connection could be made.
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
            let client = self.sender(&url)?;
            let Post { purpose, url: _, headers, body, model, provider, passed_on_to, origin } = post;
            let leaves = passed_on_to.is_some() || !address::is_loopback(&url);
            let host = passed_on_to.unwrap_or(host);
            if leaves && self.offline.is_offline() {
                return Err(EgressError::Offline { host });
            }
            let outgoing = client.post(url.clone()).headers(headers).body(body.clone()).build();
            let outgoing = outgoing.map_err(|error| EgressError::connection(&url, &error))?;
            let bytes = ledger::size_of(&outgoing);
            self.write_down("network.post", &url, &purpose).await?;
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
            transmissions.record(record).await.map_err(EgressError::Record)?;
            // What a server on this machine keeps leaves no machine.
            let leaving = if leaves { bytes } else { 0 };
            if leaves {
                self.ledger.record(&purpose, &host, bytes);
            }
            sent.fetch_add(leaving, Ordering::AcqRel);
            let answered = client.execute(outgoing).await.map_err(|error| {
                if error.is_connect() {
                    sent.fetch_sub(leaving, Ordering::AcqRel);
                }
                EgressError::connection(&url, &error)
            });
            Ok(answer(answered?, url))
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

    /// A redirect that the rules refuse surfaces as an error of the client; it must not look like a broken network.
    fn explain(&self, url: &reqwest::Url, error: &reqwest::Error) -> EgressError {
        let mut cause: Option<&(dyn std::error::Error + 'static)> = Some(error);
        while let Some(current) = cause {
            if let Some(refusal) = current.downcast_ref::<address::Refusal>() {
                return refusal.clone().into();
            }
            cause = current.source();
        }
        EgressError::connection(url, error)
    }

    /// A client for one request with a body. How long its answer may take is for the caller to say.
    #[expect(clippy::disallowed_methods, reason = "this is the one crate that builds a client")]
    fn sender(&self, url: &reqwest::Url) -> Result<reqwest::Client, EgressError> {
        drop(rustls::crypto::ring::default_provider().install_default());
        let mut builder = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIME)
            .user_agent(USER_AGENT);
        if address::is_loopback(url) {
            // A proxy would carry what is meant for this machine to another.
            builder = builder.no_proxy();
        }
        builder.build().map_err(|error| EgressError::Client(error.to_string()))
    }

    #[expect(clippy::disallowed_methods, reason = "this is the one crate that builds a client")]
    fn client(&self, allowed: &[String]) -> Result<reqwest::Client, EgressError> {
        // The second call finds the provider set; either way there is one.
        drop(rustls::crypto::ring::default_provider().install_default());
        let (allowed, offline) = (allowed.to_vec(), self.offline.clone());
        let ledger = Arc::clone(&self.ledger);
        let redirects = reqwest::redirect::Policy::custom(move |attempt| {
            if attempt.previous().len() > 8 {
                return attempt.error("more than eight redirects");
            }
            match address::check(attempt.url(), &allowed, &offline) {
                Ok(()) => {
                    ledger.record("redirect", attempt.url().host_str().unwrap_or_default(), 0);
                    attempt.follow()
                }
                Err(refusal) => attempt.error(refusal),
            }
        });
        reqwest::Client::builder()
            .redirect(redirects)
            .connect_timeout(CONNECT_TIME)
            .read_timeout(Duration::from_secs(60))
            .user_agent(USER_AGENT)
            .build()
            .map_err(|error| EgressError::Client(error.to_string()))
    }
}

fn answer(response: reqwest::Response, url: reqwest::Url) -> Response {
    let (status, headers) = (response.status(), response.headers().clone());
    let body =
        response.bytes_stream().map(move |piece| piece.map_err(|error| EgressError::connection(&url, &error))).boxed();
    Response { status, headers, body }
}
