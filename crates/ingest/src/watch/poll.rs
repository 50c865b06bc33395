use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ambit_domain::port::{Candidate, Found, SourceEvent};
use ambit_domain::{Error, Result, Timestamp};

use super::{End, Habits, TICK};
use crate::bridge::Outlet;
use crate::scan::{Part, Step, walk};
use crate::{FileSourceOptions, IngestError};

/// A walk may take at most this share of the time, on a folder of whatever size.
const SHARE_OF_TIME: u32 = 20;

type Snapshot = HashMap<PathBuf, (u64, Timestamp)>;

/// Looks again and again, and tells what became different. `told` is said once, after the first `Rescan`.
pub(super) fn follow(
    root: &Path,
    habits: &Habits<'_>,
    outlet: &Outlet<Result<SourceEvent>>,
    interval: Duration,
    told: Option<IngestError>,
) -> End {
    let options = habits.options.as_ref();
    let (mut before, mut took) = look(root, options, outlet);
    if !outlet.send(Ok(SourceEvent::Rescan)) {
        return End::Closed;
    }
    if let Some(error) = told
        && !outlet.send(Err(Error::from(error)))
    {
        return End::Closed;
    }
    loop {
        let until = Instant::now() + interval.max(took * SHARE_OF_TIME);
        while Instant::now() < until {
            std::thread::sleep(TICK.min(until.saturating_duration_since(Instant::now())));
            if outlet.is_closed() {
                return End::Closed;
            }
            if !root.is_dir() {
                return End::RootGone;
            }
            if habits.are_outdated() {
                return End::OptionsChanged;
            }
        }
        let after;
        (after, took) = look(root, options, outlet);
        let gone = before.keys().filter(|path| !after.contains_key(*path));
        let removed = gone.map(|path| SourceEvent::Removed(path.clone()));
        let changed = after.iter().filter(|(path, state)| before.get(*path) != Some(*state));
        let written = changed.map(|(path, (size, modified))| {
            SourceEvent::Written(Candidate { path: path.clone(), size: *size, modified: *modified })
        });
        for event in removed.chain(written) {
            if !outlet.send(Ok(event)) {
                return End::Closed;
            }
        }
        before = after;
    }
}

fn look(root: &Path, options: &FileSourceOptions, outlet: &Outlet<Result<SourceEvent>>) -> (Snapshot, Duration) {
    let begun = Instant::now();
    let mut snapshot = Snapshot::new();
    let walked = walk(root, &Part::Whole, options, |step| {
        if let Step::Found(Found::File(candidate)) = step {
            snapshot.insert(candidate.path, (candidate.size, candidate.modified));
        }
        !outlet.is_closed()
    });
    if let Err(error) = walked {
        tracing::warn!(root = %root.display(), %error, "the folder could not be looked at");
    }
    (snapshot, begun.elapsed())
}
