use std::collections::HashMap;

use ambit_domain::DocumentKind;
use pulldown_cmark::{Event, HeadingLevel, MetadataBlockKind, Options, Parser, Tag, TagEnd};

use super::front_matter;
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

pub(super) fn read(source: &str, limits: &Limits) -> Result<Draft, IngestError> {
    let mut draft = Draft::new(DocumentKind::Markdown, Unit::Lines, limits.max_text);
    draft.reserve(source.len());
    add(&mut draft, source, 1, limits)?;
    draft.end();
    if draft.title.is_none() {
        // A page of one topic opens with its title.
        let first = draft.outline.headings.first().filter(|first| first.level == 1);
        let only = draft.outline.headings.iter().filter(|heading| heading.level == 1).count() == 1;
        draft.title = first.filter(|_| only).map(|first| first.text.clone());
    }
    Ok(draft)
}

/// Adds Markdown that begins at a line of the source: a file, or a cell of a notebook.
pub(super) fn add(draft: &mut Draft, source: &str, first_line: u32, limits: &Limits) -> Result<(), IngestError> {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_HEADING_ATTRIBUTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS;
    let mut writer = Writer {
        draft,
        source: source.as_bytes(),
        offset: 0,
        line: first_line,
        items: Vec::new(),
        heading: None,
        link: None,
        metadata: None,
        in_code: false,
        in_cell: false,
        is_first: false,
        slugs: HashMap::new(),
    };
    for (index, (event, range)) in Parser::new_ext(source, options).into_offset_iter().enumerate() {
        if index.is_multiple_of(1024) {
            limits.check()?;
        }
        if writer.draft.is_full() {
            break;
        }
        let line = writer.line_of(range.start);
        writer.event(event, line);
    }
    writer.draft.end();
    Ok(())
}

struct OpenHeading {
    level: u8,
    id: Option<String>,
    text: String,
    line: u32,
}

struct Writer<'a> {
    draft: &'a mut Draft,
    source: &'a [u8],
    /// How far the source was counted, and the line there.
    offset: usize,
    line: u32,
    /// One per open list: the number of the next item, or none for bullets.
    items: Vec<Option<u64>>,
    heading: Option<OpenHeading>,
    link: Option<(String, String)>,
    metadata: Option<(MetadataBlockKind, String)>,
    in_code: bool,
    in_cell: bool,
    /// No item or row of the list or table was seen yet.
    is_first: bool,
    slugs: HashMap<String, usize>,
}

