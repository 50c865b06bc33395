//! Places that a question's words name, and places next to documents that were found.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use ambit_domain::DocumentId;
use ambit_domain::port::{GraphHit, GraphQuestion};
use oxigraph::store::{StorageError, Store};

use crate::catalogue::{Catalogue, Entity};
use crate::iri::{self, Part};
use crate::storage;
use crate::terms::{self, Key};
use crate::vocabulary as term;

/// More words are not looked up: a question that long is a text.
const MAX_TERMS: usize = 32;
/// Of so many found documents the surroundings are looked at.
const MAX_DOCUMENTS: usize = 16;
/// Of so many places the names are compared with the question: those that bear its rarest words.
const MAX_CANDIDATES: usize = 4096;
/// A place with so many ways to it is a hub, and being next to it says nothing.
const MAX_DEGREE: usize = 64;

/// Answers from the catalogue; names for the reasons come from the store.
pub(crate) fn find(
    store: &Store,
    catalogue: &Catalogue,
    question: &GraphQuestion,
) -> Result<Vec<GraphHit>, StorageError> {
    let mut hits = named(store, catalogue, question)?;
    hits.extend(next_to(store, catalogue, question)?);
    hits.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| (a.document, a.line).cmp(&(b.document, b.line))));
    hits.truncate(question.limit);
    Ok(hits)
}

/// The words of the question that can be looked up, each with how telling it is.
struct Words {
    keys: Vec<Key>,
    weights: HashMap<Key, f32>,
    total: f32,
    /// What a word weighs that the question lacks, as if few names bore it: to find out would cost more than it tells.
    foreign: f32,
}

impl Words {
    fn new(catalogue: &Catalogue, question: &GraphQuestion) -> Self {
        let mut keys: Vec<Key> = Vec::new();
        // An identifier may come whole (`hashmap`) or in words; sections are found by the words, symbols by both.
        for text in question.terms.iter().take(MAX_TERMS) {
            let words = terms::words(text);
            keys.extend(std::iter::once(text.to_lowercase()).chain(words).map(|word| terms::key(&word)));
        }
        keys.sort_unstable();
        keys.dedup();
        let places = catalogue.entities().max(1) as f32;
        let mut weights = HashMap::new();
        for &key in &keys {
            let frequency = catalogue.frequency(key);
            if frequency > 0 {
                weights.insert(key, (1.0 + places / frequency as f32).ln());
            }
        }
        // The rarest first.
        keys.retain(|key| weights.contains_key(key));
        keys.sort_unstable_by(|a, b| weights[b].total_cmp(&weights[a]));
        let total = weights.values().sum();
        Self { keys, weights, total, foreign: (1.0 + places / 4.0).ln() }
    }

    fn weight(&self, key: Key) -> f32 {
        self.weights.get(&key).copied().unwrap_or(0.0)
    }
}

