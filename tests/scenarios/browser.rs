//! Browsers: what tells them of Ambit, and the program that they start for its extension, in front of the real host.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::time::{Duration, Instant};

use ambit_tests::{Ambit, binary_named, eventually, files_that_hold, shown};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

const PROGRAM: &str = "ambit-native-host";
const EXTENSION: &str = "chrome-extension://cldnlbhgalpipoimihcfoojmahcomjok/";

#[test]
fn browsers_are_told_where_ambit_is_and_told_no_more() {
    let ambit = Ambit::new();
    let home = ambit.home();
    let installed = ambit.json(&["browser", "install", "chromium", "firefox"]);
    assert_eq!(installed["installed"].as_array().unwrap().len(), 2, "{installed}");
    let of = |path: &str| -> Value { serde_json::from_slice(&std::fs::read(home.join(path)).unwrap()).unwrap() };
    let chromium = of(".config/chromium/NativeMessagingHosts/app.ambit.native_host.json");
    assert_eq!(chromium["allowed_origins"], json!([EXTENSION]));
    assert_eq!(chromium["path"], json!(binary_named(PROGRAM)));
    let firefox = of(".mozilla/native-messaging-hosts/app.ambit.native_host.json");
    assert_eq!(firefox["allowed_extensions"], json!(["{3114ce24-0852-45e4-bf79-44465a249909}"]));

    let standing = |name: &str| {
        let status = ambit.json(&["browser", "status"]);
        let found = status["browsers"].as_array().unwrap().iter().find(|one| one["browser"] == name).cloned();
        found.unwrap_or_else(|| panic!("{status}"))
    };
    assert_eq!(standing("Firefox")["state"], "ready");
    let path = home.join(".config/chromium/NativeMessagingHosts/app.ambit.native_host.json");
    std::fs::write(&path, "{\"path\":\"/nowhere/ambit-native-host\"}").unwrap();
    let wrong = standing("Chromium");
    assert!(wrong["state"] == "wrong" && wrong["reason"].as_str().unwrap().contains("/nowhere"), "{wrong}");
    ambit.text(&["browser", "install", "chromium"]);
    assert_eq!(standing("Chromium")["state"], "ready");

    let profile = ambit.files().join("profile");
    ambit.text(&["browser", "install", "chromium", "--user-data", profile.to_str().unwrap()]);
    assert!(profile.join("NativeMessagingHosts/app.ambit.native_host.json").is_file());
    let unnamed = ambit.run(&["browser", "install", "--user-data", profile.to_str().unwrap()]);
    assert!(!unnamed.status.success() && shown(&unnamed).contains("name it as well"), "{}", shown(&unnamed));

    ambit.text(&["browser", "uninstall"]);
    assert!(!path.exists() && standing("Chromium")["state"] == "not set up");
    assert!(ambit.host().is_none(), "a host was started for this");
}

/// The extension's side of the port.
struct Port {
    child: Child,
    input: Option<ChildStdin>,
    output: ChildStdout,
}

impl Port {
    fn open(ambit: &Ambit) -> Self {
        let mut command = ambit.program(binary_named(PROGRAM));
        let mut child = command.arg(EXTENSION).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (input, output) = (child.stdin.take(), child.stdout.take().unwrap());
        let mut port = Self { child, input, output };
        port.say(&json!({ "hello": { "protocol": 1, "version": "0.1.0" } }));
        assert_eq!(port.hear()["hello"]["protocol"], 1);
        port
    }

    fn say(&mut self, message: &Value) {
        self.say_bytes(message.to_string().as_bytes());
    }

    fn say_bytes(&mut self, message: &[u8]) {
        let input = self.input.as_mut().unwrap();
        input.write_all(&u32::try_from(message.len()).unwrap().to_ne_bytes()).unwrap();
        input.write_all(message).unwrap();
        input.flush().unwrap();
    }

