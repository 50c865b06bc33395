//! The page in the app's window, driven by `WebKitWebDriver`.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail};
use serde_json::{Value, json};

use super::screen::{SOON, Screen};

/// How long a script may run.
const LONGEST: Duration = Duration::from_secs(300);

/// The page in the window of an app that the driver has started.
pub(super) struct Page {
    port: u16,
    session: String,
}

impl Page {
    /// Starts the app, with its window, under a driver.
    pub(super) async fn open(screen: &mut Screen, app: &Path, arguments: &[&str]) -> anyhow::Result<Self> {
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        screen.start_beside(
            "WebKitWebDriver",
            &[&format!("--port={port}")],
            &[("TAURI_WEBVIEW_AUTOMATION", "true")],
        )?;
        let begun = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, port)).is_err() {
            if begun.elapsed() > SOON {
                bail!("WebKitWebDriver does not listen");
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let mut page = Self { port, session: String::new() };
        let wanted = json!({ "webkitgtk:browserOptions": { "binary": app, "args": arguments } });
        let begun = page.ask("/session", &json!({ "capabilities": { "alwaysMatch": wanted } }))?;
        page.session = begun["sessionId"].as_str().context("the driver gives its session no name")?.to_owned();
        let limit = u64::try_from(LONGEST.as_millis())?;
        page.command("/timeouts", &json!({ "script": limit }))?;
        Ok(page)
    }

    /// What a script hands to the function that is its last argument.
    pub(super) fn value(&self, script: &str, arguments: &[Value]) -> anyhow::Result<Value> {
        self.command("/execute/async", &json!({ "script": script, "args": arguments }))
    }

    /// Loads the page anew.
    pub(super) fn reload(&self) -> anyhow::Result<()> {
        self.command("/refresh", &json!({})).map(drop)
    }

    fn command(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        self.ask(&format!("/session/{}{path}", self.session), body)
    }

    /// Asks the driver, and gives what it answers.
    fn ask(&self, path: &str, body: &Value) -> anyhow::Result<Value> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port))?;
        stream.set_read_timeout(Some(LONGEST + SOON))?;
        let body = body.to_string();
        write!(
            stream,
            "POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
             Connection: close\r\n\r\n{body}",
            self.port,
            body.len()
        )?;
        let mut answer = BufReader::new(stream);
        let mut status = String::new();
        answer.read_line(&mut status)?;
        let mut length = None;
        loop {
            let mut line = String::new();
            answer.read_line(&mut line)?;
            match line.trim().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = value.trim().parse().ok()
                }
                Some(_) => {}
                None => break,
            }
        }
        let mut body = vec![0; length.context("the driver tells no length")?];
        answer.read_exact(&mut body)?;
        let value = serde_json::from_slice::<Value>(&body)?["value"].take();
        if !status.contains(" 200 ") {
            bail!("the page cannot be driven: {}", value["message"].as_str().unwrap_or(status.trim()));
        }
        Ok(value)
    }
}
