//! What the port promises, on disk and in memory.

use ambit_domain::port::Graph;
use ambit_domain::{DocumentId, Outline, Sequence, Timestamp};
use ambit_knowledge_graph::KnowledgeGraph;

use crate::fixture::{
    ask, author, call, code, document, files_with, import, link, open, page, removed, rows, section, symbol, thing,
    written,
};

fn rich_outline() -> Outline {
    Outline {
        headings: vec![section(1, "Ownership", 1), section(2, "Moves", 10), section(1, "Borrowing", 40)],
        links: vec![
            link("ch05.md#structs"),
            link("./ch05.md"),
            link("../appendix/a%20b.md?x=1"),
            link("#moves"),
            link("https://doc.rust-lang.org/std/#top"),
            link("mailto:someone@example.org"),
            link("javascript:alert(1)"),
        ],
        symbols: vec![symbol("insert", &["HashMap"], 12, 30), symbol("outer", &[], 50, 90)],
        references: vec![
            import("std::collections::HashMap", 1),
            call("hash", Some("insert"), 15),
            call("hash", Some("insert"), 16),
            call("main_call", None, 95),
        ],
        people: vec![author("Ada Lovelace", Some("ada@example.org"))],
        tags: vec!["memory".into(), "memory".into(), "safety".into()],
        things: Vec::new(),
    }
}

async fn facts_are_readable(graph: &KnowledgeGraph) {
    let mut first = document(12, "/book/src/ch04.md", 5);
    first.title = Some("Understanding Ownership".into());
    graph.apply(vec![written(first.clone(), rich_outline())]).await.unwrap();
    assert_eq!(graph.applied().await.unwrap(), Sequence(5));
    assert_eq!(graph.iri(&first), "urn:ambit:document:12");

    assert_eq!(
        rows(graph, "SELECT ?name ?url { ?d a schema:DigitalDocument ; schema:name ?name ; schema:url ?url }").await,
        ["Understanding Ownership | file:///book/src/ch04.md"],
    );
    assert_eq!(
        rows(graph, "SELECT ?target { <urn:ambit:document:12> ambit:linksTo ?target }").await,
        ["file:///book/appendix/a%20b.md", "file:///book/src/ch05.md", "https://doc.rust-lang.org/std/"],
        "relative links are resolved against the document, and told once",
    );
    assert_eq!(
        rows(graph, "SELECT ?name ?level ?anchor ?line { ?d schema:hasPart ?s . ?s a ambit:Section ; schema:name ?name ; ambit:level ?level ; ambit:anchor ?anchor ; ambit:line ?line }").await,
        ["Borrowing | 1 | borrowing | 40", "Moves | 2 | moves | 10", "Ownership | 1 | ownership | 1"],
    );
    assert_eq!(
        rows(graph, "SELECT ?a ?b { ?x schema:name ?a ; ambit:within ?y . ?y schema:name ?b }").await,
        ["Moves | Ownership"],
    );
    assert_eq!(
        rows(graph, "SELECT ?n ?k ?c ?l ?e { ?d ambit:defines ?s . ?s schema:name ?n ; ambit:kind ?k ; ambit:line ?l ; ambit:lastLine ?e OPTIONAL { ?s ambit:container ?c } }").await,
        ["insert | function | HashMap | 12 | 30", "outer | function | - | 50 | 90"],
    );
    assert_eq!(
        rows(graph, "SELECT ?s ?n { ?s ambit:calls ?n }").await,
        ["urn:ambit:document:12 | main_call", "urn:ambit:document:12#symbol-0 | hash"],
        "a call belongs to the symbol around it, else to the document",
    );
    assert_eq!(rows(graph, "SELECT ?n { ?d ambit:imports ?n }").await, ["std::collections::HashMap"]);
    assert_eq!(rows(graph, "SELECT ?k { ?d schema:keywords ?k }").await, ["memory", "safety"]);
    assert_eq!(
        rows(graph, "SELECT ?n ?m { ?d schema:author ?p . ?p a schema:Person ; schema:name ?n ; schema:email ?m }")
            .await,
        ["Ada Lovelace | ada@example.org"],
    );
    assert_eq!(
        rows(graph, "SELECT ?version ?at { ?d prov:wasDerivedFrom ?version ; prov:generatedAtTime ?at ; prov:wasGeneratedBy ?a . ?a a prov:Activity ; prov:used ?version . ?version a prov:Entity }").await,
        [format!("urn:blake3:{} | 2023-11-14T22:15:00Z", first.hash)],
    );
    let triples = ask(graph, "SELECT (COUNT(*) AS ?n) { GRAPH <urn:ambit:document:12> { ?s ?p ?o } }").await;
    assert_eq!(format!("{:?}", triples.rows[0][0]), format!("Some(Literal(\"{}\"))", graph.count().await.unwrap()));
}

