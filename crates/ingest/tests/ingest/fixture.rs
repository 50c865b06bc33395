//! What the tests stand on: a token counter, streams without a runtime, and files in formats made by hand.

use std::fmt::Write as _;
use std::io::{Cursor, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;
use std::time::{Duration, Instant};

use ambit_domain::port::{Candidate, Found, ReadOutcome, Reading, Source, TokenCounter};
use ambit_domain::{BoxStream, Cancellation, DocumentState, Extraction};
use ambit_ingest::{FileSource, FileSourceOptions, read_bytes};

/// Counts words and marks, as WordPiece does before it looks into words.
pub struct Words(pub usize);

impl TokenCounter for Words {
    fn max_tokens(&self) -> usize {
        self.0
    }

    fn count(&self, text: &str) -> usize {
        let mut tokens = 0;
        let mut in_word = false;
        for byte in text.bytes() {
            let word = byte.is_ascii_alphanumeric() || byte >= 0x80;
            if word {
                tokens += usize::from(!in_word);
            } else {
                tokens += usize::from(!byte.is_ascii_whitespace());
            }
            in_word = word;
        }
        tokens
    }
}

pub fn read(name: &str, bytes: &[u8]) -> Extraction {
    read_bytes(Path::new(name), bytes, &Words(254)).unwrap_or_else(|error| panic!("{name} {error}"))
}

pub fn refusal(name: &str, bytes: &[u8]) -> String {
    match read_bytes(Path::new(name), bytes, &Words(254)) {
        Ok(extraction) => panic!("{name} was read: {extraction:?}"),
        Err(error) => format!("{}: {error}", error.state().as_str()),
    }
}

/// An extraction as text, for snapshots.
pub fn show(extraction: &Extraction) -> String {
    let mut text = String::new();
    let language = extraction.language.as_deref().unwrap_or("-");
    writeln!(text, "{} {language} title={:?}", extraction.kind.as_str(), extraction.title).unwrap();
    for chunk in &extraction.chunks {
        let anchor = chunk.anchor.as_deref().map(|anchor| format!(" #{anchor}")).unwrap_or_default();
        writeln!(text, "[{}] {}{anchor} ({})", chunk.span, chunk.breadcrumb.join(" > "), chunk.tokens).unwrap();
        for line in chunk.text.lines() {
            writeln!(text, "    {line}").unwrap();
        }
    }
    for heading in &extraction.outline.headings {
        writeln!(text, "h{} {} {:?} [{}]", heading.level, heading.text, heading.anchor, heading.span).unwrap();
    }
    for link in &extraction.outline.links {
        writeln!(text, "link {} -> {}", link.text, link.target).unwrap();
    }
    for symbol in &extraction.outline.symbols {
        writeln!(text, "symbol {} {:?} [{}]", symbol.name, symbol.container, symbol.span).unwrap();
    }
    for person in &extraction.outline.people {
        writeln!(text, "person {} {:?} {:?}", person.name, person.email, person.at.map(|at| at.0)).unwrap();
    }
    if !extraction.outline.tags.is_empty() {
        writeln!(text, "tags {}", extraction.outline.tags.join(", ")).unwrap();
    }
    for warning in &extraction.warnings {
        writeln!(text, "warning {warning}").unwrap();
    }
    text
}

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A stream, polled from a plain thread.
pub struct Items<T>(pub BoxStream<'static, T>);

impl<T> Items<T> {
    /// The next item; nothing when the stream ends. Panics when it takes too long.
    pub fn next_within(&mut self, limit: Duration) -> Option<T> {
        match self.poll_within(limit) {
            Poll::Ready(item) => item,
            Poll::Pending => panic!("nothing came within {limit:?}"),
        }
    }

    pub fn poll_within(&mut self, limit: Duration) -> Poll<Option<T>> {
        let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
        let mut context = Context::from_waker(&waker);
        let until = Instant::now() + limit;
        loop {
            if let Poll::Ready(item) = self.0.as_mut().poll_next(&mut context) {
                return Poll::Ready(item);
            }
            let now = Instant::now();
            if now >= until {
                return Poll::Pending;
            }
            std::thread::park_timeout(until - now);
        }
    }
}

pub fn drain<T>(stream: BoxStream<'static, T>) -> Vec<T> {
    let mut items = Items(stream);
    let mut all = Vec::new();
    while let Some(item) = items.next_within(Duration::from_secs(120)) {
        all.push(item);
    }
    all
}

pub fn source() -> FileSource {
    FileSource::new(FileSourceOptions::default())
}

/// What a scan finds, as sorted lines with paths below the root.
pub fn scan(root: &Path) -> String {
    scan_with(&source(), root)
}

pub fn scan_with(source: &FileSource, root: &Path) -> String {
    let below = |path: &Path| path.strip_prefix(root).unwrap_or(path).display().to_string();
    let mut lines: Vec<String> = drain(source.scan(root.to_owned(), Cancellation::new()))
        .into_iter()
        .map(|found| match found.unwrap() {
            Found::File(candidate) => below(&candidate.path),
            Found::LeftOut { candidate, state, reason } => {
                format!("{} ({}: {reason})", below(&candidate.path), state.as_str())
            }
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

pub fn candidates(source: &FileSource, root: &Path) -> Vec<Candidate> {
    drain(source.scan(root.to_owned(), Cancellation::new()))
        .into_iter()
        .filter_map(|found| match found.unwrap() {
            Found::File(candidate) => Some(candidate),
            Found::LeftOut { .. } => None,
        })
        .collect()
}

pub fn read_all(source: &FileSource, candidates: Vec<Candidate>) -> Vec<Reading> {
    drain(source.read(candidates, Arc::new(|_: &Path| None), Arc::new(Words(254)), Cancellation::new()))
}

/// Reads files by path and shows what became of each.
pub fn outcomes(source: &FileSource, paths: &[PathBuf]) -> String {
    let candidates = paths
        .iter()
        .map(|path| Candidate { path: path.clone(), size: 0, modified: ambit_domain::Timestamp(0) })
        .collect();
    let mut lines: Vec<String> = read_all(source, candidates)
        .into_iter()
        .map(|reading| {
            let name = reading.candidate.path.file_name().unwrap().to_string_lossy().into_owned();
            match reading.outcome {
                ReadOutcome::Read(extraction) => format!("{name}: {} passages", extraction.chunks.len()),
                ReadOutcome::Unchanged => format!("{name}: unchanged"),
                ReadOutcome::Rejected { state: DocumentState::Failed, reason } => format!("{name}: failed, {reason}"),
                ReadOutcome::Rejected { reason, .. } => format!("{name}: skipped, {reason}"),
                ReadOutcome::Gone => format!("{name}: gone"),
            }
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

pub fn write(root: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = root.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

pub fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// A zip archive.
pub fn zipped(parts: &[(&str, &str)]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, text) in parts {
        zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(text.as_bytes()).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// A PDF with one content stream per page.
pub fn pdf(pages: &[&str], info: &str) -> Vec<u8> {
    let mut objects: Vec<String> = Vec::new();
    let kids: Vec<String> = (0..pages.len()).map(|page| format!("{} 0 R", 4 + 2 * page)).collect();
    objects.push("<< /Type /Catalog /Pages 2 0 R >>".to_owned());
    objects.push(format!("<< /Type /Pages /Kids [{}] /Count {} >>", kids.join(" "), pages.len()));
    objects.push("<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>".to_owned());
    for (page, content) in pages.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R /Resources << /Font << /F1 3 0 R >> >> >>",
            5 + 2 * page
        ));
        objects.push(format!("<< /Length {} >>\nstream\n{content}\nendstream", content.len()));
    }
    objects.push(info.to_owned());
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut offsets = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        offsets.push(bytes.len());
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let xref = bytes.len();
    bytes.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).into_bytes());
    for offset in offsets {
        bytes.extend(format!("{offset:010} 00000 n \n").into_bytes());
    }
    let (size, info) = (objects.len() + 1, objects.len());
    bytes.extend(
        format!("trailer\n<< /Size {size} /Root 1 0 R /Info {info} 0 R >>\nstartxref\n{xref}\n%%EOF\n").into_bytes(),
    );
    bytes
}
