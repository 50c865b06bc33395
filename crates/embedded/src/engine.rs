//! The engine worker from the host's side: started when the first text comes, stopped when none came for a while, and
//! started anew when it dies.

mod generation;
mod process;
mod recent;
mod training;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use ambit_domain::port::{EmbedPriority, EmbedPurpose, Embedder, EmbedderState, MemoryPressure, ModelRole};
use ambit_domain::{BoxFuture, Cancellation, Embedding, Error, ErrorCode, Result};
use ambit_inference::wire;
use ambit_inference::{DeviceChoice, WORKER_OVERHEAD, free_memory};
use ambit_runtime::{MemoryUse, ModelInMemory, ModelState};
use futures_util::future::{Either, select};

use crate::encoders::ChosenEncoder;
use crate::memory;
use crate::tokens::LazyTokenCounter;
pub(crate) use generation::remove_prefixes;
use process::{Ended, WorkerProcess};
use recent::RecentQuestions;

/// What an engine is made of.
pub(crate) struct EngineOptions {
    pub(crate) executable: PathBuf,
    pub(crate) encoder: ChosenEncoder,
    pub(crate) models_folder: PathBuf,
    pub(crate) cache_folder: PathBuf,
    /// Bytes on disk for what language models have read; 0: none.
    pub(crate) prefix_bytes: u64,
    /// The most bytes of memory that models may hold; as many as are free when not set.
    pub(crate) memory: Option<u64>,
    pub(crate) device: DeviceChoice,
    pub(crate) threads: usize,
    pub(crate) idle: Duration,
    /// Tells how scarce memory is.
    pub(crate) pressure: fn() -> MemoryPressure,
    pub(crate) tokens: Arc<LazyTokenCounter>,
}

/// After a start that failed, the next one waits this long, so that a worker that cannot live does not eat the machine.
const RESTART_PAUSE: Duration = Duration::from_secs(5);
/// So long nothing is asked of a worker before it leaves where memory is short.
const IDLE_WHEN_SHORT: Duration = Duration::from_secs(5);
/// A text that ends the worker is given this many attempts in all.
const ATTEMPTS: usize = 2;

/// Implements [`Embedder`] through a worker process.
pub(crate) struct Engine {
    options: EngineOptions,
    recent: RecentQuestions,
    slot: Mutex<Slot>,
    changed: Condvar,
}

#[derive(Default)]
struct Slot {
    worker: Option<Arc<WorkerProcess>>,
    /// Whether the worker has loaded the encoder.
    has_encoder: bool,
    device: Option<String>,
    last_used: Option<Instant>,
    failed: Option<(Instant, String)>,
    stopped: bool,
}

impl Engine {
    /// An engine whose worker is not started yet.
    pub(crate) fn start(options: EngineOptions) -> Arc<Self> {
        let engine =
            Arc::new(Self { options, recent: RecentQuestions::new(), slot: Mutex::default(), changed: Condvar::new() });
        let watched = Arc::downgrade(&engine);
        let period = (engine.options.idle / 4).clamp(Duration::from_millis(250), IDLE_WHEN_SHORT);
        let spawned =
            std::thread::Builder::new().name("engine-idle".to_owned()).spawn(move || watch_idle(&watched, period));
        if let Err(error) = spawned {
            tracing::warn!(%error, "the engine worker will not leave when idle");
        }
        engine
    }

    /// Stops the worker for good.
    pub(crate) fn stop(&self) {
        let worker = {
            let mut slot = self.slot();
            slot.stopped = true;
            slot.worker.take()
        };
        self.changed.notify_all();
        if let Some(worker) = worker {
            worker.stop();
        }
    }

    /// How the worker stands, for people.
    pub(crate) fn state(&self) -> String {
        let slot = self.slot();
        match (&slot.worker, &slot.failed) {
            (Some(worker), _) => format!("running (process {})", worker.id()),
            (None, Some((_, reason))) => format!("could not be started: {reason}"),
            (None, None) => "stopped".to_owned(),
        }
    }

    /// What the worker runs on, once it ran.
    pub(crate) fn device(&self) -> Option<String> {
        self.slot().device.clone()
    }

    /// Bytes of memory that models and their worker can have, if those go that are in memory now. `None` where the system does
    /// not tell, and nothing limits them.
    pub(crate) fn available(&self) -> Option<u64> {
        let held = self.running().and_then(|worker| memory::held_by(worker.id())).unwrap_or(0);
        let free = free_memory().map(|free| free.saturating_add(held));
        match (free, self.options.memory) {
            // What the worker takes besides is not limited.
            (free, Some(limit)) => {
                let limit = limit.saturating_sub(self.options.encoder.bytes()).saturating_add(WORKER_OVERHEAD);
                Some(free.map_or(limit, |free| free.min(limit)))
            }
            (free, None) => free,
        }
    }

