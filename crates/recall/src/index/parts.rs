//! Cuts passages into the parts that are embedded.
//!
//! A passage fills what the model can read, which is more than it reads well: the vector of a long text is a mean of all
//! that it speaks of. So a long passage gets several vectors, one for each part, and is as near to a question as the nearest
//! of them. All parts carry the headings. (Max-passage scoring: Dai and Callan 2019.)

use ambit_domain::Passage;
use ambit_domain::port::TokenCounter;
use unicode_segmentation::UnicodeSegmentation;

/// However long the headings are, this share of the length is left to the text.
const LEAST_SHARE: f32 = 0.5;

/// The texts to embed, in order; at least one.
pub(super) fn parts(passage: &Passage, tokens: &dyn TokenCounter) -> Vec<String> {
    let best = tokens.best_tokens().max(1);
    // Most words are more than one byte, so a short text needs no counting.
    if passage.text.len() <= best {
        return vec![passage.embedding_text()];
    }
    let headings = tokens.count(&passage.breadcrumb.join(" > "));
    let budget = best.saturating_sub(headings).max((best as f32 * LEAST_SHARE) as usize).max(1);
    let sentences: Vec<(&str, usize)> =
        passage.text.split_sentence_bounds().map(|sentence| (sentence, tokens.count(sentence))).collect();
    let total: usize = sentences.iter().map(|(_, count)| count).sum();
    let wanted = total.div_ceil(budget);
    if wanted <= 1 {
        return vec![passage.embedding_text()];
    }
    cut(&sentences, total, wanted, budget).into_iter().map(|text| passage.part_text(&text)).collect()
}

/// Cuts at the sentences that are nearest to parts of one length, and wherever a part would become too long. A sentence
/// that is too long by itself stays whole.
fn cut(sentences: &[(&str, usize)], total: usize, wanted: usize, budget: usize) -> Vec<String> {
    let mut parts: Vec<String> = Vec::with_capacity(wanted);
    let mut part = String::new();
    let (mut taken, mut in_part) = (0, 0);
    for (sentence, count) in sentences {
        // Twice the places, to compare without fractions: does more than half of the sentence lie beyond the border?
        let border = 2 * total * (parts.len() + 1);
        let is_fair_share = parts.len() + 1 < wanted && (2 * taken + count) * wanted > border;
        if !part.trim().is_empty() && (is_fair_share || in_part + count > budget) {
            parts.push(std::mem::take(&mut part));
            in_part = 0;
        }
        part.push_str(sentence);
        taken += count;
        in_part += count;
    }
    if part.trim().is_empty()
        && let Some(last) = parts.last_mut()
    {
        last.push_str(&part);
    } else {
        parts.push(part);
    }
    parts
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use ambit_domain::{DocumentId, PassageId, Span};

    use super::*;

    struct Words;

    impl TokenCounter for Words {
        fn max_tokens(&self) -> usize {
            40
        }

        fn best_tokens(&self) -> usize {
            20
        }

        fn count(&self, text: &str) -> usize {
            text.split_whitespace().filter(|word| *word != ">").count()
        }
    }

    fn passage(text: &str) -> Passage {
        Passage {
            id: PassageId(1),
            document: DocumentId(1),
            ordinal: 0,
            text: text.to_owned(),
            breadcrumb: vec!["Birds".to_owned(), "Sea birds".to_owned()],
            anchor: None,
            span: Span::Lines { start: 1, end: 1 },
        }
    }

    #[test]
    fn what_the_model_reads_well_stays_whole() {
        let short = passage("The gannet dives. It is fast.");
        assert_eq!(parts(&short, &Words), [short.embedding_text()]);
    }

    #[test]
    fn a_long_passage_is_cut_at_sentences_into_parts_of_one_length() {
        let sentences: Vec<String> = (0..8).map(|n| format!("Bird number {n} dives deep. ")).collect();
        let found = parts(&passage(&sentences.concat()), &Words);
        assert_eq!(found.len(), 3, "{found:?}");
        let mut joined = String::new();
        for part in &found {
            let text = part.strip_prefix("Birds > Sea birds\n").unwrap();
            assert!(Words.count(text) <= 20, "{part}");
            joined.push_str(text);
        }
        assert_eq!(joined, sentences.concat(), "nothing is lost or told twice");
    }

    #[test]
    fn a_text_without_sentences_is_one_part_however_long() {
        let endless = passage(&"word ".repeat(300));
        assert_eq!(parts(&endless, &Words).len(), 1);
        assert_eq!(parts(&passage(""), &Words).len(), 1);
        assert_eq!(parts(&passage(&"\n".repeat(300)), &Words).len(), 1);
    }
}
