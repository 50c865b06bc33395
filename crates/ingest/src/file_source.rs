use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;

use ambit_domain::port::{Candidate, CodeQuery, Found, Reading, Source, SourceEvent, TokenCounter};
use ambit_domain::{BoxStream, Cancellation, Error, Result};

use crate::bridge::{Outlet, bridge};
use crate::history::Histories;
use crate::options::LiveOptions;
use crate::scan::{Part, Step, walk};
use crate::{FileSourceOptions, IngestError, code, dependencies, read, watch};

/// Items that wait for a slow reader of a stream.
const WAITING: usize = 64;

/// Files on the disk, as a [`Source`].
///
/// Needs no async runtime: each method starts threads that end when their stream is dropped or cancelled.
///
/// ```
/// use ambit_domain::Cancellation;
/// use ambit_domain::port::Source;
/// use ambit_ingest::{FileSource, FileSourceOptions};
///
/// let source = FileSource::new(FileSourceOptions::default());
/// let cancellation = Cancellation::new();
/// // A stream of what may be read; the walk runs on its own thread and ends with the stream.
/// let found = source.scan(std::env::temp_dir(), cancellation.clone());
/// # cancellation.cancel();
/// # drop(found);
/// ```
pub struct FileSource {
    options: LiveOptions,
    histories: Arc<Histories>,
}

impl FileSource {
    /// A source with these limits and habits.
    #[must_use]
    pub fn new(options: FileSourceOptions) -> Self {
        Self { options: LiveOptions::new(options), histories: Arc::default() }
    }

    /// Has files left out by other globs than before, in place of [`FileSourceOptions::exclude`]. Whoever watches a folder is told
    /// within a second to scan it anew.
    pub fn exclude(&self, globs: Vec<String>) {
        self.options.exclude(globs);
    }
}

impl Source for FileSource {
    fn scan(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<Found>> {
        let (outlet, stream) = bridge(4 * WAITING, cancellation);
        let options = self.options.current();
        self.learn_history(root.clone(), outlet.cancellation().clone());
        spawn("ambit-scan", outlet, move |outlet| scan(&root, &options, &outlet));
        stream
    }

    fn watch(&self, root: PathBuf, cancellation: Cancellation) -> BoxStream<'static, Result<SourceEvent>> {
        let (outlet, stream) = bridge(4 * WAITING, cancellation);
        let options = self.options.clone();
        spawn("ambit-watch", outlet, move |outlet| watch::run(&root, &options, &outlet));
        stream
    }

    fn read(
        &self,
        candidates: Vec<Candidate>,
        known: Arc<dyn Fn(&Path) -> Option<String> + Send + Sync>,
        tokens: Arc<dyn TokenCounter>,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Reading> {
        let options = self.options.current();
        let (outlet, stream) = bridge(2 * options.threads.get(), cancellation);
        let histories = Arc::clone(&self.histories);
        read::start(read::Job { candidates, known, tokens, options, histories }, &outlet);
        stream
    }

    fn code(&self, query: CodeQuery, cancellation: Cancellation) -> BoxStream<'static, (PathBuf, String)> {
        let (outlet, stream) = bridge(WAITING, cancellation);
        let options = self.options.current();
        aside("ambit-code", move || code::read(&query, &options, &outlet));
        stream
    }

    fn dependencies(&self, project: PathBuf, cancellation: Cancellation) -> BoxStream<'static, PathBuf> {
        let (outlet, stream) = bridge(WAITING, cancellation);
        let options = self.options.current();
        aside("ambit-dependencies", move || dependencies::find(&project, options.cargo_home.as_deref(), &outlet));
        stream
    }
}

/// Starts a thread for what can be done without.
fn aside(name: &str, work: impl FnOnce() + Send + 'static) {
    if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(work) {
        tracing::debug!(%error, name, "no thread could be started");
    }
}

impl FileSource {
    fn learn_history(&self, folder: PathBuf, cancellation: Cancellation) {
        let histories = Arc::clone(&self.histories);
        let spawned = thread::Builder::new()
            .name("ambit-history".to_owned())
            .spawn(move || histories.learn(&folder, &cancellation));
        if let Err(error) = spawned {
            tracing::debug!(%error, "no thread could be started for the version history");
        }
    }
}

/// Starts a thread for a stream; if there is none to be had, the stream says so.
fn spawn<T: Send + 'static>(
    name: &str,
    outlet: Outlet<Result<T>>,
    work: impl FnOnce(Outlet<Result<T>>) + Send + 'static,
) {
    let of_thread = outlet.clone();
    if let Err(error) = thread::Builder::new().name(name.to_owned()).spawn(move || work(of_thread)) {
        outlet.send(Err(Error::from(IngestError::Io(error))));
    }
}

fn scan(root: &Path, options: &FileSourceOptions, outlet: &Outlet<Result<Found>>) {
    if let Err(error) = std::fs::metadata(root) {
        let error = Error::from(IngestError::Io(error)).with_hint(format!("look whether {} is there", root.display()));
        outlet.send(Err(error));
        return;
    }
    let walked = walk(root, &Part::Whole, options, |step| match step {
        Step::Folder(_) => !outlet.is_closed(),
        Step::Found(found) => outlet.send(Ok(found)),
    });
    if let Err(error) = walked {
        outlet.send(Err(error.into()));
    }
}
