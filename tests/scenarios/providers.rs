//! Servers of language models that somebody runs already: one on this machine, and one elsewhere.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};
use std::sync::{Arc, Mutex};

use ambit_tests::{Ambit, binary, files_that_hold, shown};
use serde_json::{Value, json};

use crate::main_job;

pub(crate) const KEY: &str = "sesame-key-4711";
const QUESTION: &str = "How should I water my tomato plants?";

/// A server of OpenAI's API on this machine.
pub(crate) struct Server {
    pub(crate) port: u16,
    came: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// One that answers every chat alike.
    pub(crate) fn start() -> Self {
        Self::answering(|_| "At the root, early [1].".to_owned())
    }

    /// One that answers what a request says.
    pub(crate) fn answering(answer: impl Fn(&Value) -> String + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let came = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&came);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                let mut request = Vec::new();
                loop {
                    let mut piece = [0; 4096];
                    let read = stream.read(&mut piece).unwrap();
                    request.extend_from_slice(&piece[..read]);
                    let text = String::from_utf8_lossy(&request).into_owned();
                    let Some((head, body)) = text.split_once("\r\n\r\n") else { continue };
                    if head.starts_with("GET ") {
                        break;
                    }
                    let length = head.to_ascii_lowercase();
                    let length = length.lines().find_map(|line| line.strip_prefix("content-length: "));
                    if read == 0 || body.len() >= length.unwrap().parse::<usize>().unwrap() {
                        noted.lock().unwrap().push(text);
                        break;
                    }
                }
                if request.starts_with(b"GET ") {
                    // It is no Ollama, and knows nothing of what only that is asked.
                    let nothing = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
                    stream.write_all(nothing.as_bytes()).unwrap();
                    continue;
                }
                let asked = String::from_utf8_lossy(&request).into_owned();
                let answer = answer(&serde_json::from_str(asked.split_once("\r\n\r\n").unwrap().1).unwrap());
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\n";
                let end = "data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";
                let pieces = answer.split_inclusive(' ').map(|piece| {
                    let delta = json!({ "choices": [{ "delta": { "content": piece } }] });
                    format!("data: {delta}\n\n")
                });
                stream.write_all(format!("{head}{}{end}", pieces.collect::<String>()).as_bytes()).unwrap();
            }
        });
        Self { port, came }
    }

    pub(crate) fn came(&self) -> Vec<String> {
        self.came.lock().unwrap().clone()
    }
}

