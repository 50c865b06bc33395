use std::path::{Path, PathBuf};

/// The longest path of a socket, in bytes. Systems allow 104 (macOS) or 108 (Linux) with the closing zero; below both.
pub const MAX_SOCKET_PATH: usize = 100;

/// Where the host of a data directory listens: `<data directory>/run/host.sock`.
///
/// When that is longer than [`MAX_SOCKET_PATH`], the socket is `ambit-<hash>.sock` in `<runtime directory>/ambit` or, with
/// no runtime directory, in `/tmp/ambit-<uid>`; `hash` is the 64-bit FNV-1a of the data directory's path. Host and
/// clients call this with the same arguments and so agree; both make sure that the folder is their own and 0700.
#[must_use]
pub fn socket_path(data_directory: &Path, runtime_directory: Option<&Path>, uid: u32) -> PathBuf {
    let direct = data_directory.join("run").join("host.sock");
    if direct.as_os_str().len() <= MAX_SOCKET_PATH {
        return direct;
    }
    let name = format!("ambit-{:016x}.sock", fnv1a(data_directory.as_os_str().as_encoded_bytes()));
    runtime_directory
        .map(|folder| folder.join("ambit").join(&name))
        .filter(|path| path.as_os_str().len() <= MAX_SOCKET_PATH)
        .unwrap_or_else(|| Path::new("/tmp").join(format!("ambit-{uid}")).join(name))
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo). Only spreads names: who may use the folder is what protects the socket.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3))
}
