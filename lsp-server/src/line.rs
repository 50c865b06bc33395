//! The line to the host: it is kept open, and what is asked over it finds its answers.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use ambit_client::{Client, EditorLine};
use ambit_protocol::{FromEditor, Problem, SuggestedBy, SuggestionFate, ToEditor};
use tokio::sync::{Notify, mpsc, watch};
use tokio::time::{Instant, sleep, timeout};

use crate::host::Host;
use crate::mirror::Mirror;

/// How soon a line that broke is opened anew, and how seldom at last.
const SOON: Duration = Duration::from_millis(100);
const SELDOM: Duration = Duration::from_secs(10);

/// A line that lived this long was well.
const WELL: Duration = Duration::from_secs(5);

/// How the line stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Standing {
    /// Nothing was tried yet, or nothing is wanted.
    Idle,
    /// A host is being reached or started.
    Coming,
    /// The host answers.
    Ready,
    /// There is no host, and this is why.
    Away { reason: String, hint: Option<String> },
}

/// The line to the host.
pub(crate) struct Line {
    pub(crate) mirror: Mirror,
    waiting: Mutex<HashMap<u64, Waiting>>,
    next: AtomicU64,
    client: Mutex<Option<Client>>,
    standing: watch::Sender<Standing>,
    /// Why no model completes, as the host said last.
    trouble: watch::Sender<Option<Problem>>,
    /// Somebody needs a host.
    needed: Notify,
}

struct Waiting {
    uri: String,
    answers: mpsc::UnboundedSender<ToEditor>,
    /// Whether an edit of the document makes the answer worthless.
    ends_with_edit: bool,
}

/// A request on its way. Dropping it before its last answer tells the host that it is not wanted any more.
pub(crate) struct Asked {
    /// The version of the document that it is about.
    pub(crate) version: i32,
    id: u64,
    line: Arc<Line>,
    answers: mpsc::UnboundedReceiver<ToEditor>,
}

impl Line {
    pub(crate) fn new() -> Self {
        Self {
            mirror: Mirror::default(),
            waiting: Mutex::default(),
            next: AtomicU64::new(1),
            client: Mutex::default(),
            standing: watch::Sender::new(Standing::Idle),
            trouble: watch::Sender::new(None),
            needed: Notify::new(),
        }
    }

