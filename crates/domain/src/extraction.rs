use serde::{Deserialize, Serialize};

use crate::{Span, Timestamp};

/// What a source file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum DocumentKind {
    /// Plain text.
    Text,
    /// Markdown.
    Markdown,
    /// HTML.
    Html,
    /// PDF.
    Pdf,
    /// Word.
    Docx,
    /// PowerPoint.
    Pptx,
    /// Excel.
    Xlsx,
    /// An electronic book.
    Epub,
    /// A Jupyter notebook.
    Notebook,
    /// Source code.
    Code,
}

impl DocumentKind {
    /// The wire form, for example `markdown`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Markdown => "markdown",
            Self::Html => "html",
            Self::Pdf => "pdf",
            Self::Docx => "docx",
            Self::Pptx => "pptx",
            Self::Xlsx => "xlsx",
            Self::Epub => "epub",
            Self::Notebook => "notebook",
            Self::Code => "code",
        }
    }

    /// The kind with this wire form.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [
            Self::Text,
            Self::Markdown,
            Self::Html,
            Self::Pdf,
            Self::Docx,
            Self::Pptx,
            Self::Xlsx,
            Self::Epub,
            Self::Notebook,
            Self::Code,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == name)
    }
}

/// What a reader found in one file: text in chunks, and the outline that the knowledge graph is filled from.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Extraction {
    /// What the file is.
    pub kind: DocumentKind,
    /// The natural or programming language, where known: `en`, `rust`.
    pub language: Option<String>,
    /// The title that the document gives itself.
    pub title: Option<String>,
    /// The text, cut along its structure, in reading order.
    pub chunks: Vec<Chunk>,
    /// Structure without the text.
    pub outline: Outline,
    /// What could not be read, although the rest could: "page 3 has no text".
    pub warnings: Vec<String>,
}

/// A piece of text that fits the embedder.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chunk {
    /// The text as a reader of the source would see it.
    pub text: String,
    /// The headings above, outermost first, or the enclosing symbols of code.
    pub breadcrumb: Vec<String>,
    /// The fragment that leads to this place in the source, without `#`.
    pub anchor: Option<String>,
    /// Where the text stands in the source.
    pub span: Span,
    /// Tokens of text and breadcrumb together, as the embedder counts them.
    pub tokens: u32,
}

/// A document's structure: what the knowledge graph is derived from. Stored beside the text in the state store.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Outline {
    /// Headings in reading order.
    pub headings: Vec<Heading>,
    /// Links to other places.
    pub links: Vec<Link>,
    /// Symbols that code defines.
    pub symbols: Vec<Symbol>,
    /// Symbols that code uses.
    pub references: Vec<SymbolReference>,
    /// People named by front matter, document properties or the version history.
    pub people: Vec<Person>,
    /// Tags and keywords of the front matter.
    pub tags: Vec<String>,
    /// Things that a saved page describes for machines: a product, a recipe, an event.
    pub things: Vec<Thing>,
}

/// A thing that a page describes for machines, in the words of schema.org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Thing {
    /// What it is: `Product`.
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What is said of it, each with its value: `price` and `9 €`.
    pub properties: Vec<(String, String)>,
}

/// A heading of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heading {
    /// 1 is the outermost.
    pub level: u8,
    /// The text of the heading.
    pub text: String,
    /// The fragment that leads to it, without `#`.
    pub anchor: Option<String>,
    /// Where it stands.
    pub span: Span,
}

/// A link from a document to another place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Link {
    /// As written in the source: a relative path, a URL, a fragment.
    pub target: String,
    /// The text of the link.
    pub text: String,
}

/// What kind of thing a symbol is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SymbolKind {
    /// A function or method.
    Function,
    /// A class, struct, enum, union or record.
    Type,
    /// A trait, interface or protocol.
    Interface,
    /// A module, namespace or package.
    Module,
    /// A constant or static.
    Constant,
    /// A macro.
    Macro,
}

impl SymbolKind {
    /// The wire form, for example `function`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Type => "type",
            Self::Interface => "interface",
            Self::Module => "module",
            Self::Constant => "constant",
            Self::Macro => "macro",
        }
    }
}

/// A symbol that source code defines.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Symbol {
    /// The name alone: `insert`.
    pub name: String,
    /// The names of the enclosing symbols, outermost first: `["HashMap"]`.
    pub container: Vec<String>,
    /// What it is.
    pub kind: SymbolKind,
    /// The lines of the whole definition.
    pub span: Span,
}

/// How a symbol is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum SymbolReferenceKind {
    /// A call.
    Call,
    /// An import, include or use.
    Import,
}

/// A use of a symbol in source code, by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SymbolReference {
    /// The name as written, without arguments: `insert`, `std::collections::HashMap`, `./view.js`.
    pub name: String,
    /// How it is used.
    pub kind: SymbolReferenceKind,
    /// The name of the innermost symbol around the use.
    pub within: Option<String>,
    /// Where the use stands.
    pub span: Span,
}

/// In which way a person belongs to a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PersonRole {
    /// Named as author by the document itself.
    Author,
    /// Committed a version of it.
    Contributor,
}

/// A person who belongs to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The mail address.
    pub email: Option<String>,
    /// In which way.
    pub role: PersonRole,
    /// When last.
    pub at: Option<Timestamp>,
}
