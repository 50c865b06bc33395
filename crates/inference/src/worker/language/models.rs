//! The language models in memory, and the memory that they share.

mod loading;

use std::hash::{BuildHasher as _, RandomState};
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::Cancellation;
use ambit_domain::port::GenerationPriority;

use self::loading::{Identity, LoadingModel, Message, load};
use super::super::queue::Writing;
use crate::decoder::{Age, Need, PageName, Room, Shelf, Told};
use crate::language::{LanguageModel, Wanted};
use crate::memory::MemoryBudget;
use crate::wire::{ModelMemory, ModelState};
use crate::{DeviceChoice, Error, Result};

/// Memory for the texts of all models where the system does not tell what is free, and at least for those of each, but for a
/// small limit.
const UNKNOWN_MEMORY: u64 = 2 << 30;
const LEAST_MEMORY: u64 = 64 << 20;
/// How long nothing else is looked at while nothing is done but that a model is loaded.
const LOADING_STEP: Duration = Duration::from_millis(5);

/// The language models in memory, the one that was used last at the end.
pub(super) struct LoadedModels {
    models: Vec<Loaded>,
    /// The one that is being loaded, while the others write on.
    loading: Option<LoadingModel>,
    /// Texts that wait for a model to be loaded, those that wait for memory that others still use, and those that must not go
    /// before these.
    waiting: Vec<Waiting>,
    /// Whether memory has come free that texts wait for, or nobody waits for it any more.
    has_changed: bool,
    budget: MemoryBudget,
    options: ModelOptions,
}

/// How all models are to run.
#[derive(Clone)]
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
    identity: Identity,
    model: LanguageModel,
    /// Whether there are other files in its folder by now: it ends what it writes, and begins nothing.
    is_replaced: bool,
    /// Bytes of its weights, wherever they are, and those of what it takes of the CPU's memory beside its texts. Both are the
    /// same for as long as it is loaded, and take a look at all its tensors to find out.
    weights: u64,
    fixed: u64,
}

impl Loaded {
    fn new(identity: Identity, model: LanguageModel) -> Self {
        let (weights, fixed) = (model.weights(), model.bytes());
        Self { identity, model, is_replaced: false, weights, fixed }
    }

    /// Bytes of the CPU's memory that come free when it goes.
    fn bytes(&self) -> u64 {
        self.fixed.saturating_add(self.model.memory().0 as u64)
    }
}

struct Waiting {
    writing: Writing,
    /// The memory that it waits for; none where it waits for its turn or its model.
    memory: Option<Memory>,
    /// Whether it was not tried, since another model was being loaded.
    is_untried: bool,
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
    /// It cannot be told before the model is there that is being loaded.
    Untried,
}

impl LoadedModels {
    pub(super) fn new(options: ModelOptions, budget: MemoryBudget) -> Self {
        Self { models: Vec::new(), loading: None, waiting: Vec::new(), has_changed: false, budget, options }
    }

    pub(super) fn is_idle(&self) -> bool {
        self.waiting.is_empty() && self.loading.is_none() && self.models.iter().all(|loaded| loaded.model.is_idle())
    }

    /// What each model holds, the one that is being loaded at the end.
    pub(super) fn memory(&self) -> Vec<ModelMemory> {
        let loaded = self.models.iter().map(|loaded| {
            let (model, folder) = (&loaded.model, loaded.identity.folder.clone());
            let is_on_gpu = model.is_on_gpu();
            let texts = if is_on_gpu { model.texts_on_gpu() } else { model.memory().0 as u64 };
            let state = if model.is_idle() { ModelState::Resting } else { ModelState::Working };
            ModelMemory { folder, state, is_on_gpu, weights: loaded.weights, texts }
        });
        let loading = self.loading.iter().map(|loading| ModelMemory {
            folder: loading.identity.folder.clone(),
            state: ModelState::Loading,
            is_on_gpu: false,
            weights: loading.promised,
            texts: 0,
        });
        loaded.chain(loading).collect()
    }

    /// Lets go of what was read before everything was forgotten.
    pub(super) fn forget(&mut self) {
        self.models.iter_mut().for_each(|loaded| loaded.model.forget());
    }

    /// Gives a text to its model. Where that is not in memory, the text waits until it is.
    pub(super) fn admit(&mut self, writing: Writing, tell: &mut dyn FnMut(Told)) {
        self.admit_after(writing, None, tell);
    }

