/// The longest line that is taken; an event of a text is a few hundred bytes.
const LONGEST: usize = 1 << 20;

/// Puts the lines of a stream of bytes together. A line ends with a line feed, before which a carriage return may stand.
#[derive(Debug, Default)]
pub(crate) struct Lines {
    waiting: Vec<u8>,
}

/// A line is longer than any event can be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TooLong;

impl Lines {
    /// The lines that these bytes complete. What is not UTF-8 becomes U+FFFD.
    pub(crate) fn push(&mut self, bytes: &[u8]) -> Result<Vec<String>, TooLong> {
        let mut lines = Vec::new();
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            self.waiting.extend_from_slice(&rest[..end]);
            lines.extend(self.take());
            rest = &rest[end + 1..];
        }
        self.waiting.extend_from_slice(rest);
        if self.waiting.len() > LONGEST { Err(TooLong) } else { Ok(lines) }
    }

    /// The line that the end of the stream completes.
    pub(crate) fn finish(&mut self) -> Option<String> {
        if self.waiting.is_empty() { None } else { self.take() }
    }

    fn take(&mut self) -> Option<String> {
        let mut line = std::mem::take(&mut self.waiting);
        if line.last() == Some(&b'\r') {
            line.pop();
        }
        Some(String::from_utf8_lossy(&line).into_owned())
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic, reason = "a test stops at the first surprise")]

    use super::*;

    #[test]
    fn lines_come_whole_however_they_are_cut() {
        let text = "data: héllo\r\n\ndata: x";
        for cut in 0..=text.len() {
            let mut lines = Lines::default();
            let mut all = lines.push(&text.as_bytes()[..cut]).unwrap();
            all.extend(lines.push(&text.as_bytes()[cut..]).unwrap());
            all.extend(lines.finish());
            assert_eq!(all, ["data: héllo", "", "data: x"], "cut at {cut}");
        }
    }

    #[test]
    fn a_line_without_end_is_refused() {
        let mut lines = Lines::default();
        let mut refused = false;
        for _ in 0..20 {
            refused |= lines.push(&[b'x'; 100_000]).is_err();
        }
        assert!(refused, "two megabytes without a line feed are taken");
    }
}
