use std::time::Duration;

use ambit_tests::{Ambit, children, eventually, kill, not_run, shown};

/// A small generator of pseudo-random numbers (Marsaglia's xorshift), so that a failing run can be repeated.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}

/// How many kills: 25 in `make test`, 200 in `cargo xtask soak kill`.
fn points() -> u64 {
    std::env::var("AMBIT_KILL_POINTS").ok().and_then(|text| text.parse().ok()).unwrap_or(25)
}

fn page(number: u64, version: u64) -> String {
    format!(
        "# Page {number}\n\nThis page speaks of subject{number}v{version}x and of nothing else.\n\n## More\n\n\
         A second section of page {number} with some more words about the matter at hand.\n"
    )
}

/// Waits until everything is indexed, and compares what the three stores hold.
fn stores_agree(ambit: &Ambit, documents: usize) {
    ambit.text(&["index", "status", "--wait"]);
    // What went is not waited for: both derived stores follow on their own.
    eventually("the vectors fit the text", Duration::from_secs(20), || {
        let status = ambit.json(&["status"]);
        status["vectors"] == status["counts"]["passages"] && status["counts"]["indexed"] == documents
    });
    eventually("the graph fits the text", Duration::from_secs(20), || {
        let query = "SELECT DISTINCT ?url WHERE { GRAPH ?g { ?document schema:url ?url } }";
        ambit.json(&["graph", "query", query])["rows"].as_array().unwrap().len() == documents
    });
}

#[test]
fn a_host_that_is_killed_at_any_point_loses_nothing_that_it_acknowledged() {
    let ambit = Ambit::new();
    let mut numbers = Numbers(0x5eed_1234_abcd_0001);
    let mut memories = Vec::new();
    for number in 0..40 {
        ambit.write(&format!("pages/{number}.md"), page(number, 0));
    }
    ambit.text(&["index", "add", ambit.files().to_str().unwrap()]);
    let mut versions = vec![0; 40];
    for point in 1..=points() {
        // Something changes, something is acknowledged, something is asked, and then the host is gone.
        for _ in 0..=numbers.below(6) {
            let number = numbers.below(40);
            versions[number as usize] = point;
            ambit.write(&format!("pages/{number}.md"), page(number, point));
        }
        let text = format!("remembered at point {point}");
        ambit.json(&["memory", "add", &text]);
        memories.push(text);
        let mut asking = ambit.command(&["ask", "what does page seven speak of"]);
        let mut asking =
            asking.stdout(std::process::Stdio::null()).stderr(std::process::Stdio::null()).spawn().unwrap();
        // Mostly early; now and then late enough for files to be read and embedded.
        let longest = if point % 5 == 0 { 3000 } else { 400 };
        std::thread::sleep(Duration::from_millis(numbers.below(longest)));
        ambit.kill();
        asking.kill().unwrap();
        asking.wait().unwrap();

        let kept = ambit.json(&["memory", "list"]).to_string();
        for memory in &memories {
            assert!(kept.contains(memory.as_str()), "point {point}: an acknowledged memory is gone: {memory}");
        }
        if point % 5 == 0 {
            stores_agree(&ambit, 40);
        }
    }
    stores_agree(&ambit, 40);
    for (number, version) in versions.iter().enumerate() {
        let found = ambit.search(&format!("subject{number}v{version}x"));
        assert!(
            found.first().is_some_and(|path| path.ends_with(&format!("pages/{number}.md"))),
            "page {number} is not found in its last version {version}: {found:?}"
        );
    }
    // Turns that were cut off are told as failed, not left open.
    let sessions = ambit.json(&["sessions", "list", "-n", "500"]);
    for session in sessions["sessions"].as_array().unwrap() {
        let shown = ambit.json(&["sessions", "show", session["id"].as_str().unwrap()]);
        for turn in shown["turns"].as_array().unwrap() {
            assert_ne!(turn["status"], "running", "{turn}");
        }
    }
    ambit.text(&["stop"]);
}

