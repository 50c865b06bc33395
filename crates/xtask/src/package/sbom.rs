//! The list of components for machines: CycloneDX 1.5.

use serde_json::{Value, json};

use super::Release;
use super::components::Component;

/// The document, as JSON.
pub(super) fn document(components: &[Component], release: &Release) -> anyhow::Result<String> {
    let seconds = release.epoch().parse()?;
    let timestamp = jiff::Timestamp::from_second(seconds)?.to_string();
    let listed: Vec<Value> = components.iter().map(listed).collect();
    let references: Vec<&str> = components.iter().map(|component| component.url.as_str()).collect();
    let own = format!("pkg:generic/ambit@{}", release.version);
    let document = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "timestamp": timestamp,
            "component": {
                "type": "application",
                "bom-ref": own,
                "name": "ambit",
                "version": release.version,
                "purl": own,
                "licenses": [{ "expression": "Apache-2.0 OR MIT" }],
            },
        },
        "components": listed,
        "dependencies": [{ "ref": own, "dependsOn": references }],
    });
    Ok(serde_json::to_string_pretty(&document)? + "\n")
}

fn listed(component: &Component) -> Value {
    let mut listed = json!({
        "type": "library",
        "bom-ref": component.url,
        "name": component.name,
        "version": component.version,
        "purl": component.url,
        "licenses": [{ "expression": component.licence }],
        "properties": component.programs.iter().map(|program| json!({ "name": "ambit:program", "value": program })).collect::<Vec<_>>(),
    });
    if !component.authors.is_empty() {
        listed["author"] = json!(component.authors.join(", "));
    }
    if let Some(digest) = &component.digest {
        listed["hashes"] = json!([{ "alg": digest.algorithm, "content": digest.value }]);
    }
    if let Some(repository) = &component.repository {
        listed["externalReferences"] = json!([{ "type": "vcs", "url": repository }]);
    }
    listed
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::*;
    use crate::package::components::Digest;

    #[test]
    fn a_component_is_listed_with_its_licence_digest_and_programs() {
        let component = Component {
            name: "serde".to_owned(),
            version: "1.0.229".to_owned(),
            url: "pkg:cargo/serde@1.0.229".to_owned(),
            licence: "MIT OR Apache-2.0".to_owned(),
            authors: vec!["Ann".to_owned(), "Ben".to_owned()],
            repository: Some("https://example.com/serde".to_owned()),
            digest: Some(Digest { algorithm: "SHA-256", value: "ab".repeat(32) }),
            programs: ["ambit", "ambit-desktop"].into(),
            texts: Vec::new(),
        };
        let release = Release { version: "0.1.0", moment: SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000) };
        let document: Value = serde_json::from_str(&document(&[component], &release).unwrap()).unwrap();
        assert_eq!(document["metadata"]["timestamp"], "2027-01-15T08:00:00Z");
        assert_eq!(document["dependencies"][0]["dependsOn"], json!(["pkg:cargo/serde@1.0.229"]));
        let listed = &document["components"][0];
        assert_eq!(listed["licenses"][0]["expression"], "MIT OR Apache-2.0");
        assert_eq!(listed["hashes"][0], json!({ "alg": "SHA-256", "content": "ab".repeat(32) }));
        assert_eq!(listed["author"], "Ann, Ben");
        assert_eq!(listed["properties"].as_array().unwrap().len(), 2);
    }
}
