//! Threads that work on one pass through a model together.
//!
//! A pass has some two hundred products, each of which takes a tenth of a millisecond or less when one token is decoded.
//! Handing work to a pool whose threads sleep costs a good part of that, so these wait for the next piece with their eyes
//! open, and go to sleep when none comes for a while.
#![expect(unsafe_code, reason = "work is lent to threads that outlive it; the safety arguments stand beside it")]

use std::cell::UnsafeCell;
use std::marker::PhantomData;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

/// How often a thread looks for work before it sleeps: about 100 µs.
const LOOKS: u32 = 4000;

/// What the threads do: called with the number of the thread.
type Work<'a> = &'a (dyn Fn(usize) + Sync);

/// A fixed number of threads, the caller's among them.
pub(crate) struct Team {
    shared: Arc<Shared>,
    /// Held while there is work: one caller at a time.
    leader: Mutex<()>,
    threads: Vec<JoinHandle<()>>,
}

struct Shared {
    /// Goes up with every piece of work.
    round: AtomicUsize,
    work: Slot,
    /// Threads that are not done with the present piece.
    busy: AtomicUsize,
    panicked: AtomicBool,
    ended: AtomicBool,
    asleep: Mutex<usize>,
    wake: Condvar,
}

/// The present piece of work.
struct Slot(UnsafeCell<Option<Work<'static>>>);

// SAFETY: the slot is written only by the leader while no thread is busy, and read only by threads between the round that
// the leader began after writing and their report that they are done.
unsafe impl Sync for Slot {}

impl Team {
    /// Starts a team of so many threads.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(crate) fn start(threads: NonZeroUsize) -> std::io::Result<Self> {
        let shared = Arc::new(Shared {
            round: AtomicUsize::new(0),
            work: Slot(UnsafeCell::new(None)),
            busy: AtomicUsize::new(0),
            panicked: AtomicBool::new(false),
            ended: AtomicBool::new(false),
            asleep: Mutex::new(0),
            wake: Condvar::new(),
        });
        let mut team = Self { shared, leader: Mutex::new(()), threads: Vec::new() };
        for number in 1..threads.get() {
            let shared = Arc::clone(&team.shared);
            let thread = std::thread::Builder::new().name(format!("decode-{number}"));
            team.threads.push(thread.spawn(move || shared.follow(number))?);
        }
        Ok(team)
    }

    /// How many threads there are.
    pub(crate) fn size(&self) -> usize {
        self.threads.len() + 1
    }

    /// Has every thread of the team do the work, and returns when all are done.
    pub(crate) fn all(&self, work: &(dyn Fn(usize) + Sync)) {
        let _leader = self.leader.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: only the lifetime changes. The reference is gone from the slot, and every thread has reported, before this
        // function returns or unwinds: nothing between here and `wait` can panic, since the leader's own share is caught.
        let lent: Work<'static> = unsafe { std::mem::transmute::<Work<'_>, Work<'static>>(work) };
        self.shared.begin(lent, self.threads.len());
        let own = catch_unwind(AssertUnwindSafe(|| work(0)));
        let others = self.shared.wait();
        if let Err(panic) = own {
            resume_unwind(panic);
        }
        assert!(others, "a thread of the team panicked");
    }

    /// Does pieces `0..count`, each once, by whichever thread is free.
    pub(crate) fn each(&self, count: usize, work: &(dyn Fn(usize) + Sync)) {
        if count == 1 {
            return work(0);
        }
        let next = AtomicUsize::new(0);
        self.all(&|_| {
            loop {
                let piece = next.fetch_add(1, Ordering::Relaxed);
                if piece >= count {
                    break;
                }
                work(piece);
            }
        });
    }
}

impl Drop for Team {
    fn drop(&mut self) {
        self.shared.ended.store(true, Ordering::Release);
        self.shared.round.fetch_add(1, Ordering::Release);
        drop(self.shared.sleepers());
        self.shared.wake.notify_all();
        for thread in self.threads.drain(..) {
            // A thread that panicked outside its work has nothing to tell.
            thread.join().ok();
        }
    }
}

