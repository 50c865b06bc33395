//! What a decoder keeps of the tokens that it has read: keys and values, and what layers with a memory of fixed size
//! remember.

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::f16;

use super::configuration::{Configuration, KeySource, Mixer};
use super::gpu::{Pool, Slot};
use crate::kernels::{PAGE, PageHead};
use crate::{Error, Result};

/// The most states that a sequence has at a time: the present one, that before the last pass, and the one at the end of a
/// page.
pub(super) const STATES: usize = 3;

/// How a page is laid out: for each layer and each head of keys and values, the keys by number, then the values by token.
/// And how a state is: layer after layer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageLayout {
    /// Where each layer begins, its heads, and the width of a head. A layer without keys of its own has the place of those
    /// that it uses.
    layers: Vec<(usize, usize, usize)>,
    length: usize,
    /// Where the state of each layer is; empty where it has none.
    states: Vec<Range<usize>>,
    state_length: usize,
}

impl PageLayout {
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let (mut length, mut state_length) = (0, 0);
        let (mut layers, mut states) = (Vec::new(), Vec::new());
        for layer in &configuration.layers {
            let (mut place, state) = ((length, 0, 0), state_length);
            match &layer.mixer {
                Mixer::Attention(attention) => match attention.keys {
                    KeySource::Layer(from) => place = layers[from],
                    KeySource::Own | KeySource::ValuesAreKeys => {
                        place = (length, attention.shape.shared, attention.shape.width);
                        length += attention.shape.shared * attention.shape.width * PAGE * 2;
                    }
                },
                Mixer::Delta(delta) => state_length += delta.state(),
            }
            layers.push(place);
            states.push(state..state_length);
        }
        Self { layers, length, states, state_length }
    }

    /// Bytes of a page.
    pub(crate) fn bytes(&self) -> usize {
        self.length * size_of::<u16>()
    }

    /// Bytes of a page in one layer; none where it uses those of another.
    pub(super) fn own_bytes(&self, layer: usize) -> u64 {
        let (start, heads, width) = self.layers[layer];
        let is_lent = heads > 0 && self.layers[..layer].iter().any(|(other, heads, _)| *other == start && *heads > 0);
        if is_lent { 0 } else { (heads * width * PAGE * 2 * size_of::<u16>()) as u64 }
    }

    /// Bytes of a state.
    pub(super) fn state_bytes(&self) -> usize {
        self.state_length * size_of::<f32>()
    }

    /// Whether layers remember more than keys and values.
    pub(super) fn has_states(&self) -> bool {
        self.state_length > 0
    }

    /// What a sequence takes beside the pages that its tokens fill, as the tokens whose pages take as much: the page that it
    /// has begun, and its states.
    pub(super) fn overhead(&self) -> usize {
        let pages = (STATES * self.state_bytes()).div_ceil(self.bytes().max(1));
        (pages + 1).saturating_mul(PAGE)
    }

    /// Where the state of a layer is.
    pub(super) fn state(&self, layer: usize) -> Range<usize> {
        self.states[layer].clone()
    }

    /// Bytes of the pages of so many tokens.
    pub(crate) fn bytes_for(&self, tokens: usize) -> usize {
        self.bytes().saturating_mul(tokens.div_ceil(PAGE))
    }

    /// Bytes of a text of so many tokens: its pages and its states.
    pub(crate) fn bytes_of_text(&self, tokens: usize) -> usize {
        self.bytes_for(tokens).saturating_add(STATES * self.state_bytes())
    }

    /// Keys, then values, of a head.
    fn head(&self, layer: usize, head: usize) -> (Range<usize>, Range<usize>) {
        let (start, _, width) = self.layers[layer];
        let size = width * PAGE;
        let keys = start + head * 2 * size;
        (keys..keys + size, keys + size..keys + 2 * size)
    }
}

/// Keys and values of [`PAGE`] tokens in all layers. Sequences that begin alike share it.
#[derive(Debug)]
pub(super) enum Page {
    Memory(Vec<u16>),
    /// A place on the GPU.
    Slot(Slot),
}

impl Page {
    /// Its place on the GPU.
    pub(super) fn slot(&self) -> Option<u32> {
        match self {
            Self::Memory(_) => None,
            Self::Slot(slot) => Some(slot.number()),
        }
    }

    /// Its numbers, where the CPU has them.
    pub(super) fn numbers(&self) -> Option<&[u16]> {
        match self {
            Self::Memory(page) => Some(page),
            Self::Slot(_) => None,
        }
    }

    fn head(&self, keys: &Range<usize>, values: &Range<usize>) -> Option<PageHead<'_>> {
        match self {
            Self::Memory(page) => Some(PageHead { keys: &page[keys.clone()], values: &page[values.clone()] }),
            Self::Slot(_) => None,
        }
    }
}

