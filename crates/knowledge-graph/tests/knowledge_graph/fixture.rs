use std::path::{Path, PathBuf};
use std::time::Duration;

use ambit_domain::port::{Graph, GraphLimits, GraphTable, GraphValue};
use ambit_domain::{
    Document, DocumentChange, DocumentId, DocumentKind, Heading, Link, Outline, Person, PersonRole, RootId, Sequence,
    Span, Symbol, SymbolKind, SymbolReference, SymbolReferenceKind, Taint, Thing, Timestamp,
};
use ambit_knowledge_graph::{KnowledgeGraph, KnowledgeGraphOptions};

pub(crate) const LIMITS: GraphLimits = GraphLimits { time: Duration::from_secs(10), rows: 10_000 };

pub(crate) fn open(folder: &Path) -> KnowledgeGraph {
    KnowledgeGraph::open(folder, KnowledgeGraphOptions::default()).expect("the graph opens")
}

pub(crate) fn document(id: i64, path: impl Into<PathBuf>, sequence: i64) -> Document {
    Document {
        id: DocumentId(id),
        root: RootId(1),
        path: path.into(),
        kind: DocumentKind::Markdown,
        language: Some("en".into()),
        title: None,
        hash: format!("{id:064x}"),
        size: 100,
        modified: Timestamp(1_700_000_000_000),
        read: Timestamp(1_700_000_100_000),
        sequence: Sequence(sequence),
        taint: Taint::Trusted,
    }
}

pub(crate) fn written(document: Document, outline: Outline) -> DocumentChange {
    DocumentChange::Written { document, outline, passages: Vec::new() }
}

pub(crate) fn removed(id: i64, sequence: i64) -> DocumentChange {
    DocumentChange::Removed { id: DocumentId(id), sequence: Sequence(sequence) }
}

/// A page with one heading and links.
pub(crate) fn page(id: i64, path: &str, heading: &str, links: &[&str], sequence: i64) -> DocumentChange {
    let outline = Outline {
        headings: vec![section(1, heading, 3)],
        links: links.iter().map(|target| link(target)).collect(),
        ..Outline::default()
    };
    written(document(id, path, sequence), outline)
}

pub(crate) fn section(level: u8, text: &str, line: u32) -> Heading {
    let anchor = text.to_lowercase().replace(' ', "-");
    Heading { level, text: text.into(), anchor: Some(anchor), span: lines(line, line) }
}

pub(crate) fn link(target: &str) -> Link {
    Link { target: target.into(), text: "text of the link".into() }
}

pub(crate) fn lines(start: u32, end: u32) -> Span {
    Span::Lines { start, end }
}

pub(crate) fn symbol(name: &str, container: &[&str], start: u32, end: u32) -> Symbol {
    Symbol {
        name: name.into(),
        container: container.iter().map(|name| (*name).to_owned()).collect(),
        kind: SymbolKind::Function,
        span: lines(start, end),
    }
}

pub(crate) fn call(name: &str, within: Option<&str>, line: u32) -> SymbolReference {
    SymbolReference {
        name: name.into(),
        kind: SymbolReferenceKind::Call,
        within: within.map(str::to_owned),
        span: lines(line, line),
    }
}

pub(crate) fn import(name: &str, line: u32) -> SymbolReference {
    SymbolReference { name: name.into(), kind: SymbolReferenceKind::Import, within: None, span: lines(line, line) }
}

pub(crate) fn author(name: &str, email: Option<&str>) -> Person {
    Person { name: name.into(), email: email.map(str::to_owned), role: PersonRole::Author, at: None }
}

pub(crate) fn thing(kind: &str, name: &str, properties: &[(&str, &str)]) -> Thing {
    let properties = properties.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    Thing { kind: kind.to_owned(), name: name.to_owned(), properties }
}

pub(crate) fn code(id: i64, path: &str, outline: Outline, sequence: i64) -> DocumentChange {
    let document = Document { kind: DocumentKind::Code, language: Some("rust".into()), ..document(id, path, sequence) };
    written(document, outline)
}

pub(crate) async fn ask(graph: &KnowledgeGraph, sparql: &str) -> GraphTable {
    graph.query(sparql.into(), LIMITS).await.unwrap_or_else(|error| panic!("{sparql}: {error}"))
}

/// The rows of a query as text, sorted.
pub(crate) async fn rows(graph: &KnowledgeGraph, sparql: &str) -> Vec<String> {
    let table = ask(graph, sparql).await;
    let mut rows: Vec<String> = table
        .rows
        .iter()
        .map(|row| {
            let cells: Vec<&str> = row
                .iter()
                .map(|cell| match cell {
                    Some(GraphValue::Iri(text) | GraphValue::Literal(text) | GraphValue::Blank(text)) => text,
                    None => "-",
                })
                .collect();
            cells.join(" | ")
        })
        .collect();
    rows.sort();
    rows
}

/// All files below a folder that hold some bytes.
pub(crate) fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if memory_contains(&std::fs::read(&path).unwrap_or_default(), needle.as_bytes()) {
                found.push(path);
            }
        }
    }
    found
}

fn memory_contains(bytes: &[u8], needle: &[u8]) -> bool {
    bytes.windows(needle.len()).any(|window| window == needle)
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Resident bytes of this process.
pub(crate) fn resident() -> u64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok()).unwrap_or(0) * 4096
}