    /// How the line stands, and every change of that.
    pub(crate) fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.subscribe()
    }

    /// Why no model completes, whenever the host says so.
    pub(crate) fn trouble(&self) -> watch::Receiver<Option<Problem>> {
        self.trouble.subscribe()
    }

    /// A client for the other routes, while there is a host.
    pub(crate) fn client(&self) -> Option<Client> {
        self.need();
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Says that somebody is at work here: a host that was stopped is started for them again.
    pub(crate) fn need(&self) {
        self.needed.notify_one();
    }

    /// Asks about a document in its present version; none when there is no host, or it is not to have the document. `make` gets
    /// the request's id and the version.
    pub(crate) fn ask(
        self: &Arc<Self>,
        uri: &str,
        ends_with_edit: bool,
        make: impl FnOnce(u64, i32) -> FromEditor,
    ) -> Option<Asked> {
        self.need();
        let id = self.next.fetch_add(1, Ordering::Relaxed);
        let (sender, answers) = mpsc::unbounded_channel();
        self.waiting().insert(id, Waiting { uri: uri.to_owned(), answers: sender, ends_with_edit });
        match self.mirror.send_about(uri, |version| make(id, version)) {
            Some(version) => Some(Asked { version, id, line: Arc::clone(self), answers }),
            None => {
                self.waiting().remove(&id);
                None
            }
        }
    }

    /// Ends what was asked about a document and is worthless once that is edited.
    pub(crate) fn supersede(&self, uri: &str) {
        let mut superseded = Vec::new();
        self.waiting().retain(|id, waiting| {
            let stays = !waiting.ends_with_edit || waiting.uri != uri;
            if !stays {
                superseded.push(*id);
            }
            stays
        });
        for id in superseded {
            self.mirror.send(FromEditor::Cancel { id });
        }
    }

    /// Tells what became of a suggestion.
    pub(crate) fn tell(&self, suggestion: u64, fate: SuggestionFate, characters: Option<u32>) {
        self.mirror.send(FromEditor::Tell { suggestion, fate, characters });
    }

    /// Keeps the line open, for ever. A host that is not there is started, unless nothing is wanted in this editor. One that was
    /// there and has gone was perhaps stopped on purpose, or another one takes over: it is started once somebody needs it.
    pub(crate) async fn keep(&self, host: &Host, mut wanted: watch::Receiver<bool>) {
        let mut pause = SOON;
        let mut was_there = false;
        while wanted.wait_for(|wanted| *wanted).await.is_ok() {
            let mut opened = None;
            self.stand(Standing::Coming);
            let ended = tokio::select! {
                ended = self.once(host, was_there, &mut opened) => ended,
                _ = wanted.wait_for(|wanted| !*wanted) => Ok(()),
            };
            self.mirror.detach();
            self.waiting().clear();
            self.set_client(None);
            self.stand(match ended {
                Ok(()) => Standing::Idle,
                Err(error) => Standing::Away { reason: error.to_string(), hint: error.hint().map(str::to_owned) },
            });
            was_there |= opened.is_some();
            // What was needed of a host that has gone is not needed of the next one.
            timeout(Duration::ZERO, self.needed.notified()).await.ok();
            let was_well = opened.is_some_and(|opened: Instant| opened.elapsed() >= WELL);
            pause = if was_well { SOON } else { (pause * 2).min(SELDOM) };
            sleep(pause).await;
        }
    }

    /// One life of the line.
    async fn once(&self, host: &Host, was_there: bool, opened: &mut Option<Instant>) -> ambit_client::Result<()> {
        let client = if was_there {
            tokio::select! {
                found = host.find() => found?,
                () = self.needed.notified() => host.connect().await?,
            }
        } else {
            host.connect().await?
        };
        let EditorLine { mut sender, mut receiver } = client.editor().await?;
        *opened = Some(Instant::now());
        self.set_client(Some(client));
        let (queue, mut queued) = mpsc::unbounded_channel();
        self.mirror.attach(queue);
        let sending = async {
            while let Some(outgoing) = queued.recv().await {
                if let Some(frame) = self.mirror.frame(outgoing) {
                    sender.send(&frame).await?;
                }
            }
            Ok(())
        };
        let receiving = async {
            while let Some(frame) = receiver.next().await {
                match frame {
                    Ok(frame) => self.take(frame),
                    // A newer host may say what this program does not know.
                    Err(ambit_client::Error::Malformed { .. }) => {}
                    Err(error) => return Err(error),
                }
            }
            Err(ambit_client::Error::Interrupted { source: None })
        };
        tokio::select! {
            ended = sending => ended,
            ended = receiving => ended,
        }
    }

    fn take(&self, frame: ToEditor) {
        let (id, is_last) = match &frame {
            ToEditor::Ready { .. } => return self.stand(Standing::Ready),
            ToEditor::Resync { uri } => return self.mirror.reopen(uri),
            ToEditor::Trouble { problem } => {
                self.trouble.send_replace(Some(problem.clone()));
                return;
            }
            ToEditor::Text { id, .. } => (*id, false),
            ToEditor::Suggested { id, .. }
            | ToEditor::Edits { id, .. }
            | ToEditor::Wrote { id, .. }
            | ToEditor::Failed { id, .. } => (*id, true),
        };
        if let ToEditor::Suggested { suggestions, .. } = &frame
            && suggestions.iter().any(|suggestion| suggestion.by == SuggestedBy::Model)
        {
            // It completes again.
            self.trouble.send_if_modified(|trouble| trouble.take().is_some());
        }
        let mut waiting = self.waiting();
        if let Some(request) = waiting.get(&id) {
            // Who asked may have gone this very moment.
            request.answers.send(frame).ok();
        }
        if is_last {
            waiting.remove(&id);
        }
    }

    fn stand(&self, standing: Standing) {
        self.standing.send_if_modified(|before| {
            let differs = *before != standing;
            *before = standing;
            differs
        });
    }

    fn set_client(&self, client: Option<Client>) {
        *self.client.lock().unwrap_or_else(PoisonError::into_inner) = client;
    }

    fn waiting(&self) -> MutexGuard<'_, HashMap<u64, Waiting>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Asked {
    /// The next answer; none when an edit came in between, or the host has gone.
    pub(crate) async fn next(&mut self) -> Option<ToEditor> {
        self.answers.recv().await
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        let is_open = self.line.waiting().remove(&self.id).is_some();
        if is_open {
            self.line.mirror.send(FromEditor::Cancel { id: self.id });
        }
    }
}
