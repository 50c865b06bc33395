//! Pages of the web that are kept: files in a folder of their own, which is indexed as those of the user are.

use std::path::{Path, PathBuf};

use ambit_domain::port::{KeptPage, Purge};
use ambit_domain::{Error, IndexRoot, NewPage, Result, SavedPage, Taint, Thing};
use serde_json::json;

use super::Runtime;
use super::folders::{canonical, shown};
use crate::Caller;

/// The longest text of a page, in bytes.
const LONGEST: usize = 8 << 20;
/// The longest title that is kept, in characters.
const LONGEST_TITLE: usize = 300;
/// The longest address, in bytes.
const LONGEST_ADDRESS: usize = 8 << 10;
/// The most things that are kept of a page, the most that is said of one, and the longest word of it, in characters.
const THINGS: usize = 50;
const PROPERTIES: usize = 30;
const LONGEST_WORD: usize = 400;

impl Runtime {
    /// Keeps a page, in the place of what was kept of its address, and reads it, so that it is found at once. Tells whether it
    /// says something else than before.
    ///
    /// # Errors
    /// `invalid-input` for an address that is none of the web, or an empty text; what the stores say.
    pub async fn save_page(&self, page: NewPage, caller: &Caller) -> Result<SavedPage> {
        self.recorded(&caller.surface, "pages.save", self.save_page_now(page, caller)).await
    }

    async fn save_page_now(&self, page: NewPage, caller: &Caller) -> Result<SavedPage> {
        let ports = &self.inner.ports;
        let page = checked(page)?;
        self.audit_action(caller, "page.save", ports.audit.digest(&page.url), json!({ "bytes": page.text.len() }))
            .await?;
        self.note_page(&page.title, &page.text, caller);
        let KeptPage { page: saved, candidate, replaced } = ports.pages.keep(page, ports.clock.now()).await?;
        if let Some(replaced) = replaced {
            self.erase_pages(&replaced).await?;
        }
        // One that was forgotten is wanted again.
        self.inner.indexer.forgotten().recall(&saved.path, ports.preferences.as_ref()).await?;
        let root = self.pages_root(caller).await?;
        self.inner.indexer.read_as(&root, candidate, saved.path.clone(), Taint::Outside).await?;
        Ok(saved)
    }

    /// The folder as one that is indexed; it becomes one with the first page. It is one of its own, also where a folder around it
    /// is indexed, since such a folder leaves out what is hidden.
    async fn pages_root(&self, caller: &Caller) -> Result<IndexRoot> {
        let folder = canonical(&self.inner.ports.pages.folder()).await?;
        if let Some(root) = self.indexed_roots().await?.into_iter().find(|root| folder == root.path) {
            return Ok(root);
        }
        Ok(self.add_root(folder, caller).await?.root)
    }

    /// The pages that are kept, the last saved first: all, or that of an address.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub async fn saved_pages(&self, url: Option<String>) -> Result<Vec<SavedPage>> {
        self.inner.ports.pages.list(url.map(|url| without_fragment(&url).to_owned())).await
    }

    /// Removes a page that was saved with all that was read from it. Returns what went of the index.
    ///
    /// # Errors
    /// `not-found` when no page is kept at the path; what the stores say.
    pub async fn remove_page(&self, path: PathBuf, caller: &Caller) -> Result<Purge> {
        self.recorded(&caller.surface, "pages.remove", self.remove_page_now(path, caller)).await
    }

    async fn remove_page_now(&self, path: PathBuf, caller: &Caller) -> Result<Purge> {
        let path = canonical(&path).await.unwrap_or(path);
        if !self.inner.ports.pages.list(None).await?.iter().any(|page| page.path == path) {
            return Err(Error::not_found(format!("no page is saved at {}", path.display()))
                .with_hint("`ambit pages list` lists those that are"));
        }
        self.audit_action(caller, "page.remove", self.inner.ports.audit.digest(&shown(&path)), json!({})).await?;
        self.drop_pages(&path).await
    }

    /// The folder of saved pages, as the file system knows it.
    pub(super) async fn pages_folder(&self) -> PathBuf {
        let folder = self.inner.ports.pages.folder();
        canonical(&folder).await.unwrap_or(folder)
    }

    /// Removes the pages at or below a path: the files as well, which are nobody else's.
    pub(super) async fn drop_pages(&self, path: &Path) -> Result<Purge> {
        let purge = self.erase_pages(path).await?;
        self.forget_what_was_read().await?;
        Ok(purge)
    }

    async fn erase_pages(&self, path: &Path) -> Result<Purge> {
        let ports = &self.inner.ports;
        let forgotten = self.inner.indexer.forgotten();
        // While it goes, nothing of it is written: somebody may just be reading it. Afterwards its name is kept nowhere.
        forgotten.add(path.to_path_buf(), ports.preferences.as_ref()).await?;
        let erased = async {
            ports.pages.remove(path.to_path_buf()).await?;
            self.inner.indexer.erase(vec![path.to_path_buf()]).await
        };
        let erased = erased.await;
        forgotten.recall(path, ports.preferences.as_ref()).await?;
        erased
    }
}

