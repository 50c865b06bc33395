//! Queries: forms, limits, and what is refused.

use std::time::{Duration, Instant};

use ambit_domain::port::{Graph, GraphLimits, GraphValue};
use ambit_domain::{Error, ErrorCode};
use ambit_knowledge_graph::KnowledgeGraph;

use crate::fixture::{LIMITS, ask, page, rows};

async fn small() -> KnowledgeGraph {
    let graph = KnowledgeGraph::in_memory().unwrap();
    let pages = [
        page(1, "/w/home.md", "Home", &["guide.md", "faq.md"], 1),
        page(2, "/w/guide.md", "Guide", &["faq.md"], 2),
        page(3, "/w/faq.md", "Questions", &["home.md"], 3),
    ];
    graph.apply(pages.to_vec()).await.unwrap();
    graph
}

async fn many(documents: i64) -> KnowledgeGraph {
    let graph = KnowledgeGraph::in_memory().unwrap();
    let pages =
        (1..=documents).map(|id| page(id, &format!("/m/{id}.md"), &format!("Heading {id}"), &["1.md", "2.md"], id));
    graph.apply(pages.collect()).await.unwrap();
    graph
}

async fn refused(graph: &KnowledgeGraph, sparql: &str) -> Error {
    match graph.query(sparql.into(), LIMITS).await {
        Ok(table) => panic!("{sparql} was answered: {} rows", table.rows.len()),
        Err(error) => error,
    }
}

#[tokio::test]
async fn the_four_forms() {
    let graph = small().await;
    let linked = "SELECT ?from ?to { ?a ambit:linksTo ?u ; schema:name ?from . ?b schema:url ?u ; schema:name ?to }";
    assert_eq!(
        rows(&graph, linked).await,
        ["faq.md | home.md", "guide.md | faq.md", "home.md | faq.md", "home.md | guide.md"],
    );
    let asked = ask(&graph, "ASK { ?d schema:name 'home.md' }").await;
    assert_eq!(asked.variables, ["result"]);
    assert_eq!(asked.rows, [[Some(GraphValue::Literal("true".into()))]]);
    assert_eq!(
        ask(&graph, "ASK { ?d schema:name 'nowhere' }").await.rows,
        [[Some(GraphValue::Literal("false".into()))]]
    );
    let built = ask(&graph, "CONSTRUCT { ?d rdfs:label ?n } WHERE { ?d schema:url ?u ; schema:name ?n }").await;
    assert_eq!(built.variables, ["subject", "predicate", "object"]);
    assert_eq!(built.rows.len(), 3);
    assert!(built.rows.contains(&vec![
        Some(GraphValue::Iri("urn:ambit:document:1".into())),
        Some(GraphValue::Iri("http://www.w3.org/2000/01/rdf-schema#label".into())),
        Some(GraphValue::Literal("home.md".into())),
    ]));
    let described = ask(&graph, "DESCRIBE <urn:ambit:document:2>").await;
    assert!(described.rows.len() >= 10, "{described:?}");
    assert_eq!(
        rows(&graph, "SELECT (COUNT(?l) AS ?n) ?d { ?d ambit:linksTo ?l } GROUP BY ?d HAVING (COUNT(?l) > 1)").await,
        ["2 | urn:ambit:document:1"],
    );
    assert_eq!(rows(&graph, "SELECT ?x ?y { BIND(1 AS ?x) }").await, ["1 | -"]);
    assert_eq!(
        rows(&graph, "SELECT ?n { <urn:ambit:document:2> (ambit:linksTo/^schema:url)+/schema:name ?n }").await,
        ["faq.md", "guide.md", "home.md"],
    );
    assert_eq!(
        rows(&graph, "PREFIX schema: <https://example.org/> SELECT ?n { ?d schema:name ?n }").await,
        Vec::<String>::new(),
        "a declared prefix wins",
    );
}

