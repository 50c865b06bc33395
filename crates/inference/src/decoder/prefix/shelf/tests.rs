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
    let shelf = Shelf::open(&place, 1 << 20).unwrap();
    shelf.keep_page(name(1), &page(7));
    shelf.keep_state(name(1), &Arc::new(State::new(32, vec![0.25; 5])));
    drop(shelf);
    let shelf = Shelf::open(&place, 1 << 20).unwrap();
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
    let shelf = Shelf::open(&place, 1 << 20).unwrap();
    shelf.keep_page(name(1), &page(7));
    drop(shelf);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&place), mode(&names(&place)[0])), (0o700, 0o600));
}

#[test]
fn what_is_damaged_goes_and_what_was_half_written_too() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 20).unwrap();
    (1..=3).for_each(|number| shelf.keep_page(name(number), &page(7)));
    drop(shelf);
    fs::write(folder.path().join("x.part"), "half").unwrap();
    let damaged = |number| folder.path().join(name(number).file(What::Page));
    let mut content = fs::read(damaged(1)).unwrap();
    content[100] ^= 1;
    fs::write(damaged(1), content).unwrap();
    File::options().write(true).open(damaged(2)).unwrap().set_len(10).unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 20).unwrap();
    assert_eq!([1, 2, 3].map(|number| found(&shelf, number)), [None, None, Some(7)]);
    assert_eq!(names(folder.path()), [damaged(3)]);
    assert_eq!(*shelf.files.lock(), FILE);
}

#[test]
fn what_was_not_used_for_the_longest_time_makes_room() {
    let folder = tempfile::tempdir().unwrap();
    let limit = 10 * FILE;
    let place = |number: u32| folder.path().join(name(number).file(What::Page));
    let shelf = Shelf::open(folder.path(), limit).unwrap();
    (1..=10).for_each(|number| shelf.keep_page(name(number), &page(7)));
    drop(shelf);
    for number in 1..=10 {
        let when = SystemTime::now() - Duration::from_secs(1000 - u64::from(number));
        File::options().write(true).open(place(number)).unwrap().set_modified(when).unwrap();
    }
    let shelf = Shelf::open(folder.path(), limit).unwrap();
    assert_eq!(found(&shelf, 1), Some(7), "it is used");
    shelf.keep_page(name(11), &page(8));
    drop(shelf);
    assert!(place(1).exists() && place(11).exists() && !place(2).exists());
    let bytes: u64 = names(folder.path()).iter().map(|path| fs::metadata(path).unwrap().len()).sum();
    assert!(bytes <= limit, "{bytes} bytes of {limit}");
    let small = Shelf::open(&folder.path().join("small"), FILE - 1).unwrap();
    small.keep_page(name(1), &page(7));
    drop(small);
    assert!(names(&folder.path().join("small")).is_empty(), "more than fits is not kept");
}

#[test]
fn what_is_forgotten_is_gone_and_does_not_come_back() {
    let folder = tempfile::tempdir().unwrap();
    let shelf = Shelf::open(folder.path(), 1 << 20).unwrap();
    let before = Writing { name: name(2), content: Content::Page(page(7)), age: shelf.age() };
    shelf.keep_page(name(1), &page(7));
    shelf.forget().unwrap();
    assert_eq!(shelf.age(), 1);
    // As if it had waited.
    shelf.files.write(&before).unwrap();
    shelf.keep_page(name(3), &page(9));
    drop(shelf);
    let shelf = Shelf::open(folder.path(), 1 << 20).unwrap();
    assert_eq!([1, 2, 3].map(|number| found(&shelf, number)), [None, None, Some(9)]);
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
