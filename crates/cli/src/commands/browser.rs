//! Browsers that start Ambit for its extension: a manifest in each tells where `ambit-native-host` is, and who may have it.

mod places;

use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use ambit_protocol::browser::{CHROMIUM_EXTENSION, FIREFOX_EXTENSION, NATIVE_HOST, NATIVE_HOST_PROGRAM};
use ambit_protocol::domain::Error;
use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use self::places::Home;
use crate::Outcome;
use crate::arguments::{Browser, BrowserCommand, BrowserPlace, Browsers};
use crate::connection::{Place, domain};
use crate::output::{Output, Style, note};

pub(super) fn run(output: Output, command: &BrowserCommand) -> Result<Outcome> {
    let home = home()?;
    match command {
        BrowserCommand::Install(Browsers { names, place }) => install(output, &home, names, place),
        BrowserCommand::Status(place) => status(output, &home, place),
        BrowserCommand::Uninstall(Browsers { names, place }) => uninstall(output, &home, names, place),
        // It needs a host, which the others do not.
        BrowserCommand::Pair => Ok(Outcome::Done),
    }
}

/// Makes a link that pairs the extension of a browser with the host.
pub(super) async fn pair(place: &Place, output: Output) -> Result<Outcome> {
    let made = place.connect().await?.create_browser_code().await?;
    let link = format!("{}/#code={}", made.address, made.code.reveal());
    if output.json {
        output.value(&json!({ "address": made.address, "link": link, "expires_at": made.expires_at }))?;
        return Ok(Outcome::Done);
    }
    output.line(&link)?;
    note("Paste this into the extension's panel, under \u{201c}Pair\u{201d}: it works once, within a minute.");
    Ok(Outcome::Done)
}

