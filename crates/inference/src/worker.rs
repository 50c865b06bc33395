//! The engine worker's main loop.

mod language;
mod queue;

use std::io::{Read, Write};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::{EmbedPriority, Training};

use crate::classifier;
use crate::decoder::{Age, Shelf};
use crate::wire::{self, ModelMemory, ModelState, Request, Response, Stats, Vectors, WorkerMemory};
use crate::{DeviceChoice, Encoder, EncoderOptions, Error, Result};
use queue::{Control, Job, Queue};

/// How a worker is to run.
#[derive(Debug, Clone)]
pub struct WorkerOptions {
    /// Threads on the CPU; as many as the machine runs at once when not set.
    pub threads: Option<NonZeroUsize>,
    /// Where the GPU's runtime may keep what it compiled; nowhere when not set.
    pub cache: Option<PathBuf>,
    /// Where what language models have read is kept on disk, and how many bytes of it; nowhere when not set.
    pub prefixes: Option<(PathBuf, u64)>,
    /// Gives memory back that the process can do without; called before weights are read.
    pub spare_memory: Option<fn()>,
    /// The most bytes of the machine's memory that language models may hold; as many as are free when not set. The encoder is
    /// not one of them.
    pub memory: Option<u64>,
    /// Whether tokens are guessed ahead from the text before them. It changes how fast a text is written, not the text.
    pub guesses: bool,
}

impl Default for WorkerOptions {
    fn default() -> Self {
        Self { threads: None, cache: None, prefixes: None, spare_memory: None, memory: None, guesses: true }
    }
}

/// Answers requests until the input ends, [`Request::Shutdown`] comes, or the pipe breaks.
///
/// A thread of its own reads the input, so that a cancellation is seen while the kernels run. Requests that a person
/// waits for have a thread of their own as well: they begin at once, and background work stands still at its next
/// checkpoint until they are done. Loading, unloading and embedding take effect in the order of their frames. Texts are
/// written beside that, several at once, the most urgent first; while there are any, embedding in the background waits.
///
/// # Errors
/// [`Error::Frame`] and [`Error::Version`] when the host sends what makes no sense, which the host is told as well, and
/// [`Error::Pipe`] when the pipe breaks. An end of the input between two frames is no error.
pub fn serve(input: impl Read + Send + 'static, output: impl Write + Send, options: &WorkerOptions) -> Result<()> {
    let queue = Arc::new(Queue::default());
    let frames = Arc::clone(&queue);
    // Not joined: when the worker ends by itself, this thread may wait for a frame that never comes.
    std::thread::Builder::new().name("frames".to_owned()).spawn(move || read(input, &frames)).map_err(no_thread)?;

    let forgotten = Age::default();
    let shelf = options.prefixes.as_ref().and_then(|(folder, limit)| {
        let opened = Shelf::open(folder, *limit, forgotten.clone());
        opened.inspect_err(|error| tracing::warn!(%error, "what models have read is not kept on the disk")).ok()
    });
    let worker = Worker {
        queue: &queue,
        output: Mutex::new(output),
        options,
        shelf: shelf.map(Arc::new),
        forgotten,
        memory: Mutex::default(),
    };
    std::thread::scope(|scope| {
        let lane = |name: &str, priority| {
            std::thread::Builder::new()
                .name(name.to_owned())
                .spawn_scoped(scope, {
                    let worker = &worker;
                    move || worker.until_closed(|worker| worker.embed_all(priority))
                })
                .map_err(no_thread)
        };
        let writer = || {
            std::thread::Builder::new()
                .name("language".to_owned())
                .spawn_scoped(scope, {
                    let worker = &worker;
                    move || worker.until_closed(Worker::write_all)
                })
                .map_err(no_thread)
        };
        let lanes = lane("interactive", EmbedPriority::Interactive)
            .and_then(|first| Ok([first, lane("background", EmbedPriority::Background)?, writer()?]));
        let lanes = lanes.inspect_err(|_| queue.close())?;
        let mut result = worker.until_closed(Worker::control);
        for lane in lanes {
            result = result.and(lane.join().unwrap_or_else(|_| Err(Error::device("a kernel panicked"))));
        }
        result
    })?;
    match queue.failure() {
        None => Ok(()),
        Some(error) => {
            worker.answer(&Response::failed(None, &error))?;
            Err(error)
        }
    }
}

