use std::path::Path;

use ambit_client::Client;
use ambit_protocol::{
    Fit, FitVerdict, LanguageModelDetails, Model, ModelOrigin, PullEvent, PullRequest, SuggestedModel,
};
use anyhow::{Context as _, Result, bail};
use indicatif::{ProgressBar, ProgressStyle};

use crate::Outcome;
use crate::arguments::Models;
use crate::connection::Place;
use crate::output::{Output, Style, bytes, note, printable};
use crate::questions::Interrupted;

pub(super) async fn run(place: &Place, output: Output, command: Models) -> Result<Outcome> {
    let client = place.connect().await?;
    match command {
        Models::List => {
            let models = client.models().await?;
            if output.json {
                output.value(&models)?;
                return Ok(Outcome::Done);
            }
            let rows: Vec<Vec<String>> = models.models.iter().map(|model| row(output, model)).collect();
            output.table(&rows)?;
        }
        Models::Suggest => {
            let list = client.suggested_models().await?;
            if output.json {
                output.value(&list)?;
                return Ok(Outcome::Done);
            }
            let rows: Vec<Vec<String>> = list.models.iter().map(|model| suggestion(output, model)).collect();
            output.table(&rows)?;
            match list.models.iter().find(|model| model.best) {
                Some(SuggestedModel { installed: true, name, .. }) => {
                    note(format!("Best for this machine: {name}, which is there."))
                }
                Some(best) => {
                    note(format!("Best for this machine: ambit models pull {} --as {}", best.source, best.name))
                }
                None => note(
                    "None of them writes fast enough with the memory that is free; close other programs and look again.",
                ),
            }
        }
        Models::Show { id } => {
            let model = client.model(&id).await?;
            if output.json {
                output.value(&model)?;
            } else {
                output.table(&described(output, &model))?;
            }
        }
        Models::Pull { id, name, force } => {
            get(&client, output, &id, PullRequest { name, force, ..PullRequest::default() }).await?;
        }
        Models::Import { id, path, force } => {
            let path = Some(whole(&path)?);
            get(&client, output, &id, PullRequest { path, force, ..PullRequest::default() }).await?;
        }
        Models::Remove { id } => {
            let removed = client.remove_model(&id).await?;
            if output.json {
                output.value(&removed)?;
            } else if !removed.removed {
                note(format!("{id} was not installed."));
            }
        }
    }
    Ok(Outcome::Done)
}

/// The whole path. Its last part stays as it is written, even if it is a link: by such names the parts of a model are found.
fn whole(path: &Path) -> Result<String> {
    let absolute = std::path::absolute(path)?;
    let whole = match (absolute.parent().map(Path::canonicalize), absolute.file_name()) {
        (Some(Ok(folder)), Some(name)) => folder.join(name),
        _ => absolute,
    };
    whole.into_os_string().into_string().ok().context("a path must be UTF-8 to be named in a request")
}

/// A line of the list.
fn row(output: Output, model: &Model) -> Vec<String> {
    let state = match (model.installed, model.active) {
        (false, _) => output.paint(Style::Advice, "not installed"),
        (true, false) => output.paint(Style::Good, "installed"),
        (true, true) => output.paint(Style::Good, "in use"),
    };
    let quantisation = model.language.as_ref().map(|language| language.quantisation.as_str());
    vec![
        output.paint(Style::Strong, &model.id),
        format!("{:?}", model.role).to_ascii_lowercase(),
        quantisation.map(printable).unwrap_or_default(),
        bytes(model.size),
        model.fit.map_or_else(String::new, |fit| verdict(output, fit)),
        state,
        output.paint(Style::Faint, &model.license),
    ]
}

/// A line of the models to choose from.
fn suggestion(output: Output, model: &SuggestedModel) -> Vec<String> {
    let state = match (model.installed, model.best) {
        (true, _) => output.paint(Style::Good, "installed"),
        (false, true) => output.paint(Style::Good, "best"),
        (false, false) => String::new(),
    };
    vec![
        output.paint(Style::Strong, &model.title),
        bytes(model.size),
        model.fit.map_or_else(String::new, |fit| verdict(output, fit)),
        state,
        model.source.clone(),
        output.paint(Style::Faint, &model.license),
    ]
}

