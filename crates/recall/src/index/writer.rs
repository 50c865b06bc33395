use std::collections::HashMap;
use std::future::poll_fn;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::task::Poll;

use ambit_domain::port::{Candidate, DocumentRecord, Failure, ReadOutcome, Reading};
use ambit_domain::{
    BoxFuture, BoxStream, Cancellation, DocumentState, ErrorCode, Extraction, IndexRoot, Outline, Result, RootId, Taint,
};
use futures_util::StreamExt as _;

use super::timer::unless;
use super::{Indexer, Touched};

/// A group is committed early when its text grows beyond this, so that memory stays bounded.
const GROUP_BYTES: usize = 32 << 20;

/// What was read of some files and is to be committed together.
#[derive(Default)]
struct Group {
    records: Vec<DocumentRecord>,
    failures: Vec<Failure>,
    /// Files with the hash that they have and that is stored.
    unchanged: Vec<(Candidate, String)>,
    gone: Vec<PathBuf>,
    text_bytes: usize,
}

impl Group {
    fn len(&self) -> usize {
        self.records.len() + self.failures.len() + self.unchanged.len() + self.gone.len()
    }

    fn add(&mut self, root: RootId, taint: Taint, reading: Reading) {
        let Reading { candidate, hash, outcome } = reading;
        match outcome {
            ReadOutcome::Read(extraction) => self.add_read(root, taint, candidate, hash, *extraction),
            ReadOutcome::Unchanged => self.unchanged.push((candidate, hash.unwrap_or_default())),
            ReadOutcome::Rejected { state, reason } => {
                self.failures.push(failure(root, candidate, state, reason, hash));
            }
            ReadOutcome::Gone => self.gone.push(candidate.path),
        }
    }

    fn add_read(
        &mut self,
        root: RootId,
        taint: Taint,
        candidate: Candidate,
        hash: Option<String>,
        extraction: Extraction,
    ) {
        self.text_bytes += extraction.chunks.iter().map(|chunk| chunk.text.len()).sum::<usize>();
        self.records.push(DocumentRecord {
            root,
            path: candidate.path,
            hash: hash.unwrap_or_default(),
            size: candidate.size,
            modified: candidate.modified,
            extraction,
            taint,
        });
    }

    /// Leaves only what may be written.
    fn retain(&mut self, allowed: impl Fn(&Path) -> bool) {
        self.records.retain(|record| allowed(&record.path));
        self.failures.retain(|failure| allowed(&failure.path));
        self.unchanged.retain(|(candidate, _)| allowed(&candidate.path));
        self.gone.retain(|path| allowed(path));
    }
}

pub(super) fn failure(
    root: RootId,
    candidate: Candidate,
    state: DocumentState,
    reason: String,
    hash: Option<String>,
) -> Failure {
    let Candidate { path, size, modified } = candidate;
    Failure { root, path, state, reason, size, modified, hash }
}

/// What happened next to files that are being read.
enum Next {
    Reading(Reading),
    End,
    /// The group has waited long enough.
    Late,
    Committed(Result<()>),
}

/// Files that are being read, while the group before is being committed.
struct Reader<'a> {
    readings: BoxStream<'static, Reading>,
    deadline: Option<BoxFuture<'static, ()>>,
    committing: Option<BoxFuture<'a, Result<()>>>,
}

impl Reader<'_> {
    /// `full`: read nothing more until the group before is committed.
    async fn next(&mut self, full: bool) -> Next {
        poll_fn(|context| {
            if let Some(committing) = self.committing.as_mut() {
                if let Poll::Ready(result) = committing.as_mut().poll(context) {
                    return Poll::Ready(Next::Committed(result));
                }
            } else if let Some(deadline) = self.deadline.as_mut()
                && deadline.as_mut().poll(context).is_ready()
            {
                return Poll::Ready(Next::Late);
            }
            if full {
                return Poll::Pending;
            }
            self.readings.poll_next_unpin(context).map(|reading| reading.map_or(Next::End, Next::Reading))
        })
        .await
    }
}

