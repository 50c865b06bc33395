//! One module for each group of commands. Those that need a host reach it through the client.

mod acp;
mod browser;
mod completion;
mod data;
mod imports;
mod index;
mod knowledge;
mod log;
mod maintenance;
mod manual;
mod models;
mod open;
mod pages;
pub(crate) mod providers;
mod settings;
mod shell;
mod update;

use std::io::Read;

use ambit_protocol::Relevance;
use anyhow::{Context, Result};
use clap::CommandFactory;

use crate::arguments::{Arguments, Ask, BrowserCommand, Command, Search, Update};
use crate::connection::Place;
use crate::output::{Output, Style};
use crate::{Outcome, chat, mentions, questions, serve};

/// Runs what the command line asks for.
pub(crate) fn run(arguments: Arguments) -> Result<Outcome> {
    match &arguments.command {
        Command::Completions { shell } => {
            let mut command = Arguments::command();
            clap_complete::generate(*shell, &mut command, "ambit", &mut std::io::stdout().lock());
            Ok(Outcome::Done)
        }
        Command::Manual => manual::print(),
        Command::EngineWorker { models, cache, threads, prefix_bytes, memory } => {
            ambit_embedded::run_worker(models, cache.clone(), *threads, *prefix_bytes, *memory)?;
            Ok(Outcome::Done)
        }
        Command::Devices => {
            ambit_embedded::print_devices()?;
            Ok(Outcome::Done)
        }
        Command::Acp => acp::run(&Place::find(&arguments)?),
        Command::Browser(command) if !matches!(command, BrowserCommand::Pair) => {
            browser::run(Output::new(arguments.json, arguments.color), command)
        }
        Command::Serve(options) => {
            serve::run(&Place::find(&arguments)?, options)?;
            Ok(Outcome::Done)
        }
        _ => {
            let runtime = tokio::runtime::Builder::new_multi_thread()
                .worker_threads(1)
                .enable_all()
                .build()
                .context("the asynchronous runtime could not be started")?;
            runtime.block_on(client_command(arguments))
        }
    }
}

async fn client_command(arguments: Arguments) -> Result<Outcome> {
    let place = Place::find(&arguments)?;
    let output = Output::new(arguments.json, arguments.color);
    match arguments.command {
        Command::Ask(ask) => ask_once(&place, output, ask).await,
        Command::Chat(chat) => chat::run(&place, output, chat).await,
        Command::Search(query) => search(&place, output, query).await,
        Command::Open(open) => open::run(&place, output, open).await,
        Command::Index(command) => index::run(&place, output, command).await,
        Command::Graph(command) => knowledge::graph(&place, output, command).await,
        Command::Memory(command) => knowledge::memory(&place, output, command).await,
        Command::Pages(command) => pages::run(&place, output, command).await,
        Command::Sessions(command) => knowledge::sessions(&place, output, command).await,
        Command::Models(command) => models::run(&place, output, command).await,
        Command::Providers(command) => providers::run(&place, output, command).await,
        Command::Egress(command) => providers::egress(&place, output, command).await,
        Command::Shell(command) => shell::run(&place, output, command).await,
        Command::Completion(command) => completion::run(&place, output, command).await,
        Command::Settings(command) => settings::run(&place, output, command).await,
        Command::Audit(audit) => settings::audit(&place, output, audit).await,
        Command::Token(command) => settings::token(&place, output, command).await,
        Command::Forget(forget) => maintenance::forget(&place, output, forget).await,
        Command::Status => maintenance::status(&place, output).await,
        Command::Log(command) => log::run(&place, output, command),
        Command::Doctor => maintenance::doctor(&place, output),
        Command::Backup(backup) => maintenance::backup(&place, output, backup).await,
        Command::Restore(restore) => maintenance::restore(&place, output, restore).await,
        Command::Export => maintenance::export(&place, output).await,
        Command::Data(command) => data::run(&place, output, command).await,
        Command::Update(Update::Check) => update::check(&place, output).await,
        Command::Stop => maintenance::stop(&place, output).await,
        Command::Browser(BrowserCommand::Pair) => browser::pair(&place, output).await,
        Command::Acp
        | Command::Browser(_)
        | Command::Completions { .. }
        | Command::Devices
        | Command::EngineWorker { .. }
        | Command::Manual
        | Command::Serve(_) => Ok(Outcome::Done),
    }
}

async fn ask_once(place: &Place, output: Output, ask: Ask) -> Result<Outcome> {
    let question = words_or_input(&ask.question)?;
    let client = place.connect().await?;
    let about = mentions::of(&client, &ask.about).await?;
    let request = questions::request(&question, ask.session, &ask.by, about.clone(), &ask.scope)?;
    let outcome = match ask.about.preview {
        true => client.preview(&request).await.map_err(Into::into).and_then(|preview| mentions::show(output, &preview)),
        false => questions::ask(&client, output, request).await.map(|(outcome, _)| outcome),
    };
    if ask.about.preview || outcome.is_err() {
        mentions::take_back(&client, &about).await;
    }
    outcome
}

async fn search(place: &Place, output: Output, search: Search) -> Result<Outcome> {
    let request = ambit_protocol::SearchRequest {
        query: words_or_input(&search.query)?,
        limit: search.scope.limit,
        scope: Some(questions::scope(&search.scope)?),
    };
    let response = place.connect().await?.search(&request).await?;
    let found = response.relevance == Relevance::Relevant;
    if output.json {
        output.value(&response)?;
        return Ok(if found { Outcome::Done } else { Outcome::NothingFound });
    }
    if !found {
        crate::output::note("Nothing that is indexed speaks of this.");
        return Ok(Outcome::NothingFound);
    }
    for hit in &response.passages {
        let place = output.paint(Style::Source, &format!("{}:{}", hit.path, hit.span));
        let score = output.paint(Style::Faint, &format!("{:.2}", hit.scores.rerank));
        output.line(format!("{score} {place}  {}", output.paint(Style::Strong, &hit.breadcrumb.join(" › "))))?;
        for line in hit.text.lines().filter(|line| !line.trim().is_empty()).take(3) {
            output.line(format!("     {}", crate::output::printable(&shortened(line.trim_end(), 110))))?;
        }
    }
    for reason in &response.degraded {
        crate::output::note(format!("note: {reason}"));
    }
    Ok(Outcome::Done)
}

/// Words of the command line as one text; a single `-` reads standard input.
fn words_or_input(words: &[String]) -> Result<String> {
    if words.len() == 1 && words[0] == "-" {
        let mut text = String::new();
        std::io::stdin().lock().read_to_string(&mut text).context("standard input could not be read")?;
        return Ok(text);
    }
    Ok(words.join(" "))
}

fn shortened(line: &str, characters: usize) -> String {
    if line.chars().count() <= characters {
        return line.to_owned();
    }
    line.chars().take(characters - 1).chain(['…']).collect()
}

/// Asks for consent; only a person at a terminal can give it.
fn confirmed(question: &str, yes: bool) -> Result<()> {
    use std::io::IsTerminal;
    if yes {
        return Ok(());
    }
    if !std::io::stdin().is_terminal() {
        anyhow::bail!("{question} Nobody is there to be asked; `--yes` says so beforehand");
    }
    crate::output::note(format!("{question} [y/N]"));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    match answer.trim().to_ascii_lowercase().as_str() {
        "y" | "yes" => Ok(()),
        _ => anyhow::bail!("nothing was changed"),
    }
}