#[tokio::test]
async fn updates_and_services_are_refused() {
    let graph = small().await;
    for update in [
        "INSERT DATA { <urn:a> <urn:b> <urn:c> }",
        "DELETE WHERE { ?s ?p ?o }",
        "CLEAR ALL",
        "DROP GRAPH <urn:ambit:document:1>",
        "LOAD <https://example.org/x.ttl>",
        "PREFIX a: <urn:x> DELETE { ?s ?p ?o } INSERT { ?s ?p 1 } WHERE { ?s ?p ?o }",
    ] {
        let error = refused(&graph, update).await;
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{update}");
        assert!(error.message().contains("only be read"), "{error}");
        assert!(error.hint().unwrap().contains("SELECT"), "{error}");
    }
    for service in [
        "SELECT * { SERVICE <https://example.org/sparql> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT <https://example.org/sparql> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE ?o { ?s ?p ?o } } }",
    ] {
        let error = refused(&graph, service).await;
        assert_eq!(error.code(), ErrorCode::InvalidInput, "{service}");
        assert!(error.message().contains("SERVICE"), "{error}");
    }
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { ?d schema:url ?u }").await, ["3"]);
}

#[tokio::test]
async fn a_syntax_error_tells_where() {
    let graph = small().await;
    let error = refused(&graph, "SELECT ?s WHERE {\n  ?s ?p }").await;
    assert_eq!(error.code(), ErrorCode::InvalidInput);
    assert!(error.message().contains("2:"), "{error}");
    let error = refused(&graph, "SELECT ?s { ?s unknown:name ?o }").await;
    assert!(error.hint().unwrap().contains("schema"), "{error:?}");
    for nonsense in ["", ";", "\u{0}", "SELECT", "é", "SELECT * { ?s ?p \"unclosed }"] {
        assert_eq!(refused(&graph, nonsense).await.code(), ErrorCode::InvalidInput, "{nonsense:?}");
    }
}

#[tokio::test]
async fn rows_are_limited() {
    let graph = many(50).await;
    let limits = GraphLimits { rows: 10, ..LIMITS };
    let query = |sparql: &str| graph.query(sparql.into(), limits);
    let cut = query("SELECT ?d { ?d schema:url ?u }").await.unwrap();
    assert_eq!((cut.rows.len(), cut.truncated), (10, true));
    let whole = query("SELECT ?d { ?d schema:url ?u } LIMIT 10").await.unwrap();
    assert_eq!((whole.rows.len(), whole.truncated), (10, false));
    let cut = query("CONSTRUCT WHERE { ?d schema:url ?u }").await.unwrap();
    assert_eq!((cut.rows.len(), cut.truncated), (10, true));
}

