use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A page of the web that is to be kept.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPage {
    /// Its address. What stands behind `#` is left out.
    pub url: String,
    /// Its title; the site's name when it is empty.
    #[serde(default)]
    pub title: String,
    /// What is to be kept of it, as Markdown.
    pub text: String,
    /// Whether that is only what was selected; it is kept beside the page.
    #[serde(default)]
    pub is_selection: bool,
    /// Things that it describes for machines, which go into the knowledge graph: 50 at most.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub things: Vec<PageThing>,
}

/// A thing that a page describes for machines, in the words of schema.org.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageThing {
    /// What it is: `Product`.
    #[serde(rename = "type")]
    pub kind: String,
    /// What it is called.
    pub name: String,
    /// What is said of it: 30 properties at most.
    #[serde(default)]
    pub properties: Vec<PageProperty>,
}

/// Something that is said of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PageProperty {
    /// What is said: `price`.
    pub name: String,
    /// Its value, as plain text.
    pub value: String,
}

impl std::fmt::Debug for NewPage {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("NewPage").field("is_selection", &self.is_selection).finish_non_exhaustive()
    }
}

/// How a page that was saved differs from what was kept of its address before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PageChange {
    /// Nothing was kept of it.
    New,
    /// It says something else now.
    Changed,
    /// It says the same.
    Same,
}

/// A page that is kept: a Markdown file in the data directory, which is indexed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The file, by which documents and citations know it.
    pub path: String,
    /// Whether it is only what was selected.
    pub is_selection: bool,
    /// When it was saved last.
    pub saved_at: i64,
    /// How it differs from what was kept before, where it has just been saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<PageChange>,
}

/// Pages that are kept, the last saved first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SavedPageList {
    /// The pages.
    pub pages: Vec<SavedPage>,
}
