use ambit_domain::Timestamp;
use ambit_runtime::UpdateFile;
use semver::Version;
use serde::Deserialize;

/// Most downloads that a list may tell of.
const MOST_FILES: usize = 100;

/// A list as it is published.
#[derive(Debug, Deserialize)]
struct Published {
    /// What it is about: `ambit`. A signature of something else by the same key must not pass for one of this.
    name: String,
    version: String,
    /// When: `2026-11-27T00:00:00Z`.
    published: jiff::Timestamp,
    files: Vec<PublishedFile>,
}

#[derive(Debug, Deserialize)]
struct PublishedFile {
    /// Its address, or its name beside the list.
    url: String,
    bytes: u64,
    sha256: String,
}

/// The newest version and its downloads.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct List {
    pub(super) version: Version,
    pub(super) published: Timestamp,
    pub(super) files: Vec<UpdateFile>,
}

/// Reads a list that is at this address.
///
/// # Errors
/// What is wrong with it.
pub(super) fn parse(bytes: &[u8], address: &str) -> Result<List, String> {
    let published: Published = serde_json::from_slice(bytes).map_err(|error| format!("it cannot be read: {error}"))?;
    if published.name != "ambit" {
        return Err(format!("it is about {}", published.name.escape_debug()));
    }
    let version = Version::parse(&published.version)
        .map_err(|_| format!("{} is no version", published.version.escape_debug()))?;
    if published.files.len() > MOST_FILES {
        return Err("it tells of too many files".to_owned());
    }
    let folder = address.rsplit_once('/').map_or(address, |(folder, _)| folder);
    let files = published.files.into_iter().map(|file| file.at(folder)).collect::<Result<_, _>>()?;
    Ok(List { version, published: Timestamp(published.published.as_millisecond()), files })
}

impl PublishedFile {
    fn at(self, folder: &str) -> Result<UpdateFile, String> {
        let is_name = |character: char| character.is_ascii_alphanumeric() || "-._+~".contains(character);
        let url = if self.url.starts_with("https://") && !self.url.contains(|it: char| it.is_control() || it == ' ') {
            self.url
        } else if !self.url.is_empty() && self.url.chars().all(is_name) {
            format!("{folder}/{}", self.url)
        } else {
            return Err(format!("{} is no address of a download", self.url.escape_debug()));
        };
        if self.sha256.len() != 64 || !self.sha256.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(format!("{url} has no digest"));
        }
        Ok(UpdateFile { url, bytes: self.bytes, sha256: self.sha256.to_ascii_lowercase() })
    }
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    const ADDRESS: &str = "https://example.com/ambit/update.json";

    fn list(name: &str, version: &str, url: &str, digest: &str) -> Result<List, String> {
        let files = serde_json::json!([{ "url": url, "bytes": 7, "sha256": digest }]);
        let text = serde_json::json!({
            "name": name,
            "version": version,
            "published": "1970-01-02T00:00:00Z",
            "files": files,
            "later": "field",
        });
        parse(text.to_string().as_bytes(), ADDRESS)
    }

    #[test]
    fn names_are_beside_the_list_and_addresses_stay() {
        let digest = "aB".repeat(32);
        let beside = list("ambit", "1.2.3", "ambit_1.2.3_amd64.deb", &digest).unwrap();
        assert_eq!((beside.version, beside.published), (Version::new(1, 2, 3), Timestamp(86_400_000)));
        assert_eq!(beside.files[0].url, "https://example.com/ambit/ambit_1.2.3_amd64.deb");
        assert_eq!(beside.files[0].sha256, "ab".repeat(32));
        let elsewhere = list("ambit", "1.2.3", "https://mirror.example.com/a.deb", &digest).unwrap();
        assert_eq!(elsewhere.files[0].url, "https://mirror.example.com/a.deb");
    }

    #[test]
    fn what_is_no_list_is_refused() {
        let digest = "ab".repeat(32);
        assert!(list("other", "1.2.3", "a.deb", &digest).unwrap_err().contains("about other"));
        assert!(list("ambit", "newest", "a.deb", &digest).unwrap_err().contains("no version"));
        for url in
            ["http://example.com/a.deb", "file:///etc/passwd", "../a.deb", "", "https://a b", "javascript:alert(1)"]
        {
            assert!(list("ambit", "1.2.3", url, &digest).is_err(), "{url}");
        }
        for digest in ["", "ab", &"xy".repeat(32)] {
            assert!(list("ambit", "1.2.3", "a.deb", digest).is_err(), "{digest}");
        }
        assert!(parse(b"garbage", ADDRESS).is_err());
        assert!(parse(b"{}", ADDRESS).is_err());
        let undated = parse(br#"{"name":"ambit","version":"1.2.3","files":[]}"#, ADDRESS);
        assert!(undated.unwrap_err().contains("published"), "an old list could be served for ever");
    }
}
