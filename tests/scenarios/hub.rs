//! A model hub on a free port of this machine, which answers as the hub of Hugging Face does, or misbehaves.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use serde_json::json;
use sha1::Sha1;
use sha2::{Digest as _, Sha256};

/// What is wrong with the hub's answers.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum Fault {
    None,
    /// The connection ends after so many bytes of weights.
    BreaksOff(usize),
    /// A byte of the weights is another one.
    Damaged,
    /// A byte of a file that git keeps itself is another one.
    SmallDamaged,
    /// Ranges are not heeded.
    Whole,
    Missing,
    /// Files are for accounts that accepted the licence.
    Gated,
    TooMany,
}

/// What a file of a repository holds.
#[derive(Clone)]
pub(crate) enum Content {
    File(PathBuf),
    Bytes(Vec<u8>),
    /// So many bytes are claimed, and nothing is ever sent.
    Claimed(u64),
}

impl Content {
    fn bytes(&self) -> Vec<u8> {
        match self {
            Self::File(path) => std::fs::read(path).unwrap(),
            Self::Bytes(bytes) => bytes.clone(),
            Self::Claimed(_) => Vec::new(),
        }
    }

    fn size(&self) -> u64 {
        match self {
            Self::File(path) => std::fs::metadata(path).unwrap().len(),
            Self::Bytes(bytes) => bytes.len() as u64,
            Self::Claimed(size) => *size,
        }
    }
}

/// A repository at its newest commit.
#[derive(Clone)]
struct Repository {
    commit: String,
    files: BTreeMap<String, Content>,
}

struct State {
    fault: Fault,
    repositories: BTreeMap<String, Repository>,
    /// What was asked for: paths, and the first byte.
    asked: Vec<(String, u64)>,
}

/// The hub.
pub(crate) struct Hub {
    pub(crate) address: String,
    state: Arc<Mutex<State>>,
}

impl Hub {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let state = State { fault: Fault::None, repositories: BTreeMap::new(), asked: Vec::new() };
        let hub =
            Self { address: format!("http://{}", listener.local_addr().unwrap()), state: Arc::new(Mutex::new(state)) };
        let state = Arc::clone(&hub.state);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                // A client that gives up is no fault of the hub.
                answer(stream.unwrap(), &state).ok();
            }
        });
        hub
    }

    pub(crate) fn set(&self, fault: Fault) {
        self.state.lock().unwrap().fault = fault;
    }

    /// Puts files into a repository, as its next commit.
    pub(crate) fn serve<'a>(&self, name: &str, files: impl IntoIterator<Item = (&'a str, Content)>) {
        let mut state = self.state.lock().unwrap();
        let first = Repository { commit: String::new(), files: BTreeMap::new() };
        let repository = state.repositories.entry(name.to_owned()).or_insert(first);
        repository.files.extend(files.into_iter().map(|(name, content)| (name.to_owned(), content)));
        let next = Sha256::digest(format!("{name} {}", repository.commit));
        repository.commit = hexadecimal(&next)[..40].to_owned();
    }

    pub(crate) fn commit(&self, name: &str) -> String {
        self.state.lock().unwrap().repositories[name].commit.clone()
    }

    /// What was asked for since the last time: paths, and the first byte. Where downloads are sent to is not in it.
    pub(crate) fn asked(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut self.state.lock().unwrap().asked)
    }

    /// The files of these.
    pub(crate) fn files_asked(&self) -> Vec<String> {
        let asked = self.asked().into_iter().filter(|(path, _)| path.contains("/resolve/"));
        asked.map(|(path, _)| path.rsplit('/').next().unwrap().to_owned()).collect()
    }
}

fn answer(mut stream: TcpStream, state: &Mutex<State>) -> std::io::Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?).lines();
    let request = lines.next().unwrap()?;
    let path = request.split(' ').nth(1).unwrap().to_owned();
    let mut from = 0;
    for line in lines {
        let line = line?.to_ascii_lowercase();
        if line.is_empty() {
            break;
        }
        if let Some(range) = line.strip_prefix("range: bytes=") {
            from = range.trim_end_matches('-').parse().unwrap();
        }
    }
    let (fault, repositories) = {
        let mut state = state.lock().unwrap();
        if !path.starts_with("/store/") {
            state.asked.push((path.clone(), from));
        }
        (state.fault, state.repositories.clone())
    };
    let refuse = |stream: &mut TcpStream, status: &str, code: &str| {
        write!(stream, "HTTP/1.1 {status}\r\nX-Error-Code: {code}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    };
    match fault {
        Fault::Missing => return refuse(&mut stream, "404 Not Found", "EntryNotFound"),
        Fault::TooMany => return refuse(&mut stream, "429 Too Many Requests", ""),
        _ => {}
    }
    if let Some(wanted) = path.strip_prefix("/api/models/") {
        let name = wanted.strip_suffix("/revision/main?blobs=true").unwrap();
        // Nobody is told whether a repository is private or not there.
        let Some(repository) = repositories.get(name) else {
            return refuse(&mut stream, "401 Unauthorized", "RepoNotFound");
        };
        let listing = listing(name, repository).to_string();
        let length = listing.len();
        return write!(stream, "HTTP/1.1 200 OK\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{listing}");
    }
    let in_store = path.strip_prefix("/store");
    let (name, rest) = in_store.unwrap_or(&path)[1..].split_once("/resolve/").unwrap();
    let (_, file) = rest.split_once('/').unwrap();
    let Some(content) = repositories.get(name).and_then(|repository| repository.files.get(file)) else {
        return refuse(&mut stream, "404 Not Found", "EntryNotFound");
    };
    if fault == Fault::Gated {
        return refuse(&mut stream, "401 Unauthorized", "GatedRepo");
    }
    let is_weights = is_large(file);
    if is_weights && in_store.is_none() {
        // Large files are elsewhere.
        return write!(
            stream,
            "HTTP/1.1 302 Found\r\nLocation: /store{path}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
    }
    if fault == Fault::Whole {
        from = 0;
    }
    let mut bytes = content.bytes().split_off(usize::try_from(from).unwrap());
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len())?;
    match fault {
        Fault::BreaksOff(after) if is_weights => bytes.truncate(after),
        Fault::Damaged if is_weights => *bytes.last_mut().unwrap() ^= 1,
        Fault::SmallDamaged if !is_weights => *bytes.last_mut().unwrap() ^= 1,
        _ => {}
    }
    stream.write_all(&bytes)
}

fn listing(name: &str, repository: &Repository) -> serde_json::Value {
    let files = repository.files.iter().map(|(name, content)| {
        let size = content.size();
        let digest = hexadecimal(&Sha256::digest(content.bytes()));
        // Of a large file git has but a pointer.
        let kept = if is_large(name) { format!("pointer to {digest}").into_bytes() } else { content.bytes() };
        let blob = Sha1::new_with_prefix(format!("blob {}\0", kept.len())).chain_update(&kept).finalize();
        let mut file = json!({ "rfilename": name, "size": size, "blobId": hexadecimal(&blob) });
        if is_large(name) {
            file["lfs"] = json!({ "sha256": digest, "size": size, "pointerSize": 135 });
        }
        file
    });
    json!({
        "id": name,
        "sha": repository.commit,
        "private": false,
        "gated": false,
        "tags": ["gguf", "text-generation", "license:apache-2.0", "region:us"],
        "cardData": { "license": "apache-2.0" },
        "siblings": files.collect::<Vec<_>>(),
    })
}

fn is_large(file: &str) -> bool {
    file.ends_with(".gguf") || file.ends_with(".safetensors")
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
