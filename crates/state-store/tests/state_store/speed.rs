//! Rates are printed, and asserted only far below what any machine reaches, so that a busy machine fails no test.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use ambit_domain::port::{DocumentRecord, Documents, KeywordQuery};
use ambit_domain::{PassageFilter, RootId, Sequence};

use crate::harness::{Fixture, chunk, record, wait};

/// Passages of about this many bytes.
const PASSAGE: usize = 900;

/// The Rust Book and Reference of the toolchain that builds this test, or else this workspace's own sources, as one text
/// for each file.
fn corpus() -> Vec<String> {
    let toolchain = std::env::var_os("CARGO").map(PathBuf::from).unwrap_or_default();
    let toolchain = toolchain.parent().and_then(Path::parent).unwrap_or(Path::new("")).join("share/doc/rust/html");
    let mut files = Vec::new();
    gather(&toolchain.join("book"), "html", &mut files);
    gather(&toolchain.join("reference"), "html", &mut files);
    if files.is_empty() {
        gather(&Path::new(env!("CARGO_MANIFEST_DIR")).join(".."), "rs", &mut files);
    }
    files.iter().map(|text| without_tags(text)).filter(|text| text.len() > 200).collect()
}

fn gather(folder: &Path, extension: &str, files: &mut Vec<String>) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for path in entries.map(|entry| entry.unwrap().path()) {
        let old_edition = path.to_string_lossy().contains("edition");
        if path.is_dir() && !old_edition {
            gather(&path, extension, files);
        } else if path.extension().is_some_and(|found| found == extension) && !path.ends_with("print.html") {
            files.push(String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned());
        }
    }
}

/// The text of the main part of a page, roughly: enough for words in their real frequencies.
fn without_tags(html: &str) -> String {
    let main = html.split_once("<main>").map_or(html, |(_, main)| main);
    let main = main.split_once("</main>").map_or(main, |(main, _)| main);
    let mut text = String::with_capacity(main.len());
    for piece in main.split('<') {
        text.push_str(piece.split_once('>').map_or(piece, |(_, text)| text));
        text.push(' ');
    }
    text
}

fn records(root: RootId, texts: &[String]) -> Vec<DocumentRecord> {
    let mut records = Vec::new();
    for (number, text) in texts.iter().enumerate() {
        let mut record = record(root, &format!("/notes/book/chapter-{number}.html"), &[&number.to_string()]);
        record.size = text.len() as u64;
        record.extraction.title = Some("The Rust Programming Language".to_owned());
        record.extraction.chunks.clear();
        let mut rest = text.as_str();
        while !rest.is_empty() {
            let (piece, after) = rest.split_at(rest.floor_char_boundary(PASSAGE));
            record.extraction.chunks.push(chunk(piece, &["The Rust Programming Language", "A chapter"], 1));
            rest = after;
        }
        records.push(record);
    }
    records
}

/// Seconds that the writing thread has been on a processor, which other processes do not change. Linux only.
fn writer_seconds() -> Option<f64> {
    let tasks = std::fs::read_dir("/proc/self/task").ok()?;
    let writer = tasks
        .filter_map(|task| Some(task.ok()?.path()))
        .find(|task| std::fs::read_to_string(task.join("comm")).is_ok_and(|name| name.trim() == "state-writer"))?;
    let times = std::fs::read_to_string(writer.join("schedstat")).ok()?;
    Some(times.split_whitespace().next()?.parse::<f64>().ok()? / 1e9)
}

fn print_rates(passages: usize, bytes: usize, began: Instant) -> f64 {
    let megabytes = bytes as f64 / 1e6;
    let rate = megabytes / began.elapsed().as_secs_f64();
    println!("{passages} passages, {megabytes:.1} MB of text, written at {rate:.1} MB/s");
    if let Some(seconds) = writer_seconds() {
        println!("the writing thread alone: {:.1} MB/s", megabytes / seconds);
    }
    rate
}

#[test]
fn writing_keeps_up_with_reading_files() {
    let fixture = Fixture::new();
    let texts = corpus();
    let mut records = records(fixture.root, &texts);
    let passages: usize = records.iter().map(|record| record.extraction.chunks.len()).sum();
    let bytes: usize = texts.iter().map(String::len).sum();
    let began = Instant::now();
    let mut writes = Vec::new();
    while !records.is_empty() {
        let rest = records.split_off(records.len().min(64));
        writes.push(fixture.store.write(std::mem::replace(&mut records, rest)));
    }
    for write in writes {
        wait(write).unwrap();
    }
    let rate = print_rates(passages, bytes, began);
    let counts = wait(fixture.store.counts(None)).unwrap();
    assert_eq!((counts.pending, counts.passages), (texts.len() as u64, passages as u64));
    assert!(rate > 1.0, "indexing stores {rate:.1} MB of text a second; reading files is many times faster");
}

