//! What passes work in.

use super::layers::delta;
use super::{CHUNK, FOUND_BYTES, HEAD_ROWS, SLICE_BYTES};
use crate::decoder::MOST_ROWS;
use crate::decoder::configuration::{
    AttentionConfiguration, Configuration, DeltaConfiguration, FeedForwardConfiguration, KeySource, LayerConfiguration,
    Mixer,
};
use crate::gpu::{Gpu, Use};
use crate::kernels::{HeadShape, PAGE, Rounding};

/// Numbers that are rounded together, and the bytes of their unit and sums.
const BLOCK: usize = 32;
const UNIT_BYTES: usize = 8;

/// What passes work in.
pub(super) struct Buffers {
    pub(super) rows: wgpu::Buffer,
    pub(super) projected: wgpu::Buffer,
    /// Rounded rows, and behind `left` blocks what their rounding left.
    pub(super) rounded: wgpu::Buffer,
    pub(super) blocks: wgpu::Buffer,
    left: u32,
    pub(super) kept: wgpu::Buffer,
    /// What feed-forward networks bent: rounded in the same way, its units, and as it is.
    pub(super) bent: wgpu::Buffer,
    pub(super) bent_blocks: wgpu::Buffer,
    pub(super) bent_kept: wgpu::Buffer,
    /// What layers project to know of the tokens before, and the queries as attention takes them.
    pub(super) mixer: wgpu::Buffer,
    pub(super) queries: wgpu::Buffer,
    pub(super) gates: wgpu::Buffer,
    pub(super) wide: wgpu::Buffer,
    pub(super) found: wgpu::Buffer,
    pub(super) logits: wgpu::Buffer,
    /// Each row's position, and where its pages begin in `pages`.
    pub(super) places: wgpu::Buffer,
    pub(super) pages: wgpu::Buffer,
    /// Sines and cosines of each rotation.
    pub(super) turns: Vec<wgpu::Buffer>,
    pub(super) asked: wgpu::Buffer,
    pub(super) slices: wgpu::Buffer,
    /// How many rows a pass has.
    pub(super) row_count: wgpu::Buffer,
    /// The parts of all layers of the second embedding, and what the rows are projected to for them.
    pub(super) parts: wgpu::Buffer,
    pub(super) part_projections: wgpu::Buffer,
    pub(super) experts: ExpertBuffers,
    pub(super) delta: DeltaBuffers,
}

/// What layers with the delta rule work in.
pub(super) struct DeltaBuffers {
    /// The texts of a pass: their first rows, how many they have, and where their states are before it and after it.
    pub(super) segments: wgpu::Buffer,
    /// The text of each row.
    pub(super) members: wgpu::Buffer,
    /// Queries, keys and values.
    pub(super) remembered: wgpu::Buffer,
    pub(super) rates: wgpu::Buffer,
    pub(super) answers: wgpu::Buffer,
}

/// What experts are chosen in, and what they say.
pub(super) struct ExpertBuffers {
    pub(super) scores: wgpu::Buffer,
    pub(super) chosen: wgpu::Buffer,
    pub(super) tiles: wgpu::Buffer,
    /// The most choices of a pass.
    pub(super) choices: usize,
    pub(super) said: wgpu::Buffer,
    /// What the network beside them says.
    pub(super) beside: wgpu::Buffer,
}

/// Bytes that attention needs for a row and a group of tokens, in the layer that needs the most.
pub(super) fn found_bytes(configuration: &Configuration) -> u64 {
    let shapes = configuration.layers.iter().filter_map(LayerConfiguration::attention);
    shapes
        .map(|AttentionConfiguration { shape, .. }| (shape.heads * (shape.width + 4) * size_of::<f32>()) as u64)
        .max()
        .unwrap_or(0)
}

/// Numbers that a row is projected to by attention: queries with their gates, keys and values.
pub(super) fn projected(attention: &AttentionConfiguration) -> usize {
    let HeadShape { heads, shared, width, .. } = attention.shape;
    let queries = if attention.is_gated { 2 * heads } else { heads };
    let others = match attention.keys {
        KeySource::Own => 2 * shared,
        KeySource::ValuesAreKeys => shared,
        KeySource::Layer(_) => 0,
    };
    (queries + others) * width
}

/// The most numbers that a row comes to between the projections of feed-forward networks.
fn widest(network: &FeedForwardConfiguration) -> usize {
    let chosen = network.experts.map_or(1, |experts| experts.chosen);
    (network.width * chosen).max(network.shared.map_or(0, |shared| shared.width))
}

impl Buffers {
    /// Blocks from a rounded row to what its rounding left, where it is rounded twice.
    pub(super) fn left(&self, rounding: Option<Rounding>) -> Option<u32> {
        rounding.filter(|rounding| *rounding == Rounding::Twice).map(|_| self.left)
    }

