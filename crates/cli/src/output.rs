use std::io::{self, IsTerminal, Write};

use serde::Serialize;

use crate::arguments::When;

/// Standard output, with colours when a person looks at it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Output {
    pub(crate) json: bool,
    colored: bool,
}

/// How a piece of text stands out.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Style {
    Strong,
    Faint,
    Good,
    Advice,
    Bad,
    Source,
}

impl Style {
    fn code(self) -> &'static str {
        match self {
            Self::Strong => "1",
            Self::Faint => "2",
            Self::Good => "32",
            Self::Advice => "33",
            Self::Bad => "31",
            Self::Source => "36",
        }
    }
}

impl Output {
    pub(crate) fn new(json: bool, color: When) -> Self {
        let colored = match color {
            When::Always => true,
            When::Never => false,
            // https://no-color.org asks programs to heed this.
            When::Auto => io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|it| it.is_empty()),
        };
        Self { json, colored }
    }

    /// Text in a style, or as it is where no colours are wanted. What comes from files has its control characters
    /// taken out, so that a document cannot steer the terminal.
    pub(crate) fn paint(self, style: Style, text: &str) -> String {
        let text = printable(text);
        if self.colored { format!("\u{1b}[{}m{text}\u{1b}[0m", style.code()) } else { text }
    }

    pub(crate) fn line(self, text: impl AsRef<str>) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        stream.write_all(text.as_ref().as_bytes())?;
        stream.write_all(b"\n")
    }

    /// Text without a line end, shown at once.
    pub(crate) fn piece(self, text: &str) -> io::Result<()> {
        let mut stream = io::stdout().lock();
        stream.write_all(printable(text).as_bytes())?;
        stream.flush()
    }

    pub(crate) fn value(self, value: &impl Serialize) -> io::Result<()> {
        self.line(serde_json::to_string(value)?)
    }

    /// Rows in columns that are as wide as their widest cell.
    pub(crate) fn table(self, rows: &[Vec<String>]) -> io::Result<()> {
        let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
        let width = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(|it| visible(it)).max();
        let widths: Vec<usize> = (0..columns).map(|column| width(column).unwrap_or_default()).collect();
        for row in rows {
            let mut line = String::new();
            for (column, cell) in row.iter().enumerate() {
                line.push_str(cell);
                if column + 1 < row.len() {
                    line.push_str(&" ".repeat(widths[column] - visible(cell) + 2));
                }
            }
            self.line(line.trim_end())?;
        }
        Ok(())
    }
}

/// A message for the person at the terminal, beside the results.
pub(crate) fn note(text: impl AsRef<str>) {
    let mut stream = io::stderr().lock();
    // Nobody is left to tell when standard error is gone.
    writeln!(stream, "{}", text.as_ref()).ok();
}

/// Without control characters other than line ends and tabs.
pub(crate) fn printable(text: &str) -> String {
    text.chars().filter(|character| !character.is_control() || matches!(character, '\n' | '\t')).collect()
}

/// Characters that take a place on the screen; colour codes do not.
fn visible(text: &str) -> usize {
    let mut count = 0;
    let mut in_code = false;
    for character in text.chars() {
        match (in_code, character) {
            (false, '\u{1b}') => in_code = true,
            (false, _) => count += 1,
            (true, 'm') => in_code = false,
            (true, _) => {}
        }
    }
    count
}

/// A count with its noun: `1 file`, `2 files`.
pub(crate) fn counted(number: u64, noun: &str) -> String {
    if number == 1 { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// Bytes for people, in powers of 1000.
pub(crate) fn bytes(number: u64) -> String {
    let mut value = number as f64;
    for unit in ["B", "kB", "MB", "GB"] {
        if value < 1000.0 {
            return if unit == "B" { format!("{number} B") } else { format!("{value:.1} {unit}") };
        }
        value /= 1000.0;
    }
    format!("{value:.1} TB")
}

/// A point in time, to the second, in UTC.
pub(crate) fn time(millis: i64) -> String {
    match jiff::Timestamp::from_second(millis.div_euclid(1000)) {
        Ok(moment) => moment.to_string(),
        Err(_) => millis.to_string(),
    }
}
