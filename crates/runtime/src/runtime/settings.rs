//! Settings and models.

use std::time::Instant;

use ambit_domain::port::{ModelInfo, PullEvent, PullOptions, PullSource, SuggestedModel};
use ambit_domain::{BoxStream, Cancellation, Error, ErrorCode, Result};
use async_stream::stream;
use futures_util::StreamExt as _;
use serde_json::{Value, json};

use super::Runtime;
use super::answers::CancelOnDrop;
use super::under_way::{Teller, Told};
use crate::{Caller, Setting, SettingDescription};

impl Runtime {
    /// All settings with the values that count, by key.
    ///
    /// # Errors
    /// What the store of preferences says.
    pub async fn settings(&self) -> Result<Vec<Setting>> {
        let preferences = self.inner.ports.preferences.all().await?;
        let described = self.inner.ports.settings.describe();
        Ok(described.into_iter().map(|description| effective(description, &preferences)).collect())
    }

    /// Sets a setting; no value takes it back to what files and environment say.
    ///
    /// # Errors
    /// `not-found` for an unknown key, `invalid-input` for a value that does not fit, `conflict` when the environment
    /// decides.
    pub async fn set_setting(&self, key: String, value: Option<Value>, caller: &Caller) -> Result<Setting> {
        self.recorded(&caller.surface, "settings.set", self.set_setting_now(key, value, caller)).await
    }

    async fn set_setting_now(&self, key: String, value: Option<Value>, caller: &Caller) -> Result<Setting> {
        let ports = &self.inner.ports;
        let Some(description) = ports.settings.describe().into_iter().find(|setting| setting.key == key) else {
            return Err(Error::not_found(format!("there is no setting {key}"))
                .with_hint("`ambit settings list` shows the settings that exist"));
        };
        if let Some(value) = &value {
            ports.settings.validate(&key, value)?;
            if description.fixed {
                return Err(Error::new(ErrorCode::Conflict, format!("{key} is decided by {}", description.origin))
                    .with_hint("change it there"));
            }
        }
        let detail = value.as_ref().map_or(Value::Null, |value| json!({ "value": value }));
        self.audit_action(caller, "setting.set", key.clone(), detail).await?;
        match value {
            Some(value) => ports.preferences.set(key.clone(), value).await?,
            None => {
                ports.preferences.unset(key.clone()).await?;
            }
        }
        if key.starts_with("completion.") {
            self.inner.completing.take(&self.settings().await?);
            self.inner.recent.tidy(&self.inner.completing.shown());
        }
        let setting = effective(description, &ports.preferences.all().await?);
        self.inner.learning.heed(&setting.key, &setting.value);
        Ok(setting)
    }

    /// All models that are known, installed or not.
    ///
    /// # Errors
    /// When their folder cannot be read.
    pub async fn models(&self) -> Result<Vec<ModelInfo>> {
        self.inner.ports.models.list().await
    }

    /// Language models to choose from, from small to large.
    ///
    /// # Errors
    /// When the folder of models cannot be read.
    pub async fn suggested_models(&self) -> Result<Vec<SuggestedModel>> {
        self.inner.ports.models.suggestions().await
    }

    /// The model with this id, installed or known.
    ///
    /// # Errors
    /// `not-found` when there is none, and when the folder of models cannot be read.
    pub async fn model(&self, id: &str) -> Result<ModelInfo> {
        let found = self.models().await?.into_iter().find(|model| model.id == id);
        found.ok_or_else(|| {
            Error::not_found(format!("there is no model called `{id}`"))
                .with_hint("`ambit models list` shows the models that there are")
        })
    }