    fn frame(&mut self) -> Value {
        let mut length = [0; 4];
        self.output.read_exact(&mut length).unwrap();
        let length = u32::from_ne_bytes(length) as usize;
        assert!(length <= 1 << 20, "browsers take no frame of {length} bytes");
        let mut message = vec![0; length];
        self.output.read_exact(&mut message).unwrap();
        serde_json::from_slice(&message).unwrap()
    }

    /// The next message, put together from its parts.
    fn hear(&mut self) -> Value {
        let mut whole = String::new();
        loop {
            let frame = self.frame();
            let Some(part) = frame.get("part") else { return frame };
            whole.push_str(part["text"].as_str().unwrap());
            if part["isLast"] == true {
                return serde_json::from_str(&whole).unwrap();
            }
        }
    }

    fn call(&mut self, id: &str, method: &str, path: &str, body: Option<&Value>, is_stream: bool) {
        let body = body.map(ToString::to_string);
        self.say(&json!({
            "call": { "id": id, "method": method, "path": path, "body": body, "isStream": is_stream }
        }));
    }

    /// Asks, and gives the answer's data, or the problem.
    fn ask(&mut self, method: &str, path: &str, body: Option<&Value>) -> Result<Value, Value> {
        self.call("one", method, path, body, false);
        let mut data = Value::Null;
        loop {
            let heard = self.hear();
            assert_eq!(heard["id"], "one", "{heard}");
            let piece = &heard["piece"];
            match (piece.get("data"), piece.get("failed")) {
                (Some(found), _) => data = found.clone(),
                (_, Some(problem)) => return Err(problem.clone()),
                _ => return Ok(data),
            }
        }
    }

    fn resident_megabytes(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let line = status.lines().find(|line| line.starts_with("VmRSS")).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() / 1024.0
    }
}