#[test]
fn older_derived_stores_are_noticed_and_healed() {
    let ambit = Ambit::new();
    ambit.write("one.md", "# One\n\nThe first matter is about glaciers.\n");
    ambit.index();
    ambit.text(&["stop"]);
    let aside = ambit.data().with_file_name("aside");
    copy(&ambit.data().join("vectors"), &aside.join("vectors"));
    copy(&ambit.data().join("graph"), &aside.join("graph"));
    ambit.write("two.md", "# Two\n\nThe second matter is about volcanoes.\n");
    std::fs::remove_file(ambit.files().join("one.md")).unwrap();
    ambit.text(&["index", "status", "--wait"]);
    ambit.text(&["stop"]);
    for store in ["vectors", "graph"] {
        std::fs::remove_dir_all(ambit.data().join(store)).unwrap();
        copy(&aside.join(store), &ambit.data().join(store));
    }
    ambit.text(&["index", "status", "--wait"]);
    let status = ambit.json(&["status"]);
    assert_eq!(status["vectors"], status["counts"]["passages"], "{status}");
    let meaning = ambit.search("mountains that spit lava");
    assert!(meaning.first().is_some_and(|path| path.ends_with("two.md")), "{meaning:?}");
    let names = ambit.json(&["graph", "query", "SELECT ?url WHERE { GRAPH ?g { ?d schema:url ?url } }"]).to_string();
    assert!(names.contains("two.md") && !names.contains("one.md"), "{names}");

    // Damaged ones are rebuilt.
    ambit.text(&["stop"]);
    for store in ["vectors", "graph"] {
        damage(&ambit.data().join(store));
    }
    ambit.text(&["index", "status", "--wait"]);
    let meaning = ambit.search("mountains that spit lava");
    assert!(meaning.first().is_some_and(|path| path.ends_with("two.md")), "{meaning:?}");
    ambit.text(&["index", "rebuild"]);
    assert_eq!(ambit.json(&["status"])["vectors"], status["vectors"]);
}

#[test]
fn an_earlier_state_of_the_vectors_comes_back_and_catches_up() {
    let ambit = Ambit::new();
    ambit.write("one.md", "# One\n\nThe first matter is about glaciers.\n");
    ambit.write("two.md", "# Two\n\nThe second matter is about lighthouses.\n");
    ambit.index();
    let first = ambit.json(&["index", "versions"]);
    assert_eq!(first["versions"][0]["sequence"], first["sequence"], "the newest state is the present one: {first}");
    ambit.write("two.md", "# Two\n\nThe second matter is about volcanoes.\n");
    eventually("the change is read", Duration::from_secs(20), || {
        let newest = ambit.json(&["index", "versions"])["sequence"].as_i64();
        newest > first["sequence"].as_i64() && ambit.search("volcanoes").iter().any(|path| path.ends_with("two.md"))
    });
    stores_agree(&ambit, 2);

    let second = ambit.json(&["index", "versions"]);
    let versions = second["versions"].as_array().unwrap();
    assert_eq!(versions[0]["sequence"], second["sequence"], "{second}");
    let earlier = versions.iter().find(|known| known["sequence"] == first["sequence"]);
    let earlier = earlier.unwrap_or_else(|| panic!("the state before the change is gone: {second}"));
    let earlier = earlier["version"].to_string();
    let table = ambit.text(&["index", "versions"]);
    assert!(table.lines().any(|line| line.starts_with(&earlier) && line.contains("change")), "{table}");
    let said = ambit.text(&["index", "restore", &earlier]);
    assert!(said.contains(&earlier) && said.contains("background"), "{said}");
    stores_agree(&ambit, 2);
    let meaning = ambit.search("mountains that spit lava");
    assert!(meaning.first().is_some_and(|path| path.ends_with("two.md")), "{meaning:?}");
    let after = ambit.json(&["index", "versions"]);
    assert_eq!(after["versions"][0]["sequence"], second["sequence"], "{after}");

    let unknown = ambit.run(&["index", "restore", "999999"]);
    let said = String::from_utf8_lossy(&unknown.stderr).into_owned();
    assert!(!unknown.status.success(), "{}", shown(&unknown));
    assert!(said.contains("no version 999999") && said.contains("hint: `ambit index versions`"), "{said}");
    let audit = ambit.json(&["audit"]);
    let restored = audit["records"].as_array().unwrap().iter().filter(|record| record["action"] == "index.restore");
    assert_eq!(restored.count(), 1, "{audit}");
}

fn copy(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &to.join(entry.file_name()));
        } else {
            std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
        }
    }
}

fn damage(folder: &std::path::Path) {
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.file_type().unwrap().is_dir() {
            damage(&entry.path());
        } else {
            std::fs::write(entry.path(), b"not what was here").unwrap();
        }
    }
}

