//! The package for all other Linux systems: one file that runs where it lies.

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};

use super::components::Component;
use super::{Made, Release, output, tree};
use crate::peers::{cargo, command, progress, run};

/// The crate that brings the runtime of AppImageKit, release 13.
const CRATE: &str = "appimage";
const CRATE_VERSION: &str = "0.4.0";
/// Its file, for the only processor that it has one for.
const RUNTIME: &str = "assets/runtime-x86_64";
/// The digest under which AppImageKit released it.
const RUNTIME_SHA256: &str = "328e0d745c5c6817048c27bc3e8314871703f8f47ffa81a37cb06cd95a94b323";

/// What others wrote of the runtime.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Runtime {
    part: Vec<Part>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    name: String,
    version: String,
    licence: String,
    authors: Vec<String>,
    repository: String,
    /// What its authors say of its licence, where that is more than a name.
    note: Option<String>,
}

/// What others wrote of that which an AppImage begins with.
pub(super) fn components() -> anyhow::Result<Vec<Component>> {
    let Runtime { part } = toml::from_str(include_str!("../../package/appimage-runtime.toml"))?;
    let component = |part: Part| Component {
        url: format!("pkg:generic/{}?in=appimage", part.name.to_ascii_lowercase()),
        name: part.name,
        version: part.version,
        licence: part.licence,
        authors: part.authors,
        repository: Some(part.repository),
        digest: None,
        programs: ["AppImage"].into(),
        texts: part.note.map(|note| ("COPYING".to_owned(), note)).into_iter().collect(),
    };
    Ok(part.into_iter().map(component).collect())
}

/// Packs the tree below `root`, behind the given runtime or the one that is fetched, and gives the file.
pub(super) fn pack(root: &Path, runtime: Option<&Path>, release: &Release, dist: &Path) -> anyhow::Result<Made> {
    let runtime = match runtime {
        Some(file) => std::fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?,
        None => fetched()?,
    };
    // The second type: an executable with these bytes where the header has room, and the files behind its end.
    if !runtime.starts_with(b"\x7fELF") || runtime.get(8..11) != Some(b"AI\x02") {
        bail!("that is no runtime of an AppImage of type 2");
    }
    progress("packing the AppImage");
    let scratch = tempfile::tempdir()?;
    let folder = scratch.path().join("AppDir");
    // It runs from another place each time.
    tree::copy(root, &folder, "")?;
    let start = folder.join("AppRun");
    // The time tells builds of a version from each other.
    let release_name = format!("{}-{}", release.version, release.epoch());
    std::fs::write(&start, include_str!("../../package/AppRun").replace("@RELEASE@", &release_name))?;
    std::fs::set_permissions(&start, std::fs::Permissions::from_mode(0o755))?;
    symlink("usr/share/applications/ambit-desktop.desktop", folder.join("ambit-desktop.desktop"))?;
    symlink("usr/share/icons/hicolor/256x256/apps/ambit.png", folder.join("ambit.png"))?;
    symlink("ambit.png", folder.join(".DirIcon"))?;

    let image = scratch.path().join("files");
    let mut pack = command("mksquashfs");
    pack.env("SOURCE_DATE_EPOCH", release.epoch()).arg(&folder).arg(&image);
    pack.args(["-comp", "xz", "-b", "1M"]);
    if cfg!(target_arch = "x86_64") {
        // Calls pack better with the addresses that they lead to.
        pack.args(["-Xbcj", "x86"]);
    }
    pack.args(["-all-root", "-no-xattrs", "-noappend", "-quiet", "-no-progress"]);
    run(&mut pack).context("squashfs-tools has `mksquashfs`")?;

    let path = dist.join(format!("{}.AppImage", release.name()));
    let mut whole = runtime;
    whole.extend(std::fs::read(&image)?);
    std::fs::write(&path, whole)?;
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755))?;
    Made::at(path)
}

/// The runtime as crates.io has it: in a crate whose own code is not used.
fn fetched() -> anyhow::Result<Vec<u8>> {
    if std::env::consts::ARCH != "x86_64" {
        bail!("for {} no runtime of an AppImage is known; `--appimage-runtime FILE` names one", std::env::consts::ARCH);
    }
    let folder = crate_from_registry(CRATE, CRATE_VERSION).context("the AppImage's runtime cannot be fetched")?;
    let runtime = std::fs::read(folder.join(RUNTIME)).context("the crate has no runtime")?;
    let digest: String = Sha256::digest(&runtime).iter().map(|byte| format!("{byte:02x}")).collect();
    if digest != RUNTIME_SHA256 {
        bail!("the runtime is not the one that AppImageKit released: {digest}");
    }
    Ok(runtime)
}

/// The folder with a crate's files. Empty ones stand in for what its code would need.
fn crate_from_registry(name: &str, version: &str) -> anyhow::Result<PathBuf> {
    let scratch = tempfile::tempdir()?;
    let write = |file: &str, text: &str| -> anyhow::Result<()> {
        let file = scratch.path().join(file);
        std::fs::create_dir_all(file.parent().context("a file is in a folder")?)?;
        std::fs::write(file, text).map_err(Into::into)
    };
    let mut manifest = format!(
        "[package]\nname = \"fetch\"\nedition = \"2024\"\n[workspace]\n[dependencies]\n{name} = \"={version}\"\n[patch.crates-io]\n"
    );
    write("src/lib.rs", "")?;
    for (unused, version) in [("anyhow", "1.0.68"), ("xcommon", "0.3.0")] {
        manifest.push_str(&format!("{unused} = {{ path = \"{unused}\" }}\n"));
        write(&format!("{unused}/Cargo.toml"), &format!("[package]\nname = \"{unused}\"\nversion = \"{version}\"\n"))?;
        write(&format!("{unused}/src/lib.rs"), "")?;
    }
    write("Cargo.toml", &manifest)?;
    let told = output(cargo().current_dir(scratch.path()).args(["metadata", "--format-version", "1"]))?;
    let told: serde_json::Value = serde_json::from_str(&told)?;
    let packages = told["packages"].as_array().context("cargo names no packages")?;
    let manifest =
        packages.iter().find(|package| package["name"] == name).and_then(|package| package["manifest_path"].as_str());
    let folder = manifest.and_then(|manifest| Path::new(manifest).parent()).context("cargo does not name the crate")?;
    Ok(folder.to_owned())
}
