//! The line of an editor's language server: a WebSocket over the host's socket, with one JSON document in each text frame.

use ambit_protocol::{CompletionStats, FailedCommand, FromEditor, ToEditor};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use futures_util::stream::{SplitSink, SplitStream};
use futures_util::{SinkExt, StreamExt};
use http::header::SEC_WEBSOCKET_ACCEPT;
use http::{HeaderMap, HeaderValue, Method};
use sha1::{Digest, Sha1};
use tokio::net::UnixStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::protocol::{Message, Role, WebSocketConfig};

use crate::client::{Call, Client};
use crate::{Error, Result};

const ROUTE: &str = "/editor";
const STATS: &str = "/completion/stats";
const FAILED: &str = "/completion/failed-commands";

/// What RFC 6455 has the host append to the key, to show that it speaks this protocol.
const APPENDED: &str = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/// How much is read or written at once. Frames are small, and so is who reads them.
const BUFFER: usize = 16 << 10;

/// An open line. Both halves together hold the connection: it closes when they are dropped.
pub struct EditorLine {
    /// What the editor's side says.
    pub sender: EditorSender,
    /// What the host says.
    pub receiver: EditorReceiver,
}

/// The half that sends.
pub struct EditorSender(SplitSink<WebSocketStream<UnixStream>, Message>);

/// The half that receives. It has to be read all the time, for the host's pings are answered meanwhile.
pub struct EditorReceiver(SplitStream<WebSocketStream<UnixStream>>);

impl Client {
    /// Opens the line of an editor. The first frame on it is to be [`FromEditor::Hello`].
    ///
    /// # Errors
    /// As those of the routes; [`Error::Problem`] when the host is too old to know the line.
    pub async fn editor(&self) -> Result<EditorLine> {
        let mut nonce = [0; 16];
        getrandom::fill(&mut nonce).map_err(|error| Error::InvalidRequest(format!("no random numbers: {error}")))?;
        let key = STANDARD.encode(nonce);
        let mut call = Call::new(Method::GET, ROUTE);
        call.socket_key = HeaderValue::from_str(&key).ok();
        let answer = self.send(call).await?;
        check(&answer.head.headers, &key)?;
        let (stream, read) = answer.body.into_stream().await;
        let config = WebSocketConfig::default().read_buffer_size(BUFFER).write_buffer_size(BUFFER);
        let socket = WebSocketStream::from_partially_read(stream, read.into(), Role::Client, Some(config)).await;
        let (sender, receiver) = socket.split();
        Ok(EditorLine { sender: EditorSender(sender), receiver: EditorReceiver(receiver) })
    }

    /// How suggestions in editors fared, and what was learnt from it.
    ///
    /// # Errors
    /// As those of the routes.
    pub async fn completion_stats(&self) -> Result<CompletionStats> {
        self.fetch(Call::new(Method::GET, STATS)).await
    }

    /// Tells the host of a command that failed, which may count for the code that is typed next.
    ///
    /// # Errors
    /// As those of the routes.
    pub async fn note_failed_command(&self, failed: &FailedCommand) -> Result<()> {
        self.execute(Call::new(Method::POST, FAILED).json(failed)?).await
    }

    /// Forgets both.
    ///
    /// # Errors
    /// As those of the routes.
    pub async fn reset_completion(&self) -> Result<()> {
        self.execute(Call::new(Method::DELETE, STATS)).await
    }
}

impl EditorSender {
    /// Sends one frame.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the line is closed.
    pub async fn send(&mut self, frame: &FromEditor) -> Result<()> {
        let text = serde_json::to_string(frame).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        self.0.send(Message::text(text)).await.map_err(Error::interrupted)
    }
}

impl EditorReceiver {
    /// The next frame; `None` once the host has closed the line.
    ///
    /// # Errors
    /// [`Error::Interrupted`] when the connection breaks, [`Error::Malformed`] for a frame that this client does not know;
    /// the ones behind it can be read all the same.
    pub async fn next(&mut self) -> Option<Result<ToEditor>> {
        loop {
            match self.0.next().await? {
                Ok(Message::Text(text)) => {
                    return Some(serde_json::from_str(&text).map_err(|error| malformed(error.to_string())));
                }
                Ok(Message::Close(_)) => return None,
                Ok(_) => {}
                Err(error) => return Some(Err(Error::interrupted(error))),
            }
        }
    }
}

fn check(headers: &HeaderMap, key: &str) -> Result<()> {
    let expected = STANDARD.encode(Sha1::digest(format!("{key}{APPENDED}")));
    match headers.get(SEC_WEBSOCKET_ACCEPT) {
        Some(accept) if accept.as_bytes() == expected.as_bytes() => Ok(()),
        _ => Err(malformed("it does not agree to a WebSocket".to_owned())),
    }
}

fn malformed(reason: String) -> Error {
    Error::Malformed { request: format!("GET {}{ROUTE}", ambit_protocol::PREFIX), reason }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_standard_is_accepted_and_another_key_is_not() {
        let mut headers = HeaderMap::new();
        headers.insert(SEC_WEBSOCKET_ACCEPT, HeaderValue::from_static("s3pPLMBiTxaQ9kYGzzhZRbK+xOo="));
        assert!(check(&headers, "dGhlIHNhbXBsZSBub25jZQ==").is_ok(), "the accept of RFC 6455, section 1.3");
        assert!(check(&headers, "dGhlIHNhbXBsZSBub25jZR==").is_err(), "an accept for another key");
    }
}
