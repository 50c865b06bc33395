use agent_client_protocol::v1::schema::{
    SessionConfigKind, SessionConfigOption, SessionConfigOptionCategory, SessionConfigSelectOptions,
    SetSessionConfigOptionRequest,
};
use serde_json::json;

use crate::editor::{ended, with};
use crate::host::{Host, session, status};

fn provide(host: &Host) {
    let model = |id: &str, role: &str, installed: bool| json!({ "id": id, "role": role, "license": "", "size": 1, "installed": installed, "active": true, "folder": "" });
    let models = [model("qwen", "language", true), model("gone", "language", false), model("mini", "embedding", true)];
    host.answer("GET /v1/models", json!({ "models": models }));
    let provider = |name: &str, remote: bool| {
        json!({
            "name": name, "kind": "openai", "url": "https://api.example.org", "host": "api.example.org",
            "models": ["large"], "context_tokens": 1, "remote": remote, "consented": false, "folders": []
        })
    };
    host.answer("GET /v1/providers", json!({ "providers": [provider("far", true), provider("near", false)] }));
    host.answer("GET /v1/status", status(Some("qwen")));
}

fn choices(option: &SessionConfigOption) -> (String, Vec<String>) {
    let SessionConfigKind::Select(select) = &option.kind else { panic!("{option:?}") };
    let SessionConfigSelectOptions::Ungrouped(options) = &select.options else { panic!("{option:?}") };
    (select.current_value.to_string(), options.iter().map(|option| option.value.to_string()).collect())
}

#[test]
fn the_models_of_the_host_can_be_chosen() {
    with(async |editor, mut host| {
        provide(&host);
        let begun = editor.begin().await;
        let id = begun.session_id;
        let options = begun.config_options.unwrap();
        assert_eq!(options[0].category, Some(SessionConfigOptionCategory::Model));
        let models = ["qwen", "far/large", "near/large"].map(str::to_owned);
        let all: Vec<String> = std::iter::once(":chosen".to_owned()).chain(models).collect();
        assert_eq!(choices(&options[0]), (":chosen".to_owned(), all));
        assert_eq!(choices(&options[1]).0, "anywhere");

        let choose = async |option: &'static str, value: &'static str| {
            let request = SetSessionConfigOptionRequest::new(id.clone(), option, value);
            editor.connection.send_request(request).block_task().await
        };
        // Before anything was asked it counts for the first question.
        let options = choose("model", "near/large").await.unwrap().config_options;
        assert_eq!(choices(&options[0]).0, "near/large");
        let options = choose("reach", "this-machine").await.unwrap().config_options;
        assert_eq!(choices(&options[1]).0, "this-machine");
        let prompt = editor.say(&id, "What?");
        let mut asked = host.asked().await;
        assert_eq!((asked.request.model.as_deref(), asked.request.only_local), (Some("near/large"), true));
        asked.answer("This.");
        ended(prompt).await.unwrap();

        // From then on the session keeps it.
        let path = format!("PATCH /v1/sessions/{id}");
        host.answer(&path, session(&id.0, "What?"));
        choose("model", ":chosen").await.unwrap();
        choose("reach", "anywhere").await.unwrap();
        assert_eq!(host.heard(&path), [json!({ "model": "" }), json!({ "only_local": false })]);
        let prompt = editor.say(&id, "And now?");
        let mut asked = host.asked().await;
        assert_eq!((&asked.request.model, asked.request.only_local), (&None, false));
        asked.answer("That.");
        ended(prompt).await.unwrap();

        for (option, value, said) in [
            ("model", "none", "there is no language model `none`"),
            ("reach", "mars", "`reach` can be `anywhere` or `this-machine`"),
            ("colour", "red", "there is no option `colour`"),
        ] {
            let error = choose(option, value).await.unwrap_err();
            assert!(error.message.starts_with(said), "{error}");
        }
    });
}

#[test]
fn without_language_models_there_is_nothing_to_choose() {
    with(async |editor, _host| {
        assert_eq!(editor.begin().await.config_options, None);
    });
}
