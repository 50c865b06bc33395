//! The frames between a host and its engine worker.
//!
//! A frame is the length of what follows (four bytes, little-endian), [`VERSION`] (one byte), and a [`Request`] or
//! [`Response`] in [postcard](https://docs.rs/postcard). The host speaks first: [`Request::Hello`], answered by
//! [`Response::Hello`]. Every [`Request::Embed`] gets exactly one [`Response::Embedded`] or [`Response::Failed`] with its
//! id, in any order; every [`Request::Generate`] some [`Response::Written`], [`Response::Token`] and [`Response::Called`], and
//! then one [`Response::Generated`] or [`Response::Failed`]; every [`Request::Train`] one [`Response::Trained`] or
//! [`Response::Failed`]. Dropping the pipe ends the worker.
//!
//! ```
//! use ambit_inference::wire::{read_frame, write_frame, Request};
//!
//! # fn main() -> Result<(), ambit_inference::Error> {
//! let mut pipe = Vec::new();
//! write_frame(&mut pipe, &Request::Stats)?;
//! assert_eq!(read_frame::<Request>(&mut pipe.as_slice())?, Some(Request::Stats));
//! # Ok(())
//! # }
//! ```

use std::io::{Read, Write};
use std::path::PathBuf;

use ambit_domain::port::{EmbedPriority, GenerationPriority, Prompt, Training, WrittenToken};
use ambit_domain::{Embedding, ErrorCode, FinishReason, SamplingOptions, ToolCall, Tools};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

use crate::{ComputeDevice, DeviceChoice, Error, Result};

/// The version of this protocol. Host and worker are the same executable, so a difference means that the executable was
/// replaced while the host ran.
pub const VERSION: u8 = 7;

/// The most bytes of one frame, its length not counted.
pub const FRAME_LIMIT: usize = 64 << 20;

/// What the host asks.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "few are there at a time, and most of them are of the largest kind")]
pub enum Request {
    /// The first frame.
    Hello {
        /// [`VERSION`] of the host.
        version: u8,
    },
    /// Load an encoder, in place of the one that was loaded.
    Load {
        /// Its folder.
        folder: PathBuf,
        /// What it is to run on.
        device: DeviceChoice,
    },
    /// Turn texts into vectors.
    Embed {
        /// Chosen by the host; names this request until it is answered.
        id: u64,
        /// Who waits.
        priority: EmbedPriority,
        /// The texts.
        texts: Vec<String>,
    },
    /// Write a text. The model is loaded when it is not yet.
    Generate {
        /// As for [`Request::Embed`]; no two requests have the same.
        id: u64,
        /// The model's folder.
        folder: PathBuf,
        /// What it is to run on.
        device: DeviceChoice,
        /// What to go on from.
        prompt: Prompt,
        /// How tokens are chosen.
        sampling: SamplingOptions,
        /// Who waits.
        priority: GenerationPriority,
        /// The tools that the model may ask for.
        tools: Tools,
        /// What it may well begin with, by somebody's guess.
        draft: Option<String>,
        /// The date and time, for models that are told it: `2026-11-26T09:30:00`.
        now: String,
    },
    /// Learn the weights of a classifier. No model is loaded for it.
    Train {
        /// As for [`Request::Embed`].
        id: u64,
        /// What to learn from.
        training: Training,
    },
    /// Give up a request; it is answered with [`ErrorCode::Cancelled`] unless it was done already.
    Cancel {
        /// The request.
        id: u64,
    },
    /// Let the encoder go.
    Unload,
    /// Forget all that language models have read, on disk too. Of texts that are being written, nothing is kept.
    Forget {
        /// As for [`Request::Embed`].
        id: u64,
    },
    /// How it is.
    Stats,
    /// End, after what is under way was given up.
    Shutdown,
}

