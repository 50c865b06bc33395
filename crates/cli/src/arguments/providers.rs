//! Servers of language models that people run, and what was sent to them.

use std::path::PathBuf;

use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum Providers {
    /// Add a server; its models are named PROVIDER/MODEL from then on.
    ///
    /// Nothing is sent to it by this. A server on another machine gets nothing before you consent.
    Add {
        /// What to call it.
        name: String,
        /// Where it is, such as https://api.example.com/v1 or http://127.0.0.1:11434.
        #[arg(long, value_name = "ADDRESS")]
        url: String,
        /// What it speaks.
        #[arg(long, value_name = "KIND", default_value = "openai")]
        kind: ProviderKind,
        /// A model that lists are to show, by the server's name; may be given several times.
        #[arg(long, value_name = "MODEL")]
        model: Vec<String>,
        /// A model of it that takes images; may be given several times. Others are sent none.
        #[arg(long, value_name = "MODEL")]
        images: Vec<String>,
        /// How many tokens of conversation its models read; 8192 when not given.
        #[arg(long, value_name = "TOKENS")]
        context: Option<u64>,
    },
    /// Change a server; what is not given stays.
    ///
    /// For another address consent is needed anew, and for another host a key.
    Change {
        /// The server.
        name: String,
        /// Where it is now.
        #[arg(long, value_name = "ADDRESS")]
        url: Option<String>,
        /// A model that lists are to show, instead of those that they show; may be given several times, or without a name.
        #[arg(long, value_name = "MODEL", num_args = 0..=1)]
        model: Option<Vec<String>>,
        /// A model that takes images, instead of those that do; may be given several times, or without a name.
        #[arg(long, value_name = "MODEL", num_args = 0..=1)]
        images: Option<Vec<String>>,
        /// How many tokens of conversation its models read.
        #[arg(long, value_name = "TOKENS")]
        context: Option<u64>,
    },
    /// The servers that there are, and what may be sent to them.
    List,
    /// Remove a server with its key.
    Remove {
        /// The server.
        name: String,
    },
    /// Keep the key of a server; asks for it at a terminal, reads it from standard input otherwise.
    Key {
        /// The server.
        name: String,
        /// Take the key away instead.
        #[arg(long)]
        remove: bool,
    },
    /// Consent to send to a server on another machine.
    Consent {
        /// The server.
        name: String,
        /// Take the consent back.
        #[arg(long)]
        withdraw: bool,
    },
    /// Let passages of a folder be sent to a server on another machine; without, it gets only what you type.
    Allow {
        /// The server.
        name: String,
        /// The folder.
        folder: PathBuf,
    },
    /// No longer let passages of a folder be sent to a server.
    Disallow {
        /// The server.
        name: String,
        /// The folder.
        folder: PathBuf,
    },
}

/// What a server of language models speaks.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum ProviderKind {
    /// OpenAI's API, as LM Studio, vLLM, llama.cpp, OpenRouter and many others speak it.
    #[value(name = "openai")]
    OpenAi,
    /// Ollama's API.
    Ollama,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Egress {
    /// What was sent to servers of language models, and what was held back, the newest first.
    List {
        /// At most this many.
        #[arg(long, short = 'n', value_name = "NUMBER", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..=1000))]
        limit: u32,
    },
    /// One of what was sent, word for word; with --json, byte for byte.
    Show {
        /// Its number.
        number: i64,
    },
    /// Erase the content of what was sent; that it was sent stays known.
    Erase {
        /// Its number.
        number: i64,
    },
}
