#![allow(clippy::unwrap_used, clippy::panic, missing_docs, reason = "a test stops at the first surprise")]

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ambit_domain::port::{Audit, GenerationOrigin, NewTransmission, Transmission, Transmissions};
use ambit_domain::{AuditEntry, AuditRecord, BoxFuture, Error, Result, Timestamp};
use ambit_egress::{Egress, EgressError, OfflineSwitch, Post, Request};
use futures_util::StreamExt;

#[derive(Default)]
struct Log {
    entries: Mutex<Vec<AuditEntry>>,
    full: bool,
}

impl Audit for Log {
    fn append(&self, entry: AuditEntry) -> BoxFuture<'_, Result<AuditRecord>> {
        Box::pin(async move {
            if self.full {
                return Err(Error::internal("the disk is full"));
            }
            let mut entries = self.entries.lock().unwrap();
            entries.push(entry.clone());
            Ok(AuditRecord { number: entries.len() as i64, at: Timestamp(0), entry, chain: String::new() })
        })
    }
    fn records(&self, _before: Option<i64>, _limit: usize) -> BoxFuture<'_, Result<Vec<AuditRecord>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn digest(&self, content: &str) -> String {
        content.to_owned()
    }
    fn verify(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        Box::pin(async { Ok(None) })
    }
}

/// A server that answers each connection with the given response and hands back the request heads it saw.
fn serve(responses: Vec<String>) -> (u16, std::thread::JoinHandle<Vec<String>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let thread = std::thread::spawn(move || {
        let mut heads = Vec::new();
        for response in responses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(response.as_bytes()).unwrap();
            heads.push(String::from_utf8(head).unwrap());
        }
        heads
    });
    (port, thread)
}

fn request(url: String, allowed: &[&str]) -> Request {
    Request {
        purpose: "test".to_owned(),
        url,
        allowed_hosts: allowed.iter().map(|host| (*host).to_owned()).collect(),
        from_byte: None,
        headers: http::HeaderMap::new(),
    }
}

#[tokio::test]
async fn a_request_is_audited_and_streamed() {
    let (port, server) = serve(vec!["HTTP/1.1 206 Partial Content\r\nContent-Length: 3\r\n\r\nabc".to_owned()]);
    let log = Arc::new(Log::default());
    let egress = Egress::new(OfflineSwitch::default(), Arc::clone(&log) as Arc<dyn Audit>);
    let mut wanted = request(format!("http://127.0.0.1:{port}/file"), &["127.0.0.1"]);
    wanted.from_byte = Some(7);
    let mut response = egress.get(wanted).await.unwrap();
    assert_eq!(response.status, 206);
    assert_eq!(response.body.next().await.unwrap().unwrap().as_ref(), b"abc");
    let heads = server.join().unwrap();
    assert!(heads[0].to_ascii_lowercase().contains("range: bytes=7-"), "{heads:?}");
    assert_eq!(log.entries.lock().unwrap()[0].subject, "127.0.0.1");
    assert!(egress.ledger().entries().is_empty(), "what stays on this machine leaves it not");
}

