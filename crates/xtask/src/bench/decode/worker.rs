//! Ambit's engine worker on threads of this process.

use std::io::{PipeReader, PipeWriter};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Instant;

use ambit_domain::port::{GenerationPriority, Prompt};
use ambit_domain::{SamplingOptions, Tools};
use ambit_inference::wire::{Request, Response, read_frame, write_frame};
use ambit_inference::{DeviceChoice, WorkerOptions, serve};
use anyhow::{Context as _, bail, ensure};

use super::Times;
use crate::peers::progress;

/// A worker with one model.
pub(super) struct Worker {
    folder: PathBuf,
    device: DeviceChoice,
    /// Its input and output; gone once it is to end.
    pipes: Option<(PipeWriter, PipeReader)>,
    thread: Option<JoinHandle<()>>,
    next: u64,
}

impl Drop for Worker {
    /// Waits until it has ended: a graphics driver does not bear being used while the process ends.
    fn drop(&mut self) {
        self.pipes = None;
        // It says by its answers what went wrong.
        self.thread.take().map(JoinHandle::join);
    }
}

/// How a worker runs.
#[derive(Debug, Clone, Copy)]
pub(super) struct Running {
    pub(super) device: DeviceChoice,
    pub(super) threads: NonZeroUsize,
    pub(super) guesses: bool,
}

/// What a text came to.
#[derive(Debug, Default)]
pub(super) struct Text {
    pub(super) text: String,
    pub(super) read: usize,
    pub(super) written: usize,
    pub(super) guessed: usize,
    pub(super) agreed: usize,
}

impl Worker {
    pub(super) fn start(model: &Path, running: Running) -> anyhow::Result<Self> {
        let folder = model.parent().context("the model has no folder")?.to_path_buf();
        let (input, requests) = std::io::pipe()?;
        let (responses, output) = std::io::pipe()?;
        let Running { device, threads, guesses } = running;
        let options = WorkerOptions { threads: Some(threads), guesses, ..WorkerOptions::default() };
        let thread = std::thread::spawn(move || {
            if let Err(error) = serve(input, output, &options) {
                progress(&format!("the worker ended: {error}"));
            }
        });
        let mut worker = Self { folder, device, pipes: Some((requests, responses)), thread: Some(thread), next: 0 };
        worker.seconds(&["warm up".to_owned()], 8)?;
        Ok(worker)
    }

    /// The seconds that reading a prompt takes, and writing so many tokens after it.
    pub(super) fn round(&mut self, prompt: &str, write: u32) -> anyhow::Result<Times> {
        let prompts = [prompt.to_owned()];
        if write == 0 {
            return Ok(Times { read: self.seconds(&prompts, 1)?, write: 0.0 });
        }
        // The same prompt again is not read again, but for its last page.
        let read = self.seconds(&prompts, 1)?;
        let both = self.seconds(&prompts, write + 1)?;
        let again = self.seconds(&prompts, 1)?;
        Ok(Times { read, write: both - again })
    }

    /// The seconds that texts take that are asked for at once, after prompts of as many tokens as bytes.
    pub(super) fn seconds(&mut self, prompts: &[String], most: u32) -> anyhow::Result<f64> {
        let (seconds, texts) = self.write(prompts, most)?;
        for (prompt, text) in prompts.iter().zip(texts) {
            let bytes = prompt.len();
            ensure!(text.read == bytes, "{} tokens, not {bytes}", text.read);
        }
        Ok(seconds)
    }

    /// Writes texts that are asked for at once, and the seconds that they take together.
    pub(super) fn write(&mut self, prompts: &[String], most: u32) -> anyhow::Result<(f64, Vec<Text>)> {
        let (started, first) = (Instant::now(), self.next + 1);
        let (requests, responses) = self.pipes.as_mut().context("the worker has ended")?;
        for prompt in prompts {
            self.next += 1;
            write_frame(requests, &generate(self.next, &self.folder, self.device, prompt, most))?;
        }
        let mut texts: Vec<Text> = prompts.iter().map(|_| Text::default()).collect();
        let mut left = prompts.len();
        while left > 0 {
            let response = read_frame::<Response>(responses)?.context("the worker ended")?;
            if matches!(response, Response::Memory(_)) {
                continue;
            }
            let (Response::Written { id, .. } | Response::Generated { id, .. }) = &response else {
                bail!("{response:?}")
            };
            let place = id.checked_sub(first).and_then(|place| usize::try_from(place).ok());
            let text = place.and_then(|place| texts.get_mut(place)).context("a text that was not asked for")?;
            match response {
                Response::Written { text: more, .. } => text.text.push_str(&more),
                Response::Generated { prompt_tokens, completion_tokens, guessed_tokens, agreed_tokens, .. } => {
                    ensure!(completion_tokens == most, "{completion_tokens} tokens were written instead of {most}");
                    text.read = prompt_tokens as usize;
                    text.written = completion_tokens as usize;
                    text.guessed = guessed_tokens as usize;
                    text.agreed = agreed_tokens as usize;
                    left -= 1;
                }
                _ => {}
            }
        }
        Ok((started.elapsed().as_secs_f64(), texts))
    }
}

/// Asks for a text.
pub(super) fn generate(id: u64, folder: &Path, device: DeviceChoice, prompt: &str, most: u32) -> Request {
    Request::Generate {
        id,
        folder: folder.to_path_buf(),
        device,
        prompt: Prompt::Text(prompt.to_owned()),
        sampling: SamplingOptions { max_tokens: most, ..SamplingOptions::default() },
        priority: GenerationPriority::Chat,
        tools: Tools::default(),
        draft: None,
        now: String::new(),
    }
}
