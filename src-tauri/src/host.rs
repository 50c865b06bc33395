//! The way to the host, which is a process of its own: it is started when none runs, and ends with the app.

use std::fs::File;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_client::{Client, ConnectOptions, Error, Result, socket_for};
use ambit_protocol::DrainRequest;
use ambit_settings::DataDirectory;
use rustix::fs::{FlockOperation, flock};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

/// Running answers of the host have 10 seconds to end, and its stores some more.
const END_PATIENCE: Duration = Duration::from_secs(20);

/// How long a host that did not start is not started anew: windows that wait for it ask all the time.
const PAUSE: Duration = Duration::from_secs(3);

/// Why and when a host did not start.
struct Failure {
    at: Instant,
    reason: String,
    hint: String,
}

/// The host of a data directory.
pub(crate) struct HostLink {
    directory: DataDirectory,
    options: ConnectOptions,
    client: OnceCell<Client>,
    failure: Mutex<Option<Failure>>,
    /// Set once the app ends: then nothing may start a host any more.
    ending: CancellationToken,
}

impl HostLink {
    /// `ambit`, beside this program, is what hosts.
    pub(crate) fn new(directory: DataDirectory) -> std::io::Result<Self> {
        let binary = std::env::current_exe()?.with_file_name("ambit");
        let mut options = ConnectOptions::new(directory.path(), binary, env!("CARGO_PKG_VERSION")).surface("desktop");
        options.host_arguments.push("--headless".into());
        Ok(Self {
            directory,
            options,
            client: OnceCell::new(),
            failure: Mutex::default(),
            ending: CancellationToken::new(),
        })
    }

    /// Does something with a client of the host, which is started when none runs; None once the app ends.
    pub(crate) async fn with<T, F>(&self, work: impl FnOnce(Client) -> F) -> Option<Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let all = async {
            let connect = async || {
                self.not_failed_just_now()?;
                Client::connect_or_start(self.options.clone()).await.inspect_err(|error| self.keep(error))
            };
            let client = self.client.get_or_try_init(connect).await?;
            self.not_failed_just_now()?;
            work(client.clone()).await.inspect_err(|error| self.keep(error))
        };
        self.ending.run_until_cancelled(all).await
    }

    /// Keeps why a host did not start.
    fn keep(&self, error: &Error) {
        if let Error::NotStarted { reason, hint } = error {
            let failure = Failure { at: Instant::now(), reason: reason.clone(), hint: hint.clone() };
            *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
        }
    }

    fn not_failed_just_now(&self) -> Result<()> {
        match &*self.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            Some(Failure { at, reason, hint }) if at.elapsed() < PAUSE => {
                Err(Error::NotStarted { reason: reason.clone(), hint: hint.clone() })
            }
            _ => Ok(()),
        }
    }

    /// Gives up what is being asked, has the host end, and waits until it has let go of the data.
    pub(crate) async fn end(&self) {
        self.ending.cancel();
        if let Err(error) = self.ask_to_end().await {
            tracing::warn!(%error, "the host cannot be asked to end; it leaves by itself when nobody needs it");
            return;
        }
        let begun = Instant::now();
        while self.is_held() && begun.elapsed() < END_PATIENCE {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    }

    async fn ask_to_end(&self) -> Result<()> {
        if !self.is_held() {
            return Ok(());
        }
        let client = Client::connect(socket_for(self.directory.path())).await?.with_surface("desktop")?;
        let asked = client.drain(&DrainRequest { reason: Some("the desktop app was quit".to_owned()) }).await;
        match asked {
            // It may be gone before it has answered.
            Ok(_) | Err(Error::Interrupted { .. } | Error::Unreachable { .. }) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// Whether a host has the data directory.
    fn is_held(&self) -> bool {
        File::open(self.directory.lock()).is_ok_and(|lock| flock(&lock, FlockOperation::NonBlockingLockShared).is_err())
    }
}
