use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use ambit_runtime::Runtime;
use axum::Router;
use http::Method;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::access::{AccessControl, random_hex};
use crate::listen::{Peer, Served};
use crate::metrics::Metrics;
use crate::state::{RouteAccess, Shared, State};
use crate::uploads::Uploads;
use crate::{Error, gate, listen, openapi, page, routes};

/// Bodies beyond the limit of most routes that are read at once.
const LARGE_BODIES: usize = 4;

/// What a request may take.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of the body of a request that may show a model images.
    pub image_body_bytes: usize,
    /// Bytes of the body of a request that hands a file over.
    pub attachment_body_bytes: usize,
    /// Bytes of a request's headers.
    pub header_bytes: usize,
    /// Requests that run at once; more are answered with 503.
    pub requests: usize,
    /// Streams of events that are open at once; more are answered with 503.
    pub streams: usize,
    /// Requests for texts or vectors of a model that are open at once, whether they run or wait for their turn, on the routes
    /// of OpenAI's and Ollama's APIs; more are answered with 503.
    pub generations: usize,
    /// Exchanges of a code for a token that are open at once; more are answered with 503. They need no token, so they have
    /// places of their own.
    pub exchanges: usize,
    /// How long a request may take that is neither a stream nor known to be long.
    pub request_time: Duration,
    /// How often a stream without events shows that it lives.
    pub heartbeat: Duration,
}

impl Limits {
    /// Bytes of the body of a request for this path.
    pub(crate) fn body_bytes_at(&self, path: &str) -> usize {
        match path {
            "/v1/chat/completions" | "/v1/responses" | "/api/chat" | "/api/generate" => self.image_body_bytes,
            "/v1/pages" => self.image_body_bytes,
            "/v1/attachments" => self.attachment_body_bytes,
            _ => self.body_bytes,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            image_body_bytes: 16 << 20,
            attachment_body_bytes: 48 << 20,
            header_bytes: 16 << 10,
            requests: 256,
            streams: 128,
            generations: 64,
            exchanges: 8,
            request_time: Duration::from_secs(30),
            heartbeat: Duration::from_secs(15),
        }
    }
}

/// Somebody asked the host to stop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drain {
    /// The surface that asked.
    pub surface: String,
    /// Why, in its words.
    pub reason: Option<String>,
}

/// The API of one runtime, to be served on any number of sockets. Clones share everything.
///
/// A host listens with [`Self::serve_unix`] and, if it wants to, [`Self::serve_tcp`] and [`Self::serve_compatibility`]; waits
/// for its own reasons to stop and for [`Self::drain_requested`]; calls [`Self::shutdown`]; and only then shuts the runtime
/// down and releases the data directory.
#[derive(Clone)]
pub struct Api {
    state: Shared,
    router: Router,
    /// What the port without tokens serves.
    compatibility: Router,
}

impl Api {
    /// The API of a runtime. `version` is the host's, which newer clients compare with their own.
    ///
    /// # Errors
    /// [`Error::Io`] when the operating system gives no random numbers.
    pub fn new(
        runtime: Runtime,
        access: AccessControl,
        version: impl Into<String>,
        limits: Limits,
    ) -> Result<Self, Error> {
        let document = openapi::openapi();
        let mut scopes = openapi::scopes(&document);
        scopes.extend(page::paths(page::BUILT).map(|path| ((Method::GET, path.to_owned()), RouteAccess::Open)));
        let run = random_hex::<4>().map_err(std::io::Error::other).map_err(Error::io("numbering requests"))?;
        let state = Arc::new(State {
            runtime,
            access,
            version: version.into(),
            metrics: Metrics::new(),
            scopes,
            document: document.into(),
            slots: Arc::new(Semaphore::new(limits.requests)),
            stream_slots: Arc::new(Semaphore::new(limits.streams)),
            generation_slots: Arc::new(Semaphore::new(limits.generations)),
            large_bodies: Semaphore::new(LARGE_BODIES),
            exchange_slots: Arc::new(Semaphore::new(limits.exchanges)),
            page_address: Mutex::default(),
            page_used: AtomicBool::default(),
            uploads: Uploads::default(),
            limits,
            requests: AtomicU64::new(1),
            run,
            work: TaskTracker::new(),
            connections: TaskTracker::new(),
            stopping: CancellationToken::new(),
            ending: CancellationToken::new(),
            drain: watch::Sender::new(None),
        });
        let router = gate::guard(routes::router(), &state);
        let compatibility = gate::guard(routes::compatibility(), &state);
        Ok(Self { state, router, compatibility })
    }

