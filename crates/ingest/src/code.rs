//! Source code as it stands, for what is counted of it.

use std::path::{Path, PathBuf};

use ambit_domain::port::{CodeQuery, Found};

use crate::FileSourceOptions;
use crate::bridge::Outlet;
use crate::decode::decode;
use crate::scan::{Part, Step, walk};

/// Larger files are generated, or data.
const LARGEST: u64 = 1 << 20;
/// More files and folders are not looked at: it may be all of a disk that is open in an editor.
const MOST: usize = 50_000;

/// Tells the code that is wanted, by path.
pub(crate) fn read(query: &CodeQuery, options: &FileSourceOptions, outlet: &Outlet<(PathBuf, String)>) {
    let mut paths = Vec::new();
    let mut seen = 0;
    let mut take = |path: PathBuf, size: u64| {
        if size <= LARGEST && is_wanted(&path, &query.endings) {
            paths.push(path);
        }
    };
    let walked = walk(&query.folder, &Part::Whole, options, |step| {
        if let Step::Found(Found::File(candidate)) = step
            && (query.is_deep || candidate.path.parent() == Some(query.folder.as_path()))
        {
            take(candidate.path, candidate.size);
        }
        seen += 1;
        seen < MOST && !outlet.is_closed()
    });
    if let Err(error) = walked {
        tracing::debug!(%error, folder = %query.folder.display(), "not all code was found");
    }
    paths.sort_unstable();
    let mut left = query.bytes;
    for path in paths {
        let Ok(bytes) = std::fs::read(&path) else { continue };
        let Some(rest) = left.checked_sub(bytes.len() as u64) else { break };
        left = rest;
        let Ok(text) = decode(&bytes) else { continue };
        if !outlet.send((path, text.into_owned())) {
            return;
        }
    }
}

fn is_wanted(path: &Path, endings: &[String]) -> bool {
    let ending = path.extension().and_then(|ending| ending.to_str()).unwrap_or_default();
    endings.iter().any(|wanted| wanted == ending)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use ambit_domain::Cancellation;

    use super::*;
    use crate::bridge::bridge;

    #[test]
    fn code_is_read_by_path_within_its_bounds_and_without_what_is_ignored() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("deep")).unwrap();
        for (name, text) in [
            ("b.rs", "b"),
            ("a.rs", "aa"),
            ("deep/c.rs", "ccc"),
            ("x.py", "x"),
            ("no.rs", "no"),
            (".gitignore", "no.rs\n"),
        ] {
            std::fs::write(at(name), text).unwrap();
        }
        let told = |is_deep: bool, bytes: u64| {
            let (outlet, stream) = bridge(16, Cancellation::new());
            let query = CodeQuery { folder: folder.path().to_owned(), is_deep, endings: vec!["rs".to_owned()], bytes };
            read(&query, &FileSourceOptions::default(), &outlet);
            drop(outlet);
            let mut stream = std::pin::pin!(stream);
            let mut context = std::task::Context::from_waker(std::task::Waker::noop());
            let mut texts = Vec::new();
            while let std::task::Poll::Ready(Some((_, text))) =
                futures_core::Stream::poll_next(stream.as_mut(), &mut context)
            {
                texts.push(text);
            }
            texts
        };
        assert_eq!(told(true, 100), ["aa", "b", "ccc"]);
        assert_eq!(told(true, 3), ["aa", "b"]);
        assert_eq!(told(false, 100), ["aa", "b"]);
    }
}
