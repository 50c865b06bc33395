//! What all handlers share.

use std::collections::HashMap;
use std::future::Future;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Duration;

use ambit_protocol::TokenScope;
use ambit_protocol::domain::{self, Cancellation, ErrorCode};
use ambit_runtime::Runtime;
use bytes::Bytes;
use http::Method;
use tokio::sync::{Mutex, Semaphore, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tracing::Instrument;

use crate::access::AccessControl;
use crate::api::{Drain, Limits};
use crate::failure::{Failure, Outcome};
use crate::metrics::Metrics;
use crate::uploads::Uploads;

/// What all handlers share.
pub(crate) type Shared = Arc<State>;

pub(crate) struct State {
    pub(crate) runtime: Runtime,
    pub(crate) access: AccessControl,
    pub(crate) limits: Limits,
    pub(crate) version: String,
    pub(crate) metrics: Metrics,
    /// The OpenAPI document.
    pub(crate) document: Bytes,
    /// What the document says about each route.
    pub(crate) scopes: HashMap<(Method, String), RouteAccess>,
    /// Requests that may run at once.
    pub(crate) slots: Arc<Semaphore>,
    /// Streams that may be open at once.
    pub(crate) stream_slots: Arc<Semaphore>,
    /// Requests for the work of a model that may be open at once.
    pub(crate) generation_slots: Arc<Semaphore>,
    /// Exchanges of codes that may be open at once.
    pub(crate) exchange_slots: Arc<Semaphore>,
    /// The address over TCP where the page is served, once there is one.
    pub(crate) page_address: Mutex<Option<SocketAddr>>,
    /// Whether somebody used the page since that was last looked at.
    pub(crate) page_used: AtomicBool,
    /// Large bodies that may be read at once.
    pub(crate) large_bodies: Semaphore,
    /// Files that come in pieces.
    pub(crate) uploads: Uploads,
    /// Numbers the requests.
    pub(crate) requests: AtomicU64,
    /// Begins the ids of requests, so that they differ from one run to the next.
    pub(crate) run: String,
    /// Work that was begun and must be waited for.
    pub(crate) work: TaskTracker,
    /// Accept loops and connections.
    pub(crate) connections: TaskTracker,
    /// Nothing new is accepted; endless streams end.
    pub(crate) stopping: CancellationToken,
    /// The grace is over: what still runs is cancelled.
    pub(crate) ending: CancellationToken,
    /// Set once somebody asked the host to stop.
    pub(crate) drain: watch::Sender<Option<Drain>>,
}

/// Who may use a route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum RouteAccess {
    /// Everybody who reaches the server.
    Open,
    /// Who holds one of these scopes.
    AnyOf(Vec<TokenScope>),
}

/// Gives work up when nobody waits for it any more.
pub(crate) struct CancelOnDrop(pub(crate) Cancellation);

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

impl State {
    /// Runs work that should be quick, in a task of its own: when the caller goes away, it is still done.
    pub(crate) async fn quick<T: Send + 'static>(
        &self,
        work: impl Future<Output = domain::Result<T>> + Send + 'static,
    ) -> Outcome<T> {
        self.within(Some(self.limits.request_time), work).await
    }

    /// Runs work that may take long.
    pub(crate) async fn lengthy<T: Send + 'static>(
        &self,
        work: impl Future<Output = domain::Result<T>> + Send + 'static,
    ) -> Outcome<T> {
        self.within(None, work).await
    }

    async fn within<T: Send + 'static>(
        &self,
        time: Option<Duration>,
        work: impl Future<Output = domain::Result<T>> + Send + 'static,
    ) -> Outcome<T> {
        let task = self.work.spawn(work.in_current_span());
        let ended = match time {
            Some(time) => tokio::time::timeout(time, task).await.map_err(|_| {
                let detail = format!("the request was not done within {:.0?}", time);
                Failure::new(ErrorCode::Timeout, detail, "what was begun goes on in the background; try again later")
            })?,
            None => task.await,
        };
        ended.map_err(|_| Failure::defect())?.map_err(Into::into)
    }
}
