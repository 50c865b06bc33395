//! Cuts text into runs.

use unicode_normalization::char::is_combining_mark;

/// A stretch of text that becomes terms.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Run<'a> {
    /// Letters, digits, underscores, and apostrophes within.
    Word(&'a str),
    /// Characters of scripts without spaces between words.
    Unspaced(&'a str),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Word,
    Unspaced,
    Apostrophe,
    Other,
}

fn class_of_ascii(byte: u8) -> Class {
    match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => Class::Word,
        b'\'' => Class::Apostrophe,
        _ => Class::Other,
    }
}

fn class_of(character: char) -> Class {
    match character {
        '\u{2019}' => Class::Apostrophe,
        // Thai, Lao, Tibetan, Myanmar, Khmer
        '\u{0E01}'..='\u{0EFF}' | '\u{0F40}'..='\u{0FBC}' | '\u{1000}'..='\u{109F}' | '\u{1780}'..='\u{17DD}'
        // Hangul letters, kana, Chinese characters, Hangul syllables
        | '\u{1100}'..='\u{11FF}' | '\u{2E80}'..='\u{2FDF}' | '\u{3005}'..='\u{3007}' | '\u{3031}'..='\u{3035}'
        | '\u{3041}'..='\u{3096}' | '\u{3099}'..='\u{309A}' | '\u{309D}'..='\u{309F}' | '\u{30A1}'..='\u{30FA}'
        | '\u{30FC}'..='\u{30FF}' | '\u{3105}'..='\u{312F}' | '\u{3131}'..='\u{318E}' | '\u{31A0}'..='\u{31BF}'
        | '\u{31F0}'..='\u{31FF}' | '\u{3400}'..='\u{4DBF}' | '\u{4E00}'..='\u{9FFF}' | '\u{A960}'..='\u{A97C}'
        | '\u{AC00}'..='\u{D7FB}' | '\u{F900}'..='\u{FAFF}' | '\u{FF66}'..='\u{FF9F}' | '\u{20000}'..='\u{3FFFF}' => {
            Class::Unspaced
        }
        _ if character.is_alphanumeric() || is_combining_mark(character) => Class::Word,
        _ => Class::Other,
    }
}

/// Calls `each` with every run of a text, in order.
pub(super) fn for_each<'a>(text: &'a str, mut each: impl FnMut(Run<'a>)) {
    let bytes = text.as_bytes();
    let mut position = 0;
    while let Some(&byte) = bytes.get(position) {
        let (class, width) = class_at(text, position, byte);
        match class {
            Class::Word => {
                let end = word_end(text, position + width);
                each(Run::Word(&text[position..end]));
                position = end;
            }
            Class::Unspaced => {
                let end = unspaced_end(text, position + width);
                each(Run::Unspaced(&text[position..end]));
                position = end;
            }
            Class::Apostrophe | Class::Other => position += width,
        }
    }
}

fn class_at(text: &str, position: usize, byte: u8) -> (Class, usize) {
    if byte.is_ascii() {
        return (class_of_ascii(byte), 1);
    }
    // `position` is always at a character's first byte, so there is one.
    text[position..].chars().next().map_or((Class::Other, 1), |character| (class_of(character), character.len_utf8()))
}

fn word_end(text: &str, mut position: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(position) {
        let (class, width) = class_at(text, position, byte);
        match class {
            Class::Word => position += width,
            // Within a word only: `don't`, but not the end of a quotation.
            Class::Apostrophe
                if text[position + width..].chars().next().is_some_and(char::is_alphabetic)
                    && text[..position].chars().next_back().is_some_and(char::is_alphabetic) =>
            {
                position += width;
            }
            _ => break,
        }
    }
    position
}

fn unspaced_end(text: &str, mut position: usize) -> usize {
    let bytes = text.as_bytes();
    while let Some(&byte) = bytes.get(position) {
        let (class, width) = class_at(text, position, byte);
        if class != Class::Unspaced {
            break;
        }
        position += width;
    }
    position
}