fn checked(mut page: NewPage) -> Result<NewPage> {
    page.url = without_fragment(page.url.trim()).to_owned();
    let is_of_web = page.url.starts_with("http://") || page.url.starts_with("https://");
    if !is_of_web || page.url.len() > LONGEST_ADDRESS || page.url.contains(char::is_whitespace) {
        return Err(Error::invalid("this is no address of a page of the web")
            .with_hint("pages are saved by their addresses, which begin with http:// or https://"));
    }
    if page.text.trim().is_empty() {
        return Err(Error::invalid("the page holds no text").with_hint("select what is to be saved"));
    }
    if page.text.len() > LONGEST {
        return Err(Error::invalid(format!(
            "the page has {} MB of text, {} are kept at most",
            page.text.len() >> 20,
            LONGEST >> 20
        ))
        .with_hint("select what is to be saved"));
    }
    page.title = plain(&page.title, LONGEST_TITLE);
    page.things.truncate(THINGS);
    page.things = page.things.iter().map(checked_thing).filter(|thing| !thing.name.is_empty()).collect();
    if page.title.is_empty() {
        page.title = host_of(&page.url).to_owned();
    }
    Ok(page)
}

/// A page may say anything of itself: what is kept is short, and stands on one line.
fn checked_thing(thing: &Thing) -> Thing {
    let said = thing.properties.iter().take(PROPERTIES);
    let said = said.map(|(name, value)| (plain(name, LONGEST_WORD), plain(value, LONGEST_WORD)));
    Thing {
        kind: plain(&thing.kind, LONGEST_WORD),
        name: plain(&thing.name, LONGEST_WORD),
        properties: said.filter(|(name, value)| !name.is_empty() && !value.is_empty()).collect(),
    }
}

/// On one line, without what nobody sees, and of so many characters at most.
fn plain(text: &str, longest: usize) -> String {
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    words.chars().filter(|character| !character.is_control()).take(longest).collect()
}

fn without_fragment(url: &str) -> &str {
    url.split_once('#').map_or(url, |(url, _)| url)
}

fn host_of(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use ambit_domain::ErrorCode;

    use super::*;

    fn page(url: &str, title: &str, text: &str) -> NewPage {
        let (url, title, text) = (url.to_owned(), title.to_owned(), text.to_owned());
        NewPage { url, title, text, is_selection: false, things: Vec::new() }
    }

    #[test]
    fn a_page_has_an_address_of_the_web_a_title_and_a_text() {
        let kept = checked(page(" https://example.org/a?b=1#c ", " Two\n words\u{7} ", "x")).unwrap();
        assert_eq!((kept.url.as_str(), kept.title.as_str()), ("https://example.org/a?b=1", "Two words"));
        assert_eq!(checked(page("http://example.org:8080/a", "", "x")).unwrap().title, "example.org:8080");
        for (url, text) in [
            ("file:///etc/passwd", "x"),
            ("javascript:alert(1)", "x"),
            ("https://example.org/a b", "x"),
            ("https://example.org/", " \n"),
        ] {
            assert_eq!(checked(page(url, "t", text)).unwrap_err().code(), ErrorCode::InvalidInput, "{url}");
        }
    }
}
