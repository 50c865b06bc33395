//! Language models that write one token after the other.

mod cache;
mod configuration;
mod delta;
mod drafts;
mod experts;
mod forward;
mod generation;
mod gpu;
mod layer_embedding;
mod prefix;
mod rotation;
mod sampling;
mod source;
mod summary;
mod weights;

use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

use ambit_domain::Cancellation;

pub(crate) use cache::{Cache, PageLayout};
pub(crate) use configuration::Configuration;
use configuration::Mixer;
pub(crate) use forward::{Asked, GoesOn, Scratch, Segment};
pub(crate) use generation::{Interrupted, Job, Scheduler, Told};
use gpu::GpuDecoder;
pub(crate) use prefix::{Age, PageName, Shelf, Shelved};
use source::Source;
pub(crate) use summary::Summary;
use weights::Weights;

use crate::device::{self, AdapterKind, ComputeDevice, DeviceChoice};
use crate::gpu::Gpu;
use crate::kernels::{Cpu, PAGE};
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// Rows of a pass, whatever the model and what it runs on.
const MOST_ROWS: usize = 256;
/// One of so many bytes for what texts have read is for beginnings that are kept.
const PREFIX_SHARE: usize = 4;

/// A decoder, ready for passes.
pub(crate) enum Decoder {
    Cpu(Box<CpuDecoder>),
    Gpu(Box<OnGpu>),
}

/// A decoder on the CPU.
pub(crate) struct CpuDecoder {
    configuration: Configuration,
    source: Source,
    weights: Weights,
    layout: PageLayout,
    cpu: Cpu,
}

/// A decoder on the GPU, and what stays on the CPU.
pub(crate) struct OnGpu {
    configuration: Configuration,
    source: Source,
    layout: PageLayout,
    decoder: GpuDecoder,
    /// Whether the device has no memory of its own.
    shares_memory: bool,
}

/// What follows some tokens: a number for each token of the vocabulary.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Logits {
    values: Vec<f32>,
    width: usize,
}

impl Logits {
    /// A row for each token that was asked.
    pub(crate) fn rows(&self) -> impl ExactSizeIterator<Item = &[f32]> {
        self.values.chunks_exact(self.width)
    }
}

/// What a decoder is to run on.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Processor {
    pub(crate) device: DeviceChoice,
    /// Of the CPU.
    pub(crate) threads: NonZeroUsize,
}

/// Memory that a model needs to be loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// Of the GPU, which has no more.
    Gpu,
    /// So many bytes of the CPU's.
    Cpu(u64),
}

/// What can be done about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is room, or more than before.
    Made,
    /// Others use it, and will let go of it.
    Later,
    /// Nobody has any that could be had; so many bytes are free, where that is known.
    Refused { free: u64 },
}

/// Makes room for a model.
pub(crate) type MakeRoom<'a> = &'a mut dyn FnMut(Need) -> Room;

impl Decoder {
    /// Loads a model and its vocabulary: a folder with a GGUF file, or with `config.json`, `tokenizer.json` and safetensors.
    /// The vocabulary comes first: what is needed only to build it is gone before the weights take their memory.
    /// `between` is called then. None while others use the memory that it needs.
    pub(crate) fn load_with_vocabulary(
        folder: &Path,
        processor: Processor,
        cancellation: Cancellation,
        between: impl FnOnce(),
        make_room: MakeRoom<'_>,
    ) -> Result<Option<(Self, Vocabulary)>> {
        let (mut source, configuration) = Source::open(folder)?;
        source.end_with(cancellation);
        let found = device::adapter(processor.device)?;
        if found.is_none() && !has_room(&source, make_room)? {
            return Ok(None);
        }
        let vocabulary = source.take_vocabulary(folder)?;
        if vocabulary.size() > configuration.vocabulary {
            return Err(source.damaged(format!(
                "its tokenizer has {} tokens, and the weights know {}",
                vocabulary.size(),
                configuration.vocabulary
            )));
        }
        between();
        let found = found.map(|(device, adapter)| (device, move || Gpu::open(&adapter)));
        Ok(Self::on(found, source, configuration, processor, make_room)?.map(|decoder| (decoder, vocabulary)))
    }

