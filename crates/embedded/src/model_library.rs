//! The models of this installation: what the catalogue knows, what lies in the models' folder, and how files get there.

mod hub;
mod import;
mod kind;
mod language;
mod pull;
mod record;
mod scratch;

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::{
    Fit, FitVerdict, LanguageModels, ModelInfo, ModelRole, Models, PullEvent, PullOptions, PullSource, SuggestedModel,
};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, ErrorCode, Result};
use ambit_inference::catalogue::{self, Checksum, KnownModel, ModelFile, Suggested};
use ambit_inference::{EncoderFacts, is_encoder};
use async_stream::try_stream;
use futures_util::StreamExt;

use hub::HubFile;

pub(crate) use hub::Hub;
pub(crate) use language::check_name;

use crate::language_models::{KnownFacts, imported};

/// Tells how many bytes of memory models can have, where that is known.
pub(crate) type Available = Arc<dyn Fn() -> Option<u64> + Send + Sync>;

/// Left free on the disk beside the files of models.
const SPARE_SPACE: u64 = 64 << 20;

/// Tokens in a second with which nobody waits for an answer: twice as fast as people read.
const FAST: u64 = 8;

/// Implements [`Models`] on a folder, one folder inside it for each model. Clones share everything.
#[derive(Clone)]
pub(crate) struct ModelLibrary {
    folder: PathBuf,
    /// The encoder in use.
    active: String,
    hub: Hub,
    /// The language models in the same folder.
    language_models: Arc<dyn LanguageModels>,
    facts: Arc<KnownFacts>,
    encoder_facts: Arc<KnownFacts<EncoderFacts>>,
    available: Available,
    /// Names of models that are being taken in.
    held: Arc<Mutex<HashSet<String>>>,
}

/// Keeps others from taking in a model under the same name.
struct Held {
    name: String,
    held: Arc<Mutex<HashSet<String>>>,
}

