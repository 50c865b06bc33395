use std::path::{MAIN_SEPARATOR, MAIN_SEPARATOR_STR, Path};

use ambit_domain::{DocumentId, PassageFilter, PassageVector};
use lancedb::expr::{DfExpr, col, is_in, lit};

use crate::table;

/// A filter as the engine's expression, but for the documents to be left out: those are `hidden` where that is worth it. Built as a tree and never written as SQL, so no text in it can mean anything but
/// itself. `None`: everything passes.
pub(crate) fn expression(filter: &PassageFilter, model: Option<&str>, hidden: &[DocumentId]) -> Option<DfExpr> {
    let mut parts = Vec::new();
    if let Some(model) = model {
        parts.push(col(table::MODEL).eq(lit(model.to_owned())));
    }
    parts.extend(filter.paths.iter().map(|path| below(path)).reduce(DfExpr::or));
    if !filter.kinds.is_empty() {
        let kinds = filter.kinds.iter().map(|kind| lit(kind.as_str())).collect();
        parts.push(is_in(col(table::KIND), kinds));
    }
    if !filter.languages.is_empty() {
        parts.push(is_in(col(table::LANGUAGE), filter.languages.iter().map(|name| lit(name.clone())).collect()));
    }
    if let Some(after) = filter.modified_after {
        parts.push(col(table::MODIFIED).gt_eq(lit(after.0)));
    }
    if let Some(before) = filter.modified_before {
        parts.push(col(table::MODIFIED).lt(lit(before.0)));
    }
    if !hidden.is_empty() {
        parts.push(!is_in(col(table::DOCUMENT), hidden.iter().map(|id| lit(id.0)).collect()));
    }
    parts.into_iter().reduce(DfExpr::and)
}

/// A path itself or anything below it, as a range: what begins with `a/` lies from `a/` up to, and without, `a0`, since `0`
/// follows the separator. `LIKE` would give a meaning to `%` and `_`.
fn below(path: &Path) -> DfExpr {
    let path = normal(path);
    let (from, to) = range(&path);
    let inside = col(table::PATH).gt_eq(lit(from)).and(col(table::PATH).lt(lit(to)));
    col(table::PATH).eq(lit(path)).or(inside)
}

fn range(path: &str) -> (String, String) {
    let prefix = path.strip_suffix(MAIN_SEPARATOR).unwrap_or(path);
    // Both separators are followed by a character of one byte.
    let next = char::from(MAIN_SEPARATOR as u8 + 1);
    (format!("{prefix}{MAIN_SEPARATOR}"), format!("{prefix}{next}"))
}

/// Without a separator at the end, doubled ones and `.`, in the lossy form that the column has.
fn normal(path: &Path) -> String {
    let parts: std::path::PathBuf = path.components().collect();
    parts.to_string_lossy().into_owned()
}

/// Whether a waiting row passes: the same as [`expression`].
pub(crate) fn admits(filter: &PassageFilter, row: &PassageVector) -> bool {
    (filter.paths.is_empty() || filter.paths.iter().any(|path| is_below(&row.path, path)))
        && (filter.kinds.is_empty() || filter.kinds.contains(&row.kind))
        && (filter.languages.is_empty() || row.language.as_ref().is_some_and(|name| filter.languages.contains(name)))
        && filter.modified_after.is_none_or(|after| row.modified >= after)
        && filter.modified_before.is_none_or(|before| row.modified < before)
        && !filter.without.contains(&row.document)
}

fn is_below(path: &str, folder: &Path) -> bool {
    let folder = normal(folder);
    let prefix = folder.strip_suffix(MAIN_SEPARATOR).unwrap_or(&folder);
    path == folder || path.strip_prefix(prefix).is_some_and(|rest| rest.starts_with(MAIN_SEPARATOR_STR))
}
