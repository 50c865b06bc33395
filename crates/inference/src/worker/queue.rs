use std::collections::{HashMap, VecDeque};
use std::path::PathBuf;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

use ambit_domain::port::{EmbedPriority, GenerationPriority, Prompt, Training};
use ambit_domain::{Cancellation, SamplingOptions, Tools};

use crate::wire::{Request, Stats};
use crate::{DeviceChoice, Encoder, Error};

/// What waits to be done, between the thread that reads frames and those that work.
#[derive(Default)]
pub(super) struct Queue {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Default)]
struct State {
    /// Loads, unloads and embedding requests in the order of their frames.
    frames: VecDeque<Frame>,
    /// What is answered at once, whatever else waits.
    quick: VecDeque<Quick>,
    /// What is to be learnt; it gives way to all that is quick, and to models.
    trainings: VecDeque<(u64, Training)>,
    /// Texts that are to be written, in the order of their frames.
    texts_wanted: VecDeque<Writing>,
    /// Who wants everything to be forgotten that is in memory, and is to be told when it is.
    forgetting: VecDeque<u64>,
    /// The encoder that is loaded.
    encoder: Option<Arc<Encoder>>,
    /// A load or unload is under way.
    changing: bool,
    /// Embedding requests under way.
    active: usize,
    /// Those of all requests that are not answered yet.
    cancellations: HashMap<u64, Cancellation>,
    closed: bool,
    /// Why the input could not be read on.
    failure: Option<Error>,
    requests: u64,
    texts: u64,
}

enum Frame {
    Change(Change),
    Embed { id: u64, priority: EmbedPriority, texts: Vec<String>, cancellation: Cancellation },
}

enum Quick {
    Hello { version: u8 },
    Forget { id: u64 },
    Stats,
}

/// What changes the model.
enum Change {
    Load { folder: PathBuf, device: DeviceChoice },
    Unload,
}

/// Work for the control thread.
pub(super) enum Control {
    Hello { version: u8 },
    Load { folder: PathBuf, device: DeviceChoice },
    Unload,
    Forget { id: u64 },
    Train { id: u64, training: Training },
    Stats,
}

/// An embedding request with the model that was loaded when its turn came.
pub(super) struct Job {
    pub(super) id: u64,
    pub(super) priority: EmbedPriority,
    pub(super) texts: Vec<String>,
    pub(super) cancellation: Cancellation,
    pub(super) encoder: Option<Arc<Encoder>>,
}

/// A text that is to be written.
pub(super) struct Writing {
    pub(super) id: u64,
    pub(super) folder: PathBuf,
    pub(super) device: DeviceChoice,
    pub(super) prompt: Prompt,
    pub(super) sampling: SamplingOptions,
    pub(super) priority: GenerationPriority,
    pub(super) tools: Tools,
    pub(super) draft: Option<String>,
    pub(super) now: String,
    pub(super) cancellation: Cancellation,
}

/// Work for the thread that writes texts.
pub(super) enum Next {
    Text(Box<Writing>),
    Forget { id: u64 },
}

impl Queue {
    /// Takes a request; a cancellation takes effect at once.
    pub(super) fn push(&self, request: Request) {
        let mut state = self.lock();
        match request {
            Request::Hello { version } => state.quick.push_back(Quick::Hello { version }),
            Request::Stats => state.quick.push_back(Quick::Stats),
            Request::Forget { id } => state.quick.push_back(Quick::Forget { id }),
            Request::Train { id, training } => state.trainings.push_back((id, training)),
            Request::Load { folder, device } => {
                state.frames.push_back(Frame::Change(Change::Load { folder, device }));
            }
            Request::Unload => state.frames.push_back(Frame::Change(Change::Unload)),
            Request::Embed { id, priority, texts } => {
                let cancellation = Cancellation::new();
                state.cancellations.insert(id, cancellation.clone());
                state.frames.push_back(Frame::Embed { id, priority, texts, cancellation });
            }
            Request::Generate { id, folder, device, prompt, sampling, priority, tools, draft, now } => {
                let cancellation = Cancellation::new();
                state.cancellations.insert(id, cancellation.clone());
                state.texts_wanted.push_back(Writing {
                    id,
                    folder,
                    device,
                    prompt,
                    sampling,
                    priority,
                    tools,
                    draft,
                    now,
                    cancellation,
                });
            }
            Request::Cancel { id } => {
                if let Some(cancellation) = state.cancellations.get(&id) {
                    cancellation.cancel();
                }
            }
            Request::Shutdown => state.close(),
        }
        self.changed.notify_all();
    }

    /// Gives up what is under way and what waits.
    pub(super) fn close(&self) {
        self.lock().close();
        self.changed.notify_all();
    }

    /// Closes because the input makes no sense any more.
    pub(super) fn fail(&self, error: Error) {
        let mut state = self.lock();
        state.failure.get_or_insert(error);
        state.close();
        self.changed.notify_all();
    }

    /// Why the queue was closed, if by a failure.
    pub(super) fn failure(&self) -> Option<Error> {
        self.lock().failure.take()
    }

