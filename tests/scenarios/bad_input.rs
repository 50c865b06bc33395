use std::io::Write;
use std::time::Duration;

use ambit_tests::{Ambit, eventually, shown};

#[test]
fn a_poisoned_file_is_named_with_its_reason_and_stops_nothing() {
    let ambit = Ambit::new();
    ambit.write("good.md", "# Good\n\nThe albatross circles.\n");
    ambit.write("junk.md", (0..4096_u32).map(|number| (number * 7 % 256) as u8).collect::<Vec<u8>>());
    ambit.write("latin.txt", b"caf\xe9 au lait and a cr\xe8me br\xfbl\xe9e\n");
    ambit.write("cut.pdf", b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 o");
    ambit.write("bomb.docx", bomb());
    ambit.write("empty.md", "");
    let huge = std::fs::File::create(ambit.files().join("huge.txt")).unwrap();
    huge.set_len(2 << 30).unwrap();
    std::os::unix::fs::symlink(ambit.files(), ambit.files().join("loop")).unwrap();
    ambit.index();

    assert!(ambit.search("albatross")[0].ends_with("good.md"));
    assert!(ambit.search("brûlée")[0].ends_with("latin.txt"), "other encodings are read");
    let status = ambit.json(&["index", "status"]);
    let reason = |name: &str| {
        let files = status["files"].as_array().unwrap();
        let file = files.iter().find(|file| file["path"].as_str().unwrap().ends_with(name));
        let file = file.unwrap_or_else(|| panic!("{name} is not told: {status}"));
        file["reason"].as_str().unwrap_or_default().to_owned()
    };
    for name in ["junk.md", "cut.pdf", "bomb.docx", "huge.txt"] {
        assert!(!reason(name).is_empty(), "{name} has no reason");
    }
    let paths: Vec<&str> =
        status["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.iter().all(|path| !path.contains("/loop/")), "{paths:?}");
}

/// A document whose text unpacks to a gigabyte.
fn bomb() -> Vec<u8> {
    let mut archive = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    let options = zip::write::SimpleFileOptions::default().compression_method(zip::CompressionMethod::Deflated);
    archive.start_file("word/document.xml", options).unwrap();
    let block = vec![b' '; 1 << 20];
    for _ in 0..1024 {
        archive.write_all(&block).unwrap();
    }
    archive.finish().unwrap().into_inner()
}

#[test]
fn an_empty_folder_is_no_failure() {
    let ambit = Ambit::new();
    ambit.index();
    let asked = ambit.run(&["ask", "anything?"]);
    assert_eq!(asked.status.code(), Some(3), "{}", shown(&asked));
    let chat = ambit.run(&["chat", "--in", ambit.files().to_str().unwrap()]);
    assert_eq!(chat.status.code(), Some(3), "{}", shown(&chat));
}

#[test]
fn a_folder_that_vanishes_is_kept_and_comes_back() {
    let ambit = Ambit::new();
    ambit.write("kept.md", "The cormorant dives.\n");
    ambit.index();
    let (here, away) = (ambit.files(), ambit.files().with_file_name("away"));
    std::fs::rename(&here, &away).unwrap();
    eventually("the root is told as missing", Duration::from_secs(20), || {
        ambit.json(&["status"])["roots"][0]["state"] == "missing"
    });
    assert!(!ambit.search("cormorant").is_empty(), "what was read is kept while the folder is away");
    std::fs::write(away.join("new.md"), "The gannet plunges.\n").unwrap();
    std::fs::rename(&away, &here).unwrap();
    eventually("what is new is found after its return", Duration::from_secs(30), || !ambit.search("gannet").is_empty());
}

#[test]
fn questions_of_any_kind_get_an_answer_or_a_clear_refusal() {
    let ambit = Ambit::new();
    ambit.write("a.md", "Plain words.\n");
    ambit.index();
    let long = "why ".repeat(3000);
    let refused = ambit.run(&["search", &long]);
    assert_eq!(refused.status.code(), Some(1), "{}", shown(&refused));
    for odd in ["\"", "NEAR(a b)", "*", "a AND", "🦀🦀🦀", "'; DROP TABLE documents;--", "\u{202e}txt", "AND OR NOT"]
    {
        let output = ambit.run(&["search", "--", odd]);
        assert!(matches!(output.status.code(), Some(0 | 3)), "`{odd}`: {}", shown(&output));
    }
}

#[test]
fn what_may_not_be_read_is_told_and_stops_nothing() {
    let mut ambit = Ambit::new();
    // Root may read everything; without these two capabilities it is like anybody else.
    ambit.through(&["setpriv", "--bounding-set", "-dac_override,-dac_read_search", "--inh-caps", "-all"]);
    ambit.write("open.md", "The puffin burrows.\n");
    let closed = ambit.write("closed.md", "The razorbill stays unread.\n");
    let folder = ambit.files().join("cellar");
    ambit.write("cellar/deep.md", "The guillemot stays unread.\n");
    let mode = |path: &std::path::Path, mode| {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(mode)).unwrap();
    };
    mode(&closed, 0o000);
    mode(&folder, 0o000);
    ambit.index();
    assert!(ambit.search("puffin")[0].ends_with("open.md"));
    assert!(ambit.search("razorbill guillemot").is_empty());
    let told = ambit.json(&["index", "status"]).to_string();
    assert!(told.contains("closed.md") && told.contains("ermission"), "{told}");
    assert!(told.contains("cellar"), "a folder that may not be opened is told: {told}");

    mode(&closed, 0o600);
    mode(&folder, 0o700);
    ambit.text(&["index", "rescan"]);
    eventually("both are read once they may be", Duration::from_secs(20), || {
        let finds = |word: &str, name: &str| ambit.search(word).first().is_some_and(|path| path.ends_with(name));
        finds("razorbill", "closed.md") && finds("guillemot", "deep.md")
    });
}

#[test]
fn a_hundred_thousand_files_are_taken_in_while_questions_are_answered() {
    const FILES: usize = 100_000;
    let empty = tempfile::tempdir().unwrap();
    // Without a model: this is about the files, and meaning would take half an hour.
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", empty.path().to_str().unwrap())]);
    for folder in 0..FILES / 500 {
        let folder = ambit.files().join(format!("folder{folder}"));
        std::fs::create_dir(&folder).unwrap();
        for file in 0..500 {
            std::fs::write(folder.join(format!("note{file}.md")), "# Note\n\nA cormorant was seen.\n").unwrap();
        }
    }
    ambit.write("last/special.md", "The capercaillie was seen once.\n");
    ambit.text(&["index", "add", ambit.files().to_str().unwrap()]);
    let mut slowest = Duration::ZERO;
    eventually("all files are found by keyword", Duration::from_secs(400), || {
        let asked = std::time::Instant::now();
        let counts = &ambit.json(&["status"])["counts"];
        slowest = slowest.max(asked.elapsed());
        std::thread::sleep(Duration::from_millis(500));
        counts["indexed"].as_u64().unwrap() + counts["pending"].as_u64().unwrap_or(0) > FILES as u64
    });
    assert!(slowest < Duration::from_secs(5), "a status took {slowest:?} meanwhile");
    assert!(ambit.search("capercaillie")[0].ends_with("special.md"));
    let host = ambit.host().unwrap();
    let memory = std::fs::read_to_string(format!("/proc/{host}/status")).unwrap();
    let peak = memory.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    let kilobytes: u64 = peak.trim().split(' ').next().unwrap().parse().unwrap();
    assert!(kilobytes < 1_000_000, "the host needed {peak}");
}
