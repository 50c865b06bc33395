//! Pages of the web that were saved in a browser.

use ambit_protocol::SavedPage;
use ambit_protocol::domain::Error;
use anyhow::Result;

use crate::Outcome;
use crate::arguments::Pages;
use crate::connection::{Place, domain};
use crate::output::{Output, Style, counted, note, printable, time};

pub(super) async fn run(place: &Place, output: Output, command: Pages) -> Result<Outcome> {
    match command {
        Pages::List { url } => list(place, output, url.as_deref()).await,
        Pages::Remove { page } => remove(place, output, &page).await,
    }
}

async fn list(place: &Place, output: Output, url: Option<&str>) -> Result<Outcome> {
    let kept = place.connect().await?.saved_pages(url).await?;
    if output.json {
        output.value(&kept)?;
    } else if kept.pages.is_empty() {
        note("No page is saved. The browser extension saves the one that you are reading.");
    }
    if !output.json {
        for SavedPage { url, title, path, is_selection, saved_at, .. } in &kept.pages {
            let part = if *is_selection { " (selection)" } else { "" };
            output.line(format!("{}{part}", output.paint(Style::Strong, title)))?;
            output.line(format!("  {}, {}", output.paint(Style::Source, url), time(*saved_at)))?;
            output.line(format!("  {}", output.paint(Style::Faint, path)))?;
        }
    }
    Ok(Outcome::Done)
}

async fn remove(place: &Place, output: Output, page: &str) -> Result<Outcome> {
    let client = place.connect().await?;
    let is_address = page.contains("://");
    let paths: Vec<String> = match is_address {
        true => client.saved_pages(Some(page)).await?.pages.into_iter().map(|page| page.path).collect(),
        false => vec![std::path::absolute(page)?.to_string_lossy().into_owned()],
    };
    if paths.is_empty() {
        let none = Error::not_found(format!("nothing is saved of {}", printable(page)));
        return Err(domain(none.with_hint("`ambit pages list` lists what is")));
    }
    for path in &paths {
        client.remove_page(path).await?;
    }
    if output.json {
        output.value(&serde_json::json!({ "removed": paths }))?;
    } else {
        note(format!("Removed {}.", counted(paths.len() as u64, "page")));
    }
    Ok(Outcome::Done)
}
