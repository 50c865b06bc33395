#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test stops at the first surprise"
)]

use std::time::Duration;

use super::*;

/// Numbers of a page, and bytes of its file.
const NUMBERS: usize = 1000;
const FILE: u64 = (2 * NUMBERS + DIGEST) as u64;

fn name(number: u32) -> PageName {
    PageName([0; DIGEST]).followed_by(&[number])
}

fn page(number: u16) -> Arc<Page> {
    Arc::new(Page::Memory(vec![number; NUMBERS]))
}

/// Has a page of a text written that was begun before anything was forgotten.
fn keep(shelf: &Shelf, number: u32, content: u16) {
    assert!(shelf.keep(vec![(name(number), Piece::Page(page(content)))], 0));
}

fn names(folder: &Path) -> Vec<PathBuf> {
    fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect()
}

/// The first number of a page that is on the shelf.
fn found(shelf: &Shelf, number: u32) -> Option<u16> {
    shelf.page(name(number), NUMBERS).map(|page| page.numbers().unwrap()[0])
}

#[test]
fn what_was_kept_is_there_for_the_next_one() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("prefixes");
    let shelf = Shelf::open(&place, 1 << 20, Age::default()).unwrap();
    keep(&shelf, 1, 7);
    assert!(shelf.keep(vec![(name(1), Piece::State(Arc::new(State::new(32, vec![0.25; 5]))))], 0));
    drop(shelf);
    let shelf = Shelf::open(&place, 1 << 20, Age::default()).unwrap();
    assert_eq!((found(&shelf, 1), found(&shelf, 2)), (Some(7), None));
    assert!(shelf.has_state(name(1)) && !shelf.has_state(name(2)));
    let state = shelf.state(name(1), 5, 32).unwrap();
    assert_eq!((state.length(), state.values()), (32, Some(&[0.25; 5][..])));
    assert!(shelf.page(name(1), NUMBERS + 1).is_none(), "a page of another layout is none");
}

#[cfg(unix)]
#[test]
fn nobody_else_can_read_it() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("prefixes");
    let shelf = Shelf::open(&place, 1 << 20, Age::default()).unwrap();
    keep(&shelf, 1, 7);
    drop(shelf);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&place), mode(&names(&place)[0])), (0o700, 0o600));
}

#[test]
fn what_is_damaged_goes_and_what_was_half_written_too() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 20, Age::default()).unwrap();
    (1..=3).for_each(|number| keep(&shelf, number, 7));
    drop(shelf);
    fs::write(folder.path().join("x.part"), "half").unwrap();
    let damaged = |number| folder.path().join(name(number).file(What::Page));
    let mut content = fs::read(damaged(1)).unwrap();
    content[100] ^= 1;
    fs::write(damaged(1), content).unwrap();
    File::options().write(true).open(damaged(2)).unwrap().set_len(10).unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 20, Age::default()).unwrap();
    assert_eq!([1, 2, 3].map(|number| found(&shelf, number)), [None, None, Some(7)]);
    assert_eq!(names(folder.path()), [damaged(3)]);
    assert_eq!(*shelf.files.lock(), FILE);
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let limit = 10 * FILE;
    let place = |number: u32| folder.path().join(name(number).file(What::Page));
    let shelf = Shelf::open(folder.path(), limit, Age::default()).unwrap();
    (1..=10).for_each(|number| keep(&shelf, number, 7));
    drop(shelf);
    for number in 1..=10 {
        let when = SystemTime::now() - Duration::from_secs(1000 - u64::from(number));
        File::options().write(true).open(place(number)).unwrap().set_modified(when).unwrap();
    }
    let shelf = Shelf::open(folder.path(), limit, Age::default()).unwrap();
    assert_eq!(found(&shelf, 1), Some(7), "it is used");
    keep(&shelf, 11, 8);
    drop(shelf);
    assert!(place(1).exists() && place(11).exists() && !place(2).exists());
    let bytes: u64 = names(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= limit, "{bytes} bytes of {limit}");
    let small = Shelf::open(&folder.path().join("small"), FILE - 1, Age::default()).unwrap();
    keep(&small, 1, 7);
    drop(small);
    assert!(names(&folder.path().join("small")).is_empty(), "more than fits is not kept");
}

