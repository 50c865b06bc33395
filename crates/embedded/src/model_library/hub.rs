use std::path::PathBuf;
use std::sync::Arc;

use ambit_domain::port::PullEvent;
use ambit_domain::{BoxStream, Cancellation, Error, ErrorCode, Result};
use ambit_egress::{Egress, Request, Response};
use ambit_inference::catalogue::{KnownModel, ModelFile};
use async_stream::try_stream;
use futures_util::StreamExt;
use futures_util::future::{Either, select};
use tokio::io::AsyncWriteExt;

use super::{accept, already_there, partial};

/// Hosts of the best-known hub and of the stores that it sends downloads to; mirrors send there as well.
const HOSTS: [&str; 2] = [".huggingface.co", ".hf.co"];
/// Progress is told about this often, in bytes.
const PROGRESS_STEP: u64 = 1 << 20;

/// Where models are fetched from.
#[derive(Clone)]
pub(crate) struct Hub {
    egress: Arc<Egress>,
    /// Without a slash at the end.
    address: Arc<str>,
}

impl Hub {
    pub(crate) fn new(egress: Arc<Egress>, address: &str) -> Self {
        Self { egress, address: address.trim_end_matches('/').into() }
    }

    /// Downloads one file, going on where an earlier attempt stopped.
    pub(super) fn fetch(
        &self,
        model: &'static KnownModel,
        file: &'static ModelFile,
        target: PathBuf,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>> {
        download(self.clone(), model, file, target, cancellation)
    }

    /// Hosts that may be asked: that of the address, and those that the hub sends downloads to.
    fn hosts(&self) -> Result<Vec<String>> {
        let own = ambit_egress::host_of(&self.address).map_err(|error| {
            Error::from(error).with_hint("`ambit settings set models.hub https://…` names another hub")
        })?;
        let known = HOSTS.iter().map(|host| (*host).to_owned());
        Ok(known.chain(std::iter::once(own)).collect())
    }

    async fn ask(&self, model: &KnownModel, file: &ModelFile, from: u64) -> Result<Response> {
        let request = Request {
            purpose: "models.pull".to_owned(),
            url: format!("{}/{}/resolve/{}/{}", self.address, model.hub_repository, model.revision, file.name),
            allowed_hosts: self.hosts()?,
            from_byte: Some(from),
        };
        let response = self.egress.get(request).await.map_err(|error| {
            let error = Error::from(error);
            match error.code() {
                ErrorCode::Unavailable => Error::new(error.code(), error.message().to_owned()).with_hint(format!(
                    "without the hub, `{}` takes the files from a folder or archive",
                    import_command(model)
                )),
                _ => error,
            }
        })?;
        match response.status.as_u16() {
            http_status::OK | http_status::PARTIAL => Ok(response),
            status => Err(Error::new(
                ErrorCode::Unavailable,
                format!("the model hub answered with status {status} for {}", file.name),
            )
            .with_hint(format!("try again later, or use `{}`", import_command(model)))),
        }
    }
}

fn download(
    hub: Hub,
    model: &'static KnownModel,
    file: &'static ModelFile,
    target: PathBuf,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    Box::pin(try_stream! {
        if already_there(file, target.clone(), cancellation.clone()).await? {
            yield progress(file, file.size);
            return;
        }
        let gathered = partial(&target);
        let present = tokio::fs::metadata(&gathered).await.map_or(0, |found| found.len());
        let mut done = if present <= file.size { present } else { 0 };
        yield progress(file, done);
        if done < file.size {
            let mut response = hub.ask(model, file, done).await?;
            if response.status.as_u16() != http_status::PARTIAL {
                done = 0;
            }
            let mut sink = tokio::fs::File::options().create(true).write(true).truncate(done == 0).append(done > 0)
                .open(&gathered).await?;
            let mut told = done;
            loop {
                let piece = match select(response.body.next(), cancellation.cancelled()).await {
                    Either::Left((piece, _)) => piece,
                    Either::Right(_) => {
                        sink.flush().await?;
                        Err(Error::cancelled())?
                    }
                };
                let Some(piece) = piece else { break };
                let piece = match piece {
                    Ok(piece) => piece,
                    Err(error) => {
                        sink.flush().await?;
                        Err(broke_off(file).with_source(error))?
                    }
                };
                done += piece.len() as u64;
                if done > file.size {
                    Err(oversized(model, file))?;
                }
                sink.write_all(&piece).await?;
                if done - told >= PROGRESS_STEP || done == file.size {
                    told = done;
                    yield progress(file, done);
                }
            }
            sink.sync_all().await?;
            if done < file.size {
                Err(broke_off(file))?;
            }
        }
        accept(file, target, cancellation).await?;
    })
}

mod http_status {
    pub(super) const OK: u16 = 200;
    pub(super) const PARTIAL: u16 = 206;
}

fn broke_off(file: &ModelFile) -> Error {
    Error::new(ErrorCode::Unavailable, format!("the download of {} broke off", file.name))
        .with_hint("run the same command again; it goes on where it stopped")
}

fn oversized(model: &KnownModel, file: &ModelFile) -> Error {
    Error::new(ErrorCode::Corrupt, format!("the hub sent more bytes than {} has", file.name))
        .with_hint(format!("try again; if it stays, use `{}`", import_command(model)))
}

fn import_command(model: &KnownModel) -> String {
    format!("ambit models import {} PATH", model.id)
}

fn progress(file: &ModelFile, done: u64) -> PullEvent {
    PullEvent::Progress { file: file.name.to_owned(), done, total: file.size }
}
