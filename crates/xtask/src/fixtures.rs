//! Committed fixtures that other programs compute.

use anyhow::bail;

use crate::peers::{Peer, progress, run};
use crate::place;

/// The scripts, the folder below the fixtures' that they write to, and what they compute, in the order in which one may need
/// what another has made. The first one is given the folder of the embedding model as well.
const SCRIPTS: [(&str, &str, &str); 6] = [
    ("embeddings.py", "", "the reference embeddings"),
    ("encoders.py", "", "the small encoders"),
    ("vocabulary.py", "vocabulary", "the reference vocabularies and conversations"),
    ("quantised_blocks.py", "", "the reference blocks and files of GGUF"),
    ("decoders.py", "", "the reference decoders"),
    ("language_model.py", "", "the small language model"),
];

/// Regenerates the committed fixtures: what sentence-transformers, transformers, tokenizers and gguf compute.
///
/// # Errors
/// When the peer cannot be installed or a script fails.
pub fn fixtures(model: Option<&std::path::Path>) -> anyhow::Result<()> {
    let model = place::model(model)?;
    let peer = Peer::ready("embed")?;
    let to = place::workspace().join("crates/inference/tests/fixtures");
    for (name, folder, what) in SCRIPTS {
        let script = place::crate_folder().join("fixtures").join(name);
        if !script.exists() {
            bail!("{} is missing", script.display());
        }
        progress(&format!("computing {what}"));
        let mut command = peer.path(&script);
        if name == "embeddings.py" {
            command.arg(&model);
        }
        run(command.arg(to.join(folder)))?;
    }
    Ok(())
}
