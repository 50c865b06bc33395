/// The byte offsets at which the sentences of a text end, the last one excluded. White space after a sentence belongs
/// to it.
///
/// A sentence ends after `.`, `!`, `?`, `…` or their CJK forms, followed by white space (not needed after the CJK
/// forms) and something other than a small letter: "e.g. this" goes on.
pub(crate) fn ends(text: &str) -> Vec<usize> {
    let mut ends = Vec::new();
    let mut characters = text.char_indices().peekable();
    while let Some((_, character)) = characters.next() {
        let wide = matches!(character, '。' | '！' | '？');
        if !(wide || matches!(character, '.' | '!' | '?' | '…')) {
            continue;
        }
        while characters.next_if(|(_, next)| is_closing(*next)).is_some() {}
        let mut spaces = 0_usize;
        while characters.next_if(|(_, next)| next.is_whitespace()).is_some() {
            spaces += 1;
        }
        match characters.peek() {
            Some((next, following)) if wide || (spaces > 0 && !following.is_lowercase()) => ends.push(*next),
            _ => {}
        }
    }
    ends
}

fn is_closing(character: char) -> bool {
    matches!(character, '.' | '!' | '?' | '"' | '\'' | ')' | ']' | '”' | '’' | '»' | '」' | '）')
}

#[cfg(test)]
mod tests {
    use super::ends;

    fn check(text: &str, expect: &[&str]) {
        let mut start = 0;
        let mut found: Vec<&str> = ends(text)
            .into_iter()
            .map(|end| {
                let sentence = &text[start..end];
                start = end;
                sentence
            })
            .collect();
        found.push(&text[start..]);
        assert_eq!(found, expect);
    }

    #[test]
    fn sentences_end_where_people_say() {
        check("One. Two! (Three?) Four", &["One. ", "Two! ", "(Three?) ", "Four"]);
        check("Use e.g. this, at 3.14 exactly.", &["Use e.g. this, at 3.14 exactly."]);
        check("所有权。借用！x", &["所有权。", "借用！", "x"]);
        check("", &[""]);
    }
}
