use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

/// Limits and habits of a [`crate::FileSource`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSourceOptions {
    /// Globs in the syntax of .gitignore that are left out besides what ignore files say: `*.bak`, `/private/`.
    pub exclude: Vec<String>,
    /// The folder in which Ambit keeps what is its own. Roots around it leave it out; one within it is followed as any other.
    pub own_folder: Option<PathBuf>,
    /// Text files over this many bytes are skipped.
    pub max_text_file: u64,
    /// PDF, office and book files over this many bytes are skipped.
    pub max_packed_file: u64,
    /// Text beyond this many bytes of one file is cut off, with a warning.
    pub max_text: usize,
    /// Threads that read.
    pub threads: NonZeroUsize,
    /// Reading one file ends after this.
    pub time_limit: Duration,
    /// A change is told once nothing else happened for this long.
    pub debounce: Duration,
    /// Looks for changes at this interval instead of asking the operating system: for network file systems, which
    /// tell nothing.
    pub poll: Option<Duration>,
    /// Does so at this interval when the operating system refuses to tell, for example because it has no more watches.
    pub fallback_poll: Duration,
    /// Where Cargo keeps what it fetched, for the code that projects depend on.
    pub cargo_home: Option<PathBuf>,
}

impl Default for FileSourceOptions {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            own_folder: None,
            max_text_file: 64 << 20,
            max_packed_file: 256 << 20,
            max_text: 64 << 20,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            time_limit: Duration::from_secs(60),
            debounce: Duration::from_millis(150),
            poll: None,
            fallback_poll: Duration::from_secs(10),
            cargo_home: None,
        }
    }
}

/// Options that may change while folders are followed. Clones share them.
#[derive(Debug, Clone)]
pub(crate) struct LiveOptions(Arc<RwLock<Arc<FileSourceOptions>>>);

impl LiveOptions {
    pub(crate) fn new(options: FileSourceOptions) -> Self {
        Self(Arc::new(RwLock::new(Arc::new(options))))
    }

    /// Those that count now.
    pub(crate) fn current(&self) -> Arc<FileSourceOptions> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Whether these still count.
    pub(crate) fn are(&self, options: &Arc<FileSourceOptions>) -> bool {
        Arc::ptr_eq(&self.0.read().unwrap_or_else(PoisonError::into_inner), options)
    }

    /// Has other files left out from now on.
    pub(crate) fn exclude(&self, globs: Vec<String>) {
        let mut options = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if options.exclude != globs {
            *options = Arc::new(FileSourceOptions { exclude: globs, ..FileSourceOptions::clone(&options) });
        }
    }
}
