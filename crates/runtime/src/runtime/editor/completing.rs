//! How code is completed on this host, by its settings.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError, RwLock};

use serde_json::Value;

use super::context;
use crate::Setting;

/// The settings of completion.
const MODEL: &str = "completion.model";
const TOKENS: &str = "completion.context-tokens";
const SHOWN: &str = "completion.context";

/// What holds where the settings do not say.
const USUAL_TOKENS: usize = 1024;
const USUALLY_SHOWN: [&str; 4] = [context::EDITED, context::OPEN, context::DEFINITIONS, context::DIAGNOSTICS];

/// How code is completed on this host.
#[derive(Default)]
pub(crate) struct Completing {
    settings: RwLock<CompletionSettings>,
    /// Models that were found to know no gaps.
    unable: Mutex<HashSet<String>>,
    /// How often the settings were taken over.
    changes: AtomicU64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CompletionSettings {
    /// None: counts alone.
    pub(super) model: Option<String>,
    pub(super) tokens: usize,
    pub(super) shown: Vec<String>,
}

impl Completing {
    /// Takes the settings over.
    pub(crate) fn take(&self, settings: &[Setting]) {
        let named = |key: &str| settings.iter().find(|setting| setting.key == key).map(|setting| &setting.value);
        let model = named(MODEL).and_then(Value::as_str).filter(|model| !model.is_empty());
        let tokens = named(TOKENS).and_then(Value::as_u64).and_then(|tokens| usize::try_from(tokens).ok());
        let shown = match named(SHOWN).and_then(Value::as_array) {
            Some(shown) => shown.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
            None => USUALLY_SHOWN.map(str::to_owned).to_vec(),
        };
        let taken =
            CompletionSettings { model: model.map(str::to_owned), tokens: tokens.unwrap_or(USUAL_TOKENS), shown };
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = taken;
        self.changes.fetch_add(1, Ordering::Relaxed);
    }

    pub(super) fn settings(&self) -> CompletionSettings {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What counts for what is typed beside the file.
    pub(crate) fn shown(&self) -> Vec<String> {
        self.settings.read().unwrap_or_else(PoisonError::into_inner).shown.clone()
    }

    /// How often the settings have changed.
    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// The model that is to go on, by its name.
    pub(super) fn model(&self) -> Option<String> {
        self.settings().model
    }

    pub(super) fn is_unable(&self, model: &str) -> bool {
        self.unable.lock().unwrap_or_else(PoisonError::into_inner).contains(model)
    }

    pub(super) fn note_unable(&self, model: &str) {
        self.unable.lock().unwrap_or_else(PoisonError::into_inner).insert(model.to_owned());
    }
}
