//! Holds the table of crates/README.md: who may depend on whom, which crate names an engine, and how large a file may be.
//!
//! The table is the one place where an edge is granted. A new edge is a decision: change the table, and the map in
//! crates/README.md with it.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};

/// Crate, and the crates of the workspace that it may name. Every crate may name the vocabulary, `domain`.
const EDGES: &[(&str, &[&str])] = &[
    // 0 vocabulary
    ("domain", &[]),
    ("protocol", &[]),
    ("client", &["protocol"]),
    // 1 engines
    ("settings", &[]),
    ("egress", &[]),
    ("syntax", &[]),
    ("inference", &[]),
    ("state-store", &[]),
    ("vector-store", &[]),
    ("knowledge-graph", &["egress"]),
    ("ingest", &["syntax"]),
    // 2 capabilities
    ("recall", &[]),
    // 3 agent
    ("orchestrator", &[]),
    // 4 door
    ("runtime", &["recall", "orchestrator"]),
    ("api", &["protocol", "runtime"]),
    // 5 assembly
    (
        "embedded",
        &[
            "runtime",
            "settings",
            "egress",
            "syntax",
            "inference",
            "state-store",
            "vector-store",
            "knowledge-graph",
            "ingest",
        ],
    ),
    // 6 hosts
    ("cli", &["api", "client", "embedded"]),
];

/// Engine, and the only crate that may name it.
const ENGINES: &[(&str, &str)] = &[
    ("burn", "inference"),
    ("burn-flex", "inference"),
    ("burn-wgpu", "inference"),
    ("tokenizers", "inference"),
    ("wgpu", "inference"),
    ("rusqlite", "state-store"),
    ("lancedb", "vector-store"),
    ("lance-index", "vector-store"),
    ("arrow-array", "vector-store"),
    ("oxigraph", "knowledge-graph"),
    ("notify", "ingest"),
    ("gix", "ingest"),
    ("tree-sitter", "syntax"),
    ("reqwest", "egress"),
    ("axum", "api"),
    ("clap", "cli"),
];

/// Crates that must stay free of I/O, clocks and async runtimes.
const PURE: &[(&str, &[&str])] = &[
    ("domain", &["futures-core", "serde", "serde_json", "thiserror"]),
    ("orchestrator", &["ambit-domain", "futures-util", "serde", "serde_json", "thiserror", "tracing"]),
    ("recall", &["ambit-domain", "futures-util", "serde", "serde_json", "thiserror", "tracing", "unicode-segmentation"]),
];

/// What ships to users, so that a benchmark's needs never reach them.
const UNSHIPPED: &[&str] = &["xtask", "ambit-tests"];

fn metadata() -> Metadata {
    MetadataCommand::new().no_deps().other_options(vec!["--offline".to_owned()]).exec().unwrap()
}

fn folder_of(package: &Package) -> String {
    package.manifest_path.parent().unwrap().file_name().unwrap().to_owned()
}

fn dependencies(package: &Package) -> BTreeSet<String> {
    let real = package.dependencies.iter().filter(|dependency| dependency.kind != DependencyKind::Development);
    real.map(|dependency| dependency.name.clone()).collect()
}

fn shipped(metadata: &Metadata) -> Vec<&Package> {
    metadata.packages.iter().filter(|package| !UNSHIPPED.contains(&package.name.as_str())).collect()
}

#[test]
fn a_crate_depends_only_on_what_the_table_grants() {
    let metadata = metadata();
    let granted: BTreeMap<&str, &[&str]> = EDGES.iter().copied().collect();
    for package in shipped(&metadata) {
        let folder = folder_of(package);
        let Some(allowed) = granted.get(folder.as_str()) else {
            panic!("crate `{folder}` has no row in the table of tests/architecture.rs");
        };
        for name in dependencies(package) {
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
    let metadata = metadata();
    let folders: BTreeSet<String> = metadata.packages.iter().map(folder_of).collect();
    for (name, allowed) in EDGES {
        for name in std::iter::once(name).chain(allowed.iter()) {
            assert!(folders.contains(*name), "the table names `{name}`, but there is no such crate");
        }
    }
}

#[test]
fn a_package_is_named_after_its_folder() {
    for package in shipped(&metadata()) {
        assert_eq!(package.name.as_str(), format!("ambit-{}", folder_of(package)));
    }
}

#[test]
fn an_engine_is_named_by_its_owner_alone() {
    let metadata = metadata();
    for package in shipped(&metadata) {
        let folder = folder_of(package);
        let named = dependencies(package);
        for (engine, owner) in ENGINES {
            assert!(!named.contains(*engine) || folder == *owner, "`{folder}` names `{engine}`, which `{owner}` owns");
        }
    }
}

#[test]
fn a_pure_crate_stays_pure() {
    let metadata = metadata();
    for (name, allowed) in PURE {
        let package = metadata.packages.iter().find(|package| folder_of(package) == *name).unwrap();
        for dependency in dependencies(package) {
            assert!(allowed.contains(&dependency.as_str()), "`{name}` must not depend on `{dependency}`");
        }
    }
}

#[test]
fn unshipped_crates_are_not_depended_upon() {
    let metadata = metadata();
    for package in shipped(&metadata) {
        for name in dependencies(package) {
            assert!(!UNSHIPPED.contains(&name.as_str()), "`{}` depends on `{name}`, which is not shipped", package.name);
        }
    }
}

#[test]
fn a_file_stays_readable() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let mut files = Vec::new();
    for folder in ["crates", "tests", "src-tauri", "lsp-server", "browser-extension", "ui"] {
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
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap();
    let granted = ["crates/inference/src/kernels", "crates/inference/src/weights", "crates/embedded/src/worker"];
    let mut files = Vec::new();
    collect(&root.join("crates"), &mut files);
    for file in files {
        let name = file.strip_prefix(root).unwrap().display().to_string();
        let text = std::fs::read_to_string(&file).unwrap();
        let says = text.lines().any(|line| line.trim_start().starts_with("unsafe ") || line.contains("= unsafe {"));
        assert!(!says || granted.iter().any(|place| name.starts_with(place)), "{name} holds unsafe code");
    }
}
