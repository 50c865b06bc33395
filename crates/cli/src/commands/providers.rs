use std::io::{IsTerminal as _, Read as _};

use ambit_client::Client;
use ambit_protocol::{
    NewProvider, Provider, ProviderChange, ProviderFolder, ProviderKey, ProviderKind, Secret, Transmission,
};
use anyhow::{Context as _, Result, bail};
use rustix::termios::{LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr};
use serde_json::{Map, Value};

use super::index::absolute;
use crate::Outcome;
use crate::arguments::{self, Egress, Providers};
use crate::connection::Place;
use crate::output::{Output, Style, bytes, counted, note, printable, time};

/// The longest key that is read.
const LONGEST_KEY: u64 = 64 << 10;

pub(super) async fn run(place: &Place, output: Output, command: Providers) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Providers::Add { name, url, kind, model, images, context } => {
            let kind = match kind {
                arguments::ProviderKind::OpenAi => ProviderKind::OpenAi,
                arguments::ProviderKind::Ollama => ProviderKind::Ollama,
            };
            let new = NewProvider {
                name,
                url,
                kind: Some(kind),
                models: model,
                image_models: images,
                context_tokens: context,
            };
            let added = client.add_provider(&new).await?;
            show(output, &added)?;
            if !output.json && added.remote {
                note(format!(
                    "It runs on another machine and gets nothing before `ambit providers consent {0}`; `ambit providers key {0}` \
                     sets its key.",
                    added.name
                ));
            }
        }
        Providers::Change { name, url, model, images, context } => {
            let change = ProviderChange { url, models: model, image_models: images, context_tokens: context };
            if change == ProviderChange::default() {
                bail!("say what is to change: --url, --model, --images or --context");
            }
            show(output, &client.change_provider(&name, &change).await?)?;
        }
        Providers::List => {
            let list = client.providers().await?;
            if output.json {
                output.value(&list)?;
                return Ok(Outcome::Done);
            }
            for provider in &list.providers {
                show(output, provider)?;
            }
            if list.providers.is_empty() {
                note("There are none; `ambit providers add NAME --url ADDRESS` adds one.");
            }
        }
        Providers::Remove { name } => {
            let removed = client.remove_provider(&name).await?;
            if output.json {
                output.value(&removed)?;
            } else if !removed.removed {
                note(format!("There was no provider {name}."));
            }
        }
        Providers::Key { name, remove } => {
            let kept = if remove {
                client.remove_provider_key(&name).await?
            } else {
                client.set_provider_key(&name, &ProviderKey { key: Secret::new(read_key(&name)?) }).await?
            };
            if output.json {
                output.value(&kept)?;
            } else if remove {
                note(format!("The key of {name} is gone from {}.", kept.place));
            } else {
                note(format!("The key of {name} is kept in {}.", kept.place));
            }
        }
        Providers::Consent { name, withdraw: true } => show(output, &client.withdraw_consent(&name).await?)?,
        Providers::Consent { name, withdraw: false } => show(output, &client.consent_to_provider(&name).await?)?,
        Providers::Allow { name, folder } => {
            let folder = ProviderFolder { path: absolute(&folder)? };
            show(output, &client.allow_folder(&name, &folder).await?)?;
        }
        Providers::Disallow { name, folder } => {
            show(output, &client.disallow_folder(&name, &absolute(&folder)?).await?)?;
        }
    }
    Ok(Outcome::Done)
}

fn show(output: Output, provider: &Provider) -> Result<()> {
    if output.json {
        output.value(provider)?;
        return Ok(());
    }
    let kind = match provider.kind {
        ProviderKind::OpenAi => "openai",
        ProviderKind::Ollama => "ollama",
    };
    let elsewhere = match provider.consented {
        true => output.paint(Style::Advice, "elsewhere, you consented"),
        false => output.paint(Style::Good, "elsewhere, gets nothing before you consent"),
    };
    let state = if provider.remote { elsewhere.clone() } else { output.paint(Style::Good, "on this machine") };
    let name = output.paint(Style::Strong, &provider.name);
    output.line(format!("{name}  {kind}  {}  {state}", printable(&provider.url)))?;
    for model in &provider.models {
        let place = if provider.passed_on.contains(model) { format!("  {elsewhere}") } else { String::new() };
        output.line(format!("    model   {}/{}{place}", provider.name, printable(model)))?;
    }
    for model in &provider.image_models {
        output.line(format!("    images  {}/{}", provider.name, printable(model)))?;
    }
    if let Some(place) = &provider.key {
        output.line(format!("    its key is in {}", printable(place)))?;
    }
    let sends = provider.remote || !provider.passed_on.is_empty();
    if sends && provider.folders.is_empty() {
        output.line("    may have only what you type")?;
    }
    for folder in provider.folders.iter().filter(|_| sends) {
        output.line(format!("    may have passages of {}", printable(folder)))?;
    }
    Ok(())
}