#[tokio::test]
async fn what_is_not_allowed_is_not_sent() {
    let log = Arc::new(Log::default());
    let switch = OfflineSwitch::new(true);
    let egress = Egress::new(switch.clone(), Arc::clone(&log) as Arc<dyn Audit>);
    let error = egress.get(request("https://models.example/x".into(), &["models.example"])).await.unwrap_err();
    assert!(matches!(error, EgressError::Offline { .. }), "{error}");
    switch.set(false);
    for (url, expected) in [
        ("https://elsewhere.example/x", "elsewhere.example is not one of the hosts that this may talk to"),
        ("https://evilmodels.example/x", "evilmodels.example is not one of the hosts that this may talk to"),
        ("http://models.example/x", "models.example would be asked without encryption"),
    ] {
        let error = egress.get(request(url.into(), &[".models.example"])).await.unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    assert!(log.entries.lock().unwrap().is_empty(), "nothing was begun");
}

#[tokio::test]
async fn a_redirect_to_a_foreign_host_is_refused() {
    let (port, server) = serve(vec![
        "HTTP/1.1 302 Found\r\nLocation: https://elsewhere.example/x\r\nContent-Length: 0\r\n\r\n".to_owned(),
    ]);
    let egress = Egress::new(OfflineSwitch::default(), Arc::new(Log::default()));
    let error = egress.get(request(format!("http://127.0.0.1:{port}/"), &["127.0.0.1"])).await.unwrap_err();
    assert!(matches!(&error, EgressError::HostNotAllowed { host } if host == "elsewhere.example"), "{error}");
    drop(server.join().unwrap());
}

#[tokio::test]
async fn each_step_of_a_redirect_is_a_request_of_its_own() {
    let to = |place: &str| format!("HTTP/1.1 307 Temporary Redirect\r\nLocation: {place}\r\nContent-Length: 0\r\n\r\n");
    let found = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_owned();
    let (port, server) = serve(vec![to("/moved"), to("file?part=1"), found]);
    let log = Arc::new(Log::default());
    let egress = Egress::new(OfflineSwitch::default(), Arc::clone(&log) as Arc<dyn Audit>);
    let mut wanted = request(format!("http://127.0.0.1:{port}/old"), &["127.0.0.1"]);
    wanted.from_byte = Some(7);
    wanted.headers.insert("authorization", http::HeaderValue::from_static("Bearer sesame"));
    let mut response = egress.get(wanted).await.unwrap();
    assert_eq!(response.body.next().await.unwrap().unwrap().as_ref(), b"abc");
    let heads = server.join().unwrap();
    let told: Vec<bool> = heads.iter().map(|head| head.contains("sesame")).collect();
    assert_eq!(told, [true, false, false], "the key goes no further");
    for (head, path) in heads.iter().zip(["/old", "/moved", "/file?part=1"]) {
        assert!(head.starts_with(&format!("GET {path} HTTP/1.1\r\n")), "{head}");
        assert!(head.to_ascii_lowercase().contains("range: bytes=7-"), "{head}");
    }
    assert_eq!(log.entries.lock().unwrap().len(), 3);

    let (port, server) = serve(vec![to("/"); 9]);
    let error = egress.get(request(format!("http://127.0.0.1:{port}/"), &["127.0.0.1"])).await.unwrap_err();
    assert!(matches!(error, EgressError::Redirects { .. }), "{error}");
    assert_eq!(server.join().unwrap().len(), 9);
}

#[tokio::test]
async fn nothing_is_sent_that_cannot_be_audited() {
    let log = Arc::new(Log { full: true, ..Log::default() });
    let egress = Egress::new(OfflineSwitch::default(), log);
    let error = egress.get(request("http://127.0.0.1:9/".into(), &["127.0.0.1"])).await.unwrap_err();
    assert!(matches!(error, EgressError::Audit(_)), "{error}");
    assert_eq!(egress.ledger().bytes(), 0);
}

/// What was recorded as sent, without what was taken back.
#[derive(Default)]
struct Recorded(Mutex<Vec<Option<NewTransmission>>>);

impl Recorded {
    fn contents(&self) -> Vec<String> {
        self.0.lock().unwrap().iter().flatten().map(|sent| sent.content.clone()).collect()
    }
}

impl Transmissions for Recorded {
    fn record(&self, transmission: NewTransmission) -> BoxFuture<'_, Result<i64>> {
        let mut recorded = self.0.lock().unwrap();
        recorded.push(Some(transmission));
        let number = recorded.len() as i64;
        Box::pin(async move { Ok(number) })
    }
    fn take_back(&self, id: i64) -> BoxFuture<'_, Result<()>> {
        self.0.lock().unwrap()[id as usize - 1] = None;
        Box::pin(async { Ok(()) })
    }
    fn list(&self, _before: Option<i64>, _limit: usize) -> BoxFuture<'_, Result<Vec<Transmission>>> {
        Box::pin(async { Ok(Vec::new()) })
    }
    fn get(&self, _id: i64) -> BoxFuture<'_, Result<Option<Transmission>>> {
        Box::pin(async { Ok(None) })
    }
    fn erase(&self, _id: i64) -> BoxFuture<'_, Result<bool>> {
        Box::pin(async { Ok(false) })
    }
}

fn post(port: u16) -> Post {
    Post {
        purpose: "model.generate".to_owned(),
        url: format!("http://127.0.0.1:{port}/generate"),
        headers: http::HeaderMap::new(),
        body: "{}".to_owned(),
        model: "tiny".to_owned(),
        provider: "house".to_owned(),
        passed_on_to: None,
        origin: GenerationOrigin::default(),
    }
}

