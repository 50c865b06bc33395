//! Drives the page in the app's window by WebDriver, as `WebKitWebDriver` serves it.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::time::Duration;

use ambit_tests::{binary_named, eventually};
use serde_json::{Value, json};

use crate::screen::{Desktop, SOON};

/// How WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// The page in the window of an app that the driver has started.
pub(crate) struct Page {
    port: u16,
    session: String,
}

impl Page {
    /// Starts the app, with its window, under a driver on the desktop.
    pub(crate) fn open(desktop: &mut Desktop) -> Self {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        desktop.environment.push(("TAURI_WEBVIEW_AUTOMATION", "true".to_owned()));
        desktop.start("WebKitWebDriver", &[&format!("--port={port}")]);
        eventually("the driver listens", SOON, || TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_ok());
        let mut page = Self { port, session: String::new() };
        let app = binary_named("ambit-desktop");
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": app, "args": [] } });
        let begun = page.ask("POST", "/session", &json!({ "capabilities": { "alwaysMatch": wanted } })).unwrap();
        page.session = begun["sessionId"].as_str().unwrap().to_owned();
        page
    }

    /// The value of a script's `return` in the page.
    pub(crate) fn value(&self, script: &str) -> Value {
        self.command("POST", "/execute/sync", &json!({ "script": script, "args": [] })).unwrap()
    }

    /// What the driver finds by a selector, once it is there.
    fn element(&self, selector: &str) -> String {
        let mut found = None;
        let wanted = json!({ "using": "css selector", "value": selector });
        eventually(&format!("the page has `{selector}`"), SOON, || {
            let element = self.command("POST", "/element", &wanted).ok();
            found = element.and_then(|element| Some(element[ELEMENT].as_str()?.to_owned()));
            found.is_some()
        });
        found.unwrap()
    }

    /// Types into an element, as with a keyboard.
    pub(crate) fn type_into(&self, selector: &str, text: &str) {
        let path = format!("/element/{}/value", self.element(selector));
        self.command("POST", &path, &json!({ "text": text })).unwrap();
    }

    /// Clicks an element, as with a mouse.
    pub(crate) fn click(&self, selector: &str) {
        let path = format!("/element/{}/click", self.element(selector));
        self.command("POST", &path, &json!({})).unwrap();
    }

    /// The text of an element that can be seen.
    pub(crate) fn text(&self, selector: &str) -> String {
        let path = format!("/element/{}/text", self.element(selector));
        self.command("GET", &path, &Value::Null).unwrap().as_str().unwrap().to_owned()
    }

    fn command(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        self.ask(method, &format!("/session/{}{path}", self.session), body)
    }

    /// A request to the driver: its value, or what it says is wrong.
    fn ask(&self, method: &str, path: &str, body: &Value) -> Result<Value, Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let body = if body.is_null() { String::new() } else { body.to_string() };
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nConnection: close\r\n\r\n{body}",
            self.port
        )
        .unwrap();
        let mut answer = BufReader::new(stream);
        let (mut status, mut length) = (String::new(), 0);
        answer.read_line(&mut status).unwrap();
        loop {
            let mut line = String::new();
            answer.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some((name, value)) = line.split_once(':')
                && name.eq_ignore_ascii_case("content-length")
            {
                length = value.trim().parse().unwrap();
            }
        }
        let mut body = vec![0; length];
        answer.read_exact(&mut body).unwrap();
        let value = serde_json::from_slice::<Value>(&body).unwrap()["value"].clone();
        if status.contains(" 200 ") { Ok(value) } else { Err(value) }
    }
}
