use crate::walk::DefinedRows;

/// A run of whole lines that belong to the same innermost definition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Region {
    /// First line, from 1. Comments, attributes and decorators above a definition belong to it.
    pub start: u32,
    /// Last line, included.
    pub end: u32,
    /// The names of the definition and of those around it, outermost first; empty for the top level of the file.
    /// Functions inside of functions open no region of their own.
    pub path: Vec<String>,
}

/// All lines as one region.
pub(crate) fn whole(lines: usize) -> Vec<Region> {
    if lines == 0 {
        return Vec::new();
    }
    vec![Region { start: 1, end: u32::try_from(lines).unwrap_or(u32::MAX), path: Vec::new() }]
}

/// Cuts a file at its definitions, which come in source order, outer before inner.
pub(crate) fn regions(source: &str, definitions: &[DefinedRows], leading: &[bool]) -> Vec<Region> {
    let lines: Vec<&str> = source.lines().collect();
    let mut owner: Vec<Option<usize>> = vec![None; lines.len()];
    for (index, definition) in definitions.iter().enumerate() {
        let around = owner.get(definition.start).copied().flatten().and_then(|outer| definitions.get(outer));
        if around.is_some_and(|outer| outer.start == definition.start && definition.path.starts_with(&outer.path)) {
            // `interface Shape { area(): number }`: the line belongs to what begins first on it.
            continue;
        }
        let start = with_leading_lines(definition, definitions, &owner, leading);
        let end = definition.end.min(lines.len().saturating_sub(1));
        for row in owner.iter_mut().take(end + 1).skip(start) {
            *row = Some(index);
        }
    }
    let mut found: Vec<(usize, usize, Option<usize>)> = Vec::new();
    let mut row = 0;
    while row < lines.len() {
        let mut end = row;
        while end + 1 < lines.len() && owner[end + 1] == owner[row] {
            end += 1;
        }
        let closing = lines[row..=end].iter().all(|line| is_closing(line));
        match found.last_mut() {
            // A lone `}` or an empty line says nothing by itself.
            Some(last) if closing => last.1 = end,
            _ => found.push((row, end, owner[row])),
        }
        row = end + 1;
    }
    let line = |row: usize| u32::try_from(row + 1).unwrap_or(u32::MAX);
    found
        .into_iter()
        .map(|(start, end, owner)| Region {
            start: line(start),
            end: line(end),
            path: owner.and_then(|index| definitions.get(index)).map(|one| one.path.clone()).unwrap_or_default(),
        })
        .collect()
}

/// The first row of a definition with the comments and attributes directly above it. The first line of what stands
/// around it is not crossed, nor is another definition's line.
fn with_leading_lines(
    definition: &DefinedRows,
    definitions: &[DefinedRows],
    owner: &[Option<usize>],
    leading: &[bool],
) -> usize {
    let mut start = definition.start.min(owner.len().saturating_sub(1));
    let around = owner.get(start).copied().flatten();
    let first = around.and_then(|index| definitions.get(index)).map_or(0, |outer| outer.start + 1);
    while start > first && leading.get(start - 1) == Some(&true) && owner.get(start - 1).copied().flatten() == around {
        start -= 1;
    }
    start
}

fn is_closing(line: &str) -> bool {
    line.chars().all(|character| character.is_whitespace() || matches!(character, '}' | ')' | ']' | ';' | ','))
}
