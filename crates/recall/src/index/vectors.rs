use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use std::time::Duration;

use ambit_domain::port::{EmbedPriority, EmbedPurpose, EmbedderState};
use ambit_domain::{
    BoxFuture, Cancellation, Document, DocumentChange, DocumentId, Embedding, Error, ErrorCode, Passage, PassageId,
    PassageVector, Result, Sequence,
};
use serde_json::Value;

use super::derived::Round;
use super::indexer::{may_pass, reason};
use super::parts::parts;
use super::timer::{Backoff, unless};
use super::{DerivedStore, Indexer};

/// Key of the preference that records which model the vectors were made with.
pub const MODEL_PREFERENCE: &str = "index.embedding_model";

const STORE: DerivedStore = DerivedStore::Vectors;
/// Passages that are embedded before they are stored together: one version of the vector store each time.
const PASSAGES_TOGETHER: usize = 512;
/// Documents that are fetched at once; a document can be large.
const DOCUMENTS_AT_ONCE: usize = 16;
/// While so much is added that there is no idle time, the store is compacted after this many vectors.
const MAINTAIN_AFTER: u64 = 50_000;
/// How often a missing model is looked for.
const LOOK_FOR_MODEL: Duration = Duration::from_secs(2);

/// Documents whose vectors are made and stored together.
struct Batch {
    /// All documents that changed: their earlier vectors go.
    documents: Vec<DocumentId>,
    written: Vec<(Document, Vec<Passage>)>,
    last: Sequence,
}

/// What is embedded at once: a part of a passage of a batch.
struct Piece {
    document: usize,
    passage: usize,
    part: u32,
    text: String,
}

