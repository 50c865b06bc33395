//! A decoder on the GPU.
//!
//! What a pass does is written down once, when the model is loaded: programs with their buffers bound, layer by layer. A pass
//! then hands over its rows and lets them run. As on the CPU, the bits of a row do not depend on what else is in the pass:
//! sums have one order, and attention puts its parts together at fixed positions.

mod layers;
mod pass;
mod pool;

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};

use super::cache::PageLayout;
use super::configuration::{AttentionConfiguration, Configuration, KeySource, LayerConfiguration, NormKind};
use super::source::Source;
use super::weights::Weights;
use crate::gpu::{Gpu, Matrix, Programs, Use};
use crate::kernels::PAGE;
use crate::{Error, Result};

use layers::{Builder, Step};
use pass::Recorded;
pub(crate) use pool::{Pool, Slot};

/// Rows of a pass.
pub(super) const ROWS: usize = 256;
/// Rows whose logits are computed at once.
const HEAD_ROWS: usize = 16;
/// Tokens of a group in attention.
const CHUNK: usize = 256;
/// The widest head.
const WIDEST_HEAD: usize = 512;
/// Tokens that all texts together may hold, whatever the model could read; and bytes that they may take.
const TOKENS: usize = 32 << 10;
const CACHE_BYTES: u64 = 2 << 30;
/// How often a page may be in use at once, on average: texts that begin alike share pages.
const TABLES: usize = 16;
/// Bytes for what attention finds before it is put together.
const FOUND_BYTES: u64 = 32 << 20;
/// Bytes from one slice to the next: what every device aligns.
const SLICE_BYTES: u64 = 256;

/// A decoder whose weights and caches are on a GPU.
pub(super) struct GpuDecoder {
    gpu: Gpu,
    programs: Mutex<Programs>,
    buffers: Buffers,
    layers: Vec<Vec<Step>>,
    /// The last norm and the head.
    head: Vec<Step>,
    pool: Arc<Pool>,
    pages: u32,
    /// Bytes of a page in each layer, with the buffer.
    caches: Vec<(u64, wgpu::Buffer)>,
    /// Tells programs which rows they work on: for attention, for the head, and all.
    attention_slices: Vec<wgpu::BindGroup>,
    head_slices: Vec<wgpu::BindGroup>,
    all_rows: wgpu::BindGroup,
    /// Bytes that attention needs for a row and a group of tokens.
    found_bytes: u64,
    /// The last pass of few rows, written down for another one that does the same.
    recorded: Mutex<Option<Recorded>>,
    /// Where logits are read.
    reading: Mutex<wgpu::Buffer>,
}

/// What passes work in.
struct Buffers {
    rows: wgpu::Buffer,
    projected: wgpu::Buffer,
    rounded: wgpu::Buffer,
    blocks: wgpu::Buffer,
    kept: wgpu::Buffer,
    /// What feed-forward networks bent, rounded, and its units.
    bent: wgpu::Buffer,
    bent_blocks: wgpu::Buffer,
    /// Queries, keys and values as they were projected, and the queries as attention takes them.
    attention: wgpu::Buffer,
    queries: wgpu::Buffer,
    gates: wgpu::Buffer,
    wide: wgpu::Buffer,
    found: wgpu::Buffer,
    logits: wgpu::Buffer,
    /// Each row's position, and where its pages begin in `pages`.
    places: wgpu::Buffer,
    pages: wgpu::Buffer,
    /// Sines and cosines of each rotation.
    turns: Vec<wgpu::Buffer>,
    asked: wgpu::Buffer,
    slices: wgpu::Buffer,
}

/// Why a model cannot run on a GPU, if it cannot.
fn refusal(configuration: &Configuration) -> Option<String> {
    if !configuration.hidden.is_multiple_of(4) {
        return Some(format!("rows of {} numbers", configuration.hidden));
    }
    if configuration.layer_embedding.is_some() {
        return Some("embeddings for each layer".to_owned());
    }
    configuration.layers.iter().find_map(|layer| {
        let Some(attention) = layer.attention() else {
            return Some("layers that remember by the delta rule".to_owned());
        };
        let width = attention.shape.width;
        if width > WIDEST_HEAD || !width.is_multiple_of(8) {
            return Some(format!("heads of {width} numbers"));
        }
        if attention.is_gated || attention.is_value_normed || attention.keys != KeySource::Own || layer.is_scaled {
            return Some("attention of this kind".to_owned());
        }
        if attention.is_head_normed && configuration.norm == NormKind::Layer {
            return Some("heads that are normalised by mean and variance".to_owned());
        }
        if layer.feed_forward.experts.is_some() {
            return Some("mixtures of experts".to_owned());
        }
        let width = layer.feed_forward.width;
        (!width.is_multiple_of(4)).then(|| format!("feed-forward networks of {width} numbers"))
    })
}

