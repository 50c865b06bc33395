use std::collections::HashMap;
use std::io::{BufRead, BufReader, BufWriter};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_domain::port::EmbedPriority;
use ambit_domain::{Embedding, Error, ErrorCode, Result};
use ambit_inference::wire::{self, Request, Response, read_frame, write_frame};
use futures_channel::oneshot;

use super::EngineOptions;
use crate::WORKER_COMMAND;

/// The worker is gone, and with it the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ended;

/// Completes with the vectors, or tells that the worker ended before it answered.
pub(super) type Answer = oneshot::Receiver<Result<Result<Vec<Embedding>>, Ended>>;

type Waiting = Arc<Mutex<HashMap<u64, oneshot::Sender<Result<Result<Vec<Embedding>>, Ended>>>>>;

/// How long a worker may take to end by itself once it is asked to.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// A running worker with a loaded model.
pub(super) struct WorkerProcess {
    id: u32,
    child: Mutex<Child>,
    input: Mutex<Option<BufWriter<ChildStdin>>>,
    waiting: Waiting,
    next: AtomicU64,
    alive: Arc<AtomicBool>,
}

impl WorkerProcess {
    /// Starts the executable again as a worker, loads the model, and tells the device that it runs on.
    pub(super) fn start(options: &EngineOptions) -> Result<(Self, String)> {
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
        let device = match greet(options, &mut input, &mut output) {
            Ok(device) => device,
            Err(error) => {
                end(&mut child);
                return Err(error);
            }
        };
        let (waiting, alive) = (Waiting::default(), Arc::new(AtomicBool::new(true)));
        let worker = Self {
            id: child.id(),
            child: Mutex::new(child),
            input: Mutex::new(Some(input)),
            waiting: Arc::clone(&waiting),
            next: AtomicU64::new(1),
            alive: Arc::clone(&alive),
        };
        std::thread::Builder::new().name("engine-answers".to_owned()).spawn(move || {
            receive(output, &waiting);
            alive.store(false, Ordering::Release);
            // What came in after the flag was looked at is answered here: the map is emptied under its lock.
            for (_, sender) in waiting.lock().unwrap_or_else(PoisonError::into_inner).drain() {
                // A receiver that is gone has given up by itself.
                sender.send(Err(Ended)).ok();
            }
        })?;
        Ok((worker, device))
    }

    pub(super) fn id(&self) -> u32 {
        self.id
    }

    pub(super) fn is_alive(&self) -> bool {
        self.alive.load(Ordering::Acquire)
    }

    pub(super) fn is_busy(&self) -> bool {
        !self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty()
    }

    /// Sends texts; the answer comes later.
    pub(super) fn embed(&self, texts: Vec<String>, priority: EmbedPriority) -> Result<(u64, Answer), Ended> {
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, receiver) = oneshot::channel();
        {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            if !self.is_alive() {
                return Err(Ended);
            }
            waiting.insert(id, sender);
        }
        match self.send(&Request::Embed { id, priority, texts }) {
            Ok(()) => Ok((id, receiver)),
            Err(Ended) => {
                self.waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
                Err(Ended)
            }
        }
    }

    /// Tells the worker that nobody waits for a request any more.
    pub(super) fn cancel(&self, id: u64) {
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

#[expect(clippy::disallowed_methods, reason = "the host starts its own workers, here and nowhere else")]
fn command(options: &EngineOptions) -> Command {
    let mut command = Command::new(&options.executable);
    command
        .arg(WORKER_COMMAND)
        .arg(&options.models_folder)
        .arg(&options.cache_folder)
        .arg(options.threads.to_string())
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

fn greet(
    options: &EngineOptions,
    input: &mut BufWriter<ChildStdin>,
    output: &mut BufReader<ChildStdout>,
) -> Result<String> {
    write_frame(input, &Request::Hello { version: wire::VERSION })?;
    match answer(output)? {
        Response::Hello { .. } => {}
        other => return Err(unexpected(&other)),
    }
    write_frame(input, &Request::Load { folder: options.model_folder.clone(), device: options.device })?;
    match answer(output)? {
        Response::Loaded { device, dimensions, .. } if dimensions == options.model.dimensions => Ok(device.name),
        other => Err(unexpected(&other)),
    }
}

fn answer(output: &mut BufReader<ChildStdout>) -> Result<Response> {
    match read_frame(output)? {
        Some(Response::Failed { code, message, hint, .. }) => {
            let error = Error::new(code, message);
            Err(match hint {
                Some(hint) => error.with_hint(hint),
                None => error,
            })
        }
        Some(response) => Ok(response),
        None => Err(Error::new(ErrorCode::Unavailable, "it ended before it was ready")),
    }
}

fn unexpected(response: &Response) -> Error {
    Error::internal(format!("the engine worker answered out of turn: {response:?}"))
}

/// Hands answers to those who wait, until the worker ends.
fn receive(mut output: BufReader<ChildStdout>, waiting: &Waiting) {
    loop {
        let (id, result) = match read_frame(&mut output) {
            Ok(Some(Response::Embedded { id, vectors })) => (id, Ok(vectors.unpack())),
            Ok(Some(Response::Failed { id: Some(id), code, message, hint })) => {
                let error = Error::new(code, message);
                (id, Err(hint.into_iter().fold(error, |error, hint| error.with_hint(hint))))
            }
            Ok(Some(other)) => {
                tracing::debug!(?other, "an answer that nobody asked for");
                continue;
            }
            Ok(None) => return,
            Err(error) => {
                tracing::warn!(%error, "the engine worker's pipe broke");
                return;
            }
        };
        let sender = waiting.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
        if let Some(sender) = sender {
            // A receiver that is gone was cancelled.
            sender.send(Ok(result)).ok();
        }
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
