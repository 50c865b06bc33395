//! Editors: the mirror of what is open in each, and what follows in it.

mod codebases;
mod family;

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_completion::{Document, Encoding, Position, Surroundings, Thresholds, suggest, words};
use tokio::sync::mpsc;

pub(super) use self::codebases::Codebases;
use self::family::Family;
use super::Runtime;
use crate::{Caller, EditorCommand, EditorEvent, EditorSuggestion};

/// More of what is open in an editor does not count for a document.
const NEIGHBOURS: usize = 8;

impl Runtime {
    /// A line to an editor. It ends when it is dropped.
    #[must_use]
    pub fn editor(&self, caller: Caller) -> (EditorLine, mpsc::UnboundedReceiver<EditorEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let line = EditorLine {
            runtime: self.clone(),
            caller,
            events,
            encoding: Encoding::default(),
            folders: Vec::new(),
            open: HashMap::new(),
            given: 0,
        };
        (line, receiver)
    }
}

/// The host's end of a line to an editor.
///
/// All that is said is done at once and in its order, so that a place is always one of the text that the editor had when it
/// asked; what takes longer, as to read a project, is done aside.
pub struct EditorLine {
    runtime: Runtime,
    caller: Caller,
    events: mpsc::UnboundedSender<EditorEvent>,
    encoding: Encoding,
    folders: Vec<PathBuf>,
    open: HashMap<String, Open>,
    /// How many suggestions were given.
    given: u64,
}

/// A document that is open.
#[derive(Clone)]
struct Open {
    document: Arc<Mutex<Document>>,
    family: Option<Family>,
    /// Where it is on this machine; a new one, or one of another machine, is nowhere.
    path: Option<PathBuf>,
}

impl Open {
    fn document(&self) -> MutexGuard<'_, Document> {
        self.document.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EditorLine {
    /// Does what the editor says.
    pub fn handle(&mut self, command: EditorCommand) {
        match command {
            EditorCommand::Hello { encoding, folders } => {
                self.encoding = encoding;
                self.folders = folders;
                self.tell(EditorEvent::Ready);
            }
            EditorCommand::Folders(folders) => self.folders = folders,
            EditorCommand::Open { uri, language, version, text } => self.open(uri, &language, version, text),
            EditorCommand::Change { uri, version, edits } => {
                let edited = self.open.get(&uri).map(|open| open.document().edit(edits, version, self.encoding));
                match edited {
                    Some(Ok(())) => self.count(&uri),
                    // What is not open, or not as it is there, is to be told anew.
                    Some(Err(_)) | None => {
                        self.open.remove(&uri);
                        self.tell(EditorEvent::Resync { uri });
                    }
                }
            }
            EditorCommand::Save { uri } => {
                if let Some(Open { family: Some(family), path: Some(path), .. }) = self.open.get(&uri) {
                    self.runtime.inner.codebases.changed(path, *family);
                }
            }
            EditorCommand::Close { uri } => drop(self.open.remove(&uri)),
            EditorCommand::Complete { id, uri, version, position, asked, words, limit } => {
                let answer = self.complete(&uri, version, position, asked, words, limit);
                let suggestions = answer.unwrap_or_default();
                self.tell(EditorEvent::Suggested { id, version, suggestions });
            }
            EditorCommand::Tell { suggestion, fate } => {
                tracing::debug!(suggestion, ?fate, surface = self.caller.surface, "told of a suggestion");
            }
        }
    }

    fn open(&mut self, uri: String, language: &str, version: i32, text: String) {
        let path = file_path(&uri);
        let family = Family::of(language, path.as_deref());
        let document = Arc::new(Mutex::new(Document::new(text, version)));
        self.open.insert(uri.clone(), Open { document, family, path: path.clone() });
        self.count(&uri);
        if let (Some(path), Some(family)) = (path, family) {
            let folder = self.folder_of(&path);
            self.runtime.read_codebase(folder, path, family);
        }
    }

    /// The innermost folder of the editor that a file is in.
    fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        let around = self.folders.iter().filter(|folder| path.starts_with(folder));
        around.max_by_key(|folder| folder.components().count()).cloned()
    }

