//! Files that come in pieces, for requests that need one.
//!
//! A page has no path to give, and the desktop app hands its page's requests on as JSON: so a file comes as pieces, each of
//! which is a body as any other. What has come lies in the data directory in a file without a name, which is gone with its
//! upload, and with the host.

use std::io::SeekFrom;
use std::path::Path;
use std::time::Duration;

use ambit_protocol::Upload;
use ambit_protocol::domain::{Error, ErrorCode, Result};
use tokio::fs::File;
use tokio::io::{AsyncSeekExt as _, AsyncWriteExt as _};
use tokio::sync::Mutex;
use tokio::time::Instant;

use crate::access::random_hex;

/// So many may be open; the oldest makes room for another.
const MOST_OPEN: usize = 4;
/// Bytes of the largest file.
const LARGEST: u64 = 4 << 30;
/// One that nothing was sent of for so long was given up.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60 * 60);

/// The files that are coming.
#[derive(Default)]
pub(crate) struct Uploads {
    open: Mutex<Vec<Open>>,
}

struct Open {
    upload: Upload,
    file: File,
    /// When the last piece came.
    touched: Instant,
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
        open.push(Open { upload: upload.clone(), file, touched: Instant::now() });
        Ok(upload)
    }

    /// Takes in the next piece.
    pub(crate) async fn append(&self, id: &str, at: u64, bytes: &[u8]) -> Result<Upload> {
        let mut open = self.open.lock().await;
        let Open { upload, file, touched } = open.iter_mut().find(|open| open.upload.id == id).ok_or_else(unknown)?;
        if at != upload.size {
            let detail = format!("the piece begins at {at}, and {} bytes have come", upload.size);
            return Err(Error::new(ErrorCode::Conflict, detail).with_hint("send the pieces one after another"));
        }
        let size = at.saturating_add(u64::try_from(bytes.len()).unwrap_or(u64::MAX));
        if size > LARGEST {
            return Err(Error::new(ErrorCode::TooLarge, format!("the file is larger than {} GB", LARGEST >> 30))
                .with_hint("unpack an archive, and send what is needed of it"));
        }
        *touched = Instant::now();
        // Of a piece that was cut off a part may be there: what counts ends where this one begins.
        file.set_len(at).await?;
        file.seek(SeekFrom::Start(at)).await?;
        file.write_all(bytes).await?;
        file.flush().await?;
        upload.size = size;
        Ok(upload.clone())
    }

    /// Returns once an upload is gone, at the latest when nothing came of it for so long.
    pub(crate) async fn give_up(&self, id: &str, patience: Duration) {
        loop {
            let mut open = self.open.lock().await;
            let Some(at) = open.iter().position(|open| open.upload.id == id) else { return };
            let waited = open.get(at).map_or(patience, |open| open.touched.elapsed());
            if waited >= patience {
                open.remove(at);
                return;
            }
            drop(open);
            tokio::time::sleep(patience - waited).await;
        }
    }

    /// Hands a file over that has come whole.
    pub(crate) async fn take(&self, id: &str) -> Result<std::fs::File> {
        let mut open = self.open.lock().await;
        let at = open.iter().position(|open| open.upload.id == id).ok_or_else(unknown)?;
        let Open { upload, file, .. } = open.remove(at);
        drop(open);
        file.set_len(upload.size).await?;
        Ok(file.into_std().await)
    }
}

fn unknown() -> Error {
    Error::not_found("there is no upload with this id")
        .with_hint("send the file again; of those that wait the oldest go")
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::io::{Read as _, Seek as _};

    use super::*;

    /// What a file holds.
    fn content(mut file: std::fs::File) -> Vec<u8> {
        let mut content = Vec::new();
        file.rewind().unwrap();
        file.read_to_end(&mut content).unwrap();
        content
    }

    /// Writes to an upload's file as a piece does that is cut off.
    async fn cut_off(uploads: &Uploads, bytes: &[u8]) {
        let mut open = uploads.open.lock().await;
        let file = &mut open.first_mut().unwrap().file;
        file.write_all(bytes).await.unwrap();
        file.flush().await.unwrap();
    }

    #[tokio::test]
    async fn a_piece_that_was_cut_off_leaves_nothing() {
        let (uploads, folder) = (Uploads::default(), tempfile::tempdir().unwrap());
        let id = uploads.begin(folder.path()).await.unwrap().id;
        uploads.append(&id, 0, b"one ").await.unwrap();
        cut_off(&uploads, b"tw").await;
        uploads.append(&id, 4, b"two").await.unwrap();
        cut_off(&uploads, b" and more").await;
        assert_eq!(content(uploads.take(&id).await.unwrap()), b"one two");
    }

    #[tokio::test]
    async fn what_nothing_is_sent_of_is_given_up() {
        let (uploads, folder) = (Uploads::default(), tempfile::tempdir().unwrap());
        let id = uploads.begin(folder.path()).await.unwrap().id;
        let (began, patience) = (Instant::now(), Duration::from_millis(400));
        let sends_once = async {
            tokio::time::sleep(patience / 4).await;
            uploads.append(&id, 0, b"one").await.unwrap();
        };
        tokio::join!(uploads.give_up(&id, patience), sends_once);
        assert!(began.elapsed() >= patience + patience / 4, "it went after {:?}", began.elapsed());
        assert_eq!(uploads.take(&id).await.unwrap_err().code(), ErrorCode::NotFound);
    }
}
