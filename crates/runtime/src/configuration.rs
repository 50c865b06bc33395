use std::path::PathBuf;
use std::time::Duration;

/// Numbers that shape the runtime's work.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// Passages that are embedded in one call.
    pub embed_batch: usize,
    /// At most this many files are committed together.
    pub commit_documents: usize,
    /// A group of files is committed after this many milliseconds at the latest.
    pub commit_millis: u64,
    /// Passages of a search or an answer when the request does not say.
    pub recall_limit: usize,
    /// Memories that an answer may use.
    pub memory_limit: usize,
    /// The stores are compacted after this time without work.
    pub idle_maintenance: Duration,
    /// Where the counts of code are kept from one start to the next; none: in memory alone.
    pub counts_folder: Option<PathBuf>,
    /// How often a newer version is looked for, where that is wanted.
    pub update_interval: Duration,
    /// How long after its start a host looks at the earliest: it has other things to do then.
    pub update_delay: Duration,
    /// What became of suggestions is gathered for so long before it is written.
    pub outcome_delay: Duration,
    /// How long after a suggestion was taken it is looked whether it still stands there.
    pub retention_checks: [Duration; 2],
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            embed_batch: 32,
            commit_documents: 256,
            commit_millis: 200,
            recall_limit: 8,
            memory_limit: 8,
            idle_maintenance: Duration::from_secs(20),
            counts_folder: None,
            update_interval: Duration::from_secs(24 * 60 * 60),
            update_delay: Duration::from_secs(60),
            outcome_delay: Duration::from_secs(2),
            retention_checks: [Duration::from_secs(30), Duration::from_secs(120)],
        }
    }
}