/// What the worker answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Response {
    /// The answer to [`Request::Hello`].
    Hello {
        /// [`VERSION`] of the worker.
        version: u8,
        /// Its process id.
        pid: u32,
    },
    /// The answer to [`Request::Load`].
    Loaded {
        /// Id of the model with its revision.
        model: String,
        /// What it runs on.
        device: ComputeDevice,
        /// Length of its vectors.
        dimensions: usize,
    },
    /// The answer to [`Request::Embed`].
    Embedded {
        /// The request.
        id: u64,
        /// One per text, in order.
        vectors: Vectors,
    },
    /// More of the text that a [`Request::Generate`] asked for.
    Written {
        /// The request.
        id: u64,
        /// The next piece.
        text: String,
    },
    /// A token of that text, where tokens are asked for. It comes before its piece.
    Token {
        /// The request.
        id: u64,
        /// The token.
        token: WrittenToken,
    },
    /// A tool that is to be called.
    Called {
        /// The request.
        id: u64,
        /// The call.
        call: ToolCall,
    },
    /// The end of that text.
    Generated {
        /// The request.
        id: u64,
        /// Why it ended.
        reason: FinishReason,
        /// Tokens that were read.
        prompt_tokens: u32,
        /// Tokens that were written.
        completion_tokens: u32,
        /// Tokens of the prompt that had been read before.
        known_tokens: u32,
        /// Tokens that were guessed ahead.
        guessed_tokens: u32,
        /// Those of them that the model agreed with.
        agreed_tokens: u32,
    },
    /// The answer to [`Request::Train`].
    Trained {
        /// The request.
        id: u64,
        /// The weights.
        weights: Vec<f32>,
    },
    /// The answer to a request that failed.
    Failed {
        /// The request, where it has an id.
        id: Option<u64>,
        /// For machines.
        code: ErrorCode,
        /// For people.
        message: String,
        /// What the user can do about it.
        hint: Option<String>,
    },
    /// The answer to [`Request::Unload`].
    Unloaded,
    /// The answer to [`Request::Forget`].
    Forgotten {
        /// The request.
        id: u64,
    },
    /// The answer to [`Request::Stats`].
    Stats(Stats),
    /// What models hold now; comes unasked when that has changed.
    Memory(WorkerMemory),
}

/// What the models of a worker hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkerMemory {
    /// Bytes of the encoder that is loaded; 0 where there is none, or where it is in a GPU's own memory.
    pub encoder: u64,
    /// The language models, the one that was used last at the end, and behind it one that is being loaded.
    pub models: Vec<ModelMemory>,
}

/// What a language model holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelMemory {
    /// Its folder.
    pub folder: PathBuf,
    /// What it does.
    pub state: ModelState,
    /// Whether it is on a GPU.
    pub is_on_gpu: bool,
    /// Bytes of its weights; of one that is being loaded, those that it was promised.
    pub weights: u64,
    /// Bytes of what it has read and written.
    pub texts: u64,
}

/// What a model in memory does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum ModelState {
    /// It is being read.
    Loading,
    /// It reads or writes.
    Working,
    /// Nothing is asked of it.
    Resting,
}

/// How a worker is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stats {
    /// Memory that the process holds; 0 where the system does not tell.
    pub resident_bytes: u64,
    /// Embedding requests that were answered, failed ones included.
    pub requests: u64,
    /// Texts that were turned into vectors.
    pub texts: u64,
    /// Requests that wait or are under way.
    pub pending: u64,
    /// The encoder that is loaded.
    pub model: Option<String>,
}

/// Vectors of one length, as the little-endian bytes of their values: a tenth of the time that a list of numbers takes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vectors {
    dimensions: usize,
    #[serde(with = "bytes")]
    values: Vec<u8>,
}

impl Vectors {
    /// Packs vectors, all of the same length.
    #[must_use]
    pub fn pack(vectors: &[Embedding]) -> Self {
        let dimensions = vectors.first().map_or(0, Vec::len);
        let values = vectors.iter().flatten().flat_map(|value| value.to_le_bytes()).collect();
        Self { dimensions, values }
    }

