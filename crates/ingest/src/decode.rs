use std::borrow::Cow;

use chardetng::EncodingDetector;
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

use crate::IngestError;

/// Bytes that are looked at to tell text from anything else and to guess an encoding.
const LOOKED_AT: usize = 64 * 1024;

/// The text of a file in whatever encoding it is written. Byte order marks are removed; what an encoding cannot say
/// becomes U+FFFD, so that no file is lost for one bad byte.
///
/// # Errors
/// [`IngestError::NotText`] when the bytes are no text in any encoding.
pub(crate) fn decode(bytes: &[u8]) -> Result<Cow<'_, str>, IngestError> {
    if let Some((encoding, length)) = Encoding::for_bom(bytes) {
        let (text, _) = encoding.decode_without_bom_handling(bytes.get(length..).unwrap_or_default());
        return if encoding == UTF_8 && !is_text(text.as_bytes()) { Err(IngestError::NotText) } else { Ok(text) };
    }
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    if memchr::memchr(0, head).is_some()
        && let Some(encoding) = utf16(head)
    {
        let (text, _) = encoding.decode_without_bom_handling(bytes);
        return Ok(text);
    }
    if !is_text(head) {
        return Err(IngestError::NotText);
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Ok(Cow::Borrowed(text));
    }
    let damaged = String::from_utf8_lossy(bytes);
    let (bad, characters) = damaged.chars().fold((0_usize, 0_usize), |(bad, all), character| {
        (bad + usize::from(character == char::REPLACEMENT_CHARACTER), all + usize::from(!character.is_ascii()))
    });
    // Mostly valid UTF-8 with a few bad bytes is damaged UTF-8, not another encoding.
    if bad * 4 <= characters.saturating_sub(bad) {
        return Ok(damaged);
    }
    let mut detector = EncodingDetector::new();
    detector.feed(head, head.len() == bytes.len());
    let (text, _) = detector.guess(None, true).decode_without_bom_handling(bytes);
    // Bytes that are no letters in the encoding either.
    let controls = text.chars().take(LOOKED_AT).filter(|character| is_odd(*character)).count();
    let all = text.chars().take(LOOKED_AT).count();
    if controls * 20 > all { Err(IngestError::NotText) } else { Ok(text) }
}

fn is_odd(character: char) -> bool {
    character == char::REPLACEMENT_CHARACTER || (character.is_control() && !character.is_whitespace())
}

/// Whether the head of a file looks like text: no zero bytes and few control characters.
pub(crate) fn is_text(bytes: &[u8]) -> bool {
    let head = bytes.get(..LOOKED_AT).unwrap_or(bytes);
    if memchr::memchr(0, head).is_some() {
        return false;
    }
    let controls =
        head.iter().filter(|byte| **byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | 0x1b)).count();
    controls * 50 <= head.len()
}

/// UTF-16 without a byte order mark: every other byte of western text is zero.
fn utf16(head: &[u8]) -> Option<&'static Encoding> {
    if head.len() < 4 || head.len() % 2 == 1 && head.len() < LOOKED_AT {
        return None;
    }
    let pairs = head.len() / 2;
    let zeros = |offset: usize| head.iter().skip(offset).step_by(2).filter(|byte| **byte == 0).count();
    let (first, second) = (zeros(0), zeros(1));
    if second * 10 >= pairs * 7 && first * 10 < pairs {
        Some(UTF_16LE)
    } else if first * 10 >= pairs * 7 && second * 10 < pairs {
        Some(UTF_16BE)
    } else {
        None
    }
}
