//! Words of questions and passages, made comparable.

/// English words that say nothing about what is asked.
const STOP_WORDS: &[&str] = &[
    "a",
    "about",
    "actually",
    "after",
    "all",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "be",
    "because",
    "been",
    "before",
    "being",
    "but",
    "by",
    "can",
    "cannot",
    "could",
    "describe",
    "did",
    "do",
    "does",
    "doing",
    "done",
    "don",
    "each",
    "else",
    "ever",
    "every",
    "exactly",
    "explain",
    "for",
    "from",
    "get",
    "gets",
    "give",
    "go",
    "goes",
    "had",
    "has",
    "have",
    "having",
    "he",
    "her",
    "here",
    "him",
    "his",
    "how",
    "however",
    "i",
    "if",
    "in",
    "into",
    "is",
    "isn",
    "it",
    "its",
    "itself",
    "just",
    "know",
    "let",
    "like",
    "make",
    "makes",
    "many",
    "may",
    "me",
    "mean",
    "means",
    "might",
    "more",
    "most",
    "much",
    "must",
    "my",
    "need",
    "no",
    "not",
    "now",
    "of",
    "off",
    "on",
    "one",
    "only",
    "or",
    "other",
    "our",
    "out",
    "over",
    "please",
    "really",
    "s",
    "same",
    "say",
    "says",
    "shall",
    "she",
    "should",
    "show",
    "so",
    "some",
    "something",
    "such",
    "t",
    "tell",
    "than",
    "that",
    "the",
    "their",
    "them",
    "then",
    "there",
    "these",
    "they",
    "thing",
    "things",
    "this",
    "those",
    "to",
    "too",
    "up",
    "us",
    "use",
    "used",
    "using",
    "very",
    "want",
    "was",
    "way",
    "we",
    "well",
    "were",
    "what",
    "when",
    "where",
    "whether",
    "which",
    "while",
    "who",
    "whom",
    "whose",
    "why",
    "will",
    "with",
    "without",
    "would",
    "you",
    "your",
];

/// The stretches of letters, digits and underscores.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let between = |letter: char| !letter.is_alphanumeric() && letter != '_';
    text.split(between).map(|run| run.trim_matches('_')).filter(|run| !run.is_empty())
}

/// The words of a text, folded to lower case, in order. Underscores hold identifiers together; runs of Chinese,
/// Japanese or Korean letters, which are written without spaces, become overlapping pairs.
#[must_use]
pub fn fold(text: &str) -> Vec<String> {
    let mut words = Vec::new();
    for run in runs(text) {
        let letters: Vec<char> = run.chars().collect();
        if letters.iter().any(|letter| is_unspaced(*letter)) && letters.len() > 1 {
            words.extend(letters.windows(2).map(|pair| pair.iter().collect()));
        } else {
            words.push(run.to_lowercase());
        }
    }
    words
}

fn is_unspaced(letter: char) -> bool {
    matches!(u32::from(letter), 0x3040..=0x30FF | 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xAC00..=0xD7AF | 0xF900..=0xFAFF)
}

/// The words of a question that say what it is about, each once, in order. A question of stop words only keeps them.
#[must_use]
pub fn content_words(question: &str) -> Vec<String> {
    let all = fold(question);
    let mut kept: Vec<String> = Vec::new();
    for word in &all {
        let says_nothing = STOP_WORDS.contains(&word.as_str()) || (word.len() == 1 && word.is_ascii());
        if !says_nothing && !kept.contains(word) {
            kept.push(word.clone());
        }
    }
    if kept.is_empty() {
        kept = all;
        kept.dedup();
    }
    kept
}

/// What a question names: words with a capital letter inside a sentence or inside a word, folded. A sentence that is all
/// capitals, like a title, names nothing that could be told apart.
pub(crate) fn names(question: &str) -> Vec<String> {
    let mut names = Vec::new();
    for sentence in question.split_inclusive(['.', '!', '?', '\n']) {
        let words: Vec<&str> = runs(sentence).filter(|word| word.chars().count() > 1).collect();
        let is_capital = |word: &&str| word.starts_with(char::is_uppercase);
        if words.len() > 2 && words.iter().filter(|word| is_capital(word)).count() * 2 > words.len() {
            continue;
        }
        let named = words.iter().enumerate().filter(|(place, word)| {
            let inside = word.chars().skip(1).any(char::is_uppercase);
            inside || (*place > 0 && is_capital(word))
        });
        names.extend(named.flat_map(|(_, word)| fold(word)));
    }
    names
}

