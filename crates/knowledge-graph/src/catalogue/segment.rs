use ambit_domain::{DocumentId, Sequence};
use serde::{Deserialize, Serialize};

use super::build::{DocumentFacts, EntityFacts};
use crate::iri::Part;
use crate::terms::Key;

/// A symbol's place carries this bit, a section's does not.
const SYMBOL: u32 = 1 << 31;

/// Many documents in flat arrays, in order of their ids. Only the burial of documents changes it.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Segment {
    ids: Vec<i64>,
    sequences: Vec<i64>,
    locations: Vec<Key>,
    facts: Vec<u32>,
    entities: Lists<(u32, u32)>,
    terms: Lists<Key>,
    links: Lists<Key>,
    imports: Lists<Key>,
    calls: Lists<Key>,
    #[serde(skip)]
    derived: Derived,
}

/// What follows from the rest and is not stored: the ways back, each sorted by key.
#[derive(Debug, Default)]
struct Derived {
    buried: Vec<bool>,
    live: usize,
    by_term: Vec<(Key, u32)>,
    /// Symbols by their whole name.
    by_name: Vec<(Key, u32)>,
    by_location: Vec<(Key, u32)>,
    by_link: Vec<(Key, u32)>,
    by_import: Vec<(Key, u32)>,
}

/// Lists in one array: list `n` is `items[starts[n]..starts[n + 1]]`.
#[derive(Debug, Serialize, Deserialize)]
struct Lists<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { starts: vec![0], items: Vec::new() }
    }
}

impl<T> Lists<T> {
    fn push(&mut self, list: impl IntoIterator<Item = T>) {
        self.items.extend(list);
        self.starts.push(u32::try_from(self.items.len()).unwrap_or(u32::MAX));
    }

    fn get(&self, list: usize) -> &[T] {
        &self.items[self.range(list)]
    }

    fn range(&self, list: usize) -> std::ops::Range<usize> {
        self.starts[list] as usize..self.starts[list + 1] as usize
    }

    fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Which list holds an item.
    fn holder(&self, item: usize) -> usize {
        self.starts.partition_point(|&start| start as usize <= item) - 1
    }

    /// Whether the stored form makes sense.
    fn is_sound(&self, lists: usize) -> bool {
        self.starts.len() == lists + 1
            && self.starts.first() == Some(&0)
            && self.starts.is_sorted()
            && self.starts.last().is_some_and(|&end| end as usize == self.items.len())
    }

    fn shrink(&mut self) {
        self.starts.shrink_to_fit();
        self.items.shrink_to_fit();
    }
}

/// A section or symbol as the catalogue knows it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Entity<'a> {
    pub(crate) document: DocumentId,
    pub(crate) part: Part,
    pub(crate) line: Option<u32>,
    pub(crate) terms: &'a [Key],
}

impl Entity<'_> {
    pub(crate) fn is_symbol(&self) -> bool {
        matches!(self.part, Part::Symbol(_))
    }
}

impl Segment {
    pub(crate) fn build(mut documents: Vec<DocumentFacts>) -> Self {
        documents.sort_unstable_by_key(|document| document.id);
        let mut segment = Self::default();
        for document in documents {
            segment.ids.push(document.id.0);
            segment.sequences.push(document.sequence.0);
            segment.locations.push(document.location);
            segment.facts.push(document.facts);
            for entity in &document.entities {
                segment.terms.push(entity.terms.iter().copied());
            }
            segment.entities.push(document.entities.iter().map(|entity| (packed(entity.part), entity.line)));
            segment.links.push(document.links);
            segment.imports.push(document.imports);
            segment.calls.push(document.calls);
        }
        for list in [&mut segment.links, &mut segment.imports, &mut segment.calls, &mut segment.terms] {
            list.shrink();
        }
        segment.entities.shrink();
        segment.derive();
        segment
    }

    /// Makes a segment that was read usable, or says that it makes no sense.
    pub(crate) fn restored(mut self) -> Option<Self> {
        let documents = self.ids.len();
        let sound = self.sequences.len() == documents
            && self.locations.len() == documents
            && self.facts.len() == documents
            && self.ids.is_sorted_by(|a, b| a < b)
            && self.entities.is_sound(documents)
            && self.terms.is_sound(self.entities.items.len())
            && self.links.is_sound(documents)
            && self.imports.is_sound(documents)
            && self.calls.is_sound(documents);
        sound.then(|| {
            self.derive();
            self
        })
    }

    fn derive(&mut self) {
        let mut by_term = Vec::with_capacity(self.terms.items.len());
        for entity in 0..self.terms.len() {
            by_term.extend(self.terms.get(entity).iter().map(|&term| (term, entity as u32)));
        }
        by_term.sort_unstable();
        let symbols = (0..).zip(&self.entities.items).filter(|(_, (part, _))| part & SYMBOL != 0);
        let mut by_name: Vec<_> =
            symbols.filter_map(|(entity, _)| Some((*self.terms.get(entity as usize).first()?, entity))).collect();
        by_name.sort_unstable();
        let mut by_location: Vec<_> = (0..).zip(&self.locations).map(|(slot, &location)| (location, slot)).collect();
        by_location.sort_unstable();
        self.derived = Derived {
            buried: vec![false; self.ids.len()],
            live: self.ids.len(),
            by_term,
            by_name,
            by_location,
            by_link: inverted(&self.links),
            by_import: inverted(&self.imports),
        };
    }

