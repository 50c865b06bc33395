//! Files and folders by their names.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use ambit_domain::Mention;

/// How well a name fits what was typed; less is better.
type Rank = (u8, usize);

/// Files and folders whose paths hold all words of a text, in any order and case: those first whose own name begins with it,
/// then those whose name holds it, and of these the shortest. `files` are the indexed files, `roots` the folders that they are
/// indexed with. With no text, folders first and then files, by path.
#[must_use]
pub fn named_like(text: &str, files: &[PathBuf], roots: &[PathBuf], limit: usize) -> Vec<Mention> {
    let words: Vec<String> = text.split_whitespace().map(str::to_lowercase).collect();
    let mut found: Vec<(Rank, Mention)> = Vec::new();
    for folder in folders(files, roots) {
        if let Some(rank) = rank(&words, &folder) {
            found.push((rank, Mention::Folder { path: folder }));
        }
    }
    for file in files {
        if let Some(rank) = rank(&words, file) {
            found.push((rank, Mention::File { path: file.clone() }));
        }
    }
    found.sort_by_key(|(rank, _)| *rank);
    found.into_iter().map(|(_, mention)| mention).take(limit).collect()
}

/// The folders that hold files, from the indexed ones down.
fn folders(files: &[PathBuf], roots: &[PathBuf]) -> BTreeSet<PathBuf> {
    let mut folders = BTreeSet::new();
    for file in files {
        let Some(root) = roots.iter().find(|root| file.starts_with(root)) else { continue };
        for folder in file.ancestors().skip(1).take_while(|folder| folder.starts_with(root)) {
            if !folders.insert(folder.to_path_buf()) {
                break;
            }
        }
    }
    folders
}

fn rank(words: &[String], path: &Path) -> Option<Rank> {
    let Some(first) = words.first() else { return Some((0, 0)) };
    let whole = path.to_string_lossy().to_lowercase();
    if !words.iter().all(|word| whole.contains(word)) {
        return None;
    }
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let stem = path.file_stem().map(|stem| stem.to_string_lossy().to_lowercase()).unwrap_or_default();
    let class = match () {
        () if name == *first || stem == *first => 0,
        () if name.starts_with(first.as_str()) => 1,
        () if words.iter().all(|word| name.contains(word)) => 2,
        () if name.contains(first.as_str()) => 3,
        () => 4,
    };
    Some((class, whole.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> Vec<String> {
        let files = ["/n/plans/garden.md", "/n/plans/house/garden plan.md", "/n/gardens.txt", "/n/Übersicht.md"];
        let files: Vec<PathBuf> = files.iter().map(PathBuf::from).collect();
        let found = named_like(text, &files, &["/n".into()], 10);
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
