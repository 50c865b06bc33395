use std::fs::{DirBuilder, File, read_dir, remove_dir, remove_file, rename};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use ambit_domain::port::{Candidate, KeptPage, SavedPages};
use ambit_domain::{BoxFuture, Error, NewPage, PageChange, Result, SavedPage, Thing, Timestamp};

use crate::attachments::time;

/// What of a file is read to know the page.
const HEAD: u64 = 16 << 10;
/// Longest part of a name that comes from a title, in bytes: with the rest, what file systems take.
const LONGEST_NAME: usize = 160;
/// What stands between the front matter and the text.
const RULE: &str = "---\n";

/// What stands before the names of sites in a backup, where attachments have ids.
pub(crate) const PREFIX: &str = "pages/";

/// Pages that were saved, each a Markdown file below a folder named after its site. What is known of it stands in its front matter,
/// so that the files are of use without Ambit as well.
pub(crate) struct PageFiles {
    folder: PathBuf,
    /// One at a time looks at the files or changes them: two may save the same page at once.
    turn: Arc<Mutex<()>>,
}

impl PageFiles {
    /// Files below a folder, which is made with the first.
    pub(crate) fn new(folder: PathBuf) -> Self {
        // Documents are known by the paths that the file system knows them by.
        let place = folder.parent().and_then(|parent| real(parent).ok()).zip(folder.file_name());
        let folder = place.map_or_else(|| folder.clone(), |(parent, name)| parent.join(name));
        Self { folder, turn: Arc::default() }
    }

    fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> std::io::Result<T> + Send + 'static,
    ) -> BoxFuture<'_, Result<T>> {
        let (folder, turn) = (self.folder.clone(), Arc::clone(&self.turn));
        let work = move || {
            let _turn = turn.lock().unwrap_or_else(PoisonError::into_inner);
            work(&folder)
        };
        Box::pin(async move {
            let done = tokio::task::spawn_blocking(work).await;
            done.map_err(|error| Error::internal(format!("the work on a saved page ended badly: {error}")))?
                .map_err(Error::from)
        })
    }
}

impl SavedPages for PageFiles {
    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    fn keep(&self, page: NewPage, read: Timestamp) -> BoxFuture<'_, Result<KeptPage>> {
        self.run(move |folder| keep(folder, page, read))
    }

    fn list(&self, url: Option<String>) -> BoxFuture<'_, Result<Vec<SavedPage>>> {
        self.run(move |folder| {
            let mut pages = Vec::new();
            for site in entries(folder)? {
                for file in files(&site)? {
                    pages.extend(look(&file)?.filter(|page| url.as_ref().is_none_or(|url| page.url == *url)));
                }
            }
            pages.sort_by_key(|page| std::cmp::Reverse(page.saved));
            Ok(pages)
        })
    }

    fn remove(&self, path: PathBuf) -> BoxFuture<'_, Result<u64>> {
        self.run(move |folder| {
            let mut removed = 0;
            for site in entries(folder)? {
                for file in files(&site)? {
                    if real(&file)?.starts_with(&path) {
                        remove_file(&file)?;
                        removed += 1;
                    }
                }
                // One that still holds something stays.
                remove_dir(&site).ok();
            }
            Ok(removed)
        })
    }
}

/// Puts a page of a backup back where it was. One that is there already stays.
///
/// # Errors
/// When its names are none of ours, since a backup may come from anywhere, or it cannot be written.
pub(crate) fn put_back(folder: &Path, site: &str, name: &str, bytes: &[u8]) -> std::io::Result<()> {
    if !is_name(site) || !is_name(name) {
        return Err(std::io::Error::new(ErrorKind::InvalidData, "this is no name of a saved page"));
    }
    let site = folder.join(site);
    DirBuilder::new().recursive(true).mode(0o700).create(&site)?;
    match File::create_new(site.join(name)) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        created => {
            let mut file = created?;
            file.write_all(bytes)?;
            file.sync_all()
        }
    }
}

