use ambit_client::is_newer;

#[test]
fn only_a_newer_version_is_newer() {
    assert!(is_newer("0.2.0", "0.1.9"));
    assert!(is_newer("0.10.0", "0.9.0"), "numbers, not text");
    assert!(is_newer("1.0.0", "1.0.0-beta.2"));
    assert!(is_newer("1.0.0-beta.11", "1.0.0-beta.2"));
    assert!(!is_newer("0.1.0", "0.1.0"));
    assert!(!is_newer("0.1.0", "0.2.0"));
    assert!(!is_newer("1.0.0+build.9", "1.0.0+build.1"), "two builds of a version must not chase each other away");
    assert!(!is_newer("nightly", "0.1.0") && !is_newer("0.1.0", "nightly"));
}
