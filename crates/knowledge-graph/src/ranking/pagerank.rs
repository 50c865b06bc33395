use super::Adjacency;

const DAMPING: f64 = 0.85;
const TOLERANCE: f64 = 1e-8;
const MAX_ROUNDS: usize = 100;

/// PageRank by power iteration, scaled so that the largest value is 1.
///
/// L. Page, S. Brin, R. Motwani, T. Winograd, "The PageRank Citation Ranking: Bringing Order to the Web" (1999). The rank of
/// nodes without references is spread over all nodes, as is the share that is not followed.
pub(crate) fn pagerank(adjacency: &Adjacency) -> Vec<f32> {
    let nodes = adjacency.len();
    if nodes == 0 {
        return Vec::new();
    }
    let even = 1.0 / nodes as f64;
    let mut ranks = vec![even; nodes];
    let mut next = vec![0.0; nodes];
    for _ in 0..MAX_ROUNDS {
        let dangling: f64 = (0..nodes).filter(|&node| adjacency.targets(node).is_empty()).map(|node| ranks[node]).sum();
        next.fill((1.0 - DAMPING + DAMPING * dangling) * even);
        for node in 0..nodes {
            let targets = adjacency.targets(node);
            let share = DAMPING * ranks[node] / targets.len().max(1) as f64;
            for &target in targets {
                next[target as usize] += share;
            }
        }
        let change: f64 = ranks.iter().zip(&next).map(|(old, new)| (old - new).abs()).sum();
        std::mem::swap(&mut ranks, &mut next);
        if change < TOLERANCE {
            break;
        }
    }
    let largest = ranks.iter().copied().fold(f64::MIN_POSITIVE, f64::max);
    ranks.into_iter().map(|rank| (rank / largest) as f32).collect()
}
