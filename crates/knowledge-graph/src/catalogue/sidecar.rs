use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ambit_domain::Sequence;

use super::{Catalogue, Segment};

/// Begins the file; the number is raised when the form or the keys change.
const MAGIC: &[u8; 8] = b"ambitc01";
const DIGEST: usize = 32;

impl Catalogue {
    /// The file beside the graph.
    pub(crate) fn file(folder: &Path) -> PathBuf {
        folder.join("catalogue.bin")
    }

    /// Merges all segments and writes them with their sequence, atomically.
    pub(crate) fn save(&mut self, folder: &Path) -> io::Result<()> {
        self.merge_all();
        let empty = Segment::default();
        let segment = self.segments.first().unwrap_or(&empty);
        let body = postcard::to_allocvec(&(self.sequence.0, segment)).map_err(io::Error::other)?;
        let path = Self::file(folder);
        let temporary = path.with_extension("new");
        let mut file = std::fs::File::create(&temporary)?;
        file.write_all(MAGIC)?;
        file.write_all(blake3::hash(&body).as_bytes())?;
        file.write_all(&body)?;
        drop(file);
        std::fs::rename(&temporary, &path)?;
        self.unsaved = false;
        Ok(())
    }

    /// Removes the file.
    pub(crate) fn remove(folder: &Path) -> io::Result<()> {
        match std::fs::remove_file(Self::file(folder)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    /// Reads the file. `None` when there is none or it cannot be trusted; the quads then tell the same.
    pub(crate) fn load(folder: &Path) -> Option<Self> {
        let bytes = std::fs::read(Self::file(folder)).ok()?;
        let rest = bytes.strip_prefix(MAGIC)?;
        let (digest, body) = rest.split_at_checked(DIGEST)?;
        if blake3::hash(body).as_bytes() != digest {
            return None;
        }
        let (sequence, segment): (i64, Segment) = postcard::from_bytes(body).ok()?;
        let segment = segment.restored()?;
        let segments = if segment.len() == 0 { Vec::new() } else { vec![segment] };
        Some(Self { segments, sequence: Sequence(sequence), recent: Vec::new(), unsaved: false })
    }
}
