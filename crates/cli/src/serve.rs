//! The host: the local engines behind the local API, until somebody asks it to end or nobody needs it.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use ambit_api::{AccessControl, Api, Limits};
use ambit_embedded::settings::{Settings, key};
use ambit_embedded::{EmbeddedError, Host, HostOptions, SystemClock};
use anyhow::{Context, Result};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::signal::unix::{SignalKind, signal};

use crate::arguments::Serve;
use crate::connection::{Place, domain};
use crate::logging::Log;
use crate::output::note;

/// Running answers may take this long when the host is asked to end.
const GRACE: Duration = Duration::from_secs(10);

/// Another host holds the data directory.
#[derive(Debug)]
pub(crate) struct AlreadyRunning;

impl std::fmt::Display for AlreadyRunning {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("there is a host already")
    }
}

impl std::error::Error for AlreadyRunning {}

pub(crate) fn run(place: &Place, options: &Serve) -> Result<()> {
    if options.headless {
        // The host must outlive the terminal or browser that started it.
        rustix::process::setsid().context("the host could not leave its caller's session")?;
    }
    #[cfg(target_os = "linux")]
    ambit_embedded::keep_heap_together();
    let settings = place.settings()?;
    place.directory.create().map_err(domain)?;
    let log = Log::start(place, &settings, options.headless)?;
    raise_file_limit();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 4))
        .enable_all()
        .build()
        .context("the asynchronous runtime could not be started")?;
    let ended = runtime.block_on(serve(place, options, settings, &log));
    if let Err(error) = &ended {
        tracing::error!("the host ends: {error:#}");
    }
    ended
}

async fn serve(place: &Place, options: &Serve, settings: Settings, log: &Log) -> Result<()> {
    let executable = std::env::current_exe().context("the path of this program is not known")?;
    let opened = Host::open(HostOptions { data_directory: place.directory.clone(), settings, executable }).await;
    let host = opened.map_err(|error| {
        let outrun = matches!(error, EmbeddedError::AlreadyRunning { .. });
        let error = domain(error);
        if outrun { error.context(AlreadyRunning) } else { error }
    })?;
    log.follow(host.settings());
    for problem in host.settings().problems() {
        tracing::warn!("{problem}");
    }
    let served = serve_host(&host, place, options).await;
    host.close(GRACE).await;
    tracing::info!("the host has ended");
    served
}

async fn serve_host(host: &Host, place: &Place, options: &Serve) -> Result<()> {
    host.runtime().start().await.map_err(domain)?;
    let access = AccessControl::open(
        place.directory.path(),
        host.settings().list(key::API_ORIGINS),
        Arc::new(SystemClock),
        host.audit(),
    )?;
    let api = Api::new(host.runtime().clone(), access, env!("CARGO_PKG_VERSION"), Limits::default())?;
    listen(&api, host, place, options).await?;
    let idle = idle_limit(options, host.settings());
    // Nobody waits for a keychain but who needs a key.
    let (why, ()) = tokio::join!(until_asked_to_end(&api, host, idle), host.settle_keys());
    let why = why?;
    tracing::info!(why, "the host ends");
    api.shutdown(GRACE).await;
    Ok(())
}

/// Opens the doors that the options and the settings name, and tells whoever started the host where they are.
async fn listen(api: &Api, host: &Host, place: &Place, options: &Serve) -> Result<()> {
    let tell = |text: String| {
        if !options.headless {
            note(text);
        }
    };
    // Before the socket: who comes by that and wants the page is to find this address, not to have another one opened.
    let tcp = match tcp_address(options, host.settings()) {
        Some(address) => Some(api.serve_tcp(address).await?),
        None => {
            api.serve_page_again().await;
            None
        }
    };
    let socket = ambit_client::socket_for(place.directory.path());
    api.serve_unix(&socket).await?;
    tracing::info!(socket = %socket.display(), "the host is ready");
    tell(format!("Ambit listens at {}. Ctrl-C ends it.", socket.display()));
    match tcp {
        Some(address) => {
            tracing::info!(%address, "the host listens on TCP");
            if !options.headless {
                use std::io::Write;
                writeln!(std::io::stdout(), "http://{address}")?;
            }
            tell("The page is there; `ambit open` opens it.".to_owned());
        }
        None => tell("`ambit open` opens the page.".to_owned()),
    }
    let Some(address) = configured_address(host.settings(), key::API_COMPATIBILITY_PORT) else { return Ok(()) };
    // A port that another program has must not keep the host from starting: changing the setting needs one.
    match api.serve_compatibility(address).await {
        Ok(address) => {
            tracing::info!(%address, "the host lets clients without a token use its models");
            tell(format!("OpenAI and Ollama clients need no token at http://{address}, which serves models only."));
        }
        Err(error) => {
            tracing::warn!(%address, %error, "the port for clients without a token cannot be opened");
            tell(format!("The port for clients without a token cannot be opened: {error}"));
        }
    }
    Ok(())
}

fn tcp_address(options: &Serve, settings: &Settings) -> Option<SocketAddr> {
    options.listen.or_else(|| configured_address(settings, key::API_TCP_PORT))
}

/// The address whose port is a setting, unless that is 0.
fn configured_address(settings: &Settings, key: &str) -> Option<SocketAddr> {
    let port = u16::try_from(settings.integer(key)).ok().filter(|port| *port != 0)?;
    Some(SocketAddr::from(([127, 0, 0, 1], port)))
}

/// Only a host that a client started leaves by itself; one that a person started stays until told.
fn idle_limit(options: &Serve, settings: &Settings) -> Option<Duration> {
    let minutes = match (options.idle_minutes, options.headless) {
        (Some(minutes), _) => minutes,
        (None, true) => u64::try_from(settings.integer(key::HOST_IDLE_MINUTES)).unwrap_or_default(),
        (None, false) => 0,
    };
    (minutes > 0).then(|| Duration::from_secs(minutes * 60))
}

async fn until_asked_to_end(api: &Api, host: &Host, idle: Option<Duration>) -> Result<&'static str> {
    let mut terminated = signal(SignalKind::terminate())?;
    let mut interrupted = signal(SignalKind::interrupt())?;
    Ok(tokio::select! {
        _ = terminated.recv() => "it was told to terminate",
        _ = interrupted.recv() => "it was interrupted",
        _ = api.drain_requested() => "a client asked for it",
        () = idle_for(api, host, idle) => "nobody needs it at the moment",
    })
}

/// Completes once no request came for as long as the limit says, and nothing is left to index.
async fn idle_for(api: &Api, host: &Host, limit: Option<Duration>) {
    let Some(limit) = limit else { return std::future::pending().await };
    loop {
        let idle = api.idle();
        // A browser that comes by TCP can start no other host.
        if idle >= limit && !api.has_browser() && !is_indexing(host).await {
            return;
        }
        tokio::time::sleep(limit.saturating_sub(idle).max(Duration::from_secs(1))).await;
    }
}

async fn is_indexing(host: &Host) -> bool {
    let Ok(status) = host.runtime().status().await else { return false };
    status.progress.scanning || (status.progress.to_embed > 0 && status.progress.paused.is_none())
}

/// The stores keep many files open; the soft limit is often far below what the system would allow.
fn raise_file_limit() {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let wanted = maximum.unwrap_or(65_536).min(65_536);
    if current.is_some_and(|current| current < wanted)
        && setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }).is_err()
    {
        tracing::debug!(?current, "the limit of open files stays as it is");
    }
}
