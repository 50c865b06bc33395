//! The page in the app's window: it works there, and reaches nothing but the app.

use ambit_tests::{eventually, not_run};
use serde_json::json;

use crate::driver::Page;
use crate::screen::{Desktop, Panel, SOON};

#[test]
fn the_page_answers_in_the_window_and_reaches_nothing_else() {
    let Some(mut desktop) = Desktop::new(Panel::None) else { return };
    if desktop.command("WebKitWebDriver").arg("--version").status().is_err() {
        return not_run("there is no WebKitWebDriver; `scripts/set-up tests` installs it");
    }
    desktop.ambit.write("ownership.md", "# Ownership\n\nEach value in Rust has an owner.\n");
    desktop.ambit.index();
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
    let sessions = desktop.ambit.json(&["sessions", "list"]);
    assert_eq!(sessions["sessions"].as_array().unwrap().len(), 1, "a link asks nothing: {sessions}");
}
