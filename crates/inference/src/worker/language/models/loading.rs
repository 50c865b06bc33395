//! Models that are loaded while others write.

use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use ambit_domain::Cancellation;
use ambit_domain::port::GenerationPriority;

use super::super::super::queue::Writing;
use super::{Memory, ModelOptions};
use crate::decoder::{Need, PageName, Processor, Room};
use crate::language::{LanguageModel, Loading};
use crate::{DeviceChoice, Error, Result};

/// What tells a model from others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Identity {
    pub(super) folder: PathBuf,
    /// What its files are told from others by, where they can be.
    pub(super) files: Option<PageName>,
    pub(super) device: DeviceChoice,
}

/// A model that a thread is loading.
pub(super) struct LoadingModel {
    pub(super) identity: Identity,
    /// Who wanted it first, and how urgently.
    pub(super) id: u64,
    pub(super) priority: GenerationPriority,
    /// The memory that it would need and that others used when it was looked at last.
    pub(super) missing: Option<Memory>,
    /// Bytes of the CPU's memory that it may take.
    pub(super) promised: u64,
    messages: Option<Receiver<Message>>,
    cancellation: Cancellation,
    thread: Option<JoinHandle<()>>,
}

/// What the thread has to say.
pub(super) enum Message {
    /// It needs memory, and waits for the answer.
    Needs(Need, Sender<Room>),
    /// It is done; there is no model while others use the memory that it needs.
    Loaded(Box<Result<Option<LanguageModel>>>),
}

impl LoadingModel {
    /// Begins to load a model for a text, which has waited for memory before, if for any.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn begin(
        identity: Identity,
        (id, priority): (u64, GenerationPriority),
        waited: Option<Memory>,
        options: &ModelOptions,
    ) -> Result<Self> {
        let (sender, messages) = channel();
        let cancellation = Cancellation::new();
        let load = {
            let (identity, options, cancellation) = (identity.clone(), options.clone(), cancellation.clone());
            move || {
                let mut room_for = |need| {
                    let (answer, answered) = channel();
                    // Nobody is there any more when nothing is answered.
                    let asked = sender.send(Message::Needs(need, answer));
                    asked.ok().and_then(|()| answered.recv().ok()).unwrap_or(Room::Later)
                };
                let loaded = load(&identity, &options, cancellation, &mut room_for);
                // Nobody is there any more when this fails.
                sender.send(Message::Loaded(Box::new(loaded))).ok();
            }
        };
        let thread = std::thread::Builder::new().name("loading".to_owned()).spawn(load);
        let thread =
            thread.map_err(|error| Error::System { what: "a thread that loads a model", reason: error.to_string() })?;
        let (messages, thread) = (Some(messages), Some(thread));
        Ok(Self { identity, id, priority, missing: waited, promised: 0, messages, cancellation, thread })
    }

    /// Whether a text is for it.
    pub(super) fn is_for(&self, writing: &Writing) -> bool {
        self.identity.folder == writing.folder && self.identity.device == writing.device
    }

    /// Whether it may be filling the memory of a GPU now.
    pub(super) fn may_fill_gpu(&self) -> bool {
        self.identity.device != DeviceChoice::Cpu && self.promised == 0
    }

    /// Has the thread end soon.
    pub(super) fn give_up(&self) {
        self.cancellation.cancel();
    }

    /// Waits for the thread, which has said its last.
    pub(super) fn end(mut self) -> Identity {
        if let Some(thread) = self.thread.take() {
            // A panic is told where models are loaded.
            thread.join().ok();
        }
        self.identity.clone()
    }

    /// What the thread says next, if it does so in time.
    pub(super) fn next(&self, wait: Duration) -> Option<Message> {
        match self.messages.as_ref()?.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                let error = Error::Unable("the thread that loaded the model is gone".to_owned());
                Some(Message::Loaded(Box::new(Err(error))))
            }
        }
    }
}

impl Drop for LoadingModel {
    fn drop(&mut self) {
        let Some(thread) = self.thread.take() else { return };
        self.give_up();
        // What waits for an answer goes on, and ends.
        drop(self.messages.take());
        // A panic is told where models are loaded.
        thread.join().ok();
    }
}

/// Loads a model. None while others use the memory that it needs.
pub(super) fn load(
    identity: &Identity,
    options: &ModelOptions,
    cancellation: Cancellation,
    room_for: &mut dyn FnMut(Need) -> Room,
) -> Result<Option<LanguageModel>> {
    let loading = Loading {
        processor: Processor { device: identity.device, threads: options.threads },
        files: identity.files,
        guesses: options.guesses,
        forgotten: options.forgotten.clone(),
        shelf: options.shelf.as_ref(),
        spare_memory: options.spare_memory,
        cancellation,
    };
    LanguageModel::load(&identity.folder, loading, room_for)
}
