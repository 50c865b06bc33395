//! What `cargo xtask package` makes, of programs of the system that stand in for ours: building and packing those takes long.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use ambit_tests::{binary_named, not_run, shown};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

/// Programs that packing needs, and the packages of Debian that have them.
const NEEDED: [&str; 4] = ["dpkg-deb", "dpkg-shlibdeps", "mksquashfs", "strip"];

struct Packages {
    folder: tempfile::TempDir,
}

impl Packages {
    /// Packs `echo` as `ambit` and `ambit-lsp`, and `true` as the other programs.
    fn make() -> Self {
        let stand_ins = tempfile::tempdir().unwrap();
        for name in ["ambit", "ambit-lsp"] {
            std::fs::copy("/usr/bin/echo", stand_ins.path().join(name)).unwrap();
        }
        for name in ["ambit-desktop", "ambit-native-host"] {
            std::fs::copy("/usr/bin/true", stand_ins.path().join(name)).unwrap();
        }
        let folder = tempfile::tempdir().unwrap();
        let mut make = command(binary_named("xtask"));
        make.args(["package", "--binaries"]).arg(stand_ins.path()).arg("--to").arg(folder.path());
        let output = make.output().unwrap();
        assert!(output.status.success(), "{}", shown(&output));
        Self { folder }
    }

    fn ending(&self, end: &str) -> PathBuf {
        let mut files = std::fs::read_dir(self.folder.path()).unwrap().map(|entry| entry.unwrap().path());
        files.find(|path| path.to_str().unwrap().ends_with(end)).unwrap_or_else(|| panic!("there is no {end}"))
    }

    fn json(&self, end: &str) -> Value {
        serde_json::from_slice(&std::fs::read(self.ending(end)).unwrap()).unwrap()
    }
}

fn command(program: impl AsRef<std::ffi::OsStr>) -> Command {
    Command::new(program)
}

fn is_possible() -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let is_there = |program: &&str| std::env::split_paths(&path).any(|folder| folder.join(program).exists());
    let missing: Vec<_> = NEEDED.iter().filter(|program| !is_there(program)).collect();
    let is_possible = missing.is_empty() && std::env::consts::ARCH == "x86_64" && rustix::process::geteuid().is_root();
    if !is_possible {
        not_run(&format!("packages are made on Debian for x86_64, and installed by root; missing: {missing:?}"));
    }
    is_possible
}

