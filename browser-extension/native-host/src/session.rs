//! A port of the browser, from its opening to its end: several requests at once, each of which can be given up.

use std::collections::HashMap;
use std::io::Result;
use std::pin::Pin;

use ambit_client::{Client, ConnectOptions, Error, PageCall};
use ambit_protocol::Problem;
use ambit_protocol::domain::ErrorCode;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{FuturesUnordered, StreamExt as _};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::{OnceCell, mpsc};

use crate::frames::{self, Frame, LONGEST_IN};
use crate::messages::{self, Message, PROTOCOL};

/// Requests that are worked on at once. The host itself takes no more from everybody together.
const AT_ONCE: usize = 64;

/// Messages that wait for the browser to take them. A stream that the browser does not read is not read from the host either.
const WAITING: usize = 16;

/// Serves the extension until the browser closes the port; then all that it asked for is given up.
///
/// # Errors
/// When the port breaks.
pub(crate) async fn run(
    mut input: impl AsyncRead + Unpin,
    mut output: impl AsyncWrite + Unpin,
    options: ConnectOptions,
) -> Result<()> {
    let (heard, frames) = mpsc::channel(1);
    let (told, mut messages) = mpsc::channel::<String>(WAITING);
    // A frame is read to its end, whatever else happens, so this future lives as long as the port.
    let reading = async {
        while let Some(frame) = frames::read(&mut input).await? {
            if heard.send(frame).await.is_err() {
                break;
            }
        }
        Ok(())
    };
    let writing = async {
        while let Some(message) = messages.recv().await {
            frames::write(&mut output, &message).await?;
        }
        Ok(())
    };
    let session = Session { host: OnceCell::new(), options, told };
    let working = session.work(frames);
    tokio::select! {
        ended = reading => ended,
        ended = writing => ended,
        () = working => Ok(()),
    }
}

/// Something that is being told; in the end the name of the request that it answered.
type Told<'a> = Pin<Box<dyn Future<Output = Option<String>> + 'a>>;

struct Session {
    host: OnceCell<Client>,
    options: ConnectOptions,
    told: mpsc::Sender<String>,
}

impl Session {
    async fn work(&self, mut frames: mpsc::Receiver<Frame>) {
        // All that has to be told is told from here: whoever waited in this loop would keep the others from being told.
        let mut running: FuturesUnordered<Told<'_>> = FuturesUnordered::new();
        let mut handles: HashMap<String, AbortHandle> = HashMap::new();
        let mut language = None;
        loop {
            let frame = tokio::select! {
                frame = frames.recv() => frame,
                Some(answered) = running.next() => {
                    if let Some(id) = answered {
                        handles.remove(&id);
                    }
                    continue;
                }
            };
            let Some(frame) = frame else { return };
            match heard(frame) {
                Err(problem) => running.push(self.say(messages::unheard(&problem))),
                Ok(Message::Hello(hello)) => {
                    language = Some(hello.protocol);
                    running.push(self.say(messages::hello()));
                }
                Ok(Message::Cancel(id)) => {
                    if let Some(handle) = handles.get(&id) {
                        handle.abort();
                    }
                }
                Ok(Message::Call(call)) => match refusal(language, &call, &handles) {
                    Some(problem) => running.push(self.say(messages::failed(&call.id, &problem))),
                    None => {
                        let (handle, registration) = AbortHandle::new_pair();
                        let id = call.id.clone();
                        handles.insert(id.clone(), handle);
                        let answering = Abortable::new(self.answer(call), registration);
                        running.push(Box::pin(async move {
                            // One that was given up is answered by nothing.
                            answering.await.ok();
                            Some(id)
                        }));
                    }
                },
            }
        }
    }

    /// Says something that is no answer of the host.
    fn say(&self, message: String) -> Told<'_> {
        Box::pin(async move {
            self.tell(message).await;
            None
        })
    }

    async fn answer(&self, call: PageCall) {
        let id = call.id.clone();
        let last = match self.hand_on(&id, call).await {
            Ok(()) => messages::ended(&id),
            Err(error) => messages::failed(&id, &error.for_page()),
        };
        self.tell(last).await;
    }

    async fn hand_on(&self, id: &str, call: PageCall) -> std::result::Result<(), Error> {
        let host = self.host.get_or_try_init(|| Client::connect_or_start(self.options.clone())).await?;
        let mut answer = host.answer_page(call).await?;
        while let Some(data) = answer.next().await? {
            self.tell(messages::data(id, &data)).await;
        }
        Ok(())
    }

    async fn tell(&self, message: String) {
        // When nobody writes any more, the port has ended.
        self.told.send(message).await.ok();
    }
}

fn heard(frame: Frame) -> std::result::Result<Message, Box<Problem>> {
    match frame {
        Frame::Message(text) => serde_json::from_slice(&text).map_err(|error| {
            let unread =
                Problem::new(ErrorCode::InvalidInput, format!("a message of the extension cannot be read: {error}"));
            Box::new(unread.with_hint("the extension and Ambit may be of different versions: update both"))
        }),
        Frame::TooLong(length) => {
            let detail =
                format!("a message of {} MB is longer than the {} MB that are taken", length >> 20, LONGEST_IN >> 20);
            Err(Box::new(Problem::new(ErrorCode::TooLarge, detail).with_hint("ask about a part of it")))
        }
    }
}

/// Why a request is not even begun.
fn refusal(language: Option<u32>, call: &PageCall, running: &HashMap<String, AbortHandle>) -> Option<Problem> {
    match language {
        None => Some(Problem::new(ErrorCode::InvalidInput, "the extension has not said which version it is")),
        Some(PROTOCOL) if running.contains_key(&call.id) => {
            Some(Problem::new(ErrorCode::InvalidInput, "a request of this name is being answered"))
        }
        Some(PROTOCOL) if running.len() >= AT_ONCE => Some(
            Problem::new(ErrorCode::Unavailable, "as many requests as can be are being answered")
                .with_hint("try again in a moment"),
        ),
        Some(PROTOCOL) => None,
        Some(theirs) => Some(messages::another_language(theirs)),
    }
}
