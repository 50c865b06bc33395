//! Committed fixtures that other programs compute.

use anyhow::bail;

use crate::peers::{Peer, progress, run};
use crate::place;

/// Regenerates the committed fixtures: vectors that sentence-transformers computes with the same model files.
///
/// # Errors
/// When the peer cannot be installed or the script fails.
pub fn fixtures(model: Option<&std::path::Path>) -> anyhow::Result<()> {
    let script = place::crate_folder().join("fixtures/embeddings.py");
    if !script.exists() {
        bail!("{} is missing", script.display());
    }
    let model = place::model(model)?;
    let peer = Peer::ready("embed")?;
    progress("computing the reference embeddings");
    run(peer.path(&script).arg(model).arg(place::workspace().join("crates/inference/tests/fixtures")))
}
