use serde::{Deserialize, Serialize};

macro_rules! number {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

macro_rules! text {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub String);

        impl $name {
            /// The text of the id.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(formatter)
            }
        }
    };
}

number!(
    /// A document's row. Never used again after the document is gone.
    DocumentId
);
number!(
    /// A passage's row. Every new version of a document gets new ones; never used again.
    PassageId
);
number!(
    /// An indexed folder's row.
    RootId
);
number!(
    /// The position of a change to the documents. Strictly increasing; derived stores record the last one they applied.
    Sequence
);
text!(
    /// A file that was handed over for a conversation; a version 7 UUID.
    AttachmentId
);
text!(
    /// A conversation; a version 7 UUID.
    SessionId
);
text!(
    /// One question and its answer; a version 7 UUID.
    TurnId
);
text!(
    /// A remembered fact or preference; a version 7 UUID.
    MemoryId
);
