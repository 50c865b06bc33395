//! Indexed folders and how far they have come.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit_domain::{
    BoxStream, Cancellation, DocumentState, DocumentStatus, Error, ErrorCode, IndexRoot, Result, Sequence,
    VectorVersion, is_attachment,
};
use ambit_recall::index::{DerivedStore, IndexProgress, Signal};
use async_stream::stream;
use serde_json::json;
use tokio::task::JoinHandle;

use super::Runtime;
use crate::{Caller, IndexDepth, RebuildTarget, RootStatus};

/// Progress is told at most this often.
const BETWEEN_EVENTS: Duration = Duration::from_millis(100);
/// Those who wait for the index look at least this often.
const LOOK_AGAIN: Duration = Duration::from_millis(200);
/// Longest page of a list.
const LONGEST_PAGE: usize = 10_000;

/// The task that keeps a root's documents as the folder is.
pub(super) struct RootTask {
    pub(super) cancellation: Cancellation,
    rescan: Signal,
    task: JoinHandle<()>,
}

impl Runtime {
    /// Adds a folder to the index; reading it begins at once. A folder that is there already is returned as it is. Adding
    /// a path that was forgotten brings it back.
    ///
    /// # Errors
    /// `not-found` when there is nothing at the path; `invalid-input` when it is no folder; `conflict` when it lies in an
    /// indexed folder or an indexed folder lies in it.
    pub async fn add_root(&self, path: PathBuf, caller: &Caller) -> Result<RootStatus> {
        self.recorded(&caller.surface, "index.add", self.add_root_now(path, caller)).await
    }

    async fn add_root_now(&self, path: PathBuf, caller: &Caller) -> Result<RootStatus> {
        let ports = &self.inner.ports;
        let path = canonical(&path).await?;
        let mut tasks = self.inner.roots.lock().await;
        let roots = self.indexed_roots().await?;
        let forgotten = self.inner.indexer.forgotten().covers(&path);
        let pages = self.pages_folder().await;
        if let Some(around) =
            roots.iter().find(|root| path.starts_with(&root.path) && (path != pages || root.path == path))
            && (around.path == path || forgotten)
        {
            if forgotten {
                self.audit_action(caller, "root.add", shown(&path), json!({ "forgotten": true })).await?;
                self.inner.indexer.forgotten().recall(&path, ports.preferences.as_ref()).await?;
                if let Some(task) = tasks.get(&around.id) {
                    self.ask_for_scan(around, task);
                }
            }
            return self.root_status(around.clone()).await;
        }
        if path != pages {
            // What was saved of the web lies where nobody looks for their own files.
            let others: Vec<IndexRoot> = roots.iter().filter(|root| root.path != pages).cloned().collect();
            refuse_overlap(&path, &others)?;
        }
        if !tokio::fs::metadata(&path).await?.is_dir() {
            return Err(Error::invalid(format!("{} is not a folder", path.display()))
                .with_hint("add the folder that holds the file"));
        }
        self.audit_action(caller, "root.add", shown(&path), json!({ "forgotten": forgotten })).await?;
        self.inner.indexer.forgotten().recall(&path, ports.preferences.as_ref()).await?;
        let root = ports.documents.add_root(path).await?;
        tasks.insert(root.id, self.follow(root.clone()));
        self.root_status(root).await
    }

    /// Takes a folder out of the index with all that was read from it; the files stay. Returns how many documents went.
    ///
    /// # Errors
    /// `not-found` when the folder is not indexed.
    pub async fn remove_root(&self, path: PathBuf, caller: &Caller) -> Result<u64> {
        self.recorded(&caller.surface, "index.remove", self.remove_root_now(path, caller)).await
    }

    async fn remove_root_now(&self, path: PathBuf, caller: &Caller) -> Result<u64> {
        let ports = &self.inner.ports;
        let path = canonical(&path).await.unwrap_or(path);
        let mut tasks = self.inner.roots.lock().await;
        let roots = self.indexed_roots().await?;
        let Some(root) = roots.into_iter().find(|root| root.path == path) else {
            return Err(Error::not_found(format!("{} is not an indexed folder", path.display()))
                .with_hint("`ambit index status` shows the folders that are"));
        };
        self.audit_action(caller, "root.remove", shown(&path), json!({})).await?;
        if let Some(task) = tasks.remove(&root.id) {
            end(task).await;
        }
        let removed = ports.documents.remove_root(root.id).await?;
        self.inner.indexer.board().forget_root(root.id);
        self.inner.indexer.changed().ring();
        Ok(removed)
    }

    /// The indexed folders, by path.
    ///
    /// # Errors
    /// What the documents say.
    pub async fn roots(&self) -> Result<Vec<RootStatus>> {
        let mut statuses = Vec::new();
        for root in self.indexed_roots().await? {
            statuses.push(self.root_status(root).await?);
        }
        Ok(statuses)
    }