/// A cheap generator of numbers, the same in each run.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }
}

#[test]
fn searching_stays_fast_in_a_large_index() {
    let wanted: usize = std::env::var("AMBIT_TEST_PASSAGES").map_or(10_000, |number| number.parse().unwrap());
    let fixture = Fixture::new();
    // Passages mixed from sentences of the corpus: words keep their frequencies, no two passages are alike.
    let texts = corpus();
    let pieces: Vec<&str> = texts
        .iter()
        .flat_map(|text| text.split_inclusive(". "))
        .filter(|piece| (60..400).contains(&piece.len()))
        .collect();
    let mut numbers = Numbers(7);
    let mut next = 0;
    let mut bytes = 0;
    let began = Instant::now();
    while next < wanted {
        let batch: Vec<_> = (0..128)
            .map(|_| {
                next += 10;
                let mut record = record(fixture.root, &format!("/notes/{}/{next}.md", next % 97), &[&next.to_string()]);
                record.extraction.chunks = (1..=10)
                    .map(|line| {
                        let text: String = (0..5).map(|_| pieces[numbers.below(pieces.len())]).collect();
                        bytes += text.len();
                        chunk(&text, &["A heading"], line)
                    })
                    .collect();
                record
            })
            .collect();
        wait(fixture.store.write(batch)).unwrap();
    }
    print_rates(next, bytes, began);
    for maintained in [false, true] {
        if maintained {
            let began = Instant::now();
            wait(fixture.store.maintain()).unwrap();
            println!("maintained in {:.1?}", began.elapsed());
        }
        measure(&fixture, &pieces);
    }
}

fn measure(fixture: &Fixture, pieces: &[&str]) {
    let mut numbers = Numbers(11);
    let mut times = Vec::new();
    for round in 0..220 {
        // Questions of one to eight words as they stand in the text, stop words and all.
        let words: Vec<&str> = pieces[numbers.below(pieces.len())].split_whitespace().collect();
        let start = numbers.below(words.len());
        let text = words[start..].iter().take(1 + round % 8).copied().collect::<Vec<_>>().join(" ");
        let query = KeywordQuery { text: text.clone(), limit: 50, filter: PassageFilter::default() };
        let began = Instant::now();
        let hits = wait(fixture.store.search(query)).unwrap();
        let took = began.elapsed();
        assert!(!hits.is_empty() || !text.contains(char::is_alphanumeric), "nothing found for {text:?}");
        // The first rounds warm the caches.
        if round >= 20 {
            times.push((took, text));
        }
    }
    times.sort();
    let at = |share: usize| times[times.len() * share / 100].0;
    println!(
        "search p50 {:.1?}, p95 {:.1?}, slowest {:.1?} ({})",
        at(50),
        at(95),
        times.last().unwrap().0,
        times.last().unwrap().1
    );
    assert!(at(50) < Duration::from_millis(500), "half of the searches take longer than {:.1?}", at(50));
}

#[test]
fn the_status_of_twenty_thousand_files_is_told_at_once() {
    let fixture = Fixture::new();
    for batch in 0..20 {
        let records: Vec<_> = (0..1_000)
            .map(|number| record(fixture.root, &format!("/notes/{batch}/{number}.md"), &["a short note"]))
            .collect();
        wait(fixture.store.write(records)).unwrap();
    }
    let sequence = wait(fixture.store.sequence()).unwrap();
    assert_eq!(sequence, Sequence(20_000));
    for (applied, pending) in [(0, 20_000), (19_990, 10), (20_000, 0)] {
        wait(fixture.store.set_applied("vectors", Sequence(applied))).unwrap();
        wait(fixture.store.set_applied("graph", Sequence(applied))).unwrap();
        let began = Instant::now();
        for _ in 0..20 {
            let counts = wait(fixture.store.counts(None)).unwrap();
            assert_eq!((counts.indexed, counts.pending), (20_000 - pending, pending));
            assert_eq!(wait(fixture.store.counts(Some(fixture.root))).unwrap(), counts);
        }
        let each = began.elapsed() / 40;
        println!("counts with {pending} pending: {each:.1?}");
        assert!(each < Duration::from_millis(100), "counts take {each:.1?} with {pending} files pending");
        let began = Instant::now();
        let some = wait(fixture.store.statuses(None, None, Some(PathBuf::from("/notes/5")), 100)).unwrap();
        assert_eq!(some.len(), 100);
        let waiting = wait(fixture.store.statuses(
            Some(PathBuf::from("/notes/19")),
            Some(ambit_domain::DocumentState::Pending),
            None,
            100,
        ))
        .unwrap();
        assert_eq!(waiting.len() as u64, pending.min(100));
        println!("statuses: {:.1?}", began.elapsed() / 2);
        assert!(began.elapsed() < Duration::from_millis(500));
    }
}
