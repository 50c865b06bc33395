//! Where things are: the checkout, caches, documentation, models, binaries.

use std::path::{Path, PathBuf};
use std::time::SystemTime;

use ambit_inference::catalogue;
use ambit_settings::DataDirectory;
use anyhow::{Context as _, bail};
use etcetera::BaseStrategy as _;

use crate::peers::command;

/// This crate's folder in the checkout that it was built from.
#[must_use]
pub fn crate_folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The checkout.
#[must_use]
pub fn workspace() -> PathBuf {
    let folder = crate_folder();
    folder.ancestors().nth(2).map_or_else(|| folder.clone(), Path::to_path_buf)
}

/// Ambit's part of the user's cache folder. Peers, generated data sets and prepared sources live there; all of it can be
/// deleted at any time.
///
/// # Errors
/// When the user has no home folder or the folder cannot be made.
pub fn cache() -> anyhow::Result<PathBuf> {
    let folder = etcetera::choose_base_strategy().context("there is no home folder")?.cache_dir().join("ambit");
    std::fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    Ok(folder)
}

/// The folder of the toolchain's HTML documentation, which holds `book` and `reference`.
///
/// # Errors
/// When the toolchain came without documentation.
pub fn rust_documentation() -> anyhow::Result<PathBuf> {
    let output = command("rustc").args(["--print", "sysroot"]).output().context("cannot start rustc")?;
    let folder = PathBuf::from(String::from_utf8(output.stdout)?.trim()).join("share/doc/rust/html");
    if !folder.join("book/index.html").exists() {
        bail!("{} has no Rust Book; `rustup component add rust-docs` installs it", folder.display());
    }
    Ok(folder)
}

/// The `ambit` binary to measure: the newer one of `dist/bin` and of the folder that this program runs from.
///
/// # Errors
/// When there is neither.
pub fn ambit_binary() -> anyhow::Result<PathBuf> {
    let beside = std::env::current_exe()?.with_file_name("ambit");
    let installed = workspace().join("dist/bin/ambit");
    let built = |path: &PathBuf| path.metadata().and_then(|data| data.modified()).unwrap_or(SystemTime::UNIX_EPOCH);
    [installed, beside]
        .into_iter()
        .filter(|path| path.is_file())
        .max_by_key(built)
        .context("there is no `ambit` binary to measure; `make build` makes one")
}

/// The folder with the embedder's files: the given one, or that of the installed model, or that of `make` in the cache.
///
/// # Errors
/// When it is given and incomplete, or is not given and no installed model is found.
pub fn model(given: Option<&Path>) -> anyhow::Result<PathBuf> {
    let model = &catalogue::ALL_MINILM_L6_V2;
    let candidates: Vec<PathBuf> = match given {
        Some(folder) => vec![folder.to_path_buf()],
        None => vec![DataDirectory::locate(None)?.models().join(model.id), cache()?.join("models").join(model.id)],
    };
    candidates.iter().find(|folder| catalogue::installed(folder, model)).cloned().with_context(|| {
        format!(
            "there is no embedding model in {}; `ambit models pull` fetches it, `--model DIR` names another folder",
            candidates.iter().map(|folder| folder.display().to_string()).collect::<Vec<_>>().join(", ")
        )
    })
}

/// Copies The Rust Book and The Rust Reference of the toolchain to an empty folder, without what would be counted twice or
/// is no text: `print.html`, search indexes, old editions, and everything that is not HTML. Returns the bytes copied.
///
/// # Errors
/// When the documentation is not there or the copy fails.
pub fn copy_books(to: &Path) -> anyhow::Result<u64> {
    let from = rust_documentation()?;
    ["book", "reference"].iter().map(|book| copy_pages(&from.join(book), &to.join(book))).sum()
}

fn copy_pages(from: &Path, to: &Path) -> anyhow::Result<u64> {
    std::fs::create_dir_all(to)?;
    let mut bytes = 0;
    for entry in std::fs::read_dir(from).with_context(|| format!("cannot read {}", from.display()))? {
        let entry = entry?;
        let name = entry.file_name();
        let text = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            if !text.ends_with("-edition") {
                bytes += copy_pages(&entry.path(), &to.join(&name))?;
            }
        } else if text.ends_with(".html") && text != "print.html" && !text.starts_with("searchindex") {
            bytes += std::fs::copy(entry.path(), to.join(&name))?;
        }
    }
    Ok(bytes)
}

/// Files below a folder.
///
/// # Errors
/// When a folder cannot be read.
pub fn count_files(folder: &Path) -> anyhow::Result<u64> {
    let mut count = 0;
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        count += if entry.file_type()?.is_dir() { count_files(&entry.path())? } else { 1 };
    }
    Ok(count)
}
