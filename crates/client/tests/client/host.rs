//! A tiny host on a real Unix socket: hyper, and a function that answers.

use std::convert::Infallible;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use futures_util::stream::{self, BoxStream, StreamExt};
use http::{Request, Response};
use http_body_util::{BodyExt, StreamBody};
use hyper::body::{Frame, Incoming};
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::UnixListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// A request as the host saw it.
#[derive(Debug, Clone)]
pub(crate) struct Seen {
    pub(crate) line: String,
    pub(crate) headers: http::HeaderMap,
    pub(crate) body: String,
}

impl Seen {
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }
}

pub(crate) type Body = BoxStream<'static, Result<Bytes, std::io::Error>>;

/// What the host says to a request.
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    pub(crate) body: Body,
}

impl Reply {
    pub(crate) fn json(status: u16, body: &serde_json::Value) -> Self {
        Self { status, content_type: "application/json", body: once(body.to_string()) }
    }

    pub(crate) fn problem(status: u16, body: &serde_json::Value) -> Self {
        Self { content_type: "application/problem+json", ..Self::json(status, body) }
    }

    pub(crate) fn events(body: Body) -> Self {
        Self { status: 200, content_type: "text/event-stream", body }
    }
}

pub(crate) fn once(text: impl Into<String>) -> Body {
    let text = text.into();
    stream::once(async move { Ok(Bytes::from(text)) }).boxed()
}

pub(crate) struct Host {
    pub(crate) socket: PathBuf,
    pub(crate) seen: Arc<Mutex<Vec<Seen>>>,
    stop: CancellationToken,
    tracker: TaskTracker,
}

impl Host {
    /// Listens at a socket. `answer` gets each request but those for the health of the host, of version `version`.
    pub(crate) fn listen(
        socket: &Path,
        version: &'static str,
        answer: impl Fn(&Seen) -> Reply + Send + Sync + 'static,
    ) -> Self {
        std::fs::create_dir_all(socket.parent().unwrap()).unwrap();
        let listener = UnixListener::bind(socket).unwrap();
        let host = Self {
            socket: socket.to_owned(),
            seen: Arc::default(),
            stop: CancellationToken::new(),
            tracker: TaskTracker::new(),
        };
        let (stop, seen, tracker) = (host.stop.clone(), Arc::clone(&host.seen), host.tracker.clone());
        let answer = Arc::new(answer);
        host.tracker.spawn(async move {
            while let Some(Ok((stream, _))) = stop.run_until_cancelled(listener.accept()).await {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                let service =
                    service_fn(move |request| reply(request, version, Arc::clone(&seen), Arc::clone(&answer)));
                tracker.spawn(async move {
                    hyper::server::conn::http1::Builder::new()
                        .serve_connection(TokioIo::new(stream), service)
                        .await
                        .ok();
                });
            }
        });
        host
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// Stops listening and takes the socket away, as a host that hands over does.
    pub(crate) async fn close(self) {
        self.stop.cancel();
        self.tracker.close();
        std::fs::remove_file(&self.socket).unwrap();
        self.tracker.wait().await;
    }
}

async fn reply(
    request: Request<Incoming>,
    version: &'static str,
    seen: Arc<Mutex<Vec<Seen>>>,
    answer: Arc<impl Fn(&Seen) -> Reply>,
) -> Result<Response<impl hyper::body::Body<Data = Bytes, Error = std::io::Error>>, Infallible> {
    let (head, body) = request.into_parts();
    let body = String::from_utf8(body.collect().await.unwrap().to_bytes().to_vec()).unwrap();
    let asked = Seen { line: format!("{} {}", head.method, head.uri), headers: head.headers, body };
    let reply = if asked.line == "GET /v1/health" {
        Reply::json(200, &serde_json::json!({"ok": true, "version": version}))
    } else {
        seen.lock().unwrap().push(asked.clone());
        answer(&asked)
    };
    let body = StreamBody::new(reply.body.map(|piece| piece.map(Frame::data)));
    Ok(Response::builder().status(reply.status).header("content-type", reply.content_type).body(body).unwrap())
}
