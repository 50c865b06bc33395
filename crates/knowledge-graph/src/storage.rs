//! The quads: opening and healing the folder, replacing documents, the record of what was applied.

use std::collections::{BTreeMap, HashSet};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use ambit_domain::{DocumentChange, DocumentId, Sequence};
use oxigraph::model::{GraphName, GraphNameRef, Literal, NamedNode, NamedNodeRef, NamedOrBlankNodeRef, Quad, Term};
use oxigraph::store::{StorageError, Store, StoreOptions};

use crate::catalogue::{Catalogue, DocumentFacts};
use crate::vocabulary as term;
use crate::{KnowledgeGraphError, KnowledgeGraphOptions, facts, iri};

/// From this many new facts on, sorted files are handed to RocksDB as they are: no log, no memtables.
const BULK: usize = 10_000;
/// Facts that may wait in memtables. Each fact is written under six keys; this keeps the tables at some 16 MB.
const UNFLUSHED: usize = 20_000;
/// Facts of one sorted run while bulk loading; bounds the memory that loading takes.
const BULK_MEGABYTES: usize = 64;

const DATA: &str = "store";
const OLD: &str = "store.old";
const NEW: &str = "store.new";
const DAMAGED: &str = "damaged";

/// The engine's store and where it lives.
pub(crate) struct Storage {
    store: Store,
    /// `None`: in memory.
    folder: Option<PathBuf>,
    options: KnowledgeGraphOptions,
    unflushed: AtomicUsize,
    /// A write failed, or the last opening did: nothing may be written before the store is opened anew. After a write that
    /// found the disk full, the engine refuses all others until far more is free than they need.
    broken: AtomicBool,
}

/// What applying changes did to the catalogue's subject.
pub(crate) struct Applied {
    pub(crate) removed: Vec<DocumentId>,
    pub(crate) written: Vec<DocumentFacts>,
    pub(crate) sequence: Sequence,
}

impl Storage {
    pub(crate) fn in_memory() -> Result<Self, KnowledgeGraphError> {
        Ok(Self {
            store: Store::new()?,
            folder: None,
            options: KnowledgeGraphOptions::default(),
            unflushed: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        })
    }

    /// Opens the folder. Whatever is in it that is no sound graph is removed, and the graph begins empty.
    pub(crate) fn open(folder: &Path, options: &KnowledgeGraphOptions) -> Result<Self, KnowledgeGraphError> {
        probe(folder)?;
        remove(&folder.join(OLD)).and_then(|()| remove(&folder.join(NEW))).map_err(in_folder(folder))?;
        if folder.join(DAMAGED).exists() {
            tracing::warn!(folder = %folder.display(), "the knowledge graph was found damaged and is made anew");
            empty(folder)?;
        }
        let data = folder.join(DATA);
        let store = match open_store(&data, options) {
            Ok(store) => store,
            Err(error) if is_locked(&error) => {
                return Err(KnowledgeGraphError::Locked { folder: folder.to_owned() });
            }
            Err(error) => {
                tracing::warn!(folder = %folder.display(), %error, "the knowledge graph is damaged and is made anew");
                empty(folder)?;
                open_store(&data, options)?
            }
        };
        Ok(Self {
            store,
            folder: Some(folder.to_owned()),
            options: options.clone(),
            unflushed: AtomicUsize::new(0),
            broken: AtomicBool::new(false),
        })
    }

    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    pub(crate) fn folder(&self) -> Option<&Path> {
        self.folder.as_deref()
    }

    /// Whether the store must be opened anew before it is written to.
    pub(crate) fn is_broken(&self) -> bool {
        self.broken.load(Ordering::Relaxed)
    }

    fn noting_failure<T, E>(&self, outcome: Result<T, E>) -> Result<T, E> {
        if outcome.is_err() {
            self.broken.store(true, Ordering::Relaxed);
        }
        outcome
    }

    /// Leaves a note that the next opening must begin from nothing.
    pub(crate) fn note_damage(&self) {
        if let Some(folder) = &self.folder
            && let Err(error) = std::fs::write(folder.join(DAMAGED), b"")
        {
            tracing::warn!(folder = %folder.display(), %error, "the damage could not be noted");
        }
    }

    pub(crate) fn applied(&self) -> Result<Sequence, KnowledgeGraphError> {
        Ok(applied(&self.store)?)
    }

