//! Somebody who types in an editor, and an editor that watches what the language server answers.

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::changes::Change;
use super::editor::{Editor, language, uri};
use super::edits;
use super::page::{Content, Page, one_in};
use super::text::{Place, around};
use super::{Counted, Speed};
use crate::fake_model::FakeModel;
use crate::synthetic::Random;

/// An answer that takes longer is none.
const PATIENCE: Duration = Duration::from_secs(20);
/// More code than this is not given to a model at once, in bytes; the host takes 64 KB.
const MOST: usize = 60_000;
/// After so many strokes it is looked at what the host has for the text.
const LOOK: usize = 250;
/// More requests are not left open while one types as fast as it goes.
const OPEN: usize = 24;
/// The protocol's numbers for "cancelled", and for "the text is another by now".
const CANCELLED: i64 = -32800;
const MODIFIED: i64 = -32801;

/// Who types.
pub(super) struct Typist<'a> {
    pub(super) editor: Editor,
    pub(super) counted: Counted,
    project: PathBuf,
    random: Random,
    speed: Speed,
    model: &'a FakeModel,
    /// What was asked and is not answered yet.
    open: HashMap<i64, Asked>,
    /// Commands that are not answered yet; their answers hold nothing.
    commands: HashSet<i64>,
    /// The request whose answer would be shown, while no edit has come since.
    newest: Option<i64>,
    /// What would be shown.
    offers: Vec<Value>,
    /// The newest version of each document that an answer was about.
    answered: HashMap<String, i32>,
    /// When the next key is due.
    due: Instant,
    strokes_since_look: usize,
}

/// A request for what follows.
struct Asked {
    uri: String,
    version: i32,
    place: Place,
    /// The line before the place, and behind it.
    before: String,
    is_words: bool,
    is_cancelled: bool,
}

/// A document that is open.
struct Sheet {
    uri: String,
    path: PathBuf,
    version: i32,
    after: String,
    page: Page,
}

impl<'a> Typist<'a> {
    pub(super) fn new(editor: Editor, project: PathBuf, speed: Speed, seed: u64, model: &'a FakeModel) -> Self {
        Self {
            editor,
            counted: Counted::default(),
            project,
            random: Random::new(seed),
            speed,
            model,
            open: HashMap::new(),
            commands: HashSet::new(),
            newest: None,
            offers: Vec::new(),
            answered: HashMap::new(),
            due: Instant::now(),
            strokes_since_look: 0,
        }
    }

    /// Makes some changes, each in a document of its own, going from one to another. Ends early when `go_on` says no; what is
    /// open then is not finished, and everything else is checked all the same.
    pub(super) fn make(&mut self, changes: &[Change], go_on: &mut dyn FnMut(&Counted) -> bool) -> anyhow::Result<()> {
        let mut sheets = changes.iter().map(|change| self.open(change)).collect::<anyhow::Result<Vec<_>>>()?;
        let mut at = 0;
        while go_on(&self.counted) {
            if sheets[at].page.is_finished() || one_in(&mut self.random, 40) {
                let unfinished: Vec<usize> = (0..sheets.len()).filter(|&it| !sheets[it].page.is_finished()).collect();
                let Some(&next) = unfinished.get(self.random.below(unfinished.len())) else { break };
                self.counted.switches += usize::from(next != at);
                at = next;
            }
            self.stroke(&mut sheets[at])?;
        }
        for sheet in &mut sheets {
            self.look(sheet)?;
            if sheet.page.is_finished() {
                self.counted.files += 1;
                if sheet.page.text != sheet.after {
                    self.fault(format!("{} is not what was to come of it", sheet.uri));
                }
            }
            self.save(sheet)?;
            self.editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": sheet.uri } }))?;
        }
        self.drain(0)
    }

    /// Ends what is open, and the language server.
    pub(super) fn end(mut self) -> anyhow::Result<Counted> {
        self.drain(0)?;
        self.editor.end()?;
        Ok(self.counted)
    }

