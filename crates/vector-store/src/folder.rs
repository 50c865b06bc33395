//! The folder is not trusted: see that it can be used, and empty it when its content cannot.

use std::path::Path;

use crate::VectorStoreError;

const DAMAGED: &str = "damaged";

/// Makes sure that the folder can be written to, so that a failure to open it later means its content.
pub(crate) fn probe(folder: &Path) -> Result<(), VectorStoreError> {
    let probe = folder.join("probe");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"ambit"))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(VectorStoreError::folder(folder))
}

/// Removes everything in the folder.
pub(crate) fn empty(folder: &Path) -> Result<(), VectorStoreError> {
    let remove_all = || {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            let is_folder = std::fs::symlink_metadata(&path)?.is_dir();
            if is_folder { std::fs::remove_dir_all(path)? } else { std::fs::remove_file(path)? }
        }
        Ok(())
    };
    remove_all().map_err(VectorStoreError::folder(folder))
}

/// Leaves a note that the next opening must begin from nothing.
pub(crate) fn note_damage(folder: &Path) {
    if let Err(error) = std::fs::write(folder.join(DAMAGED), b"") {
        tracing::warn!(folder = %folder.display(), %error, "the damage could not be noted");
    }
}

pub(crate) fn is_noted_damaged(folder: &Path) -> bool {
    folder.join(DAMAGED).exists()
}
