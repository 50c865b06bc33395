//! Centrality and communities on graphs small enough to know the answer.

use ambit_domain::DocumentId;
use ambit_domain::port::Graph;
use ambit_knowledge_graph::KnowledgeGraph;

use crate::fixture::{open, page, removed};

/// Two cliques of four that one link joins.
fn cliques() -> Vec<ambit_domain::DocumentChange> {
    let mut changes = Vec::new();
    for clique in 0..2 {
        for member in 0..4 {
            let id = clique * 10 + member + 1;
            let mut links: Vec<String> = (0..4)
                .filter(|other| *other != member)
                .map(|other| format!("{}.md", clique * 10 + other + 1))
                .collect();
            if id == 1 {
                links.push("11.md".into());
            }
            let links: Vec<&str> = links.iter().map(String::as_str).collect();
            changes.push(page(id, &format!("/g/{id}.md"), "Page", &links, id));
        }
    }
    changes
}

#[tokio::test]
async fn two_cliques_are_two_communities() {
    let graph = KnowledgeGraph::in_memory().unwrap();
    let mut changes = cliques();
    changes.push(page(50, "/g/lonely.md", "Page", &["not-indexed.md"], 50));
    graph.apply(changes).await.unwrap();
    let ids = |list: [i64; 4]| list.map(DocumentId).to_vec();
    assert_eq!(graph.communities(10).await.unwrap(), [ids([1, 2, 3, 4]), ids([11, 12, 13, 14])]);
    assert_eq!(graph.communities(1).await.unwrap().len(), 1);
}

#[tokio::test]
async fn centrality_follows_the_definition() {
    let graph = KnowledgeGraph::in_memory().unwrap();
    // 1 -> 2, 1 -> 3, 2 -> 3, 3 -> 1: the example of Page et al. with a known fixed point.
    let pages = [
        page(1, "/g/1.md", "One", &["2.md", "3.md"], 1),
        page(2, "/g/2.md", "Two", &["3.md"], 2),
        page(3, "/g/3.md", "Three", &["1.md"], 3),
    ];
    graph.apply(pages.to_vec()).await.unwrap();
    let central = graph.centrality([1, 2, 3, 99].map(DocumentId).to_vec()).await.unwrap();
    assert_eq!(central.len(), 3, "an unknown document is left out");
    // With damping 0.85: r1 = 0.387790, r2 = 0.214811, r3 = 0.397400 (solved by hand), scaled by the largest.
    for (got, want) in central.iter().zip([0.387_790 / 0.397_400, 0.214_811 / 0.397_400, 1.0]) {
        assert!((f64::from(got.1) - want).abs() < 1e-3, "{central:?}");
    }
}

#[tokio::test]
async fn rankings_follow_changes_and_maintenance() {
    let folder = tempfile::tempdir().unwrap();
    let graph = open(folder.path());
    graph.apply(cliques()).await.unwrap();
    graph.maintain().await.unwrap();
    assert_eq!(graph.communities(10).await.unwrap().len(), 2);
    graph.apply((11..=14).map(|id| removed(id, 100 + id)).collect()).await.unwrap();
    graph.maintain().await.unwrap();
    assert_eq!(graph.communities(10).await.unwrap(), [[1, 2, 3, 4].map(DocumentId).to_vec()]);
    assert!(graph.centrality(vec![DocumentId(11)]).await.unwrap().is_empty());
    assert!(KnowledgeGraph::in_memory().unwrap().communities(3).await.unwrap().is_empty());
}
