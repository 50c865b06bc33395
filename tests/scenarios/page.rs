//! The page: how the host serves it, and how it gets in.

use std::io::{BufRead as _, BufReader};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ambit_tests::{Ambit, eventually, not_run, shown};
use serde_json::Value;

/// What the page is served under, as its makers test it.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
                      require-trusted-types-for 'script'; trusted-types svelte-trusted-html";

/// What the host that is tested was built with.
fn built() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/dist")
}

/// What curl got: the status, the headers in lower case, the body.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Answer {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(other, _)| other == name).map_or("", |(_, value)| value)
    }

    fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|error| panic!("{error}: {:?}", String::from_utf8_lossy(&self.body)))
    }
}

fn curl(address: &str, arguments: &[&str]) -> Answer {
    curl_as(None, address, arguments)
}

/// As another user, when one is named.
fn curl_as(user: Option<u32>, address: &str, arguments: &[&str]) -> Answer {
    let mut curl = Command::new("curl");
    curl.args(["--silent", "--show-error", "--include", "--max-time", "20"]).args(arguments).arg(address);
    if let Some(user) = user {
        curl.uid(user);
    }
    let output = curl.output().unwrap();
    assert!(output.status.success(), "curl {arguments:?} {address}: {}", shown(&output));
    let end = output.stdout.windows(4).position(|bytes| bytes == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(output.stdout[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
    let headers = lines.filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned())).collect();
    Answer { status, headers, body: output.stdout[end + 4..].to_vec() }
}

/// The link that `ambit open --print` prints, as the address and the code.
fn link(ambit: &Ambit) -> (String, String) {
    let printed = ambit.text(&["open", "--print"]);
    let (address, code) = printed.trim().split_once("/#code=").unwrap_or_else(|| panic!("no link: {printed}"));
    assert!(address.starts_with("http://127.0.0.1:"), "{printed}");
    (address.to_owned(), code.to_owned())
}

fn exchange(address: &str, code: &str) -> Answer {
    exchange_as(None, address, code)
}

/// As the page does.
fn exchange_as(user: Option<u32>, address: &str, code: &str) -> Answer {
    let origin = format!("Origin: {address}");
    let body = format!("{{\"code\": \"{code}\"}}");
    let arguments =
        ["-H", "Content-Type: application/json", "-H", "Ambit-Surface: desktop", "-H", &origin, "-d", &body];
    curl_as(user, &format!("{address}/v1/tokens/exchange"), &arguments)
}

fn refused(answer: &Answer) -> String {
    assert_eq!((answer.status, answer.header("content-type")), (401, "application/problem+json"));
    let problem = answer.json();
    let told = format!("{}: {}", problem["detail"], problem["hint"]);
    assert!(told.contains("ambit open"), "it does not say how to get in: {told}");
    told
}

/// A host in the foreground, and the address that it says it listens on.
fn serve(ambit: &Ambit) -> (Child, String) {
    let mut command = ambit.command(&["serve", "--listen", "127.0.0.1:0"]);
    let mut host = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let mut lines = BufReader::new(host.stdout.take().unwrap()).lines();
    let address = lines.next().unwrap().unwrap();
    assert!(address.starts_with("http://127.0.0.1:") && !address.contains("code"), "{address}");
    eventually("the host answers", Duration::from_secs(20), || ambit.host().is_some());
    (host, address)
}

#[test]
fn the_page_comes_from_the_host_without_a_token() {
    let ambit = Ambit::new();
    let (mut host, address) = serve(&ambit);
    let document = curl(&format!("{address}/"), &[]);
    let on_disk = std::fs::read(built().join("index.html"));
    let Ok(on_disk) = on_disk else {
        let problem = document.json();
        assert_eq!((document.status, &problem["code"]), (404, &"not-found".into()), "{problem}");
        assert!(problem["hint"].as_str().unwrap().contains("make build"), "it does not say how: {problem}");
        not_run("this host was built without the page; `make page` builds it");
        return;
    };
    assert!(document.status == 200 && document.body == on_disk, "the document is not the one that was built");
    let text = String::from_utf8(on_disk).unwrap();
    let named = text.split(['"', '\'']).filter_map(|part| part.strip_prefix("./")).map(str::to_owned);
    let mut files: Vec<String> = named.collect();
    for entry in std::fs::read_dir(built().join("assets")).unwrap() {
        files.push(format!("assets/{}", entry.unwrap().file_name().to_str().unwrap()));
    }
    files.sort();
    files.dedup();
    assert!(files.len() >= 4 && files.contains(&"icon.svg".to_owned()), "the page is more than {files:?}");
    for file in std::iter::once(String::new()).chain(files) {
        let answer = curl(&format!("{address}/{file}"), &[]);
        let media_type = match file.rsplit('.').next().unwrap() {
            "js" => "text/javascript; charset=utf-8",
            "css" => "text/css; charset=utf-8",
            "svg" => "image/svg+xml",
            _ => "text/html; charset=utf-8",
        };
        assert_eq!((answer.status, answer.header("content-type")), (200, media_type), "/{file}");
        assert_eq!(answer.header("content-security-policy"), POLICY, "/{file}");
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "/{file}");
        assert_eq!(answer.header("referrer-policy"), "no-referrer", "/{file}");
        assert_eq!(answer.header("content-length"), answer.body.len().to_string(), "/{file}");
        if file.starts_with("assets/") {
            assert!(answer.body == std::fs::read(built().join(&file)).unwrap(), "/{file} is not what was built");
            assert!(answer.header("cache-control").ends_with("immutable"), "/{file}");
        } else {
            assert_eq!(answer.header("cache-control"), "no-cache", "/{file}");
            let asked = format!("If-None-Match: {}", answer.header("etag"));
            let again = curl(&format!("{address}/{file}"), &["-H", &asked]);
            assert_eq!((again.status, again.body.len()), (304, 0), "/{file}");
        }
        let head = curl(&format!("{address}/{file}"), &["--head"]);
        assert_eq!((head.status, head.body.len()), (200, 0), "/{file}");
        assert_eq!(head.header("content-length"), answer.header("content-length"), "/{file}");
        for foreign in ["Host: evil.example", "Origin: https://evil.example", "Origin: null"] {
            let answer = curl(&format!("{address}/{file}"), &["-H", foreign]);
            assert_eq!((answer.status, &answer.json()["code"]), (403, &"forbidden".into()), "/{file} for {foreign}");
        }
    }
    for nothing in ["index.html", "chat", ".vite/manifest.json", "assets/none.js", "assets/../icon.svg/"] {
        let answer = curl(&format!("{address}/{nothing}"), &["--path-as-is"]);
        assert_eq!((answer.status, &answer.json()["code"]), (404, &"not-found".into()), "/{nothing}");
    }
    ambit.text(&["stop"]);
    assert!(host.wait().unwrap().success());
}