    /// The same for a text that has waited for memory, if for any.
    fn admit_after(&mut self, writing: Writing, waited: Option<Memory>, tell: &mut dyn FnMut(Told)) {
        if writing.cancellation.is_cancelled() {
            return tell(Told::Ended { id: writing.id, result: Err(Error::Cancelled) });
        }
        match self.find(&writing, waited) {
            Ok(Found::Model) => self.give(writing, tell),
            Ok(Found::Waits(memory)) => self.waiting.push(Waiting { writing, memory, is_untried: false }),
            // Nobody else goes before it for that.
            Ok(Found::Untried) => self.waiting.push(Waiting { writing, memory: waited, is_untried: true }),
            Err(error) => tell(Told::Ended { id: writing.id, result: Err(error) }),
        }
    }

    /// Gives a text to the model that was used last.
    fn give(&mut self, writing: Writing, tell: &mut dyn FnMut(Told)) {
        let Some(loaded) = self.models.last_mut() else { return };
        let Writing { id, folder: _, device: _, prompt, sampling, priority, tools, draft, now, cancellation } = writing;
        // A model that is told a wrong date answers all the same.
        let now = now.parse().unwrap_or_default();
        // As random as the standard library is.
        let seed = RandomState::new().hash_one(id);
        loaded.model.admit(Wanted { id, prompt, sampling, seed, priority, tools, draft, cancellation, now }, tell);
    }

    /// One pass of the model that is waited for most urgently. `goes_on` tells whether a text of a priority may still be
    /// written.
    pub(super) fn step(&mut self, goes_on: &dyn Fn(GenerationPriority) -> bool, tell: &mut dyn FnMut(Told)) {
        let is_filling_gpu = self.loading.as_ref().is_some_and(LoadingModel::may_fill_gpu);
        let is_busy =
            self.models.iter().any(|loaded| !(loaded.model.is_idle() || is_filling_gpu && loaded.model.is_on_gpu()));
        self.look_at_loading(if is_busy { Duration::ZERO } else { LOADING_STEP }, tell);
        let is_filling_gpu = self.loading.as_ref().is_some_and(LoadingModel::may_fill_gpu);
        // What a GPU does while its memory is filled may fail for want of memory, which looks like a lost device.
        let rests = |loaded: &Loaded| is_filling_gpu && loaded.model.is_on_gpu();
        self.models.iter_mut().filter(|loaded| rests(loaded)).for_each(|loaded| loaded.model.rest(tell));
        let busy = self.models.iter_mut().enumerate().filter(|(_, loaded)| !loaded.model.is_idle() && !rests(loaded));
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
        self.has_changed |= self.waiting.len() < before;
        self.give_up_loading();
        // Who is alone need not wait, but for a model that is on its way.
        self.has_changed |= self.loading.is_none() && self.models.iter().all(|loaded| loaded.model.is_idle());
        if std::mem::take(&mut self.has_changed) {
            let before = self.models.len();
            self.models.retain(|loaded| !(loaded.is_replaced && loaded.model.is_idle()));
            if self.models.len() < before {
                self.share_memory();
            }
            self.admit_again(|_| true, tell);
        }
    }

    /// Tries once more with some of those who wait.
    fn admit_again(&mut self, which: impl Fn(&Waiting) -> bool, tell: &mut dyn FnMut(Told)) {
        let (mut again, waiting): (Vec<_>, Vec<_>) = std::mem::take(&mut self.waiting).into_iter().partition(which);
        self.waiting = waiting;
        again.sort_by_key(|waiting| waiting.writing.priority);
        again.into_iter().for_each(|waiting| self.admit_after(waiting.writing, waiting.memory, tell));
    }

