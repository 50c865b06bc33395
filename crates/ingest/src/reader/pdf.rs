mod guard;

use std::panic::{AssertUnwindSafe, catch_unwind};

use ambit_domain::DocumentKind;
use pdf_extract::{
    ColorSpace, Dictionary, Document, MediaBox, Object, OutputDev, OutputError, PlainTextOutput, Transform,
    output_doc_page,
};

use super::front_matter::person;
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Warnings about single pages that are kept.
const MOST_WARNINGS: usize = 20;

/// Reads the text of a PDF page by page.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Draft, IngestError> {
    let head = bytes.get(..1024).unwrap_or(bytes);
    if memchr::memmem::find(head, b"%PDF-").is_none() {
        return Err(IngestError::Damaged("it does not begin like a PDF".to_owned()));
    }
    guard::check_streams(bytes, limits)?;
    let mut document = Document::load_mem(bytes).map_err(|error| {
        let ended = memchr::memmem::rfind(bytes, b"%%EOF").is_none();
        let why = if ended { "its end is missing" } else { "its structure cannot be read" };
        IngestError::Damaged(format!("{why} ({error})"))
    })?;
    // Many documents are encrypted with an empty password, to forbid printing.
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(IngestError::Encrypted);
    }
    let pages: Vec<u32> = document.get_pages().into_keys().collect();
    if pages.is_empty() {
        return Err(IngestError::Damaged("it has no pages; its end may be missing".to_owned()));
    }
    guard::check_loops(&document)?;
    let mut draft = Draft::new(DocumentKind::Pdf, Unit::Pages, limits.max_text);
    properties(&mut draft, &document);
    let mut failed = 0_usize;
    for page in &pages {
        limits.check()?;
        let text = page_text(&document, *page, limits);
        limits.check()?;
        match text {
            Ok(text) => add_page(&mut draft, &text, *page),
            Err(reason) => {
                failed += 1;
                if failed <= MOST_WARNINGS {
                    draft.warnings.push(format!("page {page} could not be read: {reason}"));
                }
            }
        }
        if draft.is_full() {
            break;
        }
    }
    draft.end();
    if !draft.is_blank() {
        return Ok(draft);
    }
    match draft.warnings.first() {
        Some(warning) if failed == pages.len() => Err(IngestError::Damaged(warning.clone())),
        _ => Err(IngestError::Scanned { pages: pages.len() }),
    }
}

/// One page's text. A page that breaks the reader costs only itself.
fn page_text(document: &Document, page: u32, limits: &Limits) -> Result<String, String> {
    let read = catch_unwind(AssertUnwindSafe(|| {
        let mut text = String::new();
        let mut output = Limited { inner: PlainTextOutput::new(&mut text), limits, steps: 0 };
        output_doc_page(document, &mut output, page).map_err(|error| error.to_string())?;
        Ok(text)
    }));
    read.unwrap_or_else(|_| Err("the reader gave up on it".to_owned()))
}

/// Plain text, until the limits say to stop.
struct Limited<'a> {
    inner: PlainTextOutput<&'a mut String>,
    limits: &'a Limits,
    steps: u32,
}

impl Limited<'_> {
    fn step(&mut self) -> Result<(), OutputError> {
        self.steps = self.steps.wrapping_add(1);
        if self.steps.is_multiple_of(1024) && self.limits.check().is_err() {
            return Err(OutputError::FormatError(std::fmt::Error));
        }
        Ok(())
    }
}

impl OutputDev for Limited<'_> {
    fn begin_page(
        &mut self,
        page: u32,
        media_box: &MediaBox,
        art_box: Option<(f64, f64, f64, f64)>,
    ) -> Result<(), OutputError> {
        self.inner.begin_page(page, media_box, art_box)
    }

    fn end_page(&mut self) -> Result<(), OutputError> {
        self.inner.end_page()
    }

    fn output_character(
        &mut self,
        transform: &Transform,
        width: f64,
        spacing: f64,
        font_size: f64,
        character: &str,
    ) -> Result<(), OutputError> {
        self.step()?;
        self.inner.output_character(transform, width, spacing, font_size, character)
    }

    fn begin_word(&mut self) -> Result<(), OutputError> {
        self.inner.begin_word()
    }

    fn end_word(&mut self) -> Result<(), OutputError> {
        self.inner.end_word()
    }

    fn end_line(&mut self) -> Result<(), OutputError> {
        self.inner.end_line()
    }

    fn stroke(&mut self, _: &Transform, _: &ColorSpace, _: &[f64], _: &pdf_extract::Path) -> Result<(), OutputError> {
        self.step()
    }

    fn fill(&mut self, _: &Transform, _: &ColorSpace, _: &[f64], _: &pdf_extract::Path) -> Result<(), OutputError> {
        self.step()
    }
}

fn add_page(draft: &mut Draft, text: &str, page: u32) {
    for paragraph in text.split("\n\n") {
        let joined = joined_lines(paragraph);
        if !joined.is_empty() {
            draft.begin(BlockKind::Prose, "\n\n");
            draft.at(page);
            draft.push(&joined);
            draft.end();
        }
    }
}

/// Lines of a column become running text; a word that was divided at the end of a line becomes whole.
fn joined_lines(paragraph: &str) -> String {
    let mut joined = String::with_capacity(paragraph.len());
    for line in paragraph.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let divided = joined.ends_with('-')
            && joined.chars().rev().nth(1).is_some_and(char::is_alphabetic)
            && line.starts_with(char::is_lowercase);
        if divided {
            joined.pop();
        } else if !joined.is_empty() {
            joined.push(' ');
        }
        joined.push_str(line);
    }
    joined
}

fn properties(draft: &mut Draft, document: &Document) {
    let info = match document.trailer.get(b"Info") {
        Ok(Object::Reference(id)) => document.get_object(*id).and_then(Object::as_dict).ok(),
        Ok(Object::Dictionary(info)) => Some(info),
        _ => None,
    };
    let Some(info) = info else { return };
    draft.title = string(info, b"Title").filter(|title| !title.is_empty());
    if let Some(author) = string(info, b"Author").filter(|author| !author.is_empty()) {
        draft.outline.people.push(person(&author, None));
    }
    if let Some(keywords) = string(info, b"Keywords") {
        let tags = keywords.split([',', ';']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
        draft.outline.tags.extend(tags);
    }
}

/// A text string: UTF-16 with its mark, else UTF-8 or something close to Latin-1.
fn string(info: &Dictionary, key: &[u8]) -> Option<String> {
    let bytes = info.get(key).ok()?.as_str().ok()?;
    let text = match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest.chunks_exact(2).map(|pair| u16::from_be_bytes([pair[0], pair[1]])).collect();
            String::from_utf16_lossy(&units)
        }
        bytes => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode(bytes).0.into_owned(),
        },
    };
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    Some(text).filter(|text| !text.chars().any(char::is_control))
}
