use std::collections::HashMap;

use ambit_domain::{DocumentId, Sequence};
use oxigraph::model::{NamedOrBlankNode, Quad, Term};

use crate::iri::{self, Part};
use crate::terms::{self, Key};
use crate::vocabulary as term;

/// What the catalogue keeps of one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DocumentFacts {
    pub(crate) id: DocumentId,
    pub(crate) sequence: Sequence,
    pub(crate) location: Key,
    pub(crate) facts: u32,
    pub(crate) entities: Vec<EntityFacts>,
    pub(crate) links: Vec<Key>,
    pub(crate) imports: Vec<Key>,
    pub(crate) calls: Vec<Key>,
}

/// A section or symbol.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct EntityFacts {
    pub(crate) part: Part,
    /// 0 when it is not known.
    pub(crate) line: u32,
    /// For a symbol the first is its whole name.
    pub(crate) terms: Vec<Key>,
}

impl DocumentFacts {
    /// Reads them from all quads of a document's graph, in any order.
    pub(crate) fn from_quads(id: DocumentId, quads: &[Quad]) -> Self {
        let mut facts = Self {
            id,
            sequence: Sequence(0),
            location: 0,
            facts: u32::try_from(quads.len()).unwrap_or(u32::MAX),
            entities: Vec::new(),
            links: Vec::new(),
            imports: Vec::new(),
            calls: Vec::new(),
        };
        let mut parts: HashMap<Part, EntityFacts> = HashMap::new();
        for quad in quads {
            let NamedOrBlankNode::NamedNode(subject) = &quad.subject else { continue };
            let Some((document, part)) = iri::parse(subject.as_str()) else { continue };
            if document != id {
                continue;
            }
            match part {
                None => facts.read(quad),
                Some(part) => {
                    let entity = parts.entry(part).or_insert_with(|| EntityFacts { part, line: 0, terms: Vec::new() });
                    entity.read(quad, &mut facts.calls);
                }
            }
        }
        facts.entities = parts.into_values().filter(|entity| !entity.terms.is_empty()).collect();
        facts.entities.sort_unstable_by_key(|entity| entity.part);
        for list in [&mut facts.links, &mut facts.imports, &mut facts.calls] {
            list.sort_unstable();
            list.dedup();
        }
        facts
    }

    fn read(&mut self, quad: &Quad) {
        match &quad.object {
            Term::NamedNode(node) if quad.predicate == term::URL => self.location = terms::key(node.as_str()),
            Term::NamedNode(node) if quad.predicate == term::LINKS_TO => self.links.push(terms::key(node.as_str())),
            Term::Literal(name) if quad.predicate == term::IMPORTS => self.imports.push(name_key(name.value())),
            Term::Literal(name) if quad.predicate == term::CALLS => self.calls.push(name_key(name.value())),
            Term::Literal(number) if quad.predicate == term::SEQUENCE => {
                self.sequence = Sequence(number.value().parse().unwrap_or_default());
            }
            _ => {}
        }
    }
}

impl EntityFacts {
    fn read(&mut self, quad: &Quad, calls: &mut Vec<Key>) {
        let Term::Literal(literal) = &quad.object else { return };
        if quad.predicate == term::NAME {
            let words = match self.part {
                Part::Symbol(_) => terms::identifier(literal.value()),
                Part::Section(_) => terms::words(literal.value()),
            };
            self.terms = words.iter().map(|word| terms::key(word)).collect();
        } else if quad.predicate == term::LINE {
            self.line = literal.value().parse().unwrap_or_default();
        } else if quad.predicate == term::CALLS {
            calls.push(name_key(literal.value()));
        }
    }
}

/// A use names its symbol with a path before it; definitions bear the last part alone.
fn name_key(name: &str) -> Key {
    terms::key(&terms::last_part(name).to_lowercase())
}
