//! What the engine worker's process does: the current executable, started again with [`WORKER_COMMAND`].

use std::path::Path;

use ambit_domain::Result;
use ambit_inference::{WorkerOptions, confine, serve};

/// The hidden command of a host binary that makes it an engine worker. Followed by the models' folder and the cache
/// folder.
pub const WORKER_COMMAND: &str = "engine-worker";

/// Serves one host over standard input and output until the input ends. Gives up first what a reader of files from
/// strangers should not have: the network, and all files but the models and its own cache.
///
/// # Errors
/// When the pipe breaks in the middle of a frame.
pub fn run_worker(models: &Path, cache: &Path) -> Result<()> {
    let confinement = confine(models, cache);
    tracing::debug!(?confinement, "the engine worker is confined");
    let options = WorkerOptions { cache_folder: Some(cache.to_owned()), ..WorkerOptions::default() };
    Ok(serve(std::io::stdin(), std::io::stdout(), options)?)
}
