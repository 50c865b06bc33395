//! Paths as text columns.
//!
//! A path is stored as UTF-8 text, so that it sorts and compares by bytes. Bytes that are not UTF-8 are stored as
//! characters of a private range, U+EF80 to U+EFFF, one per byte, and characters of that range, which no sane file name
//! has, as their bytes. So every path survives the way in and out, and a folder's path stays a prefix of its files'.

use std::path::{MAIN_SEPARATOR, Path, PathBuf};

const ESCAPE: u32 = 0xEF00;

fn is_escape(character: char) -> bool {
    ('\u{EF80}'..='\u{EFFF}').contains(&character)
}

/// The text that is stored for a path. A trailing separator is dropped.
pub(crate) fn encode(path: &Path) -> String {
    let path: PathBuf = path.components().collect();
    match path.to_str() {
        Some(text) if !text.chars().any(is_escape) => text.to_owned(),
        _ => encode_bytes(path.as_os_str().as_encoded_bytes()),
    }
}

fn encode_bytes(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() + 8);
    let escape = |text: &mut String, bytes: &[u8]| {
        text.extend(bytes.iter().filter_map(|byte| char::from_u32(ESCAPE + u32::from(*byte))));
    };
    for chunk in bytes.utf8_chunks() {
        for character in chunk.valid().chars() {
            if is_escape(character) {
                escape(&mut text, character.encode_utf8(&mut [0; 4]).as_bytes());
            } else {
                text.push(character);
            }
        }
        escape(&mut text, chunk.invalid());
    }
    text
}

/// The path that a stored text stands for.
#[cfg(unix)]
pub(crate) fn decode(text: &str) -> PathBuf {
    use std::os::unix::ffi::OsStringExt;
    if !text.chars().any(is_escape) {
        return PathBuf::from(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    for character in text.chars() {
        match u8::try_from(u32::from(character).wrapping_sub(ESCAPE)) {
            Ok(byte) if is_escape(character) => bytes.push(byte),
            _ => bytes.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
    PathBuf::from(std::ffi::OsString::from_vec(bytes))
}

/// The path that a stored text stands for. Lone surrogates of Windows file names are not brought back.
#[cfg(not(unix))]
pub(crate) fn decode(text: &str) -> PathBuf {
    PathBuf::from(text)
}

/// The half-open range of texts strictly below a path.
pub(crate) fn below(path: &str) -> (String, String) {
    let folder = path.trim_end_matches(MAIN_SEPARATOR);
    let after = char::from_u32(u32::from(MAIN_SEPARATOR) + 1).unwrap_or('0');
    (format!("{folder}{MAIN_SEPARATOR}"), format!("{folder}{after}"))
}
