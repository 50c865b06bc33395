use crate::{SessionId, Timestamp, TurnId};

/// The most words that count of what somebody looks for; more narrow nothing down.
const MOST: usize = 16;

/// How much is shown around what was found, in characters before and after it.
const AROUND: (usize, usize) = (40, 120);

/// Words that are looked for, whatever their case, wherever they stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoughtWords(Vec<String>);

/// A turn of a conversation in which words were found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundTurn {
    /// The conversation.
    pub session: SessionId,
    /// The conversation's title.
    pub title: String,
    /// The turn.
    pub turn: TurnId,
    /// The text around the words, on one line: of the answer, or else of the question.
    pub excerpt: String,
    /// When it was asked.
    pub asked: Timestamp,
}

impl SoughtWords {
    /// The words of a text.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut words: Vec<String> = text.split_whitespace().map(str::to_lowercase).take(MOST).collect();
        // The longest are the rarest, and what is not there is soon known.
        words.sort_by_key(|word| std::cmp::Reverse(word.len()));
        Self(words)
    }

    /// Whether nothing is looked for.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The text around the words where texts together hold all of them; that of the first text which holds one.
    #[must_use]
    pub fn excerpt(&self, texts: &[&str]) -> Option<String> {
        let lowered: Vec<String> = texts.iter().map(|text| text.to_lowercase()).collect();
        if self.is_empty() || !self.0.iter().all(|word| lowered.iter().any(|text| text.contains(word.as_str()))) {
            return None;
        }
        texts.iter().zip(&lowered).find_map(|(text, lowered)| {
            let at = self.0.iter().find_map(|word| lowered.find(word.as_str()))?;
            Some(around(text, at))
        })
    }
}

/// The text around the character that stands at a place of the text in lower case.
fn around(text: &str, at: usize) -> String {
    let mut passed = 0;
    let found = text.chars().take_while(|character| {
        passed += character.to_lowercase().map(char::len_utf8).sum::<usize>();
        passed <= at
    });
    let first = found.count().saturating_sub(AROUND.0);
    let shown: String = text.chars().skip(first).take(AROUND.0 + AROUND.1).collect();
    let is_cut = text.chars().nth(first + AROUND.0 + AROUND.1).is_some();
    let line = shown.split_whitespace().collect::<Vec<_>>().join(" ");
    format!("{}{line}{}", if first > 0 { "… " } else { "" }, if is_cut { " …" } else { "" })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_words_must_be_there_in_any_order_and_any_case() {
        let words = SoughtWords::of("  Harbour  SHIP ");
        let told = words.excerpt(&["Every ship is written down.", "Who rules the harbour?"]);
        assert_eq!(told.as_deref(), Some("Every ship is written down."));
        assert_eq!(words.excerpt(&["Every ship is written down."]), None);
        assert_eq!(words.excerpt(&["nothing", "a SHIP in the\n harbour"]).as_deref(), Some("a SHIP in the harbour"));
        assert!(SoughtWords::of(" ").is_empty());
        assert_eq!(SoughtWords::of("").excerpt(&["a"]), None);
    }

    #[test]
    fn the_text_around_the_words_is_shown() {
        // In lower case İ is longer.
        let text = format!("{}needle{}", "İ ".repeat(100), " straw".repeat(100));
        let told = SoughtWords::of("NEEDLE").excerpt(&[&text]).unwrap_or_default();
        assert!(told.starts_with("… İ İ") && told.contains("needle straw") && told.ends_with(" …"), "{told}");
        assert!(told.chars().count() < 180, "{told}");
    }
}
