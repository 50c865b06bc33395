use std::collections::HashMap;

use ambit_domain::DocumentKind;

use super::archive::Archive;
use super::front_matter::{date, person};
use super::html;
use super::xml::{Xml, attribute, texts_of, walk};
use crate::IngestError;
use crate::draft::{Draft, Unit};
use crate::limits::Limits;

/// Reads an EPUB in the order of its spine; each document of the spine counts as a page.
pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Draft, IngestError> {
    let mut archive = Archive::open(bytes, limits)?;
    let missing = |what: &str| IngestError::Damaged(format!("it is no complete book: {what} is missing"));
    let container = archive.text("META-INF/container.xml")?.ok_or_else(|| missing("META-INF/container.xml"))?;
    let mut package_path = None;
    walk(&container, limits, |step| {
        if let Xml::Open { name: "rootfile", tag } = step
            && package_path.is_none()
        {
            package_path = attribute(tag, "full-path");
        }
    })?;
    let package_path = package_path.ok_or_else(|| missing("the list of its parts"))?;
    let package = archive.text(&package_path)?.ok_or_else(|| missing(&package_path))?;
    let folder = package_path.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned();

    let mut draft = Draft::new(DocumentKind::Epub, Unit::Pages, limits.max_text);
    metadata(&mut draft, &package, limits)?;
    let title = draft.title.clone();
    let language = draft.language.clone();
    for (index, part) in spine(&package, limits)?.into_iter().enumerate() {
        let page = u32::try_from(index + 1).unwrap_or(u32::MAX);
        let path = resolve(&folder, &part);
        match archive.text(&path) {
            Ok(Some(chapter)) => {
                html::add(&mut draft, &chapter, html::Lines::Page(page), limits)?;
                // The titles of chapters are not the book's.
                draft.title.clone_from(&title);
            }
            Ok(None) => draft.warnings.push(format!("{part} is missing")),
            Err(error @ (IngestError::Bomb { .. } | IngestError::TooSlow(_) | IngestError::Cancelled)) => {
                return Err(error);
            }
            Err(error) => draft.warnings.push(format!("{part}: {error}")),
        }
        if draft.is_full() {
            break;
        }
    }
    if language.is_some() {
        draft.language = language;
    }
    Ok(draft)
}

fn metadata(draft: &mut Draft, package: &str, limits: &Limits) -> Result<(), IngestError> {
    let found = texts_of(package, &["title", "creator", "subject", "language", "date"], limits)?;
    let published = found.iter().find(|(name, _)| name == "date").and_then(|(_, text)| date(text));
    for (name, text) in found {
        match name.as_str() {
            "title" if draft.title.is_none() => draft.title = Some(text),
            "creator" => draft.outline.people.push(person(&text, published)),
            "subject" => draft.outline.tags.push(text),
            "language" => draft.language = Some(text.split('-').next().unwrap_or(&text).to_ascii_lowercase()),
            _ => {}
        }
    }
    Ok(())
}

/// The documents of the book in reading order.
fn spine(package: &str, limits: &Limits) -> Result<Vec<String>, IngestError> {
    let mut parts = HashMap::new();
    let mut order = Vec::new();
    walk(package, limits, |step| {
        let Xml::Open { name, tag } = step else { return };
        match name {
            "item" => {
                let is_navigation = attribute(tag, "properties").is_some_and(|properties| properties.contains("nav"));
                if let (Some(id), Some(href), false) = (attribute(tag, "id"), attribute(tag, "href"), is_navigation) {
                    parts.insert(id, href);
                }
            }
            "itemref" => order.extend(attribute(tag, "idref")),
            _ => {}
        }
    })?;
    Ok(order.into_iter().filter_map(|id| parts.get(&id).cloned()).collect())
}

/// A path inside of the archive, relative to the package's folder, without escapes and fragment.
fn resolve(folder: &str, part: &str) -> String {
    let part = part.split('#').next().unwrap_or(part);
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let escaped = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { after.get(2..).unwrap_or_default() } else { after };
    }
    let part = String::from_utf8_lossy(&bytes);
    let mut path: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in part.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                path.pop();
            }
            name => path.push(name),
        }
    }
    path.join("/")
}
