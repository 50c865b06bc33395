use xtask::host::{Memory, parse_stat, process_tree, proportional, resident};

#[test]
fn a_process_line_is_read_whatever_the_name_holds() {
    let line = "42 (a (b) c) S 7 42 42 0 -1 4194560 100 0 0 0 11 5 3 1 20 0 4 0 100 1000 200";
    let stat = parse_stat(line).unwrap();
    assert_eq!((stat.name.as_str(), stat.parent, stat.ticks), ("a (b) c", 7, 20));
    assert_eq!(parse_stat("nonsense"), None);
}

#[test]
fn the_proportional_size_is_told_in_bytes() {
    let rollup = "55d0-7ffd ---p 00000000 00:00 0 [rollup]\nRss:  2048 kB\nPss:   1024 kB\nPss_Dirty: 12 kB\n";
    assert_eq!(proportional(rollup), Some(1024 * 1024));
    assert_eq!((resident(rollup), proportional("Rss: 1 kB\n")), (Some(2048 * 1024), None));
}

#[test]
#[cfg(target_os = "linux")]
fn a_tree_holds_the_process_and_its_children() {
    let mut child = xtask::peers::command("sleep").arg("30").spawn().unwrap();
    let tree = process_tree(std::process::id()).unwrap();
    let names: Vec<&str> = tree.iter().map(|process| process.name.as_str()).collect();
    let found = tree.iter().any(|process| process.process == child.id());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(found, "the child is missing: {names:?}");
    assert_eq!(tree[0].process, std::process::id());
    assert!(tree[0].proportional_bytes > 100_000, "this process seems to need no memory: {tree:?}");
    let memory = Memory::of(std::process::id()).unwrap();
    assert!(memory.resident >= memory.proportional && memory.proportional > 100_000, "{memory:?}");
    assert!(process_tree(u32::MAX - 1).is_err(), "a process that does not exist has a tree");
}
