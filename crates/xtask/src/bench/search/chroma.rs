//! The peer: Chroma with the same vectors and queries.

use std::path::Path;

use serde::Deserialize;

use super::data::{NEIGHBOURS, Query};
use crate::peers::{Peer, json, progress};
use crate::statistics;

/// What Chroma took and found.
pub(super) struct Theirs {
    pub(super) milliseconds: Vec<f64>,
    pub(super) recall: f64,
}

#[derive(Deserialize)]
struct Answer {
    milliseconds: Vec<f64>,
    found: Vec<Vec<usize>>,
    build_seconds: f64,
    version: String,
}

/// Builds a collection of the first `count` vectors and asks all queries, one by one, warm.
pub(super) fn measure(raw: &Path, queries: &[Query], count: usize, dimension: usize) -> anyhow::Result<Theirs> {
    let peer = Peer::ready("search")?;
    progress("building the same index with Chroma");
    let scratch = tempfile::tempdir()?;
    let file = scratch.path().join("queries.f32");
    let bytes: Vec<u8> = queries.iter().flat_map(|query| &query.vector).flat_map(|value| value.to_le_bytes()).collect();
    std::fs::write(&file, bytes)?;
    let request = scratch.path().join("request.json");
    let text = serde_json::json!({
        "vectors": raw, "queries": file, "dimension": dimension, "count": count, "limit": NEIGHBOURS,
        "folder": scratch.path().join("chroma"), "rounds": super::ROUNDS,
    });
    std::fs::write(&request, text.to_string())?;
    let answer: Answer = json(peer.script("search.py").arg(&request))?;
    progress(&format!("Chroma {} built its index in {:.0} s", answer.version, answer.build_seconds));
    let recalls: Vec<f64> =
        queries.iter().zip(&answer.found).map(|(query, found)| statistics::recall(found, &query.places)).collect();
    Ok(Theirs { milliseconds: answer.milliseconds, recall: statistics::mean(&recalls) })
}
