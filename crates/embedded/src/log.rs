use std::fs::File;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::Timestamp;
use ambit_domain::port::Clock;

/// Log files of JSON lines: one that is written to, and older ones, compressed, until they are too old or too many.
///
/// A file is closed when it reaches an eighth of the bytes that all may take, or when a day has passed. The log holds
/// ids, counts and durations, never the content of a question, an answer or a file.
#[derive(Clone)]
pub struct LogFiles {
    shared: Arc<Mutex<Open>>,
}

struct Open {
    folder: PathBuf,
    clock: Arc<dyn Clock>,
    retention_days: i64,
    maximum_bytes: u64,
    file: File,
    bytes: u64,
    begun: Timestamp,
}

/// The file that is written to.
pub(crate) const CURRENT: &str = "ambit.jsonl";
const DAY_MILLIS: i64 = 24 * 60 * 60 * 1000;

impl LogFiles {
    /// Opens the current file in `folder`, which must exist, and drops what is past its time.
    ///
    /// # Errors
    /// When the file cannot be opened.
    pub fn open(folder: &Path, clock: Arc<dyn Clock>, retention_days: i64, maximum_bytes: u64) -> io::Result<Self> {
        let file = append_to(&folder.join(CURRENT))?;
        let bytes = file.metadata()?.len();
        // Hosts come and go within a day: what counts is when the file was begun.
        let begun = begun(&file).map_or_else(|| clock.now(), |begun| begun.min(clock.now()));
        let open = Open { folder: folder.to_owned(), clock, retention_days, maximum_bytes, file, bytes, begun };
        open.drop_old()?;
        Ok(Self { shared: Arc::new(Mutex::new(open)) })
    }

    /// Keeps other limits from now on, and drops what is past them.
    ///
    /// # Errors
    /// When a file that is too old or too much cannot be removed.
    pub fn limit(&self, retention_days: i64, maximum_bytes: u64) -> io::Result<()> {
        let mut open = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        (open.retention_days, open.maximum_bytes) = (retention_days, maximum_bytes);
        open.drop_old()
    }
}

impl Open {
    fn rotate_when_due(&mut self) -> io::Result<()> {
        let now = self.clock.now();
        let full = self.bytes >= self.maximum_bytes / 8;
        if self.bytes == 0 || (!full && now.millis_since(self.begun) < DAY_MILLIS) {
            return Ok(());
        }
        let current = self.folder.join(CURRENT);
        // A clock that was set back could name a file that exists already; the number makes the name free.
        let packed = (0..)
            .map(|number| self.folder.join(format!("ambit-{}-{number}.jsonl.zst", now.0)))
            .find(|path| !path.exists())
            .unwrap_or_else(|| self.folder.join("ambit.jsonl.zst"));
        let target = File::options().write(true).create_new(true).mode(0o600).open(&packed)?;
        zstd::stream::copy_encode(File::open(&current)?, target, 3)?;
        // A new file, whose time of birth tells when it was begun.
        std::fs::remove_file(&current)?;
        self.file = append_to(&current)?;
        self.bytes = 0;
        self.begun = now;
        self.drop_old()
    }

    fn drop_old(&self) -> io::Result<()> {
        let mut packed: Vec<(i64, u64, PathBuf)> = Vec::new();
        for entry in std::fs::read_dir(&self.folder)?.flatten() {
            let written = written(&entry.file_name().to_string_lossy());
            if let (Some(Timestamp(written)), Ok(metadata)) = (written, entry.metadata()) {
                packed.push((written, metadata.len(), entry.path()));
            }
        }
        packed.sort_by_key(|(written, ..)| std::cmp::Reverse(*written));
        let oldest = self.clock.now().plus_millis(-self.retention_days.saturating_mul(DAY_MILLIS)).0;
        // The current file may still grow to its full share.
        let mut total = self.maximum_bytes / 8;
        for (written, bytes, path) in packed {
            total += bytes;
            if written < oldest || total > self.maximum_bytes {
                std::fs::remove_file(path)?;
            }
        }
        Ok(())
    }
}

/// When a compressed file was closed, which is in its name.
pub(crate) fn written(name: &str) -> Option<Timestamp> {
    name.strip_prefix("ambit-")?.split('-').next()?.parse().ok().map(Timestamp)
}

/// When a file was made, where the file system knows.
fn begun(file: &File) -> Option<Timestamp> {
    let made = file.metadata().ok()?.created().ok()?.duration_since(std::time::UNIX_EPOCH).ok()?;
    i64::try_from(made.as_millis()).ok().map(Timestamp)
}

fn append_to(path: &Path) -> io::Result<File> {
    File::options().append(true).create(true).mode(0o600).open(path)
}

/// Writes whole lines; each comes from one event.
impl Write for LogFiles {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let mut open = self.shared.lock().unwrap_or_else(PoisonError::into_inner);
        // A log that cannot be rotated is still written to: losing lines would be worse than a large file.
        let rotated = open.rotate_when_due();
        open.file.write_all(line)?;
        open.bytes += line.len() as u64;
        rotated.map(|()| line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner).file.flush()
    }
}

impl<'a> tracing_subscriber::fmt::MakeWriter<'a> for LogFiles {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}
