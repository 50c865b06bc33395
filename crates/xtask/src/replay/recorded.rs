//! Which changes are typed, and with what: the options that all that replays has in common.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context as _;
use clap::Args;

use super::changes::{Commit, odd, of_repository, of_versions};
use super::{Speed, Stage, Typing};
use crate::peers::progress;
use crate::place;

/// What is typed, how fast, and through which programs.
#[derive(Debug, Clone, Args)]
pub struct Recorded {
    /// The host; default: the newer one of `dist/bin/ambit` and the one that was built with this program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// The language server; default: `ambit-lsp` beside the host.
    #[arg(long, value_name = "FILE")]
    pub server: Option<PathBuf>,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// The Git repository whose last commits are typed; default: this one.
    #[arg(long, value_name = "DIR")]
    pub repository: Option<PathBuf>,
    /// How many commits.
    #[arg(long, default_value_t = 60)]
    pub commits: usize,
    /// Two versions of a crate, whose difference is typed as well.
    #[arg(long, num_args = 2, value_names = ["OLDER", "NEWER"])]
    pub versions: Option<Vec<PathBuf>>,
    /// How fast one types.
    #[arg(long, value_enum, default_value_t = Speed::Human)]
    pub speed: Speed,
}

impl Recorded {
    /// The host's program.
    ///
    /// # Errors
    /// When none was built.
    pub fn host(&self) -> anyhow::Result<PathBuf> {
        self.binary.clone().map_or_else(place::ambit_binary, Ok)
    }

    /// The language server's program.
    #[must_use]
    pub fn language_server(&self, host: &Path) -> PathBuf {
        self.server.clone().unwrap_or_else(|| host.with_file_name("ambit-lsp"))
    }

    /// The repository.
    #[must_use]
    pub fn repository(&self) -> PathBuf {
        self.repository.clone().unwrap_or_else(place::workspace)
    }

    /// What is typed: commits, the difference of two versions, and odd texts. Says so where there are no commits.
    ///
    /// # Errors
    /// When the versions cannot be read, or a repository that was named has no history.
    pub fn read(&self) -> anyhow::Result<Vec<Commit>> {
        let repository = self.repository();
        let mut commits = match of_repository(&repository, self.commits) {
            Ok(commits) => commits,
            Err(error) if self.repository.is_some() => {
                return Err(error.context(format!("{} has no history that can be read", repository.display())));
            }
            Err(error) => {
                progress(&format!("{} has no history that can be read: {error:#}", repository.display()));
                Vec::new()
            }
        };
        let count = commits.len();
        if count < self.commits {
            progress(&format!("{count} commits that changed texts are there to be typed, not {}", self.commits));
        }
        if let Some([older, newer]) = self.versions.as_deref() {
            commits.push(of_versions(older, newer)?);
        }
        commits.push(odd());
        Ok(commits)
    }

    /// Has work done with a host that was started for it, and ends that. The work is told to stop when nobody waits for it any
    /// more.
    ///
    /// # Errors
    /// Those of the work, and when a program cannot be started or does not end.
    pub async fn typed<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Work, &AtomicBool) -> anyhow::Result<T> + Send + 'static,
    ) -> anyhow::Result<T> {
        let host = self.host()?;
        let server = self.language_server(&host);
        let commits = self.read()?;
        let stage = Stage::start(&host, &place::model(self.model.as_deref())?).await?;
        let project = stage.set_up(&self.repository(), &commits)?;
        let material = Work { stage, server, project, commits, speed: self.speed };
        let stop = StopsWhenDropped::default();
        let is_over = Arc::clone(&stop.0);
        let done = tokio::task::spawn_blocking(move || (work(&material, &is_over), material.stage)).await;
        let (result, stage) = done.context("somebody who typed broke off")?;
        let result = result?;
        stage.end().await?;
        Ok(result)
    }
}

/// What is at hand for who types.
#[derive(Debug)]
pub struct Work {
    stage: Stage,
    server: PathBuf,
    project: PathBuf,
    /// What is typed.
    pub commits: Vec<Commit>,
    speed: Speed,
}

impl Work {
    /// Somebody who is about to type.
    ///
    /// # Errors
    /// When the language server cannot be started.
    pub fn typing(&self) -> anyhow::Result<Typing<'_>> {
        self.stage.typing(&self.server, &self.project, self.speed)
    }
}

/// Has work stop as soon as nobody waits for it.
#[derive(Debug, Default)]
struct StopsWhenDropped(Arc<AtomicBool>);

impl Drop for StopsWhenDropped {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
