//! The launcher on what is selected in another program: it is asked for consent, a model works on it, and the result goes back.

use std::path::Path;
use std::process::{Child, Stdio};

use ambit_tests::{eventually, shown};

use crate::screen::{Desktop, Panel, SOON};
use crate::tray::Tray;
use crate::{KEYS, LAUNCHER};

/// The title of the window of another program.
const LETTER: &str = "Letter";

const BEFORE: &str = "the harbor master writed down evry ship";

/// Runs the terminal's `ambit` with the environment of the desktop.
fn ambit(desktop: &Desktop, arguments: &[&str]) -> String {
    desktop.text(ambit_tests::binary().to_str().unwrap(), arguments)
}

/// Selects a text, in a program that says when it is asked for it.
fn select(desktop: &Desktop, said: &Path) -> Child {
    let mut xclip = desktop.command("xclip");
    xclip.args(["-verbose", "-in", "-selection", "primary"]).stdin(Stdio::piped());
    let mut xclip = xclip.stderr(std::fs::File::create(said).unwrap()).spawn().unwrap();
    std::io::Write::write_all(&mut xclip.stdin.take().unwrap(), b"not for everybody").unwrap();
    eventually("the text is selected", SOON, || requests(said) == 1);
    xclip
}

/// How many requests the program has waited for.
fn requests(said: &Path) -> usize {
    std::fs::read_to_string(said).unwrap().matches("Waiting for selection request number").count()
}

/// What is selected in the program in front.
fn selected(desktop: &Desktop) -> String {
    desktop.held("primary")
}

#[test]
fn what_is_selected_is_read_once_that_is_allowed_and_a_result_takes_its_place() {
    let models = tempfile::tempdir().unwrap();
    let folder = [("AMBIT_MODELS_FOLDER", models.path().to_str().unwrap())];
    let Some(mut desktop) = Desktop::with(Panel::WithTray, &folder) else { return };
    for program in ["xclip", "zenity"] {
        if desktop.command(program).arg("--version").status().is_err() {
            return ambit_tests::not_run(&format!("there is no {program}; `scripts/set-up tests` installs it"));
        }
    }
    desktop.start_app(&["--hidden"]);
    Tray::find(&desktop).until_shortcut(KEYS);
    let model = Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/inference/tests/fixtures/language_model.gguf");
    ambit(&desktop, &["models", "import", "small", model.to_str().unwrap()]);

    let said = desktop.ambit.files().with_file_name("xclip.said");
    let mut xclip = select(&desktop, &said);
    crate::launcher::open(&desktop);
    assert_eq!(requests(&said), 1, "nothing is read before it is allowed");
    // From where one types to what allows it.
    desktop.press("Tab");
    desktop.press("Return");
    let consent = || ambit(&desktop, &["settings", "get", "desktop.selection"]);
    eventually("it is allowed", SOON, || consent().contains("allow"));
    eventually("what is selected is read", SOON, || requests(&said) > 1);
    ambit_tests::kill(xclip.id());
    xclip.wait().unwrap();
    desktop.press("Escape");
    desktop.until_seen(LAUNCHER, false);

    let file = desktop.ambit.write("letter.txt", BEFORE);
    let mut zenity = desktop.command("zenity");
    let filename = format!("--filename={}", file.display());
    zenity.args(["--text-info", "--editable", "--title", LETTER, &filename]);
    let mut zenity = zenity.stdout(Stdio::null()).spawn().unwrap();
    desktop.until_seen(LETTER, true);
    desktop.activate(LETTER);
    desktop.press("ctrl+a");
    eventually("the text is selected", SOON, || selected(&desktop) == BEFORE);
    crate::launcher::open(&desktop);
    // The last of the actions is the fifth: to fix the text.
    for _ in 0..5 {
        desktop.press("Tab");
    }
    desktop.press("Return");
    // What is chosen once the model has written is to put its text into the place of the selected one.
    eventually("the result is put into the program", SOON, || {
        if desktop.has_focus(LAUNCHER) {
            desktop.press("Return");
            std::thread::sleep(std::time::Duration::from_millis(300));
        }
        desktop.windows(LAUNCHER).is_empty() && desktop.has_focus(LETTER)
    });
    let result = desktop.held("clipboard");
    assert!(!result.is_empty() && !result.contains(BEFORE), "{result}");
    assert!(
        result.chars().all(|character| character == '\n' || character == '\t' || !character.is_control()),
        "{result:?}"
    );
    desktop.press("ctrl+a");
    eventually("the program has the result in the text's place", SOON, || selected(&desktop) == result);
    ambit_tests::kill(zenity.id());
    zenity.wait().unwrap();

    // Nothing of it is kept.
    let kept = ambit(&desktop, &["--json", "sessions", "list"]);
    assert!(!kept.contains("harbor"), "{kept}");
    assert!(ambit_tests::files_that_hold(&desktop.ambit.data(), BEFORE).is_empty());
    let refused =
        desktop.run(ambit_tests::binary().to_str().unwrap(), &["settings", "set", "desktop.selection", "refuse"]);
    assert!(refused.status.success(), "{}", shown(&refused));
    let mut xclip = select(&desktop, &said);
    crate::launcher::open(&desktop);
    assert_eq!(requests(&said), 1, "consent was taken back");
    ambit_tests::kill(xclip.id());
    xclip.wait().unwrap();
}
