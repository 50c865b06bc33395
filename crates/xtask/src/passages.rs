//! Real passages from the toolchain's documentation.

use std::path::{Path, PathBuf};

use ambit_domain::port::{DocumentRecord, TokenCounter};
use ambit_domain::{Chunk, RootId, Taint, Timestamp};
use ambit_inference::WordPieceCounter;
use anyhow::{Context as _, ensure};

use crate::place;

/// Folders of the toolchain's HTML documentation that are prose, the first ones first.
const PROSE: [&str; 11] = [
    "book",
    "reference",
    "rust-by-example",
    "nomicon",
    "cargo",
    "rustc",
    "rustdoc",
    "edition-guide",
    "embedded-book",
    "style-guide",
    "unstable-book",
];

/// Real passages to embed: pages of The Rust Book as the indexing cuts them, evenly
/// from the whole book, with their headings.
///
/// # Errors
/// When the documentation or the model's tokenizer is missing, or there are not as many passages.
pub fn texts_of_the_book(model: &Path, count: usize) -> anyhow::Result<Vec<String>> {
    let tokens = WordPieceCounter::open(model)?;
    let folder = place::rust_documentation()?;
    let mut texts = Vec::new();
    for path in pages(&folder.join("book"))? {
        texts.extend(read(&path, RootId(0), &tokens)?.extraction.chunks.iter().map(embedded_text));
    }
    ensure!(texts.len() >= count, "The Rust Book has only {} passages", texts.len());
    // Evenly from the whole book: its chapters differ in the length of their passages.
    Ok((0..count).map(|index| texts[index * texts.len() / count].clone()).collect())
}

/// Pages of the toolchain's documentation, until they have `passages` passages; the last page is cut there. The standard
/// library's pages follow the books.
///
/// # Errors
/// When the documentation or the model's tokenizer is missing, or there are not as many passages.
pub fn of_documentation(model: &Path, root: RootId, passages: usize) -> anyhow::Result<Vec<DocumentRecord>> {
    let tokens = WordPieceCounter::open(model)?;
    let folder = place::rust_documentation()?;
    let mut left = passages;
    let mut records = Vec::new();
    for name in PROSE.iter().chain(&["std"]) {
        for path in pages(&folder.join(name))? {
            let mut record = read(&path, root, &tokens)?;
            record.extraction.chunks.truncate(left);
            left -= record.extraction.chunks.len();
            if !record.extraction.chunks.is_empty() {
                records.push(record);
            }
            if left == 0 {
                return Ok(records);
            }
        }
    }
    anyhow::bail!("the documentation has {left} passages too few");
}

/// The text that is embedded for a chunk, as [`ambit_domain::Passage::embedding_text`] makes it.
fn embedded_text(chunk: &Chunk) -> String {
    let text = chunk.breadcrumb.join(" > ");
    if text.is_empty() { chunk.text.clone() } else { text + "\n" + &chunk.text }
}

/// HTML pages below a folder by path, without what repeats others.
fn pages(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if !folder.is_dir() {
        return Ok(found);
    }
    for entry in std::fs::read_dir(folder).with_context(|| format!("cannot read {}", folder.display()))? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            if !name.ends_with("-edition") {
                found.extend(pages(&entry.path())?);
            }
        } else if name.ends_with(".html") && name != "print.html" {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

fn read(path: &Path, root: RootId, tokens: &dyn TokenCounter) -> anyhow::Result<DocumentRecord> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let extraction = ambit_ingest::read_bytes(path, &bytes, tokens)
        .with_context(|| format!("cannot read the text of {}", path.display()))?;
    Ok(DocumentRecord {
        root,
        path: path.to_path_buf(),
        hash: blake3::hash(&bytes).to_hex().to_string(),
        size: bytes.len() as u64,
        modified: Timestamp(1_700_000_000_000),
        extraction,
        taint: Taint::Trusted,
    })
}
