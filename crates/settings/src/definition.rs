use std::path::Path;

use serde_json::{Value, json};

use crate::{SettingsError, key};

/// What values a setting takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Kind {
    /// true or false.
    Boolean,
    /// A whole number within bounds, both included.
    Integer {
        /// The smallest.
        minimum: i64,
        /// The largest.
        maximum: i64,
    },
    /// Any text.
    Text,
    /// The address of a server, with its scheme.
    Address,
    /// A folder by its whole path or below the home folder, or nothing. A host has no working directory that anybody chose.
    Folder,
    /// One of these.
    Choice(&'static [&'static str]),
    /// A list of texts.
    List,
}

impl Kind {
    fn expected(self) -> String {
        match self {
            Self::Boolean => "true or false".to_owned(),
            Self::Integer { minimum, maximum } => format!("a whole number from {minimum} to {maximum}"),
            Self::Text => "a text".to_owned(),
            Self::Address => "an address like https://host".to_owned(),
            Self::Folder => "a whole path like /folder or ~/folder".to_owned(),
            Self::Choice(choices) => format!("one of {}", choices.join(", ")),
            Self::List => "a list of texts".to_owned(),
        }
    }

    fn accepts(self, value: &Value) -> bool {
        match self {
            Self::Boolean => value.is_boolean(),
            Self::Integer { minimum, maximum } => {
                value.as_i64().is_some_and(|number| (minimum..=maximum).contains(&number))
            }
            Self::Text => value.is_string(),
            Self::Address => value.as_str().is_some_and(is_address),
            Self::Folder => value.as_str().is_some_and(is_folder),
            Self::Choice(choices) => value.as_str().is_some_and(|text| choices.contains(&text)),
            Self::List => value.as_array().is_some_and(|items| items.iter().all(Value::is_string)),
        }
    }

    /// Reads a value as one would write it in a terminal or an environment variable.
    fn read(self, text: &str) -> Option<Value> {
        let value = match self {
            Self::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => json!(true),
                "false" | "0" | "no" | "off" => json!(false),
                _ => return None,
            },
            Self::Integer { .. } => json!(text.trim().parse::<i64>().ok()?),
            Self::Text | Self::Address | Self::Folder | Self::Choice(_) => json!(text),
            Self::List => match serde_json::from_str::<Vec<String>>(text) {
                Ok(items) => json!(items),
                Err(_) => json!(text.split(',').map(str::trim).filter(|item| !item.is_empty()).collect::<Vec<_>>()),
            },
        };
        self.accepts(&value).then_some(value)
    }
}

/// Whether a text can be the address of a server; who connects to it looks closer.
fn is_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|address| matches!(address.scheme(), "http" | "https") && address.has_host())
}

fn is_folder(text: &str) -> bool {
    matches!(text, "" | "~") || text.starts_with("~/") || Path::new(text).is_absolute()
}

/// A setting.
#[derive(Debug, Clone)]
pub struct Definition {
    /// Its key: `network.offline`.
    pub key: &'static str,
    /// What it does, one sentence.
    pub description: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What holds when no layer names it.
    pub default: Value,
    /// Whether a change counts only from the next start of the host.
    pub needs_restart: bool,
    /// Whether it is kept by Ambit itself and not meant to be set by hand.
    pub internal: bool,
}

impl Definition {
    /// The environment variable that sets it: `AMBIT_NETWORK_OFFLINE`.
    #[must_use]
    pub fn environment_variable(&self) -> String {
        format!("AMBIT_{}", self.key.to_ascii_uppercase().replace(['.', '-'], "_"))
    }

    /// Checks a value.
    ///
    /// # Errors
    /// [`SettingsError::WrongValue`].
    pub fn validate(&self, value: &Value) -> Result<(), SettingsError> {
        if self.kind.accepts(value) {
            return Ok(());
        }
        Err(SettingsError::WrongValue {
            key: self.key.to_owned(),
            expected: self.kind.expected(),
            found: value.to_string(),
        })
    }

    /// Reads a value from text, as typed in a terminal or set in an environment variable.
    ///
    /// # Errors
    /// [`SettingsError::WrongValue`].
    pub fn parse(&self, text: &str) -> Result<Value, SettingsError> {
        self.kind.read(text).ok_or_else(|| SettingsError::WrongValue {
            key: self.key.to_owned(),
            expected: self.kind.expected(),
            found: format!("`{text}`"),
        })
    }
}

