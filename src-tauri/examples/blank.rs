//! What an app with Tauri costs that does nothing: one icon in the tray, and one window with an empty page that nobody has
//! opened. `cargo xtask bench desktop` measures the app beside it.

use std::borrow::Cow;

use tauri::image::Image;
use tauri::menu::{Menu, MenuItem};
use tauri::tray::TrayIconBuilder;
use tauri::utils::assets::{AssetKey, AssetsIter, CspHash};
use tauri::{Assets, Builder, Runtime, WebviewUrl, WebviewWindowBuilder, Wry};

/// Pixels of a side of the icon.
const SIZE: u32 = 64;

/// The empty page.
struct Empty;

impl<R: Runtime> Assets<R> for Empty {
    fn get(&self, _: &AssetKey) -> Option<Cow<'_, [u8]>> {
        Some(Cow::Borrowed(b"<!doctype html><html lang=\"en\"><title>Blank</title></html>"))
    }

    fn iter(&self) -> Box<AssetsIter<'_>> {
        Box::new(std::iter::empty())
    }

    fn csp_hashes(&self, _: &AssetKey) -> Box<dyn Iterator<Item = CspHash<'_>> + '_> {
        Box::new(std::iter::empty())
    }
}

/// What the app's `tauri.conf.json` says holds for this one as well.
#[expect(clippy::exit, reason = "the macro's code ends a process that cannot have a thread")]
fn context() -> tauri::Context {
    tauri::generate_context!(assets = Empty)
}

fn main() -> tauri::Result<()> {
    let app = Builder::<Wry>::new().setup(|app| {
        let menu = Menu::with_items(app, &[&MenuItem::with_id(app, "quit", "Quit", true, None::<&str>)?])?;
        let picture = Image::new_owned(vec![u8::MAX; (SIZE * SIZE * 4) as usize], SIZE, SIZE);
        TrayIconBuilder::new().icon(picture).menu(&menu).build(app)?;
        WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into())).visible(false).build()?;
        Ok(())
    });
    app.run(context())
}
