//! Hands requests of the pages on to the host, and its answers back.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use ambit_client::{Client, Error, SseStream};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::json;
use tauri::ipc::{Channel, InvokeResponseBody};
use tauri::{State, WebviewWindow};
use tokio::runtime::Handle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::host::HostLink;

/// A request of a page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Call {
    /// The page's own name for it.
    id: String,
    method: String,
    path: String,
    /// JSON.
    body: Option<String>,
    /// Whether the answer is a stream of events.
    is_stream: bool,
}

/// The requests that are under way.
pub(crate) struct Bridge {
    host: Arc<HostLink>,
    running: Arc<Mutex<HashMap<Key, CancellationToken>>>,
    tasks: TaskTracker,
    runtime: Handle,
}

/// A window, and the request's name in it.
type Key = (String, String);

/// With this, which is no JSON, streams of OpenAI's API end.
const DONE: &str = "[DONE]";

/// What a page gets.
type Pieces = Channel<InvokeResponseBody>;

/// Sends a request to the host. Its answer comes in pieces: `{"data": …}`, once or for each event, then `{"ended": true}`
/// or, with a problem, `{"failed": …}`.
#[tauri::command]
pub(crate) fn send(window: WebviewWindow, bridge: State<'_, Bridge>, call: Call, pieces: Pieces) {
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

    fn begin(&self, window: &str, call: Call, pieces: Pieces) {
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
                Some(Some(Err(error))) => tell(&pieces, json!({ "failed": problem(&error) })),
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

async fn answer(client: Client, call: Call, pieces: &Pieces) -> Result<(), Error> {
    let Call { method, path, body, is_stream, .. } = call;
    let method = Method::from_bytes(method.as_bytes()).map_err(|error| Error::InvalidRequest(error.to_string()))?;
    if is_stream {
        return follow(client.pass_on_stream(method, &path, body).await?, pieces).await;
    }
    let answer = client.pass_on(method, &path, body).await?;
    if answer.is_empty() { Ok(()) } else { hand_over(&answer, pieces) }
}

async fn follow(mut events: SseStream, pieces: &Pieces) -> Result<(), Error> {
    while let Some(event) = events.next().await {
        let data = event?.data;
        if data == DONE {
            break;
        }
        hand_over(&data, pieces)?;
    }
    Ok(())
}

/// Hands JSON over as it is. It becomes part of a script, so it must be JSON and nothing else.
fn hand_over(data: &str, pieces: &Pieces) -> Result<(), Error> {
    let malformed = |reason: String| Error::Malformed { request: "a request of the page".to_owned(), reason };
    serde_json::from_str::<IgnoredAny>(data).map_err(|error| malformed(error.to_string()))?;
    let piece = InvokeResponseBody::Json(format!("{{\"data\":{data}}}"));
    pieces.send(piece).map_err(|error| malformed(format!("the page is gone: {error}")))
}

fn tell(pieces: &Pieces, piece: serde_json::Value) -> tauri::Result<()> {
    pieces.send(InvokeResponseBody::Json(piece.to_string()))
}

/// What a page is told of a failure: the host's own words, or that there is no host.
fn problem(error: &Error) -> Problem {
    match error {
        Error::Problem(problem) => problem.as_ref().clone(),
        Error::Unreachable { .. }
        | Error::Interrupted { .. }
        | Error::NotStarted { .. }
        | Error::NotHandedOver { .. } => {
            let problem = unreachable(&error.to_string());
            match error.hint() {
                Some(hint) => problem.with_hint(hint),
                None => problem,
            }
        }
        _ => Problem::new(error.code(), error.to_string()),
    }
}

/// The code that pages know for a host that is not there.
fn unreachable(detail: &str) -> Problem {
    Problem { code: "unreachable".to_owned(), ..Problem::new(ErrorCode::Unavailable, detail) }
}
