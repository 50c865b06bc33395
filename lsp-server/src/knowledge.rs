//! What is known of a word: where it is defined, where it is used, and which documents speak of it. From the index, so it is
//! of the files as they were read last.

use std::time::Duration;

use ambit_client::Client;
use ambit_protocol::{Filter, GraphQuery, GraphResult, Hit, SearchRequest, SearchScope, Span};
use tokio::time::timeout;
use tower_lsp::lsp_types::Url;

/// What comes later than this is left out.
const PATIENCE: Duration = Duration::from_millis(300);

const DEFINITIONS: u32 = 3;
const USES: u32 = 6;
const DOCUMENTS: usize = 3;

/// Kinds of documents that people read.
const READ: &[&str] = &["text", "markdown", "html", "pdf", "docx", "pptx", "xlsx", "epub", "notebook"];

/// Where something is.
#[derive(Debug, PartialEq, Eq)]
struct Place {
    path: String,
    line: Option<String>,
    what: String,
}

/// Says in Markdown what is known of a word; none where that is not defined anywhere.
pub(crate) async fn of_word(client: &Client, word: &str) -> Option<String> {
    let (definitions, uses, documents) = tokio::join!(
        timeout(PATIENCE, definitions(client, word)),
        timeout(PATIENCE, uses(client, word)),
        timeout(PATIENCE, documents(client, word)),
    );
    let definitions = definitions.unwrap_or_default();
    if definitions.is_empty() {
        return None;
    }
    let mut text = String::new();
    for place in definitions {
        text.push_str(&format!("{} `{word}` in {}\n\n", place.what, link(&place)));
    }
    list(&mut text, "Used in", &uses.unwrap_or_default());
    list(&mut text, "Spoken of in", &documents.unwrap_or_default());
    Some(text.trim_end().to_owned())
}

/// Names and first and last lines of what a file defines, as its last indexed version has it.
pub(crate) async fn of_file(client: &Client, path: &str) -> Vec<(String, u32, u32)> {
    let query = format!(
        "SELECT ?name ?line ?last WHERE {{ ?document ambit:path {} ; ambit:defines ?symbol . \
         ?symbol schema:name ?name ; ambit:line ?line ; ambit:lastLine ?last }} ORDER BY ?line",
        literal(path)
    );
    let Ok(result) = timeout(PATIENCE, ask(client, query, 500)).await else { return Vec::new() };
    let named = |row: Vec<Option<String>>| match <[_; 3]>::try_from(row) {
        Ok([Some(name), Some(line), Some(last)]) => Some((name, line.parse().ok()?, last.parse().ok()?)),
        _ => None,
    };
    result.into_iter().filter_map(named).collect()
}

async fn definitions(client: &Client, word: &str) -> Vec<Place> {
    let query = format!(
        "SELECT ?path ?line ?kind ?container WHERE {{ ?symbol a ambit:Symbol ; schema:name {} ; ambit:line ?line . \
         ?document ambit:defines ?symbol ; ambit:path ?path . OPTIONAL {{ ?symbol ambit:kind ?kind }} \
         OPTIONAL {{ ?symbol ambit:container ?container }} }}",
        literal(word)
    );
    let place = |row: Vec<Option<String>>| {
        let [path, line, kind, container] = <[_; 4]>::try_from(row).ok()?;
        let kind = kind.unwrap_or_else(|| "symbol".to_owned());
        let what = match container {
            Some(container) => format!("{kind} of `{container}`:"),
            None => kind,
        };
        Some(Place { path: path?, line, what })
    };
    ask(client, query, DEFINITIONS).await.into_iter().filter_map(place).collect()
}

/// Files and lines, from 1, where functions of a name are defined.
pub(crate) async fn of_function(client: &Client, name: &str) -> Vec<(String, u32)> {
    let query = format!(
        "SELECT ?path ?line WHERE {{ ?symbol a ambit:Symbol ; schema:name {} ; ambit:line ?line . \
         ?document ambit:defines ?symbol ; ambit:path ?path }} ORDER BY ?path ?line",
        literal(name)
    );
    let Ok(result) = timeout(PATIENCE, ask(client, query, DEFINITIONS)).await else { return Vec::new() };
    let place = |row: Vec<Option<String>>| match <[_; 2]>::try_from(row) {
        Ok([Some(path), Some(line)]) => Some((path, line.parse().ok()?)),
        _ => None,
    };
    result.into_iter().filter_map(place).collect()
}

