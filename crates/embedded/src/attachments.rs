use std::collections::BTreeSet;
use std::fs::{DirBuilder, DirEntry, File, read_dir, remove_dir_all, rename};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::{Component, Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use ambit_domain::port::Attachments;
use ambit_domain::{Attachment, AttachmentId, BoxFuture, Error, ImageFormat, Result, Timestamp};

/// Bytes that tell an image's format.
const HEAD: usize = 16;
/// The beginning of the name of a folder that is not complete yet.
const PARTIAL: &str = ".partial-";

/// What file managers leave in folders that somebody looks at.
const LITTER: [&str; 3] = [".DS_Store", "Thumbs.db", "desktop.ini"];

/// Files that were handed over for conversations, on the disk: each alone in a folder that bears its id, so that its name
/// stays as it was.
pub(crate) struct AttachmentFiles {
    folder: PathBuf,
}

impl AttachmentFiles {
    /// Files below a folder, which is made with the first.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder }
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        let folder = self.folder.clone();
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(move || work(&folder)).await;
            done.map_err(|error| Error::internal(format!("the work on an attachment ended badly: {error}")))?
                .map_err(Error::from)
        })
    }
}

impl Attachments for AttachmentFiles {
    fn keep(&self, id: AttachmentId, name: String, bytes: Vec<u8>) -> BoxFuture<'_, Result<Attachment>> {
        self.run(move |folder| {
            keep_whole(folder, id.as_str(), &name, &bytes)?;
            look(folder, id)?.ok_or_else(|| ErrorKind::NotFound.into())
        })
    }

    fn get(&self, id: AttachmentId) -> BoxFuture<'_, Result<Option<Attachment>>> {
        self.run(move |folder| look(folder, id))
    }

    fn read(&self, id: AttachmentId) -> BoxFuture<'_, Result<Vec<u8>>> {
        let read = self.run(move |folder| match look(folder, id)? {
            Some(attachment) => std::fs::read(attachment.file).map(Some),
            None => Ok(None),
        });
        Box::pin(async move {
            let gone = || Error::not_found("the attached file is gone").with_hint("attach it again");
            read.await?.ok_or_else(gone)
        })
    }

    fn remove(&self, id: AttachmentId) -> BoxFuture<'_, Result<bool>> {
        self.run(move |folder| match is_id(id.as_str()).then(|| remove_dir_all(folder.join(id.as_str()))) {
            Some(Ok(())) => Ok(true),
            Some(Err(error)) if error.kind() != ErrorKind::NotFound => Err(error),
            _ => Ok(false),
        })
    }

    fn list(&self) -> BoxFuture<'_, Result<Vec<(AttachmentId, Timestamp)>>> {
        self.run(|folder| {
            let entries = match read_dir(folder) {
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
                entries => entries?,
            };
            let mut list = Vec::new();
            for entry in entries.flatten() {
                let name = entry.file_name().to_string_lossy().into_owned();
                // What goes meanwhile is not there any more.
                let Ok(at) = entry.metadata().and_then(|facts| facts.modified()) else { continue };
                if is_id(&name) {
                    list.push((AttachmentId(name), time(at)));
                } else if name.starts_with(PARTIAL) && at.elapsed().is_ok_and(is_left_over) {
                    remove_dir_all(entry.path())?;
                }
            }
            Ok(list)
        })
    }
}

/// Puts a file of a backup back where it was. One that is there already stays.
///
/// # Errors
/// When its names are none of ours, since a backup may come from anywhere, or it cannot be written.
pub(crate) fn put_back(folder: &Path, id: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut components = Path::new(name).components();
    let is_name =
        matches!((components.next(), components.next()), (Some(Component::Normal(only)), None) if only == name);
    if !is_id(id) || !is_name {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "this is no name of an attached file"));
    }
    match keep_whole(folder, id, name, bytes) {
        Err(error) if matches!(error.kind(), ErrorKind::AlreadyExists | ErrorKind::DirectoryNotEmpty) => Ok(()),
        kept => kept,
    }
}

/// Moves the files to another folder that none of these ids names. Returns how many.
///
/// # Errors
/// When one cannot be moved.
pub(crate) fn set_aside(folder: &Path, named: &BTreeSet<AttachmentId>, aside: &Path) -> std::io::Result<usize> {
    let entries = match read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(0),
        entries => entries?,
    };
    let mut moved = 0;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_id(&name) || named.contains(&AttachmentId(name.clone())) {
            continue;
        }
        create_private(aside)?;
        let target = aside.join(&name);
        if target.exists() {
            // An earlier restore has moved the same file, which was put back since.
            remove_dir_all(&target)?;
        }
        rename(entry.path(), target)?;
        moved += 1;
    }
    Ok(moved)
}

/// Keeps a file under an id that nothing has yet. What is there under its id is there whole.
fn keep_whole(folder: &Path, id: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let partial = folder.join(format!("{PARTIAL}{id}"));
    let kept = create_private(&partial).and_then(|()| write(&partial, name, bytes));
    let kept = kept.and_then(|()| rename(&partial, folder.join(id)));
    if let Err(error) = kept {
        // What cannot be removed now is found by its name later.
        remove_dir_all(&partial).ok();
        return Err(error);
    }
    File::open(folder)?.sync_all()
}