#[test]
fn a_worker_that_dies_costs_a_retry_and_an_idle_one_leaves() {
    let ambit = Ambit::with(&[("AMBIT_INFERENCE_IDLE_SECONDS", "2")]);
    for number in 0..60 {
        ambit.write(&format!("{number}.md"), page(number, 0).repeat(8));
    }
    ambit.text(&["index", "add", ambit.files().to_str().unwrap()]);
    let host = ambit.host().unwrap();
    eventually("the worker runs", Duration::from_secs(30), || !children(host).is_empty());
    for worker in children(host) {
        kill(worker);
    }
    ambit.text(&["index", "status", "--wait"]);
    let status = ambit.json(&["status"]);
    assert_eq!(status["vectors"], status["counts"]["passages"], "{status}");
    assert_eq!(ambit.host(), Some(host), "the host lived on");
    eventually("the idle worker leaves", Duration::from_secs(15), || children(host).is_empty());
    assert!(!ambit.search("the matter at hand").is_empty(), "it comes back when it is needed");
}

/// An installation whose data directory lies on a disk of its own, of 24 MiB.
struct SmallDisk {
    ambit: Ambit,
}

impl SmallDisk {
    /// `None` for those who may not mount one.
    fn mount() -> Option<Self> {
        let ambit = Ambit::new();
        std::fs::create_dir_all(ambit.data()).unwrap();
        let mut mount = std::process::Command::new("mount");
        mount.args(["-t", "tmpfs", "-o", "size=24m,mode=700", "ambit-test"]).arg(ambit.data());
        let mounted = mount.output().unwrap();
        if !mounted.status.success() {
            assert!(!rustix::process::geteuid().is_root(), "no disk for the test: {}", shown(&mounted));
            not_run("only root may mount a small disk");
            return None;
        }
        Some(Self { ambit })
    }

    /// Fills it, but for so many bytes.
    fn fill(&self, but: u64) {
        let filler = self.filler();
        let written = std::fs::write(&filler, vec![1_u8; 64 << 20]);
        assert!(written.is_err(), "the disk did not fill up");
        let taken = filler.metadata().unwrap().len();
        std::fs::File::options().write(true).open(filler).unwrap().set_len(taken - but).unwrap();
    }

    fn empty(&self) {
        std::fs::remove_file(self.filler()).unwrap();
    }

    fn filler(&self) -> std::path::PathBuf {
        self.ambit.data().join("filler")
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.ambit.kill();
        self.ambit.tell_log_of_failure();
        // What cannot be taken away here goes with the machine.
        std::process::Command::new("umount").arg("--lazy").arg(self.ambit.data()).status().ok();
    }
}

#[test]
fn a_full_disk_is_told_and_nothing_is_lost() {
    let Some(disk) = SmallDisk::mount() else { return };
    let ambit = &disk.ambit;
    ambit.text(&["memory", "add", "kept before the disk was full"]);
    disk.fill(0);
    let mut refused = None;
    for number in 0..400 {
        let output = ambit.run(&["memory", "add", &format!("{number} {}", "long ".repeat(700))]);
        if !output.status.success() {
            refused = Some(output);
            break;
        }
    }
    let refused = refused.expect("a full disk took everything");
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(said.contains("full") || said.contains("space"), "{}", shown(&refused));
    disk.empty();
    ambit.text(&["memory", "add", "kept after there was room again"]);
    let kept = ambit.json(&["memory", "list"]).to_string();
    assert!(kept.contains("kept before") && kept.contains("kept after"));
}

#[test]
fn a_disk_that_fills_up_while_indexing_is_told_and_indexing_goes_on_when_there_is_room() {
    let Some(disk) = SmallDisk::mount() else { return };
    let ambit = &disk.ambit;
    ambit.write("first.md", "The heron stands.\n");
    ambit.index();
    disk.fill(256 << 10);
    for number in 0..80 {
        let words: Vec<String> = (0..200).map(|word| format!("word{number}x{word}")).collect();
        ambit.write(&format!("pages/{number}.md"), format!("# Page {number}\n\n{}.\n", words.join(" ")));
    }
    let told = || {
        let paused = ambit.json(&["status"])["progress"]["paused"].to_string();
        paused.contains("full") || paused.contains("space")
    };
    eventually("the full disk is told", Duration::from_secs(60), told);
    assert!(!ambit.search("heron").is_empty(), "what was indexed is still found");

    disk.empty();
    eventually("all pages are indexed", Duration::from_secs(120), || {
        ambit.json(&["status"])["counts"]["indexed"] == 81
    });
    stores_agree(ambit, 81);
    assert!(ambit.search("word79x199").first().is_some_and(|path| path.ends_with("pages/79.md")));
    assert!(!told(), "the full disk is still told");
}

