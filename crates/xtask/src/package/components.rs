//! What others wrote of that which is shipped.

mod bundled;
mod crates;
mod npm;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::output;
use crate::peers::command;

/// Something that others wrote and that is in what users get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Component {
    pub(super) name: String,
    pub(super) version: String,
    /// Its address in its registry: `pkg:cargo/serde@1.0.0`.
    pub(super) url: String,
    /// By SPDX.
    pub(super) licence: String,
    /// Who wrote it, as it says itself.
    pub(super) authors: Vec<String>,
    /// Where its sources are.
    pub(super) repository: Option<String>,
    /// What the registry's archive must have as its digest.
    pub(super) digest: Option<Digest>,
    /// Which of the programs have it.
    pub(super) programs: BTreeSet<&'static str>,
    /// Files that tell its licence, with their content.
    pub(super) texts: Vec<(String, String)>,
}

/// A digest as a registry gives it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Digest {
    /// By `CycloneDX`: `SHA-256`.
    pub(super) algorithm: &'static str,
    /// In hexadecimal.
    pub(super) value: String,
}

/// All components of the programs and of the page, sorted, without those of this project.
pub(super) fn shipped(workspace: &Path) -> anyhow::Result<Vec<Component>> {
    let target = host()?;
    let mut found: BTreeMap<(String, String), Component> = BTreeMap::new();
    let programs = [
        ("ambit", "Cargo.toml", "ambit-cli"),
        ("ambit-desktop", "src-tauri/Cargo.toml", "ambit-desktop"),
        ("ambit-lsp", "lsp-server/Cargo.toml", "ambit-lsp"),
        ("ambit-native-host", "Cargo.toml", "ambit-native-host"),
    ];
    let mut all = Vec::new();
    for (program, manifest, package) in programs {
        let crates = crates::of(&workspace.join(manifest), package, program, &target)?;
        all.extend(bundled::within(&crates, program)?);
        all.extend(crates.into_iter().map(|shipped| shipped.component));
        all.push(standard_library(program)?);
    }
    all.extend(npm::of_the_page(&workspace.join("ui"))?);
    all.extend(super::appimage::components()?);
    for component in all {
        match found.get_mut(&(component.url.clone(), component.version.clone())) {
            Some(there) => there.programs.extend(component.programs),
            None => {
                found.insert((component.url.clone(), component.version.clone()), component);
            }
        }
    }
    let mut components: Vec<_> = found.into_values().collect();
    components.sort_by(|left, right| (&left.name, &left.version).cmp(&(&right.name, &right.version)));
    Ok(components)
}

/// The system that this program was built for, as the compiler calls it.
fn host() -> anyhow::Result<String> {
    let told = output(command("rustc").arg("-vV"))?;
    let line = told.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(line.context("the compiler does not tell its host")?.to_owned())
}

/// Rust's own library is in every program.
fn standard_library(program: &'static str) -> anyhow::Result<Component> {
    let told = output(command("rustc").arg("-vV"))?;
    let version =
        told.lines().find_map(|line| line.strip_prefix("release: ")).context("the compiler tells no release")?;
    let folder = PathBuf::from(output(command("rustc").args(["--print", "sysroot"]))?.trim()).join("share/doc/rust");
    Ok(Component {
        name: "rust-std".to_owned(),
        version: version.to_owned(),
        url: format!("pkg:generic/rust-std@{version}"),
        licence: "MIT OR Apache-2.0".to_owned(),
        authors: vec!["The Rust Project Developers".to_owned()],
        repository: Some("https://github.com/rust-lang/rust".to_owned()),
        digest: None,
        programs: [program].into(),
        texts: texts(&folder)?,
    })
}

/// The files of a folder that tell a licence; none where there is no such folder.
fn texts(folder: &Path) -> anyhow::Result<Vec<(String, String)>> {
    let Ok(entries) = std::fs::read_dir(folder) else { return Ok(Vec::new()) };
    let mut texts = Vec::new();
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let lower = name.to_ascii_lowercase();
        let begins =
            ["licen", "copying", "copyright", "notice", "unlicense"].iter().any(|word| lower.starts_with(word));
        let is_code = [".rs", ".js", ".html"].iter().any(|end| lower.ends_with(end));
        if begins && !is_code && entry.path().is_file() {
            texts.push((name, String::from_utf8_lossy(&std::fs::read(entry.path())?).into_owned()));
        }
    }
    texts.sort();
    Ok(texts)
}
