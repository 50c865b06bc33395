//! A part of the desktop that other programs call over the session's bus.

use std::time::Duration;

use dbus::Message;
use dbus::blocking::LocalConnection;
use dbus::channel::{Channel, MatchingReceiver, Sender};
use dbus::message::MatchRule;

use crate::screen::Desktop;

/// A part of the desktop, which does something only while it is asked to.
pub(crate) struct Part(LocalConnection);

impl Part {
    /// The part of this name on the bus; `answer` gives what it sends for each call.
    pub(crate) fn new(
        desktop: &Desktop,
        name: &str,
        mut answer: impl FnMut(&Message) -> Vec<Message> + 'static,
    ) -> Self {
        let address = desktop.environment.iter().find(|(name, _)| *name == "DBUS_SESSION_BUS_ADDRESS");
        let mut channel = Channel::open_private(&address.unwrap().1).unwrap();
        channel.register().unwrap();
        let connection = LocalConnection::from(channel);
        connection.request_name(name, false, true, true).unwrap();
        let called = move |message: Message, connection: &LocalConnection| {
            for sent in answer(&message) {
                connection.send(sent).unwrap();
            }
            true
        };
        connection.start_receive(MatchRule::new_method_call(), Box::new(called));
        Self(connection)
    }

    /// Answers what was called.
    pub(crate) fn work(&self) {
        self.0.process(Duration::from_millis(20)).unwrap();
    }

    /// Tells all programs something.
    pub(crate) fn tell(&self, signal: Message) {
        self.0.send(signal).unwrap();
        self.0.channel().flush();
    }
}
