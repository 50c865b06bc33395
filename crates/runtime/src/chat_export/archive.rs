//! What a file of chats is, and its parts.

use std::cell::Cell;
use std::io::{self, BufReader, Read, SeekFrom};
use std::ops::ControlFlow;

use ambit_domain::{Error, ErrorCode, Result};
use zip::ZipArchive;
use zip::result::ZipError;

use super::elements::{Element, Elements, MOST_VALUES};
use super::{ExportFile, LeftOut};

/// Bytes of the largest chat that is read. Parsed, it takes many times that.
const LARGEST_CHAT: usize = 32 << 20;
/// Exports hold a file for every image; none holds more.
const MOST_ENTRIES: usize = 500_000;
/// Bytes that the chats of an archive may unpack to.
const MOST_UNPACKED: u64 = 4 << 30;
/// Text rarely packs better than 1:50; a part beyond this ratio…
const HIGHEST_RATIO: u64 = 200;
/// …and over this size is no text.
const RATIO_COUNTS_FROM: u64 = 8 << 20;

/// What was found.
pub(super) enum Found<'a> {
    /// What should be a chat, as JSON.
    Element(&'a [u8]),
    /// A chat that is not read, and why.
    TooLarge(String),
    /// A part of the archive that is not taken in: it breaks off, is something else than its name says, or holds no chats.
    LeftOut(LeftOut),
}

type Take<'a> = dyn FnMut(Found<'_>) -> ControlFlow<()> + 'a;

/// Gives what stands in the lists of chats.
pub(super) fn each_element(file: &mut dyn ExportFile, take: &mut Take<'_>) -> Result<()> {
    // Whoever wrote the file left it at its end.
    file.seek(SeekFrom::Start(0))?;
    let mut head = [0_u8; 4];
    let length = read_head(file, &mut head)?;
    file.seek(SeekFrom::Start(0))?;
    match &head[..length] {
        [b'P', b'K', 3 | 5, 4 | 6] => each_of_archive(file, take),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, ..] | [_, 0, ..] => {
            Err(Error::new(ErrorCode::Unsupported, "the file is not written in UTF-8").with_hint(
                "give the file as the service sent it: the zip archive, or `conversations.json` from it, in UTF-8",
            ))
        }
        _ => match each_of_list(BufReader::with_capacity(1 << 16, file), take) {
            Ok(_) => Ok(()),
            Err((error, 0)) if is_malformed(&error) => {
                Err(Error::new(ErrorCode::Unsupported, "the file is neither a zip archive nor a list of chats in JSON")
                    .with_hint("give the zip archive that ChatGPT or Claude sent, or `conversations.json` from it"))
            }
            Err((error, _)) if is_malformed(&error) => match take(broken("the file", &error)) {
                // Nothing comes after it in any case.
                ControlFlow::Continue(()) | ControlFlow::Break(()) => Ok(()),
            },
            Err((error, _)) => Err(error.into()),
        },
    }
}

fn read_head(file: &mut dyn ExportFile, head: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while let Some(rest) = head.get_mut(length..).filter(|rest| !rest.is_empty()) {
        match file.read(rest)? {
            0 => break,
            more => length += more,
        }
    }
    Ok(length)
}

fn each_of_archive(file: &mut dyn ExportFile, take: &mut Take<'_>) -> Result<()> {
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(damaged)?;
    if archive.len() > MOST_ENTRIES {
        return Err(Error::new(ErrorCode::TooLarge, format!("the archive has {} files", archive.len()))
            .with_hint("give `conversations.json` from it"));
    }
    let mut names: Vec<String> =
        archive.file_names().filter_map(|name| name.ok().map(std::borrow::Cow::into_owned)).collect();
    names.sort();
    let others: Vec<LeftOut> = names.iter().filter_map(|name| other_part(name)).collect();
    names.retain(|name| holds_chats(name));
    if names.is_empty() {
        return Err(Error::new(ErrorCode::Unsupported, "the archive has no `conversations.json`")
            .with_hint("give the zip archive that ChatGPT or Claude sent"));
    }
    let unpacked = Cell::new(0);
    for name in names {
        let entry = archive.by_name(&name).map_err(damaged)?;
        let packed = entry.compressed_size().max(1);
        let reader = Unpacking { entry, packed, of_entry: 0, unpacked: &unpacked };
        match each_of_list(BufReader::with_capacity(1 << 16, reader), take) {
            Ok(ControlFlow::Continue(())) => {}
            Ok(ControlFlow::Break(())) => return Ok(()),
            Err((error, _)) if error.kind() == io::ErrorKind::QuotaExceeded => {
                return Err(Error::new(ErrorCode::TooLarge, format!("{name}: {error}"))
                    .with_hint("if it is what the service sent, unpack it and give `conversations.json`"));
            }
            Err((error, _)) => {
                if take(broken(&name, &error)).is_break() {
                    return Ok(());
                }
            }
        }
    }
    for other in others {
        if take(Found::LeftOut(other)).is_break() {
            break;
        }
    }
    Ok(())
}

