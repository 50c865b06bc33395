//! A pass on the GPU.

use std::collections::VecDeque;
use std::sync::PoisonError;

use super::layers::delta::NOWHERE;
use super::layers::{Attention, Step};
use super::{CHUNK, GpuDecoder, HEAD_ROWS, SLICE_BYTES, Slot};
use crate::decoder::cache::Remembered;
use crate::decoder::configuration::Configuration;
use crate::decoder::forward::{GoesOn, Places, Segment, check, unknown};
use crate::decoder::rotation::Turns;
use crate::decoder::source::{Part, Source};
use crate::decoder::{Logits, MOST_ROWS};
use crate::{Error, Result};

/// Rows from which on a pass takes so long that it is handed over layer by layer, and may be given up between them.
const MANY: usize = 16;
/// Layers that are handed over before the first of them is done.
const AHEAD: usize = 2;

/// What the work of a pass depends on, beside the numbers in its buffers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Form {
    rows: usize,
    /// Rows of each slice of attention but the last.
    slice: usize,
    /// Groups of tokens.
    chunks: usize,
    asked: usize,
    texts: usize,
}

/// A pass that is written down.
pub(super) struct Recorded {
    form: Form,
    commands: wgpu::CommandBuffer,
}

impl GpuDecoder {
    /// Reads the tokens of all segments; see [`crate::decoder::Decoder::forward`].
    pub(in crate::decoder) fn forward(
        &self,
        configuration: &Configuration,
        source: &Source,
        segments: &mut [Segment<'_>],
        goes_on: GoesOn<'_>,
    ) -> Result<Logits> {
        let places = Places::of(segments, configuration)?;
        let rows = places.positions.len();
        if rows > MOST_ROWS {
            return Err(Error::device(format!("a pass of {rows} rows is too large")));
        }
        self.gpu.check()?;
        check(goes_on)?;
        self.reserve(segments)?;
        let states = self.begin_states(segments)?;
        self.write_rows(configuration, source, segments)?;
        self.write_places(configuration, segments, &places)?;
        self.write_segments(segments, &places, &states);
        let form = self.write_slices(&places);
        let width = configuration.vocabulary;
        let mut values = if rows <= MANY && form.asked <= HEAD_ROWS {
            self.run_recorded(form, width)?
        } else {
            self.run_by_layer(form, width, goes_on)?
        };
        check(goes_on)?;
        if let Some(limit) = configuration.logit_limit {
            values.iter_mut().for_each(|value| *value = limit * (*value / limit).tanh());
        }
        let mut states = states.into_iter();
        for segment in segments {
            segment.cache.advance(segment.tokens.len(), states.next().map(Remembered::Slot));
        }
        Ok(Logits { values, width })
    }

    /// Runs a pass of few rows. Who writes a text asks for the same pass again and again, with other numbers: while one is
    /// under way, the next is written down, which takes about as long.
    fn run_recorded(&self, form: Form, width: usize) -> Result<Vec<f32>> {
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let mut recorded = self.recorded.lock().unwrap_or_else(PoisonError::into_inner);
        let commands = match recorded.take() {
            Some(Recorded { form: known, commands }) if known == form => commands,
            _ => self.record(form, &reading, width),
        };
        let submission = self.gpu.submit(commands);
        *recorded = Some(Recorded { form, commands: self.record(form, &reading, width) });
        if form.asked == 0 {
            self.gpu.wait(submission)?;
            return Ok(Vec::new());
        }
        self.gpu.read(&reading, form.asked * width)
    }

    fn record(&self, form: Form, reading: &wgpu::Buffer, width: usize) -> wgpu::CommandBuffer {
        let mut encoder = self.gpu.encoder();
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            self.layers.iter().for_each(|steps| self.encode(&mut pass, steps, form));
        }
        if form.asked > 0 {
            self.ask(&mut encoder, 0, form.asked, reading, width);
        }
        encoder.finish()
    }

    /// Runs a pass of many rows, which may be given up between layers.
    fn run_by_layer(&self, form: Form, width: usize, goes_on: GoesOn<'_>) -> Result<Vec<f32>> {
        let mut running = VecDeque::new();
        for steps in &self.layers {
            let mut encoder = self.gpu.encoder();
            {
                let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
                self.encode(&mut pass, steps, form);
            }
            running.push_back(self.gpu.submit(encoder.finish()));
            if running.len() > AHEAD
                && let Some(first) = running.pop_front()
            {
                self.gpu.wait(first)?;
            }
            check(goes_on)?;
        }
        let mut values = Vec::with_capacity(form.asked * width);
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        for slice in 0..form.asked.div_ceil(HEAD_ROWS) {
            let rows = HEAD_ROWS.min(form.asked - slice * HEAD_ROWS);
            let mut encoder = self.gpu.encoder();
            self.ask(&mut encoder, slice, rows, &reading, width);
            self.gpu.submit(encoder.finish());
            values.extend(self.gpu.read(&reading, rows * width)?);
            check(goes_on)?;
        }
        if let Some(last) = running.pop_back() {
            self.gpu.wait(last)?;
        }
        Ok(values)
    }

