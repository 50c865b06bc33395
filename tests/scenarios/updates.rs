//! The update check, in front of a server of this machine and with signatures that minisign made.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::Output;
use std::sync::{Arc, Mutex};

use ambit_tests::{Ambit, shown};
use serde_json::json;

/// A key pair of who publishes.
struct Publisher {
    folder: tempfile::TempDir,
}

impl Publisher {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        // Without a password, as nobody is there to type one.
        minisign(&["-G", "-W", "-p", "key.pub", "-s", "key"], folder.path());
        Self { folder }
    }

    fn public(&self) -> PathBuf {
        self.folder.path().join("key.pub")
    }

    fn sign(&self, content: &[u8]) -> Vec<u8> {
        let file = self.folder.path().join("update.json");
        std::fs::write(&file, content).unwrap();
        minisign(&["-S", "-s", "key", "-m", "update.json", "-x", "signature"], self.folder.path());
        std::fs::read(self.folder.path().join("signature")).unwrap()
    }
}

fn minisign(arguments: &[&str], folder: &Path) {
    let run = std::process::Command::new("minisign").args(arguments).current_dir(folder).output();
    let output = run.unwrap_or_else(|error| panic!("minisign: {error}; `make test` installs it"));
    assert!(output.status.success(), "minisign: {}", shown(&output));
}

/// A server that answers what it was given, and notes what was asked.
struct Server {
    address: String,
    files: Arc<Mutex<BTreeMap<String, Vec<u8>>>>,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Server {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = Self { address, files: Arc::default(), asked: Arc::default() };
        let (files, asked) = (Arc::clone(&server.files), Arc::clone(&server.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut lines = BufReader::new(stream.try_clone().unwrap()).lines();
                let request = lines.next().unwrap().unwrap();
                while lines.next().is_some_and(|line| line.is_ok_and(|line| !line.is_empty())) {}
                let path = request.split(' ').nth(1).unwrap().trim_start_matches('/').to_owned();
                let found = files.lock().unwrap().get(&path).cloned();
                asked.lock().unwrap().push(path);
                let status = if found.is_some() { "200 OK" } else { "404 Not Found" };
                let body = found.unwrap_or_default();
                let head = format!("HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", body.len());
                // A client that has read enough closes the connection.
                stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&body)).ok();
            }
        });
        server
    }

    fn list(&self) -> String {
        format!("{}/ambit/update.json", self.address)
    }

    fn serve(&self, list: Vec<u8>, signature: Vec<u8>) {
        let mut files = self.files.lock().unwrap();
        files.insert("ambit/update.json".to_owned(), list);
        files.insert("ambit/update.json.minisig".to_owned(), signature);
    }

    fn publish(&self, publisher: &Publisher, version: &str) {
        self.publish_list(publisher, list_of(version));
    }

    fn publish_list(&self, publisher: &Publisher, list: Vec<u8>) {
        let signature = publisher.sign(&list);
        self.serve(list, signature);
    }

    fn asked(&self) -> Vec<String> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }
}

fn list_of(version: &str) -> Vec<u8> {
    list_from(version, &jiff::Timestamp::now().to_string())
}

fn list_from(version: &str, published: &str) -> Vec<u8> {
    let file = json!({ "url": format!("ambit_{version}_amd64.deb"), "bytes": 60_000_000, "sha256": "0f".repeat(32) });
    let list = json!({ "name": "ambit", "version": version, "published": published, "files": [file] });
    list.to_string().into_bytes()
}

/// An installation that knows the publisher and looks at the server.
fn installation(server: &Server, publisher: &Publisher, more: &[(&str, &str)]) -> Ambit {
    let list = server.list();
    let mut environment = vec![("AMBIT_UPDATES_ADDRESS", list.as_str())];
    environment.extend(more);
    let ambit = Ambit::with(&environment);
    let configuration = ambit.home().join(".config/ambit");
    std::fs::create_dir_all(&configuration).unwrap();
    std::fs::copy(publisher.public(), configuration.join("update.pub")).unwrap();
    ambit
}

fn refused(output: &Output, why: &str) {
    assert_eq!(output.status.code(), Some(1), "{}", shown(output));
    assert!(shown(output).contains(why), "not `{why}`: {}", shown(output));
}

#[test]
fn a_newer_version_is_told_of_and_nothing_else_is_fetched() {
    let (server, publisher) = (Server::start(), Publisher::new());
    let ambit = installation(&server, &publisher, &[]);
    server.publish(&publisher, "99.1.0");
    let told = ambit.text(&["update", "check"]);
    assert!(told.contains("Version 99.1.0 is there"), "{told}");
    assert!(told.contains(&format!("{}/ambit/ambit_99.1.0_amd64.deb", server.address)), "{told}");
    assert!(told.contains(&"0f".repeat(32)), "{told}");
    assert_eq!(server.asked(), ["ambit/update.json", "ambit/update.json.minisig"]);
    assert!(ambit.text(&["status"]).contains("version 99.1.0 is there"), "the status tells of it as well");
    let audit = ambit.text(&["audit"]);
    assert!(audit.contains("update.check"), "{audit}");

    let own = env!("CARGO_PKG_VERSION");
    let other = installation(&server, &publisher, &[]);
    server.publish(&publisher, own);
    assert!(other.text(&["update", "check"]).contains("is the newest version"));
    assert_eq!(other.json(&["update", "check"])["is_newer"], false);
}

