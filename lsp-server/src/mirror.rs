//! What is open in the editor, as the host is to mirror it.
//!
//! A host that is restarted, or lost count, needs texts anew, and the protocol has no way to ask an editor for one. So each text is
//! kept once, with the edits applied, up to [`KEPT`] bytes in all. Beyond that those go first that can be read from disk again:
//! files as they were opened or saved last. One that is lost for the host comes back when it is saved or opened anew.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use ambit_protocol::{FromEditor, PositionEncoding, TextEdit};
use tokio::sync::mpsc::UnboundedSender;
use tower_lsp::lsp_types::Url;

use crate::preferences::Preferences;
use crate::text;

/// How many bytes of text are kept for all documents together.
pub(crate) const KEPT: usize = 6 << 20;

/// The largest file that is read from disk for the host.
const LARGEST_FILE: u64 = 16 << 20;

/// What is to be sent to the host.
#[derive(Debug)]
pub(crate) enum Outgoing {
    /// This.
    Frame(FromEditor),
    /// A document, as it is when its turn comes: so no text waits in the queue.
    Open(String),
    /// Edits, unless the document was opened with them meanwhile.
    Change { revision: u64, frame: FromEditor },
}

/// The open documents, and the way to the host while there is one.
#[derive(Default)]
pub(crate) struct Mirror(Mutex<State>);

#[derive(Default)]
struct State {
    editor: String,
    encoding: PositionEncoding,
    folders: Vec<String>,
    preferences: Preferences,
    documents: HashMap<String, Document>,
    line: Option<UnboundedSender<Outgoing>>,
    /// Numbers all changes, since versions of editors may begin anew.
    revision: u64,
}

struct Document {
    language: String,
    version: i32,
    revision: u64,
    text: Option<String>,
    /// Whether the file on disk holds this text.
    is_saved: bool,
    /// The revision that the host has of it.
    told: Option<u64>,
}

impl Mirror {
    /// Who speaks, and how it counts.
    pub(crate) fn introduce(&self, editor: String, encoding: PositionEncoding, folders: Vec<String>) {
        let mut state = self.state();
        (state.editor, state.encoding, state.folders) = (editor, encoding, folders);
    }

    /// What was chosen in the editor. Documents that are to be seen, or not any more, are told so.
    pub(crate) fn prefer(&self, preferences: Preferences) {
        let mut state = self.state();
        state.preferences = preferences;
        let state = &mut *state;
        for (uri, document) in &mut state.documents {
            let is_wanted = state.preferences.admits(uri, &document.language);
            match (is_wanted, document.told) {
                (true, None) => send(&state.line, Outgoing::Open(uri.clone())),
                (false, Some(_)) => {
                    document.told = None;
                    send(&state.line, Outgoing::Frame(FromEditor::Close { uri: uri.clone() }));
                }
                _ => {}
            }
        }
    }

    pub(crate) fn preferences(&self) -> Preferences {
        self.state().preferences.clone()
    }

    /// Folders that are open now, and those that are not any more.
    pub(crate) fn change_folders(&self, added: Vec<String>, removed: &[String]) {
        let mut state = self.state();
        state.folders.retain(|folder| !removed.contains(folder) && !added.contains(folder));
        state.folders.extend(added);
        send(&state.line, Outgoing::Frame(FromEditor::Folders { folders: state.folders.clone() }));
    }

    pub(crate) fn open(&self, uri: String, language: String, version: i32, text: String) {
        let mut state = self.state();
        let revision = state.next_revision();
        let is_saved = uri.starts_with("file:");
        let document = Document { language, version, revision, text: Some(text), is_saved, told: None };
        state.documents.insert(uri.clone(), document);
        state.tell(uri);
        state.make_room();
    }

