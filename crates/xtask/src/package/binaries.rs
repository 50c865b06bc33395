use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};

use super::{Made, Options};
use crate::peers::{cargo, command, progress, run};

/// How binaries are built.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Profile {
    /// As users get them: optimised for speed where it counts and for size elsewhere, across all crates. Takes hours the
    /// first time, and more than half an hour each time.
    #[default]
    Dist,
    /// As `make build` does, to try the packaging.
    Dev,
}

impl Profile {
    fn name(self) -> &'static str {
        match self {
            Self::Dist => "dist",
            Self::Dev => "dev",
        }
    }

    fn folder(self) -> &'static str {
        match self {
            Self::Dist => "dist",
            Self::Dev => "debug",
        }
    }
}

/// The stripped binaries that are shipped.
#[derive(Debug, Clone)]
pub(super) struct Binaries {
    /// The host and the terminal's commands: all of Ambit, for machines with and without a display.
    pub(super) ambit: PathBuf,
    /// Windows and tray.
    pub(super) desktop: PathBuf,
    /// The language server for editors.
    pub(super) lsp: PathBuf,
    /// What browsers start for the extension.
    pub(super) native_host: PathBuf,
}

impl Binaries {
    pub(super) fn made(&self) -> anyhow::Result<Vec<Made>> {
        let all = [&self.ambit, &self.desktop, &self.lsp, &self.native_host];
        all.into_iter().map(|path| Made::at(path.clone())).collect()
    }
}

/// Builds the binaries, or takes those that are given, and strips copies of them in a folder.
pub(super) fn ready(workspace: &Path, options: &Options, to: &Path) -> anyhow::Result<Binaries> {
    let from = match &options.binaries {
        Some(folder) => folder.clone(),
        None => build(workspace, options.profile)?,
    };
    std::fs::create_dir_all(to)?;
    let stripped = |name: &str| -> anyhow::Result<PathBuf> {
        let (from, to) = (from.join(name), to.join(name));
        if !from.is_file() {
            bail!("there is no {}", from.display());
        }
        run(command("strip").arg("--strip-unneeded").arg("-o").arg(&to).arg(&from)).context("binutils has `strip`")?;
        Ok(to)
    };
    Ok(Binaries {
        ambit: stripped("ambit")?,
        desktop: stripped("ambit-desktop")?,
        lsp: stripped("ambit-lsp")?,
        native_host: stripped("ambit-native-host")?,
    })
}

/// Builds all, and gives the folder that they are in.
fn build(workspace: &Path, profile: Profile) -> anyhow::Result<PathBuf> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| workspace.join("target"), PathBuf::from);
    if profile == Profile::Dist {
        progress("building with link-time optimisation; this takes long");
    }
    let build = |arguments: &[&str]| {
        let mut build = cargo();
        build.current_dir(workspace).env("CARGO_TARGET_DIR", &target).args(["build", "--locked", "--profile"]);
        run(build.arg(profile.name()).args(arguments))
    };
    build(&["--bin", "ambit", "--bin", "ambit-native-host"])?;
    build(&["--manifest-path", "lsp-server/Cargo.toml"])?;
    run(&mut command(workspace.join("scripts/has-desktop"))).context("the desktop app is part of the packages")?;
    build(&["--manifest-path", "src-tauri/Cargo.toml"])?;
    Ok(target.join(profile.folder()))
}
