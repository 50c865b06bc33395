//! What this machine has for models: memory that is free, and how fast it is read.

use std::hint::black_box;
use std::path::Path;
use std::sync::{Barrier, OnceLock};
use std::time::Instant;

use crate::{Error, Result};

/// Bytes in a second that the memory of any machine of the last ten years gives.
pub(crate) const LEAST_BANDWIDTH: f64 = 8e9;

/// What is read to measure, shared out among the threads; more than the caches of most processors.
const MEASURED_BYTES: usize = 128 << 20;

/// More threads than this read no faster on the machines of users.
const MOST_THREADS: usize = 8;

/// Memory that can be had without taking any from other programs, in bytes, within the limits of the control groups that
/// this process is in. `None` where the system does not tell.
#[must_use]
pub fn free_memory() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let free = line.trim().strip_suffix("kB")?.trim().parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)?;
    Some(left_in_groups().map_or(free, |left| left.min(free)))
}

/// The memory that models may hold together: what is free, and no more than they were allowed.
pub(crate) struct MemoryBudget {
    /// Tells how many bytes are free, where that is known.
    free: Box<dyn Fn() -> Option<u64>>,
    /// The most bytes that models may hold.
    limit: Option<u64>,
}

impl MemoryBudget {
    /// Of what is free by `free`, at most `limit`.
    pub(crate) fn new(free: impl Fn() -> Option<u64> + 'static, limit: Option<u64>) -> Self {
        Self { free: Box::new(free), limit }
    }

    /// The most bytes that models may hold, where that was limited.
    pub(crate) fn limit(&self) -> Option<u64> {
        self.limit
    }

    /// Bytes that can still be had while so many are held. `None` where nothing limits them and the system does not tell.
    pub(crate) fn left(&self, held: u64) -> Option<u64> {
        let free = (self.free)();
        let Some(limit) = self.limit else { return free };
        let left = limit.saturating_sub(held);
        Some(free.map_or(left, |free| free.min(left)))
    }
}

/// Asks for memory and gives it back at once: what the system refuses here would end the process where it is needed.
pub(crate) fn ask_for(bytes: usize) -> Result<()> {
    let mut asked: Vec<u8> = Vec::new();
    asked.try_reserve_exact(bytes).map_err(|_| Error::MemoryRefused { needed: bytes as u64 })?;
    // What nobody looks at would not be asked for.
    black_box(asked.as_ptr());
    Ok(())
}

/// What the control groups of this process leave it, where they limit it.
fn left_in_groups() -> Option<u64> {
    let groups = std::fs::read_to_string("/proc/self/cgroup").ok()?;
    let group = groups.lines().find_map(|line| line.strip_prefix("0::/"))?;
    let root = Path::new("/sys/fs/cgroup");
    let inner = root.join(group);
    inner.ancestors().take_while(|folder| folder.starts_with(root)).filter_map(left_in_group).min()
}

/// What is left in a group of the second version of control groups. Pages of files that nobody uses count as free.
fn left_in_group(folder: &Path) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    let most = read("memory.max")?.trim().parse::<u64>().ok()?;
    let used = read("memory.current")?.trim().parse::<u64>().ok()?;
    let idle = read("memory.stat")
        .and_then(|stat| stat.lines().find_map(|line| line.strip_prefix("inactive_file ")?.trim().parse::<u64>().ok()));
    Some(most.saturating_sub(used.saturating_sub(idle.unwrap_or(0))))
}

/// Bytes in a second that all threads together read from memory, measured once in a process. Takes a moment then.
pub(crate) fn bandwidth() -> f64 {
    static MEASURED: OnceLock<f64> = OnceLock::new();
    *MEASURED.get_or_init(|| {
        // Where memory is that short, speed is not what a model fails by.
        let is_room = free_memory().is_none_or(|free| free > 8 * MEASURED_BYTES as u64);
        if is_room { measure().max(LEAST_BANDWIDTH) } else { LEAST_BANDWIDTH }
    })
}

fn measure() -> f64 {
    let threads = std::thread::available_parallelism().map_or(1, |threads| threads.get().min(MOST_THREADS));
    let words = MEASURED_BYTES / size_of::<u64>() / threads;
    let barrier = Barrier::new(threads);
    let slowest = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let numbers = vec![1_u64; words];
                    let mut best = f64::INFINITY;
                    for _ in 0..3 {
                        barrier.wait();
                        let begun = Instant::now();
                        black_box(black_box(&numbers).iter().fold(0_u64, |sum, number| sum.wrapping_add(*number)));
                        best = best.min(begun.elapsed().as_secs_f64());
                    }
                    best
                })
            })
            .collect();
        readers.into_iter().filter_map(|reader| reader.join().ok()).fold(0.0, f64::max)
    });
    if slowest > 0.0 { (words * size_of::<u64>() * threads) as f64 / slowest } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_is_what_is_free_and_no_more_than_is_allowed() {
        let left = |free, limit, held| MemoryBudget::new(move || free, limit).left(held);
        assert_eq!(left(Some(100), None, 70), Some(100), "what is held is not free any more");
        assert_eq!(left(None, None, 70), None);
        assert_eq!(left(Some(100), Some(1000), 70), Some(100));
        assert_eq!(left(Some(100), Some(150), 70), Some(80));
        assert_eq!(left(None, Some(150), 70), Some(80));
        assert_eq!(left(Some(100), Some(50), 70), Some(0), "the limit was lowered");
        assert_eq!(left(Some(100), Some(u64::MAX), u64::MAX), Some(0));
    }
}