    fn open(&mut self, change: &Change) -> anyhow::Result<Sheet> {
        let path = self.project.join(&change.path);
        write(&path, &change.before)?;
        let page = Page::new(change.before.clone(), edits::between(&change.before, &change.after)?);
        let sheet = Sheet { uri: uri(&path), path, version: 1, after: change.after.clone(), page };
        self.tell_open(&sheet)?;
        Ok(sheet)
    }

    fn tell_open(&mut self, sheet: &Sheet) -> anyhow::Result<()> {
        self.answered.remove(&sheet.uri);
        let language = language(&sheet.path);
        let document =
            json!({ "uri": sheet.uri, "languageId": language, "version": sheet.version, "text": sheet.page.text });
        self.editor.tell("textDocument/didOpen", json!({ "textDocument": document }))
    }

    fn stroke(&mut self, sheet: &mut Sheet) -> anyhow::Result<()> {
        let Some(stroke) = sheet.page.stroke(&mut self.random) else { return Ok(()) };
        self.counted.keys += 1;
        self.tell(sheet, stroke.told)?;
        if stroke.saves {
            self.save(sheet)?;
        }
        if stroke.reopens {
            // Versions may begin anew, so that what is still asked has to be over.
            self.drain(0)?;
            self.editor.tell("textDocument/didClose", json!({ "textDocument": { "uri": sheet.uri } }))?;
            sheet.version = 1;
            self.tell_open(sheet)?;
        }
        // Some keys come before an editor has asked.
        if !one_in(&mut self.random, 12) {
            self.ask(sheet)?;
        }
        self.pause()?;
        self.take_offer(sheet)?;
        self.strokes_since_look += 1;
        if self.strokes_since_look >= LOOK {
            self.look(sheet)?;
        }
        Ok(())
    }

    fn tell(&mut self, sheet: &mut Sheet, told: Vec<Vec<Content>>) -> anyhow::Result<()> {
        for contents in told {
            sheet.version += 1;
            let document = json!({ "uri": sheet.uri, "version": sheet.version });
            let changes: Vec<Value> = contents.iter().map(content).collect();
            self.editor
                .tell("textDocument/didChange", json!({ "textDocument": document, "contentChanges": changes }))?;
        }
        self.cancel()
    }

    /// What was asked before an edit is asked for no more.
    fn cancel(&mut self) -> anyhow::Result<()> {
        self.offers.clear();
        if let Some(newest) = self.newest.take()
            && let Some(asked) = self.open.get_mut(&newest)
        {
            asked.is_cancelled = true;
            self.counted.cancelled += 1;
            self.editor.tell("$/cancelRequest", json!({ "id": newest }))?;
        }
        Ok(())
    }

    /// Asks what follows where the hand is, and now and then for words as well.
    fn ask(&mut self, sheet: &Sheet) -> anyhow::Result<()> {
        self.cancel()?;
        let place = Place::of(&sheet.page.text, sheet.page.cursor);
        let document = json!({ "uri": sheet.uri });
        let before = around(&sheet.page.text, sheet.page.cursor).0;
        let mut begin = |method: &str, is_words: bool, context: Value| {
            let parameters = json!({ "textDocument": document, "position": place.json(), "context": context });
            let id = self.editor.begin(method, parameters)?;
            let asked = Asked {
                uri: sheet.uri.clone(),
                version: sheet.version,
                place,
                before: before.to_owned(),
                is_words,
                is_cancelled: false,
            };
            self.open.insert(id, asked);
            self.counted.asked += 1;
            anyhow::Ok(id)
        };
        self.newest = Some(begin("textDocument/inlineCompletion", false, json!({ "triggerKind": 2 }))?);
        if one_in(&mut self.random, 15) {
            begin("textDocument/completion", true, json!({ "triggerKind": 1 }))?;
        }
        Ok(())
    }

    /// Waits for the next key.
    fn pause(&mut self) -> anyhow::Result<()> {
        match self.speed {
            Speed::Fast => {
                // Half of the keys wait for what is suggested, the others come before it.
                let waits = one_in(&mut self.random, 2);
                let until = Instant::now() + PATIENCE;
                while waits && self.newest.is_some_and(|newest| self.open.contains_key(&newest)) && self.hear(until)? {}
                self.drain(OPEN)
            }
            Speed::Human | Speed::Fivefold => {
                self.due = self.due.max(Instant::now()) + self.speed.pause(&mut self.random);
                while Instant::now() < self.due {
                    self.hear(self.due)?;
                }
                Ok(())
            }
        }
    }

