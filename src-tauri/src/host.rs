//! The way to the host, which is a process of its own: it is started when none runs, and ends with the app.

use std::fs::File;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use ambit_client::{Client, ConnectOptions, Error, Result, socket_for};
use ambit_protocol::DrainRequest;
use ambit_settings::DataDirectory;
use rustix::fs::{FlockOperation, flock};
use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Running answers of the host have 10 seconds to end, and its stores some more.
const END_PATIENCE: Duration = Duration::from_secs(20);

/// How long a host that was started just now may take until it has the data. Without that it cannot be found.
const COMING: Duration = Duration::from_secs(3);

/// How long a host that did not start is not started anew: windows that wait for it ask all the time.
const PAUSE: Duration = Duration::from_secs(3);

/// Why and when a host did not start.
struct Failure {
    at: Instant,
    reason: String,
    hint: String,
}

/// How often is looked whether a host is there.
const PACE: Duration = Duration::from_millis(50);

/// The host of a data directory.
pub(crate) struct HostLink {
    directory: DataDirectory,
    surface: &'static str,
    options: ConnectOptions,
    client: OnceCell<Client>,
    failure: Mutex<Option<Failure>>,
    /// What is being done with a client, and the start of a host.
    under_way: TaskTracker,
    /// Set once the app ends: then nothing may start a host any more.
    ending: CancellationToken,
}

impl HostLink {
    /// `ambit`, beside this program, is what hosts. `surface` is what the host takes this client for.
    pub(crate) fn new(directory: DataDirectory, surface: &'static str) -> std::io::Result<Self> {
        let binary = std::env::current_exe()?.with_file_name("ambit");
        let mut options = ConnectOptions::new(directory.path(), binary, env!("CARGO_PKG_VERSION")).surface(surface);
        options.host_arguments.push("--headless".into());
        Ok(Self {
            directory,
            surface,
            options,
            client: OnceCell::new(),
            failure: Mutex::default(),
            under_way: TaskTracker::new(),
            ending: CancellationToken::new(),
        })
    }

    /// Does something with a client of the host, which is started when none runs; None once the app ends.
    pub(crate) async fn with<T, F>(self: &Arc<Self>, work: impl FnOnce(Client) -> F) -> Option<Result<T>>
    where
        F: Future<Output = Result<T>>,
    {
        let _under_way = self.under_way.token();
        let all = async {
            let client = self.client().await?;
            self.not_failed_just_now()?;
            work(client).await.inspect_err(|error| self.keep(error))
        };
        self.ending.run_until_cancelled(all).await
    }

    /// The client, once there is a host. Whoever asks may give up, but not the start of a host for all that wait for it.
    async fn client(self: &Arc<Self>) -> Result<Client> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let link = Arc::clone(self);
        let connected = self.under_way.spawn(async move {
            let connected = link.client.get_or_try_init(|| link.connect());
            link.ending.run_until_cancelled(connected).await.map(|client| client.cloned())
        });
        match connected.await {
            Ok(Some(connected)) => connected,
            Ok(None) => Err(not_started("the app is ending")),
            Err(error) => Err(not_started(&error.to_string())),
        }
    }

    async fn connect(&self) -> Result<Client> {
        self.not_failed_just_now()?;
        Client::connect_or_start(self.options.clone()).await.inspect_err(|error| self.keep(error))
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
        let may_be_coming = !self.under_way.is_empty();
        self.ending.cancel();
        let begun = Instant::now();
        while may_be_coming && !self.is_held() && begun.elapsed() < COMING {
            tokio::time::sleep(PACE).await;
        }
        // It has the data some time before it listens, and may be too busy to answer at once.
        let mut asked = Err(not_started("the host was not asked"));
        while self.is_held() && begun.elapsed() < END_PATIENCE {
            if asked.is_err() {
                asked = self.ask_to_end().await;
            }
            tokio::time::sleep(PACE).await;
        }
        if self.is_held() {
            let why = asked.err().map_or_else(|| "it takes too long".to_owned(), |error| error.to_string());
            tracing::warn!(why, "the host has not ended; it leaves by itself when nobody needs it");
        }
    }

    async fn ask_to_end(&self) -> Result<()> {
        let client = Client::connect(socket_for(self.directory.path())).await?.with_surface(self.surface)?;
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

fn not_started(reason: &str) -> Error {
    Error::NotStarted { reason: reason.to_owned(), hint: "start Ambit again".to_owned() }
}
