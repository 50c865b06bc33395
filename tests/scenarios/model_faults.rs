//! Models that are wrong, models that are too large, and many clients at once: each is told, and the host lives on.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::Duration;

use ambit_tests::{Ambit, children, eventually, shown};
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use serde_json::{Value, json};

use crate::language_models::{installation, model};
use crate::tiny::Tiny;

/// A request to the host's socket, and the answer as it comes.
struct Asked(BufReader<UnixStream>);

impl Asked {
    fn post(ambit: &Ambit, path: &str, body: &Value) -> Self {
        let mut stream = UnixStream::connect(ambit.data().join("run/host.sock")).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(120))).unwrap();
        let body = body.to_string();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
        .unwrap();
        Self(BufReader::new(stream))
    }

    /// Its status.
    fn status(&mut self) -> u16 {
        let mut line = String::new();
        self.0.read_line(&mut line).unwrap();
        line.split(' ').nth(1).unwrap_or_else(|| panic!("no status in {line:?}")).parse().unwrap()
    }

    /// The next line of a text that comes in pieces which holds this.
    fn wait_for(&mut self, part: &str) {
        let mut line = String::new();
        while !line.contains(part) {
            line.clear();
            assert!(self.0.read_line(&mut line).unwrap() > 0, "the answer ended before {part:?} came");
        }
    }

    fn rest(mut self) -> String {
        let mut rest = String::new();
        self.0.read_to_string(&mut rest).unwrap();
        rest
    }
}

/// What the host says to a completion: its status and its body.
fn completion(ambit: &Ambit, model: &str, prompt: &str) -> (u16, String) {
    let body = json!({ "model": model, "prompt": prompt, "max_tokens": 4, "temperature": 0 });
    let mut asked = Asked::post(ambit, "/v1/completions", &body);
    (asked.status(), asked.rest())
}

/// Writes the small model with some of its bytes changed.
fn changed(ambit: &Ambit, name: &str, change: impl FnOnce(&mut Vec<u8>)) -> PathBuf {
    let mut bytes = std::fs::read(model()).unwrap();
    change(&mut bytes);
    ambit.write(name, bytes)
}

/// Where a text begins that stands in the header of a model.
fn place(bytes: &[u8], text: &str) -> usize {
    bytes.windows(text.len()).position(|window| window == text.as_bytes()).unwrap()
}

#[test]
fn what_a_header_tells_is_wrong_is_named_before_anything_is_copied() {
    let (models, ambit) = installation();
    let cut = changed(&ambit, "cut.gguf", |bytes| bytes.truncate(bytes.len() / 2));
    let other = changed(&ambit, "other.gguf", |bytes| bytes[..4].copy_from_slice(b"ggml"));
    let architecture = changed(&ambit, "architecture.gguf", |bytes| {
        let at = place(bytes, "qwen2");
        bytes[at..at + 5].copy_from_slice(b"qwen9");
    });
    let quantisation = changed(&ambit, "quantisation.gguf", |bytes| {
        // After the name stand two dimensions of eight bytes each, and the format.
        let at = place(bytes, "blk.0.attn_q.weight") + 19 + 4 + 16;
        bytes[at..at + 4].copy_from_slice(&20_u32.to_le_bytes());
    });
    let claims = changed(&ambit, "claims.gguf", |bytes| bytes[8..16].copy_from_slice(&(1_u64 << 60).to_le_bytes()));
    for (path, told) in [
        (cut, "cut off"),
        (other, "does not begin as a GGUF file"),
        (architecture, "qwen9"),
        (quantisation, "IQ4_NL"),
        (claims, "has no room"),
    ] {
        let output = ambit.run(&["models", "import", "wrong", path.to_str().unwrap()]);
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && said.contains(told), "{}: {}", path.display(), shown(&output));
        assert!(said.contains("hint:"), "{said}");
    }
    assert!(std::fs::read_dir(models.path()).unwrap().next().is_none(), "something was left");
}

#[test]
fn what_only_loading_finds_out_costs_one_text_and_not_the_worker() {
    let (_models, ambit) = installation();
    ambit.text(&["models", "import", "small", &model()]);
    let shape = changed(&ambit, "shape.gguf", |bytes| {
        // After the key stand the type and the value.
        let key = "qwen2.feed_forward_length";
        let at = place(bytes, key) + key.len() + 4;
        bytes[at] ^= 0x20;
    });
    ambit.text(&["models", "import", "shape", shape.to_str().unwrap()]);
    let tokens = ambit.files().join("tokens");
    Tiny { tokens: 16, between: 64 }.write(&tokens);
    ambit.text(&["models", "import", "tokens", tokens.to_str().unwrap()]);

    assert_eq!(completion(&ambit, "small", "on and on").0, 200);
    let host = ambit.host().unwrap();
    let workers = children(host);
    let long = "on and on ".repeat(20_000);
    for (model, prompt, told) in [
        ("shape", "on and on", "has the shape"),
        ("tokens", "on and on", "and the weights know 16"),
        ("small", long.as_str(), "4096"),
    ] {
        let (status, said) = completion(&ambit, model, prompt);
        assert!(status >= 400 && said.contains(told), "{model}: {status} {said}");
        let (status, said) = completion(&ambit, "small", "on and on");
        assert_eq!(status, 200, "after {model}: {said}");
    }
    assert_eq!((ambit.host(), children(host)), (Some(host), workers), "host and worker live on");
}

