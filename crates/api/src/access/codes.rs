use std::sync::{Mutex, PoisonError};

use ambit_protocol::domain::Timestamp;
use ambit_protocol::{CodePurpose, TokenScope};

/// How long a code works, in milliseconds.
pub(crate) const CODE_MILLIS: i64 = 60_000;

/// Codes that wait at once. One more takes the place of the oldest.
const MOST: usize = 16;

/// The codes that were made and not yet exchanged. They are kept in memory alone, as hashes, and end with the host.
#[derive(Default)]
pub(super) struct Codes {
    waiting: Mutex<Vec<Code>>,
}

struct Code {
    id: String,
    hash: blake3::Hash,
    scopes: Vec<TokenScope>,
    purpose: CodePurpose,
    made_at: Timestamp,
}

/// What a code that was taken stands for.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Taken {
    /// What the audit log calls it.
    pub(super) id: String,
    pub(super) scopes: Vec<TokenScope>,
    pub(super) purpose: CodePurpose,
}

impl Code {
    fn works(&self, now: Timestamp) -> bool {
        // A clock that was put back must not make it last longer.
        (self.made_at.0..self.made_at.0.saturating_add(CODE_MILLIS)).contains(&now.0)
    }
}

impl Codes {
    /// Lets a secret be exchanged for a token.
    pub(super) fn add(&self, secret: &str, stands_for: Taken, now: Timestamp) {
        let Taken { id, scopes, purpose } = stands_for;
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|code| code.works(now));
        if waiting.len() >= MOST {
            waiting.remove(0);
        }
        waiting.push(Code { id, hash: blake3::hash(secret.as_bytes()), scopes, purpose, made_at: now });
    }

    /// What the code with this secret stands for, which is used up by that. Takes the same time for every secret.
    pub(super) fn take(&self, secret: &str, now: Timestamp) -> Option<Taken> {
        let asked = blake3::hash(secret.as_bytes());
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|code| code.works(now));
        // `blake3::Hash` compares in constant time, and each code is looked at.
        let mut found = None;
        for (place, code) in waiting.iter().enumerate() {
            if code.hash == asked {
                found = Some(place);
            }
        }
        let Code { id, scopes, purpose, .. } = waiting.remove(found?);
        Some(Taken { id, scopes, purpose })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp(1_700_000_000_000);

    fn code(secret: &str) -> Taken {
        Taken { id: format!("id of {secret}"), scopes: vec![TokenScope::Read], purpose: CodePurpose::Page }
    }

    fn codes(secrets: &[&str]) -> Codes {
        let codes = Codes::default();
        for secret in secrets {
            codes.add(secret, code(secret), NOW);
        }
        codes
    }

    #[test]
    fn a_code_works_once() {
        let codes = codes(&["one", "two"]);
        assert_eq!(codes.take("three", NOW), None);
        assert_eq!(codes.take("two", NOW), Some(code("two")));
        assert_eq!(codes.take("two", NOW), None);
        assert!(codes.take("one", NOW).is_some(), "the others go on");
    }

    #[test]
    fn a_code_works_for_a_minute_by_whatever_clock() {
        for (millis, works) in [(0, true), (CODE_MILLIS - 1, true), (CODE_MILLIS, false), (-1, false)] {
            let taken = codes(&["one"]).take("one", NOW.plus_millis(millis));
            assert_eq!(taken.is_some(), works, "{millis} ms after it was made");
        }
    }

    #[test]
    fn codes_do_not_pile_up() {
        let secrets: Vec<String> = (0..=MOST).map(|number| number.to_string()).collect();
        let codes = codes(&secrets.iter().map(String::as_str).collect::<Vec<_>>());
        assert_eq!(codes.take("0", NOW), None, "the oldest gave way");
        assert!(codes.take("1", NOW).is_some());
        assert!(codes.take(&MOST.to_string(), NOW).is_some());
    }
}
