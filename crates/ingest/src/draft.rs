use std::ops::Range;

use ambit_domain::{DocumentKind, Heading, Link, Outline, Span};

/// More links or headings than this of one file say nothing more about it.
const MOST_OUTLINE_ITEMS: usize = 20_000;

/// How the text of a block may be cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BlockKind {
    /// Running text: at the ends of sentences.
    Prose,
    /// Code, tables, logs: between lines.
    Lines,
    /// The text of a section's heading.
    Heading,
}

/// A range of the draft's text that belongs together.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Block {
    pub(crate) kind: BlockKind,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// A heading, or a symbol of code, with the blocks below it up to the next one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Section {
    /// Headings from the outermost to its own.
    pub(crate) path: Vec<String>,
    pub(crate) anchor: Option<String>,
    /// The line or page of its heading.
    pub(crate) start: Option<u32>,
    /// Its blocks, the one of the heading first if there is one.
    pub(crate) blocks: Range<usize>,
}

/// Whether a draft counts lines or pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unit {
    Lines,
    Pages,
}

/// A document while it is read: one run of text, as a reader would see it, with marks that lead back to the source.
pub(crate) struct Draft {
    pub(crate) kind: DocumentKind,
    pub(crate) language: Option<String>,
    pub(crate) title: Option<String>,
    pub(crate) outline: Outline,
    pub(crate) warnings: Vec<String>,
    /// Whether sections at the outermost level may share a passage: symbols of code may, chapters may not.
    pub(crate) joins_outermost: bool,
    /// How good it is to cut before a line of the source, by line from 0; only for code.
    pub(crate) borders: Vec<u8>,
    unit: Unit,
    text: String,
    /// Text offset and the line or page that begins there, both rising.
    marks: Vec<(usize, u32)>,
    sections: Vec<Section>,
    blocks: Vec<Block>,
    open: Option<(BlockKind, usize)>,
    /// Level, text and anchor of the headings that are open.
    headings: Vec<(u8, String, Option<String>)>,
    max_text: usize,
    full: bool,
}

impl Draft {
    pub(crate) fn new(kind: DocumentKind, unit: Unit, max_text: usize) -> Self {
        Self {
            kind,
            language: None,
            title: None,
            outline: Outline::default(),
            warnings: Vec::new(),
            joins_outermost: false,
            borders: Vec::new(),
            unit,
            text: String::new(),
            marks: Vec::new(),
            sections: vec![Section::default()],
            blocks: Vec::new(),
            open: None,
            headings: Vec::new(),
            max_text,
            full: false,
        }
    }

