use std::process::Command;

use ambit_tests::{Ambit, binary, shown};

use crate::main_job;

/// The script runs in a network namespace of its own, whose one interface takes packets to anywhere, and counts them. The
/// last packets are the script's, so that a counter that counts nothing is noticed.
const SCRIPT: &str = r#"
set -e
ip link set lo up
ip address add 192.0.2.1/32 dev lo
ip route add default dev lo src 192.0.2.1
"$AMBIT" index add "$FILES" --wait
"$AMBIT" search "water the tomatoes"
"$AMBIT" ask "How should I water my tomato plants?"
"$AMBIT" settings set network.offline true
"$AMBIT" models pull || true
echo === sockets
cat /proc/net/tcp /proc/net/tcp6 /proc/net/udp /proc/net/udp6 /proc/net/raw
echo === interfaces
cat /proc/net/dev
"$AMBIT" stop
echo === afterwards
cat /proc/net/dev
echo x > /dev/udp/198.51.100.1/53
echo === checked
cat /proc/net/dev
"#;

/// Packets that interfaces sent and took.
fn packets(interfaces: &str) -> u64 {
    let lines = interfaces.lines().filter_map(|line| line.split_once(':'));
    lines
        .map(|(_, numbers)| {
            let numbers: Vec<u64> = numbers.split_whitespace().map(|number| number.parse().unwrap()).collect();
            numbers[1] + numbers[9]
        })
        .sum()
}

#[test]
fn host_indexing_search_and_ask_send_no_packet() {
    let ambit = Ambit::new();
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
    let part = |name: &str| text.split("=== ").find_map(|part| part.strip_prefix(name)).unwrap();
    for name in ["interfaces", "afterwards"] {
        assert_eq!(packets(part(name)), 0, "packets were sent: {}", part(name));
    }
    assert!(packets(part("checked")) > 0, "a packet that was sent is not counted: {}", part("checked"));
    let sockets = part("sockets");
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
    let told = ambit.text(&["log", "--since", "1h", "--contains", "Engine Worker is running"]);
    assert!(told.contains("INFO") && told.contains("process="), "{told}");
    let nothing = ambit.run(&["log", "--contains", "xylographer"]);
    assert_eq!(nothing.status.code(), Some(3), "{}", shown(&nothing));
    let wrong = ambit.run(&["log", "--since", "yesterday"]);
    assert_eq!(wrong.status.code(), Some(1), "{}", shown(&wrong));
}
