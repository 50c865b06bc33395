//! A disk that is full for a while.

use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::process::{Command, Output};

use ambit_domain::port::Graph as _;
use ambit_domain::{DocumentChange, ErrorCode, Outline, Sequence};
use tempfile::TempDir;

use crate::fixture::{LIMITS, document, open, section, written};

/// A disk of 48 MiB: less than the engine wants to see free before it forgives by itself.
struct SmallDisk(TempDir);

impl SmallDisk {
    /// `None` for those who may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mounted = run("mount", &["-t", "tmpfs", "-o", "size=48m", "ambit-test", folder.path().to_str().unwrap()]);
        if !mounted.status.success() {
            let is_root = std::fs::metadata("/proc/self").unwrap().uid() == 0;
            assert!(!is_root, "no disk for the test: {}", String::from_utf8_lossy(&mounted.stderr));
            eprintln!("not run: only root may mount a small disk");
            return None;
        }
        Some(Self(folder))
    }

    fn filler(&self) -> PathBuf {
        self.0.path().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        run("umount", &["--lazy", self.0.path().to_str().unwrap()]);
    }
}

#[expect(clippy::disallowed_methods, reason = "a disk is mounted by the system's own program")]
fn run(program: &str, arguments: &[&str]) -> Output {
    Command::new(program).args(arguments).output().unwrap()
}

fn long_page(number: i64) -> DocumentChange {
    let headings = (1..200).map(|line| section(2, &format!("Heading {line} of page {number}"), line)).collect();
    let outline = Outline { headings, ..Outline::default() };
    written(document(number, format!("/pages/{number}.md"), number), outline)
}

#[tokio::test]
async fn a_full_disk_stops_the_graph_only_until_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let folder = disk.0.path().join("graph");
    let graph = open(&folder);
    graph.apply(vec![long_page(1)]).await.unwrap();
    std::fs::write(disk.filler(), vec![1; 64 << 20]).unwrap_err();
    let mut last = 2;
    let error = loop {
        match graph.apply(vec![long_page(last)]).await {
            Ok(()) => last += 1,
            Err(error) => break error,
        }
        assert!(last < 200, "a full disk took everything");
    };
    assert_eq!(error.code(), ErrorCode::StorageFull, "{error}");
    let again = graph.apply(vec![long_page(last)]).await.unwrap_err();
    assert_eq!(again.code(), ErrorCode::StorageFull, "{again}");

    std::fs::remove_file(disk.filler()).unwrap();
    graph.apply(vec![long_page(last)]).await.unwrap();
    assert_eq!(graph.applied().await.unwrap(), Sequence(last));
    let urls = "SELECT ?url WHERE { GRAPH ?g { ?document schema:url ?url } }";
    assert_eq!(graph.query(urls.to_owned(), LIMITS).await.unwrap().rows.len(), usize::try_from(last).unwrap());
    graph.maintain().await.unwrap();
    drop(graph);
    assert_eq!(open(&folder).applied().await.unwrap(), Sequence(last));
}
