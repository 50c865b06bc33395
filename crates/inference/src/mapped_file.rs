//! A model's file, mapped into memory.

use std::fs::File;
use std::ops::Range;
use std::path::Path;

use memmap2::{Mmap, MmapOptions};

use crate::{Error, Result};

/// A file of a model, or a part of it, as bytes that the system reads when they are needed, and takes back when memory runs
/// short.
pub(crate) struct MappedFile {
    file: File,
    map: Mmap,
}

impl MappedFile {
    /// Maps a whole file. An empty one gives no bytes.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|error| Error::reading(path, error))?;
        if !metadata.is_file() {
            return Err(Error::unsupported(path, "it is no file"));
        }
        let file = File::open(path).map_err(|error| Error::reading(path, error))?;
        let map = map(&MmapOptions::new(), &file).map_err(|error| Error::reading(path, error))?;
        Ok(Self { file, map })
    }

    /// Maps a part of the same file by itself, so that it can stay when the rest leaves the memory.
    pub(crate) fn part(&self, part: Range<usize>) -> std::io::Result<Self> {
        let mut options = MmapOptions::new();
        options.offset(part.start as u64).len(part.len());
        Ok(Self { file: self.file.try_clone()?, map: map(&options, &self.file)? })
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

#[expect(unsafe_code, reason = "a memory map")]
fn map(options: &MmapOptions, file: &File) -> std::io::Result<Mmap> {
    // SAFETY: the map is read only, and all that is read from it are bytes that are parsed or turned into numbers, of which
    // every pattern is either refused or valid: what was checked once is looked up with bounds again. Another process that
    // rewrites the file changes the answers, and one that cuts it off while it is read ends this process by a signal: mostly
    // the worker, which costs the host a retry, but the host as well when it happens while it looks at a header. A model is
    // installed by renaming, so Ambit itself does neither.
    unsafe { options.map(file) }
}