impl Indexer {
    /// Reads one file as a document of another path, in a root that nobody follows, and commits it, whatever was forgotten.
    ///
    /// # Errors
    /// When a store fails. A file that cannot be read is no error: its status says why.
    pub async fn read_as(&self, root: &IndexRoot, candidate: Candidate, path: PathBuf, taint: Taint) -> Result<()> {
        let (tokens, cancellation) = (Arc::clone(&self.ports.tokens), Cancellation::new());
        let mut readings =
            self.ports.source.read(vec![candidate], Arc::new(|_: &Path| None), tokens, cancellation.clone());
        let mut group = Group::default();
        while let Some(mut reading) = readings.next().await {
            reading.candidate.path.clone_from(&path);
            group.add(root.id, taint, reading);
        }
        {
            let _writing = self.writer.lock().await;
            self.write_group(root, group, &cancellation).await?;
        }
        self.changed.ring();
        Ok(())
    }

    /// Where the content of a folder's files comes from.
    fn taint_of(&self, root: &IndexRoot) -> Taint {
        if self.options.outside.contains(&root.path) { Taint::Outside } else { Taint::Trusted }
    }

    /// Reads files and commits them in groups; while one group is being committed the next is read. `known` are the
    /// stored hashes; files that are `touched` meanwhile belong to the one who touched them.
    pub(super) async fn read_and_commit(
        &self,
        root: &IndexRoot,
        candidates: Vec<Candidate>,
        known: HashMap<PathBuf, String>,
        touched: Option<&Touched>,
        cancellation: &Cancellation,
    ) -> Result<()> {
        if candidates.is_empty() {
            return Ok(());
        }
        let known = Arc::new(move |path: &Path| known.get(path).cloned());
        let tokens = Arc::clone(&self.ports.tokens);
        let readings = self.ports.source.read(candidates, known, tokens, cancellation.clone());
        let mut reader = Reader { readings, deadline: None, committing: None };
        let mut group = Group::default();
        loop {
            let full = group.len() >= self.options.commit_documents || group.text_bytes >= GROUP_BYTES;
            let late = match unless(cancellation, reader.next(full && reader.committing.is_some())).await? {
                Next::Reading(reading) => {
                    group.add(root.id, self.taint_of(root), reading);
                    false
                }
                Next::Committed(result) => {
                    reader.committing = None;
                    result?;
                    false
                }
                Next::Late => true,
                Next::End => break,
            };
            let full = group.len() >= self.options.commit_documents || group.text_bytes >= GROUP_BYTES;
            if (full || late) && reader.committing.is_none() {
                reader.deadline = None;
                let group = std::mem::take(&mut group);
                reader.committing = Some(Box::pin(self.commit(root, group, touched, cancellation)));
            } else if reader.deadline.is_none() && group.len() > 0 {
                reader.deadline = Some(self.timer.sleep(self.options.commit_within));
            }
        }
        if let Some(committing) = reader.committing {
            committing.await?;
        }
        cancellation.check()?;
        self.commit(root, group, touched, cancellation).await
    }

    async fn commit(
        &self,
        root: &IndexRoot,
        mut group: Group,
        touched: Option<&Touched>,
        cancellation: &Cancellation,
    ) -> Result<()> {
        let dealt_with = group.len() as u64;
        if dealt_with == 0 {
            return Ok(());
        }
        {
            let _writing = self.writer.lock().await;
            group.retain(|path| !self.forgotten.covers(path) && !touched.is_some_and(|touched| touched.holds(path)));
            self.write_group(root, group, cancellation).await?;
        }
        self.changed.ring();
        self.board.report_root(root.id, |progress| {
            progress.processed = (progress.processed + dealt_with).min(progress.discovered);
        });
        Ok(())
    }

