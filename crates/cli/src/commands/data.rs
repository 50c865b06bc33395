//! What Ambit keeps for a user, and its removal.

use std::path::PathBuf;

use ambit_embedded::{Belonging, Belongings, belongings, models_elsewhere, remove_belongings};
use anyhow::Result;
use serde_json::json;

use super::confirmed;
use super::maintenance::end_host;
use crate::Outcome;
use crate::arguments::Data;
use crate::connection::{Place, domain};
use crate::output::{Output, bytes, counted, note};

pub(super) async fn run(place: &Place, output: Output, command: Data) -> Result<Outcome> {
    match command {
        Data::Show => show(place, output),
        Data::Remove { yes, leave_keys } => remove(place, output, yes, leave_keys).await,
    }
}

fn show(place: &Place, output: Output) -> Result<Outcome> {
    let Belongings { kept, keys_in_keychain } = belongings(&place.installation()).map_err(domain)?;
    let models = models(place);
    if output.json {
        let value = |it: &Belonging| json!({ "what": it.what, "path": it.path, "bytes": it.bytes });
        let kept = kept.iter().map(value).collect::<Vec<_>>();
        let keys = keys_in_keychain.ok();
        output.value(&json!({ "kept": kept, "keys_in_keychain": keys, "models_elsewhere": models }))?;
        return Ok(Outcome::Done);
    }
    let row = |it: &Belonging| vec![bytes(it.bytes), it.path.display().to_string(), it.what.to_owned()];
    output.table(&kept.iter().map(row).collect::<Vec<_>>())?;
    match keys_in_keychain {
        Ok(0) => {}
        Ok(keys) => output.line(format!("and in the system's keychain {}", counted(keys as u64, "key")))?,
        Err(why) => output.line(format!("and keys in the system's keychain; their number is not known: {why}"))?,
    }
    if let Some(folder) = models {
        note(format!("Models are in {}, as a setting says; that folder is yours and stays.", folder.display()));
    }
    Ok(if kept.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

/// The folder of models that a setting names. Settings that cannot be read name none.
fn models(place: &Place) -> Option<PathBuf> {
    models_elsewhere(&place.directory, &place.settings().ok()?)
}

async fn remove(place: &Place, output: Output, yes: bool, leave_keys: bool) -> Result<Outcome> {
    if !yes && !output.json {
        show(place, output)?;
    }
    confirmed("All of that goes for good; `ambit backup FILE` would keep a copy of what cannot be made again.", yes)?;
    let models = models(place);
    end_host(place).await?;
    let left = remove_belongings(&place.installation(), leave_keys).map_err(domain)?;
    if output.json {
        output.value(&json!({ "removed": true, "left": left, "models_elsewhere": models }))?;
        return Ok(Outcome::Done);
    }
    note("Removed. The programs stay; remove them as you installed them.");
    if let Some(folder) = models {
        note(format!("Models stay in {}, as a setting named that folder.", folder.display()));
    }
    for path in left {
        note(format!("Not by Ambit, so it stays: {}", path.display()));
    }
    Ok(Outcome::Done)
}
