//! Launcher, tray and window as one sees them, in light and dark. With `AMBIT_SCREENSHOTS` the pictures are kept in the
//! folder that it names.

use std::path::{Path, PathBuf};

use ambit_tests::eventually;

use crate::picture::{Area, Picture};
use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, MAIN, launcher};

/// The upper middle of the screen, where the launcher is.
const LAUNCHER: Area = Area { left: 240, top: 120, width: 800, height: 580 };

/// Where the window manager puts the window.
const WINDOW: Area = Area { left: 60, top: 28, width: 1160, height: 820 };

/// The right end of the panel, and what a menu covers below it.
const TRAY: Area = Area { left: 860, top: 0, width: 420, height: 200 };

/// A part of that which the menu fills.
const MENU: Area = Area { left: 900, top: 40, width: 240, height: 130 };

/// Each picture of the documentation is at most so large, in bytes.
const LARGEST: u64 = 150 * 1024;

/// The colour of the app's icon.
const TEAL: [u8; 3] = [11, 107, 122];

#[test]
fn launcher_tray_and_window_are_light_or_dark_as_the_desktop_is() {
    for (scheme, theme) in [("light", "Adwaita"), ("dark", "Adwaita:dark")] {
        let Some(mut desktop) = Desktop::with(Panel::WithTray, &[("GTK_THEME", theme)]) else { return };
        let folder = std::env::var_os("AMBIT_SCREENSHOTS").map_or_else(|| desktop.ambit.files(), PathBuf::from);
        desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
        desktop.ambit.write("borrowing.md", "# Borrowing\n\nA value can be borrowed from its owner.\n");
        desktop.ambit.index();
        desktop.ambit.text(&["ask", "who owns a value in Rust"]);
        desktop.start_app(&["--hidden"]);
        // The pointer is a part of the picture.
        desktop.text("xdotool", &["mousemove", "4", "890"]);
        let tray = Tray::find(&desktop);
        tray.until_shortcut(KEYS);
        let is_dark = scheme == "dark";

        launcher::open(&desktop);
        desktop.type_text("owner");
        let picture = until_text(&desktop, LAUNCHER, is_dark);
        keep(&picture, &folder, &format!("launcher-{scheme}"));
        desktop.press("Escape");

        tray.click("Open chat");
        desktop.until_seen(MAIN, true);
        let picture = until_text(&desktop, WINDOW, is_dark);
        keep(&picture, &folder, &format!("app-{scheme}"));
        desktop.activate(MAIN);
        desktop.press("alt+F4");
        desktop.until_seen(MAIN, false);

        let (left, top) = desktop.picture(TRAY).find(TEAL).expect("the icon is in the panel");
        let place = [(TRAY.left + left + 4).to_string(), (TRAY.top + top + 4).to_string()];
        desktop.text("xdotool", &["mousemove", &place[0], &place[1], "click", "1"]);
        until_text(&desktop, MENU, is_dark);
        keep(&desktop.picture(TRAY), &folder, &format!("tray-{scheme}"));
        desktop.press("Escape");
        tray.click("Quit Ambit");
        eventually("the app ends", SOON, || desktop.has_ended());
    }
}

/// Waits until letters can be read, and the rest is as light or dark as it is to be.
fn until_text(desktop: &Desktop, area: Area, is_dark: bool) -> Picture {
    let mut picture = desktop.picture(area);
    eventually("text is seen in the right colours", SOON, || {
        picture = desktop.picture(area);
        picture.colours() > 12 && (picture.brightness() < 128.0) == is_dark
    });
    // What is searched comes after the first letters.
    std::thread::sleep(std::time::Duration::from_secs(1));
    desktop.picture(area)
}

fn keep(picture: &Picture, folder: &Path, name: &str) {
    let path = folder.join(format!("{name}.png"));
    picture.save(&path);
    let size = std::fs::metadata(&path).unwrap().len();
    assert!(size <= LARGEST, "{} has {size} bytes", path.display());
}
