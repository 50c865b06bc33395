//! Servers of language models that people run already, behind the port [`LanguageModel`](ambit_domain::port::LanguageModel):
//! whatever speaks OpenAI's API (OpenAI, LM Studio, vLLM, llama.cpp, OpenRouter, …), and Ollama.
//!
//! [`Gateway`] keeps the list of them and hands out their models, which are named `PROVIDER/MODEL`.
//!
//! # Guarantees
//!
//! - Nothing is sent but through `egress`, and each request stands in the ledger with its content before it is sent.
//! - A server on another machine gets nothing before the user consented to it, and nothing that holds a known kind of
//!   secret. What may be quoted to it is for the writer of the prompt to heed, who is told by
//!   [`Reach`](ambit_domain::port::Reach).
//! - A server at a loopback address counts as this machine: it works offline and needs no consent. Models that Ollama says
//!   it passes on to its own servers count as elsewhere, wherever Ollama runs.
//! - Dropping the stream of a text, or cancelling it, closes the connection.

mod error;
mod exchange;
mod gateway;
mod lines;
mod model;
mod passed_on;
mod provider;
mod secrets;
mod wire;

pub use error::GatewayError;
pub use exchange::Patience;
pub use gateway::{Gateway, GatewayPorts};
pub use secrets::{FoundSecret, SecretKind, find_secret};
