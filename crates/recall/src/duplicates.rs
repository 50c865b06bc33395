//! Near duplicates: passages that say the same in almost the same words.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Words of one shingle.
const SHINGLE: usize = 4;
/// Two texts whose shingles agree to this share are the same for a reader (Broder 1997 calls it resemblance).
const RESEMBLANCE: f32 = 0.8;

/// What a text is compared by.
pub(crate) struct Fingerprint {
    whole: u64,
    shingles: HashSet<u64>,
}

impl Fingerprint {
    pub(crate) fn of(words: &[String]) -> Self {
        Self { whole: digest(words), shingles: words.windows(SHINGLE).map(digest).collect() }
    }

    pub(crate) fn resembles(&self, other: &Self) -> bool {
        if self.whole == other.whole {
            return true;
        }
        let (small, large) =
            (self.shingles.len().min(other.shingles.len()), self.shingles.len().max(other.shingles.len()));
        if small == 0 || (small as f32) < RESEMBLANCE * large as f32 {
            return false;
        }
        let shared = self.shingles.intersection(&other.shingles).count();
        shared as f32 >= RESEMBLANCE * (small + large - shared) as f32
    }
}

fn digest(words: &[String]) -> u64 {
    let mut hasher = DefaultHasher::new();
    words.hash(&mut hasher);
    hasher.finish()
}