    pub(super) fn new(gpu: &Gpu, configuration: &Configuration, pages: u32, found_bytes: u64) -> Self {
        let most =
            |size: &dyn Fn(&LayerConfiguration) -> usize| configuration.layers.iter().map(size).max().unwrap_or(0);
        let of_heads = |size: &dyn Fn(&AttentionConfiguration) -> usize| {
            most(&|layer: &LayerConfiguration| layer.attention().map_or(0, size))
        };
        let wide = of_heads(&|attention| attention.shape.heads * attention.shape.width);
        let of_delta = |size: &dyn Fn(&DeltaConfiguration) -> usize| {
            most(&|layer: &LayerConfiguration| match &layer.mixer {
                Mixer::Attention(_) => 0,
                Mixer::Delta(delta) => size(delta),
            })
        };
        let of_mixer = of_heads(&projected).max(of_delta(&delta::projected));
        let answers = of_delta(&|delta| delta.shape.values());
        let part = configuration.layer_embedding.map_or(0, |embedding| embedding.width);
        let parts = MOST_ROWS * part * configuration.layers.len();
        let feed_forward = most(&|layer| widest(&layer.feed_forward)).max(part);
        let hidden = configuration.hidden;
        let largest = wide.max(answers).max(hidden);
        let blocks = |width: usize| MOST_ROWS * width.div_ceil(BLOCK);
        let left = blocks(largest.max(feed_forward));
        let rounded = |width: usize| gpu.buffer(((left + blocks(width)) * BLOCK) as u64, Use::Storage);
        let units = |width: usize| gpu.buffer(((left + blocks(width)) * UNIT_BYTES) as u64, Use::Storage);
        let numbers = |count: usize| gpu.buffer((count * size_of::<f32>()) as u64, Use::Storage);
        let chunks = (pages as usize * PAGE).min(configuration.context).div_ceil(CHUNK) as u64;
        let found = FOUND_BYTES.max(found_bytes * chunks).min(gpu.largest_buffer());
        let turns = configuration.rotations.iter().map(|rotation| numbers(MOST_ROWS * 2 * rotation.frequencies.len()));
        let slices = (MOST_ROWS + MOST_ROWS / HEAD_ROWS + 1) as u64 * SLICE_BYTES;
        Self {
            rows: numbers(MOST_ROWS * hidden),
            projected: numbers(MOST_ROWS * hidden),
            rounded: rounded(largest),
            blocks: units(largest),
            left: u32::try_from(left).unwrap_or(u32::MAX),
            kept: numbers(MOST_ROWS * largest),
            bent: rounded(feed_forward),
            bent_blocks: units(feed_forward),
            bent_kept: numbers(MOST_ROWS * feed_forward),
            mixer: numbers(MOST_ROWS * of_mixer),
            queries: numbers(MOST_ROWS * wide),
            gates: numbers(MOST_ROWS * feed_forward),
            wide: numbers(MOST_ROWS * feed_forward),
            found: gpu.buffer(found, Use::Storage),
            logits: numbers(HEAD_ROWS * configuration.vocabulary),
            places: numbers(MOST_ROWS * 2),
            pages: numbers(pages as usize),
            turns: turns.collect(),
            asked: numbers(MOST_ROWS),
            slices: gpu.buffer(slices, Use::Uniform),
            row_count: numbers(1),
            parts: numbers(parts),
            part_projections: numbers(parts),
            experts: ExpertBuffers::new(gpu, configuration),
            delta: DeltaBuffers {
                segments: numbers(MOST_ROWS * 4),
                members: numbers(MOST_ROWS),
                remembered: numbers(MOST_ROWS * of_delta(&DeltaConfiguration::mixed)),
                rates: numbers(MOST_ROWS * of_delta(&|delta| 2 * delta.shape.value_heads)),
                answers: numbers(MOST_ROWS * answers),
            },
        }
    }
}

impl ExpertBuffers {
    fn new(gpu: &Gpu, configuration: &Configuration) -> Self {
        let choices = || configuration.layers.iter().filter_map(|layer| layer.feed_forward.experts);
        let (most, chosen) = choices().fold((0, 0), |(most, chosen), it| (most.max(it.count), chosen.max(it.chosen)));
        let rows = if chosen > 0 { MOST_ROWS } else { 0 };
        let numbers = |count: usize| gpu.buffer((count * size_of::<f32>()) as u64, Use::Storage);
        Self {
            scores: numbers(rows * (most + 1)),
            chosen: numbers(rows * chosen * 2),
            tiles: numbers(rows * chosen * 4),
            choices: rows * chosen,
            said: numbers(rows * chosen * configuration.hidden),
            beside: numbers(rows * configuration.hidden),
        }
    }
}
