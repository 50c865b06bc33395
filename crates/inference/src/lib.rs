//! Local models on burn, and the server side of the engine worker.
//!
//! [`Encoder`] turns text into vectors: an encoder of BERT's shape that reads safetensors and runs on the CPU or, through
//! wgpu, on a GPU, chosen at run time. Language models, on the CPU or a GPU, are loaded in the worker only; [`EncoderFacts`] and
//! [`LanguageModelFacts`] tell about a model without loading it. [`open_token_counter`] counts tokens the way an encoder
//! does. [`serve`] is the main loop of the worker process, [`wire`] the frames that it speaks with its host, [`confine`]
//! what it is forbidden first.
//! [`catalogue`] names the models that are known and verifies their files.
//!
//! ```no_run
//! use ambit_domain::Cancellation;
//! use ambit_inference::{DeviceChoice, Encoder};
//!
//! # fn main() -> Result<(), ambit_inference::Error> {
//! let encoder = Encoder::load("models/all-MiniLM-L6-v2".as_ref(), DeviceChoice::Auto)?;
//! let vectors = encoder.embed(&["a sentence".to_owned()], &Cancellation::new())?;
//! assert_eq!(vectors[0].len(), encoder.dimensions());
//! # Ok(())
//! # }
//! ```

mod bounded;
pub mod catalogue;
mod chat_template;
mod classifier;
mod confinement;
mod constraint;
mod decoder;
mod device;
mod encoder;
mod error;
mod fit;
mod gguf;
mod gpu;
mod kernels;
mod language;
mod mapped_file;
mod memory;
mod tensor_view;
mod token_counter;
mod tokenizer;
mod tool_calls;
#[cfg(test)]
mod untrusted;
mod vocabulary;
mod weight_format;
mod weights_folder;
pub mod wire;
mod worker;

pub use confinement::{Confinement, confine};
pub use device::{AdapterKind, ComputeDevice, DeviceChoice, devices};
pub use encoder::{Encoder, EncoderFacts, EncoderOptions, Prompts, is_encoder};
pub use error::{Error, Result};
pub use fit::{MemoryNeeds, WORKER_OVERHEAD};
pub use gguf::SplitName;
pub use language::LanguageModelFacts;
pub use memory::free_memory;
pub use token_counter::{WordPieceCounter, open_token_counter};
pub use worker::{WorkerOptions, serve};
