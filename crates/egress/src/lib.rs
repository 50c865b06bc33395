//! The only way out: one HTTP client with an offline switch, a list of allowed hosts and a ledger of what was sent.
//!
//! A request is made only when the switch is open (or the target is this machine), the host is on the list that the
//! caller was given, and the audit log has taken the record of it. Redirects are held to the same rules.

mod address;
mod error;
mod ledger;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use ambit_domain::port::Audit;
use ambit_domain::{AuditEntry, BoxFuture, BoxStream};
use bytes::Bytes;
use futures_util::StreamExt;

pub use address::host_of;
pub use error::EgressError;
pub use ledger::{Ledger, Sent};

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
            self.audit
                .append(AuditEntry {
                    actor: "host".to_owned(),
                    action: "network.get".to_owned(),
                    subject: url.host_str().unwrap_or_default().to_owned(),
                    detail: serde_json::json!({ "purpose": request.purpose }),
                })
                .await
                .map_err(EgressError::Audit)?;
            let client = self.client(&request.allowed_hosts)?;
            let mut builder = client.get(url.clone());
            if let Some(first) = request.from_byte.filter(|first| *first > 0) {
                builder = builder.header(http::header::RANGE, format!("bytes={first}-"));
            }
            let outgoing = builder.build().map_err(|error| EgressError::connection(&url, &error))?;
            self.ledger.record(&request.purpose, url.host_str().unwrap_or_default(), ledger::size_of(&outgoing));
            let response = client.execute(outgoing).await.map_err(|error| self.explain(&url, &error))?;
            let (status, headers) = (response.status(), response.headers().clone());
            let body = response
                .bytes_stream()
                .map(move |piece| piece.map_err(|error| EgressError::connection(&url, &error)))
                .boxed();
            Ok(Response { status, headers, body })
        })
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

    #[expect(clippy::disallowed_methods, reason = "this is the one place that builds a client")]
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
            .connect_timeout(Duration::from_secs(15))
            .read_timeout(Duration::from_secs(60))
            .user_agent(concat!("ambit/", env!("CARGO_PKG_VERSION")))
            .build()
            .map_err(|error| EgressError::Client(error.to_string()))
    }
}