/// A part of the archive that a person may miss, with what becomes of it. Images and files are told in the chats; what services
/// know of the account is left alone.
fn other_part(name: &str) -> Option<LeftOut> {
    let mut folders = name.rsplit(['/', '\\']);
    let (file, folder) = (folders.next().unwrap_or(name), folders.next().unwrap_or_default());
    let reason = match file {
        "projects.json" => "projects are not taken in; their chats are",
        _ if folder == "projects" && file.ends_with(".json") => "projects are not taken in; their chats are",
        "memories.json" | "memory.json" => "memories of other services are not taken in; `ambit memory add` takes each",
        "group_chats.json" => "chats of several people are not taken in",
        _ => return None,
    };
    Some(LeftOut { title: name.to_owned(), reason: reason.to_owned() })
}

/// Whether a file of the archive is a list of chats: `conversations.json`, or one of its parts where it came in several.
fn holds_chats(name: &str) -> bool {
    let file = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let number = file.strip_prefix("conversations").and_then(|rest| rest.strip_suffix(".json"));
    number.is_some_and(|number| number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'-' | b'_')))
}

/// Gives the members of a list; with an error, how many there were before it.
fn each_of_list<R: Read>(
    reader: BufReader<R>,
    take: &mut Take<'_>,
) -> std::result::Result<ControlFlow<()>, (io::Error, u64)> {
    let mut elements = Elements::new(reader, LARGEST_CHAT);
    let mut number = 0;
    loop {
        let found = match elements.next() {
            Ok(None) => return Ok(ControlFlow::Continue(())),
            Ok(Some(Element::Whole(bytes))) => Found::Element(bytes),
            Ok(Some(Element::TooLarge)) => Found::TooLarge(format!("it is larger than {} MB", LARGEST_CHAT >> 20)),
            Ok(Some(Element::TooMany)) => Found::TooLarge(format!("it has more than {MOST_VALUES} values")),
            Err(error) => return Err((error, number)),
        };
        number += 1;
        if take(found).is_break() {
            return Ok(ControlFlow::Break(()));
        }
    }
}

fn is_malformed(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof)
}

fn broken(name: &str, error: &io::Error) -> Found<'static> {
    Found::LeftOut(LeftOut { title: name.to_owned(), reason: format!("it can be read no further: {error}") })
}

fn damaged(error: ZipError) -> Error {
    let is_sealed = match &error {
        ZipError::UnsupportedArchive(what) => what.contains("assword"),
        other => matches!(other, ZipError::InvalidPassword),
    };
    if is_sealed {
        return Error::new(ErrorCode::Unsupported, "the archive is protected by a password")
            .with_hint("unpack it and give `conversations.json`");
    }
    Error::new(ErrorCode::Unsupported, format!("the archive cannot be read: {error}"))
        .with_hint("fetch the export again; it may not have come whole")
}

/// A part of an archive, read under limits on what it unpacks to. Sizes are counted while unpacking; what the archive says
/// about itself is not believed.
struct Unpacking<'a, R> {
    entry: R,
    packed: u64,
    of_entry: u64,
    unpacked: &'a Cell<u64>,
}

impl<R: Read> Read for Unpacking<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.entry.read(buffer)?;
        let more = u64::try_from(read).unwrap_or(u64::MAX);
        self.of_entry = self.of_entry.saturating_add(more);
        self.unpacked.set(self.unpacked.get().saturating_add(more));
        let beyond = |what: String| Err(io::Error::new(io::ErrorKind::QuotaExceeded, what));
        if self.unpacked.get() > MOST_UNPACKED {
            return beyond(format!("the chats unpack to over {} GB", MOST_UNPACKED >> 30));
        }
        if self.of_entry > RATIO_COUNTS_FROM && self.of_entry / self.packed > HIGHEST_RATIO {
            return beyond(format!("it packs better than 1:{HIGHEST_RATIO}, as text does not"));
        }
        Ok(read)
    }
}
