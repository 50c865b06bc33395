//! What the graph adds: places that the question's words name, and places next to what was found.

use std::collections::HashMap;

use ambit_domain::port::{Documents, GraphHit};
use ambit_domain::{Document, DocumentId, Passage, PassageFilter, PassageId, Result, Span};

use crate::words::SoughtWords;

/// Documents that are opened because only the graph led to them.
const OPENED: usize = 6;
/// What a way to a document is worth for its passages when the graph does not know the place in it.
const DOCUMENT_ONLY: f32 = 0.5;

/// Passages that the graph leads to, the strongest way first. `found` are passages that other parts found.
pub(crate) async fn passages_of(
    hits: &[GraphHit],
    found: &[(Passage, Document)],
    sought: &SoughtWords,
    filter: &PassageFilter,
    documents: &dyn Documents,
) -> Result<Vec<(PassageId, f32)>> {
    let mut weights: HashMap<PassageId, f32> = HashMap::new();
    let mut opened: HashMap<DocumentId, Vec<Passage>> = HashMap::new();
    for hit in hits {
        let known: Vec<&Passage> =
            found.iter().filter(|(_, document)| document.id == hit.document).map(|(passage, _)| passage).collect();
        let exact: Vec<PassageId> =
            known.iter().filter(|passage| is_place(hit, passage)).map(|passage| passage.id).collect();
        if !exact.is_empty() {
            exact.into_iter().for_each(|id| raise(&mut weights, id, hit.weight));
        } else if names_place(hit) || known.is_empty() {
            if !opened.contains_key(&hit.document) {
                if opened.len() >= OPENED {
                    continue;
                }
                let passages = match documents.document(hit.document).await? {
                    Some((document, passages)) if filter.admits(&document) => passages,
                    _ => Vec::new(),
                };
                opened.insert(hit.document, passages);
            }
            let passages = opened.get(&hit.document).map(Vec::as_slice).unwrap_or_default();
            if let Some((id, weight)) = best_place(hit, passages, sought) {
                raise(&mut weights, id, weight);
            }
        } else {
            known.iter().for_each(|passage| raise(&mut weights, passage.id, hit.weight * DOCUMENT_ONLY));
        }
    }
    let mut list: Vec<(PassageId, f32)> = weights.into_iter().collect();
    list.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    Ok(list)
}

fn raise(weights: &mut HashMap<PassageId, f32>, passage: PassageId, weight: f32) {
    let known = weights.entry(passage).or_default();
    *known = known.max(weight.clamp(0.0, 1.0));
}

fn names_place(hit: &GraphHit) -> bool {
    hit.anchor.is_some() || hit.line.is_some()
}

fn is_place(hit: &GraphHit, passage: &Passage) -> bool {
    let by_anchor = hit.anchor.is_some() && hit.anchor == passage.anchor;
    let by_line = match (hit.line, passage.span) {
        (Some(line), Span::Lines { start, end }) => (start..=end).contains(&line),
        _ => false,
    };
    by_anchor || by_line
}

/// The passage at the place; else the one that holds most words of the question, as a weaker way.
fn best_place(hit: &GraphHit, passages: &[Passage], sought: &SoughtWords) -> Option<(PassageId, f32)> {
    if let Some(passage) = passages.iter().find(|passage| is_place(hit, passage)) {
        return Some((passage.id, hit.weight));
    }
    let held = |passage: &Passage| {
        let headings = passage.breadcrumb.iter().fold(0, |held, heading| held | sought.held_by(heading));
        (headings | sought.held_by(&passage.text)).count_ones()
    };
    let best = passages.iter().max_by_key(|passage| (held(passage), std::cmp::Reverse(passage.ordinal)))?;
    Some((best.id, hit.weight * DOCUMENT_ONLY))
}
