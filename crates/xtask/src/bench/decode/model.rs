//! The models with random weights that language benchmarks run.

use std::path::PathBuf;

use clap::ValueEnum;

use crate::peers::{Peer, progress, run as run_command};
use crate::place;

/// How the weights are stored.
pub(super) const STORED: [&str; 2] = ["q8_0", "q4_0"];

/// The sizes of a model with random weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Shape {
    /// Those of Qwen2.5-0.5B, whose head is its embedding.
    #[value(name = "0.5b")]
    Half,
    /// Those of Qwen2.5-7B, which has a head of its own.
    #[value(name = "7b")]
    Seven,
}

impl Shape {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Half => "0.5b",
            Self::Seven => "7b",
        }
    }

    /// Numbers of the embedding that a token does not read, beside its own row.
    pub(super) fn unread(self) -> f64 {
        match self {
            Self::Half => 0.0,
            Self::Seven => 152_064.0 * 3584.0,
        }
    }
}

/// What a model writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Writes {
    /// Anything. Its tokens are bytes.
    Anything,
    /// After each word the one that follows it by [`super::chain`]. Its tokens are words.
    Chain,
}

impl Writes {
    /// Bytes of a token.
    pub(super) fn token_bytes(self) -> usize {
        match self {
            Self::Anything => 1,
            Self::Chain => 4,
        }
    }
}

/// The file of the model, in a folder of its own, made when it is not there yet.
pub(super) fn model(shape: Shape, stored: &str, writes: Writes) -> anyhow::Result<PathBuf> {
    let shape = shape.name();
    let (kind, argument) = match writes {
        Writes::Anything => ("shape", None),
        Writes::Chain => ("chain", Some("chain")),
    };
    let folder = place::cache()?.join("bench").join(format!("qwen2.5-{shape}-{kind}-{stored}"));
    let file = folder.join("model.gguf");
    if file.exists() {
        return Ok(file);
    }
    std::fs::create_dir_all(&folder)?;
    let peer = Peer::ready("decode")?;
    progress(&format!("writing random weights in the shape of Qwen2.5-{shape} as {stored}"));
    let part = folder.join("model.part");
    run_command(peer.script("decode_model.py").arg(&part).arg(shape).arg(stored).args(argument))?;
    std::fs::rename(part, &file)?;
    Ok(file)
}
