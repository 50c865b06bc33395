mod listing;

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

use super::{Expected, accept, already_there, partial};

pub(super) use listing::{Listing, Variant};

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

/// A file of the hub.
#[derive(Debug, Clone)]
pub(super) struct HubFile {
    /// The repository: `owner/name`.
    pub(super) repository: String,
    /// The commit, in full.
    pub(super) revision: String,
    /// Its name in the repository, folders included.
    pub(super) path: String,
    /// How people are told about it.
    pub(super) shown: String,
    pub(super) expected: Expected,
    /// The name of the model here.
    pub(super) model: String,
}

impl HubFile {
    pub(super) fn known(model: &KnownModel, file: &ModelFile) -> Self {
        Self {
            repository: model.hub_repository.to_owned(),
            revision: model.revision.to_owned(),
            path: file.name.to_owned(),
            shown: file.name.to_owned(),
            expected: Expected::of(file),
            model: model.id.to_owned(),
        }
    }
}

impl Hub {
    pub(crate) fn new(egress: Arc<Egress>, address: &str) -> Self {
        Self { egress, address: address.trim_end_matches('/').into() }
    }

    /// Downloads one file, going on where an earlier attempt stopped. What is told of its progress is in the file.
    pub(super) fn fetch(
        &self,
        file: HubFile,
        target: PathBuf,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>> {
        download(self.clone(), file, target, cancellation)
    }

    /// Hosts that may be asked: that of the address, and those that the hub sends downloads to.
    fn hosts(&self) -> Result<Vec<String>> {
        let own = ambit_egress::host_of(&self.address).map_err(|error| {
            Error::from(error).with_hint("`ambit settings set models.hub https://…` names another hub")
        })?;
        let known = HOSTS.iter().map(|host| (*host).to_owned());
        Ok(known.chain(std::iter::once(own)).collect())
    }

    async fn ask(&self, file: &HubFile, from: u64) -> Result<Response> {
        let path = format!("{}/resolve/{}/{}", file.repository, file.revision, file.path);
        let what = format!("{} of {}", file.shown, file.repository);
        self.get(&path, from, &what, &file.repository, &file.model).await
    }

    /// Asks for something below the address, and explains every answer but the right one.
    async fn get(&self, path: &str, from: u64, what: &str, repository: &str, model: &str) -> Result<Response> {
        let request = Request {
            purpose: "models.pull".to_owned(),
            url: format!("{}/{path}", self.address),
            allowed_hosts: self.hosts()?,
            from_byte: Some(from),
            headers: ambit_egress::HeaderMap::new(),
        };
        let response = self.egress.get(request).await.map_err(|error| {
            let error = Error::from(error);
            let instead = format!("without the hub, `{}` takes the model from this machine", import_command(model));
            match error.code() {
                ErrorCode::Unavailable => Error::new(error.code(), error.message().to_owned()).with_hint(instead),
                ErrorCode::Offline => {
                    let opens = error.hint().unwrap_or_default().to_owned();
                    Error::new(error.code(), error.message().to_owned()).with_hint(format!("{opens}; {instead}"))
                }
                _ => error,
            }
        })?;
        match response.status.as_u16() {
            http_status::OK | http_status::PARTIAL => Ok(response),
            _ => Err(self.refusal(&response, what, repository, model)),
        }
    }

    fn refusal(&self, response: &Response, what: &str, repository: &str, model: &str) -> Error {
        let status = response.status.as_u16();
        let told = response.headers.get("x-error-code").and_then(|value| value.to_str().ok()).unwrap_or_default();
        let import = import_command(model);
        let page = format!("{}/{repository}", self.address);
        match status {
            401 | 403 if told == "GatedRepo" => Error::new(
                ErrorCode::Forbidden,
                format!("{repository} is gated: its files are for accounts that accepted its licence"),
            )
            .with_hint(format!(
                "accept it on {page}, download the files with a browser, and take them in with `{import}`"
            )),
            401 | 403 => {
                Error::new(ErrorCode::Forbidden, format!("the model hub does not give out {what}")).with_hint(format!(
                    "it may not exist (look at the spelling, `owner/name`) or be private: then download the files from \
                     {page} with a browser, and take them in with `{import}`"
                ))
            }
            404 => Error::not_found(format!("the model hub has no {what}")).with_hint(format!(
                "look at the spelling, `owner/name`; or take the model from this machine with `{import}`"
            )),
            _ => Error::new(ErrorCode::Unavailable, format!("the model hub answered with status {status} for {what}"))
                .with_hint(format!("try again later, or use `{import}`")),
        }
    }
}

fn download(
    hub: Hub,
    file: HubFile,
    target: PathBuf,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    Box::pin(try_stream! {
        let size = file.expected.size;
        if already_there(file.expected.clone(), target.clone(), cancellation.clone()).await? {
            yield progress(&file, size);
            return;
        }
        let gathered = partial(&target);
        let present = tokio::fs::metadata(&gathered).await.map_or(0, |found| found.len());
        let mut done = if present <= size { present } else { 0 };
        yield progress(&file, done);
        if done < size {
            let mut response = hub.ask(&file, done).await?;
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
                        Err(broke_off(&file).with_source(error))?
                    }
                };
                done += piece.len() as u64;
                if done > size {
                    Err(oversized(&file))?;
                }
                sink.write_all(&piece).await?;
                if done - told >= PROGRESS_STEP || done == size {
                    told = done;
                    sink.flush().await?;
                    yield progress(&file, done);
                }
            }
            sink.sync_all().await?;
            if done < size {
                Err(broke_off(&file))?;
            }
        } else if size == 0 {
            tokio::fs::File::create(&gathered).await?;
        }
        accept(file.expected, target, cancellation).await?;
    })
}

mod http_status {
    pub(super) const OK: u16 = 200;
    pub(super) const PARTIAL: u16 = 206;
}

fn broke_off(file: &HubFile) -> Error {
    Error::new(ErrorCode::Unavailable, format!("the download of {} broke off", file.shown))
        .with_hint("run the same command again; it goes on where it stopped")
}

fn oversized(file: &HubFile) -> Error {
    Error::new(ErrorCode::Corrupt, format!("the hub sent more bytes than {} has", file.shown))
        .with_hint(format!("try again; if it stays, use `{}`", import_command(&file.model)))
}

fn import_command(model: &str) -> String {
    format!("ambit models import {model} PATH")
}

fn progress(file: &HubFile, done: u64) -> PullEvent {
    PullEvent::Progress { file: file.shown.clone(), done, total: file.expected.size }
}
