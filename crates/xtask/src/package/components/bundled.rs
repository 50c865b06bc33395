//! Libraries in other languages that crates bring along and compile in. Their crates' own licences do not speak of them.

use std::path::Path;

use anyhow::{Context as _, bail};
use serde::Deserialize;

use super::Component;
use super::crates::Shipped;

/// What `crates/xtask/package/bundled.toml` says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    /// Crates with a `links` key that bring nothing: they use what the system has, or mark themselves as the only ones.
    nothing: Vec<String>,
    bundled: Vec<Bundled>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Bundled {
    /// The crate that brings it.
    from: String,
    name: String,
    licence: String,
    authors: Vec<String>,
    repository: String,
    /// The file in the crate that tells its licence.
    text: String,
    /// Only this many lines of it, where it goes on with code.
    lines: Option<usize>,
}

/// The libraries within crates.
///
/// # Errors
/// When a crate links something and nobody has looked at what that is.
pub(super) fn within(crates: &[Shipped], program: &'static str) -> anyhow::Result<Vec<Component>> {
    let list: List = toml::from_str(include_str!("../../../package/bundled.toml"))?;
    let mut found = Vec::new();
    let mut unknown = Vec::new();
    for shipped in crates {
        let name = &shipped.component.name;
        let theirs: Vec<_> = list.bundled.iter().filter(|bundled| bundled.from == *name).collect();
        if theirs.is_empty() && shipped.has_native && !list.nothing.contains(name) {
            unknown.push(name.as_str());
        }
        for bundled in theirs {
            found.push(component(bundled, shipped, program)?);
        }
    }
    if !unknown.is_empty() {
        bail!(
            "these crates link libraries: {}; say in crates/xtask/package/bundled.toml whether they bring them, and under which licence",
            unknown.join(", ")
        );
    }
    Ok(found)
}

fn component(bundled: &Bundled, shipped: &Shipped, program: &'static str) -> anyhow::Result<Component> {
    let file = shipped.folder.join(&bundled.text);
    let text = std::fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
    let text = String::from_utf8_lossy(&text);
    let text = match bundled.lines {
        Some(lines) => text.lines().take(lines).collect::<Vec<_>>().join("\n"),
        None => text.into_owned(),
    };
    let name = Path::new(&bundled.text).file_name().unwrap_or_default().to_string_lossy().into_owned();
    Ok(Component {
        name: bundled.name.clone(),
        version: format!("as in {} {}", bundled.from, shipped.component.version),
        // A crate may bring the library that another brings, in another version.
        url: format!("pkg:generic/{}?crate={}", bundled.name.to_ascii_lowercase().replace(' ', "-"), bundled.from),
        licence: bundled.licence.clone(),
        authors: bundled.authors.clone(),
        repository: Some(bundled.repository.clone()),
        digest: None,
        programs: [program].into(),
        texts: vec![(name, text)],
    })
}