fn no_thread(error: std::io::Error) -> Error {
    Error::System { what: "a thread for the engine worker", reason: error.to_string() }
}

/// Reads frames until there are no more, and closes the queue then.
fn read(mut input: impl Read, queue: &Queue) {
    loop {
        match wire::read_frame::<Request>(&mut input) {
            Ok(Some(request)) => queue.push(request),
            Ok(None) => return queue.close(),
            Err(error) => return queue.fail(error),
        }
    }
}

struct Worker<'a, W> {
    queue: &'a Queue,
    output: Mutex<W>,
    options: &'a WorkerOptions,
    /// What language models have read, on disk.
    shelf: Option<Arc<Shelf>>,
    /// How often everything was forgotten that models have read.
    forgotten: Age,
    /// What the host was told last of what models hold.
    memory: Mutex<WorkerMemory>,
}

/// The host is told when what a text holds has grown or shrunk by so much.
const TOLD_CHANGE: u64 = 16 << 20;

impl<W: Write + Send> Worker<'_, W> {
    /// Runs a lane; when it ends by an error or a panic, so do the others, since nobody is left to work for.
    fn until_closed(&self, lane: impl FnOnce(&Self) -> Result<()>) -> Result<()> {
        let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| lane(self)));
        result
            .unwrap_or_else(|_| Err(Error::device("a part of the worker panicked")))
            .inspect_err(|_| self.queue.close())
    }

    fn control(&self) -> Result<()> {
        while let Some(control) = self.queue.next_control() {
            match control {
                Control::Hello { version } if version == wire::VERSION => {
                    self.answer(&Response::Hello { version: wire::VERSION, pid: std::process::id() })?;
                }
                Control::Hello { version } => {
                    self.queue.fail(Error::Version { ours: wire::VERSION, theirs: version });
                }
                Control::Load { folder, device } => self.load(&folder, device)?,
                Control::Unload => {
                    self.queue.set_encoder(None);
                    self.tell_memory(|memory| memory.encoder = 0)?;
                    self.answer(&Response::Unloaded)?;
                }
                Control::Forget { id } => self.forget(id)?,
                Control::Train { id, training } => self.train(id, &training)?,
                Control::Stats => self.answer(&Response::Stats(self.stats()))?,
            }
        }
        Ok(())
    }

    /// Removes what models have read from the disk, and has it removed from memory, after which the host is told.
    fn forget(&self, id: u64) -> Result<()> {
        let removed = self.shelf.as_ref().map_or_else(
            || {
                self.forgotten.advance();
                Ok(())
            },
            |shelf| shelf.forget(),
        );
        match removed {
            Ok(()) => {
                self.queue.forget(id);
                Ok(())
            }
            // What is in memory counts as forgotten all the same, and goes with the next text.
            Err(error) => {
                let what = "to remove what models have read";
                self.answer(&Response::failed(Some(id), &Error::System { what, reason: error.to_string() }))
            }
        }
    }

    /// Takes a fraction of a second, so that what is quick may wait for it.
    fn train(&self, id: u64, training: &Training) -> Result<()> {
        let work = std::panic::AssertUnwindSafe(|| classifier::train(training));
        let trained = std::panic::catch_unwind(work)
            .unwrap_or_else(|panic| Err(Error::panicked("learning from suggestions", panic.as_ref())));
        self.answer(&match trained {
            Ok(weights) => Response::Trained { id, weights },
            Err(error) => Response::failed(Some(id), &error),
        })
    }

    fn embed_all(&self, priority: EmbedPriority) -> Result<()> {
        while let Some(job) = self.queue.next_job(priority) {
            self.embed(job)?;
        }
        Ok(())
    }

    fn load(&self, folder: &Path, device: DeviceChoice) -> Result<()> {
        // The old model goes first, so that two are never held at once.
        self.queue.set_encoder(None);
        let options = EncoderOptions { device, threads: self.options.threads, cache: self.options.cache.clone() };
        let response = match Encoder::load_with(folder, &options) {
            Ok(encoder) => {
                let response = Response::Loaded {
                    model: encoder.model().to_owned(),
                    device: encoder.device().clone(),
                    dimensions: encoder.dimensions(),
                };
                self.queue.set_encoder(Some(Arc::new(encoder)));
                response
            }
            Err(error) => Response::failed(None, &error),
        };
        let bytes = self.queue.encoder().map_or(0, |encoder| encoder.bytes());
        self.tell_memory(|memory| memory.encoder = bytes)?;
        self.answer(&response)
    }

    /// Changes what is known of the memory that models hold, and tells the host when that matters to it.
    fn tell_memory(&self, change: impl FnOnce(&mut WorkerMemory)) -> Result<()> {
        let mut told = self.memory.lock().unwrap_or_else(PoisonError::into_inner);
        let mut memory = told.clone();
        change(&mut memory);
        if is_alike(&told, &memory) {
            return Ok(());
        }
        *told = memory.clone();
        self.answer(&Response::Memory(memory))
    }

    fn embed(&self, job: Job) -> Result<()> {
        let Job { id, priority, texts, cancellation, encoder } = job;
        let response = match encoder {
            None => Response::Failed {
                id: Some(id),
                code: ambit_domain::ErrorCode::Conflict,
                message: "no model is loaded in the engine worker".to_owned(),
                hint: None,
            },
            Some(encoder) => match run(&encoder, priority, &texts, &cancellation) {
                Ok(vectors) => Response::Embedded { id, vectors: Vectors::pack(&vectors) },
                Err(error) => Response::failed(Some(id), &error),
            },
        };
        let texts = if matches!(response, Response::Embedded { .. }) { texts.len() } else { 0 };
        self.queue.done(id, texts);
        self.answer(&response)
    }

    fn stats(&self) -> Stats {
        Stats { resident_bytes: resident_bytes(), ..self.queue.stats() }
    }

    fn answer(&self, response: &Response) -> Result<()> {
        let mut output = self.output.lock().unwrap_or_else(PoisonError::into_inner);
        match wire::write_frame(&mut *output, response) {
            // The host is gone, which the reader sees as well.
            Err(Error::Pipe(error)) if error.kind() == std::io::ErrorKind::BrokenPipe => {
                self.queue.close();
                Ok(())
            }
            other => other,
        }
    }
}

