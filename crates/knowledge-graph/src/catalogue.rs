//! What neighbours and rankings need of the facts, in memory: places by word, links, uses.
//!
//! Reading a few hundred names from RocksDB for each question would take longer than the question may. The catalogue keeps
//! 32-bit keys of words in flat arrays instead (about 1 KB per document of the Rust Book, 1 to 2 KB per source file). It is
//! derived from the quads, kept beside them in one file so that opening does not read the graph, caught up by sequence when
//! that file is older than the graph, and dropped from memory when nobody asks.

mod build;
mod segment;
mod sidecar;

pub(crate) use build::DocumentFacts;
pub(crate) use segment::{Entity, Segment};

use std::collections::{HashMap, HashSet};

use ambit_domain::{DocumentId, Sequence};

use crate::terms::Key;

/// More parts than this are merged: each costs a binary search per word.
const MAX_SEGMENTS: usize = 8;
/// So many changes are counted one by one.
const MAX_RECENT: usize = 256;

/// The documents of the graph as immutable segments, newest last; a document lives in one of them.
#[derive(Debug, Default)]
pub(crate) struct Catalogue {
    pub(crate) segments: Vec<Segment>,
    pub(crate) sequence: Sequence,
    /// The newest changes, for a count of those after a sequence; bounded.
    recent: Vec<(Sequence, usize)>,
    /// Whether it differs from its file.
    pub(crate) unsaved: bool,
}

impl Catalogue {
    /// Replaces documents. Those in `removed` are gone, those in `written` are as told.
    pub(crate) fn apply(&mut self, removed: &[DocumentId], written: Vec<DocumentFacts>, sequence: Sequence) {
        for id in removed.iter().copied().chain(written.iter().map(|facts| facts.id)) {
            for segment in &mut self.segments {
                segment.bury(id);
            }
        }
        self.recent.push((sequence, removed.len() + written.len()));
        if self.recent.len() > MAX_RECENT {
            // The oldest two become one that counts for both.
            let oldest = self.recent.remove(0).1;
            self.recent[0].1 += oldest;
        }
        self.sequence = sequence;
        self.unsaved = true;
        if !written.is_empty() {
            self.segments.push(Segment::build(written));
        }
        self.merge_small();
    }

    /// Keeps the number of segments small at an amortised cost that grows with the logarithm of the documents.
    fn merge_small(&mut self) {
        self.segments.retain(|segment| segment.live() > 0);
        if self.segments.len() <= MAX_SEGMENTS {
            return;
        }
        self.segments.sort_by_key(|segment| std::cmp::Reverse(segment.live()));
        let small: usize = self.segments[1..].iter().map(Segment::live).sum();
        let from = usize::from(small * 2 < self.segments[0].live());
        self.merge_from(from);
    }

    fn merge_from(&mut self, from: usize) {
        let merged: Vec<DocumentFacts> = self.segments[from..].iter().flat_map(Segment::documents).collect();
        self.segments.truncate(from);
        if !merged.is_empty() {
            self.segments.push(Segment::build(merged));
        }
    }

    /// Merges everything into one segment.
    pub(crate) fn merge_all(&mut self) {
        if self.segments.len() > 1 || self.segments.iter().any(|segment| segment.live() < segment.len()) {
            self.merge_from(0);
        }
    }

    /// How many documents changed after a sequence, at least.
    pub(crate) fn changed_since(&self, sequence: Sequence) -> usize {
        if sequence == self.sequence {
            return 0;
        }
        self.recent.iter().filter(|(at, _)| *at > sequence).map(|(_, count)| count).sum::<usize>().max(1)
    }

    /// How many facts all documents have together.
    pub(crate) fn facts(&self) -> u64 {
        self.segments.iter().map(Segment::facts).sum()
    }

    /// How many documents there are.
    pub(crate) fn documents(&self) -> usize {
        self.segments.iter().map(Segment::live).sum()
    }

    /// How many places there are that a word could lead to.
    pub(crate) fn entities(&self) -> usize {
        self.segments.iter().map(Segment::entities).sum()
    }

    /// Ids and sequences of all documents.
    pub(crate) fn sequences(&self) -> HashMap<DocumentId, Sequence> {
        self.segments.iter().flat_map(Segment::sequences).collect()
    }

    /// Where a document lives: its segment and its place in it.
    pub(crate) fn find(&self, id: DocumentId) -> Option<(&Segment, usize)> {
        self.segments.iter().find_map(|segment| segment.find(id).map(|slot| (segment, slot)))
    }

    /// The document at a location.
    pub(crate) fn at(&self, location: Key) -> Option<DocumentId> {
        self.segments.iter().find_map(|segment| segment.at(location))
    }

    /// The documents that link to a location.
    pub(crate) fn linking_to(&self, location: Key) -> impl Iterator<Item = DocumentId> {
        self.segments.iter().flat_map(move |segment| segment.linking_to(location))
    }

    /// The documents that import a name.
    pub(crate) fn importing(&self, name: Key) -> impl Iterator<Item = DocumentId> {
        self.segments.iter().flat_map(move |segment| segment.importing(name))
    }

    /// The places that bear a word.
    pub(crate) fn bearing(&self, word: Key) -> impl Iterator<Item = Entity<'_>> {
        self.segments.iter().flat_map(move |segment| segment.bearing(word))
    }

    /// How many places bear a word, at most.
    pub(crate) fn frequency(&self, word: Key) -> usize {
        self.segments.iter().map(|segment| segment.frequency(word)).sum()
    }

    /// The symbols with this name.
    pub(crate) fn defining(&self, name: Key) -> impl Iterator<Item = Entity<'_>> {
        self.segments.iter().flat_map(move |segment| segment.defining(name))
    }

    /// How many symbols bear this name, at most.
    pub(crate) fn definitions(&self, name: Key) -> usize {
        self.segments.iter().map(|segment| segment.definitions(name)).sum()
    }

    /// The documents with what they refer to: links, and imports of names that few documents define.
    pub(crate) fn references(&self) -> Vec<(DocumentId, Vec<DocumentId>)> {
        /// A name that more documents define tells nothing about which one is meant.
        const MAX_DEFINERS: usize = 4;
        let mut definers: HashMap<Key, Vec<DocumentId>> = HashMap::new();
        let mut all = Vec::with_capacity(self.documents());
        for segment in &self.segments {
            for slot in segment.slots() {
                let id = segment.id(slot);
                let mut targets: HashSet<DocumentId> =
                    segment.links(slot).iter().filter_map(|&location| self.at(location)).collect();
                for &name in segment.imports(slot) {
                    let found = definers.entry(name).or_insert_with(|| {
                        let definitions = self.defining(name).take(MAX_DEFINERS * 4);
                        let mut documents: Vec<_> = definitions.map(|entity| entity.document).collect();
                        documents.sort_unstable();
                        documents.dedup();
                        documents
                    });
                    if found.len() <= MAX_DEFINERS {
                        targets.extend(found.iter().copied());
                    }
                }
                targets.remove(&id);
                let mut targets: Vec<_> = targets.into_iter().collect();
                targets.sort_unstable();
                all.push((id, targets));
            }
        }
        all.sort_unstable_by_key(|(id, _)| *id);
        all
    }
}