    /// Takes half of the suggestions that are right.
    fn take_offer(&mut self, sheet: &mut Sheet) -> anyhow::Result<()> {
        let offers = std::mem::take(&mut self.offers);
        let Some(offer) = offers.first().filter(|_| one_in(&mut self.random, 2)) else { return Ok(()) };
        let offset = |name: &str| Place::read(&offer["range"][name]).and_then(|place| place.offset(&sheet.page.text));
        let (Some(start), Some(end), Some(text)) = (offset("start"), offset("end"), offer["insertText"].as_str())
        else {
            return Ok(());
        };
        if let Some(content) = sheet.page.accept(start, end, text) {
            self.counted.accepted += 1;
            self.tell(sheet, vec![vec![content]])?;
            if offer["command"].is_object() {
                let (command, arguments) = (&offer["command"]["command"], &offer["command"]["arguments"]);
                let parameters = json!({ "command": command, "arguments": arguments });
                self.commands.insert(self.editor.begin("workspace/executeCommand", parameters)?);
            }
        }
        Ok(())
    }

    fn save(&mut self, sheet: &Sheet) -> anyhow::Result<()> {
        write(&sheet.path, &sheet.page.text)?;
        self.counted.saves += 1;
        self.editor.tell("textDocument/didSave", json!({ "textDocument": { "uri": sheet.uri } }))
    }

    /// Waits until no more than so many requests are open.
    fn drain(&mut self, most: usize) -> anyhow::Result<()> {
        let until = Instant::now() + PATIENCE;
        while self.open.len() > most {
            if !self.hear(until)? {
                let count = self.open.len();
                self.counted.unanswered += count;
                self.open.clear();
                self.fault(format!("{count} requests were not answered within {PATIENCE:?}"));
            }
        }
        Ok(())
    }

    /// Hears one answer; tells whether one came in time.
    fn hear(&mut self, until: Instant) -> anyhow::Result<bool> {
        let Some(message) = self.editor.receive(until)? else { return Ok(false) };
        self.take(&message);
        Ok(true)
    }

    fn take(&mut self, message: &Value) {
        let Some(id) = message["id"].as_i64().filter(|id| !self.commands.remove(id)) else { return };
        let Some(asked) = self.open.remove(&id) else {
            return self.fault(format!("what was not asked, or was answered before, is answered: {message}"));
        };
        if let Some(error) = message.get("error") {
            let code = error["code"].as_i64();
            let is_expected = code == Some(CANCELLED) && asked.is_cancelled || code == Some(MODIFIED);
            self.counted.answered_as_cancelled += usize::from(is_expected);
            if !is_expected {
                self.fault(format!("a request at {:?} of {} was refused: {error}", asked.place, asked.uri));
            }
            return;
        }
        let result = &message["result"];
        let items = result.as_array().or_else(|| result["items"].as_array()).cloned().unwrap_or_default();
        let newest = self.answered.entry(asked.uri.clone()).or_insert(asked.version);
        let is_overtaken = asked.version < *newest;
        *newest = asked.version.max(*newest);
        if asked.is_words || items.is_empty() {
            return;
        }
        if is_overtaken {
            // An answer to a later request came first: the server had seen the edit when it suggested this.
            self.counted.stale += 1;
            self.fault(format!("{} came for version {} after a later answer", items[0]["insertText"], asked.version));
        }
        if self.newest != Some(id) {
            self.counted.late += 1;
            return;
        }
        self.counted.suggested += 1;
        for item in &items {
            if let Err(why) = fits(item, &asked) {
                self.counted.stale += 1;
                self.fault(format!("{why}: {item} at {:?} behind {:?}", asked.place, asked.before));
            }
        }
        self.offers = items;
    }

