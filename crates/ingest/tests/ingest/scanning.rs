use std::path::Path;
use std::sync::Arc;

use ambit_domain::port::{ReadOutcome, Source};
use ambit_domain::{Cancellation, ErrorCode};
use ambit_ingest::{FileSource, FileSourceOptions};
use insta::assert_snapshot;

use crate::fixture::{Words, candidates, drain, read_all, scan, scan_with, source, write};

#[test]
fn ignore_files_hold_outside_of_repositories_too() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            (".gitignore", "*.log\n/private/\n!keep.log\n"),
            (".ambitignore", "drafts/\n"),
            (".git/info/exclude", "local.md\n"),
            (".git/config", "[core]\n"),
            ("a.log", "x"),
            ("keep.log", "x"),
            ("private/a.md", "x"),
            ("sub/private/a.md", "x"),
            ("sub/.gitignore", "b.md\n"),
            ("sub/b.md", "x"),
            ("sub/c.md", "x"),
            ("drafts/a.md", "x"),
            ("local.md", "x"),
            ("b.md", "x"),
        ],
    );
    assert_snapshot!(scan(folder.path()), @r"
b.md
keep.log
sub/c.md
sub/private/a.md
");
}

#[test]
fn secrets_are_left_out_and_told() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            (".ssh/id_rsa", "x"),
            (".ssh/config", "x"),
            (".gnupg/x.txt", "x"),
            (".env", "x"),
            (".env.local", "x"),
            ("app/prod.env", "x"),
            ("server.pem", "x"),
            ("server.key", "x"),
            ("cert.p12", "x"),
            ("cert.pfx", "x"),
            ("id_rsa_work", "x"),
            ("id_ed25519.pub", "x"),
            ("vault.kdbx", "x"),
            (".netrc", "x"),
            (".aws/credentials", "x"),
            (".kube/config", "x"),
            (".config/google-chrome/Default/x.txt", "x"),
            (".mozilla/firefox/x.txt", "x"),
            ("backup/profile/logins.json", "x"),
            ("backup/profile/prefs.txt", "x"),
            ("Library/Keychains/login.txt", "x"),
            (".password-store/mail.txt", "x"),
            ("etc/shadow", "x"),
            ("env.md", "x"),
            ("keys.md", "x"),
        ],
    );
    assert_snapshot!(scan(folder.path()), @r"
.aws (skipped: looks like stored credentials)
.env (skipped: looks like stored credentials)
.env.local (skipped: looks like stored credentials)
.gnupg (skipped: looks like a private key)
.kube (skipped: looks like stored credentials)
.mozilla (skipped: looks like a browser profile)
.netrc (skipped: looks like stored credentials)
.password-store (skipped: looks like a password store)
.ssh (skipped: looks like a private key)
Library/Keychains (skipped: looks like a password store)
app/prod.env (skipped: looks like stored credentials)
backup/profile (skipped: looks like a browser profile)
cert.p12 (skipped: looks like a private key)
cert.pfx (skipped: looks like a private key)
env.md
etc/shadow (skipped: looks like a password store)
id_ed25519.pub
id_rsa_work (skipped: looks like a private key)
keys.md
server.key (skipped: looks like a private key)
server.pem (skipped: looks like a private key)
vault.kdbx (skipped: looks like a password store)
");
}

#[test]
fn documents_that_are_not_read_are_told() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("letter.odt", "x"), ("old.doc", "x"), ("sums.numbers", "x"), ("picture.png", "x")]);
    assert_snapshot!(scan(folder.path()), @r"
letter.odt (skipped: is in a format that is not read; save it as PDF, DOCX, PPTX, XLSX or EPUB)
old.doc (skipped: is in a format that is not read; save it as PDF, DOCX, PPTX, XLSX or EPUB)
sums.numbers (skipped: is in a format that is not read; save it as PDF, DOCX, PPTX, XLSX or EPUB)
");
}

#[test]
fn what_tools_and_editors_leave_is_ignored() {
    let folder = tempfile::tempdir().unwrap();
    write(
        folder.path(),
        &[
            ("node_modules/a/index.js", "x"),
            ("Cargo.toml", "[package]"),
            ("target/debug/a.txt", "x"),
            ("cache/CACHEDIR.TAG", "Signature: 8a477f597d28d172789f06886806bc55"),
            ("cache/a.txt", "x"),
            ("env/pyvenv.cfg", "x"),
            ("env/lib/a.py", "x"),
            ("pkg/__pycache__/a.txt", "x"),
            ("web/package.json", "{}"),
            ("web/dist/a.js", "x"),
            ("plain/dist/a.md", "x"),
            ("plain/target/a.md", "x"),
            (".hidden/a.md", "x"),
            (".hidden.md", "x"),
            (".github/workflows/ci.yml", "x"),
            ("a.md~", "x"),
            ("#a.md#", "x"),
            ("a.png", "x"),
            ("a.zip", "x"),
            ("Cargo.lock", "x"),
        ],
    );
    assert_snapshot!(scan(folder.path()), @r"
.github/workflows/ci.yml
Cargo.toml
plain/dist/a.md
plain/target/a.md
web/package.json
");
}

#[test]
fn own_patterns_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.md", "x"), ("b.txt", "x"), ("sub/c.txt", "x"), ("skip/d.md", "x")]);
    let mut options = FileSourceOptions::default();
    options.exclude = vec!["*.txt".to_owned(), "/skip/".to_owned()];
    assert_snapshot!(scan_with(&FileSource::new(options), folder.path()), @r"a.md");
}

#[test]
fn a_root_that_is_not_there_is_an_error() {
    let found = drain(source().scan("/nowhere/at/all".into(), Cancellation::new()));
    assert_eq!(found.len(), 1);
    let error = found.into_iter().next().unwrap().unwrap_err();
    assert_eq!(error.code(), ErrorCode::NotFound);
    assert!(error.hint().unwrap().contains("/nowhere/at/all"));
}

#[test]
fn an_empty_folder_is_fine() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(scan(folder.path()), "");
    assert!(read_all(&source(), Vec::new()).is_empty());
}

#[test]
fn unchanged_files_are_not_parsed_again() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("a.md", "# A"), ("b.md", "# B")]);
    let source = source();
    let first = read_all(&source, candidates(&source, folder.path()));
    let hashes: std::collections::HashMap<_, _> =
        first.into_iter().map(|reading| (reading.candidate.path, reading.hash.unwrap())).collect();
    assert_eq!(hashes[&folder.path().join("a.md")], blake3::hash(b"# A").to_hex().as_str());
    write(folder.path(), &[("b.md", "# Changed")]);
    let known = Arc::new(move |path: &Path| hashes.get(path).cloned());
    let all = candidates(&source, folder.path());
    for reading in drain(source.read(all, known, Arc::new(Words(254)), Cancellation::new())) {
        let unchanged = matches!(reading.outcome, ReadOutcome::Unchanged);
        assert_eq!(unchanged, reading.candidate.path.ends_with("a.md"), "{reading:?}");
    }
}
