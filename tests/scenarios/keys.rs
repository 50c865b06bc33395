//! Keys of providers in the keyring of a desktop: GNOME's, on a session bus of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::net::UnixListener;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use ambit_tests::{Ambit, eventually, files_that_hold, shown};
use tempfile::TempDir;

use crate::providers::{KEY, Server, failed, with_input};

/// A session bus without anything on it.
struct Bus {
    folder: TempDir,
    daemon: Child,
    address: String,
}

impl Bus {
    fn start() -> Self {
        let folder = tempfile::Builder::new().prefix("bus-").tempdir().unwrap();
        let socket = folder.path().join("bus");
        let configuration = folder.path().join("session.conf");
        // The system's own configuration would start a keyring for whoever asks.
        let text = format!(
            "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\" \
             \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\"><busconfig><type>session</type>\
             <listen>unix:path={}</listen><auth>EXTERNAL</auth><policy context=\"default\"><allow send_destination=\"*\" \
             eavesdrop=\"true\"/><allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>",
            socket.display()
        );
        std::fs::write(&configuration, text).unwrap();
        let mut command = Command::new("dbus-daemon");
        command.arg("--config-file").arg(&configuration).args(["--nofork", "--print-address"]);
        let mut daemon = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut address = String::new();
        BufReader::new(daemon.stdout.take().unwrap()).read_line(&mut address).unwrap();
        Self { folder, daemon, address: address.trim().to_owned() }
    }

    fn command(&self, program: &str, arguments: &[&str]) -> Command {
        let mut command = Command::new(program);
        command
            .args(arguments)
            .env("DBUS_SESSION_BUS_ADDRESS", &self.address)
            .env("HOME", self.folder.path())
            .env("XDG_RUNTIME_DIR", self.folder.path());
        command
    }

    /// What the keyring has for Ambit, as another program reads it.
    fn kept(&self) -> String {
        let output = self.command("secret-tool", &["lookup", "application", "ambit"]).output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    }

    fn lock(&self) {
        let collection = "array:objpath:/org/freedesktop/secrets/collection/login";
        let call = ["/org/freedesktop/secrets", "org.freedesktop.Secret.Service.Lock", collection];
        let mut command = self.command("dbus-send", &["--session", "--print-reply", "--dest=org.freedesktop.secrets"]);
        let output = command.args(call).output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        self.daemon.kill().ok();
        self.daemon.wait().ok();
    }
}

/// GNOME's keyring on a bus, with its collection open.
struct Keyring(Child);

impl Keyring {
    fn start(bus: &Bus) -> Self {
        let arguments = ["--foreground", "--unlock", "--components=secrets"];
        let mut command = bus.command("gnome-keyring-daemon", &arguments);
        let mut daemon = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        daemon.stdin.take().unwrap().write_all(b"password").unwrap();
        let name = "string:org.freedesktop.secrets";
        let call = [
            "--session",
            "--print-reply",
            "--dest=org.freedesktop.DBus",
            "/",
            "org.freedesktop.DBus.NameHasOwner",
            name,
        ];
        eventually("the keyring is on the bus", Duration::from_secs(20), || {
            let output = bus.command("dbus-send", &call).output().unwrap();
            String::from_utf8_lossy(&output.stdout).contains("true")
        });
        Self(daemon)
    }
}

