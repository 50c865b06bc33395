//! What the engine worker's process does: the current executable, started again with [`WORKER_COMMAND`].

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};

use ambit_domain::{Error, Result};
use ambit_inference::{WorkerOptions, confine, devices, serve};

/// The hidden command of a host binary that makes it an engine worker. Followed by the models' folder, the cache folder
/// the number of threads (0: as many as there are cores), the bytes on disk for what language models have read (0: none) and the
/// most bytes of memory that models may hold (0: as many as are free).
pub const WORKER_COMMAND: &str = "engine-worker";

/// The hidden command of a host binary that prints the devices of this machine as JSON.
pub const DEVICES_COMMAND: &str = "devices";

/// Prints the devices of this machine as JSON: those that a worker finds, which may open no more than one.
///
/// # Errors
/// When the standard output is closed.
pub fn print_devices() -> Result<()> {
    let nowhere = Path::new("/nonexistent");
    let confinement = confine(nowhere, nowhere);
    tracing::debug!(?confinement, "devices are looked for as by a worker");
    let told = serde_json::to_writer(std::io::stdout(), &devices());
    told.map_err(|error| Error::internal(format!("the devices cannot be told: {error}")))
}

/// Serves one host over standard input and output until the input ends. Gives up first what a reader of files from
/// strangers should not have: the network, and all files but the models and its own cache.
///
/// # Errors
/// When the pipe breaks in the middle of a frame.
pub fn run_worker(models: &Path, cache: PathBuf, threads: usize, prefix_bytes: u64, memory: u64) -> Result<()> {
    let confinement = confine(models, &cache);
    tracing::debug!(?confinement, "the engine worker is confined");
    let options = WorkerOptions {
        threads: NonZeroUsize::new(threads),
        prefixes: (prefix_bytes > 0).then(|| (prefixes_folder(&cache), prefix_bytes)),
        cache: Some(cache),
        memory: Some(memory).filter(|bytes| *bytes > 0),
        #[cfg(target_os = "linux")]
        spare_memory: Some(crate::resident::spare_memory),
        ..WorkerOptions::default()
    };
    Ok(serve(std::io::stdin(), std::io::stdout(), &options)?)
}

/// Where in the cache folder the worker keeps what language models have read.
pub(crate) fn prefixes_folder(cache: &Path) -> PathBuf {
    cache.join("prefixes")
}
