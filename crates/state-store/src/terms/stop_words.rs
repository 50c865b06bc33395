//! English words that say nothing about what is asked. They are indexed, but a question drops them when it has others.

/// Sorted, for binary search.
const STOP_WORDS: [&str; 123] = [
    "a", "about", "after", "all", "also", "am", "an", "and", "any", "are", "as", "at", "be", "because", "been",
    "before", "being", "but", "by", "can", "could", "d", "did", "do", "does", "doing", "dont", "each", "explain",
    "for", "from", "get", "gets", "give", "had", "has", "have", "having", "he", "her", "here", "him", "his", "how",
    "i", "if", "im", "in", "into", "is", "isnt", "it", "its", "itself", "just", "know", "let", "ll", "make", "many",
    "may", "me", "mean", "means", "might", "more", "most", "much", "must", "my", "need", "no", "not", "of", "off",
    "on", "one", "only", "or", "other", "our", "out", "please", "really", "s", "shall", "she", "should", "show", "so",
    "some", "such", "t", "tell", "than", "that", "the", "their", "them", "then", "there", "these", "they", "this",
    "those", "to", "too", "us", "very", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will",
    "with", "would", "you", "your",
];

/// Whether a lower-case word is a stop word.
pub(super) fn is_stop_word(word: &str) -> bool {
    STOP_WORDS.binary_search(&word).is_ok()
}
