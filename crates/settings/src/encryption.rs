use std::os::unix::fs::MetadataExt;
use std::path::Path;

/// Whether the volume below a folder is encrypted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DiskEncryption {
    /// It is, in this way.
    Encrypted(String),
    /// It is not, as far as the system tells.
    Unencrypted,
    /// The system does not tell.
    Unknown(String),
}

/// Looks whether the volume that holds `path` is encrypted: a dm-crypt device anywhere below it, or a file system that
/// encrypts by itself. Reads `/proc` and `/sys` only.
#[must_use]
pub fn disk_encryption(path: &Path) -> DiskEncryption {
    if !cfg!(target_os = "linux") {
        return DiskEncryption::Unknown("this can be told on Linux only".to_owned());
    }
    let Some(existing) = path.ancestors().find(|ancestor| ancestor.exists()) else {
        return DiskEncryption::Unknown("the folder does not exist".to_owned());
    };
    if let Some(kind) = file_system_of(existing) {
        match kind.as_str() {
            "ecryptfs" | "fuse.gocryptfs" | "fuse.encfs" | "fuse.cryfs" => return DiskEncryption::Encrypted(kind),
            "tmpfs" | "ramfs" => return DiskEncryption::Unknown("the folder is in memory".to_owned()),
            _ => {}
        }
    }
    let Ok(metadata) = std::fs::metadata(existing) else {
        return DiskEncryption::Unknown("the folder cannot be looked at".to_owned());
    };
    let device = metadata.dev();
    let (major, minor) = (rustix::fs::major(device), rustix::fs::minor(device));
    let block = Path::new("/sys/dev/block").join(format!("{major}:{minor}"));
    if !block.exists() {
        return DiskEncryption::Unknown("the file system has no block device of its own".to_owned());
    }
    if is_crypt(&block, 0) { DiskEncryption::Encrypted("dm-crypt".to_owned()) } else { DiskEncryption::Unencrypted }
}

/// A device is encrypted when it or one that it stands on is a dm-crypt mapping. The depth bounds a malformed tree.
fn is_crypt(block: &Path, depth: usize) -> bool {
    let mapping = std::fs::read_to_string(block.join("dm/uuid")).unwrap_or_default();
    if mapping.starts_with("CRYPT-") {
        return true;
    }
    if depth > 8 {
        return false;
    }
    let below = std::fs::read_dir(block.join("slaves")).into_iter().flatten().flatten();
    below.into_iter().any(|entry| is_crypt(&entry.path(), depth + 1))
}

/// The type of the file system that is mounted closest above `path`.
fn file_system_of(path: &Path) -> Option<String> {
    let path = path.canonicalize().ok()?;
    let mounts = std::fs::read_to_string("/proc/self/mountinfo").ok()?;
    mounts
        .lines()
        .filter_map(|line| {
            let (fields, tail) = line.split_once(" - ")?;
            let mount_point = fields.split(' ').nth(4)?.replace("\\040", " ");
            path.starts_with(&mount_point).then(|| (mount_point.len(), tail.split(' ').next().unwrap_or("").to_owned()))
        })
        .max()
        .map(|(_, kind)| kind)
}
