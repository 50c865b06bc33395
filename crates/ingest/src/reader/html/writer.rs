mod text;
mod title;

use super::Lines;
use super::element::{Attributes, Element, Name};
use crate::draft::{BlockKind, Draft};
use crate::reader::front_matter::person;

/// Marks beside headings and rules that only link to themselves.
const SELF_LINKS: &[&str] =
    &["rule-link", "headerlink", "permalink", "anchor-link", "hash-link", "self-link", "anchorjs-link", "test-link"];
/// Text that the page itself does not show: lines of code that only make an example compile.
const UNSEEN: &[&str] = &["boring", "visually-hidden", "sr-only", "screen-reader-text"];
/// An attribute value beyond this is no anchor, name or keyword.
const LONGEST_VALUE: usize = 1_000;
/// Bytes of a table's row.
const LONGEST_ROW: usize = 400;

/// Turns tags and text into a draft. Keeps counters and no stack of elements: hostile pages nest without end.
pub(super) struct Writer<'d> {
    draft: &'d mut Draft,
    lines: Lines,
    line: u32,
    /// The line on which the text ends that is being written. Its own line breaks may come from `&#10;`.
    last_line: u32,
    in_head: bool,
    head_done: bool,
    /// The element that holds the main content, and how many of it are open.
    main: Option<(Element, u32)>,
    /// The element that is passed over, and how many of it are open.
    skipped: Option<(Element, u32)>,
    preformatted: u32,
    lists: u32,
    in_cell: bool,
    /// No item or row of the list or table was seen yet.
    is_first: bool,
    title: Option<String>,
    site: Option<String>,
    heading: Option<Heading>,
    link: Option<(String, String)>,
    /// The id of the element that was just opened: where a heading follows at once, it is the heading's.
    last_id: Option<String>,
    /// White space was seen since the last word of the block.
    space: bool,
    kind: BlockKind,
    separator: &'static str,
    wants_block: bool,
}

struct Heading {
    level: u8,
    anchor: Option<String>,
    text: String,
    line: u32,
}

impl<'d> Writer<'d> {
    pub(super) fn new(draft: &'d mut Draft, lines: Lines) -> Self {
        let line = match lines {
            Lines::OfSource => 1,
            Lines::Page(page) => page,
        };
        Self {
            draft,
            lines,
            line,
            last_line: line,
            in_head: true,
            head_done: false,
            main: None,
            skipped: None,
            preformatted: 0,
            lists: 0,
            in_cell: false,
            is_first: false,
            title: None,
            site: None,
            heading: None,
            link: None,
            last_id: None,
            space: false,
            kind: BlockKind::Prose,
            separator: "\n\n",
            wants_block: true,
        }
    }

    /// Besides the head only what the element holds is read.
    pub(super) fn only_main(&mut self, element: Element) {
        self.main = Some((element, 0));
    }

    /// What follows is not the head.
    pub(super) fn leave_head(&mut self) {
        self.in_head = false;
        self.skipped = None;
    }

    /// The head was read before; its tags are not taken a second time.
    pub(super) fn head_is_read(&mut self) {
        self.head_done = true;
    }

    /// Bytes of text so far.
    pub(super) fn written(&self) -> usize {
        self.draft.text().len()
    }

    pub(super) fn wants_text(&self) -> bool {
        match self.skipped {
            None => self.main.is_none_or(|(_, depth)| depth > 0),
            Some((element, _)) => element == Element::Title,
        }
    }

    pub(super) fn finish(&mut self) {
        self.close_heading();
        self.draft.end();
        self.set_title();
    }

