use crate::{BoxFuture, Memory, MemoryId, NewMemory, Result, Scope};

/// Remembered facts and preferences.
pub trait Memories: Send + Sync {
    /// Stores a memory under an id that the caller made. Durable on return.
    fn add(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>>;

    /// All memories, newest first; with a scope, those that count there.
    fn list(&self, scope: Option<Scope>) -> BoxFuture<'_, Result<Vec<Memory>>>;

    /// One memory.
    fn get(&self, id: MemoryId) -> BoxFuture<'_, Result<Option<Memory>>>;

    /// Replaces a memory's kind, text and scope.
    fn edit(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>>;

    /// Removes a memory; false when it was not there.
    fn remove(&self, id: MemoryId) -> BoxFuture<'_, Result<bool>>;

    /// Memories that count in the scope, the most fitting to the text first.
    fn relevant(&self, text: String, scope: Scope, limit: usize) -> BoxFuture<'_, Result<Vec<Memory>>>;
}
