//! Answers that come in pieces: server-sent events, and lines of JSON.

use std::convert::Infallible;
use std::pin::pin;
use std::time::Duration;

use ambit_protocol::domain::{self, BoxStream, Cancellation};
use ambit_protocol::ollama::LINES_MEDIA_TYPE;
use axum::body::Body;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt};
use http::header::CONTENT_TYPE;
use serde::Serialize;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tracing::Instrument;

use crate::failure::Outcome;
use crate::state::State;

/// A failure this early is told as a problem with its own status instead of as an event.
const EARLY: Duration = Duration::from_secs(2);

/// Events that wait for a slow reader.
const WAITING: usize = 64;

impl State {
    /// Runs work that tells events, in a task of its own. The caller's going away cancels the work, but it is still
    /// followed to its end, so that the end is recorded.
    pub(crate) async fn follow<T: Send + 'static>(
        &self,
        events: BoxStream<'static, domain::Result<T>>,
        cancellation: Cancellation,
    ) -> Outcome<impl Stream<Item = domain::Result<T>> + Send + use<T>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        self.work.spawn(forward(events, sender, cancellation, self.ending.clone()).in_current_span());
        first_of(receiver).await
    }

    /// Tells the events of work that is done whoever listens. The caller's going away ends nothing by itself but the stream;
    /// `stop` ends the work, at the end of the host's life.
    pub(crate) async fn listen<T: Send + 'static>(
        &self,
        mut events: BoxStream<'static, domain::Result<T>>,
        stop: Box<dyn FnOnce() + Send>,
    ) -> Outcome<impl Stream<Item = domain::Result<T>> + Send + use<T>> {
        let (sender, receiver) = mpsc::channel(WAITING);
        let ending = self.ending.clone();
        let told = async move {
            let deliver = async {
                while let Some(event) = events.next().await {
                    if sender.send(event).await.is_err() {
                        return;
                    }
                }
            };
            let is_ending = tokio::select! {
                biased;
                () = deliver => false,
                () = sender.closed() => false,
                () = ending.cancelled() => true,
            };
            if is_ending {
                stop();
                tell_the_rest(events, &sender).await;
            }
        };
        self.work.spawn(told.in_current_span());
        first_of(receiver).await
    }

    /// An answer that is a stream of events.
    pub(crate) fn events<T: Serialize>(
        &self,
        events: impl Stream<Item = (&'static str, T)> + Send + 'static,
    ) -> Response {
        self.server_sent_events(events.map(|(name, event)| {
            // The wire types hold nothing that JSON cannot.
            let event = Event::default().event(name).json_data(&event);
            event.unwrap_or_else(|_| Event::default().event("failed").data("{}"))
        }))
    }

    /// An answer that is a stream of events which are written already.
    pub(crate) fn server_sent_events(&self, events: impl Stream<Item = Event> + Send + 'static) -> Response {
        let events = events.map(Ok::<_, Infallible>);
        Sse::new(events).keep_alive(KeepAlive::new().interval(self.limits.heartbeat)).into_response()
    }
}

/// An event without a name.
pub(crate) fn unnamed<T: Serialize>(event: &T) -> Event {
    // The wire types hold nothing that JSON cannot.
    Event::default().json_data(event).unwrap_or_else(|_| Event::default().data("{}"))
}

/// An answer that is a stream of JSON values, one a line.
pub(crate) fn lines(lines: impl Stream<Item = Bytes> + Send + 'static) -> Response {
    let body = Body::from_stream(lines.map(Ok::<_, Infallible>));
    ([(CONTENT_TYPE, LINES_MEDIA_TYPE)], body).into_response()
}

/// A JSON value on a line of its own.
pub(crate) fn line<T: Serialize>(value: &T) -> Bytes {
    // The wire types hold nothing that JSON cannot.
    let mut line = serde_json::to_vec(value).unwrap_or_default();
    line.push(b'\n');
    line.into()
}

async fn forward<T: Send>(
    events: BoxStream<'static, domain::Result<T>>,
    sender: mpsc::Sender<domain::Result<T>>,
    cancellation: Cancellation,
    ending: CancellationToken,
) {
    let mut events = pin!(events.fuse());
    let deliver = async {
        while let Some(event) = events.next().await {
            if sender.send(event).await.is_err() {
                return;
            }
        }
    };
    let given_up = tokio::select! {
        biased;
        () = deliver => sender.is_closed(),
        () = sender.closed() => true,
        () = ending.cancelled() => true,
    };
    if given_up {
        cancellation.cancel();
        tell_the_rest(events, &sender).await;
    }
}

/// At the end of the host's life somebody may still listen and hear how it ended.
async fn tell_the_rest<T>(
    mut events: impl Stream<Item = domain::Result<T>> + Unpin,
    sender: &mpsc::Sender<domain::Result<T>>,
) {
    while let Some(event) = events.next().await {
        drop(sender.try_send(event));
    }
}

/// The events of a stream, unless it fails at once.
async fn first_of<T: Send + 'static>(
    mut receiver: mpsc::Receiver<domain::Result<T>>,
) -> Outcome<impl Stream<Item = domain::Result<T>> + Send + use<T>> {
    let first = match tokio::time::timeout(EARLY, receiver.recv()).await {
        Ok(Some(Err(error))) => return Err(error.into()),
        Ok(first) => first,
        Err(_) => None,
    };
    Ok(futures_util::stream::iter(first).chain(ReceiverStream::new(receiver)))
}
