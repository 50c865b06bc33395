//! Requests of a page that the editor shows: they go to the host as they are, and what it answers comes back in pieces, as the
//! page's own code (`ui/src/backend/pieces.ts`) takes them.
//!
//! `ambit/call` is answered when all pieces were told as `ambit/piece`; cancelling it ends the work behind it. So an editor can
//! show the page in a view of its own without a token and without a port of this machine, also where it runs elsewhere.

use ambit_client::{Client, Error, PageCall};
use ambit_protocol::Problem;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tower_lsp::jsonrpc::Result;
use tower_lsp::lsp_types::notification::Notification;

use crate::server::Server;

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
    pub(crate) async fn call(&self, call: PageCall) -> Result<()> {
        let id = call.id.clone();
        let last = match self.hand_on(call).await {
            Ok(()) => Piece::Ended(true),
            Err(error) => Piece::Failed(Box::new(error.for_page())),
        };
        self.tell(&id, last).await;
        Ok(())
    }

    async fn hand_on(&self, call: PageCall) -> std::result::Result<(), Error> {
        let id = call.id.clone();
        let mut answer = self.page_client().await?.answer_page(call).await?;
        while let Some(data) = answer.next().await? {
            // It has just been read as JSON.
            if let Ok(data) = serde_json::from_str(&data) {
                self.tell(&id, Piece::Data(data)).await;
            }
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

    async fn tell(&self, id: &str, piece: Piece) {
        let Ok(piece) = serde_json::to_value(piece) else { return };
        self.editor.send_notification::<PieceOf>(PieceOf { id: id.to_owned(), piece }).await;
    }
}

#[cfg(test)]
mod tests {
    use ambit_client::unreachable;
    use serde_json::json;

    use super::*;

    #[test]
    fn pieces_are_as_the_page_takes_them() {
        let told = |piece| serde_json::to_value(piece).unwrap_or_default();
        assert_eq!(told(Piece::Data(json!({ "a": 1 }))), json!({ "data": { "a": 1 } }));
        assert_eq!(told(Piece::Ended(true)), json!({ "ended": true }));
        assert_eq!(told(Piece::Failed(Box::new(unreachable("gone"))))["failed"]["code"], "unreachable");
    }
}
