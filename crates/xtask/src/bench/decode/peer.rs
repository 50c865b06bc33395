//! llama.cpp in a process of its own.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use anyhow::{Context as _, bail, ensure};

use super::{BenchDevice, DecodeOptions, Times};
use crate::peers::{Peer, progress};

/// The peer's process: one round for each line that it is sent.
pub(super) struct LlamaCpp {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl LlamaCpp {
    pub(super) fn start(model: &Path, options: &DecodeOptions) -> anyhow::Result<Self> {
        let peer = Peer::ready("decode")?;
        progress("loading llama.cpp");
        let mut child = peer
            .script("decode.py")
            .arg(model)
            .arg(options.threads.to_string())
            .arg(if options.device == BenchDevice::Gpu { "gpu" } else { "cpu" })
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start the peer")?;
        let input = child.stdin.take().context("the peer has no input")?;
        let output = BufReader::new(child.stdout.take().context("the peer has no output")?);
        let mut peer = Self { child, input, output };
        let ready = peer.line()?;
        ensure!(ready == "ready", "the peer said `{ready}` instead of being ready");
        Ok(peer)
    }

    pub(super) fn round(&mut self, prompt: &str, write: u32) -> anyhow::Result<Times> {
        // The ids of the bytes that can be seen are these.
        let ids: Vec<u32> = prompt.bytes().map(u32::from).collect();
        writeln!(self.input, "{}", serde_json::json!({ "prompt": ids, "write": write }))?;
        self.input.flush()?;
        serde_json::from_str(&self.line()?).context("the peer did not tell its times")
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        if self.output.read_line(&mut line)? == 0 {
            bail!("the peer ended early with {}", self.child.wait()?);
        }
        Ok(line.trim().to_owned())
    }
}

impl Drop for LlamaCpp {
    fn drop(&mut self) {
        // Waits for input that does not come.
        self.child.kill().ok();
        self.child.wait().ok();
    }
}
