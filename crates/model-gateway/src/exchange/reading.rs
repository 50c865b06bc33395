use ambit_domain::BoxStream;
use ambit_egress::EgressError;
use bytes::Bytes;
use futures_util::StreamExt as _;
use tokio::time::Instant;

use crate::lines::Lines;
use crate::wire::{End, Fault, Piece, Reader};

/// The body of an answer while it is read.
pub(super) struct Reading {
    lines: Lines,
    reader: Box<dyn Reader>,
    body: BoxStream<'static, Result<Bytes, EgressError>>,
    ended: bool,
}

impl Reading {
    pub(super) fn new(reader: Box<dyn Reader>, body: BoxStream<'static, Result<Bytes, EgressError>>) -> Self {
        Self { lines: Lines::default(), reader, body, ended: false }
    }

    /// The end, when the answer is complete and only its summary may be missing.
    pub(super) fn complete(&self) -> Option<End> {
        self.reader.complete()
    }

    /// What comes next, if it comes in time. To a timer, what is there already is in time, so that it alone would never
    /// end a stream that does not pause.
    pub(super) async fn within(&mut self, until: Instant) -> Option<Result<Vec<Piece>, Fault>> {
        if Instant::now() >= until {
            return None;
        }
        tokio::time::timeout_at(until, self.next()).await.ok()
    }

    /// What comes next; at least one piece, unless what came only says something together with what follows.
    async fn next(&mut self) -> Result<Vec<Piece>, Fault> {
        if self.ended {
            return self.reader.close();
        }
        let lines = match self.body.next().await {
            Some(Ok(bytes)) => {
                self.lines.push(&bytes).map_err(|_| Fault::Malformed("a line of more than a megabyte".to_owned()))?
            }
            // A connection that breaks in an answer and one that is closed there are the same to the reader.
            Some(Err(_)) | None => {
                self.ended = true;
                self.lines.finish().into_iter().collect()
            }
        };
        let mut pieces = Vec::new();
        for line in lines {
            match self.reader.line(&line) {
                Ok(piece) => pieces.extend(piece),
                // What came before a fault is told before it.
                Err(fault) if pieces.is_empty() => return Err(fault),
                Err(fault) => {
                    self.ended = true;
                    self.reader = Box::new(Failed(fault));
                    return Ok(pieces);
                }
            }
        }
        Ok(pieces)
    }
}

/// Stands in for a reader that met a fault.
struct Failed(Fault);

impl Reader for Failed {
    fn line(&mut self, _: &str) -> Result<Vec<Piece>, Fault> {
        Err(self.0.clone())
    }

    fn close(&mut self) -> Result<Vec<Piece>, Fault> {
        Err(self.0.clone())
    }

    fn complete(&self) -> Option<End> {
        None
    }
}
