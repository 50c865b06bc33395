//! Record and replay: real changes of real projects, typed key by key through a real language server in front of a real host.
//!
//! What was recorded is the history of a repository, two versions of a crate, and a few odd texts; what is replayed is how
//! somebody may have typed it ([`page`]), by a fixed seed. The server is asked what follows behind each key and told when that
//! is not wanted any more, and what it answers is checked: the texts never part, each request is answered once, as cancelled
//! only when it was, and nothing is suggested for a text that has gone.

pub mod changes;
pub mod edits;
pub mod page;
pub mod text;

mod editor;
mod git;
mod recorded;
mod relay;
mod typist;

use std::path::{Path, PathBuf};
use std::time::Duration;

use ambit_protocol::NewProvider;
use clap::ValueEnum;
use serde_json::json;

use self::changes::Commit;
use self::editor::Editor;
pub use self::recorded::{Recorded, Work};
use self::relay::Relay;
use self::typist::Typist;
use crate::fake_model::FakeModel;
use crate::host::RunningHost;
use crate::report::{Aim, Figure};
use crate::synthetic::Random;

/// Files of a commit that are open at once.
const OPEN: usize = 3;
/// What the random numbers begin with.
const SEED: u64 = 0x7E1E;

/// How fast somebody types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Speed {
    /// Five to eight keys a second, and now and then a pause.
    Human,
    /// Five times that.
    Fivefold,
    /// As fast as it goes.
    Fast,
}

impl Speed {
    /// How long the next key takes.
    pub(super) fn pause(self, random: &mut Random) -> Duration {
        // Now and then two fingers come down almost together, so that a key overtakes what was asked behind the last one.
        let is_rolled = random.below(12) == 0;
        let key = if is_rolled { 0.003 * random.unit() } else { 0.125 + 0.075 * random.unit() };
        // Somebody who types looks up at times.
        let thought = if random.below(60) == 0 { 0.5 + 1.5 * random.unit() } else { 0.0 };
        match self {
            Self::Human => Duration::from_secs_f64(key + thought),
            Self::Fivefold => Duration::from_secs_f64((key + thought) / 5.0),
            Self::Fast => Duration::ZERO,
        }
    }
}

/// What came about while one typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Keys, and what was pasted, undone or selected and deleted at once.
    pub keys: usize,
    /// Files that became what they were to be.
    pub files: usize,
    /// How often one went to another document.
    pub switches: usize,
    /// How often one saved.
    pub saves: usize,
    /// Requests.
    pub asked: usize,
    /// Those that were cancelled before an answer was read.
    pub cancelled: usize,
    /// Those that were answered as cancelled, or with that the text is another by now.
    pub answered_as_cancelled: usize,
    /// Suggestions that came when nothing was typed since, and could be shown.
    pub suggested: usize,
    /// Those that were right, and taken.
    pub accepted: usize,
    /// Suggestions that were on their way when one typed on, so that no editor shows them.
    pub late: usize,
    /// How often it was looked at what the host has for a text.
    pub looks: usize,
    /// How often that was another text, or the host itself noticed.
    pub partings: usize,
    /// Suggestions that were for another text than they came for.
    pub stale: usize,
    /// Requests that were not answered.
    pub unanswered: usize,
    /// All that was wrong.
    pub faults: usize,
    /// The first of that, in words.
    pub first_faults: Vec<String>,
}

impl Counted {
    /// What was counted, as a report has it.
    #[must_use]
    pub fn figures(&self) -> Vec<Figure> {
        let count = |name: &str, value: usize| Figure::new(name, value as f64, "");
        let none = |name: &str, value: usize| count(name, value).with_aim(Aim::AtMost(0.0));
        vec![
            none("partings", self.partings),
            none("stale", self.stale),
            none("unanswered", self.unanswered),
            none("faults", self.faults),
            count("keys", self.keys),
            count("files", self.files),
            count("requests", self.asked),
            count("cancelled", self.cancelled),
            count("answered as cancelled", self.answered_as_cancelled),
            count("suggested", self.suggested),
            count("late", self.late),
            count("accepted", self.accepted),
            count("looks at the host's text", self.looks),
        ]
    }
}