/// What Ctrl-C types while [`HiddenTyping`] lasts: it ends the line.
const INTERRUPT: u8 = 3;

/// While it lasts, the terminal does not show what is typed, and Ctrl-C does not end the program, which would leave the
/// terminal like that.
struct HiddenTyping {
    shown: Termios,
}

impl HiddenTyping {
    fn begin() -> Result<Self> {
        let stdin = std::io::stdin();
        let shown = tcgetattr(&stdin).context("the terminal cannot be asked")?;
        let mut hidden = shown.clone();
        hidden.local_modes.remove(LocalModes::ECHO | LocalModes::ISIG);
        hidden.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT;
        tcsetattr(&stdin, OptionalActions::Flush, &hidden).context("the terminal cannot hide what is typed")?;
        Ok(Self { shown })
    }
}

impl Drop for HiddenTyping {
    fn drop(&mut self) {
        // There is nothing else to be done about a terminal that is gone.
        tcsetattr(std::io::stdin(), OptionalActions::Flush, &self.shown).ok();
    }
}

/// A key from the terminal, which does not show it, or from standard input.
fn read_key(name: &str) -> Result<String> {
    let stdin = std::io::stdin();
    let mut text = Vec::new();
    if stdin.is_terminal() {
        note(format!("The key of {name} (it is not shown):"));
        let hidden = HiddenTyping::begin()?;
        let mut typed = stdin.lock().take(LONGEST_KEY + 1).bytes();
        // Nothing more comes after either of them.
        while let Some(byte) = typed.next().transpose().context("the key could not be read")? {
            text.push(byte);
            if matches!(byte, b'\n' | INTERRUPT) {
                break;
            }
        }
        drop(hidden);
        if text.contains(&INTERRUPT) {
            bail!("no key was set");
        }
    } else {
        let mut limited = stdin.lock().take(LONGEST_KEY + 1);
        limited.read_to_end(&mut text).context("the key could not be read from standard input")?;
    }
    if text.len() as u64 > LONGEST_KEY {
        bail!("this is longer than any key");
    }
    let text = String::from_utf8(text).context("the key is no text")?;
    let key = text.trim();
    if key.is_empty() {
        bail!("no key was given");
    }
    Ok(key.to_owned())
}

pub(super) async fn egress(place: &Place, output: Output, command: Egress) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Egress::List { limit } => {
            let page = client.transmissions(None, Some(limit)).await?;
            if output.json {
                output.value(&page)?;
                return Ok(Outcome::Done);
            }
            let rows: Vec<Vec<String>> = page.transmissions.iter().map(|sent| row(output, sent)).collect();
            output.table(&rows)?;
            if rows.is_empty() {
                note("Nothing was sent to any provider.");
            }
        }
        Egress::Show { number } => {
            let sent = client.transmission(number).await?;
            if output.json {
                output.value(&sent)?;
            } else {
                output.line(row(output, &sent).join("  "))?;
                for path in &sent.paths {
                    output.line(format!("quotes {}", output.paint(Style::Source, path)))?;
                }
                output.line("")?;
                output.line(readable(&sent))?;
            }
        }
        Egress::Erase { number } => client.erase_transmission(number).await?,
    }
    Ok(Outcome::Done)
}