async fn changes_replace_and_repeat(graph: &KnowledgeGraph) {
    let first = page(1, "/a/one.md", "First heading", &["two.md"], 1);
    graph.apply(vec![first.clone(), page(2, "/a/two.md", "Second", &[], 2)]).await.unwrap();
    let count = graph.count().await.unwrap();
    let everything = "SELECT ?g ?s ?p ?o { GRAPH ?g { ?s ?p ?o } }";
    let before = rows(graph, everything).await;
    graph.apply(vec![first, page(2, "/a/two.md", "Second", &[], 2)]).await.unwrap();
    assert_eq!(rows(graph, everything).await, before, "repeating a call changes nothing");
    assert_eq!(graph.count().await.unwrap(), count);

    graph.apply(vec![page(1, "/b/moved.md", "Changed heading", &[], 3)]).await.unwrap();
    let names = "SELECT ?n { ?d schema:hasPart/schema:name ?n }";
    assert_eq!(rows(graph, names).await, ["Changed heading", "Second"]);
    assert_eq!(rows(graph, "SELECT ?u { ?d schema:url ?u }").await, ["file:///a/two.md", "file:///b/moved.md"]);

    graph.apply(vec![removed(2, 4), removed(99, 5)]).await.unwrap();
    assert_eq!(rows(graph, names).await, ["Changed heading"]);
    assert_eq!(graph.applied().await.unwrap(), Sequence(5));
    assert_eq!(rows(graph, "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }").await, ["urn:ambit:document:1"]);

    // The same document twice in one call: the last word counts.
    graph
        .apply(vec![
            page(7, "/c.md", "Old", &[], 6),
            page(7, "/c.md", "New", &[], 7),
            page(8, "/d.md", "Gone", &[], 8),
            removed(8, 9),
        ])
        .await
        .unwrap();
    assert_eq!(rows(graph, names).await, ["Changed heading", "New"]);
    assert_eq!(graph.applied().await.unwrap(), Sequence(9));

    graph.apply(Vec::new()).await.unwrap();
    assert_eq!(graph.applied().await.unwrap(), Sequence(9), "nothing to apply leaves the record");

    graph.clear().await.unwrap();
    assert_eq!(graph.applied().await.unwrap(), Sequence(0));
    assert_eq!(graph.count().await.unwrap(), 0);
    assert!(rows(graph, "SELECT ?s ?p ?o { ?s ?p ?o }").await.is_empty());
    graph.apply(vec![page(1, "/a/one.md", "Again", &[], 1)]).await.unwrap();
    assert_eq!(rows(graph, names).await, ["Again"]);
}

#[tokio::test]
async fn facts_are_readable_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    facts_are_readable(&open(folder.path())).await;
}

#[tokio::test]
async fn facts_are_readable_in_memory() {
    facts_are_readable(&KnowledgeGraph::in_memory().unwrap()).await;
}

#[tokio::test]
async fn changes_replace_and_repeat_on_disk() {
    let folder = tempfile::tempdir().unwrap();
    changes_replace_and_repeat(&open(folder.path())).await;
}

#[tokio::test]
async fn changes_replace_and_repeat_in_memory() {
    changes_replace_and_repeat(&KnowledgeGraph::in_memory().unwrap()).await;
}

#[tokio::test]
async fn a_reopened_graph_knows_what_it_knew() {
    let folder = tempfile::tempdir().unwrap();
    let outline = rich_outline();
    {
        let graph = open(folder.path());
        graph.apply(vec![written(document(1, "/a.md", 1), outline.clone())]).await.unwrap();
        graph.maintain().await.unwrap();
        // After the maintenance, so that the catalogue's file is older than the facts.
        graph
            .apply(vec![page(2, "/b.md", "Late arrival", &["a.md"], 2), page(3, "/c.md", "Short-lived", &[], 3)])
            .await
            .unwrap();
        graph.apply(vec![removed(3, 4)]).await.unwrap();
    }
    let graph = open(folder.path());
    assert_eq!(graph.applied().await.unwrap(), Sequence(4));
    let question = ambit_domain::port::GraphQuestion {
        terms: vec!["late".into(), "arrival".into()],
        documents: vec![DocumentId(1)],
        limit: 10,
    };
    let reasons: Vec<_> = graph.neighbours(question).await.unwrap().into_iter().map(|hit| hit.reason).collect();
    assert!(reasons.contains(&"section \"Late arrival\"".to_owned()), "{reasons:?}");
    assert!(reasons.contains(&"links to a.md".to_owned()), "{reasons:?}");
    let counted = ask(&graph, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }").await;
    assert_eq!(format!("{:?}", counted.rows[0][0]), format!("Some(Literal(\"{}\"))", graph.count().await.unwrap()));
}

