//! Memory that stays small.
//!
//! The allocator of glibc takes a large text from the system and gives it back, but only the first time: from then on it keeps
//! what was freed for what comes next, which leaves a process of 15 MB with 26 MB after some large files. It stays as it began
//! when it is told so in the environment, before the process starts.

use std::os::unix::process::CommandExt;
use std::process::Command;

/// What is set, each to what the allocator begins with.
const SET: &[(&str, &str)] = &[("MALLOC_MMAP_THRESHOLD_", "131072"), ("MALLOC_ARENA_MAX", "1")];

/// Starts this program over in the same process, told so, unless it has been told.
#[expect(clippy::disallowed_methods, reason = "no other process: this one goes on, with another environment")]
pub(crate) fn steady() {
    if !cfg!(target_env = "gnu") || SET.iter().any(|(name, _)| std::env::var_os(name).is_some()) {
        return;
    }
    let mut arguments = std::env::args_os();
    let (Ok(program), Some(called)) = (std::env::current_exe(), arguments.next()) else { return };
    // Returns only when that failed; then it goes on as it is, and needs more memory.
    drop(Command::new(program).arg0(called).args(arguments).envs(SET.iter().copied()).exec());
}
