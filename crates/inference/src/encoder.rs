//! Text to vectors.

mod checkpoint;
mod configuration;
mod description;
mod facts;
mod packed;
mod padded;
mod pooling;
mod turnstile;
mod weights;

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use ambit_domain::port::EmbedPriority;
use ambit_domain::{Cancellation, Embedding};
use rayon::{ThreadPool, ThreadPoolBuilder};

use crate::device::{self, AdapterKind, ComputeDevice, DeviceChoice};
use crate::tokenizer::TextTokenizer;
use crate::{Error, Result};
#[cfg(test)]
pub(crate) use checkpoint::Checkpoint;
pub(crate) use configuration::Configuration;
pub(crate) use description::Description;
pub use description::Prompts;
pub use facts::{EncoderFacts, is_encoder};
use packed::{PackedEncoder, Precision};
use padded::PaddedEncoder;
use turnstile::{Pass, Turnstile};
use weights::Weights;

/// Tokens of one batch on the CPU: enough rows that packing the weights for a product costs little beside it, few enough
/// that the activations stay in the caches. Between 200 and 500 the speed was the same; with 1000 it was a sixth lower.
const PACKED_TOKENS: usize = 384;

/// Tokens of one batch on a GPU, padding included: a GPU cannot be interrupted within a batch, and a small one should
/// not keep a person waiting.
const PADDED_TOKENS: usize = 2048;

/// As many texts as are tokenised faster by one thread than threads are started.
const TOKENISED_ALONE: usize = 16;

/// Where background work waits for interactive work, and ends when it was cancelled.
type Checkpoints<'a> = &'a (dyn Fn() -> Result<()> + Sync);

/// How an [`Encoder`] is to run.
#[derive(Debug, Clone, Default)]
pub struct EncoderOptions {
    /// The device.
    pub device: DeviceChoice,
    /// Threads on the CPU; as many as the machine runs at once when not set.
    pub threads: Option<NonZeroUsize>,
    /// Where the GPU's runtime may keep what it compiled; nowhere when not set.
    pub cache: Option<PathBuf>,
}

/// An encoder of BERT's shape, as sentence-transformers runs it: pooled as its files say, texts cut at the length that they
/// name, vectors of unit length.
///
/// A text's vector does not depend on the texts that it is embedded with (beyond rounding, below 1e-5). Several calls
/// may run at once; interactive ones go ahead of the others, which wait at their next checkpoint, some milliseconds away.
pub struct Encoder {
    model: String,
    device: ComputeDevice,
    configuration: Configuration,
    tokenizer: TextTokenizer,
    engine: Engine,
    turnstile: Turnstile,
    /// About as many bytes as its weights take in the machine's memory.
    bytes: u64,
}

enum Engine {
    Cpu {
        model: PackedEncoder,
        /// One thread each: batches run side by side, each on one core with caches of its own.
        lanes: Vec<ThreadPool>,
        /// All cores together on one batch, for the few texts that a person waits for.
        together: ThreadPool,
    },
    /// One batch at a time: a GPU, or burn on the CPU.
    Padded(Mutex<PaddedEncoder>),
}

impl Encoder {
    /// Loads the model in a folder (`config.json`, `tokenizer.json`, `model.safetensors`, and what sentence-transformers
    /// keeps beside them).
    ///
    /// # Errors
    /// [`Error::ModelMissing`], [`Error::ModelDamaged`] or [`Error::ModelUnsupported`] for what is wrong with the files,
    /// [`Error::NoDevice`] when the wanted device is not there.
    pub fn load(folder: &Path, device: DeviceChoice) -> Result<Self> {
        Self::load_with(folder, &EncoderOptions { device, ..EncoderOptions::default() })
    }

    /// Loads the model in a folder.
    ///
    /// # Errors
    /// As for [`Encoder::load`].
    pub fn load_with(folder: &Path, options: &EncoderOptions) -> Result<Self> {
        let configuration = Configuration::read(folder)?;
        let description = Description::read(folder, &configuration)?;
        let tokenizer = description.tokenizer(folder, &configuration)?;
        let Description { pooling, sequence, .. } = description;
        let (device, handle) = device::open(options.device, options.cache.as_deref())?;
        let weights = Weights::load(folder, &configuration, sequence, &handle)?;
        let bytes = if device.kind == AdapterKind::DiscreteGpu { 0 } else { weights.bytes };
        let engine = if device.is_gpu() || !PackedEncoder::takes(&configuration) {
            Engine::Padded(Mutex::new(PaddedEncoder::new(weights, &configuration, pooling, handle)))
        } else {
            Engine::cpu(PackedEncoder::new(weights, &configuration, pooling)?, options.threads)?
        };
        Ok(Self {
            model: facts::versioned_id(folder)?,
            device,
            configuration,
            tokenizer,
            engine,
            turnstile: Turnstile::default(),
            bytes,
        })
    }

