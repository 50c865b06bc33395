use std::num::NonZeroUsize;
use std::time::Duration;

/// Limits and habits of a [`crate::FileSource`].
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct FileSourceOptions {
    /// Globs in the syntax of .gitignore that are left out besides what ignore files say: `*.bak`, `/private/`.
    pub exclude: Vec<String>,
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
}

impl Default for FileSourceOptions {
    fn default() -> Self {
        Self {
            exclude: Vec::new(),
            max_text_file: 64 << 20,
            max_packed_file: 256 << 20,
            max_text: 64 << 20,
            threads: std::thread::available_parallelism().unwrap_or(NonZeroUsize::MIN),
            time_limit: Duration::from_secs(60),
            debounce: Duration::from_millis(150),
            poll: None,
            fallback_poll: Duration::from_secs(10),
        }
    }
}
