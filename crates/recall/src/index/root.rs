use std::collections::{HashMap, VecDeque};
use std::future::{Future, poll_fn};
use std::path::PathBuf;
use std::pin::pin;
use std::task::Poll;
use std::time::Duration;

use ambit_domain::port::{Candidate, SourceEvent};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, ErrorCode, IndexRoot, Result, RootState};
use futures_util::StreamExt as _;
use futures_util::future::select;

use super::indexer::reason;
use super::timer::{Backoff, unless};
use super::{Indexer, ScanSummary, Signal, Touched};

/// Changes that are handled together.
const EVENTS_TOGETHER: usize = 256;
/// More changes than this in the queue are not followed one by one: the root is scanned again.
const EVENTS_QUEUED: usize = 20_000;

/// How following a watch ended.
enum WatchEnd {
    /// The folder is not there.
    Missing,
    /// The watch broke; it can be begun again.
    Broken,
}

/// What happened next to a root.
enum Step {
    Cancelled,
    Event(Option<Result<SourceEvent>>),
    Handled(Result<bool>),
    Scanned(Result<ScanSummary>),
    RescanAsked,
    Due,
}

/// What is going on for one root.
struct Work<'a> {
    events: BoxStream<'static, Result<SourceEvent>>,
    queue: VecDeque<SourceEvent>,
    handling: Option<BoxFuture<'a, Result<bool>>>,
    scan: Option<BoxFuture<'a, Result<ScanSummary>>>,
    /// A scan is wanted; true: also of files that failed before.
    wanted: Option<bool>,
    /// When a scan that failed is repeated.
    due: Option<BoxFuture<'static, ()>>,
    seen: u64,
}

impl Work<'_> {
    /// The folder is gone: what was going on is void, and nothing is removed.
    fn give_up(&mut self) {
        self.queue.clear();
        (self.handling, self.scan, self.wanted, self.due) = (None, None, None, None);
    }
}

