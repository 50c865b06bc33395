//! The keys of all settings.

/// No connections but to this machine.
pub const NETWORK_OFFLINE: &str = "network.offline";
/// TCP port of the local API.
pub const API_TCP_PORT: &str = "api.tcp-port";
/// TCP port for clients of OpenAI's and Ollama's APIs that cannot send a token.
pub const API_COMPATIBILITY_PORT: &str = "api.compatibility-port";
/// Origins of web pages that may call the API over TCP.
pub const API_ORIGINS: &str = "api.origins";
/// The language model that completes code where counts are not sure.
pub const COMPLETION_MODEL: &str = "completion.model";
/// Tokens of code that it is shown.
pub const COMPLETION_CONTEXT_TOKENS: &str = "completion.context-tokens";
/// What it is shown beside the file.
pub const COMPLETION_CONTEXT: &str = "completion.context";
/// Whether suggestions in editors that would hardly be taken stay away.
pub const COMPLETION_GATE: &str = "completion.gate";
/// Whether it is learnt which would be.
pub const COMPLETION_LEARN: &str = "completion.learn";
/// Whether the desktop app starts with the desktop.
pub const DESKTOP_AUTOSTART: &str = "desktop.autostart";
/// Whether the launcher may read what is selected in other programs.
pub const DESKTOP_SELECTION: &str = "desktop.selection";
/// The shortcut of the launcher.
pub const DESKTOP_SHORTCUT: &str = "desktop.shortcut";
/// Minutes without a request after which a host leaves that a client started.
pub const HOST_IDLE_MINUTES: &str = "host.idle-minutes";
/// Globs of files that are never read.
pub const INDEX_EXCLUDE: &str = "index.exclude";
/// Largest file that is read.
pub const INDEX_MAXIMUM_FILE_BYTES: &str = "index.maximum-file-bytes";
/// What embedding in the background does on battery.
pub const INDEX_ON_BATTERY: &str = "index.on-battery";
/// Whether embedding in the background rests.
pub const INDEX_PAUSED: &str = "index.paused";
/// Threads that read files.
pub const INDEX_THREADS: &str = "index.threads";
/// Where local models run.
pub const INFERENCE_DEVICE: &str = "inference.device";
/// Threads of local models on the processor.
pub const INFERENCE_THREADS: &str = "inference.threads";
/// Disk space for what language models have read.
pub const INFERENCE_PREFIX_CACHE: &str = "inference.prefix-cache-megabytes";
/// The most memory in MiB that models may hold.
pub const INFERENCE_MEMORY: &str = "inference.memory-megabytes";
/// Seconds without work after which models leave memory.
pub const INFERENCE_IDLE_SECONDS: &str = "inference.idle-seconds";
/// Folder that holds the models' files.
pub const MODELS_FOLDER: &str = "models.folder";
/// The encoder that makes vectors.
pub const MODELS_EMBEDDER: &str = "models.embedder";
/// The language model that answers.
pub const MODELS_LANGUAGE: &str = "models.language";
/// Address of the hub that models are fetched from.
pub const MODELS_HUB: &str = "models.hub";
/// How much the machine is spared.
pub const POWER_PROFILE: &str = "power.profile";
/// Passages that an answer may draw on.
pub const ANSWER_PASSAGES: &str = "answer.passages";
/// Days that log files are kept.
pub const LOG_RETENTION_DAYS: &str = "log.retention-days";
/// Bytes that log files may take in all.
pub const LOG_MAXIMUM_BYTES: &str = "log.maximum-bytes";
/// How much is logged.
pub const LOG_LEVEL: &str = "log.level";
/// Where the list of the newest version is.
pub const UPDATES_ADDRESS: &str = "updates.address";
/// Whether the host looks for a newer version by itself.
pub const UPDATES_CHECK: &str = "updates.check";
/// When it did so last, in milliseconds.
pub const UPDATES_CHECKED: &str = "updates.checked";
/// The newest version that was ever seen there.
pub const UPDATES_SEEN: &str = "updates.seen";
/// Sources that the user had forgotten; they are not read again.
pub const INDEX_FORGOTTEN: &str = "index.forgotten";
/// The model that made the stored vectors; kept by the indexing pipeline.
pub const INDEX_EMBEDDING_MODEL: &str = "index.embedding_model";
