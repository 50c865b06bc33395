use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::Thread;

use ambit_domain::port::{Clock, DocumentRecord, Documents, KeywordQuery};
use ambit_domain::{Chunk, DocumentKind, Extraction, Outline, PassageFilter, RootId, Span, Taint, Timestamp};
use ambit_state_store::StateStore;
use tempfile::TempDir;

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// Waits for a future on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = pin!(future);
    let waker = Waker::from(Arc::new(Unpark(std::thread::current())));
    loop {
        if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker)) {
            return output;
        }
        std::thread::park();
    }
}

/// A clock that moves on by a millisecond at each look.
pub struct Ticking(AtomicI64);

impl Clock for Ticking {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.fetch_add(1, Ordering::Relaxed))
    }
}

pub fn clock() -> Arc<dyn Clock> {
    Arc::new(Ticking(AtomicI64::new(1_700_000_000_000)))
}

/// A store in a folder of its own, with one indexed folder `/notes`.
pub struct Fixture {
    pub folder: TempDir,
    pub store: StateStore,
    pub root: RootId,
}

impl Fixture {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = StateStore::open(&folder.path().join("state.db"), clock()).unwrap();
        let root = wait(store.add_root(PathBuf::from("/notes"))).unwrap().id;
        Self { folder, store, root }
    }

    pub fn file(&self) -> PathBuf {
        self.folder.path().join("state.db")
    }

    /// Stores one Markdown file whose passages are these texts.
    pub fn write(&self, path: &str, texts: &[&str]) -> ambit_domain::Sequence {
        wait(self.store.write(vec![record(self.root, path, texts)])).unwrap()
    }

    /// The texts of the passages that a search finds, best first.
    pub fn find(&self, text: &str) -> Vec<String> {
        self.find_in(text, PassageFilter::default())
    }

    pub fn find_in(&self, text: &str, filter: PassageFilter) -> Vec<String> {
        let hits = wait(self.store.search(KeywordQuery { text: text.to_owned(), limit: 20, filter })).unwrap();
        let passages = wait(self.store.passages(hits.iter().map(|hit| hit.passage).collect())).unwrap();
        assert_eq!(hits.len(), passages.len(), "a hit leads to a passage that is not there");
        for (hit, (passage, document)) in hits.iter().zip(&passages) {
            assert_eq!((hit.passage, hit.document), (passage.id, document.id));
            assert!(hit.score > 0.0);
        }
        passages.into_iter().map(|(passage, _)| passage.text).collect()
    }
}

/// A file with these passages; its hash is made from them.
pub fn record(root: RootId, path: &str, texts: &[&str]) -> DocumentRecord {
    let chunks = (1..).zip(texts).map(|(line, text)| chunk(text, &[], line)).collect();
    DocumentRecord {
        root,
        path: PathBuf::from(path),
        hash: blake3_of(texts),
        size: texts.iter().map(|text| text.len() as u64).sum(),
        modified: Timestamp(1_600_000_000_000),
        extraction: Extraction {
            kind: DocumentKind::Markdown,
            language: Some("en".to_owned()),
            title: None,
            chunks,
            outline: Outline::default(),
            warnings: Vec::new(),
        },
        taint: Taint::Trusted,
    }
}

pub fn chunk(text: &str, breadcrumb: &[&str], line: u32) -> Chunk {
    Chunk {
        text: text.to_owned(),
        breadcrumb: breadcrumb.iter().map(|&heading| heading.to_owned()).collect(),
        anchor: None,
        span: Span::Lines { start: line, end: line },
        tokens: 1,
    }
}

/// Any text that differs when the passages differ will do as a hash.
fn blake3_of(texts: &[&str]) -> String {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    texts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

/// The bytes of the database with its log and shared memory, as they lie on the disk.
pub fn bytes_on_disk(folder: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap());
    }
    bytes
}

/// Whether a text stands in bytes.
pub fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
