//! Files that come in pieces, for requests that need one.
//!
//! A page has no path to give, and the desktop app hands its page's requests on as JSON: so a file comes as pieces, each of
//! which is a body as any other. What has come lies in the data directory in a file without a name, which is gone with its
//! upload, and with the host.

use std::path::Path;

use ambit_protocol::Upload;
use ambit_protocol::domain::{Error, ErrorCode, Result};
use tokio::fs::File;
use tokio::io::AsyncWriteExt as _;
use tokio::sync::Mutex;

use crate::access::random_hex;

/// So many may be open; the oldest makes room for another.
const MOST_OPEN: usize = 4;
/// Bytes of the largest file.
const LARGEST: u64 = 4 << 30;

/// The files that are coming.
#[derive(Default)]
pub(crate) struct Uploads {
    open: Mutex<Vec<Open>>,
}

struct Open {
    upload: Upload,
    file: File,
}

impl Uploads {
    /// Begins a file, in this folder.
    pub(crate) async fn begin(&self, folder: &Path) -> Result<Upload> {
        let id = random_hex::<16>().map_err(|error| Error::internal(format!("naming an upload: {error}")))?;
        let upload = Upload { id, size: 0 };
        let folder = folder.to_owned();
        let made = tokio::task::spawn_blocking(move || tempfile::tempfile_in(folder)).await;
        let file = File::from_std(made.map_err(|error| Error::internal(error.to_string()))??);
        let mut open = self.open.lock().await;
        while open.len() >= MOST_OPEN {
            open.remove(0);
        }
        open.push(Open { upload: upload.clone(), file });
        Ok(upload)
    }

    /// Takes in the next piece.
    pub(crate) async fn append(&self, id: &str, at: u64, bytes: &[u8]) -> Result<Upload> {
        let mut open = self.open.lock().await;
        let Open { upload, file } = open.iter_mut().find(|open| open.upload.id == id).ok_or_else(unknown)?;
        if at != upload.size {
            let detail = format!("the piece begins at {at}, and {} bytes have come", upload.size);
            return Err(Error::new(ErrorCode::Conflict, detail).with_hint("send the pieces one after another"));
        }
        let size = at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > LARGEST {
            return Err(Error::new(ErrorCode::TooLarge, format!("the file is larger than {} GB", LARGEST >> 30))
                .with_hint("unpack an archive, and send what is needed of it"));
        }
        file.write_all(bytes).await?;
        file.flush().await?;
        upload.size = size;
        Ok(upload.clone())
    }

    /// Hands a file over that has come whole.
    pub(crate) async fn take(&self, id: &str) -> Result<std::fs::File> {
        let mut open = self.open.lock().await;
        let at = open.iter().position(|open| open.upload.id == id).ok_or_else(unknown)?;
        let file = open.remove(at).file;
        drop(open);
        Ok(file.into_std().await)
    }
}

fn unknown() -> Error {
    Error::not_found("there is no upload with this id")
        .with_hint("send the file again; of those that wait the oldest go")
}