impl Indexer {
    /// Keeps the documents of a root as the folder is, until cancelled: watches it, scans it when the watch stands, and
    /// then follows the changes, which are stored at once even while a scan is still going on. A folder that is gone is
    /// looked for again every few seconds; what was read from it is kept. Ringing `rescan` has the root scanned again,
    /// files that failed included.
    pub async fn follow_root(&self, root: &IndexRoot, rescan: &Signal, cancellation: &Cancellation) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(30));
        let mut state = None;
        while !cancellation.is_cancelled() {
            let watching = cancellation.clone();
            let events = self.ports.source.watch(root.path.clone(), watching);
            let end = self.follow_watch(root, rescan, events, &mut backoff, &mut state, cancellation).await;
            let end = match end {
                Ok(WatchEnd::Broken) => self.scan_unwatched(root, &mut state, cancellation).await,
                end => end,
            };
            let Ok(end) = end else { return };
            if matches!(end, WatchEnd::Missing) {
                self.set_root_state(root, RootState::Missing, &mut state, cancellation).await;
            }
            self.board.report_root(root.id, |progress| progress.scanning = false);
            let asked = pin!(rescan.past(rescan.count()));
            let waited = select(asked, self.timer.sleep(backoff.next()));
            if unless(cancellation, waited).await.is_err() {
                return;
            }
        }
    }

    /// A folder that cannot be watched, for lack of handles for example, is at least scanned now and then.
    async fn scan_unwatched(
        &self,
        root: &IndexRoot,
        state: &mut Option<RootState>,
        cancellation: &Cancellation,
    ) -> Result<WatchEnd> {
        self.set_root_state(root, RootState::Scanning, state, cancellation).await;
        match self.synchronise_root(root, false, &Touched::default(), cancellation).await {
            Ok(_) => Ok(WatchEnd::Broken),
            Err(error) if error.code() == ErrorCode::Cancelled => Err(error),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(WatchEnd::Missing),
            Err(error) => {
                tracing::warn!(root = %root.path.display(), "a scan broke off and will be repeated: {error}");
                Ok(WatchEnd::Broken)
            }
        }
    }

    async fn set_root_state(
        &self,
        root: &IndexRoot,
        value: RootState,
        known: &mut Option<RootState>,
        cancellation: &Cancellation,
    ) {
        if *known == Some(value) {
            return;
        }
        let documents = &self.ports.documents;
        match self.persist("documents", cancellation, || documents.set_root_state(root.id, value)).await {
            Ok(()) => *known = Some(value),
            Err(error) => tracing::warn!(root = %root.path.display(), "the state of a root was not stored: {error}"),
        }
    }

    async fn follow_watch(
        &self,
        root: &IndexRoot,
        rescan: &Signal,
        events: BoxStream<'static, Result<SourceEvent>>,
        backoff: &mut Backoff,
        state: &mut Option<RootState>,
        cancellation: &Cancellation,
    ) -> Result<WatchEnd> {
        let touched = Touched::default();
        let mut retry = Backoff::new(Duration::from_secs(2), Duration::from_secs(300));
        let mut work = Work {
            events,
            queue: VecDeque::new(),
            handling: None,
            scan: None,
            wanted: None,
            due: None,
            seen: rescan.count(),
        };
        loop {
            if work.scan.is_none()
                && let Some(again) = work.wanted.take()
            {
                self.set_root_state(root, RootState::Scanning, state, cancellation).await;
                self.board.report_root(root.id, |progress| progress.scanning = true);
                touched.clear();
                work.due = None;
                work.scan = Some(Box::pin(self.synchronise_root(root, again, &touched, cancellation)));
            }
            if work.handling.is_none() && !work.queue.is_empty() {
                let batch = work.queue.drain(..work.queue.len().min(EVENTS_TOGETHER)).collect();
                work.handling = Some(Box::pin(self.apply_events(root, batch, cancellation)));
            }
            match next_step(&mut work, rescan, cancellation).await {
                Step::Cancelled => return Err(Error::cancelled()),
                Step::Event(None) => return Ok(WatchEnd::Broken),
                Step::Event(Some(Ok(SourceEvent::RootMissing))) => {
                    work.give_up();
                    self.set_root_state(root, RootState::Missing, state, cancellation).await;
                }
                Step::Event(Some(Err(error))) if error.code() == ErrorCode::NotFound => return Ok(WatchEnd::Missing),
                // Such as: changes are looked for every few seconds, because there are too many folders to watch.
                Step::Event(Some(Err(error))) => tracing::warn!(root = %root.path.display(), "{}", reason(&error)),
                Step::Event(Some(Ok(event))) => self.take_event(root, event, &mut work, &touched),
                Step::RescanAsked => {
                    work.seen = rescan.count();
                    work.wanted = Some(true);
                }
                Step::Due => {
                    work.due = None;
                    work.wanted = work.wanted.or(Some(false));
                }
                Step::Handled(result) => {
                    work.handling = None;
                    self.handled(result, &mut work)?;
                }
                Step::Scanned(result) => {
                    work.scan = None;
                    if let Some(end) = self.scanned(root, result, &mut work, &mut retry)? {
                        return Ok(end);
                    }
                    backoff.reset();
                    if work.due.is_none() && work.wanted.is_none() {
                        self.set_root_state(root, RootState::Watching, state, cancellation).await;
                    }
                }
            }
            self.report_rest(root, &work, rescan);
        }
    }

    fn take_event(&self, root: &IndexRoot, event: SourceEvent, work: &mut Work<'_>, touched: &Touched) {
        match &event {
            SourceEvent::Written(candidate) => touched.add(&candidate.path),
            SourceEvent::Removed(path) => touched.add(path),
            SourceEvent::Renamed { from, to } => {
                touched.add(from);
                touched.add(to);
                if work.scan.is_some() {
                    // The walk may have seen only part of the tree at its old place.
                    work.wanted = work.wanted.or(Some(false));
                }
            }
            _ => {
                work.wanted = work.wanted.or(Some(false));
                return;
            }
        }
        if work.queue.len() >= EVENTS_QUEUED {
            work.queue.clear();
            touched.clear();
            work.scan = None;
            work.wanted = work.wanted.or(Some(false));
            return;
        }
        self.board.report_root(root.id, |progress| progress.scanning = true);
        work.queue.push_back(event);
    }

    fn handled(&self, result: Result<bool>, work: &mut Work<'_>) -> Result<()> {
        match result {
            Ok(false) => {}
            Ok(true) => work.wanted = work.wanted.or(Some(false)),
            Err(error) if error.code() == ErrorCode::Cancelled => return Err(error),
            Err(error) => {
                tracing::warn!("changes could not be stored, the root is scanned again: {error}");
                work.due = Some(self.timer.sleep(Duration::from_secs(5)));
            }
        }
        Ok(())
    }

    fn scanned(
        &self,
        root: &IndexRoot,
        result: Result<ScanSummary>,
        work: &mut Work<'_>,
        retry: &mut Backoff,
    ) -> Result<Option<WatchEnd>> {
        match result {
            Ok(summary) => {
                tracing::debug!(root = %root.path.display(), ?summary, "scanned");
                retry.reset();
                Ok(None)
            }
            Err(error) if error.code() == ErrorCode::Cancelled => Err(error),
            Err(error) if error.code() == ErrorCode::NotFound => Ok(Some(WatchEnd::Missing)),
            Err(error) => {
                tracing::warn!(root = %root.path.display(), "a scan broke off and will be repeated: {error}");
                work.due = Some(self.timer.sleep(retry.next()));
                Ok(None)
            }
        }
    }

    /// Says that nothing is left to do for a root, unless somebody asked for a scan in this moment.
    fn report_rest(&self, root: &IndexRoot, work: &Work<'_>, rescan: &Signal) {
        let rests = work.scan.is_none() && work.handling.is_none() && work.queue.is_empty() && work.wanted.is_none();
        if rests && self.board.root(root.id).scanning {
            self.board.report_root(root.id, |progress| progress.scanning = rescan.count() != work.seen);
        }
    }

    /// Stores what the watch told. True: something cannot be told from the events alone, the root must be scanned.
    async fn apply_events(
        &self,
        root: &IndexRoot,
        events: Vec<SourceEvent>,
        cancellation: &Cancellation,
    ) -> Result<bool> {
        let mut scan = false;
        let mut written: Vec<Candidate> = Vec::new();
        for event in events {
            match event {
                SourceEvent::Written(candidate) => {
                    written.retain(|earlier| earlier.path != candidate.path);
                    written.push(candidate);
                }
                SourceEvent::Removed(path) => {
                    self.read_written(root, std::mem::take(&mut written), cancellation).await?;
                    self.remove_now(root, path, cancellation).await?;
                }
                SourceEvent::Renamed { from, to } => {
                    self.read_written(root, std::mem::take(&mut written), cancellation).await?;
                    scan |= self.rename_now(root, from, to, cancellation).await?;
                }
                _ => scan = true,
            }
        }
        self.read_written(root, written, cancellation).await?;
        Ok(scan)
    }

    async fn read_written(&self, root: &IndexRoot, written: Vec<Candidate>, cancellation: &Cancellation) -> Result<()> {
        let mut known = HashMap::new();
        let mut candidates = Vec::with_capacity(written.len());
        for candidate in written {
            if self.forgotten.covers(&candidate.path) {
                continue;
            }
            if let Some(document) = self.ports.documents.document_at(&candidate.path).await? {
                known.insert(document.path, document.hash);
            }
            candidates.push(candidate);
        }
        self.read_and_commit(root, candidates, known, None, cancellation).await
    }

    async fn remove_now(&self, root: &IndexRoot, path: PathBuf, cancellation: &Cancellation) -> Result<()> {
        let _writing = self.writer.lock().await;
        self.remove_paths(root, vec![path], cancellation).await?;
        self.changed.ring();
        Ok(())
    }

    async fn rename_now(
        &self,
        root: &IndexRoot,
        from: PathBuf,
        to: PathBuf,
        cancellation: &Cancellation,
    ) -> Result<bool> {
        let _writing = self.writer.lock().await;
        let documents = &self.ports.documents;
        let moved = if self.forgotten.covers(&to) {
            self.remove_paths(root, vec![from], cancellation).await?;
            1
        } else {
            self.persist("documents", cancellation, || documents.rename_path(root.id, from.clone(), to.clone())).await?
        };
        self.changed.ring();
        Ok(moved == 0)
    }
}

async fn next_step(work: &mut Work<'_>, rescan: &Signal, cancellation: &Cancellation) -> Step {
    let mut cancelled = cancellation.cancelled();
    let mut asked = pin!(rescan.past(work.seen));
    poll_fn(|context| {
        if pin!(&mut cancelled).poll(context).is_ready() {
            return Poll::Ready(Step::Cancelled);
        }
        if let Poll::Ready(event) = work.events.poll_next_unpin(context) {
            return Poll::Ready(Step::Event(event));
        }
        if let Some(handling) = work.handling.as_mut()
            && let Poll::Ready(result) = handling.as_mut().poll(context)
        {
            return Poll::Ready(Step::Handled(result));
        }
        if let Some(scan) = work.scan.as_mut()
            && let Poll::Ready(result) = scan.as_mut().poll(context)
        {
            return Poll::Ready(Step::Scanned(result));
        }
        if let Some(due) = work.due.as_mut()
            && due.as_mut().poll(context).is_ready()
        {
            return Poll::Ready(Step::Due);
        }
        if asked.as_mut().poll(context).is_ready() {
            return Poll::Ready(Step::RescanAsked);
        }
        Poll::Pending
    })
    .await
}