/// Sections and symbols whose names share words with the question.
fn named(store: &Store, catalogue: &Catalogue, question: &GraphQuestion) -> Result<Vec<GraphHit>, StorageError> {
    let words = Words::new(catalogue, question);
    let mut places: HashMap<(DocumentId, Part), Entity<'_>> = HashMap::new();
    for &key in &words.keys {
        // Places that bear only the common words of a question are not worth their number.
        if !places.is_empty() && places.len() + catalogue.frequency(key) > MAX_CANDIDATES {
            break;
        }
        let bearers = catalogue.bearing(key).take(MAX_CANDIDATES);
        places.extend(bearers.map(|entity| ((entity.document, entity.part), entity)));
    }
    let mut best: Vec<(Entity<'_>, f32)> =
        places.into_values().map(|entity| (entity, weight_of(catalogue, &words, &entity))).collect();
    best.sort_unstable_by(|a, b| {
        b.1.total_cmp(&a.1).then_with(|| (a.0.document, a.0.part).cmp(&(b.0.document, b.0.part)))
    });
    let asked: Vec<String> = question.terms.iter().flat_map(|text| name_forms(text)).collect();
    let mut hits = Vec::new();
    for (entity, weight) in best {
        if hits.len() >= question.limit {
            break;
        }
        let subject = iri::part(entity.document, entity.part);
        let Some(name) = storage::text(store, entity.document, &subject, term::NAME)? else { continue };
        // Keys may collide; the name itself decides.
        if !name_forms(&name).iter().any(|word| asked.contains(word)) {
            continue;
        }
        hits.push(GraphHit {
            document: entity.document,
            anchor: storage::text(store, entity.document, &subject, term::ANCHOR)?,
            line: entity.line,
            weight,
            reason: if entity.is_symbol() { format!("defines {name}") } else { format!("section \"{name}\"") },
        });
    }
    Ok(hits)
}

fn name_forms(name: &str) -> Vec<String> {
    let mut forms = terms::identifier(name);
    forms.extend(terms::words(name));
    forms
}

/// How well a place's name and the question agree, 0 to 1: which share of the name the question holds, and which share of
/// the question the name holds, by how telling the words are.
fn weight_of(catalogue: &Catalogue, words: &Words, entity: &Entity<'_>) -> f32 {
    let matched: f32 = entity.terms.iter().map(|&key| words.weight(key)).sum();
    let of_question = matched / words.total.max(f32::MIN_POSITIVE);
    if entity.is_symbol() {
        let whole = entity.terms.first().copied().unwrap_or_default();
        if words.weights.contains_key(&whole) {
            // The name itself was asked for. The more symbols bear it, the less it says.
            let bearers = catalogue.definitions(whole).max(1) as f32;
            return (0.5 + 0.5 * of_question.min(1.0)) / (1.0 + bearers.ln());
        }
        let parts = &entity.terms[1.min(entity.terms.len())..];
        return 0.6 * agreement(words, parts, of_question);
    }
    agreement(words, entity.terms, of_question)
}

fn agreement(words: &Words, name: &[Key], of_question: f32) -> f32 {
    let (mut held, mut all) = (0.0, 0.0);
    for &key in name {
        let weight = words.weight(key);
        held += weight;
        all += if weight > 0.0 { weight } else { words.foreign };
    }
    let of_name = if all > 0.0 { held / all } else { 0.0 };
    (0.6 * of_name + 0.4 * of_question.min(1.0)).clamp(0.0, 1.0) * of_name.sqrt()
}

/// A way from a found document to another.
enum Way {
    LinkedFrom,
    LinksTo,
    Defines(Key),
    Imports,
}

/// Documents one step from those that were found: over links, and over names that one defines and the other uses.
fn next_to(store: &Store, catalogue: &Catalogue, question: &GraphQuestion) -> Result<Vec<GraphHit>, StorageError> {
    let mut found: HashMap<DocumentId, (f32, f32, DocumentId, Way)> = HashMap::new();
    for (rank, &source) in question.documents.iter().take(MAX_DOCUMENTS).enumerate() {
        let trust = 1.0 / (1.0 + 0.25 * rank as f32);
        for (target, way, degree) in ways(catalogue, source) {
            if question.documents.contains(&target) {
                continue;
            }
            let kind = if matches!(way, Way::LinkedFrom | Way::LinksTo) { 0.6 } else { 0.4 };
            let weight = trust * kind / (1.0 + (degree as f32).ln());
            let entry = found.entry(target).or_insert((1.0, 0.0, source, Way::LinksTo));
            // Independent hints: the place is missed only if all of them mislead.
            entry.0 *= 1.0 - weight;
            if weight > entry.1 {
                (entry.1, entry.2, entry.3) = (weight, source, way);
            }
        }
    }
    let mut best: Vec<_> =
        found.into_iter().map(|(target, (missed, _, source, way))| (1.0 - missed, target, source, way)).collect();
    best.sort_unstable_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
    best.truncate(question.limit);
    let mut hits = Vec::with_capacity(best.len());
    let mut titles: HashMap<DocumentId, String> = HashMap::new();
    for (weight, document, source, way) in best {
        let name = match titles.entry(source) {
            Entry::Occupied(entry) => entry.into_mut(),
            Entry::Vacant(entry) => entry.insert(title(store, source)?),
        };
        let place = match way {
            Way::Defines(key) => catalogue.defining(key).find(|entity| entity.document == document),
            _ => None,
        };
        let reason = match (&way, &place) {
            (Way::LinkedFrom, _) => format!("linked from {name}"),
            (Way::LinksTo, _) => format!("links to {name}"),
            (Way::Defines(_), Some(place)) => {
                let symbol = storage::text(store, document, &iri::part(document, place.part), term::NAME)?;
                format!("defines {}, which {name} uses", symbol.unwrap_or_default())
            }
            (Way::Defines(_), None) => format!("defines what {name} uses"),
            (Way::Imports, _) => format!("imports the same as {name}"),
        };
        hits.push(GraphHit { document, anchor: None, line: place.and_then(|place| place.line), weight, reason });
    }
    Ok(hits)
}

/// All steps from a document, with how many there are of the same kind.
fn ways(catalogue: &Catalogue, source: DocumentId) -> Vec<(DocumentId, Way, usize)> {
    let Some((segment, slot)) = catalogue.find(source) else { return Vec::new() };
    let mut ways = Vec::new();
    let linked: Vec<_> = segment.links(slot).iter().filter_map(|&location| catalogue.at(location)).collect();
    if linked.len() <= MAX_DEGREE {
        ways.extend(linked.iter().map(|&target| (target, Way::LinkedFrom, linked.len())));
    }
    let linking: Vec<_> = catalogue.linking_to(segment.location(slot)).take(MAX_DEGREE + 1).collect();
    if linking.len() <= MAX_DEGREE {
        ways.extend(linking.iter().map(|&target| (target, Way::LinksTo, linking.len())));
    }
    // Common names (`new`, `len`) are defined everywhere and connect nothing.
    const MAX_DEFINERS: usize = 4;
    for &name in segment.imports(slot).iter().chain(segment.calls(slot)) {
        let definers: Vec<_> = catalogue.defining(name).take(MAX_DEFINERS + 1).map(|entity| entity.document).collect();
        if definers.len() <= MAX_DEFINERS {
            ways.extend(definers.iter().map(|&target| (target, Way::Defines(name), definers.len() + 1)));
        }
    }
    const MAX_IMPORTERS: usize = 8;
    for &name in segment.imports(slot) {
        let importers: Vec<_> = catalogue.importing(name).take(MAX_IMPORTERS + 1).collect();
        if importers.len() <= MAX_IMPORTERS {
            ways.extend(importers.iter().map(|&target| (target, Way::Imports, importers.len() * 2)));
        }
    }
    ways.retain(|(target, _, _)| *target != source);
    ways
}

fn title(store: &Store, id: DocumentId) -> Result<String, StorageError> {
    Ok(storage::text(store, id, &iri::document(id), term::NAME)?.unwrap_or_else(|| format!("document {id}")))
}