fn row(output: Output, sent: &Transmission) -> Vec<String> {
    let state = if sent.sent { output.paint(Style::Advice, "sent") } else { output.paint(Style::Good, "not sent") };
    vec![
        output.paint(Style::Faint, &sent.id.to_string()),
        time(sent.recorded_at),
        state,
        output.paint(Style::Strong, &format!("{}/{}", sent.provider, sent.model)),
        printable(&sent.host),
        bytes(sent.bytes),
        sent.surface.clone(),
    ]
}

/// What was sent, for people: each text as it stands, and then the rest of the document.
fn readable(sent: &Transmission) -> String {
    let Some(content) = &sent.content else { return "The content was erased.".to_owned() };
    let Ok(Value::Object(mut document)) = serde_json::from_str::<Value>(content) else { return printable(content) };
    let mut text = String::new();
    for message in document.remove("messages").as_ref().and_then(Value::as_array).into_iter().flatten() {
        let role = message["role"].as_str().unwrap_or_default();
        text.push_str(&format!("--- {role}\n{}\n", said(message).trim_end()));
        let more = more(message);
        if !more.is_empty() {
            text.push_str(&format!("{}\n", Value::Object(more)));
        }
    }
    for name in ["prompt", "suffix"] {
        if let Some(Value::String(part)) = document.remove(name) {
            text.push_str(&format!("--- {name}\n{}\n", part.trim_end()));
        }
    }
    text.push_str(&format!("---\n{}", Value::Object(document)));
    printable(&text)
}

/// What a message says, and how many images it shows.
fn said(message: &Value) -> String {
    let parts = message["content"].as_array().map(Vec::as_slice).unwrap_or_default();
    let texts = parts.iter().filter_map(|part| part["text"].as_str());
    let text: String = message["content"].as_str().into_iter().chain(texts).collect();
    let shown = parts.iter().filter(|part| part["type"] == "image_url").map(|part| &part["image_url"]["url"]);
    let images: Vec<&Value> = message["images"].as_array().into_iter().flatten().chain(shown).collect();
    if images.is_empty() {
        return text;
    }
    let size = |image: &str| image.rsplit(',').next().unwrap_or_default().trim_end_matches('=').len() as u64 * 3 / 4;
    let shown = images.iter().filter_map(|image| image.as_str()).map(size).sum();
    let many = counted(images.len() as u64, "image");
    format!("{}\n[{many}, {}]", text.trim_end(), bytes(shown))
}

/// What else a message holds: calls of tools, and what they answer.
fn more(message: &Value) -> Map<String, Value> {
    let shown = |name: &str, value: &Value| match name {
        "role" | "images" => true,
        "content" => {
            let parts = value.as_array().map(Vec::as_slice).unwrap_or_default();
            value.is_string() || parts.iter().all(|part| part["type"] == "text" || part["type"] == "image_url")
        }
        _ => false,
    };
    let members = message.as_object().into_iter().flatten().filter(|(name, value)| !shown(name, value));
    members.map(|(name, value)| (name.clone(), value.clone())).collect()
}

/// Shows what was held back from a provider, when that is what a problem's hint speaks of, and asks a person at a terminal
/// whether it may be sent. True: they consented, so that the question can be asked again.
pub(crate) async fn consents(client: &Client, hint: Option<&str>) -> Result<bool> {
    let newest = client.transmissions(None, Some(1)).await?.transmissions;
    let is_meant = |held: &&Transmission| {
        let named = format!("`ambit egress show {}`", held.id);
        !held.sent && hint.is_some_and(|hint| hint.contains(&named))
    };
    let Some(held) = newest.first().filter(is_meant) else {
        return Ok(false);
    };
    let held = client.transmission(held.id).await?;
    let files = counted(held.paths.len() as u64, "file");
    note(format!(
        "This would be sent to {} at {}: {}, quoting {files}.\n{}\n",
        held.provider,
        held.host,
        bytes(held.bytes),
        readable(&held)
    ));
    if !std::io::stdin().is_terminal() || !std::io::stderr().is_terminal() {
        return Ok(false);
    }
    note(format!("Send this, and what you ask {} from now on? [y/N]", held.provider));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    if !matches!(answer.trim().to_ascii_lowercase().as_str(), "y" | "yes") {
        return Ok(false);
    }
    client.consent_to_provider(&held.provider).await?;
    Ok(true)
}
