use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::{Command, Stdio};

use ambit_domain::Error;
use ambit_inference::{AdapterKind, ComputeDevice};
use ambit_settings::{DataDirectory, DiskEncryption, Settings, disk_encryption, key};

use crate::encoders::ChosenEncoder;
use crate::host::models_folder;
use crate::keys::keys_of;
use crate::stored_settings::{StoredSettings, stored_settings};
use crate::{DEVICES_COMMAND, running_host};

/// How a check came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckState {
    /// As it should be.
    Good,
    /// Works, but could be better or safer.
    Advice,
    /// Something does not work until it is mended.
    Bad,
}

impl CheckState {
    /// The wire form: `good`, `advice`, `bad`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Advice => "advice",
            Self::Bad => "bad",
        }
    }
}

/// One thing that `ambit doctor` looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What was looked at, a word or two.
    pub name: &'static str,
    /// How it came out.
    pub state: CheckState,
    /// What was found.
    pub found: String,
    /// What to do about it.
    pub hint: Option<String>,
}

impl Check {
    fn good(name: &'static str, found: impl Into<String>) -> Self {
        Self { name, state: CheckState::Good, found: found.into(), hint: None }
    }

    fn advice(name: &'static str, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: CheckState::Advice, found: found.into(), hint: Some(hint.into()) }
    }

    fn bad(name: &'static str, found: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { name, state: CheckState::Bad, found: found.into(), hint: Some(hint.into()) }
    }
}

/// Looks at everything that Ambit needs, without starting anything: the data directory, the disk below it, the models,
/// the devices, the limits of the system, and whether a host runs. `executable` is this program: it is started once more
/// with [`DEVICES_COMMAND`].
#[must_use]
pub fn examine(data_directory: &DataDirectory, settings: &Settings, executable: &Path) -> Vec<Check> {
    let (settings, elsewhere, unread) = match stored_settings(data_directory, settings) {
        Ok(StoredSettings { settings, elsewhere }) => (settings, elsewhere, None),
        Err(error) => (settings.clone(), Vec::new(), Some(error)),
    };
    let mut checks = vec![folder(data_directory), encryption(data_directory.path()), space(data_directory.path())];
    checks.push(host(data_directory));
    checks.push(values(&settings, unread.as_ref()));
    checks.push(model(data_directory, &settings));
    checks.push(device(&settings, executable));
    checks.extend(watches());
    checks.push(network(&settings, &elsewhere));
    checks.push(keys(data_directory));
    checks
}

fn values(settings: &Settings, unread: Option<&Error>) -> Check {
    const NAME: &str = "settings";
    if let Some(error) = unread {
        let found = format!("what was set with `ambit settings` is not known, and left out here: {error}");
        return Check::bad(NAME, found, error.hint().unwrap_or("`ambit restore FILE` puts a backup in its place"));
    }
    match settings.problems() {
        [] => Check::good(NAME, "all of them count"),
        problems => Check::advice(NAME, problems.join("; "), "mend what is named there, and `ambit stop`"),
    }
}

fn folder(directory: &DataDirectory) -> Check {
    const NAME: &str = "data directory";
    let path = directory.path();
    match std::fs::metadata(path) {
        Err(_) => Check::good(NAME, format!("{} will be made when it is first needed", path.display())),
        Ok(metadata) if metadata.mode() & 0o077 != 0 => Check::advice(
            NAME,
            format!("{} can be read by other users", path.display()),
            format!("chmod 700 {}", path.display()),
        ),
        Ok(_) => Check::good(NAME, format!("{}, closed to other users", path.display())),
    }
}

fn encryption(path: &Path) -> Check {
    const NAME: &str = "disk encryption";
    match disk_encryption(path) {
        DiskEncryption::Encrypted(how) => Check::good(NAME, format!("the disk is encrypted ({how})")),
        DiskEncryption::Unencrypted => Check::advice(
            NAME,
            "the disk is not encrypted: who has the disk can read what Ambit keeps",
            "encrypt the volume (LUKS on Linux), or move the data directory to one that is encrypted",
        ),
        DiskEncryption::Unknown(why) => Check::advice(
            NAME,
            format!("it is not known whether the disk is encrypted: {why}"),
            "make sure that the volume of the data directory is encrypted",
        ),
        _ => Check::good(NAME, "the disk is encrypted"),
    }
}

fn space(path: &Path) -> Check {
    const NAME: &str = "disk space";
    let existing = path.ancestors().find(|ancestor| ancestor.exists()).unwrap_or(Path::new("/"));
    match rustix::fs::statvfs(existing) {
        Err(error) => Check::advice(NAME, format!("the free space is not known: {error}"), "look with `df`"),
        Ok(numbers) => {
            let free = numbers.f_bavail.saturating_mul(numbers.f_frsize) >> 20;
            match free {
                0..200 => Check::bad(NAME, format!("{free} MB free"), "free at least 200 MB"),
                200..2000 => Check::advice(NAME, format!("{free} MB free"), "large folders need some gigabytes"),
                _ => Check::good(NAME, format!("{} GB free", free >> 10)),
            }
        }
    }
}

