//! The knowledge graph: facts about documents, their sections, links, symbols and people, with where they came from.
//!
//! Facts are RDF in an Oxigraph store, in schema.org, PROV-O and a small vocabulary of our own (`ambit:`), one named graph
//! per document, and are asked in SPARQL. They are derived from the documents: whatever happens to the folder, the graph
//! opens, tells by [`Graph::applied`](ambit_domain::port::Graph::applied) how far it is, and is filled up by replay.
//!
//! | subject | facts |
//! |---|---|
//! | `urn:ambit:document:12` | `a schema:DigitalDocument` or `schema:SoftwareSourceCode`, `prov:Entity`; `schema:name`, `schema:url` (a `file:` IRI), `ambit:path`, `ambit:kind`, `schema:inLanguage` or `schema:programmingLanguage`, `schema:contentSize`, `schema:dateModified`, `schema:keywords`, `schema:author`, `schema:contributor`, `schema:hasPart`, `ambit:defines`, `ambit:imports`, `ambit:calls`, `ambit:linksTo`, `prov:wasDerivedFrom`, `prov:wasGeneratedBy`, `prov:generatedAtTime` |
//! | `…#section-3` | `a ambit:Section`; `schema:name`, `ambit:level`, `ambit:anchor`, `ambit:line` or `ambit:page`, `ambit:within` the section above |
//! | `…#symbol-7` | `a ambit:Symbol`; `schema:name`, `ambit:kind`, `ambit:container`, `ambit:line`, `ambit:lastLine`, `ambit:calls` |
//! | `…#indexing` | `a prov:Activity`; `prov:used` the version, `prov:endedAtTime` |
//! | `urn:blake3:…` | `a prov:Entity`: the version of the file |
//! | `urn:ambit:person:…` | `a schema:Person`; `schema:name`, `schema:email` |
//!
//! `ambit:linksTo` names the `file:` IRI of its target, whether that is indexed or not; join it with `schema:url`.

mod error;
mod graph;
mod options;

mod catalogue;
mod facts;
mod neighbours;
mod ranking;
mod sparql;
mod storage;

mod blocking;
mod iri;
mod terms;
mod vocabulary;

pub use error::KnowledgeGraphError;
pub use graph::KnowledgeGraph;
pub use options::KnowledgeGraphOptions;