/// All settings, by key.
#[must_use]
pub fn definitions() -> Vec<Definition> {
    let public = |key, description, kind, default, needs_restart| Definition {
        key,
        description,
        kind,
        default,
        needs_restart,
        internal: false,
    };
    let internal = |key, description, kind, default| Definition {
        key,
        description,
        kind,
        default,
        needs_restart: false,
        internal: true,
    };
    vec![
        public(
            key::ANSWER_PASSAGES,
            "How many passages an answer may draw on.",
            Kind::Integer { minimum: 1, maximum: 50 },
            json!(8),
            true,
        ),
        public(
            key::API_COMPATIBILITY_PORT,
            "TCP port on 127.0.0.1 at which OpenAI and Ollama clients need no token, for models only; 0 leaves it off.",
            Kind::Integer { minimum: 0, maximum: 65535 },
            json!(0),
            true,
        ),
        public(
            key::API_ORIGINS,
            "Origins of web pages that may call the API over TCP, for example http://127.0.0.1:5173.",
            Kind::List,
            json!([]),
            true,
        ),
        public(
            key::API_TCP_PORT,
            "TCP port of the local API on 127.0.0.1; 0 leaves it off.",
            Kind::Integer { minimum: 0, maximum: 65535 },
            json!(0),
            true,
        ),
        public(
            key::COMPLETION_CONTEXT,
            "What a model that completes code is shown beside the file: edits, open, definitions, diagnostics, passages; pages \
             that were just read in the browser, whose code then counts without a model as well; commands that just failed. The \
             last two are for models of this machine alone.",
            Kind::List,
            json!(["edits", "open", "definitions", "diagnostics"]),
            false,
        ),
        public(
            key::COMPLETION_CONTEXT_TOKENS,
            "How many tokens of code and context a model that completes code is shown; fewer are quicker.",
            Kind::Integer { minimum: 128, maximum: 32_768 },
            json!(1024),
            false,
        ),
        public(
            key::COMPLETION_GATE,
            "Whether suggestions in editors stay away that you would hardly take, by what was learnt; who asks gets them.",
            Kind::Boolean,
            json!(true),
            false,
        ),
        public(
            key::COMPLETION_LEARN,
            "Whether it is learnt, on this machine, from the suggestions that you take, keep and put away.",
            Kind::Boolean,
            json!(true),
            false,
        ),
        public(
            key::COMPLETION_MODEL,
            "The language model that completes code in editors where what was counted is not sure; empty leaves it to that alone.",
            Kind::Text,
            json!(""),
            false,
        ),
        public(
            key::DESKTOP_AUTOSTART,
            "Whether the desktop app starts, without a window, when you log in. The app heeds this while it runs.",
            Kind::Boolean,
            json!(false),
            false,
        ),
        public(
            key::DESKTOP_SELECTION,
            "Whether the desktop app's launcher may read what is selected in other programs, or was copied, when it opens; ask has \
             it ask.",
            Kind::Choice(&["ask", "allow", "refuse"]),
            json!("ask"),
            false,
        ),
        public(
            key::DESKTOP_SHORTCUT,
            "The keys that open the desktop app's launcher above any program, such as Ctrl+Shift+Space; empty for none.",
            Kind::Text,
            json!("Ctrl+Shift+Space"),
            false,
        ),
        public(
            key::HOST_IDLE_MINUTES,
            "Minutes without a request after which a host that a client started leaves; 0 keeps it.",
            Kind::Integer { minimum: 0, maximum: 10_080 },
            json!(30),
            true,
        ),
        internal(key::INDEX_EMBEDDING_MODEL, "The model that made the stored vectors.", Kind::Text, json!("")),
        public(
            key::INDEX_EXCLUDE,
            "Files that are not read, as globs in the syntax of .gitignore; what was read of them goes.",
            Kind::List,
            json!([]),
            false,
        ),
        internal(key::INDEX_FORGOTTEN, "Sources that were forgotten; they are not read again.", Kind::List, json!([])),
        public(
            key::INDEX_MAXIMUM_FILE_BYTES,
            "Files larger than this are left out.",
            Kind::Integer { minimum: 1, maximum: 1 << 40 },
            json!(64 * 1024 * 1024),
            true,
        ),
        public(
            key::INDEX_ON_BATTERY,
            "What embedding does on battery with the profile automatic: slow rests after each batch, and stops below 20 %.",
            Kind::Choice(&["slow", "work", "rest"]),
            json!("slow"),
            false,
        ),
        public(
            key::INDEX_PAUSED,
            "Whether embedding rests: what is new is found by keyword alone until it goes on.",
            Kind::Boolean,
            json!(false),
            false,
        ),
        public(
            key::INDEX_THREADS,
            "Threads that read files; 0 takes one per core.",
            Kind::Integer { minimum: 0, maximum: 256 },
            json!(0),
            true,
        ),
        public(
            key::INFERENCE_DEVICE,
            "Where local models run: auto takes a real GPU when there is one; software-gpu is for tests.",
            Kind::Choice(&["auto", "cpu", "gpu", "software-gpu"]),
            json!("auto"),
            true,
        ),
        public(
            key::INFERENCE_IDLE_SECONDS,
            "Seconds without work after which models leave memory.",
            Kind::Integer { minimum: 1, maximum: 86_400 },
            json!(60),
            true,
        ),
        public(
            key::INFERENCE_MEMORY,
            "The most memory in MiB that local models may hold together, what they read and write included; 0 lets them have what \
             is free. A GPU's own memory does not count.",
            Kind::Integer { minimum: 0, maximum: 1 << 24 },
            json!(0),
            true,
        ),
        public(
            key::INFERENCE_PREFIX_CACHE,
            "Disk space in MiB for beginnings of texts that local language models have read, so that they are not read again \
             after a restart; 0 keeps none.",
            Kind::Integer { minimum: 0, maximum: 1 << 20 },
            json!(0),
            true,
        ),
        public(
            key::INFERENCE_THREADS,
            "Threads of local models on the processor; 0 takes one per core.",
            Kind::Integer { minimum: 0, maximum: 256 },
            json!(0),
            true,
        ),
        public(
            key::LOG_LEVEL,
            "How much is logged.",
            Kind::Choice(&["error", "warn", "info", "debug", "trace"]),
            json!("info"),
            true,
        ),
        public(
            key::LOG_MAXIMUM_BYTES,
            "Bytes that log files may take in all; the oldest go first.",
            Kind::Integer { minimum: 1 << 20, maximum: 1 << 40 },
            json!(50 * 1024 * 1024),
            true,
        ),
        public(
            key::LOG_RETENTION_DAYS,
            "Days that log files are kept.",
            Kind::Integer { minimum: 1, maximum: 3650 },
            json!(14),
            true,
        ),
        public(
            key::MODELS_EMBEDDER,
            "The encoder that makes vectors, by its name in `ambit models list`; another one has all text embedded anew.",
            Kind::Text,
            json!("all-MiniLM-L6-v2"),
            true,
        ),
        public(
            key::MODELS_FOLDER,
            "Folder that holds the models' files, by its whole path or with ~/; empty takes `models` in the data directory.",
            Kind::Folder,
            json!(""),
            true,
        ),
        public(
            key::MODELS_HUB,
            "Address of the hub that models are fetched from, or of a mirror of it.",
            Kind::Address,
            json!("https://huggingface.co"),
            true,
        ),
        public(
            key::MODELS_LANGUAGE,
            "The language model that answers, by its name in `ambit models list` or as PROVIDER/MODEL; when empty, the only one that is installed.",
            Kind::Text,
            json!(""),
            false,
        ),
        public(key::NETWORK_OFFLINE, "No connections but to this machine.", Kind::Boolean, json!(false), false),
        public(
            key::POWER_PROFILE,
            "How much the machine is spared: automatic goes by battery, memory and heat; saver works slowly, and not at all on \
             battery; performance stops only when memory is short or the processor too hot.",
            Kind::Choice(&["automatic", "saver", "performance"]),
            json!("automatic"),
            false,
        ),
        public(
            key::UPDATES_ADDRESS,
            "Address of the list that tells the newest version; its signature is beside it, under the same name and .minisig.",
            Kind::Text,
            json!(option_env!("AMBIT_BUILD_UPDATE_ADDRESS").unwrap_or_default()),
            true,
        ),
        public(
            key::UPDATES_CHECK,
            "Whether the host looks there once a day and tells of a newer version; it never installs one.",
            Kind::Boolean,
            json!(false),
            true,
        ),
        internal(
            key::UPDATES_CHECKED,
            "When the host looked for a newer version.",
            Kind::Integer { minimum: 0, maximum: i64::MAX },
            json!(0),
        ),
        internal(key::UPDATES_SEEN, "The newest version that was seen.", Kind::Text, json!("")),
    ]
}

/// The setting with this key.
///
/// # Errors
/// [`SettingsError::UnknownKey`], with the most similar key.
pub fn definition(key: &str) -> Result<Definition, SettingsError> {
    let mut all = definitions();
    if let Some(position) = all.iter().position(|definition| definition.key == key) {
        return Ok(all.swap_remove(position));
    }
    let similar = all
        .iter()
        .map(|definition| (edit_distance(definition.key, key), definition.key))
        .min()
        .filter(|(distance, _)| *distance <= 4)
        .map(|(_, key)| key);
    Err(SettingsError::UnknownKey { key: key.to_owned(), similar })
}

/// Levenshtein's distance, by the two-row dynamic programme of Wagner and Fischer (1974).
fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (line, left_character) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right_character) in right.iter().enumerate() {
            let substituted = diagonal + usize::from(left_character != *right_character);
            diagonal = row[column + 1];
            row[column + 1] = substituted.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[right.len()]
}