    /// Id of the model with its revision; stored with every vector.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.model
    }

    /// Length of the vectors.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.configuration.hidden_size
    }

    /// What it runs on.
    #[must_use]
    pub fn device(&self) -> &ComputeDevice {
        &self.device
    }

    /// About as many bytes as its weights take, where they are in the machine's memory.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Makes background calls wait for as long as the pass is held.
    pub(crate) fn hold_background(&self) -> Pass<'_> {
        self.turnstile.pass()
    }

    /// Additions and multiplications of the matrix products that a text of so many tokens takes, special tokens
    /// included: what a share of the machine's peak is computed from.
    #[must_use]
    pub fn operations(&self, tokens: usize) -> u64 {
        self.configuration.operations(tokens) * tokens as u64
    }

    /// Tokens that the encoder reads of a text, special tokens included.
    ///
    /// # Errors
    /// [`Error::Tokenizer`] when the tokenizer fails.
    pub fn tokens(&self, text: &str) -> Result<usize> {
        Ok(self.tokenizer.encode(text)?.len())
    }

    /// One vector of unit length per text, in order. Gives way to interactive calls.
    ///
    /// # Errors
    /// [`Error::Cancelled`], [`Error::Device`] when the device fails.
    pub fn embed(&self, texts: &[String], cancellation: &Cancellation) -> Result<Vec<Embedding>> {
        self.embed_as(EmbedPriority::Background, texts, cancellation)
    }

    /// One vector of unit length per text, in order. Vectors from background calls do not depend on the texts beside them;
    /// those from interactive calls may be computed with rounded weights, and their cosine with the former is 1 to six
    /// digits.
    ///
    /// # Errors
    /// As for [`Encoder::embed`].
    pub fn embed_as(
        &self,
        priority: EmbedPriority,
        texts: &[String],
        cancellation: &Cancellation,
    ) -> Result<Vec<Embedding>> {
        let _pass = (priority == EmbedPriority::Interactive).then(|| self.turnstile.pass());
        let checkpoint = || match priority {
            EmbedPriority::Background => self.turnstile.give_way(cancellation),
            EmbedPriority::Interactive if cancellation.is_cancelled() => Err(Error::Cancelled),
            EmbedPriority::Interactive => Ok(()),
        };
        let ids = self.tokenise(texts, &checkpoint)?;
        let mut order: Vec<usize> = (0..ids.len()).collect();
        order.sort_by_key(|index| std::cmp::Reverse(ids[*index].len()));
        let batches = self.engine.batches(&order, &ids);
        let run = Run { ids: &ids, batches: &batches, checkpoint: &checkpoint };
        let vectors = match &self.engine {
            // Background work stays out of this pool: it would hold a thread of it while it gives way.
            Engine::Cpu { model, together, .. } if priority == EmbedPriority::Interactive => {
                together.install(|| run.one_by_one(|texts| model.encode(texts, Precision::Half, &checkpoint)))?
            }
            Engine::Cpu { model, lanes, .. } => {
                run.side_by_side(lanes, |texts| model.encode(texts, Precision::Whole, &checkpoint))?
            }
            Engine::Padded(model) => {
                run.one_by_one(|texts| model.lock().unwrap_or_else(PoisonError::into_inner).encode(texts))?
            }
        };
        Ok(in_order(vectors, &batches, texts.len()))
    }

    fn tokenise(&self, texts: &[String], checkpoint: Checkpoints<'_>) -> Result<Vec<Vec<u32>>> {
        let encode = |texts: &[String]| -> Result<Vec<Vec<u32>>> {
            texts
                .iter()
                .map(|text| {
                    checkpoint()?;
                    self.tokenizer.encode(text)
                })
                .collect()
        };
        match &self.engine {
            Engine::Cpu { lanes, .. } if texts.len() > TOKENISED_ALONE => {
                let parts = texts.chunks(texts.len().div_ceil(lanes.len()));
                let done: Vec<_> = std::thread::scope(|scope| {
                    let threads: Vec<_> = parts.map(|part| scope.spawn(|| encode(part))).collect();
                    threads.into_iter().map(join).collect()
                });
                Ok(done.into_iter().collect::<Result<Vec<_>>>()?.concat())
            }
            _ => encode(texts),
        }
    }
}