fn keep(folder: &Path, page: NewPage, read: Timestamp) -> std::io::Result<KeptPage> {
    let mark = mark(&page);
    let site = folder.join(named(site(&page.url), "page"));
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&site)?;
    // A page whose title has changed is still the same page.
    let end = format!(" {mark}.md");
    let before = files(&site)?.into_iter().find(|file| file.to_string_lossy().ends_with(&end));
    let path = site.join(format!("{}{end}", named(&page.title, "page")));
    let text = written(&page, read);
    let change = match &before {
        None => PageChange::New,
        Some(before) if body(&String::from_utf8_lossy(&std::fs::read(before)?)) == body(&text) => PageChange::Same,
        Some(_) => PageChange::Changed,
    };
    let partial = site.join(format!(".{mark}.partial"));
    let mut file = File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    // By another name it is another document. Where the names of files differ by their case alone it is the same file.
    let replaced = before.filter(|before| *before != path).map(|before| real(&before)).transpose()?;
    if let Some(before) = &replaced {
        remove_file(before)?;
    }
    rename(&partial, &path)?;
    File::open(&site)?.sync_all()?;
    let path = real(&path)?;
    let facts = path.metadata()?;
    let candidate = Candidate { path: path.clone(), size: facts.len(), modified: time(facts.modified()?) };
    let NewPage { url, title, is_selection, .. } = page;
    let page = SavedPage { url, title, path, is_selection, saved: read, change: Some(change) };
    Ok(KeptPage { page, candidate, replaced })
}

/// Tells files of a site apart: by the address, and what is selected in it by its words as well.
fn mark(page: &NewPage) -> String {
    let mut hasher = blake3::Hasher::new();
    hasher.update(page.url.as_bytes());
    if page.is_selection {
        hasher.update(b"\n").update(page.text.as_bytes());
    }
    hasher.finalize().to_hex()[..8].to_owned()
}

fn written(page: &NewPage, read: Timestamp) -> String {
    let saved = jiff::Timestamp::from_millisecond(read.0).unwrap_or_default();
    // Quoted values know no escapes here.
    let title = page.title.replace('"', "\u{201d}");
    let selection = if page.is_selection { "selection: true\n" } else { "" };
    let things = things(&page.things);
    let text = page.text.trim();
    format!("{RULE}title: \"{title}\"\nurl: {}\nsaved: {saved}\n{selection}{things}{RULE}\n{text}\n", page.url)
}

/// What a page describes, as a list of the front matter: JSON is YAML as well.
fn things(things: &[Thing]) -> String {
    let lines = things.iter().filter_map(|thing| serde_json::to_string(thing).ok());
    let lines: String = lines.map(|line| format!("  - {line}\n")).collect();
    if lines.is_empty() { lines } else { format!("things:\n{lines}") }
}

/// The text of a file behind its front matter.
fn body(text: &str) -> &str {
    text.strip_prefix(RULE).and_then(|rest| rest.split_once(&format!("\n{RULE}"))).map_or(text, |(_, body)| body)
}

/// What a file says of the page that it holds; nothing when it is none of ours, or cannot be read.
fn look(file: &Path) -> std::io::Result<Option<SavedPage>> {
    let mut head = Vec::new();
    if let Err(error) = File::open(file).and_then(|opened| opened.take(HEAD).read_to_end(&mut head)) {
        tracing::warn!(%error, path = %file.display(), "a saved page cannot be read");
        return Ok(None);
    }
    let head = String::from_utf8_lossy(&head);
    let Some(rest) = head.strip_prefix(RULE) else { return Ok(None) };
    // What is looked for stands first; a long list behind it may go beyond what was read.
    let matter = rest.split_once(&format!("\n{RULE}")).map_or(rest, |(matter, _)| matter);
    let value = |key: &str| {
        let mut lines = matter.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| *name == key).map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let (Some(url), Some(saved)) = (value("url"), value("saved")) else { return Ok(None) };
    let Ok(saved) = saved.parse::<jiff::Timestamp>() else { return Ok(None) };
    Ok(Some(SavedPage {
        title: value("title").unwrap_or_else(|| url.clone()),
        url,
        path: real(file)?,
        is_selection: value("selection").is_some(),
        saved: Timestamp(saved.as_millisecond()),
        change: None,
    }))
}

