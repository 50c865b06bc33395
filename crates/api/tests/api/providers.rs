//! Servers of language models, and what was sent to them.

use ambit_protocol::domain::ErrorCode;
use ambit_protocol::domain::port::{NewTransmission, Transmissions as _};
use ambit_protocol::{NewProvider, ProviderChange, ProviderFolder, ProviderKey, Secret};

use crate::harness::TestHost;

fn new(name: &str) -> NewProvider {
    NewProvider {
        name: name.to_owned(),
        url: "https://models.example/v1".to_owned(),
        kind: None,
        models: vec!["small".to_owned()],
        image_models: Vec::new(),
        context_tokens: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn providers_are_added_allowed_and_removed() {
    let host = TestHost::start().await;
    let client = &host.client;
    let added = client.add_provider(&new("far")).await.unwrap();
    assert!(added.remote && !added.consented && added.folders.is_empty(), "{added:?}");
    assert_eq!(client.add_provider(&new("far")).await.unwrap_err().code(), ErrorCode::Conflict);
    assert!(client.consent_to_provider("far").await.unwrap().consented);
    assert!(!client.withdraw_consent("far").await.unwrap().consented);
    let folder = ProviderFolder { path: "/notes".to_owned() };
    assert_eq!(client.allow_folder("far", &folder).await.unwrap().folders, ["/notes"]);
    assert_eq!(client.disallow_folder("far", "/elsewhere").await.unwrap_err().code(), ErrorCode::NotFound);
    assert!(client.disallow_folder("far", "/notes").await.unwrap().folders.is_empty());
    client.set_provider_key("far", &ProviderKey { key: Secret::new("sesame") }).await.unwrap();
    client.remove_provider_key("far").await.unwrap();
    let change = ProviderChange { image_models: Some(vec!["small".to_owned()]), ..ProviderChange::default() };
    let changed = client.change_provider("far", &change).await.unwrap();
    assert_eq!((changed.image_models, changed.models), (vec!["small".to_owned()], vec!["small".to_owned()]));
    assert_eq!(client.change_provider("near", &change).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(client.providers().await.unwrap().providers.len(), 1);
    assert!(client.remove_provider("far").await.unwrap().removed);
    assert!(!client.remove_provider("far").await.unwrap().removed);
    assert_eq!(client.consent_to_provider("far").await.unwrap_err().code(), ErrorCode::NotFound);

    let actions = host.world.audit.actions();
    for action in
        ["provider.add", "provider.change", "provider.consent", "provider.allow", "provider.key.set", "provider.remove"]
    {
        assert!(actions.iter().any(|done| done == action), "{action} is not among {actions:?}");
    }
    assert!(!format!("{:?}", host.runtime.audit(None, 99).await.unwrap()).contains("sesame"), "the key is in the log");
    host.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_sent_is_listed_shown_and_erased() {
    let host = TestHost::start().await;
    for number in 1..=3 {
        let sent = NewTransmission {
            provider: "far".to_owned(),
            host: "models.example".to_owned(),
            model: "small".to_owned(),
            surface: "cli".to_owned(),
            session: None,
            paths: vec!["/notes/a.md".into()],
            bytes: 100,
            is_sent: true,
            content: format!("body {number}"),
        };
        host.world.transmissions.record(sent).await.unwrap();
    }
    let page = host.client.transmissions(None, Some(2)).await.unwrap();
    assert_eq!(page.transmissions.iter().map(|sent| sent.id).collect::<Vec<_>>(), [3, 2]);
    assert!(page.transmissions.iter().all(|sent| sent.content.is_none()));
    let rest = host.client.transmissions(page.next, Some(2)).await.unwrap();
    assert_eq!((rest.transmissions.len(), rest.next), (1, None));
    let shown = host.client.transmission(1).await.unwrap();
    assert_eq!(
        (shown.content.as_deref(), shown.paths.as_slice()),
        (Some("body 1"), ["/notes/a.md".to_owned()].as_slice())
    );
    host.client.erase_transmission(1).await.unwrap();
    assert_eq!(host.client.transmission(1).await.unwrap().content, None);
    assert_eq!(host.client.transmission(9).await.unwrap_err().code(), ErrorCode::NotFound);
    assert_eq!(host.client.erase_transmission(9).await.unwrap_err().code(), ErrorCode::NotFound);
    host.stop().await;
}