/// What a thread gave.
fn join<T>(thread: std::thread::ScopedJoinHandle<'_, Result<T>>) -> Result<T> {
    thread.join().unwrap_or_else(|_| Err(Error::device("a kernel panicked")))
}

impl std::fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("Encoder")
            .field("model", &self.model)
            .field("device", &self.device)
            .finish_non_exhaustive()
    }
}

impl Engine {
    fn cpu(model: PackedEncoder, threads: Option<NonZeroUsize>) -> Result<Self> {
        let threads = threads.or_else(|| std::thread::available_parallelism().ok()).map_or(1, NonZeroUsize::get);
        Ok(Self::Cpu {
            model,
            lanes: (0..threads).map(|_| threads_of("embed", 1)).collect::<Result<_>>()?,
            together: threads_of("embed-together", threads)?,
        })
    }

    /// Cuts texts, longest first, into batches of about the same work.
    fn batches<'a>(&self, order: &'a [usize], ids: &[Vec<u32>]) -> Vec<&'a [usize]> {
        match self {
            Self::Cpu { lanes, .. } => {
                let tokens: usize = ids.iter().map(Vec::len).sum();
                let budget = tokens.div_ceil(lanes.len()).min(PACKED_TOKENS);
                cut(order, |batch, next| {
                    batch.iter().chain([&next]).map(|index| ids[*index].len()).sum::<usize>() <= budget
                })
            }
            // The first text of a batch is its longest.
            Self::Padded(_) => cut(order, |batch, _| {
                let longest = batch.first().map_or(1, |index| ids[*index].len().next_multiple_of(padded::STEP));
                (batch.len() + 1) * longest <= PADDED_TOKENS
            }),
        }
    }
}

/// Cuts a list wherever the next item does not fit any more.
fn cut(order: &[usize], fits: impl Fn(&[usize], usize) -> bool) -> Vec<&[usize]> {
    let mut batches = Vec::new();
    let mut start = 0;
    for end in 1..=order.len() {
        if end == order.len() || !fits(&order[start..end], order[end]) {
            batches.push(&order[start..end]);
            start = end;
        }
    }
    batches
}

/// The batches of one call.
struct Run<'a> {
    ids: &'a [Vec<u32>],
    batches: &'a [&'a [usize]],
    checkpoint: Checkpoints<'a>,
}

/// Vectors by batch.
type ByBatch = Vec<Vec<Embedding>>;

impl Run<'_> {
    fn texts(&self, batch: usize) -> Vec<&[u32]> {
        self.batches[batch].iter().map(|index| self.ids[*index].as_slice()).collect()
    }

    fn one_by_one(&self, encode: impl Fn(&[&[u32]]) -> Result<Vec<Embedding>>) -> Result<ByBatch> {
        (0..self.batches.len())
            .map(|batch| {
                (self.checkpoint)()?;
                encode(&self.texts(batch))
            })
            .collect()
    }

    fn side_by_side(
        &self,
        lanes: &[ThreadPool],
        encode: impl Fn(&[&[u32]]) -> Result<Vec<Embedding>> + Sync,
    ) -> Result<ByBatch> {
        let next = AtomicUsize::new(0);
        let work = || -> Result<Vec<(usize, Vec<Embedding>)>> {
            let mut done = Vec::new();
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                if batch >= self.batches.len() {
                    return Ok(done);
                }
                let vectors = encode(&self.texts(batch)).inspect_err(|_| {
                    // The others need not go on.
                    next.store(self.batches.len(), Ordering::Relaxed);
                })?;
                done.push((batch, vectors));
            }
        };
        let mut vectors = vec![Vec::new(); self.batches.len()];
        let done: Vec<_> = std::thread::scope(|scope| {
            let threads: Vec<_> = lanes.iter().map(|lane| scope.spawn(|| lane.install(work))).collect();
            threads.into_iter().map(join).collect()
        });
        for done in done {
            for (batch, found) in done? {
                vectors[batch] = found;
            }
        }
        Ok(vectors)
    }
}

fn in_order(vectors: ByBatch, batches: &[&[usize]], count: usize) -> Vec<Embedding> {
    let mut ordered = vec![Vec::new(); count];
    for (indices, vectors) in batches.iter().zip(vectors) {
        for (index, vector) in indices.iter().zip(vectors) {
            ordered[*index] = vector;
        }
    }
    ordered
}

fn threads_of(name: &'static str, threads: usize) -> Result<ThreadPool> {
    ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(move |index| format!("{name}-{index}"))
        .build()
        .map_err(|error| Error::System { what: "threads for the encoder", reason: error.to_string() })
}

#[cfg(test)]
mod tests;