    /// Status of files below a path, by path, after `after`, at most `limit`; `state` restricts. Without what was handed over
    /// for conversations.
    ///
    /// # Errors
    /// What the documents say.
    pub async fn statuses(
        &self,
        below: Option<PathBuf>,
        state: Option<DocumentState>,
        after: Option<PathBuf>,
        limit: usize,
    ) -> Result<Vec<DocumentStatus>> {
        let limit = limit.clamp(1, LONGEST_PAGE);
        let (mut statuses, mut after) = (Vec::new(), after);
        loop {
            let wanted = limit - statuses.len();
            let page = self.inner.ports.documents.statuses(below.clone(), state, after, wanted).await?;
            let is_full = page.len() == wanted;
            after = page.last().map(|status| status.path.clone());
            statuses.extend(page.into_iter().filter(|status| !is_attachment(&status.path)));
            if !is_full || statuses.len() == limit {
                return Ok(statuses);
            }
        }
    }

    /// Has folders scanned again, files that failed included: all, or the one that a path lies in.
    ///
    /// # Errors
    /// `not-found` when the path lies in no indexed folder.
    pub async fn rescan(&self, path: Option<PathBuf>) -> Result<()> {
        let path = match path {
            Some(path) => Some(canonical(&path).await.unwrap_or(path)),
            None => None,
        };
        let tasks = self.inner.roots.lock().await;
        let mut roots = self.indexed_roots().await?;
        if let Some(path) = &path {
            roots.retain(|root| path.starts_with(&root.path));
            if roots.is_empty() {
                return Err(Error::not_found(format!("{} lies in no indexed folder", path.display()))
                    .with_hint("`ambit index add` adds a folder"));
            }
        }
        for root in &roots {
            if let Some(task) = tasks.get(&root.id) {
                self.ask_for_scan(root, task);
            }
        }
        Ok(())
    }

