mod answers;
mod attachments;
mod editor;
mod folders;
mod generation;
mod imports;
mod mentions;
mod pages;
mod providers;
mod recent;
mod records;
mod settings;
mod sources;
mod suggestions;
mod timer;
mod under_way;
mod updates;
mod upkeep;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use ambit_domain::port::{EmbedderState, Interaction, PullEvent};
use ambit_domain::{AuditEntry, Cancellation, Error, ErrorCode, Result, RootId, Sequence, Taint, Timestamp};
use ambit_recall::index::{
    Background, IndexOptions, IndexPorts, IndexProgress, Indexer, InteractiveGate, ProgressBoard,
};
use ambit_recall::{Names, Recall, RecallOptions};
use serde_json::Value;
use tokio::sync::{Mutex, watch};
use tokio_util::task::TaskTracker;

pub use self::editor::EditorLine;
use self::editor::{Codebases, Completing};
use self::folders::RootTask;
use self::recent::RecentContext;
use self::suggestions::Learning;
use self::timer::TokioTimer;
use self::under_way::UnderWay;
use crate::{AskEvent, Caller, Configuration, EmbedderStatus, Ports, Status};

/// Commands in, events out. Clones share everything.
///
/// Made without doing anything; [`Runtime::start`] begins the work, and nothing of it is left when
/// [`Runtime::shutdown`] returns. All methods but these two need no order and may be called at the same time.
#[derive(Clone)]
pub struct Runtime {
    inner: Arc<Inner>,
}

struct Inner {
    ports: Ports,
    configuration: Configuration,
    indexer: Arc<Indexer>,
    recall: Recall,
    gate: InteractiveGate,
    progress: watch::Sender<IndexProgress>,
    roots: Mutex<HashMap<RootId, RootTask>>,
    /// Loops that run until the end.
    background: TaskTracker,
    stop_background: Cancellation,
    /// Answers that are being made.
    answers: TaskTracker,
    stop_answers: Cancellation,
    /// Answers to questions among them, by their turns.
    turns: Arc<UnderWay<AskEvent>>,
    /// Models on their way here, by what was asked for.
    pulls: Arc<UnderWay<PullEvent>>,
    /// The code around what is open in editors.
    codebases: Codebases,
    /// What was read and what failed just now, elsewhere.
    recent: RecentContext,
    /// How code is completed in editors.
    completing: Completing,
    /// What is known of suggestions in them.
    learning: Learning,
    running: AtomicBool,
    /// The names of the indexed files, as of a change to them.
    names: Mutex<Option<(Sequence, Arc<Names>)>>,
    started: OnceLock<(Timestamp, Instant)>,
}