    /// Makes room for the tokens. A page that another cache has as well is copied first.
    fn reserve(&self, segments: &mut [Segment<'_>]) -> Result<()> {
        let (mut copies, mut result) = (Vec::new(), Ok(()));
        for segment in segments {
            result = segment.cache.reserve_slots(&self.pool, segment.tokens.len(), &mut copies);
            if result.is_err() {
                break;
            }
        }
        // Those that were given new pages already count on what is in them.
        if !copies.is_empty() {
            let mut encoder = self.gpu.encoder();
            for (from, to) in &copies {
                let Some(from) = from.slot() else { continue };
                for (bytes, cache) in self.caches.iter().filter(|(bytes, _)| *bytes > 0) {
                    // No buffer can be copied to itself.
                    let (from, to) = (u64::from(from) * bytes, u64::from(*to) * bytes);
                    encoder.copy_buffer_to_buffer(cache, from, &self.buffers.kept, 0, Some(*bytes));
                    encoder.copy_buffer_to_buffer(&self.buffers.kept, 0, cache, to, Some(*bytes));
                }
            }
            self.gpu.submit(encoder.finish());
        }
        result
    }

    fn write_rows(&self, configuration: &Configuration, source: &Source, segments: &[Segment<'_>]) -> Result<()> {
        let hidden = configuration.hidden;
        let mut rows = Vec::new();
        for token in segments.iter().flat_map(|segment| segment.tokens) {
            let start = rows.len();
            rows.resize(start + hidden, 0.0);
            let place = *token as usize;
            if place >= configuration.vocabulary || !source.row(Part::Embedding, place, &mut rows[start..])? {
                return Err(unknown(*token));
            }
            if let Some(scale) = configuration.embedding_scale {
                rows[start..].iter_mut().for_each(|value| *value *= scale);
            }
        }
        self.gpu.write_numbers(&self.buffers.rows, &rows);
        let Some(embedding) = configuration.layer_embedding else { return Ok(()) };
        let width = embedding.width * configuration.layers.len();
        rows.clear();
        for token in segments.iter().flat_map(|segment| segment.tokens) {
            let start = rows.len();
            rows.resize(start + width, 0.0);
            if !source.row(Part::LayerEmbedding, *token as usize, &mut rows[start..])? {
                return Err(unknown(*token));
            }
        }
        self.gpu.write_numbers(&self.buffers.parts, &rows);
        Ok(())
    }

    fn write_places(&self, configuration: &Configuration, segments: &[Segment<'_>], places: &Places) -> Result<()> {
        let (mut tables, mut of_rows) = (Vec::new(), Vec::new());
        for segment in segments {
            let start = tables.len();
            tables.extend(segment.cache.slots());
            let first = segment.cache.len();
            for position in first..first + segment.tokens.len() {
                of_rows.extend([position, start].map(|word| u32::try_from(word).unwrap_or(u32::MAX)));
            }
        }
        if tables.len() > self.pages() {
            return Err(Error::device("too many texts at once share what they have read; ask for fewer of them"));
        }
        self.gpu.write_words(&self.buffers.places, &of_rows);
        self.gpu.write_words(&self.buffers.pages, &tables);
        for (rotation, buffer) in configuration.rotations.iter().zip(&self.buffers.turns) {
            self.gpu.write_numbers(buffer, Turns::new(rotation, &places.positions).table());
        }
        let asked: Vec<u32> = places.asked.iter().map(|row| u32::try_from(*row).unwrap_or(u32::MAX)).collect();
        self.gpu.write_words(&self.buffers.asked, &asked);
        self.gpu.write_words(&self.buffers.row_count, &[count(places.positions.len())]);
        Ok(())
    }

    /// Places for what layers remember after the pass, a text each; none where they remember keys and values only.
    fn begin_states(&self, segments: &mut [Segment<'_>]) -> Result<Vec<Slot>> {
        let Some(states) = &self.states else { return Ok(Vec::new()) };
        segments.iter_mut().map(|segment| segment.cache.begin_slot(states)).collect()
    }

    /// Tells layers that remember which rows each text has, and where its states are.
    fn write_segments(&self, segments: &[Segment<'_>], places: &Places, states: &[Slot]) {
        let (mut of_texts, mut members) = (Vec::new(), Vec::new());
        for (text, ((segment, start), after)) in segments.iter().zip(&places.starts).zip(states).enumerate() {
            let (before, length) = (segment.cache.state_slot().unwrap_or(NOWHERE), segment.tokens.len());
            of_texts.extend([count(*start), count(length), before, after.number()]);
            members.resize(members.len() + length, count(text));
        }
        if !states.is_empty() {
            self.gpu.write_words(&self.buffers.delta.segments, &of_texts);
            self.gpu.write_words(&self.buffers.delta.members, &members);
        }
    }

    /// Tells attention which rows it works on.
    fn write_slices(&self, places: &Places) -> Form {
        let rows = places.positions.len();
        let chunks = places.positions.iter().max().map_or(1, |last| last / CHUNK + 1);
        let at_once = self.buffers.found.size() / (self.found_bytes * chunks as u64).max(1);
        let slice = usize::try_from(at_once).unwrap_or(usize::MAX).clamp(1, rows);
        let firsts: Vec<usize> = (0..rows).step_by(slice).collect();
        self.gpu.write(&self.buffers.slices, 0, &slice_bytes(&firsts, chunks));
        Form { rows, slice, chunks, asked: places.asked.len(), texts: places.starts.len() }
    }

    fn encode(&self, pass: &mut wgpu::ComputePass<'_>, steps: &[Step], form: Form) {
        for step in steps {
            match step {
                Step::Rows(program, group) => {
                    pass.set_pipeline(program.pipeline());
                    pass.set_bind_group(0, group, &[]);
                    pass.set_bind_group(1, &self.all_rows, &[]);
                    pass.dispatch_workgroups(count(form.rows), 1, 1);
                }
                Step::Parts { program, group, parts, times } => {
                    pass.set_pipeline(program.pipeline());
                    pass.set_bind_group(0, group, &[]);
                    pass.dispatch_workgroups(*parts, count(form.rows) * times, 1);
                }
                Step::Texts { program, group, groups: [first, second] } => {
                    pass.set_pipeline(program.pipeline());
                    pass.set_bind_group(0, group, &[]);
                    pass.dispatch_workgroups(*first, *second, count(form.texts));
                }
                Step::Product(product) => product.encode(&self.gpu, &self.programs, pass, count(form.rows)),
                Step::Gated(product) => product.encode(&self.gpu, &self.programs, pass, count(form.rows)),
                Step::Attention(attention) => self.attend(pass, attention, form),
                Step::Sort(program, group, choosing) => {
                    if choosing.tiles(&self.gpu, count(form.rows)).is_sorted() {
                        pass.set_pipeline(program.pipeline());
                        pass.set_bind_group(0, group, &[]);
                        pass.dispatch_workgroups(1, 1, 1);
                    }
                }
                Step::ChosenProduct(product, choosing) => {
                    let tiles = choosing.tiles(&self.gpu, count(form.rows));
                    product.encode_tiles(&self.gpu, &self.programs, pass, tiles);
                }
                Step::ChosenGated(product, choosing) => {
                    let tiles = choosing.tiles(&self.gpu, count(form.rows));
                    product.encode_tiles(&self.gpu, &self.programs, pass, tiles);
                }
            }
        }
    }

    fn attend(&self, pass: &mut wgpu::ComputePass<'_>, attention: &Attention, form: Form) {
        let Attention { part, combine, whole, heads } = attention;
        for (slice, first) in self.attention_slices.iter().zip((0..form.rows).step_by(form.slice)) {
            let rows = count(form.slice.min(form.rows - first));
            pass.set_bind_group(1, slice, &[]);
            if form.chunks == 1 {
                pass.set_pipeline(whole.0.pipeline());
                pass.set_bind_group(0, &whole.1, &[]);
                pass.dispatch_workgroups(1, *heads, rows);
                continue;
            }
            pass.set_pipeline(part.0.pipeline());
            pass.set_bind_group(0, &part.1, &[]);
            pass.dispatch_workgroups(count(form.chunks), *heads, rows);
            pass.set_pipeline(combine.0.pipeline());
            pass.set_bind_group(0, &combine.1, &[]);
            pass.dispatch_workgroups(*heads, rows, 1);
        }
    }

    /// The logits of a slice of the rows that are asked, into a buffer for reading.
    fn ask(&self, encoder: &mut wgpu::CommandEncoder, slice: usize, rows: usize, reading: &wgpu::Buffer, width: usize) {
        {
            let mut pass = encoder.begin_compute_pass(&wgpu::ComputePassDescriptor::default());
            for step in &self.head {
                match step {
                    Step::Product(product) => product.encode(&self.gpu, &self.programs, &mut pass, count(rows)),
                    Step::Rows(program, group) => {
                        pass.set_pipeline(program.pipeline());
                        pass.set_bind_group(0, group, &[]);
                        pass.set_bind_group(1, &self.head_slices[slice], &[]);
                        pass.dispatch_workgroups(count(rows), 1, 1);
                    }
                    // The head has no others.
                    _ => {}
                }
            }
        }
        let bytes = (rows * width * size_of::<f32>()) as u64;
        encoder.copy_buffer_to_buffer(&self.buffers.logits, 0, reading, 0, Some(bytes));
    }
}

fn count(rows: usize) -> u32 {
    u32::try_from(rows).unwrap_or(u32::MAX)
}

/// Slices of rows by their first ones, as programs read them.
pub(super) fn slice_bytes(firsts: &[usize], chunks: usize) -> Vec<u8> {
    let mut bytes = vec![0; firsts.len() * SLICE_BYTES as usize];
    for (to, first) in bytes.chunks_exact_mut(SLICE_BYTES as usize).zip(firsts) {
        to[..4].copy_from_slice(&count(*first).to_le_bytes());
        to[4..8].copy_from_slice(&count(chunks).to_le_bytes());
    }
    bytes
}
