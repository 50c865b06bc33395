//! Bytes in memory, or of a file.

use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;

use memmap2::Mmap;

/// Bytes in memory, or of a file that the system reads as far as it is looked at, and takes out of memory when that runs short.
#[derive(Debug)]
pub(super) enum Bytes {
    Owned(Vec<u8>),
    Mapped(Mmap),
}

impl Bytes {
    /// The bytes of a file.
    #[expect(unsafe_code, reason = "a memory map")]
    pub(super) fn map(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        // SAFETY: the map is read only, and all that is read from it are bytes of which every pattern is valid or refused; what
        // they lead to is looked up with bounds. Files of counts are replaced by renaming and never written to once they are
        // there, so none is cut off while it is mapped, unless somebody else does that to them.
        Ok(Self::Mapped(unsafe { Mmap::map(&file)? }))
    }
}

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        match self {
            Self::Owned(bytes) => bytes,
            Self::Mapped(map) => map,
        }
    }
}