/// What is in a folder, without what is hidden; nothing when there is no such folder.
fn entries(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let entries = match read_dir(folder) {
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => return Ok(Vec::new()),
        entries => entries?,
    };
    let shown = entries.flatten().filter(|entry| !entry.file_name().to_string_lossy().starts_with('.'));
    Ok(shown.map(|entry| entry.path()).collect())
}

/// The files in a folder that are files themselves: what else somebody puts there is left alone.
fn files(folder: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = entries(folder)?;
    files.retain(|path| path.symlink_metadata().is_ok_and(|facts| facts.is_file()));
    Ok(files)
}

/// The path that the file system knows a file by, as all documents are known.
fn real(file: &Path) -> std::io::Result<PathBuf> {
    file.canonicalize()
}

fn site(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// Whether a text is the name of something that is not hidden, and leads nowhere else.
fn is_name(text: &str) -> bool {
    !text.is_empty() && !text.starts_with('.') && text.chars().all(is_plain)
}

/// Whether every file system takes a character in a name.
fn is_plain(character: char) -> bool {
    !character.is_control() && !r#"/\:*?"<>|"#.contains(character)
}

/// A name that every file system takes, of a text that comes from anywhere.
fn named(text: &str, otherwise: &str) -> String {
    let plain: String = text.chars().map(|character| if is_plain(character) { character } else { ' ' }).collect();
    // What begins with a dot is hidden.
    let words = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut name = words.trim_start_matches(['.', ' ']).to_owned();
    while name.len() > LONGEST_NAME {
        name.pop();
    }
    if name.trim().is_empty() { otherwise.to_owned() } else { name.trim().to_owned() }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

    use super::*;

    const READ: Timestamp = Timestamp(1_795_000_000_000);

    fn page(url: &str, title: &str, text: &str) -> NewPage {
        let (url, title, text) = (url.to_owned(), title.to_owned(), text.to_owned());
        NewPage { url, title, text, is_selection: false, things: Vec::new() }
    }

    #[tokio::test]
    async fn a_page_is_kept_as_markdown_in_the_place_of_what_was_kept_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        let bees = "https://example.org/bees?a=1";
        let first = files.keep(page(bees, "On \"Bees\"", "They hum."), READ).await.unwrap().page;
        assert_eq!(first.change, Some(PageChange::New));
        let text = std::fs::read_to_string(&first.path).unwrap();
        let head = "---\ntitle: \"On \u{201d}Bees\u{201d}\"\nurl: https://example.org/bees?a=1\nsaved: 2026-11-18T";
        assert!(text.starts_with(head) && text.ends_with("---\n\nThey hum.\n"), "{text}");
        assert!(
            first.path.starts_with(folder.path().canonicalize().unwrap().join("pages/example.org")),
            "{:?}",
            first.path
        );

        let kept = files.keep(page(bees, "Of bees", "They hum."), READ).await.unwrap();
        assert_eq!(kept.replaced.as_deref(), Some(first.path.as_path()), "another name, another document");
        let again = kept.page;
        assert_eq!(again.change, Some(PageChange::Same));
        assert!(!first.path.exists() && again.path.exists(), "its title has changed");
        assert_eq!(
            files.keep(page(bees, "Of bees", "They sting."), READ).await.unwrap().page.change,
            Some(PageChange::Changed)
        );

        let part = NewPage { is_selection: true, ..page(bees, "Of bees", "hum") };
        files.keep(part, READ).await.unwrap();
        files.keep(page("https://other.example/", "", "x"), READ).await.unwrap();
        assert_eq!(files.list(None).await.unwrap().len(), 3);
        let of_bees = files.list(Some(bees.to_owned())).await.unwrap();
        assert_eq!(of_bees.iter().filter(|page| page.is_selection).count(), 1);
        assert!(of_bees.iter().all(|page| page.title == "Of bees" && page.saved == READ));

        assert_eq!(files.remove(again.path).await.unwrap(), 1);
        assert_eq!(files.list(Some(bees.to_owned())).await.unwrap().len(), 1);
        assert_eq!(files.remove(folder.path().join("pages").canonicalize().unwrap()).await.unwrap(), 2);
        assert!(files.list(None).await.unwrap().is_empty());
    }

    #[tokio::test]
    async fn things_that_a_page_describes_stand_in_its_front_matter_and_do_not_hide_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        let thing = |number: usize| Thing {
            kind: "Product".to_owned(),
            name: format!("Lamp {number}"),
            properties: vec![("description".to_owned(), "x".repeat(400)); 4],
        };
        let things: Vec<Thing> = (0..50).map(thing).collect();
        let shop = NewPage { things, ..page("https://shop.example/", "Shop", "Lamps.") };
        let kept = files.keep(shop, READ).await.unwrap().page;
        let text = std::fs::read_to_string(&kept.path).unwrap();
        assert!(text.contains("\nthings:\n  - {\"kind\":\"Product\",\"name\":\"Lamp 0\",") && text.len() > 16 << 10);
        assert_eq!(body(&text), "\nLamps.\n");
        assert_eq!(files.list(None).await.unwrap()[0].title, "Shop");
    }

    #[tokio::test]
    async fn what_else_lies_there_is_left_alone_and_two_may_save_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        let url = "https://example.org/bees";
        let saves = (0..8).map(|number| files.keep(page(url, "Bees", &format!("Text {number}")), READ));
        for kept in futures_util::future::join_all(saves).await {
            kept.unwrap();
        }
        let site = folder.path().join("pages/example.org");
        std::fs::create_dir(site.join("a folder")).unwrap();
        std::os::unix::fs::symlink("/nowhere", site.join("dangling.md")).unwrap();
        std::fs::write(site.join("mine.md"), b"\xff\xfe no page").unwrap();
        assert_eq!(files.list(None).await.unwrap().len(), 1);
        assert_eq!(files.remove(folder.path().canonicalize().unwrap()).await.unwrap(), 2, "the files, and no folder");
        assert!(site.join("a folder").is_dir());
    }

    #[test]
    fn a_page_of_a_backup_is_put_back_and_overwrites_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let pages = folder.path().join("pages");
        put_back(&pages, "example.org", "Bees 1a2b3c4d.md", b"first").unwrap();
        put_back(&pages, "example.org", "Bees 1a2b3c4d.md", b"second").unwrap();
        assert_eq!(std::fs::read(pages.join("example.org/Bees 1a2b3c4d.md")).unwrap(), b"first");
        for (site, name) in
            [("..", "x.md"), ("example.org", "../x.md"), ("a/b", "x.md"), ("example.org", ".x"), ("", "x")]
        {
            assert!(put_back(&pages, site, name, b"x").is_err(), "{site} {name}");
        }
    }

    #[tokio::test]
    async fn names_from_outside_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        for (url, title) in [
            ("https://../../etc", "../../../etc/passwd"),
            ("https://example.org/x", "a/b\\c\u{0}d"),
            ("https://example.org/y", "\u{8702}".repeat(300).as_str()),
            ("https:///", "..."),
        ] {
            let kept = files.keep(page(url, title, "x"), READ).await.unwrap().page;
            let real = kept.path;
            assert!(real.starts_with(folder.path().canonicalize().unwrap().join("pages")), "{real:?}");
            assert_eq!(files.list(Some(url.to_owned())).await.unwrap().len(), 1, "{url}");
        }
    }
}