    /// Applies edits. They are told in the order of the calls, however long what comes after takes.
    pub(crate) fn change(&self, uri: &str, version: i32, edits: Vec<TextEdit>) {
        let mut state = self.state();
        let (revision, encoding) = (state.next_revision(), state.encoding);
        let state = &mut *state;
        let Some(document) = state.documents.get_mut(uri) else { return };
        (document.version, document.revision, document.is_saved) = (version, revision, false);
        match &mut document.text {
            Some(text) => text::apply(text, &edits, encoding),
            None => {
                // From an edit of the whole text on, it is known again.
                if let Some(whole) = edits.iter().rposition(|edit| edit.range.is_none()) {
                    let mut text = String::new();
                    text::apply(&mut text, &edits[whole..], encoding);
                    document.text = Some(text);
                }
            }
        }
        if state.preferences.admits(uri, &document.language) {
            let frame = FromEditor::Change { uri: uri.to_owned(), version, edits };
            send(&state.line, Outgoing::Change { revision, frame });
        }
        state.make_room();
    }

    pub(crate) fn save(&self, uri: &str) {
        let mut state = self.state();
        let Some(document) = state.documents.get_mut(uri) else { return };
        document.is_saved = uri.starts_with("file:");
        match document.told {
            Some(_) => send(&state.line, Outgoing::Frame(FromEditor::Save { uri: uri.to_owned() })),
            None => state.tell(uri.to_owned()),
        }
    }

    pub(crate) fn close(&self, uri: &str) {
        let mut state = self.state();
        if let Some(document) = state.documents.remove(uri)
            && document.told.is_some()
        {
            send(&state.line, Outgoing::Frame(FromEditor::Close { uri: uri.to_owned() }));
        }
    }

    /// A file or folder has another name now; what is open of it goes on under that.
    pub(crate) fn rename(&self, old: &str, new: &str) {
        let mut state = self.state();
        for uri in state.below(old) {
            let Some(mut document) = state.documents.remove(&uri) else { continue };
            if document.told.take().is_some() {
                send(&state.line, Outgoing::Frame(FromEditor::Close { uri: uri.clone() }));
            }
            let moved = format!("{new}{}", &uri[old.len()..]);
            state.documents.insert(moved.clone(), document);
            state.tell(moved);
        }
    }

    /// A file or folder is gone. What is open of it is still an open document, but none of a file.
    pub(crate) fn delete(&self, old: &str) {
        let mut state = self.state();
        for uri in state.below(old) {
            if let Some(document) = state.documents.get_mut(&uri) {
                document.is_saved = false;
            }
        }
    }

    /// The host wants a document anew.
    pub(crate) fn reopen(&self, uri: &str) {
        let mut state = self.state();
        if let Some(document) = state.documents.get_mut(uri)
            && document.told.take().is_some()
        {
            state.tell(uri.to_owned());
        }
    }

    /// A line to a host is there: everything is told over it.
    pub(crate) fn attach(&self, line: UnboundedSender<Outgoing>) {
        let mut state = self.state();
        let (editor, encoding, folders) = (state.editor.clone(), state.encoding, state.folders.clone());
        state.line = Some(line);
        send(&state.line, Outgoing::Frame(FromEditor::Hello { editor, encoding, folders }));
        let mut uris: Vec<(u64, String)> = Vec::new();
        for (uri, document) in &mut state.documents {
            document.told = None;
            uris.push((document.revision, uri.clone()));
        }
        // What was edited last is asked about first.
        uris.sort_unstable_by(|left, right| right.cmp(left));
        for (_, uri) in uris {
            state.tell(uri);
        }
    }

    /// The line is gone.
    pub(crate) fn detach(&self) {
        let mut state = self.state();
        state.line = None;
        for document in state.documents.values_mut() {
            document.told = None;
        }
    }

    /// Sends something about a document in its present version, if the host knows or is being told the document. `make` gets
    /// the version.
    pub(crate) fn send_about(&self, uri: &str, make: impl FnOnce(i32) -> FromEditor) -> Option<i32> {
        let state = self.state();
        let document = state.documents.get(uri)?;
        let is_known = document.told.is_some() || document.text.is_some() || document.is_saved;
        if !is_known || !state.preferences.admits(uri, &document.language) {
            return None;
        }
        let version = document.version;
        state.line.as_ref()?.send(Outgoing::Frame(make(version))).ok()?;
        Some(version)
    }

    /// Sends something.
    pub(crate) fn send(&self, frame: FromEditor) {
        send(&self.state().line, Outgoing::Frame(frame));
    }

