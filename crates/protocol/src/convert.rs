//! Domain types to wire types, and requests to domain types.

mod mention;

use std::path::{Path, PathBuf};

use ambit_domain as domain;
use domain::{DocumentKind, Error, Result, Timestamp};

use crate::{
    Answer, AnswerOrigin, AuditRecord, Citation, Document, DocumentDetail, DocumentState, DocumentStatus, Filter, Fit,
    FitVerdict, ForgetResult, FoundTurn, GraphResult, GraphValue, Hit, IndexCounts, LanguageModelDetails, Memory,
    MemoryKind, MemoryScope, Model, ModelOrigin, ModelRole, Passage, PullEvent, Relevance, RootState, Scores,
    SearchResponse, SearchScope, Session, SessionDetail, Span, SuggestedModel, Turn, TurnStatus, VectorVersion,
};

/// Closed sets that look the same on both sides.
macro_rules! same_variants {
    ($($name:ident { $($variant:ident),+ $(,)? })+) => {$(
        impl From<domain::$name> for $name {
            fn from(value: domain::$name) -> Self {
                match value { $(domain::$name::$variant => Self::$variant),+ }
            }
        }

        impl From<$name> for domain::$name {
            fn from(value: $name) -> Self {
                match value { $($name::$variant => Self::$variant),+ }
            }
        }
    )+};
}

same_variants! {
    DocumentState { Indexed, Pending, Skipped, Failed }
    MemoryKind { Fact, Preference }
    Relevance { Relevant, NothingRelevant }
    RootState { Scanning, Watching, Missing }
    TurnStatus { Running, Finished, Failed, Cancelled }
}

/// The text of a path; what is not UTF-8 becomes U+FFFD.
pub(crate) fn text(path: PathBuf) -> String {
    path.into_os_string().into_string().unwrap_or_else(|path| path.to_string_lossy().into_owned())
}

impl From<domain::Span> for Span {
    fn from(span: domain::Span) -> Self {
        match span {
            domain::Span::Lines { start, end } => Self::Lines { start, end },
            domain::Span::Pages { start, end } => Self::Pages { start, end },
        }
    }
}

impl From<Span> for domain::Span {
    fn from(span: Span) -> Self {
        match span {
            Span::Lines { start, end } => Self::Lines { start, end },
            Span::Pages { start, end } => Self::Pages { start, end },
        }
    }
}

impl From<domain::IndexCounts> for IndexCounts {
    fn from(counts: domain::IndexCounts) -> Self {
        let domain::IndexCounts { indexed, pending, skipped, failed, passages, bytes } = counts;
        Self { indexed, pending, skipped, failed, passages, bytes }
    }
}

impl From<domain::DocumentStatus> for DocumentStatus {
    fn from(status: domain::DocumentStatus) -> Self {
        Self {
            path: text(status.path),
            state: status.state.into(),
            reason: status.reason,
            size: status.size,
            found_at: status.at.0,
        }
    }
}

impl From<domain::VectorVersion> for VectorVersion {
    fn from(known: domain::VectorVersion) -> Self {
        let domain::VectorVersion { version, at, applied } = known;
        Self { version, written_at: at.0, sequence: applied.0 }
    }
}

impl From<domain::Document> for Document {
    fn from(document: domain::Document) -> Self {
        Self {
            id: document.id.0,
            root: document.root.0,
            path: text(document.path),
            kind: document.kind.as_str().to_owned(),
            language: document.language,
            title: document.title,
            hash: document.hash,
            size: document.size,
            modified_at: document.modified.0,
            read_at: document.read.0,
            sequence: document.sequence.0,
            from_outside: document.taint.is_outside(),
        }
    }
}

impl From<domain::Passage> for Passage {
    fn from(passage: domain::Passage) -> Self {
        Self {
            id: passage.id.0,
            ordinal: passage.ordinal,
            text: passage.text,
            breadcrumb: passage.breadcrumb,
            anchor: passage.anchor,
            span: passage.span.into(),
        }
    }
}

impl From<(domain::Document, Vec<domain::Passage>)> for DocumentDetail {
    fn from((document, passages): (domain::Document, Vec<domain::Passage>)) -> Self {
        Self { document: document.into(), passages: passages.into_iter().map(Into::into).collect() }
    }
}