#[tokio::test(flavor = "multi_thread")]
async fn time_is_limited() {
    let graph = many(300).await;
    let limits = GraphLimits { time: Duration::from_millis(300), rows: 100 };
    for endless in [
        "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }",
        "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(STR(?a)) + STRLEN(STR(?f)) > 10000) }",
        "SELECT (COUNT(*) AS ?n) { ?a rdf:type ?t . ?b rdf:type ?t . ?c rdf:type ?t . ?d rdf:type ?t }",
        "SELECT (COUNT(*) AS ?n) { ?a (ambit:linksTo|^ambit:linksTo|schema:url|^schema:url|!rdf:type)* ?b . ?c (!rdf:type)* ?d }",
        "SELECT ?a { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?c ?f ?i",
        "ASK { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(STRLEN(STR(?c)) + STRLEN(STR(?f)) + STRLEN(STR(?i)) > 10000) }",
    ] {
        let begun = Instant::now();
        let error = graph.query(endless.into(), limits).await.expect_err("no machine answers this in time");
        let took = begun.elapsed();
        assert_eq!(error.code(), ErrorCode::Timeout, "{endless}: {error}");
        assert!(took < Duration::from_secs(3), "{endless} took {took:?}");
    }
    assert_eq!(
        rows(&graph, "SELECT (COUNT(*) AS ?n) { ?d schema:url ?u }").await,
        ["300"],
        "and the graph still answers"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_multiplies_constants_is_stopped() {
    let graph = small().await;
    let list = |name: &str| format!("VALUES ?{name} {{ {} }} ", "1 ".repeat(100));
    let product: String = ["a", "b", "c", "d", "e"].map(list).concat();
    let unions = |name: &str| vec![format!("{{ BIND(1 AS ?{name}) }}"); 8].join(" UNION ");
    let union_product =
        ["a", "b", "c", "d", "e", "f", "g", "h"].map(|name| format!("{{ {} }} ", unions(name))).concat();
    let limits = GraphLimits { time: Duration::from_millis(400), rows: 10 };
    for (what, query) in [
        ("values", format!("SELECT (COUNT(*) AS ?n) {{ {product} }}")),
        ("sorted values", format!("SELECT * {{ {product} }} ORDER BY ?a")),
        ("unions", format!("SELECT (COUNT(*) AS ?n) {{ {union_product} }}")),
        ("exists", format!("ASK {{ VALUES ?z {{ 1 2 3 }} FILTER NOT EXISTS {{ {product} FILTER(?a > 2) }} }}")),
        ("minus", format!("ASK {{ {{ {} }} MINUS {{ {product} }} }}", list("q"))),
    ] {
        let begun = Instant::now();
        let error = graph.query(query, limits).await.expect_err("no machine answers this in time");
        assert!(matches!(error.code(), ErrorCode::Timeout | ErrorCode::TooLarge), "{what}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(3), "{what} took {:?}", begun.elapsed());
    }
}

#[tokio::test]
async fn what_could_not_be_stopped_is_refused() {
    let graph = small().await;
    let doubling: String = (0..60).map(|n| format!("BIND(CONCAT(?x{n}, ?x{n}) AS ?x{}) ", n + 1)).collect();
    let replacing =
        "BIND(REPLACE(?s, 'a', ?s) AS ?t) BIND(REPLACE(?t, 'a', ?t) AS ?u) BIND(REPLACE(?u, 'a', ?u) AS ?v)";
    for (what, query) in [
        ("concat", format!("SELECT (STRLEN(?x60) AS ?n) {{ BIND('aaaa' AS ?x0) {doubling} }}")),
        ("replace", format!("SELECT (STRLEN(?v) AS ?n) {{ BIND('aaaa' AS ?s) {replacing} }}")),
        ("long", format!("SELECT * {{ ?s ?p '{}' }}", "x".repeat(40_000))),
        ("deep", format!("SELECT * {{ {} ?s ?p ?o {} }}", "{".repeat(500), "}".repeat(500))),
        ("parentheses", format!("ASK {{ FILTER({}1{}) }}", "(".repeat(500), ")".repeat(500))),
        ("path", format!("ASK {{ ?s {} ?o }}", vec!["rdf:type"; 500].join("/"))),
        ("optional", format!("ASK {{ {} }}", "OPTIONAL{?s ?p ?o}".repeat(500))),
        ("patterns", format!("ASK {{ {} }}", "?s ?p ?o . ".repeat(500))),
        ("or", format!("ASK {{ ?s ?p ?o FILTER({}) }}", vec!["?s"; 3000].join("||"))),
    ] {
        let begun = Instant::now();
        let error = refused(&graph, &query).await;
        assert_eq!(error.code(), ErrorCode::TooLarge, "{what}: {error}");
        assert!(begun.elapsed() < Duration::from_secs(2), "{what} took {:?}", begun.elapsed());
    }
    let asked = "SELECT (CONCAT(?n, '!') AS ?m) { VALUES ?n { 'home.md' } ?d schema:name ?n }";
    assert_eq!(rows(&graph, asked).await, ["home.md!"]);
}

#[tokio::test]
async fn what_pages_describe_for_machines_is_asked_for_in_the_words_of_schema() {
    let folder = tempfile::tempdir().unwrap();
    let graph = crate::fixture::open(folder.path());
    let lamp = crate::fixture::thing(
        "Product",
        "Lamp",
        &[("price", "9 EUR"), ("offers.price", "12 EUR"), ("colour (lid)", "red")],
    );
    let odd = crate::fixture::thing("no type> <urn:x", "Odd", &[("1st", "x")]);
    let outline = ambit_domain::Outline { things: vec![lamp, odd], ..Default::default() };
    graph.apply(vec![crate::fixture::code(1, "/pages/shop.md", outline, 1)]).await.unwrap();
    let of_lamp =
        |what: &str| format!("SELECT ?v {{ ?page schema:about ?t . ?t a schema:Product ; {what} ?v }} ORDER BY ?v");
    assert_eq!(rows(&graph, &of_lamp("schema:name")).await, ["Lamp"]);
    assert_eq!(rows(&graph, &of_lamp("schema:price")).await, ["12 EUR", "9 EUR"]);
    assert_eq!(rows(&graph, &of_lamp("ambit:property")).await, ["colour (lid): red"], "no term has such a name");
    let odd = "SELECT ?v { ?t a schema:Thing ; schema:name ?n ; ambit:property ?v }";
    assert_eq!(rows(&graph, odd).await, ["1st: x"]);
    graph.apply(vec![crate::fixture::removed(1, 2)]).await.unwrap();
    assert_eq!(graph.count().await.unwrap(), 0);
}

#[tokio::test]
async fn a_fact_that_many_documents_state_stands_once() {
    let folder = tempfile::tempdir().unwrap();
    let graph = crate::fixture::open(folder.path());
    let outline = ambit_domain::Outline {
        people: vec![crate::fixture::author("Ada", Some("ada@example.org"))],
        ..Default::default()
    };
    let changes = (1..=5).map(|id| crate::fixture::code(id, &format!("/p/{id}.rs"), outline.clone(), id));
    graph.apply(changes.collect()).await.unwrap();
    assert_eq!(rows(&graph, "SELECT ?n { ?p a schema:Person ; schema:name ?n }").await, ["Ada"]);
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { ?p a schema:Person }").await, ["1"]);
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { ?p ?q ?o FILTER(?o = schema:Person) }").await, ["1"]);
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?p a schema:Person } }").await, ["5"]);
    let one = "SELECT (COUNT(*) AS ?n) FROM <urn:ambit:document:2> { ?d schema:url ?u }";
    assert_eq!(rows(&graph, one).await, ["1"]);
    let named = "SELECT ?g FROM NAMED <urn:ambit:document:3> { GRAPH ?g { ?d schema:url ?u } }";
    assert_eq!(rows(&graph, named).await, ["urn:ambit:document:3"]);
    assert_eq!(rows(&graph, "SELECT (COUNT(?g) AS ?n) { GRAPH ?g {} }").await, ["5"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn deep_and_long_queries_do_not_break_the_process() {
    let graph = small().await;
    let limits = GraphLimits { time: Duration::from_secs(5), rows: 10 };
    for (what, query) in [
        ("nested", format!("ASK {{ FILTER({}1{}) }}", "(".repeat(20), ")".repeat(20))),
        ("groups", format!("ASK {{ {} ?s ?p ?o {} }}", "{".repeat(25), "}".repeat(25))),
        ("or", format!("ASK {{ ?s ?p ?o FILTER({}) }}", vec!["?s"; 900].join("||"))),
        ("plus", format!("SELECT ({} AS ?n) {{}}", vec!["1"; 900].join("+"))),
        ("not", format!("ASK {{ FILTER({}1) }}", "!".repeat(10_000))),
        ("union", format!("ASK {{ {} }}", vec!["{?s ?p ?o}"; 20].join("UNION"))),
        ("path", format!("ASK {{ ?s {} ?o }}", vec!["rdf:type"; 50].join("/"))),
        ("patterns", format!("ASK {{ {} }}", "?s ?p ?o . ".repeat(60))),
        ("chain", format!("ASK {{ {} }}", (0..60).map(|n| format!("?s{n} ?p{n} ?s{} . ", n + 1)).collect::<String>())),
        ("optional", format!("ASK {{ {} }}", "OPTIONAL{?s ?p ?o}".repeat(15))),
        ("exists", format!("ASK {{ {} {} }}", "?s ?p ?o FILTER EXISTS {".repeat(15), "}".repeat(15))),
    ] {
        let begun = Instant::now();
        let outcome = graph.query(query, limits).await;
        eprintln!("{what}: {:?} after {:?}", outcome.map(|table| table.rows.len()), begun.elapsed());
        assert!(begun.elapsed() < Duration::from_secs(12), "{what} took {:?}", begun.elapsed());
    }
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { ?d schema:url ?u }").await, ["3"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_dropped_query_ends() {
    let graph = many(300).await;
    let limits = GraphLimits { time: Duration::from_secs(60), rows: 100 };
    for _ in 0..20 {
        let endless = graph.query("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }".into(), limits);
        assert!(tokio::time::timeout(Duration::from_millis(30), endless).await.is_err());
        // More than may run at once: each must have made room for the next.
        tokio::time::sleep(Duration::from_millis(60)).await;
    }
    assert_eq!(rows(&graph, "SELECT (COUNT(*) AS ?n) { ?d schema:url ?u }").await, ["300"]);
}
