//! From a document and its outline to facts. No running text: names, titles, places and relations only.

use std::collections::{HashMap, HashSet};

use ambit_domain::{
    Document, DocumentKind, Heading, Outline, Person, PersonRole, Span, Symbol, SymbolReferenceKind, Thing, Timestamp,
};
use oxigraph::model::{GraphName, Literal, NamedNode, NamedNodeRef, Quad, Term};

use crate::iri::{self, Part};
use crate::vocabulary::{self as term, foreign};

/// Longer names are cut: a "heading" of a megabyte is running text, and text lives elsewhere.
const MAX_NAME: usize = 512;

/// All facts of one version of a document, in the graph that bears the document's IRI.
pub(crate) fn of_document(document: &Document, outline: &Outline) -> Vec<Quad> {
    let node = iri::document(document.id);
    let mut facts = Facts { graph: node.clone().into(), quads: Vec::new(), seen: HashSet::new() };
    facts.describe(&node, document);
    facts.provenance(&node, document);
    facts.sections(&node, document, &outline.headings);
    facts.symbols(&node, document, &outline.symbols);
    facts.references(&node, document, outline);
    facts.links(&node, document, outline);
    facts.people(&node, &outline.people);
    facts.things(&node, document, &outline.things);
    for tag in &outline.tags {
        facts.text(&node, term::KEYWORDS, tag);
    }
    facts.quads
}

struct Facts {
    graph: GraphName,
    quads: Vec<Quad>,
    seen: HashSet<(NamedNode, NamedNode, Term)>,
}

impl Facts {
    fn add(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        self.quads.push(Quad::new(subject.clone(), predicate, object, self.graph.clone()));
    }

    /// For relations that a document may state many times over.
    fn add_once(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, object: impl Into<Term>) {
        let object = object.into();
        if self.seen.insert((subject.clone(), predicate.into_owned(), object.clone())) {
            self.add(subject, predicate, object);
        }
    }

    fn text(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, text: &str) {
        let text = shortened(text.trim());
        if !text.is_empty() {
            self.add_once(subject, predicate, Literal::new_simple_literal(text));
        }
    }

    fn number(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, number: i64) {
        self.add(subject, predicate, Literal::from(number));
    }

    fn time(&mut self, subject: &NamedNode, predicate: NamedNodeRef<'_>, at: Timestamp) {
        // A file system may tell times that no calendar knows; they are left out.
        if let Ok(at) = jiff::Timestamp::from_millisecond(at.0) {
            self.add(subject, predicate, Literal::new_typed_literal(at.to_string(), foreign::DATE_TIME));
        }
    }

    fn describe(&mut self, node: &NamedNode, document: &Document) {
        let is_code = document.kind == DocumentKind::Code;
        self.add(node, foreign::TYPE, if is_code { term::SOURCE_CODE } else { term::DIGITAL_DOCUMENT });
        let file_name = document.path.file_name().unwrap_or(document.path.as_os_str()).to_string_lossy();
        self.text(node, term::NAME, document.title.as_deref().unwrap_or(&file_name));
        self.add(node, term::URL, iri::file_url(&document.path));
        self.add(node, term::PATH, Literal::new_simple_literal(document.path.to_string_lossy()));
        self.add(node, term::KIND, Literal::new_simple_literal(document.kind.as_str()));
        if let Some(language) = &document.language {
            self.text(node, if is_code { term::PROGRAMMING_LANGUAGE } else { term::IN_LANGUAGE }, language);
        }
        self.number(node, term::CONTENT_SIZE, i64::try_from(document.size).unwrap_or(i64::MAX));
        self.time(node, term::DATE_MODIFIED, document.modified);
        self.number(node, term::SEQUENCE, document.sequence.0);
    }

    /// The document as it is found here was derived, by an act of indexing, from a file's version with this hash.
    fn provenance(&mut self, node: &NamedNode, document: &Document) {
        let activity = iri::indexing(document.id);
        self.add(node, foreign::TYPE, term::ENTITY);
        self.add(node, term::WAS_GENERATED_BY, activity.clone());
        self.time(node, term::GENERATED_AT, document.read);
        self.add(&activity, foreign::TYPE, term::ACTIVITY);
        self.time(&activity, term::ENDED_AT, document.read);
        if let Some(version) = iri::version(&document.hash) {
            self.add(node, term::WAS_DERIVED_FROM, version.clone());
            self.add(&activity, term::USED, version.clone());
            self.add(&version, foreign::TYPE, term::ENTITY);
        }
    }

