//! A real host under measurement, and what its processes use.

use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use ambit_client::Client;
use ambit_protocol::{DrainRequest, IndexCounts, NewRoot, RootState};
use anyhow::{Context as _, bail};

use crate::peers::{command, progress};

/// A real host, the binary that users run, on a data directory of its own. It ends with this value.
#[derive(Debug)]
pub struct RunningHost {
    child: Held,
    client: Client,
    data: tempfile::TempDir,
}

impl RunningHost {
    /// Starts the host and waits until it answers. `model` is the folder with the embedder's files.
    ///
    /// # Errors
    /// When it does not come up within a minute.
    pub async fn start(binary: &Path, model: &Path) -> anyhow::Result<Self> {
        let data = tempfile::Builder::new().prefix("ambit-bench-").tempdir()?;
        let models = data.path().join("models");
        link_model(model, &models)?;
        let log = std::fs::File::create(data.path().join("host.log"))?;
        let child = command(binary)
            .args(["serve", "--idle-minutes", "0", "--data-directory"])
            .arg(data.path())
            .env("AMBIT_SETTINGS_FILE", data.path().join("settings.toml"))
            .env("AMBIT_POWER_PROFILE", "performance")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()
            .with_context(|| format!("cannot start {}", binary.display()))?;
        let mut child = Held(child);
        let socket = ambit_client::socket_for(data.path());
        let deadline = Instant::now() + Duration::from_secs(60);
        let client = loop {
            if let Some(status) = child.0.try_wait()? {
                let said = std::fs::read_to_string(data.path().join("host.log")).unwrap_or_default();
                bail!("the host ended with {status}: {}", said.trim());
            }
            match Client::connect(&socket).await {
                Ok(client) => break client,
                Err(error) if Instant::now() > deadline => return Err(error).context("the host does not answer"),
                Err(_) => tokio::time::sleep(Duration::from_millis(20)).await,
            }
        };
        Ok(Self { child, client, data })
    }

    /// Talks to it.
    #[must_use]
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// Its process.
    #[must_use]
    pub fn process(&self) -> u32 {
        self.child.0.id()
    }

    /// Its data directory.
    #[must_use]
    pub fn data_directory(&self) -> &Path {
        self.data.path()
    }

    /// Has a folder indexed; returns when the request was answered.
    ///
    /// # Errors
    /// When the host refuses.
    pub async fn add(&self, folder: &Path) -> anyhow::Result<()> {
        let path = folder.to_str().context("the folder's name is no text")?.to_owned();
        self.client.add_root(&NewRoot { path }).await?;
        Ok(())
    }

