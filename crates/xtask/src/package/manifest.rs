//! What the update check reads: the newest version, and the digests of its downloads.

use std::path::Path;

use anyhow::Context as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::{Made, Release};

/// Writes the manifest of these downloads. Whoever publishes them signs it (`minisign -Sm update.json`), and puts both
/// files beside them. Hosts warn of one that is older than 90 days; where there is nothing newer by then, it is made and signed
/// again, with `SOURCE_DATE_EPOCH`.
pub(super) fn write(downloads: &[Made], release: &Release, dist: &Path) -> anyhow::Result<Made> {
    let mut files = Vec::new();
    for download in downloads {
        let name = download.path.file_name().context("a file has a name")?.to_string_lossy();
        let digest = Sha256::digest(std::fs::read(&download.path)?);
        let digest: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        files.push(json!({ "url": name, "bytes": download.bytes, "sha256": digest }));
    }
    let path = dist.join("update.json");
    let published = jiff::Timestamp::from_second(release.epoch().parse()?)?.to_string();
    let list = json!({ "name": "ambit", "version": release.version, "published": published, "files": files });
    let text = serde_json::to_string_pretty(&list)?;
    std::fs::write(&path, text + "\n")?;
    Made::at(path)
}
