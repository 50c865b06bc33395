use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{
    Audit, Clock, Conversations, Heat, Interaction, Memories, MemoryPressure, OnBattery, Power, PowerProfile,
    PowerSupply, Preferences,
};
use ambit_domain::{
    Answer, AuditEntry, AuditRecord, BoxFuture, Error, Memory, MemoryId, MemoryScope, ModelChoice, NewMemory, Result,
    Scope, Session, SessionChange, SessionId, SessionSummary, Timestamp, Turn, TurnId, TurnStatus,
};
use serde_json::Value;

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn done<'a, T: Send + 'a>(value: T) -> BoxFuture<'a, T> {
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

/// Conversations in memory.
pub struct MemoryConversations {
    state: Mutex<Talks>,
    clock: Arc<ManualClock>,
}

#[derive(Default)]
struct Talks {
    sessions: BTreeMap<SessionId, Session>,
    turns: Vec<Turn>,
    /// Turns that are not shown, with those that took their place.
    replaced: BTreeMap<TurnId, TurnId>,
    interactions: Vec<Interaction>,
}

impl Talks {
    fn shown<'a>(&'a self, session: &'a SessionId) -> impl Iterator<Item = &'a Turn> {
        let is_shown = |turn: &&Turn| turn.session == *session && !self.replaced.contains_key(&turn.id);
        self.turns.iter().filter(is_shown)
    }

    fn whole(&self, id: &SessionId) -> Option<(Session, Vec<Turn>)> {
        let shown = |turn: &Turn| Turn { replaces: self.replaced.values().any(|by| *by == turn.id), ..turn.clone() };
        self.sessions.get(id).cloned().map(|session| (session, self.shown(id).map(shown).collect()))
    }

    fn first_replaced(&self, by: &TurnId) -> Option<TurnId> {
        self.turns.iter().find(|turn| self.replaced.get(&turn.id) == Some(by)).map(|turn| turn.id.clone())
    }

    /// Has a turn take the place of another and those after it. False when that is not shown.
    fn replace(&mut self, session: &SessionId, old: &TurnId, by: &TurnId) -> bool {
        let gone: Vec<TurnId> =
            self.shown(session).skip_while(|turn| turn.id != *old).map(|turn| turn.id.clone()).collect();
        let is_there = !gone.is_empty();
        self.replaced.extend(gone.into_iter().map(|gone| (gone, by.clone())));
        is_there
    }
}

fn no_session() -> Error {
    Error::not_found("there is no session with this id")
}

fn no_turn() -> Error {
    Error::not_found("there is no such turn in this session")
}

impl MemoryConversations {
    /// None yet.
    #[must_use]
    pub fn new(clock: Arc<ManualClock>) -> Self {
        Self { state: Mutex::default(), clock }
    }

    /// Calls that were recorded.
    #[must_use]
    pub fn interactions(&self) -> Vec<Interaction> {
        lock(&self.state).interactions.clone()
    }

    /// All turns in the order in which they began.
    #[must_use]
    pub fn turns(&self) -> Vec<Turn> {
        lock(&self.state).turns.clone()
    }
}

