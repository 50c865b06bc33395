//! A question's way to the host, and its answer's way to the editor, while it is being made.

use std::time::Duration;

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    StopReason, ToolCall, ToolCallLocation, ToolCallStatus, ToolCallUpdate, ToolCallUpdateFields, ToolKind,
};
use ambit_client::{Client, Error, EventStream};
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{AskEvent, Problem, Relevance, Turn};
use tokio::time::timeout;

use super::consent::{self, Consent};
use super::conversation::{Conversation, Stop};
use super::failure::{failed, refused};
use super::links::Place;
use super::marks::{Marks, Places};
use super::prompt::Question;
use super::voice::Voice;

/// How long the host may take to end an answer that it was told to stop.
const STOPPING: Duration = Duration::from_secs(5);

/// How an answer ended.
enum End {
    Finished,
    Stopped,
    Failed { turn: Option<String>, problem: Box<Problem> },
}

/// Has a question answered, and tells why that ended.
pub(crate) async fn answer(
    client: &Client,
    conversation: &Conversation,
    voice: &Voice,
    question: Question,
    stop: &mut Stop,
) -> Result<StopReason> {
    conversation.remember_given(question.given.iter().cloned());
    let mut replaces = None;
    loop {
        let opened = tokio::select! {
            opened = open(client, conversation, &question, replaces.take()) => opened,
            // The host gives up what nobody waits for.
            () = stop.asked() => return Ok(StopReason::Cancelled),
        };
        let events = match opened {
            Ok(events) => events,
            Err(error) => {
                question.take_back(client).await;
                return Err(refused(&error));
            }
        };
        let mut telling = Telling { conversation, voice, marks: Marks::default(), places: Places::new(), turn: None };
        match telling.follow(client, events, stop).await? {
            End::Finished => return Ok(StopReason::EndTurn),
            End::Stopped => return Ok(StopReason::Cancelled),
            End::Failed { turn, problem } => match consent::ask(client, voice, &problem, stop).await? {
                // The same question again, in the place of the one that was held back.
                Consent::Given => replaces = turn,
                Consent::Refused => {
                    voice.say("Nothing was sent. Another model can be chosen for this session.")?;
                    return Ok(StopReason::EndTurn);
                }
                Consent::Stopped => return Ok(StopReason::Cancelled),
                Consent::NoQuestion => return Err(failed(&problem)),
            },
        }
    }
}

async fn open(
    client: &Client,
    conversation: &Conversation,
    question: &Question,
    replaces: Option<String>,
) -> ambit_client::Result<EventStream<AskEvent>> {
    let request = conversation.ask(question, replaces.clone());
    match client.ask(&request).await {
        // Its first question was stopped before the host told that it had begun.
        Err(error) if request.new_session.is_some() && error.code() == ErrorCode::Conflict => {
            conversation.standing().is_begun = true;
            client.ask(&conversation.ask(question, replaces)).await
        }
        opened => opened,
    }
}

/// An answer on its way to the editor.
struct Telling<'a> {
    conversation: &'a Conversation,
    voice: &'a Voice,
    marks: Marks,
    /// The passages that the marks name.
    places: Places,
    turn: Option<String>,
}

