//! The runtime's own types to wire types; those of the domain are converted in `ambit-protocol`.

mod completion;
mod editor;

use ambit_protocol as wire;
use ambit_protocol::domain::port::{Prompt, Reach};
use ambit_protocol::domain::{self, Error, Role};
use ambit_runtime as runtime;

use crate::state::State;

pub(crate) use self::completion::completion_stats;
pub(crate) use self::editor::{editor_command, editor_event};

pub(crate) fn root(status: runtime::RootStatus) -> wire::Root {
    let runtime::RootStatus { root, counts, scanning, discovered, processed } = status;
    wire::Root {
        id: root.id.0,
        path: root.path.to_string_lossy().into_owned(),
        state: root.state.into(),
        added_at: root.added.0,
        counts: counts.into(),
        scanning,
        discovered,
        processed,
    }
}

pub(crate) fn progress(progress: runtime::IndexProgress) -> wire::IndexProgress {
    let runtime::IndexProgress { scanning, discovered, processed, bytes, embedded, to_embed, failed, paused, blocked } =
        progress;
    wire::IndexProgress { scanning, discovered, processed, bytes, embedded, to_embed, failed, paused, blocked }
}

pub(crate) fn status(state: &State, status: runtime::Status) -> wire::Status {
    wire::Status {
        version: state.version.clone(),
        started_at: status.started.0,
        uptime_millis: status.uptime_millis,
        process: std::process::id(),
        roots: status.roots.into_iter().map(root).collect(),
        counts: status.counts.into(),
        progress: progress(status.progress),
        background: background(status.background),
        language_model: status.model,
        embedder: wire::EmbedderStatus {
            model: status.embedder.model,
            ready: status.embedder.ready,
            missing: status.embedder.reason,
        },
        host: wire::HostStatus {
            data_directory: state.access.data_directory().to_string_lossy().into_owned(),
            offline: status.host.offline,
            bytes_sent: status.host.bytes_sent,
            worker: status.host.worker,
            device: status.host.device,
            update: status.host.update,
            problems: status.host.problems,
        },
        memory: memory(status.host.memory),
        answering: u64::try_from(status.answering).unwrap_or(u64::MAX),
        sequence: status.sequence.0,
        vectors: status.vectors,
        facts: status.facts,
    }
}

fn memory(memory: runtime::MemoryUse) -> wire::MemoryStatus {
    let runtime::MemoryUse { limit, free, host, worker, models } = memory;
    let model = |model: runtime::ModelInMemory| wire::ModelInMemory {
        model: model.model,
        role: model.role.into(),
        state: match model.state {
            runtime::ModelState::Loading => wire::ModelState::Loading,
            runtime::ModelState::Working => wire::ModelState::Working,
            runtime::ModelState::Resting => wire::ModelState::Resting,
        },
        on_gpu: model.is_on_gpu,
        weights: model.weights,
        texts: model.texts,
    };
    wire::MemoryStatus { limit, free, host, worker, models: models.into_iter().map(model).collect() }
}

pub(crate) fn preview(preview: runtime::Preview) -> wire::AskPreview {
    let runtime::Preview { model, reach, request, held_back, rehearsal } = preview;
    let provider = match reach {
        Reach::Local => None,
        Reach::Remote { provider, .. } => Some(provider),
    };
    let messages = match request.as_ref().map(|request| &request.prompt) {
        Some(Prompt::Conversation(messages)) => messages.as_slice(),
        _ => &[],
    };
    let quotations = request.as_ref().map(|request| request.origin.quotations.as_slice()).unwrap_or_default();
    let mut files: Vec<String> = quotations.iter().map(|it| it.path.to_string_lossy().into_owned()).collect();
    files.sort();
    files.dedup();
    let is_sent = provider.is_some();
    wire::AskPreview {
        model,
        provider,
        messages: messages.iter().map(preview_message).collect(),
        images: count(messages.iter().map(|message| message.images.len()).sum()),
        passages: count(quotations.len()),
        files,
        held_back: count(held_back),
        bytes: rehearsal.as_ref().filter(|_| is_sent).map(|rehearsal| rehearsal.bytes),
        objection: rehearsal.and_then(|rehearsal| rehearsal.objection).map(|error| wire::Problem::from(&error)),
    }
}

fn preview_message(message: &domain::Message) -> wire::PreviewMessage {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
        Role::Tool => "tool",
    };
    wire::PreviewMessage { role: role.to_owned(), text: message.text.clone() }
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

pub(crate) fn update(state: &State, update: runtime::Update) -> wire::UpdateCheck {
    let runtime::Update { newest, is_newer, published, warning, files } = update;
    let file = |file: runtime::UpdateFile| wire::UpdateFile { url: file.url, bytes: file.bytes, sha256: file.sha256 };
    wire::UpdateCheck {
        version: state.version.clone(),
        newest,
        is_newer,
        published_at: published.0,
        warning,
        files: files.into_iter().map(file).collect(),
    }
}

