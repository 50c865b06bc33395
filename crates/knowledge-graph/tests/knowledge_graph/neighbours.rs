//! From words and found documents to places.

use ambit_domain::port::{Graph, GraphHit, GraphQuestion};
use ambit_domain::{DocumentId, Outline};
use ambit_knowledge_graph::KnowledgeGraph;

use crate::fixture::{call, code, document, import, link, section, symbol, written};

async fn library() -> KnowledgeGraph {
    let graph = KnowledgeGraph::in_memory().unwrap();
    let ownership = Outline {
        headings: vec![
            section(1, "Understanding Ownership", 1),
            section(2, "What Is Ownership?", 9),
            section(2, "References and Borrowing", 80),
        ],
        links: vec![link("slices.md")],
        ..Outline::default()
    };
    let slices = Outline { headings: vec![section(1, "The Slice Type", 1)], ..Outline::default() };
    let map = Outline {
        symbols: vec![
            symbol("HashMap", &[], 10, 300),
            symbol("insert", &["HashMap"], 40, 60),
            symbol("new", &["HashMap"], 20, 30),
        ],
        references: vec![call("make_hash", Some("insert"), 45)],
        ..Outline::default()
    };
    let hash = Outline {
        symbols: vec![symbol("make_hash", &[], 5, 9), symbol("new", &["Hasher"], 20, 30)],
        ..Outline::default()
    };
    let user = Outline {
        symbols: vec![symbol("main", &[], 3, 20)],
        references: vec![import("crate::map::HashMap", 1), import("serde::Serialize", 2)],
        ..Outline::default()
    };
    let other = Outline { references: vec![import("serde::Serialize", 2)], ..Outline::default() };
    let mut changes = vec![
        written(document(1, "/book/ownership.md", 1), ownership),
        written(document(2, "/book/slices.md", 2), slices),
        code(3, "/src/map.rs", map, 3),
        code(4, "/src/hash.rs", hash, 4),
        code(5, "/src/main.rs", user, 5),
        code(6, "/src/other.rs", other, 6),
    ];
    for id in 100..140 {
        let page =
            Outline { headings: vec![section(1, "Notes", 1), section(2, "More notes", 4)], ..Outline::default() };
        changes.push(written(document(id, format!("/notes/{id}.md"), id), page));
    }
    graph.apply(changes).await.unwrap();
    graph
}

async fn ask(graph: &KnowledgeGraph, terms: &str, documents: &[i64]) -> Vec<GraphHit> {
    let question = GraphQuestion {
        terms: terms.split_whitespace().map(str::to_owned).collect(),
        documents: documents.iter().copied().map(DocumentId).collect(),
        limit: 10,
    };
    let hits = graph.neighbours(question).await.unwrap();
    assert!(hits.iter().all(|hit| (0.0..=1.0).contains(&hit.weight)), "{hits:?}");
    assert!(hits.is_sorted_by(|a, b| a.weight >= b.weight), "{hits:?}");
    hits
}

#[tokio::test]
async fn sections_are_found_by_their_words() {
    let graph = library().await;
    let hits = ask(&graph, "what is ownership", &[]).await;
    assert_eq!(hits[0].reason, "section \"What Is Ownership?\"");
    assert_eq!((hits[0].document, hits[0].line), (DocumentId(1), Some(9)));
    assert_eq!(hits[0].anchor.as_deref(), Some("what-is-ownership?"));
    let hits = ask(&graph, "borrowing reference", &[]).await;
    assert_eq!(hits[0].reason, "section \"References and Borrowing\"", "plural and order do not matter");
    assert!(ask(&graph, "quantum chromodynamics", &[]).await.is_empty());
    assert!(ask(&graph, "", &[]).await.is_empty());
}

#[tokio::test]
async fn symbols_are_found_by_name_and_by_parts() {
    let graph = library().await;
    for terms in ["hashmap", "hash map", "HashMap"] {
        let hits = ask(&graph, terms, &[]).await;
        assert!(hits.iter().any(|hit| hit.reason == "defines HashMap" && hit.line == Some(10)), "{terms}: {hits:?}");
    }
    let hits = ask(&graph, "make_hash", &[]).await;
    assert_eq!(
        (hits[0].reason.as_str(), hits[0].document, hits[0].line),
        ("defines make_hash", DocumentId(4), Some(5))
    );
    let named = ask(&graph, "insert", &[]).await[0].weight;
    let common = ask(&graph, "new", &[]).await[0].weight;
    assert!(named > common, "a name that many bear says less: {named} {common}");
}

#[tokio::test]
async fn documents_lead_to_their_neighbours() {
    let graph = library().await;
    let reasons = |hits: Vec<GraphHit>| {
        hits.into_iter().map(|hit| format!("{}: {}", hit.document, hit.reason)).collect::<Vec<_>>()
    };
    assert_eq!(reasons(ask(&graph, "", &[1]).await), ["2: linked from ownership.md"]);
    assert_eq!(reasons(ask(&graph, "", &[2]).await), ["1: links to slices.md"]);
    let from_main = reasons(ask(&graph, "", &[5]).await);
    assert!(from_main.contains(&"3: defines HashMap, which main.rs uses".to_owned()), "{from_main:?}");
    assert!(from_main.contains(&"6: imports the same as main.rs".to_owned()), "{from_main:?}");
    assert_eq!(reasons(ask(&graph, "", &[3]).await), ["4: defines make_hash, which map.rs uses"]);
    assert!(ask(&graph, "", &[1, 2]).await.is_empty(), "what was found already is no neighbour");
    assert!(ask(&graph, "", &[999]).await.is_empty());
}
