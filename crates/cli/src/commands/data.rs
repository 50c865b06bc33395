//! What Ambit keeps for a user, and its removal.

use ambit_embedded::{Belonging, belongings, remove_belongings};
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
    let (there, keys) = belongings(&place.directory, &place.settings_file).map_err(domain)?;
    if output.json {
        let value = |it: &Belonging| json!({ "what": it.what, "path": it.path, "bytes": it.bytes });
        output.value(&json!({ "kept": there.iter().map(value).collect::<Vec<_>>(), "keys_in_keychain": keys }))?;
        return Ok(Outcome::Done);
    }
    let row = |it: &Belonging| vec![bytes(it.bytes), it.path.display().to_string(), it.what.to_owned()];
    output.table(&there.iter().map(row).collect::<Vec<_>>())?;
    if keys > 0 {
        output.line(format!("and in the system's keychain {}", counted(keys as u64, "key")))?;
    }
    Ok(if there.is_empty() { Outcome::NothingFound } else { Outcome::Done })
}

async fn remove(place: &Place, output: Output, yes: bool, leave_keys: bool) -> Result<Outcome> {
    if !yes && !output.json {
        show(place, output)?;
    }
    confirmed("All of that goes for good; `ambit backup FILE` would keep a copy of what cannot be made again.", yes)?;
    end_host(place).await?;
    let left = remove_belongings(&place.directory, &place.settings_file, leave_keys).map_err(domain)?;
    if output.json {
        output.value(&json!({ "removed": true, "left": left }))?;
        return Ok(Outcome::Done);
    }
    note("Removed. The programs stay; remove them as you installed them.");
    for path in left {
        note(format!("Not by Ambit, so it stays: {}", path.display()));
    }
    Ok(Outcome::Done)
}
