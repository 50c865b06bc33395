//! The language models in memory, and the memory that they share.

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::port::GenerationPriority;

use super::super::queue::Writing;
use crate::decoder::{Age, Need, PageName, Processor, Room, Shelf, Told};
use crate::language::{LanguageModel, Loading, Wanted};
use crate::{DeviceChoice, Error, Result};

/// Memory for the texts of all models where the system does not tell what is free, and at least for those of each.
const UNKNOWN_MEMORY: u64 = 2 << 30;
const LEAST_MEMORY: u64 = 64 << 20;

/// Tells how many bytes of memory are free, where that is known.
pub(super) type FreeMemory = Box<dyn Fn() -> Option<u64>>;

/// The language models in memory, the one that was used last at the end.
pub(super) struct LoadedModels {
    models: Vec<Loaded>,
    /// Texts that wait for memory that others still use, and those that must not go before them.
    waiting: Vec<Waiting>,
    /// Whether memory has come free that texts wait for, or nobody waits for it any more.
    has_changed: bool,
    free: FreeMemory,
    options: ModelOptions,
}

/// How all models are to run.
pub(super) struct ModelOptions {
    /// Of the CPU.
    pub(super) threads: NonZeroUsize,
    /// Whether they guess tokens ahead.
    pub(super) guesses: bool,
    /// Gives memory back that the process can do without.
    pub(super) spare_memory: Option<fn()>,
    /// What they have read, on disk.
    pub(super) shelf: Option<Arc<Shelf>>,
    /// How often that was forgotten.
    pub(super) forgotten: Age,
}

/// A model in memory.
struct Loaded {
    folder: PathBuf,
    /// What its files are told from others by, where they can be.
    files: Option<PageName>,
    device: DeviceChoice,
    model: LanguageModel,
    /// Whether there are other files in its folder by now: it ends what it writes, and begins nothing.
    is_replaced: bool,
}

struct Waiting {
    writing: Writing,
    /// The memory that it waits for; none where it waits for its turn.
    memory: Option<Memory>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Memory {
    Gpu,
    Cpu,
}

/// Where a text can be written.
enum Found {
    /// By the model that was used last.
    Model,
    Waits(Option<Memory>),
}

impl LoadedModels {
    pub(super) fn new(options: ModelOptions, free: FreeMemory) -> Self {
        Self { models: Vec::new(), waiting: Vec::new(), has_changed: false, free, options }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.models.iter().all(|loaded| loaded.model.is_idle())
    }

    /// Lets go of what was read before everything was forgotten.
    pub(super) fn forget(&mut self) {
        self.models.iter_mut().for_each(|loaded| loaded.model.forget());
    }

    /// Gives a text to its model, which is loaded when it is not yet.
    pub(super) fn admit(&mut self, writing: Writing, tell: &mut dyn FnMut(Told)) {
        if writing.cancellation.is_cancelled() {
            return tell(Told::Ended { id: writing.id, result: Err(Error::Cancelled) });
        }
        match self.find(&writing) {
            Ok(Found::Model) => {
                let Some(loaded) = self.models.last_mut() else { return };
                let Writing { id, folder: _, device: _, prompt, sampling, priority, tools, now, cancellation } =
                    writing;
                // A model that is told a wrong date answers all the same.
                let now = now.parse().unwrap_or_default();
                // As random as the standard library is.
                let seed = RandomState::new().hash_one(id);
                loaded.model.admit(Wanted { id, prompt, sampling, seed, priority, tools, cancellation, now }, tell);
            }
            Ok(Found::Waits(memory)) => self.waiting.push(Waiting { writing, memory }),
            Err(error) => tell(Told::Ended { id: writing.id, result: Err(error) }),
        }
    }

