//! Keeps memory small, and gives it back while nothing happens.
//!
//! Most of what an idle host occupies is its own program: 100 MB of the engines' code and tables that ran once and stay
//! mapped. They are clean copies of a file, so giving them back loses nothing: what runs again is mapped again, from the
//! system's cache as long as there is room, and from the disk when others needed it more.
#![expect(unsafe_code, reason = "the one place that steers the allocator and takes pages of the running program away")]

use std::io;

/// One stretch of this process's memory, as the system tells it.
#[derive(Debug, Default, PartialEq, Eq)]
struct Mapping {
    start: usize,
    end: usize,
    may_change: bool,
    /// Whether pages differ from the file, relocated tables for example. Such pages are anonymous; a page that is only
    /// called dirty may be one of the file that the system has not written to the disk yet.
    differs: bool,
    path: String,
}

/// Gives back what the process can do without: freed memory, and the pages of its program that are not in use.
pub(crate) fn spare_memory() {
    give_back_freed();
    if let Err(error) = give_back_code() {
        tracing::debug!(%error, "the program's code stays in memory");
    }
}

/// Gives back the mapped pages of the running program's file that are as they are in the file. Returns the bytes of the
/// stretches, mapped or not.
///
/// # Errors
/// When the system does not tell how its memory is laid out, or refuses.
fn give_back_code() -> io::Result<usize> {
    let program = std::env::current_exe()?;
    let told = std::fs::read_to_string("/proc/self/smaps")?;
    let mut bytes = 0;
    for mapping in mappings(&told) {
        if mapping.may_change || mapping.differs || !program.as_os_str().eq(mapping.path.as_str()) {
            continue;
        }
        let length = mapping.end - mapping.start;
        let start = std::ptr::without_provenance_mut(mapping.start);
        // SAFETY: The stretch is a private mapping of the program's file without permission to write and without a page
        // that differs from the file. Taking such pages away does not change what is read there: the next access maps the
        // same bytes again, exactly as the system itself does when memory is short. Nothing writes to the stretch
        // meanwhile, because nothing may, and no code of ours changes its permissions: the loader did that before `main`.
        unsafe { rustix::mm::madvise(start, length, rustix::mm::Advice::LinuxDontNeed) }?;
        bytes += length;
    }
    Ok(bytes)
}

/// Keeps the heap in few pieces. To be called before threads start.
///
/// The allocator gives each thread a heap of its own, up to eight for each core, and one that is still used at its end keeps
/// all that was freed before. After 10,000 files that were 122 MB instead of 26.
#[cfg(target_env = "gnu")]
pub fn keep_heap_together() {
    const ARENA_MAX: std::ffi::c_int = -8;
    const HEAPS: std::ffi::c_int = 2;
    // SAFETY: glibc declares it so; it sets a number that is read when a thread asks for memory for the first time.
    unsafe extern "C" {
        safe fn mallopt(parameter: std::ffi::c_int, value: std::ffi::c_int) -> std::ffi::c_int;
    }
    mallopt(ARENA_MAX, HEAPS);
}

/// Other allocators share what was freed.
#[cfg(not(target_env = "gnu"))]
pub fn keep_heap_together() {}

/// Gives freed memory back that the allocator keeps for later.
#[cfg(target_env = "gnu")]
fn give_back_freed() {
    // SAFETY: glibc declares it so; it takes its own locks, and changes no memory that is in use.
    unsafe extern "C" {
        safe fn malloc_trim(keep: usize) -> std::ffi::c_int;
    }
    malloc_trim(0);
}

/// Other allocators give it back by themselves.
#[cfg(not(target_env = "gnu"))]
fn give_back_freed() {}

/// Reads the format of `/proc/<process>/smaps`: a head line for each stretch, then lines of `Name: <number> kB`.
fn mappings(told: &str) -> Vec<Mapping> {
    let mut mappings: Vec<Mapping> = Vec::new();
    for line in told.lines() {
        if let Some(mapping) = head(line) {
            mappings.push(mapping);
        } else if let Some(mapping) = mappings.last_mut()
            && let Some((name, size)) = line.split_once(':')
            && matches!(name, "Anonymous" | "Swap")
        {
            mapping.differs |= size.trim() != "0 kB";
        }
    }
    mappings
}

/// `55d0-55d8 r-xp 00001000 fe:00 1234   /usr/bin/ambit`
fn head(line: &str) -> Option<Mapping> {
    let mut words = line.split_ascii_whitespace();
    let (start, end) = words.next()?.split_once('-')?;
    let (start, end) = (usize::from_str_radix(start, 16).ok()?, usize::from_str_radix(end, 16).ok()?);
    let permissions = words.next()?;
    let path = words.skip(3).collect::<Vec<_>>().join(" ");
    let may_change = permissions.contains('w') || !permissions.ends_with('p');
    Some(Mapping { start, end, may_change, differs: false, path })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn stretches_are_read_with_what_differs() {
        let told = "1000-3000 r-xp 00001000 fe:00 12   /opt/my programs/ambit\nRss: 8 kB\nAnonymous: 0 kB\n\
                    3000-4000 r--p 00003000 fe:00 12   /opt/my programs/ambit\nAnonymous: 4 kB\n\
                    4000-5000 rw-p 00000000 00:00 0 \nAnonymous: 4 kB\nVmFlags: rd wr\n";
        let found = mappings(told);
        let path = "/opt/my programs/ambit".to_owned();
        assert_eq!(found[0], Mapping { start: 0x1000, end: 0x3000, may_change: false, differs: false, path });
        assert!(found[1].differs && !found[1].may_change);
        assert!(found[2].may_change && found[2].path.is_empty());
    }

    #[test]
    fn code_that_was_given_back_still_runs() {
        let before = std::env::var_os("PATH").map(|path| path.len());
        assert!(give_back_code().unwrap() > 1 << 20, "nothing of this program was given back");
        assert_eq!(std::env::var_os("PATH").map(|path| path.len()), before);
        let told = std::fs::read_to_string("/proc/self/smaps").unwrap();
        assert!(mappings(&told).len() > 10);
    }
}
