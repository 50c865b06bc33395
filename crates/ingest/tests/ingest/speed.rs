use std::path::{Path, PathBuf};
use std::time::Instant;

use ambit_domain::port::{Candidate, ReadOutcome, Source};
use ambit_domain::{Cancellation, Timestamp};
use ambit_ingest::{FileSource, FileSourceOptions};

use crate::fixture::{candidates, drain, read_all, source};

#[test]
fn ten_thousand_small_files() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..10_000 {
        let path = folder.path().join(format!("{}/{number}.md", number % 100));
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, format!("# Note {number}\n\nSome text about the number {number}.\n")).unwrap();
    }
    let source = source();
    let begun = Instant::now();
    let all = candidates(&source, folder.path());
    let scanned = begun.elapsed();
    assert_eq!(all.len(), 10_000);
    let readings = read_all(&source, all);
    eprintln!("10,000 files: scan {scanned:?}, scan and read {:?}", begun.elapsed());
    assert_eq!(readings.iter().filter(|reading| matches!(reading.outcome, ReadOutcome::Read(_))).count(), 10_000);
}

/// The toolchain's books, where they are installed.
fn books() -> Option<PathBuf> {
    let mut toolchains: Vec<PathBuf> = vec![];
    if let Ok(home) = std::env::var("RUSTUP_HOME") {
        toolchains.push(home.into());
    }
    if let Ok(home) = std::env::var("HOME") {
        toolchains.push(Path::new(&home).join(".rustup"));
    }
    let toolchain = std::env::var("RUSTUP_TOOLCHAIN").ok()?;
    let html = |home: PathBuf| home.join("toolchains").join(&toolchain).join("share/doc/rust/html");
    toolchains.into_iter().map(html).find(|html| html.join("book").is_dir())
}

#[test]
fn the_rust_book_and_reference() {
    let Some(html) = books() else {
        eprintln!("the toolchain's documentation is not installed: rustup component add rust-docs");
        return;
    };
    let mut options = FileSourceOptions::default();
    options.threads = std::num::NonZeroUsize::MIN;
    options.exclude = [
        "print.html",
        "searchindex*",
        "/2018-edition/",
        "/second-edition/",
        "/first-edition/",
        "*.js",
        "*.css",
        "*.txt",
    ]
    .map(str::to_owned)
    .to_vec();
    let source = FileSource::new(options);
    for warm in [false, true] {
        let begun = Instant::now();
        let mut all: Vec<Candidate> = Vec::new();
        for book in ["book", "reference"] {
            all.extend(candidates(&source, &html.join(book)));
        }
        let (bytes, files) = (all.iter().map(|file| file.size).sum::<u64>(), all.len());
        let readings = read_all(&source, all);
        let took = begun.elapsed().as_secs_f64();
        let mut passages = 0;
        let mut tokens = 0_u64;
        for reading in &readings {
            let ReadOutcome::Read(extraction) = &reading.outcome else { panic!("{reading:?}") };
            passages += extraction.chunks.len();
            tokens += extraction.chunks.iter().map(|chunk| u64::from(chunk.tokens)).sum::<u64>();
        }
        let speed = bytes as f64 / took / 1e6;
        eprintln!(
            "{files} files, {bytes} bytes, {passages} passages, {tokens} tokens: {speed:.1} MB/s on one thread (warm: {warm})"
        );
        // Tests run beside others; `cargo xtask bench index` holds the real aim.
        assert!(speed > 2.0, "only {speed:.1} MB/s");
    }
}

#[test]
fn the_book_is_cut_into_sections() {
    let Some(html) = books() else { return };
    let path = html.join("book/ch04-01-what-is-ownership.html");
    let candidate = Candidate { path, size: 0, modified: Timestamp(0) };
    let readings = drain(source().read(
        vec![candidate],
        std::sync::Arc::new(|_: &Path| None),
        std::sync::Arc::new(crate::fixture::Words(254)),
        Cancellation::new(),
    ));
    let ReadOutcome::Read(extraction) = &readings[0].outcome else { panic!("{readings:?}") };
    let rules = extraction.chunks.iter().find(|chunk| chunk.anchor.as_deref() == Some("ownership-rules")).unwrap();
    assert!(rules.text.contains("Each value in Rust has an"), "{}", rules.text);
    assert_eq!(rules.breadcrumb.last().map(String::as_str), Some("Ownership Rules"));
    let text: String = extraction.chunks.iter().map(|chunk| chunk.text.as_str()).collect();
    for junk in
        ["Press Esc", "Keyboard shortcuts", "Toggle", "fn main() {\n    println!(\"Hello, world!\");\n}\nfn main"]
    {
        assert!(!text.contains(junk), "the page's chrome was kept: {junk}");
    }
}
