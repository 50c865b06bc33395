//! Languages whose code counts for each other.

use std::path::Path;

/// Languages that are written alike.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Family {
    /// How the names of its files end.
    pub(crate) endings: &'static [&'static str],
}

/// Ways that editors call the languages of a family, and how the names of its files end.
const FAMILIES: [(&[&str], &[&str]); 19] = [
    (&["rust"], &["rs"]),
    (&["python"], &["py", "pyi"]),
    (
        &["javascript", "typescript", "javascriptreact", "typescriptreact", "svelte", "vue"],
        &["js", "mjs", "cjs", "jsx", "ts", "mts", "tsx", "svelte", "vue"],
    ),
    (&["c", "cpp", "objective-c", "cuda-cpp"], &["c", "h", "cc", "cpp", "cxx", "hh", "hpp", "hxx", "m", "cu"]),
    (&["go"], &["go"]),
    (&["java", "kotlin"], &["java", "kt", "kts"]),
    (&["csharp"], &["cs"]),
    (&["ruby"], &["rb"]),
    (&["php"], &["php"]),
    (&["swift"], &["swift"]),
    (&["scala"], &["scala", "sbt"]),
    (&["lua"], &["lua"]),
    (&["shellscript", "sh", "bash", "zsh"], &["sh", "bash", "zsh"]),
    (&["html", "css", "scss", "less"], &["html", "css", "scss", "less"]),
    (&["haskell"], &["hs"]),
    (&["elixir"], &["ex", "exs"]),
    (&["dart"], &["dart"]),
    (&["zig"], &["zig"]),
    (&["sql"], &["sql"]),
];

impl Family {
    /// The family of a document, by what the editor calls its language, or else by its name.
    pub(crate) fn of(language: &str, path: Option<&Path>) -> Option<Self> {
        let ending = path.and_then(|path| path.extension()).and_then(|ending| ending.to_str()).unwrap_or_default();
        let named = FAMILIES.iter().find(|(languages, _)| languages.contains(&language));
        let found = named.or_else(|| FAMILIES.iter().find(|(_, endings)| endings.contains(&ending)));
        found.map(|(_, endings)| Self { endings })
    }

    /// The endings, as a port takes them.
    pub(crate) fn owned_endings(self) -> Vec<String> {
        self.endings.iter().map(|&ending| ending.to_owned()).collect()
    }
}
