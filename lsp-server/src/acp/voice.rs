//! What the agent tells the editor within a conversation.

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    AvailableCommandsUpdate, ContentBlock, ContentChunk, ResourceLink, SessionId, SessionInfoUpdate,
    SessionNotification, SessionUpdate, ToolCall, ToolCallUpdate,
};

use super::links::Place;
use super::{Editor, commands};

/// Speaks in one conversation of an editor. What is said keeps its order, also with the answers to requests.
#[derive(Debug, Clone)]
pub(crate) struct Voice {
    pub(crate) editor: Editor,
    pub(crate) session: SessionId,
}

impl Voice {
    pub(crate) fn new(editor: Editor, session: SessionId) -> Self {
        Self { editor, session }
    }

    pub(crate) fn tell(&self, update: SessionUpdate) -> Result<()> {
        self.editor.send_notification(SessionNotification::new(self.session.clone(), update))
    }

    /// More of the agent's message, in Markdown.
    pub(crate) fn say(&self, text: impl Into<String>) -> Result<()> {
        let text = text.into();
        if text.is_empty() { Ok(()) } else { self.tell(SessionUpdate::AgentMessageChunk(chunk(text))) }
    }

    /// What its person said, once.
    pub(crate) fn repeat(&self, content: impl Into<ContentBlock>) -> Result<()> {
        self.tell(SessionUpdate::UserMessageChunk(chunk(content)))
    }

    /// What an answer stands on, as links that open the files at their lines. Editors that show no links within messages lose
    /// nothing: the marks of the answer lead there as well.
    pub(crate) fn cite(&self, places: &[(Place, Option<String>)]) -> Result<()> {
        let mut gap = "\n\n";
        for (place, heading) in places {
            let Some(uri) = &place.uri else { continue };
            self.say(gap)?;
            let link = ResourceLink::new(&*place.label, &**uri).title(heading.clone());
            self.tell(SessionUpdate::AgentMessageChunk(chunk(ContentBlock::ResourceLink(link))))?;
            gap = " ";
        }
        Ok(())
    }

    pub(crate) fn begin(&self, call: ToolCall) -> Result<()> {
        self.tell(SessionUpdate::ToolCall(call))
    }

    pub(crate) fn change(&self, update: ToolCallUpdate) -> Result<()> {
        self.tell(SessionUpdate::ToolCallUpdate(update))
    }

    pub(crate) fn entitle(&self, title: &str) -> Result<()> {
        self.tell(SessionUpdate::SessionInfoUpdate(SessionInfoUpdate::new().title(title.to_owned())))
    }

    /// The commands that can be typed.
    pub(crate) fn announce(&self) -> Result<()> {
        self.tell(SessionUpdate::AvailableCommandsUpdate(AvailableCommandsUpdate::new(commands::list())))
    }
}

fn chunk(content: impl Into<ContentBlock>) -> ContentChunk {
    ContentChunk::new(content.into())
}
