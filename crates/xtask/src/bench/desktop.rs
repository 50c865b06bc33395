//! `bench desktop`: how soon the desktop app is there, how its page bears a long chat, and what it uses when it is closed.

mod bus;
mod driver;
mod screen;
mod thread;

use std::path::{Path, PathBuf};
use std::process::Child;
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use clap::Args;

use self::bus::{Bus, Icon};
use self::driver::Page;
use self::screen::{Area, SOON, Screen};
use crate::host::{RunningHost, process_tree};
use crate::peers::{cargo, progress};
use crate::report::{Aim, Figure, Report};
use crate::{place, statistics};

/// Options of `bench desktop`.
#[derive(Debug, Clone, Args)]
pub struct DesktopOptions {
    /// The host that the app starts; the app is beside it. Default: the newer one of `dist/bin/ambit` and the one that was
    /// built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The app that does nothing, to compare with; default: it is built.
    #[arg(long, value_name = "FILE")]
    pub blank: Option<PathBuf>,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Starts of either app, and openings of launcher and chat; their medians count.
    #[arg(long, default_value_t = 7)]
    pub rounds: usize,
    /// Messages of the long chat; a question and its answer are two.
    #[arg(long, default_value_t = 2000)]
    pub messages: usize,
    /// Small files of generated text that are indexed.
    #[arg(long, default_value_t = 300)]
    pub files: usize,
    /// Seconds between the start and the measurement of memory and processor time.
    #[arg(long, default_value_t = 60)]
    pub rest: u64,
    /// Seconds over which the processor time is measured.
    #[arg(long, default_value_t = 30)]
    pub watch: u64,
}

/// Where the launcher's letters are: in the middle of the upper part of the screen.
const LAUNCHER: Area = Area { left: 320, top: 185, right: 960, bottom: 620 };

/// Where letters of the chat are, wherever the window manager puts its window.
const CHAT: Area = Area { left: 180, top: 160, right: 1100, bottom: 740 };

/// How long an app is left alone after its start, so that nothing of that is measured.
const SETTLE: Duration = Duration::from_secs(6);

/// Clock ticks in a second: `USER_HZ`, which is 100 on all Linux systems that Rust runs on.
const TICKS: f64 = 100.0;

/// What is measured, in milliseconds.
#[derive(Default)]
struct Times {
    tray: Vec<f64>,
    blank_tray: Vec<f64>,
    launcher: Vec<f64>,
    paint: Vec<f64>,
    start_paint: Vec<f64>,
    open: Vec<f64>,
}

