//! Beginnings that several texts share, so that they are read once.

mod age;
mod shelf;

use std::sync::Arc;

pub(crate) use self::age::Age;
use self::shelf::Piece;
pub(crate) use self::shelf::{PageName, Shelf};
use super::cache::{Cache, Page, PageLayout, State};
use crate::kernels::PAGE;

/// Bytes of pages that are taken from the disk at a time: some 10 ms, since each is checked. What layers remember is one
/// piece, and taken alone.
const AT_ONCE: usize = 4 << 20;

/// Pages by the tokens that they and those before them hold, up to a limit of memory. What was not used for the longest time
/// goes first.
///
/// Where layers remember a state beside keys and values, a text can go on only from where the state was kept, which is at the
/// end of some pages. Where texts part within what has no state, [`Cache`] is told, so that there will be one.
///
/// With a [`Shelf`], pages are on disk as well, and those that are missing here are taken from there.
pub(crate) struct PrefixTree {
    nodes: Vec<Option<Node>>,
    /// Places in `nodes` that are free.
    free: Vec<usize>,
    roots: Vec<usize>,
    /// Bytes of a page.
    page: usize,
    /// Bytes of a state; 0 where there are none.
    state: usize,
    /// Bytes that are kept, and that may be.
    kept: usize,
    limit: usize,
    /// Goes up with every use.
    now: u64,
    shelved: Option<Shelved>,
    /// Bytes that are taken from the disk at a time.
    at_once: usize,
    /// How often everything was forgotten, and how often when the tree last looked.
    forgotten: Age,
    age: u64,
}

/// The pages of a model on disk.
#[derive(Clone)]
pub(crate) struct Shelved {
    pub(crate) shelf: Arc<Shelf>,
    /// What comes before the first page.
    pub(crate) root: PageName,
}

/// A whole page.
struct Node {
    tokens: Vec<u32>,
    page: Arc<Page>,
    parent: Option<usize>,
    children: Vec<usize>,
    used: u64,
    /// What layers remember at its end, and when that was used.
    state: Option<(Arc<State>, u64)>,
}

impl Node {
    fn has_no_state(&self) -> bool {
        self.state.is_none()
    }
}

impl PrefixTree {
    /// A tree that keeps at most so many bytes in memory, until everything is forgotten.
    pub(crate) fn new(layout: &PageLayout, bytes: usize, forgotten: Age, shelved: Option<Shelved>) -> Self {
        Self {
            nodes: Vec::new(),
            free: Vec::new(),
            roots: Vec::new(),
            page: layout.bytes().max(1),
            state: layout.state_bytes(),
            kept: 0,
            limit: bytes,
            now: 0,
            shelved,
            at_once: AT_ONCE,
            age: forgotten.now(),
            forgotten,
        }
    }

    /// How often everything was forgotten so far. What was read before that goes, and is not to be kept.
    pub(crate) fn age(&mut self) -> u64 {
        let age = self.forgotten.now();
        if self.age != age {
            (self.nodes, self.free, self.roots, self.kept, self.age) = (Vec::new(), Vec::new(), Vec::new(), 0, age);
        }
        age
    }

    /// Bytes that are kept.
    pub(crate) fn kept(&self) -> usize {
        self.kept
    }

    /// Keeps at most so many bytes from now on.
    pub(crate) fn set_limit(&mut self, bytes: usize) {
        self.limit = bytes;
        self.now += 1;
        self.make_room(0);
    }

    /// Takes so many bytes from the disk at a time.
    #[cfg(test)]
    pub(super) fn set_at_once(&mut self, bytes: usize) {
        self.at_once = bytes;
    }

    /// Pages that are kept.
    #[cfg(test)]
    fn len(&self) -> usize {
        self.nodes.len() - self.free.len()
    }

    /// A cache that holds as much of the beginning of a text as is known in memory.
    pub(crate) fn find(&mut self, tokens: &[u32]) -> Cache {
        self.age();
        self.now += 1;
        let (mut pages, mut length, mut place, mut remembering) = (Vec::new(), 0, None, None);
        loop {
            let rest = &tokens[length..];
            let Some((child, common)) = self.nearest(place, rest) else { break };
            if self.state > 0 && common < PAGE {
                break;
            }
            let Some(node) = self.nodes[child].as_mut() else { break };
            node.used = self.now;
            if node.state.is_some() {
                remembering = Some(child);
            }
            pages.push(Arc::clone(&node.page));
            length += common;
            if common < PAGE {
                break;
            }
            place = Some(child);
        }
        if self.state == 0 {
            return Cache::of(pages, length);
        }
        let state = remembering.and_then(|place| self.nodes[place].as_mut()).and_then(|node| node.state.as_mut());
        if let Some((_, used)) = state {
            *used = self.now;
        }
        let state = remembering.and_then(|place| self.nodes[place].as_ref()).and_then(|node| node.state.as_ref());
        Cache::remembering(pages, state.map(|(state, _)| state), length)
    }

    /// Takes some of what is missing of the beginning of a text from the disk. Whether there may be more.
    pub(crate) fn fetch(&mut self, tokens: &[u32]) -> bool {
        self.age();
        self.now += 1;
        self.fetch_some(tokens).is_some()
    }

