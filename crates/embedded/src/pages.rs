use std::fs::{DirBuilder, File, read_dir, remove_dir, remove_file, rename};
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use ambit_domain::port::{Candidate, SavedPages};
use ambit_domain::{BoxFuture, Error, NewPage, PageChange, Result, SavedPage, Timestamp};

use crate::attachments::time;

/// What of a file is read to know the page: its front matter is shorter.
const HEAD: u64 = 16 << 10;
/// Longest part of a name that comes from a title, in bytes: with the rest, what file systems take.
const LONGEST_NAME: usize = 160;
/// What stands between the front matter and the text.
const RULE: &str = "---\n";

/// Pages that were saved, each a Markdown file below a folder named after its site. What is known of it stands in its front matter,
/// so that the files are of use without Ambit as well.
pub(crate) struct PageFiles {
    folder: PathBuf,
}

impl PageFiles {
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
            done.map_err(|error| Error::internal(format!("the work on a saved page ended badly: {error}")))?
                .map_err(Error::from)
        })
    }
}

impl SavedPages for PageFiles {
    fn folder(&self) -> PathBuf {
        self.folder.clone()
    }

    fn keep(&self, page: NewPage, read: Timestamp) -> BoxFuture<'_, Result<(SavedPage, Candidate)>> {
        self.run(move |folder| keep(folder, page, read))
    }

    fn list(&self, url: Option<String>) -> BoxFuture<'_, Result<Vec<SavedPage>>> {
        self.run(move |folder| {
            let mut pages = Vec::new();
            for site in entries(folder)? {
                for file in entries(&site)? {
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
                for file in entries(&site)? {
                    if file.canonicalize()?.starts_with(&path) {
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

fn keep(folder: &Path, page: NewPage, read: Timestamp) -> std::io::Result<(SavedPage, Candidate)> {
    let mark = mark(&page);
    let site = folder.join(named(site(&page.url), "page"));
    let mut builder = DirBuilder::new();
    builder.recursive(true).mode(0o700).create(&site)?;
    // A page whose title has changed is still the same page.
    let end = format!(" {mark}.md");
    let before = entries(&site)?.into_iter().find(|file| file.to_string_lossy().ends_with(&end));
    let path = site.join(format!("{}{end}", named(&page.title, "page")));
    let text = written(&page, read);
    let change = match &before {
        None => PageChange::New,
        Some(before) if body(&std::fs::read_to_string(before)?) == body(&text) => PageChange::Same,
        Some(_) => PageChange::Changed,
    };
    let partial = site.join(format!(".{mark}.partial"));
    let mut file = File::create(&partial)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    rename(&partial, &path)?;
    if let Some(before) = before.filter(|before| *before != path) {
        remove_file(before)?;
    }
    File::open(&site)?.sync_all()?;
    // By the path that the file system knows it by, as all documents are known.
    let path = path.canonicalize()?;
    let facts = path.metadata()?;
    let candidate = Candidate { path: path.clone(), size: facts.len(), modified: time(facts.modified()?) };
    let NewPage { url, title, is_selection, .. } = page;
    Ok((SavedPage { url, title, path, is_selection, saved: read, change: Some(change) }, candidate))
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
    let text = page.text.trim();
    format!("{RULE}title: \"{title}\"\nurl: {}\nsaved: {saved}\n{selection}{RULE}\n{text}\n", page.url)
}

/// The text of a file behind its front matter.
fn body(text: &str) -> &str {
    text.strip_prefix(RULE).and_then(|rest| rest.split_once(&format!("\n{RULE}"))).map_or(text, |(_, body)| body)
}

/// What a file says of the page that it holds; nothing when it is none of ours.
fn look(file: &Path) -> std::io::Result<Option<SavedPage>> {
    let mut head = Vec::new();
    match File::open(file) {
        // It has gone meanwhile.
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        opened => opened?.take(HEAD).read_to_end(&mut head)?,
    };
    let head = String::from_utf8_lossy(&head);
    let Some((matter, _)) = head.strip_prefix(RULE).and_then(|rest| rest.split_once(&format!("\n{RULE}"))) else {
        return Ok(None);
    };
    let value = |key: &str| {
        let mut lines = matter.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(name, _)| *name == key).map(|(_, value)| value.trim().trim_matches('"').to_owned())
    };
    let (Some(url), Some(saved)) = (value("url"), value("saved")) else { return Ok(None) };
    let Ok(saved) = saved.parse::<jiff::Timestamp>() else { return Ok(None) };
    Ok(Some(SavedPage {
        title: value("title").unwrap_or_else(|| url.clone()),
        url,
        path: file.canonicalize()?,
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

fn site(url: &str) -> &str {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?']).next().unwrap_or(rest)
}

/// A name that every file system takes, of a text that comes from anywhere.
fn named(text: &str, otherwise: &str) -> String {
    let is_plain = |character: char| !character.is_control() && !r#"/\:*?"<>|"#.contains(character);
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
        NewPage { url, title, text, is_selection: false }
    }

    #[tokio::test]
    async fn a_page_is_kept_as_markdown_in_the_place_of_what_was_kept_of_it() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        let bees = "https://example.org/bees?a=1";
        let (first, _) = files.keep(page(bees, "On \"Bees\"", "They hum."), READ).await.unwrap();
        assert_eq!(first.change, Some(PageChange::New));
        let text = std::fs::read_to_string(&first.path).unwrap();
        let head = "---\ntitle: \"On \u{201d}Bees\u{201d}\"\nurl: https://example.org/bees?a=1\nsaved: 2026-11-18T";
        assert!(text.starts_with(head) && text.ends_with("---\n\nThey hum.\n"), "{text}");
        assert!(
            first.path.starts_with(folder.path().canonicalize().unwrap().join("pages/example.org")),
            "{:?}",
            first.path
        );

        let (again, _) = files.keep(page(bees, "Of bees", "They hum."), READ).await.unwrap();
        assert_eq!(again.change, Some(PageChange::Same));
        assert!(!first.path.exists() && again.path.exists(), "its title has changed");
        assert_eq!(
            files.keep(page(bees, "Of bees", "They sting."), READ).await.unwrap().0.change,
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
    async fn names_from_outside_stay_in_the_folder() {
        let folder = tempfile::tempdir().unwrap();
        let files = PageFiles::new(folder.path().join("pages"));
        for (url, title) in [
            ("https://../../etc", "../../../etc/passwd"),
            ("https://example.org/x", "a/b\\c\u{0}d"),
            ("https://example.org/y", "\u{8702}".repeat(300).as_str()),
            ("https:///", "..."),
        ] {
            let (kept, _) = files.keep(page(url, title, "x"), READ).await.unwrap();
            let real = kept.path;
            assert!(real.starts_with(folder.path().canonicalize().unwrap().join("pages")), "{real:?}");
            assert_eq!(files.list(Some(url.to_owned())).await.unwrap().len(), 1, "{url}");
        }
    }
}
