//! GNOME's overview: `org.gnome.Shell.SearchProvider2`, as its developers' documentation describes it.

use std::collections::HashMap;
use std::sync::Arc;

use gtk::gio::prelude::*;
use gtk::glib::Variant;

use super::Desk;
use super::found::Found;
use crate::link::Link;

pub(super) const INTERFACE: &str = r#"<node><interface name="org.gnome.Shell.SearchProvider2">
  <method name="GetInitialResultSet">
    <arg type="as" name="terms" direction="in"/><arg type="as" name="results" direction="out"/>
  </method>
  <method name="GetSubsearchResultSet">
    <arg type="as" name="previous_results" direction="in"/><arg type="as" name="terms" direction="in"/>
    <arg type="as" name="results" direction="out"/>
  </method>
  <method name="GetResultMetas">
    <arg type="as" name="identifiers" direction="in"/><arg type="aa{sv}" name="metas" direction="out"/>
  </method>
  <method name="ActivateResult">
    <arg type="s" name="identifier" direction="in"/><arg type="as" name="terms" direction="in"/>
    <arg type="u" name="timestamp" direction="in"/>
  </method>
  <method name="LaunchSearch">
    <arg type="as" name="terms" direction="in"/><arg type="u" name="timestamp" direction="in"/>
  </method>
</interface></node>"#;

/// The answer to a call; None for one that is not understood.
pub(super) async fn answer(desk: Arc<Desk>, method: String, parameters: Variant) -> Option<Variant> {
    match method.as_str() {
        "GetInitialResultSet" => {
            let (terms,) = parameters.get::<(Vec<String>,)>()?;
            Some(ids(&desk, &terms).await)
        }
        // A longer search may find what a shorter one did not: meaning does not narrow down.
        "GetSubsearchResultSet" => {
            let (_, terms) = parameters.get::<(Vec<String>, Vec<String>)>()?;
            Some(ids(&desk, &terms).await)
        }
        "GetResultMetas" => {
            let (ids,) = parameters.get::<(Vec<String>,)>()?;
            let known = desk.state();
            let metas: Vec<_> = ids.iter().filter_map(|id| known.found.get(id)).map(meta).collect();
            Some((metas,).to_variant())
        }
        "ActivateResult" => {
            let (id, _, _) = parameters.get::<(String, Vec<String>, u32)>()?;
            desk.show(id.parse().ok()?).await;
            Some(().to_variant())
        }
        "LaunchSearch" => {
            let (terms, _) = parameters.get::<(Vec<String>, u32)>()?;
            desk.show(Link::to_search(&terms.join(" "))).await;
            Some(().to_variant())
        }
        _ => None,
    }
}

async fn ids(desk: &Arc<Desk>, terms: &[String]) -> Variant {
    let found = desk.find(INTERFACE, &terms.join(" ")).await;
    let ids: Vec<&str> = found.iter().map(Found::id).collect();
    (ids,).to_variant()
}

fn meta(found: &Found) -> HashMap<&'static str, Variant> {
    let mut meta = HashMap::from([
        ("id", found.id().to_variant()),
        ("name", found.name.to_variant()),
        ("description", found.description.to_variant()),
    ]);
    if let Some(icon) = IconExt::to_string(&found.icon()) {
        meta.insert("gicon", icon.to_variant());
    }
    meta
}
