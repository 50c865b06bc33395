use ambit_domain::{Person, PersonRole, Thing, Timestamp};

use crate::draft::Draft;

/// The most things that a document describes, and the most that is said of one: whoever wrote it may mean ill.
const THINGS: usize = 50;
const PROPERTIES: usize = 30;

/// The keys of front matter that mean something here.
#[derive(Default)]
struct FrontMatter {
    title: Option<String>,
    authors: Vec<String>,
    tags: Vec<String>,
    date: Option<String>,
    language: Option<String>,
    things: Vec<Thing>,
}

/// Takes over what YAML front matter says. Only its simple forms are understood: `key: value`, `key: [a, b]` and lists
/// of `- item`, and what Ambit writes of saved pages, where the items of `things` are JSON; everything else is passed over.
pub(super) fn yaml(draft: &mut Draft, text: &str) {
    let mut matter = FrontMatter::default();
    let mut list_key: Option<String> = None;
    for line in text.lines() {
        let trimmed = line.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        if let Some(item) = trimmed.strip_prefix("- ") {
            match &list_key {
                Some(key) if key == "things" && matter.things.len() < THINGS => {
                    matter.things.extend(serde_json::from_str::<Thing>(item).map(|mut thing| {
                        thing.properties.truncate(PROPERTIES);
                        thing
                    }));
                }
                Some(key) => matter.set(key, author_of(item)),
                None => {}
            }
            continue;
        }
        if line.starts_with([' ', '\t']) {
            continue;
        }
        let Some((key, value)) = trimmed.split_once(':') else { continue };
        let key = key.trim().to_ascii_lowercase();
        let value = value.trim();
        list_key = None;
        if value.is_empty() {
            list_key = Some(key);
        } else if let Some(items) = value.strip_prefix('[').and_then(|items| items.strip_suffix(']')) {
            for item in items.split(',') {
                matter.set(&key, unquoted(item));
            }
        } else {
            matter.set(&key, unquoted(value));
        }
    }
    matter.apply(draft);
}

/// Takes over what TOML front matter says.
pub(super) fn toml(draft: &mut Draft, text: &str) {
    let table: toml::Table = match text.parse() {
        Ok(table) => table,
        Err(error) => {
            draft.warnings.push(format!("the front matter is no valid TOML: {}", error.message()));
            return;
        }
    };
    let mut matter = FrontMatter::default();
    // Zola and Hugo put authors and tags into tables of their own.
    let nested = ["extra", "taxonomies", "params"].iter().filter_map(|key| table.get(*key)?.as_table());
    for (key, value) in table.iter().chain(nested.flatten()) {
        let key = key.to_ascii_lowercase();
        match value {
            toml::Value::String(value) => matter.set(&key, value),
            toml::Value::Datetime(value) => matter.set(&key, &value.to_string()),
            toml::Value::Array(values) => {
                for value in values {
                    let name = value.as_str().or_else(|| value.get("name").and_then(toml::Value::as_str));
                    if let Some(name) = name {
                        matter.set(&key, name);
                    }
                }
            }
            _ => {}
        }
    }
    matter.apply(draft);
}

impl FrontMatter {
    fn set(&mut self, key: &str, value: &str) {
        let value = value.trim();
        if value.is_empty() {
            return;
        }
        match key {
            "title" => self.title = Some(value.to_owned()),
            "author" | "authors" | "creator" => self.authors.push(value.to_owned()),
            "tags" | "tag" | "keywords" | "categories" | "category" => self.tags.push(value.to_owned()),
            "date" | "updated" | "lastmod" => self.date = Some(value.to_owned()),
            "lang" | "language" => self.language = Some(value.to_owned()),
            _ => {}
        }
    }

    fn apply(self, draft: &mut Draft) {
        if self.title.is_some() {
            draft.title = self.title;
        }
        if self.language.is_some() {
            draft.language = self.language;
        }
        let at = self.date.as_deref().and_then(date);
        draft.outline.people.extend(self.authors.iter().map(|author| person(author, at)));
        draft.outline.tags.extend(self.tags);
        draft.outline.things.extend(self.things);
    }
}

/// `Ada Lovelace <ada@example.org>` as a person.
pub(super) fn person(author: &str, at: Option<Timestamp>) -> Person {
    let (name, email) = match author.split_once('<') {
        Some((name, email)) => (name.trim(), Some(email.trim_end_matches('>').trim().to_owned())),
        None => (author.trim(), None),
    };
    let name = if name.is_empty() { email.clone().unwrap_or_default() } else { name.to_owned() };
    Person { name, email: email.filter(|email| email.contains('@')), role: PersonRole::Author, at }
}

/// `- name: Ada` is `Ada`.
fn author_of(item: &str) -> &str {
    let item = item.trim();
    unquoted(item.strip_prefix("name:").unwrap_or(item))
}

fn unquoted(value: &str) -> &str {
    let value = value.trim();
    for quote in ['"', '\''] {
        if let Some(inner) = value.strip_prefix(quote).and_then(|inner| inner.strip_suffix(quote)) {
            return inner;
        }
    }
    value
}

/// Midnight (UTC) of a date that begins with `2026-11-20`.
pub(super) fn date(text: &str) -> Option<Timestamp> {
    let mut parts = text.get(..10)?.split('-');
    let year: i64 = parts.next()?.parse().ok()?;
    let month: i64 = parts.next()?.parse().ok()?;
    let day: i64 = parts.next()?.parse().ok()?;
    if !(1..=9999).contains(&year) || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    // Days since 1970-01-01 in the proleptic Gregorian calendar: Howard Hinnant, "chrono-compatible low-level date
    // algorithms", days_from_civil.
    let shifted = if month <= 2 { year - 1 } else { year };
    let era = shifted.div_euclid(400);
    let year_of_era = shifted.rem_euclid(400);
    let day_of_year = (153 * (month + if month > 2 { -3 } else { 9 }) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    let days = era * 146_097 + day_of_era - 719_468;
    Some(Timestamp(days * 86_400_000))
}
