//! Pages on disk, so that beginnings of texts need not be read again after a restart.
//!
//! A page is a file. Its name is a digest of the model and of all tokens up to the page's end, so that no text stands there, and
//! nothing has to be kept in step with anything: what is missing or damaged is read by the model again. What layers remember
//! at the end of a page is another file.

use std::fs::{self, File};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::SystemTime;

use sha2::{Digest as _, Sha256};

use super::Age;
use crate::decoder::cache::{Page, State};

/// What names depend on beside the model: how pages are laid out and computed. To be raised whenever a kernel that keys and
/// values come from gives other bits.
const VERSION: u32 = 2;
/// Bytes that wait to be written at most. A text has all of its pages written that fit, or none, and however long it is when
/// nothing else waits: a page is of no use without those before it.
const WAITING_BYTES: usize = 512 << 20;
/// The share of the limit that is left when room is made, so that it is not made for each page.
const LEFT: (u64, u64) = (9, 10);
/// Bytes of a digest.
const DIGEST: usize = 32;

/// The name of a page: a digest of all that it depends on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct PageName([u8; DIGEST]);

impl PageName {
    /// What comes before the first page of a model. The files in its folder are told apart by size and time of change; to read
    /// them all would take longer than most prompts.
    pub(crate) fn root(folder: &Path) -> std::io::Result<Self> {
        let mut files = Vec::new();
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            let metadata = fs::metadata(entry.path())?;
            let changed = metadata.modified()?.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
            files.push((entry.file_name(), metadata.len(), changed.as_nanos()));
        }
        files.sort();
        let mut digest = Sha256::new();
        digest.update(VERSION.to_le_bytes());
        for (name, bytes, changed) in files {
            let name = name.into_encoded_bytes();
            digest.update((name.len() as u64).to_le_bytes());
            digest.update(&name);
            digest.update(bytes.to_le_bytes());
            digest.update(changed.to_le_bytes());
        }
        Ok(Self(digest.finalize().into()))
    }

    /// The name of the page with these tokens after this one.
    pub(super) fn followed_by(self, tokens: &[u32]) -> Self {
        let mut digest = Sha256::new();
        digest.update(self.0);
        tokens.iter().for_each(|token| digest.update(token.to_le_bytes()));
        Self(digest.finalize().into())
    }

    fn file(self, what: What) -> String {
        let digest: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{digest}.{}", if what == What::Page { "page" } else { "state" })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum What {
    Page,
    State,
}

/// What is to be written.
pub(super) enum Piece {
    Page(Arc<Page>),
    State(Arc<State>),
}

impl Piece {
    /// Bytes that it takes in memory; none where the GPU has it.
    fn bytes(&self) -> usize {
        match self {
            Self::Page(page) => page.numbers().map_or(0, size_of_val),
            Self::State(state) => state.values().map_or(0, size_of_val),
        }
    }
}

/// What is to be written of a text that was begun at some age.
struct Writing {
    pieces: Vec<(PageName, Piece)>,
    bytes: usize,
    age: u64,
}

/// The folder of all models' pages. Reading is done by who needs a page, writing by a thread of its own.
pub(crate) struct Shelf {
    files: Arc<Files>,
    writer: Option<(Sender<Writing>, JoinHandle<()>)>,
}

struct Files {
    folder: PathBuf,
    limit: u64,
    /// Goes up when everything is forgotten.
    age: Age,
    /// Bytes of all files. Held while files come and go.
    bytes: Mutex<u64>,
    /// Bytes that wait to be written.
    waiting: AtomicUsize,
}

