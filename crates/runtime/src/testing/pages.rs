use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use ambit_domain::port::{Candidate, KeptPage, SavedPages};
use ambit_domain::{BoxFuture, NewPage, PageChange, Result, SavedPage, Timestamp};

use super::MemorySource;
use super::records::{done, lock};

/// Pages that were saved, in memory. They are files of the source as well.
pub struct MemoryPages {
    folder: PathBuf,
    pages: Mutex<Vec<(SavedPage, String)>>,
    source: Arc<MemorySource>,
}

impl MemoryPages {
    /// None yet.
    #[must_use]
    pub fn new(source: Arc<MemorySource>) -> Self {
        Self { folder: "/data/pages".into(), pages: Mutex::default(), source }
    }
}

impl SavedPages for MemoryPages {
    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    fn keep(&self, page: NewPage, saved: Timestamp) -> BoxFuture<'_, Result<KeptPage>> {
        let NewPage { url, title, text, is_selection, things: _ } = page;
        let path = self.folder.join(format!("{title}.md"));
        self.source.write_unseen(&path, text.clone());
        let mut pages = lock(&self.pages);
        let before = pages.iter().position(|(page, _)| page.url == url && page.is_selection == is_selection);
        let change = match before.map(|at| pages.remove(at)) {
            None => PageChange::New,
            Some((_, before)) if before == text => PageChange::Same,
            Some(_) => PageChange::Changed,
        };
        let candidate = Candidate { path: path.clone(), size: text.len() as u64, modified: saved };
        let kept = SavedPage { url, title, path, is_selection, saved, change: None };
        pages.insert(0, (kept.clone(), text));
        done(Ok(KeptPage { page: SavedPage { change: Some(change), ..kept }, candidate, replaced: None }))
    }

    fn list(&self, url: Option<String>) -> BoxFuture<'_, Result<Vec<SavedPage>>> {
        let pages = lock(&self.pages);
        let all = pages.iter().map(|(page, _)| page.clone());
        done(Ok(all.filter(|page| url.as_ref().is_none_or(|url| page.url == *url)).collect()))
    }

    fn remove(&self, path: PathBuf) -> BoxFuture<'_, Result<u64>> {
        let mut pages = lock(&self.pages);
        let before = pages.len();
        pages.retain(|(page, _)| !page.path.starts_with(&path));
        self.source.remove_unseen(Path::new(&path));
        done(Ok((before - pages.len()) as u64))
    }
}
