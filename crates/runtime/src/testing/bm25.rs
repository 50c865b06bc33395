use ambit_domain::port::{KeywordHit, KeywordQuery};
use ambit_domain::{Document, Passage};

fn words(text: &str) -> Vec<String> {
    text.split(|letter: char| !letter.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// Okapi BM25 with k1 = 1.2 and b = 0.75 over text and headings.
pub(super) fn bm25<'a>(
    passages: impl Iterator<Item = (&'a Passage, &'a Document)>,
    query: &KeywordQuery,
) -> Vec<KeywordHit> {
    let bags: Vec<(&Passage, &Document, Vec<String>)> =
        passages.map(|(passage, document)| (passage, document, words(&passage.embedding_text()))).collect();
    let total = bags.len() as f32;
    let average = bags.iter().map(|(_, _, bag)| bag.len()).sum::<usize>() as f32 / total.max(1.0);
    let mut terms = words(&query.text);
    terms.sort();
    terms.dedup();
    let holding = |term: &String| bags.iter().filter(|(_, _, bag)| bag.contains(term)).count() as f32;
    let weights: Vec<(String, f32)> = terms
        .into_iter()
        .map(|term| {
            let count = holding(&term);
            let weight = ((total - count + 0.5) / (count + 0.5)).ln().max(1e-6);
            (term, weight)
        })
        .collect();
    let mut hits: Vec<KeywordHit> = bags
        .iter()
        .filter(|(_, document, _)| query.filter.admits(document))
        .filter_map(|(passage, document, bag)| {
            let length = 1.2 * (0.25 + 0.75 * bag.len() as f32 / average.max(1.0));
            let score = weights
                .iter()
                .map(|(term, weight)| {
                    let count = bag.iter().filter(|word| *word == term).count() as f32;
                    weight * count * 2.2 / (count + length)
                })
                .sum::<f32>();
            (score > 0.0).then_some(KeywordHit { passage: passage.id, document: document.id, score })
        })
        .collect();
    hits.sort_by(|left, right| right.score.total_cmp(&left.score).then(left.passage.cmp(&right.passage)));
    hits.truncate(query.limit);
    hits
}
