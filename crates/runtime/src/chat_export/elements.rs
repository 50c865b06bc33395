//! Takes the list that an export is apart, without reading it whole: one member after another, as it is written.

use std::io::{self, BufRead};

use memchr::memchr2;

/// Values in the largest member that is kept: parsed, each takes many times what it may be written with.
pub(super) const MOST_VALUES: usize = 2_000_000;

/// The members of a JSON list, or the one value that there is.
pub(super) struct Elements<R> {
    reader: R,
    /// Bytes of the largest member that is kept.
    limit: usize,
    state: Place,
    member: Vec<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Start,
    InList,
    End,
}

/// A member.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Element<'a> {
    /// As it is written.
    Whole(&'a [u8]),
    /// It has more bytes than the limit, and was passed over.
    TooLarge,
    /// It has more values than are read, and was passed over.
    TooMany,
}

/// Whether a member is within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Size {
    Fits,
    TooLarge,
    TooMany,
}

/// How far a member has been read.
#[derive(Debug, Default)]
struct Depth {
    open: usize,
    in_text: bool,
    is_escaped: bool,
    /// How many lists, objects and members of them have begun.
    values: usize,
}

impl Depth {
    /// Takes in a byte; true when it is the last of a list or an object that stands at no other's.
    fn closes(&mut self, byte: u8) -> bool {
        if self.in_text {
            self.in_text = self.is_escaped || byte != b'"';
            self.is_escaped = !self.is_escaped && byte == b'\\';
            return false;
        }
        self.values += usize::from(matches!(byte, b'[' | b'{' | b','));
        match byte {
            b'"' => self.in_text = true,
            b'[' | b'{' => self.open += 1,
            b']' | b'}' => {
                self.open = self.open.saturating_sub(1);
                return self.open == 0;
            }
            _ => {}
        }
        false
    }
}

impl<R: BufRead> Elements<R> {
    pub(super) fn new(reader: R, limit: usize) -> Self {
        Self { reader, limit, state: Place::Start, member: Vec::new() }
    }

    /// The next member; none at the end.
    ///
    /// # Errors
    /// [`io::ErrorKind::InvalidData`] when it is neither a list nor an object, [`io::ErrorKind::UnexpectedEof`] when it breaks
    /// off, and what the reader says.
    pub(super) fn next(&mut self) -> io::Result<Option<Element<'_>>> {
        if self.state == Place::Start {
            match self.first()? {
                b'{' => self.state = Place::End,
                b'[' => {
                    self.reader.consume(1);
                    self.state = Place::InList;
                }
                _ => return Err(io::Error::new(io::ErrorKind::InvalidData, "it is not JSON")),
            }
        } else if self.state == Place::End {
            return Ok(None);
        }
        if self.state == Place::InList {
            while self.after_space()? == b',' {
                self.reader.consume(1);
            }
            if self.after_space()? == b']' {
                self.reader.consume(1);
                self.state = Place::End;
                return Ok(None);
            }
        }
        Ok(Some(match self.member()? {
            Size::Fits => Element::Whole(&self.member),
            Size::TooLarge => Element::TooLarge,
            Size::TooMany => Element::TooMany,
        }))
    }

    /// The first byte that counts, behind a byte order mark.
    fn first(&mut self) -> io::Result<u8> {
        if self.reader.fill_buf()?.starts_with(&[0xef, 0xbb, 0xbf]) {
            self.reader.consume(3);
        }
        self.after_space()
    }

    /// The next byte that is no space, which stays there.
    fn after_space(&mut self) -> io::Result<u8> {
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Err(broken_off());
            }
            let (spaces, byte) = match buffer.iter().enumerate().find(|(_, byte)| !byte.is_ascii_whitespace()) {
                Some((at, byte)) => (at, Some(*byte)),
                None => (buffer.len(), None),
            };
            self.reader.consume(spaces);
            if let Some(byte) = byte {
                return Ok(byte);
            }
        }
    }

    /// Reads a member, or passes it over.
    fn member(&mut self) -> io::Result<Size> {
        self.member.clear();
        let (mut depth, mut size) = (Depth::default(), Size::Fits);
        loop {
            let buffer = self.reader.fill_buf()?;
            if buffer.is_empty() {
                return Err(broken_off());
            }
            let (mut end, mut at) = (None, 0);
            while let Some(rest) = buffer.get(at..).filter(|rest| !rest.is_empty()) {
                // In a text nothing counts but its end, and what escapes that.
                let skipped = if depth.in_text && !depth.is_escaped { memchr2(b'"', b'\\', rest) } else { Some(0) };
                let Some(skipped) = skipped else { break };
                at += skipped;
                let byte = buffer.get(at).copied().unwrap_or_default();
                // A number or a word ends where the next member or the list's end begins.
                if depth.open == 0 && !depth.in_text && matches!(byte, b',' | b']' | b'}') {
                    // What closes nothing is no member either; it is taken, so that there is always something behind it.
                    end = Some(if at == 0 && self.member.is_empty() { 1 } else { at });
                    break;
                }
                at += 1;
                if depth.closes(byte) {
                    end = Some(at);
                    break;
                }
            }
            let taken = end.unwrap_or(buffer.len());
            if size == Size::Fits && self.member.len() + taken > self.limit {
                size = Size::TooLarge;
            } else if size == Size::Fits && depth.values > MOST_VALUES {
                size = Size::TooMany;
            }
            if size == Size::Fits {
                self.member.extend_from_slice(buffer.get(..taken).unwrap_or_default());
            } else {
                self.member = Vec::new();
            }
            self.reader.consume(taken);
            if end.is_some() {
                return Ok(size);
            }
        }
    }
}

fn broken_off() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it breaks off")
}
