//! Sockets: binding them so that only this user gets in, and serving what connects.

mod user;

use std::convert::Infallible;
use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use futures_util::FutureExt;
use http::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener, UnixStream};
use tokio::sync::Semaphore;
use tower::ServiceExt;

use crate::Error;
use crate::state::Shared;

pub(crate) use user::is_anothers;

/// Who is at the other end of a connection.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Peer {
    /// A process on this machine, by the socket's credentials.
    Unix {
        /// Whether it belongs to the user that the host runs as.
        ours: bool,
    },
    /// Anybody on this machine.
    Tcp {
        /// The port that was reached.
        port: u16,
        /// The other end.
        client: SocketAddr,
    },
    /// Anybody on this machine, at the port for clients that cannot send a token.
    Compatibility {
        /// The port that was reached.
        port: u16,
    },
}

/// What the listener serves at which a request arrived, kept beside the request: so its handler can open another listener.
#[derive(Clone)]
pub(crate) struct Served(pub(crate) Router);

/// How long a connection may take to send the head of a request.
const HEAD: Duration = Duration::from_secs(15);

/// Bytes of a head that are read at most; [`crate::Limits::header_bytes`] is below it, so that a problem can be told.
const HEAD_BYTES: usize = 64 << 10;

/// Connections over TCP at once. Others wait in the system's queue, so that one program cannot use up the file descriptors
/// that the stores and the user's own clients need.
const TCP_CONNECTIONS: usize = 256;

/// How long to wait when a connection cannot be accepted, as when all file descriptors are in use.
const EXHAUSTED: Duration = Duration::from_millis(100);

pub(crate) async fn bind_unix(path: &Path) -> Result<UnixListener, Error> {
    if let Some(folder) = path.parent() {
        make_private(folder)?;
    }
    clear_way(path).await?;
    let listener = UnixListener::bind(path).map_err(Error::io(format!("listening at {}", path.display())))?;
    // Until here the folder alone keeps others out.
    let protected = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    protected.map_err(Error::io(format!("protecting {}", path.display())))?;
    Ok(listener)
}

/// Makes a folder that only this user can enter; one that is there must be this user's own.
fn make_private(folder: &Path) -> Result<(), Error> {
    let create = std::fs::DirBuilder::new().recursive(true).mode(0o700).create(folder);
    create.map_err(Error::io(format!("making {}", folder.display())))?;
    let metadata = std::fs::symlink_metadata(folder).map_err(Error::io(format!("looking at {}", folder.display())))?;
    if !metadata.is_dir() || metadata.uid() != rustix::process::geteuid().as_raw() {
        return Err(Error::ForeignFolder(folder.to_owned()));
    }
    if metadata.mode() & 0o077 != 0 {
        let protect = std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700));
        protect.map_err(Error::io(format!("protecting {}", folder.display())))?;
    }
    Ok(())
}

/// Removes a socket that nobody listens at.
async fn clear_way(path: &Path) -> Result<(), Error> {
    let metadata = match std::fs::symlink_metadata(path) {
        Ok(metadata) => metadata,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io(format!("looking at {}", path.display()))(error)),
    };
    if !metadata.file_type().is_socket() {
        return Err(Error::InTheWay(path.to_owned()));
    }
    if UnixStream::connect(path).await.is_ok() {
        return Err(Error::InUse(path.to_owned()));
    }
    std::fs::remove_file(path).map_err(Error::io(format!("removing {}", path.display())))
}

pub(crate) async fn bind_tcp(address: SocketAddr) -> Result<(TcpListener, SocketAddr), Error> {
    if !address.ip().is_loopback() {
        return Err(Error::NotLoopback(address));
    }
    let listener = TcpListener::bind(address).await.map_err(Error::io(format!("listening on {address}")))?;
    let address = listener.local_addr().map_err(Error::io(format!("listening on {address}")))?;
    Ok((listener, address))
}

/// The address where the page is served over TCP. Where nothing listens yet, that begins here, and lasts as long as the host.
pub(crate) async fn page_address(state: &Shared, served: &Served) -> Result<SocketAddr, Error> {
    let mut known = state.page_address.lock().await;
    if let Some(address) = *known {
        return Ok(address);
    }
    let usual = SocketAddr::from((Ipv4Addr::LOCALHOST, usual_port(state.access.data_directory())));
    let (listener, address) = match bind_tcp(usual).await {
        Ok(bound) => bound,
        Err(error) => {
            if state.access.has_browser() {
                tracing::warn!(%usual, %error, "a browser that was paired does not find this host: pair it again");
            }
            bind_tcp(SocketAddr::from((Ipv4Addr::LOCALHOST, 0))).await?
        }
    };
    tracing::info!(%address, "the host listens on TCP for its page");
    let peer = move |client| Peer::Tcp { port: address.port(), client };
    state.connections.spawn(serve_tcp(listener, peer, served.0.clone(), Arc::clone(state)));
    state.connections.spawn(note_use(Arc::clone(state)));
    *known = Some(address);
    Ok(address)
}

/// How often it is noted that somebody uses the page, and for how long that counts.
const USE: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(24 * 60 * 60));

/// Its time is when somebody last used the page.
fn use_note(state: &Shared) -> PathBuf {
    state.access.data_directory().join("run/page-used")
}

