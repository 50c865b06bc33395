use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter};
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, mpsc as waiting_channel};
use std::time::{Duration, Instant};

use ambit_domain::port::{EmbedPriority, GenerationRequest, ModelEvent, Training};
use ambit_domain::{Embedding, Error, ErrorCode, Result};
use ambit_inference::DeviceChoice;
use ambit_inference::wire::{self, Request, Response, WorkerMemory, read_frame, write_frame};
use futures_channel::{mpsc, oneshot};

use super::EngineOptions;
use crate::WORKER_COMMAND;

/// The worker is gone, and with it the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended;

/// Completes with the vectors, or tells that the worker ended before it answered.
pub(super) type Answer = oneshot::Receiver<Result<Result<Vec<Embedding>>, Ended>>;

/// Completes with the weights that were learnt, or tells that the worker ended before it answered.
pub(super) type Learnt = oneshot::Receiver<Result<Result<Vec<f32>>, Ended>>;

/// A text piece by piece, or that the worker ended before it was complete.
pub(super) type Writing = mpsc::UnboundedReceiver<Result<Result<ModelEvent>, Ended>>;

/// Who waits for what.
enum Waiter {
    Vectors(oneshot::Sender<Result<Result<Vec<Embedding>>, Ended>>),
    Text(mpsc::UnboundedSender<Result<Result<ModelEvent>, Ended>>),
    Forgotten(oneshot::Sender<Result<Result<()>, Ended>>),
    Weights(oneshot::Sender<Result<Result<Vec<f32>>, Ended>>),
}

impl Waiter {
    fn fail(self, failure: Result<Error, Ended>) {
        // A receiver that is gone has given up by itself.
        match (self, failure) {
            (Self::Vectors(sender), Ok(error)) => drop(sender.send(Ok(Err(error)))),
            (Self::Vectors(sender), Err(Ended)) => drop(sender.send(Err(Ended))),
            (Self::Forgotten(sender), Ok(error)) => drop(sender.send(Ok(Err(error)))),
            (Self::Forgotten(sender), Err(Ended)) => drop(sender.send(Err(Ended))),
            (Self::Weights(sender), Ok(error)) => drop(sender.send(Ok(Err(error)))),
            (Self::Weights(sender), Err(Ended)) => drop(sender.send(Err(Ended))),
            (Self::Text(sender), Ok(error)) => drop(sender.unbounded_send(Ok(Err(error)))),
            (Self::Text(sender), Err(Ended)) => drop(sender.unbounded_send(Err(Ended))),
        }
    }
}

type Waiting = Arc<Mutex<HashMap<u64, Waiter>>>;

/// Who waits for an encoder to be loaded: its id with what tells it from others, and its device.
type Loading = Arc<Mutex<Option<waiting_channel::Sender<Result<(String, String)>>>>>;

/// What the worker told last of the memory that its models hold.
type Told = Arc<Mutex<WorkerMemory>>;

/// How long a worker may take to end by itself once it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A running worker.
pub(super) struct WorkerProcess {
    id: u32,
    child: Mutex<Child>,
    input: Mutex<Option<BufWriter<ChildStdin>>>,
    waiting: Waiting,
    loading: Loading,
    memory: Told,
    next: AtomicU64,
    alive: Arc<AtomicBool>,
}

impl WorkerProcess {
    /// Starts the executable again as a worker.
    pub(super) fn start(options: &EngineOptions) -> Result<Self> {
        std::fs::create_dir_all(&options.cache_folder)?;
        let mut child = command(options).spawn().map_err(|error| {
            Error::new(ErrorCode::Unavailable, format!("{}: {error}", options.executable.display()))
        })?;
        let pipes = (child.stdin.take(), child.stdout.take(), child.stderr.take());
        let (Some(input), Some(output), Some(errors)) = pipes else {
            return Err(Error::internal("the engine worker has no pipes"));
        };
        let spawned = std::thread::Builder::new()
            .name("engine-log".to_owned())
            .spawn(move || BufReader::new(errors).lines().map_while(|line| line.ok()).for_each(|line| log(&line)));
        if let Err(error) = spawned {
            tracing::warn!(%error, "what the engine worker says is lost");
        }
        let mut input = BufWriter::new(input);
        let mut output = BufReader::new(output);
        if let Err(error) = greet(&mut input, &mut output) {
            end(&mut child);
            return Err(error);
        }
        let (waiting, loading, alive) = (Waiting::default(), Loading::default(), Arc::new(AtomicBool::new(true)));
        let memory = Told::default();
        let worker = Self {
            id: child.id(),
            child: Mutex::new(child),
            input: Mutex::new(Some(input)),
            waiting: Arc::clone(&waiting),
            loading: Arc::clone(&loading),
            memory: Arc::clone(&memory),
            next: AtomicU64::new(1),
            alive: Arc::clone(&alive),
        };
        std::thread::Builder::new().name("engine-answers".to_owned()).spawn(move || {
            receive(output, &waiting, &loading, &memory);
            alive.store(false, Ordering::Release);
            // What came in after the flag was looked at is answered here: the map is emptied under its lock.
            for (_, waiter) in waiting.lock().unwrap_or_else(PoisonError::into_inner).drain() {
                waiter.fail(Err(Ended));
            }
            loading.lock().unwrap_or_else(PoisonError::into_inner).take();
        })?;
        Ok(worker)
    }

