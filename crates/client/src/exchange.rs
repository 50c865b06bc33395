//! One request and its answer over one connection. A connection to a Unix socket costs some microseconds, so nothing is
//! pooled, nothing runs in the background, and dropping the answer closes the connection.

use std::future::{Future, poll_fn};
use std::path::Path;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};

use bytes::Bytes;
use http::{Request, Response, response::Parts};
use http_body_util::Full;
use hyper::body::{Body, Incoming};
use hyper::client::conn::http1::{Connection, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::UnixStream;

use crate::{Error, Result};

/// The head of an answer, and its body to be read.
pub(crate) struct Answer {
    pub(crate) head: Parts,
    pub(crate) body: AnswerBody,
}

/// The body of an answer with the connection that it comes over.
pub(crate) struct AnswerBody {
    link: Link,
    incoming: Incoming,
}

/// The connection; whoever reads from it has to drive it.
struct Link {
    connection: Pin<Box<Connection<TokioIo<UnixStream>, Full<Bytes>>>>,
    ended: bool,
}

impl Link {
    fn drive(&mut self, context: &mut Context<'_>) {
        // What went wrong, if something did, is told again by the request or the body.
        self.ended = self.ended || self.connection.as_mut().poll(context).is_ready();
    }
}

/// Sends a request and waits for the head of the answer.
pub(crate) async fn exchange(socket: &Path, request: Request<Full<Bytes>>) -> Result<Answer> {
    let unreachable = |source| Error::Unreachable { socket: socket.to_owned(), source };
    let stream = UnixStream::connect(socket).await.map_err(unreachable)?;
    let (mut sender, connection) = handshake(TokioIo::new(stream)).await.map_err(Error::interrupted)?;
    let mut link = Link { connection: Box::pin(connection), ended: false };
    let mut sending = pin!(sender.send_request(request));
    let response: Response<Incoming> = poll_fn(|context| {
        link.drive(context);
        sending.as_mut().poll(context)
    })
    .await
    .map_err(Error::interrupted)?;
    let (head, incoming) = response.into_parts();
    Ok(Answer { head, body: AnswerBody { link, incoming } })
}

impl AnswerBody {
    /// The next piece, or `None` at the end.
    pub(crate) fn poll_data(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes>>> {
        loop {
            self.link.drive(context);
            match Pin::new(&mut self.incoming).poll_frame(context) {
                Poll::Ready(Some(Ok(frame))) => {
                    if let Ok(data) = frame.into_data() {
                        return Poll::Ready(Some(Ok(data)));
                    }
                }
                Poll::Ready(Some(Err(error))) => return Poll::Ready(Some(Err(Error::interrupted(error)))),
                Poll::Ready(None) => return Poll::Ready(None),
                Poll::Pending => return Poll::Pending,
            }
        }
    }

    /// The stream below, with what was read of it already, once the host has agreed to speak something else over it.
    pub(crate) async fn into_stream(mut self) -> (UnixStream, Bytes) {
        poll_fn(|context| {
            self.link.drive(context);
            if self.link.ended { Poll::Ready(()) } else { Poll::Pending }
        })
        .await;
        let parts = Pin::into_inner(self.link.connection).into_parts();
        (parts.io.into_inner(), parts.read_buf)
    }

    /// All of it.
    pub(crate) async fn collect(mut self) -> Result<Vec<u8>> {
        let mut collected = Vec::new();
        while let Some(data) = poll_fn(|context| self.poll_data(context)).await {
            collected.extend_from_slice(&data?);
        }
        Ok(collected)
    }
}
