//! What is left out without being asked: secrets, which are told, and what nobody reads, which is not.
//!
//! Ignore files are the walk's own matter (`scan`); these rules look at names, and for build folders at what stands
//! beside them.

mod secrets;

use std::ffi::OsStr;
use std::path::{Component, Path};

/// What the rules say about a file or folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Nothing against it.
    Admitted,
    /// Left out, and not worth telling.
    Ignored,
    /// Left out, and the user may want to know.
    Secret(&'static str),
}

/// Hidden names that people write and look for.
const USEFUL_HIDDEN: &[&str] = &[
    ".github",
    ".gitlab",
    ".gitlab-ci.yml",
    ".circleci",
    ".devcontainer",
    ".ci",
    ".editorconfig",
    ".clippy.toml",
    ".rustfmt.toml",
    ".deny.toml",
    ".travis.yml",
    ".prettierrc",
    ".eslintrc",
    ".eslintrc.json",
    ".dockerignore",
];

/// Folders that only tools fill.
const JUNK_FOLDERS: &[&str] = &[
    "node_modules",
    "bower_components",
    "__pycache__",
    "__pypackages__",
    "CVS",
    "$RECYCLE.BIN",
    "System Volume Information",
];

/// Folders that a tool fills when its own file stands beside them.
const BUILD_FOLDERS: &[(&str, &[&str])] = &[
    ("target", &["Cargo.toml", "pom.xml", "build.sbt"]),
    ("dist", &["package.json", "pyproject.toml", "setup.py"]),
    ("build", &["package.json", "build.gradle", "build.gradle.kts", "pyproject.toml", "setup.py", "pubspec.yaml"]),
    ("out", &["package.json", "tsconfig.json"]),
    ("_build", &["mix.exs", "dune-project", "conf.py"]),
    ("_site", &["_config.yml"]),
    ("Pods", &["Podfile"]),
    ("vendor", &["composer.json", "Gemfile"]),
    ("deps", &["mix.exs"]),
];

/// Names of ignore files; when one of them changes, everything has to be looked at again.
pub(crate) fn is_ignore_file(path: &Path) -> bool {
    match path.file_name().and_then(OsStr::to_str) {
        Some(".gitignore" | ".ambitignore") => true,
        Some("exclude") => path.parent().is_some_and(|info| info.ends_with(".git/info")),
        _ => false,
    }
}

/// What names say, with what stands beside a folder.
pub(crate) fn verdict(path: &Path, is_folder: bool) -> Verdict {
    let named = by_name(path, is_folder);
    if named == Verdict::Admitted && is_folder && is_build_folder(path) { Verdict::Ignored } else { named }
}

/// What the names of all folders between the root and a path say, and its own.
pub(crate) fn verdict_below(root: &Path, path: &Path, is_folder: bool) -> Verdict {
    let Ok(below) = path.strip_prefix(root) else { return Verdict::Ignored };
    let mut current = root.to_owned();
    let mut components = below.components().peekable();
    while let Some(component) = components.next() {
        let Component::Normal(name) = component else { return Verdict::Ignored };
        current.push(name);
        let verdict = by_name(&current, is_folder || components.peek().is_some());
        if verdict != Verdict::Admitted {
            return verdict;
        }
    }
    Verdict::Admitted
}

fn by_name(path: &Path, is_folder: bool) -> Verdict {
    let Some(name) = path.file_name() else { return Verdict::Admitted };
    let Some(name) = name.to_str() else { return Verdict::Admitted };
    if let Some(reason) = secrets::reason(path, name, is_folder) {
        return Verdict::Secret(reason);
    }
    let hidden = name.starts_with('.') && !USEFUL_HIDDEN.contains(&name);
    let junk = if is_folder { JUNK_FOLDERS.contains(&name) } else { is_leftover(name) };
    if hidden || junk { Verdict::Ignored } else { Verdict::Admitted }
}

/// What editors and office programs put beside the file that is being edited.
fn is_leftover(name: &str) -> bool {
    name.ends_with('~') || name.starts_with("~$") || (name.starts_with('#') && name.ends_with('#')) || name == "4913"
}

fn is_build_folder(path: &Path) -> bool {
    // The mark that tools put into folders which they can fill again: https://bford.info/cachedir/
    if path.join("CACHEDIR.TAG").exists() || path.join("pyvenv.cfg").exists() {
        return true;
    }
    let Some(name) = path.file_name().and_then(OsStr::to_str) else { return false };
    let beside =
        |names: &[&str]| path.parent().is_some_and(|parent| names.iter().any(|name| parent.join(name).exists()));
    BUILD_FOLDERS.iter().any(|(folder, marks)| *folder == name && beside(marks))
}
