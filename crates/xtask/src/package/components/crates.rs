//! Crates: those that the compiler really takes for a program, with the features that it is built with.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use serde::Deserialize;

use super::{Component, Digest, texts};
use crate::package::output;
use crate::peers::cargo;

/// A crate of a program.
#[derive(Debug, Clone)]
pub(super) struct Shipped {
    pub(super) component: Component,
    pub(super) folder: PathBuf,
    /// Whether it names a library of the system or brings one.
    pub(super) has_native: bool,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
struct Package {
    name: String,
    version: String,
    license: Option<String>,
    license_file: Option<PathBuf>,
    authors: Vec<String>,
    repository: Option<String>,
    /// None for those of the workspace.
    source: Option<String>,
    links: Option<String>,
    manifest_path: PathBuf,
}

#[derive(Debug, Deserialize)]
struct Lock {
    package: Vec<Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    name: String,
    version: String,
    checksum: Option<String>,
}

/// The crates of a package of a workspace that end up in its program: no build scripts, macros or tests.
pub(super) fn of(manifest: &Path, package: &str, program: &'static str, target: &str) -> anyhow::Result<Vec<Shipped>> {
    let mut list = cargo();
    list.args(["tree", "--locked", "--workspace", "--edges", "normal,no-proc-macro", "--prefix", "depth"]);
    list.args(["--format", " {p}", "--target", target, "--manifest-path"]).arg(manifest);
    let taken = reached(&output(&mut list)?, package)?;

    let mut describe = cargo();
    describe.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", target, "--manifest-path"]);
    let described: Metadata = serde_json::from_str(&output(describe.arg(manifest))?)?;
    let lock: Lock = toml::from_str(&std::fs::read_to_string(manifest.with_file_name("Cargo.lock"))?)?;
    let digests: BTreeMap<_, _> = lock.package.into_iter().map(|one| ((one.name, one.version), one.checksum)).collect();

    let mut shipped = Vec::new();
    for package in described.packages {
        let key = (package.name.clone(), package.version.clone());
        if package.source.is_none() || !taken.contains(&key) {
            continue;
        }
        let folder = package.manifest_path.parent().context("a manifest is in a folder")?.to_owned();
        let mut texts = texts(&folder)?;
        if let Some(file) = &package.license_file
            && !texts.iter().any(|(name, _)| Path::new(name) == file)
        {
            texts.push((file.display().to_string(), std::fs::read_to_string(folder.join(file))?));
        }
        shipped.push(Shipped {
            component: Component {
                url: format!("pkg:cargo/{}@{}", package.name, package.version.replace('+', "%2B")),
                // Older crates write a slash where either will do.
                licence: package.license.unwrap_or_default().replace(" / ", "/").replace('/', " OR "),
                authors: package.authors,
                repository: package.repository,
                digest: digests.get(&key).cloned().flatten().map(|value| Digest { algorithm: "SHA-256", value }),
                programs: [program].into(),
                texts,
                name: package.name,
                version: package.version,
            },
            folder,
            has_native: package.links.is_some(),
        });
    }
    Ok(shipped)
}

/// The names and versions that a package reaches in what `cargo tree` prints: each line a depth and a package, its
/// dependencies below it where it is printed first.
fn reached(tree: &str, root: &str) -> anyhow::Result<BTreeSet<(String, String)>> {
    let mut edges: BTreeMap<(String, String), BTreeSet<(String, String)>> = BTreeMap::new();
    let mut path: Vec<(String, String)> = Vec::new();
    for line in tree.lines().filter(|line| !line.is_empty()) {
        let mut words = line.split(' ');
        let mut word = || words.next().with_context(|| format!("cargo tree printed `{line}`"));
        let depth: usize = word()?.parse().with_context(|| format!("cargo tree printed `{line}`"))?;
        let package = (word()?.to_owned(), word()?.trim_start_matches('v').to_owned());
        path.truncate(depth);
        if let Some(parent) = path.last() {
            edges.entry(parent.clone()).or_default().insert(package.clone());
        }
        edges.entry(package.clone()).or_default();
        path.push(package);
    }
    let start = edges.keys().find(|(name, _)| name == root).with_context(|| format!("there is no package {root}"))?;
    let mut found = BTreeSet::new();
    let mut next = vec![start.clone()];
    while let Some(package) = next.pop() {
        if found.insert(package.clone()) {
            next.extend(edges[&package].iter().cloned());
        }
    }
    Ok(found)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_a_package_reaches_is_found_below_its_first_mention() {
        let tree = "0 other v0.1.0 (/w/other)\n1 shared v1.2.3\n2 deep v0.9.0\n1 unused v4.0.0\n\n0 root v0.1.0 (/w/root)\n1 shared v1.2.3 (*)\n";
        let found: Vec<String> =
            reached(tree, "root").unwrap().into_iter().map(|(name, version)| format!("{name} {version}")).collect();
        assert_eq!(found, ["deep 0.9.0", "root 0.1.0", "shared 1.2.3"]);
        assert!(reached(tree, "absent").is_err());
    }
}
