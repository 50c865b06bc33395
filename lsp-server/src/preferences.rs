//! What people choose in their editor.

use glob::{MatchOptions, Pattern};
use serde::Deserialize;
use serde_json::Value;
use tower_lsp::lsp_types::Url;

/// The section of the editor's settings.
pub(crate) const SECTION: &str = "ambit";

/// The settings of an editor, below `ambit`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Preferences {
    /// Whether anything is told to the host at all.
    pub(crate) enabled: bool,
    /// Languages, as the editor calls them, whose documents are not told to the host.
    pub(crate) disabled_languages: Vec<String>,
    /// Patterns of paths, such as `**/secrets/**`, whose documents are not told to the host.
    #[serde(deserialize_with = "patterns")]
    pub(crate) disabled_files: Vec<Pattern>,
    /// How many lines a suggestion may have; 0: as many as fit.
    pub(crate) maximum_lines: usize,
    /// Whether words are offered in the list of completions.
    pub(crate) words: bool,
    /// Whether what can be done with code stands above it.
    pub(crate) code_lens: bool,
    /// Whether the signatures of functions that are called are told, beside those of other servers.
    pub(crate) signatures: bool,
}

impl Default for Preferences {
    fn default() -> Self {
        Self {
            enabled: true,
            disabled_languages: Vec::new(),
            disabled_files: Vec::new(),
            maximum_lines: 0,
            words: true,
            code_lens: false,
            signatures: false,
        }
    }
}

const MATCHING: MatchOptions =
    MatchOptions { case_sensitive: true, require_literal_separator: true, require_literal_leading_dot: false };

impl Preferences {
    /// Reads settings as editors send them: the section itself, or something that holds it. None where there is none.
    pub(crate) fn read(value: &Value) -> Option<serde_json::Result<Self>> {
        let section = value.get(SECTION).unwrap_or(value);
        section.is_object().then(|| Self::deserialize(section))
    }

    /// Whether a document may be told to the host.
    pub(crate) fn admits(&self, uri: &str, language: &str) -> bool {
        self.enabled && !self.disabled_languages.iter().any(|it| it == language) && !self.excludes(uri)
    }

    fn excludes(&self, uri: &str) -> bool {
        if self.disabled_files.is_empty() {
            return false;
        }
        // Names are percent-encoded in a URI, and patterns are written for names.
        let parsed = Url::parse(uri).ok();
        let local = parsed.as_ref().and_then(|url| url.to_file_path().ok());
        let path = local.map_or_else(
            || parsed.map_or_else(|| uri.to_owned(), |url| url.path().to_owned()),
            |path| path.to_string_lossy().into_owned(),
        );
        self.disabled_files.iter().any(|pattern| {
            // A pattern without a folder is meant for names, wherever they are.
            let name = path.rsplit('/').next().unwrap_or(&path);
            let subject = if pattern.as_str().contains('/') { path.as_str() } else { name };
            pattern.matches_with(subject, MATCHING)
        })
    }
}

/// Patterns; what is none is left out, so that one slip does not put all other settings aside.
fn patterns<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<Pattern>, D::Error> {
    let texts = Vec::<String>::deserialize(deserializer)?;
    Ok(texts.iter().filter_map(|text| Pattern::new(text).ok()).collect())
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn settings_are_read_in_the_shapes_that_editors_send() {
        let inner = json!({ "enabled": false, "maximumLines": 3 });
        for value in [inner.clone(), json!({ "ambit": inner })] {
            let read = Preferences::read(&value).unwrap().unwrap();
            assert_eq!((read.enabled, read.maximum_lines, read.words), (false, 3, true), "{value}");
        }
        assert!(Preferences::read(&Value::Null).is_none());
        assert!(Preferences::read(&json!({ "enabled": "sometimes" })).unwrap().is_err());
    }

    #[test]
    fn languages_and_files_are_left_alone_as_told() {
        let value =
            json!({ "disabledLanguages": ["markdown"], "disabledFiles": ["*.env", "**/private/**", "[", "/a b/*"] });
        let preferences = Preferences::read(&value).unwrap().unwrap();
        assert_eq!(preferences.disabled_files.len(), 3, "what is no pattern is left out");
        for (uri, language, admitted) in [
            ("file:///home/ada/main.rs", "rust", true),
            ("file:///home/ada/README.md", "markdown", false),
            ("file:///home/ada/prod.env", "dotenv", false),
            ("file:///home/ada/private/deep/main.rs", "rust", false),
            ("file:///a%20b/main.rs", "rust", false),
            ("vscode-remote://ssh-remote%2Bhost/srv/private/main.rs", "rust", false),
            ("untitled:Untitled-1", "rust", true),
        ] {
            assert_eq!(preferences.admits(uri, language), admitted, "{uri}");
        }
    }
}
