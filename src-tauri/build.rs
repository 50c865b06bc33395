//! Reads the app's configuration and what each window may do, and takes in the built page.

use std::fmt::Write as _;
use std::io::Result;
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").ok_or_else(|| std::io::Error::other("cargo sets OUT_DIR"))?);
    std::fs::write(out.join("page.rs"), table(&page)?)?;
    // A path that is not there would make this run with every build, so the coming of the page is seen by the folder above.
    let watched = if page.is_dir() { page } else { page.join("..") };
    println!("cargo::rerun-if-changed={}", watched.display());
    tauri_build::build();
    Ok(())
}

/// The files of the page as Rust: their paths, each with a slash before it, and their contents. Empty without the page.
fn table(page: &Path) -> Result<String> {
    let mut files = Vec::new();
    if page.is_dir() {
        collect(&page.canonicalize()?, "", &mut files)?;
    }
    files.sort();
    let mut table = "&[\n".to_owned();
    for (name, path) in &files {
        writeln!(table, "    ({name:?}, include_bytes!({path:?})),").map_err(std::io::Error::other)?;
    }
    table.push_str("]\n");
    Ok(table)
}

/// What begins with a dot is the tools' own.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        let served = format!("{prefix}/{name}");
        if name.starts_with('.') {
            continue;
        } else if entry.file_type()?.is_dir() {
            collect(&entry.path(), &served, files)?;
        } else {
            files.push((served, entry.path()));
        }
    }
    Ok(())
}
