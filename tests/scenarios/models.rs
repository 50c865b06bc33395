//! Fetching models from a hub that misbehaves.

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

use ambit_tests::{Ambit, model_folder, shown};

/// What is wrong with the hub's answers.
#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    /// The connection ends after so many bytes.
    BreaksOff(u64),
    /// A byte of the weights is another one.
    Damaged,
    /// Ranges are not heeded.
    Whole,
    Missing,
}

/// A hub on a free port of this machine that serves the files of the test model.
struct Hub {
    address: String,
    fault: Arc<Mutex<Fault>>,
    /// What was asked for: paths, and the first byte.
    asked: Arc<Mutex<Vec<(String, u64)>>>,
}

impl Hub {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let hub = Self {
            address: format!("http://{}", listener.local_addr().unwrap()),
            fault: Arc::new(Mutex::new(Fault::None)),
            asked: Arc::default(),
        };
        let (fault, asked) = (Arc::clone(&hub.fault), Arc::clone(&hub.asked));
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let fault = *fault.lock().unwrap();
                // A client that gives up is no fault of the hub.
                answer(stream.unwrap(), fault, &asked).ok();
            }
        });
        hub
    }

    fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap() = fault;
    }

    fn asked(&self) -> Vec<(String, u64)> {
        std::mem::take(&mut *self.asked.lock().unwrap())
    }
}

fn answer(mut stream: TcpStream, fault: Fault, asked: &Mutex<Vec<(String, u64)>>) -> std::io::Result<()> {
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
    asked.lock().unwrap().push((path.clone(), from));
    let name = path.rsplit('/').next().unwrap();
    if fault == Fault::Missing {
        return stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let mut file = std::fs::File::open(model_folder().join(name))?;
    let size = file.metadata()?.len();
    if fault == Fault::Whole {
        from = 0;
    }
    let status = if from > 0 { "206 Partial Content" } else { "200 OK" };
    let length = size - from;
    write!(stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n")?;
    file.seek(SeekFrom::Start(from))?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes)?;
    let is_weights = name == "model.safetensors";
    match fault {
        Fault::BreaksOff(after) if is_weights => bytes.truncate(usize::try_from(after).unwrap()),
        Fault::Damaged if is_weights => *bytes.last_mut().unwrap() ^= 1,
        _ => {}
    }
    stream.write_all(&bytes)
}

#[test]
fn a_pull_goes_on_where_it_broke_off_and_takes_nothing_wrong() {
    let hub = Hub::start();
    let models = tempfile::tempdir().unwrap();
    let ambit = Ambit::with(&[
        ("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap()),
        ("AMBIT_MODELS_HUB", &format!("{}/", hub.address)),
    ]);
    let refused = |hint: &str| {
        let output = ambit.run(&["models", "pull"]);
        assert_eq!(output.status.code(), Some(1), "{}", shown(&output));
        assert!(String::from_utf8_lossy(&output.stderr).contains(hint), "{}", shown(&output));
        assert_eq!(ambit.json(&["models", "list"])["models"][0]["installed"], false);
    };
    hub.set(Fault::Missing);
    refused("models import all-MiniLM-L6-v2 PATH");
    hub.asked();

    hub.set(Fault::BreaksOff(30 << 20));
    refused("goes on where it stopped");
    let names: Vec<String> = hub.asked().into_iter().map(|(path, _)| path).collect();
    assert_eq!(names.len(), 3, "{names:?}");
    assert!(names.iter().all(|path| path.starts_with("/sentence-transformers/all-MiniLM-L6-v2/resolve/")), "{names:?}");

    // What came is kept; its last byte is wrong this time, so that all of it goes.
    hub.set(Fault::Damaged);
    refused("model.safetensors");
    let asked = hub.asked();
    assert_eq!(asked.len(), 1, "the small files are there: {asked:?}");
    assert!(asked[0].1 > 20 << 20, "it went on at {}", asked[0].1);

    // A hub that heeds no ranges sends the whole file, which replaces what was there.
    hub.set(Fault::BreaksOff(10 << 20));
    refused("goes on where it stopped");
    assert_eq!(hub.asked()[0].1, 0, "nothing wrong was kept");
    hub.set(Fault::Whole);
    ambit.text(&["models", "pull"]);
    assert!(hub.asked()[0].1 > 5 << 20);
    assert_eq!(ambit.json(&["models", "list"])["models"][0]["installed"], true);

    ambit.text(&["models", "pull"]);
    assert_eq!(hub.asked(), [], "nothing is fetched twice");
    ambit.write("tomatoes.md", "Water tomatoes early in the morning.\n");
    ambit.index();
    assert!(!ambit.search("keeping vegetables from drying out").is_empty());
}
