//! Folds words to their normal form and cuts identifiers into parts.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::LONGEST_TERM;

/// At most this many parts of one identifier; what has more is data.
const MOST_PARTS: usize = 16;

/// A word without apostrophes, compatibility forms and diacritics, its case kept.
pub(super) fn fold(word: &str) -> String {
    let word = word.strip_suffix("'s").or_else(|| word.strip_suffix("\u{2019}s")).unwrap_or(word);
    if word.is_ascii() {
        return word.chars().filter(|character| *character != '\'').collect();
    }
    let mut folded = String::with_capacity(word.len());
    let bare: String = word.nfkd().filter(|character| !is_diacritic(*character)).nfc().collect();
    for character in bare.chars() {
        match character {
            '\'' | '\u{2019}' => {}
            'ß' => folded.push_str("ss"),
            'æ' => folded.push_str("ae"),
            'Æ' => folded.push_str("AE"),
            'œ' => folded.push_str("oe"),
            'Œ' => folded.push_str("OE"),
            'ø' => folded.push('o'),
            'Ø' => folded.push('O'),
            'ł' => folded.push('l'),
            'Ł' => folded.push('L'),
            'đ' | 'ð' => folded.push('d'),
            'Đ' | 'Ð' => folded.push('D'),
            'ı' => folded.push('i'),
            'ς' => folded.push('σ'),
            'þ' => folded.push_str("th"),
            // A compatibility form can come apart into signs: `⑴` is `(1)`.
            other if other == '_' || other.is_alphanumeric() || is_combining_mark(other) => folded.push(other),
            _ => {}
        }
    }
    folded
}

/// Marks that readers leave out when they type: accents, Hebrew points, Arabic vowels. Vowel signs of Indic scripts and
/// the voicing marks of kana are letters to their readers and stay.
fn is_diacritic(character: char) -> bool {
    matches!(character,
        '\u{0300}'..='\u{036F}' | '\u{0591}'..='\u{05BD}' | '\u{05BF}' | '\u{05C1}'..='\u{05C2}' | '\u{05C4}'..='\u{05C7}'
        | '\u{0610}'..='\u{061A}' | '\u{064B}'..='\u{065F}' | '\u{0670}' | '\u{06D6}'..='\u{06DC}'
        | '\u{1AB0}'..='\u{1AFF}' | '\u{1DC0}'..='\u{1DFF}' | '\u{20D0}'..='\u{20FF}' | '\u{FE20}'..='\u{FE2F}')
}

/// Lower case, cut to the longest term.
pub(super) fn lower(word: &str) -> String {
    let mut lowered = if word.is_ascii() {
        word.to_ascii_lowercase()
    } else {
        word.chars().flat_map(char::to_lowercase).filter(|character| !is_diacritic(*character)).collect()
    };
    cut(&mut lowered);
    lowered
}

/// Cuts a term to the longest length at a character's border.
pub(super) fn cut(term: &mut String) {
    term.truncate(term.floor_char_boundary(LONGEST_TERM));
}

/// The parts of an identifier: at underscores, where the case rises, and between letters and digits.
pub(super) fn parts(word: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    for piece in word.split('_').filter(|piece| !piece.is_empty()) {
        let mut start = 0;
        let mut characters = piece.char_indices().peekable();
        let mut before: Option<char> = None;
        while let Some((position, character)) = characters.next() {
            let after = characters.peek().map(|(_, after)| *after);
            if before.is_some_and(|before| is_border(before, character, after)) {
                parts.push(&piece[start..position]);
                start = position;
            }
            before = Some(character);
        }
        parts.push(&piece[start..]);
        if parts.len() >= MOST_PARTS {
            parts.truncate(MOST_PARTS);
            break;
        }
    }
    parts
}

fn is_border(before: char, character: char, after: Option<char>) -> bool {
    let digits = |character: char| character.is_numeric();
    if digits(before) != digits(character) {
        return true;
    }
    character.is_uppercase() && (!before.is_uppercase() || after.is_some_and(char::is_lowercase)) && !digits(before)
}

/// The characters of a run of an unspaced script, in composed compatibility form.
pub(super) fn unspaced(run: &str) -> Vec<char> {
    run.nfkc().flat_map(char::to_lowercase).filter(|one| one.is_alphanumeric() || is_combining_mark(*one)).collect()
}
