//! Notifications of macOS, by way of its script language. They have no button and lead nowhere: that takes an app that is signed.

use super::Notification;
use crate::script;

/// Shows notifications.
#[derive(Default)]
pub(crate) struct Notifications(());

impl Notifications {
    /// Shows a notification. `opened` is never told.
    pub(crate) fn show(&self, notification: Notification, _opened: impl Fn(&str) + 'static) {
        let Notification { title, text, .. } = notification;
        std::thread::spawn(move || {
            let line = "display notification (item 2 of argv) with title (item 1 of argv)";
            if let Err(error) = script::run(line, &[&title, &text]) {
                tracing::warn!("the desktop shows no notification: {error:#}");
            }
        });
    }
}
