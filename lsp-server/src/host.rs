//! Where the host is, and how it is started.

use std::path::PathBuf;
use std::time::Duration;

use ambit_client::{Client, ConnectOptions, Error, Result, socket_for};
use etcetera::BaseStrategy;
use tokio::time::sleep;

/// Names the folder where Ambit keeps everything, as for all of its programs.
const DATA_DIRECTORY: &str = "AMBIT_DATA_DIRECTORY";

/// How often is looked for a host that somebody else starts.
const LOOK: Duration = Duration::from_millis(500);

/// The way to the host of a data directory.
#[derive(Debug, Clone)]
pub(crate) struct Host {
    options: ConnectOptions,
}

impl Host {
    /// The host of a data directory: the chosen one, that of the environment, or the usual one of the platform. It is run by the
    /// `ambit` beside this program, or else by that of the search path.
    pub(crate) fn locate(chosen: Option<PathBuf>) -> Result<Self> {
        let named = chosen.or_else(|| std::env::var_os(DATA_DIRECTORY).filter(|it| !it.is_empty()).map(PathBuf::from));
        let directory = match named {
            Some(path) => std::path::absolute(&path).unwrap_or(path),
            None => {
                let strategy = etcetera::choose_base_strategy().map_err(|_| {
                    Error::InvalidRequest(format!(
                        "there is no home folder; {DATA_DIRECTORY} can name a folder instead"
                    ))
                })?;
                strategy.data_dir().join("ambit")
            }
        };
        let beside = std::env::current_exe().ok().map(|program| program.with_file_name("ambit"));
        let binary = beside.filter(|path| path.is_file()).unwrap_or_else(|| "ambit".into());
        let mut options = ConnectOptions::new(directory, binary, env!("CARGO_PKG_VERSION")).surface("editor");
        options.host_arguments.push("--headless".into());
        Ok(Self { options })
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