    fn sections(&mut self, node: &NamedNode, document: &Document, headings: &[Heading]) {
        let mut open: Vec<(u8, NamedNode)> = Vec::new();
        for (ordinal, heading) in (0..).zip(headings) {
            let section = iri::part(document.id, Part::Section(ordinal));
            self.add(node, term::HAS_PART, section.clone());
            self.add(&section, foreign::TYPE, term::SECTION);
            self.text(&section, term::NAME, &heading.text);
            self.number(&section, term::LEVEL, i64::from(heading.level));
            if let Some(anchor) = &heading.anchor {
                self.text(&section, term::ANCHOR, anchor);
            }
            self.place(&section, heading.span);
            open.retain(|(level, _)| *level < heading.level);
            if let Some((_, parent)) = open.last() {
                self.add(&section, term::WITHIN, parent.clone());
            }
            open.push((heading.level, section));
        }
    }

    fn place(&mut self, part: &NamedNode, span: Span) {
        match span {
            Span::Lines { start, end } => {
                self.number(part, term::LINE, i64::from(start));
                if end > start {
                    self.number(part, term::LAST_LINE, i64::from(end));
                }
            }
            Span::Pages { start, .. } => self.number(part, term::PAGE, i64::from(start)),
        }
    }

    fn symbols(&mut self, node: &NamedNode, document: &Document, symbols: &[Symbol]) {
        for (ordinal, symbol) in (0..).zip(symbols) {
            let subject = iri::part(document.id, Part::Symbol(ordinal));
            self.add(node, term::DEFINES, subject.clone());
            self.add(&subject, foreign::TYPE, term::SYMBOL);
            self.text(&subject, term::NAME, &symbol.name);
            self.add(&subject, term::KIND, Literal::new_simple_literal(symbol.kind.as_str()));
            if !symbol.container.is_empty() {
                self.text(&subject, term::CONTAINER, &symbol.container.join("."));
            }
            self.place(&subject, symbol.span);
        }
    }

    /// What a page says of things. Its words are a stranger's: only names that schema.org could have become terms.
    fn things(&mut self, node: &NamedNode, document: &Document, things: &[Thing]) {
        for (ordinal, thing) in things.iter().enumerate() {
            let subject = iri::thing(document.id, ordinal);
            self.add(node, term::ABOUT, subject.clone());
            self.add(&subject, foreign::TYPE, iri::of_schema(&thing.kind).unwrap_or_else(|| term::THING.into_owned()));
            self.text(&subject, term::NAME, &thing.name);
            for (name, value) in &thing.properties {
                // What is said of a thing within it, such as `offers.price`, is said of it.
                match iri::of_schema(name.rsplit('.').next().unwrap_or(name)) {
                    Some(property) => self.text(&subject, property.as_ref(), value),
                    None => self.text(&subject, term::PROPERTY, &format!("{name}: {value}")),
                }
            }
        }
    }

    fn references(&mut self, node: &NamedNode, document: &Document, outline: &Outline) {
        let mut by_name: HashMap<&str, Vec<(u32, Span)>> = HashMap::new();
        for (ordinal, symbol) in (0..).zip(&outline.symbols) {
            by_name.entry(&symbol.name).or_default().push((ordinal, symbol.span));
        }
        for reference in &outline.references {
            match reference.kind {
                SymbolReferenceKind::Import => self.text(node, term::IMPORTS, &reference.name),
                _ => {
                    let named = reference.within.as_deref().and_then(|within| by_name.get(within));
                    let user = named
                        .and_then(|definitions| innermost(definitions, reference.span))
                        .map_or_else(|| node.clone(), |ordinal| iri::part(document.id, Part::Symbol(ordinal)));
                    self.text(&user, term::CALLS, &reference.name);
                }
            }
        }
    }

    fn links(&mut self, node: &NamedNode, document: &Document, outline: &Outline) {
        let own = iri::file_url(&document.path);
        for link in &outline.links {
            if let Some(target) = iri::link_target(&document.path, &link.target).filter(|target| *target != own) {
                self.add_once(node, term::LINKS_TO, target);
            }
        }
    }

    fn people(&mut self, node: &NamedNode, people: &[Person]) {
        for person in people {
            if person.name.trim().is_empty() && person.email.as_deref().is_none_or(|email| email.trim().is_empty()) {
                continue;
            }
            let subject = iri::person(&person.name, person.email.as_deref());
            let relation = if person.role == PersonRole::Author { term::AUTHOR } else { term::CONTRIBUTOR };
            self.add_once(node, relation, subject.clone());
            self.add_once(&subject, foreign::TYPE, term::PERSON);
            self.text(&subject, term::NAME, &person.name);
            if let Some(email) = &person.email {
                self.text(&subject, term::EMAIL, email);
            }
        }
    }
}

/// The smallest of the definitions that lie around a use.
fn innermost(definitions: &[(u32, Span)], place: Span) -> Option<u32> {
    definitions
        .iter()
        .filter(|(_, span)| span.start() <= place.start() && place.end() <= span.end())
        .min_by_key(|(_, span)| span.end().saturating_sub(span.start()))
        .map(|(ordinal, _)| *ordinal)
}

fn shortened(text: &str) -> &str {
    if text.len() <= MAX_NAME {
        return text;
    }
    let end = (0..=MAX_NAME).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0);
    &text[..end]
}
