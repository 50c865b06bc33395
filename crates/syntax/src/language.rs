use std::path::Path;
use std::sync::OnceLock;

use crate::grammar::Grammar;
use crate::{c, go, java, python, rust, script};

/// A programming language that can be parsed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Language {
    /// Rust.
    Rust,
    /// Python.
    Python,
    /// TypeScript.
    TypeScript,
    /// TypeScript with JSX.
    Tsx,
    /// JavaScript, with or without JSX.
    JavaScript,
    /// Go.
    Go,
    /// Java.
    Java,
    /// C.
    C,
    /// C++.
    Cpp,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Rust,
        Self::Python,
        Self::TypeScript,
        Self::Tsx,
        Self::JavaScript,
        Self::Go,
        Self::Java,
        Self::C,
        Self::Cpp,
    ];

    /// The language of a file, by its extension. A `.h` file counts as C.
    #[must_use]
    pub fn from_path(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?;
        // `.C` and `.H` are C++ by an old custom; everything else is compared without case.
        if matches!(extension, "C" | "H") {
            return Some(Self::Cpp);
        }
        Some(match extension.to_ascii_lowercase().as_str() {
            "rs" => Self::Rust,
            "py" | "pyi" | "pyw" => Self::Python,
            "ts" | "mts" | "cts" => Self::TypeScript,
            "tsx" => Self::Tsx,
            "js" | "mjs" | "cjs" | "jsx" => Self::JavaScript,
            "go" => Self::Go,
            "java" => Self::Java,
            "c" | "h" => Self::C,
            "cc" | "cpp" | "cxx" | "c++" | "hh" | "hpp" | "hxx" | "h++" | "ipp" | "tpp" | "inl" => Self::Cpp,
            _ => return None,
        })
    }

    /// The name that passages are filtered by: `rust`, `typescript`. TSX is TypeScript.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rust => "rust",
            Self::Python => "python",
            Self::TypeScript | Self::Tsx => "typescript",
            Self::JavaScript => "javascript",
            Self::Go => "go",
            Self::Java => "java",
            Self::C => "c",
            Self::Cpp => "cpp",
        }
    }

    /// Grammar and roles of its nodes, built once.
    pub(crate) fn grammar(self) -> &'static Grammar {
        static GRAMMARS: [OnceLock<Grammar>; 9] = [const { OnceLock::new() }; 9];
        GRAMMARS[self as usize].get_or_init(|| match self {
            Self::Rust => Grammar::new(tree_sitter_rust::LANGUAGE, rust::role, rust::TABLE),
            Self::Python => Grammar::new(tree_sitter_python::LANGUAGE, python::role, python::TABLE),
            Self::TypeScript => Grammar::new(tree_sitter_typescript::LANGUAGE_TYPESCRIPT, script::role, script::TABLE),
            Self::Tsx => Grammar::new(tree_sitter_typescript::LANGUAGE_TSX, script::role, script::TABLE),
            Self::JavaScript => Grammar::new(tree_sitter_javascript::LANGUAGE, script::role, script::TABLE),
            Self::Go => Grammar::new(tree_sitter_go::LANGUAGE, go::role, go::TABLE),
            Self::Java => Grammar::new(tree_sitter_java::LANGUAGE, java::role, java::TABLE),
            Self::C => Grammar::new(tree_sitter_c::LANGUAGE, c::role, c::TABLE),
            Self::Cpp => Grammar::new(tree_sitter_cpp::LANGUAGE, c::role, c::TABLE),
        })
    }
}
