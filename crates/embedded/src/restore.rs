//! Putting a backup in the place of the present data.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ambit_domain::Error;
use ambit_domain::port::{Conversations, Preferences};
use ambit_settings::{DataDirectory, key};
use ambit_state_store::StateStore;
use serde_json::json;

use crate::updates::Seen;
use crate::{EmbeddedError, HostLock, SystemClock, attachments, pages};

/// What came of a restore.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Restored {
    /// How many attached files were there that no conversation of the backup names, and where they are now.
    pub set_aside: Option<(usize, PathBuf)>,
    /// How many attached files conversations of the backup name that are neither in it nor here.
    pub missing: usize,
}

/// Says whether a file is a backup that [`restore`] takes, and changes nothing.
///
/// # Errors
/// Why not.
pub fn check_backup(backup: &Path) -> Result<(), EmbeddedError> {
    Ok(StateStore::check_backup(backup).map_err(Error::from)?)
}

/// Puts a backup in the place of the present data. The derived stores are dropped; the next host rebuilds them. Which version of
/// Ambit was seen as the newest is not taken back.
///
/// # Errors
/// When a host is running, or the file is no sound backup.
pub async fn restore(data_directory: &DataDirectory, backup: &Path) -> Result<Restored, EmbeddedError> {
    data_directory.create()?;
    let _lock = HostLock::acquire(data_directory)?;
    let (state, files) = (data_directory.state(), data_directory.attachments());
    // A database that cannot be read may be the very reason to restore.
    let before = StateStore::preferences_in(&state).unwrap_or_else(|error| {
        tracing::warn!(%error, "the present preferences cannot be read");
        Vec::new()
    });
    StateStore::restore(backup, &state).map_err(Error::from)?;
    for derived in [data_directory.vectors(), data_directory.graph()] {
        match std::fs::remove_dir_all(&derived) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(EmbeddedError::file(derived)(error));
            }
            _ => {}
        }
    }
    let saved = data_directory.pages();
    let put_back = |ambit_state_store::CarriedFile { id, name, bytes }| match id.strip_prefix(pages::PREFIX) {
        Some(site) => pages::put_back(&saved, site, &name, &bytes),
        None => attachments::put_back(&files, &id, &name, &bytes),
    };
    StateStore::carried_files(backup, put_back).map_err(Error::from)?;

    let store = StateStore::open(&state, Arc::new(SystemClock)).map_err(Error::from)?;
    let restored = Preferences::all(&store).await?;
    if let Some(seen) = Seen::in_preferences(&before).filter(|seen| seen.counts_over(Seen::in_preferences(&restored))) {
        Preferences::set(&store, key::UPDATES_SEEN.to_owned(), json!(seen.to_string())).await?;
    }
    let named: BTreeSet<_> = Conversations::attachments(&store, None).await?.into_iter().collect();
    store.close();
    let aside = data_directory.attachments_aside();
    let moved = attachments::set_aside(&files, &named, &aside).map_err(EmbeddedError::file(&files))?;
    let missing = named.iter().filter(|id| !files.join(id.as_str()).exists()).count();
    Ok(Restored { set_aside: (moved > 0).then_some((moved, aside)), missing })
}