    /// The next thing that is not embedding; none once the queue is closed. Waits until there is one.
    pub(super) fn next_control(&self) -> Option<Control> {
        let mut state = self.lock();
        if std::mem::take(&mut state.changing) {
            self.changed.notify_all();
        }
        loop {
            if state.closed {
                return None;
            }
            if let Some(quick) = state.quick.pop_front() {
                return Some(match quick {
                    Quick::Hello { version } => Control::Hello { version },
                    Quick::Stats => Control::Stats,
                    Quick::Forget { id } => Control::Forget { id },
                });
            }
            if let Some(change) = state.next_change() {
                return Some(match change {
                    Change::Load { folder, device } => Control::Load { folder, device },
                    Change::Unload => Control::Unload,
                });
            }
            if let Some((id, training)) = state.trainings.pop_front() {
                return Some(Control::Train { id, training });
            }
            state = self.wait(state);
        }
    }

    /// The next embedding request of a priority; none once the queue is closed. Waits until there is one, and while a
    /// load or unload that came before it is not done.
    pub(super) fn next_job(&self, wanted: EmbedPriority) -> Option<Job> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(job) = state.next_job(wanted) {
                return Some(job);
            }
            state = self.wait(state);
        }
    }

    /// Has the thread that writes texts forget what is in memory.
    pub(super) fn forget(&self, id: u64) {
        self.lock().forgetting.push_back(id);
        self.changed.notify_all();
    }

    /// What is to be forgotten, or else the text that is to be written next, the most urgent first. None when there is none or
    /// the queue is closed; with `waits` only the latter.
    pub(super) fn next_writing(&self, waits: bool) -> Option<Next> {
        let mut state = self.lock();
        loop {
            if state.closed {
                return None;
            }
            if let Some(id) = state.forgetting.pop_front() {
                return Some(Next::Forget { id });
            }
            let wanted =
                state.texts_wanted.iter().enumerate().min_by_key(|(place, writing)| (writing.priority, *place));
            if let Some((place, _)) = wanted {
                return state.texts_wanted.remove(place).map(|writing| Next::Text(Box::new(writing)));
            }
            if !waits {
                return None;
            }
            state = self.wait(state);
        }
    }

    /// Whether a text waits that is more urgent than this.
    pub(super) fn is_waiting_before(&self, priority: GenerationPriority) -> bool {
        let state = self.lock();
        let mut waiting = state.texts_wanted.iter().filter(|writing| !writing.cancellation.is_cancelled());
        waiting.any(|writing| writing.priority < priority)
    }

    pub(super) fn is_closed(&self) -> bool {
        self.lock().closed
    }

    /// The encoder that is loaded.
    pub(super) fn encoder(&self) -> Option<Arc<Encoder>> {
        self.lock().encoder.clone()
    }

    /// A text is over.
    pub(super) fn written(&self, id: u64) {
        let mut state = self.lock();
        state.cancellations.remove(&id);
        state.requests += 1;
    }

    pub(super) fn set_encoder(&self, encoder: Option<Arc<Encoder>>) {
        self.lock().encoder = encoder;
    }

    /// An embedding request is over, with so many vectors.
    pub(super) fn done(&self, id: u64, texts: usize) {
        let mut state = self.lock();
        state.cancellations.remove(&id);
        state.active -= 1;
        state.requests += 1;
        state.texts += texts as u64;
        self.changed.notify_all();
    }

    pub(super) fn stats(&self) -> Stats {
        let state = self.lock();
        Stats {
            resident_bytes: 0,
            requests: state.requests,
            texts: state.texts,
            pending: state.cancellations.len() as u64,
            model: state.encoder.as_ref().map(|encoder| encoder.model().to_owned()),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, state: MutexGuard<'a, State>) -> MutexGuard<'a, State> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn close(&mut self) {
        self.closed = true;
        self.frames.clear();
        self.quick.clear();
        self.trainings.clear();
        self.texts_wanted.clear();
        self.forgetting.clear();
        for cancellation in self.cancellations.values() {
            cancellation.cancel();
        }
    }

    /// A load or unload whose turn has come: no request from before it waits or is under way, so that two models are
    /// never held at once.
    fn next_change(&mut self) -> Option<Change> {
        if self.active > 0 {
            return None;
        }
        match self.frames.pop_front()? {
            Frame::Change(change) => {
                self.changing = true;
                Some(change)
            }
            embed @ Frame::Embed { .. } => {
                self.frames.push_front(embed);
                None
            }
        }
    }

    /// The first embedding request of a priority, unless a load or unload comes before it.
    fn next_job(&mut self, wanted: EmbedPriority) -> Option<Job> {
        if self.changing {
            return None;
        }
        let position = self
            .frames
            .iter()
            .take_while(|frame| matches!(frame, Frame::Embed { .. }))
            .position(|frame| matches!(frame, Frame::Embed { priority, .. } if *priority == wanted))?;
        match self.frames.remove(position)? {
            Frame::Embed { id, priority, texts, cancellation } => {
                self.active += 1;
                Some(Job { id, priority, texts, cancellation, encoder: self.encoder.clone() })
            }
            Frame::Change(_) => None,
        }
    }
}
