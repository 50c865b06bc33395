use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use ambit_domain::Error;
use ambit_domain::port::{GenerationOrigin, NewTransmission, Transmissions};

use crate::clients::Answer;
use crate::{Egress, EgressError, Response, address, answer, ledger};

/// A request with a body, to a provider of language models.
#[derive(Debug, Clone)]
pub struct Post {
    /// Why it is made, for audit and ledger: `model.generate`.
    pub purpose: String,
    /// The address.
    pub url: String,
    /// Header fields. Mark a key as sensitive, so that no log shows it.
    pub headers: http::HeaderMap,
    /// The body.
    pub body: String,
    /// The model that is asked, by the provider's name for it.
    pub model: String,
    /// Who is asked.
    pub provider: String,
    /// To which host the server at the address passes on what it is asked, when it is a server of this machine that does.
    pub passed_on_to: Option<String>,
    /// For whom, and what the body quotes.
    pub origin: GenerationOrigin,
}

/// A request that stands in the audit log, and with its content among the transmissions. When it is dropped without being sent, it
/// is said of it that it did not go.
#[derive(Debug)]
#[must_use = "what is not sent is taken back"]
pub struct Recorded {
    entry: Entry,
    purpose: String,
    /// Whose machine it goes to in the end.
    host: String,
    bytes: u64,
    /// Whether it leaves this machine.
    leaves: bool,
    url: reqwest::Url,
    client: reqwest::Client,
    request: reqwest::Request,
}

/// A transmission that is recorded as sent.
struct Entry {
    number: i64,
    transmissions: Arc<dyn Transmissions>,
    /// Whether it went, or may have.
    has_gone: bool,
}

impl std::fmt::Debug for Entry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Entry").field("number", &self.number).finish_non_exhaustive()
    }
}

impl Entry {
    /// Records it in a task of its own: whoever waits may lose interest while that is being written.
    async fn record(transmissions: Arc<dyn Transmissions>, record: NewTransmission) -> Result<Self, EgressError> {
        let (told, recorded) = tokio::sync::oneshot::channel();
        owned(async move {
            let number = transmissions.record(record).await;
            let entry = number.map(|number| Self { number, transmissions, has_gone: false });
            // Dropped when nobody waits any more, and so taken back.
            drop(told.send(entry));
        });
        let recorded = recorded.await.map_err(|_| Error::internal("the record of what is sent was not written"));
        recorded.and_then(|entry| entry).map_err(EgressError::Record)
    }

    /// Says of it that it did not go.
    async fn take_back(mut self) -> Result<(), EgressError> {
        self.has_gone = true;
        self.transmissions.take_back(self.number).await.map_err(EgressError::Record)
    }
}

impl Drop for Entry {
    fn drop(&mut self) {
        if self.has_gone {
            return;
        }
        let (number, transmissions) = (self.number, Arc::clone(&self.transmissions));
        owned(async move {
            if let Err(error) = transmissions.take_back(number).await {
                tracing::warn!(%error, number, "what was not sent is said to have been sent");
            }
        });
    }
}

/// Runs something to its end that nobody waits for. Without a runtime, at the end of the program, it is left out.
#[expect(clippy::disallowed_methods, reason = "a write or two, which whoever asked for it does not wait for")]
fn owned(work: impl Future<Output = ()> + Send + 'static) {
    if tokio::runtime::Handle::try_current().is_ok() {
        tokio::spawn(work);
    }
}

impl Egress {
    /// Writes down what is to be sent to an address: all that has to be on the disk before.
    ///
    /// # Errors
    /// When offline, when the host is not allowed, or when it cannot be written down.
    pub async fn record(&self, post: Post, transmissions: &Arc<dyn Transmissions>) -> Result<Recorded, EgressError> {
        let url = address::parse(&post.url)?;
        let host = url.host_str().unwrap_or_default().to_owned();
        address::admit(&url, std::slice::from_ref(&host), &self.offline)?;
        // How long the answer may take is for the caller to say.
        let client = self.offline.client(&url, Answer::Stream)?;
        let Post { purpose, url: _, headers, body, model, provider, passed_on_to, origin } = post;
        let leaves = passed_on_to.is_some() || !address::is_loopback(&url);
        let host = passed_on_to.unwrap_or(host);
        self.check_offline(leaves, &host)?;
        let request = client.post(url.clone()).headers(headers).body(body.clone()).build();
        let request = request.map_err(|error| EgressError::connection(&url, &error))?;
        let bytes = ledger::size_of(&request);
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
        // At once, so that one commit may hold both.
        let recording = Entry::record(Arc::clone(transmissions), record);
        let (audited, entry) = tokio::join!(self.write_down("network.post", &url, &purpose), recording);
        let entry = entry?;
        if let Err(cause) = audited {
            entry.take_back().await?;
            return Err(cause);
        }
        Ok(Recorded { entry, purpose, host, bytes, leaves, url, client, request })
    }

    /// Sends what was written down. Ends at the header; the body of the answer streams, and dropping it closes the connection.
    /// Redirects are answers like others: what was meant for one address goes to no other.
    ///
    /// Its size is added to `sent` when it goes, if it leaves this machine. When no connection could be made, all of that is
    /// taken back but the audit record.
    ///
    /// # Errors
    /// When offline by now, or when the connection fails.
    pub async fn send(&self, recorded: Recorded, sent: &AtomicU64) -> Result<Response, EgressError> {
        let Recorded { mut entry, purpose, host, bytes, leaves, url, client, request } = recorded;
        if let Err(offline) = self.check_offline(leaves, &host) {
            entry.take_back().await?;
            return Err(offline);
        }
        // What a server on this machine keeps leaves no machine.
        let leaving = if leaves { bytes } else { 0 };
        if leaves {
            self.ledger.record(&purpose, &host, bytes);
        }
        sent.fetch_add(leaving, Ordering::AcqRel);
        entry.has_gone = true;
        match client.execute(request).await {
            Ok(response) => Ok(answer(response, url)),
            Err(error) => {
                if error.is_connect() {
                    sent.fetch_sub(leaving, Ordering::AcqRel);
                    if leaves {
                        self.ledger.take_back(&purpose, &host, bytes);
                    }
                    entry.take_back().await?;
                }
                Err(EgressError::connection(&url, &error))
            }
        }
    }

    fn check_offline(&self, leaves: bool, host: &str) -> Result<(), EgressError> {
        if leaves && self.offline.is_offline() {
            return Err(EgressError::Offline { host: host.to_owned() });
        }
        Ok(())
    }
}
