use std::path::PathBuf;

use ambit_inference::catalogue::{ALL_MINILM_L6_V2, installed};
use base64::Engine;
use serde::Deserialize;

/// The folder of the model that all tests run on.
pub(crate) fn folder() -> PathBuf {
    let folder = std::env::var_os("AMBIT_TEST_MODEL").map_or_else(default_folder, PathBuf::from);
    assert!(
        installed(&folder, &ALL_MINILM_L6_V2),
        "the model is not in {}: run `make model`, or set AMBIT_TEST_MODEL to the folder that holds it",
        folder.display()
    );
    folder
}

fn default_folder() -> PathBuf {
    let cache = std::env::var_os("XDG_CACHE_HOME").map(PathBuf::from).filter(|path| path.is_absolute());
    let cache = cache.unwrap_or_else(|| {
        PathBuf::from(std::env::var_os("HOME").expect("HOME must be set where XDG_CACHE_HOME is not")).join(".cache")
    });
    cache.join("ambit/models").join(ALL_MINILM_L6_V2.id)
}

/// A text and the vector that sentence-transformers gives it.
pub(crate) struct Expected {
    pub(crate) text: String,
    pub(crate) vector: Vec<f32>,
}

/// What `crates/xtask/fixtures/embeddings.py` wrote.
pub(crate) fn expected() -> Vec<Expected> {
    #[derive(Deserialize)]
    struct Entry {
        text: String,
        vector: String,
    }
    let entries: Vec<Entry> = serde_json::from_str(include_str!("../fixtures/embeddings.json")).unwrap();
    entries
        .into_iter()
        .map(|entry| {
            let bytes = base64::engine::general_purpose::STANDARD.decode(entry.vector).unwrap();
            let vector = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes(bytes.try_into().unwrap())).collect();
            Expected { text: entry.text, vector }
        })
        .collect()
}

pub(crate) fn cosine(left: &[f32], right: &[f32]) -> f64 {
    let product = |left: &[f32], right: &[f32]| -> f64 {
        left.iter().zip(right).map(|(left, right)| f64::from(*left) * f64::from(*right)).sum()
    };
    product(left, right) / (product(left, left) * product(right, right)).sqrt()
}

/// The largest difference of two values at the same place.
pub(crate) fn difference(left: &[f32], right: &[f32]) -> f32 {
    left.iter().zip(right).map(|(left, right)| (left - right).abs()).fold(0.0, f32::max)
}
