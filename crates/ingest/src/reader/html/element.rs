/// The elements that the reader treats in a way of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reader) enum Element {
    Html,
    Title,
    Meta,
    Main,
    Article,
    /// 1 to 6.
    Heading(u8),
    Paragraph,
    /// Any other element that begins a line of its own.
    Block,
    Section,
    Item,
    List,
    Row,
    Cell,
    Table,
    Break,
    Preformatted,
    Anchor,
    Image,
    /// Navigation: never text.
    Navigation,
    /// The bottom of a page: not text where there is a main part.
    Footer,
    /// Scripts, styles, drawings, controls: never text.
    Hidden(Hidden),
    Span,
    Other,
}

/// Elements that are passed over with all they hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::reader) enum Hidden {
    Script,
    Style,
    Svg,
    Math,
    Template,
    NoScript,
    Frame,
    Object,
    Select,
    Button,
    Canvas,
    Audio,
    Video,
}

impl Element {
    pub(super) fn of(name: &[u8]) -> Self {
        match name {
            b"p" => Self::Paragraph,
            b"a" => Self::Anchor,
            b"span" => Self::Span,
            b"li" | b"dt" | b"dd" => Self::Item,
            b"pre" | b"xmp" | b"listing" => Self::Preformatted,
            b"h1" => Self::Heading(1),
            b"h2" => Self::Heading(2),
            b"h3" => Self::Heading(3),
            b"h4" => Self::Heading(4),
            b"h5" => Self::Heading(5),
            b"h6" => Self::Heading(6),
            b"br" => Self::Break,
            b"div" | b"blockquote" | b"figure" | b"figcaption" | b"details" | b"summary" | b"address" | b"fieldset"
            | b"header" | b"aside" | b"hgroup" | b"body" | b"hr" | b"form" | b"caption" | b"center" | b"dialog" => {
                Self::Block
            }
            b"section" => Self::Section,
            b"ul" | b"ol" | b"dl" | b"menu" => Self::List,
            b"tr" => Self::Row,
            b"td" | b"th" => Self::Cell,
            b"table" => Self::Table,
            b"img" => Self::Image,
            b"nav" => Self::Navigation,
            b"footer" => Self::Footer,
            b"main" => Self::Main,
            b"article" => Self::Article,
            b"html" => Self::Html,
            b"title" => Self::Title,
            b"meta" => Self::Meta,
            b"script" => Self::Hidden(Hidden::Script),
            b"style" => Self::Hidden(Hidden::Style),
            b"svg" => Self::Hidden(Hidden::Svg),
            b"math" => Self::Hidden(Hidden::Math),
            b"template" => Self::Hidden(Hidden::Template),
            b"noscript" => Self::Hidden(Hidden::NoScript),
            b"iframe" => Self::Hidden(Hidden::Frame),
            b"object" => Self::Hidden(Hidden::Object),
            b"select" => Self::Hidden(Hidden::Select),
            b"button" => Self::Hidden(Hidden::Button),
            b"canvas" => Self::Hidden(Hidden::Canvas),
            b"audio" => Self::Hidden(Hidden::Audio),
            b"video" => Self::Hidden(Hidden::Video),
            _ => Self::Other,
        }
    }
}

/// The attributes that are looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Name {
    Id,
    Href,
    Class,
    Hidden,
    AriaHidden,
    Lang,
    Alt,
    Named,
    Property,
    Content,
    Role,
}

impl Name {
    pub(super) fn of(name: &[u8]) -> Option<Self> {
        Some(match name {
            b"id" => Self::Id,
            b"href" => Self::Href,
            b"class" => Self::Class,
            b"hidden" => Self::Hidden,
            b"aria-hidden" => Self::AriaHidden,
            b"lang" | b"xml:lang" => Self::Lang,
            b"alt" => Self::Alt,
            b"name" => Self::Named,
            b"property" => Self::Property,
            b"content" => Self::Content,
            b"role" => Self::Role,
            _ => return None,
        })
    }
}

const NAMES: usize = 11;

/// The attributes of one tag; their memory is used again for the next.
#[derive(Default)]
pub(super) struct Attributes {
    values: [Vec<u8>; NAMES],
    present: [bool; NAMES],
}

impl Attributes {
    pub(super) fn clear(&mut self) {
        self.present = [false; NAMES];
    }

    pub(super) fn set(&mut self, name: Name, value: &[u8]) {
        if let (Some(slot), Some(present)) = (self.values.get_mut(name as usize), self.present.get_mut(name as usize)) {
            slot.clear();
            slot.extend_from_slice(value);
            *present = true;
        }
    }

    pub(super) fn has(&self, name: Name) -> bool {
        self.present.get(name as usize).copied().unwrap_or(false)
    }

    pub(super) fn get(&self, name: Name) -> Option<&str> {
        if !self.has(name) {
            return None;
        }
        self.values.get(name as usize).and_then(|value| std::str::from_utf8(value).ok())
    }

    pub(super) fn has_class(&self, classes: &[&str]) -> bool {
        self.get(Name::Class).is_some_and(|value| value.split_ascii_whitespace().any(|class| classes.contains(&class)))
    }
}
