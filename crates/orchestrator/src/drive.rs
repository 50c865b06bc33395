use std::collections::VecDeque;
use std::future::{Future as _, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;

use ambit_domain::port::{Conversations, GenerationRequest, LanguageModel, ModelEvent};
use ambit_domain::{BoxFuture, BoxStream, Cancellation, Error, ErrorCode, RecallOutcome, RecallQuery, Result};
use async_stream::stream;
use futures_util::{StreamExt as _, stream as streams};

use crate::{AskEvent, Command, Phase, TurnEvent, TurnSetup, TurnState, step};

/// Asks the sources; gives up when cancelled.
pub type RecallPort = Arc<dyn Fn(RecallQuery, Cancellation) -> BoxFuture<'static, Result<RecallOutcome>> + Send + Sync>;

/// What a turn is carried out over.
#[derive(Clone)]
pub struct TurnPorts {
    /// Where sessions and turns are stored.
    pub conversations: Arc<dyn Conversations>,
    /// The sources.
    pub recall: RecallPort,
    /// The language model that [`TurnSetup::model`] speaks of.
    pub language_model: Option<Arc<dyn LanguageModel>>,
}

/// Carries a turn out and yields what it tells; an error is the last item. Cancelling ends the turn, stores it as
/// cancelled, and then ends the stream with `cancelled`.
///
/// The turn goes on only while the stream is polled: poll it to its end, so that the end of the turn is stored.
pub fn drive(ports: TurnPorts, setup: TurnSetup, cancellation: Cancellation) -> BoxStream<'static, Result<AskEvent>> {
    Box::pin(stream! {
        let mut state = TurnState::new(setup);
        let mut waiting = VecDeque::from([TurnEvent::Begun]);
        let mut work = Cancellation::new();
        let mut running: Option<BoxStream<'static, TurnEvent>> = None;
        let mut told_cancelled = false;
        while state.phase() != Phase::Ended {
            let event = match waiting.pop_front() {
                Some(event) => event,
                None => next_event(running.as_mut(), &cancellation, &mut told_cancelled).await,
            };
            let (next, commands) = step(state, event);
            state = next;
            for command in commands {
                match command {
                    Command::Tell(event) => yield Ok(event),
                    Command::Close(failure) => yield Err(failure.into()),
                    Command::StopWork => {
                        work.cancel();
                        running = None;
                        work = Cancellation::new();
                    }
                    command => running = Some(begin(&ports, command, &work)),
                }
            }
        }
    })
}

async fn next_event(
    mut running: Option<&mut BoxStream<'static, TurnEvent>>,
    cancellation: &Cancellation,
    told_cancelled: &mut bool,
) -> TurnEvent {
    let mut cancelled = pin!(cancellation.cancelled());
    poll_fn(|context| {
        if !*told_cancelled && cancelled.as_mut().poll(context).is_ready() {
            *told_cancelled = true;
            return Poll::Ready(TurnEvent::Cancelled);
        }
        match running.as_mut().map(|running| running.poll_next_unpin(context)) {
            Some(Poll::Ready(Some(event))) => Poll::Ready(event),
            Some(Poll::Pending) => Poll::Pending,
            Some(Poll::Ready(None)) | None => {
                Poll::Ready(TurnEvent::Failed(Error::internal("the work on the answer ended without a result").into()))
            }
        }
    })
    .await
}

/// Begins what a command asks for, as a stream of its answers.
fn begin(ports: &TurnPorts, command: Command, work: &Cancellation) -> BoxStream<'static, TurnEvent> {
    let conversations = Arc::clone(&ports.conversations);
    match command {
        Command::OpenSession { id, title: Some(title), surface, choice } => once(async move {
            conversations.begin_session(id, title, surface, choice).await.map(|_| TurnEvent::SessionOpened)
        }),
        Command::OpenSession { id, title: None, .. } => once(async move {
            match conversations.session_head(id).await? {
                Some(_) => Ok(TurnEvent::SessionOpened),
                None => Err(Error::not_found("there is no session with this id")
                    .with_hint("`ambit sessions list` shows the sessions that exist")),
            }
        }),
        Command::BeginTurn(turn) => {
            once(async move { conversations.begin_turn(turn).await.map(TurnEvent::TurnStored) })
        }
        Command::Recall(query) => {
            let recall = (ports.recall)(query, work.clone());
            once(async move { recall.await.map(|outcome| TurnEvent::Recalled(Box::new(outcome))) })
        }
        Command::Generate(request) => generation(ports.language_model.clone(), request, work.clone()),
        Command::EndTurn { id, status, answer, failure } => once(async move {
            let turn = conversations.end_turn(id, status, answer, failure).await?;
            Ok(TurnEvent::Ended(Box::new(turn)))
        }),
        Command::Tell(_) | Command::Close(_) | Command::StopWork => Box::pin(streams::empty()),
    }
}

fn once(future: impl Future<Output = Result<TurnEvent>> + Send + 'static) -> BoxStream<'static, TurnEvent> {
    Box::pin(streams::once(async move { future.await.unwrap_or_else(|error| TurnEvent::Failed(error.into())) }))
}

fn generation(
    model: Option<Arc<dyn LanguageModel>>,
    request: GenerationRequest,
    work: Cancellation,
) -> BoxStream<'static, TurnEvent> {
    Box::pin(stream! {
        let Some(model) = model else {
            yield TurnEvent::Failed(Error::new(ErrorCode::ModelMissing, "the language model is gone").into());
            return;
        };
        let mut written = model.generate(request, work);
        while let Some(event) = written.next().await {
            match event {
                Ok(ModelEvent::Sent { bytes }) => yield TurnEvent::Sent { bytes },
                Ok(ModelEvent::Text(text)) => yield TurnEvent::Wrote(text),
                Ok(ModelEvent::Finished { bytes_sent, .. }) => {
                    yield TurnEvent::WroteAll { bytes_sent };
                    return;
                }
                Ok(_) => {}
                Err(error) => {
                    yield TurnEvent::Failed(error.into());
                    return;
                }
            }
        }
        yield TurnEvent::Failed(Error::new(ErrorCode::Unavailable, "the language model broke off").into());
    })
}
