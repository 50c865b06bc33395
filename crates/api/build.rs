//! Puts the built page, what `ui/dist` holds, into this crate as a table of its files. Without it the crate builds as well,
//! with an empty table, so that neither Node nor the page stands in the way of who works on the host.

use std::fmt::Write as _;
use std::io::{Result, Write as _};
use std::path::{Path, PathBuf};

fn main() -> Result<()> {
    let crate_folder = PathBuf::from(variable("CARGO_MANIFEST_DIR")?);
    let ui = crate_folder.join("../../ui");
    let page = ui.join("dist");
    let mut files = Vec::new();
    if page.is_dir() {
        collect(&page.canonicalize()?, "", &mut files)?;
    }
    files.sort();
    let mut table = "&[\n".to_owned();
    for (name, path) in &files {
        // Writing to a text does not fail.
        writeln!(table, "    ({name:?}, include_bytes!({:?})),", path.display().to_string()).ok();
    }
    table.push_str("]\n");
    std::fs::write(Path::new(&variable("OUT_DIR")?).join("page.rs"), table)?;

    // A path that is not there would make this run with every build, so the coming of the page is seen by the folder above.
    let watched = [&page, &ui].into_iter().find(|folder| folder.is_dir());
    let mut cargo = std::io::stdout();
    writeln!(cargo, "cargo::rerun-if-changed=build.rs")?;
    if let Some(folder) = watched {
        writeln!(cargo, "cargo::rerun-if-changed={}", folder.display())?;
    }
    Ok(())
}

fn variable(name: &str) -> Result<String> {
    std::env::var(name).map_err(|error| std::io::Error::other(format!("cargo sets {name}: {error}")))
}

/// Adds the files below a folder with the paths under which they are served. What begins with a dot is the tools' own.
fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let Ok(name) = entry.file_name().into_string() else { continue };
        if name.starts_with('.') {
            continue;
        }
        let served = format!("{prefix}/{name}");
        if entry.file_type()?.is_dir() {
            collect(&entry.path(), &served, files)?;
        } else {
            files.push((served, entry.path()));
        }
    }
    Ok(())
}