/// Runs a command with a text on its standard input.
pub(crate) fn with_input(ambit: &Ambit, arguments: &[&str], input: &str) -> Output {
    let mut command = ambit.command(arguments);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn curl(ambit: &Ambit, arguments: &[&str]) -> String {
    let mut curl = Command::new("curl");
    curl.args(["-s", "--unix-socket"]).arg(ambit.data().join("run/host.sock")).args(arguments);
    String::from_utf8(curl.output().unwrap().stdout).unwrap()
}

pub(crate) fn failed(ambit: &Ambit, arguments: &[&str]) -> String {
    let output = ambit.run(arguments);
    assert_eq!(output.status.code(), Some(1), "ambit {}: {}", arguments.join(" "), shown(&output));
    String::from_utf8(output.stderr).unwrap()
}

#[test]
fn a_server_on_this_machine_answers_offline_and_the_ledger_tells_what_it_got() {
    let server = Server::start();
    let ambit = Ambit::with(&[("AMBIT_NETWORK_OFFLINE", "true")]);
    main_job::fill(&ambit);
    ambit.index();
    let url = format!("http://localhost:{}", server.port);
    let added = ambit.json(&["providers", "add", "house", "--url", &url, "--model", "small"]);
    assert_eq!((added["remote"].as_bool(), added["host"].as_str()), (Some(false), Some("127.0.0.1")), "{added}");
    let kept = with_input(&ambit, &["providers", "key", "house"], &format!("{KEY}\n"));
    assert!(kept.status.success(), "{}", shown(&kept));
    ambit.text(&["settings", "set", "models.language", "house/small"]);
    assert_eq!(ambit.json(&["status"])["language_model"], "house/small");

    let answer = ambit.text(&["ask", QUESTION]);
    assert!(answer.contains("At the root, early [1].") && answer.contains("tomatoes.md"), "{answer}");
    assert!(answer.contains("nothing left this machine"), "{answer}");
    let came = server.came().remove(0);
    assert!(came.starts_with("POST /v1/chat/completions"), "{came}");
    assert!(came.contains(&format!("Bearer {KEY}")), "the key is sent: {came}");
    assert!(came.contains("early in the morning"), "the passage is sent: {came}");

    let listed = ambit.json(&["egress", "list"]);
    let sent = listed["transmissions"][0].clone();
    assert_eq!((sent["sent"].as_bool(), sent["provider"].as_str()), (Some(true), Some("house")), "{listed}");
    assert!(sent["paths"].to_string().contains("tomatoes.md"), "{sent}");
    let number = sent["id"].to_string();
    let shown = ambit.json(&["egress", "show", &number]);
    let body = came.split_once("\r\n\r\n").unwrap().1;
    assert_eq!(shown["content"].as_str().unwrap(), body, "the ledger holds the very bytes");
    assert!(ambit.text(&["egress", "show", &number]).contains(QUESTION));

    // Others that speak to this host can name it as well.
    let models: Value = serde_json::from_str(&curl(&ambit, &["http://localhost/v1/models"])).unwrap();
    assert!(models["data"].as_array().unwrap().iter().any(|model| model["id"] == "house/small"), "{models}");
    let body = r#"{"model": "house/other", "messages": [{"role": "user", "content": "Hello"}]}"#;
    let reply = curl(&ambit, &["http://localhost/v1/chat/completions", "--json", body]);
    assert!(reply.contains("At the root, early [1].") && reply.contains("house/other"), "{reply}");
    let body = r#"{"model": "house/other", "messages": [{"role": "user", "content": "Hello"}], "stream": false}"#;
    let reply = curl(&ambit, &["http://localhost/api/chat", "--json", body]);
    assert!(reply.contains("At the root, early [1]."), "{reply}");
    let shown = r#"{"model": "house/small", "messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo="}}]}]}"#;
    let image =
        r#"{"model": "house/small", "messages": [{"role": "user", "content": "Look", "images": ["iVBORw0KGgo="]}]}"#;
    for (route, image) in [("v1/chat/completions", shown), ("api/chat", image)] {
        let reply = curl(&ambit, &[&format!("http://localhost/{route}"), "--json", image]);
        assert!(reply.contains("`house/small` is not known to take images"), "{reply}");
        assert!(reply.contains("ambit providers change"), "{reply}");
    }
    assert_eq!(server.came().len(), 3, "images are not sent");
    let changed = ambit.text(&["providers", "change", "house", "--images", "small"]);
    assert!(changed.contains("images  house/small"), "{changed}");
    let reply = curl(&ambit, &["http://localhost/v1/chat/completions", "--json", shown]);
    assert!(reply.contains("At the root, early [1]."), "{reply}");
    assert!(server.came()[3].contains("data:image/png;base64,iVBORw0KGgo="), "{:?}", server.came());
    let newest = ambit.json(&["egress", "list"])["transmissions"][0]["id"].to_string();
    let told = ambit.text(&["egress", "show", &newest]);
    assert!(told.contains("[1 image, 8 B]") && !told.contains("iVBORw0KGgo"), "{told}");

    // A question names another model, and one that is not there is answered with those that are.
    ambit.text(&["ask", "--model", "house/other", QUESTION]);
    assert!(server.came()[4].contains("\"model\":\"other\""), "{:?}", server.came());
    let told = failed(&ambit, &["ask", "--model", "nobody", QUESTION]);
    assert!(told.contains("no language model called `nobody`") && told.contains("house/small"), "{told}");

    let session = sent["session"].as_str().unwrap();
    ambit.text(&["sessions", "remove", session]);
    let shown = ambit.json(&["egress", "show", &number]);
    assert!(shown["content"].is_null() && shown["sent"] == true, "the content went with its session: {shown}");
    let newest = ambit.json(&["egress", "list"])["transmissions"][0]["id"].to_string();
    ambit.text(&["egress", "erase", &newest]);
    assert!(ambit.json(&["egress", "show", &newest])["content"].is_null());

    let audit = ambit.json(&["audit"]);
    let actions: Vec<&str> =
        audit["records"].as_array().unwrap().iter().map(|record| record["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"provider.add") && actions.contains(&"network.post"), "{actions:?}");
    ambit.text(&["stop"]);
    let held = files_that_hold(ambit.data().parent().unwrap(), KEY);
    assert!(held.is_empty(), "the key stands in clear: {held:?}");
}

#[test]
fn a_server_elsewhere_gets_nothing_that_was_not_allowed() {
    let ambit = Ambit::with(&[("AMBIT_API_COMPATIBILITY_PORT", "0")]);
    main_job::fill(&ambit);
    let secret = ["ghp", "_16C7e42F292c6912E7710c838347Ae178B4a"].concat();
    ambit.write(
        "work/deploy.md",
        format!("# Deploying\n\nThe deployment of the harbour crane uses the token {secret}.\n"),
    );
    ambit.index();
    // An address for documentation: nobody is there, and nobody is asked.
    let refused = failed(&ambit, &["providers", "add", "far", "--url", "http://192.0.2.1:8000/v1"]);
    assert!(refused.contains("https"), "{refused}");
    ambit.text(&["providers", "add", "far", "--url", "https://192.0.2.1/v1", "--model", "big"]);
    ambit.text(&["settings", "set", "models.language", "far/big"]);

    let answer = ambit.text(&["ask", QUESTION]);
    assert!(answer.contains("early in the morning"), "it quotes instead: {answer}");
    assert!(answer.contains("nothing was sent") && answer.contains("ambit providers allow far FOLDER"), "{answer}");
    assert_eq!(ambit.json(&["egress", "list"])["transmissions"].as_array().unwrap().len(), 0);

    let garden = ambit.files().join("garden");
    let allowed = ambit.text(&["providers", "allow", "far", garden.to_str().unwrap()]);
    assert!(allowed.contains("may have passages of") && allowed.contains("garden"), "{allowed}");
    let preview = failed(&ambit, &["ask", QUESTION]);
    assert!(preview.contains("early in the morning") && preview.contains(QUESTION), "it shows the words: {preview}");
    assert!(preview.contains("ambit providers consent far"), "{preview}");
    assert!(!preview.contains(garden.to_str().unwrap()), "folders are nobody's business: {preview}");
    let held = ambit.json(&["egress", "list"])["transmissions"][0].clone();
    assert_eq!(held["sent"], false, "{held}");

    ambit.text(&["providers", "consent", "far"]);
    ambit.text(&["providers", "allow", "far", ambit.files().join("work").to_str().unwrap()]);
    let told = failed(&ambit, &["ask", "Which token does the deployment of the harbour crane use?"]);
    assert!(told.contains("a token of GitHub") && told.contains("deploy.md"), "{told}");
    assert!(!told.contains(&secret), "{told}");
    ambit.text(&["settings", "set", "network.offline", "true"]);
    let told = failed(&ambit, &["ask", QUESTION]);
    assert!(told.contains("offline mode is on") && told.contains("far"), "{told}");
    let sent = ambit.json(&["egress", "list"]);
    assert!(sent["transmissions"].as_array().unwrap().iter().all(|it| it["sent"] == false), "{sent}");
    ambit.text(&["providers", "remove", "far"]);
    assert_eq!(ambit.json(&["providers", "list"])["providers"].as_array().unwrap().len(), 0);
}

#[test]
fn the_port_without_tokens_asks_nobody_elsewhere() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    drop(listener);
    let ambit = Ambit::with(&[("AMBIT_API_COMPATIBILITY_PORT", port.as_str())]);
    ambit.text(&["providers", "add", "far", "--url", "https://192.0.2.1/v1", "--model", "big"]);
    ambit.text(&["providers", "consent", "far"]);
    let body = r#"{"model": "far/big", "messages": [{"role": "user", "content": "Hello"}]}"#;
    let mut curl = Command::new("curl");
    let output = curl.args(["-s", "--json", body]).arg(format!("http://127.0.0.1:{port}/v1/chat/completions")).output();
    let told = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(told.contains("`far/big` runs on another machine") && told.contains("permission_error"), "{told}");
    assert_eq!(ambit.json(&["egress", "list"])["transmissions"].as_array().unwrap().len(), 0);
}

/// In a network of its own, whose one address that is not loopback belongs to a server with a certificate.
const SCRIPT: &str = r#"
set -e
ip link set lo up
ip address add 192.0.2.1/32 dev lo
cd "$SCRATCH"
openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj "/CN=test" -keyout ca.key -out ca.pem 2> /dev/null
openssl req -newkey rsa:2048 -nodes -subj "/CN=192.0.2.1" -keyout server.key -out server.csr 2> /dev/null
printf 'subjectAltName=IP:192.0.2.1\nbasicConstraints=CA:FALSE\n' > extensions
openssl x509 -req -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 2 -extfile extensions -out server.pem 2> /dev/null
"$PYTHON" "$SERVER" server.pem server.key > came.log &
server=$!
trap 'kill $server' EXIT
for _ in $(seq 200); do test -s came.log && break; sleep 0.05; done
export SSL_CERT_FILE="$SCRATCH/ca.pem"
"$AMBIT" index add "$FILES" --wait
"$AMBIT" memory add the user is called Xylographer
"$AMBIT" providers add far --url https://192.0.2.1:8443/v1 --model big
echo sesame-key-4711 | "$AMBIT" providers key far
"$AMBIT" settings set models.language far/big
"$AMBIT" providers allow far "$FILES/garden"
"$AMBIT" providers consent far
echo === answer
"$AMBIT" ask "How should I water my tomato plants, and when was the quarterly budget review moved?"
echo === list
"$AMBIT" --json egress list
echo === end
"$AMBIT" stop
cat came.log
"#;

/// Answers as OpenAI does, over TLS, and prints each request.
const SERVER: &str = r#"
import http.server, json, ssl, sys

class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        print("CAME", self.path, self.headers["Authorization"], body, flush=True)
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.end_headers()
        for text in ["At the root, ", "early [1]."]:
            self.wfile.write(b"data: " + json.dumps({"choices": [{"delta": {"content": text}}]}).encode() + b"\n\n")
        self.wfile.write(b'data: {"choices": [{"delta": {}, "finish_reason": "stop"}]}\n\ndata: [DONE]\n\n')

    def log_message(self, *_):
        pass

server = http.server.HTTPServer(("192.0.2.1", 8443), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[1], sys.argv[2])
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
"#;

#[test]
fn a_server_elsewhere_gets_the_question_and_the_passages_of_allowed_folders_alone() {
    let ambit = Ambit::new();
    main_job::fill(&ambit);
    let scratch = tempfile::tempdir().unwrap();
    let server = scratch.path().join("server.py");
    std::fs::write(&server, SERVER).unwrap();
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
    command.env("AMBIT", binary()).env("FILES", ambit.files()).env("SCRATCH", scratch.path()).env("SERVER", &server);
    // A launcher in the path may need the home folder, which is another one there.
    let python = Command::new("python3").args(["-c", "import sys; print(sys.executable)"]).output().unwrap();
    let output = command.env("PYTHON", String::from_utf8(python.stdout).unwrap().trim()).output().unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    let part = |name: &str| text.split("=== ").find_map(|part| part.strip_prefix(name)).unwrap().to_owned();
    let answer = part("answer");
    assert!(answer.contains("At the root, early [1].") && answer.contains("tomatoes.md"), "{}", shown(&output));
    assert!(answer.contains("held back from far"), "the answer says that passages were kept back: {answer}");
    assert!(answer.contains("left this machine") && !answer.contains("nothing left"), "{answer}");
    let list: Value = serde_json::from_str(part("list").trim()).unwrap();
    assert_eq!(list["transmissions"][0]["sent"], true, "{list}");
    let came: Vec<&str> = text.lines().filter(|line| line.starts_with("CAME ")).collect();
    let [came] = came.as_slice() else { panic!("{} requests came: {}", came.len(), shown(&output)) };
    assert!(came.contains("Bearer sesame-key-4711") && came.contains("early in the morning"), "{came}");
    for kept in ["moved from Tuesday", "Xylographer", ambit.files().to_str().unwrap()] {
        assert!(!came.contains(kept), "`{kept}` was sent: {came}");
    }
}
