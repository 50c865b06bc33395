//! How the app stands, in an icon and a line.

use ambit_client::Error;
use ambit_protocol::{BackgroundCause, BackgroundState, Status};

use super::icon::Look;
use crate::words::{Words, counted};

/// What the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Standing {
    /// The icon's look.
    pub(crate) look: Look,
    /// A line of model, index and tasks, or what is wrong.
    pub(crate) line: String,
    /// Whether the user has indexing rest; not known without a host.
    pub(crate) is_paused: Option<bool>,
    /// Whether offline mode is on; likewise.
    pub(crate) is_offline: Option<bool>,
}

impl Standing {
    /// Before the host has answered.
    pub(crate) fn starting(words: &Words) -> Self {
        Self { look: Look::Working, line: words.starting.to_owned(), is_paused: None, is_offline: None }
    }

    /// By what the host says of itself.
    pub(crate) fn of(status: &Status, is_paused: bool, words: &Words) -> Self {
        let progress = &status.progress;
        let is_indexing = progress.scanning || (progress.to_embed > 0 && progress.paused.is_none());
        let problem = status.host.problems.first();
        let look = if status.embedder.missing.is_some() || problem.is_some() {
            Look::NeedsYou
        } else if is_indexing || status.answering > 0 {
            Look::Working
        } else if status.host.offline {
            Look::Offline
        } else {
            Look::Idle
        };
        let model = status.language_model.clone().unwrap_or_else(|| words.no_model.to_owned());
        let mut parts = vec![model, index(status, is_paused, is_indexing, words)];
        if status.background.state == BackgroundState::Slowed {
            parts.push(because(words.slowed, status, words));
        }
        if status.answering > 0 {
            parts.push(counted(status.answering, words.answering));
        }
        let line = problem.map_or_else(|| parts.join(" · "), |problem| shortened(&at_home(problem)));
        Self { look, line, is_paused: Some(is_paused), is_offline: Some(status.host.offline) }
    }

    /// Whether it may soon stand otherwise.
    pub(crate) fn is_working(&self) -> bool {
        self.look == Look::Working
    }

    /// Without a host.
    pub(crate) fn failed(error: &Error) -> Self {
        Self { look: Look::NeedsYou, line: shortened(&at_home(&error.to_string())), is_paused: None, is_offline: None }
    }
}

fn index(status: &Status, is_paused: bool, is_indexing: bool, words: &Words) -> String {
    let progress = &status.progress;
    let left = progress.discovered.saturating_sub(progress.processed);
    if status.embedder.missing.is_some() {
        words.embedder_missing.to_owned()
    } else if is_paused {
        words.paused.to_owned()
    } else if status.background.state == BackgroundState::Resting {
        because(words.rests, status, words)
    } else if is_indexing && left > 0 {
        counted(left, words.to_read)
    } else if is_indexing {
        counted(progress.to_embed, words.to_embed)
    } else if progress.paused.is_some() {
        words.rests.to_owned()
    } else {
        let counts = &status.counts;
        counted(counts.indexed + counts.pending, words.indexed)
    }
}

/// What work in the background does, and why.
fn because(what: &str, status: &Status, words: &Words) -> String {
    let why = match status.background.cause {
        Some(BackgroundCause::Battery) => words.on_battery,
        Some(BackgroundCause::Profile) => words.saver,
        Some(BackgroundCause::Memory) => words.memory_short,
        Some(BackgroundCause::Heat) => words.processor_hot,
        _ => return what.to_owned(),
    };
    format!("{what}: {why}")
}

/// With the home folder as people write it.
fn at_home(text: &str) -> String {
    match std::env::var("HOME") {
        Ok(home) if home.len() > 1 => text.replace(&format!("{home}/"), "~/"),
        _ => text.to_owned(),
    }
}