    /// Loads a model without its vocabulary.
    #[cfg(test)]
    pub(crate) fn load(path: &Path, processor: Processor) -> Result<Self> {
        let (source, configuration) = Source::open(path)?;
        let found = device::adapter(processor.device)?.map(|(device, adapter)| (device, move || Gpu::open(&adapter)));
        let loaded = Self::on(found, source, configuration, processor, &mut |_| Room::Made)?;
        loaded.ok_or_else(|| Error::device("there is no room"))
    }

    /// On a device as it is opened, if there is one to be used.
    fn on(
        found: Option<(ComputeDevice, impl Fn() -> Result<Gpu>)>,
        source: Source,
        configuration: Configuration,
        processor: Processor,
        make_room: MakeRoom<'_>,
    ) -> Result<Option<Self>> {
        let layout = PageLayout::new(&configuration);
        while let Some((device, open)) = &found {
            let load = || GpuDecoder::load(open()?, &source, &configuration, &layout);
            // A driver that fails makes the library panic; the files are none the worse for it.
            let decoder = catch_unwind(AssertUnwindSafe(load));
            let decoder = decoder.unwrap_or_else(|_| Err(Error::device("it failed while the model was loaded")));
            let error = match decoder {
                Ok(decoder) => {
                    tracing::info!(%device, "a language model is on the GPU");
                    let shares_memory = matches!(device.kind, AdapterKind::IntegratedGpu | AdapterKind::SoftwareGpu);
                    let on = OnGpu { configuration, source, layout, decoder, shares_memory };
                    return Ok(Some(Self::Gpu(Box::new(on))));
                }
                Err(error) => error,
            };
            if matches!(error, Error::DeviceFull) {
                match make_room(Need::Gpu) {
                    Room::Made => continue,
                    Room::Later => return Ok(None),
                    Room::Refused { .. } => {}
                }
            }
            if processor.device != DeviceChoice::Auto {
                return Err(error);
            }
            tracing::warn!(%device, %error, "the GPU cannot be used, the CPU takes its place");
            break;
        }
        if !has_room(&source, make_room)? {
            return Ok(None);
        }
        let weights = Weights::load(&source, &configuration)?;
        let cpu = Cpu::new(processor.threads)
            .map_err(|error| Error::System { what: "threads for the decoder", reason: error.to_string() })?;
        Ok(Some(Self::Cpu(Box::new(CpuDecoder { layout, configuration, source, weights, cpu }))))
    }

    /// What the model of a folder is made of, and a summary of its files, without loading it.
    pub(crate) fn facts(path: &Path) -> Result<(Configuration, Summary)> {
        let (source, configuration) = Source::open(path)?;
        Ok((configuration, source.summary()))
    }

    /// What it is made of.
    pub(crate) fn configuration(&self) -> &Configuration {
        match self {
            Self::Cpu(decoder) => &decoder.configuration,
            Self::Gpu(decoder) => &decoder.configuration,
        }
    }

    /// How the pages of its caches are laid out.
    pub(crate) fn layout(&self) -> &PageLayout {
        match self {
            Self::Cpu(decoder) => &decoder.layout,
            Self::Gpu(decoder) => &decoder.layout,
        }
    }

    /// Of `bytes` of the CPU's memory, or what there is on the GPU: bytes for what texts have read and written, and for
    /// beginnings that are kept.
    pub(crate) fn memory(&self, bytes: usize) -> (usize, usize) {
        match self {
            Self::Cpu(_) => (bytes - bytes / PREFIX_SHARE, bytes / PREFIX_SHARE),
            Self::Gpu(on) => {
                let all = on.decoder.pages() * on.layout.bytes();
                let states = on.decoder.states().map(|(kept, _)| kept * on.layout.state_bytes());
                let prefixes = (all / PREFIX_SHARE).min(states.unwrap_or(usize::MAX));
                (all - prefixes, prefixes)
            }
        }
    }