    /// Gets a model, with progress. Indexing that waits for it goes on once it is there. What is on its way already is joined.
    ///
    /// When the stream is dropped the model's coming is given up, unless it `goes_on`; another call resumes it.
    pub fn pull_model(
        &self,
        id: String,
        source: PullSource,
        options: PullOptions,
        caller: &Caller,
        goes_on: bool,
    ) -> BoxStream<'static, Result<PullEvent>> {
        let stop = Cancellation::new();
        let begun = self.inner.pulls.begin(&id, stop.clone());
        let Some(mut events) = self.follow_pull(&id) else {
            // It has just come to its end.
            return Box::pin(futures_util::stream::empty());
        };
        let Some(teller) = begun else { return events };
        let (runtime, caller, own) = (self.clone(), caller.clone(), stop.clone());
        self.inner.background.spawn(async move { runtime.pull(id, source, options, caller, own, teller).await });
        let given_up = CancelOnDrop(if goes_on { Cancellation::new() } else { stop });
        Box::pin(stream! {
            let _given_up = given_up;
            while let Some(event) = events.next().await {
                yield event;
            }
        })
    }

    /// What is told of a model that is on its way here, from its beginning; none when it is not.
    #[must_use]
    pub fn follow_pull(&self, id: &str) -> Option<BoxStream<'static, Result<PullEvent>>> {
        self.inner.pulls.follow(id)
    }

    /// Stops a model that is on its way here; what has come stays for another call. False when it is not on its way.
    pub fn stop_pull(&self, id: &str) -> bool {
        self.inner.pulls.stop(id)
    }

    /// The models that are on their way here, by what was asked for.
    #[must_use]
    pub fn pulls(&self) -> Vec<String> {
        self.inner.pulls.names()
    }

    /// Gets a model to the end, whoever listens.
    async fn pull(
        &self,
        id: String,
        source: PullSource,
        options: PullOptions,
        caller: Caller,
        stop: Cancellation,
        teller: Teller<PullEvent>,
    ) {
        let began = Instant::now();
        let from = match &source {
            PullSource::Hub => "hub".to_owned(),
            PullSource::Local(path) => super::folders::shown(path),
        };
        if let Err(error) = self.audit_action(&caller, "model.pull", id.clone(), json!({ "from": from })).await {
            return teller.tell(&Err(error));
        }
        let mut events = self.inner.ports.models.pull(id, source, options, stop.clone());
        loop {
            let event = tokio::select! {
                biased;
                () = self.inner.stop_background.cancelled(), if !stop.is_cancelled() => {
                    stop.cancel();
                    continue;
                }
                event = events.next() => event,
            };
            let Some(event) = event else { return };
            if matches!(event, Err(_) | Ok(PullEvent::Finished { .. })) {
                self.record(&caller.surface, "models.pull", began, event.as_ref().err()).await;
                self.inner.indexer.changed().ring();
            }
            teller.tell(&event);
        }
    }

    /// Removes a model's files; false when it was not installed.
    ///
    /// # Errors
    /// When files cannot be removed.
    pub async fn remove_model(&self, id: String, caller: &Caller) -> Result<bool> {
        let remove = async {
            self.audit_action(caller, "model.remove", id.clone(), json!({})).await?;
            self.inner.ports.models.remove(id).await
        };
        self.recorded(&caller.surface, "models.remove", remove).await
    }
}

impl Told for PullEvent {
    fn absorb(&mut self, next: &Self) -> bool {
        match (self, next) {
            (Self::Progress { file, done, .. }, Self::Progress { file: same, done: now, .. }) if file == same => {
                *done = *now;
                true
            }
            _ => false,
        }
    }
}

/// The value that counts: a preference, unless files or environment have the last word.
fn effective(description: SettingDescription, preferences: &[(String, Value)]) -> Setting {
    let SettingDescription { key, value, default, description, origin, fixed, kind, needs_restart } = description;
    let preferred = preferences.iter().find(|(known, _)| *known == key).map(|(_, value)| value.clone());
    let (value, origin) = match preferred {
        Some(preferred) if !fixed => (preferred, "preference".to_owned()),
        _ => (value, origin),
    };
    Setting { key, value, default, description, origin, kind, needs_restart }
}
