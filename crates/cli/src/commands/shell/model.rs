//! A language model that helps at a prompt: of this machine, unless another one was said.

use ambit_client::Client;
use ambit_protocol::ModelRole;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::openai::{ChatCompletionMessage, ChatCompletionRequest, ResponseFormat, SchemaFormat};
use anyhow::{Result, anyhow};
use serde_json::{Value, json};

use crate::arguments::ShellModel;
use crate::questions::Interrupted;

/// What is asked, of which model.
pub(super) struct Question<'a> {
    by: &'a ShellModel,
    request: ChatCompletionRequest,
}

impl<'a> Question<'a> {
    /// A question by instructions, an example and facts; what is in the facts is data to the model, whatever it says.
    pub(super) fn new(by: &'a ShellModel, instructions: &str, example: Option<(Value, Value)>, facts: &Value) -> Self {
        let message = |role: &str, text: String| ChatCompletionMessage::new(role, text);
        let mut messages = vec![message("system", instructions.to_owned())];
        if let Some((asked, answered)) = example {
            messages.push(message("user", asked.to_string()));
            messages.push(message("assistant", answered.to_string()));
        }
        messages.push(message("user", facts.to_string()));
        let request = ChatCompletionRequest {
            model: by.model.clone(),
            messages,
            temperature: Some(0.0),
            only_local: Some(!by.remote),
            ..ChatCompletionRequest::default()
        };
        Self { by, request }
    }

    pub(super) fn at_most(mut self, tokens: u32) -> Self {
        self.request.max_completion_tokens = Some(tokens);
        self
    }

    /// The answer is JSON by this schema.
    pub(super) fn with_schema(mut self, schema: Value) -> Self {
        self.request.response_format = Some(ResponseFormat {
            kind: "json_schema".to_owned(),
            json_schema: Some(SchemaFormat { name: None, schema: Some(schema) }),
            regex: None,
            grammar: None,
        });
        self
    }

    /// Asks, and gives each piece of the answer to `show`. True: the answer is complete, and was not cut.
    pub(super) async fn ask(mut self, client: &Client, mut show: impl FnMut(&str) -> Result<()>) -> Result<bool> {
        let writing = match client.complete_chat(&self.request).await {
            Err(error) if error.code() == ErrorCode::Forbidden && self.is_free() => {
                // The chosen model runs elsewhere: one of this machine may do as well.
                let Some(model) = local_model(client).await? else { return Err(elsewhere()) };
                self.request.model = Some(model);
                client.complete_chat(&self.request).await
            }
            begun => begun,
        };
        let mut writing = writing.map_err(told)?;
        loop {
            let piece = tokio::select! {
                piece = writing.next() => piece,
                _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
            };
            match piece {
                Some(piece) => show(&piece.map_err(told)?)?,
                None => return Ok(!writing.is_cut()),
            }
        }
    }

    /// Whether the user left open which model answers, but for the machine.
    fn is_free(&self) -> bool {
        self.by.model.is_none() && !self.by.remote
    }
}

/// A language model that is installed here.
async fn local_model(client: &Client) -> Result<Option<String>> {
    let models = client.models().await?.models;
    Ok(models.into_iter().find(|model| model.role == ModelRole::Language && model.installed).map(|model| model.id))
}

fn elsewhere() -> anyhow::Error {
    anyhow!(
        "the chosen language model runs on another machine: `--remote` says that it may be asked, and \
         `ambit models pull REPOSITORY` fetches one that runs here"
    )
}

/// A failure in one line.
fn told(error: ambit_client::Error) -> anyhow::Error {
    if error.code() == ErrorCode::ModelMissing {
        return anyhow!(
            "no language model is there to answer: `ambit models pull Qwen/Qwen2.5-1.5B-Instruct-GGUF:Q8_0` fetches one, \
             `ambit models list` shows those that are installed"
        );
    }
    error.into()
}

/// A shell's name, and the system that it runs on.
pub(super) fn surroundings(by: &ShellModel) -> Value {
    let shell = by.shell.or_else(super::preferred).map_or("sh", crate::arguments::ShellName::as_str);
    json!({ "shell": shell, "system": std::env::consts::OS })
}