#[test]
fn what_is_forgotten_is_gone_and_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let age = Age::default();
    let shelf = Shelf::open(folder.path(), 1 << 20, age.clone()).unwrap();
    keep(&shelf, 1, 7);
    // The writer has to wait, so that this page is there when everything is forgotten, but not on the disk.
    let held = shelf.files.lock();
    keep(&shelf, 2, 7);
    age.advance();
    drop(held);
    shelf.forget().unwrap();
    assert_eq!(age.now(), 2);
    // Of a text that was begun before.
    keep(&shelf, 3, 7);
    assert!(shelf.keep(vec![(name(4), Piece::Page(page(9)))], age.now()));
    drop(shelf);
    let shelf = Shelf::open(folder.path(), 1 << 20, Age::default()).unwrap();
    assert_eq!([1, 2, 3, 4].map(|number| found(&shelf, number)), [None, None, None, Some(9)]);
}

#[test]
fn of_a_long_text_every_page_is_written_and_its_state() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 24, Age::default()).unwrap();
    let pages = (0..600).map(|number| (name(number), Piece::Page(page(7))));
    let state = (name(599), Piece::State(Arc::new(State::new(600 * 32, vec![0.25; 5]))));
    assert!(shelf.keep(pages.chain([state]).collect(), 0));
    drop(shelf);
    let shelf = Shelf::open(folder.path(), 1 << 24, Age::default()).unwrap();
    let missing: Vec<u32> = (0..600).filter(|number| found(&shelf, *number).is_none()).collect();
    assert!(missing.is_empty() && shelf.has_state(name(599)), "without {missing:?} what follows is of no use");
}

#[test]
fn of_a_text_that_is_too_long_the_beginning_is_written_if_that_is_of_use() {
    let pages = || (0..20).map(|number| (name(number), Piece::Page(page(7))));
    let state = || (name(19), Piece::State(Arc::new(State::new(20 * 32, vec![0.25; 5]))));
    for (pieces, kept) in [(pages().collect::<Vec<_>>(), 9), (pages().chain([state()]).collect(), 0)] {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::open(folder.path(), 10 * FILE, Age::default()).unwrap();
        keep(&shelf, 100, 7);
        assert!(shelf.keep(pieces, 0));
        drop(shelf);
        let shelf = Shelf::open(folder.path(), 10 * FILE, Age::default()).unwrap();
        let there: Vec<u32> = (0..20).filter(|number| found(&shelf, *number).is_some()).collect();
        assert_eq!(there, (0..kept).collect::<Vec<_>>());
        assert_eq!(found(&shelf, 100), Some(7), "there is room beside it");
    }
}

#[test]
fn where_the_disk_is_slow_whole_texts_wait_for_another_time() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 40, Age::default()).unwrap();
    // Of another age, so that nothing is written of it; but it counts while it waits.
    let large = Arc::new(Page::Memory(vec![0; WAITING_BYTES / 8]));
    let text = || vec![(name(1), Piece::Page(Arc::clone(&large))), (name(2), Piece::Page(page(7)))];
    let held = shelf.files.lock();
    let taken = (0..10).take_while(|_| shelf.keep(text(), 7)).count();
    assert!((3..=4).contains(&taken), "{taken} texts wait");
    drop(held);
    while shelf.files.waiting.load(Ordering::Acquire) > 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    assert!(shelf.keep(text(), 7), "and then there is room again");
}

#[test]
fn another_model_has_other_names() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("model.gguf");
    fs::write(&file, "weights").unwrap();
    let root = || PageName::root(folder.path()).unwrap();
    let first = root();
    assert_eq!(root(), first);
    fs::write(&file, "weightier").unwrap();
    let second = root();
    assert_ne!(first, second);
    File::options().write(true).open(&file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    assert_ne!(root(), second);
    let name = first.followed_by(&[1, 2]);
    assert_ne!(name, first.followed_by(&[2, 1]));
    assert_ne!(name.followed_by(&[3]), first.followed_by(&[1, 2, 3]), "pages before it count as pages");
    assert!(PageName::root(&file).is_err());
}
