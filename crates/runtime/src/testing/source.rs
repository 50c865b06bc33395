use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{Candidate, CodeQuery, Found, ReadOutcome, Reading, Source, SourceEvent, TokenCounter};
use ambit_domain::{
    BoxStream, Cancellation, Chunk, DocumentKind, DocumentState, Error, Extraction, Heading, Link, Outline, Result,
    Span, Timestamp,
};
use futures_util::future::{Either, select};
use futures_util::stream;
use tokio::sync::mpsc;

/// Files in memory. Markdown is cut at its headings, everything else at blank lines; a file that holds a zero byte can
/// not be read.
#[derive(Default, Clone)]
pub struct MemorySource {
    state: Arc<Mutex<Files>>,
}

#[derive(Default)]
struct Files {
    files: BTreeMap<PathBuf, (String, Timestamp)>,
    time: i64,
    missing: bool,
    scan_breaks_after: Option<usize>,
    watchers: Vec<(PathBuf, mpsc::UnboundedSender<SourceEvent>)>,
    scans: u64,
}

impl Files {
    fn candidate(&self, path: &Path) -> Option<Candidate> {
        let (text, modified) = self.files.get(path)?;
        Some(Candidate { path: path.to_path_buf(), size: text.len() as u64, modified: *modified })
    }

    fn tell(&mut self, path: &Path, event: &SourceEvent) {
        self.watchers.retain(|(root, sender)| !path.starts_with(root) || sender.send(event.clone()).is_ok());
    }
}

impl MemorySource {
    /// Writes a file; those who watch hear of it.
    pub fn write(&self, path: impl Into<PathBuf>, text: impl Into<String>) {
        let path = path.into();
        self.write_unseen(&path, text);
        let mut state = self.lock();
        if let Some(candidate) = state.candidate(&path) {
            state.tell(&path, &SourceEvent::Written(candidate));
        }
    }

    /// Writes a file while nobody looks.
    pub fn write_unseen(&self, path: impl Into<PathBuf>, text: impl Into<String>) {
        let mut state = self.lock();
        state.time += 1;
        let modified = Timestamp(1_600_000_000_000 + state.time);
        state.files.insert(path.into(), (text.into(), modified));
    }

    /// Removes a file or a folder; those who watch hear of it.
    pub fn remove(&self, path: &Path) {
        self.remove_unseen(path);
        self.lock().tell(path, &SourceEvent::Removed(path.to_path_buf()));
    }

    /// Removes a file or a folder while nobody looks.
    pub fn remove_unseen(&self, path: &Path) {
        self.lock().files.retain(|known, _| !known.starts_with(path));
    }

    /// Moves a file or a folder; those who watch hear of it.
    pub fn rename(&self, from: &Path, to: &Path) {
        let mut state = self.lock();
        let moved: Vec<PathBuf> = state.files.keys().filter(|path| path.starts_with(from)).cloned().collect();
        for old in moved {
            let Some(content) = state.files.remove(&old) else { continue };
            let target = match old.strip_prefix(from) {
                Ok(rest) if !rest.as_os_str().is_empty() => to.join(rest),
                _ => to.to_path_buf(),
            };
            state.files.insert(target, content);
        }
        state.tell(from, &SourceEvent::Renamed { from: from.to_path_buf(), to: to.to_path_buf() });
    }

    /// Tells all who watch that they must scan again.
    pub fn request_rescan(&self) {
        self.tell_all(&SourceEvent::Rescan);
    }

    /// Lets every root be gone, or be there again.
    pub fn set_missing(&self, missing: bool) {
        self.lock().missing = missing;
        self.tell_all(&if missing { SourceEvent::RootMissing } else { SourceEvent::Rescan });
    }

    /// Lets every scan fail after this many files.
    pub fn break_scans_after(&self, files: Option<usize>) {
        self.lock().scan_breaks_after = files;
    }

    /// All files with the hash that a reading of them tells.
    #[must_use]
    pub fn contents(&self) -> BTreeMap<PathBuf, String> {
        self.lock().files.iter().map(|(path, (text, _))| (path.clone(), hash(text))).collect()
    }

    /// How many scans were begun.
    #[must_use]
    pub fn scans(&self) -> u64 {
        self.lock().scans
    }

    fn tell_all(&self, event: &SourceEvent) {
        self.lock().watchers.retain(|(_, sender)| sender.send(event.clone()).is_ok());
    }

    fn lock(&self) -> MutexGuard<'_, Files> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn gone(root: &Path) -> Error {
    Error::not_found(format!("the folder {} is not there", root.display()))
}

