//! Builds the desktop form of Ambit: the runtime's ports on the local engines, one host per data directory, and the
//! engine worker that it supervises.

mod attachments;
mod belongings;
mod clock;
mod doctor;
mod encoders;
mod engine;
mod error;
mod heat;
mod host;
mod keys;
mod language_models;
mod lock;
mod log;
mod log_records;
mod memory;
mod model_library;
mod pages;
mod power;
mod preferences;
#[cfg(target_os = "linux")]
mod resident;
mod restore;
mod settings_view;
mod stored_settings;
mod tokens;
mod updates;
mod worker;

pub use ambit_runtime as runtime;
pub use ambit_settings as settings;
pub use belongings::{Belonging, Belongings, Installation, belongings, remove_belongings};
pub use clock::SystemClock;
pub use doctor::{Check, CheckState, examine};
pub use error::EmbeddedError;
pub use host::{Host, HostOptions};
pub use lock::{HostLock, has_let_go, running_host};
pub use log::LogFiles;
pub use log_records::{LogQuery, LogRecord, log_records};
#[cfg(target_os = "linux")]
pub use resident::keep_heap_together;
pub use restore::{Restored, check_backup, restore};
pub use stored_settings::models_elsewhere;
pub use worker::{DEVICES_COMMAND, WORKER_COMMAND, print_devices, run_worker};