    pub(crate) fn version(&self, uri: &str) -> Option<i32> {
        self.state().documents.get(uri).map(|document| document.version)
    }

    /// Whether the editor's person wants to be helped with a document.
    pub(crate) fn admits(&self, uri: &str) -> bool {
        let state = self.state();
        state.documents.get(uri).is_some_and(|document| state.preferences.admits(uri, &document.language))
    }

    /// Looks into a text, where it is kept.
    pub(crate) fn look<T>(&self, uri: &str, at: impl FnOnce(&str, PositionEncoding) -> T) -> Option<T> {
        let state = self.state();
        state.documents.get(uri)?.text.as_deref().map(|text| at(text, state.encoding))
    }

    /// What is to be sent now for something that was to be sent.
    pub(crate) fn frame(&self, outgoing: Outgoing) -> Option<FromEditor> {
        match outgoing {
            Outgoing::Frame(frame) => Some(frame),
            Outgoing::Open(uri) => self.state().opening(uri),
            Outgoing::Change { revision, frame } => {
                let FromEditor::Change { uri, .. } = &frame else { return Some(frame) };
                let mut state = self.state();
                let document = state.documents.get_mut(uri)?;
                if document.told? >= revision {
                    return None;
                }
                document.told = Some(revision);
                Some(frame)
            }
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn next_revision(&mut self) -> u64 {
        self.revision += 1;
        self.revision
    }

    fn tell(&self, uri: String) {
        if let Some(document) = self.documents.get(&uri)
            && self.preferences.admits(&uri, &document.language)
        {
            send(&self.line, Outgoing::Open(uri));
        }
    }

    fn opening(&mut self, uri: String) -> Option<FromEditor> {
        let document = self.documents.get_mut(&uri)?;
        if document.told == Some(document.revision) || !self.preferences.admits(&uri, &document.language) {
            return None;
        }
        let text = match &document.text {
            Some(text) => text.clone(),
            None if document.is_saved => read(&uri)?,
            None => return None,
        };
        document.told = Some(document.revision);
        let (language, version) = (document.language.clone(), document.version);
        self.make_room();
        Some(FromEditor::Open { uri, language, version, text })
    }

    /// The open documents of a file, or below a folder.
    fn below(&self, uri: &str) -> Vec<String> {
        let inside = |open: &String| {
            open.strip_prefix(uri).is_some_and(|rest| rest.is_empty() || rest.starts_with('/') || uri.ends_with('/'))
        };
        self.documents.keys().filter(|open| inside(open)).cloned().collect()
    }

    /// Lets texts go until the others fit.
    fn make_room(&mut self) {
        let mut kept: usize = self.documents.values().filter_map(|it| it.text.as_ref()).map(String::len).sum();
        if kept <= KEPT {
            return;
        }
        let mut order: Vec<(bool, u64, &mut Document)> =
            self.documents.values_mut().map(|document| (!document.is_saved, document.revision, document)).collect();
        order.sort_unstable_by_key(|(is_only_copy, revision, _)| (*is_only_copy, *revision));
        let mut order: VecDeque<_> = order.into();
        while kept > KEPT
            && let Some((is_only_copy, _, document)) = order.pop_front()
        {
            // What nobody else has yet is on its way to the host, and goes after that.
            let is_on_its_way = is_only_copy && document.told.is_none() && self.line.is_some();
            if !is_on_its_way && let Some(text) = document.text.take() {
                kept -= text.len();
            }
        }
    }
}

fn send(line: &Option<UnboundedSender<Outgoing>>, outgoing: Outgoing) {
    if let Some(line) = line {
        // When the line is closed just now, everything will be told over the next one.
        line.send(outgoing).ok();
    }
}

/// A file as it is on disk, where that is this machine's.
fn read(uri: &str) -> Option<String> {
    let path = Url::parse(uri).ok().filter(|url| url.scheme() == "file")?.to_file_path().ok()?;
    if std::fs::metadata(&path).ok()?.len() > LARGEST_FILE {
        return None;
    }
    std::fs::read_to_string(path).ok()
}

#[cfg(test)]
#[path = "mirror_tests.rs"]
mod tests;
