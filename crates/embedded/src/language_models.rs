//! The language models of this installation, run by the engine worker, and those of providers.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use ambit_domain::port::{GenerationRequest, LanguageModel, LanguageModels, ModelEvent};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, ErrorCode, Result};
use ambit_inference::{LanguageModelFacts, catalogue, is_encoder};
use ambit_model_gateway::Gateway;

use crate::engine::Engine;

/// Which model the user wants to answer; clones share it. Empty: the only one that is installed.
#[derive(Debug, Clone, Default)]
pub(crate) struct ChosenModel(Arc<Mutex<String>>);

impl ChosenModel {
    pub(crate) fn set(&self, id: &str) {
        id.clone_into(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) fn get(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// What was read of a model's files, as long as they do not change.
pub(crate) struct KnownFacts<F = LanguageModelFacts> {
    known: Mutex<HashMap<PathBuf, (SystemTime, F)>>,
    read: fn(&Path) -> ambit_inference::Result<F>,
}

impl Default for KnownFacts {
    fn default() -> Self {
        Self::new(LanguageModelFacts::read)
    }
}

impl<F: Clone> KnownFacts<F> {
    /// Nothing is known yet; `read` reads it.
    pub(crate) fn new(read: fn(&Path) -> ambit_inference::Result<F>) -> Self {
        Self { known: Mutex::default(), read }
    }

    /// What is known of the model in a folder.
    pub(crate) fn read(&self, folder: &Path) -> Result<F> {
        let changed = std::fs::metadata(folder)?.modified()?;
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((when, facts)) = known().get(folder)
            && *when == changed
        {
            return Ok(facts.clone());
        }
        let facts = (self.read)(folder)?;
        known().insert(folder.to_path_buf(), (changed, facts.clone()));
        Ok(facts)
    }
}

/// Folders of a models' folder that may hold a language model.
pub(crate) fn candidates(library: &Path) -> Vec<(String, PathBuf)> {
    let mut found = imported(library);
    found.retain(|(_, folder)| !is_encoder(folder));
    found
}

/// Folders of a models' folder that hold a model which the user brought: all but those that the catalogue knows and those
/// that are being filled.
pub(crate) fn imported(library: &Path) -> Vec<(String, PathBuf)> {
    let entries = std::fs::read_dir(library).into_iter().flatten().flatten();
    let mut found: Vec<(String, PathBuf)> = entries
        // The worker reads nothing outside the models' folder, so that a link leads nowhere.
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()))
        .filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
        .filter(|(name, _)| !name.starts_with('.') && catalogue::find(name).is_none())
        .collect();
    found.sort();
    found
}

/// The models of a models' folder, which the engine worker runs.
pub(crate) struct LocalModels {
    folder: PathBuf,
    engine: Arc<Engine>,
    chosen: ChosenModel,
    facts: KnownFacts,
}

impl LocalModels {
    pub(crate) fn new(folder: PathBuf, engine: Arc<Engine>, chosen: ChosenModel) -> Self {
        Self { folder, engine, chosen, facts: KnownFacts::default() }
    }

    fn open(&self, id: &str, folder: PathBuf) -> Result<Arc<dyn LanguageModel>> {
        let facts = self.facts.read(&folder)?;
        Ok(Arc::new(LocalModel { id: id.to_owned(), folder, facts, engine: Arc::clone(&self.engine) }))
    }
}

/// The models that run here and those of providers, as one.
pub(crate) struct AllModels {
    local: LocalModels,
    gateway: Gateway,
}

impl AllModels {
    pub(crate) fn new(local: LocalModels, gateway: Gateway) -> Self {
        Self { local, gateway }
    }
}

impl LanguageModels for AllModels {
    fn chosen(&self) -> Option<Arc<dyn LanguageModel>> {
        self.gateway.model(&self.local.chosen.get()).or_else(|| self.local.chosen())
    }

    fn named(&self, id: &str) -> Result<Arc<dyn LanguageModel>> {
        if let Some(model) = self.gateway.model(id) {
            return Ok(model);
        }
        self.local.named(id)?.ok_or_else(|| {
            let error = Error::new(ErrorCode::ModelMissing, format!("there is no language model called `{id}`"));
            match self.ids().as_slice() {
                [] => error.with_hint("`ambit models import NAME PATH` takes one from a GGUF file or a folder"),
                ids => error.with_hint(format!("those that there are: {}", ids.join(", "))),
            }
        })
    }

    fn ids(&self) -> Vec<String> {
        let mut ids = self.local.ids();
        ids.extend(self.gateway.ids());
        ids
    }

    fn forget(&self) -> BoxFuture<'_, Result<()>> {
        self.gateway.forget();
        self.local.forget()
    }
}

impl LocalModels {
    /// The one that answers when none is named, if there is one.
    fn chosen(&self) -> Option<Arc<dyn LanguageModel>> {
        let wanted = self.chosen.get();
        let id = match (wanted.as_str(), self.ids().as_slice()) {
            ("", [id]) => id.clone(),
            ("", _) => return None,
            (id, _) => id.to_owned(),
        };
        match self.named(&id) {
            Ok(Some(model)) => Some(model),
            Ok(None) => {
                tracing::warn!(id, "the language model that was chosen is not installed");
                None
            }
            Err(error) => {
                tracing::warn!(%error, "the language model cannot be used");
                None
            }
        }
    }

    /// The one with this id, if it is installed.
    fn named(&self, id: &str) -> Result<Option<Arc<dyn LanguageModel>>> {
        let found = candidates(&self.folder).into_iter().find(|(known, _)| known == id);
        found.map(|(id, folder)| self.open(&id, folder)).transpose()
    }

    fn ids(&self) -> Vec<String> {
        let models = candidates(&self.folder).into_iter();
        models.filter(|(_, folder)| self.facts.read(folder).is_ok()).map(|(id, _)| id).collect()
    }

    fn forget(&self) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.engine.forget())
    }
}

struct LocalModel {
    id: String,
    folder: PathBuf,
    facts: LanguageModelFacts,
    engine: Arc<Engine>,
}

impl LanguageModel for LocalModel {
    fn model(&self) -> &str {
        &self.id
    }

    fn context_tokens(&self) -> usize {
        self.facts.context_tokens
    }

    fn takes_drafts(&self) -> bool {
        true
    }

    fn generate(&self, request: GenerationRequest, cancellation: Cancellation) -> BoxStream<'_, Result<ModelEvent>> {
        self.engine.generate(self.folder.clone(), request, cancellation)
    }
}
