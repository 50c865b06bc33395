//! The switch, and the HTTP clients that are kept under it with their connections.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::{EgressError, address};

/// How long a server has to take a connection.
const CONNECT_TIME: Duration = Duration::from_secs(15);
/// How long a server that is asked for a file may be silent.
const READ_TIME: Duration = Duration::from_secs(60);
/// How long a connection is kept for the next request. Common servers close theirs after five seconds, and a request that
/// is sent while one closes would be lost.
const IDLE_TIME: Duration = Duration::from_secs(3);
const USER_AGENT: &str = concat!("ambit/", env!("CARGO_PKG_VERSION"));

/// The offline switch, with the connections that it cuts; clones share it.
#[derive(Debug, Clone, Default)]
pub struct OfflineSwitch(Arc<State>);

#[derive(Debug, Default)]
struct State {
    offline: AtomicBool,
    /// One for each kind of target and answer. Building one reads certificates, which takes longer than a server of this
    /// machine to answer.
    clients: Mutex<[Option<reqwest::Client>; 4]>,
}

/// What is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// A file: it comes at once, or not at all.
    File,
    /// What is being made while it comes. How long that may take is for the caller to say.
    Stream,
}

impl OfflineSwitch {
    /// A switch in the given position.
    #[must_use]
    pub fn new(offline: bool) -> Self {
        let switch = Self::default();
        switch.set(offline);
        switch
    }

    /// Whether only this machine may be reached.
    #[must_use]
    pub fn is_offline(&self) -> bool {
        self.0.offline.load(Ordering::Acquire)
    }

    /// Sets it; counts from the next request on. Connections to elsewhere that wait for one are closed.
    pub fn set(&self, offline: bool) {
        self.0.offline.store(offline, Ordering::Release);
        if offline {
            let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
            for answer in [Answer::File, Answer::Stream] {
                if let Some(kept) = clients.get_mut(place(false, answer)) {
                    *kept = None;
                }
            }
        }
    }

    /// The client for a target.
    pub(crate) fn client(&self, url: &reqwest::Url, answer: Answer) -> Result<reqwest::Client, EgressError> {
        let is_loopback = address::is_loopback(url);
        let mut clients = self.0.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(kept) = clients.get_mut(place(is_loopback, answer)) else { return build(is_loopback, answer) };
        match kept {
            Some(client) => Ok(client.clone()),
            None => Ok(kept.insert(build(is_loopback, answer)?).clone()),
        }
    }
}

/// Where the client for such targets and answers is kept.
const fn place(is_loopback: bool, answer: Answer) -> usize {
    is_loopback as usize * 2 + answer as usize
}

/// A client that follows no redirect: where one leads is looked at like any other address.
#[expect(clippy::disallowed_methods, reason = "this is the one crate that builds a client")]
fn build(is_loopback: bool, answer: Answer) -> Result<reqwest::Client, EgressError> {
    // The second call finds the provider set; either way there is one.
    drop(rustls::crypto::ring::default_provider().install_default());
    let mut builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT_TIME)
        .pool_idle_timeout(IDLE_TIME)
        .user_agent(USER_AGENT);
    if answer == Answer::File {
        builder = builder.read_timeout(READ_TIME);
    }
    if is_loopback {
        // A proxy would carry what is meant for this machine to another.
        builder = builder.no_proxy();
    }
    builder.build().map_err(|error| EgressError::Client(error.to_string()))
}
