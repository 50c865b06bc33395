//! Answers what people search for on their desktop: GNOME's overview and KDE's KRunner ask over the session's bus. The bus starts
//! a process of its own for that, which opens no window and needs no display, and ends when nobody has asked for a while. What is
//! searched for is passed on to the host, and stands in no log and on no disk.

mod found;
mod gnome;
mod krunner;

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use ambit_client::{Client, SessionQuery};
use ambit_protocol::SearchRequest;
use ambit_settings::DataDirectory;
use anyhow::{Context, Result};
use gtk::gio::{
    BusNameOwnerFlags, BusType, Cancellable, DBusConnection, DBusNodeInfo, IOErrorEnum, Subprocess, SubprocessFlags,
    bus_get_sync, bus_own_name_on_connection,
};
use gtk::glib::prelude::*;
use gtk::glib::{ControlFlow, MainContext, MainLoop, Variant, timeout_add_local};
use tokio::runtime::{Handle, Runtime};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_util::task::TaskTracker;

use crate::host::HostLink;
use crate::instance::{Wish, have_granted};
use crate::link::Link;
use crate::words::Words;
use found::Found;

/// The name on the bus, as the files in `src-tauri/search` say it to desktops.
const NAME: &str = "dev.ambit.desktop.Search";
const PATH: &str = "/dev/ambit/desktop/Search";

/// What the host takes such searches for.
const SURFACE: &str = "desktop-search";

/// How long nobody must have asked for the process to end.
const REST: Duration = Duration::from_secs(30);

/// How often that is looked at.
const PACE: Duration = Duration::from_secs(5);

/// How long a search may take: a host may have to be started first, and desktops give up after 25 seconds.
const PATIENCE: Duration = Duration::from_secs(15);

/// Searches are no longer than this, in characters; more is cut.
const LONGEST: usize = 1000;

/// Conversations among whose titles is looked: the last changed.
const CHATS: u32 = 500;

/// Passages that the host is asked for.
const PASSAGES: u32 = 20;

/// What was found is known by its id this long, in results.
const KEPT: usize = 1000;

/// What answers the desktops.
struct Desk {
    directory: DataDirectory,
    host: Arc<HostLink>,
    runtime: Handle,
    words: &'static Words,
    state: Mutex<State>,
    /// Calls that are being answered.
    under_way: TaskTracker,
}

struct State {
    /// What was found, by its id, until a desktop asks more of it.
    found: HashMap<String, Found>,
    /// The search that a desktop waits for, by the desktop's interface.
    awaited: HashMap<&'static str, AbortHandle>,
    /// When a call was answered last.
    at: Instant,
}

/// Answers until nobody asks any more.
pub(crate) fn run(directory: DataDirectory, runtime: &Runtime) -> Result<()> {
    let bus = bus_get_sync(BusType::Session, Cancellable::NONE).context("there is no session bus to answer on")?;
    let host = HostLink::new(directory.clone(), SURFACE).context("the path of this program is not known")?;
    let desk = Arc::new(Desk {
        directory,
        host: Arc::new(host),
        runtime: runtime.handle().clone(),
        words: Words::of_system(),
        state: Mutex::new(State { found: HashMap::new(), awaited: HashMap::new(), at: Instant::now() }),
        under_way: TaskTracker::new(),
    });
    desk.serve(&bus, gnome::INTERFACE, gnome::answer)?;
    desk.serve(&bus, krunner::INTERFACE, krunner::answer)?;
    let main_loop = MainLoop::new(None, false);
    let for_loss = main_loop.clone();
    // Another process that has the name answers in its place.
    let lost = move |_, _: &str| for_loss.quit();
    bus_own_name_on_connection(&bus, NAME, BusNameOwnerFlags::NONE, |_, _| {}, lost);
    let for_rest = main_loop.clone();
    timeout_add_local(PACE, move || {
        if desk.is_resting() {
            for_rest.quit();
            return ControlFlow::Break;
        }
        ControlFlow::Continue
    });
    main_loop.run();
    Ok(())
}

