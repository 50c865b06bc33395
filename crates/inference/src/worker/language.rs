//! The lane that writes texts.

use std::hash::{BuildHasher as _, RandomState};
use std::io::Write;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::Worker;
use super::queue::Writing;
use crate::decoder::{Processor, Shelf, Told};
use crate::language::{LanguageModel, LanguageModelFacts, Loading, Wanted};
use crate::memory::free_memory;
use crate::wire::Response;
use crate::{DeviceChoice, Error, Result, device};

/// Memory for the texts of a model where the system does not tell what is free, and at least.
const UNKNOWN_MEMORY: u64 = 2 << 30;
const LEAST_MEMORY: u64 = 64 << 20;

/// The language models in memory, the one that was used last at the end.
pub(super) struct LoadedModels {
    models: Vec<(PathBuf, LanguageModel)>,
    threads: NonZeroUsize,
    guesses: bool,
    spare_memory: Option<fn()>,
    /// What they have read, on disk.
    shelf: Option<Arc<Shelf>>,
    /// Texts of models that wait for memory that others still use.
    waiting: Vec<Writing>,
}

impl<W: Write + Send> Worker<'_, W> {
    /// Writes texts until the queue is closed.
    pub(super) fn write_all(&self) -> Result<()> {
        let threads = self.options.threads.or_else(|| std::thread::available_parallelism().ok());
        let threads = threads.unwrap_or(NonZeroUsize::MIN);
        let mut models = LoadedModels {
            models: Vec::new(),
            threads,
            guesses: self.options.guesses,
            spare_memory: self.options.spare_memory,
            shelf: self.shelf.clone(),
            waiting: Vec::new(),
        };
        while let Some(first) = self.queue.next_writing(true) {
            // Nobody waits for what is embedded in the background.
            let encoder = self.queue.encoder();
            let _pass = encoder.as_ref().map(|encoder| encoder.hold_background());
            let mut failed = None;
            let mut tell = |told: Told| {
                if let Err(error) = self.tell(told) {
                    failed.get_or_insert(error);
                }
            };
            models.admit(first, &mut tell);
            while !models.is_idle() && !self.queue.is_closed() {
                while let Some(writing) = self.queue.next_writing(false) {
                    models.admit(writing, &mut tell);
                }
                models.step(self, &mut tell);
            }
            if let Some(error) = failed {
                return Err(error);
            }
        }
        Ok(())
    }

    fn tell(&self, told: Told) -> Result<()> {
        match told {
            Told::Text { id, text } => self.answer(&Response::Written { id, text }),
            Told::Token { id, token } => self.answer(&Response::Token { id, token }),
            Told::Called { id, call } => self.answer(&Response::Called { id, call }),
            Told::Ended { id, result } => {
                self.queue.written(id);
                let count = |tokens: usize| u32::try_from(tokens).unwrap_or(u32::MAX);
                self.answer(&match result {
                    Ok(ending) => Response::Generated {
                        id,
                        reason: ending.reason,
                        prompt_tokens: count(ending.read),
                        completion_tokens: count(ending.written),
                        known_tokens: count(ending.known),
                        guessed_tokens: count(ending.guessed),
                        agreed_tokens: count(ending.agreed),
                    },
                    Err(error) => Response::failed(Some(id), &error),
                })
            }
        }
    }
}

impl LoadedModels {
    fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.models.iter().all(|(_, model)| model.is_idle())
    }

    /// Gives a text to its model, which is loaded when it is not yet.
    fn admit(&mut self, writing: Writing, tell: &mut dyn FnMut(Told)) {
        if writing.cancellation.is_cancelled() {
            return tell(Told::Ended { id: writing.id, result: Err(Error::Cancelled) });
        }
        match self.model(&writing.folder, writing.device) {
            Ok(Some(model)) => {
                let Writing { id, folder: _, device: _, prompt, sampling, priority, tools, now, cancellation } =
                    writing;
                // A model that is told a wrong date answers all the same.
                let now = now.parse().unwrap_or_default();
                // As random as the standard library is.
                let seed = RandomState::new().hash_one(id);
                model.admit(Wanted { id, prompt, sampling, seed, priority, tools, cancellation, now }, tell);
            }
            Ok(None) => self.waiting.push(writing),
            Err(error) => tell(Told::Ended { id: writing.id, result: Err(error) }),
        }
    }

    /// One pass of the model that is waited for most urgently.
    fn step<W: Write + Send>(&mut self, worker: &Worker<'_, W>, tell: &mut dyn FnMut(Told)) {
        let urgent = self.models.iter_mut().filter(|(_, model)| !model.is_idle());
        if let Some((_, model)) = urgent.min_by_key(|(_, model)| model.priority()) {
            let priority = model.priority().unwrap_or_default();
            let goes_on = || !worker.queue.is_closed() && !worker.queue.is_waiting_before(priority);
            model.step(&goes_on, tell);
        }
        // Memory comes free when a model has nothing to write any more.
        if self.models.iter().any(|(_, model)| model.is_idle()) {
            for writing in std::mem::take(&mut self.waiting) {
                self.admit(writing, tell);
            }
        }
    }

    /// The model of a folder. None while others use the memory that it needs.
    fn model(&mut self, folder: &Path, device: DeviceChoice) -> Result<Option<&mut LanguageModel>> {
        // One whose device has failed is loaded anew.
        self.models.retain(|(_, model)| !(model.is_idle() && model.has_failed()));
        if let Some(place) = self.models.iter().position(|(loaded, _)| loaded == folder) {
            let last = self.models.remove(place);
            self.models.push(last);
        } else {
            // What a GPU has takes no memory of the processor's.
            let is_for_gpu = device::adapter(device)?.is_some();
            let needed = if is_for_gpu { 0 } else { LanguageModelFacts::read(folder)?.bytes };
            while let Some(free) = free_memory().filter(|free| *free < needed) {
                let Some(place) = self.models.iter().position(|(_, model)| model.is_idle()) else {
                    if self.models.is_empty() {
                        return Err(Error::NoMemory { needed, free });
                    }
                    return Ok(None);
                };
                let (path, _) = self.models.remove(place);
                tracing::info!(model = %path.display(), "a language model leaves the memory for another one");
            }
            // Half of what is left is for the texts; the rest for other models and programs.
            let left = free_memory().map_or(UNKNOWN_MEMORY, |free| free.saturating_sub(needed) / 2);
            let memory = usize::try_from(left.max(LEAST_MEMORY)).unwrap_or(usize::MAX);
            let processor = Processor { device, threads: self.threads };
            let loading = Loading {
                processor,
                memory,
                guesses: self.guesses,
                shelf: self.shelf.as_ref(),
                spare_memory: self.spare_memory,
            };
            let model = LanguageModel::load(folder, loading)?;
            self.models.push((folder.to_path_buf(), model));
        }
        Ok(self.models.last_mut().map(|(_, model)| model))
    }
}