/// Runs the benchmark.
///
/// # Errors
/// When an app, the model or a program that makes up a desktop is missing.
pub async fn run(options: &DesktopOptions) -> anyhow::Result<Report> {
    let host = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let app = host.with_file_name("ambit-desktop");
    ensure!(app.is_file(), "{} is not there; `make build` builds it", app.display());
    let blank = options.blank.clone().map_or_else(build_blank, Ok)?;
    let data = fill(options, &host).await?;
    progress(&format!("{} beside {}", app.display(), blank.display()));
    let screen = Screen::start(environment(data.path())?)?;
    let bus = Bus::watch(screen.bus()).await?;
    screen.put_pointer_aside()?;
    let mut times = Times::default();
    let mut rested = [Rested::default(); 2];
    for round in 1..=options.rounds.max(1) {
        let is_last = round == options.rounds.max(1);
        let (running, _, took) = start(&screen, &bus, &blank).await?;
        times.blank_tray.push(milliseconds(took));
        if is_last {
            rested[1] = rest(options, running.0.id()).await?;
        }
        drop(running);
        let (running, icon, took) = start(&screen, &bus, &app).await?;
        times.tray.push(milliseconds(took));
        tokio::time::sleep(SETTLE).await;
        let pressed = screen.press("ctrl+shift+space")?;
        times.launcher.push(milliseconds(screen.until_text(LAUNCHER, true, pressed).await?));
        tokio::time::sleep(Duration::from_millis(500)).await;
        let pressed = screen.press("Escape")?;
        screen.until_text(LAUNCHER, false, pressed).await?;
        let chosen = bus.choose(&bus.entry(&icon, "Open chat")?)?;
        times.paint.push(milliseconds(screen.until_text(CHAT, true, chosen).await?));
        tokio::time::sleep(Duration::from_secs(1)).await;
        let pressed = screen.close("Ambit")?;
        screen.until_text(CHAT, false, pressed).await?;
        if is_last {
            rested[0] = rest(options, running.0.id()).await?;
        }
        quit(&screen, &app, running).await?;
        let begun = Instant::now();
        let running = Running(screen.command(&app).spawn()?);
        times.start_paint.push(milliseconds(screen.until_text(CHAT, true, begun).await?));
        bus.until_icon(begun).await?;
        quit(&screen, &app, running).await?;
        progress(&format!("round {round}: {}", times.last()));
    }
    drop(screen);

    let mut screen = Screen::start(environment(data.path())?)?;
    let page = Page::open(&mut screen, &app, &[]).await?;
    for _ in 0..options.rounds.clamp(1, 5) {
        thread::reload(&page)?;
        times.open.push(thread::open(&page)?);
        progress(&format!("the long chat opened after {:.0} ms", times.open.last().copied().unwrap_or_default()));
    }
    let scrolling = thread::scroll(&page)?;
    progress(&format!("{} frames; {} turns stand in the page", scrolling.frames, scrolling.drawn));
    if !scrolling.slow.is_empty() {
        progress(&format!("long frames: {}", scrolling.slow.join(", ")));
    }
    screen.command(&app).arg("--quit").status()?;
    let blank_tray = median(&times.blank_tray)?;
    let tray = median(&times.tray)?;
    let [ours, theirs] = rested;
    Ok(Report::new(
        "desktop",
        vec![
            Figure::new("tray ms", tray, "ms")
                .with_aim(Aim::AtMost((1.3 * blank_tray).max(300.0)))
                .with_peer(blank_tray),
            Figure::new("blank app ratio tray", tray / blank_tray, "x"),
            Figure::new("launcher ms", median(&times.launcher)?, "ms").with_aim(Aim::AtMost(100.0)),
            Figure::new("paint ms", median(&times.paint)?, "ms").with_aim(Aim::AtMost(200.0)),
            Figure::new("start to paint ms", median(&times.start_paint)?, "ms"),
            Figure::new("open 2000 ms", median(&times.open)?, "ms").with_aim(Aim::AtMost(200.0)),
            Figure::new("long frames", scrolling.long.into(), "frames").with_aim(Aim::AtMost(0.0)),
            Figure::new("longest frame ms", scrolling.longest, "ms"),
            Figure::new("frames", scrolling.frames.into(), "frames"),
            Figure::new("resident MB", ours.megabytes - theirs.megabytes, "MB of PSS").with_aim(Aim::AtMost(150.0)),
            Figure::new("resident whole MB", ours.megabytes, "MB of PSS").with_peer(theirs.megabytes),
            Figure::new("cpu %", ours.busy, "% of a core").with_aim(Aim::Below(0.5)).with_peer(theirs.busy),
        ],
    ))
}

impl Times {
    /// The last round.
    fn last(&self) -> String {
        let last = |times: &[f64]| times.last().copied().unwrap_or_default();
        format!(
            "tray {:.0} ms (blank {:.0}), launcher {:.0}, chat {:.0}, chat from the start {:.0}",
            last(&self.tray),
            last(&self.blank_tray),
            last(&self.launcher),
            last(&self.paint),
            last(&self.start_paint)
        )
    }
}

/// A data directory with an index and a long chat.
async fn fill(options: &DesktopOptions, host: &Path) -> anyhow::Result<tempfile::TempDir> {
    let source = tempfile::Builder::new().prefix("ambit-small-").tempdir()?;
    super::idle::write_files(source.path(), options.files)?;
    let host = RunningHost::start(host, &place::model(options.model.as_deref())?).await?;
    host.add(source.path()).await?;
    host.wait_for_all(options.files as u64, Duration::from_secs(3600)).await?;
    let data = host.stop_keeping_data().await?;
    thread::fill(data.path(), options.messages / 2).await?;
    Ok(data)
}

