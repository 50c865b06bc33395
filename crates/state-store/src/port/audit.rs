use ambit_domain::port::Audit;
use ambit_domain::{AuditEntry, AuditRecord, BoxFuture, Result};

use crate::StateStore;
use crate::table::audit;

impl Audit for StateStore {
    fn append(&self, entry: AuditEntry) -> BoxFuture<'_, Result<AuditRecord>> {
        let now = self.now();
        self.write_one(move |connection| audit::append(connection, &entry, now))
    }

    fn records(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<AuditRecord>>> {
        self.read(move |connection| audit::list(connection, before, limit))
    }

    fn digest(&self, content: &str) -> String {
        blake3::keyed_hash(self.digest_key(), content.as_bytes()).to_hex().to_string()
    }

    fn verify(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        self.read(audit::first_broken)
    }
}
