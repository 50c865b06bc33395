//! The package that users get.

use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context as _, bail};

use crate::peers::{cargo, command, progress, run};
use crate::place;

/// A binary of the package and its size.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shipped {
    /// The file's name.
    pub name: String,
    /// Bytes of the stripped binary.
    pub bytes: u64,
}

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The binaries.
    pub binaries: Vec<Shipped>,
    /// The compressed archive.
    pub archive: PathBuf,
    /// Bytes of the archive.
    pub archive_bytes: u64,
}

/// The binaries that are shipped.
const BINARIES: [&str; 1] = ["ambit"];

/// Builds the shipped binaries with full optimisation and link-time optimisation, and packs them with licences and README
/// into one archive under `dist/`.
///
/// # Errors
/// When the build, the archive or a file operation fails.
pub fn package() -> anyhow::Result<Package> {
    let workspace = place::workspace();
    if !workspace.join("ui/dist/index.html").exists() {
        bail!("the page is not built, and the host would come without it; `make page` builds it");
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    let mut build = cargo();
    build.current_dir(&workspace).args(["build", "--profile", "dist", "--locked"]);
    for binary in BINARIES {
        build.args(["--bin", binary]);
    }
    progress("building with link-time optimisation; this takes long");
    run(&mut build)?;

    let name = format!("ambit-{}-{}-{}", env!("CARGO_PKG_VERSION"), std::env::consts::OS, std::env::consts::ARCH);
    let dist = workspace.join("dist");
    let folder = dist.join(&name);
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(folder.join("bin"))?;
    let mut binaries = Vec::new();
    for binary in BINARIES {
        let to = folder.join("bin").join(binary);
        let bytes = std::fs::copy(target.join("dist").join(binary), &to)
            .with_context(|| format!("the build made no {binary}"))?;
        binaries.push(Shipped { name: binary.to_owned(), bytes });
    }
    for file in ["README.md", "LICENSE-APACHE", "LICENSE-MIT"] {
        let from = workspace.join(file);
        if from.exists() {
            std::fs::copy(from, folder.join(file))?;
        }
    }
    let archive = dist.join(format!("{name}.tar.zst"));
    compress(&dist, &name, &archive)?;
    Ok(Package { binaries, archive_bytes: archive.metadata()?.len(), archive })
}

/// Packs a folder of `parent` as a tar archive under zstd at level 19.
fn compress(parent: &Path, folder: &str, archive: &Path) -> anyhow::Result<()> {
    progress("compressing");
    let mut tar = command("tar");
    tar.arg("--directory").arg(parent).args([
        "--create",
        "--file",
        "-",
        "--owner=0",
        "--group=0",
        "--sort=name",
        folder,
    ]);
    let mut child = tar.stdout(Stdio::piped()).spawn().context("cannot start tar")?;
    let mut output = child.stdout.take().context("tar has no output")?;
    zstd::stream::copy_encode(&mut output, std::fs::File::create(archive)?, 19)?;
    let status = child.wait()?;
    if !status.success() {
        bail!("tar ended with {status}");
    }
    Ok(())
}
