//! KDE's KRunner: `org.kde.krunner1`, as its developers' documentation describes it.

use std::collections::HashMap;
use std::sync::Arc;

use gtk::gio::ThemedIcon;
use gtk::gio::prelude::*;
use gtk::glib::Variant;

use super::Desk;
use super::found::Found;

pub(super) const INTERFACE: &str = r#"<node><interface name="org.kde.krunner1">
  <method name="Actions"><arg type="a(sss)" name="actions" direction="out"/></method>
  <method name="Match">
    <arg type="s" name="query" direction="in"/><arg type="a(sssida{sv})" name="matches" direction="out"/>
  </method>
  <method name="Run">
    <arg type="s" name="match" direction="in"/><arg type="s" name="action" direction="in"/>
  </method>
</interface></node>"#;

/// How KRunner names what may be meant.
const POSSIBLE: i32 = 30;

/// Id, name, icon, kind, weight from 0 to 1, and more.
type Match = (String, String, String, i32, f64, HashMap<&'static str, Variant>);

/// The answer to a call; None for one that is not understood.
pub(super) async fn answer(desk: Arc<Desk>, method: String, parameters: Variant) -> Option<Variant> {
    match method.as_str() {
        // A result leads to the app, and nothing else can be done with it.
        "Actions" => Some((Vec::<(String, String, String)>::new(),).to_variant()),
        "Match" => {
            let (query,) = parameters.get::<(String,)>()?;
            let matches: Vec<Match> = desk.find(INTERFACE, &query).await.iter().enumerate().map(matched).collect();
            Some((matches,).to_variant())
        }
        "Run" => {
            let (id, _) = parameters.get::<(String, String)>()?;
            desk.show(id.parse().ok()?).await;
            Some(().to_variant())
        }
        _ => None,
    }
}

/// Among what other programs find, names count more than texts; the order stays.
fn matched((position, found): (usize, &Found)) -> Match {
    let first = if found.is_named { 0.8 } else { 0.6 };
    let weight = first - 0.01 * position as f64;
    let icon = found.icon().downcast::<ThemedIcon>().ok().and_then(|icon| icon.names().into_iter().next());
    let more = HashMap::from([("subtext", found.description.to_variant())]);
    (found.id().to_owned(), found.name.clone(), icon.unwrap_or_default().into(), POSSIBLE, weight, more)
}
