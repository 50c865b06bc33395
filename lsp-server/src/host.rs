//! Where the host is, and how it is started.

use std::path::PathBuf;
use std::time::Duration;

use ambit_client::{Client, ConnectOptions, Result, socket_for};
use tokio::time::sleep;

/// How often is looked for a host that somebody else starts.
const LOOK: Duration = Duration::from_millis(500);

/// The way to the host of a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    options: ConnectOptions,
}

impl Host {
    /// The host of a data directory: the chosen one, or else the one that all programs use.
    pub(crate) fn locate(chosen: Option<PathBuf>) -> Result<Self> {
        Ok(Self { options: ConnectOptions::locate(chosen, env!("CARGO_PKG_VERSION"))?.surface("editor") })
    }

    /// A client of the host, which is started when none runs.
    pub(crate) async fn connect(&self) -> Result<Client> {
        Client::connect_or_start(self.options.clone()).await
    }

    /// A client of a host that somebody else starts.
    pub(crate) async fn find(&self) -> Result<Client> {
        let socket = socket_for(&self.options.data_directory);
        loop {
            match Client::connect(&socket).await {
                Ok(client) => return client.with_surface(&self.options.surface),
                Err(_) => sleep(LOOK).await,
            }
        }
    }
}
