#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

use std::io::Write;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use ambit_domain::Timestamp;
use ambit_domain::port::Clock;
use ambit_embedded::settings::{DataDirectory, Settings};
use ambit_embedded::{
    CheckState, EmbeddedError, HostLock, LogFiles, LogQuery, SystemClock, examine, has_let_go, log_records,
    running_host,
};
use tracing::Level;

#[derive(Default)]
struct SetClock(AtomicI64);

impl Clock for SetClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

const DAY: i64 = 86_400_000;

fn packed(folder: &Path) -> Vec<String> {
    let names = std::fs::read_dir(folder).unwrap().flatten().map(|entry| entry.file_name().into_string().unwrap());
    let mut names: Vec<String> = names.filter(|name| name.ends_with(".zst")).collect();
    names.sort();
    names
}

#[test]
fn a_log_is_rotated_compressed_and_dropped_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicI64::new(100 * DAY)));
    let mut log = LogFiles::open(folder.path(), Arc::clone(&clock) as _, 3, 1 << 20).unwrap();
    log.write_all(b"{\"day\":0}\n").unwrap();
    for day in 1..=6 {
        clock.0.store((100 + day) * DAY, Ordering::Relaxed);
        log.write_all(format!("{{\"day\":{day}}}\n").as_bytes()).unwrap();
    }
    let kept = packed(folder.path());
    assert_eq!(kept.len(), 4, "three days back and today's: {kept:?}");
    let oldest = std::fs::read(folder.path().join(&kept[0])).unwrap();
    assert_eq!(zstd::decode_all(oldest.as_slice()).unwrap(), b"{\"day\":2}\n");
    assert_eq!(std::fs::read(folder.path().join("ambit.jsonl")).unwrap(), b"{\"day\":6}\n");

    // A clock that goes back neither loses lines nor overwrites a file.
    clock.0.store(103 * DAY, Ordering::Relaxed);
    let line = vec![b'x'; 200_000];
    log.write_all(&line).unwrap();
    log.write_all(&line).unwrap();
    assert_eq!(std::fs::metadata(folder.path().join("ambit.jsonl")).unwrap().len(), 200_000);
    assert_eq!(packed(folder.path()).len(), 5);
}

#[test]
fn a_log_that_short_lived_hosts_write_is_rotated_as_well() {
    let folder = tempfile::tempdir().unwrap();
    // The file's time of birth is the real one.
    let clock = Arc::new(SetClock(AtomicI64::new(SystemClock.now().0)));
    for _ in 0..4 {
        let mut log = LogFiles::open(folder.path(), Arc::clone(&clock) as _, 3, 1 << 20).unwrap();
        log.write_all(b"{\"line\":true}\n").unwrap();
        clock.0.fetch_add(DAY / 3, Ordering::Relaxed);
    }
    assert_eq!(packed(folder.path()).len(), 1, "the fourth came a day after the first");
    assert_eq!(std::fs::read(folder.path().join("ambit.jsonl")).unwrap(), b"{\"line\":true}\n");
}

#[test]
fn the_log_can_be_asked_across_rotated_files() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock(AtomicI64::new(100 * DAY)));
    let mut log = LogFiles::open(folder.path(), Arc::clone(&clock) as _, 30, 1 << 20).unwrap();
    for (day, level) in [(0, "INFO"), (1, "WARN"), (2, "DEBUG"), (3, "ERROR")] {
        clock.0.store((100 + day) * DAY, Ordering::Relaxed);
        // 100 days after the beginning of 1970 comes the 11th of April.
        let line = format!(
            "{{\"timestamp\":\"1970-04-{:02}T00:00:00.5Z\",\"level\":\"{level}\",\"fields\":{{\"message\":\"Day {day}\"}}}}\n",
            11 + day
        );
        log.write_all(line.as_bytes()).unwrap();
    }
    log.write_all(b"{\"cut off by a cra").unwrap();
    assert_eq!(packed(folder.path()).len(), 3);
    let all = LogQuery { since: None, level: Level::TRACE, containing: None, limit: 10 };
    let days = |query: &LogQuery| -> Vec<String> {
        let records = log_records(folder.path(), query).unwrap();
        records.iter().map(|record| record.value["fields"]["message"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(days(&all), ["Day 0", "Day 1", "Day 2", "Day 3"]);
    assert_eq!(days(&LogQuery { level: Level::WARN, ..all.clone() }), ["Day 1", "Day 3"]);
    assert_eq!(days(&LogQuery { limit: 1, ..all.clone() }), ["Day 3"]);
    assert_eq!(days(&LogQuery { since: Some(Timestamp(102 * DAY)), ..all.clone() }), ["Day 2", "Day 3"]);
    assert_eq!(days(&LogQuery { containing: Some("day 2".to_owned()), ..all.clone() }), ["Day 2"]);
    let nowhere = folder.path().join("not-there");
    assert!(log_records(&nowhere, &all).unwrap().is_empty());
}

#[test]
fn all_logs_together_stay_within_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let clock = Arc::new(SetClock::default());
    let mut log = LogFiles::open(folder.path(), Arc::clone(&clock) as _, 30, 1 << 20).unwrap();
    let mut seed = 1_u32;
    for _ in 0..40 {
        // Random bytes do not compress.
        let noise: Vec<u8> = (0..130_000)
            .map(|_| {
                seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (seed >> 24) as u8
            })
            .collect();
        log.write_all(&noise).unwrap();
    }
    let sizes = std::fs::read_dir(folder.path()).unwrap().flatten().map(|entry| entry.metadata().unwrap().len());
    let total: u64 = sizes.sum();
    assert!(total <= (1 << 20) + 130_000, "{total} bytes of logs");
}

#[test]
fn one_process_holds_a_data_directory() {
    let folder = tempfile::tempdir().unwrap();
    let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
    directory.create().unwrap();
    assert_eq!(running_host(&directory), None);
    let held = HostLock::acquire(&directory).unwrap();
    let error = HostLock::acquire(&directory).unwrap_err();
    assert!(
        matches!(&error, EmbeddedError::AlreadyRunning { process, .. } if *process == std::process::id()),
        "{error}"
    );
    assert_eq!(running_host(&directory), Some(std::process::id()));
    assert!(!has_let_go(&directory, std::process::id()));
    assert!(has_let_go(&directory, std::process::id() + 1), "it is another one");
    std::fs::write(directory.lock(), "").unwrap();
    assert!(!has_let_go(&directory, std::process::id()), "it is about to let go");
    drop(held);
    assert!(has_let_go(&directory, std::process::id()));
    assert_eq!(running_host(&directory), None);
    HostLock::acquire(&directory).unwrap();
}

#[test]
fn the_doctor_names_what_is_missing_and_how_to_get_it() {
    let folder = tempfile::tempdir().unwrap();
    let directory = DataDirectory::locate(Some(folder.path().join("data"))).unwrap();
    let settings = Settings::load(None, [("AMBIT_INFERENCE_DEVICE".to_owned(), "cpu".to_owned())]).unwrap();
    let checks = examine(&directory, &settings, Path::new("ambit"));
    let model = checks.iter().find(|check| check.name == "embedding model").unwrap();
    assert_eq!(model.state, CheckState::Bad);
    assert!(model.hint.as_ref().unwrap().contains("ambit models pull"));
    assert!(checks.iter().all(|check| check.state == CheckState::Good || check.hint.is_some()));
    assert!(checks.iter().any(|check| check.name == "disk encryption"));
    assert!(!directory.path().exists(), "looking makes nothing");
    assert!(checks.iter().any(|check| check.name == "settings" && check.state == CheckState::Good));
}