    /// The model that a text is for, at the end of the list.
    fn find(&mut self, writing: &Writing, waited: Option<Memory>) -> Result<Found> {
        let files = PageName::root(&writing.folder).ok();
        for loaded in self.models.iter_mut().filter(|loaded| loaded.identity.folder == writing.folder) {
            loaded.is_replaced |= loaded.identity.files != files;
        }
        // One whose device has failed is loaded anew.
        self.models.retain(|loaded| {
            let is_of_use = !loaded.is_replaced && !loaded.model.has_failed();
            is_of_use || !loaded.model.is_idle()
        });
        let identity = Identity { folder: writing.folder.clone(), files, device: writing.device };
        let Some(place) = self.models.iter().position(|loaded| loaded.identity == identity) else {
            let is_later = identity.device != DeviceChoice::Cpu && self.is_waited_for(Memory::Gpu, writing.priority);
            if self.loading.is_some() {
                return Ok(Found::Untried);
            }
            if !is_later {
                let first = (writing.id, writing.priority);
                self.loading = Some(LoadingModel::begin(identity, first, waited, &self.options)?);
            }
            return Ok(Found::Waits(None));
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

    /// Whether a text that is as urgent waits for memory that others have, or tries once more whether it can have it.
    fn is_waited_for(&self, memory: Memory, priority: GenerationPriority) -> bool {
        let waits = |waiting: &Waiting| waiting.memory == Some(memory) && waiting.writing.priority <= priority;
        let tries = |loading: &LoadingModel| loading.missing == Some(memory) && loading.priority <= priority;
        self.waiting.iter().any(waits) || self.loading.as_ref().is_some_and(tries)
    }

    /// Answers the thread that loads a model, or takes the model from it, waiting for so long at most.
    fn look_at_loading(&mut self, wait: Duration, tell: &mut dyn FnMut(Told)) {
        let Some(loading) = &self.loading else { return };
        let priority = loading.priority;
        match loading.next(wait) {
            None => {}
            Some(Message::Needs(need, answer)) => {
                let memory = if need == Need::Gpu { Memory::Gpu } else { Memory::Cpu };
                // It does not wait for itself, and may ask twice.
                let missed = self.loading.as_mut().and_then(|loading| {
                    loading.promised = 0;
                    loading.missing.take()
                });
                let room = if self.is_loading_wanted() { self.room_for(need, priority) } else { Room::Later };
                match (&mut self.loading, need) {
                    (Some(loading), _) if room == Room::Later => loading.missing = Some(memory),
                    (Some(loading), Need::Cpu(needed)) if room == Room::Made => {
                        loading.promised = needed;
                        // Texts that come meanwhile may not take it.
                        self.share_memory();
                    }
                    _ => {}
                }
                // Those who waited for it to be tried may go on.
                self.has_changed |= missed.is_some() && room != Room::Later;
                // A thread that is gone says so next time.
                answer.send(room).ok();
            }
            Some(Message::Loaded(loaded)) => self.take_loaded(*loaded, tell),
        }
    }

    /// Whether anybody waits for the model that is being loaded.
    fn is_loading_wanted(&self) -> bool {
        self.loading.as_ref().is_some_and(|loading| self.waiting.iter().any(|waiting| loading.is_for(&waiting.writing)))
    }

    /// Gives up a model that nobody waits for any more, where others wait for another. Otherwise it may be wanted again
    /// soon: who types gives up a completion with each key.
    fn give_up_loading(&self) {
        if let Some(loading) = self.loading.as_ref().filter(|_| !self.waiting.is_empty() && !self.is_loading_wanted()) {
            loading.give_up();
        }
    }

    fn take_loaded(&mut self, loaded: Result<Option<LanguageModel>>, tell: &mut dyn FnMut(Told)) {
        let Some(loading) = self.loading.take() else { return };
        let first = self.waiting.iter().position(|waiting| waiting.writing.id == loading.id);
        let is_later = matches!(loaded, Ok(None));
        let missing = loading.missing;
        let identity = loading.end();
        match (loaded, first) {
            (Ok(Some(model)), first) => {
                self.models.push(Loaded::new(identity, model));
                self.share_memory();
                // Though its files may have changed meanwhile, or it would never be written where they change all the time.
                if let Some(first) = first {
                    let writing = self.waiting.remove(first).writing;
                    self.give(writing, tell);
                }
            }
            (Ok(None), Some(first)) => self.waiting[first].memory = missing,
            (Err(error), Some(first)) => {
                let id = self.waiting.remove(first).writing.id;
                tell(Told::Ended { id, result: Err(error) });
            }
            (Ok(None) | Err(_), None) => {}
        }
        self.share_memory();
        // Who has just been refused memory need not try before some has come free.
        self.admit_again(|waiting| !is_later || waiting.memory.is_none() || waiting.is_untried, tell);
    }

    /// Room for a model that a text of some priority is for.
    fn room_for(&mut self, need: Need, priority: GenerationPriority) -> Room {
        let Need::Cpu(needed) = need else { return make_room(&mut self.models, &self.budget, need) };
        if self.is_waited_for(Memory::Cpu, priority) {
            return Room::Later;
        }
        // What another load was promised is not free.
        let promised = self.loading.as_ref().map_or(0, |loading| loading.promised);
        make_room(&mut self.models, &self.budget, Need::Cpu(needed.saturating_add(promised)))
    }

    /// Loads a model anew whose device has failed, and goes on with its texts. Nothing else is done meanwhile.
    fn renew(&mut self, place: usize, tell: &mut dyn FnMut(Told)) {
        let Loaded { identity, model, is_replaced, .. } = self.models.remove(place);
        let texts = model.interrupt();
        let loaded = if is_replaced || PageName::root(&identity.folder).ok() != identity.files {
            Err(Error::device("it was lost, and the model has been replaced since the text was asked for"))
        } else {
            let options = self.options.clone();
            let mut room_for = |need| self.room_for(need, GenerationPriority::Completion);
            load(&identity, &options, Cancellation::new(), &mut room_for)
        };
        match loaded {
            Ok(Some(mut model)) => {
                model.resume(texts, tell);
                self.models.push(Loaded::new(identity, model));
            }
            Err(error) => texts.fail(&format!("it was lost, and cannot be used again: {error}"), tell),
            Ok(None) => texts.fail("it was lost, and other models use the memory that is needed", tell),
        }
        self.share_memory();
        // What it had may be what others wait for.
        self.has_changed = true;
    }

    /// Shares the memory out that models on the CPU have for their texts, but for what is promised to weights.
    fn share_memory(&mut self) {
        let promised = self.loading.as_ref().map_or(0, |loading| loading.promised);
        let left = self.budget.left(held_by(&self.models));
        let on_cpu = self.models.iter_mut().filter(|loaded| !loaded.model.is_on_gpu());
        let mut on_cpu: Vec<&mut Loaded> = on_cpu.collect();
        let held: u64 = on_cpu.iter().map(|loaded| loaded.model.memory().0 as u64).sum();
        let free = left.map(|left| left.saturating_sub(promised));
        let least = self.budget.limit().map_or(LEAST_MEMORY, |limit| LEAST_MEMORY.min(limit / 4));
        let each = share(free, held, on_cpu.len(), least);
        on_cpu.iter_mut().for_each(|loaded| loaded.model.set_memory(each));
    }
}

/// Bytes of the CPU's memory that models hold.
fn held_by(models: &[Loaded]) -> u64 {
    models.iter().map(Loaded::bytes).sum()
}

/// Bytes for the texts of each of so many models: half of what is free and of what texts hold already, to all alike. The rest is
/// for weights and for other programs. Each has `least`.
fn share(free: Option<u64>, held: u64, models: usize, least: u64) -> usize {
    let all = free.map_or(UNKNOWN_MEMORY, |free| free.saturating_add(held) / 2);
    let each = (all / models.max(1) as u64).max(least);
    usize::try_from(each).unwrap_or(usize::MAX)
}

/// Makes room in memory by dropping models that have nothing to write, those first that were not used for the longest time.
/// None is dropped in vain.
fn make_room(models: &mut Vec<Loaded>, budget: &MemoryBudget, need: Need) -> Room {
    let is_gpu = need == Need::Gpu;
    loop {
        let mut left = 0;
        if let Need::Cpu(needed) = need {
            let Some(free) = budget.left(held_by(models)) else { return Room::Made };
            // What texts were promised is not free.
            let promised: u64 = models.iter().map(|loaded| loaded.model.memory().1 as u64).sum();
            left = free.saturating_sub(promised);
            if left >= needed {
                return Room::Made;
            }
            let idle = |loaded: &&Loaded| loaded.model.is_idle();
            let by_idle: u64 = models.iter().filter(idle).map(Loaded::bytes).sum();
            let by_all = held_by(models);
            if left.saturating_add(by_idle) < needed {
                let comes_free = free.saturating_add(by_all) >= needed;
                return if comes_free { Room::Later } else { Room::Refused { free: left } };
            }
        }
        // Those that have the memory in question first; others may share it.
        let idle = models.iter().enumerate().filter(|(_, loaded)| loaded.model.is_idle());
        let Some((place, _)) = idle.min_by_key(|(place, loaded)| (loaded.model.is_on_gpu() != is_gpu, *place)) else {
            let is_used = models.iter().any(|loaded| loaded.model.is_on_gpu() == is_gpu);
            return if is_used { Room::Later } else { Room::Refused { free: left } };
        };
        let dropped = models.remove(place);
        tracing::info!(model = %dropped.identity.folder.display(), "a language model leaves the memory for another one");
        if is_gpu {
            return Room::Made;
        }
    }
}

#[cfg(test)]
mod tests;
