//! Places in files: as the host cites them, as editors name them, and as links that open them.

use std::path::{Path, PathBuf};

use ambit_protocol::Span;
use ambit_protocol::domain::is_attachment;
use tower_lsp::lsp_types::Url;

/// What was handed over to the host under a path of its own: where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Given {
    /// The file, where it is one.
    pub(crate) file: Option<PathBuf>,
    /// The line of the file that is the first of what was handed over.
    pub(crate) first_line: u32,
}

/// A place that an answer stands on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Place {
    /// `notes.md:12-20`.
    pub(crate) label: String,
    /// The file and the line, where it is a file that can be opened.
    pub(crate) file: Option<(PathBuf, Option<u32>)>,
    /// What opens it.
    pub(crate) uri: Option<String>,
}

impl Place {
    /// The place that the host knows by a path and a span; `given` tells what was handed over under such a path.
    pub(crate) fn of(path: &str, span: Span, given: Option<&Given>) -> Self {
        let (file, span) = match given {
            Some(given) => (given.file.clone(), moved(span, given.first_line.saturating_sub(1))),
            None => ((!is_attachment(Path::new(path))).then(|| PathBuf::from(path)), span),
        };
        let name = Path::new(path).file_name().unwrap_or_default().to_string_lossy();
        let (label, fragment, line) = match span {
            Span::Lines { start, .. } => (format!("{name}:{span}"), format!("L{start}"), Some(start)),
            Span::Pages { start, .. } => (format!("{name}, {span}"), format!("page={start}"), None),
        };
        let uri = file.as_deref().and_then(|file| uri(file, Some(&fragment)));
        Self { label, file: file.map(|file| (file, line)), uri }
    }

    /// The place in Markdown: a link where it can be opened.
    pub(crate) fn markdown(&self) -> String {
        let label = plain(&self.label);
        match &self.uri {
            Some(uri) => format!("[{label}]({uri})"),
            None => format!("({label})"),
        }
    }
}

fn moved(span: Span, lines: u32) -> Span {
    match span {
        Span::Lines { start, end } => {
            Span::Lines { start: start.saturating_add(lines), end: end.saturating_add(lines) }
        }
        pages @ Span::Pages { .. } => pages,
    }
}

/// The address of a file, as it can stand in Markdown. None for a path that is not absolute.
pub(crate) fn uri(path: &Path, fragment: Option<&str>) -> Option<String> {
    let mut url = Url::from_file_path(path).ok()?;
    url.set_fragment(fragment);
    // These would end the link.
    let escaped = url.as_str().replace('(', "%28").replace(')', "%29");
    Some(escaped.replace('[', "%5B").replace(']', "%5D"))
}

/// A text that Markdown leaves as it is.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '\\' | '*' | '_' | '`' | '[' | ']' | '<' => plain.extend(['\\', letter]),
            letter if letter.is_control() => plain.push(' '),
            letter => plain.push(letter),
        }
    }
    plain
}

/// A text word for word, whatever is in it.
pub(crate) fn fenced(text: &str) -> String {
    let longest = text.split(|letter| letter != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}\n{}\n{fence}", text.trim_end())
}

/// A file, or some lines of it, as an editor names them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Named {
    pub(crate) path: PathBuf,
    /// The first line and the last, from 1.
    pub(crate) lines: Option<(u32, u32)>,
}

impl Named {
    /// The file that an address names; none when it names something else.
    pub(crate) fn read(uri: &str) -> Option<Self> {
        if uri.starts_with('/') {
            return Some(Self { path: uri.into(), lines: None });
        }
        let url = Url::parse(uri).ok().filter(|url| url.scheme() == "file")?;
        Some(Self { path: url.to_file_path().ok()?, lines: url.fragment().and_then(lines) })
    }
}

/// `L10`, `L10:20`, `L10-20` and `L10-L20`: editors have not agreed.
fn lines(fragment: &str) -> Option<(u32, u32)> {
    let range = fragment.strip_prefix('L')?;
    let (first, last) = range.split_once([':', '-']).unwrap_or((range, range));
    let (first, last) = (first.parse().ok()?, last.strip_prefix('L').unwrap_or(last).parse().ok()?);
    (1 <= first && first <= last).then_some((first, last))
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
