use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::{GenerationRequest, ModelEvent};
use ambit_domain::{BoxStream, Cancellation, Error, ErrorCode, Result};
use async_stream::stream;
use futures_util::StreamExt as _;
use futures_util::future::{Either, select};

use super::Engine;
use super::process::WorkerProcess;
use crate::worker::prefixes_folder;

impl Engine {
    /// Forgets what language models have read, on disk too.
    pub(crate) async fn forget(&self) -> Result<()> {
        let running = self.running();
        if let Some(Ok(answer)) = running.map(|worker| worker.forget())
            && let Ok(Ok(forgotten)) = answer.await
        {
            return forgotten;
        }
        // No worker holds anything, and none writes to the disk.
        remove_prefixes(&self.options.cache_folder)
    }

    /// Has the model in a folder write a text. A worker that ends in the middle costs the texts that it was writing;
    /// the next one finds another worker.
    pub(crate) fn generate(
        self: &Arc<Self>,
        folder: PathBuf,
        request: GenerationRequest,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<ModelEvent>> {
        let engine = Arc::clone(self);
        Box::pin(stream! {
            let worker = match engine.worker_off_thread(false).await {
                Ok(worker) => worker,
                Err(error) => {
                    yield Err(error);
                    return;
                }
            };
            let Ok((id, mut pieces)) = worker.generate(folder, engine.options.device, request) else {
                yield Err(ended());
                return;
            };
            // Whoever stops reading has given the text up.
            let mut unfinished = Unfinished { worker: Arc::clone(&worker), id, is_over: false };
            loop {
                let piece = match select(pieces.next(), cancellation.cancelled()).await {
                    Either::Left((piece, _)) => piece,
                    Either::Right(_) => {
                        yield Err(Error::cancelled());
                        return;
                    }
                };
                engine.touch();
                let event = match piece {
                    Some(Ok(event)) => event,
                    Some(Err(_)) | None => Err(ended()),
                };
                let is_last = matches!(event, Ok(ModelEvent::Finished { .. }) | Err(_));
                unfinished.is_over = is_last;
                yield event;
                if is_last {
                    return;
                }
            }
        })
    }
}

/// Removes what language models have read from the disk.
pub(crate) fn remove_prefixes(cache: &Path) -> Result<()> {
    match std::fs::remove_dir_all(prefixes_folder(cache)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error.into()),
        _ => Ok(()),
    }
}

fn ended() -> Error {
    Error::new(ErrorCode::Unavailable, "the engine worker ended while it wrote")
        .with_hint("ask again: it is started anew; `ambit log --level warn` tells more")
}

/// A text that is being written.
struct Unfinished {
    worker: Arc<WorkerProcess>,
    id: u64,
    is_over: bool,
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if !self.is_over {
            self.worker.cancel(self.id);
        }
    }
}
