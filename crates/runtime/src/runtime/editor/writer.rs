//! A model at work on what goes on in an editor.

use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use ambit_domain::port::{GenerationRequest, LanguageModel, ModelEvent};
use ambit_domain::{Cancellation, Error, ErrorCode, Result};
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::watch;

use super::model::{End, Written};
use super::order::Order;
use crate::{Caller, Runtime};

/// Nothing is sent to another machine before nobody has typed for so long.
pub(super) const BEFORE_SENDING: Duration = Duration::from_millis(120);
/// A model goes on for so long when nobody waits for it: the next key may come.
const NEXT_KEY: Duration = Duration::from_millis(400);

/// Writes into the audit log that a model is asked over a line, once for each of both: people type far more often than anybody
/// would read. What leaves the machine is recorded each time, as all of that is.
pub(super) async fn audited(
    runtime: &Runtime,
    caller: &Caller,
    asked_before: &Mutex<HashSet<String>>,
    model: &str,
) -> Result<()> {
    let is_first = asked_before.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned());
    if !is_first {
        return Ok(());
    }
    let entry = runtime.audit_action(caller, "editor.complete", model.to_owned(), json!({ "model": model })).await;
    if entry.is_err() {
        asked_before.lock().unwrap_or_else(PoisonError::into_inner).remove(model);
    }
    entry
}

/// Has a model write, and passes on what it does.
pub(super) struct Writer {
    pub(super) runtime: Runtime,
    pub(super) caller: Caller,
    /// Models that the audit log names for this line.
    pub(super) asked_before: Arc<Mutex<HashSet<String>>>,
    pub(super) written: Arc<watch::Sender<Written>>,
    pub(super) stop: Cancellation,
}

impl Writer {
    pub(super) async fn run(self, model: Arc<dyn LanguageModel>, order: Order) {
        let end = match self.write(model, order).await {
            Ok(end) => end,
            Err(error) if error.code() == ErrorCode::Cancelled => End::GivenUp,
            Err(error) => End::Failed(Arc::new(error)),
        };
        self.written.send_modify(|written| written.end = Some(end));
    }

    async fn write(&self, model: Arc<dyn LanguageModel>, order: Order) -> Result<End> {
        let Order { mut request, plain } = order;
        let name = model.model().to_owned();
        if model.reach().is_remote() {
            // What is sent costs somebody something, and most keys are followed by another one.
            tokio::select! {
                () = self.stop.cancelled() => return Ok(End::GivenUp),
                () = self.forgotten() => return Ok(End::GivenUp),
                () = tokio::time::sleep(BEFORE_SENDING) => {}
            }
        }
        audited(&self.runtime, &self.caller, &self.asked_before, &name).await?;
        let _waiting = self.runtime.inner.gate.raise();
        let completing = &self.runtime.inner.completing;
        if completing.is_unable(&name) {
            request.prompt = plain;
            return self.pass_on(model.as_ref(), request).await;
        }
        match self.pass_on(model.as_ref(), request.clone()).await {
            Err(error) if error.code() == ErrorCode::Unsupported && self.written.borrow().text.is_empty() => {
                // It was not trained to fill gaps. What stands before one it can still go on with.
                tracing::info!(model = name, "completions do without what stands behind the place: {error}");
                completing.note_unable(&name);
                request.prompt = plain;
                self.pass_on(model.as_ref(), request).await
            }
            other => other,
        }
    }

    async fn pass_on(&self, model: &dyn LanguageModel, request: GenerationRequest) -> Result<End> {
        let mut events = model.generate(request, self.stop.clone());
        let stopping = &self.runtime.inner.stop_answers;
        let mut forgotten = pin!(self.forgotten());
        loop {
            let event = tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(End::GivenUp),
                () = stopping.cancelled() => return Ok(End::GivenUp),
                () = &mut forgotten => {
                    self.stop.cancel();
                    return Ok(End::GivenUp);
                }
                event = events.next() => event,
            };
            match event {
                Some(Ok(ModelEvent::Text(more))) => self.written.send_modify(|written| written.text.push_str(&more)),
                Some(Ok(ModelEvent::Finished { .. })) => return Ok(End::Whole),
                Some(Ok(_)) => {}
                Some(Err(error)) => return Err(error),
                None => return Err(Error::new(ErrorCode::Unavailable, "the language model broke off")),
            }
        }
    }

    /// Completes when nobody has waited for a while.
    async fn forgotten(&self) {
        loop {
            self.written.closed().await;
            tokio::time::sleep(NEXT_KEY).await;
            if self.written.receiver_count() == 0 {
                return;
            }
        }
    }
}