#[tokio::test]
async fn only_one_opens_a_folder() {
    let folder = tempfile::tempdir().unwrap();
    let first = open(folder.path());
    first.apply(vec![page(1, "/a.md", "Kept", &[], 1)]).await.unwrap();
    let second = ambit_knowledge_graph::KnowledgeGraph::open(folder.path(), Default::default());
    let error = ambit_domain::Error::from(second.err().expect("a folder in use is refused"));
    assert_eq!(error.code(), ambit_domain::ErrorCode::Conflict, "{error}");
    assert_eq!(first.applied().await.unwrap(), Sequence(1), "and what is in it stays");
}

#[tokio::test]
async fn hostile_names_are_only_names() {
    let folder = tempfile::tempdir().unwrap();
    let graph = open(folder.path());
    let hostile = "a\"b'c\\d\n\t\u{0}\u{1b}[31m } . <x> DROP ALL ; # ’ 日本 \u{202e}";
    let mut odd = document(1, format!("/tmp/{}", "sp ace\"quote'\n<tag>{brace}%41/日本.md"), 1);
    odd.title = Some(hostile.into());
    odd.language = Some("e\"n".into());
    odd.hash = "not a hash> <urn:x".into();
    odd.modified = Timestamp(i64::MAX);
    let outline = Outline {
        headings: vec![section(1, hostile, 1)],
        links: vec![
            link(hostile),
            link("http://[broken"),
            link("https://example.org/a b<c>\"d\""),
            link("../../../../../../etc/%70asswd"),
            link("%zz%"),
            link("//example.org/x"),
            link(""),
            link("日本.md"),
        ],
        symbols: vec![symbol(hostile, &[hostile], 0, u32::MAX), symbol("", &[], 3, 3)],
        references: vec![call(hostile, Some(hostile), 5), import(hostile, 1), call("", None, 1)],
        people: vec![author(hostile, Some(hostile)), author("", None), author("  ", Some(" "))],
        tags: vec![hostile.into(), String::new()],
        things: vec![thing(hostile, hostile, &[(hostile, hostile), ("", ""), ("name", hostile)]), thing("", "", &[])],
    };
    graph.apply(vec![written(odd.clone(), outline.clone())]).await.unwrap();
    let name = "SELECT ?t { <urn:ambit:document:1> schema:name ?t }";
    assert_eq!(rows(&graph, name).await, [hostile.trim()]);
    let url = rows(&graph, "SELECT ?u { <urn:ambit:document:1> schema:url ?u }").await;
    assert_eq!(url, ["file:///tmp/sp%20ace%22quote%27%0A%3Ctag%3E%7Bbrace%7D%2541/%E6%97%A5%E6%9C%AC.md"]);
    let targets = rows(&graph, "SELECT ?u { <urn:ambit:document:1> ambit:linksTo ?u }").await;
    assert!(targets.contains(&"file:///etc/passwd".to_owned()), "{targets:?}");
    assert!(targets.contains(&"https://example.org/a%20b%3Cc%3E%22d%22".to_owned()), "{targets:?}");
    assert!(targets.contains(&"https://example.org/x".to_owned()), "{targets:?}");
    // Everything that was stored is valid RDF: a dump of it in N-Quads could be read again, so each IRI parses.
    for row in rows(&graph, "SELECT DISTINCT ?x { { ?x ?p ?o } UNION { ?s ?p ?x FILTER(isIRI(?x)) } }").await {
        let described = graph.query(format!("DESCRIBE <{row}>"), crate::fixture::LIMITS).await;
        assert!(described.is_ok(), "{row}: {described:?}");
    }
    drop(graph);
    let graph = open(folder.path());
    assert_eq!(rows(&graph, name).await, [hostile.trim()]);
    graph.apply(vec![removed(1, 2)]).await.unwrap();
    assert_eq!(graph.count().await.unwrap(), 0);
}

