//! What can be chosen for a conversation: the model that answers, and whether it may run elsewhere.

use agent_client_protocol::Result;
use agent_client_protocol::v1::schema::{
    SessionConfigId, SessionConfigOption, SessionConfigOptionCategory, SessionConfigOptionValue,
    SessionConfigSelectOption,
};
use ambit_client::Client;
use ambit_protocol::{Model, ModelRole, Provider};

use super::conversation::Conversation;
use super::failure::{impossible, refused};

const MODEL: &str = "model";
const REACH: &str = "reach";

/// Stands for the model that is chosen in Ambit; no model is called so.
const CHOSEN: &str = ":chosen";
const ANYWHERE: &str = "anywhere";
const HERE: &str = "this-machine";

/// What was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Choice {
    /// A model; none for the one that is chosen in Ambit.
    Model(Option<String>),
    /// Whether none may answer that runs elsewhere.
    OnlyLocal(bool),
}

/// A language model that can be chosen.
struct Known {
    name: String,
    /// Where it runs, when that is elsewhere.
    elsewhere: Option<String>,
}

/// What can be chosen, and what is. None where there is nothing to choose: without a language model passages are quoted.
pub(crate) async fn of(client: &Client, conversation: &Conversation) -> Result<Option<Vec<SessionConfigOption>>> {
    let models = known(client).await?;
    if models.is_empty() {
        return Ok(None);
    }
    let chosen = client.status().await.map_err(|error| refused(&error))?.language_model;
    let (model, only_local) = {
        let standing = conversation.standing();
        (standing.model.clone(), standing.only_local)
    };
    let name = chosen.map_or_else(|| "As chosen in Ambit".to_owned(), |model| format!("As chosen in Ambit ({model})"));
    let mut choices = vec![SessionConfigSelectOption::new(CHOSEN, name)];
    choices.extend(models.iter().map(|known| {
        let place = known.elsewhere.as_ref().map(|host| format!("runs elsewhere, at {host}"));
        let place = place.unwrap_or_else(|| "runs on this machine".to_owned());
        SessionConfigSelectOption::new(known.name.clone(), known.name.clone()).description(place)
    }));
    // It may be of a server that was removed since.
    if let Some(gone) = model.as_ref().filter(|model| models.iter().all(|known| known.name != **model)) {
        choices.push(SessionConfigSelectOption::new(gone.clone(), gone.clone()).description("not there".to_owned()));
    }
    let current = model.unwrap_or_else(|| CHOSEN.to_owned());
    let mut options = vec![
        SessionConfigOption::select(MODEL, "Model", current, choices)
            .description("The language model that answers".to_owned())
            .category(SessionConfigOptionCategory::Model),
    ];
    if only_local || models.iter().any(|known| known.elsewhere.is_some()) {
        let choices = vec![
            SessionConfigSelectOption::new(ANYWHERE, "Any model")
                .description("one elsewhere gets nothing without your consent".to_owned()),
            SessionConfigSelectOption::new(HERE, "Only this machine")
                .description("no model elsewhere answers".to_owned()),
        ];
        options.push(
            SessionConfigOption::select(REACH, "Answered by", if only_local { HERE } else { ANYWHERE }, choices)
                .description("Whether models elsewhere may answer".to_owned()),
        );
    }
    Ok(Some(options))
}

/// What a request to choose something chooses, when it can be.
pub(crate) async fn read(
    client: &Client,
    conversation: &Conversation,
    option: &SessionConfigId,
    value: &SessionConfigOptionValue,
) -> Result<Choice> {
    let text = value.as_value_id().map(ToString::to_string).unwrap_or_default();
    match (&*option.0, text.as_str()) {
        (MODEL, CHOSEN) => Ok(Choice::Model(None)),
        (MODEL, name) => {
            let is_present = conversation.standing().model.as_deref() == Some(name);
            if is_present || known(client).await?.iter().any(|known| known.name == name) {
                return Ok(Choice::Model(Some(text)));
            }
            Err(impossible(format!("there is no language model `{name}`; `ambit models list` shows those there are")))
        }
        (REACH, ANYWHERE) => Ok(Choice::OnlyLocal(false)),
        (REACH, HERE) => Ok(Choice::OnlyLocal(true)),
        (REACH, other) => Err(impossible(format!("`{REACH}` can be `{ANYWHERE}` or `{HERE}`, not `{other}`"))),
        (other, _) => Err(impossible(format!("there is no option `{other}`; there are `{MODEL}` and `{REACH}`"))),
    }
}

async fn known(client: &Client) -> Result<Vec<Known>> {
    let models = client.models().await.map_err(|error| refused(&error))?.models;
    let providers = client.providers().await.map_err(|error| refused(&error))?.providers;
    let is_language = |model: &Model| model.role == ModelRole::Language && model.installed;
    let installed = models.into_iter().filter(is_language).map(|model| Known { name: model.id, elsewhere: None });
    Ok(installed.chain(providers.iter().flat_map(models_of)).collect())
}

fn models_of(provider: &Provider) -> impl Iterator<Item = Known> + '_ {
    provider.models.iter().map(|model| {
        let is_elsewhere = provider.remote || provider.passed_on.contains(model);
        let elsewhere = is_elsewhere.then(|| match provider.remote {
            true => provider.host.clone(),
            false => format!("what {} passes it on to", provider.name),
        });
        Known { name: format!("{}/{model}", provider.name), elsewhere }
    })
}
