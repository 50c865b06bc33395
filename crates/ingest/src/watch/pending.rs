use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};

use ambit_domain::port::SourceEvent;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind, RenameMode};
use notify::{Event, event::MetadataKind};

use crate::FileSourceOptions;
use crate::rules::{Verdict, is_ignore_file, verdict_below};
use crate::scan::below;

/// Beyond this many changed paths one look at everything is cheaper.
const MOST_TOUCHED: usize = 5_000;

/// What was seen of one path since the last time.
#[derive(Debug, Clone, Copy, Default)]
struct Touch {
    /// It appeared: created or moved here.
    appeared: bool,
    /// It appeared by being created: nobody knew it before.
    created: bool,
    /// Its contents or attributes changed.
    written: bool,
    /// It went away, perhaps to come back.
    removed: bool,
}

/// Notices that wait to be told. What is told is what the disk says then: notices only say where to look. So a file
/// that was written twice is told once, one that came and went is not told, and a save by rename is a write.
pub(super) struct Pending {
    root: PathBuf,
    touched: HashMap<PathBuf, Touch>,
    renames: Vec<(PathBuf, PathBuf)>,
    rescan: bool,
}

impl Pending {
    pub(super) fn new(root: &Path) -> Self {
        Self { root: root.to_owned(), touched: HashMap::new(), renames: Vec::new(), rescan: false }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.rescan && self.touched.is_empty() && self.renames.is_empty()
    }

    pub(super) fn rescan(&mut self) {
        self.rescan = true;
    }

    pub(super) fn note(&mut self, event: Event) {
        if event.need_rescan() {
            self.rescan = true;
            return;
        }
        let (appeared, created, written, removed) = match event.kind {
            EventKind::Create(_) => (true, true, false, false),
            EventKind::Modify(ModifyKind::Name(RenameMode::Both)) => {
                if let [from, to] = event.paths.as_slice() {
                    self.rename(from.clone(), to.clone());
                }
                return;
            }
            EventKind::Modify(ModifyKind::Name(RenameMode::From)) => (false, false, false, true),
            EventKind::Modify(ModifyKind::Name(_)) => (true, false, false, false),
            EventKind::Modify(ModifyKind::Metadata(MetadataKind::AccessTime)) => return,
            EventKind::Modify(_) | EventKind::Access(AccessKind::Close(AccessMode::Write)) | EventKind::Any => {
                (false, false, true, false)
            }
            EventKind::Remove(_) => (false, false, false, true),
            EventKind::Access(_) | EventKind::Other => return,
        };
        for path in event.paths {
            if is_ignore_file(&path) {
                self.rescan = true;
            } else if self.is_named_well(&path) {
                let touch = self.touched.entry(path).or_default();
                touch.appeared |= appeared;
                touch.created |= created && !touch.removed;
                touch.written |= written;
                touch.removed |= removed;
            }
        }
        if self.touched.len() > MOST_TOUCHED {
            self.rescan = true;
            self.touched.clear();
            self.renames.clear();
        }
    }

    fn is_named_well(&self, path: &Path) -> bool {
        path == self.root || verdict_below(&self.root, path, false) == Verdict::Admitted
    }

    fn rename(&mut self, from: PathBuf, to: PathBuf) {
        if is_ignore_file(&from) || is_ignore_file(&to) {
            self.rescan = true;
        }
        // A name that nobody was told about is not a place to move from; the new one was noticed by itself.
        if !self.is_named_well(&from) || !self.is_named_well(&to) {
            return;
        }
        match self.renames.iter_mut().find(|(_, earlier)| *earlier == from) {
            Some(earlier) => earlier.1 = to,
            None => self.renames.push((from, to)),
        }
    }

    /// What all notices come to.
    pub(super) fn take(&mut self, options: &FileSourceOptions) -> Vec<SourceEvent> {
        let mut touched = std::mem::take(&mut self.touched);
        let renames = std::mem::take(&mut self.renames);
        if std::mem::take(&mut self.rescan) {
            return vec![SourceEvent::Rescan];
        }
        touched.remove(&self.root);
        let mut targets: Vec<PathBuf> = touched.keys().cloned().collect();
        targets.extend(renames.iter().flat_map(|(from, to)| [from.clone(), to.clone()]));
        let (files, folders) = match below(&self.root, &targets, options) {
            Ok(seen) => seen,
            Err(error) => {
                tracing::warn!(root = %self.root.display(), %error, "changes could not be looked at");
                return vec![SourceEvent::Rescan];
            }
        };
        let seen = Seen { files: files.iter().map(|file| file.path.clone()).collect(), folders };
        let ignore_files = IgnoreFiles::new(&self.root, options);
        let moved = moved(renames, &mut touched, &seen, &ignore_files);
        let mut events = Vec::new();
        // What came and went since the last time was never known.
        let was_known = |path: &Path, touch: &Touch| {
            !touch.created && !exists(path) && seen.has_parent_of(path) && !ignore_files.ignores(path)
        };
        let gone = touched.iter().filter(|(path, touch)| was_known(path, touch));
        let mut removed: Vec<&PathBuf> = gone.map(|(path, _)| path).collect();
        removed.sort();
        for path in removed {
            // A folder stands for all that was in it.
            if !events.iter().any(|event| matches!(event, SourceEvent::Removed(above) if path.starts_with(above))) {
                events.push(SourceEvent::Removed(path.clone()));
            }
        }
        events.extend(moved);
        let written = files.into_iter().filter(|file| is_written(&file.path, &touched));
        events.extend(written.map(SourceEvent::Written));
        events
    }
}