impl From<domain::PartScores> for Scores {
    fn from(scores: domain::PartScores) -> Self {
        let domain::PartScores { dense, keyword, graph, fused, rerank } = scores;
        Self { dense, keyword, graph, fused, rerank }
    }
}

impl From<domain::RankedPassage> for Hit {
    fn from(ranked: domain::RankedPassage) -> Self {
        let domain::RankedPassage { passage, document, scores } = ranked;
        Self {
            passage: passage.id.0,
            document: document.id.0,
            path: text(document.path),
            kind: document.kind.as_str().to_owned(),
            language: document.language,
            title: document.title,
            breadcrumb: passage.breadcrumb,
            anchor: passage.anchor,
            span: passage.span.into(),
            hash: document.hash,
            modified_at: document.modified.0,
            text: passage.text,
            scores: scores.into(),
            from_outside: document.taint.is_outside(),
        }
    }
}

impl From<domain::RecallOutcome> for SearchResponse {
    fn from(outcome: domain::RecallOutcome) -> Self {
        Self {
            passages: outcome.passages.into_iter().map(Into::into).collect(),
            memories: outcome.memories.into_iter().map(Into::into).collect(),
            relevance: outcome.relevance.into(),
            degraded: outcome.degraded,
            sequence: outcome.sequence.0,
        }
    }
}

impl From<domain::Session> for Session {
    fn from(session: domain::Session) -> Self {
        Self {
            id: session.id.0,
            title: session.title,
            surface: session.surface,
            created_at: session.created.0,
            updated_at: session.updated.0,
            pinned: session.pinned,
            model: session.choice.model,
            only_local: session.choice.only_local,
            turns: None,
        }
    }
}

impl From<domain::FoundTurn> for FoundTurn {
    fn from(found: domain::FoundTurn) -> Self {
        let domain::FoundTurn { session, title, turn, excerpt, asked } = found;
        Self { session: session.0, title, turn: turn.0, excerpt, asked_at: asked.0 }
    }
}

impl From<domain::SessionSummary> for Session {
    fn from(summary: domain::SessionSummary) -> Self {
        Self { turns: Some(summary.turns), ..Self::from(summary.session) }
    }
}

impl From<(domain::Session, Vec<domain::Turn>)> for SessionDetail {
    fn from((session, turns): (domain::Session, Vec<domain::Turn>)) -> Self {
        let turns: Vec<Turn> = turns.into_iter().map(Into::into).collect();
        let count = u32::try_from(turns.len()).ok();
        Self { session: Session { turns: count, ..session.into() }, turns, replaced: Vec::new() }
    }
}