impl Runtime {
    /// A runtime over these ports.
    #[must_use]
    pub fn new(ports: Ports, configuration: Configuration) -> Self {
        let (progress, _) = watch::channel(IndexProgress::default());
        let told = progress.clone();
        let board = ProgressBoard::new(move |sum| {
            told.send_replace(sum);
        });
        let gate = InteractiveGate::default();
        let codebases = Codebases::new(configuration.counts_folder.clone());
        let options = IndexOptions {
            embed_batch: configuration.embed_batch,
            commit_documents: configuration.commit_documents,
            commit_within: Duration::from_millis(configuration.commit_millis),
            outside: vec![ports.pages.folder()],
        };
        let indexer = Indexer::new(index_ports(&ports), options, Arc::new(TokioTimer), board, gate.clone());
        let recall = Recall::new(
            Arc::clone(&ports.documents),
            Arc::clone(&ports.passage_index),
            Arc::clone(&ports.graph),
            Arc::clone(&ports.embedder),
            Arc::clone(&ports.memories),
            RecallOptions { memories: configuration.memory_limit, ..RecallOptions::default() },
        );
        let inner = Inner {
            ports,
            configuration,
            indexer: Arc::new(indexer),
            recall,
            gate,
            progress,
            roots: Mutex::default(),
            background: TaskTracker::new(),
            stop_background: Cancellation::new(),
            answers: TaskTracker::new(),
            stop_answers: Cancellation::new(),
            turns: Arc::default(),
            pulls: Arc::default(),
            codebases,
            recent: RecentContext::default(),
            completing: Completing::default(),
            learning: Learning::default(),
            running: AtomicBool::new(false),
            names: Mutex::default(),
            started: OnceLock::new(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Marks turns that were interrupted, starts to watch all roots, and starts the loops that keep the derived stores
    /// in step; these first heal what a crash or an older copy of a store left behind. Must be called within a Tokio
    /// runtime.
    ///
    /// # Errors
    /// `conflict` when it was started before; what the documents, conversations or preferences say.
    pub async fn start(&self) -> Result<()> {
        let inner = &self.inner;
        if inner.started.set((inner.ports.clock.now(), Instant::now())).is_err() {
            return Err(Error::new(ErrorCode::Conflict, "the runtime was started before"));
        }
        let interrupted = inner.ports.conversations.fail_interrupted().await?;
        if interrupted > 0 {
            tracing::info!(interrupted, "answers were interrupted when the host stopped last time");
        }
        inner.indexer.forgotten().load(inner.ports.preferences.as_ref()).await?;
        inner.completing.take(&self.settings().await?);
        self.recall_learnt().await;
        // Those that were read before there was such a label have none, and those of a backup from then.
        inner.ports.documents.set_taint(self.pages_folder().await, Taint::Outside).await?;
        inner.running.store(true, Ordering::SeqCst);
        self.watch_all().await?;
        let (indexer, stop) = (Arc::clone(&inner.indexer), inner.stop_background.clone());
        inner.background.spawn(async move { indexer.follow_vectors(&stop).await });
        let (indexer, stop) = (Arc::clone(&inner.indexer), inner.stop_background.clone());
        inner.background.spawn(async move { indexer.follow_graph(&stop).await });
        let runtime = self.clone();
        inner.background.spawn(async move { runtime.keep_up().await });
        if inner.ports.updates.is_wanted() {
            let runtime = self.clone();
            inner.background.spawn(async move { runtime.follow_updates().await });
        }
        Ok(())
    }

    /// Stops background work, lets running answers end for at most `grace`, then stops these too and stores them as
    /// cancelled. When it returns, every task has ended. Nothing that was acknowledged is lost: all that was stopped is
    /// resumed by the next start.
    pub async fn shutdown(&self, grace: Duration) {
        let inner = &self.inner;
        inner.running.store(false, Ordering::SeqCst);
        inner.stop_background.cancel();
        for task in inner.roots.lock().await.values() {
            task.cancellation.cancel();
        }
        inner.answers.close();
        if tokio::time::timeout(grace, inner.answers.wait()).await.is_err() {
            inner.stop_answers.cancel();
            inner.answers.wait().await;
        }
        inner.stop_answers.cancel();
        inner.background.close();
        inner.background.wait().await;
        inner.roots.lock().await.clear();
    }

    /// How everything stands. A derived store that cannot be asked counts as empty.
    ///
    /// # Errors
    /// What the documents say.
    pub async fn status(&self) -> Result<Status> {
        let inner = &self.inner;
        let ports = &inner.ports;
        let (started, since) = inner.started.get().copied().unwrap_or_else(|| (ports.clock.now(), Instant::now()));
        Ok(Status {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            started,
            uptime_millis: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
            roots: self.roots().await?,
            counts: ports.documents.counts(None).await?,
            progress: inner.indexer.board().progress(),
            background: Background::of(ports.power.as_ref()),
            model: ports.language_models.chosen().map(|model| model.model().to_owned()),
            embedder: self.embedder(),
            host: ports.host.facts(),
            answering: inner.answers.len(),
            sequence: ports.documents.sequence().await?,
            vectors: counted("vectors", ports.passage_index.count().await),
            facts: counted("graph", ports.graph.count().await),
        })
    }

    fn embedder(&self) -> EmbedderStatus {
        let embedder = &self.inner.ports.embedder;
        let reason = match embedder.state() {
            EmbedderState::Ready => None,
            EmbedderState::Missing(reason) => Some(reason),
        };
        EmbedderStatus { model: embedder.model().to_owned(), ready: reason.is_none(), reason }
    }

    /// The time, as the host's clock tells it.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.inner.ports.clock.now()
    }

    /// The recall that answers stand on, for measurements.
    #[must_use]
    pub fn recall(&self) -> &Recall {
        &self.inner.recall
    }

    /// Writes what is about to be done into the audit log. Nothing is done unless this succeeds.
    async fn audit_action(&self, caller: &Caller, action: &str, subject: String, detail: Value) -> Result<()> {
        let entry = AuditEntry { actor: caller.surface.clone(), action: action.to_owned(), subject, detail };
        self.inner.ports.audit.append(entry).await.map(|_| ())
    }

    /// Runs a command and records it, with its time and failure, in the activity log.
    async fn recorded<T>(
        &self,
        surface: &str,
        command: &str,
        work: impl Future<Output = Result<T>> + Send,
    ) -> Result<T> {
        let began = Instant::now();
        let result = Box::pin(work).await;
        self.record(surface, command, began, result.as_ref().err()).await;
        result
    }

    async fn record(&self, surface: &str, command: &str, began: Instant, failure: Option<&Error>) {
        let interaction = Interaction {
            surface: surface.to_owned(),
            command: command.to_owned(),
            at: self.inner.ports.clock.now(),
            milliseconds: u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
            failure: failure.map(|error| error.code().as_str().to_owned()),
        };
        if let Err(error) = self.inner.ports.conversations.record(interaction).await {
            tracing::warn!(command, "a call was not recorded: {error}");
        }
    }
}

fn index_ports(ports: &Ports) -> IndexPorts {
    IndexPorts {
        documents: Arc::clone(&ports.documents),
        passage_index: Arc::clone(&ports.passage_index),
        graph: Arc::clone(&ports.graph),
        source: Arc::clone(&ports.source),
        embedder: Arc::clone(&ports.embedder),
        tokens: Arc::clone(&ports.tokens),
        preferences: Arc::clone(&ports.preferences),
        power: Arc::clone(&ports.power),
    }
}

fn counted(store: &str, count: Result<u64>) -> u64 {
    count.unwrap_or_else(|error| {
        tracing::warn!(store, "a store cannot be counted: {error}");
        0
    })
}
