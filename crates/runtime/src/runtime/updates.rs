//! Whether there is a newer version.

use std::time::Duration;

use ambit_domain::Result;
use serde_json::{Value, json};

use super::Runtime;
use crate::{Caller, Update};

/// When the host looked for a newer version the last time by itself, in milliseconds. Hosts come and go more often than that.
const CHECKED: &str = "updates.checked";

impl Runtime {
    /// Looks for a newer version. It is told of, and never installed.
    ///
    /// # Errors
    /// What [`crate::Updates::fetch`] says.
    pub async fn check_update(&self, caller: &Caller) -> Result<Update> {
        self.recorded(&caller.surface, "update.check", self.check_update_now(caller)).await
    }

    async fn check_update_now(&self, caller: &Caller) -> Result<Update> {
        self.audit_action(caller, "update.check", String::new(), json!({})).await?;
        self.inner.ports.updates.fetch().await
    }

    /// Looks for a newer version each time that the interval has passed.
    pub(super) async fn follow_updates(&self) {
        let stop = &self.inner.stop_background;
        let caller = Caller::new("host");
        loop {
            let wait = self.until_next_check().await.max(self.inner.configuration.update_delay);
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(wait) => {}
            }
            // What does not answer today is asked tomorrow.
            let checked = tokio::select! {
                () = stop.cancelled() => return,
                checked = self.check_once(&caller) => checked,
            };
            if let Ok(Update { warning: Some(warning), .. }) = &checked {
                tracing::warn!("the list of versions: {warning}");
            }
            match checked {
                Ok(update) if update.is_newer => tracing::info!(version = update.newest, "there is a newer version"),
                Ok(_) => tracing::debug!("there is no newer version"),
                Err(error) => tracing::warn!(%error, "it is not known whether there is a newer version"),
            }
        }
    }

    async fn check_once(&self, caller: &Caller) -> Result<Update> {
        let now = self.inner.ports.clock.now().0;
        self.inner.ports.preferences.set(CHECKED.to_owned(), json!(now)).await?;
        self.check_update(caller).await
    }

    async fn until_next_check(&self) -> Duration {
        let ports = &self.inner.ports;
        let last = match ports.preferences.all().await {
            Ok(all) => {
                all.into_iter().find(|(key, _)| key == CHECKED).and_then(|(_, value): (String, Value)| value.as_i64())
            }
            Err(error) => {
                tracing::warn!(%error, "the last look for a newer version is not known");
                None
            }
        };
        let interval = self.inner.configuration.update_interval;
        let Some(last) = last else { return Duration::ZERO };
        // A clock that was set back must not put the next look off for longer than usual.
        let passed = u64::try_from(ports.clock.now().0 - last).unwrap_or(0);
        interval.saturating_sub(Duration::from_millis(passed))
    }
}
