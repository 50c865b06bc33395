use std::io::{PipeReader, PipeWriter, Write};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use ambit_domain::ErrorCode;
use ambit_domain::port::EmbedPriority::{self, Background, Interactive};
use ambit_domain::port::{Training, TrainingExample};
use ambit_inference::wire::{Request, Response, VERSION, WorkerMemory, read_frame, write_frame};
use ambit_inference::{DeviceChoice, Error, WorkerOptions, serve};

use crate::model::{self, difference};

/// A worker on a thread of this process, and the host's ends of its pipes.
pub(crate) struct Host {
    requests: PipeWriter,
    responses: PipeReader,
    /// What it told last of the memory that models hold.
    pub(crate) memory: WorkerMemory,
    worker: JoinHandle<Result<(), Error>>,
}

impl Host {
    pub(crate) fn start() -> Self {
        Self::with(WorkerOptions::default())
    }

    pub(crate) fn with(options: WorkerOptions) -> Self {
        let (input, requests) = std::io::pipe().unwrap();
        let (responses, output) = std::io::pipe().unwrap();
        let worker = std::thread::spawn(move || serve(input, output, &options));
        Self { requests, responses, memory: WorkerMemory::default(), worker }
    }

    /// A worker with the model loaded.
    fn ready() -> Self {
        let mut host = Self::start();
        host.send(&Request::Hello { version: VERSION });
        assert_eq!(host.receive(), Response::Hello { version: VERSION, pid: std::process::id() });
        host.load();
        let Response::Loaded { model, dimensions, .. } = host.receive() else { panic!("the model must load") };
        assert_eq!((model.as_str(), dimensions), ("all-MiniLM-L6-v2@c9745ed1", 384));
        host
    }

    fn load(&mut self) {
        self.send(&Request::Load { folder: model::folder(), device: DeviceChoice::Cpu });
    }

    fn embed(&mut self, id: u64, priority: EmbedPriority, texts: Vec<String>) {
        self.send(&Request::Embed { id, priority, texts });
    }

    pub(crate) fn send(&mut self, request: &Request) {
        write_frame(&mut self.requests, request).unwrap();
    }

    pub(crate) fn receive(&mut self) -> Response {
        loop {
            match self.next() {
                Response::Memory(told) => self.memory = told,
                response => return response,
            }
        }
    }

    /// Whatever it says next, what models hold included.
    pub(crate) fn next(&mut self) -> Response {
        read_frame(&mut self.responses).unwrap().expect("the worker must answer")
    }

    /// Ends the input, and gives what the worker ended with and what it still said.
    pub(crate) fn end(mut self) -> (Result<(), Error>, Vec<Response>) {
        drop(self.requests);
        let result = self.worker.join().unwrap();
        let mut rest = Vec::new();
        while let Some(response) = read_frame(&mut self.responses).unwrap() {
            if !matches!(response, Response::Memory(_)) {
                rest.push(response);
            }
        }
        (result, rest)
    }
}

/// Texts that keep the kernels busy for some seconds.
fn long_texts(count: usize) -> Vec<String> {
    vec!["a passage that is long enough to keep the kernels busy for a while ".repeat(20); count]
}

#[test]
fn a_worker_embeds_counts_and_lets_go() {
    let mut host = Host::ready();
    let expected = &model::expected()[..8];
    host.embed(7, Background, expected.iter().map(|expected| expected.text.clone()).collect());
    let Response::Embedded { id: 7, vectors } = host.receive() else { panic!("the texts must be embedded") };
    assert!(host.memory.encoder > 80 << 20, "{:?}", host.memory);
    assert_eq!(vectors.len(), 8);
    for (expected, vector) in expected.iter().zip(vectors.unpack()) {
        assert!(difference(&vector, &expected.vector) < 1e-5, "{:?}", expected.text);
    }

    host.send(&Request::Stats);
    let Response::Stats(stats) = host.receive() else { panic!("stats must be answered") };
    assert_eq!((stats.requests, stats.texts, stats.pending), (1, 8, 0));
    assert_eq!(stats.model.as_deref(), Some("all-MiniLM-L6-v2@c9745ed1"));
    assert!(cfg!(not(target_os = "linux")) || stats.resident_bytes > 10 << 20, "{stats:?}");

    host.send(&Request::Unload);
    assert_eq!(host.receive(), Response::Unloaded);
    host.embed(8, Interactive, vec!["nobody home".to_owned()]);
    let Response::Failed { id: Some(8), code: ErrorCode::Conflict, message, .. } = host.receive() else {
        panic!("without a model there are no vectors")
    };
    assert!(message.contains("no model"), "{message}");
    let (result, rest) = host.end();
    result.unwrap();
    assert!(rest.is_empty());
}

#[test]
fn requests_sent_before_the_model_is_loaded_wait_for_it() {
    let mut host = Host::start();
    host.load();
    host.embed(1, Interactive, vec!["first".to_owned()]);
    host.embed(2, Background, vec!["second".to_owned()]);
    host.send(&Request::Unload);
    host.embed(3, Interactive, vec!["third".to_owned()]);
    assert!(matches!(host.receive(), Response::Loaded { .. }));
    let mut embedded = [host.receive(), host.receive()].map(|response| match response {
        Response::Embedded { id, .. } => id,
        other => panic!("{other:?}"),
    });
    embedded.sort_unstable();
    assert_eq!(embedded, [1, 2]);
    assert_eq!(host.receive(), Response::Unloaded);
    assert!(matches!(host.receive(), Response::Failed { id: Some(3), .. }));
    host.end().0.unwrap();
}

