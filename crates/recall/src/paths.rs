//! Files and folders by their names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ambit_domain::Mention;

/// How well a name fits what was typed; less is better.
type Rank = (u8, usize);

/// The names of files and of the folders that hold them, to be looked up while somebody types.
#[derive(Debug, Default)]
pub struct Names {
    /// Folders first, each with its whole path and its own name in lower case.
    known: Vec<(Mention, String, String)>,
}

impl Names {
    /// Of the indexed files, and the folders that hold them, from the indexed ones down.
    #[must_use]
    pub fn new(files: Vec<PathBuf>, roots: &[PathBuf]) -> Self {
        let folders: Vec<PathBuf> = folders(&files, roots).into_iter().map(Path::to_path_buf).collect();
        let folders = folders.into_iter().map(|path| Mention::Folder { path });
        let mentions = folders.chain(files.into_iter().map(|path| Mention::File { path }));
        Self { known: mentions.map(named).collect() }
    }

    /// Those whose paths hold all words of a text, in any order and case: those first whose own name begins with it, then
    /// those whose name holds it, and of these the shortest. With no text, folders first and then files, by path.
    #[must_use]
    pub fn like(&self, text: &str, limit: usize) -> Vec<Mention> {
        let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
        let ranked = self.known.iter().filter_map(|(mention, path, name)| Some((rank(&words, path, name)?, mention)));
        let mut found: Vec<(Rank, &Mention)> = ranked.collect();
        found.sort_by_key(|(rank, _)| *rank);
        found.into_iter().map(|(_, mention)| mention.clone()).take(limit).collect()
    }
}

fn named(mention: Mention) -> (Mention, String, String) {
    let (path, name) = match &mention {
        Mention::File { path } | Mention::Folder { path } => {
            let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase());
            (path.to_string_lossy().to_lowercase(), name.unwrap_or_default())
        }
        Mention::Memory { .. } | Mention::Attachment { .. } => Default::default(),
    };
    (mention, path, name)
}

/// The folders that hold files, from the indexed ones down.
fn folders<'a>(files: &'a [PathBuf], roots: &[PathBuf]) -> BTreeSet<&'a Path> {
    let mut folders = BTreeSet::new();
    for file in files {
        let Some(root) = roots.iter().find(|root| file.starts_with(root)) else { continue };
        for folder in file.ancestors().skip(1).take_while(|folder| folder.starts_with(root)) {
            if !folders.insert(folder) {
                break;
            }
        }
    }
    folders
}

fn rank(words: &[String], path: &str, name: &str) -> Option<Rank> {
    let Some(first) = words.first() else { return Some((0, 0)) };
    if !words.iter().all(|word| path.contains(word)) {
        return None;
    }
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let class = match () {
        () if name == first || stem == first => 0,
        () if name.starts_with(first.as_str()) => 1,
        () if words.iter().all(|word| name.contains(word)) => 2,
        () if name.contains(first.as_str()) => 3,
        () => 4,
    };
    Some((class, path.len()))
}

#[cfg(test)]
#[allow(clippy::panic, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let files = ["/n/plans/garden.md", "/n/plans/house/garden plan.md", "/n/gardens.txt", "/n/Übersicht.md"];
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let found = Names::new(files, &["/n".into()]).like(text, 10);
        let path = |mention: Mention| match mention {
            Mention::File { path } => path.display().to_string(),
            Mention::Folder { path } => format!("{}/", path.display()),
            other => panic!("{other:?}"),
        };
        found.into_iter().map(path).collect()
    }

    #[test]
    fn names_that_fit_come_first_and_all_words_count() {
        assert_eq!(shown("garden"), ["/n/plans/garden.md", "/n/gardens.txt", "/n/plans/house/garden plan.md"]);
        assert_eq!(shown("plan garden"), ["/n/plans/house/garden plan.md", "/n/plans/garden.md"]);
        assert_eq!(shown("house"), ["/n/plans/house/", "/n/plans/house/garden plan.md"]);
        assert_eq!(shown("übers"), ["/n/Übersicht.md"]);
        assert_eq!(shown("nothing"), Vec::<String>::new());
    }

    #[test]
    fn without_a_text_folders_come_first() {
        assert_eq!(shown("")[..3], ["/n/", "/n/plans/", "/n/plans/house/"]);
    }
}
