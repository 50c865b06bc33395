use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use ambit_domain::port::{Clock, PassageIndex};
use ambit_domain::{
    DocumentId, DocumentKind, Embedding, PassageFilter, PassageId, PassageVector, Sequence, Timestamp, VectorQuery,
};
use ambit_vector_store::{VectorStore, VectorStoreOptions};

pub(crate) const MODEL: &str = "all-MiniLM-L6-v2@1";

/// A clock that stands still until it is moved.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl TestClock {
    pub(crate) fn advance(&self, by: Duration) {
        self.0.fetch_add(by.as_millis() as i64, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp(1_700_000_000_000 + self.0.load(Ordering::SeqCst))
    }
}

/// Short vectors make small tests quick.
pub(crate) fn small() -> VectorStoreOptions {
    let mut options = VectorStoreOptions::default();
    options.dimensions = 16;
    options
}

pub(crate) async fn open(folder: &Path) -> VectorStore {
    open_with(folder, small(), Arc::new(TestClock::default())).await
}

pub(crate) async fn open_with(folder: &Path, options: VectorStoreOptions, clock: Arc<TestClock>) -> VectorStore {
    VectorStore::open(folder, options, clock).await.expect("the store opens")
}

/// Small, fast and good enough for test data: xorshift64*.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    pub(crate) fn unit(&mut self) -> f32 {
        (self.next() >> 40) as f32 / (1_u64 << 24) as f32
    }

    /// Normally distributed, by the sum of twelve.
    pub(crate) fn normal(&mut self) -> f32 {
        (0..12).map(|_| self.unit()).sum::<f32>() - 6.0
    }

    pub(crate) fn direction(&mut self, dimensions: usize) -> Embedding {
        let mut vector: Embedding = (0..dimensions).map(|_| self.normal()).collect();
        normalise(&mut vector);
        vector
    }
}

pub(crate) fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|value| *value /= length);
}

/// The vector that belongs to a number.
pub(crate) fn embedding(seed: i64) -> Embedding {
    Random(seed as u64 * 2 + 1).direction(16)
}

pub(crate) fn row(document: i64, passage: i64) -> PassageVector {
    PassageVector {
        passage: PassageId(passage),
        part: 0,
        document: DocumentId(document),
        path: format!("/home/ada/notes/{document}.md"),
        kind: DocumentKind::Markdown,
        language: Some("en".into()),
        source: "folder".into(),
        modified: Timestamp(1000 * document),
        embedding: embedding(passage),
    }
}

/// A document with three passages, numbered after it.
pub(crate) fn rows(document: i64) -> Vec<PassageVector> {
    (0..3).map(|n| row(document, document * 10 + n)).collect()
}

pub(crate) async fn put(store: &VectorStore, document: i64, sequence: i64) {
    store.apply(vec![DocumentId(document)], rows(document), MODEL.into(), Sequence(sequence)).await.unwrap();
}

pub(crate) fn query(embedding: Embedding, limit: usize) -> VectorQuery {
    VectorQuery { embedding, model: MODEL.into(), limit, filter: PassageFilter::default() }
}

/// Passages that a filter lets through, sorted.
pub(crate) async fn passing(store: &VectorStore, filter: PassageFilter) -> Vec<i64> {
    let question = VectorQuery { filter, ..query(embedding(1), 10_000) };
    let mut passages: Vec<i64> = store.search(question).await.unwrap().iter().map(|hit| hit.passage.0).collect();
    passages.sort_unstable();
    passages
}

pub(crate) async fn all(store: &VectorStore) -> Vec<i64> {
    passing(store, PassageFilter::default()).await
}

pub(crate) fn files_with(folder: &Path, needle: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    each_file(folder, &mut |path| {
        let bytes = std::fs::read(path).unwrap();
        if bytes.windows(needle.len()).any(|window| window == needle.as_bytes()) {
            found.push(path.to_owned());
        }
    });
    found
}

pub(crate) fn each_file(folder: &Path, act: &mut dyn FnMut(&Path)) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { each_file(&path, act) } else { act(&path) }
    }
}

pub(crate) fn count_files(folder: &Path) -> usize {
    let mut count = 0;
    each_file(folder, &mut |_| count += 1);
    count
}

pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// Resident bytes of this process.
pub(crate) fn resident() -> i64 {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<i64>().ok()).unwrap_or(0) * 4096
}

/// Milliseconds of processor time that this process has used, in steps of ten: tells more than a clock on a busy machine.
pub(crate) fn processor_time() -> u64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    after_name.split_ascii_whitespace().skip(11).take(2).filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10
}
