//! The tray over D-Bus, as a panel reads it and a person clicks it.

use crate::screen::{Desktop, SOON};
use ambit_tests::eventually;

/// The app's icon in the tray, as the panel knows it.
pub(crate) struct Tray<'a> {
    desktop: &'a Desktop,
    /// The name on the bus.
    name: String,
    /// The path of the icon on the bus.
    path: String,
    /// The path of the menu.
    menu: String,
}

/// An entry of the menu.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    id: String,
    pub(crate) label: String,
    pub(crate) is_enabled: bool,
    pub(crate) is_checked: bool,
}

fn call(desktop: &Desktop, name: &str, path: &str, method: &[&str]) -> String {
    let mut all = vec!["call", "--session", "--dest", name, "--object-path", path, "--method"];
    all.extend(method);
    desktop.text("gdbus", &all)
}

/// What stands between the first two of these quotes.
fn quoted(text: &str) -> Option<&str> {
    text.split('\'').nth(1)
}

impl<'a> Tray<'a> {
    /// Waits until the panel knows the icon.
    pub(crate) fn find(desktop: &'a Desktop) -> Self {
        let watcher = "org.kde.StatusNotifierWatcher";
        let get = "org.freedesktop.DBus.Properties.Get";
        let mut found = None;
        eventually("the icon is in the tray", SOON, || {
            let items =
                call(desktop, watcher, "/StatusNotifierWatcher", &[get, watcher, "RegisteredStatusNotifierItems"]);
            found = quoted(&items)
                .and_then(|item| item.split_once('/'))
                .map(|(name, path)| (name.to_owned(), format!("/{path}")));
            found.is_some()
        });
        let (name, path) = found.unwrap();
        let menu = call(desktop, &name, &path, &[get, "org.kde.StatusNotifierItem", "Menu"]);
        Self { desktop, menu: quoted(&menu).unwrap().to_owned(), name, path }
    }

    /// The picture of the icon, as it is at the moment; the desktop reads it from a file.
    pub(crate) fn picture(&self) -> Vec<u8> {
        let get = ["org.freedesktop.DBus.Properties.Get", "org.kde.StatusNotifierItem", "IconName"];
        let file = call(self.desktop, &self.name, &self.path, &get);
        std::fs::read(quoted(&file).unwrap()).unwrap_or_default()
    }

    /// What the first entry tells of how Ambit stands.
    pub(crate) fn line(&self) -> String {
        self.entries().remove(0).label
    }

    /// Waits until the launcher has its shortcut, and gives its entry.
    pub(crate) fn until_shortcut(&self, keys: &str) {
        let entry = format!("Launcher ({keys})");
        eventually("the launcher has its shortcut", SOON, || self.entries().iter().any(|other| other.label == entry));
    }

    /// The entries of the menu, without its lines.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let layout =
            call(self.desktop, &self.name, &self.menu, &["com.canonical.dbusmenu.GetLayout", "0", "--", "-1", "[]"]);
        // `… <(3, {'label': <'Open chat'>, …}, @av [])> …`
        layout.split("<(").skip(1).filter_map(entry).collect()
    }

    /// The entry whose label begins like this.
    pub(crate) fn entry(&self, label: &str) -> Entry {
        let entries = self.entries();
        let found = entries.iter().find(|entry| entry.label.starts_with(label));
        found.unwrap_or_else(|| panic!("the menu has no `{label}`: {entries:#?}")).clone()
    }

    /// Clicks the entry whose label begins like this.
    pub(crate) fn click(&self, label: &str) {
        let id = self.entry(label).id;
        let event = ["com.canonical.dbusmenu.Event", &id, "clicked", "<''>", "0"];
        call(self.desktop, &self.name, &self.menu, &event);
    }
}

fn entry(text: &str) -> Option<Entry> {
    let (id, rest) = text.split_once(',')?;
    let properties = rest.split('}').next()?;
    let label = properties.split("'label': <").nth(1)?;
    // A label with an apostrophe stands in double quotes.
    let quote = label.chars().next()?;
    let label = label.split(quote).nth(1)?.replace('_', "");
    Some(Entry {
        id: id.trim_start_matches("int32 ").to_owned(),
        label,
        is_enabled: !properties.contains("'enabled': <false>"),
        is_checked: properties.contains("'toggle-state': <1>"),
    })
}
