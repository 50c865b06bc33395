//! Words of names: how headings, symbols and questions are cut so that they meet.

/// Words that say nothing about what a heading is about.
const STOP_WORDS: &[&str] = &[
    "a", "about", "after", "all", "an", "and", "any", "are", "as", "at", "be", "before", "but", "by", "can", "could",
    "did", "do", "does", "for", "from", "had", "has", "have", "how", "i", "if", "in", "into", "is", "it", "its", "may",
    "me", "my", "no", "not", "of", "on", "or", "our", "should", "so", "that", "the", "their", "there", "these", "they",
    "this", "to", "was", "we", "what", "when", "where", "which", "who", "why", "will", "with", "would", "you", "your",
];

/// A word or name in the form that the catalogue keeps: 32 bits are enough, since a hit's real name is read and compared
/// before it is told.
pub(crate) type Key = u32;

/// FNV-1a, 64 bits folded to 32. Stored on disk, so it must never change.
pub(crate) fn key(text: &str) -> Key {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    for byte in text.bytes() {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) as u32
}

/// The words of a heading or a question in lower case and singular, without those that say nothing. If nothing would be
/// left ("What Is It?"), all words are kept.
pub(crate) fn words(text: &str) -> Vec<String> {
    let all = split(text);
    let telling: Vec<String> = all
        .iter()
        .filter(|word| STOP_WORDS.binary_search(&word.as_str()).is_err())
        .map(|word| singular(word))
        .collect();
    let mut words = if telling.is_empty() { all } else { telling };
    deduplicate(&mut words);
    words
}

/// The name of a symbol in lower case, followed by its parts: `HashMap` gives `hashmap`, `hash`, `map`.
pub(crate) fn identifier(name: &str) -> Vec<String> {
    let mut parts = vec![name.to_lowercase()];
    parts.extend(split(name).iter().map(|part| singular(part)).filter(|part| part.chars().count() > 1));
    deduplicate(&mut parts);
    parts
}

/// The last part of a qualified name: `HashMap` of `std::collections::HashMap`, `view` of `./view.js`.
pub(crate) fn last_part(name: &str) -> &str {
    let name = name.trim_end_matches(|character: char| !character.is_alphanumeric() && character != '_');
    let name = match name.rsplit_once('/') {
        Some((_, file)) => file.split('.').next().unwrap_or(file),
        None => name,
    };
    name.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next().unwrap_or(name)
}

/// Cuts at everything that is neither letter nor digit, and where a small letter meets a capital.
fn split(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut previous_small = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_alphanumeric() {
            finish(&mut word, &mut words);
            previous_small = false;
            continue;
        }
        let begins_word = character.is_uppercase()
            && (previous_small || (!word.is_empty() && characters.peek().is_some_and(|next| next.is_lowercase())));
        if begins_word {
            finish(&mut word, &mut words);
        }
        previous_small = character.is_lowercase() || character.is_numeric();
        word.extend(character.to_lowercase());
    }
    finish(&mut word, &mut words);
    words
}

fn finish(word: &mut String, words: &mut Vec<String>) {
    if !word.is_empty() {
        words.push(std::mem::take(word));
    }
}

/// Harman's S stemmer (D. Harman, "How effective is suffixing?", 1991): plural endings only, so that it never joins words
/// of different meaning.
fn singular(word: &str) -> String {
    if word.len() < 4 || !word.is_ascii() {
        return word.to_owned();
    }
    if let Some(stem) = word.strip_suffix("ies")
        && !stem.ends_with(['e', 'a'])
    {
        return format!("{stem}y");
    }
    if let Some(stem) = word.strip_suffix("es")
        && !stem.ends_with(['a', 'e', 'o'])
    {
        return format!("{stem}e");
    }
    match word.strip_suffix('s') {
        Some(stem) if !stem.ends_with(['u', 's']) => stem.to_owned(),
        _ => word.to_owned(),
    }
}

fn deduplicate(words: &mut Vec<String>) {
    let mut seen = std::collections::HashSet::new();
    words.retain(|word| seen.insert(word.clone()));
}
