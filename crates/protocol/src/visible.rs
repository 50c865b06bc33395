//! Text as a person sees it.

/// Whether a character cannot be seen where it stands in a text that somebody is to read before it counts: a command, or a
/// question from a link. Marks that turn the direction of text, or have no width, or no ink, could have it read otherwise than it
/// is. Line ends and tabs can be seen.
#[must_use]
pub fn is_hidden(character: char) -> bool {
    matches!(character, '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
        | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff9}'..='\u{fffb}'
        | '\u{e0000}'..='\u{e0fff}')
        || character.is_control() && !matches!(character, '\n' | '\t')
}

#[cfg(test)]
mod tests {
    use super::is_hidden;

    #[test]
    fn what_cannot_be_seen_is_known() {
        let hidden = "\u{0}\u{1b}\r\u{ad}\u{34f}\u{61c}\u{115f}\u{17b4}\u{180e}\u{200b}\u{2028}\u{202e}\u{3164}\u{fe0f}\u{feff}\
            \u{ffa0}\u{fffb}\u{e01ef}";
        for character in hidden.chars() {
            assert!(is_hidden(character), "{}", character.escape_unicode());
        }
        for character in "größer 漢字 한글 नमस्ते\n\t".chars() {
            assert!(!is_hidden(character), "{}", character.escape_unicode());
        }
    }
}
