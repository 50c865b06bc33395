//! What was said in a conversation before an editor opened it.

use std::path::Path;

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{ContentBlock, ResourceLink};
use ambit_protocol::{Mention, Turn, TurnStatus};

use super::conversation::Conversation;
use super::links::uri;
use super::marks::Marks;
use super::voice::Voice;

/// Tells a turn again.
pub(crate) fn tell(voice: &Voice, conversation: &Conversation, turn: &Turn) -> Result<()> {
    // An imported conversation may begin with an answer.
    if !turn.question.is_empty() {
        voice.repeat(turn.question.as_str())?;
    }
    for link in turn.about.iter().filter_map(|mention| link(&turn.question, mention)) {
        voice.repeat(ContentBlock::ResourceLink(link))?;
    }
    if let Some(answer) = &turn.answer {
        let sources = conversation.sources(&answer.citations);
        let numbers = answer.citations.iter().map(|citation| citation.number);
        let places = numbers.zip(&sources).map(|(number, (place, _))| (number, place.clone())).collect();
        let mut marks = Marks::default();
        voice.say(marks.push(&answer.text, &places))?;
        voice.say(marks.finish())?;
        voice.cite(&sources)?;
    }
    let gap = if turn.answer.is_some() { "\n\n" } else { "" };
    match (turn.status, &turn.failure) {
        (TurnStatus::Failed, Some(failure)) => voice.say(format!("{gap}The question could not be answered: {failure}")),
        (TurnStatus::Failed, None) => voice.say(format!("{gap}The question could not be answered.")),
        (TurnStatus::Cancelled, _) if turn.answer.is_none() => voice.say("The answer was stopped."),
        (TurnStatus::Running, _) => voice.say("This is being answered elsewhere; load the session again to see it."),
        (TurnStatus::Finished | TurnStatus::Cancelled, _) => Ok(()),
    }
}

/// A file or folder that a question is about and does not name in words.
fn link(question: &str, mention: &Mention) -> Option<ResourceLink> {
    let (Mention::File { path } | Mention::Folder { path }) = mention else { return None };
    let name = Path::new(path).file_name()?.to_str()?;
    if question.contains(&format!("@{name}")) {
        return None;
    }
    Some(ResourceLink::new(name, uri(Path::new(path), None)?))
}