    /// Who holds what of the memory.
    pub(crate) fn memory(&self) -> MemoryUse {
        let worker = self.running();
        let models = worker.as_ref().map_or_else(Vec::new, |worker| self.models_in(worker));
        MemoryUse {
            limit: self.options.memory,
            free: free_memory(),
            host: memory::held_by(std::process::id()),
            worker: worker.and_then(|worker| memory::held_by(worker.id())),
            models,
        }
    }

    fn models_in(&self, worker: &WorkerProcess) -> Vec<ModelInMemory> {
        let told = worker.memory();
        let encoder = (told.encoder > 0).then(|| ModelInMemory {
            model: self.options.encoder.id.clone(),
            role: ModelRole::Embedding,
            state: if worker.is_embedding() { ModelState::Working } else { ModelState::Resting },
            is_on_gpu: false,
            weights: told.encoder,
            texts: 0,
        });
        let language = told.models.iter().map(|model| ModelInMemory {
            // Models have the names of their folders.
            model: model.folder.file_name().unwrap_or_default().to_string_lossy().into_owned(),
            role: ModelRole::Language,
            state: match model.state {
                wire::ModelState::Loading => ModelState::Loading,
                wire::ModelState::Working => ModelState::Working,
                wire::ModelState::Resting => ModelState::Resting,
            },
            is_on_gpu: model.is_on_gpu,
            weights: model.weights,
            texts: model.texts,
        });
        encoder.into_iter().chain(language).collect()
    }

    fn slot(&self) -> MutexGuard<'_, Slot> {
        self.slot.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The running worker, started when there is none, with the encoder loaded when that is wanted.
    fn worker(&self, with_encoder: bool) -> Result<Arc<WorkerProcess>> {
        let mut slot = self.slot();
        slot.last_used = Some(Instant::now());
        if slot.stopped {
            return Err(Error::new(ErrorCode::Unavailable, "the host is ending"));
        }
        let alive = slot.worker.as_ref().filter(|worker| worker.is_alive()).map(Arc::clone);
        if let Some(worker) = &alive
            && (slot.has_encoder || !with_encoder)
        {
            return Ok(Arc::clone(worker));
        }
        if let Some((when, reason)) = &slot.failed
            && when.elapsed() < RESTART_PAUSE
        {
            return Err(unavailable(reason));
        }
        let ready = match alive {
            Some(worker) => Ok(worker),
            None => WorkerProcess::start(&self.options).map(|worker| {
                tracing::info!(process = worker.id(), "the engine worker is running");
                slot.has_encoder = false;
                let worker = Arc::new(worker);
                slot.worker = Some(Arc::clone(&worker));
                worker
            }),
        };
        let ready = ready.and_then(|worker| {
            if with_encoder {
                slot.device = Some(worker.load_encoder(&self.options)?);
                slot.has_encoder = true;
            }
            Ok(worker)
        });
        slot.failed = None;
        ready.map_err(|error| {
            tracing::warn!(%error, "the engine worker could not be made ready");
            slot.worker = slot.worker.take().filter(|worker| worker.is_alive());
            slot.failed = Some((Instant::now(), error.message().to_owned()));
            match error.code() {
                ErrorCode::ModelMissing | ErrorCode::Corrupt => error,
                _ => unavailable(error.message()),
            }
        })
    }

    /// The worker, if it runs.
    fn running(&self) -> Option<Arc<WorkerProcess>> {
        self.slot().worker.clone().filter(|worker| worker.is_alive())
    }

    fn touch(&self) {
        self.slot().last_used = Some(Instant::now());
    }

    /// Takes the worker when nothing was asked of it for long enough, which is not long where other programs wait for memory.
    fn take_idle(&self) -> Option<Arc<WorkerProcess>> {
        self.slot().worker.as_ref()?;
        let patience = patience(self.options.idle, (self.options.pressure)());
        let mut slot = self.slot();
        let idle = slot.last_used.is_none_or(|last| last.elapsed() >= patience);
        let busy = slot.worker.as_ref().is_some_and(|worker| worker.is_busy());
        if idle && !busy { slot.worker.take() } else { None }
    }