    /// One pass of the model that is waited for most urgently. `goes_on` tells whether a text of a priority may still be
    /// written.
    pub(super) fn step(&mut self, goes_on: &dyn Fn(GenerationPriority) -> bool, tell: &mut dyn FnMut(Told)) {
        let busy = self.models.iter_mut().enumerate().filter(|(_, loaded)| !loaded.model.is_idle());
        if let Some((place, loaded)) = busy.min_by_key(|(_, loaded)| loaded.model.priority()) {
            let priority = loaded.model.priority().unwrap_or_default();
            loaded.model.step(&|| goes_on(priority), tell);
            // Memory comes free when a model has nothing to write any more.
            self.has_changed |= loaded.model.is_idle();
            if loaded.model.has_failed() && !loaded.model.is_idle() {
                self.renew(place, tell);
            }
        }
        let before = self.waiting.len();
        self.waiting.retain(|Waiting { writing, .. }| {
            let is_cancelled = writing.cancellation.is_cancelled();
            if is_cancelled {
                tell(Told::Ended { id: writing.id, result: Err(Error::Cancelled) });
            }
            !is_cancelled
        });
        self.has_changed |= self.waiting.len() < before || self.models.iter().all(|loaded| loaded.model.is_idle());
        if std::mem::take(&mut self.has_changed) {
            let before = self.models.len();
            self.models.retain(|loaded| !(loaded.is_replaced && loaded.model.is_idle()));
            if self.models.len() < before {
                self.share_memory();
            }
            let mut waiting = std::mem::take(&mut self.waiting);
            waiting.sort_by_key(|waiting| waiting.writing.priority);
            waiting.into_iter().for_each(|waiting| self.admit(waiting.writing, tell));
        }
    }

    /// The model that a text is for, at the end of the list.
    fn find(&mut self, writing: &Writing) -> Result<Found> {
        let files = PageName::root(&writing.folder).ok();
        for loaded in self.models.iter_mut().filter(|loaded| loaded.folder == writing.folder) {
            loaded.is_replaced |= loaded.files != files;
        }
        // One whose device has failed is loaded anew.
        self.models.retain(|loaded| {
            let is_of_use = !loaded.is_replaced && !loaded.model.has_failed();
            is_of_use || !loaded.model.is_idle()
        });
        let is_meant = |loaded: &Loaded| {
            loaded.folder == writing.folder && loaded.files == files && loaded.device == writing.device
        };
        let Some(place) = self.models.iter().position(is_meant) else {
            if writing.device != DeviceChoice::Cpu && self.is_waited_for(Memory::Gpu, writing.priority) {
                return Ok(Found::Waits(None));
            }
            return self.load(&writing.folder, files, writing.device, writing.priority);
        };
        let memory = if self.models[place].model.is_on_gpu() { Memory::Gpu } else { Memory::Cpu };
        // It would never come free if it went on and on.
        if self.is_waited_for(memory, writing.priority) {
            return Ok(Found::Waits(None));
        }
        let last = self.models.remove(place);
        self.models.push(last);
        Ok(Found::Model)
    }

    /// Whether a text that is as urgent waits for memory that others have.
    fn is_waited_for(&self, memory: Memory, priority: GenerationPriority) -> bool {
        self.waiting.iter().any(|waiting| waiting.memory == Some(memory) && waiting.writing.priority <= priority)
    }

    fn load(
        &mut self,
        folder: &Path,
        files: Option<PageName>,
        device: DeviceChoice,
        priority: GenerationPriority,
    ) -> Result<Found> {
        let loading = Loading {
            processor: Processor { device, threads: self.options.threads },
            files,
            guesses: self.options.guesses,
            forgotten: self.options.forgotten.clone(),
            shelf: self.options.shelf.as_ref(),
            spare_memory: self.options.spare_memory,
        };
        let is_waited_for = self.is_waited_for(Memory::Cpu, priority);
        let (models, free, mut missing) = (&mut self.models, &self.free, None);
        let mut room_for = |need: Need| {
            let room = match need {
                Need::Cpu(_) if is_waited_for => Room::Later,
                need => make_room(models, free, need),
            };
            if room == Room::Later {
                missing = Some(if need == Need::Gpu { Memory::Gpu } else { Memory::Cpu });
            }
            room
        };
        let loaded = LanguageModel::load(folder, loading, &mut room_for);
        let found = loaded.map(|model| match model {
            Some(model) => {
                let folder = folder.to_path_buf();
                self.models.push(Loaded { folder, files, device, model, is_replaced: false });
                Found::Model
            }
            None => Found::Waits(missing),
        });
        self.share_memory();
        found
    }

