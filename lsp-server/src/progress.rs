//! Work that takes long, as the editor shows it: with what it is about, how far it is, and a way to stop it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot};
use tower_lsp::Client;
use tower_lsp::lsp_types::notification::{Notification, Progress as ProgressNotification};
use tower_lsp::lsp_types::request::WorkDoneProgressCreate;
use tower_lsp::lsp_types::{
    NumberOrString, ProgressParams, ProgressParamsValue, ProgressToken, WorkDoneProgress, WorkDoneProgressBegin,
    WorkDoneProgressCancelParams, WorkDoneProgressCreateParams, WorkDoneProgressEnd, WorkDoneProgressReport,
};

use crate::server::Server;

/// What can be stopped by the editor, by its token.
#[derive(Default)]
pub(crate) struct Stops {
    next: AtomicU64,
    open: Mutex<HashMap<NumberOrString, oneshot::Sender<()>>>,
}

impl Stops {
    fn add(&self, token: &NumberOrString, stop: oneshot::Sender<()>) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), stop);
    }

    fn take(&self, token: &NumberOrString) -> Option<oneshot::Sender<()>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).remove(token)
    }

    fn fresh(&self) -> NumberOrString {
        NumberOrString::String(format!("ambit-{}", self.next.fetch_add(1, Ordering::Relaxed)))
    }
}

/// Work that is shown until this is dropped.
pub(crate) struct Progress {
    reports: Option<mpsc::UnboundedSender<String>>,
    stopped: Option<oneshot::Receiver<()>>,
}

impl Progress {
    /// Says how far it is.
    pub(crate) fn report(&self, text: String) {
        if let Some(reports) = &self.reports {
            // The editor may have ended it.
            reports.send(text).ok();
        }
    }

    /// Waits until somebody stops it in the editor; for ever, where nobody can.
    pub(crate) async fn stopped(&mut self) {
        if let Some(stopped) = self.stopped.take()
            && stopped.await.is_ok()
        {
            return;
        }
        std::future::pending().await
    }
}

/// Part of a result, sent before the rest.
enum PartialResult {}

impl Notification for PartialResult {
    type Params = Value;
    const METHOD: &'static str = "$/progress";
}

impl Server {
    /// Sends part of a result to whoever asked for it in parts.
    pub(crate) async fn part(&self, token: ProgressToken, value: Value) {
        self.editor.send_notification::<PartialResult>(json!({ "token": token, "value": value })).await;
    }

    /// Shows work under a title: as the editor asked by its token, or else where it can show what a server begins.
    pub(crate) fn progress(&self, given: Option<ProgressToken>, title: &str) -> Progress {
        let is_ours = given.is_none();
        if is_ours && !self.abilities().progress {
            return Progress { reports: None, stopped: None };
        }
        let token = given.unwrap_or_else(|| self.stops.fresh());
        let (reports, received) = mpsc::unbounded_channel();
        let (stop, stopped) = oneshot::channel();
        self.stops.add(&token, stop);
        let (editor, stops, title) = (self.editor.clone(), Arc::clone(&self.stops), title.to_owned());
        // Aside, because the library cannot bear that somebody stops waiting for an answer of the editor.
        self.aside(async move {
            let params = WorkDoneProgressCreateParams { token: token.clone() };
            if !is_ours || editor.send_request::<WorkDoneProgressCreate>(params).await.is_ok() {
                show(&editor, &token, title, received).await;
            }
            drop(stops.take(&token));
        });
        Progress { reports: Some(reports), stopped: Some(stopped) }
    }

    pub(crate) async fn progress_cancelled(&self, params: WorkDoneProgressCancelParams) {
        if let Some(stop) = self.stops.take(&params.token) {
            // It may have ended this very moment.
            stop.send(()).ok();
        }
    }
}

async fn show(editor: &Client, token: &ProgressToken, title: String, mut reports: mpsc::UnboundedReceiver<String>) {
    let say = async |value| {
        let params = ProgressParams { token: token.clone(), value: ProgressParamsValue::WorkDone(value) };
        editor.send_notification::<ProgressNotification>(params).await;
    };
    let begin = WorkDoneProgressBegin { title, cancellable: Some(true), message: None, percentage: None };
    say(WorkDoneProgress::Begin(begin)).await;
    while let Some(mut message) = reports.recv().await {
        // Only the newest counts, when several wait.
        while let Ok(newer) = reports.try_recv() {
            message = newer;
        }
        let report = WorkDoneProgressReport { cancellable: Some(true), message: Some(message), percentage: None };
        say(WorkDoneProgress::Report(report)).await;
    }
    say(WorkDoneProgress::End(WorkDoneProgressEnd { message: None })).await;
}
