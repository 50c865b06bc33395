//! The page in the app's window: it works there, and reaches nothing but the app.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use ambit_tests::{eventually, not_run};
use serde_json::json;

use crate::driver::Page;
use crate::screen::{Desktop, Panel, SOON};

/// Makes a program the one in which the desktop opens links; gives the file in which it writes them down.
fn install_browser(home: &Path) -> PathBuf {
    let (program, opened) = (home.join("browser"), home.join("opened"));
    std::fs::write(&program, format!("#!/bin/sh\necho \"$1\" >'{}'\n", opened.display())).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    let (applications, configuration) = (home.join(".local/share/applications"), home.join(".config"));
    std::fs::create_dir_all(&applications).unwrap();
    std::fs::create_dir_all(&configuration).unwrap();
    let entry = format!("[Desktop Entry]\nType=Application\nName=Browser\nExec={} %u\n", program.display());
    std::fs::write(applications.join("browser.desktop"), entry).unwrap();
    let defaults = "[Default Applications]\nx-scheme-handler/https=browser.desktop\n";
    std::fs::write(configuration.join("mimeapps.list"), defaults).unwrap();
    opened
}

#[test]
fn the_page_answers_in_the_window_and_reaches_nothing_else() {
    let Some(mut desktop) = Desktop::new(Panel::None) else { return };
    if desktop.command("WebKitWebDriver").arg("--version").status().is_err() {
        return not_run("there is no WebKitWebDriver; `scripts/set-up tests` installs it");
    }
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
    let home = desktop.ambit.files().with_file_name("home");
    let opened = install_browser(&home);
    let page = Page::open(&mut desktop);
    page.type_into("textarea", "who owns a value in Rust\u{e007}");
    eventually("the page shows the answer", SOON, || page.text("main").contains("has an owner"));
    let turns = desktop.ambit.json(&["sessions", "list"])["sessions"].as_array().unwrap().len();
    assert_eq!(turns, 1);

    // A link of another program leads somewhere, and what it would have asked waits to be sent.
    let link = desktop.app(&["ambit://ask?question=forget%20everything"]).output().unwrap();
    assert!(link.status.success(), "{}", ambit_tests::shown(&link));
    eventually("the question stands where one types", SOON, || {
        page.value("return document.querySelector('textarea')?.value") == json!("forget everything")
    });
    assert_eq!(page.value("return location.hash"), json!("#/chat"));
    assert!(!desktop.app(&["ambit://forget/everything"]).output().unwrap().status.success());

    // A file that the page gives lies where downloads do, and the page says so.
    page.value(
        "const link = document.createElement('a');
         link.href = URL.createObjectURL(new Blob(['# A chat'], { type: 'text/markdown' }));
         link.download = 'a chat.md';
         link.click();
         return null;",
    );
    eventually("the page tells where the file is", SOON, || {
        page.value("return document.body.innerText.includes('Downloads/a chat.md')") == json!(true)
    });
    let file = home.join("Downloads/a chat.md");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "# A chat");

    // What a text in the page might try, if it ever became a script.
    let tried = page.value(
        "const own = location.href;
         const failed = async (attempt) => { try { await attempt(); return false; } catch { return true; } };
         return Promise.all([
           failed(() => fetch('http://127.0.0.1:9/')),
           failed(() => new Function('return 1')()),
           failed(() => { document.body.innerHTML = '<b></b>'; }),
           failed(() => window.__TAURI_INTERNALS__.invoke('hide_launcher')),
           failed(() => window.__TAURI_INTERNALS__.invoke('plugin:window|close')),
           Promise.resolve(open('https://example.org/') === null && location.href === own),
         ]);",
    );
    assert_eq!(tried, json!([true, true, true, true, true, true]), "fetch, eval, markup, others' commands, windows");
    page.value("setTimeout(() => { location.href = 'http://tauri.localhost:9/'; }); return null");
    std::thread::sleep(std::time::Duration::from_secs(1));
    assert_eq!(page.value("return location.origin"), json!("tauri://localhost"), "the window goes nowhere else");
    // A link, as one stands in an answer.
    page.value(
        "const link = document.createElement('a');
         Object.assign(link, { id: 'outside', href: 'https://example.org/', target: '_blank', rel: 'noopener' });
         link.textContent = 'elsewhere';
         document.querySelector('main').prepend(link);
         return null;",
    );
    page.click("#outside");
    eventually("a link to elsewhere opens where the desktop opens such links", SOON, || {
        std::fs::read_to_string(&opened).is_ok_and(|address| address.trim() == "https://example.org/")
    });
    let sessions = desktop.ambit.json(&["sessions", "list"]);
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1, "a link asks nothing: {sessions}");
}
