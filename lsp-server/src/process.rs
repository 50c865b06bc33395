//! The life of the process: from the first byte of the editor until that has gone.

use std::future::Future;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use rustix::process::{Pid, test_kill_process};
use tokio::io::{AsyncRead, ReadBuf, Stdin};
use tokio::sync::watch;
use tokio::time::{sleep, timeout};
use tower_lsp::{LspService, Server as Transport};

use crate::edge::Edge;
use crate::host::Host;
use crate::line::Line;
use crate::server::Server;

/// How many requests are worked on at once. What comes beyond waits, edits as well, so this is far more than editors ask.
const AT_ONCE: usize = 64;

/// How long what was answered may take on its way to an editor that said goodbye.
const GOODBYE: Duration = Duration::from_millis(200);

/// How often is looked whether the editor's process is still there.
const LOOK: Duration = Duration::from_secs(3);

/// What the process learned about its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum End {
    /// None in sight.
    No,
    /// The editor asked for it, and asked to prepare for it before.
    Orderly,
    /// The editor asked for it without that, or has just gone.
    Sudden,
}

/// Serves the editor at standard input and output.
pub(crate) async fn run(line: Arc<Line>, host: Host) -> ExitCode {
    let end = watch::Sender::new(End::No);
    let (wanted, is_wanted) = watch::channel(false);
    let parent = watch::Sender::new(None);
    let watched = parent.subscribe();
    let (service, socket) = Server::service(Arc::clone(&line), host.clone(), wanted, parent);
    let standing = LspService::inner(&service).standing_teller();
    let service = Edge::new(service, end.clone());
    let input = Input { stdin: tokio::io::stdin(), end: end.clone() };
    let transport = Transport::new(input, tokio::io::stdout(), socket).concurrency_level(AT_ONCE);
    let mut serving = pin!(transport.serve(service));
    let mut ending = end.subscribe();
    tokio::select! {
        () = serving.as_mut() => {}
        () = line.keep(&host, is_wanted) => {}
        () = standing.run() => {}
        () = gone(watched) => {}
        ended = ending.wait_for(|end| *end != End::No) => {
            if ended.is_ok() {
                drop(ended);
                timeout(GOODBYE, serving).await.ok();
            }
        }
    }
    if *end.borrow() == End::Orderly { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Waits until the process of the editor has gone. One that is not there in the first place is of another machine.
async fn gone(mut parent: watch::Receiver<Option<u32>>) {
    let named = parent.wait_for(Option::is_some).await.ok().and_then(|parent| *parent);
    let process = named.and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw);
    match process.filter(|process| is_there(*process)) {
        Some(process) => {
            while is_there(process) {
                sleep(LOOK).await;
            }
        }
        None => std::future::pending().await,
    }
}

fn is_there(process: Pid) -> bool {
    !matches!(test_kill_process(process), Err(rustix::io::Errno::SRCH))
}

/// Standard input, whose end is noticed whatever else goes on.
struct Input {
    stdin: Stdin,
    end: watch::Sender<End>,
}

impl AsyncRead for Input {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<std::io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stdin).poll_read(context, buffer);
        if matches!(read, Poll::Ready(Ok(()))) && buffer.filled().len() == before && buffer.remaining() > 0 {
            self.end.send_if_modified(|end| {
                let is_news = *end == End::No;
                if is_news {
                    *end = End::Sudden;
                }
                is_news
            });
        }
        read
    }
}

/// Something that goes on for as long as the process does.
pub(crate) struct Teller(Pin<Box<dyn Future<Output = ()> + Send>>);

impl Teller {
    pub(crate) fn new(work: impl Future<Output = ()> + Send + 'static) -> Self {
        Self(Box::pin(work))
    }

    async fn run(self) {
        self.0.await;
    }
}