    /// Looks at what the host has for a text: it is asked to have something written about it, and what comes to the model is
    /// compared.
    fn look(&mut self, sheet: &Sheet) -> anyhow::Result<()> {
        self.strokes_since_look = 0;
        self.cancel()?;
        self.drain(0)?;
        let (from, to) = window(&sheet.page.text, sheet.page.cursor);
        let code = &sheet.page.text[from..to];
        if code.trim().is_empty() {
            return Ok(());
        }
        self.model.forget();
        let (start, end) = (Place::of(&sheet.page.text, from), Place::of(&sheet.page.text, to));
        let range = json!({ "start": start.json(), "end": end.json() });
        let job = json!({ "uri": sheet.uri, "range": range, "task": "document", "version": sheet.version });
        let asked = self.editor.begin("codeAction/resolve", json!({ "title": "Document with Ambit", "data": job }))?;
        let until = Instant::now() + PATIENCE;
        let answer = loop {
            match self.editor.receive(until)? {
                Some(message) if message["id"] == asked => break message,
                Some(message) => self.take(&message),
                None => bail!("the language server does not say what a model wrote about {}", sheet.uri),
            }
        };
        if let Some(error) = answer.get("error") {
            bail!("a model could not be asked about {}: {error}", sheet.uri);
        }
        let heard = self.model.last("/chat/completions").context("the host asked another model")?;
        let body: Value = serde_json::from_str(&heard.body)?;
        let messages = body["messages"].as_array().map(Vec::as_slice).unwrap_or_default();
        let told = messages.last().and_then(|message| message["content"].as_str()).unwrap_or_default();
        self.counted.looks += 1;
        if !told.contains(&format!("\n{code}\n")) {
            self.counted.partings += 1;
            let version = sheet.version;
            self.fault(format!(
                "the host has another text of {} in version {version}: {}",
                sheet.uri,
                parting(told, code)
            ));
        }
        Ok(())
    }

    fn fault(&mut self, fault: String) {
        self.counted.faults += 1;
        // The first ones tell enough.
        if self.counted.first_faults.len() < 20 {
            self.counted.first_faults.push(fault);
        }
    }
}

fn write(path: &Path, text: &str) -> anyhow::Result<()> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))
}

fn content(content: &Content) -> Value {
    match content {
        Content::Part(start, end, text) => {
            json!({ "range": { "start": start.json(), "end": end.json() }, "text": text })
        }
        Content::Whole(text) => json!({ "text": text }),
    }
}

/// Whether a suggestion can be one for the text that it was asked for: it is on the line of the place, holds the place, and
/// begins with what stands before it.
fn fits(item: &Value, asked: &Asked) -> Result<(), &'static str> {
    let place = |name: &str| Place::read(&item["range"][name]).ok_or("a suggestion names no range");
    let (start, end) = (place("start")?, place("end")?);
    let text = item["insertText"].as_str().ok_or("a suggestion holds no text")?;
    if start.line != asked.place.line || end.line != asked.place.line {
        return Err("a suggestion is for another line");
    }
    if start.character > asked.place.character || end.character < asked.place.character {
        return Err("a suggestion is for another place in the line");
    }
    let at = Place { line: 0, character: start.character }.offset(&asked.before);
    let before = at.and_then(|at| asked.before.get(at..)).ok_or("a suggestion begins within a character")?;
    if !text.starts_with(before) {
        return Err("a suggestion does not begin with what stands there");
    }
    Ok(())
}

/// The lines around a place that a model can be given, all of them where they are few enough.
fn window(text: &str, cursor: usize) -> (usize, usize) {
    if text.len() <= MOST {
        return (0, text.len());
    }
    let (first, last) = (cursor.saturating_sub(MOST / 2), (cursor + MOST / 2).min(text.len()));
    let (first, last) = (text.ceil_char_boundary(first), text.floor_char_boundary(last));
    let from = if first == 0 { 0 } else { text[first..].find('\n').map_or(first, |end| first + end + 1) };
    let to = text[..last].rfind('\n').map_or(last, |end| end + 1);
    (from.min(to), to)
}

/// Where a text that came differs from the one that it should hold, for people.
fn parting(told: &str, code: &str) -> String {
    let missing = code.lines().enumerate().find(|(_, line)| !told.contains(line));
    match missing {
        Some((number, line)) => format!("line {} is not there: {line:?}", number + 1),
        None => "its lines are there, but otherwise".to_owned(),
    }
}
