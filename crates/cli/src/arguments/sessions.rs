//! Conversations, and what answers in them.

use std::path::PathBuf;

use clap::{Args, Subcommand};

#[derive(Debug, Args)]
pub(crate) struct AnsweredBy {
    /// The language model that is to answer: one that is installed, or PROVIDER/MODEL; that of the session, or else the chosen
    /// one, when not given. A new session keeps it.
    #[arg(long, value_name = "NAME")]
    pub(crate) model: Option<String>,
    /// Have no model answer that runs on another machine. A new session keeps that.
    #[arg(long)]
    pub(crate) only_local: bool,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Sessions {
    /// The last sessions.
    List {
        /// At most this many.
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: u32,
    },
    /// Find sessions by what their questions and answers say.
    Search {
        /// Words that all have to be there.
        #[arg(required = true)]
        words: Vec<String>,
        /// At most this many.
        #[arg(long, short = 'n', default_value_t = 20)]
        limit: u32,
    },
    /// One session with its questions and answers.
    Show {
        /// Its id.
        id: String,
    },
    /// Give a session another title.
    Rename {
        /// Its id.
        id: String,
        /// The title.
        #[arg(required = true)]
        title: Vec<String>,
    },
    /// Have a session stand before others.
    Pin {
        /// Its id.
        id: String,
    },
    /// Have a session stand among the others again.
    Unpin {
        /// Its id.
        id: String,
    },
    /// Choose what answers in a session.
    Use {
        /// Its id.
        id: String,
        /// A language model. When none is named: the chosen one, or the present one where it is said where answers may come
        /// from.
        model: Option<String>,
        /// Have no model answer that runs on another machine.
        #[arg(long, conflicts_with = "anywhere")]
        only_local: bool,
        /// Let models answer that run on another machine.
        #[arg(long)]
        anywhere: bool,
    },
    /// Go on from a session in a new one.
    Fork {
        /// Its id.
        id: String,
        /// The last question that the new one takes over, by the id that `sessions show` tells; all when absent.
        #[arg(long)]
        through: Option<String>,
    },
    /// Take in chats of ChatGPT or Claude: the zip archive that the service sent, or `conversations.json` from it. The same
    /// file again adds nothing; a chat that grew gets what is new.
    Import {
        /// The file.
        file: PathBuf,
    },
    /// Remove a session.
    Remove {
        /// Its id.
        id: String,
    },
}
