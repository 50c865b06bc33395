//! The client of the local API, for everything that is not the host itself: it talks HTTP over the host's Unix socket,
//! starts a headless host when none runs, and finds the new one when a host hands over.
//!
//! It opens no store and loads no model, and it spawns no task: a request lives in the future that waits for it. Dropping
//! that future, a stream of events, or the line of an editor closes the connection, and the host stops the work behind it.
//!
//! ```no_run
//! # async fn example() -> Result<(), ambit_client::Error> {
//! use ambit_client::{Client, ConnectOptions};
//! use ambit_protocol::{AskEvent, AskRequest};
//!
//! let options = ConnectOptions::new("/home/ada/.local/share/ambit", "/usr/bin/ambit", "0.1.0").surface("cli");
//! let client = Client::connect_or_start(options).await?;
//! let mut events = client.ask(&AskRequest { question: "what is ownership?".into(), ..Default::default() }).await?;
//! while let Some(event) = events.next().await {
//!     if let AskEvent::Text { text } = event? {
//!         // show it
//!         # drop(text);
//!     }
//! }
//! # Ok(())
//! # }
//! ```

mod client;
mod completion;
mod editor;
mod error;
mod events;
mod exchange;
mod pages;
mod pass_on;
mod routes;
mod sse;
mod start;
mod version;

pub use client::Client;
pub use completion::CompletionStream;
pub use editor::{EditorLine, EditorReceiver, EditorSender};
pub use error::{Error, Result};
pub use events::{EventStream, SseStream};
pub use pages::{PageAnswer, PageCall, unreachable};
pub use routes::{DocumentQuery, SessionQuery, StatusQuery};
pub use sse::{SseEvent, SseParser};
pub use start::{ALREADY_RUNNING_EXIT_CODE, ConnectOptions};
pub use version::is_newer;

use std::path::{Path, PathBuf};

/// Where the host of a data directory listens, for this user and environment: [`ambit_protocol::socket_path`] with
/// `XDG_RUNTIME_DIR` and the effective user. Hosts and clients both call this.
#[must_use]
pub fn socket_for(data_directory: &Path) -> PathBuf {
    let data_directory = std::fs::canonicalize(data_directory)
        .or_else(|_| std::path::absolute(data_directory))
        .unwrap_or_else(|_| data_directory.to_owned());
    let runtime_directory = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let uid = rustix::process::geteuid().as_raw();
    ambit_protocol::socket_path(&data_directory, runtime_directory.as_deref(), uid)
}
