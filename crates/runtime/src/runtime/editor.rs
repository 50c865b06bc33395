//! Editors: the mirror of what is open in each, and what follows in it.

mod codebases;
mod completing;
mod context;
mod engine;
mod family;
mod gate;
mod giving;
mod kept_counts;
mod model;
mod next_by_model;
mod order;
mod waiting;
mod writer;
mod writing;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_completion::{
    Document, Encoding, Position, Reason, Surroundings, Thresholds, is_word, next_edits, suggest, words,
};
use ambit_domain::{Cancellation, Error, ErrorCode};
use tokio::sync::mpsc;

pub(super) use self::codebases::Codebases;
pub(super) use self::completing::Completing;
pub(super) use self::context::{COMMANDS, PAGES};
use self::context::{LastEdits, LookedUp};
pub(super) use self::engine::{COMPLETION_MODEL, CompletionModel};
pub(super) use self::family::Family;
use self::gate::Asked;
use self::giving::{Found, Giver};
use self::model::{Failure, Going};
use self::order::{At, Packed};
use self::writing::Order;
use super::Runtime;
use crate::{Caller, EditorCommand, EditorEdit, EditorEvent, EditorSuggestion, EditorTask, SuggestedBy};

/// More of what is open in an editor does not count for a document.
const NEIGHBOURS: usize = 8;
/// More places are not told that something may be edited at next.
const EDITS: usize = 20;
/// A document that is not longer, in bytes, is counted when it is opened, and not aside: that takes some milliseconds.
const COUNTED_AT_ONCE: usize = 128 << 10;
/// More of what compilers complain of in a document is not kept.
const COMPLAINTS: usize = 500;
/// What counts say with such a probability is shown at once, whatever a model would say.
const SURE: f64 = 0.9;
/// Who asks wants to see something, right or not; and a model's guess costs nothing where it is wrong.
const EAGER: Thresholds = Thresholds { probability: 0.05, gain: 0.0 };