impl Desk {
    /// Has the calls of an interface answered; `described` is its description in XML, which the bus holds callers to.
    fn serve<F: Future<Output = Option<Variant>> + 'static>(
        self: &Arc<Self>,
        bus: &DBusConnection,
        described: &str,
        answer: impl Fn(Arc<Self>, String, Variant) -> F + Send + Sync + 'static,
    ) -> Result<()> {
        let node = DBusNodeInfo::for_xml(described).context("a description of the bus is wrong")?;
        let interface = node.interfaces().first().context("a description of the bus is empty")?.clone();
        let desk = Arc::clone(self);
        bus.register_object(
            PATH,
            &interface,
            move |_, _, _, _, method, parameters, call| {
                let answered = answer(Arc::clone(&desk), method.to_owned(), parameters);
                let desk = Arc::clone(&desk);
                let under_way = desk.under_way.token();
                MainContext::default().spawn_local(async move {
                    let _under_way = under_way;
                    match answered.await {
                        Some(answer) => call.return_value(Some(&answer)),
                        None => call.return_error(IOErrorEnum::InvalidArgument, "Ambit does not understand this call"),
                    }
                    desk.state().at = Instant::now();
                });
            },
            |_, _, _, _, _| ().to_variant(),
            |_, _, _, _, _, _| false,
        )
        .context("the desktop's bus takes no answers")?;
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_resting(&self) -> bool {
        self.under_way.is_empty() && self.state().at.elapsed() > REST
    }

    /// What fits a search, the best first. A host that does not answer has nothing, nor does a search that the same desktop no
    /// longer waits for: with each letter that somebody types it asks anew.
    async fn find(self: &Arc<Self>, desktop: &'static str, query: &str) -> Vec<Found> {
        let query: String = query.trim().chars().take(LONGEST).collect();
        // Who has never used Ambit is not to have a folder and a host of it from searching the desktop.
        if query.chars().nth(1).is_none() || !self.directory.path().is_dir() {
            return Vec::new();
        }
        let (host, words) = (Arc::clone(&self.host), self.words);
        let asked =
            self.runtime.spawn(async move { timeout(PATIENCE, host.with(|client| ask(client, query, words))).await });
        if let Some(before) = self.state().awaited.insert(desktop, asked.abort_handle()) {
            before.abort();
        }
        let why = match asked.await {
            Ok(Ok(Some(Ok(found)))) => {
                self.keep(&found);
                return found;
            }
            Ok(Ok(Some(Err(error)))) => error.to_string(),
            Ok(Ok(None) | Err(_)) => "it takes too long".to_owned(),
            Err(ended) if ended.is_cancelled() => return Vec::new(),
            Err(error) => error.to_string(),
        };
        tracing::warn!(why, "a search is not answered");
        Vec::new()
    }

    fn keep(&self, found: &[Found]) {
        let mut state = self.state();
        if state.found.len() > KEPT {
            state.found.clear();
        }
        state.found.extend(found.iter().map(|found| (found.id().to_owned(), found.clone())));
    }

    /// Shows where a link leads, in the app, which is started when it does not run.
    async fn show(self: &Arc<Self>, link: Link) {
        let directory = self.directory.clone();
        let shown = self.runtime.spawn_blocking(move || {
            // What is searched for is told over the app's socket: what a program is started with, all users of a machine can read.
            have_granted(&directory, &Wish::Link(link), || start_app(&directory))
        });
        match shown.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => tracing::warn!("what was found cannot be shown: {error:#}"),
            Err(error) => tracing::warn!(%error, "what was found cannot be shown"),
        }
    }
}

async fn ask(client: Client, query: String, words: &Words) -> ambit_client::Result<Vec<Found>> {
    let request = SearchRequest { query, limit: Some(PASSAGES), scope: None };
    let sessions = SessionQuery { after: None, limit: Some(CHATS) };
    let (answer, page) = tokio::join!(client.search(&request), client.sessions(&sessions));
    Ok(found::found(&request.query, &answer?, &page?.sessions, words))
}

fn start_app(directory: &DataDirectory) -> Result<()> {
    let program = std::env::current_exe().context("the path of this program is not known")?;
    let arguments =
        [program.as_os_str(), "--hidden".as_ref(), "--data-directory".as_ref(), directory.path().as_os_str()];
    Subprocess::newv(&arguments, SubprocessFlags::NONE).context("the app cannot be started")?;
    Ok(())
}