impl Drop for Keyring {
    fn drop(&mut self) {
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Where the key of the provider is, as the list of providers tells.
fn place(ambit: &Ambit) -> String {
    ambit.json(&["providers", "list"])["providers"][0]["key"].as_str().unwrap_or_default().to_owned()
}

fn set_key(ambit: &Ambit, key: &str) -> String {
    let kept = with_input(ambit, &["providers", "key", "house"], key);
    assert!(kept.status.success(), "{}", shown(&kept));
    String::from_utf8(kept.stderr).unwrap()
}

#[test]
fn a_key_lives_in_the_keyring_and_in_the_sealed_file_only_while_that_is_locked() {
    let bus = Bus::start();
    let keyring = Keyring::start(&bus);
    let server = Server::start();
    let ambit = Ambit::with(&[("DBUS_SESSION_BUS_ADDRESS", &bus.address)]);
    let url = format!("http://localhost:{}", server.port);
    ambit.json(&["providers", "add", "house", "--url", &url, "--model", "small"]);
    assert_eq!(place(&ambit), "", "it has none yet");
    let told = set_key(&ambit, KEY);
    assert!(told.contains("the desktop's keyring"), "{told}");
    assert_eq!(bus.kept(), KEY, "the keyring itself has it");
    assert!(place(&ambit).contains("the desktop's keyring"), "{}", place(&ambit));
    assert!(ambit.text(&["doctor"]).contains("kept in the desktop's keyring (Secret Service): 1"));
    assert!(!ambit.data().join("keys.sealed").exists(), "it is sealed in a file as well");

    // Another host finds it again.
    ambit.text(&["stop"]);
    let held = files_that_hold(ambit.data().parent().unwrap(), KEY);
    assert!(held.is_empty(), "the key stands in clear: {held:?}");
    chat(&ambit);
    assert!(server.came()[0].contains(&format!("Bearer {KEY}")), "{:?}", server.came());

    bus.lock();
    let refused = chat(&ambit);
    assert!(refused.contains("the keychain is locked") && refused.contains("unlock it"), "{refused}");
    assert_eq!(server.came().len(), 1, "it is asked without its key");
    let told = failed(&ambit, &["providers", "remove", "house"]);
    assert!(told.contains("the keychain is locked"), "a key that cannot be removed is not forgotten: {told}");
    let told = set_key(&ambit, "sesame-key-0815");
    assert!(told.contains("the sealed file") && told.contains("since the keychain is locked"), "{told}");
    assert!(place(&ambit).contains("the sealed file"), "{}", place(&ambit));
    chat(&ambit);
    assert!(server.came()[1].contains("Bearer sesame-key-0815"), "{:?}", server.came());

    // When the keyring is open again, the next host moves the key there.
    drop(keyring);
    ambit.text(&["stop"]);
    let _keyring = Keyring::start(&bus);
    ambit.text(&["status"]);
    eventually("the key is moved", Duration::from_secs(20), || place(&ambit).contains("the desktop's keyring"));
    assert_eq!(bus.kept(), "sesame-key-0815");
    chat(&ambit);
    assert!(server.came()[2].contains("Bearer sesame-key-0815"), "{:?}", server.came());
    ambit.text(&["providers", "remove", "house"]);
    assert_eq!(bus.kept(), "", "it stays in the keyring when nobody knows of it");
}

/// Asks the provider's model by way of the API, and gives what came back.
fn chat(ambit: &Ambit) -> String {
    ambit.text(&["status"]);
    let body = r#"{"model": "house/small", "messages": [{"role": "user", "content": "Hello"}]}"#;
    let mut curl = Command::new("curl");
    curl.args(["-s", "--unix-socket"]).arg(ambit.data().join("run/host.sock"));
    let output = curl.args(["http://localhost/v1/chat/completions", "--json", body]).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn without_a_keyring_that_answers_keys_are_sealed_in_a_file() {
    let empty = Bus::start();
    let folder = tempfile::tempdir().unwrap();
    let mute = folder.path().join("mute");
    let _listener = UnixListener::bind(&mute).unwrap();
    let cases = [
        ("unix:path=/nonexistent/bus".to_owned(), "there is no keychain here"),
        (empty.address.clone(), "no keyring runs in this session"),
        (format!("unix:path={}", mute.display()), "it did not answer within 3 seconds"),
    ];
    for (address, reason) in cases {
        let ambit = Ambit::with(&[("DBUS_SESSION_BUS_ADDRESS", &address)]);
        let begun = Instant::now();
        ambit.json(&["providers", "add", "house", "--url", "http://127.0.0.1:9"]);
        let told = set_key(&ambit, KEY);
        assert!(told.contains("the sealed file") && told.contains(reason), "{reason}: {told}");
        assert!(begun.elapsed() < Duration::from_secs(15), "{reason}: it took {:?}", begun.elapsed());
        assert!(place(&ambit).contains("keys.sealed"), "{}", place(&ambit));
        assert!(!ambit.data().join("keychain.json").exists(), "a keyring that is not there leaves no trace");
    }
}