    /// Has the encoder loaded and tells the device that it runs on. Waits for that.
    pub(super) fn load_encoder(&self, options: &EngineOptions) -> Result<String> {
        let (sender, receiver) = waiting_channel::channel();
        *self.loading.lock().unwrap_or_else(PoisonError::into_inner) = Some(sender);
        let ended = || Error::new(ErrorCode::Unavailable, "it ended before it was ready");
        if !self.is_alive() {
            return Err(ended());
        }
        let request = Request::Load { folder: options.encoder.folder.clone(), device: options.device };
        self.send(&request).map_err(|Ended| ended())?;
        let (model, device) = receiver.recv().map_err(|_| ended())??;
        // Vectors of another model must not be stored beside those of this one.
        if model == options.encoder.facts.versioned_id {
            return Ok(device);
        }
        let id = &options.encoder.id;
        let reason =
            format!("the encoder {id} was replaced; `ambit stop` lets the next command start with the new one");
        Err(Error::new(ErrorCode::Unavailable, reason))
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    /// Whether texts are being turned into vectors.
    pub(super) fn is_embedding(&self) -> bool {
        let waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.values().any(|waiter| matches!(waiter, Waiter::Vectors(_)))
    }

    /// What its models hold.
    pub(super) fn memory(&self) -> WorkerMemory {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Sends texts; the answer comes later.
    pub(super) fn embed(&self, texts: Vec<String>, priority: EmbedPriority) -> Result<(u64, Answer), Ended> {
        let (sender, receiver) = oneshot::channel();
        let id = self.ask(Waiter::Vectors(sender), |id| Request::Embed { id, priority, texts })?;
        Ok((id, receiver))
    }

    /// Asks for a text; it comes piece by piece.
    pub(super) fn generate(
        &self,
        folder: PathBuf,
        device: DeviceChoice,
        request: GenerationRequest,
    ) -> Result<(u64, Writing), Ended> {
        // The worker records nothing: what it is asked stays here.
        let GenerationRequest { prompt, sampling, priority, tools, draft, origin: _ } = request;
        let (sender, receiver) = mpsc::unbounded();
        let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC).datetime().to_string();
        let generate = |id| Request::Generate { id, folder, device, prompt, sampling, priority, tools, draft, now };
        Ok((self.ask(Waiter::Text(sender), generate)?, receiver))
    }

    /// Has all forgotten that language models have read; the answer comes later.
    pub(super) fn forget(&self) -> Result<oneshot::Receiver<Result<Result<()>, Ended>>, Ended> {
        let (sender, receiver) = oneshot::channel();
        self.ask(Waiter::Forgotten(sender), |id| Request::Forget { id })?;
        Ok(receiver)
    }

    /// Has the weights of a classifier learnt; the answer comes later.
    pub(super) fn train(&self, training: Training) -> Result<Learnt, Ended> {
        let (sender, receiver) = oneshot::channel();
        self.ask(Waiter::Weights(sender), |id| Request::Train { id, training })?;
        Ok(receiver)
    }

    fn ask(&self, waiter: Waiter, request: impl FnOnce(u64) -> Request) -> Result<u64, Ended> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.is_alive() {
                return Err(Ended);
            }
            waiting.insert(id, waiter);
        }
        self.send(&request(id)).inspect_err(|_| {
            self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        })?;
        Ok(id)
    }

    /// Tells the worker that nobody waits for a request any more.
    pub(super) fn cancel(&self, id: u64) {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if self.send(&Request::Cancel { id }) == Err(Ended) {
            tracing::debug!(id, "the worker ended before it could be told");
        }
    }

    /// Ends the process: by asking, and by force when that does not help.
    pub(super) fn stop(&self) {
        self.send(&Request::Shutdown).ok();
        self.input.lock().unwrap_or_else(PoisonError::into_inner).take();
        end(&mut self.child.lock().unwrap_or_else(PoisonError::into_inner));
    }

    fn send(&self, request: &Request) -> Result<(), Ended> {
        let mut input = self.input.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(pipe) = input.as_mut() else { return Err(Ended) };
        write_frame(pipe, request).map_err(|error| {
            tracing::debug!(%error, "the engine worker cannot be reached");
            Ended
        })
    }
}

impl Drop for WorkerProcess {
    fn drop(&mut self) {
        self.stop();
    }
}

/// The most bytes that language models may hold, so that there is room for the encoder whenever it is needed; 0: as many as are
/// free.
fn language_memory(options: &EngineOptions) -> u64 {
    options.memory.map_or(0, |limit| limit.saturating_sub(options.encoder.bytes()).max(1))
}

