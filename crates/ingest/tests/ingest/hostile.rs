use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use ambit_domain::port::{Candidate, ReadOutcome, Source, TokenCounter};
use ambit_domain::{Cancellation, Timestamp};
use ambit_ingest::{FileSource, FileSourceOptions};
use insta::assert_snapshot;

use crate::fixture::{Items, Words, is_root, outcomes, read, refusal, scan, source, write, zipped};

#[test]
fn a_zip_bomb_named_docx_is_refused() {
    let zeros = "0".repeat(64 << 20);
    let begun = Instant::now();
    assert_snapshot!(refusal("bomb.docx", &zipped(&[("word/document.xml", &zeros)])), @r"failed: unpacks to far more than a document holds (word/document.xml packs better than 1:200), as a zip bomb does");
    assert_snapshot!(refusal("bomb.xlsx", &zipped(&[("xl/workbook.xml", "<a/>"), ("xl/big.xml", &zeros)])), @r"failed: unpacks to far more than a document holds (xl/big.xml packs better than 1:200), as a zip bomb does");
    let names: Vec<String> = (0..20_001).map(|number| format!("{number}")).collect();
    let parts: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "")).collect();
    assert_snapshot!(refusal("many.epub", &zipped(&parts)), @r"failed: unpacks to far more than a document holds (20001 parts), as a zip bomb does");
    assert!(begun.elapsed() < Duration::from_secs(20), "took {:?}", begun.elapsed());
}

#[test]
fn binary_junk_named_like_text_is_no_text() {
    let junk: Vec<u8> = (0..4096_u32).map(|number| (number.wrapping_mul(2_654_435_761) >> 13) as u8).collect();
    assert_snapshot!(refusal("junk.md", &junk), @r"failed: is not text");
    assert_snapshot!(refusal("junk.html", &junk), @r"failed: is not text");
    assert_snapshot!(refusal("junk.rs", &junk), @r"failed: is not text");
    assert_snapshot!(refusal("junk", &junk), @r"skipped: is not a format that can be read");
    assert_snapshot!(refusal("photo.jpg", &junk), @r"skipped: is not a format that can be read");
    assert_snapshot!(refusal("junk.docx", &junk), @r"failed: is damaged: it is no complete archive: invalid Zip archive: Could not find EOCD");
    assert_snapshot!(refusal("junk.pdf", &junk), @r"failed: is damaged: it does not begin like a PDF");
    assert_snapshot!(refusal("zeros.txt", &[0; 100]), @r"failed: is not text");
}

#[test]
fn private_keys_are_refused_whatever_they_are_called() {
    assert_snapshot!(refusal("notes.txt", b"-----BEGIN OPENSSH PRIVATE KEY-----\nb3Blbn\n"), @r"skipped: looks like a private key");
    assert_snapshot!(refusal("notes.md", b"\n  -----BEGIN RSA PRIVATE KEY-----\n"), @r"skipped: looks like a private key");
    assert_snapshot!(refusal("a", b"PuTTY-User-Key-File-3: ssh-ed25519\n"), @r"skipped: looks like a private key");
    assert_snapshot!(refusal("robot.json", b"{\n  \"type\": \"service_account\",\n  \"private_key\": \"-----BEGIN PRIVATE KEY-----\\nMIIE\"}"), @r"skipped: looks like a private key");
    assert_eq!(read("ca.txt", b"-----BEGIN CERTIFICATE-----\nMIIB\n").chunks.len(), 1);
}

#[test]
fn deep_nesting_is_read() {
    let depth = 100_000;
    let text = |name: &str, text: String| {
        read(name, text.as_bytes()).chunks.iter().map(|chunk| chunk.text.clone()).collect::<String>()
    };
    for element in ["div", "span", "b", "ul><li", "main", "section hidden=x", "table><tr><td", "a href=x", "h1", "pre"]
    {
        let html = format!("<p>before</p>{}deep{}", format!("<{element}>").repeat(depth), "</div>".repeat(depth));
        assert!(!text("deep.html", html).is_empty(), "{element}");
    }
    assert!(text("quotes.md", format!("{}deep", "> ".repeat(depth))).contains("deep"));
    assert!(!text("lists.md", format!("{}deep", "- ".repeat(depth / 10))).is_empty());
    assert!(!text("brackets.md", format!("{}deep", "[".repeat(depth))).is_empty());
    assert!(!text("deep.rs", format!("fn a() {{ {}1{} }}", "(\n".repeat(depth), ")\n".repeat(depth))).is_empty());
    assert!(!text("deep.json", "[".repeat(depth)).is_empty());
    assert!(
        refusal("deep.ipynb", format!("{{\"cells\":{}", "[".repeat(depth)).as_bytes())
            .starts_with("failed: is damaged")
    );
    let xml = format!("<w:document>{}<w:p><w:r><w:t>deep</w:t></w:r></w:p>", "<w:tbl>".repeat(depth));
    assert!(read("deep.docx", &zipped(&[("word/document.xml", &xml)])).chunks.is_empty());
}

