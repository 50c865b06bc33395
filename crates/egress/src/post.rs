use std::sync::atomic::{AtomicU64, Ordering};

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

/// A request that stands in the audit log, and with its content among the transmissions. It is sent, or it is taken back.
#[derive(Debug)]
#[must_use = "what is neither sent nor taken back is said to have been sent"]
pub struct Recorded {
    /// Its number among the transmissions.
    number: i64,
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

impl Egress {
    /// Writes down what is to be sent to an address: all that has to be on the disk before.
    ///
    /// # Errors
    /// When offline, when the host is not allowed, or when it cannot be written down.
    pub async fn record(&self, post: Post, transmissions: &dyn Transmissions) -> Result<Recorded, EgressError> {
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
        let (audited, recorded) =
            tokio::join!(self.write_down("network.post", &url, &purpose), transmissions.record(record));
        let number = recorded.map_err(EgressError::Record);
        if let (Err(cause), Ok(number)) = (audited, &number) {
            transmissions.take_back(*number).await.map_err(EgressError::Record)?;
            return Err(cause);
        }
        Ok(Recorded { number: number?, purpose, host, bytes, leaves, url, client, request })
    }

    /// Sends what was written down. Ends at the header; the body of the answer streams, and dropping it closes the connection.
    /// Redirects are answers like others: what was meant for one address goes to no other.
    ///
    /// Its size is added to `sent` when it goes, if it leaves this machine. When no connection could be made, all of that is
    /// taken back but the audit record.
    ///
    /// # Errors
    /// When offline by now, or when the connection fails.
    pub async fn send(
        &self,
        recorded: Recorded,
        transmissions: &dyn Transmissions,
        sent: &AtomicU64,
    ) -> Result<Response, EgressError> {
        if let Err(offline) = self.check_offline(recorded.leaves, &recorded.host) {
            self.take_back(recorded, transmissions).await?;
            return Err(offline);
        }
        let Recorded { number, purpose, host, bytes, leaves, url, client, request } = recorded;
        // What a server on this machine keeps leaves no machine.
        let leaving = if leaves { bytes } else { 0 };
        if leaves {
            self.ledger.record(&purpose, &host, bytes);
        }
        sent.fetch_add(leaving, Ordering::AcqRel);
        match client.execute(request).await {
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
    }

    /// Says of what was written down that it does not go.
    ///
    /// # Errors
    /// When that cannot be written down.
    pub async fn take_back(&self, recorded: Recorded, transmissions: &dyn Transmissions) -> Result<(), EgressError> {
        transmissions.take_back(recorded.number).await.map_err(EgressError::Record)
    }

    fn check_offline(&self, leaves: bool, host: &str) -> Result<(), EgressError> {
        if leaves && self.offline.is_offline() {
            return Err(EgressError::Offline { host: host.to_owned() });
        }
        Ok(())
    }
}
