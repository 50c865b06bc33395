//! One reader per format. Each turns bytes into a [`Draft`]; the chunker does the rest.

mod archive;
mod book;
mod code;
mod docx;
mod front_matter;
mod html;
mod json_lines;
mod markdown;
mod notebook;
mod pdf;
mod pptx;
mod text;
mod xlsx;
mod xml;

use std::path::Path;

use ambit_domain::port::TokenCounter;
use ambit_domain::{Cancellation, Extraction};

use crate::format::{Format, Guess, guess};
use crate::limits::Limits;
use crate::{FileSourceOptions, IngestError, chunk, decode};

/// Reads a file from memory; its path says what it is. Passages never hold more than [`TokenCounter::max_tokens`].
///
/// Pure and synchronous, with the default limits of [`FileSourceOptions`]. The readers are made for any input, but those of
/// strangers' formats may panic on broken files: [`crate::FileSource`] catches that.
///
/// # Errors
/// When there is no text to be had; [`IngestError::state`] tells on purpose from broken.
///
/// ```
/// use std::path::Path;
///
/// struct Words;
/// impl ambit_domain::port::TokenCounter for Words {
///     fn max_tokens(&self) -> usize { 100 }
///     fn count(&self, text: &str) -> usize { text.split_whitespace().count() }
/// }
///
/// let extraction = ambit_ingest::read_bytes(Path::new("a.md"), b"# Trees\n\nThey grow.\n", &Words)?;
/// assert_eq!(extraction.title.as_deref(), Some("Trees"));
/// assert_eq!(extraction.chunks[0].text, "They grow.");
/// assert_eq!(extraction.chunks[0].anchor.as_deref(), Some("trees"));
/// # Ok::<(), ambit_ingest::IngestError>(())
/// ```
pub fn read_bytes(path: &Path, bytes: &[u8], tokens: &dyn TokenCounter) -> Result<Extraction, IngestError> {
    let limits = Limits::new(&FileSourceOptions::default(), Cancellation::new());
    read_with(path, bytes, tokens, &limits)
}

/// Reads a file from memory under limits.
pub(crate) fn read_with(
    path: &Path,
    bytes: &[u8],
    tokens: &dyn TokenCounter,
    limits: &Limits,
) -> Result<Extraction, IngestError> {
    if is_private_key(bytes) {
        return Err(IngestError::PrivateKey);
    }
    let format = match guess(path) {
        Guess::Known(format) => format,
        Guess::NotText => return Err(IngestError::UnknownFormat),
        Guess::Unread => return Err(IngestError::UnreadFormat),
        Guess::Unknown if bytes.starts_with(b"%PDF-") => Format::Pdf,
        Guess::Unknown if decode::decode(bytes).is_ok() => Format::Text,
        Guess::Unknown => return Err(IngestError::UnknownFormat),
    };
    let draft = match format {
        Format::Text => text::read(&decode::decode(bytes)?, text::Cut::Paragraphs, limits)?,
        Format::Lines => text::read(&decode::decode(bytes)?, text::Cut::Lines, limits)?,
        Format::Markdown => markdown::read(&decode::decode(bytes)?, limits)?,
        Format::Html => html::read(&decode::decode(bytes)?, limits)?,
        Format::Pdf => pdf::read(bytes, limits)?,
        Format::Docx => docx::read(bytes, limits)?,
        Format::Pptx => pptx::read(bytes, limits)?,
        Format::Xlsx => xlsx::read(bytes, limits)?,
        Format::Epub => book::read(bytes, limits)?,
        Format::Notebook => notebook::read(&decode::decode(bytes)?, limits)?,
        Format::Code(language) => code::read(&decode::decode(bytes)?, language, limits)?,
    };
    chunk::extraction(draft, tokens, limits)
}

/// Whether this is the beginning of a JSON object with a private key in it, as services give them to programs.
fn holds_key_in_json(head: &[u8]) -> bool {
    let holds = |sought: &[u8]| head.windows(sought.len()).any(|window| window == sought);
    head.trim_ascii_start().starts_with(b"{") && holds(b"\"private_key\"") && holds(b"PRIVATE KEY-----")
}

/// Whether a file begins with the armour of a private key, or is the JSON of an account with one, whatever its name is.
fn is_private_key(bytes: &[u8]) -> bool {
    if holds_key_in_json(bytes.get(..8192).unwrap_or(bytes)) {
        return true;
    }
    let head = bytes.get(..512).unwrap_or(bytes);
    let head = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(head).trim_ascii_start();
    head.starts_with(b"PuTTY-User-Key-File")
        || (head.starts_with(b"-----BEGIN ")
            && head
                .split(|byte| *byte == b'\n')
                .next()
                .is_some_and(|line| line.windows(11).any(|window| window == b"PRIVATE KEY")))
}