impl Shared {
    fn sleepers(&self) -> MutexGuard<'_, usize> {
        self.asleep.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn begin(&self, work: Work<'static>, threads: usize) {
        self.busy.store(threads, Ordering::Relaxed);
        // SAFETY: no thread is busy, so none reads.
        unsafe { *self.work.0.get() = Some(work) };
        self.round.fetch_add(1, Ordering::SeqCst);
        // A thread that is about to sleep looks at the round once more under this lock.
        if *self.sleepers() > 0 {
            self.wake.notify_all();
        }
    }

    /// Waits for all threads. False when one of them panicked.
    fn wait(&self) -> bool {
        let mut looks = 0;
        while self.busy.load(Ordering::Acquire) > 0 {
            look(&mut looks);
        }
        // SAFETY: no thread is busy, so none reads.
        unsafe { *self.work.0.get() = None };
        !self.panicked.swap(false, Ordering::Relaxed)
    }

    fn follow(&self, number: usize) {
        let mut seen = 0;
        loop {
            self.await_round(seen);
            seen += 1;
            if self.ended.load(Ordering::Acquire) {
                return;
            }
            // SAFETY: the leader wrote the slot before this round and leaves it until this thread has reported.
            let work = unsafe { *self.work.0.get() };
            if let Some(work) = work
                && catch_unwind(AssertUnwindSafe(|| work(number))).is_err()
            {
                self.panicked.store(true, Ordering::Relaxed);
            }
            self.busy.fetch_sub(1, Ordering::Release);
        }
    }

    /// Returns when a round after `seen` has begun.
    fn await_round(&self, seen: usize) {
        for _ in 0..LOOKS {
            if self.round.load(Ordering::Acquire) != seen {
                return;
            }
            std::hint::spin_loop();
        }
        let mut asleep = self.sleepers();
        *asleep += 1;
        while self.round.load(Ordering::SeqCst) == seen {
            asleep = self.wake.wait(asleep).unwrap_or_else(PoisonError::into_inner);
        }
        *asleep -= 1;
    }
}

/// Waits a moment; gives the core away when that did not help, since the other thread may need it.
fn look(looks: &mut u32) {
    *looks += 1;
    if *looks < LOOKS {
        std::hint::spin_loop();
    } else {
        std::thread::yield_now();
    }
}

/// Memory that several threads write, each its own places.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    start: *mut f32,
    length: usize,
    borrowed: PhantomData<&'a mut [f32]>,
}

// SAFETY: the threads of a team write to places that are disjoint by the way in which work is cut: each piece has its own
// panels, rows or heads, and a piece is done once.
unsafe impl Send for Output<'_> {}
// SAFETY: as above; a thread reads of it only what it has written itself.
unsafe impl Sync for Output<'_> {}

impl<'a> Output<'a> {
    pub(crate) fn new(values: &'a mut [f32]) -> Self {
        Self { start: values.as_mut_ptr(), length: values.len(), borrowed: PhantomData }
    }

    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Writes values from a place on.
    ///
    /// # Safety
    /// No other thread may use any of the places at the same time.
    #[inline(always)]
    pub(super) unsafe fn write(&self, at: usize, values: &[f32]) {
        assert!(at <= self.length && values.len() <= self.length - at, "the output must have this place");
        // SAFETY: the place is within the slice that this was made of, which is borrowed for as long as this lives; the
        // caller promises that nobody else uses it.
        unsafe { self.start.add(at).copy_from_nonoverlapping(values.as_ptr(), values.len()) };
    }

    /// A part of the output that one piece of work has for itself.
    ///
    /// # Safety
    /// No other piece may use any place of the part while this slice lives.
    #[expect(clippy::mut_from_ref, reason = "each piece of work has a part of its own, as the caller promises")]
    pub(super) unsafe fn part(&self, at: usize, length: usize) -> &mut [f32] {
        assert!(at <= self.length && length <= self.length - at, "the output must have this place");
        // SAFETY: within the slice that this was made of; the caller promises that nobody else uses it.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(at), length) }
    }
}