impl Telling<'_> {
    async fn follow(&mut self, client: &Client, mut events: EventStream<AskEvent>, stop: &mut Stop) -> Result<End> {
        let mut is_stopping = false;
        loop {
            let event = tokio::select! {
                event = events.next() => event,
                () = stop.asked(), if !is_stopping => {
                    let Some(turn) = &self.turn else { return Ok(End::Stopped) };
                    is_stopping = true;
                    match timeout(STOPPING, client.stop_answer(turn)).await {
                        // What there is of it still comes, and then its end.
                        Ok(_) => continue,
                        Err(_) => return Ok(End::Stopped),
                    }
                }
                () = tokio::time::sleep(STOPPING), if is_stopping => return Ok(End::Stopped),
            };
            let Some(event) = event else { return Err(refused(&Error::Interrupted { source: None })) };
            let end = match event {
                Ok(event) => self.tell(client, event).await?,
                Err(_) if is_stopping => Some(End::Stopped),
                Err(error) => return Err(refused(&error)),
            };
            match end {
                Some(_) if is_stopping => return Ok(End::Stopped),
                Some(end) => return Ok(end),
                None => {}
            }
        }
    }

    async fn tell(&mut self, client: &Client, event: AskEvent) -> Result<Option<End>> {
        match event {
            AskEvent::Started { turn, .. } => {
                self.conversation.standing().is_begun = true;
                let call = ToolCall::new(search(&turn), "Searching the indexed files");
                self.voice.begin(call.kind(ToolKind::Search).status(ToolCallStatus::InProgress))?;
                self.turn = Some(turn);
            }
            AskEvent::Recalled { passages, relevance, degraded, .. } => {
                self.places = self.conversation.places(&passages);
                self.found(relevance, &degraded)?;
            }
            AskEvent::Text { text } => self.voice.say(self.marks.push(&text, &self.places))?,
            AskEvent::Finished { turn } => {
                self.voice.say(self.marks.finish())?;
                self.finish(&turn)?;
                self.entitle(client).await?;
                return Ok(Some(End::Finished));
            }
            AskEvent::Failed { problem } => {
                self.voice.say(self.marks.finish())?;
                if self.places.is_empty() {
                    self.change_search(ToolCallUpdateFields::new().status(ToolCallStatus::Failed))?;
                }
                let turn = self.turn.clone();
                return Ok(Some(match problem.error_code() {
                    // Stopped by whoever may: the page, the terminal, or the host that ends.
                    ErrorCode::Cancelled => End::Stopped,
                    _ => End::Failed { turn, problem: Box::new(problem) },
                }));
            }
        }
        Ok(None)
    }

    /// Tells what was found, with the places, which editors can open.
    fn found(&self, relevance: Relevance, degraded: &[String]) -> Result<()> {
        let title = match (relevance, self.places.len()) {
            (Relevance::NothingRelevant, _) => "Found nothing that speaks of this".to_owned(),
            (Relevance::Relevant, 1) => "Found 1 passage".to_owned(),
            (Relevance::Relevant, many) => format!("Found {many} passages"),
        };
        let locations = match relevance {
            Relevance::NothingRelevant => Vec::new(),
            Relevance::Relevant => self.places.values().filter_map(location).collect(),
        };
        let reasons = degraded.iter().map(|reason| format!("Not everything could be searched: {reason}").into());
        let fields = ToolCallUpdateFields::new().status(ToolCallStatus::Completed).title(title);
        self.change_search(fields.locations(locations).content(reasons.collect::<Vec<_>>()))
    }

    fn change_search(&self, fields: ToolCallUpdateFields) -> Result<()> {
        match &self.turn {
            Some(turn) => self.voice.change(ToolCallUpdate::new(search(turn), fields)),
            None => Ok(()),
        }
    }

    /// What stands below an answer: its sources, and what left the machine for it.
    fn finish(&self, turn: &Turn) -> Result<()> {
        let Some(answer) = &turn.answer else { return Ok(()) };
        self.voice.cite(&self.conversation.sources(&answer.citations))?;
        match answer.bytes_sent {
            0 => Ok(()),
            sent => self.voice.say(format!("\n\n{sent} bytes left this machine; `ambit egress list` tells where to.")),
        }
    }

    /// Tells the title that the host gave to a new conversation.
    async fn entitle(&self, client: &Client) -> Result<()> {
        if self.conversation.standing().is_entitled {
            return Ok(());
        }
        // The answer is complete: what goes wrong here is no reason to say otherwise.
        if let Ok(detail) = client.session(&self.conversation.id.to_string()).await {
            self.conversation.standing().is_entitled = true;
            self.voice.entitle(&detail.session.title)?;
        }
        Ok(())
    }
}

fn search(turn: &str) -> String {
    format!("search-{turn}")
}

fn location(place: &Place) -> Option<ToolCallLocation> {
    let (path, line) = place.file.clone()?;
    Some(ToolCallLocation::new(path).line(line))
}