    pub(super) fn open(&mut self, element: Element, attributes: &Attributes, self_closing: bool) {
        if let Some((skipped, depth)) = &mut self.skipped {
            if *skipped == element && !self_closing {
                *depth = depth.saturating_add(1);
            }
            return;
        }
        if let Some((main, depth)) = &mut self.main {
            if *main == element {
                *depth = depth.saturating_add(1);
            }
            let of_head = matches!(element, Element::Html | Element::Meta | Element::Title | Element::Hidden(_));
            if *depth == 0 && !(self.in_head && of_head) {
                return;
            }
        }
        if self.is_unseen(element, attributes) {
            if !self_closing {
                self.skipped = Some((element, 1));
            }
            return;
        }
        if self.stays_in_cell(element) {
            self.remember(attributes);
            self.space = true;
            return;
        }
        match element {
            Element::Html => {
                if let Some(language) = attributes.get(Name::Lang).filter(|language| !language.is_empty()) {
                    let short = language.split(['-', '_']).next().unwrap_or(language);
                    self.draft.language = Some(short.to_ascii_lowercase());
                }
            }
            Element::Meta => self.meta(attributes),
            Element::Title => {
                if self.in_head && !self.head_done && self.title.is_none() {
                    self.title = Some(String::new());
                }
                self.skipped = Some((Element::Title, 1));
            }
            Element::Other => {}
            Element::Span => self.remember(attributes),
            Element::Heading(level) => self.open_heading(level, attributes),
            Element::Preformatted => {
                self.block(BlockKind::Lines, "\n\n");
                self.preformatted = self.preformatted.saturating_add(1);
            }
            Element::Break => self.line_break(),
            Element::Item => {
                let separator = self.separator_of_part();
                self.block(BlockKind::Prose, separator);
                self.remember(attributes);
                if self.lists > 0 && self.heading.is_none() && self.preformatted == 0 {
                    self.start_block();
                    self.draft.push("- ");
                }
            }
            Element::List => {
                self.lists = self.lists.saturating_add(1);
                self.block(BlockKind::Prose, if self.lists > 1 { "\n" } else { "\n\n" });
                self.is_first = self.lists == 1;
            }
            Element::Table => {
                self.block(BlockKind::Prose, "\n\n");
                self.is_first = true;
            }
            Element::Row => {
                self.in_cell = false;
                let separator = self.separator_of_part();
                self.block(BlockKind::Lines, separator);
            }
            Element::Cell => {
                self.in_cell = true;
                if self.draft.is_open() && !self.draft.at_block_start() && !self.wants_block {
                    self.draft.push(" | ");
                    self.space = false;
                }
            }
            Element::Anchor => self.open_link(attributes),
            Element::Image => {
                if let Some(alt) = attributes.get(Name::Alt).filter(|alt| !alt.trim().is_empty()) {
                    let alt = alt.to_owned();
                    self.words(alt.as_bytes());
                }
            }
            Element::Paragraph if self.after_bullet() => {}
            Element::Paragraph | Element::Block | Element::Section | Element::Main | Element::Article => {
                self.remember(attributes);
                if !self.after_bullet() {
                    self.block(BlockKind::Prose, "\n\n");
                }
            }
            Element::Footer => self.block(BlockKind::Prose, "\n\n"),
            Element::Navigation | Element::Hidden(_) => {}
        }
    }

    /// Whether to go on: after the end of the main content nothing follows.
    pub(super) fn close(&mut self, element: Element) -> bool {
        if let Some((skipped, depth)) = &mut self.skipped {
            if *skipped == element {
                *depth -= 1;
                if *depth == 0 {
                    self.skipped = None;
                }
            }
            return true;
        }
        if let Some((main, depth)) = &mut self.main
            && *main == element
        {
            *depth = depth.saturating_sub(1);
            if *depth == 0 {
                self.close_heading();
                self.draft.end();
                // Pages that list several articles go on.
                return element == Element::Article;
            }
        }
        if self.stays_in_cell(element) {
            self.space = true;
            return true;
        }
        match element {
            Element::Heading(_) => self.close_heading(),
            Element::Cell => self.in_cell = false,
            Element::Preformatted => {
                self.preformatted = self.preformatted.saturating_sub(1);
                self.block(BlockKind::Prose, "\n\n");
            }
            Element::List => {
                self.lists = self.lists.saturating_sub(1);
                self.block(BlockKind::Prose, if self.lists > 0 { "\n" } else { "\n\n" });
            }
            Element::Anchor => self.close_link(),
            Element::Paragraph
            | Element::Block
            | Element::Section
            | Element::Item
            | Element::Row
            | Element::Table
            | Element::Article
            | Element::Main
            | Element::Footer => self.block(BlockKind::Prose, "\n\n"),
            _ => {}
        }
        true
    }

    /// Whether there is room for more.
    pub(super) fn text(&mut self, value: &[u8], first_line: u32, last_line: u32) -> bool {
        if self.skipped.is_some() {
            if let Some(title) = &mut self.title
                && self.in_head
                && title.len() < LONGEST_VALUE
            {
                title.push_str(&String::from_utf8_lossy(value));
            }
            return true;
        }
        if matches!(self.lines, Lines::OfSource) {
            self.line = first_line;
            self.last_line = last_line;
        }
        if self.preformatted > 0 && self.heading.is_none() {
            self.verbatim(value);
        } else {
            self.words(value);
        }
        !self.draft.is_full()
    }

    /// Whether an element is a part of a table's row: paragraphs in cells don't tear it apart. Tables that only lay a page
    /// out have long cells, and are read like any other text.
    fn stays_in_cell(&self, element: Element) -> bool {
        self.in_cell
            && matches!(
                element,
                Element::Paragraph | Element::Block | Element::Section | Element::Item | Element::List | Element::Break
            )
            && (self.wants_block || self.draft.open_bytes() < LONGEST_ROW)
    }