impl Drop for Port {
    fn drop(&mut self) {
        drop(self.input.take());
        let until = Instant::now() + Duration::from_secs(5);
        while Instant::now() < until {
            if self.child.try_wait().unwrap().is_some() {
                return;
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        self.child.kill().unwrap();
        if !std::thread::panicking() {
            panic!("it goes on although its port was closed");
        }
    }
}

#[test]
fn the_extension_asks_reads_saves_and_manages_nothing() {
    let ambit = Ambit::new();
    ambit.write("garden.md", "# Garden\n\nThe beehives are looked after by Theodora, in the last week of July.\n");
    ambit.index();
    ambit.text(&["stop"]);
    // It starts the host.
    let mut port = Port::open(&ambit);
    let status = port.ask("GET", "/v1/status", None).unwrap();
    assert_eq!(status["roots"].as_array().unwrap().len(), 1, "{status}");
    port.call("ask", "POST", "/v1/ask", Some(&json!({ "question": "Who looks after the beehives?" })), true);
    let mut events = Vec::new();
    loop {
        let heard = port.hear();
        match heard["piece"].get("data") {
            Some(event) => events.push(event.clone()),
            None => {
                assert_eq!(heard["piece"], json!({ "ended": true }));
                break;
            }
        }
    }
    let told: String = events.iter().filter_map(|event| event["text"].as_str()).collect();
    assert!(told.contains("Theodora"), "{events:?}");
    let saved = port.ask("POST", "/v1/memories", Some(&json!({ "text": "The gate key hangs in the shed" }))).unwrap();
    assert!(saved["id"].is_string() || saved["id"].is_number(), "{saved}");
    for (method, path, body) in [
        ("PUT", "/v1/settings/network.offline", Some(json!({ "value": true }))),
        ("POST", "/v1/tokens", Some(json!({ "name": "x", "scopes": ["manage"] }))),
        ("POST", "/v1/forget", Some(json!({ "path": "/" }))),
        ("GET", "/v1/audit", None),
    ] {
        let refused = port.ask(method, path, body.as_ref()).unwrap_err();
        assert_eq!(refused["code"], "forbidden", "{method} {path}: {refused}");
    }
    let outside = port.ask("GET", "/etc/passwd", None).unwrap_err();
    assert_eq!(outside["code"], "invalid-input", "{outside}");
    let megabytes = port.resident_megabytes();
    ambit_tests::tell(&format!("{PROGRAM} has {megabytes:.1} MB"));
    assert!(megabytes <= 15.0, "{megabytes} MB");
}

#[test]
fn a_port_outlives_bad_messages_and_the_host() {
    let ambit = Ambit::new();
    let mut port = Port::open(&ambit);
    port.ask("GET", "/v1/status", None).unwrap();
    for bad in [&b"{"[..], b"", b"[]", b"{\"call\":{}}", b"{\"shout\":1}", b"\xff\xfe"] {
        port.say_bytes(bad);
        let heard = port.hear();
        assert_eq!(heard["failed"]["code"], "invalid-input", "{heard}");
    }
    // Nobody waits for this one.
    port.say(&json!({ "cancel": "unknown" }));
    ambit.kill();
    port.ask("GET", "/v1/status", None).unwrap();
    assert!(ambit.host().is_some(), "no host was started");
}

#[test]
fn answers_longer_than_a_frame_come_in_parts_and_one_can_be_given_up() {
    let ambit = Ambit::new();
    let mut port = Port::open(&ambit);
    // An image is kept as it is.
    let image: Vec<u8> =
        b"\x89PNG\r\n\x1a\n".iter().copied().chain((0..1_500_000_u32).map(|at| (at % 251) as u8)).collect();
    let given = STANDARD.encode(&image);
    let kept = port.ask("POST", "/v1/attachments", Some(&json!({ "name": "garden.png", "content": given }))).unwrap();
    let path = format!("/v1/attachments/{}?content=true", kept["id"].as_str().unwrap());
    let whole = port.ask("GET", &path, None).unwrap();
    assert!(whole["content"] == given, "{} of {} characters", whole["content"].to_string().len(), given.len());

    port.call("long", "GET", "/v1/index/events", None, true);
    let first = port.hear();
    assert_eq!(first["id"], "long", "{first}");
    port.call("long", "GET", "/v1/status", None, false);
    let twice = loop {
        let heard = port.hear();
        if heard["piece"].get("failed").is_some() {
            break heard;
        }
    };
    assert!(twice["piece"]["failed"]["detail"].as_str().unwrap().contains("this name"), "{twice}");
    port.say(&json!({ "cancel": "long" }));
    port.ask("GET", "/v1/status", None).unwrap();
}

#[test]
fn only_the_extension_is_let_in() {
    let ambit = Ambit::new();
    let run = |arguments: &[&str]| ambit.program(binary_named(PROGRAM)).args(arguments).output().unwrap();
    let stranger = run(&["chrome-extension://abcdefghijklmnopabcdefghijklmnop/"]);
    assert!(
        !stranger.status.success() && shown(&stranger).contains("is not Ambit's extension"),
        "{}",
        shown(&stranger)
    );
    let person = run(&[]);
    assert!(!person.status.success() && shown(&person).contains("ambit browser install"), "{}", shown(&person));
    let version = run(&["--version"]);
    assert_eq!(String::from_utf8_lossy(&version.stdout), "ambit-native-host 0.1.0\n");
}

#[test]
fn a_saved_page_is_found_changed_and_forgotten_for_good() {
    let ambit = Ambit::new();
    ambit.write("notes.md", "# Notes\n\nNothing of bees stands here.\n");
    ambit.index();
    let mut port = Port::open(&ambit);
    let url = "https://example.org/hives?year=2026";
    let page = |text: &str| json!({ "url": format!("{url}#part"), "title": "Hives of the orchard", "text": text });
    let text = "# Hives\n\nThe queen of the second hive is called Theodora, and she was marked blue in May.";
    let saved = port.ask("POST", "/v1/pages", Some(&page(text))).unwrap();
    assert_eq!((&saved["url"], &saved["change"]), (&json!(url), &json!("new")), "{saved}");
    let path = saved["path"].as_str().unwrap().to_owned();
    let file = std::fs::read_to_string(&path).unwrap();
    assert!(file.contains(&format!("url: {url}\n")) && file.contains("Theodora"), "{file}");

    // From another program, without a browser.
    let answer = ambit.text(&["ask", "What is the queen of the second hive called?"]);
    assert!(answer.contains("Theodora") && answer.contains("Hives of the orchard"), "{answer}");
    assert!(answer.contains("(from the web)"), "{answer}");
    let found = ambit.json(&["search", "queen of the second hive"]);
    let outside = |path: &str| {
        let mut hits = found["passages"].as_array().unwrap().iter();
        hits.find(|hit| hit["path"].as_str().unwrap().ends_with(path)).map(|hit| hit["from_outside"] == true)
    };
    assert_eq!((outside(&path), outside("notes.md")), (Some(true), Some(false)), "{found}");
    let listed = ambit.text(&["pages", "list"]);
    assert!(listed.contains(url) && listed.contains("Hives of the orchard"), "{listed}");

    // What it describes for machines is asked for in the graph.
    let mut described = page(text);
    described["things"] = json!([{
        "type": "Product", "name": "Hive tool", "properties": [{ "name": "price", "value": "9 EUR" }],
    }]);
    assert_eq!(port.ask("POST", "/v1/pages", Some(&described)).unwrap()["change"], "same");
    let price = "SELECT ?price { ?page schema:about ?tool . ?tool schema:name 'Hive tool' ; schema:price ?price }";
    eventually("the graph knows the price", Duration::from_secs(20), || {
        ambit.text(&["graph", "query", price]).contains("9 EUR")
    });

    assert_eq!(port.ask("POST", "/v1/pages", Some(&page(text))).unwrap()["change"], "same");
    let changed = port.ask("POST", "/v1/pages", Some(&page("# Hives\n\nThe queen is called Wilhelmina."))).unwrap();
    assert_eq!((&changed["change"], changed["path"].as_str().unwrap()), (&json!("changed"), path.as_str()));
    let answer = ambit.text(&["ask", "What is the queen called?"]);
    assert!(answer.contains("Wilhelmina") && !answer.contains("Theodora"), "{answer}");

    for (bad, why) in [
        (json!({ "url": "file:///etc/passwd", "text": "x" }), "no address"),
        (json!({ "url": url, "text": " \n" }), "no text"),
    ] {
        let refused = port.ask("POST", "/v1/pages", Some(&bad)).unwrap_err();
        assert!(refused["detail"].as_str().unwrap().contains(why), "{refused}");
    }
    let elsewhere = ambit.write("private.md", "Keep me.");
    let refused = port.ask("DELETE", &format!("/v1/pages?path={}", elsewhere.display()), None).unwrap_err();
    assert!(refused["code"] == "not-found" && elsewhere.exists(), "{refused}");

    // A folder around it changes nothing.
    let around = ambit.files().parent().unwrap().display().to_string();
    ambit.text(&["index", "remove", ambit.files().to_str().unwrap()]);
    ambit.text(&["index", "add", &around, "--wait"]);
    ambit.text(&["index", "rescan"]);
    port.ask("POST", "/v1/pages", Some(&page("# Hives\n\nThe queen is called Wilhelmina, as before."))).unwrap();
    assert!(ambit.search("queen Wilhelmina").contains(&path), "{:?}", ambit.search("queen Wilhelmina"));

    // One as long as pages may be.
    let long = "Bees are counted once more, and all of them are well. ".repeat(60_000);
    let long = json!({ "url": "https://example.org/long", "title": "Long", "text": long });
    assert_eq!(port.ask("POST", "/v1/pages", Some(&long)).unwrap()["change"], "new");
    ambit.text(&["pages", "remove", "https://example.org/long"]);

    ambit.text(&["pages", "remove", url]);
    assert!(!Path::new(&path).exists());
    assert!(ambit.search("queen Wilhelmina").iter().all(|found| *found != path));
    ambit.text(&["forget", "--yes", &ambit.data().join("pages").display().to_string()]);
    drop(port);
    ambit.text(&["stop"]);
    assert_eq!(files_that_hold(&ambit.data(), "Wilhelmina"), Vec::<PathBuf>::new(), "it is on disk yet");
}
