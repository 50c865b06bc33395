//! The engine worker from the host's side: started when the first text comes, stopped when none came for a while, and
//! started anew when it dies.

mod generation;
mod process;
mod recent;
mod training;

use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::{Duration, Instant};

use ambit_domain::port::{EmbedPriority, EmbedPurpose, Embedder, EmbedderState};
use ambit_domain::{BoxFuture, Cancellation, Embedding, Error, ErrorCode, Result};
use ambit_inference::DeviceChoice;
use futures_util::future::{Either, select};

use crate::encoders::ChosenEncoder;
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
    pub(crate) device: DeviceChoice,
    pub(crate) threads: usize,
    pub(crate) idle: Duration,
    pub(crate) tokens: Arc<LazyTokenCounter>,
}

/// After a start that failed, the next one waits this long, so that a worker that cannot live does not eat the machine.
const RESTART_PAUSE: Duration = Duration::from_secs(5);
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
        let period = (engine.options.idle / 4).clamp(Duration::from_millis(250), Duration::from_secs(15));
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

    /// Bytes of memory that the worker holds, which it lets go when another model needs them; 0 where the system does not
    /// tell.
    pub(crate) fn memory(&self) -> u64 {
        let worker = self.slot().worker.as_ref().map(|worker| worker.id());
        let status = worker.and_then(|id| std::fs::read_to_string(format!("/proc/{id}/status")).ok());
        let held = status.and_then(|status| {
            let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
            line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()
        });
        held.unwrap_or(0) * 1024
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

    /// Takes the worker when nothing was asked of it for long enough.
    fn take_idle(&self) -> Option<Arc<WorkerProcess>> {
        let mut slot = self.slot();
        let idle = slot.last_used.is_none_or(|last| last.elapsed() >= self.options.idle);
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
