//! Questions about files that are named.

use std::collections::HashSet;

use ambit_domain::port::Documents;
use ambit_domain::{PartScores, PassageFilter, PassageId, RankedPassage, RecallQuery, Result, Scope};

/// Passages at most, when files are named: some 10,000 words.
const MOST_PASSAGES: usize = 64;
/// Passages at least that are sought, when files or folders are named.
const LEAST_SOUGHT: usize = 16;

/// The question with its search kept to what it is about.
pub(crate) fn within(query: RecallQuery) -> RecallQuery {
    if query.about.is_empty() {
        return query;
    }
    let filter = PassageFilter { paths: query.about.clone(), ..query.scope.filter };
    RecallQuery { limit: query.limit.max(LEAST_SOUGHT), scope: Scope { filter, ..query.scope }, ..query }
}

/// Adds what else the named files hold, in its order, after what was found in them: who asks for a summary asks about all of it.
/// Each file has its share of the room.
pub(crate) async fn complete(
    documents: &dyn Documents,
    query: &RecallQuery,
    mut passages: Vec<RankedPassage>,
) -> Result<Vec<RankedPassage>> {
    let mut files = Vec::new();
    for path in &query.about {
        let document = documents.document_at(path).await?;
        if let Some(document) = document.filter(|document| query.scope.filter.admits(document)) {
            files.extend(documents.document(document.id).await?);
        }
    }
    let known: HashSet<PassageId> = passages.iter().map(|ranked| ranked.passage.id).collect();
    let room = MOST_PASSAGES.saturating_sub(passages.len());
    let mut left = files.len();
    let mut taken = 0;
    for (document, whole) in files {
        let share = (room - taken).div_ceil(left.max(1));
        left -= 1;
        let rest = whole.into_iter().filter(|passage| !known.contains(&passage.id)).take(share);
        let before = passages.len();
        passages.extend(rest.map(|passage| RankedPassage {
            passage,
            document: document.clone(),
            scores: PartScores::default(),
        }));
        taken += passages.len() - before;
    }
    Ok(passages)
}