    async fn write_group(&self, root: &IndexRoot, group: Group, cancellation: &Cancellation) -> Result<()> {
        let bytes: u64 = group.records.iter().map(|record| record.size).sum();
        let failed = group.failures.iter().filter(|failure| failure.state == DocumentState::Failed).count() as u64;
        self.write_records(group.records, cancellation).await?;
        self.write_failures(group.failures, cancellation).await?;
        self.write_unchanged(root, group.unchanged, cancellation).await?;
        self.remove_paths(root, group.gone, cancellation).await?;
        self.board.report_total(|progress| {
            progress.bytes += bytes;
            progress.failed += failed;
        });
        Ok(())
    }

    /// Records the present size and time of files whose content is the stored one, so that the next scan does not read
    /// them again. A document is written anew only under the hash that it has: then its text stays.
    async fn write_unchanged(
        &self,
        root: &IndexRoot,
        unchanged: Vec<(Candidate, String)>,
        cancellation: &Cancellation,
    ) -> Result<()> {
        let mut records = Vec::new();
        for (candidate, hash) in unchanged {
            let stored = self.ports.documents.document_at(&candidate.path).await?;
            let Some(document) = stored.filter(|document| document.hash == hash) else { continue };
            if document.size == candidate.size && document.modified == candidate.modified {
                continue;
            }
            records.push(DocumentRecord {
                root: root.id,
                path: candidate.path,
                hash,
                size: candidate.size,
                modified: candidate.modified,
                extraction: Extraction {
                    kind: document.kind,
                    language: document.language,
                    title: document.title,
                    chunks: Vec::new(),
                    outline: Outline::default(),
                    warnings: Vec::new(),
                },
                taint: document.taint,
            });
        }
        self.write_records(records, cancellation).await
    }

    /// Writes records; one that the store refuses becomes a failure of its own and does not stop the rest.
    async fn write_records(&self, records: Vec<DocumentRecord>, cancellation: &Cancellation) -> Result<()> {
        let documents = &self.ports.documents;
        let mut open = vec![records];
        while let Some(mut records) = open.pop() {
            if records.is_empty() {
                continue;
            }
            let Err(error) = self.persist("documents", cancellation, || documents.write(records.clone())).await else {
                continue;
            };
            if matches!(error.code(), ErrorCode::Cancelled | ErrorCode::Corrupt) {
                return Err(error);
            }
            if records.len() > 1 {
                let half = records.split_off(records.len() / 2);
                open.extend([half, records]);
                continue;
            }
            // Alone, and tried once more: it is the file.
            if let Err(error) = self.persist("documents", cancellation, || documents.write(records.clone())).await {
                tracing::warn!("a file could not be stored: {error}");
                let failures = records.into_iter().map(|record| refused(record, &error.to_string())).collect();
                self.write_failures(failures, cancellation).await?;
            }
        }
        Ok(())
    }

    pub(super) async fn write_failures(&self, failures: Vec<Failure>, cancellation: &Cancellation) -> Result<()> {
        if failures.is_empty() {
            return Ok(());
        }
        let documents = &self.ports.documents;
        self.persist("documents", cancellation, || documents.write_failures(failures.clone())).await
    }

    pub(super) async fn remove_paths(
        &self,
        root: &IndexRoot,
        paths: Vec<PathBuf>,
        cancellation: &Cancellation,
    ) -> Result<()> {
        if paths.is_empty() {
            return Ok(());
        }
        let documents = &self.ports.documents;
        self.persist("documents", cancellation, || documents.remove_paths(root.id, paths.clone())).await?;
        Ok(())
    }
}

fn refused(record: DocumentRecord, message: &str) -> Failure {
    Failure {
        root: record.root,
        path: record.path,
        state: DocumentState::Failed,
        reason: format!("it could not be stored: {message}"),
        size: record.size,
        modified: record.modified,
        // Without a hash the next scan tries again: the fault may have been the store's.
        hash: None,
    }
}
