//! Beginnings that several texts share, so that they are read once.

use std::sync::Arc;

use super::cache::{Cache, Page, PageLayout};
use crate::kernels::PAGE;

/// Pages by the tokens that they and those before them hold, up to a limit of memory. What was not used for the longest time
/// goes first.
pub(crate) struct PrefixTree {
    nodes: Vec<Option<Node>>,
    /// Places in `nodes` that are free.
    free: Vec<usize>,
    roots: Vec<usize>,
    /// Pages that are kept at most.
    limit: usize,
    /// Goes up with every use.
    now: u64,
}

/// A whole page.
struct Node {
    tokens: Vec<u32>,
    page: Arc<Page>,
    parent: Option<usize>,
    children: Vec<usize>,
    used: u64,
}

impl PrefixTree {
    /// A tree that keeps at most so many bytes.
    pub(crate) fn new(layout: &PageLayout, bytes: usize) -> Self {
        let limit = bytes / layout.bytes().max(1);
        Self { nodes: Vec::new(), free: Vec::new(), roots: Vec::new(), limit, now: 0 }
    }

    /// Pages that are kept.
    fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// A cache that holds as much of the beginning of a text as is known.
    pub(crate) fn find(&mut self, tokens: &[u32]) -> Cache {
        self.now += 1;
        let (mut pages, mut length, mut place) = (Vec::new(), 0, None);
        loop {
            let rest = &tokens[length..];
            let Some((child, common)) = self.nearest(place, rest) else { break };
            let Some(node) = self.nodes[child].as_mut() else { break };
            node.used = self.now;
            pages.push(Arc::clone(&node.page));
            length += common;
            if common < PAGE {
                break;
            }
            place = Some(child);
        }
        Cache::of(pages, length)
    }

    /// Keeps the whole pages of a text that was read.
    pub(crate) fn keep(&mut self, tokens: &[u32], cache: &Cache) {
        self.now += 1;
        let mut place = None;
        for (tokens, page) in tokens.chunks_exact(PAGE).zip(cache.whole_pages()) {
            let known = self.nearest(place, tokens).filter(|(_, common)| *common == PAGE).map(|(child, _)| child);
            let child = match known {
                Some(child) => child,
                None => {
                    let Some(child) = self.add(place, tokens, page) else { return };
                    child
                }
            };
            if let Some(node) = self.nodes[child].as_mut() {
                node.used = self.now;
            }
            place = Some(child);
        }
    }

    fn children(&self, place: Option<usize>) -> &[usize] {
        match place.map(|place| &self.nodes[place]) {
            None => &self.roots,
            Some(Some(node)) => &node.children,
            Some(None) => &[],
        }
    }

    /// The child that has the most tokens in common with a text, and how many.
    fn nearest(&self, place: Option<usize>, tokens: &[u32]) -> Option<(usize, usize)> {
        let children = self.children(place).iter().filter_map(|child| {
            let node = self.nodes[*child].as_ref()?;
            let common = node.tokens.iter().zip(tokens).take_while(|(left, right)| left == right).count();
            (common > 0).then_some((*child, common))
        });
        children.max_by_key(|(_, common)| *common)
    }

    /// Adds a page, after making room for it. None when all that is kept is in use for the same text.
    fn add(&mut self, parent: Option<usize>, tokens: &[u32], page: &Arc<Page>) -> Option<usize> {
        while self.len() >= self.limit {
            self.drop_oldest()?;
        }
        let node =
            Node { tokens: tokens.to_vec(), page: Arc::clone(page), parent, children: Vec::new(), used: self.now };
        let place = match self.free.pop() {
            Some(place) => {
                self.nodes[place] = Some(node);
                place
            }
            None => {
                self.nodes.push(Some(node));
                self.nodes.len() - 1
            }
        };
        self.siblings(parent)?.push(place);
        Some(place)
    }

    fn siblings(&mut self, parent: Option<usize>) -> Option<&mut Vec<usize>> {
        match parent {
            None => Some(&mut self.roots),
            Some(parent) => self.nodes[parent].as_mut().map(|node| &mut node.children),
        }
    }

    /// Drops the page that was not used for the longest time, of those that nothing follows.
    fn drop_oldest(&mut self) -> Option<()> {
        let now = self.now;
        let ends = self.nodes.iter().enumerate().filter_map(|(place, node)| {
            let node = node.as_ref()?;
            (node.children.is_empty() && node.used < now).then_some((node.used, place))
        });
        let (_, place) = ends.min()?;
        let node = self.nodes[place].take()?;
        self.free.push(place);
        self.siblings(node.parent)?.retain(|sibling| *sibling != place);
        Some(())
    }
}

#[cfg(test)]
mod tests;
