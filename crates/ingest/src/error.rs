use ambit_domain::{DocumentState, Error, ErrorCode};

/// Why a file gave no text, or why a folder could not be walked or watched.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IngestError {
    /// The bytes are no text in any encoding.
    #[error("is not text")]
    NotText,
    /// The name says that there is nothing to read, or the format is not known and the bytes are no text.
    #[error("is not a format that can be read")]
    UnknownFormat,
    /// A document in a format that is not read.
    #[error("is in a format that is not read; save it as PDF, DOCX, PPTX, XLSX or EPUB")]
    UnreadFormat,
    /// It holds a secret.
    #[error("looks like a private key")]
    PrivateKey,
    /// Machine-written code with lines that nobody reads.
    #[error("looks generated: its lines are {average} bytes long on average")]
    Generated {
        /// Bytes of a line.
        average: usize,
    },
    /// Over the limit on the size of a file.
    #[error("is {} large; files of this format are read up to {}", megabytes(*.size), megabytes(*.limit))]
    TooLarge {
        /// Bytes of the file.
        size: u64,
        /// Bytes that would be read.
        limit: u64,
    },
    /// Pages, but only images on them.
    #[error("a scanned PDF: its {pages} {} no text", if *.pages == 1 { "page holds" } else { "pages hold" })]
    Scanned {
        /// Pages of the document.
        pages: usize,
    },
    /// It cannot be read without its password.
    #[error("is encrypted; it can be read once it is saved without a password")]
    Encrypted,
    /// An archive that unpacks to far more than a document holds.
    #[error("unpacks to far more than a document holds ({reason}), as a zip bomb does")]
    Bomb {
        /// Which limit was passed.
        reason: String,
    },
    /// The format's own rules are broken.
    #[error("is damaged: {0}")]
    Damaged(String),
    /// The time for one file ran out.
    #[error("took longer than {0} seconds to read")]
    TooSlow(u64),
    /// The reader failed in a way that it should not.
    #[error("the reader gave up on this file: {0}")]
    Panicked(String),
    /// The caller gave up.
    #[error("reading was cancelled")]
    Cancelled,
    /// The operating system refused.
    #[error("{}", describe(.0))]
    Io(#[from] std::io::Error),
    /// The folder cannot be watched.
    #[error("{message}")]
    Watch {
        /// What happened.
        message: String,
        /// What to do.
        hint: Option<String>,
    },
}

impl IngestError {
    /// Whether the file was left out on purpose or could not be read.
    #[must_use]
    pub fn state(&self) -> DocumentState {
        match self {
            Self::UnknownFormat
            | Self::UnreadFormat
            | Self::PrivateKey
            | Self::Generated { .. }
            | Self::TooLarge { .. }
            | Self::Scanned { .. } => DocumentState::Skipped,
            _ => DocumentState::Failed,
        }
    }
}

impl From<IngestError> for Error {
    fn from(error: IngestError) -> Self {
        let code = match &error {
            IngestError::NotText
            | IngestError::UnknownFormat
            | IngestError::UnreadFormat
            | IngestError::Scanned { .. } => ErrorCode::Unsupported,
            IngestError::PrivateKey | IngestError::Generated { .. } | IngestError::Encrypted => ErrorCode::Unsupported,
            IngestError::TooLarge { .. } | IngestError::Bomb { .. } => ErrorCode::TooLarge,
            IngestError::Damaged(_) => ErrorCode::InvalidInput,
            IngestError::TooSlow(_) => ErrorCode::Timeout,
            IngestError::Cancelled => ErrorCode::Cancelled,
            IngestError::Panicked(_) => ErrorCode::Internal,
            IngestError::Watch { .. } => ErrorCode::Unavailable,
            IngestError::Io(io) => match io.kind() {
                std::io::ErrorKind::NotFound => ErrorCode::NotFound,
                std::io::ErrorKind::PermissionDenied => ErrorCode::PermissionDenied,
                _ => ErrorCode::Unavailable,
            },
        };
        let converted = Self::new(code, error.to_string());
        let converted = match &error {
            IngestError::Watch { hint: Some(hint), .. } => converted.with_hint(hint.clone()),
            _ => converted,
        };
        converted.with_source(error)
    }
}

fn megabytes(bytes: u64) -> String {
    if bytes < 1 << 20 { format!("{bytes} bytes") } else { format!("{} MB", bytes >> 20) }
}

/// What the operating system said, in the words of this product where there are any.
pub(crate) fn describe(error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::PermissionDenied => {
            "permission denied: give your user the right to read it, or exclude it in .ambitignore".to_owned()
        }
        std::io::ErrorKind::NotFound => "is no longer there".to_owned(),
        _ => format!("cannot be read: {error}"),
    }
}