    /// Waits until `files` files are found by keyword, or left out.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub async fn wait_for_keywords(&self, files: u64, limit: Duration) -> anyhow::Result<IndexCounts> {
        let done = |counts: &IndexCounts| counts.indexed + counts.pending + counts.skipped + counts.failed >= files;
        self.wait(done, Duration::from_millis(10), limit).await
    }

    /// Waits until `files` files are found by meaning too, or left out.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub async fn wait_for_all(&self, files: u64, limit: Duration) -> anyhow::Result<IndexCounts> {
        let done = |counts: &IndexCounts| counts.indexed + counts.skipped + counts.failed >= files;
        self.wait(done, Duration::from_millis(100), limit).await
    }

    /// Waits until everything that the folder holds is indexed or left out.
    ///
    /// # Errors
    /// When that takes longer than `limit`.
    pub async fn wait_until_quiet(&self, limit: Duration) -> anyhow::Result<IndexCounts> {
        let started = Instant::now();
        loop {
            let roots = self.client.roots().await?.roots;
            let root = roots.first().context("the host forgot the folder")?;
            if root.state == RootState::Watching && !root.scanning && root.counts.pending == 0 {
                return Ok(root.counts);
            }
            if started.elapsed() > limit {
                bail!("indexing did not end within {} s: {root:?}", limit.as_secs());
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    async fn wait(
        &self,
        done: impl Fn(&IndexCounts) -> bool,
        every: Duration,
        limit: Duration,
    ) -> anyhow::Result<IndexCounts> {
        let started = Instant::now();
        let mut told = started;
        loop {
            let roots = self.client.roots().await?.roots;
            let counts = roots.first().context("the host forgot the folder")?.counts;
            if done(&counts) {
                return Ok(counts);
            }
            if started.elapsed() > limit {
                bail!("indexing did not end within {} s: {counts:?}", limit.as_secs());
            }
            if told.elapsed() > Duration::from_secs(20) {
                told = Instant::now();
                progress(&format!("{} files indexed, {} pending", counts.indexed, counts.pending));
            }
            tokio::time::sleep(every).await;
        }
    }

    /// Ends it in order, and removes its data.
    ///
    /// # Errors
    /// When it does not end within half a minute; it is killed then.
    pub async fn stop(self) -> anyhow::Result<()> {
        self.stop_keeping_data().await.map(drop)
    }

    /// Ends it in order; its data directory goes with the returned value.
    ///
    /// # Errors
    /// When it does not end within half a minute; it is killed then.
    pub async fn stop_keeping_data(mut self) -> anyhow::Result<tempfile::TempDir> {
        self.client.drain(&DrainRequest { reason: Some("the benchmark is over".to_owned()) }).await?;
        let deadline = Instant::now() + Duration::from_secs(30);
        while self.child.0.try_wait()?.is_none() {
            if Instant::now() > deadline {
                bail!("the host does not end");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(self.data)
    }
}

/// A process that does not outlive this value.
#[derive(Debug)]
struct Held(Child);

impl Drop for Held {
    fn drop(&mut self) {
        // Killing a process that has ended already does nothing.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// Puts the model's files into a data directory, without copying them where the disk allows it.
///
/// # Errors
/// When a file can be neither linked nor copied.
pub fn link_model(model: &Path, models: &Path) -> anyhow::Result<PathBuf> {
    let folder = models.join(ambit_inference::catalogue::ALL_MINILM_L6_V2.id);
    std::fs::create_dir_all(&folder)?;
    for file in ambit_inference::catalogue::ALL_MINILM_L6_V2.files {
        let (from, to) = (model.join(file.name), folder.join(file.name));
        if std::fs::hard_link(&from, &to).is_err() {
            std::fs::copy(&from, &to).with_context(|| format!("cannot copy {}", from.display()))?;
        }
    }
    Ok(folder)
}

/// A process and what it uses.
#[derive(Debug, Clone, PartialEq)]
pub struct ProcessUse {
    /// Its id.
    pub process: u32,
    /// Its name.
    pub name: String,
    /// Bytes that it alone keeps in memory, with its share of what it has in common with others.
    pub proportional_bytes: u64,
    /// Processor time that it and its ended children have used, in clock ticks.
    pub ticks: u64,
}

/// A process and all that descend from it, with what they use, as Linux tells it.
///
/// # Errors
/// When the first process is gone or `/proc` cannot be read.
pub fn process_tree(root: u32) -> anyhow::Result<Vec<ProcessUse>> {
    let mut parents = Vec::new();
    for entry in std::fs::read_dir("/proc").context("cannot read /proc")? {
        let name = entry?.file_name();
        let Some(process) = name.to_str().and_then(|name| name.parse::<u32>().ok()) else { continue };
        // A process may end while it is looked at.
        if let Some(stat) =
            std::fs::read_to_string(format!("/proc/{process}/stat")).ok().as_deref().and_then(parse_stat)
        {
            parents.push((process, stat));
        }
    }
    let mut tree = vec![root];
    let mut next = 0;
    while let Some(parent) = tree.get(next).copied() {
        tree.extend(parents.iter().filter(|(_, stat)| stat.parent == parent).map(|(process, _)| *process));
        next += 1;
    }
    let uses: Vec<ProcessUse> = tree
        .into_iter()
        .filter_map(|process| {
            let stat = parents.iter().find(|(other, _)| *other == process).map(|(_, stat)| stat)?;
            let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
            let proportional_bytes = proportional(&rollup)?;
            Some(ProcessUse { process, name: stat.name.clone(), proportional_bytes, ticks: stat.ticks })
        })
        .collect();
    if !uses.iter().any(|process| process.process == root) {
        bail!("process {root} is gone");
    }
    Ok(uses)
}

/// What a line of `/proc/*/stat` tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stat {
    /// The name, cut at 15 bytes.
    pub name: String,
    /// The parent process.
    pub parent: u32,
    /// Time in user and kernel mode, own and of ended children, in clock ticks.
    pub ticks: u64,
}

/// Parses a line of `/proc/*/stat`. The name stands in parentheses and may hold spaces and parentheses.
#[must_use]
pub fn parse_stat(line: &str) -> Option<Stat> {
    let (before, after) = line.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split_whitespace().collect();
    // Counted from the state, which is field 3 of proc(5): the parent is 4, the four times are 14 to 17.
    let ticks = (11..=14).map(|index| fields.get(index)?.parse::<u64>().ok()).sum::<Option<u64>>()?;
    Some(Stat { name, parent: fields.get(1)?.parse().ok()?, ticks })
}

/// What a process holds in memory, in bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Memory {
    /// All pages of it that are in memory, those that it has in common with others among them.
    pub resident: u64,
    /// The same, but of what it has in common only its share.
    pub proportional: u64,
}

impl Memory {
    /// That of a process, as Linux tells it.
    ///
    /// # Errors
    /// When the process is gone or `/proc` cannot be read.
    pub fn of(process: u32) -> anyhow::Result<Self> {
        let rollup = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup"));
        let rollup = rollup.with_context(|| format!("process {process} is gone, or this is not Linux"))?;
        let told = resident(&rollup).zip(proportional(&rollup));
        let (resident, proportional) = told.context("the system does not tell the memory of a process")?;
        Ok(Self { resident, proportional })
    }
}

/// The resident set size in a text of `/proc/*/smaps_rollup`, in bytes.
#[must_use]
pub fn resident(rollup: &str) -> Option<u64> {
    bytes_of(rollup, "Rss:")
}

/// The proportional set size in a text of `/proc/*/smaps_rollup`, in bytes.
#[must_use]
pub fn proportional(rollup: &str) -> Option<u64> {
    bytes_of(rollup, "Pss:")
}

fn bytes_of(rollup: &str, name: &str) -> Option<u64> {
    let line = rollup.lines().find_map(|line| line.strip_prefix(name))?;
    let kilobytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kilobytes * 1024)
}
