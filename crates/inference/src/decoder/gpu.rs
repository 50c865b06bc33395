//! A decoder on the GPU.
//!
//! What a pass does is written down once, when the model is loaded: programs with their buffers bound, layer by layer. A pass
//! then hands over its rows and lets them run. As on the CPU, the bits of a row do not depend on what else is in the pass:
//! sums have one order, and attention puts its parts together at fixed positions.

mod buffers;
mod layers;
mod pass;
mod pool;
mod refusal;

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};

use super::cache::{PageLayout, STATES};
use super::configuration::{Configuration, KeySource};
use super::source::Source;
use super::weights::{Maker, Weights};
use crate::gpu::{Gpu, Matrix, Programs, Use};
use crate::kernels::PAGE;
use crate::{Error, Result};

use buffers::{Buffers, found_bytes};
use layers::{Added, Builder, Step};
use pass::Recorded;
pub(crate) use pool::{Pool, Slot};
use refusal::refusal;

/// Rows of a pass.
pub(super) const ROWS: usize = 256;
/// Rows whose logits are computed at once.
const HEAD_ROWS: usize = 16;
/// Tokens of a group in attention.
const CHUNK: usize = 256;
/// The widest head.
const WIDEST_HEAD: usize = 512;
/// Tokens that texts together may hold beyond one context, bytes that they may take, and what there has to be in any case.
const TOKENS: usize = 32 << 10;
const CACHE_BYTES: u64 = 4 << 30;
const LEAST_TOKENS: usize = 256;
const LEAST_PAGES: u64 = 8;
/// Bytes for what layers remember of texts, and the most states that there have to be, and the fewest; one of so many is for
/// beginnings that are kept.
const STATE_BYTES: u64 = 1 << 30;
const MOST_STATES: u64 = 64;
const USUAL_STATES: u64 = 16;
const LEAST_STATES: u64 = 4;
const STATE_SHARE: usize = 4;
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
    /// Places for what layers remember beside keys and values, where they do, and how many there are.
    states: Option<Arc<Pool>>,
    state_count: u32,
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

