use std::collections::HashMap;

use super::Adjacency;

/// A pass that gains less modularity than this is the last.
const MIN_GAIN: f64 = 1e-7;
const MAX_PASSES: usize = 32;
const MAX_LEVELS: usize = 16;

/// Communities by the Louvain method, the largest first; nodes without any reference are left out.
///
/// V. Blondel, J.-L. Guillaume, R. Lambiotte, E. Lefebvre, "Fast unfolding of communities in large networks" (2008).
/// References count in both directions. Nodes are visited in order, so the same graph always gives the same communities.
pub(crate) fn louvain(adjacency: &Adjacency) -> Vec<Vec<u32>> {
    let nodes = adjacency.len();
    let mut community: Vec<u32> = (0..nodes as u32).collect();
    let mut network = Network::undirected(adjacency);
    for _ in 0..MAX_LEVELS {
        let (level, moved) = network.move_nodes();
        if !moved {
            break;
        }
        let (level, count) = renumbered(&level);
        for member in &mut community {
            *member = level[*member as usize];
        }
        network = network.aggregated(&level, count);
    }
    let mut linked = vec![false; nodes];
    for node in 0..nodes {
        for &target in adjacency.targets(node) {
            linked[node] = true;
            linked[target as usize] = true;
        }
    }
    let mut members: HashMap<u32, Vec<u32>> = HashMap::new();
    for (node, community) in (0..).zip(&community) {
        if linked[node as usize] {
            members.entry(*community).or_default().push(node);
        }
    }
    let mut communities: Vec<Vec<u32>> = members.into_values().collect();
    communities.sort_unstable_by(|a, b| b.len().cmp(&a.len()).then_with(|| a.cmp(b)));
    communities
}

/// An undirected weighted graph in flat arrays. A node's edge to itself stands once, with the weight of all edges inside.
struct Network {
    starts: Vec<u32>,
    edges: Vec<(u32, f64)>,
    /// Weighted degree; inner edges count twice.
    degrees: Vec<f64>,
    /// Twice the weight of all edges.
    total: f64,
}

impl Network {
    fn undirected(adjacency: &Adjacency) -> Self {
        let mut edges = Vec::with_capacity(adjacency.targets.len() * 2);
        for node in 0..adjacency.len() {
            for &target in adjacency.targets(node) {
                edges.push((node as u32, target, 1.0));
                edges.push((target, node as u32, 1.0));
            }
        }
        Self::new(adjacency.len(), edges)
    }

    /// From edges that stand once for each direction; equal ones are added up.
    fn new(nodes: usize, mut edges: Vec<(u32, u32, f64)>) -> Self {
        edges.sort_unstable_by_key(|&(from, to, _)| (from, to));
        let mut network = Self { starts: vec![0; nodes + 1], edges: Vec::new(), degrees: vec![0.0; nodes], total: 0.0 };
        let mut previous = None;
        for (from, to, weight) in edges {
            network.degrees[from as usize] += weight;
            network.total += weight;
            match network.edges.last_mut() {
                Some((_, sum)) if previous == Some((from, to)) => *sum += weight,
                _ => {
                    network.edges.push((to, weight));
                    network.starts[from as usize + 1] += 1;
                }
            }
            previous = Some((from, to));
        }
        for node in 0..nodes {
            network.starts[node + 1] += network.starts[node];
        }
        network
    }

    fn edges(&self, node: usize) -> &[(u32, f64)] {
        &self.edges[self.starts[node] as usize..self.starts[node + 1] as usize]
    }

    /// Moves each node to the neighbouring community that gains the most, until nothing gains.
    fn move_nodes(&self) -> (Vec<u32>, bool) {
        let nodes = self.degrees.len();
        let mut community: Vec<u32> = (0..nodes as u32).collect();
        let mut sums = self.degrees.clone();
        let mut weights = vec![0.0; nodes];
        let mut near = Vec::new();
        let mut moved = false;
        for _ in 0..MAX_PASSES {
            let mut gained = 0.0;
            for node in 0..nodes {
                let own = community[node];
                near.clear();
                near.push(own);
                for &(other, weight) in self.edges(node) {
                    if other as usize != node {
                        let candidate = community[other as usize];
                        if weights[candidate as usize] == 0.0 && candidate != own {
                            near.push(candidate);
                        }
                        weights[candidate as usize] += weight;
                    }
                }
                sums[own as usize] -= self.degrees[node];
                let gain = |candidate: u32| {
                    weights[candidate as usize] - sums[candidate as usize] * self.degrees[node] / self.total
                };
                let stay = gain(own);
                let (mut best, mut most) = (own, stay);
                for &candidate in &near {
                    if gain(candidate) > most + f64::EPSILON {
                        (best, most) = (candidate, gain(candidate));
                    }
                }
                sums[best as usize] += self.degrees[node];
                community[node] = best;
                moved |= best != own;
                gained += (most - stay) * 2.0 / self.total.max(1.0);
                for &candidate in &near {
                    weights[candidate as usize] = 0.0;
                }
            }
            if gained < MIN_GAIN {
                break;
            }
        }
        (community, moved)
    }

    /// The graph whose nodes are the communities.
    fn aggregated(&self, community: &[u32], count: usize) -> Self {
        let mut edges = Vec::with_capacity(self.edges.len());
        for node in 0..self.degrees.len() {
            for &(other, weight) in self.edges(node) {
                edges.push((community[node], community[other as usize], weight));
            }
        }
        Self::new(count, edges)
    }
}

/// Communities numbered from 0 in order of their first node.
fn renumbered(community: &[u32]) -> (Vec<u32>, usize) {
    let mut numbers = HashMap::new();
    let renumbered = community
        .iter()
        .map(|old| {
            let next = numbers.len() as u32;
            *numbers.entry(*old).or_insert(next)
        })
        .collect();
    (renumbered, numbers.len())
}
