//! The packages that users get, and what they are made of.

mod components;
mod licences;
mod sbom;

mod appimage;
mod archive;
mod binaries;
mod debian;
mod manifest;
mod tree;

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context as _, bail};

use crate::peers::{command, progress};
use crate::place;

pub use binaries::Profile;

/// What is to be packed.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// How the binaries are built.
    pub profile: Profile,
    /// A folder with built ones instead: `ambit`, `ambit-desktop`, `ambit-lsp` and `ambit-native-host`.
    pub binaries: Option<PathBuf>,
    /// What an AppImage begins with, instead of the one that is fetched.
    pub appimage_runtime: Option<PathBuf>,
    /// The folder that the packages are put into, instead of `dist/`.
    pub to: Option<PathBuf>,
}

/// A file that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// Where it is.
    pub path: PathBuf,
    /// Its size in bytes.
    pub bytes: u64,
}

impl Made {
    fn at(path: PathBuf) -> anyhow::Result<Self> {
        let bytes = path.metadata().with_context(|| format!("{} was not made", path.display()))?.len();
        Ok(Self { path, bytes })
    }
}

/// What was packed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Package {
    /// The stripped binaries.
    pub binaries: Vec<Made>,
    /// What is downloaded.
    pub downloads: Vec<Made>,
    /// What tells of them: the licences, the list of components, and the manifest of the update check.
    pub documents: Vec<Made>,
    /// How many components others wrote, by licence; the most frequent first.
    pub licences: Vec<(String, usize)>,
}

/// The largest download that users are to be asked for, in bytes.
pub const LARGEST_DOWNLOAD: u64 = 70_000_000;

/// Makes the packages: a .deb, an AppImage and an archive, each with the licences and the components of what is
/// in it. Of the same commit and the same binaries they are the same to the last bit.
///
/// # Errors
/// When something that is shipped has a licence that was not agreed to, a tool is missing, or a step fails.
pub fn package(options: &Options) -> anyhow::Result<Package> {
    let workspace = place::workspace();
    if options.binaries.is_none() && !workspace.join("ui/dist/index.html").exists() {
        bail!("the page is not built, and the host would come without it; `make page` builds it");
    }
    // Licences come first: nobody should wait for a build that may not be shipped.
    progress("looking at licences");
    let components = components::shipped(&workspace)?;
    let licences = licences::check(&components)?;

    let scratch = tempfile::tempdir()?;
    let binaries = binaries::ready(&workspace, options, &scratch.path().join("bin"))?;
    let release = Release { version: env!("CARGO_PKG_VERSION"), moment: moment(&workspace)? };
    let dist = options.to.clone().unwrap_or_else(|| workspace.join("dist"));
    std::fs::create_dir_all(&dist)?;
    let documents = documents(&components, &release, &dist)?;

    let root = scratch.path().join("root");
    tree::lay(&workspace, &binaries, &documents, &release, &root)?;
    let downloads = vec![
        debian::pack(&root, &binaries, &release, &dist)?,
        appimage::pack(&root, options.appimage_runtime.as_deref(), &release, &dist)?,
        archive::pack(&root, &release, &dist)?,
    ];
    let mut told: Vec<Made> = documents.into_iter().map(Made::at).collect::<Result<_, _>>()?;
    told.push(manifest::write(&downloads, &release, &dist)?);
    Ok(Package { binaries: binaries.made()?, downloads, documents: told, licences })
}

/// What is packed of the project.
#[derive(Debug, Clone, Copy)]
struct Release {
    version: &'static str,
    /// What all files claim as the time of their last change.
    moment: SystemTime,
}

impl Release {
    /// The name of a download, without what tells its format.
    fn name(&self) -> String {
        format!("ambit-{}-{}-{}", self.version, std::env::consts::OS, std::env::consts::ARCH)
    }

    /// Seconds since 1970, as tools take them from `SOURCE_DATE_EPOCH`.
    fn epoch(&self) -> String {
        self.moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_secs().to_string()
    }
}

/// `SOURCE_DATE_EPOCH`, or the time of the commit.
fn moment(workspace: &Path) -> anyhow::Result<SystemTime> {
    let seconds = match std::env::var("SOURCE_DATE_EPOCH") {
        Ok(seconds) => seconds,
        Err(_) => output(command("git").current_dir(workspace).args(["log", "-1", "--format=%ct"]))
            .context("set SOURCE_DATE_EPOCH where there is no git")?,
    };
    let seconds = seconds.trim().parse().with_context(|| format!("`{seconds}` is no number of seconds"))?;
    Ok(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds))
}

/// Writes what tells of the components, and gives the files.
fn documents(components: &[components::Component], release: &Release, dist: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let licences = dist.join("THIRD-PARTY-LICENSES");
    std::fs::write(&licences, licences::texts(components)?)?;
    let sbom = dist.join("ambit.cdx.json");
    std::fs::write(&sbom, sbom::document(components, release)?)?;
    Ok(vec![licences, sbom])
}

/// What a command prints when it ends well.
fn output(command: &mut std::process::Command) -> anyhow::Result<String> {
    let output = command.output().with_context(|| format!("cannot start {command:?}"))?;
    if !output.status.success() {
        bail!("{command:?} ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr).trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}
