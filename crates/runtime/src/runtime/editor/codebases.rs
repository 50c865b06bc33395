//! The code around what is open: read once for all editors, counted, and kept as counts alone, from one start to the next.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ambit_completion::{Segment, Surroundings};
use ambit_domain::Result;
use ambit_domain::port::CodeQuery;
use futures_util::StreamExt as _;

use super::family::Family;
use super::kept_counts::KeptCounts;
use crate::Runtime;

/// How much code is counted, in bytes.
const BESIDE: u64 = 1 << 20;
const PROJECT: u64 = 16 << 20;
const DEPENDENCIES: u64 = 24 << 20;
/// One dependency fills no more of it.
const DEPENDENCY: u64 = 3 << 20;
/// So long what was read counts as it was; then the next document that is opened or saved has it read anew.
const FRESH: Duration = Duration::from_secs(600);
/// As many folders and projects are kept; those that were read longest ago go.
const KEPT_FOLDERS: usize = 64;
const KEPT_PROJECTS: usize = 4;

type Key = (PathBuf, Family);

/// What is read at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Part {
    /// The files of a folder alone.
    Beside,
    /// All of a project, and then what it depends on.
    Project,
    /// What a project depends on; begun with it.
    Dependencies,
}

/// What was counted, by folder and family of languages.
pub(crate) struct Codebases {
    counted: Mutex<Counted>,
    /// Where the counts are between one start and the next.
    kept: Option<KeptCounts>,
}

#[derive(Default)]
struct Counted {
    beside: HashMap<Key, Arc<Segment>>,
    projects: HashMap<Key, Arc<Segment>>,
    dependencies: HashMap<Key, Arc<Segment>>,
    /// How often all was forgotten.
    epoch: u64,
    /// When what is being read, or was, was begun.
    begun: HashMap<(Part, Key), Instant>,
}

impl Counted {
    fn of(&mut self, part: Part) -> &mut HashMap<Key, Arc<Segment>> {
        match part {
            Part::Beside => &mut self.beside,
            Part::Project => &mut self.projects,
            Part::Dependencies => &mut self.dependencies,
        }
    }
}

impl Codebases {
    /// Nothing is counted yet, but for what is kept in a folder.
    pub(crate) fn new(folder: Option<PathBuf>) -> Self {
        Self { counted: Mutex::default(), kept: folder.map(KeptCounts::new) }
    }

    /// Forgets all that was counted.
    fn forget(&self) -> Result<()> {
        let mut counted = self.lock();
        *counted = Counted { epoch: counted.epoch + 1, ..Counted::default() };
        drop(counted);
        self.kept.as_ref().map_or(Ok(()), KeptCounts::clear)
    }

    /// What was counted when a host ran before. It holds until it is counted anew.
    fn recall(&self, part: Part, key: &Key) {
        let Some(segment) = self.kept.as_ref().and_then(|kept| kept.open(part, &key.0, key.1)) else { return };
        let mut counted = self.lock();
        counted.of(part).entry(key.clone()).or_insert_with(|| Arc::new(segment));
    }