/// A host, and a model that it can be made to ask.
#[derive(Debug)]
pub struct Stage {
    host: RunningHost,
    model: FakeModel,
    relay: Relay,
    scratch: tempfile::TempDir,
}

impl Stage {
    /// Starts a host. `model` is the folder with the embedder's files.
    ///
    /// # Errors
    /// When the host cannot be started, or takes no model.
    pub async fn start(binary: &Path, model: &Path) -> anyhow::Result<Self> {
        let host = RunningHost::start(binary, model).await?;
        let model = FakeModel::start(Duration::ZERO)?;
        add(&host, &model).await?;
        host.client().set_setting("models.language", json!(FAKE_MODEL)).await?;
        let relay = Relay::to(host.data_directory())?;
        let scratch = tempfile::Builder::new().prefix("ambit-replay-").tempdir()?;
        Ok(Self { host, model, relay, scratch })
    }

    /// The folder in which the files are typed, with what stood there before the first commit, if that is of a repository.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn set_up(&self, repository: &Path, commits: &[Commit]) -> anyhow::Result<PathBuf> {
        let project = self.scratch.path().join("project");
        std::fs::create_dir_all(&project)?;
        if let Some(before) = commits.iter().find_map(|commit| commit.parent.as_deref()) {
            git::check_out(repository, before, &project, &self.scratch.path().join("index"))?;
        }
        Ok(project)
    }

    /// Somebody who is about to type in a folder.
    ///
    /// # Errors
    /// When the language server cannot be started.
    pub fn typing(&self, server: &Path, project: &Path, speed: Speed) -> anyhow::Result<Typing<'_>> {
        let editor = Editor::start(server, self.relay.data_directory(), project)?;
        Ok(Typing { typist: Typist::new(editor, project.to_owned(), speed, SEED, &self.model), relay: &self.relay })
    }

    /// Ends the host.
    ///
    /// # Errors
    /// When it does not end.
    pub async fn end(self) -> anyhow::Result<()> {
        self.host.stop().await
    }
}

/// What the fake model is called by the host.
pub(crate) const FAKE_MODEL: &str = "fake/typist";

/// Has a host know the fake model as a provider on this machine.
pub(crate) async fn add(host: &RunningHost, model: &FakeModel) -> anyhow::Result<()> {
    let provider = NewProvider {
        name: "fake".to_owned(),
        url: model.url(),
        kind: None,
        models: vec!["typist".to_owned()],
        image_models: Vec::new(),
        context_tokens: Some(1_000_000),
    };
    host.client().add_provider(&provider).await?;
    Ok(())
}

/// Somebody who types, in an editor with a language server of its own.
pub struct Typing<'a> {
    typist: Typist<'a>,
    relay: &'a Relay,
}

impl Typing<'_> {
    /// The process of the language server.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.typist.editor.process()
    }

    /// Types commits, one after the other, as long as `go_on` says so.
    ///
    /// # Errors
    /// When the language server breaks off. What is wrong with its answers is counted.
    pub fn replay(&mut self, commits: &[Commit], go_on: &mut dyn FnMut(&Counted) -> bool) -> anyhow::Result<()> {
        for commit in commits {
            for changes in commit.changes.chunks(OPEN) {
                if !go_on(&self.typist.counted) {
                    return Ok(());
                }
                self.typist.make(changes, go_on)?;
            }
        }
        Ok(())
    }

    /// Ends the language server, and tells what came about.
    ///
    /// # Errors
    /// When it does not end.
    pub fn end(self) -> anyhow::Result<Counted> {
        let mut counted = self.typist.end()?;
        let noticed = self.relay.partings();
        if noticed > 0 {
            counted.partings += noticed;
            counted.faults += noticed;
            counted.first_faults.push(format!("the host lost count of a text {noticed} times"));
        }
        Ok(counted)
    }
}