/// The renames that nobody has to read anything for; the others are left among the touched paths.
fn moved(
    renames: Vec<(PathBuf, PathBuf)>,
    touched: &mut HashMap<PathBuf, Touch>,
    seen: &Seen,
    ignore_files: &IgnoreFiles,
) -> Vec<SourceEvent> {
    let mut events = Vec::new();
    for (from, to) in renames {
        let was_new = touched.get(&from).is_some_and(|touch| touch.created);
        let known_name = !was_new && from != to && !exists(&from) && !ignore_files.ignores(&from);
        if !known_name || !(seen.files.contains(&to) || seen.folders.contains(&to)) {
            touched.entry(to).or_default().appeared = true;
            touched.entry(from).or_default().removed = true;
            continue;
        }
        touched.remove(&from);
        // What was written after the move is told besides.
        let written_too = touched.get(&to).is_some_and(|touch| touch.written && !touch.created);
        if let Some(touch) = touched.get_mut(&to) {
            if touch.removed {
                // Something else of that name was deleted just before.
                events.push(SourceEvent::Removed(to.clone()));
            }
            touch.appeared = false;
            touch.removed = false;
        }
        if !written_too {
            touched.remove(&to);
        }
        events.push(SourceEvent::Renamed { from, to });
    }
    events
}

/// What is on the disk and not ignored.
struct Seen {
    files: HashSet<PathBuf>,
    folders: HashSet<PathBuf>,
}

impl Seen {
    /// Whether the nearest folder above a path that still exists is not ignored.
    fn has_parent_of(&self, path: &Path) -> bool {
        path.ancestors().skip(1).find(|above| above.is_dir()).is_some_and(|above| self.folders.contains(above))
    }
}

/// A file is told when it was touched itself, or stands below a folder that appeared.
fn is_written(file: &Path, touched: &HashMap<PathBuf, Touch>) -> bool {
    if touched.contains_key(file) {
        return true;
    }
    file.ancestors().skip(1).any(|above| touched.get(above).is_some_and(|touch| touch.appeared || touch.written))
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

/// The ignore files of a root, for paths that are no longer there and cannot be walked to. Each is read once.
struct IgnoreFiles {
    root: PathBuf,
    excluded: Option<Gitignore>,
    by_folder: RefCell<HashMap<PathBuf, Vec<Gitignore>>>,
}

impl IgnoreFiles {
    fn new(root: &Path, options: &FileSourceOptions) -> Self {
        let mut builder = GitignoreBuilder::new(root);
        for glob in &options.exclude {
            if let Err(error) = builder.add_line(None, glob) {
                tracing::debug!(%error, "a pattern to exclude is invalid");
            }
        }
        Self { root: root.to_owned(), excluded: builder.build().ok(), by_folder: RefCell::default() }
    }

    /// Whether the ignore files that are there now would leave a path out. Whether it was a file or a folder cannot be
    /// asked any more: either counts.
    fn ignores(&self, path: &Path) -> bool {
        let matches = |matcher: &Gitignore| {
            matcher.matched_path_or_any_parents(path, false).is_ignore()
                || matcher.matched_path_or_any_parents(path, true).is_ignore()
        };
        if self.excluded.as_ref().is_some_and(matches) {
            return true;
        }
        let mut by_folder = self.by_folder.borrow_mut();
        path.ancestors().skip(1).take_while(|folder| folder.starts_with(&self.root)).any(|folder| {
            let matchers = by_folder.entry(folder.to_owned()).or_insert_with(|| ignore_files_of(folder));
            matchers.iter().any(matches)
        })
    }
}

fn ignore_files_of(folder: &Path) -> Vec<Gitignore> {
    let mut matchers = Vec::new();
    for name in [".ambitignore", ".gitignore", ".git/info/exclude"] {
        let file = folder.join(name);
        if !file.is_file() {
            continue;
        }
        let mut builder = GitignoreBuilder::new(folder);
        if let Some(error) = builder.add(&file) {
            tracing::debug!(%error, "an ignore file could not be read in full");
        }
        matchers.extend(builder.build());
    }
    matchers
}
