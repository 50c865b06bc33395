/// For each cell of a notebook the lines of the file on which the strings of its `source` begin.
///
/// A parser of JSON gives values without their places; this walks the text once more and keeps only places. Anything
/// unexpected gives fewer places, never wrong ones beyond the shape `{"cells": [{"source": …}]}`.
pub(super) fn source_lines(json: &str) -> Vec<Vec<u32>> {
    Walk { bytes: json.as_bytes(), position: 0, line: 1 }.run()
}

struct Walk<'a> {
    bytes: &'a [u8],
    position: usize,
    line: u32,
}

impl<'a> Walk<'a> {
    fn run(mut self) -> Vec<Vec<u32>> {
        let mut cells: Vec<Vec<u32>> = Vec::new();
        // Depth 1 is the notebook, 2 the list of cells, 3 a cell, 4 its source.
        let mut depth = 0_usize;
        let mut in_cells = false;
        let mut in_source = false;
        let mut key: Option<&str> = None;
        while let Some(byte) = self.bytes.get(self.position).copied() {
            match byte {
                b'\n' => self.line = self.line.saturating_add(1),
                b'{' | b'[' => {
                    depth += 1;
                    match depth {
                        2 => in_cells = key == Some("cells") && byte == b'[',
                        3 if in_cells && byte == b'{' => cells.push(Vec::new()),
                        4 => in_source = in_cells && key == Some("source") && byte == b'[',
                        _ => {}
                    }
                    key = None;
                }
                b'}' | b']' => {
                    if depth == 4 {
                        in_source = false;
                    }
                    depth = depth.saturating_sub(1);
                    key = None;
                }
                b',' if depth <= 3 => key = None,
                b'"' => {
                    let line = self.line;
                    let string = self.string();
                    let is_source = (depth == 4 && in_source) || (depth == 3 && in_cells && key == Some("source"));
                    if is_source {
                        if let Some(cell) = cells.last_mut() {
                            cell.push(line);
                        }
                    } else if depth <= 3 && key.is_none() {
                        key = match string {
                            b"cells" => Some("cells"),
                            b"source" => Some("source"),
                            _ => Some(""),
                        };
                    }
                    continue;
                }
                _ => {}
            }
            self.position += 1;
        }
        cells
    }

    /// Passes a string and returns what is between its quotes.
    fn string(&mut self) -> &'a [u8] {
        self.position += 1;
        let start = self.position;
        while let Some(byte) = self.bytes.get(self.position) {
            match byte {
                b'\\' => self.position += 1,
                b'"' => break,
                b'\n' => self.line = self.line.saturating_add(1),
                _ => {}
            }
            self.position += 1;
        }
        let end = self.position.min(self.bytes.len());
        self.position += 1;
        let bytes: &'a [u8] = self.bytes;
        bytes.get(start..end).unwrap_or_default()
    }
}
