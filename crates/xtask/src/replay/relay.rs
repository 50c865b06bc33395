//! A relay between a language server and the host: it hands on what both say, and listens for the one thing that an editor does
//! not see: that the host lost count and wants a text anew.

use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use anyhow::Context as _;

/// How the host says so, in a frame of its own that is not masked.
const RESYNC: &[u8] = b"\"event\":\"resync\"";

/// The relay. It ends with this value.
#[derive(Debug)]
pub(super) struct Relay {
    folder: tempfile::TempDir,
    partings: Arc<AtomicUsize>,
    is_over: Arc<AtomicBool>,
}

impl Relay {
    /// Begins to hand on to the host of a data directory.
    pub(super) fn to(data: &Path) -> anyhow::Result<Self> {
        let folder = tempfile::Builder::new().prefix("ambit-relay-").tempdir()?;
        let (own, host) = (ambit_client::socket_for(folder.path()), ambit_client::socket_for(data));
        if let Some(parent) = own.parent() {
            std::fs::create_dir_all(parent)?;
        }
        let listener = UnixListener::bind(&own).with_context(|| format!("cannot listen at {}", own.display()))?;
        let (partings, is_over) = (Arc::<AtomicUsize>::default(), Arc::<AtomicBool>::default());
        let (counted, ended) = (Arc::clone(&partings), Arc::clone(&is_over));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                if ended.load(Ordering::Relaxed) {
                    return;
                }
                // A host that is not there is none for the language server either.
                if let Ok(behind) = UnixStream::connect(&host) {
                    hand_on(&stream, &behind, None);
                    hand_on(&behind, &stream, Some(Arc::clone(&counted)));
                }
            }
        });
        Ok(Self { folder, partings, is_over })
    }

    /// What a language server takes for the data directory.
    pub(super) fn data_directory(&self) -> &Path {
        self.folder.path()
    }

    /// How often the host wanted a text anew.
    pub(super) fn partings(&self) -> usize {
        self.partings.load(Ordering::Relaxed)
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.is_over.store(true, Ordering::Relaxed);
        // Wakes who waits for the next connection.
        drop(UnixStream::connect(ambit_client::socket_for(self.folder.path())));
    }
}

/// Copies what one side says to the other, on a thread of its own, until one of them has gone.
fn hand_on(from: &UnixStream, to: &UnixStream, counted: Option<Arc<AtomicUsize>>) {
    let (Ok(mut from), Ok(mut to)) = (from.try_clone(), to.try_clone()) else { return };
    std::thread::spawn(move || {
        let mut piece = vec![0; 64 << 10];
        // The end of the last piece, since a frame may come in two.
        let mut before: Vec<u8> = Vec::new();
        while let Ok(length) = from.read(&mut piece) {
            if length == 0 || to.write_all(&piece[..length]).is_err() {
                break;
            }
            if let Some(counted) = &counted {
                before.extend_from_slice(&piece[..length]);
                let found = before.windows(RESYNC.len()).filter(|window| *window == RESYNC).count();
                counted.fetch_add(found, Ordering::Relaxed);
                before.drain(..before.len().saturating_sub(RESYNC.len() - 1));
            }
        }
        // Who hears nothing more is to know.
        drop((from.shutdown(Shutdown::Read), to.shutdown(Shutdown::Write)));
    });
}
