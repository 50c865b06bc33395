//! Holds the table of crates/README.md: who may depend on whom, which crate names an engine, and how large a file may be.
//!
//! The table is the one place where an edge is granted. A new edge is a decision: change the table, and the map in
//! crates/README.md with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde_json::Value;

/// Crate, and the crates of the workspace that it may name. Every crate may name the vocabulary, `domain`.
const EDGES: &[(&str, &[&str])] = &[
    // 0 vocabulary
    ("domain", &[]),
    ("protocol", &[]),
    ("client", &["protocol"]),
    // 1 engines
    ("settings", &[]),
    ("egress", &[]),
    ("model-gateway", &["egress"]),
    ("syntax", &[]),
    ("inference", &[]),
    ("state-store", &[]),
    ("vector-store", &[]),
    ("knowledge-graph", &["egress"]),
    ("ingest", &["syntax"]),
    ("completion", &["syntax"]),
    // 2 capabilities
    ("recall", &[]),
    // 3 agent
    ("orchestrator", &[]),
    // 4 door
    ("runtime", &["completion", "recall", "orchestrator"]),
    ("api", &["protocol", "runtime"]),
    // 5 assembly
    (
        "embedded",
        &[
            "runtime",
            "settings",
            "egress",
            "model-gateway",
            "syntax",
            "inference",
            "state-store",
            "vector-store",
            "knowledge-graph",
            "ingest",
        ],
    ),
    // 6 hosts
    ("cli", &["api", "client", "protocol", "embedded"]),
    ("native-host", &["client", "protocol"]),
    ("src-tauri", &["client", "protocol", "settings"]),
    ("lsp-server", &["client", "protocol"]),
];

/// Folders whose package bears another name.
const NAMES: &[(&str, &str)] = &[("src-tauri", "ambit-desktop"), ("lsp-server", "ambit-lsp")];

/// Workspaces beside the main one that ship something, by their folders.
const BESIDE: &[&str] = &["src-tauri", "lsp-server"];

/// Engine, and the only crates that may name it.
const ENGINES: &[(&str, &[&str])] = &[
    ("burn", &["inference"]),
    ("burn-flex", &["inference"]),
    ("burn-wgpu", &["inference"]),
    ("llguidance", &["inference"]),
    ("minijinja", &["inference"]),
    ("tokenizers", &["inference"]),
    ("wgpu", &["inference"]),
    ("rusqlite", &["state-store"]),
    ("lancedb", &["vector-store"]),
    ("lance-index", &["vector-store"]),
    ("arrow-array", &["vector-store"]),
    ("oxigraph", &["knowledge-graph"]),
    ("notify", &["ingest"]),
    ("gix", &["ingest"]),
    ("tree-sitter", &["syntax"]),
    ("reqwest", &["egress"]),
    ("axum", &["api"]),
    ("apple-native-keyring-store", &["settings"]),
    ("dbus", &["settings"]),
    ("keyring-core", &["settings"]),
    ("windows-native-keyring-store", &["settings"]),
    ("clap", &["cli", "src-tauri"]),
    ("tauri", &["src-tauri"]),
    ("tower-lsp", &["lsp-server"]),
    ("agent-client-protocol", &["lsp-server"]),
    ("global-hotkey", &["src-tauri"]),
];

/// Crates that must stay free of I/O, clocks and async runtimes.
const PURE: &[(&str, &[&str])] = &[
    ("domain", &["futures-core", "serde", "serde_json", "thiserror"]),
    ("orchestrator", &["ambit-domain", "async-stream", "futures-util", "serde", "serde_json", "thiserror", "tracing"]),
    (
        "recall",
        &["ambit-domain", "futures-util", "serde", "serde_json", "thiserror", "tracing", "unicode-segmentation"],
    ),
];

/// What ships to users, so that a benchmark's needs never reach them.
const UNSHIPPED: &[&str] = &["xtask", "ambit-tests"];

