//! Follows the host: what it does goes to the tray, and what its settings say of the app counts at once.

use std::sync::PoisonError;
use std::time::Duration;

use ambit_client::Client;
use ambit_protocol::{Setting, Status};
use ambit_settings::{definition, key};
use serde_json::{Value, json};
use tauri::{AppHandle, Manager};

use crate::app::Shared;
use crate::autostart::Autostart;
use crate::shell::{Announcer, Message};
use crate::tray::Standing;

/// How often the host is asked how it stands: while it works, and while it does not.
const PACE: (Duration, Duration) = (Duration::from_millis(1500), Duration::from_secs(5));

/// What the host's settings say of the app.
#[derive(Debug, PartialEq, Eq)]
struct Wanted {
    is_paused: bool,
    starts_by_itself: bool,
    shortcut: String,
}

impl Wanted {
    fn of(settings: &[Setting]) -> Self {
        Self {
            is_paused: value_of(settings, key::INDEX_PAUSED) == json!(true),
            starts_by_itself: value_of(settings, key::DESKTOP_AUTOSTART) == json!(true),
            shortcut: value_of(settings, key::DESKTOP_SHORTCUT).as_str().unwrap_or_default().to_owned(),
        }
    }
}

/// The value of a setting; its default where the host is older than the setting.
pub(crate) fn value_of(settings: &[Setting], key: &str) -> Value {
    let known = settings.iter().find(|setting| setting.key == key).map(|setting| setting.value.clone());
    known.or_else(|| Some(definition(key).ok()?.default)).unwrap_or_default()
}

/// Follows the host until the app ends. Starts one when none runs.
pub(crate) async fn follow_host(app: AppHandle, autostart: Option<Autostart>) {
    let shared = app.state::<Shared>();
    // What counts at the moment.
    let (mut shortcut, mut starts_by_itself) = (None, None);
    loop {
        let asked = shared.host.with(async |client: Client| {
            let (status, settings) = (client.status().await?, client.settings().await?);
            Ok((status, Wanted::of(&settings.settings)))
        });
        let answer: Option<ambit_client::Result<(Status, Wanted)>> = asked.await;
        let standing = match answer {
            None => return,
            Some(Err(error)) => Standing::failed(&error),
            Some(Ok((status, wanted))) => {
                if shortcut.as_ref() != Some(&wanted.shortcut) {
                    take_shortcut(&app, &wanted.shortcut);
                }
                if starts_by_itself != Some(wanted.starts_by_itself)
                    && let Some(Err(error)) = autostart.as_ref().map(|start| start.set(wanted.starts_by_itself))
                {
                    tracing::warn!("whether the app starts by itself cannot be changed: {error:#}");
                }
                let standing = Standing::of(&status, wanted.is_paused, shared.words);
                (shortcut, starts_by_itself) = (Some(wanted.shortcut), Some(wanted.starts_by_itself));
                standing
            }
        };
        let pace = if standing.is_working() { PACE.0 } else { PACE.1 };
        if let Some(Err(error)) = shared.tray.get().map(|tray| tray.show(standing)) {
            tracing::warn!(%error, "the tray cannot be changed");
        }
        tokio::select! {
            () = tokio::time::sleep(pace) => {}
            () = shared.changed.notified() => {}
        }
    }
}

/// Takes the keys that the settings name for the launcher, or says why they cannot be had.
fn take_shortcut(app: &AppHandle, keys: &str) {
    let (handle, wanted) = (app.clone(), keys.to_owned());
    let told = move |taken: Result<(), String>| {
        let held = if taken.is_ok() { wanted.as_str() } else { "" };
        if let Some(Err(error)) = handle.state::<Shared>().tray.get().map(|tray| tray.name_shortcut(held)) {
            tracing::warn!(%error, "the tray cannot be changed");
        }
        handle.state::<Announcer>().say(match taken {
            Ok(()) => Message::ShortcutHeld,
            Err(reason) => {
                tracing::warn!(keys = wanted, reason, "the launcher has no shortcut");
                Message::NoShortcut { shortcut: wanted.clone(), reason }
            }
        });
    };
    app.state::<Shared>().shortcut.lock().unwrap_or_else(PoisonError::into_inner).take(keys, told);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_that_does_not_know_a_setting_has_its_default() {
        let wanted = Wanted { is_paused: false, starts_by_itself: false, shortcut: "Ctrl+Shift+Space".to_owned() };
        assert_eq!(Wanted::of(&[]), wanted);
    }
}