impl Shelf {
    /// The shelf in a folder, which is made when it is not there, of at most so many bytes. `age` goes up when everything is
    /// forgotten, here or elsewhere.
    ///
    /// # Errors
    /// When the folder cannot be made or read, or when there can be no thread.
    pub(crate) fn open(folder: &Path, limit: u64, age: Age) -> std::io::Result<Self> {
        make_private(folder)?;
        let mut bytes = 0;
        for entry in fs::read_dir(folder)? {
            let entry = entry?;
            // What was being written when a worker ended.
            if entry.path().extension().is_some_and(|extension| extension == "part") {
                fs::remove_file(entry.path())?;
            } else {
                bytes += entry.metadata()?.len();
            }
        }
        let (bytes, waiting) = (Mutex::new(bytes), AtomicUsize::new(0));
        let files = Arc::new(Files { folder: folder.to_owned(), limit, age, bytes, waiting });
        let (sender, receiver) = channel();
        let written = Arc::clone(&files);
        let thread = std::thread::Builder::new().name("prefix-shelf".to_owned());
        let thread = thread.spawn(move || written.write_all(&receiver))?;
        Ok(Self { files, writer: Some((sender, thread)) })
    }

    /// Removes everything, what waits to be written too.
    ///
    /// # Errors
    /// When a file cannot be removed.
    pub(crate) fn forget(&self) -> std::io::Result<()> {
        let mut bytes = self.files.lock();
        self.files.age.advance();
        for entry in fs::read_dir(&self.files.folder)? {
            fs::remove_file(entry?.path())?;
        }
        *bytes = 0;
        Ok(())
    }

    /// The numbers of a page.
    pub(super) fn page(&self, name: PageName, numbers: usize) -> Option<Page> {
        let bytes = self.files.read(name, What::Page, numbers * size_of::<u16>())?;
        Some(Page::Memory(bytes.chunks_exact(2).map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]])).collect()))
    }

    /// What layers remember at the end of a page, after so many tokens.
    pub(super) fn state(&self, name: PageName, numbers: usize, tokens: usize) -> Option<State> {
        let bytes = self.files.read(name, What::State, numbers * size_of::<f32>())?;
        let values = bytes.chunks_exact(4).map(|bytes| f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]));
        Some(State::new(tokens, values.collect()))
    }

    /// Whether there is what layers remember at the end of a page.
    pub(super) fn has_state(&self, name: PageName) -> bool {
        self.files.folder.join(name.file(What::State)).exists()
    }

    /// Has the beginning of a text written, unless everything was forgotten since `age`. False when too much waits to be
    /// written.
    pub(super) fn keep(&self, pieces: Vec<(PageName, Piece)>, age: u64) -> bool {
        let pieces = self.files.fitting(pieces);
        let Some((sender, _)) = self.writer.as_ref().filter(|_| !pieces.is_empty()) else { return true };
        let bytes = pieces.iter().map(|(_, piece)| piece.bytes()).sum();
        let waiting = self.files.waiting.load(Ordering::Acquire);
        if waiting > 0 && waiting.saturating_add(bytes) > WAITING_BYTES {
            tracing::debug!("the disk is slower than the model; a text is not kept on it for now");
            return false;
        }
        self.files.waiting.fetch_add(bytes, Ordering::AcqRel);
        sender.send(Writing { pieces, bytes, age }).is_ok()
    }
}

impl Drop for Shelf {
    fn drop(&mut self) {
        if let Some((sender, thread)) = self.writer.take() {
            drop(sender);
            // What waits is written; a panic there has nothing to tell here.
            thread.join().ok();
        }
    }
}

impl Files {
    fn lock(&self) -> std::sync::MutexGuard<'_, u64> {
        self.bytes.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What of a text there is room for when everything else goes: its beginning; nothing where it is of no use without what
    /// layers remember at its end.
    fn fitting(&self, mut pieces: Vec<(PageName, Piece)>) -> Vec<(PageName, Piece)> {
        let (most, mut bytes) = (self.limit / LEFT.1 * LEFT.0, 0);
        let fits = |(_, piece): &&(PageName, Piece)| {
            bytes += (piece.bytes() + DIGEST) as u64;
            bytes <= most
        };
        let count = pieces.iter().take_while(fits).count();
        let is_of_use = !pieces[count..].iter().any(|(_, piece)| matches!(piece, Piece::State(_)));
        pieces.truncate(if is_of_use { count } else { 0 });
        pieces
    }