impl Drop for Held {
    fn drop(&mut self) {
        self.held.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl ModelLibrary {
    /// The library of a folder. What imports that were interrupted left there is cleared away.
    pub(crate) fn new(
        folder: PathBuf,
        active: String,
        hub: Hub,
        language_models: Arc<dyn LanguageModels>,
        available: Available,
    ) -> Self {
        scratch::clear(&folder);
        Self {
            folder,
            active,
            hub,
            language_models,
            facts: Arc::default(),
            encoder_facts: Arc::new(KnownFacts::new(EncoderFacts::read)),
            available,
            held: Arc::default(),
        }
    }

    fn available(&self) -> Option<u64> {
        (self.available)()
    }

    fn hold(&self, name: &str) -> Result<Held> {
        if !self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(name.to_owned()) {
            return Err(Error::new(ErrorCode::Conflict, format!("`{name}` is being taken in already"))
                .with_hint("wait until that is done, or choose another name"));
        }
        Ok(Held { name: name.to_owned(), held: Arc::clone(&self.held) })
    }

    fn known(&self, model: &KnownModel) -> ModelInfo {
        let folder = self.folder.join(model.id);
        let size = model.size();
        ModelInfo {
            id: model.id.to_owned(),
            role: model.role,
            license: model.license.to_owned(),
            size,
            installed: catalogue::installed(&folder, model),
            active: model.id == self.active,
            folder,
            fit: kind::encoder_needs(size).fit(self.available()),
            origin: None,
            language: None,
        }
    }

    /// The models that the user brought, encoders first, those left out whose files cannot be read.
    fn imported(&self) -> Vec<ModelInfo> {
        let ids = imported(&self.folder).into_iter().map(|(id, _)| id);
        let readable = ids.filter_map(|id| {
            self.installed(&id).inspect_err(|error| tracing::warn!(%error, "a folder holds no usable model")).ok()
        });
        let mut models: Vec<ModelInfo> = readable.collect();
        models.sort_by_key(|model| model.role != ModelRole::Embedding);
        models
    }

    /// An installed model that the user brought.
    fn installed(&self, id: &str) -> Result<ModelInfo> {
        let folder = self.folder.join(id);
        if is_encoder(&folder) {
            let facts = self.encoder_facts.read(&folder)?;
            let fit = kind::encoder_needs(facts.bytes).fit(self.available());
            return Ok(kind::describe_encoder(id.to_owned(), folder, &facts, id == self.active, fit));
        }
        let facts = self.facts.read(&folder)?;
        let active = self.language_models.chosen().is_some_and(|chosen| chosen.model() == id);
        let fit = facts.needs.fit(self.available());
        Ok(language::describe(id.to_owned(), folder, &facts, active, fit))
    }
}

impl Models for ModelLibrary {
    fn list(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>>> {
        let library = self.clone();
        Box::pin(async move {
            let listed = tokio::task::spawn_blocking(move || {
                let known = catalogue::models().iter().map(|model| library.known(model));
                known.chain(library.imported()).collect()
            });
            listed.await.map_err(|error| Error::internal("the look at the models was interrupted").with_source(error))
        })
    }

    fn suggestions(&self) -> BoxFuture<'_, Result<Vec<SuggestedModel>>> {
        let library = self.clone();
        Box::pin(async move {
            let looked = tokio::task::spawn_blocking(move || {
                let here: HashSet<String> = imported(&library.folder).into_iter().map(|(id, _)| id).collect();
                suggest(&here, |model| model.needs().fit(library.available()))
            });
            looked.await.map_err(|error| Error::internal("the look at the models was interrupted").with_source(error))
        })
    }

    fn pull(
        &self,
        id: String,
        source: PullSource,
        options: PullOptions,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>> {
        let library = self.clone();
        match source {
            PullSource::Local(path) if catalogue::find(&id).is_none() => {
                return language::import(library, id, path, options.force, cancellation);
            }
            PullSource::Hub if id.contains('/') => return pull::pull(library, id, options, cancellation),
            _ => {}
        }
        Box::pin(try_stream! {
            let model = known(&id)?;
            let folder = library.folder.join(model.id);
            if !catalogue::installed(&folder, model) {
                check_space(&folder, model.size())?;
            }
            tokio::fs::create_dir_all(&folder).await?;
            let archive = match &source {
                PullSource::Hub => None,
                PullSource::Local(path) => Some(import::Origin::open(path)?),
            };
            for file in model.files {
                let target = folder.join(file.name);
                let mut events = match &archive {
                    None => library.hub.fetch(HubFile::known(model, file), target, cancellation.clone()),
                    Some(origin) => import::copy(origin.clone(), file, target, cancellation.clone()),
                };
                while let Some(event) = events.next().await {
                    yield event?;
                }
                yield PullEvent::Verified { file: file.name.to_owned() };
            }
            yield PullEvent::Finished { model: library.known(model) };
        })
    }

    fn remove(&self, id: String) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let mut folders = Vec::new();
            if catalogue::find(&id).is_none() {
                language::check_name(&id)?;
                // What was fetched of it and is not complete goes as well.
                folders.push(pull::gathering(&self.folder, &id));
            }
            folders.push(self.folder.join(&id));
            let _held = self.hold(&id)?;
            let mut removed = false;
            for folder in folders {
                match tokio::fs::remove_dir_all(&folder).await {
                    Ok(()) => removed = true,
                    Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(removed)
        })
    }
}

/// The suggested models, with the one that is to be taken: the largest that fits and writes fast.
fn suggest(here: &HashSet<String>, fit: impl Fn(&Suggested) -> Option<Fit>) -> Vec<SuggestedModel> {
    let mut models: Vec<SuggestedModel> = catalogue::SUGGESTED
        .iter()
        .map(|model| SuggestedModel {
            title: model.title.to_owned(),
            source: model.source.to_owned(),
            name: model.name.to_owned(),
            license: model.license.to_owned(),
            size: model.weights,
            fit: fit(model),
            installed: here.contains(model.name),
            best: false,
        })
        .collect();
    let is_good = |model: &&mut SuggestedModel| {
        model.fit.is_some_and(|fit| {
            fit.verdict == FitVerdict::Fits && fit.tokens_per_second.is_none_or(|speed| speed >= FAST)
        })
    };
    if let Some(best) = models.iter_mut().rev().find(is_good) {
        best.best = true;
    }
    models
}

/// Refuses a model that does not fit, unless it is to be taken all the same.
fn refuse_unfit(name: &str, fit: Option<&Fit>, force: bool) -> Result<()> {
    match fit {
        Some(Fit { verdict: FitVerdict::WontFit, needed, free, .. }) if !force => Err(Error::new(
            ErrorCode::TooLarge,
            format!("{name} won't fit: it needs {} of memory, and {} are free", gigabytes(*needed), gigabytes(*free)),
        )
        .with_hint("close other programs, raise `inference.memory-megabytes` where it is set, or take a smaller model or quantisation; \
             `--force` takes it all the same")),
        _ => Ok(()),
    }
}

/// Refuses what the disk has no room for.
fn check_space(folder: &Path, bytes: u64) -> Result<()> {
    let existing = folder.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(folder);
    let Ok(numbers) = rustix::fs::statvfs(existing) else { return Ok(()) };
    let free = numbers.f_bavail.saturating_mul(numbers.f_frsize);
    if bytes.saturating_add(SPARE_SPACE) <= free {
        return Ok(());
    }
    let message = format!("{} are to be written to {}", gigabytes(bytes), folder.display());
    Err(Error::new(ErrorCode::StorageFull, format!("{message}, and {} are free there", gigabytes(free)))
        .with_hint("free some space, or let the setting `models.folder` name a folder on another disk"))
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

/// What a file should be.
#[derive(Debug, Clone)]
struct Expected {
    size: u64,
    /// Where one is known.
    checksum: Option<Checksum>,
}

impl Expected {
    fn of(file: &ModelFile) -> Self {
        Self { size: file.size, checksum: Some(Checksum::Sha256(file.sha256.to_owned())) }
    }

    fn verify(&self, path: &Path, cancellation: &Cancellation) -> ambit_inference::Result<()> {
        catalogue::verify(path, self.size, self.checksum.as_ref(), &mut |_| {}, cancellation)
    }
}

fn known(id: &str) -> Result<&'static KnownModel> {
    catalogue::find(id).ok_or_else(|| {
        let ids: Vec<&str> = catalogue::models().iter().map(|model| model.id).collect();
        Error::not_found(format!("no model is known as `{id}`")).with_hint(format!(
            "models that can be fetched: {}, and those of a repository of the hub, `owner/name`; \
             `ambit models import NAME PATH` takes any other from a file",
            ids.join(", ")
        ))
    })
}

/// Where a file is gathered before it is known to be complete and right.
fn partial(target: &Path) -> PathBuf {
    let mut name = target.as_os_str().to_owned();
    name.push(".part");
    PathBuf::from(name)
}

/// Whether a file is in its place and right. A wrong one stays until a right one takes its place.
async fn already_there(expected: Expected, target: PathBuf, cancellation: Cancellation) -> Result<bool> {
    let checked = tokio::task::spawn_blocking(move || expected.verify(&target, &cancellation));
    match checked.await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(ambit_inference::Error::Cancelled)) => Err(Error::cancelled()),
        Ok(Err(_)) => Ok(false),
        Err(error) => Err(Error::internal("the check of a model file was interrupted").with_source(error)),
    }
}

/// Checks a gathered file and puts it in its place; a wrong one is dropped, so that the next attempt starts anew.
async fn accept(expected: Expected, target: PathBuf, cancellation: Cancellation) -> Result<()> {
    let accepted = tokio::task::spawn_blocking(move || {
        let gathered = partial(&target);
        match expected.verify(&gathered, &cancellation) {
            Ok(()) => {
                std::fs::File::open(&gathered)?.sync_all()?;
                Ok(std::fs::rename(&gathered, &target)?)
            }
            Err(ambit_inference::Error::Cancelled) => Err(Error::cancelled()),
            Err(error) => {
                std::fs::remove_file(&gathered)?;
                Err(error.into())
            }
        }
    });
    accepted.await.map_err(|error| Error::internal("the check of a model file was interrupted").with_source(error))?
}

#[cfg(test)]
mod tests;
