//! `bench complete-latency`: from a key to what is suggested, through a real language server and the real host.
//!
//! A file of a crate is typed key by key from its middle; behind each key the editor asks what follows and waits for the answer.
//! The clock runs from before the edit is written to after the answer is read.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use clap::Args;

use super::client::{Editor, Server};
use super::project::Project;
use crate::host::{Memory, RunningHost};
use crate::peers::progress;
use crate::place;
use crate::report::{Aim, Figure, Report};
use crate::statistics::percentile;

/// Options of `bench complete-latency`.
#[derive(Debug, Clone, Args)]
pub struct CompleteLatencyOptions {
    /// The host; default: the newer one of `dist/bin/ambit` and the one that was built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The language server; default: `ambit-lsp` beside the host.
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// How many keys are typed in each part.
    #[arg(long, default_value_t = 1_500)]
    pub keys: usize,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
}

/// So long the host has to read the project and what it depends on.
pub(super) const READING: Duration = Duration::from_secs(15);

/// Types, and measures.
///
/// # Errors
/// When a program cannot be started or breaks off.
pub async fn latency(options: &CompleteLatencyOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let server = options.server.clone().unwrap_or_else(|| binary.with_file_name("ambit-lsp"));
    let model = place::model(options.model.as_deref())?;
    let project = Project::prepare()?;
    let typed = Typed { server, project };
    ensure!(typed.project.keys.len() >= options.keys, "{} has too few keys", typed.project.file.display());

    let host = RunningHost::start(&binary, &model).await?;
    let data = host.data_directory().to_owned();
    progress("letting the host read the project");
    let mut editor = typed.open(&data)?;
    tokio::time::sleep(READING).await;
    let starts: Vec<f64> = (0..5).map(|_| typed.start(&data)).collect::<anyhow::Result<_>>()?;

    progress("typing in one editor");
    let quiet = typed.types(&mut editor, options.keys)?;
    let stale = typed.stale(&data, options.keys / 4)?;
    progress("typing in four editors at once");
    let four = typed.four(&data, options.keys)?;
    progress("typing while the host indexes");
    host.add(&place::rust_documentation()?).await?;
    let mut beside_indexing = typed.open(&data)?;
    let loaded = typed.types(&mut beside_indexing, options.keys)?;
    let resident = Memory::of(editor.process())?.resident as f64 / 1e6;

    drop((editor, beside_indexing, host));
    let cold = typed.cold(&binary, &model)?;
    let of = |values: &[f64], share| percentile(values, share).unwrap_or(f64::NAN);
    Ok(Report::new(
        "complete-latency",
        vec![
            Figure::new("p50", of(&quiet.times, 0.5), "ms").with_aim(Aim::AtMost(5.0)),
            Figure::new("p95", of(&quiet.times, 0.95), "ms").with_aim(Aim::AtMost(20.0)),
            Figure::new("p99", of(&quiet.times, 0.99), "ms").with_aim(Aim::AtMost(50.0)),
            Figure::new("stale", stale as f64, "").with_aim(Aim::AtMost(0.0)),
            Figure::new("loaded p95", of(&loaded.times, 0.95), "ms").with_aim(Aim::AtMost(40.0)),
            Figure::new("four editors p95", of(&four, 0.95), "ms").with_aim(Aim::AtMost(40.0)),
            Figure::new("suggested", 100.0 * quiet.suggested as f64 / quiet.times.len() as f64, "%"),
            Figure::new("resident MB", resident, "MB").with_aim(Aim::AtMost(20.0)),
            Figure::new("start warm ms", of(&starts, 0.5), "ms").with_aim(Aim::AtMost(50.0)),
            Figure::new("start cold ms", cold, "ms").with_aim(Aim::AtMost(700.0)),
        ],
    ))
}

/// What is typed where.
struct Typed {
    server: PathBuf,
    project: Project,
}

/// What typing gave.
#[derive(Default)]
struct Session {
    /// Of each key, in milliseconds.
    times: Vec<f64>,
    suggested: usize,
}

impl Typed {
    fn open(&self, data: &Path) -> anyhow::Result<Editor> {
        let Project { folder, file, before, .. } = &self.project;
        Editor::start(&Server::ambit(&self.server, data), folder, file, before)
    }

    fn types(&self, editor: &mut Editor, keys: usize) -> anyhow::Result<Session> {
        let mut session = Session::default();
        for key in &self.project.keys[..keys] {
            let (time, is_suggested) = editor.key(key)?;
            session.times.push(time.as_secs_f64() * 1e3);
            session.suggested += usize::from(is_suggested);
        }
        Ok(session)
    }

    /// How many suggestions came for texts that had gone.
    fn stale(&self, data: &Path, pairs: usize) -> anyhow::Result<usize> {
        let mut editor = self.open(data)?;
        let mut stale = 0;
        for pair in self.project.keys.chunks_exact(2).take(pairs) {
            stale += usize::from(editor.two_keys(&pair[0], &pair[1])?);
        }
        Ok(stale)
    }

    fn four(&self, data: &Path, keys: usize) -> anyhow::Result<Vec<f64>> {
        std::thread::scope(|scope| {
            let editors: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| self.open(data).and_then(|mut editor| self.types(&mut editor, keys))))
                .collect();
            let mut times = Vec::new();
            for editor in editors {
                times.extend(editor.join().map_err(|_| anyhow::anyhow!("an editor broke off"))??.times);
            }
            Ok(times)
        })
    }

    /// From the start of a server to its first suggestion, in milliseconds.
    fn start(&self, data: &Path) -> anyhow::Result<f64> {
        let began = Instant::now();
        let mut editor = self.open(data)?;
        for key in &self.project.keys {
            if editor.key(key)?.1 {
                return Ok(began.elapsed().as_secs_f64() * 1e3);
            }
            ensure!(began.elapsed() < Duration::from_secs(60), "nothing is suggested");
        }
        anyhow::bail!("nothing is suggested for all that was typed")
    }

    /// The same without a host, which the server starts.
    fn cold(&self, binary: &Path, model: &Path) -> anyhow::Result<f64> {
        let data = tempfile::Builder::new().prefix("ambit-bench-").tempdir()?;
        crate::host::link_model(model, &data.path().join("models"))?;
        let time = self.start(data.path());
        let stopped = crate::peers::command(binary).args(["--data-directory"]).arg(data.path()).arg("stop").output();
        stopped.context("the host that was started cannot be stopped")?;
        time
    }
}