    fn write_all(&self, wanted: &Receiver<Writing>) {
        for Writing { pieces, bytes, age } in wanted {
            for (name, piece) in pieces {
                if let Err(error) = self.write(name, &piece, age) {
                    // What follows would be of no use without it.
                    tracing::warn!(%error, "what a model has read could not be kept on the disk");
                    break;
                }
            }
            self.waiting.fetch_sub(bytes, Ordering::AcqRel);
        }
    }

    fn write(&self, name: PageName, piece: &Piece, age: u64) -> std::io::Result<()> {
        let what = match piece {
            Piece::Page(_) => What::Page,
            Piece::State(_) => What::State,
        };
        let place = self.folder.join(name.file(what));
        let mut bytes = self.lock();
        if age != self.age.now() {
            return Ok(());
        }
        if place.exists() {
            return touch(&place);
        }
        let content: Option<Vec<u8>> = match piece {
            Piece::Page(page) => page.numbers().map(|numbers| numbers.iter().flat_map(|it| it.to_le_bytes()).collect()),
            Piece::State(state) => state.values().map(|values| values.iter().flat_map(|it| it.to_le_bytes()).collect()),
        };
        // What is in the memory of a GPU stays there.
        let Some(content) = content else { return Ok(()) };
        let size = (content.len() + DIGEST) as u64;
        if size > self.limit {
            return Ok(());
        }
        if *bytes + size > self.limit {
            *bytes = self.make_room(self.limit / LEFT.1 * LEFT.0)?;
        }
        let part = place.with_extension("part");
        let written = private_file(&part).and_then(|mut file| {
            file.write_all(&content)?;
            file.write_all(&Sha256::digest(&content))
        });
        if let Err(error) = written.and_then(|()| fs::rename(&part, &place)) {
            fs::remove_file(&part).ok();
            return Err(error);
        }
        *bytes += size;
        Ok(())
    }

    /// Removes what was not used for the longest time until so many bytes are left. Those that are.
    fn make_room(&self, most: u64) -> std::io::Result<u64> {
        let mut files = Vec::new();
        for entry in fs::read_dir(&self.folder)? {
            let entry = entry?;
            let metadata = entry.metadata()?;
            files.push((metadata.modified()?, metadata.len(), entry.path()));
        }
        files.sort();
        let mut bytes: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        for (_, size, path) in files {
            if bytes <= most {
                break;
            }
            fs::remove_file(path)?;
            bytes -= size;
        }
        Ok(bytes)
    }

    fn read(&self, name: PageName, what: What, expected: usize) -> Option<Vec<u8>> {
        let place = self.folder.join(name.file(what));
        let mut content = Vec::with_capacity(expected + DIGEST + 1);
        File::open(&place).ok()?.take((expected + DIGEST + 1) as u64).read_to_end(&mut content).ok()?;
        let is_whole = content.len() == expected + DIGEST
            && Sha256::digest(&content[..expected]).as_slice() == &content[expected..];
        if !is_whole {
            tracing::warn!(file = %place.display(), "a page on the disk is damaged and goes");
            let mut bytes = self.lock();
            if let Ok(metadata) = fs::metadata(&place)
                && fs::remove_file(&place).is_ok()
            {
                *bytes = bytes.saturating_sub(metadata.len());
            }
            return None;
        }
        // It counts as used, if the disk lets it.
        touch(&place).ok();
        content.truncate(expected);
        Some(content)
    }
}

/// Has a file count as used.
#[expect(clippy::disallowed_methods, reason = "files are compared by the times that the system gives them")]
fn touch(place: &Path) -> std::io::Result<()> {
    File::options().write(true).open(place)?.set_modified(SystemTime::now())
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt as _;
    fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

#[cfg(unix)]
fn private_file(place: &Path) -> std::io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    File::options().write(true).create(true).truncate(true).mode(0o600).open(place)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir_all(folder)
}

#[cfg(not(unix))]
fn private_file(place: &Path) -> std::io::Result<File> {
    File::create(place)
}

#[cfg(test)]
mod tests;