impl From<domain::Turn> for Turn {
    fn from(turn: domain::Turn) -> Self {
        Self {
            id: turn.id.0,
            session: turn.session.0,
            question: turn.question,
            status: turn.status.into(),
            answer: turn.answer.map(Into::into),
            failure: turn.failure,
            asked_at: turn.asked.0,
            ended_at: turn.ended.map(|at| at.0),
            replaces: turn.replaces,
            about: turn.about.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<domain::AnswerOrigin> for AnswerOrigin {
    fn from(origin: domain::AnswerOrigin) -> Self {
        match origin {
            domain::AnswerOrigin::Extractive => Self::Extractive,
            domain::AnswerOrigin::Model { model } => Self::Model { model },
            domain::AnswerOrigin::NothingFound => Self::NothingFound,
            domain::AnswerOrigin::Imported { by } => Self::Imported { by },
        }
    }
}

impl From<domain::Answer> for Answer {
    fn from(answer: domain::Answer) -> Self {
        Self {
            text: answer.text,
            origin: answer.origin.into(),
            citations: answer.citations.into_iter().map(Into::into).collect(),
            memories: answer.memories.into_iter().map(|id| id.0).collect(),
            embedder: answer.embedder,
            bytes_sent: answer.bytes_sent,
        }
    }
}

impl From<domain::Citation> for Citation {
    fn from(citation: domain::Citation) -> Self {
        Self {
            number: citation.number,
            passage: citation.passage.0,
            document: citation.document.0,
            path: text(citation.path),
            title: citation.title,
            breadcrumb: citation.breadcrumb,
            anchor: citation.anchor,
            span: citation.span.into(),
            hash: citation.hash,
            scores: citation.scores.into(),
            from_outside: citation.taint.is_outside(),
        }
    }
}

impl From<domain::SavedPage> for crate::SavedPage {
    fn from(page: domain::SavedPage) -> Self {
        let domain::SavedPage { url, title, path, is_selection, saved, change } = page;
        let change = change.map(|change| match change {
            domain::PageChange::New => crate::PageChange::New,
            domain::PageChange::Changed => crate::PageChange::Changed,
            domain::PageChange::Same => crate::PageChange::Same,
        });
        Self { url, title, path: text(path), is_selection, saved_at: saved.0, change }
    }
}

impl From<domain::MemoryScope> for MemoryScope {
    fn from(scope: domain::MemoryScope) -> Self {
        match scope {
            domain::MemoryScope::Global => Self::Global,
            domain::MemoryScope::Folder(path) => Self::Folder(text(path)),
            domain::MemoryScope::Surface(surface) => Self::Surface(surface),
        }
    }
}

impl From<MemoryScope> for domain::MemoryScope {
    fn from(scope: MemoryScope) -> Self {
        match scope {
            MemoryScope::Global => Self::Global,
            MemoryScope::Folder(path) => Self::Folder(path.into()),
            MemoryScope::Surface(surface) => Self::Surface(surface),
        }
    }
}

impl From<domain::Memory> for Memory {
    fn from(memory: domain::Memory) -> Self {
        Self {
            id: memory.id.0,
            kind: memory.kind.into(),
            text: memory.text,
            scope: memory.scope.into(),
            source: memory.source,
            created_at: memory.created.0,
            updated_at: memory.updated.0,
        }
    }
}

impl From<domain::port::GraphValue> for GraphValue {
    fn from(value: domain::port::GraphValue) -> Self {
        match value {
            domain::port::GraphValue::Iri(text) => Self::Iri(text),
            domain::port::GraphValue::Literal(text) => Self::Literal(text),
            domain::port::GraphValue::Blank(text) => Self::Blank(text),
        }
    }
}

impl From<domain::port::GraphTable> for GraphResult {
    fn from(table: domain::port::GraphTable) -> Self {
        let rows = table.rows.into_iter().map(|row| row.into_iter().map(|value| value.map(Into::into)).collect());
        Self { variables: table.variables, rows: rows.collect(), truncated: table.truncated }
    }
}

impl From<domain::AuditRecord> for AuditRecord {
    fn from(record: domain::AuditRecord) -> Self {
        let domain::AuditEntry { actor, action, subject, detail } = record.entry;
        Self { number: record.number, written_at: record.at.0, actor, action, subject, detail, chain: record.chain }
    }
}

impl From<domain::port::ModelRole> for ModelRole {
    fn from(role: domain::port::ModelRole) -> Self {
        match role {
            domain::port::ModelRole::Embedding => Self::Embedding,
            domain::port::ModelRole::Language => Self::Language,
            _ => Self::Other,
        }
    }
}

impl From<domain::port::ModelInfo> for Model {
    fn from(model: domain::port::ModelInfo) -> Self {
        Self {
            id: model.id,
            role: model.role.into(),
            license: model.license,
            size: model.size,
            installed: model.installed,
            active: model.active,
            folder: text(model.folder),
            fit: model.fit.map(Into::into),
            origin: model.origin.map(Into::into),
            language: model.language.map(Into::into),
        }
    }
}

impl From<domain::port::SuggestedModel> for SuggestedModel {
    fn from(model: domain::port::SuggestedModel) -> Self {
        let domain::port::SuggestedModel { title, source, name, license, size, fit, installed, best } = model;
        Self { title, source, name, license, size, fit: fit.map(Into::into), installed, best }
    }
}

impl From<domain::port::Fit> for Fit {
    fn from(fit: domain::port::Fit) -> Self {
        let domain::port::Fit { verdict, needed, free, tokens_per_second } = fit;
        let verdict = match verdict {
            domain::port::FitVerdict::Fits => FitVerdict::Fits,
            domain::port::FitVerdict::Slow => FitVerdict::Slow,
            domain::port::FitVerdict::WontFit => FitVerdict::WontFit,
            _ => FitVerdict::Other,
        };
        Self { verdict, needed, free, tokens_per_second }
    }
}

impl From<domain::port::ModelOrigin> for ModelOrigin {
    fn from(origin: domain::port::ModelOrigin) -> Self {
        match origin {
            domain::port::ModelOrigin::Hub { repository, revision, files } => Self::Hub { repository, revision, files },
            domain::port::ModelOrigin::Local { path } => Self::Local { path: text(path) },
            _ => Self::Other,
        }
    }
}

impl From<domain::port::LanguageModelInfo> for LanguageModelDetails {
    fn from(info: domain::port::LanguageModelInfo) -> Self {
        Self {
            architecture: info.architecture,
            parameters: info.parameters,
            quantisation: info.quantisation,
            context_tokens: info.context_tokens,
            layers: info.layers,
            has_chat_template: info.has_chat_template,
        }
    }
}

impl PullEvent {
    /// The wire form of an event; `None` for a kind of event that this version of the API cannot tell.
    #[must_use]
    pub fn from_domain(event: domain::port::PullEvent) -> Option<Self> {
        match event {
            domain::port::PullEvent::Planned { model, bytes, origin, fit } => {
                Some(Self::Planned { model, bytes, origin: origin.into(), fit: fit.map(Into::into) })
            }
            domain::port::PullEvent::Progress { file, done, total } => Some(Self::Progress { file, done, total }),
            domain::port::PullEvent::Verified { file } => Some(Self::Verified { file }),
            domain::port::PullEvent::Finished { model } => Some(Self::Finished { model: model.into() }),
            _ => None,
        }
    }
}

impl From<domain::port::Purge> for ForgetResult {
    fn from(purge: domain::port::Purge) -> Self {
        Self {
            documents: u64::try_from(purge.documents.len()).unwrap_or(u64::MAX),
            passages: purge.passages,
            memories: purge.memories,
            turns: purge.turns,
        }
    }
}

impl SearchScope {
    /// The scope in the vocabulary of the domain, for a question from a surface.
    ///
    /// # Errors
    /// `invalid-input` for a path that is not absolute, or a kind that does not exist.
    pub fn into_domain(self, surface: &str) -> Result<domain::Scope> {
        let folder = self.folder.map(|folder| absolute(&folder)).transpose()?;
        Ok(domain::Scope { filter: self.filter.into_domain()?, folder, surface: Some(surface.to_owned()) })
    }
}

impl Filter {
    /// The filter in the vocabulary of the domain.
    ///
    /// # Errors
    /// `invalid-input` for a path that is not absolute, or a kind that does not exist.
    pub fn into_domain(self) -> Result<domain::PassageFilter> {
        Ok(domain::PassageFilter {
            paths: self.paths.iter().map(|path| absolute(path)).collect::<Result<_>>()?,
            kinds: self.kinds.iter().map(|kind| document_kind(kind)).collect::<Result<_>>()?,
            languages: self.languages,
            modified_after: self.modified_after.map(Timestamp),
            modified_before: self.modified_before.map(Timestamp),
            without: Vec::new(),
        })
    }
}

/// A path of a request: only absolute ones mean the same to the host as to the caller.
///
/// # Errors
/// `invalid-input` for a path that is empty, relative or holds a zero byte.
pub fn absolute(path: &str) -> Result<PathBuf> {
    let parsed = Path::new(path);
    if parsed.is_absolute() && !path.contains('\0') {
        return Ok(parsed.to_owned());
    }
    Err(Error::invalid(format!("`{}` is not an absolute path", path.escape_debug()))
        .with_hint("give the whole path, from `/` on: the host does not know the caller's working directory"))
}

fn document_kind(name: &str) -> Result<DocumentKind> {
    DocumentKind::parse(name).ok_or_else(|| {
        Error::invalid(format!("there is no kind of document named `{}`", name.escape_debug()))
            .with_hint("the kinds are text, markdown, html, pdf, docx, pptx, xlsx, epub, notebook and code")
    })
}
