use semver::Version;

/// Whether version `ours` is newer than `theirs`, as Semantic Versioning 2.0 orders them. Build metadata does not count. A
/// version that cannot be read is never newer and never older.
#[must_use]
pub fn is_newer(ours: &str, theirs: &str) -> bool {
    match (Version::parse(ours.trim()), Version::parse(theirs.trim())) {
        (Ok(ours), Ok(theirs)) => ours.cmp_precedence(&theirs).is_gt(),
        _ => false,
    }
}
