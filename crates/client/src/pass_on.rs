//! Requests of somebody whom a program serves that holds a client: of a page in its window.

use ambit_protocol::PREFIX;
use http::Method;

use crate::client::Call;
use crate::{Client, Error, Result, SseStream};

impl Client {
    /// Passes a request on as it is, and gives the text of the answer: JSON, or nothing. `path` is that of a route, with its
    /// prefix and query; `body` is JSON.
    ///
    /// # Errors
    /// What the host answered, and [`Error::InvalidRequest`] for a path outside of the API.
    pub async fn pass_on(&self, method: Method, path: &str, body: Option<String>) -> Result<String> {
        self.fetch_text(call(method, path, body)?).await
    }

    /// Passes a request on whose answer is a stream of events.
    ///
    /// # Errors
    /// As for [`Self::pass_on`].
    pub async fn pass_on_stream(&self, method: Method, path: &str, body: Option<String>) -> Result<SseStream> {
        let answer = self.send(call(method, path, body)?.accept("text/event-stream")).await?;
        Ok(SseStream::new(answer.body))
    }
}

fn call(method: Method, path: &str, body: Option<String>) -> Result<Call> {
    let target = path.strip_prefix(PREFIX).filter(|target| target.starts_with('/'));
    let target = target.ok_or_else(|| Error::InvalidRequest(format!("`{path}` is no path below {PREFIX}/")))?;
    Ok(Call { body: body.map(Into::into), ..Call::new(method, target) })
}