    fn is_unseen(&self, element: Element, attributes: &Attributes) -> bool {
        match element {
            Element::Navigation | Element::Hidden(_) => true,
            Element::Footer => self.main.is_some(),
            Element::Block | Element::Section | Element::Span | Element::List => {
                attributes.has(Name::Hidden)
                    || attributes.get(Name::AriaHidden) == Some("true")
                    || attributes.has_class(UNSEEN)
                    || matches!(attributes.get(Name::Role), Some("navigation"))
            }
            Element::Anchor => {
                attributes.has_class(SELF_LINKS) && attributes.get(Name::Href).is_some_and(|href| href.starts_with('#'))
            }
            _ => false,
        }
    }

    /// Items and rows stand close together; the first one stands apart from what is above.
    fn separator_of_part(&mut self) -> &'static str {
        if std::mem::take(&mut self.is_first) { "\n\n" } else { "\n" }
    }

    fn meta(&mut self, attributes: &Attributes) {
        if self.head_done {
            return;
        }
        let Some(content) = attributes
            .get(Name::Content)
            .map(str::trim)
            .filter(|content| !content.is_empty() && content.len() <= LONGEST_VALUE)
        else {
            return;
        };
        let name = attributes.get(Name::Named).or_else(|| attributes.get(Name::Property)).unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "author" | "dc.creator" | "article:author" if !content.starts_with("http") => {
                self.draft.outline.people.push(person(content, None));
            }
            "keywords" | "article:tag" => {
                let tags = content.split(',').map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned);
                self.draft.outline.tags.extend(tags);
            }
            "og:site_name" => self.site = Some(content.to_owned()),
            _ => {}
        }
    }

    fn remember(&mut self, attributes: &Attributes) {
        if let Some(id) = attributes.get(Name::Id).filter(|id| !id.is_empty() && id.len() <= LONGEST_VALUE) {
            if self.heading.is_some() {
                self.heading_anchor(id);
            } else {
                self.last_id = Some(id.to_owned());
            }
        }
    }

    fn heading_anchor(&mut self, id: &str) {
        if let Some(heading) = &mut self.heading
            && heading.anchor.is_none()
        {
            heading.anchor = Some(id.to_owned());
        }
    }

    fn open_heading(&mut self, level: u8, attributes: &Attributes) {
        self.close_heading();
        self.draft.end();
        let own = attributes.get(Name::Id).filter(|id| !id.is_empty() && id.len() <= LONGEST_VALUE).map(str::to_owned);
        let anchor = own.or_else(|| self.last_id.take());
        self.space = false;
        self.heading = Some(Heading { level, anchor, text: String::new(), line: 0 });
    }

    fn close_heading(&mut self) {
        if let Some(heading) = self.heading.take() {
            let line = if heading.line == 0 { self.line } else { heading.line };
            self.draft.heading(heading.level, &heading.text, heading.anchor, line);
            self.block(BlockKind::Prose, "\n\n");
        }
    }

    fn open_link(&mut self, attributes: &Attributes) {
        self.close_link();
        if let Some(id) = attributes.get(Name::Id).or_else(|| attributes.get(Name::Named)).filter(|id| !id.is_empty()) {
            let id = id.to_owned();
            if self.heading.is_some() { self.heading_anchor(&id) } else { self.last_id = Some(id) }
        }
        let Some(href) = attributes.get(Name::Href) else { return };
        if self.heading.is_some() && href.starts_with('#') {
            let id = href.trim_start_matches('#').to_owned();
            if !id.is_empty() {
                self.heading_anchor(&id);
            }
            return;
        }
        if !href.starts_with("javascript:") && href.len() <= 2 * LONGEST_VALUE {
            self.link = Some((href.to_owned(), String::new()));
        }
    }

    fn close_link(&mut self) {
        if let Some((target, text)) = self.link.take() {
            self.draft.link(&target, &text);
        }
    }

    /// The next text begins a block.
    fn block(&mut self, kind: BlockKind, separator: &'static str) {
        // A block element inside of a heading ends it: its author forgot to.
        if self.heading.as_ref().is_some_and(|heading| !heading.text.is_empty()) {
            self.close_heading();
        }
        if self.preformatted > 0 {
            return;
        }
        self.draft.end();
        self.space = false;
        self.wants_block = true;
        self.kind = kind;
        self.separator = separator;
    }

    fn start_block(&mut self) {
        if self.wants_block || !self.draft.is_open() {
            self.draft.begin(self.kind, self.separator);
            self.draft.at(self.line);
            self.wants_block = false;
            self.space = false;
        }
    }

    /// Right behind the bullet of a list's item.
    fn after_bullet(&self) -> bool {
        !self.wants_block
            && self.lists > 0
            && !self.space
            && self.draft.is_open()
            && self.draft.last_byte() == Some(b' ')
    }

    fn line_break(&mut self) {
        if let Some(heading) = &mut self.heading {
            heading.text.push(' ');
        } else if self.preformatted > 0 || (self.draft.is_open() && !self.wants_block) {
            self.draft.push("\n");
            self.space = false;
        }
    }
}