fn environment(data: &Path) -> anyhow::Result<Vec<(&'static str, String)>> {
    let text = |path: &Path| Some(path.to_str()?.to_owned());
    let data_directory = text(data).context("the folder's name is no text")?;
    let settings = text(&data.join("settings.toml")).context("the folder's name is no text")?;
    Ok(vec![("AMBIT_DATA_DIRECTORY", data_directory), ("AMBIT_SETTINGS_FILE", settings)])
}

/// Builds the app that does nothing, as the app itself is built.
fn build_blank() -> anyhow::Result<PathBuf> {
    let manifest = place::workspace().join("src-tauri/Cargo.toml");
    let mut build = cargo();
    build.args(["build", "--quiet", "--example", "blank", "--message-format", "json", "--manifest-path"]).arg(manifest);
    let output = build.stderr(std::process::Stdio::inherit()).output().context("cannot start cargo")?;
    ensure!(output.status.success(), "the app to compare with cannot be built");
    let text = String::from_utf8(output.stdout)?;
    let messages = text.lines().filter_map(|line| serde_json::from_str::<serde_json::Value>(line).ok());
    let built = messages.filter(|message| message["target"]["name"] == "blank");
    let executable = built.filter_map(|message| Some(PathBuf::from(message["executable"].as_str()?))).next_back();
    executable.context("cargo built no app to compare with")
}

/// A process that does not outlive this value.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        // Killing a process that has ended already does nothing.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Starts an app and waits for its icon. Returns how long that took.
async fn start(screen: &Screen, bus: &Bus, app: &Path) -> anyhow::Result<(Running, Icon, Duration)> {
    bus.forget()?;
    let begun = Instant::now();
    let running = Running(screen.command(app).arg("--hidden").spawn()?);
    let (icon, took) = bus.until_icon(begun).await?;
    Ok((running, icon, took))
}

/// Has the app end, and its host.
async fn quit(screen: &Screen, app: &Path, mut running: Running) -> anyhow::Result<()> {
    ensure!(screen.command(app).arg("--quit").status()?.success(), "the app does not hear that it is to end");
    let begun = Instant::now();
    while running.0.try_wait()?.is_none() {
        if begun.elapsed() > SOON {
            bail!("the app does not end");
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    Ok(())
}

/// What an app uses that nobody uses.
#[derive(Debug, Clone, Copy, Default)]
struct Rested {
    megabytes: f64,
    /// Percent of a core.
    busy: f64,
}

async fn rest(options: &DesktopOptions, process: u32) -> anyhow::Result<Rested> {
    progress("resting");
    tokio::time::sleep(Duration::from_secs(options.rest)).await;
    let ticks = |tree: &[crate::host::ProcessUse]| tree.iter().map(|process| process.ticks).sum::<u64>();
    let before = ticks(&process_tree(process)?);
    let watched = Instant::now();
    tokio::time::sleep(Duration::from_secs(options.watch)).await;
    let seconds = watched.elapsed().as_secs_f64();
    let after = process_tree(process)?;
    for process in &after {
        let megabytes = process.proportional_bytes as f64 / 1e6;
        progress(&format!("{} {}: {megabytes:.1} MB", process.process, process.name));
    }
    let busy = ticks(&after).checked_sub(before).context("a process of the app ended while it was watched")?;
    let bytes: u64 = after.iter().map(|process| process.proportional_bytes).sum();
    Ok(Rested { megabytes: bytes as f64 / 1e6, busy: busy as f64 / TICKS / seconds * 100.0 })
}

fn milliseconds(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

fn median(values: &[f64]) -> anyhow::Result<f64> {
    statistics::percentile(values, 0.5).context("no round was run")
}
