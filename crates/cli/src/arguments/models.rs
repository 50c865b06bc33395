//! Models on this machine.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub(crate) enum Models {
    /// The models that are known and installed, and whether they fit into memory.
    List,
    /// Language models to choose from, and which of them is best for this machine.
    Suggest,
    /// What is known of one model.
    Show {
        /// The model.
        id: String,
    },
    /// Fetch a model from the hub; goes on where an earlier attempt stopped.
    Pull {
        /// A known model, or a repository of the hub with one of its files or quantisations:
        /// `Qwen/Qwen2.5-0.5B-Instruct-GGUF:Q8_0`.
        #[arg(default_value = "all-MiniLM-L6-v2")]
        id: String,
        /// The name that a model of a repository gets here.
        #[arg(long = "as", value_name = "NAME")]
        name: Option<String>,
        /// Take it even if it will not fit into memory.
        #[arg(long)]
        force: bool,
    },
    /// Take a model's files from this machine: a GGUF file (or the first of several), a folder or an archive (.zip, .whl).
    Import {
        /// The model.
        id: String,
        /// The file, folder or archive.
        path: PathBuf,
        /// Take it even if it will not fit into memory.
        #[arg(long)]
        force: bool,
    },
    /// Remove a model's files.
    Remove {
        /// The model.
        id: String,
    },
}
