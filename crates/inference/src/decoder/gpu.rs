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

use super::MOST_ROWS;
use super::cache::{PageLayout, STATES};
use super::configuration::{Configuration, KeySource};
use super::source::Source;
use super::weights::{Layer, Maker, Mixer, Weights};
use crate::gpu::{Gpu, Matrix, Programs, Use};
use crate::kernels::PAGE;
use crate::{Error, Result};

use buffers::{Buffers, found_bytes};
use layers::{Added, Builder, Step};
use pass::Recorded;
pub(crate) use pool::{Pool, Slot};
use refusal::refusal;

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
        // What cannot do with less comes first, and room for what is joined below; texts have what is left.
        let page_bytes: Vec<u64> = (0..configuration.layers.len()).map(|layer| layout.own_bytes(layer)).collect();
        let wanted = wanted_pages(&gpu, configuration, &page_bytes);
        let found_bytes = found_bytes(configuration);
        let buffers = Buffers::new(&gpu, configuration, u32::try_from(wanted).unwrap_or(u32::MAX), found_bytes);
        let reading = gpu.buffer((HEAD_ROWS * configuration.vocabulary * size_of::<f32>()) as u64, Use::Reading);
        gpu.check()?;
        let reserve = room_for_joining(&gpu, &weights)?;
        let (state_count, states) = room_for_states(&gpu, layout, configuration.layers.len())?;
        let (pages, caches) = room_for_texts(&gpu, &page_bytes, wanted)?;
        drop(reserve);
        gpu.flush()?;
        let caches = states.into_iter().zip(caches).map(|(states, pages)| states.unwrap_or(pages));
        let mut caches: Vec<_> = page_bytes.into_iter().zip(caches).collect();
        lend(configuration, &mut caches);
        let mut programs = Programs::default();
        let mut builder = Builder::new(&gpu, &mut programs, configuration, &buffers);
        let mut layers = Vec::with_capacity(weights.layers.len());
        let embedding = weights.layer_embeddings.as_ref().map(|weights| builder.embed(weights)).unwrap_or_default();
        let mut before: Option<Layer<Matrix>> = None;
        for ((number, layer), shape) in weights.layers.into_iter().enumerate().zip(&configuration.layers) {
            let added = before.as_ref().map(Added::after);
            let steps = builder.layer((shape, number), &layer, added, &caches[number].1);
            layers.push(steps.ok_or_else(|| source.damaged("a layer has the weights of another kind"))?);
            // What was joined is not needed in its parts as well.
            before = Some(layer);
            gpu.flush()?;
        }
        if let Some(first) = layers.first_mut() {
            first.splice(0..0, embedding);
        }
        let head = builder.head(before.as_ref().map(Added::after), &weights.norm, &weights.head);
        let (Some(attention), Some(asked)) = (builder.sliced_program(), builder.asked_program()) else {
            return Err(source.damaged("it has no layers"));
        };
        let slice = |program, number: usize| {
            let bytes = NonZeroU64::new(SLICE_BYTES).unwrap_or(NonZeroU64::MIN);
            gpu.bind_part(program, 1, &buffers.slices, number as u64 * SLICE_BYTES, bytes)
        };
        let attention_slices = (0..MOST_ROWS).map(|number| slice(attention, number)).collect();
        let head_slices = (0..MOST_ROWS / HEAD_ROWS).map(|number| slice(asked, MOST_ROWS + number)).collect();
        let all_rows = slice(asked, MOST_ROWS + MOST_ROWS / HEAD_ROWS);
        // Those of the head are always the same, and so is the one of all rows.
        let firsts: Vec<usize> = (0..MOST_ROWS / HEAD_ROWS).map(|slice| slice * HEAD_ROWS).chain([0]).collect();
        gpu.write(&buffers.slices, MOST_ROWS as u64 * SLICE_BYTES, &pass::slice_bytes(&firsts, 0));
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
            reading: Mutex::new(reading),
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

    /// Bytes that are used of the device's memory.
    #[cfg(test)]
    pub(super) fn used(&self) -> u64 {
        self.gpu.used()
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

/// Pages that there should be: as many as a whole context needs beside the beginnings that are kept, or two contexts where these
/// are short.
fn wanted_pages(gpu: &Gpu, configuration: &Configuration, layers: &[u64]) -> u64 {
    let all: u64 = layers.iter().sum::<u64>().max(1);
    let widest = layers.iter().copied().max().unwrap_or(1).max(1);
    let context = configuration.context;
    let wanted = (context + context / 3).max((2 * context).min(TOKENS)).max(LEAST_TOKENS).div_ceil(PAGE) as u64;
    wanted.min(CACHE_BYTES / all).min(gpu.largest_buffer() / widest).max(LEAST_PAGES)
}

/// Pages for what texts have read, and a buffer of them for each layer: as many as are wanted, or half of that, and half again,
/// until there is memory for them.
fn room_for_texts(gpu: &Gpu, layers: &[u64], wanted: u64) -> Result<(u32, Vec<wgpu::Buffer>)> {
    halving(wanted, LEAST_PAGES, |pages| {
        let sizes: Vec<u64> = layers.iter().map(|bytes| bytes * pages).collect();
        gpu.try_buffers(&sizes)
    })
}

/// Places for what layers remember of texts, and a buffer of them for each layer that does; as many as there is memory for.
fn room_for_states(gpu: &Gpu, layout: &PageLayout, layers: usize) -> Result<(u32, Vec<Option<wgpu::Buffer>>)> {
    let bytes: Vec<u64> = (0..layers).map(|layer| (layout.state(layer).len() * size_of::<f32>()) as u64).collect();
    let Some(widest) = bytes.iter().copied().max().filter(|widest| *widest > 0) else {
        return Ok((0, vec![None; layers]));
    };
    let all: u64 = bytes.iter().sum();
    let wanted = (STATE_BYTES / all).clamp(USUAL_STATES, MOST_STATES);
    let wanted = wanted.min(gpu.largest_buffer() / widest).max(LEAST_STATES);
    let (states, buffers) = halving(wanted, LEAST_STATES, |states| {
        let sizes: Vec<u64> = bytes.iter().map(|bytes| bytes * states).filter(|size| *size > 0).collect();
        gpu.try_buffers(&sizes)
    })?;
    let mut buffers = buffers.into_iter();
    Ok((states, bytes.iter().map(|bytes| if *bytes > 0 { buffers.next() } else { None }).collect()))
}

/// What can be had of so many as are wanted, or of half of them, down to the least.
fn halving<T>(wanted: u64, least: u64, have: impl Fn(u64) -> Option<T>) -> Result<(u32, T)> {
    let mut count = wanted;
    loop {
        if let Some(had) = have(count) {
            return Ok((u32::try_from(count).unwrap_or(u32::MAX), had));
        }
        if count == least {
            return Err(Error::DeviceFull);
        }
        count = (count / 2).max(least);
    }
}

/// Memory that is held while texts are given theirs: matrices of a layer that read the same rows are joined later, when those of
/// the layer before are still there in parts.
fn room_for_joining(gpu: &Gpu, weights: &Weights<Matrix>) -> Result<Vec<wgpu::Buffer>> {
    let joined = |layer: &Layer<Matrix>| -> u64 {
        let linears = match &layer.mixer {
            Mixer::Attention(attention) => {
                let keys = attention.keys.iter().flat_map(|keys| [Some(&keys.key), keys.value.as_ref()]);
                [Some(&attention.query)].into_iter().chain(keys).flatten().collect()
            }
            Mixer::Delta(delta) => vec![&delta.mixed, &delta.gate, &delta.rate, &delta.decay],
        };
        linears.iter().map(|linear| linear.weight.bytes()).sum()
    };
    let most = weights.layers.iter().map(joined).max().unwrap_or(0);
    let piece = gpu.largest_buffer().min(most).max(1);
    let sizes = vec![piece; usize::try_from((2 * most).div_ceil(piece)).unwrap_or(0)];
    gpu.try_buffers(&sizes).ok_or(Error::DeviceFull)
}

/// Gives layers that use the keys and values of others the buffers of those.
fn lend(configuration: &Configuration, layers: &mut [(u64, wgpu::Buffer)]) {
    for (number, layer) in configuration.layers.iter().enumerate() {
        if let Some(KeySource::Layer(from)) = layer.attention().map(|attention| attention.keys) {
            layers[number].1 = layers[from].1.clone();
        }
    }
}