impl Writer<'_> {
    fn line_of(&mut self, offset: usize) -> u32 {
        let count = |from: usize, to: usize| {
            let breaks = memchr::memchr_iter(b'\n', self.source.get(from..to).unwrap_or_default()).count();
            u32::try_from(breaks).unwrap_or(u32::MAX)
        };
        if offset >= self.offset {
            self.line = self.line.saturating_add(count(self.offset, offset));
        } else {
            // Footnotes and the ends of containers are told out of order.
            self.line = self.line.saturating_sub(count(offset, self.offset));
        }
        self.offset = offset;
        self.line
    }

    fn event(&mut self, event: Event<'_>, line: u32) {
        match event {
            Event::Start(tag) => self.start(tag, line),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text, line),
            Event::Code(text) | Event::InlineMath(text) | Event::DisplayMath(text) => self.inline(&text, line),
            Event::Html(html) => self.html(&html, line),
            Event::InlineHtml(_) | Event::FootnoteReference(_) => {}
            Event::SoftBreak => self.inline(" ", line),
            Event::HardBreak => self.inline("\n", line),
            Event::Rule => self.draft.end(),
            Event::TaskListMarker(done) => self.inline(if done { "[x] " } else { "[ ] " }, line),
        }
    }

    fn start(&mut self, tag: Tag<'_>, line: u32) {
        match tag {
            Tag::Paragraph => {
                // The paragraph of a list item goes on behind the bullet.
                if !(self.draft.is_open() && self.after_bullet()) {
                    self.draft.begin(BlockKind::Prose, "\n\n");
                }
            }
            Tag::Heading { level, id, .. } => {
                self.heading = Some(OpenHeading {
                    level: level_of(level),
                    id: id.map(|id| id.to_string()),
                    text: String::new(),
                    line,
                });
            }
            Tag::CodeBlock(_) => {
                self.in_code = true;
                self.draft.begin(BlockKind::Lines, "\n\n");
            }
            Tag::List(first) => {
                self.items.push(first);
                self.is_first = self.items.len() == 1;
            }
            Tag::Item => {
                let separator = self.separator_of_part();
                self.draft.begin(BlockKind::Prose, separator);
                self.draft.at(line);
                let indent = "  ".repeat(self.items.len().saturating_sub(1).min(8));
                let bullet = match self.items.last_mut() {
                    Some(Some(number)) => {
                        let bullet = format!("{indent}{number}. ");
                        *number = number.saturating_add(1);
                        bullet
                    }
                    _ => format!("{indent}- "),
                };
                self.draft.push(&bullet);
            }
            Tag::TableHead | Tag::TableRow => {
                let separator = self.separator_of_part();
                self.draft.begin(BlockKind::Lines, separator);
                self.draft.at(line);
            }
            Tag::TableCell => {
                if !self.draft.at_block_start() {
                    self.draft.push(" | ");
                }
                self.in_cell = true;
            }
            Tag::Table(_) => self.is_first = true,
            Tag::FootnoteDefinition(_) | Tag::HtmlBlock => self.draft.begin(BlockKind::Prose, "\n\n"),
            Tag::Link { dest_url, .. } => self.link = Some((dest_url.to_string(), String::new())),
            Tag::MetadataBlock(kind) => self.metadata = Some((kind, String::new())),
            _ => {}
        }
    }

    /// Items and rows stand close together; the first one stands apart from what is above.
    fn separator_of_part(&mut self) -> &'static str {
        if std::mem::take(&mut self.is_first) { "\n\n" } else { "\n" }
    }

    fn after_bullet(&self) -> bool {
        self.draft.last_byte() == Some(b' ') && !self.items.is_empty()
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => {
                let Some(heading) = self.heading.take() else { return };
                let slug = heading.id.unwrap_or_else(|| slug(&heading.text));
                let anchor = self.unique(slug);
                self.draft.heading(heading.level, &heading.text, anchor, heading.line);
            }
            TagEnd::CodeBlock => {
                self.in_code = false;
                self.draft.end();
            }
            TagEnd::List(_) => {
                self.items.pop();
                self.draft.end();
            }
            TagEnd::TableCell => self.in_cell = false,
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableHead | TagEnd::TableRow | TagEnd::HtmlBlock => {
                self.draft.end()
            }
            TagEnd::Link => {
                if let Some((target, text)) = self.link.take() {
                    self.draft.link(&target, &text);
                }
            }
            TagEnd::MetadataBlock(_) => match self.metadata.take() {
                Some((MetadataBlockKind::YamlStyle, text)) => front_matter::yaml(self.draft, &text),
                Some((MetadataBlockKind::PlusesStyle, text)) => front_matter::toml(self.draft, &text),
                None => {}
            },
            _ => {}
        }
    }

    fn text(&mut self, text: &str, line: u32) {
        if let Some((_, metadata)) = &mut self.metadata {
            metadata.push_str(text);
        } else if self.in_code {
            self.draft.push_lines(text, line);
        } else {
            self.inline(text, line);
        }
    }

    fn inline(&mut self, text: &str, line: u32) {
        if let Some((_, label)) = &mut self.link {
            label.push_str(text);
        }
        if let Some(heading) = &mut self.heading {
            heading.text.push_str(text);
            return;
        }
        if !self.draft.is_open() {
            self.draft.begin(BlockKind::Prose, "\n\n");
        }
        self.draft.at(line);
        let text = if self.in_cell && text == "\n" { " " } else { text };
        self.draft.push(text);
    }

    /// The text between the tags of an HTML block.
    fn html(&mut self, html: &str, line: u32) {
        let mut rest = html;
        while let Some(open) = rest.find('<') {
            let (before, tag) = rest.split_at(open);
            if !before.trim().is_empty() {
                self.inline(before, line);
            }
            let close =
                if tag.starts_with("<!--") { tag.find("-->").map(|at| at + 3) } else { tag.find('>').map(|at| at + 1) };
            rest = close.and_then(|close| tag.get(close..)).unwrap_or_default();
            // Tags of blocks divide words as a space would.
            if self.draft.is_open() && !matches!(self.draft.last_byte(), None | Some(b' ' | b'\n')) {
                self.inline(" ", line);
            }
        }
        if !rest.trim().is_empty() {
            self.inline(rest, line);
        }
    }

    /// A second heading with the same slug gets `-1`, as on GitHub.
    fn unique(&mut self, slug: String) -> Option<String> {
        if slug.is_empty() {
            return None;
        }
        let seen = self.slugs.entry(slug.clone()).or_insert(0);
        let unique = if *seen == 0 { slug } else { format!("{slug}-{seen}") };
        *seen += 1;
        Some(unique)
    }
}

fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// The anchor that GitHub gives a heading: small letters, digits, `-` and `_`; a space becomes `-`.
fn slug(heading: &str) -> String {
    heading
        .trim()
        .chars()
        .filter_map(|character| match character {
            ' ' => Some('-'),
            '-' | '_' => Some(character),
            _ if character.is_alphanumeric() => Some(character),
            _ => None,
        })
        .flat_map(char::to_lowercase)
        .collect()
}
