//! What is computed over the whole graph of documents: centrality and communities.

mod communities;
mod pagerank;

use ambit_domain::{DocumentId, Sequence};

use crate::catalogue::Catalogue;

/// Who refers to whom, in two flat arrays: node `n` refers to `targets[starts[n]..starts[n + 1]]`.
#[derive(Debug, Default)]
pub(crate) struct Adjacency {
    starts: Vec<u32>,
    targets: Vec<u32>,
}

impl Adjacency {
    pub(crate) fn new(lists: impl IntoIterator<Item = Vec<u32>>) -> Self {
        let mut adjacency = Self { starts: vec![0], targets: Vec::new() };
        for list in lists {
            adjacency.targets.extend(list);
            adjacency.starts.push(adjacency.targets.len() as u32);
        }
        adjacency
    }

    fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    fn targets(&self, node: usize) -> &[u32] {
        &self.targets[self.starts[node] as usize..self.starts[node + 1] as usize]
    }
}

/// Centrality and communities of all documents, as they were at a sequence.
#[derive(Debug, Default)]
pub(crate) struct Ranks {
    pub(crate) sequence: Sequence,
    /// Sorted.
    documents: Vec<DocumentId>,
    centrality: Vec<f32>,
    /// The largest first, each sorted.
    pub(crate) communities: Vec<Vec<DocumentId>>,
}

impl Ranks {
    pub(crate) fn compute(catalogue: &Catalogue) -> Self {
        let references = catalogue.references();
        let documents: Vec<DocumentId> = references.iter().map(|(id, _)| *id).collect();
        let slot = |id: &DocumentId| documents.binary_search(id).ok().and_then(|slot| u32::try_from(slot).ok());
        let adjacency = Adjacency::new(references.iter().map(|(_, targets)| targets.iter().filter_map(slot).collect()));
        let centrality = pagerank::pagerank(&adjacency);
        let communities = communities::louvain(&adjacency)
            .into_iter()
            .map(|members| members.into_iter().map(|member| documents[member as usize]).collect())
            .collect();
        Self { sequence: catalogue.sequence, centrality, communities, documents }
    }

    /// Between 0 and 1, the most central document being 1.
    pub(crate) fn centrality(&self, id: DocumentId) -> Option<f32> {
        self.documents.binary_search(&id).ok().map(|slot| self.centrality[slot])
    }

    pub(crate) fn documents(&self) -> usize {
        self.documents.len()
    }
}
