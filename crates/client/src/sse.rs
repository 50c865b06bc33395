/// An event of a stream, as it came over the wire.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SseEvent {
    /// Its name; `message` when the sender gave none.
    pub name: String,
    /// Its data; the lines of several `data` fields are joined by line feeds.
    pub data: String,
}

/// Turns the bytes of a `text/event-stream` into events, as the WHATWG's HTML standard says (section 9.2.6): any of CRLF,
/// LF and CR ends a line, a line that begins with a colon is a comment, and an empty line ends an event. Bytes may be cut
/// anywhere, also within a character.
///
/// ```
/// let mut parser = ambit_client::SseParser::default();
/// assert!(parser.push(b"event: text\ndata: {\"text\"").unwrap().is_empty());
/// let events = parser.push(b":\"hi\"}\n\n").unwrap();
/// assert_eq!((events[0].name.as_str(), events[0].data.as_str()), ("text", "{\"text\":\"hi\"}"));
/// ```
#[derive(Debug, Default)]
pub struct SseParser {
    line: Vec<u8>,
    name: String,
    data: Option<String>,
    size: usize,
    after_return: bool,
    begun: bool,
}

/// The longest event that is read, in bytes.
const MAX_EVENT: usize = 32 << 20;

impl SseParser {
    /// Reads more bytes; returns the events that they complete.
    ///
    /// # Errors
    /// A message when an event is longer than 32 MiB or a line is not UTF-8.
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<SseEvent>, String> {
        let mut events = Vec::new();
        let mut rest = bytes;
        if self.after_return && !rest.is_empty() {
            self.after_return = false;
            rest = rest.strip_prefix(b"\n").unwrap_or(rest);
        }
        while let Some(end) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
            self.extend(&rest[..end])?;
            events.extend(self.end_line()?);
            let was_return = rest[end] == b'\r';
            rest = &rest[end + 1..];
            if was_return {
                self.after_return = rest.is_empty();
                rest = rest.strip_prefix(b"\n").unwrap_or(rest);
            }
        }
        self.extend(rest)?;
        Ok(events)
    }

    fn extend(&mut self, bytes: &[u8]) -> Result<(), String> {
        self.size += bytes.len();
        if self.size > MAX_EVENT {
            return Err(format!("an event is longer than {} MiB", MAX_EVENT >> 20));
        }
        self.line.extend_from_slice(bytes);
        Ok(())
    }

    fn end_line(&mut self) -> Result<Option<SseEvent>, String> {
        let line = std::mem::take(&mut self.line);
        let text = String::from_utf8(line).map_err(|_| "a line is not UTF-8".to_owned())?;
        let text = if std::mem::replace(&mut self.begun, true) { &text } else { text.trim_start_matches('\u{feff}') };
        if text.is_empty() {
            return Ok(self.end_event());
        }
        let (field, value) = text.split_once(':').unwrap_or((text, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" => match &mut self.data {
                Some(data) => {
                    data.push('\n');
                    data.push_str(value);
                }
                None => self.data = Some(value.to_owned()),
            },
            // Comments have an empty field name. `id` and `retry` serve reconnecting, which these streams do not do.
            _ => {}
        }
        Ok(None)
    }

    fn end_event(&mut self) -> Option<SseEvent> {
        self.size = 0;
        let name = std::mem::take(&mut self.name);
        let data = self.data.take()?;
        Some(SseEvent { name: if name.is_empty() { "message".to_owned() } else { name }, data })
    }
}