#[test]
fn a_link_lets_a_page_in_once() {
    let ambit = Ambit::new();
    // None runs, and no setting asks for TCP: the host is started, and opens a port for the page.
    let (address, code) = link(&ambit);
    let host = ambit.host().unwrap();
    let created = exchange(&address, &code);
    assert_eq!(created.status, 201, "{}", String::from_utf8_lossy(&created.body));
    let created = created.json();
    assert_eq!(created["info"]["scopes"], serde_json::json!(["read", "chat", "save", "manage"]), "{created}");

    // What the page does from then on, at both of its addresses, and nobody else.
    let bearer = format!("Authorization: Bearer {}", created["token"].as_str().unwrap());
    let port = address.rsplit(':').next().unwrap();
    let add = |at: &str, origin: &str| {
        let origin = format!("Origin: {origin}");
        let body = "{\"kind\": \"fact\", \"text\": \"The page was here\"}";
        let arguments = ["-H", &bearer, "-H", &origin, "-H", "Content-Type: application/json", "-d", body];
        curl(&format!("{at}/v1/memories"), &arguments).status
    };
    assert_eq!(add(&address, &address), 201);
    let name = format!("http://localhost:{port}");
    assert_eq!(add(&name, &name), 201);
    let other_port = format!("http://127.0.0.1:{}", if port == "20000" { 20_001 } else { 20_000 });
    for foreign in [&name, &other_port, "https://evil.example", "null"] {
        assert_eq!(add(&address, foreign), 403, "{foreign}");
    }
    assert_eq!(ambit.json(&["memory", "list"]).as_array().unwrap().len(), 2);

    let again = refused(&exchange(&address, &code));
    let wrong = refused(&exchange(&address, &"0".repeat(64)));
    assert_eq!(again, wrong, "what is wrong with a code is nobody's business");

    // The port stays, and the next link leads there.
    let (same, next) = link(&ambit);
    assert_eq!((same.as_str(), ambit.host()), (address.as_str(), Some(host)));
    assert_ne!(next, code);
    let tokens = ambit.text(&["token", "list"]);
    assert!(tokens.contains("page in a browser") && tokens.contains("ends 2"), "{tokens}");

    // A host that is started again has a page at the same address, and what it gave out still counts.
    ambit.text(&["stop"]);
    let (later, _) = link(&ambit);
    assert_eq!(later, address);
    assert_eq!(curl(&format!("{address}/v1/status"), &["-H", &bearer]).status, 200);
    assert!(exchange(&address, &next).status == 401, "a code ends with its host");
}