    /// Counts texts, keeps the counts, and has them hold.
    ///
    /// `epoch` is when the texts were read: what was forgotten since does not come back.
    fn count(&self, part: Part, key: &Key, texts: &[String], epoch: u64) {
        if self.lock().epoch != epoch {
            return;
        }
        let segment = Segment::of(texts.iter().map(String::as_str));
        let segment = match &self.kept {
            Some(kept) => kept.keep(part, &key.0, key.1, segment),
            None => segment,
        };
        let mut counted = self.lock();
        if counted.epoch == epoch {
            counted.of(part).insert(key.clone(), Arc::new(segment));
            return;
        }
        drop(counted);
        if let Some(Err(error)) = self.kept.as_ref().map(KeptCounts::clear) {
            tracing::warn!("what was forgotten meanwhile stays: {error}");
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counted> {
        self.counted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What stands beside a file, in the project and in what that depends on.
    pub(crate) fn around(&self, project: Option<&Path>, path: &Path, family: Family) -> Surroundings {
        let counted = self.lock();
        let beside = path.parent().and_then(|folder| counted.beside.get(&(folder.to_owned(), family)).cloned());
        let key = project.map(|project| (project.to_owned(), family));
        let of_project = |counts: &HashMap<Key, Arc<Segment>>| key.as_ref().and_then(|key| counts.get(key).cloned());
        Surroundings {
            near: beside.into_iter().collect(),
            project: of_project(&counted.projects),
            dependencies: of_project(&counted.dependencies),
        }
    }

    /// A file was written: what stands beside others is read anew when one of them is opened.
    pub(crate) fn changed(&self, path: &Path, family: Family) {
        if let Some(folder) = path.parent() {
            self.lock().begun.remove(&(Part::Beside, (folder.to_owned(), family)));
        }
    }

    /// Whether it is for the caller to read this. What was read longest ago makes room.
    fn begin(&self, part: Part, key: &Key) -> bool {
        let mut counted = self.lock();
        let name = (part, key.clone());
        if counted.begun.get(&name).is_some_and(|begun| begun.elapsed() < FRESH) {
            return false;
        }
        counted.begun.insert(name, Instant::now());
        let most = if part == Part::Beside { KEPT_FOLDERS } else { KEPT_PROJECTS };
        while counted.begun.keys().filter(|(other, _)| *other == part).count() > most {
            let oldest = counted.begun.iter().filter(|((other, _), _)| *other == part).min_by_key(|(_, begun)| **begun);
            let Some((name, _)) = oldest.map(|(name, begun)| (name.clone(), *begun)) else { break };
            counted.begun.remove(&name);
            let (_, key) = name;
            if part == Part::Beside {
                counted.beside.remove(&key);
            } else {
                counted.projects.remove(&key);
                counted.dependencies.remove(&key);
            }
        }
        true
    }
}

impl Runtime {
    /// Reads the code around a file, unless that was done.
    pub(crate) fn read_codebase(&self, project: Option<PathBuf>, path: PathBuf, family: Family) {
        let runtime = self.clone();
        self.inner.background.spawn(async move {
            let codebases = &runtime.inner.codebases;
            let epoch = codebases.lock().epoch;
            if let Some(folder) = path.parent().map(Path::to_owned) {
                let key = (folder.clone(), family);
                if codebases.begin(Part::Beside, &key) {
                    codebases.recall(Part::Beside, &key);
                    let texts = runtime.code(folder, false, family, BESIDE).await;
                    // The file itself is open, and counted as it stands there.
                    let others = texts.into_iter().filter(|(other, _)| *other != path).map(|(_, text)| text).collect();
                    runtime.count(Part::Beside, key, others, epoch).await;
                }
            }
            let Some(project) = project else { return };
            let key = (project.clone(), family);
            if !codebases.begin(Part::Project, &key) {
                return;
            }
            codebases.recall(Part::Project, &key);
            codebases.recall(Part::Dependencies, &key);
            let texts = runtime.code(project.clone(), true, family, PROJECT).await;
            // What is open counts as it stands there.
            let others = texts.into_iter().filter(|(other, _)| *other != path).map(|(_, text)| text).collect();
            runtime.count(Part::Project, key.clone(), others, epoch).await;
            // What a project depends on changes seldom.
            let is_fresh = codebases.kept.as_ref().is_some_and(|kept| kept.is_fresh(Part::Dependencies, &key.0, key.1));
            let is_there = codebases.lock().dependencies.contains_key(&key);
            if !(is_fresh && is_there) {
                let texts = runtime.dependencies(project, family).await;
                runtime.count(Part::Dependencies, key, texts, epoch).await;
            }
        });
    }

    async fn dependencies(&self, project: PathBuf, family: Family) -> Vec<String> {
        let stop = self.inner.stop_background.clone();
        let mut folders = self.inner.ports.source.dependencies(project, stop);
        let mut texts = Vec::new();
        let mut left = DEPENDENCIES;
        while let Some(folder) = folders.next().await {
            let code = self.code(folder, true, family, DEPENDENCY.min(left)).await;
            left -= code.iter().map(|(_, text)| text.len() as u64).sum::<u64>().min(left);
            texts.extend(code.into_iter().map(|(_, text)| text));
            if left == 0 {
                break;
            }
        }
        texts
    }

    async fn code(&self, folder: PathBuf, is_deep: bool, family: Family, bytes: u64) -> Vec<(PathBuf, String)> {
        let query = CodeQuery { folder, is_deep, endings: family.owned_endings(), bytes };
        self.inner.ports.source.code(query, self.inner.stop_background.clone()).collect().await
    }

    async fn count(&self, part: Part, key: Key, texts: Vec<String>, epoch: u64) {
        if self.inner.stop_background.is_cancelled() {
            // What was read is not all that there is.
            return;
        }
        let runtime = self.clone();
        let counting = tokio::task::spawn_blocking(move || runtime.inner.codebases.count(part, &key, &texts, epoch));
        if let Err(error) = counting.await {
            tracing::warn!("code could not be counted: {error}");
        }
    }

    /// Forgets what models and counts have read.
    ///
    /// # Errors
    /// When some of it stays on disk.
    pub(crate) async fn forget_what_was_read(&self) -> Result<()> {
        self.inner.recent.clear();
        self.inner.codebases.forget()?;
        self.inner.ports.language_models.forget().await
    }
}
