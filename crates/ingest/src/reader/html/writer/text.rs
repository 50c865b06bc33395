use super::{LONGEST_VALUE, Writer};
use crate::draft::BlockKind;
use crate::reader::html::Lines;

impl Writer<'_> {
    /// Text in which white space is one space.
    pub(super) fn words(&mut self, value: &[u8]) {
        let Ok(text) = std::str::from_utf8(value) else {
            let text = String::from_utf8_lossy(value).into_owned();
            self.words(text.as_bytes());
            return;
        };
        let bytes = text.as_bytes();
        let mut position = 0;
        while position < bytes.len() {
            // White space.
            while let Some(byte) = bytes.get(position).filter(|byte| byte.is_ascii_whitespace()) {
                if *byte == b'\n' {
                    self.next_line();
                }
                self.space = true;
                position += 1;
            }
            let start = position;
            // Words up to the next line break or double space, in one go.
            while let Some(byte) = bytes.get(position) {
                match byte {
                    b' ' if bytes.get(position + 1).is_some_and(|next| !next.is_ascii_whitespace()) => position += 1,
                    b' ' | b'\n' | b'\t' | b'\r' | 0x0c => break,
                    _ => position += 1,
                }
            }
            if start < position {
                self.word(text.get(start..position).unwrap_or_default());
            }
        }
    }

    /// A line break of the text: one of the source too, unless it came from `&#10;` or a lone carriage return.
    fn next_line(&mut self) {
        if matches!(self.lines, Lines::OfSource) && self.line < self.last_line {
            self.line += 1;
        }
    }

    fn word(&mut self, word: &str) {
        self.last_id = None;
        if let Some((_, label)) = &mut self.link
            && label.len() < LONGEST_VALUE
        {
            if self.space {
                label.push(' ');
            }
            label.push_str(word);
        }
        if let Some(heading) = &mut self.heading {
            if heading.text.is_empty() {
                heading.line = self.line;
            } else if self.space {
                heading.text.push(' ');
            }
            self.space = false;
            if heading.text.len() < LONGEST_VALUE {
                heading.text.push_str(word);
            }
            return;
        }
        self.start_block_kept_space();
        self.draft.at(self.line);
        self.draft.push(word);
    }

    fn start_block_kept_space(&mut self) {
        if self.wants_block || !self.draft.is_open() {
            self.start_block();
        } else if self.space {
            if !matches!(self.draft.last_byte(), None | Some(b' ' | b'\n')) {
                self.draft.push(" ");
            }
            self.space = false;
        }
    }

    pub(super) fn verbatim(&mut self, value: &[u8]) {
        let text = String::from_utf8_lossy(value);
        let mut text: &str = &text;
        if self.wants_block || !self.draft.is_open() {
            // HTML drops a line break right after the tag; lines of nothing but space say nothing either.
            while let Some((first, rest)) = text.split_once('\n')
                && first.trim().is_empty()
            {
                text = rest;
                self.next_line();
            }
            if text.is_empty() {
                return;
            }
            self.last_id = None;
            self.draft.begin(BlockKind::Lines, "\n\n");
            self.wants_block = false;
        }
        if let Some((_, label)) = &mut self.link
            && label.len() < LONGEST_VALUE
        {
            label.push_str(text);
        }
        for line in text.split_inclusive('\n') {
            self.draft.at(self.line);
            self.draft.push(line);
            if line.ends_with('\n') {
                self.next_line();
            }
        }
        self.space = false;
    }
}
