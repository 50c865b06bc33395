use std::collections::VecDeque;
use std::future::poll_fn;
use std::marker::PhantomData;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use ambit_protocol::{AskEvent, ImportEvent, IndexProgress, PullEvent};
use futures_util::Stream;
use serde::de::DeserializeOwned;

use crate::exchange::AnswerBody;
use crate::sse::{SseEvent, SseParser};
use crate::{Error, Result};

/// A stream of events as they come over the wire. Dropping it tells the host to stop what it does for it.
pub struct SseStream {
    body: AnswerBody,
    parser: SseParser,
    waiting: VecDeque<SseEvent>,
    ended: bool,
}

impl SseStream {
    pub(crate) fn new(body: AnswerBody) -> Self {
        Self { body, parser: SseParser::default(), waiting: VecDeque::new(), ended: false }
    }

    /// The next event; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the connection breaks off, [`Error::Malformed`] for what is no stream of events.
    pub async fn next(&mut self) -> Option<Result<SseEvent>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<SseEvent>>> {
        loop {
            if let Some(event) = self.waiting.pop_front() {
                return Poll::Ready(Some(Ok(event)));
            }
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.body.poll_data(context)) {
                Some(Ok(data)) => match self.parser.push(&data) {
                    Ok(events) => self.waiting.extend(events),
                    Err(reason) => {
                        self.ended = true;
                        return Poll::Ready(Some(Err(malformed(reason))));
                    }
                },
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => self.ended = true,
            }
        }
    }
}

fn malformed(reason: String) -> Error {
    Error::Malformed { request: "a stream of events".to_owned(), reason }
}

/// A stream of typed events. Dropping it tells the host to stop what it does for it.
///
/// Events of later versions that this one does not know are left out. A stream that has to end with a certain event and
/// does not gives [`Error::Interrupted`] as its last item.
pub struct EventStream<T> {
    events: SseStream,
    ended: bool,
    event: PhantomData<fn() -> T>,
}

/// A kind of events.
pub(crate) trait Event: DeserializeOwned {
    /// The names that this version knows.
    const NAMES: &'static [&'static str];
    /// Those of them after which nothing comes; empty for streams that go on until the host stops.
    const LAST: &'static [&'static str];
}

impl Event for AskEvent {
    const NAMES: &'static [&'static str] = &["started", "recalled", "text", "finished", "failed"];
    const LAST: &'static [&'static str] = &["finished", "failed"];
}

impl Event for PullEvent {
    const NAMES: &'static [&'static str] = &["planned", "progress", "verified", "finished", "failed"];
    const LAST: &'static [&'static str] = &["finished", "failed"];
}

impl Event for ImportEvent {
    const NAMES: &'static [&'static str] = &["progress", "finished", "failed"];
    const LAST: &'static [&'static str] = &["finished", "failed"];
}

impl Event for IndexProgress {
    const NAMES: &'static [&'static str] = &["progress"];
    const LAST: &'static [&'static str] = &[];
}

impl<T> EventStream<T> {
    pub(crate) fn new(body: AnswerBody) -> Self {
        Self { events: SseStream::new(body), ended: false, event: PhantomData }
    }
}

#[expect(private_bounds, reason = "which types are events is this crate's business")]
impl<T: Event> EventStream<T> {
    /// The next event; `None` after the last one.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the connection ends too early, [`Error::Malformed`] for data that cannot be read.
    pub async fn next(&mut self) -> Option<Result<T>> {
        poll_fn(|context| self.poll_event(context)).await
    }

    fn poll_event(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<T>>> {
        loop {
            if self.ended {
                return Poll::Ready(None);
            }
            match ready!(self.events.poll_event(context)) {
                Some(Ok(event)) if T::NAMES.contains(&event.name.as_str()) => {
                    return Poll::Ready(Some(self.read(&event)));
                }
                Some(Ok(_)) => {}
                Some(Err(error)) => {
                    self.ended = true;
                    return Poll::Ready(Some(Err(error)));
                }
                None => {
                    self.ended = true;
                    let complete = T::LAST.is_empty();
                    return Poll::Ready(if complete { None } else { Some(Err(Error::Interrupted { source: None })) });
                }
            }
        }
    }

    fn read(&mut self, event: &SseEvent) -> Result<T> {
        self.ended = T::LAST.contains(&event.name.as_str());
        serde_json::from_str(&event.data).map_err(|error| {
            self.ended = true;
            malformed(format!("event `{}`: {error}", event.name))
        })
    }
}

impl<T: Event> Stream for EventStream<T> {
    type Item = Result<T>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        self.poll_event(context)
    }
}
