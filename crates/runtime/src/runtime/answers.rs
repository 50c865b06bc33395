//! Search and answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use ambit_domain::port::LanguageModel;
use ambit_domain::{
    BoxStream, Cancellation, Error, ErrorCode, ModelChoice, RecallOutcome, RecallQuery, Result, SessionId, TurnId,
};
use ambit_orchestrator::{ModelFacts, RecallPort, TurnPorts, TurnSetup, drive};
use async_stream::stream;
use futures_util::StreamExt as _;
use serde_json::json;
use tokio::sync::mpsc;
use uuid::Uuid;

use super::Runtime;
use super::folders::stopping;
use super::under_way::Told;
use crate::{AskEvent, AskRequest, Caller};

/// Longest question, in characters.
const LONGEST_QUESTION: usize = 8000;
/// Events of an answer that wait for a slow reader before the answer waits too.
pub(super) const EVENTS_AHEAD: usize = 64;
/// More events than an answer has.
const WHOLE_ANSWER: usize = 1 << 16;

impl Runtime {
    /// Passages for a question. A limit of 0 leaves it to the configuration.
    ///
    /// # Errors
    /// `invalid-input` for a question that is empty or too long; what the documents say.
    pub async fn search(&self, query: RecallQuery, caller: &Caller) -> Result<RecallOutcome> {
        self.recorded(&caller.surface, "search", self.search_now(query, caller)).await
    }

    async fn search_now(&self, query: RecallQuery, caller: &Caller) -> Result<RecallOutcome> {
        let _waiting = self.inner.gate.raise();
        let query = RecallQuery {
            text: question(&query.text)?,
            limit: self.limit(query.limit),
            scope: self.scope(query.scope, caller, &[]).await?,
            about: Vec::new(),
        };
        self.inner.recall.recall(query).await
    }

