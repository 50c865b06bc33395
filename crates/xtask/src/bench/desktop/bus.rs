//! The session's bus: when an icon comes into the tray, and what is chosen in its menu.

use std::time::{Duration, Instant};

use anyhow::{Context as _, anyhow, bail};
use dbus::Message;
use dbus::arg::{RefArg, Variant};
use dbus::channel::Channel;

use super::screen::SOON;

/// What keeps the icons of all programs, on the bus and in their interface.
const WATCHER: &str = "org.kde.StatusNotifierWatcher";

/// How long a part of the desktop may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// A look at the bus.
pub(super) struct Bus(Channel);

/// An icon in the tray.
#[derive(Debug, Clone)]
pub(super) struct Icon {
    /// Whose it is, on the bus.
    owner: String,
    /// Its path there.
    path: String,
}

/// An entry of an icon's menu.
pub(super) struct Entry {
    owner: String,
    menu: String,
    id: i32,
}

impl Bus {
    /// Watches the bus of a desktop, once it shows icons of programs.
    pub(super) async fn watch(address: &str) -> anyhow::Result<Self> {
        let mut channel = Channel::open_private(address)?;
        channel.register()?;
        let bus = Self(channel);
        let rule = format!("type='signal',interface='{WATCHER}',member='StatusNotifierItemRegistered'");
        bus.ask("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "AddMatch", |call| {
            call.append1(rule)
        })?;
        let begun = Instant::now();
        loop {
            let answer = bus.ask("org.freedesktop.DBus", "/", "org.freedesktop.DBus", "NameHasOwner", |call| {
                call.append1(WATCHER)
            })?;
            if answer.read1::<bool>()? {
                return Ok(bus);
            }
            if begun.elapsed() > SOON {
                bail!("the panel shows no icons of programs");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Forgets icons that came before.
    pub(super) fn forget(&self) -> anyhow::Result<()> {
        self.0.read_write(Some(Duration::ZERO)).map_err(|()| anyhow!("the bus is gone"))?;
        while self.0.pop_message().is_some() {}
        Ok(())
    }

    /// Waits until an icon comes into the tray. Returns it, and how long that took since `begun`.
    pub(super) async fn until_icon(&self, begun: Instant) -> anyhow::Result<(Icon, Duration)> {
        loop {
            self.0.read_write(Some(Duration::from_millis(2))).map_err(|()| anyhow!("the bus is gone"))?;
            let now = begun.elapsed();
            while let Some(message) = self.0.pop_message() {
                if message.member().is_some_and(|member| &*member == "StatusNotifierItemRegistered") {
                    let item = message.read1::<&str>()?;
                    let (owner, path) = item.split_once('/').context("an icon has no path")?;
                    return Ok((Icon { owner: owner.to_owned(), path: format!("/{path}") }, now));
                }
            }
            if now > SOON {
                bail!("no icon comes into the tray");
            }
            // Whoever ends this program is heard here.
            tokio::task::yield_now().await;
        }
    }

    /// The entry of an icon's menu that is called so.
    pub(super) fn entry(&self, icon: &Icon, label: &str) -> anyhow::Result<Entry> {
        let answer = self.ask(&icon.owner, &icon.path, "org.freedesktop.DBus.Properties", "Get", |call| {
            call.append2("org.kde.StatusNotifierItem", "Menu")
        })?;
        let menu = answer.read1::<Variant<dbus::Path<'_>>>()?.0.to_string();
        let layout = self.ask(&icon.owner, &menu, "com.canonical.dbusmenu", "GetLayout", |call| {
            call.append3(0_i32, -1_i32, Vec::<&str>::new())
        })?;
        let id = layout.iter_init().find_map(|part| labelled(&*part, label));
        let id = id.with_context(|| format!("the menu has no `{label}`"))?;
        Ok(Entry { owner: icon.owner.clone(), menu, id })
    }

    /// Chooses an entry of a menu. Returns the moment before that.
    pub(super) fn choose(&self, entry: &Entry) -> anyhow::Result<Instant> {
        let call = Message::new_method_call(&entry.owner, &entry.menu, "com.canonical.dbusmenu", "Event");
        let call = call.map_err(|reason| anyhow!(reason))?;
        let call = call.append3(entry.id, "clicked", Variant("")).append1(0_u32);
        let begun = Instant::now();
        self.0.send(call).map_err(|()| anyhow!("the bus is gone"))?;
        self.0.flush();
        Ok(begun)
    }

    fn ask(
        &self,
        owner: &str,
        path: &str,
        interface: &str,
        method: &str,
        with: impl FnOnce(Message) -> Message,
    ) -> anyhow::Result<Message> {
        let call = Message::new_method_call(owner, path, interface, method).map_err(|reason| anyhow!(reason))?;
        Ok(self.0.send_with_reply_and_block(with(call), PATIENCE)?)
    }
}

/// The number of the entry with a label, in a part of a menu: its number, its properties, and the entries in it.
fn labelled(part: &dyn RefArg, label: &str) -> Option<i32> {
    let inner: Vec<&dyn RefArg> = part.as_iter()?.collect();
    if let [id, properties, _] = inner[..]
        && let (Some(id), Some(properties)) = (id.as_i64(), properties.as_iter())
    {
        let properties: Vec<&dyn RefArg> = properties.collect();
        let is_it = |pair: &[&dyn RefArg]| {
            pair[0].as_str() == Some("label") && pair[1].as_str().is_some_and(|other| other.replace('_', "") == label)
        };
        if properties.chunks_exact(2).any(is_it) {
            return i32::try_from(id).ok();
        }
    }
    inner.into_iter().find_map(|part| labelled(part, label))
}