    /// Empties derived stores; they are filled again from the documents in the background.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn rebuild(&self, target: RebuildTarget, caller: &Caller) -> Result<()> {
        self.recorded(&caller.surface, "index.rebuild", self.rebuild_now(target, caller)).await
    }

    async fn rebuild_now(&self, target: RebuildTarget, caller: &Caller) -> Result<()> {
        let stores: &[DerivedStore] = match target {
            RebuildTarget::Vectors => &[DerivedStore::Vectors],
            RebuildTarget::Graph => &[DerivedStore::Graph],
            RebuildTarget::All => &[DerivedStore::Vectors, DerivedStore::Graph],
        };
        for store in stores {
            self.audit_action(caller, "index.rebuild", store.name().to_owned(), json!({})).await?;
            self.inner.indexer.rebuild(*store).await?;
        }
        Ok(())
    }

    /// The states of the vectors that one can go back to, newest first, and the sequence of the newest change.
    ///
    /// # Errors
    /// What the stores say.
    pub async fn vector_versions(&self) -> Result<(Vec<VectorVersion>, Sequence)> {
        let ports = &self.inner.ports;
        let versions = ports.passage_index.versions().await?;
        Ok((versions, ports.documents.sequence().await?))
    }

    /// Makes an earlier state of the vectors the present one; what changed since is applied again in the background.
    ///
    /// # Errors
    /// `not-found` when there is no such state; what the stores say.
    pub async fn restore_vectors(&self, version: u64, caller: &Caller) -> Result<()> {
        self.recorded(&caller.surface, "index.restore", self.restore_vectors_now(version, caller)).await
    }

    async fn restore_vectors_now(&self, version: u64, caller: &Caller) -> Result<()> {
        let indexer = &self.inner.indexer;
        // To ask for what does not exist is no action.
        indexer.vector_version(version).await?;
        let subject = DerivedStore::Vectors.name().to_owned();
        self.audit_action(caller, "index.restore", subject, json!({ "version": version })).await?;
        indexer.restore_vectors(version).await
    }

    /// Completes when nothing is left to do at this depth, or nothing that can be done: while the embedding model is not
    /// installed, passages stay without vectors, and `paused` says so.
    ///
    /// # Errors
    /// `unavailable` when the runtime stops meanwhile; what the documents say.
    pub async fn wait_until_indexed(&self, depth: IndexDepth) -> Result<IndexProgress> {
        let mut told = self.inner.progress.subscribe();
        loop {
            told.borrow_and_update();
            if let Some(progress) = self.indexed(depth).await? {
                return Ok(progress);
            }
            if self.inner.stop_background.is_cancelled() {
                return Err(stopping());
            }
            tokio::select! {
                _ = told.changed() => {}
                () = tokio::time::sleep(LOOK_AGAIN) => {}
                () = self.inner.stop_background.cancelled() => {}
            }
        }
    }

    /// The progress when nothing is left to do.
    async fn indexed(&self, depth: IndexDepth) -> Result<Option<IndexProgress>> {
        let indexer = &self.inner.indexer;
        if indexer.board().progress().scanning {
            return Ok(None);
        }
        if depth == IndexDepth::Full {
            for store in [DerivedStore::Vectors, DerivedStore::Graph] {
                if !indexer.is_caught_up(store).await? && !indexer.is_blocked(store) {
                    return Ok(None);
                }
            }
        }
        let mut progress = indexer.board().progress();
        if progress.scanning {
            return Ok(None);
        }
        if depth == IndexDepth::Full && !indexer.is_blocked(DerivedStore::Vectors) {
            progress.to_embed = 0;
        }
        Ok(Some(progress))
    }

    /// The progress now, and then whenever it changed, at most ten times a second. Ends when the runtime stops.
    pub fn index_events(&self) -> BoxStream<'static, IndexProgress> {
        let mut told = self.inner.progress.subscribe();
        let stop = self.inner.stop_background.clone();
        Box::pin(stream! {
            loop {
                let progress = told.borrow_and_update().clone();
                yield progress;
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(BETWEEN_EVENTS) => {}
                }
                tokio::select! {
                    () = stop.cancelled() => break,
                    changed = told.changed() => if changed.is_err() { break },
                }
            }
        })
    }

    /// Starts to watch all roots that are stored.
    pub(super) async fn watch_all(&self) -> Result<()> {
        let mut tasks = self.inner.roots.lock().await;
        for root in self.indexed_roots().await? {
            tasks.insert(root.id, self.follow(root));
        }
        Ok(())
    }

    fn follow(&self, root: IndexRoot) -> RootTask {
        // Before anybody can wait for it: what was just added is not yet read.
        self.inner.indexer.board().report_root(root.id, |progress| progress.scanning = true);
        let (cancellation, rescan) = (Cancellation::new(), Signal::default());
        if !self.inner.running.load(Ordering::SeqCst) {
            cancellation.cancel();
        }
        let (indexer, stop, asked) = (Arc::clone(&self.inner.indexer), cancellation.clone(), rescan.clone());
        let task = self.inner.background.spawn(async move { indexer.follow_root(&root, &asked, &stop).await });
        RootTask { cancellation, rescan, task }
    }

    fn ask_for_scan(&self, root: &IndexRoot, task: &RootTask) {
        self.inner.indexer.board().report_root(root.id, |progress| {
            task.rescan.ring();
            progress.scanning = true;
        });
    }

    /// Ends the tasks of all roots at or below a path and takes them out of the index.
    pub(super) async fn drop_roots_below(&self, path: &Path) -> Result<()> {
        let mut tasks = self.inner.roots.lock().await;
        for root in self.indexed_roots().await? {
            if !root.path.starts_with(path) {
                continue;
            }
            if let Some(task) = tasks.remove(&root.id) {
                end(task).await;
            }
            self.inner.ports.documents.remove_root(root.id).await?;
            self.inner.indexer.board().forget_root(root.id);
        }
        Ok(())
    }

    async fn root_status(&self, root: IndexRoot) -> Result<RootStatus> {
        let counts = self.inner.ports.documents.counts(Some(root.id)).await?;
        let progress = self.inner.indexer.board().root(root.id);
        let (scanning, discovered, processed) = (progress.scanning, progress.discovered, progress.processed);
        Ok(RootStatus { root, counts, scanning, discovered, processed })
    }
}

async fn end(task: RootTask) {
    task.cancellation.cancel();
    if let Err(error) = task.task.await {
        tracing::error!("the task of a root ended badly: {error}");
    }
}

fn refuse_overlap(path: &Path, roots: &[IndexRoot]) -> Result<()> {
    if let Some(outer) = roots.iter().find(|root| path.starts_with(&root.path)) {
        return Err(Error::new(
            ErrorCode::Conflict,
            format!("{} lies in {}, which is indexed already", path.display(), outer.path.display()),
        )
        .with_hint("nothing is to be done: its files are found"));
    }
    if let Some(inner) = roots.iter().find(|root| root.path.starts_with(path)) {
        return Err(Error::new(
            ErrorCode::Conflict,
            format!("{} holds {}, which is indexed already", path.display(), inner.path.display()),
        )
        .with_hint(format!("`ambit index remove {}` first", inner.path.display())));
    }
    Ok(())
}

/// The path that the file system knows it by.
pub(super) async fn canonical(path: &Path) -> Result<PathBuf> {
    tokio::fs::canonicalize(path).await.map_err(|error| {
        let missing = error.kind() == std::io::ErrorKind::NotFound;
        let error = Error::from(error);
        if missing {
            Error::not_found(format!("there is nothing at {}", path.display()))
                .with_hint("check the path; `~` and variables are for the shell to expand")
        } else {
            Error::new(error.code(), format!("{} cannot be opened: {error}", path.display())).with_source(error)
        }
    })
}

pub(super) fn shown(path: &Path) -> String {
    path.display().to_string()
}

pub(super) fn stopping() -> Error {
    Error::new(ErrorCode::Unavailable, "the host is stopping").with_hint("try again in a moment")
}