    /// What a text takes beside the pages that its tokens fill, as the tokens whose pages take as much.
    pub(crate) fn overhead(&self) -> usize {
        match self {
            Self::Cpu(decoder) => decoder.layout.overhead(),
            // States have a place of their own there.
            Self::Gpu(_) => PAGE,
        }
    }

    /// Texts that there is room for at once, however short they are.
    pub(crate) fn most_texts(&self) -> usize {
        match self {
            Self::Cpu(_) => usize::MAX,
            Self::Gpu(on) => on.decoder.states().map_or(usize::MAX, |(_, texts)| texts),
        }
    }

    /// Bytes of the CPU's memory that it takes beside what texts do: none where a GPU has a memory of its own.
    pub(crate) fn bytes(&self) -> u64 {
        match self {
            Self::Cpu(decoder) => decoder.source.summary().bytes,
            Self::Gpu(on) if on.shares_memory => {
                on.source.summary().bytes + (on.decoder.pages() * on.layout.bytes()) as u64
            }
            Self::Gpu(_) => 0,
        }
    }

    /// Bytes of its weights, wherever they are.
    pub(crate) fn weights(&self) -> u64 {
        match self {
            Self::Cpu(decoder) => decoder.source.summary().bytes,
            Self::Gpu(on) => on.source.summary().bytes,
        }
    }

    /// Bytes of the GPU's memory that texts have, used or not; 0 elsewhere.
    pub(crate) fn texts_on_gpu(&self) -> u64 {
        match self {
            Self::Cpu(_) => 0,
            Self::Gpu(on) => (on.decoder.pages() * on.layout.bytes()) as u64,
        }
    }

    /// Whether it is on the GPU.
    pub(crate) fn is_on_gpu(&self) -> bool {
        matches!(self, Self::Gpu(_))
    }

    /// Whether its device has failed, so that it has to be loaded anew.
    pub(crate) fn has_failed(&self) -> bool {
        match self {
            Self::Cpu(_) => false,
            Self::Gpu(on) => on.decoder.has_failed(),
        }
    }

    /// Has the GPU fail, if it is on one.
    #[cfg(test)]
    pub(crate) fn lose(&self) {
        if let Self::Gpu(on) = self {
            on.decoder.lose();
        }
    }

    /// Reads the tokens of all segments in one pass and returns, for each token that is asked, a row of logits, in order.
    /// The bits of a row depend on its sequence only, not on what else is in the pass. `goes_on` is asked every few
    /// milliseconds; when it denies, or the pass fails, the caches are as before.
    pub(crate) fn forward(
        &self,
        segments: &mut [Segment<'_>],
        scratch: &mut Scratch,
        goes_on: GoesOn<'_>,
    ) -> Result<Logits> {
        match self {
            Self::Cpu(decoder) => decoder.forward(segments, scratch, goes_on),
            Self::Gpu(on) => on.decoder.forward(&on.configuration, &on.source, segments, goes_on),
        }
    }

    /// The numbers of the largest matrix that every row of a pass is multiplied with.
    fn largest_product(&self) -> usize {
        let configuration = self.configuration();
        let sizes = configuration.layers.iter().map(|layer| {
            let network = &layer.feed_forward;
            let width = network.width.max(network.shared.map_or(0, |shared| shared.width));
            let width = if network.is_gated { 2 * width } else { width };
            let mixed = match &layer.mixer {
                Mixer::Attention(attention) => attention.shape.heads * attention.shape.width,
                Mixer::Delta(delta) => delta.mixed(),
            };
            width.max(mixed) * configuration.hidden
        });
        let parts = configuration.layer_embedding.map_or(0, |embedding| embedding.width);
        let sizes = sizes.chain([parts * configuration.layers.len() * configuration.hidden]);
        sizes.max().unwrap_or(0)
    }
}

/// Whether there is room for the weights of a model in the memory of the CPU. False while others use it.
fn has_room(source: &Source, make_room: MakeRoom<'_>) -> Result<bool> {
    let needed = source.summary().bytes;
    match make_room(Need::Cpu(needed)) {
        Room::Made => Ok(true),
        Room::Later => Ok(false),
        Room::Refused { free } => Err(Error::NoMemory { needed, free }),
    }
}

#[cfg(test)]
mod tests;
