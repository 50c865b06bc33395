//! What the library for the protocol does not do by itself, around its service: the capability of the newest protocol, methods
//! whose parameters may be absent, and the end.

use std::pin::Pin;
use std::task::{Context, Poll};

use serde_json::{Map, Value, json};
use tokio::sync::watch;
use tower::Service;
use tower_lsp::jsonrpc::{Request, Response};

use crate::process::End;

/// Methods that some clients call without parameters, and some with.
const WITHOUT_PARAMETERS: &[&str] =
    &["checkStatus", "getVersion", "signIn", "signInInitiate", "signInConfirm", "signOut"];

pub(crate) struct Edge<S> {
    inner: S,
    end: watch::Sender<End>,
    is_prepared: bool,
}

impl<S> Edge<S> {
    pub(crate) fn new(inner: S, end: watch::Sender<End>) -> Self {
        Self { inner, end, is_prepared: false }
    }
}

type Answer<E> = Pin<Box<dyn Future<Output = Result<Option<Response>, E>> + Send>>;

impl<S> Service<Request> for Edge<S>
where
    S: Service<Request, Response = Option<Response>>,
    S::Future: Send + 'static,
    S::Error: 'static,
{
    type Response = Option<Response>;
    type Error = S::Error;
    type Future = Answer<S::Error>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let is_first = request.method() == "initialize";
        match request.method() {
            "shutdown" => self.is_prepared = true,
            "exit" => {
                let end = if self.is_prepared { End::Orderly } else { End::Sudden };
                self.end.send_replace(end);
            }
            _ => {}
        }
        let answer = self.inner.call(completed(request));
        Box::pin(async move {
            let response = answer.await?;
            Ok(if is_first { response.map(with_newest_capabilities) } else { response })
        })
    }
}

/// Methods that take none, which some clients call with `null` all the same.
const WITH_NOTHING: &[&str] = &["shutdown", "exit"];

fn completed(request: Request) -> Request {
    if WITH_NOTHING.contains(&request.method()) && request.params() == Some(&Value::Null) {
        let (method, id, _) = request.into_parts();
        let builder = Request::build(method);
        return match id {
            Some(id) => builder.id(id).finish(),
            None => builder.finish(),
        };
    }
    if request.params().is_some() || !WITHOUT_PARAMETERS.contains(&request.method()) {
        return request;
    }
    let (method, id, _) = request.into_parts();
    let builder = Request::build(method).params(Value::Object(Map::new()));
    match id {
        Some(id) => builder.id(id).finish(),
        None => builder.finish(),
    }
}

fn with_newest_capabilities(response: Response) -> Response {
    let (id, mut body) = response.into_parts();
    if let Ok(result) = &mut body
        && let Some(capabilities) = result.get_mut("capabilities").and_then(Value::as_object_mut)
    {
        capabilities.insert("inlineCompletionProvider".to_owned(), json!({}));
    }
    Response::from_parts(id, body)
}