    pub(crate) fn reserve(&mut self, bytes: usize) {
        self.text.reserve(bytes.min(self.max_text));
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    pub(crate) fn blocks(&self) -> &[Block] {
        &self.blocks
    }

    pub(crate) fn sections(&self) -> &[Section] {
        &self.sections
    }

    /// Whether the limit on text is reached; what comes after is dropped.
    pub(crate) fn is_full(&self) -> bool {
        self.full
    }

    pub(crate) fn is_blank(&self) -> bool {
        self.blocks.is_empty()
    }

    /// The span of a range of text.
    pub(crate) fn span(&self, start: u32, last: usize) -> Span {
        let end = self.line_at(last).max(start);
        self.one(start, end)
    }

    /// The line or page of an offset.
    pub(crate) fn line_at(&self, offset: usize) -> u32 {
        let after = self.marks.partition_point(|(start, _)| *start <= offset);
        after.checked_sub(1).and_then(|index| self.marks.get(index)).map_or(1, |(_, line)| *line)
    }

    pub(crate) fn mark_count(&self) -> usize {
        self.marks.len()
    }

    /// Marks from this one on, and the headings they belong to, point at most to this line.
    pub(crate) fn limit_lines(&mut self, from: usize, last: u32) {
        for (_, line) in self.marks.iter_mut().skip(from) {
            *line = (*line).min(last);
        }
        let unit = self.unit;
        for heading in self.outline.headings.iter_mut().rev().take_while(|heading| heading.span.end() > last) {
            heading.span = match unit {
                Unit::Lines => Span::Lines { start: heading.span.start().min(last), end: last },
                Unit::Pages => Span::Pages { start: heading.span.start().min(last), end: last },
            };
        }
        for section in
            self.sections.iter_mut().rev().take_while(|section| section.start.is_some_and(|start| start > last))
        {
            section.start = Some(last);
        }
    }

    fn one(&self, start: u32, end: u32) -> Span {
        match self.unit {
            Unit::Lines => Span::Lines { start, end },
            Unit::Pages => Span::Pages { start, end },
        }
    }

    /// Whether the block that is being written has no text yet.
    pub(crate) fn at_block_start(&self) -> bool {
        self.open.is_none_or(|(_, start)| start == self.text.len())
    }

    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Bytes of the block that is being written.
    pub(crate) fn open_bytes(&self) -> usize {
        self.open.map_or(0, |(_, start)| self.text.len().saturating_sub(start))
    }

    /// The last byte of the block that is being written.
    pub(crate) fn last_byte(&self) -> Option<u8> {
        let (_, start) = self.open?;
        if start == self.text.len() { None } else { self.text.as_bytes().last().copied() }
    }

    /// Opens a block; an open one is closed. Blocks stand `separator` apart.
    pub(crate) fn begin(&mut self, kind: BlockKind, separator: &str) {
        self.end();
        if !self.text.is_empty() {
            self.text.push_str(separator);
        }
        self.open = Some((kind, self.text.len()));
    }

    /// Closes the open block. One without text leaves nothing behind.
    pub(crate) fn end(&mut self) {
        let Some((kind, start)) = self.open.take() else { return };
        let kept = self.text.trim_end().len();
        if kept <= start {
            let before = self.blocks.last().map_or(0, |block| block.end);
            self.text.truncate(before);
        } else {
            self.text.truncate(kept);
            self.blocks.push(Block { kind, start, end: kept });
            if let Some(section) = self.sections.last_mut() {
                section.blocks.end = self.blocks.len();
            }
        }
        while self.marks.last().is_some_and(|(offset, _)| *offset > self.text.len()) {
            self.marks.pop();
        }
    }

    /// Says that what is written next stands on this line or page.
    pub(crate) fn at(&mut self, line: u32) {
        let offset = self.text.len();
        match self.marks.last_mut() {
            Some((_, last)) if *last == line => {}
            Some((start, last)) if *start == offset => *last = line,
            _ => self.marks.push((offset, line)),
        }
    }

    /// Writes text that has no line breaks, or whose line breaks are not the source's.
    pub(crate) fn push(&mut self, text: &str) {
        let room = self.max_text.saturating_sub(self.text.len());
        if text.len() <= room {
            self.text.push_str(text);
            return;
        }
        if !self.full {
            self.full = true;
            self.warnings.push(format!("only the first {} MB of text were read", self.max_text >> 20));
        }
        self.text.push_str(&text[..text.floor_char_boundary(room)]);
    }

    /// Writes text whose first line is `line` of the source, and whose line breaks are the source's.
    pub(crate) fn push_lines(&mut self, text: &str, mut line: u32) {
        for part in text.split_inclusive('\n') {
            self.at(line);
            self.push(part);
            line = line.saturating_add(1);
        }
    }

    /// A block of its own with the lines of the source.
    pub(crate) fn block(&mut self, kind: BlockKind, separator: &str, text: &str, line: u32) {
        self.begin(kind, separator);
        self.push_lines(text, line);
        self.end();
    }

    /// Opens a section with a heading: 1 is the outermost level.
    pub(crate) fn heading(&mut self, level: u8, text: &str, anchor: Option<String>, line: u32) {
        let text = text.trim();
        if text.is_empty() {
            return;
        }
        self.end();
        self.headings.retain(|(open, _, _)| *open < level);
        let inherited = self.headings.last().and_then(|(_, _, anchor)| anchor.clone());
        self.headings.push((level, text.to_owned(), anchor.clone().or(inherited)));
        if self.outline.headings.len() < MOST_OUTLINE_ITEMS {
            let span = self.one(line, line);
            self.outline.headings.push(Heading { level, text: text.to_owned(), anchor, span });
        }
        self.sections.push(Section {
            path: self.headings.iter().map(|(_, text, _)| text.clone()).collect(),
            anchor: self.headings.last().and_then(|(_, _, anchor)| anchor.clone()),
            start: Some(line),
            blocks: self.blocks.len()..self.blocks.len(),
        });
        self.begin(BlockKind::Heading, "\n\n");
        self.at(line);
        self.push(text);
        self.end();
    }

    /// Opens a section for symbols of code.
    pub(crate) fn scope(&mut self, path: Vec<String>) {
        self.end();
        self.sections.push(Section { path, blocks: self.blocks.len()..self.blocks.len(), ..Section::default() });
    }

    pub(crate) fn link(&mut self, target: &str, text: &str) {
        if !target.is_empty() && self.outline.links.len() < MOST_OUTLINE_ITEMS {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            self.outline.links.push(Link { target: target.to_owned(), text });
        }
    }
}
