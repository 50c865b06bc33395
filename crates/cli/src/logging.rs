//! The log of a host.

use std::sync::Arc;

use ambit_embedded::settings::{Settings, key};
use ambit_embedded::{LogFiles, SystemClock};
use anyhow::{Context, Result};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, reload};

use crate::connection::Place;

/// The log that this process writes.
pub(crate) struct Log {
    files: LogFiles,
    filter: reload::Handle<EnvFilter, Registry>,
}

impl Log {
    /// Starts it, by what is known before the store with the preferences is open.
    pub(crate) fn start(place: &Place, settings: &Settings, headless: bool) -> Result<Self> {
        let (days, bytes) = limits(settings);
        let files = LogFiles::open(&place.directory.logs(), Arc::new(SystemClock), days, bytes)
            .context("the log could not be opened")?;
        let (filter, handle) = reload::Layer::new(filter(settings));
        let to_files = tracing_subscriber::fmt::layer().json().with_writer(files.clone()).with_filter(filter);
        let to_terminal = (!headless)
            .then(|| tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(EnvFilter::new("warn")));
        tracing_subscriber::registry()
            .with(to_files)
            .with(to_terminal)
            .try_init()
            .context("the log could not be started")?;
        std::panic::set_hook(Box::new(log_panic));
        Ok(Self { files, filter: handle })
    }

    /// Goes on by all settings, preferences included.
    pub(crate) fn follow(&self, settings: &Settings) {
        if let Err(error) = self.filter.reload(filter(settings)) {
            tracing::warn!(%error, "the log keeps its level");
        }
        let (days, bytes) = limits(settings);
        if let Err(error) = self.files.limit(days, bytes) {
            tracing::warn!(%error, "old log files stay");
        }
    }
}

fn filter(settings: &Settings) -> EnvFilter {
    let level = settings.text(key::LOG_LEVEL);
    EnvFilter::new(format!("warn,ambit={level},engine-worker={level}"))
}

/// The days that files are kept, and the bytes that all may take.
fn limits(settings: &Settings) -> (i64, u64) {
    let bytes = u64::try_from(settings.integer(key::LOG_MAXIMUM_BYTES)).unwrap_or_default();
    (settings.integer(key::LOG_RETENTION_DAYS), bytes)
}

/// A reader that gives up on a poisoned file panics, and is caught; the log should tell it, without the message, which
/// may quote the file.
fn log_panic(panic: &std::panic::PanicHookInfo<'_>) {
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = std::thread::current().name().unwrap_or("unnamed").to_owned();
    tracing::error!(place, thread, "a panic");
}