fn background(background: runtime::Background) -> wire::BackgroundStatus {
    let state = match background.pace {
        runtime::Pace::Full => wire::BackgroundState::Working,
        runtime::Pace::Slow => wire::BackgroundState::Slowed,
        runtime::Pace::Rest => wire::BackgroundState::Resting,
    };
    let cause = background.cause.map(|cause| match cause {
        runtime::Cause::User => wire::BackgroundCause::User,
        runtime::Cause::Battery => wire::BackgroundCause::Battery,
        runtime::Cause::Profile => wire::BackgroundCause::Profile,
        runtime::Cause::Memory => wire::BackgroundCause::Memory,
        runtime::Cause::Heat => wire::BackgroundCause::Heat,
    });
    wire::BackgroundStatus { state, cause, reason: background.reason }
}

pub(crate) fn setting(setting: runtime::Setting) -> wire::Setting {
    let runtime::Setting { key, value, default, description, origin, kind, needs_restart } = setting;
    let (mut choices, mut minimum, mut maximum) = (Vec::new(), None, None);
    let kind = match kind {
        runtime::SettingKind::Boolean => wire::SettingKind::Boolean,
        runtime::SettingKind::Integer { minimum: smallest, maximum: largest } => {
            (minimum, maximum) = (Some(smallest), Some(largest));
            wire::SettingKind::Integer
        }
        runtime::SettingKind::Text => wire::SettingKind::Text,
        runtime::SettingKind::Address => wire::SettingKind::Address,
        runtime::SettingKind::Choice(all) => {
            choices = all;
            wire::SettingKind::Choice
        }
        runtime::SettingKind::List => wire::SettingKind::List,
    };
    wire::Setting { key, value, default, description, origin, kind, choices, minimum, maximum, needs_restart }
}

pub(crate) fn rebuild_target(target: wire::RebuildTarget) -> runtime::RebuildTarget {
    match target {
        wire::RebuildTarget::Vectors => runtime::RebuildTarget::Vectors,
        wire::RebuildTarget::Graph => runtime::RebuildTarget::Graph,
        wire::RebuildTarget::All => runtime::RebuildTarget::All,
    }
}

/// `None` for a kind of event that this version of the API cannot tell.
pub(crate) fn ask_event(event: domain::Result<runtime::AskEvent>) -> Option<wire::AskEvent> {
    let event = match event {
        Ok(event) => event,
        Err(error) => return Some(wire::AskEvent::Failed { problem: error.into() }),
    };
    match event {
        runtime::AskEvent::Started { session, turn } => {
            Some(wire::AskEvent::Started { session: session.0, turn: turn.0 })
        }
        runtime::AskEvent::Recalled { passages, memories, relevance, degraded } => Some(wire::AskEvent::Recalled {
            passages: passages.into_iter().map(Into::into).collect(),
            memories: memories.into_iter().map(Into::into).collect(),
            relevance: relevance.into(),
            degraded,
        }),
        runtime::AskEvent::Text { text } => Some(wire::AskEvent::Text { text }),
        runtime::AskEvent::Finished { turn } => Some(wire::AskEvent::Finished { turn: turn.into() }),
        _ => None,
    }
}

/// `None` for a kind of event that this version of the API cannot tell.
pub(crate) fn pull_event(event: domain::Result<domain::port::PullEvent>) -> Option<wire::PullEvent> {
    match event {
        Ok(event) => wire::PullEvent::from_domain(event),
        Err(error) => Some(wire::PullEvent::Failed { problem: error.into() }),
    }
}

pub(crate) fn import_event(event: domain::Result<runtime::ImportEvent>) -> wire::ImportEvent {
    match event {
        Ok(runtime::ImportEvent::Progress { chats }) => wire::ImportEvent::Progress { chats },
        Ok(runtime::ImportEvent::Finished { report }) => wire::ImportEvent::Finished { report: import_report(report) },
        Err(error) => wire::ImportEvent::Failed { problem: error.into() },
    }
}

fn import_report(report: runtime::ImportReport) -> wire::ImportReport {
    let runtime::ImportReport { added, grown, known, left_out, reasons } = report;
    let reason = |runtime::LeftOut { title, reason }| wire::LeftOut { title, reason };
    wire::ImportReport { added, grown, known, left_out, reasons: reasons.into_iter().map(reason).collect() }
}

/// The state of a file by its wire form.
pub(crate) fn document_state(name: &str) -> domain::Result<domain::DocumentState> {
    use domain::DocumentState::{Failed, Indexed, Pending, Skipped};
    let states = [Indexed, Pending, Skipped, Failed];
    states.into_iter().find(|state| state.as_str() == name).ok_or_else(|| {
        Error::invalid(format!("there is no state named `{}`", name.escape_debug()))
            .with_hint("the states are indexed, pending, skipped and failed")
    })
}
