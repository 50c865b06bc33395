use std::path::PathBuf;

use ambit_client::{Client, ConnectOptions};
use ambit_embedded::settings::{DataDirectory, Settings, settings_file};
use ambit_embedded::{Installation, running_host};
use anyhow::{Context, Result};

use crate::arguments::Arguments;

/// No host could be reached or started.
#[derive(Debug)]
pub(crate) struct Unreachable;

impl std::fmt::Display for Unreachable {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("no host could be reached")
    }
}

impl std::error::Error for Unreachable {}

/// Where the data is and what the settings say: all that a command knows before it talks to a host.
#[derive(Debug, Clone)]
pub(crate) struct Place {
    pub(crate) directory: DataDirectory,
    pub(crate) settings_file: PathBuf,
    /// Whether the user named that file.
    is_file_named: bool,
}

impl Place {
    pub(crate) fn find(arguments: &Arguments) -> Result<Self> {
        let directory = DataDirectory::locate(arguments.data_directory.clone()).map_err(domain)?;
        let settings_file = settings_file(arguments.settings_file.clone()).map_err(domain)?;
        Ok(Self { directory, settings_file, is_file_named: arguments.settings_file.is_some() })
    }

    pub(crate) fn installation(&self) -> Installation {
        Installation {
            data_directory: self.directory.clone(),
            settings_file: self.settings_file.clone(),
            is_file_named: self.is_file_named,
        }
    }

    pub(crate) fn settings(&self) -> Result<Settings> {
        let environment =
            std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)));
        Settings::load(Some(&self.settings_file), environment).map_err(domain)
    }

    /// A client of the host, which is started when none runs.
    pub(crate) async fn connect(&self) -> Result<Client> {
        let binary = std::env::current_exe().context("the path of this program is not known")?;
        let mut options = ConnectOptions::new(self.directory.path(), binary, env!("CARGO_PKG_VERSION")).surface("cli");
        options.host_arguments.push("--headless".into());
        if self.is_file_named {
            options.host_arguments.extend(["--settings-file".into(), self.settings_file.clone().into()]);
        }
        Client::connect_or_start(options).await.map_err(|error| anyhow::Error::from(error).context(Unreachable))
    }

    /// A client of the running host, when there is one.
    pub(crate) async fn connect_if_running(&self) -> Result<Option<Client>> {
        if running_host(&self.directory).is_none() {
            return Ok(None);
        }
        let socket = ambit_client::socket_for(self.directory.path());
        let client = Client::connect(socket).await.map_err(|error| anyhow::Error::from(error).context(Unreachable))?;
        Ok(Some(client.with_surface("cli")?))
    }
}

/// An engine's error with its hint.
pub(crate) fn domain(error: impl Into<ambit_protocol::domain::Error>) -> anyhow::Error {
    anyhow::Error::from(error.into())
}