/// A menu is as wide as its longest line.
fn shortened(text: &str) -> String {
    const MOST: usize = 90;
    if text.chars().count() <= MOST {
        return text.to_owned();
    }
    text.chars().take(MOST - 1).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use ambit_protocol::{BackgroundStatus, EmbedderStatus, HostStatus, IndexCounts, IndexProgress, MemoryStatus};

    use super::*;
    use crate::words::{ENGLISH, GERMAN};

    fn status() -> Status {
        Status {
            version: "0.1.0".to_owned(),
            started_at: 0,
            uptime_millis: 0,
            process: 1,
            roots: Vec::new(),
            counts: IndexCounts { indexed: 12, ..IndexCounts::default() },
            progress: IndexProgress::default(),
            background: BackgroundStatus::default(),
            language_model: Some("qwen".to_owned()),
            embedder: EmbedderStatus { model: "mini".to_owned(), ready: true, missing: None },
            host: HostStatus::default(),
            answering: 0,
            sequence: 0,
            vectors: 0,
            facts: 0,
            memory: MemoryStatus::default(),
        }
    }

    fn told(change: impl FnOnce(&mut Status), is_paused: bool) -> (Look, String) {
        let mut status = status();
        change(&mut status);
        let Standing { look, line, .. } = Standing::of(&status, is_paused, &ENGLISH);
        (look, line)
    }

    #[test]
    fn the_line_tells_model_index_and_tasks() {
        assert_eq!(told(|_| {}, false), (Look::Idle, "qwen · 12 files indexed".to_owned()));
        assert_eq!(
            told(|status| status.answering = 2, false),
            (Look::Working, "qwen · 12 files indexed · answering 2 questions".to_owned())
        );
        let indexing = |status: &mut Status| {
            status.progress = IndexProgress { scanning: true, discovered: 5, processed: 4, ..IndexProgress::default() };
        };
        assert_eq!(told(indexing, false), (Look::Working, "qwen · indexing, 1 file to read".to_owned()));
    }

    #[test]
    fn the_line_is_told_in_german_as_well() {
        let standing = Standing::of(&Status { language_model: None, ..status() }, true, &GERMAN);
        assert_eq!(standing.line, "kein Sprachmodell · Indizieren ist angehalten");
    }

    #[test]
    fn the_line_tells_why_work_rests_or_is_slow() {
        let background = |state, cause| {
            let background = BackgroundStatus { state, cause: Some(cause), reason: None };
            let status = Status { background, ..status() };
            [&ENGLISH, &GERMAN].map(|words| Standing::of(&status, false, words).line)
        };
        let [english, german] = background(BackgroundState::Slowed, BackgroundCause::Battery);
        assert_eq!(english, "qwen · 12 files indexed · slowed: on battery");
        assert_eq!(german, "qwen · 12 Dateien im Index · gebremst: im Akkubetrieb");
        let [english, german] = background(BackgroundState::Resting, BackgroundCause::Memory);
        assert_eq!(english, "qwen · indexing rests: memory is scarce");
        assert_eq!(german, "qwen · Indizieren ruht: Speicher ist knapp");
        let [english, german] = background(BackgroundState::Slowed, BackgroundCause::Profile);
        assert_eq!((english.contains("saver profile"), german.contains("Sparprofil")), (true, true));
        let [english, german] = background(BackgroundState::Resting, BackgroundCause::Heat);
        assert_eq!((english.contains("processor"), german.contains("Prozessor")), (true, true));
        let [english, _] = background(BackgroundState::Slowed, BackgroundCause::Other);
        assert_eq!(english, "qwen · 12 files indexed · slowed", "a newer host knows more causes");
    }

    #[test]
    fn a_rest_is_no_work_and_what_is_missing_needs_the_user() {
        let resting = |status: &mut Status| {
            status.progress.to_embed = 7;
            status.progress.paused = Some("you paused it".to_owned());
        };
        assert_eq!(told(resting, true), (Look::Idle, "qwen · indexing is paused".to_owned()));
        assert_eq!(told(|status| status.host.offline = true, false).0, Look::Offline);
        let missing = |status: &mut Status| status.embedder.missing = Some("pull it".to_owned());
        assert_eq!(told(missing, false).0, Look::NeedsYou);
        let broken = |status: &mut Status| status.host.problems = vec!["settings.toml was set aside".to_owned()];
        assert_eq!(told(broken, false), (Look::NeedsYou, "settings.toml was set aside".to_owned()));
    }
}
