use std::fs::File;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use ambit_domain::port::PullEvent;
use ambit_domain::{BoxStream, Cancellation, Error, Result};
use ambit_inference::catalogue::ModelFile;
use futures_channel::mpsc;
use futures_util::StreamExt;

use super::{Expected, accept, partial};

/// Where files are imported from.
#[derive(Debug, Clone)]
pub(super) enum Origin {
    Folder(PathBuf),
    Archive(PathBuf),
}

impl Origin {
    pub(super) fn open(path: &Path) -> Result<Self> {
        let metadata = std::fs::metadata(path).map_err(|error| {
            Error::not_found(format!("{}: {error}", path.display()))
                .with_hint("name a folder, a .zip or a .whl that holds the model's files")
        })?;
        if metadata.is_dir() { Ok(Self::Folder(path.to_owned())) } else { Ok(Self::Archive(path.to_owned())) }
    }
}

/// Copies one file in, wherever in the folder or archive it lies.
pub(super) fn copy(
    origin: Origin,
    file: &'static ModelFile,
    target: PathBuf,
    cancellation: Cancellation,
) -> BoxStream<'static, Result<PullEvent>> {
    let (sender, receiver) = mpsc::unbounded();
    let done = async move {
        let (gathering, stop) = (partial(&target), cancellation.clone());
        let copied = tokio::task::spawn_blocking(move || {
            let told = |bytes| {
                let event = PullEvent::Progress { file: file.name.to_owned(), done: bytes, total: file.size };
                // A receiver that is gone means that nobody looks at the progress any more.
                sender.unbounded_send(Ok(event)).ok();
            };
            match origin {
                Origin::Folder(folder) => copy_from_folder(&folder, file, &gathering, &told, &stop),
                Origin::Archive(archive) => copy_from_archive(&archive, file, &gathering, &told, &stop),
            }
        });
        copied
            .await
            .map_err(|error| Error::internal("the copy of a model file was interrupted").with_source(error))??;
        accept(Expected::of(file), target, cancellation).await
    };
    let end = futures_util::stream::once(done).filter_map(|result| async move { result.err().map(Err) });
    // Both run at once: the copy feeds the events, and its end closes them.
    Box::pin(futures_util::stream::select(receiver, end))
}

fn copy_from_folder(
    folder: &Path,
    file: &ModelFile,
    to: &Path,
    told: &dyn Fn(u64),
    cancellation: &Cancellation,
) -> Result<()> {
    let found = find(folder, file, 3).ok_or_else(|| missing(file, folder))?;
    copy_bytes(&mut File::open(found)?, to, told, cancellation)
}

/// Looks for a file with the right name and size, a few folders deep.
fn find(folder: &Path, file: &ModelFile, depth: usize) -> Option<PathBuf> {
    let direct = folder.join(file.name);
    if std::fs::metadata(&direct).is_ok_and(|found| found.len() == file.size) {
        return Some(direct);
    }
    if depth == 0 {
        return None;
    }
    let folders = std::fs::read_dir(folder).ok()?.flatten().map(|entry| entry.path()).filter(|path| path.is_dir());
    folders.into_iter().find_map(|inner| find(&inner, file, depth - 1))
}

fn copy_from_archive(
    archive: &Path,
    file: &ModelFile,
    to: &Path,
    told: &dyn Fn(u64),
    cancellation: &Cancellation,
) -> Result<()> {
    let unreadable = |error: zip::result::ZipError| {
        Error::invalid(format!("{} cannot be read as an archive: {error}", archive.display()))
            .with_hint("name a folder, a .zip or a .whl that holds the model's files")
    };
    let mut opened = zip::ZipArchive::new(File::open(archive)?).map_err(unreadable)?;
    for index in 0..opened.len() {
        let entry = opened.by_index(index).map_err(unreadable)?;
        let is_wanted =
            entry.name().is_ok_and(|path| Path::new(path.as_ref()).file_name().is_some_and(|name| name == file.name));
        if is_wanted && entry.size() == file.size {
            // The declared size may lie; one byte more than wanted is enough to be refused by the checksum.
            return copy_bytes(&mut entry.take(file.size + 1), to, told, cancellation);
        }
    }
    Err(missing(file, archive))
}

pub(super) fn copy_bytes(
    from: &mut impl Read,
    to: &Path,
    told: &dyn Fn(u64),
    cancellation: &Cancellation,
) -> Result<()> {
    let mut sink = File::create(to)?;
    let mut buffer = vec![0; 1 << 20];
    let mut done = 0;
    loop {
        cancellation.check()?;
        let count = from.read(&mut buffer)?;
        if count == 0 {
            return Ok(());
        }
        sink.write_all(&buffer[..count])?;
        done += count as u64;
        told(done);
    }
}

fn missing(file: &ModelFile, place: &Path) -> Error {
    Error::not_found(format!("{} does not hold {} with {} bytes", place.display(), file.name, file.size))
        .with_hint("the files must be of the revision that Ambit was made for; `ambit models pull` fetches those")
}