    /// Replaces the facts of the changed documents and the record, in one atomic write. One caller at a time.
    pub(crate) fn apply(&self, changes: Vec<DocumentChange>) -> Result<Option<Applied>, KnowledgeGraphError> {
        let Some(sequence) = changes.iter().map(DocumentChange::sequence).max() else { return Ok(None) };
        // A document may be told twice in a replay; the last word counts.
        let last: BTreeMap<DocumentId, DocumentChange> =
            changes.into_iter().map(|change| (change.document_id(), change)).collect();
        let mut applied = Applied { removed: Vec::new(), written: Vec::new(), sequence };
        let mut quads = Vec::new();
        for (id, change) in &last {
            match change {
                DocumentChange::Removed { .. } => applied.removed.push(*id),
                DocumentChange::Written { document, outline, .. } => {
                    let facts = facts::of_document(document, outline);
                    applied.written.push(DocumentFacts::from_quads(*id, &facts));
                    quads.extend(facts);
                }
            }
        }
        let mut known = Vec::new();
        for id in last.keys() {
            let graph = iri::document(*id);
            if self.store.contains_named_graph(graph.as_ref())? {
                known.push(graph);
            }
        }
        let count = quads.len();
        if known.is_empty() && count >= BULK {
            quads.push(record(sequence));
            self.noting_failure(load(&self.store, quads.into_iter().map(Ok)))?;
        } else {
            self.noting_failure(self.replace(&known, &quads, sequence))?;
            self.unflushed.fetch_add(count, Ordering::Relaxed);
        }
        if self.unflushed.load(Ordering::Relaxed) >= UNFLUSHED {
            self.flush()?;
        }
        Ok(Some(applied))
    }

    fn replace(&self, known: &[NamedNode], quads: &[Quad], sequence: Sequence) -> Result<(), StorageError> {
        let mut transaction = self.store.start_transaction()?;
        for graph in known {
            transaction.remove_named_graph(NamedOrBlankNodeRef::from(graph.as_ref()))?;
        }
        for quad in quads {
            transaction.insert(quad);
        }
        for old in records(&self.store)? {
            transaction.remove(&old);
        }
        transaction.insert(&record(sequence));
        transaction.commit()
    }

    /// Writes memtables out, which frees them and the log.
    pub(crate) fn flush(&self) -> Result<(), KnowledgeGraphError> {
        if self.folder.is_some() {
            self.noting_failure(self.store.flush())?;
        }
        self.unflushed.store(0, Ordering::Relaxed);
        Ok(())
    }

    /// Writes what is still true into a fresh folder and puts it in the place of the old one. The engine never forgets
    /// a string by itself, whatever is compacted.
    pub(crate) fn rewrite(&mut self) -> Result<(), KnowledgeGraphError> {
        let Some(folder) = self.folder.clone() else { return Ok(()) };
        let fresh = folder.join(NEW);
        remove(&fresh).map_err(in_folder(&folder))?;
        {
            let target = open_store(&fresh, &self.options)?;
            load(&target, self.store.iter())?;
            target.flush()?;
        }
        self.swap(&folder, |folder| {
            std::fs::rename(folder.join(DATA), folder.join(OLD))?;
            std::fs::rename(folder.join(NEW), folder.join(DATA))?;
            remove(&folder.join(OLD))
        })
    }

    /// Empties the store.
    pub(crate) fn clear(&mut self) -> Result<(), KnowledgeGraphError> {
        match self.folder.clone() {
            None => Ok(self.store.clear()?),
            Some(folder) => self.swap(&folder, |folder| {
                remove(&folder.join(DATA))?;
                remove(&folder.join(DAMAGED))
            }),
        }
    }

    /// Closes and opens the store, which gives back its caches.
    pub(crate) fn reopen(&mut self) -> Result<(), KnowledgeGraphError> {
        match self.folder.clone() {
            None => {
                self.broken.store(false, Ordering::Relaxed);
                Ok(())
            }
            Some(folder) => self.swap(&folder, |_| Ok(())),
        }
    }

    /// Closes the store, lets `change` work on its files, and opens what is there then.
    fn swap(
        &mut self,
        folder: &Path,
        change: impl FnOnce(&Path) -> std::io::Result<()>,
    ) -> Result<(), KnowledgeGraphError> {
        // The engine has no other way to close: the last handle must go, so an empty store stands in.
        self.store = Store::new()?;
        self.unflushed.store(0, Ordering::Relaxed);
        self.broken.store(true, Ordering::Relaxed);
        let changed = change(folder).map_err(in_folder(folder));
        self.store = open_store(&folder.join(DATA), &self.options)?;
        self.broken.store(false, Ordering::Relaxed);
        changed
    }
}

/// The newest sequence that is on record; 0 when there is none. A bulk load adds a record beside the old one, which the
/// next transaction removes; records only rise, so the largest counts.
fn applied(store: &Store) -> Result<Sequence, StorageError> {
    let sequences = records(store)?.into_iter().filter_map(|quad| match quad.object {
        Term::Literal(literal) => literal.value().parse().ok(),
        _ => None,
    });
    Ok(Sequence(sequences.max().unwrap_or(0)))
}

