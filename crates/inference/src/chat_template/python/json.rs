//! `json.dumps`.

use std::io::{Result, Write};

use serde::Serialize;
use serde_json::ser::Formatter;

use crate::vocabulary::MARKS;

/// How JSON is laid out.
pub(super) struct Style {
    ensure_ascii: bool,
    indent: Option<String>,
    item: String,
    key: String,
}

impl Style {
    pub(super) fn new(ensure_ascii: bool, indent: Option<String>, separators: Option<Vec<String>>) -> Self {
        let item = if indent.is_some() { "," } else { ", " };
        let mut separators = separators.unwrap_or_default().into_iter();
        let item = separators.next().unwrap_or_else(|| item.to_owned());
        let key = separators.next().unwrap_or_else(|| ": ".to_owned());
        Self { ensure_ascii, indent, item, key }
    }
}

pub(super) fn dumps(value: &serde_json::Value, style: &Style) -> serde_json::Result<String> {
    let mut bytes = Vec::new();
    let layout = Layout { style, depth: 0, filled: false };
    value.serialize(&mut serde_json::Serializer::with_formatter(&mut bytes, layout))?;
    String::from_utf8(bytes).map_err(serde::ser::Error::custom)
}

struct Layout<'a> {
    style: &'a Style,
    depth: usize,
    /// Whether the list or object that is being written has something in it.
    filled: bool,
}

impl Layout<'_> {
    fn line<W: ?Sized + Write>(&self, writer: &mut W) -> Result<()> {
        let Some(indent) = &self.style.indent else { return Ok(()) };
        writer.write_all(b"\n")?;
        (0..self.depth).try_for_each(|_| writer.write_all(indent.as_bytes()))
    }

    fn open<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth += 1;
        self.filled = false;
        writer.write_all(bracket)
    }

    fn close<W: ?Sized + Write>(&mut self, writer: &mut W, bracket: &[u8]) -> Result<()> {
        self.depth = self.depth.saturating_sub(1);
        if self.filled {
            self.line(writer)?;
        }
        self.filled = true;
        writer.write_all(bracket)
    }

    fn next<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        if !first {
            writer.write_all(self.style.item.as_bytes())?;
        }
        self.line(writer)
    }
}

impl Formatter for Layout<'_> {
    fn write_f64<W: ?Sized + Write>(&mut self, writer: &mut W, value: f64) -> Result<()> {
        writer.write_all(super::number_text(value).as_bytes())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, writer: &mut W, fragment: &str) -> Result<()> {
        if !self.style.ensure_ascii {
            return writer.write_all(fragment.as_bytes());
        }
        let mut units = [0; 2];
        for character in fragment.chars() {
            // The marks are taken out later, and must be found then.
            if character.is_ascii() || MARKS.contains(&character) {
                write!(writer, "{character}")?;
            } else {
                character.encode_utf16(&mut units).iter().try_for_each(|unit| write!(writer, "\\u{unit:04x}"))?;
            }
        }
        Ok(())
    }

    fn begin_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, b"[")
    }

    fn end_array<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.close(writer, b"]")
    }

    fn begin_array_value<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.next(writer, first)
    }

    fn end_array_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }

    fn begin_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.open(writer, b"{")
    }

    fn end_object<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        self.close(writer, b"}")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, writer: &mut W, first: bool) -> Result<()> {
        self.next(writer, first)
    }

    fn begin_object_value<W: ?Sized + Write>(&mut self, writer: &mut W) -> Result<()> {
        writer.write_all(self.style.key.as_bytes())
    }

    fn end_object_value<W: ?Sized + Write>(&mut self, _: &mut W) -> Result<()> {
        self.filled = true;
        Ok(())
    }
}
