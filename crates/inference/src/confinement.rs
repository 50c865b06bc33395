use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::Result;

/// What could be taken from this process.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confinement {
    /// Only the model folder, the cache folder and what graphics drivers need can be opened.
    pub files: bool,
    /// No TCP connection can be made or accepted.
    pub network: bool,
}

/// Takes from this process, for good, what an engine worker does not need: files other than the model (read only), the
/// cache and the graphics drivers, and TCP. The worker parses files from strangers.
///
/// To be called before any thread is started, since it holds for the calling thread and those that it starts later. Only
/// Linux with Landlock can do this; the result says what took effect.
///
/// # Errors
/// [`crate::Error::System`] when the system knows Landlock, but refuses.
pub fn confine(model_folder: &Path, cache_folder: &Path) -> Result<Confinement> {
    #[cfg(target_os = "linux")]
    {
        linux::confine(model_folder, cache_folder)
    }
    #[cfg(not(target_os = "linux"))]
    {
        let _ = (model_folder, cache_folder);
        Ok(Confinement::default())
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::ffi::OsStr;
    use std::path::{Path, PathBuf};

    use landlock::{
        ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, LandlockStatus, Ruleset, RulesetAttr,
        RulesetCreatedAttr, RulesetError, RulesetStatus, path_beneath_rules,
    };

    use super::Confinement;
    use crate::{Error, Result};

    /// What graphics drivers, the allocator and the thread pools read.
    const READ: [&str; 24] = [
        "/usr/lib",
        "/usr/lib32",
        "/usr/lib64",
        "/usr/local/lib",
        // Where machines that lend a GPU to containers put its driver.
        "/usr/local/nvidia",
        "/lib",
        "/lib64",
        "/usr/share/vulkan",
        "/usr/share/glvnd",
        "/usr/share/drirc.d",
        "/usr/share/libdrm",
        "/etc/vulkan",
        "/etc/glvnd",
        "/etc/nvidia",
        "/etc/ld.so.cache",
        "/etc/ld.so.conf",
        "/proc/self",
        "/proc/cpuinfo",
        "/proc/meminfo",
        "/proc/devices",
        "/proc/driver/nvidia",
        "/proc/modules",
        "/proc/version",
        "/sys",
    ];

    /// Devices of graphics drivers; NVIDIA's have one for each GPU besides, and some for all.
    const DEVICES: [&str; 5] = ["/dev/dri", "/dev/kfd", "/dev/null", "/dev/shm", "/dev/urandom"];
    const NVIDIA: &str = "nvidia";

    /// Variables that name files which tell where graphics drivers are.
    const NAMING: [&str; 2] = ["VK_DRIVER_FILES", "VK_ICD_FILENAMES"];

    fn devices_of_nvidia() -> Vec<PathBuf> {
        let entries = std::fs::read_dir("/dev").into_iter().flatten().flatten();
        let named = entries.filter(|entry| entry.file_name().to_str().is_some_and(|name| name.starts_with(NVIDIA)));
        named.map(|entry| entry.path()).collect()
    }

    /// What the environment says of drivers, which is the user's word.
    fn named(variable: &OsStr) -> Vec<PathBuf> {
        std::env::split_paths(variable).filter(|path| path.is_absolute() && path.is_file()).collect()
    }

    /// The first version that can forbid TCP; older kernels get what they know of it.
    const VERSION: ABI = ABI::V5;

    pub(super) fn confine(model_folder: &Path, cache_folder: &Path) -> Result<Confinement> {
        let status = restrict(model_folder, cache_folder)
            .map_err(|error| Error::System { what: "to confine the engine worker", reason: error.to_string() })?;
        let enforced = status.ruleset != RulesetStatus::NotEnforced;
        let tcp = matches!(
            status.landlock,
            LandlockStatus::Available { effective_abi, .. } if effective_abi >= ABI::V4
        );
        Ok(Confinement { files: enforced, network: enforced && tcp })
    }

    fn restrict(
        model_folder: &Path,
        cache_folder: &Path,
    ) -> std::result::Result<landlock::RestrictionStatus, RulesetError> {
        let read = AccessFs::from_read(VERSION);
        let all = AccessFs::from_all(VERSION);
        // Rules for paths that do not exist are left out.
        Ruleset::default()
            .set_compatibility(CompatLevel::BestEffort)
            .handle_access(all)?
            .handle_access(AccessNet::from_all(VERSION))?
            .create()?
            .add_rules(path_beneath_rules([model_folder], read))?
            .add_rules(path_beneath_rules([cache_folder], all))?
            .add_rules(path_beneath_rules(READ, read))?
            .add_rules(path_beneath_rules(NAMING.iter().filter_map(std::env::var_os).flat_map(|it| named(&it)), read))?
            .add_rules(path_beneath_rules(DEVICES, all))?
            .add_rules(path_beneath_rules(devices_of_nvidia(), all))?
            .restrict_self()
    }
}