#[test]
fn a_folder_that_goes_while_it_is_indexed_leaves_nothing_behind_and_stops_nothing() {
    let ambit = Ambit::new();
    for number in 0..150 {
        ambit.write(&format!("stays/{number}.md"), page(number, 1));
        ambit.write(&format!("goes/deep/{number}.md"), page(number, 2).repeat(4));
    }
    ambit.text(&["index", "add", ambit.files().to_str().unwrap()]);
    // Some of it is read by now, some embedded, and some not even listed.
    std::thread::sleep(Duration::from_millis(150));
    std::fs::remove_dir_all(ambit.files().join("goes")).unwrap();
    stores_agree(&ambit, 150);
    let status = ambit.json(&["status"]);
    assert_eq!(status["counts"]["failed"], 0, "{}", ambit.text(&["index", "status"]));
    for number in [0, 70, 149] {
        assert!(ambit.search(&format!("subject{number}v1x"))[0].ends_with(&format!("stays/{number}.md")));
        let gone = ambit.search(&format!("subject{number}v2x"));
        assert!(gone.iter().all(|path| !path.contains("/goes/")), "{gone:?}");
    }

    // The whole folder, at once, while it is read anew.
    let files = ambit.files();
    for number in 0..150 {
        ambit.write(&format!("stays/{number}.md"), page(number, 3).repeat(4));
    }
    std::thread::sleep(Duration::from_millis(50));
    std::fs::rename(&files, files.with_file_name("away")).unwrap();
    eventually("the root is told as missing", Duration::from_secs(20), || {
        ambit.json(&["status"])["roots"][0]["state"] == "missing"
    });
    let found: Vec<String> = ["subject70v1x", "subject70v3x"].iter().flat_map(|word| ambit.search(word)).collect();
    assert!(found.iter().any(|path| path.ends_with("stays/70.md")), "what was read is kept: {found:?}");
    ambit.text(&["stop"]);
}

/// The library that gives a process a clock of its own.
pub(crate) fn clock_library() -> Option<std::path::PathBuf> {
    let folders = std::fs::read_dir("/usr/lib").ok()?.flatten();
    folders.map(|folder| folder.path().join("faketime/libfaketimeMT.so.1")).find(|library| library.exists())
}

#[test]
fn a_clock_that_jumps_breaks_nothing() {
    let library =
        clock_library().expect("libfaketime must be installed; on Debian and Ubuntu `scripts/set-up tests` does that");
    let scratch = tempfile::tempdir().unwrap();
    let clock = scratch.path().join("clock");
    let set = |offset: &str| std::fs::write(&clock, offset).unwrap();
    set("+0");
    let ambit = Ambit::with(&[
        ("LD_PRELOAD", library.to_str().unwrap()),
        ("FAKETIME_TIMESTAMP_FILE", clock.to_str().unwrap()),
        ("FAKETIME_NO_CACHE", "1"),
        ("DONT_FAKE_MONOTONIC", "1"),
    ]);
    ambit.write("now.md", "The avocet wades.\n");
    ambit.index();
    let found = |word: &str| eventually(word, Duration::from_secs(20), || !ambit.search(word).is_empty());
    found("avocet");
    ambit.text(&["ask", "What does the avocet do?"]);

    ambit.text(&["memory", "add", "I watch avocets"]);

    set("-400d");
    ambit.write("past.md", "The dotterel nests.\n");
    ambit.write("now.md", "The avocet wades no more; the whimbrel does.\n");
    found("dotterel");
    found("whimbrel");
    ambit.text(&["memory", "add", "I keep a list of dotterels"]);
    ambit.text(&["ask", "What does the dotterel do?"]);
    let memories = ambit.json(&["memory", "list"]);
    let created: Vec<i64> =
        memories.as_array().unwrap().iter().map(|memory| memory["created_at"].as_i64().unwrap()).collect();
    assert!(created[0].abs_diff(created[1]) > 300 * 24 * 3600 * 1000, "the host's clock did not jump: {memories}");

    set("+4000d");
    ambit.write("future.md", "The ruff displays.\n");
    found("ruff");
    ambit.text(&["ask", "What does the ruff do?"]);
    ambit.text(&["index", "status", "--wait"]);

    set("-10d");
    ambit.text(&["stop"]);
    ambit.text(&["index", "status", "--wait"]);
    let status = ambit.json(&["status"]);
    assert_eq!(status["vectors"], status["counts"]["passages"], "{status}");
    assert_eq!(ambit.json(&["sessions", "list"])["sessions"].as_array().unwrap().len(), 3);
    assert!(ambit.json(&["memory", "list"]).to_string().contains("dotterels"));
    for word in ["whimbrel", "dotterel", "ruff"] {
        assert!(!ambit.search(word).is_empty(), "{word} is gone");
    }
}
