//! The ask agent over the Agent Client Protocol, for editors that show conversations with agents: Zed, Neovim, JetBrains, Emacs.
//!
//! A session of the protocol is a session of the host under the same id, so that the editor finds it again, and so does the page.
//! Requests that wait for the host are worked on beside the loop that takes messages: a prompt can be cancelled while it is
//! answered, and two sessions are answered at once.

mod agent;
mod answer;
mod commands;
mod consent;
mod conversation;
mod failure;
mod links;
mod marks;
mod options;
mod prompt;
mod replay;
mod voice;

use std::io::Write;
use std::pin::{Pin, pin};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use agent_client_protocol::v1::schema::{
    AgentCapabilities, AgentResponse, CancelNotification, ClientRequest, CloseSessionResponse, Implementation,
    InitializeRequest, InitializeResponse, PromptCapabilities, SessionCapabilities, SessionCloseCapabilities,
    SessionDeleteCapabilities, SessionListCapabilities, SessionResumeCapabilities,
};
use agent_client_protocol::v1::{ConnectionTo, Responder};
use agent_client_protocol::{Agent, ByteStreams, Client, Error, Result, on_receive_notification, on_receive_request};
use tokio::sync::watch;
use tokio::time::sleep;
use tokio_util::compat::{TokioAsyncReadCompatExt, TokioAsyncWriteCompatExt};

use crate::host::Host;
use agent::AskAgent;
use voice::Voice;

/// The way to the editor.
type Editor = ConnectionTo<Client>;

/// The way to answer a request.
type Answering = Responder<AgentResponse>;

/// What becomes an answer.
type Work = Pin<Box<dyn Future<Output = Result<AgentResponse>> + Send>>;

/// How long what was said may take on its way to an editor that has closed its side.
const GOODBYE: Duration = Duration::from_millis(500);

/// Serves the editor at standard input and output, until it closes them.
pub(crate) async fn run(host: Host) -> ExitCode {
    let (closed, mut is_closed) = watch::channel(false);
    let mut serving = pin!(serve(Arc::new(AskAgent::new(host)), closed));
    let ended = tokio::select! {
        ended = serving.as_mut() => ended,
        () = async {
            is_closed.wait_for(|is_closed| *is_closed).await.ok();
            sleep(GOODBYE).await;
        } => Ok(()),
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell when standard error is gone.
            writeln!(std::io::stderr(), "error: the connection to the editor broke off: {error}").ok();
            ExitCode::FAILURE
        }
    }
}

async fn serve(agent: Arc<AskAgent>, closed: watch::Sender<bool>) -> Result<()> {
    let cancelling = agent.clone();
    // One handler for all requests: the library nests those that are set one by one, and a program that is to stay small would
    // hold each of them with all that come behind it.
    Agent
        .v1()
        .name("ambit")
        .on_receive_request(
            async move |request: ClientRequest, responder: Responder<_>, editor: Editor| {
                take(&agent, request, responder.cast(), editor)
            },
            on_receive_request!(),
        )
        .on_receive_notification(
            async move |notification: CancelNotification, _: Editor| {
                cancelling.cancel(&notification.session_id);
                Ok(())
            },
            on_receive_notification!(),
        )
        .on_close(async move |_| {
            closed.send_replace(true);
            Ok(())
        })
        .connect_to(ByteStreams::new(tokio::io::stdout().compat_write(), tokio::io::stdin().compat()))
        .await
}

/// Takes a request. What waits for the host is worked on beside the loop that takes messages.
fn take(agent: &Arc<AskAgent>, request: ClientRequest, responder: Answering, editor: Editor) -> Result<()> {
    let (agent, to) = (agent.clone(), editor.clone());
    let work: Work = match request {
        ClientRequest::InitializeRequest(request) => {
            responder.respond(AgentResponse::InitializeResponse(introduction(&request)))?;
            // Whatever is asked next needs the host, which takes longest where none runs.
            return editor.spawn(async move {
                // What keeps it away is told to who asks for a session.
                agent.client().await.ok();
                Ok(())
            });
        }
        ClientRequest::NewSessionRequest(request) => {
            return editor.spawn(async move {
                let opened = agent.open(request).await;
                let session = opened.as_ref().ok().map(|opened| opened.session_id.clone());
                responder.respond_with_result(opened.map(AgentResponse::NewSessionResponse))?;
                // The editor learns of the session by the answer, so this comes behind it.
                session.map_or(Ok(()), |session| Voice::new(to, session).announce())
            });
        }
        ClientRequest::LoadSessionRequest(request) => {
            Box::pin(async move { agent.load(request, to).await.map(AgentResponse::LoadSessionResponse) })
        }
        ClientRequest::ResumeSessionRequest(request) => {
            Box::pin(async move { agent.resume(request, to).await.map(AgentResponse::ResumeSessionResponse) })
        }
        ClientRequest::ListSessionsRequest(request) => {
            Box::pin(async move { agent.list(request).await.map(AgentResponse::ListSessionsResponse) })
        }
        ClientRequest::SetSessionConfigOptionRequest(request) => {
            Box::pin(async move { agent.choose(request).await.map(AgentResponse::SetSessionConfigOptionResponse) })
        }
        ClientRequest::PromptRequest(request) => {
            // From here on it hears of being cancelled, as the notification comes behind it.
            let answering = agent.prompt(request, responder.cancellation(), to);
            Box::pin(async move { answering.await.map(AgentResponse::PromptResponse) })
        }
        ClientRequest::DeleteSessionRequest(request) => {
            Box::pin(async move { agent.delete(request).await.map(AgentResponse::DeleteSessionResponse) })
        }
        ClientRequest::CloseSessionRequest(request) => {
            agent.close(&request.session_id);
            return responder.respond(AgentResponse::CloseSessionResponse(CloseSessionResponse::new()));
        }
        // Nobody has to sign in, and there are no modes.
        _ => return responder.respond_with_error(Error::method_not_found()),
    };
    editor.spawn(async move { responder.respond_with_result(work.await) })
}

/// What this agent is and can do. Nobody has to sign in, so there is no way to.
fn introduction(request: &InitializeRequest) -> InitializeResponse {
    let sessions = SessionCapabilities::new()
        .list(SessionListCapabilities::new())
        .resume(SessionResumeCapabilities::new())
        .close(SessionCloseCapabilities::new())
        .delete(SessionDeleteCapabilities::new());
    // Which model answers, and whether it takes images, is known when something is asked; another one refuses them by name.
    let prompts = PromptCapabilities::new().embedded_context(true).image(true);
    let abilities =
        AgentCapabilities::new().load_session(true).prompt_capabilities(prompts).session_capabilities(sessions);
    let this = Implementation::new("ambit", env!("CARGO_PKG_VERSION")).title("Ambit".to_owned());
    InitializeResponse::new(request.protocol_version).agent_capabilities(abilities).agent_info(this)
}
