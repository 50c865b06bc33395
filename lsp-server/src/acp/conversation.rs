//! A conversation that an editor has open.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use agent_client_protocol::RequestCancellation;
use agent_client_protocol::v1::schema::SessionId;
use ambit_protocol::{AskRequest, Citation, Hit, SearchScope, Session, Span};
use tokio::sync::watch;

use super::links::{Given, Place};
use super::marks::Places;
use super::prompt::Question;

/// A conversation.
#[derive(Debug)]
pub(crate) struct Conversation {
    pub(crate) id: SessionId,
    /// The folder that the editor works in: memories of this folder count.
    pub(crate) folder: PathBuf,
    standing: Mutex<Standing>,
    /// Held by the prompt that is being answered. Another one of this conversation comes after it.
    pub(crate) turn: tokio::sync::Mutex<()>,
    stops: watch::Sender<()>,
}

/// What becomes of it.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// Whether the host has it, as it does from the first question on.
    pub(crate) is_begun: bool,
    /// Whether the editor knows its title.
    pub(crate) is_entitled: bool,
    /// The model that is to answer; the host's chosen one when none is named.
    pub(crate) model: Option<String>,
    /// Whether none may answer that runs elsewhere.
    pub(crate) only_local: bool,
    /// What was handed over for it, by the paths that the host gave it.
    given: HashMap<String, Given>,
}

impl Conversation {
    /// One in which nothing was asked yet.
    pub(crate) fn new(id: SessionId, folder: PathBuf) -> Self {
        Self {
            id,
            folder,
            standing: Mutex::default(),
            turn: tokio::sync::Mutex::default(),
            stops: watch::Sender::new(()),
        }
    }

    /// One that the host has.
    pub(crate) fn known(session: &Session, folder: PathBuf) -> Self {
        let conversation = Self::new(SessionId::new(session.id.as_str()), folder);
        let Session { model, only_local, .. } = session.clone();
        *conversation.standing() =
            Standing { is_begun: true, is_entitled: true, model, only_local, given: HashMap::new() };
        conversation
    }

    pub(crate) fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A question as it is asked, in the place of a turn where one is named.
    pub(crate) fn ask(&self, question: &Question, replaces: Option<String>) -> AskRequest {
        let id = Some(self.id.to_string());
        let scope = Some(self.scope());
        let request = AskRequest {
            question: question.text.clone(),
            about: question.about.clone(),
            scope,
            ..AskRequest::default()
        };
        let standing = self.standing();
        if standing.is_begun {
            return AskRequest { session: id, replaces, ..request };
        }
        AskRequest { new_session: id, model: standing.model.clone(), only_local: standing.only_local, ..request }
    }

    /// Where it looks.
    pub(crate) fn scope(&self) -> SearchScope {
        SearchScope { folder: self.folder.to_str().map(str::to_owned), ..SearchScope::default() }
    }

    pub(crate) fn remember_given(&self, given: impl IntoIterator<Item = (String, Given)>) {
        self.standing().given.extend(given);
    }

    pub(crate) fn place(&self, path: &str, span: Span) -> Place {
        Place::of(path, span, self.standing().given.get(path))
    }

    /// The places of passages, which marks count from 1.
    pub(crate) fn places(&self, passages: &[Hit]) -> Places {
        (1..).zip(passages).map(|(number, hit)| (number, self.place(&hit.path, hit.span))).collect()
    }

    /// What an answer stands on, each with its heading.
    pub(crate) fn sources(&self, citations: &[Citation]) -> Vec<(Place, Option<String>)> {
        let source = |cited: &Citation| {
            (self.place(&cited.path, cited.span), cited.breadcrumb.last().or(cited.title.as_ref()).cloned())
        };
        citations.iter().map(source).collect()
    }

    /// Stops what is being answered, and what waits for it.
    pub(crate) fn stop(&self) {
        self.stops.send_replace(());
    }

    /// How a prompt that has just come hears that it is to stop.
    pub(crate) fn stopping(&self, request: RequestCancellation) -> Stop {
        Stop { stops: self.stops.subscribe(), request, is_asked: false }
    }
}

/// Whether a prompt is to stop, by either way that the protocol has.
pub(crate) struct Stop {
    stops: watch::Receiver<()>,
    request: RequestCancellation,
    pub(crate) is_asked: bool,
}

impl Stop {
    /// Waits until it is to stop.
    pub(crate) async fn asked(&mut self) {
        if !self.is_asked {
            tokio::select! {
                // Without a sender the conversation was closed.
                _ = self.stops.changed() => {}
                () = self.request.cancelled() => {}
            }
            self.is_asked = true;
        }
    }
}