impl Source for MemorySource {
    fn scan(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<Found>> {
        let mut state = self.lock();
        state.scans += 1;
        if state.missing {
            return Box::pin(stream::iter([Err(gone(&root))]));
        }
        let paths = state.files.keys().filter(|path| path.starts_with(&root));
        let mut found: Vec<Result<Found>> =
            paths.filter_map(|path| state.candidate(path)).map(|candidate| Ok(Found::File(candidate))).collect();
        if let Some(limit) = state.scan_breaks_after {
            found.truncate(limit);
            found.push(Err(Error::internal("the scan broke off")));
        }
        if cancellation.is_cancelled() {
            found = vec![Err(Error::cancelled())];
        }
        Box::pin(stream::iter(found))
    }

    fn watch(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<SourceEvent>> {
        let mut state = self.lock();
        if state.missing {
            return Box::pin(stream::iter([Err(gone(&root))]));
        }
        let (sender, receiver) = mpsc::unbounded_channel();
        let first = sender.send(SourceEvent::Rescan);
        if first.is_ok() {
            state.watchers.push((root, sender));
        }
        Box::pin(stream::unfold((receiver, cancellation), |(mut receiver, cancellation)| async move {
            let received = {
                let next = std::pin::pin!(receiver.recv());
                match select(cancellation.cancelled(), next).await {
                    Either::Left(_) => None,
                    Either::Right((event, _)) => event,
                }
            };
            received.map(|event| (Ok(event), (receiver, cancellation)))
        }))
    }

    fn read(
        &self,
        candidates: Vec<Candidate>,
        known: Arc<dyn Fn(&Path) -> Option<String> + Send + Sync>,
        _tokens: Arc<dyn TokenCounter>,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Reading> {
        let files = self.clone();
        Box::pin(stream::iter(candidates.into_iter().map_while(move |candidate| {
            if cancellation.is_cancelled() {
                return None;
            }
            let state = files.lock();
            let Some((text, modified)) = state.files.get(&candidate.path) else {
                return Some(Reading { candidate, hash: None, outcome: ReadOutcome::Gone });
            };
            let candidate = Candidate { size: text.len() as u64, modified: *modified, ..candidate };
            let hash = hash(text);
            let outcome = if known(&candidate.path).as_ref() == Some(&hash) {
                ReadOutcome::Unchanged
            } else if text.contains('\0') {
                let reason = "it is not a text file".to_owned();
                ReadOutcome::Rejected { state: DocumentState::Failed, reason }
            } else {
                ReadOutcome::Read(Box::new(extraction(&candidate.path, text)))
            };
            Some(Reading { candidate, hash: Some(hash), outcome })
        })))
    }

    fn code(&self, query: CodeQuery, _cancellation: Cancellation) -> BoxStream<'static, (PathBuf, String)> {
        let state = self.lock();
        let is_wanted = |path: &Path| {
            let is_within =
                if query.is_deep { path.starts_with(&query.folder) } else { path.parent() == Some(&query.folder) };
            let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
            is_within && query.endings.iter().any(|wanted| wanted == ending)
        };
        let files = state.files.iter().filter(|(path, _)| is_wanted(path));
        let texts: Vec<_> = files.map(|(path, (text, _))| (path.clone(), text.clone())).collect();
        Box::pin(stream::iter(texts))
    }

    fn dependencies(&self, _project: PathBuf, _cancellation: Cancellation) -> BoxStream<'static, PathBuf> {
        Box::pin(stream::empty())
    }
}

fn hash(text: &str) -> String {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn extraction(path: &Path, text: &str) -> Extraction {
    let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
    let (kind, language) = match extension {
        "md" => (DocumentKind::Markdown, "en"),
        "rs" => (DocumentKind::Code, "rust"),
        _ => (DocumentKind::Text, "en"),
    };
    let mut cut = Cut::default();
    for (index, line) in text.lines().enumerate() {
        cut.line(u32::try_from(index + 1).unwrap_or(u32::MAX), line, kind == DocumentKind::Markdown);
    }
    cut.flush();
    Extraction {
        kind,
        language: Some(language.to_owned()),
        title: cut.outline.headings.first().map(|heading| heading.text.clone()),
        chunks: cut.chunks,
        outline: cut.outline,
        warnings: Vec::new(),
    }
}

#[derive(Default)]
struct Cut {
    chunks: Vec<Chunk>,
    outline: Outline,
    breadcrumb: Vec<String>,
    anchor: Option<String>,
    lines: Vec<String>,
    start: u32,
}

impl Cut {
    fn line(&mut self, number: u32, line: &str, markdown: bool) {
        let level = line.chars().take_while(|letter| *letter == '#').count();
        if markdown && level > 0 {
            self.flush();
            let text = line.trim_start_matches('#').trim().to_owned();
            let anchor = text.to_lowercase().replace(' ', "-");
            self.breadcrumb.truncate(level - 1);
            self.breadcrumb.push(text.clone());
            self.anchor = Some(anchor.clone());
            let span = Span::Lines { start: number, end: number };
            let level = u8::try_from(level).unwrap_or(6);
            self.outline.headings.push(Heading { level, text, anchor: Some(anchor), span });
        } else if line.trim().is_empty() && !markdown {
            self.flush();
        } else {
            if self.lines.is_empty() {
                self.start = number;
            }
            self.lines.push(line.to_owned());
            self.links(line);
        }
    }

    fn links(&mut self, line: &str) {
        for piece in line.split("](").skip(1) {
            if let Some((target, _)) = piece.split_once(')') {
                self.outline.links.push(Link { target: target.to_owned(), text: String::new() });
            }
        }
    }

    fn flush(&mut self) {
        let text = self.lines.join("\n").trim().to_owned();
        let end = self.start + u32::try_from(self.lines.len().saturating_sub(1)).unwrap_or(0);
        self.lines.clear();
        if text.is_empty() {
            return;
        }
        self.chunks.push(Chunk {
            tokens: u32::try_from(text.split_whitespace().count()).unwrap_or(u32::MAX),
            text,
            breadcrumb: self.breadcrumb.clone(),
            anchor: self.anchor.clone(),
            span: Span::Lines { start: self.start, end },
        });
    }
}
