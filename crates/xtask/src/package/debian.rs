//! The package for Debian, Ubuntu and what comes from them.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use anyhow::Context as _;

use super::binaries::Binaries;
use super::{Made, Release, output, tree};
use crate::peers::{command, progress, run};

/// What no list of an executable names, as it is looked for only when it is wanted: who signed the certificates of servers, what
/// opens links and pages, GPUs, and the tray.
const LOOKED_FOR: [&str; 4] = ["ca-certificates", "libayatana-appindicator3-1", "libvulkan1", "xdg-utils"];

/// Scripts that dpkg runs.
const SCRIPTS: [&str; 1] = ["prerm"];

/// Packs the tree below `root` and gives the package.
pub(super) fn pack(root: &Path, binaries: &Binaries, release: &Release, dist: &Path) -> anyhow::Result<Made> {
    progress("packing the .deb");
    let scratch = tempfile::tempdir()?;
    let staged = scratch.path().join("ambit");
    tree::copy(root, &staged, "/usr/bin/")?;

    let needed = libraries(&binaries.ambit)?;
    let mut wanted: BTreeSet<String> = libraries(&binaries.desktop)?.difference(&needed).cloned().collect();
    wanted.extend(LOOKED_FOR.map(str::to_owned));
    let architecture = output(command("dpkg").arg("--print-architecture"))?.trim().to_owned();

    let digests = digests(&staged)?;
    let kibibytes = tree::files(&staged)?
        .iter()
        .map(|file| Ok(file.metadata()?.len().div_ceil(1024)))
        .sum::<anyhow::Result<u64>>()?;
    let information = staged.join("DEBIAN");
    std::fs::create_dir(&information)?;
    let joined = |packages: &BTreeSet<String>| packages.iter().cloned().collect::<Vec<_>>().join(", ");
    let control = include_str!("../../package/control")
        .replace("@VERSION@", &version(release.version))
        .replace("@ARCHITECTURE@", &architecture)
        .replace("@SIZE@", &kibibytes.to_string())
        .replace("@DEPENDS@", &joined(&needed))
        .replace("@RECOMMENDS@", &joined(&wanted));
    std::fs::write(information.join("control"), control)?;
    std::fs::write(information.join("md5sums"), digests)?;
    for script in SCRIPTS {
        let to = information.join(script);
        std::fs::copy(crate::place::crate_folder().join("package").join(script), &to)?;
        std::fs::set_permissions(&to, std::fs::Permissions::from_mode(0o755))?;
    }
    std::fs::set_permissions(&staged, std::fs::Permissions::from_mode(0o755))?;

    let package = dist.join(format!("ambit_{}_{architecture}.deb", version(release.version)));
    run(command("dpkg-deb")
        .env("SOURCE_DATE_EPOCH", release.epoch())
        .args(["--build", "--root-owner-group", "-Zxz", "-z9"])
        .arg(&staged)
        .arg(&package))
    .context("a .deb is made on Debian or Ubuntu, where its libraries are from")?;
    Made::at(package)
}

/// A version as dpkg orders them: a pre-release before its release.
pub(super) fn version(version: &str) -> String {
    version.replacen('-', "~", 1)
}

/// The packages that a binary needs, with the versions that have the symbols that it uses.
fn libraries(binary: &Path) -> anyhow::Result<BTreeSet<String>> {
    let scratch = tempfile::tempdir()?;
    std::fs::create_dir(scratch.path().join("debian"))?;
    std::fs::write(scratch.path().join("debian/control"), "Source: ambit\n\nPackage: ambit\nArchitecture: any\n")?;
    let told = output(command("dpkg-shlibdeps").current_dir(scratch.path()).arg("-O").arg("-e").arg(binary))
        .context("dpkg-dev has `dpkg-shlibdeps`, which tells what a binary needs")?;
    let list = told.trim().strip_prefix("shlibs:Depends=").unwrap_or_default();
    Ok(list.split(", ").filter(|package| !package.is_empty()).map(str::to_owned).collect())
}

/// The digests by which `dpkg --verify` sees whether a file was changed.
fn digests(root: &Path) -> anyhow::Result<String> {
    let names: Vec<_> =
        tree::files(root)?.iter().map(|file| Ok(file.strip_prefix(root)?.to_owned())).collect::<anyhow::Result<_>>()?;
    output(command("md5sum").current_dir(root).args(names))
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_pre_release_comes_before_its_release() {
        assert_eq!(super::version("1.2.0"), "1.2.0");
        assert_eq!(super::version("1.2.0-rc.1-a"), "1.2.0~rc.1-a");
    }
}
