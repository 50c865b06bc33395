use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

/// What went to one host for one purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sent {
    /// Why.
    pub purpose: String,
    /// To whom.
    pub host: String,
    /// How many requests.
    pub requests: u64,
    /// Bytes of request lines, header fields and bodies, before encryption.
    pub bytes: u64,
}

/// Counts what leaves the machine since the start of the process.
#[derive(Debug, Default)]
pub struct Ledger {
    entries: Mutex<BTreeMap<(String, String), (u64, u64)>>,
}

impl Ledger {
    pub(crate) fn record(&self, purpose: &str, host: &str, bytes: u64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.entry((purpose.to_owned(), host.to_owned())).or_default();
        entry.0 += 1;
        entry.1 += bytes;
    }

    /// Takes a request off that did not get out.
    pub(crate) fn take_back(&self, purpose: &str, host: &str, bytes: u64) {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (purpose.to_owned(), host.to_owned());
        if let Some(entry) = entries.get_mut(&key) {
            *entry = (entry.0.saturating_sub(1), entry.1.saturating_sub(bytes));
        }
        entries.retain(|_, (requests, _)| *requests > 0);
    }

    /// All that was sent, by purpose and host.
    #[must_use]
    pub fn entries(&self) -> Vec<Sent> {
        let entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        let sent = |((purpose, host), (requests, bytes)): (&(String, String), &(u64, u64))| Sent {
            purpose: purpose.clone(),
            host: host.clone(),
            requests: *requests,
            bytes: *bytes,
        };
        entries.iter().map(sent).collect()
    }

    /// Bytes in all.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).values().map(|(_, bytes)| bytes).sum()
    }
}

/// The size of a request as HTTP/1.1 would write it.
pub(crate) fn size_of(request: &reqwest::Request) -> u64 {
    let line = request.method().as_str().len() + request.url().as_str().len() + " HTTP/1.1\r\n".len() + 1;
    let fields: usize = request.headers().iter().map(|(name, value)| name.as_str().len() + value.len() + 4).sum();
    let body = request.body().and_then(|body| body.as_bytes()).map_or(0, <[u8]>::len);
    (line + fields + body + 2) as u64
}
