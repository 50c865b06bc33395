use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{Thing, Timestamp};

/// A page of the web that is to be kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPage {
    /// Its address, without what stands behind `#`.
    pub url: String,
    /// Its title.
    pub title: String,
    /// What is to be kept of it, as Markdown.
    pub text: String,
    /// Whether that is only what was selected.
    pub is_selection: bool,
    /// Things that it describes for machines.
    pub things: Vec<Thing>,
}

/// How a page that was saved differs from what was kept of its address before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PageChange {
    /// Nothing was kept of it.
    New,
    /// It says something else now.
    Changed,
    /// It says the same.
    Same,
}

/// A page that is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedPage {
    /// Its address.
    pub url: String,
    /// Its title.
    pub title: String,
    /// The file, by which documents and citations know it.
    pub path: PathBuf,
    /// Whether it is only what was selected.
    pub is_selection: bool,
    /// When it was read.
    pub saved: Timestamp,
    /// How it differs from what was kept before; of those that are listed, nothing is known of that.
    pub change: Option<PageChange>,
}
