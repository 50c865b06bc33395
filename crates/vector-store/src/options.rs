use std::time::Duration;

/// How the vectors are kept and searched.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct VectorStoreOptions {
    /// Length of the vectors.
    pub dimensions: usize,
    /// Bytes of index parts that stay in memory.
    pub index_cache: usize,
    /// Bytes of file and table descriptions that stay in memory.
    pub metadata_cache: usize,
    /// From this many rows on, `maintain` builds a nearest-neighbour index; below, all vectors are compared, which takes
    /// about a millisecond for a thousand of 384 numbers.
    pub ann_threshold: u64,
    /// Up to this many rows the index holds vectors nearly whole, so that nothing needs to be compared beside it; a larger one
    /// would not stay in `index_cache`.
    pub fine_rows: u64,
    /// Versions older than this are dropped.
    pub retention: Duration,
    /// At most so many versions are kept.
    pub versions: usize,
    /// So many waiting rows are written at once.
    pub flush_rows: usize,
    /// Rows that wait longer are written with the next call.
    pub flush_after: Duration,
}

impl Default for VectorStoreOptions {
    fn default() -> Self {
        Self {
            dimensions: 384,
            index_cache: 64 << 20,
            metadata_cache: 16 << 20,
            ann_threshold: 10_000,
            fine_rows: 150_000,
            retention: Duration::from_secs(7 * 24 * 3600),
            versions: 20,
            flush_rows: 4096,
            flush_after: Duration::from_secs(5),
        }
    }
}