    /// Counts a document anew, where what was counted is not what stands in it.
    fn count(&self, uri: &str) {
        let Some(open) = self.open.get(uri) else { return };
        if !open.document().is_stale() {
            return;
        }
        let document = Arc::clone(&open.document);
        self.runtime.inner.background.spawn_blocking(move || {
            let lock = || document.lock().unwrap_or_else(PoisonError::into_inner);
            let (before, after, version) = {
                let document = lock();
                if !document.is_stale() {
                    return;
                }
                let (before, after) = document.countable();
                (before.to_owned(), after.to_owned(), document.version())
            };
            // The document can be edited and asked meanwhile.
            let counted = Arc::new(ambit_completion::Segment::of([before.as_str(), after.as_str()]));
            lock().take_counts(counted, version);
        });
    }

    fn complete(
        &mut self,
        uri: &str,
        version: i32,
        position: Position,
        asked: bool,
        only_words: bool,
        limit: usize,
    ) -> Option<Vec<EditorSuggestion>> {
        let open = self.open.get(uri).cloned();
        let Some(open) = open else {
            self.tell(EditorEvent::Resync { uri: uri.to_owned() });
            return None;
        };
        let around = self.surroundings(uri, &open);
        let document = open.document();
        if document.version() != version {
            return None;
        }
        let offset = document.offset(position, self.encoding);
        let found = if only_words {
            words(&document, offset, &around, limit)
        } else {
            // Who asks wants to see something, right or not.
            let thresholds = if asked { Thresholds { probability: 0.05, gain: 0.0 } } else { Thresholds::default() };
            suggest(&document, offset, &around, thresholds, limit)
        };
        let suggestions = found.into_iter().map(|suggestion| {
            self.given += 1;
            EditorSuggestion {
                number: self.given,
                start: document.position(suggestion.start, self.encoding),
                end: document.position(suggestion.end, self.encoding),
                text: suggestion.text,
            }
        });
        Some(suggestions.collect())
    }

    /// What counts for a document beside itself.
    fn surroundings(&self, uri: &str, open: &Open) -> Surroundings {
        let Some(family) = open.family else { return Surroundings::default() };
        let others = self.open.iter().filter(|(other, open)| *other != uri && open.family == Some(family));
        let mut near: Vec<_> = others.take(NEIGHBOURS).map(|(_, open)| Arc::clone(open.document().counted())).collect();
        let Some(path) = &open.path else { return Surroundings { near, ..Surroundings::default() } };
        let (beside, project, dependencies) =
            self.runtime.inner.codebases.around(self.folder_of(path).as_deref(), path, family);
        near.extend(beside);
        Surroundings { near, project, dependencies }
    }

    fn tell(&self, event: EditorEvent) {
        // Who has gone hears nothing.
        drop(self.events.send(event));
    }
}

/// The path of a file of this machine.
fn file_path(uri: &str) -> Option<PathBuf> {
    let rest = uri.strip_prefix("file://")?;
    // A file of another machine has its name before the path.
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    path.starts_with('/').then(|| PathBuf::from(unescaped(path)))
}

/// A text without the escapes of a URI.
fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, others @ ..] = rest {
        rest = others;
        let escaped = match (first, others) {
            (b'%', [high, low, ..]) => {
                std::str::from_utf8(&[*high, *low]).ok().and_then(|digits| u8::from_str_radix(digits, 16).ok())
            }
            _ => None,
        };
        match escaped {
            Some(byte) => {
                bytes.push(byte);
                rest = &others[2..];
            }
            None => bytes.push(*first),
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_this_machine_have_a_path() {
        let path = |uri: &str| file_path(uri).map(|path| path.to_string_lossy().into_owned());
        assert_eq!(path("file:///a%20b/%C3%A9.rs").as_deref(), Some("/a b/é.rs"));
        assert_eq!(path("file://localhost/a%.rs").as_deref(), Some("/a%.rs"));
        assert_eq!([path("file://server/a"), path("untitled:1"), path("vscode-remote://x/a")], [None, None, None]);
    }
}
