use ambit_settings::key;
use semver::Version;
use serde_json::Value;

/// The newest version that a publisher was ever seen to tell of. Another publisher counts its versions anew.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Tells the publisher's key from others.
    pub(super) publisher: String,
    pub(super) version: Version,
}

/// As it is kept in the preferences.
impl std::fmt::Display for Seen {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "{} {}", self.publisher, self.version)
    }
}

impl Seen {
    /// What stands in the preferences.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (publisher, version) = text.split_once(' ')?;
        Some(Self { publisher: publisher.to_owned(), version: Version::parse(version).ok()? })
    }

    /// Among these preferences.
    pub(crate) fn in_preferences(preferences: &[(String, Value)]) -> Option<Self> {
        let (_, value) = preferences.iter().find(|(name, _)| name == key::UPDATES_SEEN)?;
        Self::parse(value.as_str()?)
    }

    /// Whether this, which is known at present, must not give way to what an older state knew.
    pub(crate) fn counts_over(&self, older: Option<Self>) -> bool {
        older.is_none_or(|older| older.publisher != self.publisher || older.version < self.version)
    }
}

/// What tells a publisher's key from others: a digest of the line that holds it.
pub(super) fn publisher(key: &str) -> String {
    let line = key.lines().map(str::trim).rfind(|line| !line.is_empty()).unwrap_or_default();
    blake3::hash(line.as_bytes()).to_hex().chars().take(16).collect()
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_gives_way_to_newer_and_to_no_older_state() {
        let seen = |text: &str| Seen::parse(text);
        let present = seen("aa 1.2.0").unwrap();
        assert_eq!(seen(&present.to_string()), Some(present.clone()));
        assert!(present.counts_over(None), "the older state knew none");
        assert!(present.counts_over(seen("aa 1.1.0")));
        assert!(!present.counts_over(seen("aa 1.2.0")) && !present.counts_over(seen("aa 1.3.0-rc.1")));
        assert!(present.counts_over(seen("bb 9.0.0")), "the key that counts now is the other one");
        assert_eq!((seen("1.2.0"), seen("aa newest"), seen("")), (None, None, None));
    }

    #[test]
    fn a_key_is_the_same_with_and_without_its_comment() {
        let alone = publisher("RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3");
        let file = "untrusted comment: minisign public key\nRWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3\n";
        assert_eq!(publisher(file), alone);
        assert_ne!(publisher("RWQ"), alone);
    }
}