    /// Answers a question. The stream may be dropped at any time: the answer is then given up, and stored as cancelled, unless
    /// the request says that it goes on.
    ///
    /// The items are those of [`AskEvent`]; an error is the last one.
    pub fn ask(
        &self,
        request: AskRequest,
        caller: Caller,
        cancellation: Cancellation,
    ) -> BoxStream<'static, Result<AskEvent>> {
        // Others follow an answer that goes on, who must not wait for one that does not read.
        let ahead = if request.goes_on { WHOLE_ANSWER } else { EVENTS_AHEAD };
        let (sender, mut receiver) = mpsc::channel(ahead);
        let own = Cancellation::new();
        let given_up = CancelOnDrop(own.clone());
        if !self.inner.running.load(Ordering::SeqCst) {
            return Box::pin(futures_util::stream::iter([Err(stopping())]));
        }
        let (runtime, goes_on) = (self.clone(), request.goes_on);
        self.inner.answers.spawn(async move { runtime.answer(request, caller, cancellation, own, sender).await });
        Box::pin(stream! {
            let mut given_up = given_up;
            while let Some(event) = receiver.recv().await {
                let is_stored = matches!(event, Ok(AskEvent::Started { .. }));
                yield event;
                // Who asks for more has heard that. From now on, nothing ends with this stream.
                if goes_on && is_stored {
                    given_up.keep();
                }
            }
        })
    }

    /// The answer to a turn while it is being made: what was told of it, and what comes. None when it is not being made.
    #[must_use]
    pub fn follow_answer(&self, turn: &TurnId) -> Option<BoxStream<'static, Result<AskEvent>>> {
        self.inner.turns.follow(&turn.0)
    }

    /// Stops the answer to a turn, whoever asked; it is stored as cancelled. False when it is not being made.
    pub fn stop_answer(&self, turn: &TurnId) -> bool {
        self.inner.turns.stop(&turn.0)
    }

    /// Makes an answer to its end, whoever still listens.
    async fn answer(
        &self,
        request: AskRequest,
        caller: Caller,
        asked: Cancellation,
        own: Cancellation,
        sender: mpsc::Sender<Result<AskEvent>>,
    ) {
        let began = Instant::now();
        let _waiting = self.inner.gate.raise();
        let (mut failure, goes_on) = (None, request.goes_on);
        let (mut events, teller) = match self.prepare(request, &caller).await {
            Ok((setup, model)) => {
                let teller = self.inner.turns.begin(&setup.turn.0, own.clone());
                (drive(self.turn_ports(model), setup, own.clone()), teller)
            }
            Err(error) => {
                let failed: BoxStream<'static, _> = Box::pin(futures_util::stream::iter([Err(error)]));
                (failed, None)
            }
        };
        let mut is_stored = false;
        let stop = self.inner.stop_answers.clone();
        loop {
            let event = tokio::select! {
                biased;
                () = asked.cancelled(), if !own.is_cancelled() => {
                    own.cancel();
                    continue;
                }
                () = stop.cancelled(), if !own.is_cancelled() => {
                    own.cancel();
                    continue;
                }
                event = events.next() => event,
            };
            let Some(event) = event else { break };
            match &event {
                Err(error) => failure = Some(error.restated()),
                Ok(AskEvent::Started { .. }) => is_stored = true,
                Ok(_) => {}
            }
            if let Some(teller) = &teller {
                teller.tell(&event);
            }
            // A reader that does not read must not hold up the end of the answer or the host; one that does hears of it.
            tokio::select! {
                biased;
                sent = sender.send(event) => if sent.is_err() && !(goes_on && is_stored) { own.cancel() },
                () = stop.cancelled() => own.cancel(),
                () = own.cancelled() => {}
            }
        }
        drop(teller);
        self.record(&caller.surface, "ask", began, failure.as_ref()).await;
    }

    /// What a turn is about, and the model that it is to be answered by: one and the same to its end. Recorded, since it is
    /// about to be done.
    async fn prepare(
        &self,
        request: AskRequest,
        caller: &Caller,
    ) -> Result<(TurnSetup, Option<Arc<dyn LanguageModel>>)> {
        let (setup, model) = self.plan(request, caller).await?;
        let subject = self.inner.ports.audit.digest(&setup.question);
        let answering = model.as_ref().map(|model| model.model());
        let detail = json!({ "session": setup.session, "turn": setup.turn, "model": answering });
        self.audit_action(caller, "session.ask", subject, detail).await?;
        Ok((setup, model))
    }

    /// What a turn would be about, and the model that would answer it.
    pub(super) async fn plan(
        &self,
        request: AskRequest,
        caller: &Caller,
    ) -> Result<(TurnSetup, Option<Arc<dyn LanguageModel>>)> {
        let ports = &self.inner.ports;
        let question = question(&request.question)?;
        if request.replaces.is_some() && request.session.is_none() {
            return Err(Error::invalid("a new session has no turn whose place could be taken")
                .with_hint("name the session of the turn"));
        }
        if let Some(id) = &request.new_session {
            self.may_begin(id, request.session.as_ref()).await?;
        }
        let known = match &request.session {
            Some(id) => ports.conversations.session_head(id.clone()).await?,
            None => None,
        };
        let kept = known.map(|session| session.choice).unwrap_or_default();
        let choice =
            ModelChoice { model: request.model.or(kept.model), only_local: request.only_local || kept.only_local };
        let model = match &choice.model {
            Some(id) => Some(ports.language_models.named(id)?),
            None => ports.language_models.chosen(),
        };
        if let Some(model) = model.as_ref().filter(|model| choice.only_local && model.reach().is_remote()) {
            return Err(only_local(model.model()));
        }
        let (session, replaces) = (request.session.as_ref(), request.replaces.as_ref());
        let named = self.look_up(request.about, session, replaces, model.as_deref()).await?;
        let turn = TurnId(Uuid::now_v7().to_string());
        let new_session = request.session.is_none();
        let named_session = request.session.or(request.new_session);
        let session = named_session.unwrap_or_else(|| SessionId(Uuid::now_v7().to_string()));
        let setup = TurnSetup {
            session,
            new_session,
            turn,
            surface: caller.surface.clone(),
            question,
            scope: self.scope(request.scope, caller, &named.given).await?,
            named,
            replaces: request.replaces,
            choice,
            limit: self.limit(request.limit),
            model: model.as_ref().map(|model| facts(model.as_ref())),
            embedder: ports.embedder.model().to_owned(),
        };
        Ok((setup, model))
    }

    /// Whether a conversation may begin under an id that its client chose.
    async fn may_begin(&self, id: &SessionId, other: Option<&SessionId>) -> Result<()> {
        if other.is_some() {
            return Err(Error::invalid("a question goes on with a session or begins a new one, not both")
                .with_hint("leave out `session` or `new_session`"));
        }
        // No other text, so that an id stays what can be typed, and told from a name.
        if Uuid::try_parse(id.as_str()).is_ok_and(|uuid| uuid.hyphenated().to_string() == id.as_str()) {
            return match self.inner.ports.conversations.session_head(id.clone()).await? {
                None => Ok(()),
                Some(_) => Err(Error::new(ErrorCode::Conflict, "there is a session with this id already")
                    .with_hint("name it as `session` to go on with it")),
            };
        }
        Err(Error::invalid("the id of the new session is no UUID").with_hint("write it in small letters, with hyphens"))
    }

    fn turn_ports(&self, language_model: Option<Arc<dyn LanguageModel>>) -> TurnPorts {
        let recall = self.inner.recall.clone();
        let port: RecallPort = Arc::new(move |query, cancellation| {
            let recall = recall.clone();
            Box::pin(async move { recall.recall_unless(query, cancellation).await })
        });
        TurnPorts { conversations: Arc::clone(&self.inner.ports.conversations), recall: port, language_model }
    }

    fn limit(&self, asked: usize) -> usize {
        if asked == 0 { self.inner.configuration.recall_limit } else { asked }
    }
}

impl Told for AskEvent {
    fn absorb(&mut self, next: &Self) -> bool {
        let (Self::Text { text }, Self::Text { text: more }) = (self, next) else { return false };
        text.push_str(more);
        true
    }
}

/// Gives an answer up when nobody reads it any more.
pub(super) struct CancelOnDrop(pub(super) Cancellation);

impl CancelOnDrop {
    /// It goes on, whoever reads it.
    fn keep(&mut self) {
        self.0 = Cancellation::new();
    }
}

impl Drop for CancelOnDrop {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Why a model that runs elsewhere does not answer.
fn only_local(model: &str) -> Error {
    Error::new(ErrorCode::Forbidden, format!("this conversation stays on this machine, and `{model}` runs on another"))
        .with_hint("choose a local model for it, or let it be answered elsewhere")
}

/// What a prompt must know of a model.
pub(super) fn facts(model: &dyn LanguageModel) -> ModelFacts {
    ModelFacts { id: model.model().to_owned(), context_tokens: model.context_tokens(), reach: model.reach() }
}

fn question(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::invalid("the question is empty").with_hint("say what you look for"));
    }
    let length = text.chars().count();
    if length > LONGEST_QUESTION {
        return Err(Error::invalid(format!("the question has {length} characters, {LONGEST_QUESTION} are possible"))
            .with_hint("ask for less at once; files are indexed, not pasted"));
    }
    Ok(text.to_owned())
}
