//! Names of things: IRIs of documents and their parts, `file:` URLs, and the places that links lead to.

use std::path::{Component, Path};

use ambit_domain::DocumentId;
use oxigraph::model::NamedNode;

const DOCUMENT: &str = "urn:ambit:document:";

/// What a fragment of a document's IRI stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum Part {
    /// The heading with this place among the document's headings.
    Section(u32),
    /// The symbol with this place among the document's symbols.
    Symbol(u32),
}

/// The IRI of a document; also the name of the graph that holds its facts.
pub(crate) fn document(id: DocumentId) -> NamedNode {
    NamedNode::new_unchecked(format!("{DOCUMENT}{id}"))
}

/// The IRI of a part of a document.
pub(crate) fn part(id: DocumentId, part: Part) -> NamedNode {
    NamedNode::new_unchecked(match part {
        Part::Section(ordinal) => format!("{DOCUMENT}{id}#section-{ordinal}"),
        Part::Symbol(ordinal) => format!("{DOCUMENT}{id}#symbol-{ordinal}"),
    })
}

/// The IRI of the thing with this place among those that a document describes.
pub(crate) fn thing(id: DocumentId, ordinal: usize) -> NamedNode {
    NamedNode::new_unchecked(format!("{DOCUMENT}{id}#thing-{ordinal}"))
}

/// The IRI of the activity that read a document.
pub(crate) fn indexing(id: DocumentId) -> NamedNode {
    NamedNode::new_unchecked(format!("{DOCUMENT}{id}#indexing"))
}

/// The document that an IRI names, with the part of it.
pub(crate) fn parse(iri: &str) -> Option<(DocumentId, Option<Part>)> {
    let rest = iri.strip_prefix(DOCUMENT)?;
    let (id, fragment) = rest.split_once('#').map_or((rest, None), |(id, fragment)| (id, Some(fragment)));
    let id = DocumentId(id.parse().ok()?);
    let Some(fragment) = fragment else { return Some((id, None)) };
    let (kind, ordinal) = fragment.split_once('-')?;
    let ordinal = ordinal.parse().ok()?;
    match kind {
        "section" => Some((id, Some(Part::Section(ordinal)))),
        "symbol" => Some((id, Some(Part::Symbol(ordinal)))),
        _ => None,
    }
}

/// The IRI of a version of a file, by its BLAKE3 hash in hexadecimal.
pub(crate) fn version(hash: &str) -> Option<NamedNode> {
    let plain = !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_alphanumeric());
    plain.then(|| NamedNode::new_unchecked(format!("urn:blake3:{hash}")))
}

/// The term of schema.org with a name, where it could be one: letters and digits alone.
pub(crate) fn of_schema(name: &str) -> Option<NamedNode> {
    let is_plain = name.bytes().all(|byte| byte.is_ascii_alphanumeric())
        && name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.len() <= 64;
    is_plain.then(|| NamedNode::new_unchecked(format!("https://schema.org/{name}")))
}

/// The IRI of a person: by mail address where there is one, since names are spelled in many ways.
pub(crate) fn person(name: &str, email: Option<&str>) -> NamedNode {
    let key = email.map(str::trim).filter(|email| !email.is_empty()).unwrap_or(name).trim().to_lowercase();
    let digest = blake3::hash(key.as_bytes()).to_hex();
    NamedNode::new_unchecked(format!("urn:ambit:person:{}", &digest.as_str()[..32]))
}

/// The `file:` URL of an absolute path. Bytes that are not UTF-8 survive as percent escapes.
pub(crate) fn file_url(path: &Path) -> NamedNode {
    let mut bytes = Vec::new();
    for component in path.components() {
        match component {
            Component::RootDir | Component::CurDir => {}
            Component::ParentDir => {
                pop_segment(&mut bytes);
            }
            Component::Prefix(prefix) => push_segment(&mut bytes, prefix.as_os_str().as_encoded_bytes()),
            Component::Normal(name) => push_segment(&mut bytes, name.as_encoded_bytes()),
        }
    }
    url_of(&bytes)
}