fn host(directory: &DataDirectory) -> Check {
    const NAME: &str = "host";
    match running_host(directory) {
        Some(process) => Check::good(NAME, format!("running (process {process})")),
        None => Check::good(NAME, "not running; the first command that needs it starts it"),
    }
}

fn model(directory: &DataDirectory, settings: &Settings) -> Check {
    const NAME: &str = "embedding model";
    let encoder = ChosenEncoder::find(&models_folder(directory, settings), settings.text(key::MODELS_EMBEDDER));
    match encoder.trouble() {
        None => Check::good(NAME, format!("{} in {}", encoder.id, encoder.folder.display())),
        Some((problem, remedy)) => Check::bad(
            NAME,
            format!("search works by keyword only: {problem} ({})", encoder.folder.display()),
            format!("{remedy}; {}", encoder.hint()),
        ),
    }
}

fn device(settings: &Settings, executable: &Path) -> Check {
    const NAME: &str = "device";
    let wanted = settings.text(key::INFERENCE_DEVICE);
    if wanted == "cpu" {
        return Check::good(NAME, "the processor, as the settings say");
    }
    let found = match devices(executable) {
        Ok(found) => found,
        Err(reason) => {
            let found = format!("the graphics driver could not be asked ({reason}); the processor is used");
            return Check::advice(
                NAME,
                found,
                "install the GPU's Vulkan driver again, or `ambit settings set inference.device cpu`",
            );
        }
    };
    let gpu = found.iter().find(|device| device.is_gpu() && device.kind != AdapterKind::SoftwareGpu);
    match (wanted, gpu) {
        ("gpu", None) => Check::bad(
            NAME,
            "the settings ask for a GPU, and there is none",
            "`ambit settings set inference.device auto`, or install the GPU's Vulkan driver",
        ),
        (_, Some(gpu)) => Check::good(NAME, gpu.to_string()),
        _ => Check::good(NAME, "the processor; there is no GPU that could help"),
    }
}

/// The devices, as another process finds them: graphics drivers write what they like to the terminal, and some crash.
#[expect(clippy::disallowed_methods, reason = "this program, started once more")]
fn devices(executable: &Path) -> Result<Vec<ComputeDevice>, String> {
    let mut command = Command::new(executable);
    command.arg(DEVICES_COMMAND).stdin(Stdio::null()).stderr(Stdio::null());
    let output = command.output().map_err(|error| error.to_string())?;
    if !output.status.success() {
        return Err(output.status.to_string());
    }
    serde_json::from_slice(&output.stdout).map_err(|error| error.to_string())
}

fn watches() -> Option<Check> {
    const NAME: &str = "folder watches";
    let limit: u64 = std::fs::read_to_string("/proc/sys/fs/inotify/max_user_watches").ok()?.trim().parse().ok()?;
    if limit < 65_536 {
        return Some(Check::advice(
            NAME,
            format!("the system allows {limit} watched folders"),
            "sudo sysctl fs.inotify.max_user_watches=524288",
        ));
    }
    Some(Check::good(NAME, format!("the system allows {limit} watched folders")))
}

/// Where keys of providers are. A host that runs outside this session may find another keychain.
fn keys(directory: &DataDirectory) -> Check {
    const NAME: &str = "keys";
    let counted = keys_of(directory).and_then(|keys| Ok((keys.count()?, keys)));
    let ((in_keychain, sealed), keys) = match counted {
        Ok(counted) => counted,
        Err(error) => {
            let error = Error::from(error);
            return Check::bad(NAME, error.message(), error.hint().unwrap_or("look at the file"));
        }
    };
    let file = keys.sealed_file().display();
    match keys.keychain() {
        (name, Ok(())) if sealed == 0 => Check::good(NAME, format!("kept in {name}: {in_keychain}")),
        (name, Ok(())) => Check::advice(
            NAME,
            format!("kept in {name}: {in_keychain}; in the sealed file {file}: {sealed}"),
            "the next start of the host moves them; `ambit stop` ends it",
        ),
        (name, Err(why)) if in_keychain > 0 => Check::advice(
            NAME,
            format!("kept in {name}: {in_keychain}, which cannot be had from here: {why}"),
            "unlock it, or give the keys once more with `ambit providers key NAME`",
        ),
        (_, Err(why)) => Check::good(NAME, format!("kept in the sealed file {file}: {sealed}; {why}")),
    }
}

fn network(settings: &Settings, elsewhere: &[(String, String)]) -> Check {
    const NAME: &str = "network";
    if settings.boolean(key::NETWORK_OFFLINE) {
        return Check::good(NAME, "offline mode is on: nothing leaves this machine");
    }
    let asked = match elsewhere {
        [] => String::new(),
        servers => {
            let named: Vec<_> = servers.iter().map(|(name, host)| format!("{name} ({host})")).collect();
            format!(", to ask servers elsewhere that you added: {}", named.join(", "))
        }
    };
    let also = if settings.boolean(key::UPDATES_CHECK) { ", and once a day to look for a newer version" } else { "" };
    Check::good(
        NAME,
        format!("used only to fetch models when you ask for it{asked}{also}; `network.offline` closes it"),
    )
}