impl Runtime {
    /// A line to an editor. It ends when it is dropped.
    #[must_use]
    pub fn editor(&self, caller: Caller) -> (EditorLine, mpsc::UnboundedReceiver<EditorEvent>) {
        let (events, receiver) = mpsc::unbounded_channel();
        let line = EditorLine {
            runtime: self.clone(),
            caller,
            events,
            folders: Vec::new(),
            open: HashMap::new(),
            giver: Giver {
                runtime: self.clone(),
                watch: Arc::default(),
                given: Arc::default(),
                encoding: Encoding::default(),
            },
            writing: HashMap::new(),
            last_edits: LastEdits::default(),
            going: None,
            asked_models: Arc::default(),
            troubles: Arc::default(),
            failure: Arc::default(),
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
    folders: Vec<PathBuf>,
    open: HashMap<String, Open>,
    giver: Giver,
    /// What stops the texts that are being written.
    writing: HashMap<u64, Stop>,
    last_edits: LastEdits,
    /// What a model goes on with at a place.
    going: Option<Going>,
    /// Models that the audit log says to have been asked over this line.
    asked_models: Arc<Mutex<HashSet<String>>>,
    /// What was told of models that do not go on.
    troubles: Arc<Mutex<HashSet<(u64, ErrorCode)>>>,
    /// When a model failed last.
    failure: Arc<Mutex<Failure>>,
}

/// Somebody wants to know what follows.
struct Wish {
    id: u64,
    uri: String,
    version: i32,
    position: Position,
    /// Whether somebody asked for it, and did not just type.
    asked: bool,
    /// Whether words that fit are wanted instead.
    words: bool,
    limit: usize,
}

/// What counts say about a place.
struct Counted {
    found: Vec<Found>,
    /// Whether a model need not be asked.
    is_sure: bool,
}

/// Stops a text that nobody waits for any more.
struct Stop(Cancellation);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// A document that is open.
#[derive(Clone)]
struct Open {
    document: Arc<Mutex<Document>>,
    /// Whether a job counts it.
    is_counting: Arc<AtomicBool>,
    language: String,
    family: Option<Family>,
    /// Where it is on this machine; a new one, or one of another machine, is nowhere.
    path: Option<PathBuf>,
    /// What compilers complain of: lines, from 0, and what is said about them.
    diagnostics: Arc<[(u32, String)]>,
    /// What stands elsewhere about what is being edited.
    looked_up: Arc<LookedUp>,
    /// What a model was shown beside it last.
    packed: Arc<Mutex<Option<Packed>>>,
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
                self.giver.encoding = encoding;
                self.folders = folders;
                self.tell(EditorEvent::Ready);
            }
            EditorCommand::Folders(folders) => {
                self.folders = folders;
                let open: Vec<Open> = self.open.values().cloned().collect();
                for open in open {
                    self.read_around(open.path, open.family);
                }
            }
            EditorCommand::Open { uri, language, version, text } => self.open(uri, &language, version, text),
            EditorCommand::Change { uri, version, edits } => {
                let edited = self.open.get(&uri).map(|open| open.document().edit(edits, version, self.giver.encoding));
                match edited {
                    Some(Ok(())) => {
                        self.giver.watch().typed(&self.runtime);
                        self.count(&uri);
                        self.note_edit(&uri);
                    }
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
            EditorCommand::Close { uri } => {
                self.giver.watch().closed(&self.runtime, &uri);
                self.open.remove(&uri);
            }
            EditorCommand::Complete { id, uri, version, position, asked, words, limit } => {
                self.answer(&Wish { id, uri, version, position, asked, words, limit });
            }
            EditorCommand::Diagnostics { uri, mut complaints } => {
                complaints.truncate(COMPLAINTS);
                if let Some(open) = self.open.get_mut(&uri) {
                    open.diagnostics = complaints.into();
                    open.packed = Arc::default();
                }
            }
            EditorCommand::NextEdit { id, uri, version, position } => {
                let edits = self.next_edits(&uri, version, position).unwrap_or_default();
                if !edits.is_empty() || !self.next_by_model(id, &uri, version) {
                    self.tell(EditorEvent::Edits { id, version, edits });
                }
            }
            EditorCommand::Write { id, uri, version, start, end, task, diagnostics } => {
                let order = self.order(id, &uri, version, (start, end), task, diagnostics);
                match order {
                    Ok(order) => self.write(order),
                    Err(error) => self.tell(EditorEvent::Failed { id, error }),
                }
            }
            EditorCommand::Cancel { id } => drop(self.writing.remove(&id)),
            EditorCommand::Tell { suggestion, fate } => {
                tracing::debug!(suggestion, ?fate, surface = self.caller.surface, "told of a suggestion");
                self.giver.watch().told(&self.runtime, suggestion, fate);
            }
        }
    }

    fn open(&mut self, uri: String, language: &str, version: i32, text: String) {
        let path = file_path(&uri);
        let family = Family::of(language, path.as_deref());
        let mut document = Document::new(text, version);
        if document.text().len() <= COUNTED_AT_ONCE {
            // Who opens a document and types at once wants to see something, and may not type on.
            document.count();
        }
        let document = Arc::new(Mutex::new(document));
        self.open.insert(
            uri.clone(),
            Open {
                document,
                is_counting: Arc::default(),
                language: language.to_owned(),
                family,
                path: path.clone(),
                diagnostics: Arc::default(),
                looked_up: Arc::default(),
                packed: Arc::default(),
            },
        );
        self.count(&uri);
        self.read_around(path, family);
    }

    /// Has the code around a file read.
    fn read_around(&self, path: Option<PathBuf>, family: Option<Family>) {
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

    /// Counts a document anew, where what was counted is not what stands in it. One job at a time does so, as often as needed.
    fn count(&self, uri: &str) {
        let Some(open) = self.open.get(uri) else { return };
        if !open.document().is_stale() || open.is_counting.swap(true, Ordering::AcqRel) {
            return;
        }
        let (document, is_counting) = (Arc::clone(&open.document), Arc::clone(&open.is_counting));
        self.runtime.inner.background.spawn_blocking(move || {
            let lock = || document.lock().unwrap_or_else(PoisonError::into_inner);
            loop {
                let (before, after, generation) = {
                    let document = lock();
                    if !document.is_stale() {
                        // Within the lock, so that no edit comes between.
                        is_counting.store(false, Ordering::Release);
                        return;
                    }
                    let (before, after) = document.countable();
                    (before.to_owned(), after.to_owned(), document.generation())
                };
                // The document can be edited and asked meanwhile.
                let counted = Arc::new(ambit_completion::Segment::of([before.as_str(), after.as_str()]));
                lock().take_counts(counted, generation);
            }
        });
    }

    /// Remembers where a document was edited last.
    fn note_edit(&mut self, uri: &str) {
        let line = self.open.get(uri).and_then(|open| open.document().edited_line());
        if let Some(line) = line {
            self.last_edits.add(uri, line);
        }
    }

    /// Says what follows at a place: what counts are sure of at once, and otherwise what a model says, where there is one.
    fn answer(&mut self, wish: &Wish) {
        let Some(open) = self.open.get(&wish.uri).cloned() else {
            self.tell(EditorEvent::Resync { uri: wish.uri.clone() });
            self.suggested(wish, Vec::new());
            return;
        };
        let around = self.surroundings(&wish.uri, &open);
        let document = open.document();
        if document.version() != wish.version {
            self.suggested(wish, Vec::new());
            return;
        }
        let offset = document.offset(wish.position, self.giver.encoding);
        if wish.words {
            let words = words(&document, offset, &around, wish.limit);
            self.suggested(wish, self.giver.words(&document, words));
            return;
        }
        let counted = self.counted(wish, &document, offset, &around);
        let found = if counted.is_sure {
            Some(counted.found)
        } else {
            let at = At { uri: &wish.uri, open: &open, document: &document, offset };
            self.go_on(wish, &at, &around, counted.found)
        };
        if let Some(found) = found {
            let asked = Asked { uri: &wish.uri, open: &open, offset, is_asked: wish.asked };
            self.suggested(wish, self.giver.give(&asked, &document, found));
        }
    }

    fn suggested(&self, wish: &Wish, suggestions: Vec<EditorSuggestion>) {
        self.tell(EditorEvent::Suggested { id: wish.id, version: wish.version, suggestions });
    }

    /// What counts say.
    fn counted(&self, wish: &Wish, document: &Document, offset: usize, around: &Surroundings) -> Counted {
        let thresholds = if wish.asked { EAGER } else { Thresholds::default() };
        let found = suggest(document, offset, around, thresholds, wish.limit);
        // Within a word nobody wants another one, unless they say so.
        let is_within_word = document.text()[offset..].starts_with(is_word);
        let is_sure = found.first().is_some_and(|best| best.probability >= SURE);
        let found = found.into_iter().map(|suggestion| Found { suggestion, by: SuggestedBy::Counts });
        Counted { found: found.collect(), is_sure: !wish.asked && (is_sure || is_within_word) }
    }

    fn next_edits(&self, uri: &str, version: i32, position: Position) -> Option<Vec<(u64, EditorEdit, String)>> {
        let open = self.open.get(uri)?.clone();
        let document = open.document();
        if document.version() != version {
            return None;
        }
        let offset = document.offset(position, self.giver.encoding);
        let edits = next_edits(&document, offset, EDITS).into_iter().map(|edit| {
            let place = |offset| document.position(offset, self.giver.encoding);
            let reason = match edit.reason {
                Reason::Changed(original) => format!("`{original}` was changed like this"),
                Reason::Untested { function, like } => format!("`{function}` has no test, as `{like}` has"),
            };
            let edit = EditorEdit { start: place(edit.range.start), end: place(edit.range.end), text: edit.text };
            (self.giver.number(), edit, reason)
        });
        Some(edits.collect())
    }

    /// What a model is to write, of the text as it stands.
    fn order(
        &self,
        id: u64,
        uri: &str,
        version: i32,
        (start, end): (Position, Position),
        task: EditorTask,
        diagnostics: Vec<String>,
    ) -> ambit_domain::Result<Order> {
        let moved = || Error::invalid("the text is another by now").with_hint("ask again");
        let open = self.open.get(uri).ok_or_else(moved)?;
        let document = open.document();
        let offset = |place| document.offset(place, self.giver.encoding);
        let (from, to) = (offset(start), offset(end));
        let code = document.text().get(from..to).unwrap_or_default();
        if document.version() != version {
            return Err(moved());
        }
        let line = |offset| u32::try_from(document.line_at(offset) + 1).unwrap_or(u32::MAX);
        if code.trim().is_empty() {
            return Err(Error::invalid("there is no code in the range").with_hint("select some"));
        }
        Ok(Order {
            id,
            task,
            code: code.to_owned(),
            language: open.language.clone(),
            path: open.path.clone(),
            lines: (line(from), line(to.saturating_sub(1).max(from))),
            diagnostics,
            place: EditorEdit { start, end, text: String::new() },
        })
    }

    fn write(&mut self, order: Order) {
        // Those that have ended need no stop.
        self.writing.retain(|_, stop| !stop.0.is_cancelled());
        let stop = Cancellation::new();
        let (id, runtime, caller) = (order.id, self.runtime.clone(), self.caller.clone());
        let writing = runtime.write_about(order, caller, self.events.clone(), stop.clone());
        self.runtime.inner.answers.spawn(writing);
        self.writing.insert(id, Stop(stop));
    }

    /// What counts for a document beside itself.
    fn surroundings(&self, uri: &str, open: &Open) -> Surroundings {
        let Some(family) = open.family else { return Surroundings::default() };
        let others = self.open.iter().filter(|(other, open)| *other != uri && open.family == Some(family));
        let others = others.take(NEIGHBOURS).map(|(_, open)| Arc::clone(open.document().counted()));
        let mut around = match &open.path {
            Some(path) => self.runtime.inner.codebases.around(self.folder_of(path).as_deref(), path, family),
            None => Surroundings::default(),
        };
        around.near.extend(others);
        around.near.extend(self.runtime.inner.recent.counts(family, &self.runtime.inner.completing.shown()));
        around
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
