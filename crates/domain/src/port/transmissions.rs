use std::path::PathBuf;

use crate::{BoxFuture, Result, SessionId, Timestamp};

/// A request to a provider, about to be sent, or held back until the user consents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewTransmission {
    /// Who is to get it.
    pub provider: String,
    /// The host of its address.
    pub host: String,
    /// The model that is asked, by the provider's name for it.
    pub model: String,
    /// The surface that asked.
    pub surface: String,
    /// The conversation that it belongs to.
    pub session: Option<SessionId>,
    /// Files that it quotes.
    pub paths: Vec<PathBuf>,
    /// Its size; before encryption.
    pub bytes: u64,
    /// Whether it is being sent.
    pub is_sent: bool,
    /// The body, byte for byte.
    pub content: String,
}

/// What was sent to a provider, or was not in the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transmission {
    /// Its number, from 1.
    pub id: i64,
    /// When it was recorded: before it was sent.
    pub at: Timestamp,
    /// Who got it.
    pub provider: String,
    /// The host of its address.
    pub host: String,
    /// The model that was asked.
    pub model: String,
    /// The surface that asked.
    pub surface: String,
    /// The conversation that it belongs to.
    pub session: Option<SessionId>,
    /// Files that it quotes.
    pub paths: Vec<PathBuf>,
    /// Its size; before encryption.
    pub bytes: u64,
    /// Whether it was sent; false: it was held back, or no connection could be made.
    pub is_sent: bool,
    /// The body; none where it was erased, and in lists.
    pub content: Option<String>,
}

/// The ledger of what is sent to providers, with its content, until that is erased.
pub trait Transmissions: Send + Sync {
    /// Records one before it is sent. Durable on return. Returns its number.
    fn record(&self, transmission: NewTransmission) -> BoxFuture<'_, Result<i64>>;

    /// Records that one did not get out after all.
    fn take_back(&self, id: i64) -> BoxFuture<'_, Result<()>>;

    /// Before number `before`, newest first, at most `limit`, without content.
    fn list(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<Transmission>>>;

    /// One with its content.
    fn get(&self, id: i64) -> BoxFuture<'_, Result<Option<Transmission>>>;

    /// Erases the content of one, and the names of the files that it quotes; false when it is not there.
    fn erase(&self, id: i64) -> BoxFuture<'_, Result<bool>>;
}
