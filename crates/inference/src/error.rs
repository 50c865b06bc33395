use std::path::{Path, PathBuf};

use ambit_domain::ErrorCode;

/// The result of an operation of this crate.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What can go wrong with a model, a device or the worker's pipe.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file of the model is not there.
    #[error("the model's file {} is not there", path.display())]
    ModelMissing {
        /// The file.
        path: PathBuf,
    },
    /// A file of the model does not hold what it should.
    #[error("the model's file {} is damaged: {reason}", path.display())]
    ModelDamaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// The model is sound, but of a kind that cannot be run.
    #[error("the model in {} cannot be run: {reason}", path.display())]
    ModelUnsupported {
        /// The file that says so.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// A file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// No device of the wanted kind is there.
    #[error("{0}")]
    NoDevice(String),
    /// The device failed while it worked.
    #[error("the compute device failed: {0}")]
    Device(String),
    /// The tokenizer refused a text.
    #[error("the tokenizer failed: {0}")]
    Tokenizer(String),
    /// A text does not fit into what the model reads at once.
    #[error("the text has {tokens} tokens, and the model reads {context} at once")]
    ContextFull {
        /// Tokens of the text, with those that are to follow.
        tokens: usize,
        /// Tokens that the model reads.
        context: usize,
    },
    /// The model's template for conversations cannot be used, or refuses this one.
    #[error("the model's chat template cannot render the conversation: {0}")]
    ChatTemplate(String),
    /// The model's template does not allow this conversation.
    #[error("the model does not take this conversation: {0}")]
    ChatRefused(String),
    /// The form that is asked of a text makes no sense, or is more than can be held to.
    #[error("the text cannot be given the form that is asked: {0}")]
    Constraint(String),
    /// The model was not made for what is asked.
    #[error("{0}")]
    Unable(String),
    /// A model does not fit into the memory that is free.
    #[error("the model needs {} of memory, and {} are free", gigabytes(*needed), gigabytes(*free))]
    NoMemory {
        /// Bytes that it needs.
        needed: u64,
        /// Bytes that can be had.
        free: u64,
    },
    /// The memory of the GPU has no room for the model.
    #[error("the memory of the GPU is full")]
    DeviceFull,
    /// The memory of the GPU has no room for a text.
    #[error("the text has {tokens} tokens, and the memory of the GPU has room for {room}")]
    DeviceTooSmall {
        /// Tokens of the text.
        tokens: usize,
        /// Tokens that there is room for.
        room: usize,
    },
    /// A part of the program broke.
    #[error("{what} failed, which nobody foresaw: {reason}")]
    Panicked {
        /// What was being done.
        what: &'static str,
        /// What it said.
        reason: String,
    },
    /// The system gives no more memory, whatever is free: a limit is set for this process.
    #[error("the system refused {} of memory for the model", gigabytes(*needed))]
    MemoryRefused {
        /// Bytes that were asked for.
        needed: u64,
    },
    /// Nothing can be learnt from what was given.
    #[error("the training cannot be used: {0}")]
    Training(String),
    /// The caller gave up.
    #[error("the request was cancelled")]
    Cancelled,
    /// The pipe between host and worker broke.
    #[error("the pipe between host and engine worker broke: {0}")]
    Pipe(#[from] std::io::Error),
    /// A frame on the pipe makes no sense.
    #[error("malformed frame between host and engine worker: {0}")]
    Frame(String),
    /// The two sides of the pipe are of different builds.
    #[error("host and engine worker speak different versions: {ours} here, {theirs} there")]
    Version {
        /// The version of this side.
        ours: u8,
        /// The version of the other side.
        theirs: u8,
    },
    /// The operating system refused what the worker needs to run.
    #[error("the operating system refused {what}: {reason}")]
    System {
        /// What was asked for.
        what: &'static str,
        /// What it answered.
        reason: String,
    },
}

impl Error {
    pub(crate) fn reading(path: &Path, source: std::io::Error) -> Self {
        let path = path.to_path_buf();
        if source.kind() == std::io::ErrorKind::NotFound {
            Self::ModelMissing { path }
        } else {
            Self::Unreadable { path, source }
        }
    }

    pub(crate) fn damaged(path: &Path, reason: impl std::fmt::Display) -> Self {
        Self::ModelDamaged { path: path.to_path_buf(), reason: reason.to_string() }
    }

    pub(crate) fn unsupported(path: &Path, reason: impl Into<String>) -> Self {
        Self::ModelUnsupported { path: path.to_path_buf(), reason: reason.into() }
    }

    /// What a part of the program said when it broke.
    pub(crate) fn panicked(what: &'static str, panic: &(dyn std::any::Any + Send)) -> Self {
        let said = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        Self::Panicked { what, reason: said.unwrap_or("it did not say why").to_owned() }
    }

    pub(crate) fn device(reason: impl std::fmt::Display) -> Self {
        Self::Device(reason.to_string())
    }

    /// What kind of failure this is.
    #[must_use]
    pub fn code(&self) -> ErrorCode {
        match self {
            Self::ModelMissing { .. } => ErrorCode::ModelMissing,
            Self::ModelDamaged { .. } => ErrorCode::Corrupt,
            Self::ModelUnsupported { .. } | Self::Unable(_) | Self::ChatTemplate(_) => ErrorCode::Unsupported,
            Self::Unreadable { source, .. } if source.kind() == std::io::ErrorKind::PermissionDenied => {
                ErrorCode::PermissionDenied
            }
            Self::NoDevice(_) | Self::Device(_) | Self::DeviceFull | Self::Pipe(_) => ErrorCode::Unavailable,
            Self::ChatRefused(_) | Self::Constraint(_) | Self::Training(_) => ErrorCode::InvalidInput,
            Self::ContextFull { .. }
            | Self::DeviceTooSmall { .. }
            | Self::NoMemory { .. }
            | Self::MemoryRefused { .. } => ErrorCode::TooLarge,
            Self::Cancelled => ErrorCode::Cancelled,
            Self::Unreadable { .. }
            | Self::Tokenizer(_)
            | Self::Frame(_)
            | Self::Panicked { .. }
            | Self::Version { .. }
            | Self::System { .. } => ErrorCode::Internal,
        }
    }

    /// What the user can do about it. Nothing where the user gave up.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        let hint = match self {
            Self::ModelMissing { .. } => "`ambit models pull` fetches the model",
            Self::ModelDamaged { path, .. } => {
                let path = path.display();
                return Some(format!("remove {path} and pull or import the model again with `ambit models`"));
            }
            Self::ModelUnsupported { .. } => "`ambit models list` shows the models that can be run",
            Self::Unreadable { path, source } => {
                let path = path.display();
                return Some(match source.kind() {
                    std::io::ErrorKind::PermissionDenied => format!("allow your user to read {path}"),
                    _ => format!("see whether the disk with {path} is there and sound, and ask again"),
                });
            }
            Self::NoDevice(_) => "set the device to `auto` or `cpu` in the settings",
            Self::Device(_) => "try again; if it stays, set the device to `cpu` in the settings",
            Self::DeviceFull => {
                "close other programs that use the GPU, use a smaller model, or set the device to `cpu` in the settings"
            }
            Self::DeviceTooSmall { .. } => "shorten the text, or set the device to `cpu` in the settings",
            Self::Unable(_) => "use a model that can; `ambit models list` shows those that are installed",
            Self::ChatTemplate(_) => "use another model, or complete plain text, which needs no template",
            Self::ChatRefused(_) => {
                "say something, and put the messages in the order that the model takes: mostly user and assistant in turn"
            }
            Self::Constraint(_) => "correct or simplify the schema, the expression or the grammar",
            Self::Training(_) => "`ambit completion reset` lets the suggestions in editors begin anew",
            Self::MemoryRefused { .. } => "raise the limit of memory that is set for Ambit, or use a smaller model",
            Self::NoMemory { .. } => {
                "close other programs, raise `inference.memory-megabytes` where it is set, or use a smaller model"
            }
            Self::ContextFull { .. } => "shorten the text, or use a model that reads more",
            Self::Tokenizer(_) => "pull or import the model again with `ambit models`, or use another one",
            Self::Version { .. } | Self::Frame(_) => "restart Ambit, so that all its parts are of one version",
            Self::Pipe(_) => "ask again: the engine worker is started anew; `ambit log --level warn` tells more",
            Self::System { .. } => "close other programs or raise the limits that are set for Ambit, and try again",
            Self::Panicked { .. } => "ask again; if it stays, report it with what `ambit log --level warn` shows",
            Self::Cancelled => return None,
        };
        Some(hint.to_owned())
    }
}