fn home() -> Result<Home> {
    let folder = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    let Some(home) = folder("HOME") else {
        let missing = Error::invalid("there is no home folder");
        return Err(domain(missing.with_hint("`HOME` names it; `--system` needs it not to be written to")));
    };
    let settings = folder("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
    Ok(Home { home, settings })
}

fn install(output: Output, home: &Home, names: &[Browser], place: &BrowserPlace) -> Result<Outcome> {
    let program = native_host()?;
    let chosen = chosen(home, names, place)?;
    let mut written = Vec::new();
    for browser in chosen {
        let path = manifest_path(browser, home, place);
        write(&path, &manifest(browser, &program))?;
        if !output.json {
            let told = format!("{} can start Ambit now: {}", browser.title(), path.display());
            output.line(output.paint(Style::Good, &told))?;
            tell_confined(browser, home);
        }
        written.push(json!({ "browser": browser.title(), "manifest": path }));
    }
    if output.json {
        output.value(&json!({ "installed": written }))?;
    }
    Ok(Outcome::Done)
}

/// The browsers that are meant: those named, or else those that are found.
fn chosen(home: &Home, names: &[Browser], place: &BrowserPlace) -> Result<Vec<Browser>> {
    if !names.is_empty() {
        return Ok(names.to_vec());
    }
    if place.user_data.is_some() {
        let unnamed = Error::invalid("a folder of user data belongs to one kind of browser");
        return Err(domain(unnamed.with_hint("name it as well: `ambit browser install chromium --user-data FOLDER`")));
    }
    let found: Vec<Browser> = Browser::ALL.into_iter().filter(|browser| is_here(*browser, home)).collect();
    if found.is_empty() {
        let none = Error::not_found("no browser was found for you that starts programs for extensions");
        return Err(domain(none.with_hint("name one: `ambit browser install firefox`")));
    }
    Ok(found)
}

fn is_here(browser: Browser, home: &Home) -> bool {
    let is_program = |name: &&str| {
        let path = std::env::var_os("PATH").unwrap_or_default();
        std::env::split_paths(&path).any(|folder| folder.join(name).is_file())
    };
    browser.user_data(home).is_dir() || browser.programs().iter().any(is_program)
}

fn status(output: Output, home: &Home, place: &BrowserPlace) -> Result<Outcome> {
    let program = native_host().ok();
    let mut rows = Vec::new();
    let mut told = Vec::new();
    for browser in Browser::ALL {
        let path = manifest_path(browser, home, place);
        let standing = Standing::of(&path, browser, program.as_deref());
        if standing == Standing::Missing && !is_here(browser, home) {
            continue;
        }
        let (word, style) = standing.word();
        let reason = standing.reason().unwrap_or_else(|| path.display().to_string());
        told.push(json!({
            "browser": browser.title(),
            "state": word,
            "manifest": path,
            "reason": standing.reason(),
            "confined_by": browser.confined(home),
        }));
        rows.push(vec![browser.title().to_owned(), output.paint(style, word), reason]);
    }
    if output.json {
        output.value(&json!({ "native_host": program, "browsers": told }))?;
        return Ok(Outcome::Done);
    }
    if rows.is_empty() {
        note(
            "No browser was found that starts programs for extensions. `ambit browser install NAME` sets one up all the same.",
        );
    } else {
        output.table(&rows)?;
    }
    if program.is_none() {
        note(format!(
            "`{NATIVE_HOST_PROGRAM}`, which browsers start, is not beside this program: `make install` puts it there."
        ));
    }
    for browser in Browser::ALL {
        tell_confined(browser, home);
    }
    Ok(Outcome::Done)
}

/// Says that a browser cannot start programs of the system, whatever its manifests say.
fn tell_confined(browser: Browser, home: &Home) {
    if let Some(kind) = browser.confined(home) {
        note(format!(
            "{} is also there as a {kind}, which keeps it from programs of the system: `ambit browser pair` makes a link for its extension.",
            browser.title()
        ));
    }
}

fn uninstall(output: Output, home: &Home, names: &[Browser], place: &BrowserPlace) -> Result<Outcome> {
    let all = if names.is_empty() { &Browser::ALL[..] } else { names };
    let mut gone = Vec::new();
    let ours = native_host().ok();
    for browser in all {
        let path = manifest_path(*browser, home, place);
        // Another Ambit's stays, unless its browser is named.
        if names.is_empty() && is_anothers(&path, ours.as_deref()) {
            continue;
        }
        match std::fs::remove_file(&path) {
            Ok(()) => {
                if !output.json {
                    output.line(format!("{} starts Ambit no more", browser.title()))?;
                }
                gone.push(json!({ "browser": browser.title(), "manifest": path }));
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(error).with_context(|| format!("{} cannot be removed", path.display())),
        }
    }
    if output.json {
        output.value(&json!({ "removed": gone }))?;
    } else if gone.is_empty() {
        note("No browser was set up.");
    }
    Ok(Outcome::Done)
}

/// Whether a manifest names a program that is there, and is not the one beside this program.
fn is_anothers(manifest: &Path, ours: Option<&Path>) -> bool {
    let text = std::fs::read(manifest).unwrap_or_default();
    let found: Value = serde_json::from_slice(&text).unwrap_or_default();
    found["path"].as_str().map(Path::new).is_some_and(|named| named.is_file() && ours != Some(named))
}

/// The program that browsers start, beside this one.
fn native_host() -> Result<PathBuf> {
    if std::env::var_os("APPIMAGE").is_some() {
        let gone =
            Error::invalid("what is in an AppImage is there only while that runs, so that no browser could start it");
        let hint =
            "install the .deb, or unpack the AppImage (`--appimage-extract`) and run `ambit browser install` there";
        return Err(domain(gone.with_hint(hint)));
    }
    let here = std::env::current_exe().context("where this program is cannot be found out")?;
    let program = here.with_file_name(NATIVE_HOST_PROGRAM);
    if program.is_file() {
        return Ok(program);
    }
    let missing =
        Error::not_found(format!("`{NATIVE_HOST_PROGRAM}` is not beside this program, at {}", program.display()));
    Err(domain(missing.with_hint("`make install` puts both into one folder")))
}

fn manifest_path(browser: Browser, home: &Home, place: &BrowserPlace) -> PathBuf {
    let folder = match &place.user_data {
        Some(folder) => browser.below(&std::path::absolute(folder).unwrap_or_else(|_| folder.clone())),
        None if place.system => browser.for_system(),
        None => browser.for_user(home),
    };
    folder.join(format!("{NATIVE_HOST}.json"))
}

fn manifest(browser: Browser, program: &Path) -> Value {
    let (key, allowed) = allowed(browser);
    json!({
        "name": NATIVE_HOST,
        "description": "Ambit: an assistant on this machine",
        "path": program,
        "type": "stdio",
        key: [allowed],
    })
}

/// Who may have it started, and by which name a manifest says so.
fn allowed(browser: Browser) -> (&'static str, String) {
    match browser {
        Browser::Firefox => ("allowed_extensions", FIREFOX_EXTENSION.to_owned()),
        _ => ("allowed_origins", format!("chrome-extension://{CHROMIUM_EXTENSION}/")),
    }
}

/// Writes a manifest, whole or not at all.
fn write(path: &Path, manifest: &Value) -> Result<()> {
    let folder = path.parent().unwrap_or(path);
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    let beside = path.with_extension("json.new");
    let text = format!("{manifest:#}\n");
    let written = std::fs::write(&beside, text).and_then(|()| std::fs::rename(&beside, path));
    written.with_context(|| format!("{} cannot be written", path.display()))
}

/// How a browser stands.
#[derive(Debug, PartialEq, Eq)]
enum Standing {
    /// It can start the program beside this one.
    Ready,
    /// It has no manifest.
    Missing,
    /// It has one that does not do.
    Wrong(String),
}

impl Standing {
    fn of(path: &Path, browser: Browser, program: Option<&Path>) -> Self {
        let text = match std::fs::read_to_string(path) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Self::Missing,
            Err(error) => return Self::Wrong(format!("{} cannot be read: {error}", path.display())),
        };
        let Ok(found) = serde_json::from_str::<Value>(&text) else {
            return Self::Wrong(format!("{} is no JSON", path.display()));
        };
        let (key, allowed) = allowed(browser);
        let named = found["path"].as_str().map(Path::new);
        match named {
            Some(named) if !named.is_file() => Self::Wrong(format!("it names {}, which is not there", named.display())),
            Some(named) if program.is_some_and(|program| program != named) => {
                Self::Wrong(format!("it names another Ambit, {}", named.display()))
            }
            None => Self::Wrong(format!("{} names no program", path.display())),
            Some(_) if !found[key].as_array().is_some_and(|all| all.iter().any(|one| *one == allowed)) => {
                Self::Wrong("it does not admit this version's extension".to_owned())
            }
            Some(_) => Self::Ready,
        }
    }

    fn word(&self) -> (&'static str, Style) {
        match self {
            Self::Ready => ("ready", Style::Good),
            Self::Missing => ("not set up", Style::Faint),
            Self::Wrong(_) => ("wrong", Style::Bad),
        }
    }

    fn reason(&self) -> Option<String> {
        match self {
            Self::Ready => None,
            Self::Missing => Some("`ambit browser install` sets it up".to_owned()),
            Self::Wrong(reason) => Some(format!("{reason}; `ambit browser install` mends it")),
        }
    }
}
