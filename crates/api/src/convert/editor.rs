//! The frames of an editor's line.

use std::path::PathBuf;

use ambit_protocol as wire;
use ambit_protocol::domain::{Error, Result};
use ambit_runtime as runtime;
use ambit_runtime::EditorCommand;

/// As many suggestions as an answer has at most.
const MOST: u32 = 100;

pub(crate) fn editor_command(frame: wire::FromEditor) -> Result<EditorCommand> {
    use wire::FromEditor as From;
    Ok(match frame {
        From::Hello { editor, encoding: counted, folders } => {
            tracing::info!(editor, "an editor is here");
            EditorCommand::Hello { encoding: encoding(counted), folders: absolute(folders)? }
        }
        From::Folders { folders } => EditorCommand::Folders(absolute(folders)?),
        From::Open { uri, language, version, text } => EditorCommand::Open { uri, language, version, text },
        From::Change { uri, version, edits } => {
            EditorCommand::Change { uri, version, edits: edits.into_iter().map(edit).collect() }
        }
        From::Save { uri } => EditorCommand::Save { uri },
        From::Close { uri } => EditorCommand::Close { uri },
        From::Complete { id, uri, version, position: place, asked, words, limit } => EditorCommand::Complete {
            id,
            uri,
            version,
            position: position(place),
            asked,
            words,
            limit: limit.min(MOST) as usize,
        },
        From::NextEdit { id, uri, version, position: place } => {
            EditorCommand::NextEdit { id, uri, version, position: position(place) }
        }
        From::Write { id, uri, version, range, task: asked, diagnostics } => EditorCommand::Write {
            id,
            uri,
            version,
            start: position(range.start),
            end: position(range.end),
            task: task(asked),
            diagnostics,
        },
        From::Diagnostics { uri, complaints } => EditorCommand::Diagnostics {
            uri,
            complaints: complaints.into_iter().map(|complaint| (complaint.line, complaint.message)).collect(),
        },
        From::Cancel { id } => EditorCommand::Cancel { id },
        From::Tell { suggestion, fate, characters } => {
            EditorCommand::Tell { suggestion, fate: self::fate(fate, characters)? }
        }
    })
}

pub(crate) fn editor_event(event: runtime::EditorEvent) -> wire::ToEditor {
    match event {
        runtime::EditorEvent::Ready => wire::ToEditor::Ready { version: env!("CARGO_PKG_VERSION").to_owned() },
        runtime::EditorEvent::Resync { uri } => wire::ToEditor::Resync { uri },
        runtime::EditorEvent::Trouble(error) => wire::ToEditor::Trouble { problem: wire::Problem::from(&error) },
        runtime::EditorEvent::Suggested { id, version, suggestions } => {
            wire::ToEditor::Suggested { id, version, suggestions: suggestions.into_iter().map(suggestion).collect() }
        }
        runtime::EditorEvent::Edits { id, version, edits } => {
            wire::ToEditor::Edits { id, version, edits: edits.into_iter().map(suggested_edit).collect() }
        }
        runtime::EditorEvent::Text { id, text } => wire::ToEditor::Text { id, text },
        runtime::EditorEvent::Wrote { id, text, edit } => wire::ToEditor::Wrote {
            id,
            text,
            edit: edit.map(|edit| wire::TextEdit { range: Some(range(edit.start, edit.end)), text: edit.text }),
        },
        runtime::EditorEvent::Failed { id, error } => {
            wire::ToEditor::Failed { id, problem: wire::Problem::from(&error) }
        }
    }
}

fn suggestion(suggestion: runtime::EditorSuggestion) -> wire::Suggestion {
    let runtime::EditorSuggestion { number, start, end, text, by } = suggestion;
    let by = match by {
        runtime::SuggestedBy::Counts => wire::SuggestedBy::Counts,
        runtime::SuggestedBy::Model => wire::SuggestedBy::Model,
    };
    wire::Suggestion { suggestion: number, range: range(start, end), text, by }
}

fn suggested_edit((suggestion, edit, reason): (u64, runtime::EditorEdit, String)) -> wire::SuggestedEdit {
    wire::SuggestedEdit { suggestion, range: range(edit.start, edit.end), text: edit.text, reason }
}

fn task(task: wire::EditorTask) -> runtime::EditorTask {
    match task {
        wire::EditorTask::Explain => runtime::EditorTask::Explain,
        wire::EditorTask::Fix => runtime::EditorTask::Fix,
        wire::EditorTask::Document => runtime::EditorTask::Document,
        wire::EditorTask::Test => runtime::EditorTask::Test,
        wire::EditorTask::Simplify => runtime::EditorTask::Simplify,
        wire::EditorTask::TranslateComments => runtime::EditorTask::TranslateComments,
        wire::EditorTask::Generate => runtime::EditorTask::Generate,
    }
}

fn absolute(folders: Vec<String>) -> Result<Vec<PathBuf>> {
    folders.iter().map(|folder| wire::absolute(folder)).collect()
}

fn encoding(encoding: wire::PositionEncoding) -> runtime::Encoding {
    match encoding {
        wire::PositionEncoding::Utf8 => runtime::Encoding::Utf8,
        wire::PositionEncoding::Utf16 => runtime::Encoding::Utf16,
        wire::PositionEncoding::Utf32 => runtime::Encoding::Utf32,
    }
}

fn edit(edit: wire::TextEdit) -> runtime::Edit {
    let range = edit.range.map(|range| (position(range.start), position(range.end)));
    runtime::Edit { range, text: edit.text }
}

fn position(position: wire::Position) -> runtime::Position {
    runtime::Position { line: position.line, character: position.character }
}

fn range(start: runtime::Position, end: runtime::Position) -> wire::Range {
    let place = |position: runtime::Position| wire::Position { line: position.line, character: position.character };
    wire::Range { start: place(start), end: place(end) }
}

fn fate(fate: wire::SuggestionFate, characters: Option<u32>) -> Result<runtime::SuggestionFate> {
    Ok(match (fate, characters) {
        (wire::SuggestionFate::Shown, _) => runtime::SuggestionFate::Shown,
        (wire::SuggestionFate::Accepted, _) => runtime::SuggestionFate::Accepted,
        (wire::SuggestionFate::Rejected, _) => runtime::SuggestionFate::Rejected,
        (wire::SuggestionFate::PartlyAccepted, Some(characters)) => runtime::SuggestionFate::PartlyAccepted(characters),
        (wire::SuggestionFate::PartlyAccepted, None) => {
            return Err(Error::invalid("a part of a suggestion was taken").with_hint("tell how many `characters`"));
        }
    })
}