fn gigabytes(bytes: u64) -> String {
    format!("{:.1} GB", bytes as f64 / 1e9)
}

impl From<Error> for ambit_domain::Error {
    fn from(error: Error) -> Self {
        let base = Self::new(error.code(), error.to_string());
        let base = match error.hint() {
            Some(hint) => base.with_hint(hint),
            None => base,
        };
        base.with_source(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_meets_an_error_is_told_what_to_do() {
        let path = || PathBuf::from("model.gguf");
        let denied = std::io::Error::from(std::io::ErrorKind::PermissionDenied);
        for error in [
            Error::ChatTemplate("it ends early".to_owned()),
            Error::ChatRefused("roles must alternate".to_owned()),
            Error::Unreadable { path: path(), source: denied },
            Error::Unreadable { path: path(), source: std::io::Error::other("a bad sector") },
            Error::Tokenizer("it knows no letters".to_owned()),
            Error::Training("it has no solution".to_owned()),
            Error::Frame("it has no end".to_owned()),
            Error::Pipe(std::io::Error::from(std::io::ErrorKind::UnexpectedEof)),
            Error::System { what: "a thread", reason: "there are too many".to_owned() },
            Error::DeviceFull,
            Error::DeviceTooSmall { tokens: 9, room: 8 },
            Error::panicked("loading the model", &"a number was too large"),
        ] {
            let hint = error.hint().unwrap_or_default();
            assert!(hint.len() > 10, "{error}: {hint}");
        }
        assert_eq!(Error::Cancelled.hint(), None);
    }

    #[test]
    fn what_broke_says_why_and_does_not_blame_the_files() {
        for panic in [&"a number was too large" as &(dyn std::any::Any + Send), &"a number was too large".to_owned()] {
            let error = Error::panicked("loading the model", panic);
            assert_eq!(error.code(), ErrorCode::Internal);
            assert!(
                error.to_string().contains("loading the model") && error.to_string().contains("too large"),
                "{error}"
            );
        }
    }
}