impl Indexer {
    /// Replays the documents' changes into the vectors until cancelled. Gives way to people who wait for an answer, and
    /// rests while the embedding model is not there.
    pub async fn follow_vectors(&self, cancellation: &Cancellation) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_secs(60));
        while !cancellation.is_cancelled() {
            let generation = self.vectors.generation.load(Ordering::SeqCst);
            let Ok(mut applied) = self.healed(STORE, cancellation).await else { return };
            match self.match_model(applied, cancellation).await {
                Ok(true) => {}
                Ok(false) => continue,
                Err(error) => {
                    if self.rest_broken(STORE, &error, &mut backoff, cancellation).await.is_err() {
                        return;
                    }
                    continue;
                }
            }
            loop {
                let seen = self.changed.count();
                match self.vector_round(applied, generation, cancellation).await {
                    Ok(Round::Applied(sequence)) => {
                        backoff.reset();
                        applied = sequence;
                    }
                    Ok(Round::Idle) => {
                        self.board.report_total(|progress| progress.to_embed = 0);
                        if self.wait_for_changes(seen, cancellation).await.is_err() {
                            return;
                        }
                    }
                    Ok(Round::Void) => break,
                    Err(error) => {
                        if self.rest_broken(STORE, &error, &mut backoff, cancellation).await.is_err() {
                            return;
                        }
                        break;
                    }
                }
            }
        }
    }

    /// Whether the vectors are of the model in use. Those of another model cannot be compared: they are dropped, and
    /// everything is embedded anew.
    async fn match_model(&self, applied: Sequence, cancellation: &Cancellation) -> Result<bool> {
        let preferences = &self.ports.preferences;
        let model = Value::String(self.ports.embedder.model().to_owned());
        let stored = self.persist("documents", cancellation, || preferences.all()).await?;
        let known = stored.into_iter().find(|(key, _)| key == MODEL_PREFERENCE).map(|(_, value)| value);
        if known.as_ref() == Some(&model) {
            return Ok(true);
        }
        if applied > Sequence(0) {
            // A name may be mistyped: what is there stays until something can take its place.
            if let EmbedderState::Missing(reason) = self.ports.embedder.state() {
                self.wait_for_model(&Error::new(ErrorCode::ModelMissing, reason), cancellation).await?;
                return Ok(false);
            }
            tracing::info!(?known, %model, "the embedding model changed: all passages are embedded anew");
            unless(cancellation, self.rebuild(STORE)).await??;
        }
        let record = || preferences.set(MODEL_PREFERENCE.to_owned(), model.clone());
        self.persist("documents", cancellation, record).await?;
        Ok(applied == Sequence(0))
    }

    /// `generation` is that of the store when `applied` was asked for.
    async fn vector_round(&self, applied: Sequence, generation: u64, cancellation: &Cancellation) -> Result<Round> {
        let newest = self.ports.documents.sequence().await?;
        let Some(batch) = self.collect(applied, cancellation).await? else {
            return self.record_idle(STORE, generation, applied, newest, cancellation).await;
        };
        if !batch.written.is_empty() {
            self.report_to_embed(cancellation).await?;
        }
        let Some(vectors) = self.embed_batch(&batch, generation, cancellation).await? else {
            return Ok(Round::Void);
        };
        {
            let _changing = self.vectors.lock.lock().await;
            if self.vectors.generation.load(Ordering::SeqCst) != generation {
                return Ok(Round::Void);
            }
            let index = self.passage_index();
            let model = self.ports.embedder.model();
            let apply = || index.apply(batch.documents.clone(), vectors.clone(), model.to_owned(), batch.last);
            self.apply_until_done(STORE, cancellation, apply).await?;
            self.compact_now_and_then(vectors.len() as u64).await;
        }
        if self.record_applied(STORE, generation, batch.last, cancellation).await? {
            Ok(Round::Applied(batch.last))
        } else {
            Ok(Round::Void)
        }
    }

    async fn compact_now_and_then(&self, added: u64) {
        let before = self.vectors.added.fetch_add(added, Ordering::SeqCst);
        if before / MAINTAIN_AFTER == (before + added) / MAINTAIN_AFTER {
            return;
        }
        if let Err(error) = self.passage_index().maintain().await {
            tracing::warn!("the vectors could not be compacted: {error}");
        }
    }

    async fn collect(&self, applied: Sequence, cancellation: &Cancellation) -> Result<Option<Batch>> {
        let mut batch = Batch { documents: Vec::new(), written: Vec::new(), last: applied };
        let mut passages = 0;
        while passages < PASSAGES_TOGETHER {
            let changes = self.changes(batch.last, DOCUMENTS_AT_ONCE, cancellation).await?;
            let Some(last) = changes.last().map(DocumentChange::sequence) else { break };
            batch.last = last;
            for change in changes {
                // A document that changed again meanwhile is told twice: the later version counts.
                let id = change.document_id();
                batch.written.retain(|(document, _)| document.id != id);
                batch.documents.push(id);
                if let DocumentChange::Written { document, passages: added, .. } = change {
                    passages += added.len();
                    batch.written.push((document, added));
                }
            }
        }
        Ok((!batch.documents.is_empty()).then_some(batch))
    }

    async fn report_to_embed(&self, cancellation: &Cancellation) -> Result<()> {
        let documents = &self.ports.documents;
        let total = self.persist("documents", cancellation, || documents.counts(None)).await?.passages;
        let made = self.passage_index().count().await?;
        self.board.report_total(|progress| progress.to_embed = total.saturating_sub(made));
        Ok(())
    }

    /// Vectors of all passages of a batch. `None`: the store was changed by somebody else meanwhile.
    async fn embed_batch(
        &self,
        batch: &Batch,
        generation: u64,
        cancellation: &Cancellation,
    ) -> Result<Option<Vec<PassageVector>>> {
        let (mut vectors, known) = self.stored_vectors(batch, cancellation).await?;
        let mut pieces = self.pieces(batch, &known);
        // Texts of like length share a call, so that little is padded.
        pieces.sort_by_key(|piece| piece.text.len());
        let mut missing: HashMap<(usize, usize), usize> = HashMap::new();
        pieces.iter().for_each(|piece| *missing.entry((piece.document, piece.passage)).or_default() += 1);
        let mut refused: HashSet<usize> = HashSet::new();
        for pieces in pieces.chunks(self.options.embed_batch.max(1)) {
            unless(cancellation, self.gate.clear()).await?;
            self.spare_machine(cancellation).await?;
            if self.vectors.generation.load(Ordering::SeqCst) != generation {
                return Ok(None);
            }
            let pieces: Vec<&Piece> = pieces.iter().filter(|piece| !refused.contains(&piece.document)).collect();
            let made = self.embed_pieces(batch, &pieces, &mut refused, cancellation).await?;
            vectors.extend(made);
            // A passage counts when the last of its parts is made.
            let finished = pieces.iter().filter(|piece| {
                let left = missing.entry((piece.document, piece.passage)).or_default();
                *left = left.saturating_sub(1);
                *left == 0
            });
            let count = finished.count() as u64;
            self.board.report_total(|progress| {
                progress.embedded += count;
                progress.to_embed = progress.to_embed.saturating_sub(count);
            });
        }
        let refused: HashSet<DocumentId> = refused.into_iter().map(|at| batch.written[at].0.id).collect();
        vectors.retain(|vector| !refused.contains(&vector.document));
        Ok(Some(vectors))
    }

    /// What has to be embedded, `known` passages left out.
    fn pieces(&self, batch: &Batch, known: &HashSet<PassageId>) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (document, (_, passages)) in batch.written.iter().enumerate() {
            for (passage, content) in passages.iter().enumerate().filter(|(_, passage)| !known.contains(&passage.id)) {
                let texts = parts(content, self.ports.tokens.as_ref());
                pieces.extend((0..).zip(texts).map(|(part, text)| Piece { document, passage, part, text }));
            }
        }
        pieces
    }

    /// Vectors that are there already, because a document only moved or is replayed, and the passages that have them.
    async fn stored_vectors(
        &self,
        batch: &Batch,
        cancellation: &Cancellation,
    ) -> Result<(Vec<PassageVector>, HashSet<PassageId>)> {
        let mut places: HashMap<PassageId, (usize, usize)> = HashMap::new();
        for (document, (_, passages)) in batch.written.iter().enumerate() {
            places.extend(passages.iter().enumerate().map(|(passage, content)| (content.id, (document, passage))));
        }
        if places.is_empty() {
            return Ok(Default::default());
        }
        let model = self.ports.embedder.model();
        let ids = places.keys().copied().collect();
        let stored = unless(cancellation, self.passage_index().stored(ids, model.to_owned())).await??;
        let known = stored.iter().map(|stored| stored.passage).collect();
        let vectors = stored.into_iter().filter_map(|stored| {
            let &(document, passage) = places.get(&stored.passage)?;
            Some(vector(batch, document, passage, stored.part, stored.embedding))
        });
        Ok((vectors.collect(), known))
    }

    async fn embed_pieces(
        &self,
        batch: &Batch,
        pieces: &[&Piece],
        refused: &mut HashSet<usize>,
        cancellation: &Cancellation,
    ) -> Result<Vec<PassageVector>> {
        let error = match self.embed_texts(pieces, cancellation).await {
            Ok(embeddings) => return Ok(joined(batch, pieces, embeddings)),
            Err(error) if error.code() == ErrorCode::Cancelled => return Err(error),
            Err(error) => error,
        };
        // Something in here cannot be embedded. Unless nothing can be embedded at all, find out which document it is.
        if self.embed(vec!["a".to_owned()], cancellation).await.is_err() {
            return Err(error);
        }
        let mut vectors = Vec::new();
        let mut documents: Vec<usize> = pieces.iter().map(|piece| piece.document).collect();
        documents.sort_unstable();
        documents.dedup();
        for document in documents {
            let own: Vec<&Piece> = pieces.iter().copied().filter(|piece| piece.document == document).collect();
            match self.embed_texts(&own, cancellation).await {
                Ok(embeddings) => vectors.extend(joined(batch, &own, embeddings)),
                Err(error) if error.code() == ErrorCode::Cancelled => return Err(error),
                Err(error) => {
                    refused.insert(document);
                    self.warn(batch.written[document].0.id, &error, cancellation).await?;
                }
            }
        }
        Ok(vectors)
    }

    async fn warn(&self, document: DocumentId, error: &Error, cancellation: &Cancellation) -> Result<()> {
        let documents = &self.ports.documents;
        let warning = format!("found by keyword only, it could not be embedded: {}", reason(error));
        self.persist("documents", cancellation, || documents.write_warning(document, warning.clone())).await
    }

    /// Embeds texts. Waits for as long as the embedder is away; gives up on these texts when it fails for another reason
    /// three times.
    async fn embed_texts(&self, pieces: &[&Piece], cancellation: &Cancellation) -> Result<Vec<Embedding>> {
        if pieces.is_empty() {
            return Ok(Vec::new());
        }
        let texts: Vec<String> = pieces.iter().map(|piece| piece.text.clone()).collect();
        let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(60));
        let mut refusals = 0;
        loop {
            let error = match unless(cancellation, self.embed(texts.clone(), cancellation)).await? {
                Ok(embeddings) if embeddings.len() == texts.len() => {
                    self.board.report_pause(STORE.name(), None);
                    return Ok(embeddings);
                }
                Ok(embeddings) => {
                    Error::internal(format!("the embedder gave {} vectors for {} texts", embeddings.len(), texts.len()))
                }
                Err(error) => error,
            };
            cancellation.check()?;
            if error.code() == ErrorCode::ModelMissing {
                self.wait_for_model(&error, cancellation).await?;
            } else if may_pass(&error) || error.code() == ErrorCode::Cancelled {
                self.rest(STORE.name(), &error, &mut backoff, cancellation).await?;
            } else {
                refusals += 1;
                if refusals > 2 {
                    return Err(error);
                }
            }
        }
    }

    fn embed(&self, texts: Vec<String>, cancellation: &Cancellation) -> BoxFuture<'_, Result<Vec<Embedding>>> {
        let embedder = &self.ports.embedder;
        embedder.embed(texts, EmbedPurpose::Passage, EmbedPriority::Background, cancellation.clone())
    }

    /// Says that only the user can bring what is missing, or that it is there again. Those who wait for the index look anew.
    pub(super) fn block_vectors(&self, blocked: bool) {
        if self.vectors.blocked.swap(blocked, Ordering::SeqCst) != blocked {
            self.board.report_total(|progress| progress.blocked = blocked);
        }
    }

    async fn wait_for_model(&self, error: &Error, cancellation: &Cancellation) -> Result<()> {
        self.board.report_pause(STORE.name(), Some(reason(error)));
        self.block_vectors(true);
        let waited = loop {
            let seen = self.changed.count();
            if let Err(error) = self.wait_at_most(seen, LOOK_FOR_MODEL, cancellation).await {
                break Err(error);
            }
            if matches!(self.ports.embedder.state(), EmbedderState::Ready) {
                break Ok(());
            }
        };
        self.block_vectors(false);
        if waited.is_ok() {
            self.board.report_pause(STORE.name(), None);
        }
        waited
    }
}

fn joined(batch: &Batch, pieces: &[&Piece], embeddings: Vec<Embedding>) -> Vec<PassageVector> {
    let of =
        |(piece, embedding): (&&Piece, Embedding)| vector(batch, piece.document, piece.passage, piece.part, embedding);
    pieces.iter().zip(embeddings).map(of).collect()
}

fn vector(batch: &Batch, document: usize, passage: usize, part: u32, embedding: Embedding) -> PassageVector {
    let (document, passages) = &batch.written[document];
    PassageVector {
        passage: passages[passage].id,
        part,
        document: document.id,
        path: document.path.to_string_lossy().into_owned(),
        kind: document.kind,
        language: document.language.clone(),
        source: "folder".to_owned(),
        modified: document.modified,
        embedding,
    }
}