impl GpuDecoder {
    pub(super) fn load(gpu: Gpu, source: &Source, configuration: &Configuration, layout: &PageLayout) -> Result<Self> {
        if let Some(what) = refusal(configuration) {
            return Err(Error::NoDevice(format!("{what} cannot be computed on the GPU yet")));
        }
        let upload = |part, outputs, inner| source.upload(&gpu, part, outputs, inner);
        let weights: Weights<Matrix> = Weights::load_with(source, configuration, &upload)?;
        let caches: Vec<u64> = (0..configuration.layers.len()).map(|layer| layout.layer_bytes(layer)).collect();
        let pages = page_count(&gpu, configuration, &caches);
        let caches: Vec<_> =
            caches.into_iter().map(|bytes| (bytes, gpu.buffer(bytes * u64::from(pages), Use::Storage))).collect();
        let found_bytes = found_bytes(configuration);
        let buffers = Buffers::new(&gpu, configuration, pages, found_bytes);
        gpu.check()?;
        let mut programs = Programs::default();
        let mut builder = Builder::new(&gpu, &mut programs, configuration, &buffers);
        let mut layers = Vec::with_capacity(weights.layers.len());
        let mut before = None;
        for ((layer, shape), (_, cache)) in weights.layers.iter().zip(&configuration.layers).zip(&caches) {
            let steps = builder.layer(shape, layer, before, cache);
            layers.push(steps.ok_or_else(|| source.damaged("a layer has the weights of another kind"))?);
            before = Some(layer);
        }
        let head = builder.head(&weights);
        let (Some(attention), Some(asked)) = (builder.sliced_program(), builder.asked_program()) else {
            return Err(source.damaged("it has no layers"));
        };
        let slice = |program, number: usize| {
            let bytes = NonZeroU64::new(SLICE_BYTES).unwrap_or(NonZeroU64::MIN);
            gpu.bind_part(program, 1, &buffers.slices, number as u64 * SLICE_BYTES, bytes)
        };
        let attention_slices = (0..ROWS).map(|number| slice(attention, number)).collect();
        let head_slices = (0..ROWS / HEAD_ROWS).map(|number| slice(asked, ROWS + number)).collect();
        let all_rows = slice(asked, ROWS + ROWS / HEAD_ROWS);
        // Those of the head are always the same, and so is the one of all rows.
        let firsts: Vec<usize> = (0..ROWS / HEAD_ROWS).map(|slice| slice * HEAD_ROWS).chain([0]).collect();
        gpu.write(&buffers.slices, ROWS as u64 * SLICE_BYTES, &pass::slice_bytes(&firsts, 0));
        gpu.check()?;
        Ok(Self {
            layers,
            head,
            pool: Pool::new(pages),
            pages,
            caches,
            attention_slices,
            head_slices,
            all_rows,
            found_bytes,
            recorded: Mutex::default(),
            reading: Mutex::new(
                gpu.buffer((HEAD_ROWS * configuration.vocabulary * size_of::<f32>()) as u64, Use::Reading),
            ),
            buffers,
            programs: Mutex::new(programs),
            gpu,
        })
    }

    /// Pages that there are.
    pub(super) fn pages(&self) -> usize {
        self.pages as usize
    }
}

/// Pages that fit into what may be used of the device.
fn page_count(gpu: &Gpu, configuration: &Configuration, layers: &[u64]) -> u32 {
    let all: u64 = layers.iter().sum::<u64>().max(1);
    let widest = layers.iter().copied().max().unwrap_or(1).max(1);
    let wanted = (2 * configuration.context).clamp(PAGE * 8, TOKENS).div_ceil(PAGE) as u64;
    let pages = wanted.min(CACHE_BYTES / all).min(gpu.largest_buffer() / widest);
    u32::try_from(pages.max(8)).unwrap_or(u32::MAX)
}

/// Bytes that attention needs for a row and a group of tokens, in the layer that needs the most.
fn found_bytes(configuration: &Configuration) -> u64 {
    let shapes = configuration.layers.iter().filter_map(LayerConfiguration::attention);
    shapes
        .map(|AttentionConfiguration { shape, .. }| (shape.heads * (shape.width + 4) * size_of::<f32>()) as u64)
        .max()
        .unwrap_or(0)
}

impl Buffers {
    fn new(gpu: &Gpu, configuration: &Configuration, pages: u32, found_bytes: u64) -> Self {
        let layers = &configuration.layers;
        let heads = || layers.iter().filter_map(LayerConfiguration::attention).map(|attention| attention.shape);
        let wide = heads().map(|shape| shape.heads * shape.width).max().unwrap_or(0);
        let narrow = heads().map(|shape| shape.shared * shape.width).max().unwrap_or(0);
        let feed_forward = layers.iter().map(|layer| layer.feed_forward.width).max().unwrap_or(0);
        let hidden = configuration.hidden;
        let largest = wide.max(feed_forward).max(hidden);
        let numbers = |count: usize| gpu.buffer((count * size_of::<f32>()) as u64, Use::Storage);
        let chunks = (pages as usize * PAGE).min(configuration.context).div_ceil(CHUNK) as u64;
        let found = FOUND_BYTES.max(found_bytes * chunks).min(gpu.largest_buffer());
        let turns = configuration.rotations.iter().map(|rotation| numbers(ROWS * 2 * rotation.frequencies.len()));
        let slices = (ROWS + ROWS / HEAD_ROWS + 1) as u64 * SLICE_BYTES;
        Self {
            rows: numbers(ROWS * hidden),
            projected: numbers(ROWS * hidden),
            rounded: gpu.buffer((ROWS * largest) as u64, Use::Storage),
            blocks: gpu.buffer((ROWS * largest.div_ceil(32) * 8) as u64, Use::Storage),
            kept: numbers(ROWS * largest),
            bent: gpu.buffer((ROWS * feed_forward) as u64, Use::Storage),
            bent_blocks: gpu.buffer((ROWS * feed_forward.div_ceil(32) * 8) as u64, Use::Storage),
            attention: numbers(ROWS * (wide + 2 * narrow)),
            queries: numbers(ROWS * wide),
            gates: numbers(ROWS * feed_forward),
            wide: numbers(ROWS * feed_forward),
            found: gpu.buffer(found, Use::Storage),
            logits: numbers(HEAD_ROWS * configuration.vocabulary),
            places: numbers(ROWS * 2),
            pages: numbers(TABLES * pages as usize),
            turns: turns.collect(),
            asked: numbers(ROWS),
            slices: gpu.buffer(slices, Use::Uniform),
        }
    }
}