#[cfg(unix)]
#[tokio::test]
async fn a_path_that_is_not_utf8_keeps_its_bytes_in_the_url() {
    use std::os::unix::ffi::OsStringExt;
    let graph = KnowledgeGraph::in_memory().unwrap();
    let path = std::path::PathBuf::from(std::ffi::OsString::from_vec(b"/tmp/caf\xe9.md".to_vec()));
    graph.apply(vec![written(document(1, path, 1), Outline::default())]).await.unwrap();
    graph.apply(vec![page(2, "/tmp/other.md", "Other", &["caf%e9.md"], 2)]).await.unwrap();
    let linked = "SELECT ?b { ?a ambit:linksTo ?u . ?b schema:url ?u }";
    assert_eq!(rows(&graph, linked).await, ["urn:ambit:document:1"]);
}

#[tokio::test]
async fn what_was_removed_is_in_no_file_after_a_purge() {
    let folder = tempfile::tempdir().unwrap();
    let graph = open(folder.path());
    let secret = "Zyxwvutsrqponmlkjihgfedcba";
    let mut outline = rich_outline();
    outline.headings.push(section(1, secret, 99));
    outline.links.push(link(&format!("{secret}.md")));
    outline.people.push(author(secret, None));
    outline.references.push(call(secret, None, 1));
    for round in 0..3 {
        // Through the log, through sorted files, and through flushed tables.
        let pages = (0..if round == 1 { 1500 } else { 3 })
            .map(|page| written(document(10_000 * round + page, format!("/{secret}/{page}.md"), 1), outline.clone()));
        graph.apply(pages.collect()).await.unwrap();
        graph.maintain().await.unwrap();
    }
    graph.apply(vec![page(5_000, "/kept/kept.md", "Kept heading", &[], 2)]).await.unwrap();
    assert!(!files_with(folder.path(), "Kept heading").is_empty(), "the search finds what is there");
    assert!(!files_with(folder.path(), "kept/kept.md").is_empty(), "the search finds what is there");
    let ids = rows(&graph, "SELECT ?d { ?d ambit:path ?p FILTER(CONTAINS(?p, 'Zyxw')) }").await;
    assert_eq!(ids.len(), 1506);
    let gone = ids.iter().map(|iri| removed(iri.rsplit(':').next().unwrap().parse().unwrap(), 3));
    graph.apply(gone.collect()).await.unwrap();
    graph.purge().await.unwrap();
    for part in [secret, &secret.to_lowercase(), "Zyxwvutsrqpo", "ada@example.org", "Borrowing"] {
        assert_eq!(files_with(folder.path(), part), Vec::<std::path::PathBuf>::new(), "{part} is still there");
    }
    assert_eq!(graph.applied().await.unwrap(), Sequence(3));
    assert_eq!(rows(&graph, "SELECT ?n { ?d schema:hasPart/schema:name ?n }").await, ["Kept heading"]);
    drop(graph);
    let graph = open(folder.path());
    assert_eq!(graph.applied().await.unwrap(), Sequence(3));
    assert_eq!(rows(&graph, "SELECT ?n { ?d schema:hasPart/schema:name ?n }").await, ["Kept heading"]);
}

#[tokio::test]
async fn large_batches_and_small_ones_give_the_same_facts() {
    let (bulk, single) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let changes: Vec<_> = (1..=400).map(|id| code(id, &format!("/src/{id}.rs"), rich_outline(), id)).collect();
    let (bulk, single) = (open(bulk.path()), open(single.path()));
    bulk.apply(changes.clone()).await.unwrap();
    for change in changes.chunks(7) {
        single.apply(change.to_vec()).await.unwrap();
    }
    let all = "SELECT (COUNT(*) AS ?n) (SUM(STRLEN(STR(?s)) + STRLEN(STR(?p)) + STRLEN(STR(?o))) AS ?sum) { GRAPH ?g { ?s ?p ?o } }";
    assert_eq!(rows(&bulk, all).await, rows(&single, all).await);
    assert_eq!(bulk.count().await.unwrap(), single.count().await.unwrap());
    assert_eq!(bulk.applied().await.unwrap(), Sequence(400));
    // A change after a bulk load leaves one record.
    bulk.apply(vec![removed(1, 401)]).await.unwrap();
    assert_eq!(bulk.applied().await.unwrap(), Sequence(401));
    assert_eq!(rows(&bulk, "SELECT ?n { <urn:ambit:graph> ambit:applied ?n }").await, ["401"]);
}