    /// None when there is no more.
    fn fetch_some(&mut self, tokens: &[u32]) -> Option<()> {
        let Shelved { shelf, root } = self.shelved.clone()?;
        let names = tokens.chunks_exact(PAGE).scan(root, |name, tokens| {
            *name = name.followed_by(tokens);
            Some(*name)
        });
        let mut names: Vec<PageName> = names.collect();
        if self.state > 0 {
            // Without a state, pages are of no use; nor are more of them than there is room for beside it.
            names.truncate(self.limit.checked_sub(self.state)? / self.page);
            names.truncate(names.iter().rposition(|name| shelf.has_state(*name))? + 1);
        }
        let (mut place, mut bytes) = (None, 0);
        for (tokens, name) in tokens.chunks_exact(PAGE).zip(&names) {
            let child = match self.known(place, tokens) {
                Some(child) => child,
                None if bytes >= self.at_once => return Some(()),
                None => {
                    bytes += self.page;
                    let page = Arc::new(shelf.page(*name, self.page / size_of::<u16>())?);
                    self.add(place, tokens, &page)?
                }
            };
            self.nodes[child].as_mut()?.used = self.now;
            place = Some(child);
        }
        let last =
            place.filter(|place| self.state > 0 && self.nodes[*place].as_ref().is_some_and(Node::has_no_state))?;
        if bytes > 0 {
            return Some(());
        }
        let state = shelf.state(*names.last()?, self.state / size_of::<f32>(), names.len() * PAGE)?;
        self.remember(last, &Arc::new(state));
        None
    }

    /// Keeps the whole pages of a text that was read; where layers remember a state, as far as one is known. `age` is that of
    /// the tree when the text was begun.
    pub(crate) fn keep(&mut self, tokens: &[u32], cache: &Cache, age: u64) {
        if self.age() != age {
            return;
        }
        self.now += 1;
        let state = cache.landmark().filter(|_| self.state > 0);
        let count = match state {
            // What is of no use without the state may not take the place of anything when there is no room for both.
            Some(state) if state.length() / PAGE * self.page + self.state > self.limit => return,
            Some(state) => state.length() / PAGE,
            None if self.state > 0 => return,
            None => usize::MAX,
        };
        let mut name = self.shelved.as_ref().map(|shelved| shelved.root);
        let (mut place, mut chain) = (None, Vec::new());
        for (number, (tokens, page)) in tokens.chunks_exact(PAGE).zip(cache.whole_pages()).take(count).enumerate() {
            let known = self.known(place, tokens);
            let Some(child) = known.or_else(|| self.add(place, tokens, page)) else { break };
            if let Some(node) = self.nodes[child].as_mut() {
                node.used = self.now;
            }
            name = name.map(|name| name.followed_by(tokens));
            chain.extend(name.map(|name| (name, Piece::Page(Arc::clone(page)))));
            if let Some(state) = state.filter(|_| number + 1 == count)
                && self.remember(child, state)
            {
                chain.extend(name.map(|name| (name, Piece::State(Arc::clone(state)))));
            }
            place = Some(child);
        }
        if let Some(Shelved { shelf, .. }) = &self.shelved {
            // What is on the disk already counts as used there. What cannot be taken now comes again with the next text
            // that begins alike.
            shelf.keep(chain, age);
        }
    }

    /// The child that is a page with these tokens.
    fn known(&self, place: Option<usize>, tokens: &[u32]) -> Option<usize> {
        self.nearest(place, tokens).filter(|(_, common)| *common == PAGE).map(|(child, _)| child)
    }

    /// Keeps what is remembered at the end of a page, if there is room. Whether it is kept.
    fn remember(&mut self, place: usize, state: &Arc<State>) -> bool {
        let is_known = self.nodes[place].as_ref().is_none_or(|node| !node.has_no_state());
        if !is_known && self.make_room(self.state).is_none() {
            return false;
        }
        if let Some(node) = self.nodes[place].as_mut() {
            let state = node.state.take().map_or_else(|| Arc::clone(state), |(state, _)| state);
            node.state = Some((state, self.now));
        }
        if !is_known {
            self.kept += self.state;
        }
        true
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

    /// Makes room for so many bytes. None when all that is kept is in use for the same text.
    fn make_room(&mut self, bytes: usize) -> Option<()> {
        while self.kept + bytes > self.limit {
            self.drop_oldest()?;
        }
        Some(())
    }

    /// Adds a page, after making room for it.
    fn add(&mut self, parent: Option<usize>, tokens: &[u32], page: &Arc<Page>) -> Option<usize> {
        self.make_room(self.page)?;
        self.kept += self.page;
        let node = Node {
            tokens: tokens.to_vec(),
            page: Arc::clone(page),
            parent,
            children: Vec::new(),
            used: self.now,
            state: None,
        };
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

    /// Drops what was not used for the longest time: a page that nothing follows, with its state, or the state of another.
    fn drop_oldest(&mut self) -> Option<()> {
        let now = self.now;
        let ends = self.nodes.iter().enumerate().filter_map(|(place, node)| {
            let node = node.as_ref()?;
            let used =
                if node.children.is_empty() { Some(node.used) } else { node.state.as_ref().map(|(_, used)| *used) };
            used.filter(|used| *used < now).map(|used| (used, place))
        });
        let (_, place) = ends.min()?;
        let node = self.nodes[place].as_mut()?;
        if node.state.take().is_some() {
            self.kept -= self.state;
        }
        if !node.children.is_empty() {
            return Some(());
        }
        let node = self.nodes[place].take()?;
        self.kept -= self.page;
        self.free.push(place);
        self.siblings(node.parent)?.retain(|sibling| *sibling != place);
        Some(())
    }
}

#[cfg(test)]
mod tests;