async fn uses(client: &Client, word: &str) -> Vec<Place> {
    let word = literal(word);
    let query = format!(
        "SELECT DISTINCT ?path WHERE {{ ?document ambit:path ?path . {{ ?document ambit:calls {word} }} UNION \
         {{ ?document ambit:defines ?symbol . ?symbol ambit:calls {word} }} }} ORDER BY ?path"
    );
    let place = |row: Vec<Option<String>>| {
        let path = row.into_iter().next()??;
        Some(Place { path, line: None, what: String::new() })
    };
    ask(client, query, USES).await.into_iter().filter_map(place).collect()
}

async fn documents(client: &Client, word: &str) -> Vec<Place> {
    let filter = Filter { kinds: READ.iter().map(|&kind| kind.to_owned()).collect(), ..Filter::default() };
    let scope = Some(SearchScope { filter, ..SearchScope::default() });
    let request = SearchRequest { query: word.to_owned(), limit: Some(10), scope };
    let Ok(found) = client.search(&request).await else { return Vec::new() };
    // What is found by meaning alone does not speak of this word.
    let speaks = |hit: &Hit| hit.text.contains(word);
    let mut places: Vec<Place> = Vec::new();
    for hit in found.passages.into_iter().filter(speaks) {
        if places.len() < DOCUMENTS && places.iter().all(|place| place.path != hit.path) {
            let line = match hit.span {
                Span::Lines { start, .. } => Some(start.to_string()),
                Span::Pages { .. } => None,
            };
            places.push(Place { path: hit.path, line, what: hit.breadcrumb.last().cloned().unwrap_or_default() });
        }
    }
    places
}

/// The rows of a graph query as texts; none where it fails.
async fn ask(client: &Client, query: String, rows: u32) -> Vec<Vec<Option<String>>> {
    let time_millis = u64::try_from(PATIENCE.as_millis()).ok();
    let query = GraphQuery { query, time_millis, rows: Some(rows) };
    let Ok(GraphResult { rows, .. }) = client.graph_query(&query).await else { return Vec::new() };
    rows.into_iter().map(|row| row.into_iter().map(|it| it.map(|it| it.text().to_owned())).collect()).collect()
}

/// A text as SPARQL writes it.
fn literal(text: &str) -> String {
    let mut written = String::from("\"");
    for character in text.chars() {
        match character {
            '"' | '\\' => written.extend(['\\', character]),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            _ => written.push(character),
        }
    }
    written.push('"');
    written
}

fn list(text: &mut String, heading: &str, places: &[Place]) {
    if places.is_empty() {
        return;
    }
    text.push_str(&format!("{heading}:\n"));
    for place in places {
        let what = if place.what.is_empty() { String::new() } else { format!(" ({})", place.what) };
        text.push_str(&format!("- {}{what}\n", link(place)));
    }
    text.push('\n');
}

fn link(place: &Place) -> String {
    let name = place.path.rsplit('/').next().unwrap_or(&place.path);
    let line = place.line.as_deref();
    let shown = line.map_or_else(|| name.to_owned(), |line| format!("{name}:{line}"));
    match Url::from_file_path(&place.path) {
        Ok(url) => format!("[{shown}]({url}{})", line.map(|line| format!("#L{line}")).unwrap_or_default()),
        Err(()) => shown,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_cannot_leave_its_literal() {
        assert_eq!(literal("a\" } DROP \\\n"), r#""a\" } DROP \\\n""#);
    }

    #[test]
    fn a_place_is_linked_with_its_line() {
        let place =
            Place { path: "/home/ada/a b/main.rs".to_owned(), line: Some("12".to_owned()), what: String::new() };
        assert_eq!(link(&place), "[main.rs:12](file:///home/ada/a%20b/main.rs#L12)");
    }
}
