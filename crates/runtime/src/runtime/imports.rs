//! Chats of other services, taken in.

use std::ops::ControlFlow;
use std::pin::pin;
use std::sync::Arc;
use std::time::Instant;

use ambit_domain::port::WholeSession;
use ambit_domain::{BoxStream, Cancellation, Error, ImportOutcome, Result};
use async_stream::try_stream;
use futures_util::{Stream, StreamExt as _};
use serde_json::json;
use tokio::sync::mpsc;

use super::Runtime;
use crate::chat_export::{self, ExportFile, Exported};
use crate::{Caller, ImportEvent, ImportReport};

/// Chats that are stored at once…
const BATCH: usize = 50;
/// …or as many as have this much text.
const BATCH_BYTES: usize = 8 << 20;
/// Chats that are read ahead.
const WAITING: usize = 8;

impl Runtime {
    /// Takes in chats that were exported from ChatGPT or Claude: all that are new, and what is new of those that are here.
    /// `from` says in the audit log where they come from. The last event is [`ImportEvent::Finished`], or an error; what was
    /// taken before an error stays.
    pub fn import_chats(
        &self,
        file: Box<dyn ExportFile>,
        from: String,
        caller: &Caller,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<ImportEvent>> {
        let (runtime, caller) = (self.clone(), caller.clone());
        Box::pin(try_stream! {
            let began = Instant::now();
            runtime.audit_action(&caller, "session.import", from, json!({})).await?;
            let mut events = pin!(runtime.importing(file, cancellation));
            while let Some(event) = events.next().await {
                if matches!(event, Err(_) | Ok(ImportEvent::Finished { .. })) {
                    runtime.record(&caller.surface, "sessions.import", began, event.as_ref().err()).await;
                }
                yield event?;
            }
        })
    }

    fn importing(
        &self,
        mut file: Box<dyn ExportFile>,
        cancellation: Cancellation,
    ) -> impl Stream<Item = Result<ImportEvent>> + Send + use<> {
        let (sender, mut receiver) = mpsc::channel(WAITING);
        let (now, stop, given_up) = (self.now(), self.inner.stop_background.clone(), cancellation.clone());
        let reading = self.inner.background.spawn_blocking(move || {
            chat_export::read(file.as_mut(), now, &mut |exported| {
                let ends = stop.is_cancelled() || given_up.is_cancelled() || sender.blocking_send(exported).is_err();
                if ends { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            })
        });
        let (conversations, stop) = (Arc::clone(&self.inner.ports.conversations), self.inner.stop_background.clone());
        try_stream! {
            let mut report = ImportReport::default();
            let (mut batch, mut bytes) = (Vec::new(), 0);
            while let Some(exported) = receiver.recv().await {
                match exported {
                    Exported::LeftOut(left_out) => report.leave_out(left_out),
                    Exported::Chat(chat) => {
                        bytes += size(&chat);
                        batch.push(*chat);
                    }
                }
                if batch.len() >= BATCH || bytes >= BATCH_BYTES {
                    bytes = 0;
                    report.count(&conversations.import_sessions(std::mem::take(&mut batch)).await?);
                    yield ImportEvent::Progress { chats: report.chats() };
                }
            }
            report.count(&conversations.import_sessions(batch).await?);
            reading.await.map_err(|error| Error::internal(format!("reading the export ended early: {error}")))??;
            cancellation.check()?;
            stop.check()?;
            yield ImportEvent::Finished { report };
        }
    }
}

/// Bytes of the texts of a chat.
fn size((_, turns): &WholeSession) -> usize {
    let answer = |turn: &ambit_domain::Turn| turn.answer.as_ref().map_or(0, |answer| answer.text.len());
    turns.iter().map(|turn| turn.question.len() + answer(turn)).sum()
}

impl ImportReport {
    fn count(&mut self, outcomes: &[ImportOutcome]) {
        for outcome in outcomes {
            match outcome {
                ImportOutcome::Added => self.added += 1,
                ImportOutcome::Grown => self.grown += 1,
                ImportOutcome::Known => self.known += 1,
            }
        }
    }
}