/// Where a link leads, or `None` when it leads nowhere that a fact could name: to its own page, into a script, a mail.
///
/// A target without a scheme is a path, taken from the folder of the document that holds the link; its query and
/// fragment are left out, escapes are resolved, and `.` and `..` are removed, so that it compares equal to the `file:`
/// URL of the document that it means.
pub(crate) fn link_target(document: &Path, target: &str) -> Option<NamedNode> {
    let target = target.trim();
    let plain = target.split(['#', '?']).next().unwrap_or_default();
    if plain.is_empty() {
        return None;
    }
    match scheme(plain) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file") => {
            let path = plain[scheme.len() + 1..].trim_start_matches('/');
            Some(resolve(&[], path, false))
        }
        Some(scheme) if ["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) => {
            let whole = target.split('#').next().unwrap_or_default();
            NamedNode::new(escape_illegal(whole)).ok()
        }
        Some(_) => None,
        None if plain.starts_with("//") => NamedNode::new(escape_illegal(&format!("https:{plain}"))).ok(),
        None if plain.starts_with('/') => Some(resolve(&[], plain, is_html(document))),
        None => {
            let folder = file_url(document.parent().unwrap_or(Path::new("/")));
            let base = decode(folder.as_str().trim_start_matches("file:///"));
            Some(resolve(&base, plain, is_html(document)))
        }
    }
}

/// A path below a base, as a URL. A folder stands for its index page where pages are meant.
fn resolve(base: &[u8], path: &str, index_pages: bool) -> NamedNode {
    let mut bytes = base.to_vec();
    for segment in path.split(['/', '\\']) {
        match decode(segment).as_slice() {
            b"" | b"." => {}
            b".." => pop_segment(&mut bytes),
            segment => push_segment(&mut bytes, segment),
        }
    }
    if index_pages && path.ends_with('/') {
        push_segment(&mut bytes, b"index.html");
    }
    url_of(&bytes)
}

fn push_segment(path: &mut Vec<u8>, segment: &[u8]) {
    path.push(b'/');
    path.extend_from_slice(segment);
}

fn pop_segment(path: &mut Vec<u8>) {
    let end = path.iter().rposition(|&byte| byte == b'/').unwrap_or(0);
    path.truncate(end);
}

fn url_of(path: &[u8]) -> NamedNode {
    let mut url = String::with_capacity(path.len() + 16);
    url.push_str("file://");
    if path.first() != Some(&b'/') {
        url.push('/');
    }
    for &byte in path {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => url.push(byte as char),
            byte if byte.is_ascii_alphanumeric() => url.push(byte as char),
            byte => push_escape(&mut url, byte),
        }
    }
    NamedNode::new_unchecked(url)
}

fn push_escape(text: &mut String, byte: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    text.push('%');
    text.push(DIGITS[usize::from(byte >> 4)] as char);
    text.push(DIGITS[usize::from(byte & 15)] as char);
}

/// Resolves percent escapes; a `%` that begins none stays.
fn decode(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while at < bytes.len() {
        let escape = (bytes[at] == b'%').then(|| bytes.get(at + 1..at + 3)).flatten();
        let value = escape.and_then(|digits| std::str::from_utf8(digits).ok()).and_then(|digits| {
            digits.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(digits, 16).ok()).flatten()
        });
        match value {
            Some(value) => {
                out.push(value);
                at += 3;
            }
            None => {
                out.push(bytes[at]);
                at += 1;
            }
        }
    }
    out
}

/// Escapes what no IRI may hold, so that a carelessly written link still names one place.
fn escape_illegal(url: &str) -> String {
    let mut escaped = String::with_capacity(url.len());
    for character in url.chars() {
        let illegal =
            matches!(character, ' ' | '<' | '>' | '"' | '{' | '}' | '|' | '\\' | '^' | '`') || character.is_control();
        if illegal {
            let mut buffer = [0; 4];
            for &byte in character.encode_utf8(&mut buffer).as_bytes() {
                push_escape(&mut escaped, byte);
            }
        } else {
            escaped.push(character);
        }
    }
    escaped
}

/// The scheme of a URL. One letter is a drive, not a scheme.
fn scheme(target: &str) -> Option<&str> {
    let (scheme, _) = target.split_once(':')?;
    let mut characters = scheme.chars();
    let valid = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|rest| rest.is_ascii_alphanumeric() || matches!(rest, '+' | '-' | '.'));
    (valid && scheme.len() > 1).then_some(scheme)
}

fn is_html(document: &Path) -> bool {
    document
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("html") || extension.eq_ignore_ascii_case("htm"))
}