/// Runs the kernels; a driver that panics costs one request.
fn run(
    encoder: &Encoder,
    priority: EmbedPriority,
    texts: &[String],
    cancellation: &ambit_domain::Cancellation,
) -> Result<Vec<ambit_domain::Embedding>> {
    let work = std::panic::AssertUnwindSafe(|| encoder.embed_as(priority, texts, cancellation));
    std::panic::catch_unwind(work).unwrap_or_else(|_| Err(Error::device("a kernel panicked")))
}

/// Whether there is nothing in the newer one that the host should know by now.
fn is_alike(told: &WorkerMemory, now: &WorkerMemory) -> bool {
    let is_alike = |told: &ModelMemory, now: &ModelMemory| {
        let least = if now.state == ModelState::Working { TOLD_CHANGE } else { 1 };
        let identity = |model: &ModelMemory| (model.state, model.is_on_gpu, model.weights);
        told.folder == now.folder && identity(told) == identity(now) && now.texts.abs_diff(told.texts) < least
    };
    told.encoder == now.encoder
        && told.models.len() == now.models.len()
        && told.models.iter().zip(&now.models).all(|(told, now)| is_alike(told, now))
}

/// Memory that this process holds.
fn resident_bytes() -> u64 {
    #[cfg(target_os = "linux")]
    {
        // The second number of the file counts pages.
        let pages = std::fs::read_to_string("/proc/self/statm")
            .ok()
            .and_then(|text| text.split(' ').nth(1).and_then(|pages| pages.parse::<u64>().ok()));
        pages.unwrap_or(0) * rustix::param::page_size() as u64
    }
    #[cfg(not(target_os = "linux"))]
    {
        0
    }
}