#[test]
fn what_the_publisher_did_not_sign_is_not_believed() {
    let (server, publisher, stranger) = (Server::start(), Publisher::new(), Publisher::new());
    let ambit = installation(&server, &publisher, &[]);
    let check = || ambit.run(&["update", "check"]);

    server.publish(&stranger, "99.1.0");
    refused(&check(), "not by the known key");
    // The right key, of another list.
    server.serve(list_of("99.2.0"), publisher.sign(&list_of("99.1.0")));
    refused(&check(), "not by the known key");
    server.serve(list_of("99.1.0"), b"untrusted comment: none\nRWQ\n".to_vec());
    refused(&check(), "signature is none of minisign");
    // Signed, and no list of ours.
    for garbage in [&b"garbage"[..], b"{\"name\":\"other\",\"version\":\"99.1.0\",\"files\":[]}"] {
        server.serve(garbage.to_vec(), publisher.sign(garbage));
        refused(&check(), "is not believed");
    }
    let large = vec![b' '; 10 << 20];
    server.serve(large.clone(), publisher.sign(&large));
    refused(&check(), "larger than");
    server.files.lock().unwrap().clear();
    refused(&check(), "404");
    assert!(!ambit.text(&["status"]).contains("99."), "nothing of that was taken for a version");
}

#[test]
fn an_old_list_does_not_pass_for_a_new_one() {
    let (server, publisher) = (Server::start(), Publisher::new());
    let ambit = installation(&server, &publisher, &[]);
    server.publish(&publisher, "99.2.0");
    ambit.text(&["update", "check"]);
    server.publish(&publisher, "99.1.0");
    refused(&ambit.run(&["update", "check"]), "99.2.0 was seen before");
    // The next host knows it as well.
    ambit.text(&["stop"]);
    refused(&ambit.run(&["update", "check"]), "99.2.0 was seen before");

    // Nor does a backup of earlier times take back what was seen.
    let empty = ambit.home().join("empty.db");
    let other = installation(&server, &publisher, &[]);
    other.text(&["backup", empty.to_str().unwrap()]);
    ambit.text(&["restore", "--yes", empty.to_str().unwrap()]);
    refused(&ambit.run(&["update", "check"]), "99.2.0 was seen before");

    // Whoever publishes with another key begins anew.
    let successor = Publisher::new();
    std::fs::copy(successor.public(), ambit.home().join(".config/ambit/update.pub")).unwrap();
    server.publish(&successor, "99.0.0");
    assert_eq!(ambit.json(&["update", "check"])["newest"], "99.0.0");
}

#[test]
fn a_list_that_may_be_held_back_is_told_as_such() {
    let (server, publisher) = (Server::start(), Publisher::new());
    let ambit = installation(&server, &publisher, &[]);
    server.publish_list(&publisher, list_from(env!("CARGO_PKG_VERSION"), "2020-02-29T12:00:00Z"));
    let told = ambit.run(&["update", "check"]);
    assert!(told.status.success(), "{}", shown(&told));
    let told = shown(&told);
    assert!(told.contains("published 2020-02-29") && told.contains("may be held back"), "{told}");
    let found = ambit.json(&["update", "check"]);
    assert_eq!(found["published_at"], 1_582_977_600_000_i64);
    assert!(found["warning"].as_str().unwrap().contains("days ago"), "{found}");
    server.publish(&publisher, env!("CARGO_PKG_VERSION"));
    assert!(ambit.json(&["update", "check"])["warning"].is_null());
}

#[test]
fn nobody_is_asked_who_was_not_named_or_when_offline() {
    let (server, publisher) = (Server::start(), Publisher::new());
    let unnamed = Ambit::new();
    refused(&unnamed.run(&["update", "check"]), "no address");

    let keyless = Ambit::with(&[("AMBIT_UPDATES_ADDRESS", &server.list())]);
    server.publish(&publisher, "99.1.0");
    refused(&keyless.run(&["update", "check"]), "update.pub");
    assert!(server.asked().is_empty(), "without a key nothing that is there would be believed");

    let elsewhere =
        [("AMBIT_UPDATES_ADDRESS", "https://updates.example/update.json"), ("AMBIT_NETWORK_OFFLINE", "true")];
    let offline = installation(&server, &publisher, &elsewhere);
    refused(&offline.run(&["update", "check"]), "offline");
}
