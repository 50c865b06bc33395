//! Under which licences others wrote what is shipped, and whether they may be shipped.

use std::collections::BTreeMap;

use anyhow::bail;
use spdx::{Expression, LicenseItem};

use super::components::Component;

/// Licences under which something may be in what users get: they ask for their text and the names of the authors, which
/// `THIRD-PARTY-LICENSES` gives, and MPL-2.0 for the sources of its files as well, which their registry has.
const AGREED: [&str; 18] = [
    "0BSD",
    "AFL-2.1",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "blessing",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "bzip2-1.0.6",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "MPL-2.0",
    "Unicode-3.0",
    "Unicode-DFS-2016",
    "Unlicense",
    "Zlib",
];

/// Refuses what has another licence than those agreed to; gives how many components there are of each.
///
/// # Errors
/// Names all components that may not be shipped, with their licences.
pub(super) fn check(components: &[Component]) -> anyhow::Result<Vec<(String, usize)>> {
    let mut counted: BTreeMap<String, usize> = BTreeMap::new();
    let mut refused = Vec::new();
    for component in components {
        let what = format!("{} {}", component.name, component.version);
        match Expression::parse(&component.licence) {
            Ok(expression) => {
                if !expression.evaluate(is_agreed) {
                    refused.push(format!("{what} is under {}", component.licence));
                }
                *counted.entry(component.licence.clone()).or_default() += 1;
            }
            Err(_) if component.licence.is_empty() => refused.push(format!("{what} names no licence")),
            Err(_) => refused.push(format!("{what} is under `{}`, which is no expression of SPDX", component.licence)),
        }
    }
    if !refused.is_empty() {
        bail!(
            "these may not be shipped, as long as nobody agrees to their licences (crates/xtask/src/package/licences.rs):\n  {}",
            refused.join("\n  ")
        );
    }
    let mut counted: Vec<_> = counted.into_iter().collect();
    counted.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(&right.0)));
    Ok(counted)
}

fn is_agreed(requirement: &spdx::LicenseReq) -> bool {
    let text = requirement.to_string();
    AGREED.contains(&text.as_str())
}

/// The texts of all licences, each once, after the names of what is under it.
pub(super) fn texts(components: &[Component]) -> anyhow::Result<String> {
    let mut whole = "What others wrote of Ambit, and under which licences.\n\n".to_owned();
    for component in components {
        whole.push_str(&format!("{} {}: {}\n", component.name, component.version, component.licence));
    }
    let mut by_text: BTreeMap<String, (String, Vec<String>)> = BTreeMap::new();
    for component in components {
        for (_, text) in texts_of(component)? {
            // The same text is often wrapped or indented in another way.
            let key = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let (_, names) = by_text.entry(key).or_insert_with(|| (text, Vec::new()));
            let name = format!("{} {}", component.name, component.version);
            if !names.contains(&name) {
                names.push(name);
            }
        }
    }
    let mut texts: Vec<_> = by_text.into_values().collect();
    texts.sort_by(|left, right| left.1.cmp(&right.1).then_with(|| left.0.cmp(&right.0)));
    for (text, names) in texts {
        whole.push_str(&format!("\n{}\n{}\n\n{}\n", "=".repeat(100), names.join(", "), text.trim_end()));
    }
    Ok(whole)
}

/// A component's own files, or, where it brings none, its authors and the texts of the licences that it names.
fn texts_of(component: &Component) -> anyhow::Result<Vec<(String, String)>> {
    if !component.texts.is_empty() {
        return Ok(component.texts.clone());
    }
    let authors = match component.authors.as_slice() {
        [] => format!("The authors of {}", component.name),
        authors => authors.join(", "),
    };
    let mut texts = Vec::new();
    for requirement in Expression::parse(&component.licence)?.requirements() {
        if let LicenseItem::Spdx { id, .. } = &requirement.req.license
            && is_agreed(&requirement.req)
        {
            texts.push((id.name.to_owned(), format!("Copyright (c) {authors}\n\n{}", id.text())));
        }
    }
    Ok(texts)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;

    fn component(licence: &str) -> Component {
        Component {
            name: "thing".to_owned(),
            version: "1.0.0".to_owned(),
            url: "pkg:cargo/thing@1.0.0".to_owned(),
            licence: licence.to_owned(),
            authors: vec!["Ann Author".to_owned()],
            repository: None,
            digest: None,
            programs: ["ambit"].into(),
            texts: Vec::new(),
        }
    }

    #[test]
    fn what_nobody_agreed_to_stops_the_packing() {
        for licence in ["MIT", "GPL-2.0-only OR Apache-2.0", "(MIT OR Apache-2.0) AND Unicode-3.0"] {
            assert!(check(&[component(licence)]).is_ok(), "{licence}");
        }
        for licence in [
            "GPL-3.0-only",
            "MIT AND AGPL-3.0-only",
            "SSPL-1.0",
            "",
            "Ask me",
            "Apache-2.0 WITH Classpath-exception-2.0",
        ] {
            let error = check(&[component("MIT"), component(licence)]).unwrap_err().to_string();
            assert!(error.contains("thing 1.0.0"), "{licence}: {error}");
        }
    }

    #[test]
    fn what_brings_no_text_gets_that_of_its_licence_with_its_authors() {
        let texts = texts(&[component("MIT OR GPL-3.0-only")]).unwrap();
        assert!(texts.contains("thing 1.0.0: MIT OR GPL-3.0-only"), "{texts}");
        assert!(texts.contains("Copyright (c) Ann Author"), "{texts}");
        assert!(texts.contains("Permission is hereby granted"), "{texts}");
        assert!(!texts.contains("GNU GENERAL PUBLIC LICENSE"), "what is chosen is the other one");
    }

    #[test]
    fn a_text_that_several_share_stands_there_once() {
        let mut first = component("MIT");
        first.texts = vec![("LICENSE".to_owned(), "the same\n  text".to_owned())];
        let second = Component {
            name: "other".to_owned(),
            texts: vec![("COPYING".to_owned(), "the same text\n".to_owned())],
            ..first.clone()
        };
        let texts = texts(&[first, second]).unwrap();
        assert_eq!(texts.matches("the same").count(), 1, "{texts}");
        assert!(texts.contains("thing 1.0.0, other 1.0.0"), "{texts}");
    }
}
