//! A world in memory, and the pipeline running over it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::port::Documents as _;
use ambit_domain::{BoxFuture, Cancellation, IndexRoot, Result, Sequence};
use ambit_recall::index::{IndexOptions, IndexPorts, Indexer, InteractiveGate, ProgressBoard, Signal, Timer};
use ambit_runtime::testing::{Tripwire, World};

pub(crate) const ROOT: &str = "/books";

/// The pipeline's time runs this many times faster than the clock on the wall.
const HASTE: u32 = 500;

/// Waits, in the pipeline's time.
pub(crate) async fn sleep(duration: Duration) {
    tokio::time::sleep((duration / HASTE).max(Duration::from_millis(1))).await;
}

struct HastyTimer;

impl Timer for HastyTimer {
    fn sleep(&self, duration: Duration) -> BoxFuture<'static, ()> {
        Box::pin(sleep(duration))
    }
}

/// How often, and for how long in all, a test looks whether something is so: about ten seconds on the wall.
const LOOKS: u32 = 8000;
const LOOK_AGAIN: Duration = Duration::from_millis(5);

/// A process over a world: what of it survives is in the world.
pub(crate) struct Stage {
    pub(crate) world: World,
    pub(crate) indexer: Indexer,
    pub(crate) gate: InteractiveGate,
    pub(crate) rescan: Signal,
}

pub(crate) fn path(name: &str) -> PathBuf {
    Path::new(ROOT).join(name)
}

/// The world as a new process finds it: the stores' content behind another wire.
pub(crate) fn reopened(world: &World, wire: &Tripwire) -> World {
    World {
        documents: Arc::new(world.documents.reopen(wire.clone())),
        passage_index: Arc::new(world.passage_index.reopen(wire.clone())),
        graph: Arc::new(world.graph.reopen(wire.clone())),
        ..world.clone()
    }
}

impl Stage {
    pub(crate) fn new(world: World) -> Self {
        let ports = world.ports();
        let ports = IndexPorts {
            documents: ports.documents,
            passage_index: ports.passage_index,
            graph: ports.graph,
            source: ports.source,
            embedder: ports.embedder,
            tokens: ports.tokens,
            preferences: ports.preferences,
            power: ports.power,
        };
        let gate = InteractiveGate::default();
        let options = IndexOptions { embed_batch: 3, commit_documents: 4, ..IndexOptions::default() };
        let board = ProgressBoard::new(|_| {});
        let indexer = Indexer::new(ports, options, Arc::new(HastyTimer), board, gate.clone());
        Self { world, indexer, gate, rescan: Signal::default() }
    }

    /// Drives the whole pipeline while `script` runs; what the script gives ends it.
    pub(crate) async fn run<T>(&self, script: impl Future<Output = T>) -> T {
        let stop = Cancellation::new();
        let follow = async {
            let root = self.root().await.expect("the root can be stored");
            self.indexer.forgotten().load(self.world.preferences.as_ref()).await.expect("preferences in memory");
            self.indexer.board().report_root(root.id, |progress| progress.scanning = true);
            tokio::join!(
                self.indexer.follow_root(&root, &self.rescan, &stop),
                self.indexer.follow_vectors(&stop),
                self.indexer.follow_graph(&stop),
            );
        };
        tokio::select! {
            result = script => result,
            () = follow => panic!("the pipeline ended by itself"),
        }
    }

    /// Drives the pipeline until it has nothing left to do.
    pub(crate) async fn settle(&self) {
        self.run(self.settled()).await;
    }

    pub(crate) async fn settled(&self) {
        for _ in 0..LOOKS {
            sleep(LOOK_AGAIN).await;
            if self.agrees().is_ok() && !self.indexer.board().progress().scanning {
                return;
            }
        }
        panic!("after ten seconds the stores still disagree: {}", self.agrees().unwrap_err());
    }

    /// Waits until something is so.
    pub(crate) async fn until(&self, what: &str, mut so: impl FnMut() -> bool) {
        for _ in 0..LOOKS {
            if so() {
                return;
            }
            sleep(LOOK_AGAIN).await;
        }
        panic!("after ten seconds it is still not so that {what}");
    }

    pub(crate) async fn root(&self) -> Result<IndexRoot> {
        self.world.documents.add_root(PathBuf::from(ROOT)).await
    }

    /// Whether documents, vectors and graph hold exactly what the files hold.
    pub(crate) fn agrees(&self) -> Result<(), String> {
        let mut files = self.world.source.contents();
        files.retain(|path, _| !self.indexer.forgotten().covers(path));
        let documents = self.world.documents.contents();
        if files != documents {
            return Err(format!("the files are {files:?}, but the documents are {documents:?}"));
        }
        let passages: BTreeSet<_> = self.world.documents.all_passages().into_iter().collect();
        let vectors: BTreeSet<_> = self.world.passage_index.contents().into_iter().collect();
        if passages != vectors {
            return Err(format!("the passages are {passages:?}, but the vectors are {vectors:?}"));
        }
        let facts: BTreeSet<PathBuf> = self.world.graph.contents().into_values().collect();
        if facts != documents.into_keys().collect() {
            return Err(format!("the graph knows {facts:?}"));
        }
        Ok(())
    }

    /// Whether the documents have it on record that a derived store is up to date.
    pub(crate) async fn recorded(&self) -> (Sequence, Sequence, Sequence) {
        let documents = &self.world.documents;
        let newest = documents.sequence().await.unwrap();
        (newest, documents.applied("vectors").await.unwrap(), documents.applied("graph").await.unwrap())
    }
}

/// Three small books.
pub(crate) fn library(world: &World) {
    world.source.write_unseen(
        path("ownership.md"),
        "# Ownership\nEach value in Rust has an owner, and there can only be one owner at a time.\n## Moves\nAssigning a heap \
         value moves it; the first variable is no longer valid. See [borrowing](borrowing.md).",
    );
    world.source.write_unseen(
        path("borrowing.md"),
        "# Borrowing\nA reference borrows a value without taking ownership.\n## Rules\nEither one mutable reference or any \
         number of immutable references may exist at the same time.",
    );
    world.source.write_unseen(
        path("notes/threads.md"),
        "# Threads\nSpawn a thread and join its handle. A mutex guards data that several threads change.",
    );
}