/// What layers remember after so many tokens.
#[derive(Debug)]
pub(super) struct State {
    length: usize,
    values: Remembered,
}

/// The numbers of a state.
#[derive(Debug)]
pub(super) enum Remembered {
    Memory(Vec<f32>),
    /// A place on the GPU.
    Slot(Slot),
}

impl State {
    /// What layers remember after so many tokens.
    pub(super) fn new(length: usize, values: Vec<f32>) -> Self {
        Self { length, values: Remembered::Memory(values) }
    }

    /// What they remember, layer after layer, where the CPU has it.
    pub(super) fn values(&self) -> Option<&[f32]> {
        match &self.values {
            Remembered::Memory(values) => Some(values),
            Remembered::Slot(_) => None,
        }
    }

    /// Where that is on the GPU.
    fn slot(&self) -> Option<u32> {
        match &self.values {
            Remembered::Memory(_) => None,
            Remembered::Slot(slot) => Some(slot.number()),
        }
    }

    /// The tokens that it was read from.
    pub(super) fn length(&self) -> usize {
        self.length
    }
}

/// What a sequence has read. Clones share their pages until one of them goes on.
///
/// Keys and values can be forgotten token by token, what layers remember in a state cannot. A pass therefore leaves the
/// state that it begins with as it is and writes another one; when tokens of the pass are forgotten because they were
/// guessed wrong, the sequence goes back to where the pass began, and those that were right are read once more. For texts
/// that begin alike, the state at the end of a page is kept when a pass ends there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    pages: Vec<Arc<Page>>,
    length: usize,
    /// After all tokens; not set at the beginning.
    state: Option<Arc<State>>,
    /// Before the last pass, if it is still there.
    earlier: Option<Arc<State>>,
    /// At the end of the last page where a pass ended.
    landmark: Option<Arc<State>>,
    /// Where a pass should end, so that another text can go on from there.
    branch: usize,
}

impl Cache {
    /// What pages hold, up to so many tokens.
    pub(super) fn of(pages: Vec<Arc<Page>>, length: usize) -> Self {
        let mut cache = Self { length: length.min(pages.len() * PAGE), pages, ..Self::default() };
        cache.truncate(length);
        cache
    }

    /// What pages hold and a state remembers, up to the end of a page. Another text has the tokens up to `branch` as well.
    pub(super) fn remembering(mut pages: Vec<Arc<Page>>, state: Option<&Arc<State>>, branch: usize) -> Self {
        let length = state.map_or(0, |state| state.length);
        pages.truncate(length / PAGE);
        Self { pages, length, state: state.cloned(), earlier: None, landmark: state.cloned(), branch }
    }

    /// The pages that are full.
    pub(super) fn whole_pages(&self) -> &[Arc<Page>] {
        &self.pages[..self.length / PAGE]
    }

    /// What was remembered at the end of a page.
    pub(super) fn landmark(&self) -> Option<&Arc<State>> {
        self.landmark.as_ref()
    }

    /// Whether it ends where another text parted from this one.
    pub(super) fn is_at_branch(&self) -> bool {
        self.length > 0 && self.length == self.branch
    }

    /// Where a pass that reads up to `end` should end: earlier where the state is worth keeping, which is where another text
    /// parted from this one, and at the last page that ends before the last token of the prompt.
    pub(super) fn next_stop(&self, layout: &PageLayout, prompt: usize, end: usize) -> usize {
        if !layout.has_states() {
            return end;
        }
        let stops = [self.branch, prompt.saturating_sub(1) / PAGE * PAGE];
        stops.into_iter().filter(|stop| *stop > self.length).fold(end, usize::min)
    }

    /// Tokens that were read.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Forgets all tokens from a position on, and those before it since the last state that is left where layers have one.
    pub(crate) fn truncate(&mut self, length: usize) {
        if length < self.length {
            if self.state.is_some() {
                self.state = [self.earlier.take(), self.landmark.clone()]
                    .into_iter()
                    .flatten()
                    .filter(|state| state.length <= length)
                    .max_by_key(|state| state.length);
                self.length = self.state.as_ref().map_or(0, |state| state.length);
            } else {
                self.length = length;
            }
            if self.landmark.as_ref().is_some_and(|landmark| landmark.length > self.length) {
                self.landmark = None;
            }
        }
        self.pages.truncate(self.length.div_ceil(PAGE));
    }