#[test]
fn what_never_ends_is_read_to_the_end_of_the_file() {
    let text = |name: &str, source: &str| {
        read(name, source.as_bytes()).chunks.iter().map(|chunk| chunk.text.clone()).collect::<Vec<_>>().join("|")
    };
    assert_snapshot!(text("a.html", "<p>text <b>bold"), @r"text bold");
    assert_snapshot!(text("a.html", "<p>text <!-- comment"), @r"text");
    assert_snapshot!(text("a.html", "<p>text <a href=\"x"), @r"text");
    assert_snapshot!(text("a.html", "<p>text<script>var x"), @r"text");
    assert_snapshot!(text("a.html", "<h1>only a heading"), @r"only a heading");
    assert_snapshot!(text("a.html", "<title>only a title"), @"");
    assert_snapshot!(text("a.html", "<main><pre>code\n  more"), @r"
code
  more
");
    assert_snapshot!(text("a.md", "```rust\nfn never("), @r"fn never(");
    assert_snapshot!(text("a.md", "---\ntitle: never"), @r"title: never");
    assert_snapshot!(text("a.md", "[link](never <b"), @r"[link](never <b");
    assert_snapshot!(text("a.rs", "fn never( { \"string"), @r#"fn never( { "string"#);
    assert_snapshot!(text("a.py", "def f():\n    '''never"), @r"
def f():
    '''never
");
}

#[test]
fn text_without_spaces_is_cut_all_the_same() {
    for (name, text) in
        [("a.txt", "x".repeat(100_000)), ("b.json", "[1,".repeat(50_000)), ("c.md", "所有権".repeat(20_000))]
    {
        let extraction = read(name, text.as_bytes());
        assert!(extraction.chunks.len() > 10, "{name}");
        assert!(extraction.chunks.iter().all(|chunk| chunk.tokens <= 254), "{name}");
        assert_eq!(
            extraction.chunks.iter().map(|chunk| chunk.text.len()).sum::<usize>(),
            text.len(),
            "{name} lost text"
        );
    }
}

#[test]
fn generated_code_is_left_out() {
    let minified = format!("var a={};", "function(){return 1},".repeat(2_000));
    assert_snapshot!(refusal("app.js", minified.as_bytes()), @r"skipped: looks generated: its lines are 42007 bytes long on average");
}

#[test]
fn a_file_of_two_gigabytes_is_never_read() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["huge.txt", "huge.pdf", "huge"] {
        File::create(folder.path().join(name)).unwrap().set_len(2 << 30).unwrap();
    }
    let begun = Instant::now();
    assert_snapshot!(scan(folder.path()), @r"
huge (skipped: is 2048 MB large; files of this format are read up to 64 MB)
huge.pdf (skipped: is 2048 MB large; files of this format are read up to 256 MB)
huge.txt (skipped: is 2048 MB large; files of this format are read up to 64 MB)
");
    let paths: Vec<PathBuf> = ["huge.txt", "huge.pdf", "huge"].iter().map(|name| folder.path().join(name)).collect();
    assert_snapshot!(outcomes(&source(), &paths), @r"
huge.pdf: skipped, is 2048 MB large; files of this format are read up to 256 MB
huge.txt: skipped, is 2048 MB large; files of this format are read up to 64 MB
huge: skipped, is 2048 MB large; files of this format are read up to 64 MB
");
    assert!(begun.elapsed() < Duration::from_secs(2), "took {:?}", begun.elapsed());
}

#[test]
fn links_are_not_followed_and_loops_end() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), &[("secret.md", "# Outside")]);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a/b/note.md", "# Note")]);
    std::os::unix::fs::symlink(folder.path(), folder.path().join("a/b/up")).unwrap();
    std::os::unix::fs::symlink(outside.path(), folder.path().join("out")).unwrap();
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("linked.md")).unwrap();
    std::os::unix::fs::symlink("itself", folder.path().join("itself")).unwrap();
    assert_snapshot!(scan(folder.path()), @r"a/b/note.md");
    let paths = [folder.path().join("linked.md"), folder.path().join("itself")];
    assert_snapshot!(outcomes(&source(), &paths), @r"
itself: gone
linked.md: gone
");
}

#[test]
fn what_may_not_be_read_is_told() {
    use std::os::unix::fs::PermissionsExt;
    if is_root() {
        // Nothing is forbidden to root: a file that cannot be read for another reason stands in.
        assert_snapshot!(outcomes(&source(), &[PathBuf::from("/proc/self/mem")]), @r"mem: failed, cannot be read: Input/output error (os error 5)");
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("closed/note.md", "# Note"), ("closed.md", "# Note"), ("open.md", "# Note")]);
    let forbid = |name: &str, mode: u32| {
        std::fs::set_permissions(folder.path().join(name), std::fs::Permissions::from_mode(mode)).unwrap();
    };
    forbid("closed", 0);
    forbid("closed.md", 0);
    let found = scan(folder.path());
    forbid("closed", 0o700);
    assert!(found.contains("closed (failed: permission denied"), "{found}");
    let outcome = outcomes(&source(), &[folder.path().join("closed.md")]);
    assert!(outcome.contains("failed, permission denied"), "{outcome}");
}

#[test]
fn names_that_are_no_unicode_are_told_and_break_nothing() {
    use std::os::unix::ffi::OsStrExt;
    let folder = tempfile::tempdir().unwrap();
    let name = std::ffi::OsStr::from_bytes(b"bad\xffname.txt");
    std::fs::write(folder.path().join(name), "text").unwrap();
    write(folder.path(), &[("good.txt", "text")]);
    assert_snapshot!(scan(folder.path()), @r"
bad�name.txt (skipped: its name is not valid Unicode; it can be read once it is renamed)
good.txt
");
}

#[test]
fn pipes_and_devices_are_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let pipe = folder.path().join("pipe.txt");
    rustix::fs::mknodat(rustix::fs::CWD, &pipe, rustix::fs::FileType::Fifo, rustix::fs::Mode::RWXU, 0).unwrap();
    assert_snapshot!(scan(folder.path()), @"");
    assert_snapshot!(outcomes(&source(), &[pipe, PathBuf::from("/dev/zero"), folder.path().join("never.txt")]), @r"
never.txt: gone
pipe.txt: gone
zero: gone
");
}

/// A counter that breaks on one word: stands for any reader that does.
struct Breaks;

impl TokenCounter for Breaks {
    fn max_tokens(&self) -> usize {
        100
    }

    fn count(&self, text: &str) -> usize {
        assert!(!text.contains("poison"), "cannot count poison");
        Words(100).count(text)
    }
}

#[test]
fn a_poisoned_file_never_stops_the_rest() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.md", "fine"), ("b.md", "poison"), ("c.md", "fine too")]);
    let candidates = ["a.md", "b.md", "c.md", "gone.md"]
        .iter()
        .map(|name| Candidate { path: folder.path().join(name), size: 1, modified: Timestamp(0) })
        .collect();
    let stream = source().read(candidates, Arc::new(|_: &Path| None), Arc::new(Breaks), Cancellation::new());
    let mut seen: Vec<String> = crate::fixture::drain(stream)
        .into_iter()
        .map(|reading| {
            let name = reading.candidate.path.file_name().unwrap().to_str().unwrap().to_owned();
            match reading.outcome {
                ReadOutcome::Read(_) => format!("{name} read"),
                ReadOutcome::Rejected { reason, .. } => format!("{name} {reason}"),
                other => format!("{name} {other:?}"),
            }
        })
        .collect();
    seen.sort();
    assert_snapshot!(seen.join("\n"), @r"
a.md read
b.md the reader gave up on this file: cannot count poison
c.md read
gone.md Gone
");
}

#[test]
fn time_for_one_file_is_limited() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("long.md", &"# Heading\n\nSome text here.\n\n".repeat(50_000))]);
    let mut options = FileSourceOptions::default();
    options.time_limit = Duration::from_millis(1);
    assert_snapshot!(outcomes(&FileSource::new(options), &[folder.path().join("long.md")]), @r"long.md: failed, took longer than 0 seconds to read");
}

#[test]
fn too_much_text_is_cut_off_with_a_warning() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("long.md", &"Some text here. ".repeat(200_000))]);
    let mut options = FileSourceOptions::default();
    options.max_text = 1 << 20;
    let candidate = Candidate { path: folder.path().join("long.md"), size: 1, modified: Timestamp(0) };
    let readings = crate::fixture::read_all(&FileSource::new(options), vec![candidate]);
    let ReadOutcome::Read(extraction) = &readings[0].outcome else { panic!("{readings:?}") };
    assert_eq!(extraction.warnings, ["only the first 1 MB of text were read"]);
}

#[test]
fn threads_end_when_nobody_listens() {
    let threads = || {
        std::fs::read_dir("/proc/self/task")
            .unwrap()
            .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok())
            .filter(|name| name.starts_with("ambit-"))
            .count()
    };
    let folder = tempfile::tempdir().unwrap();
    for number in 0..2_000 {
        write(folder.path(), &[(&format!("{number}.md"), "# Note")]);
    }
    let source = source();
    let all = crate::fixture::candidates(&source, folder.path());
    // One dropped while it is full, one cancelled while nobody reads it.
    drop(source.scan(folder.path().to_owned(), Cancellation::new()));
    let cancellation = Cancellation::new();
    let mut scanned = Items(source.scan(folder.path().to_owned(), cancellation.clone()));
    let mut reading = Items(source.read(all, Arc::new(|_: &Path| None), Arc::new(Words(254)), cancellation.clone()));
    let mut watched = Items(source.watch(folder.path().to_owned(), cancellation.clone()));
    assert!(scanned.next_within(Duration::from_secs(5)).is_some());
    assert!(reading.next_within(Duration::from_secs(5)).is_some());
    assert!(watched.next_within(Duration::from_secs(5)).is_some());
    std::thread::sleep(Duration::from_millis(200));
    assert!(threads() >= 3, "the threads were not waiting");
    cancellation.cancel();
    let begun = Instant::now();
    while threads() > 0 {
        assert!(begun.elapsed() < Duration::from_secs(5), "{} threads are left", threads());
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// A PDF of these objects, the first of which is the catalogue; without a cross-reference table that anyone needs.
fn pdf_of(objects: &[&str]) -> Vec<u8> {
    let mut bytes = b"%PDF-1.4\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (index, object) in objects.iter().enumerate() {
        table.push_str(&format!("{:010} 00000 n \n", bytes.len()));
        bytes.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).into_bytes());
    }
    let start = bytes.len();
    bytes.extend(table.into_bytes());
    bytes.extend(
        format!("trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n", objects.len() + 1).into_bytes(),
    );
    bytes
}

#[test]
fn a_pdf_that_contains_itself_is_refused() {
    let show = "<< /Length 5 >>\nstream\n/X Do\nendstream";
    let page =
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << /XObject << /X 5 0 R >> >> >>";
    let pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
    let catalog = "<< /Type /Catalog /Pages 2 0 R >>";
    let itself = "<< /Type /XObject /Subtype /Form /Length 5 /Resources << /XObject << /X 5 0 R >> >> >>\nstream\n/X Do\nendstream";
    assert_snapshot!(refusal("form.pdf", &pdf_of(&[catalog, pages, page, show, itself])), @r"failed: is damaged: its drawings contain themselves");
    let by_name = "<< /Type /XObject /Subtype /Form /Length 6 >>\nstream\n /X Do\nendstream";
    assert_snapshot!(refusal("name.pdf", &pdf_of(&[catalog, pages, page, show, by_name])), @r"failed: is damaged: its drawings contain themselves");
    let endless = "<< /Type /Pages /Kids [3 0 R] /Count 1 /Parent 2 0 R >>";
    let no_box = "<< /Type /Page /Parent 2 0 R /Contents 4 0 R >>";
    assert_snapshot!(refusal("parent.pdf", &pdf_of(&[catalog, endless, no_box, show])), @r"failed: is damaged: its pages contain themselves");
}

#[test]
fn a_pdf_with_a_bomb_in_it_is_refused() {
    use std::io::Write as _;
    let packed = |bytes: &[u8]| {
        let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    };
    let once = packed(&vec![0; 300 << 20]);
    for (filter, stream) in [("/FlateDecode", once.clone()), ("[/FlateDecode /FlateDecode]", packed(&once))] {
        let mut bytes = format!(
            "%PDF-1.4\n1 0 obj\n<< /Type /ObjStm /N 1 /First 4 /Filter {filter} /Length {} >>\nstream\n",
            stream.len()
        )
        .into_bytes();
        bytes.extend(&stream);
        bytes.extend(b"\nendstream\nendobj\n%%EOF\n");
        assert_eq!(
            refusal("bomb.pdf", &bytes),
            "failed: unpacks to far more than a document holds (a stream is over 256 MB), as a zip bomb does"
        );
    }
}

#[test]
fn a_pdf_with_deep_arrays_is_read_or_refused() {
    let deep = "[".repeat(100_000);
    let bytes = crate::fixture::pdf(&["BT /F1 12 Tf 72 720 Td (Text) Tj ET"], &deep);
    assert!(
        ambit_ingest::read_bytes(Path::new("deep.pdf"), &bytes, &Words(254)).is_ok_and(|read| read.chunks.len() == 1)
    );
}