fn records(store: &Store) -> Result<Vec<Quad>, StorageError> {
    store
        .quads_for_pattern(Some(term::STORE.into()), Some(term::APPLIED), None, Some(GraphNameRef::DefaultGraph))
        .collect()
}

fn record(sequence: Sequence) -> Quad {
    Quad::new(term::STORE, term::APPLIED, Literal::from(sequence.0), GraphName::DefaultGraph)
}

/// Facts that sorted files take at once, or none of them.
fn load(store: &Store, quads: impl Iterator<Item = Result<Quad, StorageError>>) -> Result<(), StorageError> {
    let mut loader = store.bulk_loader().with_num_threads(1).with_max_memory_size_in_megabytes(BULK_MEGABYTES);
    loader.load_ok_quads::<StorageError, StorageError>(quads)?;
    loader.commit()
}

fn open_store(data: &Path, options: &KnowledgeGraphOptions) -> Result<Store, StorageError> {
    let store = Store::open_with_options(data, StoreOptions::default().with_max_open_files(options.max_open_files))?;
    // Opening alone does not read everything that each question needs; a damaged record must show here.
    applied(&store)?;
    store.named_graphs().take(16).collect::<Result<HashSet<_>, _>>()?;
    Ok(store)
}

/// The documents that have facts, with their sequences.
pub(crate) fn sequences(store: &Store) -> Result<Vec<(DocumentId, Sequence)>, StorageError> {
    let mut found = Vec::new();
    for quad in store.quads_for_pattern(None, Some(term::SEQUENCE), None, None) {
        let quad = quad?;
        if let GraphName::NamedNode(graph) = &quad.graph_name
            && let Some((id, None)) = iri::parse(graph.as_str())
            && let Term::Literal(literal) = &quad.object
        {
            found.push((id, Sequence(literal.value().parse().unwrap_or_default())));
        }
    }
    Ok(found)
}

/// All facts of a document.
pub(crate) fn document(store: &Store, id: DocumentId) -> Result<Vec<Quad>, StorageError> {
    let graph = iri::document(id);
    store.quads_for_pattern(None, None, None, Some(GraphNameRef::NamedNode(graph.as_ref()))).collect()
}

/// The text of a literal that a subject has, in the graph of a document.
pub(crate) fn text(
    store: &Store,
    id: DocumentId,
    subject: &NamedNode,
    predicate: NamedNodeRef<'_>,
) -> Result<Option<String>, StorageError> {
    let graph = iri::document(id);
    let found = store
        .quads_for_pattern(
            Some(subject.as_ref().into()),
            Some(predicate),
            None,
            Some(GraphNameRef::NamedNode(graph.as_ref())),
        )
        .next()
        .transpose()?;
    Ok(found.and_then(|quad| match quad.object {
        Term::Literal(literal) => Some(literal.value().to_owned()),
        _ => None,
    }))
}

/// Brings a catalogue up to what the store holds: reads only the documents that changed after it was written.
pub(crate) fn catch_up(store: &Store, mut catalogue: Catalogue) -> Result<Catalogue, StorageError> {
    let target = applied(store)?;
    if catalogue.sequence == target {
        return Ok(catalogue);
    }
    let mut known = catalogue.sequences();
    let mut written = Vec::new();
    for (id, sequence) in sequences(store)? {
        if known.remove(&id) != Some(sequence) {
            written.push(DocumentFacts::from_quads(id, &document(store, id)?));
        }
    }
    let removed: Vec<_> = known.into_keys().collect();
    catalogue.apply(&removed, written, target);
    Ok(catalogue)
}

/// Makes sure that the folder can be written to, so that a failure to open it later means its content.
fn probe(folder: &Path) -> Result<(), KnowledgeGraphError> {
    let probe = folder.join("probe");
    std::fs::create_dir_all(folder)
        .and_then(|()| std::fs::write(&probe, b"ambit"))
        .and_then(|()| std::fs::remove_file(&probe))
        .map_err(in_folder(folder))
}

fn in_folder(folder: &Path) -> impl Fn(std::io::Error) -> KnowledgeGraphError {
    let folder = folder.to_owned();
    move |error| KnowledgeGraphError::folder(&folder, error)
}

fn empty(folder: &Path) -> Result<(), KnowledgeGraphError> {
    let remove_all = || {
        for entry in std::fs::read_dir(folder)? {
            remove(&entry?.path())?;
        }
        Ok(())
    };
    remove_all().map_err(in_folder(folder))
}

fn remove(path: &Path) -> std::io::Result<()> {
    let removed = match std::fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => std::fs::remove_dir_all(path),
        Ok(_) => std::fs::remove_file(path),
        Err(error) => Err(error),
    };
    match removed {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(()),
        other => other,
    }
}

fn is_locked(error: &StorageError) -> bool {
    let text = error.to_string();
    text.contains("While lock file") || text.contains("lock hold by current process")
}
