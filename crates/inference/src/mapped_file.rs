//! A model's file, mapped into memory.

use std::fs::File;
use std::path::Path;

use memmap2::Mmap;

use crate::{Error, Result};

/// A file of a model as bytes that the system reads when they are needed, and takes back when memory runs short.
pub(crate) struct MappedFile {
    map: Mmap,
}

impl MappedFile {
    /// Maps a whole file. An empty one gives no bytes.
    #[expect(unsafe_code, reason = "a memory map")]
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|error| Error::reading(path, error))?;
        if !metadata.is_file() {
            return Err(Error::unsupported(path, "it is no file"));
        }
        let file = File::open(path).map_err(|error| Error::reading(path, error))?;
        // SAFETY: the map is read only, and all that is read from it are bytes that are parsed or turned into numbers,
        // of which every pattern is either refused or valid: what was checked once is looked up with bounds again.
        // Another process that rewrites the file changes the answers, and one that cuts it off while it is read ends this
        // process by a signal: mostly the worker, which costs the host a retry, but the host as well when it happens
        // while it looks at a header. A model is installed by renaming, so Ambit itself does neither.
        let map = unsafe { Mmap::map(&file) };
        let map = map.map_err(|error| Error::reading(path, error))?;
        Ok(Self { map })
    }

    /// What the file holds.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.map
    }

    /// Lets the system have the pages back that were read; what is read again comes from the file again.
    #[cfg_attr(unix, expect(unsafe_code, reason = "advice about a memory map"))]
    pub(crate) fn give_back(&self) {
        #[cfg(unix)]
        {
            // SAFETY: the map is read only and backed by the file, so a page that is dropped is read from it again.
            let given = unsafe { self.map.unchecked_advise(memmap2::UncheckedAdvice::DontNeed) };
            if let Err(error) = given {
                tracing::debug!(%error, "the pages of a model's file stay in memory");
            }
        }
    }
}