    /// How many vectors there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len().checked_div(4 * self.dimensions).unwrap_or(0)
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The vectors again.
    #[must_use]
    pub fn unpack(&self) -> Vec<Embedding> {
        if self.dimensions == 0 {
            return Vec::new();
        }
        let number = |bytes: &[u8]| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        self.values
            .chunks_exact(4 * self.dimensions)
            .map(|vector| vector.chunks_exact(4).map(number).collect())
            .collect()
    }
}

impl std::fmt::Debug for Vectors {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} vectors of {}", self.len(), self.dimensions)
    }
}

impl Response {
    /// A failure in the form that travels.
    #[must_use]
    pub fn failed(id: Option<u64>, error: &Error) -> Self {
        Self::Failed { id, code: error.code(), message: error.to_string(), hint: error.hint() }
    }
}

/// Writes a frame and flushes.
///
/// # Errors
/// [`Error::Frame`] when it is over [`FRAME_LIMIT`], [`Error::Pipe`] when the other side is gone.
pub fn write_frame<T: Serialize>(output: &mut impl Write, message: &T) -> Result<()> {
    let mut frame = vec![0, 0, 0, 0, VERSION];
    frame = postcard::to_extend(message, frame).map_err(|error| Error::Frame(error.to_string()))?;
    let length = frame.len() - 4;
    if length > FRAME_LIMIT {
        return Err(Error::Frame(format!("it has {length} bytes, and {FRAME_LIMIT} are allowed")));
    }
    frame[..4].copy_from_slice(&(length as u32).to_le_bytes());
    output.write_all(&frame)?;
    output.flush()?;
    Ok(())
}

/// Reads a frame; none at the end of the pipe.
///
/// # Errors
/// [`Error::Frame`] when it is over [`FRAME_LIMIT`], empty, cut off or no message, [`Error::Version`] when the other side
/// is of another version, [`Error::Pipe`] when the pipe fails.
pub fn read_frame<T: DeserializeOwned>(input: &mut impl Read) -> Result<Option<T>> {
    let mut length = [0; 4];
    if !fill(input, &mut length)? {
        return Ok(None);
    }
    let length = u32::from_le_bytes(length) as usize;
    if length == 0 || length > FRAME_LIMIT {
        return Err(Error::Frame(format!("it claims {length} bytes, and 1 to {FRAME_LIMIT} are allowed")));
    }
    // Grows with what really arrives, so that a false length costs nothing.
    let mut frame = Vec::with_capacity(length.min(1 << 16));
    input.take(length as u64).read_to_end(&mut frame)?;
    if frame.len() < length {
        return Err(Error::Frame(format!("it was cut off after {} of {length} bytes", frame.len())));
    }
    if frame[0] != VERSION {
        return Err(Error::Version { ours: VERSION, theirs: frame[0] });
    }
    match postcard::take_from_bytes(&frame[1..]) {
        Ok((message, [])) => Ok(Some(message)),
        Ok((_, rest)) => Err(Error::Frame(format!("{} bytes follow the message", rest.len()))),
        Err(error) => Err(Error::Frame(error.to_string())),
    }
}

/// Fills a buffer. False when the input ends before its first byte.
fn fill(input: &mut impl Read, buffer: &mut [u8]) -> Result<bool> {
    let mut filled = 0;
    while filled < buffer.len() {
        match input.read(&mut buffer[filled..]) {
            Ok(0) if filled == 0 => return Ok(false),
            Ok(0) => return Err(Error::Frame("it was cut off within its length".to_owned())),
            Ok(count) => filled += count,
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(true)
}

/// Bytes as one run instead of a list.
mod bytes {
    use serde::de::{Deserializer, Error, Visitor};
    use serde::ser::Serializer;

    pub(super) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(bytes)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u8>, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Vec<u8>;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("bytes")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
                Ok(bytes.to_vec())
            }

            fn visit_byte_buf<E: Error>(self, bytes: Vec<u8>) -> Result<Vec<u8>, E> {
                Ok(bytes)
            }
        }
        deserializer.deserialize_byte_buf(Bytes)
    }
}