/// Notes when the page is used, for the next host: at once, and then each minute in which it is.
async fn note_use(state: Shared) {
    let note = use_note(&state);
    let write = || {
        if let Err(error) = std::fs::write(&note, "") {
            tracing::debug!(%error, "that the page is used cannot be noted");
        }
    };
    write();
    while state.stopping.run_until_cancelled(tokio::time::sleep(USE.0)).await.is_some() {
        if state.page_used.swap(false, Ordering::Relaxed) {
            write();
        }
    }
}

/// Whether somebody used the page lately.
pub(crate) fn was_page_used(state: &Shared) -> bool {
    let noted = std::fs::metadata(use_note(state)).and_then(|note| note.modified());
    noted.is_ok_and(|at| at.elapsed().is_ok_and(|passed| passed < USE.1))
}

/// The port that the page of a data directory has whenever it is free. Browsers keep drafts for each address, port included,
/// so it should be the same tomorrow. It lies below the ports that systems give to outgoing connections.
fn usual_port(data_directory: &Path) -> u16 {
    let hash = blake3::hash(data_directory.as_os_str().as_encoded_bytes());
    let [first, second, ..] = *hash.as_bytes();
    20_000 + u16::from_le_bytes([first, second]) % 10_000
}

pub(crate) async fn serve_unix(listener: UnixListener, path: PathBuf, router: Router, state: Shared) {
    let inode = std::fs::symlink_metadata(&path).map(|metadata| metadata.ino()).ok();
    let accept = || listener.accept().map(|accepted| accepted.map(|(stream, _)| stream));
    let open = |stream: UnixStream| {
        let uid = stream.peer_cred().map(|peer| peer.uid()).ok();
        let ours = uid == Some(rustix::process::geteuid().as_raw());
        state.connections.spawn(connection(stream, Peer::Unix { ours }, router.clone(), state.clone()));
    };
    while let Some(accepted) = state.stopping.run_until_cancelled(accept()).await {
        match accepted {
            Ok(stream) => open(stream),
            Err(error) => pause(&error).await,
        }
    }
    // First nobody new can come, then those are served who already stand in the queue. The path may be a successor's by now.
    let still_ours = std::fs::symlink_metadata(&path).is_ok_and(|metadata| Some(metadata.ino()) == inode);
    if still_ours && let Err(error) = std::fs::remove_file(&path) {
        tracing::warn!(%error, path = %path.display(), "the socket could not be removed");
    }
    while let Some(Ok(stream)) = accept().now_or_never() {
        open(stream);
    }
}

/// `peer` tells who connects there, by the address of the other end.
pub(crate) async fn serve_tcp(listener: TcpListener, peer: impl Fn(SocketAddr) -> Peer, router: Router, state: Shared) {
    let seats = Arc::new(Semaphore::new(TCP_CONNECTIONS));
    let mut is_full = false;
    let accept = async |was_full: bool| {
        let is_full = seats.available_permits() == 0;
        if is_full && !was_full {
            tracing::warn!(connections = TCP_CONNECTIONS, "all TCP connections are taken, so new ones wait");
        }
        // The semaphore is never closed.
        let seat = Arc::clone(&seats).acquire_owned().await.ok();
        (listener.accept().await, seat, is_full)
    };
    while let Some((accepted, seat, full)) = state.stopping.run_until_cancelled(accept(is_full)).await {
        is_full = full;
        match accepted {
            Ok((stream, client)) => {
                // Events are small and should not wait for each other.
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::debug!(%error, "a connection gathers its packets");
                }
                let serving = connection(stream, peer(client), router.clone(), state.clone());
                state.connections.spawn(async move {
                    serving.await;
                    drop(seat);
                });
            }
            Err(error) => pause(&error).await,
        }
    }
}

async fn pause(error: &std::io::Error) {
    tracing::warn!(%error, "a connection could not be accepted");
    tokio::time::sleep(EXHAUSTED).await;
}

/// After the host began to stop, a connection may take this long to send the request for which it was opened.
const LATE: Duration = Duration::from_millis(500);

/// Serves one connection until it ends. When the host stops, the request that runs is still answered.
async fn connection<S: AsyncRead + AsyncWrite + Unpin + Send + 'static>(
    stream: S,
    peer: Peer,
    router: Router,
    state: Shared,
) {
    let used = Arc::new(AtomicBool::new(false));
    let marked = Arc::clone(&used);
    let service = service_fn(move |request: Request<Incoming>| {
        marked.store(true, Ordering::Relaxed);
        let router = router.clone();
        async move {
            let mut request = request.map(Body::new);
            request.extensions_mut().insert(peer);
            request.extensions_mut().insert(Served(router.clone()));
            router.oneshot(request).await.map_err(|never: Infallible| never)
        }
    });
    let mut builder = hyper::server::conn::http1::Builder::new();
    builder.timer(TokioTimer::new()).header_read_timeout(HEAD).max_buf_size(HEAD_BYTES);
    let mut serving = pin!(builder.serve_connection(TokioIo::new(stream), service).with_upgrades());
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = state.stopping.cancelled() => {
            serving.as_mut().graceful_shutdown();
            let late = async {
                tokio::time::sleep(LATE).await;
                if used.load(Ordering::Relaxed) {
                    std::future::pending::<()>().await;
                }
            };
            let cut = async {
                state.ending.cancelled().await;
                // Cancelled answers say so in their last event; that takes a moment at most.
                tokio::time::sleep(LATE).await;
            };
            tokio::select! {
                ended = serving.as_mut() => ended,
                () = late => Ok(()),
                () = cut => Ok(()),
            }
        }
    };
    if let Err(error) = ended {
        // Clients that go away in the middle are usual.
        tracing::trace!(%error, "a connection ended early");
    }
}
