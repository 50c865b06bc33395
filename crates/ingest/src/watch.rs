//! Follows changes of a folder: by the operating system's notices where it gives them, by looking again where not.

mod pending;
mod poll;

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use ambit_domain::Result;
use ambit_domain::port::SourceEvent;
use notify::{Config, ErrorKind, Event, RecommendedWatcher, RecursiveMode, Watcher};

use self::pending::Pending;
use crate::bridge::Outlet;
use crate::options::LiveOptions;
use crate::{FileSourceOptions, IngestError};

/// How often a quiet watch looks whether its root is still there and somebody still listens.
const TICK: Duration = Duration::from_millis(500);

/// Why following a folder ended.
enum End {
    /// Nobody listens any more.
    Closed,
    /// The folder is gone.
    RootGone,
    /// Another folder stands in its place.
    RootReplaced,
    /// Other files are to be left out.
    OptionsChanged,
}

/// How a folder is followed, as long as that counts.
struct Habits<'a> {
    options: Arc<FileSourceOptions>,
    live: &'a LiveOptions,
}

impl Habits<'_> {
    fn are_outdated(&self) -> bool {
        !self.live.are(&self.options)
    }
}

/// Watches until nobody listens.
pub(crate) fn run(root: &Path, live: &LiveOptions, outlet: &Outlet<Result<SourceEvent>>) {
    let mut told_limit = false;
    loop {
        if !root.is_dir() {
            if !outlet.send(Ok(SourceEvent::RootMissing)) {
                return;
            }
            while !root.is_dir() {
                std::thread::sleep(TICK / 2);
                if outlet.is_closed() {
                    return;
                }
            }
        }
        let habits = Habits { options: live.current(), live };
        match follow(root, &habits, outlet, &mut told_limit) {
            End::Closed => return,
            // The next watch begins with a scan.
            End::RootGone | End::RootReplaced | End::OptionsChanged => {}
        }
    }
}

fn follow(root: &Path, habits: &Habits<'_>, outlet: &Outlet<Result<SourceEvent>>, told_limit: &mut bool) -> End {
    if let Some(interval) = habits.options.poll {
        return poll::follow(root, habits, outlet, interval, None);
    }
    let (sender, notices) = channel();
    let watcher = RecommendedWatcher::new(sender, Config::default().with_follow_symlinks(false))
        .and_then(|mut watcher| watcher.watch(root, RecursiveMode::Recursive).map(|()| watcher));
    match watcher {
        Ok(watcher) => {
            if !outlet.send(Ok(SourceEvent::Rescan)) {
                return End::Closed;
            }
            match listen(root, habits, outlet, &notices) {
                Ok(end) => end,
                Err(error) => {
                    drop(watcher);
                    poll_instead(root, habits, outlet, &error, told_limit)
                }
            }
        }
        Err(_) if !root.is_dir() => End::RootGone,
        Err(error) => poll_instead(root, habits, outlet, &error, told_limit),
    }
}

fn poll_instead(
    root: &Path,
    habits: &Habits<'_>,
    outlet: &Outlet<Result<SourceEvent>>,
    error: &notify::Error,
    told_limit: &mut bool,
) -> End {
    let interval = habits.options.fallback_poll;
    let told = (!*told_limit).then(|| explain(root, error, interval));
    *told_limit = true;
    poll::follow(root, habits, outlet, interval, told)
}

/// What a person can do about a watch that does not stand.
fn explain(root: &Path, error: &notify::Error, interval: Duration) -> IngestError {
    let seconds = interval.as_secs().max(1);
    if is_limit(error) {
        return IngestError::Watch {
            message: format!(
                "{} needs more watches than the system gives one user; changes are looked for every {seconds} seconds instead",
                root.display()
            ),
            hint: Some(
                "raise the limits: sudo sysctl fs.inotify.max_user_watches=524288 fs.inotify.max_user_instances=512 (and write them to /etc/sysctl.d/90-ambit.conf)"
                    .to_owned(),
            ),
        };
    }
    IngestError::Watch {
        message: format!(
            "{} cannot be watched ({error}); changes are looked for every {seconds} seconds instead",
            root.display()
        ),
        hint: None,
    }
}

/// Too many watches, or too many watchers.
fn is_limit(error: &notify::Error) -> bool {
    match &error.kind {
        ErrorKind::MaxFilesWatch => true,
        ErrorKind::Io(error) => {
            matches!(error.kind(), std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded)
                || error.raw_os_error() == Some(24)
        }
        _ => false,
    }
}

/// Gathers notices until they pause, and tells what they come to. Fails when the watch does not stand any more.
fn listen(
    root: &Path,
    habits: &Habits<'_>,
    outlet: &Outlet<Result<SourceEvent>>,
    notices: &Receiver<notify::Result<Event>>,
) -> std::result::Result<End, notify::Error> {
    let options = habits.options.as_ref();
    let identity = identity(root);
    let longest = (options.debounce * 4).max(Duration::from_millis(100));
    let mut pending = Pending::new(root);
    let mut first: Option<Instant> = None;
    loop {
        let wait = match first {
            Some(first) => options.debounce.min(longest.saturating_sub(first.elapsed())),
            None => TICK,
        };
        match notices.recv_timeout(wait) {
            Ok(Ok(event)) => {
                pending.note(event);
                if first.is_none() && !pending.is_empty() {
                    first = Some(Instant::now());
                }
                if first.is_none_or(|first| first.elapsed() < longest) {
                    continue;
                }
            }
            Ok(Err(error)) if is_limit(&error) => return Err(error),
            Ok(Err(error)) => {
                // A folder that went away while it was being added; what is there now has to be looked at.
                tracing::debug!(%error, "a notice of the watch was lost");
                pending.rescan();
                first.get_or_insert_with(Instant::now);
                continue;
            }
            Err(RecvTimeoutError::Timeout) => {}
            Err(RecvTimeoutError::Disconnected) => return Ok(End::RootReplaced),
        }
        if outlet.is_closed() {
            return Ok(End::Closed);
        }
        if !root.is_dir() {
            return Ok(End::RootGone);
        }
        if self::identity(root) != identity {
            return Ok(End::RootReplaced);
        }
        if habits.are_outdated() {
            return Ok(End::OptionsChanged);
        }
        if first.take().is_some() {
            for event in pending.take(options) {
                if !outlet.send(Ok(event)) {
                    return Ok(End::Closed);
                }
            }
        }
    }
}

/// Tells a folder from another with the same path.
fn identity(root: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        std::fs::metadata(root).ok().map(|metadata| (metadata.dev(), metadata.ino()))
    }
    #[cfg(not(unix))]
    {
        std::fs::metadata(root).ok().map(|_| (0, 0))
    }
}
