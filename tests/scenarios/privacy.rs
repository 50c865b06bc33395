use std::process::Command;

use ambit_tests::{Ambit, binary, shown};

use crate::main_job;

/// The script runs in a network namespace of its own: its interfaces count every packet that anything inside sends.
const SCRIPT: &str = r#"
set -e
"$AMBIT" index add "$FILES" --wait
"$AMBIT" search "water the tomatoes"
"$AMBIT" ask "How should I water my tomato plants?"
"$AMBIT" models pull || true
"$AMBIT" stop
echo === interfaces
cat /proc/net/dev
echo === sockets
cat /proc/net/tcp /proc/net/udp /proc/net/raw
"#;

#[test]
fn host_indexing_search_and_ask_send_no_packet() {
    let ambit = Ambit::with(&[("AMBIT_NETWORK_OFFLINE", "true")]);
    main_job::fill(&ambit);
    let template = ambit.command(&[]);
    let mut command = Command::new("unshare");
    // Root needs no user namespace; others are made root of their own.
    let root = rustix::process::geteuid().is_root();
    command.args(if root { &["--net"][..] } else { &["--net", "--map-root-user"][..] });
    command.args(["bash", "-c", SCRIPT]).env_clear();
    for (name, value) in template.get_envs() {
        if let Some(value) = value {
            command.env(name, value);
        }
    }
    let output = command.env("AMBIT", binary()).env("FILES", ambit.files()).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    assert!(text.contains("tomatoes.md"), "it did its work: {}", shown(&output));
    let (_, rest) = text.split_once("=== interfaces").unwrap();
    let (interfaces, sockets) = rest.split_once("=== sockets").unwrap();
    for line in interfaces.lines().filter(|line| line.contains(':')) {
        let numbers: Vec<u64> =
            line.split_once(':').unwrap().1.split_whitespace().map(|number| number.parse().unwrap()).collect();
        assert!(numbers.iter().all(|number| *number == 0), "packets were sent: {line}");
    }
    let open = sockets.lines().filter(|line| line.trim_start().starts_with(|first: char| first.is_ascii_digit()));
    assert_eq!(open.count(), 0, "network sockets are open: {sockets}");
}

#[test]
fn the_log_holds_no_content() {
    let ambit = Ambit::with(&[("AMBIT_LOG_LEVEL", "trace")]);
    main_job::fill(&ambit);
    ambit.index();
    ambit.run(&["ask", "How should I water my tomato plants, xylographer?"]);
    ambit.text(&["stop"]);
    let held = ambit_tests::files_that_hold(&ambit.data().join("logs"), "xylographer");
    assert!(held.is_empty(), "the question is in the log");
    let held = ambit_tests::files_that_hold(&ambit.data().join("logs"), "early in the morning");
    assert!(held.is_empty(), "a passage is in the log");
}
