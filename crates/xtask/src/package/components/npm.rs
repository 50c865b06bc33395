//! What is in the page: the packages whose modules the bundler took.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context as _, bail};
use base64::Engine as _;
use serde::Deserialize;

use super::{Component, Digest, texts};

#[derive(Debug, Deserialize)]
struct Lock {
    packages: BTreeMap<String, Locked>,
}

#[derive(Debug, Deserialize)]
struct Locked {
    version: Option<String>,
    license: Option<String>,
    integrity: Option<String>,
}

/// The packages of the page that was built last.
pub(super) fn of_the_page(ui: &Path) -> anyhow::Result<Vec<Component>> {
    let list = ui.join("dist/.vite/packages.json");
    let list = std::fs::read_to_string(&list)
        .with_context(|| format!("{} is missing; `make page` builds the page and writes it", list.display()))?;
    let folders: Vec<String> = serde_json::from_str(&list)?;
    let lock: Lock = serde_json::from_str(&std::fs::read_to_string(ui.join("package-lock.json"))?)?;
    if folders.is_empty() {
        bail!("the page is said to have no package of others; its list is wrong");
    }
    folders.iter().map(|folder| component(ui, folder, &lock)).collect()
}

/// The package in a folder below `ui`, such as `node_modules/svelte`.
fn component(ui: &Path, folder: &str, lock: &Lock) -> anyhow::Result<Component> {
    let locked = lock.packages.get(folder).with_context(|| format!("package-lock.json does not name {folder}"))?;
    let name = folder.rsplit_once("node_modules/").map_or(folder, |(_, name)| name).to_owned();
    let version = locked.version.clone().with_context(|| format!("package-lock.json tells no version of {folder}"))?;
    let about: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(ui.join(folder).join("package.json"))?)?;
    let author = about["author"].as_str().or_else(|| about["author"]["name"].as_str());
    let repository = about["repository"].as_str().or_else(|| about["repository"]["url"].as_str());
    let digest = match locked.integrity.as_deref().and_then(|text| text.strip_prefix("sha512-")) {
        Some(text) => {
            let bytes = base64::engine::general_purpose::STANDARD.decode(text)?;
            Some(Digest { algorithm: "SHA-512", value: bytes.iter().map(|byte| format!("{byte:02x}")).collect() })
        }
        None => None,
    };
    Ok(Component {
        url: format!("pkg:npm/{}@{version}", name.replacen('@', "%40", 1)),
        licence: locked.license.clone().unwrap_or_default(),
        authors: author.map(str::to_owned).into_iter().collect(),
        repository: repository.map(|text| text.trim_start_matches("git+").to_owned()),
        digest,
        // The page is in both: the host serves it, and the app's windows show it.
        programs: ["ambit", "ambit-desktop"].into(),
        texts: texts(&ui.join(folder))?,
        name,
        version,
    })
}
