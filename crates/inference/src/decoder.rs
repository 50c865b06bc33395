//! Language models that write one token after the other.

mod cache;
mod configuration;
mod drafts;
mod experts;
mod forward;
mod generation;
mod prefix;
mod rotation;
mod sampling;
mod source;
mod summary;
mod weights;

use std::num::NonZeroUsize;
use std::path::Path;

pub(crate) use cache::{Cache, PageLayout};
pub(crate) use configuration::Configuration;
pub(crate) use forward::{Asked, Scratch, Segment};
pub(crate) use generation::{Job, Scheduler, Told};
use source::Source;
pub(crate) use summary::Summary;
use weights::Weights;

use crate::kernels::Cpu;
use crate::vocabulary::Vocabulary;
use crate::{Error, Result};

/// A decoder on the CPU, ready for passes.
pub(crate) struct Decoder {
    configuration: Configuration,
    source: Source,
    weights: Weights,
    layout: PageLayout,
    cpu: Cpu,
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

impl Decoder {
    /// Loads a model and its vocabulary: a folder with a GGUF file, or with `config.json`, `tokenizer.json` and safetensors.
    /// The vocabulary comes first: what is needed only to build it is gone before the weights take their memory.
    pub(crate) fn load_with_vocabulary(folder: &Path, threads: NonZeroUsize) -> Result<(Self, Vocabulary)> {
        let (mut source, configuration) = Source::open(folder)?;
        let vocabulary = source.take_vocabulary(folder)?;
        if vocabulary.size() > configuration.vocabulary {
            return Err(source.damaged(format!(
                "its tokenizer has {} tokens, and the weights know {}",
                vocabulary.size(),
                configuration.vocabulary
            )));
        }
        Ok((Self::of(source, configuration, threads)?, vocabulary))
    }

    /// Loads a model without its vocabulary.
    #[cfg(test)]
    pub(crate) fn load(path: &Path, threads: NonZeroUsize) -> Result<Self> {
        let (source, configuration) = Source::open(path)?;
        Self::of(source, configuration, threads)
    }

    fn of(source: Source, configuration: Configuration, threads: NonZeroUsize) -> Result<Self> {
        let weights = Weights::load(&source, &configuration)?;
        let cpu = Cpu::new(threads)
            .map_err(|error| Error::System { what: "threads for the decoder", reason: error.to_string() })?;
        Ok(Self { layout: PageLayout::new(&configuration), configuration, source, weights, cpu })
    }

    /// What the model of a folder is made of, and a summary of its files, without loading it.
    pub(crate) fn facts(path: &Path) -> Result<(Configuration, Summary)> {
        let (source, configuration) = Source::open(path)?;
        Ok((configuration, source.summary()))
    }

    /// What it is made of.
    pub(crate) fn configuration(&self) -> &Configuration {
        &self.configuration
    }

    /// The numbers of the largest matrix that every row of a pass is multiplied with.
    fn largest_product(&self) -> usize {
        let sizes = self.configuration.layers.iter().map(|layer| {
            let width = layer.feed_forward.width * if layer.feed_forward.is_gated { 2 } else { 1 };
            width.max(layer.attention.shape.heads * layer.attention.shape.width) * self.configuration.hidden
        });
        sizes.max().unwrap_or(0)
    }

    /// How the pages of its caches are laid out.
    pub(crate) fn layout(&self) -> &PageLayout {
        &self.layout
    }
}

#[cfg(test)]
mod tests;
