use std::os::unix::fs::PermissionsExt;
use std::process::Stdio;
use std::time::Duration;

use ambit_tests::{Ambit, eventually, not_run, shown};

#[test]
fn there_is_one_host_for_a_data_directory() {
    let ambit = Ambit::new();
    ambit.text(&["status"]);
    let first = ambit.host().unwrap();
    let second = ambit.run(&["serve"]);
    assert_eq!(second.status.code(), Some(5), "{}", shown(&second));
    let said = String::from_utf8_lossy(&second.stderr).into_owned();
    assert!(said.contains(&first.to_string()) && said.contains("hint:"), "{said}");

    // Many clients at once start one host.
    ambit.text(&["stop"]);
    let clients: Vec<_> = (0..6)
        .map(|_| ambit.command(&["--json", "status"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap())
        .collect();
    let mut processes: Vec<String> = clients
        .into_iter()
        .map(|client| {
            let output = client.wait_with_output().unwrap();
            assert!(output.status.success(), "{}", shown(&output));
            let text = String::from_utf8(output.stdout).unwrap();
            text.split("\"process\":").nth(1).unwrap().split([',', '}']).next().unwrap().to_owned()
        })
        .collect();
    processes.dedup();
    assert_eq!(processes.len(), 1, "{processes:?}");
}

#[test]
fn what_the_host_keeps_is_closed_to_others() {
    let ambit = Ambit::new();
    ambit.text(&["status"]);
    let mode = |path: &str| std::fs::metadata(ambit.data().join(path)).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("run/host.sock"), 0o600);
    assert_eq!(mode("state.db"), 0o600);
    assert_eq!(mode("logs/ambit.jsonl"), 0o600);
}

#[test]
fn another_user_is_refused_even_with_an_open_door() {
    use std::os::unix::process::CommandExt;
    let ambit = Ambit::new();
    ambit.text(&["status"]);
    let socket = ambit.data().join("run/host.sock");
    for path in socket.ancestors().take_while(|path| *path != std::env::temp_dir()) {
        std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o777)).unwrap();
    }
    let asking = r#"my $socket = IO::Socket::UNIX->new($ARGV[0]) or die "no connection: $!";
        print $socket "GET /v1/status HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        print while <$socket>;"#;
    let ask = |user: u32| {
        let mut perl = std::process::Command::new("perl");
        perl.args(["-MIO::Socket::UNIX", "-e", asking]).arg(&socket).uid(user).output().unwrap()
    };
    let ours = ask(rustix::process::geteuid().as_raw());
    assert!(String::from_utf8_lossy(&ours.stdout).starts_with("HTTP/1.1 200"), "{}", shown(&ours));
    if !rustix::process::geteuid().is_root() {
        not_run("only root may become somebody else");
        return;
    }
    let stranger = ask(65_534);
    let answer = String::from_utf8_lossy(&stranger.stdout).into_owned();
    assert!(answer.starts_with("HTTP/1.1 401") || answer.starts_with("HTTP/1.1 403"), "{}", shown(&stranger));
    assert!(!answer.contains("uptime"), "{answer}");
}

#[test]
fn a_host_that_is_asked_to_end_finishes_what_runs() {
    let ambit = Ambit::new();
    for number in 0..30 {
        ambit.write(&format!("{number}.md"), format!("# {number}\n\nParagraph about kestrel{number}.\n"));
    }
    ambit.text(&["index", "add", ambit.files().to_str().unwrap()]);
    let host = ambit.host().unwrap();
    let process = rustix::process::Pid::from_raw(i32::try_from(host).unwrap()).unwrap();
    rustix::process::kill_process(process, rustix::process::Signal::TERM).unwrap();
    eventually("the host ends", Duration::from_secs(20), || ambit.host().is_none());
    assert!(!ambit.data().join("run/host.sock").exists(), "the socket is taken away");
    ambit.text(&["index", "status", "--wait"]);
    assert!(ambit.search("kestrel29")[0].ends_with("29.md"));
}

#[test]
fn the_status_tells_how_work_in_the_background_goes_and_why() {
    let ambit = Ambit::with(&[("AMBIT_POWER_PROFILE", "saver")]);
    let background = ambit.json(&["status"])["background"].clone();
    // Where memory or heat are graver, they are what is told.
    assert!(background["cause"].is_string() && background["reason"].is_string(), "{background}");
    assert_ne!(background["state"], "working");
    ambit.text(&["settings", "set", "index.paused", "true"]);
    let background = ambit.json(&["status"])["background"].clone();
    assert_eq!((&background["state"], &background["cause"]), (&"resting".into(), &"user".into()), "{background}");
    assert!(ambit.text(&["status"]).contains("rests: you paused it"));

    // What is new is found by its words all the same.
    ambit.write("note.md", "# Note\n\nThe kestrel nests in the tower.\n");
    ambit.text(&["index", "add", ambit.files().to_str().unwrap(), "--wait"]);
    assert_eq!(ambit.search("kestrel").len(), 1);
    assert_eq!(ambit.json(&["status"])["vectors"], 0);
    ambit.text(&["settings", "set", "index.paused", "false"]);
    let has_vectors = || ambit.json(&["status"])["vectors"].as_u64().unwrap() > 0;
    eventually("it is embedded as well", Duration::from_secs(30), has_vectors);
}

#[test]
fn programs_on_this_machine_reach_the_api_with_a_token() {
    let ambit = Ambit::new();
    let mut host = ambit.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut host = host.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(host.stdout.take().unwrap()));
    let address = loop {
        let line = lines.next().unwrap().unwrap();
        if let Some(found) = line.split("http://").nth(1) {
            break found.trim_end_matches('/').to_owned();
        }
    };
    let get = |headers: &[&str]| {
        let mut curl = std::process::Command::new("curl");
        curl.args(["-s", "-o", "/dev/null", "-w", "%{http_code}"]);
        headers.iter().for_each(|header| {
            curl.args(["-H", header]);
        });
        let output = curl.arg(format!("http://{address}/v1/status")).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let token = ambit.text(&["token", "create", "test", "--scope", "read"]);
    let bearer = format!("Authorization: Bearer {}", token.trim());
    assert_eq!(get(&[]), "401");
    assert_eq!(get(&["Authorization: Bearer wrong"]), "401");
    assert_eq!(get(&[&bearer]), "200");
    assert_eq!(get(&[&bearer, "Host: evil.example"]), "403");
    assert_eq!(get(&[&bearer, "Origin: https://evil.example"]), "403");
    let id = ambit.json(&["token", "list"])["tokens"][0]["id"].as_str().unwrap().to_owned();
    ambit.text(&["token", "revoke", &id]);
    assert_eq!(get(&[&bearer]), "401");
    ambit.text(&["stop"]);
    assert!(host.wait().unwrap().success());
}
