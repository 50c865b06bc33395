mod element;
mod writer;

use ambit_domain::DocumentKind;
use html5gum::Tokenizer;
use html5gum::emitters::callback::{CallbackEmitter, CallbackEvent};
use memchr::memmem;

use self::element::Element;
use self::writer::Writer;
use crate::IngestError;
use crate::draft::{Draft, Unit};
use crate::limits::Limits;

pub(super) fn read(source: &str, limits: &Limits) -> Result<Draft, IngestError> {
    let mut draft = Draft::new(DocumentKind::Html, Unit::Lines, limits.max_text);
    add(&mut draft, source, Lines::OfSource, limits)?;
    Ok(draft)
}

/// What the marks of a draft count while HTML is added to it.
#[derive(Clone, Copy)]
pub(super) enum Lines {
    /// The lines of the HTML.
    OfSource,
    /// This page: the HTML is a chapter of a book.
    Page(u32),
}

/// Adds an HTML document. Where it has a `<main>` or `<article>`, only that is read besides the head.
pub(super) fn add(draft: &mut Draft, source: &str, lines: Lines, limits: &Limits) -> Result<(), IngestError> {
    let mut writer = Writer::new(draft, lines);
    let head = head_end(source);
    let main = main_start(source, head);
    if let Some((main, element)) = main {
        writer.only_main(element);
        tokenize(&mut writer, source, 0, if head == 0 { main } else { head }, limits)?;
        writer.leave_head();
        let before = writer.written();
        tokenize(&mut writer, source, main, source.len(), limits)?;
        writer.finish();
        if writer.written() > before {
            return Ok(());
        }
        // Nothing in it: it is filled by a script, and what there is stands elsewhere.
        writer = Writer::new(draft, lines);
        writer.head_is_read();
    }
    tokenize(&mut writer, source, 0, source.len(), limits)?;
    writer.finish();
    Ok(())
}

/// Where the head ends.
fn head_end(source: &str) -> usize {
    let bytes = source.as_bytes();
    memmem::find(bytes, b"</head").or_else(|| memmem::find(bytes, b"<body")).unwrap_or(0)
}

/// The first `<main>`, else the first `<article>`, that is not inside of a script or comment. What stands before is
/// never looked at: a third of a typical page, and none of it text.
fn main_start(source: &str, from: usize) -> Option<(usize, Element)> {
    let bytes = source.as_bytes();
    for (open, element) in [(&b"<main"[..], Element::Main), (&b"<article"[..], Element::Article)] {
        let found = memmem::find_iter(bytes.get(from..)?, open).map(|at| from + at).take(8).find(|at| {
            let ends = bytes.get(at + open.len()).is_some_and(|byte| *byte == b'>' || byte.is_ascii_whitespace());
            ends && !is_inside(bytes.get(..*at).unwrap_or_default(), b"<script", b"</script")
                && !is_inside(bytes.get(..*at).unwrap_or_default(), b"<!--", b"-->")
        });
        if let Some(found) = found {
            return Some((found, element));
        }
    }
    None
}

fn is_inside(before: &[u8], open: &[u8], close: &[u8]) -> bool {
    match memmem::rfind(before, open) {
        Some(opened) => memmem::find(before.get(opened..).unwrap_or_default(), close).is_none(),
        None => false,
    }
}

/// The parts of a start tag as they come.
#[derive(Default)]
struct Tag {
    element: Option<Element>,
    attribute: Attribute,
    attributes: element::Attributes,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Attribute {
    #[default]
    Other,
    Known(element::Name),
}

fn tokenize(writer: &mut Writer<'_>, source: &str, from: usize, to: usize, limits: &Limits) -> Result<(), IngestError> {
    let Some(part) = source.get(from..to) else { return Ok(()) };
    let mut lines = LineCounter::new(source, from);
    let mut tag = Tag::default();
    let mut events = 0_u32;
    let mut failure = None;
    let mut emitter = CallbackEmitter::new(|event: CallbackEvent<'_>, span: html5gum::Span<usize>| -> Option<()> {
        events = events.wrapping_add(1);
        if events.is_multiple_of(4096)
            && let Err(error) = limits.check()
        {
            failure = Some(error);
            return Some(());
        }
        match event {
            CallbackEvent::OpenStartTag { name } => {
                tag.element = Some(Element::of(name));
                tag.attributes.clear();
            }
            CallbackEvent::AttributeName { name } => {
                tag.attribute = element::Name::of(name).map_or(Attribute::Other, Attribute::Known);
                if let Attribute::Known(name) = tag.attribute {
                    tag.attributes.set(name, b"");
                }
            }
            CallbackEvent::AttributeValue { value } => {
                if let Attribute::Known(name) = tag.attribute {
                    tag.attributes.set(name, value);
                }
            }
            CallbackEvent::CloseStartTag { self_closing } => {
                if let Some(element) = tag.element.take() {
                    writer.open(element, &tag.attributes, self_closing);
                }
            }
            CallbackEvent::EndTag { name } => {
                if !writer.close(Element::of(name)) {
                    return Some(());
                }
            }
            CallbackEvent::String { value } => {
                if writer.wants_text() {
                    let first = lines.at(from + span.start);
                    let last = lines.at(from + span.end).max(first);
                    if !writer.text(value, first, last) {
                        return Some(());
                    }
                }
            }
            _ => {}
        }
        None
    });
    emitter.naively_switch_states(true);
    // The first token says to stop: the main content has ended, a limit is reached or time is up.
    let stopped = Tokenizer::new_with_emitter(part, emitter).next().is_some();
    match failure {
        Some(error) if stopped => Err(error),
        _ => Ok(()),
    }
}

/// Lines of rising offsets.
struct LineCounter<'a> {
    source: &'a [u8],
    offset: usize,
    line: u32,
}

impl<'a> LineCounter<'a> {
    fn new(source: &'a str, from: usize) -> Self {
        let mut counter = Self { source: source.as_bytes(), offset: 0, line: 1 };
        counter.at(from);
        counter
    }

    fn at(&mut self, offset: usize) -> u32 {
        let offset = offset.min(self.source.len());
        if offset > self.offset {
            let passed = self.source.get(self.offset..offset).unwrap_or_default();
            let breaks = memchr::memchr_iter(b'\n', passed).count();
            self.line = self.line.saturating_add(u32::try_from(breaks).unwrap_or(u32::MAX));
            self.offset = offset;
        }
        self.line
    }
}
