//! What the PDF library does not guard itself against: streams that unpack without end, and objects that contain
//! themselves, which it follows until the stack is gone and the process with it.

use std::collections::{HashMap, HashSet};
use std::io::Read;

use flate2::read::ZlibDecoder;
use memchr::memmem;
use pdf_extract::{Dictionary, Document, Object, ObjectId};

use crate::IngestError;
use crate::limits::Limits;

/// Bytes that one stream may unpack to.
const LARGEST_STREAM: u64 = 256 << 20;
/// Deflate packs at most this well.
const BEST_RATIO: u64 = 1_032;
/// Levels of pages in pages and of forms in forms; real documents have less than ten.
const DEEPEST: usize = 24;

/// Unpacks, without keeping anything, what is large enough to be a bomb. Looks at the bytes: the library unpacks some
/// streams while it opens a document.
pub(super) fn check_streams(bytes: &[u8], limits: &Limits) -> Result<(), IngestError> {
    for at in memmem::find_iter(bytes, b"stream") {
        let before = bytes.get(at.saturating_sub(2_048)..at).unwrap_or_default();
        if before.ends_with(b"end") {
            continue;
        }
        limits.check()?;
        let dictionary = before.get(memmem::rfind(before, b" obj").unwrap_or(0)..).unwrap_or_default();
        let filters = memmem::find_iter(dictionary, b"/Fl").count();
        let is_image = memmem::find(dictionary, b"/Image").is_some();
        if filters == 0 || (is_image && memmem::find(dictionary, b"/ObjStm").is_none()) {
            continue;
        }
        let body = bytes.get(at + b"stream".len()..).unwrap_or_default();
        let body = body.strip_prefix(b"\r").unwrap_or(body);
        let body = body.strip_prefix(b"\n").unwrap_or(body);
        let packed = memmem::find(body, b"endstream").and_then(|end| body.get(..end)).unwrap_or(body);
        let size = u64::try_from(packed.len()).unwrap_or(u64::MAX);
        let filters = u32::try_from(filters).unwrap_or(u32::MAX);
        if size.saturating_mul(BEST_RATIO.saturating_pow(filters)) <= LARGEST_STREAM {
            continue;
        }
        let too_large = if filters == 1 {
            is_too_large(ZlibDecoder::new(packed), limits)?
        } else {
            is_too_large(ZlibDecoder::new(ZlibDecoder::new(packed)), limits)?
        };
        if too_large || filters > 2 {
            let reason = format!("a stream is over {} MB", LARGEST_STREAM >> 20);
            return Err(IngestError::Bomb { reason });
        }
    }
    Ok(())
}

fn is_too_large(mut unpacked: impl Read, limits: &Limits) -> Result<bool, IngestError> {
    let mut buffer = vec![0_u8; 64 * 1024];
    let mut size = 0_u64;
    loop {
        limits.check()?;
        match unpacked.read(&mut buffer) {
            // A stream that is damaged ends there for the library too.
            Ok(0) | Err(_) => return Ok(false),
            Ok(read) => size += u64::try_from(read).unwrap_or(u64::MAX),
        }
        if size > LARGEST_STREAM {
            return Ok(true);
        }
    }
}

/// Refuses documents whose pages or forms contain themselves.
pub(super) fn check_loops(document: &Document) -> Result<(), IngestError> {
    let looped = |what: &str| IngestError::Damaged(format!("its {what} contain themselves"));
    let mut forms = Forms { document, depth: HashMap::new() };
    for page in document.get_pages().into_values() {
        let mut resources = None;
        let mut current = document.get_dictionary(page).ok();
        let mut levels = 0;
        while let Some(dictionary) = current {
            levels += 1;
            if levels > DEEPEST {
                return Err(looped("pages"));
            }
            resources = resources.or_else(|| resolved(document, dictionary.get(b"Resources").ok()));
            let parent = dictionary.get(b"Parent").and_then(Object::as_reference);
            current = parent.and_then(|parent| document.get_dictionary(parent)).ok();
        }
        let Some(resources) = resources else { continue };
        for form in forms.used_by(resources) {
            if forms.depth_of(form, &mut HashSet::new(), 0).is_none() {
                return Err(looped("drawings"));
            }
        }
        // A form without resources of its own uses those of whoever shows it, and so may show itself.
        let used = forms.used_by(resources);
        if used.iter().any(|form| forms.shows_by_name(*form, resources)) {
            return Err(looped("drawings"));
        }
    }
    Ok(())
}

fn resolved<'a>(document: &'a Document, object: Option<&'a Object>) -> Option<&'a Dictionary> {
    match object? {
        Object::Reference(id) => document.get_dictionary(*id).ok(),
        Object::Dictionary(dictionary) => Some(dictionary),
        _ => None,
    }
}

struct Forms<'a> {
    document: &'a Document,
    depth: HashMap<ObjectId, usize>,
}

impl<'a> Forms<'a> {
    fn dictionary(&self, form: ObjectId) -> Option<&'a Dictionary> {
        self.document.get_object(form).ok()?.as_stream().ok().map(|stream| &stream.dict)
    }

    fn used_by(&self, resources: &'a Dictionary) -> Vec<ObjectId> {
        let Some(objects) = resolved(self.document, resources.get(b"XObject").ok()) else { return Vec::new() };
        objects.iter().filter_map(|(_, object)| object.as_reference().ok()).collect()
    }

    /// How deep forms nest below one; nothing if there is no end.
    fn depth_of(&mut self, form: ObjectId, around: &mut HashSet<ObjectId>, level: usize) -> Option<usize> {
        if let Some(depth) = self.depth.get(&form) {
            return (level + depth <= DEEPEST).then_some(*depth);
        }
        if level > DEEPEST || !around.insert(form) {
            return None;
        }
        let resources = self.dictionary(form).and_then(|form| resolved(self.document, form.get(b"Resources").ok()));
        let mut depth = 0;
        for used in resources.map(|resources| self.used_by(resources)).unwrap_or_default() {
            depth = depth.max(1 + self.depth_of(used, around, level + 1)?);
        }
        around.remove(&form);
        self.depth.insert(form, depth);
        Some(depth)
    }

    /// Whether a form that has no resources shows anything of its surroundings: none that a program writes does.
    fn shows_by_name(&self, form: ObjectId, resources: &Dictionary) -> bool {
        let Ok(Object::Stream(stream)) = self.document.get_object(form) else { return false };
        let is_form = stream.dict.get(b"Subtype").and_then(Object::as_name).is_ok_and(|kind| kind == b"Form");
        if !is_form || stream.dict.get(b"Resources").is_ok() || resources.is_empty() {
            return false;
        }
        stream.decompressed_content().is_ok_and(|content| memmem::find(&content, b" Do").is_some())
    }
}
