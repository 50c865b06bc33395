//! The line of an editor: a WebSocket (RFC 6455), so that edits and requests keep their order and an answer takes no new request.

use ambit_protocol::domain::{Error, ErrorCode};
use ambit_protocol::{FromEditor, ToEditor};
use ambit_runtime::{EditorEvent, EditorLine};
use axum::extract::{Request, State};
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{SinkExt as _, StreamExt as _};
use http::header::{CONNECTION, HeaderMap, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_VERSION, UPGRADE};
use http::{HeaderValue, StatusCode};
use hyper_util::rt::TokioIo;
use sha1::{Digest as _, Sha1};
use tokio::sync::mpsc::UnboundedReceiver;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::protocol::{CloseFrame, Role, WebSocketConfig};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::convert;
use crate::extract::From;
use crate::failure::{Failure, Outcome};
use crate::metrics::Metrics;
use crate::state::Shared;

/// What the protocol has us append to the key, to show that we speak it.
const APPENDED: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// The longest frame: a document of 32 MB, which JSON may make twice as long.
const LONGEST_FRAME: usize = 64 << 20;

pub(super) fn routes() -> OpenApiRouter<Shared> {
    OpenApiRouter::default().routes(routes!(editor))
}

/// An editor's line
///
/// A WebSocket. Each text frame of the caller is a `FromEditor`, the first one `hello`; each of the host is a `ToEditor`.
#[utoipa::path(
    get, path = "/editor", tag = "editor", security(("token" = ["chat"])),
    responses(
        (status = 101, description = "The line is open; this is a frame of the caller", body = FromEditor),
        (status = 200, description = "No answer has this status; this is a frame of the host", body = ToEditor),
    )
)]
async fn editor(State(state): State<Shared>, From(caller): From, mut request: Request) -> Outcome<Response> {
    let accept = accepted(request.headers())?;
    let upgrade = hyper::upgrade::on(&mut request);
    let (line, events) = state.runtime.editor(caller);
    let stopping = state.stopping.clone();
    let work = state.work.clone();
    work.spawn(async move {
        let serving = async {
            let Ok(upgraded) = upgrade.await else { return };
            let config =
                WebSocketConfig::default().max_message_size(Some(LONGEST_FRAME)).max_frame_size(Some(LONGEST_FRAME));
            let socket = WebSocketStream::from_raw_socket(TokioIo::new(upgraded), Role::Server, Some(config)).await;
            serve(socket, line, events, &state.metrics).await;
        };
        tokio::select! {
            () = serving => {}
            () = stopping.cancelled() => {}
        }
    });
    let mut response = Response::default();
    *response.status_mut() = StatusCode::SWITCHING_PROTOCOLS;
    let headers = response.headers_mut();
    headers.insert(CONNECTION, HeaderValue::from_static("upgrade"));
    headers.insert(UPGRADE, HeaderValue::from_static("websocket"));
    headers.insert(SEC_WEBSOCKET_ACCEPT, accept);
    Ok(response)
}

/// What shows that the request was understood.
fn accepted(headers: &HeaderMap) -> Outcome<HeaderValue> {
    let named = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok()).unwrap_or_default();
    let is_asked = named(UPGRADE).eq_ignore_ascii_case("websocket") && named(SEC_WEBSOCKET_VERSION) == "13";
    let key = named(SEC_WEBSOCKET_KEY);
    if !is_asked || key.is_empty() {
        let hint = "open it as a WebSocket of version 13, as `ambit-lsp` does";
        let failure = Failure::new(ErrorCode::InvalidInput, "this route is a WebSocket", hint);
        return Err(failure.with_status(StatusCode::UPGRADE_REQUIRED));
    }
    let digest = Sha1::new().chain_update(key).chain_update(APPENDED).finalize();
    HeaderValue::from_str(&STANDARD.encode(digest)).map_err(|_| Failure::defect())
}

/// Passes on what is said, until one end has gone.
async fn serve<S>(
    socket: WebSocketStream<S>,
    mut line: EditorLine,
    mut events: UnboundedReceiver<EditorEvent>,
    metrics: &Metrics,
) where
    S: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin,
{
    let (mut sender, mut receiver) = socket.split();
    loop {
        let frame = tokio::select! {
            biased;
            event = events.recv() => {
                let Some(event) = event else { return };
                if sender.send(message(&convert::editor_event(event))).await.is_err() {
                    return;
                }
                continue;
            }
            frame = receiver.next() => frame,
        };
        let text = match frame {
            Some(Ok(Message::Text(text))) => text,
            // Pings are answered by the library when the next frame is sent or flushed.
            Some(Ok(Message::Ping(_))) => {
                if sender.flush().await.is_err() {
                    return;
                }
                continue;
            }
            Some(Ok(Message::Close(_)) | Err(_)) | None => return,
            Some(Ok(_)) => continue,
        };
        let command = serde_json::from_str::<FromEditor>(&text)
            .map_err(|error| Error::invalid(format!("this is no frame of an editor: {error}")))
            .and_then(convert::editor_command);
        // Who types needs the host as who asks does; an editor that is only open does not.
        let _request = metrics.begin();
        match command {
            Ok(command) => line.handle(command),
            Err(error) => {
                // What was not understood may have been an edit, so that nothing behind it can be trusted.
                let reason = error.message().chars().take(100).collect::<String>().into();
                let close = CloseFrame { code: CloseCode::Policy, reason };
                drop(sender.send(Message::Close(Some(close))).await);
                return;
            }
        }
    }
}

fn message(event: &ToEditor) -> Message {
    // The wire types hold nothing that JSON cannot.
    Message::text(serde_json::to_string(event).unwrap_or_default())
}
