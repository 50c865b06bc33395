//! How scarce memory is, by the time that programs wait for it, as Linux tells it ("pressure stall information"), and what
//! a process holds of it.

use std::path::{Path, PathBuf};

use ambit_domain::port::MemoryPressure;

/// Of the last ten seconds, so many percent in which some program waited for memory: now and then, and often.
const SOME: (f64, f64) = (5.0, 30.0);
/// So many percent in which all programs that had something to do waited: it is short.
const FULL: f64 = 5.0;

/// The pressure on this machine's memory, and on that of the group of processes that this one is in, which may have a limit
/// of its own: the higher one counts. `root` is `/`. Where nothing is told (other systems, old kernels, `psi=0`), it is
/// normal.
pub(crate) fn pressure(root: &Path) -> MemoryPressure {
    let machine = root.join("proc/pressure/memory");
    let told = std::iter::once(machine).chain(group(root)).filter_map(|file| std::fs::read_to_string(file).ok());
    told.map(|text| of(&text)).max().unwrap_or_default()
}

/// Bytes of memory that a process holds for itself: what is mapped from files and can be read again is not counted. `None`
/// where the system does not tell.
pub(crate) fn held_by(process: u32) -> Option<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("RssAnon:"))?;
    Some(line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok()? * 1024)
}

/// Where the pressure on the group of this process is told, by version 2 of control groups.
fn group(root: &Path) -> Option<PathBuf> {
    let groups = std::fs::read_to_string(root.join("proc/self/cgroup")).ok()?;
    let path = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    Some(root.join("sys/fs/cgroup").join(path).join("memory.pressure"))
}

/// By lines such as `some avg10=0.12 avg60=0.05 avg300=0.01 total=12345`.
fn of(text: &str) -> MemoryPressure {
    let share = |kind: &str| -> f64 {
        let line = text.lines().find_map(|line| line.strip_prefix(kind)?.strip_prefix(' '));
        let told = line.and_then(|line| line.split(' ').find_map(|field| field.strip_prefix("avg10=")?.parse().ok()));
        told.filter(|share: &f64| (0.0..=100.0).contains(share)).unwrap_or_default()
    };
    let (some, full) = (share("some"), share("full"));
    if full >= FULL || some >= SOME.1 {
        MemoryPressure::Short
    } else if some >= SOME.0 {
        MemoryPressure::Tight
    } else {
        MemoryPressure::Normal
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn told(some: &str, full: &str) -> String {
        format!(
            "some avg10={some} avg60=99.00 avg300=99.00 total=1\nfull avg10={full} avg60=99.00 avg300=0.00 total=1\n"
        )
    }

    #[test]
    fn memory_is_as_scarce_as_programs_wait_for_it() {
        for (some, full, expected) in [
            ("0.00", "0.00", MemoryPressure::Normal),
            ("4.99", "4.99", MemoryPressure::Normal),
            ("5.00", "0.00", MemoryPressure::Tight),
            ("29.99", "4.99", MemoryPressure::Tight),
            ("30.00", "0.00", MemoryPressure::Short),
            ("6.00", "5.00", MemoryPressure::Short),
            ("100.00", "100.00", MemoryPressure::Short),
        ] {
            assert_eq!(of(&told(some, full)), expected, "some {some}, full {full}");
        }
    }

    #[test]
    fn what_makes_no_sense_does_not_count() {
        for nonsense in
            ["", "some", "some avg60=90.0", "some avg10=", "some avg10=NaN", "some avg10=-3", "sometimes avg10=50"]
        {
            assert_eq!(of(nonsense), MemoryPressure::Normal, "{nonsense:?}");
        }
        assert_eq!(of(&told("1e9", "x")), MemoryPressure::Normal);
        // Kernels before 5.13 tell no `full` for some groups.
        assert_eq!(of("some avg10=12.00 avg60=0.00 avg300=0.00 total=5\n"), MemoryPressure::Tight);
    }

    #[test]
    fn the_machine_and_the_group_count_and_the_scarcer_one_decides() {
        let root = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        assert_eq!(pressure(root.path()), MemoryPressure::Normal, "another system");
        write("proc/pressure/memory", &told("6.00", "0.00"));
        assert_eq!(pressure(root.path()), MemoryPressure::Tight);
        write("proc/self/cgroup", "12:cpu:/elsewhere\n0::/user.slice/app.scope\n");
        assert_eq!(pressure(root.path()), MemoryPressure::Tight, "the group tells nothing");
        write("sys/fs/cgroup/user.slice/app.scope/memory.pressure", &told("60.00", "20.00"));
        assert_eq!(pressure(root.path()), MemoryPressure::Short);
        write("sys/fs/cgroup/user.slice/app.scope/memory.pressure", &told("0.00", "0.00"));
        assert_eq!(pressure(root.path()), MemoryPressure::Tight);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_tells_what_it_holds() {
        let held = held_by(std::process::id()).unwrap();
        assert!(held > 1 << 16 && held < 1 << 40, "{held}");
        assert_eq!(held_by(u32::MAX), None, "there is no such process");
    }
}