/// Bytes of a process, by a line of its status.
fn bytes_of(process: u32, line: &str) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap();
    let found = status.lines().find_map(|it| it.strip_prefix(line)).unwrap();
    found.trim_start_matches(':').trim().trim_end_matches(" kB").parse::<u64>().unwrap() * 1024
}

#[test]
fn memory_that_the_system_refuses_while_a_model_loads_is_told() {
    let (_models, ambit) = installation();
    ambit.text(&["models", "import", "small", &model()]);
    let large = ambit.files().join("large");
    let size = Tiny { tokens: 2048, between: 1 << 20 }.write(&large);
    ambit.text(&["models", "import", "large", large.to_str().unwrap()]);
    assert_eq!(completion(&ambit, "small", "on and on").0, 200);
    let host = ambit.host().unwrap();
    let workers = children(host);
    let [worker] = workers.as_slice() else { panic!("{workers:?}") };
    // The file can be mapped, and then there is room for half of it.
    let limit = |most| {
        let process = Pid::from_raw(i32::try_from(*worker).unwrap());
        prlimit(process, Resource::As, Rlimit { current: most, maximum: None }).unwrap();
    };
    limit(Some(bytes_of(*worker, "VmSize") + size + size / 2));
    let (status, said) = completion(&ambit, "large", "on and on");
    assert!(status >= 400 && said.contains("memory"), "{status} {said}");
    assert_eq!(completion(&ambit, "small", "on and on").0, 200);
    assert_eq!((ambit.host(), children(host)), (Some(host), workers.clone()), "host and worker live on");
    limit(None);
    assert_eq!(completion(&ambit, "large", "on and on").0, 200, "with enough memory it loads");
}

/// What became of a client.
#[derive(Debug, PartialEq)]
enum Outcome {
    Whole,
    Refused(String),
    Left,
}

/// Asks as one of many, and now and then leaves in the middle.
fn client(ambit: &Ambit, number: usize) -> Outcome {
    let leaves = number % 4 == 3;
    let tokens = if leaves { 4000 } else { 16 };
    let (path, mut body) = match number % 2 {
        0 => ("/v1/completions", json!({ "prompt": format!("client {number} goes on and on") })),
        _ => {
            ("/v1/chat/completions", json!({ "messages": [{ "role": "user", "content": format!("client {number}") }] }))
        }
    };
    body["model"] = "small".into();
    body["max_tokens"] = tokens.into();
    body["stream"] = true.into();
    let mut asked = Asked::post(ambit, path, &body);
    let status = asked.status();
    if status != 200 {
        return Outcome::Refused(format!("{status}: {}", asked.rest()));
    }
    if leaves {
        asked.wait_for("data:");
        return Outcome::Left;
    }
    let text = asked.rest();
    assert!(text.contains("\"finish_reason\":\"") && text.contains("[DONE]"), "client {number} got half of it: {text}");
    assert!(!text.contains("\"error\""), "client {number}: {text}");
    Outcome::Whole
}

#[test]
fn sixty_four_clients_at_once_get_a_whole_answer_or_a_clear_refusal() {
    let models = tempfile::tempdir().unwrap();
    let folder = models.path().to_str().unwrap();
    let ambit = Ambit::with(&[("AMBIT_MODELS_FOLDER", folder), ("AMBIT_INFERENCE_IDLE_SECONDS", "2")]);
    ambit.text(&["models", "import", "small", &model()]);
    // What is loaded once and stays is no memory of the clients'.
    (0..4).for_each(|number| assert_ne!(client(&ambit, 4 * number), Outcome::Left));
    let host = ambit.host().unwrap();
    let before = bytes_of(host, "VmRSS");
    for _ in 0..2 {
        let outcomes: Vec<Outcome> = std::thread::scope(|scope| {
            let clients: Vec<_> = (0..64)
                .map(|number| {
                    scope.spawn({
                        let ambit = &ambit;
                        move || client(ambit, number)
                    })
                })
                .collect();
            clients.into_iter().map(|client| client.join().unwrap()).collect()
        });
        for (number, outcome) in outcomes.iter().enumerate() {
            if let Outcome::Refused(said) = outcome {
                assert!(said.contains("\"message\""), "client {number} is refused without a reason: {said}");
            }
        }
        let whole = outcomes.iter().filter(|outcome| **outcome == Outcome::Whole).count();
        assert!(whole >= 8, "only {whole} clients got an answer: {outcomes:?}");
    }
    assert_eq!(ambit.host(), Some(host), "the host lives on");
    assert_eq!(client(&ambit, 0), Outcome::Whole);
    eventually("the idle worker leaves with its memory", Duration::from_secs(30), || children(host).is_empty());
    let most = before + (64 << 20);
    eventually("the memory of the clients returns", Duration::from_secs(30), || bytes_of(host, "VmRSS") < most);
}

#[test]
fn a_client_that_says_nothing_does_not_keep_the_others_waiting() {
    let (_models, ambit) = installation();
    ambit.text(&["models", "import", "small", &model()]);
    let socket = ambit.data().join("run/host.sock");
    let silent: Vec<UnixStream> = (0..64).map(|_| UnixStream::connect(&socket).unwrap()).collect();
    assert_eq!(completion(&ambit, "small", "on and on").0, 200);
    drop(silent);
}
