//! Requests of a page that a program shows and whose requests it hands on: an editor's view, the desktop app's window, the
//! browser extension's panel. The page's own code (`ui/src/backend/pieces.ts`) makes them, and takes the answers in pieces.

use std::str::FromStr as _;

use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use http::Method;
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::{Client, Error, Result, SseStream};

/// With this, which is no JSON, streams of OpenAI's API end.
const DONE: &str = "[DONE]";

/// A request of a page.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PageCall {
    /// The page's own name for it.
    pub id: String,
    /// The method of HTTP.
    pub method: String,
    /// The path of a route, with its prefix and query.
    pub path: String,
    /// JSON.
    pub body: Option<String>,
    /// Whether the answer is a stream of events.
    pub is_stream: bool,
}

/// The answer to a request of a page, still to come. Dropping it ends the work behind it.
pub struct PageAnswer(Coming);

enum Coming {
    Whole(Option<String>),
    Events(SseStream),
}

impl Client {
    /// Hands a request of a page on to the host.
    ///
    /// # Errors
    /// What the host answered, and [`Error::InvalidRequest`] for a path outside of the API.
    pub async fn answer_page(&self, call: PageCall) -> Result<PageAnswer> {
        let PageCall { method, path, body, is_stream, .. } = call;
        let method = Method::from_str(&method).map_err(|error| Error::InvalidRequest(error.to_string()))?;
        if is_stream {
            let events = self.pass_on_stream(method, &path, body).await?;
            return Ok(PageAnswer(Coming::Events(events)));
        }
        let whole = self.pass_on(method, &path, body).await?;
        Ok(PageAnswer(Coming::Whole(Some(whole).filter(|whole| !whole.is_empty()))))
    }
}

impl PageAnswer {
    /// The next part of it: its JSON, once or for each event. None at its end. Whoever puts it into a script or a frame can rely
    /// on it being JSON and nothing else.
    ///
    /// # Errors
    /// When the answer breaks off, or is no JSON.
    pub async fn next(&mut self) -> Result<Option<String>> {
        let data = match &mut self.0 {
            Coming::Whole(whole) => whole.take(),
            Coming::Events(events) => events.next().await.transpose()?.map(|event| event.data),
        };
        let Some(data) = data.filter(|data| data != DONE) else { return Ok(None) };
        serde_json::from_str::<IgnoredAny>(&data).map_err(|error| Error::Malformed {
            request: "a request of the page".to_owned(),
            reason: error.to_string(),
        })?;
        Ok(Some(data))
    }
}

impl Error {
    /// What a page is told of it: the host's own words, or that there is no host, by the code that pages know for that.
    #[must_use]
    pub fn for_page(&self) -> Problem {
        match self {
            Self::Problem(problem) => problem.as_ref().clone(),
            Self::Unreachable { .. }
            | Self::Interrupted { .. }
            | Self::NotStarted { .. }
            | Self::NotHandedOver { .. } => {
                let problem = unreachable(&self.to_string());
                match self.hint() {
                    Some(hint) => problem.with_hint(hint),
                    None => problem,
                }
            }
            _ => Problem::new(self.code(), self.to_string()),
        }
    }
}

/// What a page is told where there is no host that could answer, and why.
#[must_use]
pub fn unreachable(detail: &str) -> Problem {
    Problem { code: "unreachable".to_owned(), ..Problem::new(ErrorCode::Unavailable, detail) }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use serde_json::json;

    use super::*;

    #[test]
    fn a_call_is_read_as_the_page_makes_it() {
        let call = json!({ "id": "1-2", "method": "GET", "path": "/v1/status", "body": null, "isStream": false });
        let read: PageCall = serde_json::from_value(call).unwrap();
        let expected = ("1-2", "/v1/status", None, false);
        assert_eq!((read.id.as_str(), read.path.as_str(), read.body.as_deref(), read.is_stream), expected);
    }

    #[tokio::test]
    async fn an_answer_is_json_or_nothing() {
        let mut none = PageAnswer(Coming::Whole(None));
        assert_eq!(none.next().await.unwrap(), None);
        let mut whole = PageAnswer(Coming::Whole(Some("{\"a\":1}".to_owned())));
        assert_eq!(whole.next().await.unwrap().as_deref(), Some("{\"a\":1}"));
        assert_eq!(whole.next().await.unwrap(), None);
        let mut script = PageAnswer(Coming::Whole(Some("{}); alert(1".to_owned())));
        assert!(matches!(script.next().await, Err(Error::Malformed { .. })));
    }

    #[test]
    fn a_page_is_told_whether_there_is_a_host() {
        let refused = Error::InvalidRequest("no path".to_owned()).for_page();
        assert_eq!(refused.code, "invalid-input");
        let source = std::io::ErrorKind::NotFound.into();
        assert_eq!(Error::Unreachable { socket: "/nowhere".into(), source }.for_page().code, "unreachable");
    }
}
