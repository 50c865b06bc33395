//! Where the turns of an imported conversation stand beside those that are kept already. Every store goes by it.

use std::collections::{HashMap, HashSet};

use crate::{Answer, AnswerOrigin, Timestamp, Turn, TurnId, TurnStatus};

/// A turn that is kept, as far as its place goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptTurn {
    /// Its id.
    pub id: TurnId,
    /// The turn that took its place, where one did.
    pub replaced_by: Option<TurnId>,
    /// Whether it came by an import, and nothing was answered here since.
    pub is_imported: bool,
}

impl KeptTurn {
    /// Whether a turn is one that came by an import.
    #[must_use]
    pub fn is_imported(turn: &Turn) -> bool {
        let is_imported = |answer: &Answer| matches!(answer.origin, AnswerOrigin::Imported { .. });
        turn.status == TurnStatus::Finished && turn.answer.as_ref().is_none_or(is_imported)
    }
}

/// Where a new turn comes: behind all that are kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Placement<'a> {
    /// The new turn.
    pub turn: &'a Turn,
    /// The turn that took the place of those before it, where they are not shown.
    pub replaced_by: Option<TurnId>,
    /// Turns whose place it takes.
    pub replaces: Vec<TurnId>,
}

/// The turns of an import that are not `kept`, which are in their order.
///
/// A conversation that went on gets what is new at its end, and where its end was replaced here, that is not shown either.
/// Where it took another way than before, its new turns take the place of the imported ones from there on and of what follows
/// them; all of that can be brought back.
#[must_use]
pub fn placements<'a>(kept: &[KeptTurn], turns: &'a [Turn]) -> Vec<Placement<'a>> {
    let wanted: HashSet<&TurnId> = turns.iter().map(|turn| &turn.id).collect();
    let places: HashMap<&TurnId, usize> = kept.iter().enumerate().map(|(place, turn)| (&turn.id, place)).collect();
    let mut kept: Vec<KeptTurn> = kept.to_vec();
    let mut placements = Vec::new();
    let (mut replaced_by, mut after, mut has_parted) = (None, 0, false);
    for turn in turns {
        if let Some(place) = places.get(&turn.id) {
            replaced_by = kept.get(*place).and_then(|known| known.replaced_by.clone());
            (after, has_parted) = (place + 1, false);
            continue;
        }
        let mut replaces = Vec::new();
        if !has_parted {
            let follow = kept.iter_mut().skip(after).filter(|next| next.replaced_by == replaced_by);
            let others = follow.filter(|next| !wanted.contains(&next.id)).skip_while(|next| !next.is_imported);
            for other in others {
                other.replaced_by = Some(turn.id.clone());
                replaces.push(other.id.clone());
            }
            has_parted = true;
        }
        placements.push(Placement { turn, replaced_by: replaced_by.clone(), replaces });
    }
    placements
}

/// Whether an import tells a newer answer than the one that is kept: it was written again, or is told more of. An answer that
/// was written here stays. `is_not_older`: the import has the conversation at least as new as it is kept.
#[must_use]
pub fn has_newer_answer(known: &Turn, turn: &Turn, is_not_older: bool) -> bool {
    let Some(answer) = turn.answer.as_ref().filter(|_| KeptTurn::is_imported(known)) else { return false };
    let Some(before) = &known.answer else { return true };
    let is_longer = answer.text.len() > before.text.len();
    let ended = |turn: &Turn| turn.ended.unwrap_or(Timestamp(0));
    let is_newer = ended(turn) > ended(known) || (ended(turn) == ended(known) && (is_not_older || is_longer));
    answer.text != before.text && is_newer
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SessionId;

    fn turns(ids: &str) -> Vec<Turn> {
        let turn = |id: &str| Turn {
            id: TurnId(id.to_owned()),
            session: SessionId("s".to_owned()),
            question: id.to_owned(),
            status: TurnStatus::Finished,
            answer: None,
            failure: None,
            asked: Timestamp(0),
            ended: None,
            replaces: false,
            about: Vec::new(),
        };
        ids.split_whitespace().map(turn).collect()
    }

    /// Turns that are kept: `a` is imported, `A` was asked here, and `a<b` was replaced by `b`.
    fn kept(turns: &str) -> Vec<KeptTurn> {
        let turn = |turn: &str| {
            let (id, by) = turn.split_once('<').map_or((turn, None), |(id, by)| (id, Some(TurnId(by.to_owned()))));
            KeptTurn { id: TurnId(id.to_owned()), replaced_by: by, is_imported: id.to_lowercase() == id }
        };
        turns.split_whitespace().map(turn).collect()
    }

    /// Placements as `turn<replaced by>replaces,replaces`.
    fn placed(before: &str, ids: &str) -> String {
        let (before, turns) = (kept(before), turns(ids));
        let told = placements(&before, &turns).into_iter().map(|Placement { turn, replaced_by, replaces }| {
            let by = replaced_by.map(|by| format!("<{by}")).unwrap_or_default();
            let replaces: Vec<&str> = replaces.iter().map(TurnId::as_str).collect();
            let replaces = if replaces.is_empty() { String::new() } else { format!(">{}", replaces.join(",")) };
            format!("{}{by}{replaces}", turn.id)
        });
        told.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn new_turns_stand_where_the_conversation_went() {
        for (before, import, expected) in [
            ("", "a b", "a b"),
            ("a b", "a b c d", "c d"),
            ("a b", "a", ""),
            // Asked here in between: that stays.
            ("a b A", "a b c", "c"),
            ("a b A c", "a b d", "d>c"),
            // A question was put in other words there.
            ("a b c", "a d e", "d>b,c e"),
            ("a b A", "a d", "d>b,A"),
            ("a b", "c d", "c>a,b d"),
            // The end was replaced here, and the conversation went on, or took another way.
            ("a b<A A", "a b c", "c<A"),
            ("a b<A c<A A", "a b d e", "d<A>c e<A"),
            ("a b<A A", "a c", "c"),
            // What is there already takes no other's place.
            ("a c", "a b c", "b"),
            ("a c d", "a b c e", "b>d e"),
        ] {
            assert_eq!(placed(before, import), expected, "{import} to {before}");
        }
    }
}