    async fn embed_once(
        &self,
        texts: Vec<String>,
        priority: EmbedPriority,
        cancellation: &Cancellation,
    ) -> Result<Result<Vec<Embedding>>, Ended> {
        // Starting reads a hundred megabytes; that must not hold up the thread that drives other futures.
        let worker = match self.worker_off_thread(true).await {
            Ok(worker) => worker,
            Err(error) => return Ok(Err(error)),
        };
        let (id, answer) = worker.embed(texts, priority)?;
        match select(answer, cancellation.cancelled()).await {
            Either::Left((answer, _)) => {
                self.touch();
                answer.unwrap_or(Err(Ended))
            }
            Either::Right(_) => {
                worker.cancel(id);
                Ok(Err(Error::cancelled()))
            }
        }
    }

    async fn worker_off_thread(&self, with_encoder: bool) -> Result<Arc<WorkerProcess>> {
        {
            let mut slot = self.slot();
            slot.last_used = Some(Instant::now());
            if let Some(worker) = slot.worker.as_ref().filter(|worker| worker.is_alive())
                && (slot.has_encoder || !with_encoder)
            {
                return Ok(Arc::clone(worker));
            }
        }
        tokio::task::block_in_place(|| self.worker(with_encoder))
    }
}

impl Embedder for Engine {
    fn model(&self) -> &str {
        &self.options.encoder.facts.versioned_id
    }

    fn dimensions(&self) -> usize {
        self.options.encoder.facts.dimensions
    }

    fn state(&self) -> EmbedderState {
        self.options.encoder.state()
    }

    fn embed(
        &self,
        mut texts: Vec<String>,
        purpose: EmbedPurpose,
        priority: EmbedPriority,
        cancellation: Cancellation,
    ) -> BoxFuture<'_, Result<Vec<Embedding>>> {
        Box::pin(async move {
            if let EmbedderState::Missing(reason) = Embedder::state(self) {
                return Err(Error::new(ErrorCode::ModelMissing, reason).with_hint(self.options.encoder.hint()));
            }
            let prompt = self.options.encoder.prompt(purpose);
            if !prompt.is_empty() {
                texts.iter_mut().for_each(|text| text.insert_str(0, prompt));
            }
            let question = match texts.as_slice() {
                [question] if priority == EmbedPriority::Interactive => Some(question.clone()),
                _ => None,
            };
            if let Some(known) = question.as_ref().and_then(|question| self.recent.get(question)) {
                return Ok(vec![known]);
            }
            for attempt in 1..=ATTEMPTS {
                cancellation.check()?;
                match self.embed_once(texts.clone(), priority, &cancellation).await {
                    Ok(answer) => {
                        let vectors = answer?;
                        if let (Some(question), [vector]) = (question, vectors.as_slice()) {
                            self.recent.keep(&question, vector.clone());
                        }
                        return Ok(vectors);
                    }
                    Err(Ended) => tracing::warn!(attempt, "the engine worker ended during a request"),
                }
            }
            Err(Error::internal("the engine worker ended each time it was given these texts"))
        })
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

/// How long a worker of which nothing is asked stays.
fn patience(idle: Duration, pressure: MemoryPressure) -> Duration {
    match pressure {
        MemoryPressure::Short => idle.min(IDLE_WHEN_SHORT),
        MemoryPressure::Normal | MemoryPressure::Tight => idle,
    }
}

fn unavailable(reason: &str) -> Error {
    Error::new(ErrorCode::Unavailable, format!("the engine worker could not be started: {reason}"))
        .with_hint("`ambit doctor` looks at models and devices")
}

/// Ends when the engine is gone or stopped.
fn watch_idle(engine: &Weak<Engine>, period: Duration) {
    while let Some(engine) = engine.upgrade() {
        {
            let slot = engine.slot();
            if slot.stopped {
                return;
            }
            // The reference held here must not keep the engine from being dropped for longer than one period.
            let waited = engine.changed.wait_timeout(slot, period).unwrap_or_else(PoisonError::into_inner);
            if waited.0.stopped {
                return;
            }
        }
        engine.options.tokens.drop_when_idle(engine.options.idle);
        if let Some(worker) = engine.take_idle() {
            tracing::info!(process = worker.id(), "the engine worker is idle and leaves");
            engine.recent.clear();
            worker.stop();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_idle_worker_leaves_sooner_where_others_wait_for_memory() {
        let (minute, second) = (Duration::from_secs(60), Duration::from_secs(1));
        assert_eq!(patience(minute, MemoryPressure::Normal), minute);
        assert_eq!(patience(minute, MemoryPressure::Tight), minute);
        assert_eq!(patience(minute, MemoryPressure::Short), IDLE_WHEN_SHORT);
        assert_eq!(patience(second, MemoryPressure::Short), second);
    }
}
