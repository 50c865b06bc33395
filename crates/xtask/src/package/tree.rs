use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use super::binaries::Binaries;
use super::{Release, output};
use crate::peers::{command, run};

/// Completions by shell, and where a distribution has its own.
const COMPLETIONS: [(&str, &str); 3] = [
    ("bash", "share/bash-completion/completions/ambit"),
    ("zsh", "share/zsh/vendor-completions/_ambit"),
    ("fish", "share/fish/vendor_completions.d/ambit.fish"),
];

/// Lists that a desktop makes of what is installed; a package must not bring one.
const DERIVED: [&str; 2] = ["mimeinfo.cache", "icon-theme.cache"];

/// Lays all files below `root/usr`, as they are on a machine where Ambit is installed. Files that name programs name them by
/// their places there, which [`copy`] mends.
pub(super) fn lay(
    workspace: &Path,
    binaries: &Binaries,
    documents: &[PathBuf],
    release: &Release,
    root: &Path,
) -> anyhow::Result<()> {
    let prefix = root.join("usr");
    let documentation = prefix.join("share/doc/ambit");
    std::fs::create_dir_all(prefix.join("bin"))?;
    std::fs::create_dir_all(&documentation)?;
    std::fs::copy(&binaries.ambit, prefix.join("bin/ambit"))?;
    std::fs::copy(&binaries.desktop, prefix.join("bin/ambit-desktop"))?;
    std::fs::copy(&binaries.lsp, prefix.join("bin/ambit-lsp"))?;
    std::fs::copy(&binaries.native_host, prefix.join("bin/ambit-native-host"))?;

    run(command(workspace.join("scripts/desktop-entry")).arg("install").arg(&prefix))?;
    for file in files(root)? {
        if file.file_name().is_some_and(|name| DERIVED.iter().any(|derived| name == *derived)) {
            std::fs::remove_file(&file)?;
        }
    }

    for (shell, place) in COMPLETIONS {
        let to = prefix.join(place);
        std::fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
        std::fs::write(&to, output(command(&binaries.ambit).args(["completions", shell]))?)?;
    }

    let manuals = prefix.join("share/man/man1");
    std::fs::create_dir_all(&manuals)?;
    std::fs::write(manuals.join("ambit.1"), output(command(&binaries.ambit).arg("manual"))?)?;
    std::fs::write(manuals.join("ambit-desktop.1"), include_str!("../../package/ambit-desktop.1"))?;
    std::fs::write(manuals.join("ambit-lsp.1"), include_str!("../../package/ambit-lsp.1"))?;
    std::fs::write(manuals.join("ambit-native-host.1"), include_str!("../../package/ambit-native-host.1"))?;
    for manual in ["ambit.1", "ambit-desktop.1", "ambit-lsp.1", "ambit-native-host.1"] {
        pack(&manuals.join(manual))?;
    }

    let changes = documentation.join("changelog");
    std::fs::write(&changes, changelog(release)?)?;
    pack(&changes)?;
    let copyright = workspace.join("crates/xtask/package/copyright");
    let own = ["README.md", "LICENSE-APACHE", "LICENSE-MIT"].map(|name| workspace.join(name));
    for file in own.iter().chain([&copyright]) {
        std::fs::copy(file, documentation.join(file.file_name().context("a file has a name")?))?;
    }
    for file in documents {
        let to = documentation.join(file.file_name().context("a file has a name")?);
        std::fs::copy(file, &to)?;
        pack(&to)?;
    }
    for file in files(root)? {
        let is_program = file.parent() == Some(&prefix.join("bin"));
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(if is_program { 0o755 } else { 0o644 }))?;
    }
    Ok(())
}

/// Packs a file as Debian's policy wants it, the same each time.
fn pack(file: &Path) -> anyhow::Result<()> {
    run(command("gzip").args(["--best", "--no-name"]).arg(file))
}

/// What Debian wants to know of a version; what changed is told where it is published.
fn changelog(release: &Release) -> anyhow::Result<String> {
    let moment = jiff::Timestamp::from_second(release.epoch().parse()?)?;
    let date = jiff::fmt::rfc2822::to_string(&moment.to_zoned(jiff::tz::TimeZone::UTC))?;
    let version = super::debian::version(release.version);
    Ok(format!(
        "ambit ({version}) unstable; urgency=medium\n\n  * Version {}.\n\n -- Ambit contributors \
         <contributors@ambit.invalid>  {date}\n",
        release.version
    ))
}

/// All files below a folder, sorted.
pub(super) fn files(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            // What a tool made may be closed to others, who are to read what is installed.
            std::fs::set_permissions(entry.path(), std::fs::Permissions::from_mode(0o755))?;
            found.extend(files(&entry.path())?);
        } else {
            found.push(entry.path());
        }
    }
    found.sort();
    Ok(found)
}

/// A copy of the tree at `root`, in which the programs are started by names that begin with `programs`.
pub(super) fn copy(root: &Path, to: &Path, programs: &str) -> anyhow::Result<()> {
    let share = root.join("usr/share");
    let here = root.display().to_string();
    for file in files(root)? {
        let to = to.join(file.strip_prefix(root)?);
        std::fs::create_dir_all(to.parent().context("a file is in a folder")?)?;
        std::fs::copy(&file, &to)?;
        if file.starts_with(&share)
            && let Ok(text) = std::fs::read_to_string(&file)
            && text.contains(&here)
        {
            std::fs::write(&to, text.replace(&format!("{here}/usr/bin/"), programs).replace(&here, ""))?;
        }
    }
    Ok(())
}