    /// Loads a model anew whose device has failed, and goes on with its texts.
    fn renew(&mut self, place: usize, tell: &mut dyn FnMut(Told)) {
        let Loaded { folder, files, device, model, is_replaced } = self.models.remove(place);
        let texts = model.interrupt();
        let loaded = if is_replaced || PageName::root(&folder).ok() != files {
            Err(Error::device("it was lost, and the model has been replaced since the text was asked for"))
        } else {
            self.load(&folder, files, device, GenerationPriority::Completion)
        };
        match (loaded, self.models.last_mut()) {
            (Ok(Found::Model), Some(loaded)) => {
                loaded.model.resume(texts, tell);
            }
            (Err(error), _) => texts.fail(&format!("it was lost, and cannot be used again: {error}"), tell),
            (Ok(_), _) => texts.fail("it was lost, and other models use the memory that is needed", tell),
        }
        // What it had may be what others wait for.
        self.has_changed = true;
    }

    /// Shares the memory out that models on the CPU have for their texts.
    fn share_memory(&mut self) {
        let on_cpu = self.models.iter_mut().filter(|loaded| !loaded.model.is_on_gpu());
        let mut on_cpu: Vec<&mut Loaded> = on_cpu.collect();
        let held: u64 = on_cpu.iter().map(|loaded| loaded.model.memory().0 as u64).sum();
        let each = share((self.free)(), held, on_cpu.len());
        on_cpu.iter_mut().for_each(|loaded| loaded.model.set_memory(each));
    }
}

/// Bytes for the texts of each of so many models: half of what is free and of what texts hold already, to all alike. The rest is
/// for weights and for other programs.
fn share(free: Option<u64>, held: u64, models: usize) -> usize {
    let all = free.map_or(UNKNOWN_MEMORY, |free| free.saturating_add(held) / 2);
    let each = (all / models.max(1) as u64).max(LEAST_MEMORY);
    usize::try_from(each).unwrap_or(usize::MAX)
}

/// Makes room in memory by dropping models that have nothing to write, those first that were not used for the longest time.
fn make_room(models: &mut Vec<Loaded>, free: &FreeMemory, need: Need) -> Room {
    let is_gpu = need == Need::Gpu;
    loop {
        let mut left = 0;
        if let Need::Cpu(needed) = need {
            let Some(free) = free() else { return Room::Made };
            // What texts were promised is not free.
            let promised: u64 = models.iter().map(|loaded| loaded.model.memory().1 as u64).sum();
            left = free.saturating_sub(promised);
            if left >= needed {
                return Room::Made;
            }
        }
        // Those that have the memory in question first; others may share it.
        let idle = models.iter().enumerate().filter(|(_, loaded)| loaded.model.is_idle());
        let Some((place, _)) = idle.min_by_key(|(place, loaded)| (loaded.model.is_on_gpu() != is_gpu, *place)) else {
            let is_used = models.iter().any(|loaded| loaded.model.is_on_gpu() == is_gpu);
            return if is_used { Room::Later } else { Room::Refused { free: left } };
        };
        let dropped = models.remove(place);
        tracing::info!(model = %dropped.folder.display(), "a language model leaves the memory for another one");
        if is_gpu {
            return Room::Made;
        }
    }
}

#[cfg(test)]
mod tests;