#[test]
fn a_query_passes_the_index() {
    let mut host = Host::ready();
    host.embed(1, Background, long_texts(200));
    host.embed(2, Background, long_texts(200));
    std::thread::sleep(Duration::from_millis(200));
    for id in 10..15 {
        host.embed(id, Interactive, vec!["who goes first".to_owned()]);
        assert!(matches!(host.receive(), Response::Embedded { id: answered, .. } if answered == id));
    }
    host.send(&Request::Stats);
    let Response::Stats(stats) = host.receive() else { panic!("stats must not wait for the index") };
    assert_eq!(stats.pending, 2);

    for id in [2, 1] {
        host.send(&Request::Cancel { id });
    }
    let cancelled = Instant::now();
    let mut ids = [host.receive(), host.receive()].map(|response| match response {
        Response::Failed { id: Some(id), code: ErrorCode::Cancelled, .. } => id,
        other => panic!("{other:?}"),
    });
    assert!(cancelled.elapsed() < Duration::from_secs(2), "it took {:?} to give up", cancelled.elapsed());
    ids.sort_unstable();
    assert_eq!(ids, [1, 2]);
    // A request that is over, or never was, cannot be cancelled; that is no error.
    host.send(&Request::Cancel { id: 1 });
    host.send(&Request::Cancel { id: 99 });
    host.embed(3, Background, vec!["still here".to_owned()]);
    assert!(matches!(host.receive(), Response::Embedded { id: 3, .. }));
    host.end().0.unwrap();
}

#[test]
fn the_end_of_the_input_ends_the_worker_at_once() {
    let mut host = Host::ready();
    host.embed(1, Background, long_texts(400));
    std::thread::sleep(Duration::from_millis(100));
    let ended = Instant::now();
    let (result, _) = host.end();
    result.unwrap();
    assert!(ended.elapsed() < Duration::from_secs(2), "it took {:?} to end", ended.elapsed());
}

#[test]
fn shutdown_ends_the_worker_though_the_input_stays_open() {
    let mut host = Host::start();
    host.send(&Request::Shutdown);
    host.worker.join().unwrap().unwrap();
    assert_eq!(read_frame::<Response>(&mut host.responses).unwrap(), None);
}

#[test]
fn a_frame_that_makes_no_sense_ends_the_worker_with_a_reason() {
    let mut host = Host::start();
    host.requests.write_all(&[3, 0, 0, 0, VERSION, 200, 1]).unwrap();
    assert!(matches!(host.receive(), Response::Failed { id: None, code: ErrorCode::Internal, .. }));
    let (result, rest) = host.end();
    assert!(matches!(result, Err(Error::Frame(_))), "{result:?}");
    assert!(rest.is_empty());
}

#[test]
fn a_host_of_another_version_is_told() {
    let mut host = Host::start();
    host.send(&Request::Hello { version: VERSION + 1 });
    let Response::Failed { id: None, hint: Some(hint), .. } = host.receive() else { panic!("it must be told") };
    assert!(hint.contains("restart Ambit"), "{hint}");
    assert!(matches!(host.end().0, Err(Error::Version { .. })));
}

#[test]
fn a_model_that_is_missing_is_told_and_the_worker_stays() {
    let mut host = Host::start();
    let empty = tempfile::tempdir().unwrap();
    host.send(&Request::Load { folder: empty.path().to_path_buf(), device: DeviceChoice::Cpu });
    let Response::Failed { id: None, code: ErrorCode::ModelMissing, hint, .. } = host.receive() else {
        panic!("the model is missing")
    };
    assert!(hint.unwrap().contains("ambit models pull"));
    host.load();
    assert!(matches!(host.receive(), Response::Loaded { .. }));
    host.end().0.unwrap();
}

/// Suggestions with the second feature are never taken, the others always are.
fn training() -> Training {
    let example = |second: f32| TrainingExample { features: vec![1.0, second], label: 1.0 - second, weight: 1.0 };
    let examples = (0..100).map(|place| example(f32::from(u8::from(place % 2 == 1)))).collect();
    Training { examples, prior: vec![0.0, 0.0], hold: 0.1 }
}

#[test]
fn a_worker_learns_without_a_model_and_refuses_what_is_no_number() {
    let mut host = Host::start();
    for id in [1, 2] {
        host.send(&Request::Train { id, training: training() });
    }
    let mut weights = Vec::new();
    for id in [1, 2] {
        match host.receive() {
            Response::Trained { id: answered, weights: learnt } if answered == id => weights.push(learnt),
            other => panic!("{other:?}"),
        }
    }
    let chance = |second: f32| 1.0 / (1.0 + (-(weights[0][0] + weights[0][1] * second)).exp());
    assert!(chance(0.0) > 0.9 && chance(1.0) < 0.1, "{weights:?}");
    assert_eq!(weights[0], weights[1]);

    let mut broken = training();
    broken.examples[3].features[1] = f32::NAN;
    host.send(&Request::Train { id: 3, training: broken });
    let Response::Failed { id: Some(3), code: ErrorCode::InvalidInput, message, hint } = host.receive() else {
        panic!("what is no number must be refused")
    };
    assert!(message.contains("example 3") && hint.unwrap().contains("ambit completion reset"), "{message}");
    let (result, rest) = host.end();
    result.unwrap();
    assert!(rest.is_empty());
}