/// What `cargo metadata` tells of one package of the workspace.
struct Package {
    name: String,
    folder: String,
    /// Names of what it needs to be built; what only its tests need does not count.
    dependencies: BTreeSet<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn packages() -> Vec<Package> {
    let beside = BESIDE.iter().map(|folder| root().join(folder));
    std::iter::once(root().to_owned()).chain(beside).flat_map(|workspace| packages_of(&workspace)).collect()
}

#[expect(clippy::disallowed_methods, reason = "cargo itself is what knows the workspace")]
fn packages_of(workspace: &Path) -> Vec<Package> {
    let mut cargo = std::process::Command::new(env!("CARGO"));
    cargo.args(["metadata", "--format-version", "1", "--no-deps", "--offline"]).current_dir(workspace);
    let output = cargo.output().unwrap();
    assert!(output.status.success(), "cargo metadata: {}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    metadata["packages"].as_array().unwrap().iter().map(package).collect()
}

fn package(value: &Value) -> Package {
    let manifest = Path::new(value["manifest_path"].as_str().unwrap());
    let folder = manifest.parent().unwrap().file_name().unwrap().to_str().unwrap().to_owned();
    let real = value["dependencies"].as_array().unwrap().iter().filter(|dependency| dependency["kind"] != "dev");
    let dependencies = real.map(|dependency| dependency["name"].as_str().unwrap().to_owned()).collect();
    Package { name: value["name"].as_str().unwrap().to_owned(), folder, dependencies }
}

fn shipped() -> Vec<Package> {
    packages().into_iter().filter(|package| !UNSHIPPED.contains(&package.name.as_str())).collect()
}

#[test]
fn a_crate_depends_only_on_what_the_table_grants() {
    let granted: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for Package { folder, dependencies, .. } in shipped() {
        let Some(allowed) = granted.get(folder.as_str()) else {
            panic!("crate `{folder}` has no row in the table of tests/architecture.rs");
        };
        for name in dependencies {
            let Some(inner) = name.strip_prefix("ambit-") else { continue };
            assert!(
                inner == "domain" || allowed.contains(&inner),
                "`{folder}` depends on `{inner}`, which the table does not grant"
            );
        }
    }
}

#[test]
fn the_table_names_no_crate_that_is_gone() {
    let folders: BTreeSet<String> = packages().into_iter().map(|package| package.folder).collect();
    for (name, allowed) in EDGES {
        for name in std::iter::once(name).chain(allowed.iter()) {
            assert!(folders.contains(*name), "the table names `{name}`, but there is no such crate");
        }
    }
}

#[test]
fn a_package_is_named_after_its_folder() {
    for package in shipped() {
        let other = NAMES.iter().find(|(folder, _)| *folder == package.folder).map(|(_, name)| (*name).to_owned());
        assert_eq!(package.name, other.unwrap_or_else(|| format!("ambit-{}", package.folder)));
    }
}

#[test]
fn an_engine_is_named_by_its_owner_alone() {
    for Package { folder, dependencies, .. } in shipped() {
        for (engine, owners) in ENGINES {
            assert!(
                !dependencies.contains(*engine) || owners.contains(&folder.as_str()),
                "`{folder}` names `{engine}`, which {owners:?} own"
            );
        }
    }
}

#[test]
fn a_pure_crate_stays_pure() {
    let all = packages();
    for (name, allowed) in PURE {
        let package = all.iter().find(|package| package.folder == *name).unwrap();
        for dependency in &package.dependencies {
            assert!(allowed.contains(&dependency.as_str()), "`{name}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn unshipped_crates_are_not_depended_upon() {
    for package in shipped() {
        for name in &package.dependencies {
            assert!(
                !UNSHIPPED.contains(&name.as_str()),
                "`{}` depends on `{name}`, which is not shipped",
                package.name
            );
        }
    }
}

#[test]
fn a_file_stays_readable() {
    let root = root();
    let mut files = Vec::new();
    for folder in ["crates", "tests", "src-tauri", "lsp-server", "browser-extension", "editors", "ui"] {
        collect(&root.join(folder), &mut files);
    }
    assert!(files.len() > 50, "the walk found only {} files", files.len());
    for file in files {
        let lines = std::fs::read_to_string(&file).unwrap().lines().count();
        let name = file.strip_prefix(root).unwrap().display();
        assert!(lines <= 800, "{name} has {lines} lines; 500 are the aim, 800 the end");
        assert_ne!(file.file_name().unwrap(), "mod.rs", "{name}: write `foo.rs` beside `foo/`");
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    for entry in entries.flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() && name != "node_modules" && name != "bindings" && name != "dist" {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| ["rs", "ts", "svelte"].iter().any(|it| extension == *it)) {
            files.push(path);
        }
    }
}

/// What only one module may say, whatever the lints see: a name, and the places that may hold it.
#[test]
fn unsafe_code_lives_where_it_is_granted() {
    let root = root();
    let granted = [
        "crates/completion/src/counts/bytes.rs",
        "crates/inference/src/kernels",
        "crates/inference/src/gpu/program.rs",
        "crates/inference/src/encoder/checkpoint.rs",
        "crates/inference/src/mapped_file.rs",
        "crates/embedded/src/resident.rs",
    ];
    let mut files = Vec::new();
    for folder in ["crates", "src-tauri", "lsp-server"] {
        collect(&root.join(folder), &mut files);
    }
    for file in files {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let says = text.lines().any(|line| line.trim_start().starts_with("unsafe ") || line.contains("= unsafe {"));
        assert!(!says || granted.iter().any(|place| name.starts_with(place)), "{name} holds unsafe code");
    }
}
