use ambit_domain::DocumentKind;
use ambit_syntax::Language;
use serde_json::Value;

use super::{json_lines, markdown};
use crate::IngestError;
use crate::draft::{BlockKind, Draft, Unit};
use crate::limits::Limits;

/// Reads the cells of a Jupyter notebook (nbformat 4); outputs are left out.
pub(super) fn read(source: &str, limits: &Limits) -> Result<Draft, IngestError> {
    let notebook: Value =
        serde_json::from_str(source).map_err(|error| IngestError::Damaged(format!("it is no valid JSON: {error}")))?;
    let Some(cells) = notebook.get("cells").and_then(Value::as_array) else {
        return Err(IngestError::Damaged("it has no cells; notebooks before version 4 are not read".to_owned()));
    };
    let mut draft = Draft::new(DocumentKind::Notebook, Unit::Lines, limits.max_text);
    let metadata = notebook.get("metadata");
    let language = metadata
        .and_then(|metadata| {
            metadata.pointer("/language_info/name").or_else(|| metadata.pointer("/kernelspec/language"))
        })
        .and_then(Value::as_str);
    draft.language = language.map(str::to_ascii_lowercase);
    draft.title = metadata.and_then(|metadata| metadata.get("title")).and_then(Value::as_str).map(str::to_owned);
    let places = json_lines::source_lines(source);
    let total = u32::try_from(source.lines().count()).unwrap_or(u32::MAX).max(1);
    for (index, cell) in cells.iter().enumerate() {
        limits.check()?;
        let lines = places.get(index).map(Vec::as_slice).unwrap_or_default();
        add_cell(&mut draft, cell, lines, total, limits)?;
    }
    draft.end();
    if draft.title.is_none() {
        draft.title =
            draft.outline.headings.first().filter(|heading| heading.level == 1).map(|heading| heading.text.clone());
    }
    Ok(draft)
}

fn add_cell(draft: &mut Draft, cell: &Value, lines: &[u32], total: u32, limits: &Limits) -> Result<(), IngestError> {
    let parts: Vec<&str> = match cell.get("source") {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(parts)) => parts.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    let first = lines.first().copied().unwrap_or(1);
    match cell.get("cell_type").and_then(Value::as_str) {
        Some("markdown") => {
            // One string a line: the lines of the cell are lines of the file. A cell in a single string stands on one.
            let text = parts.concat();
            let before = draft.mark_count();
            markdown::add(draft, &text, first, limits)?;
            draft.limit_lines(before, lines.last().copied().unwrap_or(first).min(total));
        }
        Some("code") => {
            draft.begin(BlockKind::Lines, "\n\n");
            for (index, part) in parts.iter().enumerate() {
                draft.at(lines.get(index).or(lines.last()).copied().unwrap_or(first));
                draft.push(part);
            }
            draft.end();
            if draft.language.as_deref() == Some("python") {
                add_symbols(draft, &parts, lines);
            }
        }
        _ => {}
    }
    Ok(())
}

/// What a Python cell defines and uses, with the lines of the file.
fn add_symbols(draft: &mut Draft, parts: &[&str], lines: &[u32]) {
    let text = parts.concat();
    let parsed = ambit_syntax::parse(Language::Python, &text);
    let in_file = |span: ambit_domain::Span| {
        let line = |line: u32| {
            let index = usize::try_from(line).unwrap_or(usize::MAX).saturating_sub(1);
            lines.get(index).or(lines.last()).copied().unwrap_or(1)
        };
        ambit_domain::Span::Lines { start: line(span.start()), end: line(span.end()) }
    };
    draft.outline.symbols.extend(parsed.symbols.into_iter().map(|mut symbol| {
        symbol.span = in_file(symbol.span);
        symbol
    }));
    draft.outline.references.extend(parsed.references.into_iter().map(|mut reference| {
        reference.span = in_file(reference.span);
        reference
    }));
}