#[tokio::test]
async fn requests_one_after_the_other_share_a_connection() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        for _ in 0..3 {
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                stream.read_exact(&mut byte).unwrap();
                head.push(byte[0]);
            }
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc").unwrap();
        }
    });
    let egress = Egress::new(OfflineSwitch::default(), Arc::new(Log::default()));
    for step in 0..3 {
        if step == 2 {
            // What goes to this machine is not cut.
            egress.offline().set(true);
        }
        let asked = egress.get(request(format!("http://127.0.0.1:{port}/"), &["127.0.0.1"]));
        let mut response = tokio::time::timeout(Duration::from_secs(10), asked).await.unwrap().unwrap();
        while let Some(piece) = response.body.next().await {
            assert_eq!(piece.unwrap().as_ref(), b"abc");
        }
    }
    server.join().unwrap();
}

/// Waits until as many contents are said to have been sent.
async fn said(recorded: &Recorded, count: usize) {
    for _ in 0..200 {
        if recorded.contents().len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("{:?} are said to have been sent", recorded.contents());
}

#[tokio::test]
async fn what_is_posted_is_recorded_before_and_taken_back_when_it_does_not_go() {
    let kept = Arc::new(Recorded::default());
    let (recorded, sent) = (Arc::clone(&kept) as Arc<dyn Transmissions>, AtomicU64::new(0));
    let full = Egress::new(OfflineSwitch::default(), Arc::new(Log { full: true, ..Log::default() }));
    let error = full.record(post(9), &recorded).await.unwrap_err();
    assert!(matches!(error, EgressError::Audit(_)), "{error}");
    assert!(kept.contents().is_empty(), "it is said to have been sent");

    let answered = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\nConnection: close\r\n\r\nabc".to_owned();
    let (port, server) = serve(vec![answered]);
    let log = Arc::new(Log::default());
    let egress = Egress::new(OfflineSwitch::default(), Arc::clone(&log) as Arc<dyn Audit>);
    let going = egress.record(post(port), &recorded).await.unwrap();
    assert_eq!((kept.contents(), log.entries.lock().unwrap().len()), (vec!["{}".to_owned()], 1));
    let mut response = egress.send(going, &sent).await.unwrap();
    assert_eq!(response.body.next().await.unwrap().unwrap().as_ref(), b"abc");
    drop(server.join().unwrap());

    let going = egress.record(post(port), &recorded).await.unwrap();
    let error = egress.send(going, &sent).await.unwrap_err();
    assert!(matches!(error, EgressError::Connection { .. }), "{error}");
    assert_eq!(kept.contents().len(), 1, "it is said to have been sent");
    // Somebody lost interest, before it went and while it was being written down.
    drop(egress.record(post(port), &recorded).await.unwrap());
    said(&kept, 1).await;
    {
        let mut recording = std::pin::pin!(egress.record(post(port), &recorded));
        let first =
            std::future::poll_fn(|context| std::task::Poll::Ready(recording.as_mut().poll(context).is_pending()));
        assert!(first.await, "it is written by another task");
    }
    tokio::time::sleep(Duration::from_millis(50)).await;
    said(&kept, 1).await;
    assert_eq!(sent.into_inner(), 0, "nothing left the machine");
}

#[tokio::test]
async fn what_was_recorded_is_held_back_when_the_switch_is_thrown_meanwhile() {
    let kept = Arc::new(Recorded::default());
    let (recorded, sent) = (Arc::clone(&kept) as Arc<dyn Transmissions>, AtomicU64::new(0));
    let egress = Egress::new(OfflineSwitch::default(), Arc::new(Log::default()));
    let passed_on = Post { passed_on_to: Some("far.example".to_owned()), ..post(9) };
    let going = egress.record(passed_on, &recorded).await.unwrap();
    egress.offline().set(true);
    let error = egress.send(going, &sent).await.unwrap_err();
    assert!(matches!(error, EgressError::Offline { .. }), "{error}");
    assert!(kept.contents().is_empty() && egress.ledger().bytes() == 0);
}

#[tokio::test]
async fn a_server_that_hangs_up_after_each_answer_is_asked_again() {
    let found = "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc".to_owned();
    let (port, server) = serve(vec![found; 6]);
    let egress = Egress::new(OfflineSwitch::default(), Arc::new(Log::default()));
    for _ in 0..6 {
        let mut response = egress.get(request(format!("http://127.0.0.1:{port}/"), &["127.0.0.1"])).await.unwrap();
        assert_eq!(response.body.next().await.unwrap().unwrap().as_ref(), b"abc");
    }
    assert_eq!(server.join().unwrap().len(), 6);
}