fn digest(file: &Path) -> String {
    Sha256::digest(std::fs::read(file).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn succeeded(output: Output) -> String {
    assert!(output.status.success(), "{}", shown(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn packages_hold_the_programs_with_their_licences_and_run() {
    if !is_possible() {
        return;
    }
    let packages = Packages::make();
    let deb = packages.ending(".deb");
    let fields = succeeded(command("dpkg-deb").arg("--field").arg(&deb).output().unwrap());
    assert!(fields.contains("Depends: libc6 (>= "), "{fields}");
    let recommended = fields.lines().find_map(|line| line.strip_prefix("Recommends: ")).unwrap();
    for package in ["ca-certificates", "libayatana-appindicator3-1", "libvulkan1", "xdg-utils"] {
        assert!(recommended.split(", ").any(|other| other == package), "{package}: {fields}");
    }
    let files = succeeded(command("dpkg-deb").arg("--contents").arg(&deb).output().unwrap());
    for file in [
        "./usr/bin/ambit",
        "./usr/bin/ambit-desktop",
        "./usr/bin/ambit-lsp",
        "./usr/bin/ambit-native-host",
        "./usr/share/applications/ambit-desktop.desktop",
        "./usr/share/doc/ambit/THIRD-PARTY-LICENSES.gz",
        "./usr/share/doc/ambit/ambit.cdx.json.gz",
        "./usr/share/doc/ambit/changelog.gz",
        "./usr/share/doc/ambit/copyright",
        "./usr/share/icons/hicolor/48x48/apps/ambit.png",
        "./usr/share/icons/hicolor/scalable/apps/ambit.svg",
        "./usr/share/man/man1/ambit.1.gz",
        "./usr/share/man/man1/ambit-desktop.1.gz",
        "./usr/share/man/man1/ambit-lsp.1.gz",
        "./usr/share/man/man1/ambit-native-host.1.gz",
        "./usr/share/metainfo/dev.ambit.desktop.metainfo.xml",
        "./usr/share/bash-completion/completions/ambit",
    ] {
        assert!(files.lines().any(|line| line.ends_with(&format!(" {file}"))), "{file}: {files}");
    }
    assert!(!files.contains("mimeinfo.cache"), "that is the system's own: {files}");

    let script = Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().join("scripts/check-package");
    let told = succeeded(command(script).arg(&deb).output().unwrap());
    assert!(told.contains("of the package: nothing"), "{told}");
    assert!(told.contains("of the user: .local/share/ambit/state.db"), "{told}");

    // Given a command, the AppImage is `ambit`, which `echo` stands in for; without one it is the app.
    let cache = tempfile::tempdir().unwrap();
    let unpacked = |arguments: &[&str]| {
        let mut image = command(packages.ending(".AppImage"));
        image.arg("--appimage-extract-and-run").args(arguments);
        image.current_dir(packages.folder.path()).env("XDG_CACHE_HOME", cache.path());
        succeeded(image.output().unwrap())
    };
    let old = cache.path().join("ambit/appimage-0.0.1-1");
    std::fs::create_dir_all(&old).unwrap();
    assert_eq!(unpacked(&["ask", "something"]), "ask something\n");
    let kept = || -> Vec<PathBuf> {
        std::fs::read_dir(cache.path().join("ambit")).unwrap().map(|entry| entry.unwrap().path()).collect()
    };
    let copy = kept();
    assert_eq!(copy.len(), 1, "what a host would run from stays, and nothing of an older version: {copy:?}");
    assert_eq!(unpacked(&["ambit-lsp", "--stdio"]), "--stdio\n");
    // A host that runs from there outlives the commands after it.
    let sleeping = copy[0].join("usr/bin/sleeping");
    std::fs::copy("/usr/bin/sleep", &sleeping).unwrap();
    let mut host = command(&sleeping).arg("60").spawn().unwrap();
    assert_eq!(unpacked(&[]), "");
    assert_eq!(kept(), copy);
    let is_alive = host.try_wait().unwrap().is_none();
    host.kill().unwrap();
    host.wait().unwrap();
    assert!(is_alive, "a command ended the host");
}

#[test]
fn packages_of_the_same_are_the_same_and_tell_what_is_in_them() {
    if !is_possible() {
        return;
    }
    let (first, second) = (Packages::make(), Packages::make());
    for end in [".deb", ".AppImage", ".tar.zst", ".cdx.json", "LICENSES", "update.json"] {
        assert_eq!(digest(&first.ending(end)), digest(&second.ending(end)), "{end}");
    }

    let list = first.json("update.json");
    assert_eq!(list["version"], env!("CARGO_PKG_VERSION"));
    for file in list["files"].as_array().unwrap() {
        assert_eq!(file["sha256"], digest(&first.folder.path().join(file["url"].as_str().unwrap())));
    }

    let components = first.json(".cdx.json")["components"].as_array().unwrap().clone();
    let named = |name: &str| components.iter().find(|component| component["name"] == name);
    for shipped in
        ["tokio", "lancedb", "tauri", "svelte", "SQLite", "D-Bus", "rust-std", "AppImageKit", "squashfuse", "zlib"]
    {
        assert!(named(shipped).is_some(), "{shipped} is in what is shipped");
    }
    // Tests, macros and build scripts are not; nor is what belongs to another system.
    for absent in ["proptest", "insta", "serde_derive", "cc", "windows-sys", "vite", "ambit-domain"] {
        assert!(named(absent).is_none(), "{absent} is not in what is shipped");
    }
    let tokio = named("tokio").unwrap();
    assert_eq!(tokio["purl"], format!("pkg:cargo/tokio@{}", tokio["version"].as_str().unwrap()));
    assert_eq!(tokio["licenses"][0]["expression"], "MIT");
    assert_eq!(tokio["hashes"][0]["content"].as_str().unwrap().len(), 64);
    let mut references: Vec<_> = components.iter().map(|component| component["bom-ref"].as_str().unwrap()).collect();
    references.sort_unstable();
    assert!(references.windows(2).all(|pair| pair[0] != pair[1]), "each reference stands for one component");

    let licences = std::fs::read_to_string(first.ending("LICENSES")).unwrap();
    for text in ["Permission is hereby granted", "Apache License", "May you do good and not evil", "Tokio Contributors"]
    {
        assert!(licences.contains(text), "{text}");
    }
}
