use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{
    Audit, Clock, Heat, Memories, MemoryPressure, OnBattery, Power, PowerProfile, PowerSupply, Preferences,
};
use ambit_domain::{
    AuditEntry, AuditRecord, BoxFuture, Error, Memory, MemoryId, MemoryScope, NewMemory, Result, Scope, Timestamp,
};
use serde_json::Value;

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

pub(super) fn done<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
    Box::pin(std::future::ready(value))
}

/// A clock that a test moves. Each look moves it by one millisecond, so that times differ.
pub struct ManualClock {
    now: AtomicI64,
}

impl Default for ManualClock {
    fn default() -> Self {
        Self { now: AtomicI64::new(1_700_000_000_000) }
    }
}

impl ManualClock {
    /// Moves the time.
    pub fn advance(&self, millis: i64) {
        self.now.fetch_add(millis, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.now.fetch_add(1, Ordering::SeqCst))
    }
}

/// Power, heat and pause that a test switches; the mains, a cool processor and no pause at first.
#[derive(Default)]
pub struct ManualPower {
    paused: AtomicBool,
    power: Mutex<Power>,
    heat: Mutex<Heat>,
    memory: Mutex<MemoryPressure>,
    profile: Mutex<PowerProfile>,
}

impl ManualPower {
    /// Switches to another supply.
    pub fn set(&self, power: Power) {
        *lock(&self.power) = power;
    }

    /// Has work rest, or go on.
    pub fn set_paused(&self, paused: bool) {
        self.paused.store(paused, Ordering::SeqCst);
    }

    /// Makes memory scarce, or gives enough of it.
    pub fn set_memory(&self, memory: MemoryPressure) {
        *lock(&self.memory) = memory;
    }

    /// Has the machine spared more, or less.
    pub fn set_profile(&self, profile: PowerProfile) {
        *lock(&self.profile) = profile;
    }

    /// Heats the processor, or cools it.
    pub fn set_heat(&self, heat: Heat) {
        *lock(&self.heat) = heat;
    }
}

impl PowerSupply for ManualPower {
    fn is_paused(&self) -> bool {
        self.paused.load(Ordering::SeqCst)
    }

    fn power(&self) -> Power {
        *lock(&self.power)
    }

    fn on_battery(&self) -> OnBattery {
        OnBattery::default()
    }

    fn heat(&self) -> Heat {
        *lock(&self.heat)
    }

    fn memory(&self) -> MemoryPressure {
        *lock(&self.memory)
    }

    fn profile(&self) -> PowerProfile {
        *lock(&self.profile)
    }
}

/// Memories in memory.
pub struct MemoryMemories {
    memories: Mutex<BTreeMap<MemoryId, Memory>>,
    clock: Arc<ManualClock>,
}

impl MemoryMemories {
    /// None yet.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { memories: Mutex::default(), clock }
    }

    fn in_scope(&self, scope: Option<&Scope>) -> Vec<Memory> {
        let counts = |memory: &Memory| match (&memory.scope, scope) {
            (_, None) | (MemoryScope::Global, _) => true,
            (MemoryScope::Folder(folder), Some(scope)) => {
                scope.folder.as_ref().is_some_and(|asked| asked.starts_with(folder))
            }
            (MemoryScope::Surface(surface), Some(scope)) => scope.surface.as_ref() == Some(surface),
        };
        let mut memories: Vec<Memory> =
            lock(&self.memories).values().filter(|memory| counts(memory)).cloned().collect();
        memories.sort_by_key(|memory| std::cmp::Reverse(memory.updated));
        memories
    }
}

impl Memories for MemoryMemories {
    fn add(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>> {
        let now = self.clock.now();
        let NewMemory { kind, text, scope, source } = memory;
        let memory = Memory { id, kind, text, scope, source, created: now, updated: now };
        lock(&self.memories).insert(memory.id.clone(), memory.clone());
        done(Ok(memory))
    }

    fn list(&self, scope: Option<Scope>) -> BoxFuture<'_, Result<Vec<Memory>>> {
        done(Ok(self.in_scope(scope.as_ref())))
    }