#[expect(clippy::disallowed_methods, reason = "the host starts its own workers, here and nowhere else")]
fn command(options: &EngineOptions) -> Command {
    let mut command = Command::new(&options.executable);
    command
        .arg(WORKER_COMMAND)
        .arg(&options.models_folder)
        .arg(&options.cache_folder)
        .arg(options.threads.to_string())
        .arg(options.prefix_bytes.to_string())
        .arg(language_memory(options).to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear();
    // What a graphics driver needs to find itself; nothing that could be a secret.
    for name in ["HOME", "PATH", "LD_LIBRARY_PATH", "XDG_RUNTIME_DIR", "VK_DRIVER_FILES", "VK_ICD_FILENAMES"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

fn greet(input: &mut BufWriter<ChildStdin>, output: &mut BufReader<ChildStdout>) -> Result<()> {
    write_frame(input, &Request::Hello { version: wire::VERSION })?;
    match read_frame(output)? {
        Some(Response::Hello { .. }) => Ok(()),
        Some(Response::Failed { code, message, hint, .. }) => Err(failure(code, message, hint)),
        Some(other) => Err(Error::internal(format!("the engine worker answered out of turn: {other:?}"))),
        None => Err(Error::new(ErrorCode::Unavailable, "it ended before it was ready")),
    }
}

fn failure(code: ErrorCode, message: String, hint: Option<String>) -> Error {
    hint.into_iter().fold(Error::new(code, message), |error, hint| error.with_hint(hint))
}

/// Hands answers to those who wait, until the worker ends.
fn receive(mut output: BufReader<ChildStdout>, waiting: &Waiting, loading: &Loading, memory: &Told) {
    loop {
        match read_frame(&mut output) {
            Ok(Some(Response::Memory(told))) => *memory.lock().unwrap_or_else(PoisonError::into_inner) = told,
            Ok(Some(response)) => hand_out(response, waiting, loading),
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the engine worker's pipe broke");
                return;
            }
        }
    }
}

/// A receiver that is gone was cancelled, so that what cannot be sent is of no use to anybody.
fn hand_out(response: Response, waiting: &Waiting, loading: &Loading) {
    let mut waiting = waiting.lock().unwrap_or_else(PoisonError::into_inner);
    let loaded = |result| {
        if let Some(sender) = loading.lock().unwrap_or_else(PoisonError::into_inner).take() {
            sender.send(result).ok();
        }
    };
    match response {
        Response::Embedded { id, vectors } => {
            if let Some(Waiter::Vectors(sender)) = waiting.remove(&id) {
                sender.send(Ok(Ok(vectors.unpack()))).ok();
            }
        }
        Response::Written { id, text } => tell(waiting.get(&id), ModelEvent::Text(text)),
        Response::Token { id, token } => tell(waiting.get(&id), ModelEvent::Tokens(vec![token])),
        Response::Called { id, call } => tell(waiting.get(&id), ModelEvent::Called(call)),
        Response::Generated { id, reason, prompt_tokens, completion_tokens, known_tokens, .. } => {
            let event = ModelEvent::Finished { reason, prompt_tokens, known_tokens, completion_tokens, bytes_sent: 0 };
            tell(waiting.remove(&id).as_ref(), event);
        }
        Response::Forgotten { id } => {
            if let Some(Waiter::Forgotten(sender)) = waiting.remove(&id) {
                sender.send(Ok(Ok(()))).ok();
            }
        }
        Response::Trained { id, weights } => {
            if let Some(Waiter::Weights(sender)) = waiting.remove(&id) {
                sender.send(Ok(Ok(weights))).ok();
            }
        }
        Response::Failed { id: Some(id), code, message, hint } => {
            if let Some(waiter) = waiting.remove(&id) {
                waiter.fail(Ok(failure(code, message, hint)));
            }
        }
        Response::Failed { id: None, code, message, hint } => loaded(Err(failure(code, message, hint))),
        Response::Loaded { model, device, .. } => loaded(Ok((model, device.name))),
        other => tracing::debug!(?other, "an answer that nobody asked for"),
    }
}

fn tell(waiter: Option<&Waiter>, event: ModelEvent) {
    if let Some(Waiter::Text(sender)) = waiter {
        sender.unbounded_send(Ok(Ok(event))).ok();
    }
}

fn log(line: &str) {
    tracing::info!(target: "engine-worker", "{line}");
}

/// Waits for a process to end and ends it by force when it takes too long, so that none is left behind.
fn end(child: &mut Child) {
    let begun = Instant::now();
    while begun.elapsed() < STOP_PATIENCE {
        match child.try_wait() {
            Ok(Some(_)) => return,
            Ok(None) => std::thread::sleep(Duration::from_millis(5)),
            Err(_) => break,
        }
    }
    if child.kill().and_then(|()| child.wait()).is_err() {
        tracing::debug!("the worker had ended already");
    }
}
