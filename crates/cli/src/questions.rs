//! Asking, and showing the answer with its sources.

use ambit_client::Client;
use ambit_protocol::domain::ErrorCode;
use ambit_protocol::{Answer, AnswerOrigin, AskEvent, AskRequest, Citation, Filter, Mention, SearchScope, Turn};
use anyhow::{Result, bail};

use crate::Outcome;
use crate::arguments::{AnsweredBy, Scope};
use crate::commands::providers;
use crate::output::{Output, Style, note};

/// The user pressed Ctrl-C.
#[derive(Debug)]
pub(crate) struct Interrupted;

impl std::fmt::Display for Interrupted {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("interrupted")
    }
}

impl std::error::Error for Interrupted {}

/// The scope in the form that travels. Paths become absolute here, since the host has another working directory.
pub(crate) fn scope(scope: &Scope) -> Result<SearchScope> {
    let mut paths = Vec::new();
    for path in &scope.paths {
        let absolute = path.canonicalize().or_else(|_| std::path::absolute(path))?;
        paths.push(absolute.to_string_lossy().into_owned());
    }
    let folder = std::env::current_dir().ok().map(|folder| folder.to_string_lossy().into_owned());
    let filter = Filter { paths, kinds: scope.kind.clone(), languages: scope.language.clone(), ..Filter::default() };
    Ok(SearchScope { filter, folder })
}

/// A question in the form that travels.
pub(crate) fn request(
    question: &str,
    session: Option<String>,
    by: &AnsweredBy,
    about: Vec<Mention>,
    within: &Scope,
) -> Result<AskRequest> {
    Ok(AskRequest {
        question: question.to_owned(),
        session,
        new_session: None,
        limit: within.limit,
        model: by.model.clone(),
        only_local: by.only_local,
        replaces: None,
        about,
        scope: Some(scope(within)?),
        goes_on: false,
    })
}

/// Asks one question and prints the answer while it comes. Gives the session, to go on with.
pub(crate) async fn ask(client: &Client, output: Output, mut request: AskRequest) -> Result<(Outcome, Option<String>)> {
    let mut events = client.ask(&request).await?;
    let mut session = None;
    let mut degraded = Vec::new();
    loop {
        let event = tokio::select! {
            event = events.next() => event,
            // Dropping the stream is what tells the host to stop.
            _ = tokio::signal::ctrl_c() => return Err(Interrupted.into()),
        };
        let Some(event) = event else { bail!("the host ended before the answer was complete") };
        let event = event?;
        if output.json {
            output.value(&event)?;
        }
        match event {
            AskEvent::Started { session: id, .. } => session = Some(id),
            AskEvent::Recalled { degraded: reasons, .. } => degraded = reasons,
            AskEvent::Text { text } if !output.json => output.piece(&text)?,
            AskEvent::Text { .. } => {}
            AskEvent::Finished { turn } => {
                let found = finish(output, &turn, &degraded)?;
                return Ok((if found { Outcome::Done } else { Outcome::NothingFound }, session));
            }
            AskEvent::Failed { problem } => {
                // A provider on another machine gets nothing before a person saw what.
                let is_held_back = problem.error_code() == ErrorCode::Forbidden && !output.json;
                if is_held_back && providers::consents(client, problem.hint.as_deref()).await? {
                    request.session.clone_from(&session);
                    events = client.ask(&request).await?;
                    continue;
                }
                return Err(ambit_client::Error::Problem(Box::new(problem)).into());
            }
        }
    }
}

fn finish(output: Output, turn: &Turn, degraded: &[String]) -> Result<bool> {
    let Some(answer) = &turn.answer else {
        bail!("{}", turn.failure.as_deref().unwrap_or("the answer was not completed"));
    };
    if !output.json {
        output.line("")?;
        sources(output, answer)?;
        for reason in degraded {
            note(format!("note: {reason}"));
        }
    }
    Ok(answer.origin != AnswerOrigin::NothingFound)
}

/// The list that the marks of an answer lead to.
pub(crate) fn sources(output: Output, answer: &Answer) -> Result<()> {
    if answer.citations.is_empty() {
        return Ok(());
    }
    output.line("")?;
    output.line(output.paint(Style::Strong, "Sources"))?;
    for citation in &answer.citations {
        let mark = output.paint(Style::Strong, &format!("[{}]", citation.number));
        let place = output.paint(Style::Source, &place(citation));
        // Who wrote it may mean ill, which nobody sees by the name of a file.
        let origin = if citation.from_outside { " (from the web)" } else { "" };
        let title = format!("{}{origin}", heading(citation));
        output.line(format!("  {mark} {place}{}", output.paint(Style::Faint, &title)))?;
    }
    let left = match answer.bytes_sent {
        0 => "nothing left this machine".to_owned(),
        sent => format!("{} left this machine", crate::output::bytes(sent)),
    };
    output.line(output.paint(Style::Faint, &format!("  {left}")))?;
    Ok(())
}

fn place(citation: &Citation) -> String {
    match citation.span {
        ambit_protocol::Span::Lines { .. } => format!("{}:{}", citation.path, citation.span),
        ambit_protocol::Span::Pages { .. } => format!("{}, {}", citation.path, citation.span),
    }
}

fn heading(citation: &Citation) -> String {
    match (&citation.title, citation.breadcrumb.last()) {
        (_, Some(heading)) => format!("  {heading}"),
        (Some(title), None) => format!("  {title}"),
        (None, None) => String::new(),
    }
}