#[test]
fn a_link_is_over_after_a_minute() {
    let library = crate::faults::clock_library();
    let library =
        library.expect("libfaketime must be installed; on Debian and Ubuntu `scripts/set-up tests` does that");
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
    let (address, first) = link(&ambit);
    let (_, second) = link(&ambit);
    set("+30");
    assert_eq!(exchange(&address, &first).status, 201, "half a minute is in time");
    set("+61");
    refused(&exchange(&address, &second));
}

#[test]
fn another_user_cannot_take_a_link_that_it_read() {
    let ambit = Ambit::new();
    let (address, code) = link(&ambit);
    if rustix::process::geteuid().is_root() {
        refused(&exchange_as(Some(65_534), &address, &code));
    } else {
        not_run("only root may become somebody else");
    }
    assert_eq!(exchange(&address, &code).status, 201, "it still works for its user");
}

#[test]
fn the_page_is_opened_in_the_browser_where_there_is_a_display() {
    let programs = tempfile::tempdir().unwrap();
    let opener = programs.path().join("xdg-open");
    let seen = programs.path().join("seen");
    let set = |script: &str| {
        std::fs::write(&opener, script).unwrap();
        std::fs::set_permissions(&opener, std::fs::Permissions::from_mode(0o755)).unwrap();
    };
    let path = format!("{}:{}", programs.path().display(), std::env::var("PATH").unwrap());
    let ambit = Ambit::with(&[("PATH", &path), ("DISPLAY", ":99")]);
    set(&format!("#!/bin/sh\nprintf %s \"$*\" > {}\n", seen.display()));
    let output = ambit.run(&["open"]);
    let opened = std::fs::read_to_string(&seen).unwrap_or_else(|_| panic!("nothing was opened: {}", shown(&output)));
    let (address, code) = opened.split_once("/#code=").unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "a used link is of no use: {}", shown(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains(address), "{}", shown(&output));
    assert!(!String::from_utf8_lossy(&output.stderr).contains(code), "the code is shown: {}", shown(&output));
    assert_eq!(exchange(address, code).status, 201);

    // A browser that cannot be opened leaves the link, and says why.
    for script in ["#!/bin/sh\nexit 3\n", "#!/nowhere\n"] {
        set(script);
        let output = ambit.run(&["open"]);
        let printed = String::from_utf8(output.stdout.clone()).unwrap();
        let (address, code) = printed.trim().split_once("/#code=").unwrap_or_else(|| panic!("{}", shown(&output)));
        assert!(output.status.success(), "{}", shown(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains("xdg-open"), "{}", shown(&output));
        assert_eq!(exchange(address, code).status, 201);
    }

    std::fs::remove_file(&seen).unwrap();
    set(&format!("#!/bin/sh\ntouch {}\n", seen.display()));
    let printed = ambit.json(&["open", "--print"]);
    assert_eq!(printed["opened"], false, "{printed}");
    assert!(printed["link"].as_str().unwrap().starts_with(printed["address"].as_str().unwrap()), "{printed}");
    assert!(!seen.exists(), "`--print` opens nothing");
}

#[test]
fn a_page_that_was_in_use_is_served_again_by_the_next_host() {
    let ambit = Ambit::new();
    let (address, _) = link(&ambit);
    ambit.text(&["stop"]);
    let gone = Command::new("curl").args(["--silent", &address]).status().unwrap();
    assert_eq!(gone.code(), Some(7), "nobody listens");
    // Whatever starts the next host, a page that waits finds it.
    ambit.text(&["sessions", "list"]);
    assert_eq!(curl(&address, &[]).status, 200);

    let other = Ambit::new();
    other.text(&["sessions", "list"]);
    assert!(!other.data().join("run/page-used").exists(), "a host whose page nobody used opens no port");
}
