use ambit_embedded::settings::definition;
use ambit_protocol::{NewToken, Setting, TokenScope};
use anyhow::{Context, Result, bail};

use crate::Outcome;
use crate::arguments::{Audit, Settings, Token};
use crate::connection::{Place, domain};
use crate::output::{Output, Style, note, printable, time};

pub(super) async fn run(place: &Place, output: Output, command: Settings) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Settings::List => {
            let settings = client.settings().await?;
            if output.json {
                output.value(&settings)?;
                return Ok(Outcome::Done);
            }
            for setting in &settings.settings {
                show(output, setting)?;
            }
        }
        Settings::Get { key } => {
            // An unknown key is explained by the definitions, which know the similar ones.
            definition(&key).map_err(domain)?;
            let settings = client.settings().await?.settings;
            let setting =
                settings.into_iter().find(|setting| setting.key == key).context("this is kept by Ambit itself")?;
            if output.json {
                output.value(&setting)?;
            } else {
                show(output, &setting)?;
            }
        }
        Settings::Set { key, value } => {
            let value = definition(&key).and_then(|definition| definition.parse(&value)).map_err(domain)?;
            let setting = client.set_setting(&key, value).await?;
            if output.json {
                output.value(&setting)?;
            } else {
                show(output, &setting)?;
            }
        }
        Settings::Unset { key } => {
            definition(&key).map_err(domain)?;
            let setting = client.reset_setting(&key).await?;
            if output.json {
                output.value(&setting)?;
            } else {
                show(output, &setting)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn show(output: Output, setting: &Setting) -> Result<()> {
    let origin = if setting.origin == "default" { String::new() } else { format!("  (from {})", setting.origin) };
    output.line(format!(
        "{} = {}{}",
        output.paint(Style::Strong, &setting.key),
        setting.value,
        output.paint(Style::Faint, &origin)
    ))?;
    let when = if setting.needs_restart { " Counts from the next start of the host." } else { "" };
    output.line(output.paint(Style::Faint, &format!("    {}{when}", setting.description)))?;
    Ok(())
}

pub(super) async fn audit(place: &Place, output: Output, audit: Audit) -> Result<Outcome> {
    let page = place.connect().await?.audit(None, Some(audit.limit)).await?;
    if output.json {
        output.value(&page)?;
        return Ok(Outcome::Done);
    }
    for record in &page.records {
        let detail = if record.detail.is_null() { String::new() } else { record.detail.to_string() };
        output.line(format!(
            "{}  {}  {:10} {}  {} {}",
            output.paint(Style::Faint, &record.number.to_string()),
            time(record.written_at),
            record.actor,
            output.paint(Style::Strong, &record.action),
            printable(&record.subject),
            output.paint(Style::Faint, &detail)
        ))?;
    }
    Ok(Outcome::Done)
}

pub(super) async fn token(place: &Place, output: Output, command: Token) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Token::Create { name, scope } => {
            let mut scopes = Vec::new();
            for name in scope {
                match TokenScope::parse(&name) {
                    Some(scope) => scopes.push(scope),
                    None => bail!("`{name}` is no scope; it is one of read, chat, save, manage, approve"),
                }
            }
            let created = client.create_token(&NewToken { name, scopes, expires_at: None }).await?;
            if output.json {
                output.value(&created)?;
            } else {
                output.line(created.token.reveal())?;
                note("This is the only time that the token is shown.");
            }
        }
        Token::List => {
            let list = client.tokens().await?;
            if output.json {
                output.value(&list)?;
                return Ok(Outcome::Done);
            }
            for token in &list.tokens {
                let scopes: Vec<&str> = token.scopes.iter().map(|scope| scope.as_str()).collect();
                let end = token.expires_at.map(|end| format!(", ends {}", time(end))).unwrap_or_default();
                output.line(format!(
                    "{}  {}  {}  {}{end}",
                    output.paint(Style::Faint, &token.id),
                    printable(&token.name),
                    scopes.join(", "),
                    time(token.created_at)
                ))?;
            }
        }
        Token::Revoke { id } => {
            let removed = client.remove_token(&id).await?;
            if output.json {
                output.value(&removed)?;
            }
        }
    }
    Ok(Outcome::Done)
}
