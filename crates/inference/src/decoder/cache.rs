//! Keys and values of the tokens that a decoder has read.

use std::ops::Range;
use std::sync::Arc;

use burn::tensor::f16;

use super::configuration::Configuration;
use crate::kernels::{PAGE, PageHead};

/// How a page is laid out: for each layer and each head of keys and values, the keys by number, then the values by token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PageLayout {
    /// Where each layer begins, its heads, and the width of a head.
    layers: Vec<(usize, usize, usize)>,
    length: usize,
}

impl PageLayout {
    pub(crate) fn new(configuration: &Configuration) -> Self {
        let mut length = 0;
        let layers = configuration.layers.iter().map(|layer| {
            let shape = layer.attention.shape;
            let start = length;
            length += shape.shared * shape.width * PAGE * 2;
            (start, shape.shared, shape.width)
        });
        let layers = layers.collect();
        Self { layers, length }
    }

    /// Bytes of a page.
    pub(crate) fn bytes(&self) -> usize {
        self.length * size_of::<u16>()
    }

    /// Bytes of the pages of so many tokens.
    pub(crate) fn bytes_for(&self, tokens: usize) -> usize {
        self.bytes().saturating_mul(tokens.div_ceil(PAGE))
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
#[derive(Debug, Clone)]
pub(super) struct Page(Vec<u16>);

/// What a sequence has read. Clones share their pages until one of them goes on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cache {
    pages: Vec<Arc<Page>>,
    length: usize,
}

impl Cache {
    /// What pages hold, up to so many tokens.
    pub(super) fn of(pages: Vec<Arc<Page>>, length: usize) -> Self {
        let mut cache = Self { length: length.min(pages.len() * PAGE), pages };
        cache.truncate(length);
        cache
    }

    /// The pages that are full.
    pub(super) fn whole_pages(&self) -> &[Arc<Page>] {
        &self.pages[..self.length / PAGE]
    }

    /// Tokens that were read.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Forgets all tokens from a position on.
    pub(crate) fn truncate(&mut self, length: usize) {
        self.length = self.length.min(length);
        self.pages.truncate(self.length.div_ceil(PAGE));
    }

    /// Makes room for tokens after those that were read; they count once [`Cache::advance`] is called.
    pub(super) fn reserve(&mut self, layout: &PageLayout, tokens: usize) {
        let needed = (self.length + tokens).div_ceil(PAGE);
        while self.pages.len() < needed {
            self.pages.push(Arc::new(Page(vec![0; layout.length])));
        }
        // Another sequence that shares the page keeps what it has.
        for page in &mut self.pages[self.length / PAGE..] {
            Arc::make_mut(page);
        }
    }

    pub(super) fn advance(&mut self, tokens: usize) {
        self.length += tokens;
    }

    /// Writes keys and values, a row per token with all heads, from a position on. There must be room.
    pub(super) fn write(&mut self, layout: &PageLayout, layer: usize, position: usize, keys: &[f32], values: &[f32]) {
        let (_, heads, width) = layout.layers[layer];
        let row = heads * width;
        for (token, (keys, values)) in keys.chunks_exact(row).zip(values.chunks_exact(row)).enumerate() {
            let (page, slot) = ((position + token) / PAGE, (position + token) % PAGE);
            let Page(page) = Arc::make_mut(&mut self.pages[page]);
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
                pages.map(|page| PageHead { keys: &page.0[keys.clone()], values: &page.0[values.clone()] }).collect()
            })
            .collect()
    }
}