/// What is known of a model, in two columns.
fn described(output: Output, model: &Model) -> Vec<Vec<String>> {
    let mut rows = vec![("name", model.id.clone()), ("kind", format!("{:?}", model.role).to_ascii_lowercase())];
    if let Some(language) = &model.language {
        let LanguageModelDetails { architecture, parameters, quantisation, context_tokens, layers, has_chat_template } =
            language;
        rows.extend([
            ("architecture", format!("{}, {layers} layers", printable(architecture))),
            ("parameters", counted(*parameters)),
            ("quantisation", printable(quantisation)),
            ("context", format!("{context_tokens} tokens")),
            ("chat template", if *has_chat_template { "yes" } else { "no" }.to_owned()),
        ]);
    }
    rows.push(("size", bytes(model.size)));
    if let Some(fit) = model.fit {
        rows.push(("fit", format!("{}: {}", verdict(output, fit), numbers(fit))));
    }
    rows.push(("licence", if model.license.is_empty() { "not told".to_owned() } else { printable(&model.license) }));
    rows.push(("installed", if model.installed { "yes" } else { "no" }.to_owned()));
    rows.push(("in use", if model.active { "yes" } else { "no" }.to_owned()));
    if let Some(origin) = &model.origin {
        rows.push(("from", printable(&place_of(origin))));
    }
    rows.push(("folder", printable(&model.folder)));
    let rows = rows.into_iter();
    rows.map(|(name, value)| vec![output.paint(Style::Faint, name), value]).collect()
}

fn verdict(output: Output, fit: Fit) -> String {
    match fit.verdict {
        FitVerdict::Fits => output.paint(Style::Good, "fits"),
        FitVerdict::Slow => output.paint(Style::Advice, "slow"),
        FitVerdict::WontFit => output.paint(Style::Bad, "won't fit"),
        _ => String::new(),
    }
}

/// The numbers behind a verdict.
fn numbers(fit: Fit) -> String {
    let memory = format!("it needs about {} of memory, and {} are free", bytes(fit.needed), bytes(fit.free));
    match fit.tokens_per_second {
        None => memory,
        Some(0) => format!("{memory}; less than 1 token a second"),
        Some(speed) => format!("{memory}; at most {speed} tokens a second"),
    }
}

fn place_of(origin: &ModelOrigin) -> String {
    match origin {
        ModelOrigin::Hub { repository, revision, files } => {
            let file = match files.as_slice() {
                [one] => format!(" {one}"),
                _ => String::new(),
            };
            format!("{repository}{file} at {revision}")
        }
        ModelOrigin::Local { path } => path.clone(),
        _ => String::new(),
    }
}

/// A large number for people: `494.0 M`, `7.6 B`.
fn counted(number: u64) -> String {
    let value = number as f64;
    match number {
        0..1_000_000 => number.to_string(),
        1_000_000..1_000_000_000 => format!("{:.1} M", value / 1e6),
        _ => format!("{:.1} B", value / 1e9),
    }
}

/// Fetches or imports a model with a bar for each file.
async fn get(client: &Client, output: Output, id: &str, request: PullRequest) -> Result<()> {
    let mut events = client.pull_model(id, &request).await?;
    let style = ProgressStyle::with_template("{msg:20} {bar:30} {bytes}/{total_bytes} {bytes_per_sec}")?;
    let bar = if output.json { ProgressBar::hidden() } else { ProgressBar::new(0).with_style(style) };
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
        };
        let Some(event) = event.transpose()? else { bail!("the host ended before the model was complete") };
        if output.json {
            output.value(&event)?;
        }
        match event {
            PullEvent::Planned { model, bytes: size, origin, fit } => {
                if !output.json {
                    let fit =
                        fit.map_or_else(String::new, |fit| format!("; {}: {}", verdict(output, fit), numbers(fit)));
                    bar.suspend(|| note(format!("{model}: {} from {}{fit}.", bytes(size), place_of(&origin))));
                }
            }
            PullEvent::Progress { file, done, total } => {
                bar.set_message(file);
                bar.set_length(total);
                bar.set_position(done);
            }
            PullEvent::Verified { .. } => bar.reset(),
            PullEvent::Finished { model } => {
                bar.finish_and_clear();
                if !output.json {
                    note(format!("{} is installed.", model.id));
                }
                return Ok(());
            }
            PullEvent::Failed { problem } => return Err(ambit_client::Error::Problem(Box::new(problem)).into()),
        }
    }
}
