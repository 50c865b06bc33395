//! What a question is about.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct About {
    /// Answer from this alone: an indexed file or folder, or `memory:ID`. May be given several times.
    #[arg(long, value_name = "PATH")]
    pub(crate) about: Vec<String>,
    /// Hand this file over and answer from it alone; it need not be indexed, and is found in this session only. May be given
    /// several times.
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// Show what the language model would be asked, word for word, and ask nothing.
    #[arg(long)]
    pub(crate) preview: bool,
}