impl Conversations for MemoryConversations {
    fn begin_session(
        &self,
        id: SessionId,
        title: String,
        surface: String,
        choice: ModelChoice,
    ) -> BoxFuture<'_, Result<Session>> {
        let now = self.clock.now();
        let session = Session { id, title, surface, created: now, updated: now, pinned: false, choice };
        lock(&self.state).sessions.insert(session.id.clone(), session.clone());
        done(Ok(session))
    }

    fn sessions(&self, after: Option<SessionId>, limit: usize) -> BoxFuture<'_, Result<Vec<SessionSummary>>> {
        let state = lock(&self.state);
        let mut sessions: Vec<&Session> = state.sessions.values().collect();
        sessions.sort_by_key(|session| std::cmp::Reverse((session.pinned, session.updated)));
        let skip = match &after {
            None => 0,
            Some(after) => sessions.iter().position(|session| session.id == *after).map_or(sessions.len(), |at| at + 1),
        };
        let summaries = sessions.into_iter().skip(skip).take(limit).map(|session| {
            let turns = state.shown(&session.id).count();
            SessionSummary { session: session.clone(), turns: u32::try_from(turns).unwrap_or(u32::MAX) }
        });
        done(Ok(summaries.collect()))
    }

    fn session(&self, id: SessionId) -> BoxFuture<'_, Result<Option<(Session, Vec<Turn>)>>> {
        let state = lock(&self.state);
        done(Ok(state.whole(&id)))
    }

    fn replaced_turns(&self, id: SessionId) -> BoxFuture<'_, Result<Vec<Turn>>> {
        let state = lock(&self.state);
        let is_replaced = |turn: &&Turn| turn.session == id && state.replaced.contains_key(&turn.id);
        done(Ok(state.turns.iter().filter(is_replaced).cloned().collect()))
    }

    fn session_head(&self, id: SessionId) -> BoxFuture<'_, Result<Option<Session>>> {
        done(Ok(lock(&self.state).sessions.get(&id).cloned()))
    }

    fn change_session(&self, id: SessionId, change: SessionChange) -> BoxFuture<'_, Result<Session>> {
        let SessionChange { title, pinned, model, only_local } = change;
        done(match lock(&self.state).sessions.get_mut(&id) {
            None => Err(no_session()),
            Some(session) => {
                session.title = title.unwrap_or_else(|| session.title.clone());
                session.pinned = pinned.unwrap_or(session.pinned);
                session.choice.model = model.unwrap_or_else(|| session.choice.model.clone());
                session.choice.only_local = only_local.unwrap_or(session.choice.only_local);
                Ok(session.clone())
            }
        })
    }

    fn fork_session(
        &self,
        id: SessionId,
        from: SessionId,
        through: Option<TurnId>,
        surface: String,
    ) -> BoxFuture<'_, Result<Session>> {
        let mut state = lock(&self.state);
        let Some((of, mut turns)) = state.whole(&from) else { return done(Err(no_session())) };
        if let Some(through) = through {
            let Some(last) = turns.iter().position(|turn| turn.id == through) else { return done(Err(no_turn())) };
            turns.truncate(last + 1);
        }
        let session = Session { id: id.clone(), surface, pinned: false, ..of };
        state.sessions.insert(id.clone(), session.clone());
        let ended = turns.into_iter().filter(|turn| turn.status != TurnStatus::Running).enumerate();
        let copies: Vec<Turn> = ended
            .map(|(number, turn)| Turn { id: TurnId(format!("{id}.{number}")), session: id.clone(), ..turn })
            .collect();
        state.turns.extend(copies);
        done(Ok(session))
    }

    fn remove_session(&self, id: SessionId) -> BoxFuture<'_, Result<bool>> {
        let mut state = lock(&self.state);
        state.turns.retain(|turn| turn.session != id);
        done(Ok(state.sessions.remove(&id).is_some()))
    }

    fn begin_turn(
        &self,
        id: TurnId,
        session: SessionId,
        question: String,
        replaces: Option<TurnId>,
    ) -> BoxFuture<'_, Result<Turn>> {
        let asked = self.clock.now();
        let mut state = lock(&self.state);
        let Some(known) = state.sessions.get_mut(&session) else { return done(Err(no_session())) };
        known.updated = asked;
        if let Some(old) = &replaces
            && !state.replace(&session, old, &id)
        {
            return done(Err(no_turn()));
        }
        let (status, replaces) = (TurnStatus::Running, replaces.is_some());
        let turn = Turn { id, session, question, status, answer: None, failure: None, asked, ended: None, replaces };
        state.turns.push(turn.clone());
        done(Ok(turn))
    }

    fn restore_turns(&self, session: SessionId, replacing: TurnId) -> BoxFuture<'_, Result<(Session, Vec<Turn>)>> {
        let mut state = lock(&self.state);
        let Some(mut last) = state.first_replaced(&replacing) else { return done(Err(no_turn())) };
        while let Some(next) = state.first_replaced(&last) {
            last = next;
        }
        if !state.replace(&session, &replacing, &last) {
            return done(Err(no_turn()));
        }
        state.replaced.retain(|_, by| *by != replacing);
        done(state.whole(&session).ok_or_else(no_session))
    }

    fn end_turn(
        &self,
        id: TurnId,
        status: TurnStatus,
        answer: Option<Answer>,
        failure: Option<String>,
    ) -> BoxFuture<'_, Result<Turn>> {
        let now = self.clock.now();
        done(match lock(&self.state).turns.iter_mut().find(|turn| turn.id == id) {
            None => Err(Error::not_found("there is no turn with this id")),
            Some(turn) => {
                turn.status = status;
                turn.answer = answer;
                turn.failure = failure;
                turn.ended = Some(now);
                Ok(turn.clone())
            }
        })
    }

    fn fail_interrupted(&self) -> BoxFuture<'_, Result<u64>> {
        let now = self.clock.now();
        let mut count = 0;
        for turn in lock(&self.state).turns.iter_mut().filter(|turn| turn.status == TurnStatus::Running) {
            turn.status = TurnStatus::Failed;
            turn.failure = Some("the host stopped before the answer was complete".to_owned());
            turn.ended = Some(now);
            count += 1;
        }
        done(Ok(count))
    }

    fn record(&self, interaction: Interaction) -> BoxFuture<'_, Result<()>> {
        lock(&self.state).interactions.push(interaction);
        done(Ok(()))
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
