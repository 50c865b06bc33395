use std::collections::{HashMap, HashSet};

use ambit_domain::port::Memories;
use ambit_domain::{BoxFuture, Memory, MemoryId, NewMemory, Result, Scope, Timestamp};

use crate::table::memories;
use crate::terms::query_terms;
use crate::{StateStore, StateStoreError};

impl Memories for StateStore {
    fn add(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>> {
        let memory = stored(id, memory, self.now());
        self.write_one(move |connection| {
            if memories::get(connection, &memory.id)?.is_some() {
                return Err(StateStoreError::Conflict(format!("there is already a memory {}", memory.id)));
            }
            memories::put(connection, &memory)?;
            Ok(memory.clone())
        })
    }

    fn list(&self, scope: Option<Scope>) -> BoxFuture<'_, Result<Vec<Memory>>> {
        self.read(move |connection| memories::list(connection, scope.as_ref()))
    }

    fn get(&self, id: MemoryId) -> BoxFuture<'_, Result<Option<Memory>>> {
        self.read(move |connection| memories::get(connection, &id))
    }

    fn edit(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>> {
        let edited = stored(id, memory, self.now());
        self.erase(move |connection| {
            let present = memories::get(connection, &edited.id)?
                .ok_or_else(|| StateStoreError::NotFound(format!("there is no memory {}", edited.id)))?;
            // What a memory was learned from does not change by editing it.
            let memory = Memory { created: present.created, source: present.source, ..edited.clone() };
            memories::put(connection, &memory)?;
            Ok(memory)
        })
    }

    fn remove(&self, id: MemoryId) -> BoxFuture<'_, Result<bool>> {
        self.erase(move |connection| memories::remove(connection, &id))
    }

    fn relevant(&self, text: String, scope: Scope, limit: usize) -> BoxFuture<'_, Result<Vec<Memory>>> {
        self.read(move |connection| {
            let mut list = by_overlap(&text, memories::list(connection, Some(&scope))?);
            list.truncate(limit);
            Ok(list)
        })
    }
}

fn stored(id: MemoryId, memory: NewMemory, now: Timestamp) -> Memory {
    let NewMemory { kind, text, scope, source } = memory;
    Memory { id, kind, text, scope, source, created: now, updated: now }
}

/// Sorts memories by the words that they share with a text, a rare word counting more; those that share none, or equally
/// much, stay newest first.
fn by_overlap(text: &str, list: Vec<Memory>) -> Vec<Memory> {
    let asked: Vec<(String, f32)> = query_terms(text).into_iter().map(|term| (term.term, term.weight)).collect();
    let held: Vec<HashSet<String>> =
        list.iter().map(|memory| query_terms(&memory.text).into_iter().map(|term| term.term).collect()).collect();
    let mut frequencies: HashMap<&str, f32> = HashMap::new();
    for terms in &held {
        for term in terms {
            *frequencies.entry(term).or_default() += 1.0;
        }
    }
    let count = list.len() as f32;
    let score = |terms: &HashSet<String>| -> f32 {
        let shared = asked.iter().filter(|(term, _)| terms.contains(term));
        shared
            .map(|(term, weight)| weight * (1.0 + count / frequencies.get(term.as_str()).copied().unwrap_or(1.0)).ln())
            .sum()
    };
    let scores: Vec<f32> = held.iter().map(score).collect();
    let mut scored: Vec<(f32, Memory)> = scores.into_iter().zip(list).collect();
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored.into_iter().map(|(_, memory)| memory).collect()
}
