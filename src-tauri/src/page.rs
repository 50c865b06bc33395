//! The page that the windows show: what `ui/dist` held when this was built.

use std::borrow::Cow;

use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{App, Assets, Runtime};

/// Files with their paths, each with a slash before it; empty when `ui/dist` was not there.
const FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// What a window shows without the page.
const MISSING: &[u8] = b"<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Ambit</title>\
    <h1>This Ambit was built without its page</h1>\
    <p>Build the page with <code>npm ci &amp;&amp; npm run build</code> in <code>ui/</code>, then the app anew.</p></html>";

/// The files of the page, for the windows alone: nothing else in the app's folder can be asked for.
pub(crate) struct Page;

impl<R: Runtime> Assets<R> for Page {
    fn setup(&self, _: &App<R>) {
        if FILES.is_empty() {
            tracing::error!("this app was built without its page");
        }
    }

    fn get(&self, key: &AssetKey) -> Option<Cow<'_, [u8]>> {
        let found = FILES.iter().find(|(path, _)| *path == key.as_ref()).map(|(_, content)| *content);
        let found = found.or_else(|| (FILES.is_empty() && key.as_ref() == "/index.html").then_some(MISSING));
        found.map(Cow::Borrowed)
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(FILES.iter().map(|(path, content)| (Cow::Borrowed(*path), Cow::Borrowed(*content))))
    }

    /// The page has no script and no style within its document.
    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}
