//! Requests of a page that the editor shows: they go to the host as they are, and what it answers comes back in pieces, as the
//! page's own code (`ui/src/backend/pieces.ts`) takes them.
//!
//! `ambit/call` is answered when all pieces were told as `ambit/piece`; cancelling it ends the work behind it. So an editor can
//! show the page in a view of its own without a token and without a port of this machine, also where it runs elsewhere.

use ambit_client::{Client, Error};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use http::Method;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::notification::Notification;

use crate::server::Server;

/// With this, which is no JSON, streams of OpenAI's API end.
const DONE: &str = "[DONE]";

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

/// A piece of an answer: its JSON, once or for each event, and then one of the others.
#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Piece {
    Data(Value),
    Ended(bool),
    Failed(Box<Problem>),
}

/// A piece, and the request that it answers.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct PieceOf {
    id: String,
    piece: Value,
}

impl Notification for PieceOf {
    type Params = Self;
    const METHOD: &'static str = "ambit/piece";
}

impl Server {
    /// Hands a request of a page on to the host, and its answer back.
    pub(crate) async fn call(&self, call: Call) -> Result<()> {
        let id = call.id.clone();
        let last = match self.hand_on(call).await {
            Ok(()) => Piece::Ended(true),
            Err(error) => Piece::Failed(Box::new(problem(&error))),
        };
        self.tell(&id, last).await;
        Ok(())
    }

    async fn hand_on(&self, call: Call) -> std::result::Result<(), Error> {
        let Call { id, method, path, body, is_stream } = call;
        let method = Method::from_bytes(method.as_bytes()).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        let client = self.page_client().await?;
        if !is_stream {
            let answer = client.pass_on(method, &path, body).await?;
            return if answer.is_empty() { Ok(()) } else { self.tell_data(&id, &answer).await };
        }
        let mut events = client.pass_on_stream(method, &path, body).await?;
        while let Some(event) = events.next().await {
            let data = event?.data;
            if data == DONE {
                break;
            }
            self.tell_data(&id, &data).await?;
        }
        Ok(())
    }

    /// The client of the line, or, where suggestions are switched off and there is none, one of its own.
    async fn page_client(&self) -> std::result::Result<Client, Error> {
        match self.line.client() {
            Some(client) => Ok(client),
            None => self.host.connect().await,
        }
    }

    async fn tell_data(&self, id: &str, data: &str) -> std::result::Result<(), Error> {
        let data = serde_json::from_str(data).map_err(|error| Error::Malformed {
            request: "a request of the page".to_owned(),
            reason: error.to_string(),
        })?;
        self.tell(id, Piece::Data(data)).await;
        Ok(())
    }

    async fn tell(&self, id: &str, piece: Piece) {
        let Ok(piece) = serde_json::to_value(piece) else { return };
        self.editor.send_notification::<PieceOf>(PieceOf { id: id.to_owned(), piece }).await;
    }
}

/// What a page is told of a failure: the host's own words, or that there is no host.
fn problem(error: &Error) -> Problem {
    match error {
        Error::Problem(problem) => problem.as_ref().clone(),
        Error::Unreachable { .. }
        | Error::Interrupted { .. }
        | Error::NotStarted { .. }
        | Error::NotHandedOver { .. } => {
            // The code that pages know for a host that is not there.
            let problem = Problem::new(ErrorCode::Unavailable, error.to_string());
            let problem = Problem { code: "unreachable".to_owned(), ..problem };
            match error.hint() {
                Some(hint) => problem.with_hint(hint),
                None => problem,
            }
        }
        _ => Problem::new(error.code(), error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_are_as_the_page_takes_them() {
        let told = |piece| serde_json::to_value(piece).unwrap_or_default();
        assert_eq!(told(Piece::Data(json!({ "a": 1 }))), json!({ "data": { "a": 1 } }));
        assert_eq!(told(Piece::Ended(true)), json!({ "ended": true }));
        let failed = told(Piece::Failed(Box::new(problem(&Error::InvalidRequest("no path".to_owned())))));
        assert_eq!(failed["failed"]["code"], "invalid-input");
    }

    #[test]
    fn a_call_is_read_as_the_page_makes_it() {
        let call = json!({ "id": "1-2", "method": "GET", "path": "/v1/status", "body": null, "isStream": false });
        let read = serde_json::from_value::<Call>(call).map(|call| (call.id, call.path, call.body, call.is_stream));
        assert_eq!(read.ok(), Some(("1-2".to_owned(), "/v1/status".to_owned(), None, false)));
    }
}