    pub(crate) fn bury(&mut self, id: DocumentId) {
        if let Some(slot) = self.find(id) {
            self.derived.buried[slot] = true;
            self.derived.live -= 1;
        }
    }

    pub(crate) fn find(&self, id: DocumentId) -> Option<usize> {
        self.ids.binary_search(&id.0).ok().filter(|&slot| !self.derived.buried[slot])
    }

    pub(crate) fn live(&self) -> usize {
        self.derived.live
    }

    pub(crate) fn len(&self) -> usize {
        self.ids.len()
    }

    pub(crate) fn slots(&self) -> impl Iterator<Item = usize> {
        (0..self.ids.len()).filter(|&slot| !self.derived.buried[slot])
    }

    pub(crate) fn id(&self, slot: usize) -> DocumentId {
        DocumentId(self.ids[slot])
    }

    pub(crate) fn location(&self, slot: usize) -> Key {
        self.locations[slot]
    }

    pub(crate) fn links(&self, slot: usize) -> &[Key] {
        self.links.get(slot)
    }

    pub(crate) fn imports(&self, slot: usize) -> &[Key] {
        self.imports.get(slot)
    }

    pub(crate) fn calls(&self, slot: usize) -> &[Key] {
        self.calls.get(slot)
    }

    pub(crate) fn facts(&self) -> u64 {
        self.slots().map(|slot| u64::from(self.facts[slot])).sum()
    }

    pub(crate) fn entities(&self) -> usize {
        self.slots().map(|slot| self.entities.range(slot).len()).sum()
    }

    pub(crate) fn sequences(&self) -> impl Iterator<Item = (DocumentId, Sequence)> {
        self.slots().map(|slot| (self.id(slot), Sequence(self.sequences[slot])))
    }

    pub(crate) fn at(&self, location: Key) -> Option<DocumentId> {
        self.documents_of(&self.derived.by_location, location).next()
    }

    pub(crate) fn linking_to(&self, location: Key) -> impl Iterator<Item = DocumentId> {
        self.documents_of(&self.derived.by_link, location)
    }

    pub(crate) fn importing(&self, name: Key) -> impl Iterator<Item = DocumentId> {
        self.documents_of(&self.derived.by_import, name)
    }

    pub(crate) fn bearing(&self, word: Key) -> impl Iterator<Item = Entity<'_>> {
        entries(&self.derived.by_term, word).iter().filter_map(|&(_, entity)| self.entity(entity as usize))
    }

    pub(crate) fn defining(&self, name: Key) -> impl Iterator<Item = Entity<'_>> {
        entries(&self.derived.by_name, name).iter().filter_map(|&(_, entity)| self.entity(entity as usize))
    }

    /// How many symbols bear a name, buried ones included.
    pub(crate) fn definitions(&self, name: Key) -> usize {
        entries(&self.derived.by_name, name).len()
    }

    /// How many places bear a word, buried ones included.
    pub(crate) fn frequency(&self, word: Key) -> usize {
        entries(&self.derived.by_term, word).len()
    }

    fn entity(&self, entity: usize) -> Option<Entity<'_>> {
        let slot = self.entities.holder(entity);
        let (part, line) = self.entities.items[entity];
        (!self.derived.buried[slot]).then(|| Entity {
            document: self.id(slot),
            part: unpacked(part),
            line: (line > 0).then_some(line),
            terms: self.terms.get(entity),
        })
    }

    fn documents_of<'a>(&'a self, index: &'a [(Key, u32)], key: Key) -> impl Iterator<Item = DocumentId> + 'a {
        entries(index, key)
            .iter()
            .map(|&(_, slot)| slot as usize)
            .filter(|&slot| !self.derived.buried[slot])
            .map(|slot| self.id(slot))
    }

    /// The live documents, to be put into another segment.
    pub(crate) fn documents(&self) -> impl Iterator<Item = DocumentFacts> {
        self.slots().map(|slot| DocumentFacts {
            id: self.id(slot),
            sequence: Sequence(self.sequences[slot]),
            location: self.locations[slot],
            facts: self.facts[slot],
            entities: self
                .entities
                .range(slot)
                .map(|entity| {
                    let (part, line) = self.entities.items[entity];
                    EntityFacts { part: unpacked(part), line, terms: self.terms.get(entity).to_vec() }
                })
                .collect(),
            links: self.links.get(slot).to_vec(),
            imports: self.imports.get(slot).to_vec(),
            calls: self.calls.get(slot).to_vec(),
        })
    }
}

fn inverted(lists: &Lists<Key>) -> Vec<(Key, u32)> {
    let mut pairs = Vec::with_capacity(lists.items.len());
    for list in 0..lists.len() {
        pairs.extend(lists.get(list).iter().map(|&key| (key, list as u32)));
    }
    pairs.sort_unstable();
    pairs
}

fn entries(index: &[(Key, u32)], key: Key) -> &[(Key, u32)] {
    let start = index.partition_point(|&(at, _)| at < key);
    let end = start + index[start..].partition_point(|&(at, _)| at == key);
    &index[start..end]
}

fn packed(part: Part) -> u32 {
    match part {
        Part::Section(ordinal) => ordinal & !SYMBOL,
        Part::Symbol(ordinal) => ordinal | SYMBOL,
    }
}

fn unpacked(part: u32) -> Part {
    if part & SYMBOL == 0 { Part::Section(part) } else { Part::Symbol(part & !SYMBOL) }
}