impl GpuDecoder {
    pub(super) fn load(gpu: Gpu, source: &Source, configuration: &Configuration, layout: &PageLayout) -> Result<Self> {
        if let Some(what) = refusal(configuration) {
            return Err(Error::NoDevice(format!("{what} cannot be computed on the GPU yet")));
        }
        let one = |part, outputs, inner| source.upload(&gpu, &[part], outputs, inner);
        let joined = |parts: &[_], outputs, inner| source.upload(&gpu, parts, outputs, inner);
        let maker = Maker { one: &one, joined: Some(&joined) };
        let weights: Weights<Matrix> = Weights::load_with(source, configuration, maker)?;
        let caches: Vec<u64> = (0..configuration.layers.len()).map(|layer| layout.own_bytes(layer)).collect();
        let (pages, buffers) = room_for_texts(&gpu, configuration, &caches)?;
        let mut caches: Vec<_> = caches.into_iter().zip(buffers).collect();
        lend(configuration, &mut caches);
        let state_count = room_for_states(&gpu, layout, &mut caches)?;
        let found_bytes = found_bytes(configuration);
        let buffers = Buffers::new(&gpu, configuration, pages, found_bytes);
        gpu.check()?;
        let mut programs = Programs::default();
        let mut builder = Builder::new(&gpu, &mut programs, configuration, &buffers);
        let mut layers = Vec::with_capacity(weights.layers.len());
        let embedding = weights.layer_embeddings.as_ref().map(|weights| builder.embed(weights)).unwrap_or_default();
        let mut before = None;
        for (number, (layer, shape)) in weights.layers.iter().zip(&configuration.layers).enumerate() {
            let steps = builder.layer((shape, number), layer, before, &caches[number].1);
            layers.push(steps.ok_or_else(|| source.damaged("a layer has the weights of another kind"))?);
            before = Some(Added::after(layer));
        }
        if let Some(first) = layers.first_mut() {
            first.splice(0..0, embedding);
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
            states: (state_count > 0).then(|| Pool::new(state_count)),
            state_count,
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

    /// Whether the device has failed.
    pub(super) fn has_failed(&self) -> bool {
        self.gpu.check().is_err()
    }

    /// Has the device fail.
    #[cfg(test)]
    pub(super) fn lose(&self) {
        self.gpu.lose();
    }

    /// Pages that there are.
    pub(super) fn pages(&self) -> usize {
        self.pages as usize
    }

    /// States that are kept for texts that begin alike, and texts that have room for theirs at once; none where layers have no
    /// states.
    pub(super) fn states(&self) -> Option<(usize, usize)> {
        let kept = self.state_count as usize / STATE_SHARE;
        self.states.as_ref().map(|_| (kept, (self.state_count as usize - kept) / STATES))
    }
}

/// Pages for what texts have read, and a buffer of them for each layer: as many as a whole context needs beside the beginnings
/// that are kept, or two contexts where these are short; and half of that, and half again, until there is memory for them.
fn room_for_texts(gpu: &Gpu, configuration: &Configuration, layers: &[u64]) -> Result<(u32, Vec<wgpu::Buffer>)> {
    let all: u64 = layers.iter().sum::<u64>().max(1);
    let widest = layers.iter().copied().max().unwrap_or(1).max(1);
    let context = configuration.context;
    let wanted = (context + context / 3).max((2 * context).min(TOKENS)).max(LEAST_TOKENS).div_ceil(PAGE) as u64;
    let mut pages = wanted.min(CACHE_BYTES / all).min(gpu.largest_buffer() / widest).max(LEAST_PAGES);
    loop {
        let sizes: Vec<u64> = layers.iter().map(|bytes| bytes * pages).collect();
        if let Some(buffers) = gpu.try_buffers(&sizes) {
            return Ok((u32::try_from(pages).unwrap_or(u32::MAX), buffers));
        }
        if pages == LEAST_PAGES {
            return Err(Error::device("its memory is full; a smaller model may fit"));
        }
        pages = (pages / 2).max(LEAST_PAGES);
    }
}

/// Places for what layers remember of texts, in the buffers of the layers that do; as many as there is memory for.
fn room_for_states(gpu: &Gpu, layout: &PageLayout, layers: &mut [(u64, wgpu::Buffer)]) -> Result<u32> {
    let bytes: Vec<u64> =
        (0..layers.len()).map(|layer| (layout.state(layer).len() * size_of::<f32>()) as u64).collect();
    let Some(widest) = bytes.iter().copied().max().filter(|widest| *widest > 0) else { return Ok(0) };
    let all: u64 = bytes.iter().sum();
    let wanted = (STATE_BYTES / all).clamp(USUAL_STATES, MOST_STATES);
    let mut states = wanted.min(gpu.largest_buffer() / widest).max(LEAST_STATES);
    loop {
        let sizes: Vec<u64> = bytes.iter().map(|bytes| bytes * states).filter(|size| *size > 0).collect();
        if let Some(buffers) = gpu.try_buffers(&sizes) {
            let remembering = layers.iter_mut().zip(&bytes).filter(|(_, bytes)| **bytes > 0);
            remembering.zip(buffers).for_each(|(((_, place), _), buffer)| *place = buffer);
            return Ok(u32::try_from(states).unwrap_or(u32::MAX));
        }
        if states == LEAST_STATES {
            return Err(Error::device("its memory is full; a smaller model may fit"));
        }
        states = (states / 2).max(LEAST_STATES);
    }
}

/// Gives layers that use the keys and values of others the buffers of those.
fn lend(configuration: &Configuration, layers: &mut [(u64, wgpu::Buffer)]) {
    for (number, layer) in configuration.layers.iter().enumerate() {
        if let Some(KeySource::Layer(from)) = layer.attention().map(|attention| attention.keys) {
            layers[number].1 = layers[from].1.clone();
        }
    }
}
