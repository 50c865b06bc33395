//! Tells the desktop's notifications that an answer is ready.

#[cfg(target_os = "linux")]
mod bus;
#[cfg(target_os = "macos")]
mod script;

#[cfg(target_os = "linux")]
pub(crate) use bus::Notifications;
#[cfg(target_os = "macos")]
pub(crate) use script::Notifications;

/// What a notification says.
#[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "without a button it leads nowhere"))]
#[derive(Debug, Clone)]
pub(crate) struct Notification {
    pub(crate) title: String,
    pub(crate) text: String,
    /// What its button says.
    pub(crate) open: String,
    /// Where it leads: an address of the page.
    pub(crate) address: String,
}
