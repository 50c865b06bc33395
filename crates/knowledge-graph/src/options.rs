/// How much the knowledge graph may use.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KnowledgeGraphOptions {
    /// Files that RocksDB keeps open. A small graph has some twenty.
    pub max_open_files: u32,
    /// Bytes by which the process may grow while a query runs before the query is stopped. Only on systems that tell the
    /// resident size under `/proc`; elsewhere only the time limit holds.
    pub query_memory: u64,
    /// Queries that may run at the same time; the next one is refused.
    pub queries: usize,
}

impl Default for KnowledgeGraphOptions {
    fn default() -> Self {
        Self { max_open_files: 64, query_memory: 512 << 20, queries: 8 }
    }
}