    fn get(&self, id: MemoryId) -> BoxFuture<'_, Result<Option<Memory>>> {
        done(Ok(lock(&self.memories).get(&id).cloned()))
    }

    fn edit(&self, id: MemoryId, memory: NewMemory) -> BoxFuture<'_, Result<Memory>> {
        let now = self.clock.now();
        done(match lock(&self.memories).get_mut(&id) {
            None => Err(Error::not_found("there is no memory with this id")),
            Some(known) => {
                known.kind = memory.kind;
                known.text = memory.text;
                known.scope = memory.scope;
                known.updated = now;
                Ok(known.clone())
            }
        })
    }

    fn remove(&self, id: MemoryId) -> BoxFuture<'_, Result<bool>> {
        done(Ok(lock(&self.memories).remove(&id).is_some()))
    }

    fn relevant(&self, text: String, scope: Scope, limit: usize) -> BoxFuture<'_, Result<Vec<Memory>>> {
        let text = text.to_lowercase();
        let shared = |memory: &Memory| {
            memory.text.to_lowercase().split_whitespace().filter(|word| word.len() > 3 && text.contains(word)).count()
        };
        let mut memories = self.in_scope(Some(&scope));
        memories.sort_by_key(|memory| std::cmp::Reverse(shared(memory)));
        memories.truncate(limit);
        done(Ok(memories))
    }
}

/// Preferences in memory.
#[derive(Default)]
pub struct MemoryPreferences {
    values: Mutex<BTreeMap<String, Value>>,
}

impl Preferences for MemoryPreferences {
    fn all(&self) -> BoxFuture<'_, Result<Vec<(String, Value)>>> {
        done(Ok(lock(&self.values).iter().map(|(key, value)| (key.clone(), value.clone())).collect()))
    }

    fn set(&self, key: String, value: Value) -> BoxFuture<'_, Result<()>> {
        lock(&self.values).insert(key, value);
        done(Ok(()))
    }

    fn unset(&self, key: String) -> BoxFuture<'_, Result<bool>> {
        done(Ok(lock(&self.values).remove(&key).is_some()))
    }
}

/// An audit log in memory. Its chain and digests are not cryptographic.
pub struct MemoryAudit {
    records: Mutex<Vec<AuditRecord>>,
    clock: Arc<ManualClock>,
}

impl MemoryAudit {
    /// Empty.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { records: Mutex::default(), clock }
    }

    /// The actions that were recorded, oldest first.
    #[must_use]
    pub fn actions(&self) -> Vec<String> {
        lock(&self.records).iter().map(|record| record.entry.action.clone()).collect()
    }
}

fn hash(parts: &[&str]) -> String {
    let mut hasher = DefaultHasher::new();
    parts.hash(&mut hasher);
    format!("{:016x}", hasher.finish())
}

fn chain(before: &str, entry: &AuditEntry) -> String {
    hash(&[before, &entry.actor, &entry.action, &entry.subject, &entry.detail.to_string()])
}

impl Audit for MemoryAudit {
    fn append(&self, entry: AuditEntry) -> BoxFuture<'_, Result<AuditRecord>> {
        let at = self.clock.now();
        let mut records = lock(&self.records);
        let before = records.last().map_or("", |record| record.chain.as_str());
        let chain = chain(before, &entry);
        let record = AuditRecord { number: records.last().map_or(1, |last| last.number + 1), at, entry, chain };
        records.push(record.clone());
        done(Ok(record))
    }

    fn records(&self, before: Option<i64>, limit: usize) -> BoxFuture<'_, Result<Vec<AuditRecord>>> {
        let records = lock(&self.records);
        let older = records.iter().rev().filter(|record| before.is_none_or(|before| record.number < before));
        done(Ok(older.take(limit).cloned().collect()))
    }

    fn digest(&self, content: &str) -> String {
        hash(&["digest", content])
    }

    fn verify(&self) -> BoxFuture<'_, Result<Option<i64>>> {
        let mut before = String::new();
        for record in lock(&self.records).iter() {
            if record.chain != chain(&before, &record.entry) {
                return done(Ok(Some(record.number)));
            }
            before.clone_from(&record.chain);
        }
        done(Ok(None))
    }
}
