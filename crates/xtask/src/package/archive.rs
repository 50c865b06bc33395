//! The archive for who installs by hand.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, bail};

use super::{Made, Release, tree};
use crate::peers::{command, progress};

/// Packs the tree below `root` as a tar archive under zstd, in a folder of its name.
pub(super) fn pack(root: &Path, release: &Release, dist: &Path) -> anyhow::Result<Made> {
    progress("packing the archive");
    let archive = dist.join(format!("{}.tar.zst", release.name()));
    let scratch = tempfile::tempdir()?;
    // Whoever unpacks it chooses where.
    tree::copy(root, scratch.path(), "")?;
    let mut tar = command("tar");
    tar.arg("--directory").arg(scratch.path().join("usr")).args([
        "--create",
        "--file=-",
        "--format=gnu",
        "--owner=0",
        "--group=0",
        "--numeric-owner",
        "--sort=name",
    ]);
    tar.arg(format!("--mtime=@{}", release.epoch())).arg(format!("--transform=s,^\\.,{},", release.name())).arg(".");
    let mut child = tar.stdout(Stdio::piped()).spawn().context("cannot start tar")?;
    let mut output = child.stdout.take().context("tar has no output")?;
    zstd::stream::copy_encode(&mut output, std::fs::File::create(&archive)?, 19)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("tar ended with {status}");
    }
    Made::at(archive)
}