/// A word without its common English endings, so that `threads`, `threading` and `threaded` meet. Deliberately weak, in
/// the manner of Harman's S-stemmer (1991) with `-ing`, `-ed` and `-ly` added: a wrong match costs more than a missed one,
/// since dense search finds the missed ones.
#[must_use]
pub fn stem(word: &str) -> String {
    if !word.is_ascii() || word.len() < 4 || word.bytes().any(|byte| byte.is_ascii_digit() || byte == b'_') {
        return word.to_owned();
    }
    let mut stem = word.to_owned();
    if let Some(rest) = stem.strip_suffix("ies").filter(|rest| rest.len() > 2) {
        stem = format!("{rest}y");
    } else if !stem.ends_with("ss") && !stem.ends_with("us") && !stem.ends_with("is") && stem.ends_with('s') {
        stem.pop();
    }
    for ending in ["ing", "ed", "ly"] {
        let Some(rest) = stem.strip_suffix(ending) else { continue };
        if rest.len() > 2 && rest.bytes().any(|byte| b"aeiouy".contains(&byte)) {
            stem = undoubled(rest);
            break;
        }
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    stem
}

/// `borrowing` is `borrow`, but `dropping` is `drop`.
fn undoubled(rest: &str) -> String {
    let bytes = rest.as_bytes();
    match bytes {
        [.., before, last] if before == last && !b"aeiouls".contains(last) => rest[..rest.len() - 1].to_owned(),
        _ => rest.to_owned(),
    }
}

/// So many words of a question are looked for: one bit each.
const MOST_SOUGHT: usize = 64;

/// The words of a question, as they are looked for in many texts.
pub(crate) struct SoughtWords {
    stems: Vec<String>,
}

impl SoughtWords {
    pub(crate) fn new(words: &[String]) -> Self {
        let mut stems: Vec<String> = words.iter().map(|word| stem(word)).collect();
        stems.sort();
        stems.dedup();
        stems.truncate(MOST_SOUGHT);
        Self { stems }
    }

    pub(crate) fn count(&self) -> usize {
        self.stems.len()
    }

    /// Which of the words a text holds, as bits.
    pub(crate) fn held_by(&self, text: &str) -> u64 {
        let mut held = 0;
        for run in runs(text).filter(|run| self.may_hold(run)) {
            for word in fold(run) {
                let word = stem(&word);
                if let Some(place) = self.stems.iter().position(|stem| *stem == word) {
                    held |= 1 << place;
                }
            }
        }
        held
    }

    /// Stemming leaves the first two letters as they are, so most runs need not be stemmed.
    fn may_hold(&self, run: &str) -> bool {
        match run.as_bytes() {
            [first, second, ..] if run.is_ascii() => self.stems.iter().any(|stem| match stem.as_bytes() {
                [one, other, ..] => one.eq_ignore_ascii_case(first) && other.eq_ignore_ascii_case(second),
                _ => true,
            }),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_by_their_capitals() {
        assert_eq!(names("How do I deploy to AWS Lambda? Kubernetes is not it."), ["aws", "lambda"]);
        assert_eq!(names("Does serde write camelCase?"), ["camelcase"]);
        assert!(names("Why can I not do it?").is_empty());
        assert!(names("WHY DOES IT FAIL?").is_empty());
    }

    #[test]
    fn sought_words_are_found_in_all_their_forms() {
        let sought = SoughtWords::new(&content_words("How are references borrowed? 借用"));
        assert_eq!(sought.count(), 3);
        let all = sought.held_by("Borrowing a REFERENCE: 所有权借用.");
        assert_eq!(all.count_ones(), 3);
        assert_eq!(sought.held_by("nothing of it, brrr").count_ones(), 0);
        assert_eq!(sought.held_by("Borrow").count_ones(), 1);
    }
}
