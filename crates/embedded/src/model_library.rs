//! The models of this installation: what the catalogue knows, what lies in the models' folder, and how files get there.

mod hub;
mod import;
mod kind;
mod language;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::{LanguageModels, ModelInfo, Models, PullEvent, PullSource};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, Result};
use ambit_inference::catalogue::{self, KnownModel, ModelFile};
use ambit_inference::{EncoderFacts, is_encoder};
use async_stream::try_stream;
use futures_util::StreamExt;

pub(crate) use hub::Hub;
pub(crate) use language::check_name;

use crate::language_models::{KnownFacts, candidates, imported};

/// Implements [`Models`] on a folder, one folder inside it for each model.
pub(crate) struct ModelLibrary {
    folder: PathBuf,
    /// The encoder in use.
    active: String,
    hub: Hub,
    /// The language models in the same folder.
    language_models: Arc<dyn LanguageModels>,
    facts: KnownFacts,
    encoder_facts: KnownFacts<EncoderFacts>,
}

impl ModelLibrary {
    pub(crate) fn new(folder: PathBuf, active: String, hub: Hub, language_models: Arc<dyn LanguageModels>) -> Self {
        Self {
            folder,
            active,
            hub,
            language_models,
            facts: KnownFacts::default(),
            encoder_facts: KnownFacts::new(EncoderFacts::read),
        }
    }

    fn info(&self, model: &KnownModel) -> ModelInfo {
        describe(&self.folder, model, &self.active)
    }

    /// The encoders that the user brought, those left out whose files cannot be read.
    fn encoders(&self) -> Vec<ModelInfo> {
        let models = imported(&self.folder).into_iter().filter(|(_, folder)| is_encoder(folder));
        let models = models.filter_map(|(id, folder)| {
            let facts = self.encoder_facts.read(&folder);
            let facts = facts.inspect_err(|error| tracing::warn!(%error, "an encoder cannot be used")).ok()?;
            Some(kind::describe_encoder(id, folder, &facts, &self.active))
        });
        models.collect()
    }

    /// The language models, those left out whose files cannot be read.
    fn language(&self) -> Vec<ModelInfo> {
        let chosen = self.language_models.chosen();
        let chosen = chosen.as_ref().map(|model| model.model());
        let models = candidates(&self.folder).into_iter().filter_map(|(id, folder)| {
            let facts = self.facts.read(&folder);
            let facts = facts.inspect_err(|error| tracing::warn!(%error, "a folder holds no language model")).ok()?;
            let active = chosen == Some(id.as_str());
            Some(language::describe(id, folder, &facts, active))
        });
        models.collect()
    }
}

impl Models for ModelLibrary {
    fn list(&self) -> BoxFuture<'_, Result<Vec<ModelInfo>>> {
        Box::pin(async move {
            let known = catalogue::models().iter().map(|model| self.info(model));
            Ok(known.chain(self.encoders()).chain(self.language()).collect())
        })
    }

    fn pull(
        &self,
        id: String,
        source: PullSource,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<PullEvent>> {
        let (library, active, hub) = (self.folder.clone(), self.active.clone(), self.hub.clone());
        if catalogue::find(&id).is_none()
            && let PullSource::Local(path) = source
        {
            return language::import(library, id, path, active, cancellation);
        }
        Box::pin(try_stream! {
            let model = known(&id)?;
            let folder = library.join(model.id);
            tokio::fs::create_dir_all(&folder).await?;
            let archive = match &source {
                PullSource::Hub => None,
                PullSource::Local(path) => Some(import::Origin::open(path)?),
            };
            for file in model.files {
                let target = folder.join(file.name);
                let mut events = match &archive {
                    None => hub.fetch(model, file, target, cancellation.clone()),
                    Some(origin) => import::copy(origin.clone(), file, target, cancellation.clone()),
                };
                while let Some(event) = events.next().await {
                    yield event?;
                }
                yield PullEvent::Verified { file: file.name.to_owned() };
            }
            yield PullEvent::Finished { model: describe(&library, model, &active) };
        })
    }

    fn remove(&self, id: String) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async move {
            let folder = match catalogue::find(&id) {
                Some(model) => self.folder.join(model.id),
                None => {
                    language::check_name(&id)?;
                    self.folder.join(&id)
                }
            };
            match tokio::fs::remove_dir_all(&folder).await {
                Ok(()) => Ok(true),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(false),
                Err(error) => Err(error.into()),
            }
        })
    }
}

fn describe(library: &Path, model: &KnownModel, active: &str) -> ModelInfo {
    let folder = library.join(model.id);
    ModelInfo {
        id: model.id.to_owned(),
        role: model.role,
        license: model.license.to_owned(),
        size: model.size(),
        installed: catalogue::installed(&folder, model),
        active: model.id == active,
        folder,
    }
}

fn known(id: &str) -> Result<&'static KnownModel> {
    catalogue::find(id).ok_or_else(|| {
        let ids: Vec<&str> = catalogue::models().iter().map(|model| model.id).collect();
        Error::not_found(format!("no model is known as `{id}`")).with_hint(format!(
            "models that can be fetched: {}; `ambit models import NAME PATH` takes any other from a file",
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
async fn already_there(file: &'static ModelFile, target: PathBuf, cancellation: Cancellation) -> Result<bool> {
    let checked =
        tokio::task::spawn_blocking(move || catalogue::verify_file(&target, file, &mut |_| {}, &cancellation));
    match checked.await {
        Ok(Ok(())) => Ok(true),
        Ok(Err(ambit_inference::Error::Cancelled)) => Err(Error::cancelled()),
        Ok(Err(_)) => Ok(false),
        Err(error) => Err(Error::internal("the check of a model file was interrupted").with_source(error)),
    }
}

/// Checks a gathered file and puts it in its place; a wrong one is dropped, so that the next attempt starts anew.
async fn accept(file: &'static ModelFile, target: PathBuf, cancellation: Cancellation) -> Result<()> {
    let accepted = tokio::task::spawn_blocking(move || {
        let gathered = partial(&target);
        match catalogue::verify_file(&gathered, file, &mut |_| {}, &cancellation) {
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
