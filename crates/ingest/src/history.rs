use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_domain::{Cancellation, Person, PersonRole, Timestamp};
use gix::bstr::{BString, ByteSlice};

/// Commits that are looked at, newest first.
const MOST_COMMITS: usize = 500;
/// Time that a repository may take.
const TIME_LIMIT: Duration = Duration::from_secs(2);
/// People that are told of one file.
const MOST_PEOPLE: usize = 5;
/// Commits that touch more files say nothing about any of them: they format, move or import.
const MOST_CHANGES: usize = 1_000;

/// Who committed the files of the repositories that were looked at.
///
/// A history is read once per scan on a thread of its own; until it is there, nobody is known. Reading files never waits
/// for it.
#[derive(Default)]
pub(crate) struct Histories {
    /// By the working tree's folder.
    ready: Mutex<HashMap<PathBuf, Arc<History>>>,
}

struct History {
    /// The newest commits that were looked at end here.
    head: gix::ObjectId,
    by_file: HashMap<BString, Vec<Person>>,
}

impl Histories {
    /// Reads the history of the repository that a folder belongs to, if it belongs to one and it has changed.
    pub(crate) fn learn(&self, folder: &Path, cancellation: &Cancellation) {
        match self.try_learn(folder, cancellation) {
            Ok(()) => {}
            Err(error) => tracing::debug!(folder = %folder.display(), %error, "the version history could not be read"),
        }
    }

    fn try_learn(&self, folder: &Path, cancellation: &Cancellation) -> Result<(), Box<dyn std::error::Error>> {
        let Ok(mut repository) = gix::discover(folder) else { return Ok(()) };
        let Some(tree) = repository.workdir().map(Path::to_owned) else { return Ok(()) };
        let tree = tree.canonicalize()?;
        let head = repository.head_id()?.detach();
        let known = self.ready.lock().unwrap_or_else(PoisonError::into_inner).get(&tree).map(|history| history.head);
        if known == Some(head) {
            return Ok(());
        }
        repository.object_cache_size_if_unset(4 << 20);
        let history = Arc::new(History { head, by_file: by_file(&repository, head, cancellation)? });
        self.ready.lock().unwrap_or_else(PoisonError::into_inner).insert(tree, history);
        Ok(())
    }

    /// The people who last committed a file, newest first.
    pub(crate) fn contributors(&self, path: &Path) -> Vec<Person> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
        if ready.is_empty() {
            return Vec::new();
        }
        // The innermost working tree is the file's own.
        for folder in path.ancestors().skip(1) {
            if let Some(history) = ready.get(folder) {
                let Ok(below) = path.strip_prefix(folder) else { return Vec::new() };
                let Ok(name) = gix::path::into_bstr(below) else { return Vec::new() };
                let name = gix::path::to_unix_separators_on_windows(name).into_owned();
                return history.by_file.get(&name).cloned().unwrap_or_default();
            }
        }
        Vec::new()
    }
}

fn by_file(
    repository: &gix::Repository,
    head: gix::ObjectId,
    cancellation: &Cancellation,
) -> Result<HashMap<BString, Vec<Person>>, Box<dyn std::error::Error>> {
    let mut people: HashMap<BString, Vec<Person>> = HashMap::new();
    let deadline = Instant::now() + TIME_LIMIT;
    let sorting = gix::revision::walk::Sorting::ByCommitTime(Default::default());
    for commit in repository.rev_walk([head]).sorting(sorting).all()?.take(MOST_COMMITS) {
        if cancellation.is_cancelled() || Instant::now() > deadline {
            break;
        }
        let Ok(commit) = commit.and_then(|info| info.object()) else { break };
        let parents: Vec<gix::ObjectId> = commit.parent_ids().map(gix::Id::detach).collect();
        // A merge changes nothing of its own.
        if parents.len() > 1 {
            continue;
        }
        let after = commit.tree()?;
        let before = match parents.first().and_then(|parent| repository.find_commit(*parent).ok()) {
            Some(parent) => parent.tree()?,
            None => repository.empty_tree(),
        };
        let author = commit.author()?;
        let at = Timestamp(author.seconds().saturating_mul(1_000));
        let (name, email) = (author.name.to_str_lossy(), author.email.to_str_lossy());
        let Some(changed) = changed_files(repository, &before, &after) else { continue };
        for file in changed {
            let list = people.entry(file).or_default();
            let known = list.iter().any(|person| person.email.as_deref() == Some(&*email) || person.name == name);
            if !known && list.len() < MOST_PEOPLE {
                list.push(Person {
                    name: name.clone().into_owned(),
                    email: Some(email.clone().into_owned()),
                    role: PersonRole::Contributor,
                    at: Some(at),
                });
            }
        }
    }
    Ok(people)
}

/// Files that differ between two trees; nothing if there are too many.
fn changed_files(repository: &gix::Repository, before: &gix::Tree<'_>, after: &gix::Tree<'_>) -> Option<Vec<BString>> {
    let mut changed = Vec::new();
    let mut pending = vec![(BString::default(), Some(before.clone()), Some(after.clone()))];
    while let Some((folder, before, after)) = pending.pop() {
        let entries = |tree: &Option<gix::Tree<'_>>| -> HashMap<BString, (gix::ObjectId, bool)> {
            let Some(tree) = tree else { return HashMap::new() };
            let listed = tree.iter().filter_map(Result::ok);
            listed
                .map(|entry| (entry.filename().to_owned(), (entry.oid().to_owned(), entry.mode().is_tree())))
                .collect()
        };
        let old = entries(&before);
        for (name, (id, is_tree)) in entries(&after) {
            let previous = old.get(&name);
            if previous.is_some_and(|(previous, _)| *previous == id) {
                continue;
            }
            let mut path = folder.clone();
            if !path.is_empty() {
                path.push(b'/');
            }
            path.extend_from_slice(&name);
            if is_tree {
                let previous = previous.filter(|(_, was_tree)| *was_tree);
                let previous = previous.and_then(|(previous, _)| repository.find_tree(*previous).ok());
                pending.push((path, previous, repository.find_tree(id).ok()));
            } else {
                changed.push(path);
            }
            if changed.len() > MOST_CHANGES {
                return None;
            }
        }
    }
    Some(changed)
}