    /// Listens at a Unix socket, which only this user can use. The folder is made (0700) when it is not there. A socket
    /// that a dead host left behind is replaced.
    ///
    /// # Errors
    /// [`Error::InUse`] when another host answers there; see [`Error`] for the rest.
    pub async fn serve_unix(&self, path: &Path) -> Result<(), Error> {
        let listener = listen::bind_unix(path).await?;
        let serving = listen::serve_unix(listener, path.to_owned(), self.router.clone(), Arc::clone(&self.state));
        self.state.connections.spawn(serving);
        Ok(())
    }

    /// Listens on a loopback address, where the page is served as well; port 0 takes any free one. Returns the address with
    /// its port.
    ///
    /// # Errors
    /// [`Error::NotLoopback`] for an address that other machines reach, [`Error::Io`] when it cannot be had.
    pub async fn serve_tcp(&self, address: SocketAddr) -> Result<SocketAddr, Error> {
        let (listener, address) = listen::bind_tcp(address).await?;
        let peer = move |client| Peer::Tcp { port: address.port(), client };
        let serving = listen::serve_tcp(listener, peer, self.router.clone(), Arc::clone(&self.state));
        self.state.connections.spawn(serving);
        self.state.page_address.lock().await.get_or_insert(address);
        Ok(address)
    }

    /// Whether the extension of a browser comes by TCP, which can start no host.
    #[must_use]
    pub fn has_browser(&self) -> bool {
        self.state.access.has_browser()
    }

    /// Serves the page once more where the host before this one served it, if somebody used it lately: a page that waits for its
    /// host goes on.
    pub async fn serve_page_again(&self) {
        if !listen::was_page_used(&self.state) && !self.state.access.has_browser() {
            return;
        }
        if let Err(error) = listen::page_address(&self.state, &Served(self.router.clone())).await {
            tracing::warn!(%error, "the page is not served again");
        }
    }

    /// Listens on a loopback address for clients that cannot send a token: they can generate, chat, embed and list models
    /// over the routes of OpenAI's and Ollama's APIs, and nothing else. Port 0 takes any free one. Returns the address with
    /// its port.
    ///
    /// # Errors
    /// As for [`Self::serve_tcp`].
    pub async fn serve_compatibility(&self, address: SocketAddr) -> Result<SocketAddr, Error> {
        let (listener, address) = listen::bind_tcp(address).await?;
        let peer = move |_| Peer::Compatibility { port: address.port() };
        let serving = listen::serve_tcp(listener, peer, self.compatibility.clone(), Arc::clone(&self.state));
        self.state.connections.spawn(serving);
        Ok(address)
    }

    /// Waits until somebody asks the host to stop.
    pub async fn drain_requested(&self) -> Drain {
        let mut receiver = self.state.drain.subscribe();
        loop {
            if let Some(drain) = receiver.borrow_and_update().clone() {
                return drain;
            }
            if receiver.changed().await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    }

    /// How long no request has been running: what a host goes by that leaves when nobody needs it.
    #[must_use]
    pub fn idle(&self) -> Duration {
        self.state.metrics.idle()
    }

    /// Stops listening, takes the socket away, and returns when every request has been answered. Requests that still run
    /// after `grace` are cancelled, and then waited for.
    pub async fn shutdown(&self, grace: Duration) {
        let State { work, connections, stopping, ending, .. } = self.state.as_ref();
        stopping.cancel();
        connections.close();
        work.close();
        let done = async {
            connections.wait().await;
            work.wait().await;
        };
        tokio::pin!(done);
        if tokio::time::timeout(grace, &mut done).await.is_err() {
            tracing::warn!(requests = work.len(), "cancelling requests that outlast the grace");
            ending.cancel();
            done.await;
        }
    }
}

impl std::fmt::Debug for Api {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Api").field("version", &self.state.version).finish_non_exhaustive()
    }
}
