//! What a project depends on, where its code is on this machine: crates that Cargo has fetched, packages of Node and Python.

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use crate::bridge::Outlet;

/// More of them are not looked at.
const MOST: usize = 400;

/// Tells the folders of what a project depends on, those that it names itself first.
pub(crate) fn find(project: &Path, cargo_home: Option<&Path>, outlet: &Outlet<PathBuf>) {
    let mut told = HashSet::new();
    let found = cargo_home.map(|home| crates(project, home)).unwrap_or_default();
    for folder in found.into_iter().chain(packages(project)).chain(site_packages(project)).take(MOST) {
        if told.insert(folder.clone()) && !outlet.send(folder) {
            return;
        }
    }
}

/// The crates of a lock file, or where there is none the newest ones of those that the manifest names.
fn crates(project: &Path, cargo_home: &Path) -> Vec<PathBuf> {
    let named = named_crates(project);
    let mut locked = locked_crates(project);
    let sources = folders_in(&cargo_home.join("registry/src"));
    if locked.is_empty() {
        let known: Vec<String> = sources.iter().flat_map(|source| names_in(source)).collect();
        locked = named.iter().filter_map(|name| Some((name.clone(), newest(name, &known)?))).collect();
    }
    // Those that the manifest names count most, if not everything can be read.
    locked.sort_by_key(|(name, _)| !named.contains(name));
    let folders = locked.iter().map(|(name, version)| format!("{name}-{version}")).filter(|name| is_plain(name));
    folders.filter_map(|folder| sources.iter().map(|source| source.join(&folder)).find(|path| path.is_dir())).collect()
}

fn locked_crates(project: &Path) -> Vec<(String, String)> {
    let Some(lock) = document(&project.join("Cargo.lock")) else { return Vec::new() };
    let packages = lock.get("package").and_then(toml::Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let text = |package: &toml::Value, key: &str| Some(package.get(key)?.as_str()?.to_owned());
    let fetched = packages.iter().filter(|package| package.get("source").is_some());
    fetched.filter_map(|package| Some((text(package, "name")?, text(package, "version")?))).collect()
}

fn named_crates(project: &Path) -> HashSet<String> {
    let Some(manifest) = document(&project.join("Cargo.toml")) else { return HashSet::new() };
    let tables = [manifest.get("dependencies"), manifest.get("workspace").and_then(|all| all.get("dependencies"))];
    let tables = tables.into_iter().flatten().filter_map(toml::Value::as_table);
    let name = |(key, value): (&String, &toml::Value)| {
        value.get("package").and_then(toml::Value::as_str).unwrap_or(key).to_owned()
    };
    tables.flatten().map(name).collect()
}

/// The newest version of a crate among folders that are named by crate and version.
fn newest(name: &str, known: &[String]) -> Option<String> {
    let versions = known.iter().filter_map(|folder| folder.strip_prefix(name)?.strip_prefix('-'));
    let versions = versions.filter(|version| version.starts_with(|first: char| first.is_ascii_digit()));
    let numbers = |version: &str| -> Vec<u64> {
        version.split(|character: char| !character.is_ascii_digit()).map(|part| part.parse().unwrap_or(0)).collect()
    };
    versions.max_by_key(|version| numbers(version)).map(str::to_owned)
}

/// The packages that `package.json` names, in `node_modules`.
fn packages(project: &Path) -> Vec<PathBuf> {
    let Ok(text) = std::fs::read_to_string(project.join("package.json")) else { return Vec::new() };
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&text) else { return Vec::new() };
    let tables = ["dependencies", "devDependencies"].into_iter().filter_map(|key| manifest.get(key)?.as_object());
    let modules = project.join("node_modules");
    let names = tables.flat_map(|table| table.keys()).filter(|name| is_plain(name));
    names.map(|name| modules.join(name)).filter(|path| path.is_dir()).collect()
}

/// The packages of a virtual environment within the project.
fn site_packages(project: &Path) -> Vec<PathBuf> {
    let environments = [".venv/lib", "venv/lib"].into_iter().flat_map(|lib| folders_in(&project.join(lib)));
    environments.flat_map(|python| folders_in(&python.join("site-packages"))).collect()
}

/// Whether a name leads nowhere but down: manifests come from strangers.
fn is_plain(name: &str) -> bool {
    Path::new(name).components().all(|part| matches!(part, std::path::Component::Normal(_)))
}

fn document(path: &Path) -> Option<toml::Value> {
    toml::from_str(&std::fs::read_to_string(path).ok()?).ok()
}

fn folders_in(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort_unstable();
    folders
}

fn names_in(folder: &Path) -> Vec<String> {
    let names = folders_in(folder).into_iter().filter_map(|path| Some(path.file_name()?.to_str()?.to_owned()));
    names.collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn laid(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        folder
    }

    fn named(folders: &[PathBuf]) -> Vec<String> {
        folders.iter().map(|path| path.file_name().unwrap().to_string_lossy().into_owned()).collect()
    }

    #[test]
    fn crates_are_those_of_the_lock_file_with_the_named_ones_first() {
        let home = laid(&[
            ("registry/src/index-1/serde-1.0.2/x", ""),
            ("registry/src/index-1/serde-1.0.10/x", ""),
            ("registry/src/index-1/serde-json-1.9.0/x", ""),
            ("registry/src/index-1/aho-corasick-1.1.0/x", ""),
        ]);
        let manifest = "[dependencies]\nserde = \"1\"\nworld = { package = \"serde-json\", version = \"1\" }\n";
        let lock = |version: &str| {
            let package =
                |name: &str, version: &str| format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n");
            let source = "source = \"registry+https://example.org\"\n";
            [
                package("aho-corasick", "1.1.0"),
                source.into(),
                package("serde", version),
                source.into(),
                package("own", "0.1.0"),
            ]
            .concat()
        };
        let project = laid(&[("Cargo.toml", manifest), ("Cargo.lock", &lock("1.0.2"))]);
        assert_eq!(named(&crates(project.path(), home.path())), ["serde-1.0.2", "aho-corasick-1.1.0"]);
        let unlocked = laid(&[("Cargo.toml", manifest)]);
        let mut found = named(&crates(unlocked.path(), home.path()));
        found.sort_unstable();
        assert_eq!(found, ["serde-1.0.10", "serde-json-1.9.0"], "the newest, by number");
    }

    #[test]
    fn packages_of_node_and_python_are_found_where_they_lie() {
        let project = laid(&[
            (
                "package.json",
                r#"{"dependencies": {"@a/b": "1", "gone": "1", "../outside": "1", "/tmp": "1"}, "devDependencies": {"c": "2"}}"#,
            ),
            ("node_modules/@a/b/index.js", ""),
            ("node_modules/c/index.js", ""),
            ("node_modules/unnamed/index.js", ""),
            (".venv/lib/python3.12/site-packages/attrs/__init__.py", ""),
        ]);
        assert_eq!(named(&packages(project.path())), ["b", "c"]);
        assert_eq!(named(&site_packages(project.path())), ["attrs"]);
    }
}
