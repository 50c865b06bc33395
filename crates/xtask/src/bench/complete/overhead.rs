//! `bench complete-overhead`: what stands between a key and a model's suggestion, beside the model.
//!
//! The model is a fake one that takes a fixed time. Ambit asks it as a provider on this machine, `lsp-ai` by its `open_ai`
//! backend, and a bare client sends what Ambit sent last over a connection that is open already. The same keys are typed for
//! both servers in turns, each as soon as the answer to the last one was read. A suggestion counts when it holds the number of a
//! text that the model wrote for this very key.

use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, ensure};
use clap::Args;
use serde_json::json;

use super::client::{Editor, Server};
use super::latency::READING;
use super::project::Project;
use crate::fake_model::FakeModel;
use crate::host::RunningHost;
use crate::peers::progress;
use crate::place;
use crate::replay::{FAKE_MODEL, add};
use crate::report::{Aim, Figure, Report};
use crate::statistics::percentile;

/// Options of `bench complete-overhead`.
#[derive(Debug, Clone, Args)]
pub struct CompleteOverheadOptions {
    /// The host; default: the newer one of `dist/bin/ambit` and the one that was built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The language server; default: `ambit-lsp` beside the host.
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// The program `lsp-ai`, to be compared with; without, nothing is.
    #[arg(long, value_name = "FILE")]
    pub lsp_ai: Option<PathBuf>,
    /// How many keys are typed for each server and each time that the model takes.
    #[arg(long, default_value_t = 300)]
    pub keys: usize,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
}

/// What the model takes, in milliseconds. The figures without a time are those of the last one.
const DELAYS: [u64; 2] = [0, 20];
/// Turns that each server gets.
const ROUNDS: usize = 3;

/// Types, and measures.
///
/// # Errors
/// When a program cannot be started or breaks off, or the host does not complete by a model.
pub async fn overhead(options: &CompleteOverheadOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let server = options.server.clone().unwrap_or_else(|| binary.with_file_name("ambit-lsp"));
    let embedder = place::model(options.model.as_deref())?;
    let project = Project::prepare()?;
    let portion = options.keys / ROUNDS;
    ensure!(portion > 0, "`--keys` is to be {ROUNDS} or more");
    let needed = portion * ROUNDS * DELAYS.len();
    ensure!(project.keys.len() >= needed, "{} has too few keys for that many", project.file.display());

    let fake = FakeModel::start(Duration::ZERO)?;
    let host = RunningHost::start(&binary, &embedder).await?;
    add(&host, &fake).await?;
    let set = host.client().set_setting("completion.model", json!(FAKE_MODEL)).await;
    set.context("this host does not complete by a model")?;
    let open = |server: &Server| Editor::start(server, &project.folder, &project.file, &project.before);
    let mut ours = open(&Server::ambit(&server, host.data_directory()))?;
    let mut theirs = match &options.lsp_ai {
        Some(program) => Some(open(&lsp_ai(program, &fake))?),
        None => {
            progress(
                "nothing is compared with: `--lsp-ai FILE` names the program (docs/benchmarks.md says how to install it)",
            );
            None
        }
    };
    progress("letting the host read the project");
    tokio::time::sleep(READING).await;

    let mut figures = Vec::new();
    let mut portions = project.keys.chunks_exact(portion);
    for delay in DELAYS {
        fake.take(Duration::from_millis(delay));
        progress(&format!("typing with a model that takes {delay} ms"));
        let mut measured = Measured::default();
        for keys in portions.by_ref().take(ROUNDS) {
            fake.forget();
            typed(&mut ours, keys, &mut measured.ours)?;
            let request = fake.last("/completions").context("the host did not ask the model for what follows")?;
            measured.bare.extend(fake.bare(&request, portion)?);
            if let Some(theirs) = &mut theirs {
                typed(theirs, keys, &mut measured.theirs)?;
            }
        }
        let suffix = if DELAYS.last() == Some(&delay) { String::new() } else { format!(" at {delay} ms") };
        figures.extend(measured.figures(&suffix, portion * ROUNDS, theirs.is_some())?);
    }
    drop((ours, theirs));
    host.stop().await?;
    Ok(Report::new("complete-overhead", figures))
}

/// `lsp-ai`, asking the fake model by text with a gap, and without the limit of one request a second that it has by itself.
fn lsp_ai(program: &Path, fake: &FakeModel) -> Server {
    let model = json!({
        "type": "open_ai",
        "completions_endpoint": format!("{}/completions", fake.url()),
        "model": "typist",
        "auth_token": "none",
        "max_requests_per_second": 1_000_000.0,
    });
    let gap = json!({ "start": "<fim_prefix>", "middle": "<fim_suffix>", "end": "<fim_middle>" });
    let parameters = json!({ "fim": gap, "max_context": 2048, "max_tokens": 64 });
    Server {
        program: program.to_owned(),
        // The server is on this machine, whatever the environment says of the network.
        environment: vec![("NO_PROXY", "127.0.0.1".into())],
        options: json!({
            "memory": { "file_store": {} },
            "models": { "typist": model },
            "completion": { "model": "typist", "parameters": parameters },
        }),
        method: "textDocument/completion",
    }
}

/// Milliseconds from a key to the model's suggestion for it.
#[derive(Default)]
struct Side {
    times: Vec<f64>,
    /// The texts of the model that were seen.
    seen: HashSet<u64>,
}

#[derive(Default)]
struct Measured {
    ours: Side,
    theirs: Side,
    bare: Vec<f64>,
}

fn typed(editor: &mut Editor, keys: &[String], side: &mut Side) -> anyhow::Result<()> {
    for key in keys {
        let (taken, suggested) = editor.key_with_suggestions(key)?;
        // What is shown once more while one types along was not asked for anew.
        if FakeModel::number(&suggested).is_some_and(|number| side.seen.insert(number)) {
            side.times.push(taken.as_secs_f64() * 1e3);
        }
    }
    Ok(())
}

impl Measured {
    fn figures(&self, suffix: &str, keys: usize, has_peer: bool) -> anyhow::Result<Vec<Figure>> {
        ensure!(!self.ours.times.is_empty(), "the host asked the model, and suggested nothing that it wrote");
        ensure!(!has_peer || !self.theirs.times.is_empty(), "`lsp-ai` suggested nothing");
        let of = |values: &[f64], share| percentile(values, share).unwrap_or(f64::NAN);
        let mut figures = Vec::new();
        for (name, share) in [("p50", 0.5), ("p95", 0.95)] {
            let (ours, theirs, bare) =
                (of(&self.ours.times, share), of(&self.theirs.times, share), of(&self.bare, share));
            let overhead = Figure::new(format!("overhead {name}{suffix}"), ours - bare, "ms");
            figures.push(if name == "p50" { overhead.with_aim(Aim::AtMost(5.0)) } else { overhead });
            figures.push(Figure::new(format!("bare {name}{suffix}"), bare, "ms"));
            let all = Figure::new(format!("{name}{suffix}"), ours, "ms");
            if has_peer {
                let ratio = Figure::new(format!("lsp-ai ratio {name}{suffix}"), ours / theirs, "x");
                figures.extend([all.with_peer(theirs), ratio.with_aim(Aim::Below(1.0))]);
            } else {
                figures.push(all);
            }
        }
        let share = |side: &Side| 100.0 * side.times.len() as f64 / keys as f64;
        let answered = Figure::new(format!("answered by the model{suffix}"), share(&self.ours), "%");
        figures.push(if has_peer { answered.with_peer(share(&self.theirs)) } else { answered });
        Ok(figures)
    }
}
