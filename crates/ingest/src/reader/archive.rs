use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::IngestError;
use crate::limits::Limits;

/// No document has more parts.
const MOST_ENTRIES: usize = 20_000;
/// Bytes that all parts of a document may unpack to.
const MOST_UNPACKED: u64 = 512 << 20;
/// Text rarely packs better than 1:50; a part beyond this ratio…
const HIGHEST_RATIO: u64 = 200;
/// …and over this size is no text.
const RATIO_COUNTS_FROM: u64 = 8 << 20;

/// The parts of an office document or book: a zip archive, read under limits on what it unpacks to. Sizes are counted
/// while unpacking; what the archive says about itself is not believed.
pub(super) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    limits: Limits,
    unpacked: u64,
}

impl<'a> Archive<'a> {
    pub(super) fn open(bytes: &'a [u8], limits: &Limits) -> Result<Self, IngestError> {
        // Password-protected office files are OLE containers.
        if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
            return Err(IngestError::Encrypted);
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(damaged)?;
        if zip.len() > MOST_ENTRIES {
            return Err(IngestError::Bomb { reason: format!("{} parts", zip.len()) });
        }
        Ok(Self { zip, limits: limits.clone(), unpacked: 0 })
    }

    pub(super) fn names(&self) -> Vec<String> {
        self.zip.file_names().filter_map(|name| name.ok().map(std::borrow::Cow::into_owned)).collect()
    }

    /// The bytes of a part; nothing if there is no such part.
    pub(super) fn bytes(&mut self, name: &str) -> Result<Option<Vec<u8>>, IngestError> {
        let mut bytes = Vec::new();
        Ok(self.unpack(name, |part| bytes.extend_from_slice(part))?.then_some(bytes))
    }

    /// The text of an XML or HTML part; nothing if there is no such part.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, IngestError> {
        let Some(bytes) = self.bytes(name)? else { return Ok(None) };
        Ok(Some(crate::decode::decode(&bytes)?.into_owned()))
    }

    /// Unpacks everything and keeps nothing: for readers that unpack on their own.
    pub(super) fn check_all(&mut self) -> Result<(), IngestError> {
        for name in self.names() {
            self.unpack(&name, |_| {})?;
        }
        Ok(())
    }

    fn unpack(&mut self, name: &str, mut take: impl FnMut(&[u8])) -> Result<bool, IngestError> {
        let mut entry = match self.zip.by_name(name) {
            Ok(entry) => entry,
            Err(ZipError::FileNotFound) => return Ok(false),
            Err(error) => return Err(damaged(error)),
        };
        let packed = entry.compressed_size().max(1);
        let mut of_entry = 0_u64;
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            self.limits.check()?;
            let read = entry
                .read(&mut buffer)
                .map_err(|error| IngestError::Damaged(format!("{name} cannot be unpacked: {error}")))?;
            if read == 0 {
                return Ok(true);
            }
            let more = u64::try_from(read).unwrap_or(u64::MAX);
            of_entry += more;
            self.unpacked += more;
            if self.unpacked > MOST_UNPACKED {
                return Err(IngestError::Bomb { reason: format!("over {} MB", MOST_UNPACKED >> 20) });
            }
            if of_entry > RATIO_COUNTS_FROM && of_entry / packed > HIGHEST_RATIO {
                return Err(IngestError::Bomb { reason: format!("{name} packs better than 1:{HIGHEST_RATIO}") });
            }
            take(buffer.get(..read).unwrap_or_default());
        }
    }
}

fn damaged(error: ZipError) -> IngestError {
    match error {
        ZipError::UnsupportedArchive(what) if what.contains("assword") => IngestError::Encrypted,
        ZipError::InvalidPassword => IngestError::Encrypted,
        error => IngestError::Damaged(format!("it is no complete archive: {error}")),
    }
}