/// Whether a folder that is not complete was left behind.
fn is_left_over(age: std::time::Duration) -> bool {
    age.as_secs() > 3600
}

/// Ids come from requests and become names of folders: nothing but an id is one.
fn is_id(text: &str) -> bool {
    text.len() == 36 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f' | b'-'))
}

fn look(folder: &Path, id: AttachmentId) -> std::io::Result<Option<Attachment>> {
    if !is_id(id.as_str()) {
        return Ok(None);
    }
    let entries = match read_dir(folder.join(id.as_str())) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        entries => entries?,
    };
    let is_ours = |entry: &DirEntry| !LITTER.iter().any(|litter| entry.file_name() == *litter);
    let Some(entry) = entries.flatten().find(is_ours) else { return Ok(None) };
    let (file, facts) = (entry.path(), entry.metadata()?);
    let mut head = Vec::with_capacity(HEAD);
    File::open(&file)?.take(HEAD as u64).read_to_end(&mut head)?;
    Ok(Some(Attachment {
        id,
        name: entry.file_name().to_string_lossy().into_owned(),
        file,
        size: facts.len(),
        image: ImageFormat::of(&head),
        kept: time(facts.modified()?),
    }))
}

pub(crate) fn time(at: SystemTime) -> Timestamp {
    let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
    Timestamp(i64::try_from(since.as_millis()).unwrap_or(i64::MAX))
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = File::create_new(folder.join(name))?;
    file.write_all(bytes)?;
    file.sync_all()?;
    File::open(folder)?.sync_all()
}

/// Creates a folder that nobody else may read.
fn create_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const ID: &str = "01a21afa-0ef1-75ca-9e1d-8ae2c75a46a8";

    #[tokio::test]
    async fn a_file_keeps_its_name_and_goes_whole() {
        let folder = tempfile::tempdir().unwrap();
        let files = AttachmentFiles::new(folder.path().join("attachments"));
        let id = || AttachmentId(ID.to_owned());
        let kept = files.keep(id(), "Ümläut.png".to_owned(), b"\x89PNG\r\n\x1a\n".to_vec()).await.unwrap();
        assert_eq!((kept.name.as_str(), kept.size, kept.image), ("Ümläut.png", 8, Some(ImageFormat::Png)));
        assert_eq!(files.get(id()).await.unwrap(), Some(kept.clone()));
        assert_eq!(files.read(id()).await.unwrap().len(), 8);
        assert_eq!(files.list().await.unwrap(), [(id(), kept.kept)]);
        assert!(files.keep(id(), "other".to_owned(), Vec::new()).await.is_err(), "an id is used once");
        assert!(files.remove(id()).await.unwrap());
        assert!(!files.remove(id()).await.unwrap() && files.get(id()).await.unwrap().is_none());
    }

    #[test]
    fn a_backup_puts_files_back_and_leads_nowhere_else() {
        let folder = tempfile::tempdir().unwrap();
        let (attachments, aside) = (folder.path().join("attachments"), folder.path().join("aside"));
        put_back(&attachments, ID, "letter.txt", b"first").unwrap();
        put_back(&attachments, ID, "letter.txt", b"second").unwrap();
        let letter = |below: &Path| std::fs::read(below.join(ID).join("letter.txt"));
        assert_eq!(letter(&attachments).unwrap(), b"first", "what is there stays");
        let left = std::fs::read_dir(&attachments).unwrap().count();
        assert_eq!(left, 1, "nothing unfinished is left");
        for (id, name) in [(ID, "../x"), (ID, ".."), (ID, ""), (ID, "/etc/x"), ("../x", "y"), ("x", "y")] {
            let error = put_back(&attachments, id, name, b"").unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidData, "{id} {name}");
        }

        let named = BTreeSet::from([AttachmentId(ID.to_owned())]);
        assert_eq!(set_aside(&attachments, &named, &aside).unwrap(), 0);
        assert!(!aside.exists());
        for content in [&b"first"[..], b"again"] {
            assert_eq!(set_aside(&attachments, &BTreeSet::new(), &aside).unwrap(), 1);
            assert_eq!(letter(&aside).unwrap(), content);
            put_back(&attachments, ID, "letter.txt", b"again").unwrap();
        }
    }

    #[tokio::test]
    async fn what_is_no_id_leads_nowhere() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("precious")).unwrap();
        std::fs::write(folder.path().join("precious/file"), "kept").unwrap();
        let files = AttachmentFiles::new(folder.path().join("attachments"));
        let upper = ID.to_uppercase();
        for text in ["../precious", "..", "", "precious", "/etc", &upper] {
            let id = || AttachmentId(text.to_owned());
            assert!(files.get(id()).await.unwrap().is_none() && !files.remove(id()).await.unwrap(), "{text}");
            assert!(files.read(id()).await.is_err(), "{text}");
        }
        assert!(folder.path().join("precious/file").exists());
    }
}
