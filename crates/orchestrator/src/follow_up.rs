//! Questions that lean on the one before.

use ambit_domain::Turn;

/// Words that point back.
const POINTERS: &[&str] = &[
    "it", "its", "that", "this", "these", "those", "they", "them", "their", "he", "she", "him", "her", "one", "ones",
    "there", "former", "latter", "same", "again", "instead", "else",
];
/// Beginnings of questions that go on from the one before.
const LEADS: &[&str] = &["and ", "but ", "what about ", "how about ", "why not", "or ", "also ", "so ", "then "];
/// Words that do not say what a question is about.
const FILLERS: &[&str] = &[
    "a", "about", "an", "and", "are", "but", "can", "could", "did", "do", "does", "example", "examples", "explain",
    "for", "give", "how", "i", "in", "is", "me", "more", "of", "on", "or", "please", "say", "show", "so", "tell",
    "the", "then", "to", "was", "what", "when", "where", "which", "who", "why", "with", "would", "you",
];

/// Characters of an earlier question that are looked for: more would drown the one that is asked now.
const EARLIER: usize = 1000;

/// What recall is asked for: the question, after the one before when it cannot stand alone: when it is of two words or
/// fewer, begins like a continuation, or points back and says little else.
#[must_use]
pub fn recall_text(question: &str, earlier: &[Turn]) -> String {
    let Some(before) = earlier.last().filter(|_| leans(question)) else { return question.to_owned() };
    let before = beginning(before);
    // The one before may itself have leaned on an older one.
    let older = &earlier[..earlier.len() - 1];
    match older.last().filter(|_| leans(before)) {
        Some(oldest) => format!("{} {before} {question}", beginning(oldest)),
        None => format!("{before} {question}"),
    }
}

/// What an earlier question begins with.
fn beginning(turn: &Turn) -> &str {
    let question = turn.question.as_str();
    question.char_indices().nth(EARLIER).map_or(question, |(end, _)| &question[..end])
}

fn leans(question: &str) -> bool {
    let lower = question.to_lowercase();
    let words: Vec<&str> =
        lower.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    let points = words.iter().any(|word| POINTERS.contains(word));
    let says = words.iter().filter(|word| !POINTERS.contains(word) && !FILLERS.contains(word)).count();
    // Languages without spaces make one "word" of a whole question.
    let short = words.len() <= 2 && question.chars().count() <= 24 && question.is_ascii();
    short || (points && says <= 2) || (LEADS.iter().any(|lead| lower.starts_with(lead)) && says <= 3)
}