    /// Makes room for tokens after those that were read; they count once [`Cache::advance`] is called.
    pub(super) fn reserve(&mut self, layout: &PageLayout, tokens: usize) {
        let needed = (self.length + tokens).div_ceil(PAGE);
        while self.pages.len() < needed {
            self.pages.push(Arc::new(Page::Memory(vec![0; layout.length])));
        }
        // Another sequence that shares the page keeps what it has.
        for page in &mut self.pages[self.length / PAGE..] {
            if let Page::Memory(numbers) = &**page
                && Arc::strong_count(page) > 1
            {
                *page = Arc::new(Page::Memory(numbers.clone()));
            }
        }
    }

    /// The same on the GPU. What is to be copied from place to place, for a page that another sequence shares, is added to
    /// `copies`; those count on failure as well.
    pub(super) fn reserve_slots(
        &mut self,
        pool: &Arc<Pool>,
        tokens: usize,
        copies: &mut Vec<(Arc<Page>, u32)>,
    ) -> Result<()> {
        let take = || {
            pool.take().ok_or_else(|| Error::device("there is no room left for what texts have read; ask for fewer texts at once, or set the device to `cpu`"))
        };
        for page in &mut self.pages[self.length / PAGE..] {
            if Arc::strong_count(page) > 1 {
                let slot = take()?;
                let to = slot.number();
                copies.push((std::mem::replace(page, Arc::new(Page::Slot(slot))), to));
            }
        }
        let needed = (self.length + tokens).div_ceil(PAGE);
        while self.pages.len() < needed {
            self.pages.push(Arc::new(Page::Slot(take()?)));
        }
        Ok(())
    }

    /// The places of the pages on the GPU.
    pub(super) fn slots(&self) -> impl Iterator<Item = u32> {
        self.pages.iter().filter_map(|page| page.slot())
    }

    /// The states before a pass, if there are any, and room for those after it, which every pass writes from end to end.
    pub(super) fn begin_state(&mut self, layout: &PageLayout) -> Vec<f32> {
        match self.earlier.take().and_then(Arc::into_inner).map(|state| state.values) {
            Some(Remembered::Memory(spare)) => spare,
            _ => vec![0.0; layout.state_length],
        }
    }

    /// The same on the GPU: a place for the states after a pass.
    pub(super) fn begin_slot(&mut self, pool: &Arc<Pool>) -> Result<Slot> {
        match self.earlier.take().and_then(Arc::into_inner).map(|state| state.values) {
            Some(Remembered::Slot(spare)) => Ok(spare),
            _ => pool.take().ok_or_else(|| Error::device("there is no room left for what layers remember; ask for fewer texts at once, or set the device to `cpu`")),
        }
    }

    /// What layers remember after the tokens that were read.
    pub(super) fn state(&self) -> Option<&[f32]> {
        self.state.as_ref()?.values()
    }

    /// Where that is on the GPU.
    pub(super) fn state_slot(&self) -> Option<u32> {
        self.state.as_ref()?.slot()
    }

    /// Counts tokens that were read, after which layers remember this.
    pub(super) fn advance(&mut self, tokens: usize, values: Option<Remembered>) {
        self.length += tokens;
        let Some(values) = values else { return };
        self.earlier = self.state.replace(Arc::new(State { length: self.length, values }));
        if self.length.is_multiple_of(PAGE) {
            self.landmark.clone_from(&self.state);
        }
    }

    /// Writes keys and values, a row per token with all heads, from a position on. There must be room.
    pub(super) fn write(&mut self, layout: &PageLayout, layer: usize, position: usize, keys: &[f32], values: &[f32]) {
        let (_, heads, width) = layout.layers[layer];
        let row = heads * width;
        for (token, (keys, values)) in keys.chunks_exact(row).zip(values.chunks_exact(row)).enumerate() {
            let (page, slot) = ((position + token) / PAGE, (position + token) % PAGE);
            let Some(Page::Memory(page)) = Arc::get_mut(&mut self.pages[page]) else { continue };
            for head in 0..heads {
                let (key_place, value_place) = layout.head(layer, head);
                let numbers = head * width..(head + 1) * width;
                let to = page[key_place].iter_mut().skip(slot).step_by(PAGE);
                to.zip(&keys[numbers.clone()]).for_each(|(to, key)| *to = f16::from_f32(*key).to_bits());
                let to = &mut page[value_place][slot * width..(slot + 1) * width];
                to.iter_mut().zip(&values[numbers]).for_each(|(to, value)| *to = f16::from_f32(*value).to_bits());
            }
        }
    }

    /// The pages of a layer by head.
    pub(super) fn heads(&self, layout: &PageLayout, layer: usize) -> Vec<Vec<PageHead<'_>>> {
        let (_, heads, _) = layout.layers[layer];
        (0..heads)
            .map(|head| {
                let (keys, values) = layout.head(layer, head);
                let pages = self.pages.iter();
                pages.filter_map(|page| page.head(&keys, &values)).collect()
            })
            .collect()
    }
}
