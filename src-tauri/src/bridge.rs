//! Hands requests of the pages on to the host, and its answers back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_client::{Client, Error, PageCall, unreachable};
use serde_json::json;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{State, WebviewWindow};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::HostLink;

/// The requests that are under way.
pub(crate) struct Bridge {
    host: Arc<HostLink>,
    running: Arc<Mutex<HashMap<Key, CancellationToken>>>,
    tasks: TaskTracker,
    runtime: Handle,
}

/// A window, and the request's name in it.
type Key = (String, String);

/// What a page gets.
type Pieces = Channel<InvokeResponseBody>;

/// Sends a request to the host. Its answer comes in pieces: `{"data": …}`, once or for each event, then `{"ended": true}`
/// or, with a problem, `{"failed": …}`.
#[tauri::command]
pub(crate) fn send(window: WebviewWindow, bridge: State<'_, Bridge>, call: PageCall, pieces: Pieces) {
    bridge.begin(window.label(), call, pieces);
}

/// Gives up a request: the host stops its work for it.
#[tauri::command]
pub(crate) fn cancel(window: WebviewWindow, bridge: State<'_, Bridge>, id: String) {
    let running = bridge.running.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(request) = running.get(&(window.label().to_owned(), id)) {
        request.cancel();
    }
}

impl Bridge {
    pub(crate) fn new(host: Arc<HostLink>, runtime: Handle) -> Self {
        Self { host, running: Arc::default(), tasks: TaskTracker::new(), runtime }
    }

    /// Gives up all that the page of a window asked: another page is loaded in its place.
    pub(crate) fn forget(&self, window: &str) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.iter().filter(|((label, _), _)| label == window).for_each(|(_, request)| request.cancel());
    }

    fn begin(&self, window: &str, call: PageCall, pieces: Pieces) {
        let (key, cancellation) = ((window.to_owned(), call.id.clone()), CancellationToken::new());
        let running = Arc::clone(&self.running);
        running.lock().unwrap_or_else(PoisonError::into_inner).insert(key.clone(), cancellation.clone());
        let host = Arc::clone(&self.host);
        let task = async move {
            let answered = host.with(|client| answer(client, call, &pieces));
            let told = match cancellation.run_until_cancelled(answered).await {
                // Nobody waits any more.
                None => Ok(()),
                Some(Some(Ok(()))) => tell(&pieces, json!({ "ended": true })),
                Some(Some(Err(error))) => tell(&pieces, json!({ "failed": error.for_page() })),
                Some(None) => tell(&pieces, json!({ "failed": unreachable("the app is ending") })),
            };
            if let Err(error) = told {
                tracing::debug!(%error, "a page is gone");
            }
            running.lock().unwrap_or_else(PoisonError::into_inner).remove(&key);
        };
        self.tasks.spawn_on(task, &self.runtime);
    }
}

/// Hands what is answered over as it is: it is JSON, which may stand in a script.
async fn answer(client: Client, call: PageCall, pieces: &Pieces) -> Result<(), Error> {
    let mut answer = client.answer_page(call).await?;
    while let Some(data) = answer.next().await? {
        let piece = InvokeResponseBody::Json(format!("{{\"data\":{data}}}"));
        pieces.send(piece).map_err(|error| Error::Malformed {
            request: "a request of the page".to_owned(),
            reason: format!("the page is gone: {error}"),
        })?;
    }
    Ok(())
}

fn tell(pieces: &Pieces, piece: serde_json::Value) -> tauri::Result<()> {
    pieces.send(InvokeResponseBody::Json(piece.to_string()))
}
