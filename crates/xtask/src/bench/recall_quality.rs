//! `bench recall-quality`: whether the passages that answer a question are found, by all parts together and by each alone.
//!
//! A real host indexes the folder and is asked every question. Then the same stores are searched by the same code with all
//! parts, with the vectors alone and with the keyword index alone.

use std::collections::HashMap;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use ambit_domain::{RankedPassage, RecallQuery, Scope};
use ambit_inference::{DeviceChoice, Encoder, EncoderOptions};
use ambit_knowledge_graph::KnowledgeGraph;
use ambit_protocol::{AskEvent, AskRequest};
use ambit_recall::{Parts, Recall, RecallOptions};
use ambit_settings::DataDirectory;
use ambit_state_store::StateStore;
use ambit_vector_store::{VectorStore, VectorStoreOptions};
use anyhow::{Context as _, bail, ensure};
use clap::Args;
use serde::Serialize;

use super::query_embedder::QueryEmbedder;
use crate::clock::SystemClock;
use crate::host::RunningHost;
use crate::peers::progress;
use crate::place;
use crate::quality::{Found, Quality, Score, judge};
use crate::questions::{self, BookSet, Question};
use crate::report::{Aim, Figure, Report};

/// Options of `bench recall-quality`.
#[derive(Debug, Clone, Args)]
pub struct RecallQualityOptions {
    /// The folder to ask; default: The Rust Book and The Rust Reference of the toolchain.
    #[arg(long, value_name = "DIR", requires = "questions")]
    pub folder: Option<PathBuf>,
    /// The questions, one JSON object a line: `id`, `question`, and `gold`, a list of `{"path", "phrase"}` with the path
    /// relative to the folder; an empty list where the folder does not answer.
    #[arg(long, value_name = "FILE", requires = "folder")]
    pub questions: Option<PathBuf>,
    /// Write the result of each question to this file, one JSON object a line.
    #[arg(long, value_name = "FILE")]
    pub details: Option<PathBuf>,
    /// The host that indexes and answers; default: the newer one of `dist/bin/ambit` and the one that was built with this
    /// program.
    #[arg(long, value_name = "FILE")]
    pub binary: Option<PathBuf>,
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
}

/// Passages that are asked for.
const LIMIT: usize = 10;

/// The questions that the figures are of.
const JUDGED: &str = "judged";
/// The questions that ranking is tuned on.
const DEVELOPMENT: &str = "development";

/// The parts that are compared, with their names in the report.
const MODES: [(&str, Parts); 3] =
    [("hybrid", Parts::Hybrid), ("dense", Parts::DenseOnly), ("bm25", Parts::KeywordOnly)];

/// What came of one question.
#[derive(Debug, Serialize)]
struct Detail<'a> {
    /// The set that the question is from.
    set: &'static str,
    id: &'a str,
    question: &'a str,
    answerable: bool,
    /// Citations of the host's answer.
    citations: usize,
    results: Vec<ModeDetail>,
}

#[derive(Debug, Serialize)]
struct ModeDetail {
    mode: &'static str,
    #[serde(flatten)]
    score: Option<Score>,
    found: Vec<Found>,
}

/// Runs the benchmark.
///
/// # Errors
/// When the host or the model is missing, the questions are malformed, or the folder could not be indexed.
pub async fn run(options: &RecallQualityOptions) -> anyhow::Result<Report> {
    let binary = options.binary.clone().map_or_else(place::ambit_binary, Ok)?;
    let model = place::model(options.model.as_deref())?;
    let scratch = tempfile::Builder::new().prefix("ambit-books-").tempdir()?;
    // The figures are of the first `judged` questions; those after them are told apart.
    let (folder, questions, judged) = match (&options.folder, &options.questions) {
        (Some(folder), Some(file)) => {
            let questions = questions::read(file)?;
            let count = questions.len();
            (folder.clone(), questions, count)
        }
        _ => {
            place::copy_books(scratch.path())?;
            let mut questions = questions::of_the_books(BookSet::HeldOut)?;
            let count = questions.len();
            questions.extend(questions::of_the_books(BookSet::Development)?);
            (scratch.path().to_path_buf(), questions, count)
        }
    };
    let folder = folder.canonicalize().with_context(|| format!("there is no folder {}", folder.display()))?;
    check_paths(&folder, &questions)?;

    let host = RunningHost::start(&binary, &model).await?;
    progress(&format!("{} indexes {}", binary.display(), folder.display()));
    host.add(&folder).await?;
    let counts = host.wait_until_quiet(Duration::from_secs(3600)).await?;
    progress(&format!(
        "{} passages in {} files; asking {} questions",
        counts.passages,
        counts.indexed,
        questions.len()
    ));
    let mut citations = Vec::with_capacity(questions.len());
    for question in &questions {
        citations.push(cited(&host, question).await?);
    }
    let data = host.stop_keeping_data().await?;
    let searched = search(data.path(), &model, &folder, &questions).await?;

    let details: Vec<Detail<'_>> = questions
        .iter()
        .zip(&citations)
        .zip(searched)
        .enumerate()
        .map(|(place, ((question, citations), results))| Detail {
            set: if place < judged { JUDGED } else { DEVELOPMENT },
            id: &question.id,
            question: &question.question,
            answerable: !question.gold.is_empty(),
            citations: *citations,
            results,
        })
        .collect();
    if let Some(path) = &options.details {
        write_details(path, &details)?;
    }
    let (judged, development) = details.split_at(judged);
    let mut all = figures(judged);
    if !development.is_empty() {
        // Without aims: what is tuned on proves nothing.
        all.extend(figures(development).into_iter().map(|figure| Figure {
            name: format!("{DEVELOPMENT} {}", figure.name),
            aim: None,
            met: None,
            ..figure
        }));
    }
    Ok(Report::new("recall-quality", all))
}

/// A gold path that names no file would count as a miss of the search; it is a mistake of the set.
fn check_paths(folder: &Path, questions: &[Question]) -> anyhow::Result<()> {
    for question in questions {
        for page in question.pages() {
            ensure!(
                folder.join(page).is_file(),
                "`{}` names {page}, which is not in {}",
                question.id,
                folder.display()
            );
        }
    }
    Ok(())
}

/// Asks the host; how many sources its answer cites.
async fn cited(host: &RunningHost, question: &Question) -> anyhow::Result<usize> {
    let request = AskRequest { question: question.question.clone(), ..AskRequest::default() };
    let mut events = host.client().ask(&request).await?;
    while let Some(event) = events.next().await {
        match event? {
            AskEvent::Finished { turn } => {
                let answer =
                    turn.answer.with_context(|| format!("`{}` was not answered: {:?}", question.id, turn.failure))?;
                return Ok(answer.citations.len());
            }
            AskEvent::Failed { problem } => bail!("`{}` failed: {problem:?}", question.id),
            _ => {}
        }
    }
    bail!("the answer to `{}` broke off", question.id)
}

/// Searches the stores that a host has left with each mode; the results by question.
async fn search(
    data: &Path,
    model: &Path,
    folder: &Path,
    questions: &[Question],
) -> anyhow::Result<Vec<Vec<ModeDetail>>> {
    let data = DataDirectory::locate(Some(data.to_path_buf()))?;
    let clock = Arc::new(SystemClock);
    let store = StateStore::open(&data.state(), Arc::clone(&clock) as _)?;
    let documents = Arc::new(store.clone());
    let encoder =
        Encoder::load_with(model, &EncoderOptions { device: DeviceChoice::Cpu, ..EncoderOptions::default() })?;
    let recall = Recall::new(
        Arc::clone(&documents) as _,
        Arc::new(VectorStore::open(&data.vectors(), VectorStoreOptions::default(), clock).await?),
        Arc::new(KnowledgeGraph::open(&data.graph(), Default::default())?),
        Arc::new(QueryEmbedder::new(Arc::new(encoder), HashMap::new())),
        documents,
        RecallOptions::default(),
    );
    let mut results: Vec<Vec<ModeDetail>> = questions.iter().map(|_| Vec::new()).collect();
    for (mode, parts) in MODES {
        let recall = recall.with_options(RecallOptions { parts, ..RecallOptions::default() });
        for (question, results) in questions.iter().zip(&mut results) {
            let query = RecallQuery {
                text: question.question.clone(),
                limit: LIMIT,
                scope: Scope::default(),
                about: Vec::new(),
            };
            let outcome = recall.recall(query).await?;
            ensure!(outcome.degraded.is_empty(), "a part did not take part: {:?}", outcome.degraded);
            let found: Vec<Found> = outcome.passages.iter().map(|passage| found(folder, passage)).collect();
            let score = (!question.gold.is_empty()).then(|| judge(question, &found));
            results.push(ModeDetail { mode, score, found });
        }
    }
    drop(recall);
    store.close();
    Ok(results)
}

fn found(folder: &Path, passage: &RankedPassage) -> Found {
    let path = &passage.document.path;
    Found {
        path: path.strip_prefix(folder).unwrap_or(path).to_string_lossy().replace('\\', "/"),
        span: passage.passage.span.to_string(),
        text: passage.passage.text.clone(),
    }
}

fn write_details(path: &Path, details: &[Detail<'_>]) -> anyhow::Result<()> {
    let mut file = std::io::BufWriter::new(
        std::fs::File::create(path).with_context(|| format!("cannot write {}", path.display()))?,
    );
    for detail in details {
        serde_json::to_writer(&mut file, detail)?;
        writeln!(file)?;
    }
    Ok(file.flush()?)
}

/// A measure's name, how it is read from a quality, and its aim.
type Measure = (&'static str, fn(&Quality) -> f64, Option<f64>);

fn figures(details: &[Detail<'_>]) -> Vec<Figure> {
    let quality = |mode: &str| {
        let scores: Vec<Score> = details
            .iter()
            .flat_map(|detail| &detail.results)
            .filter(|result| result.mode == mode)
            .filter_map(|result| result.score)
            .collect();
        Quality::of(&scores)
    };
    let [hybrid, dense, bm25] = MODES.map(|(mode, _)| quality(mode));
    let best = |measure: fn(&Quality) -> f64| measure(&dense).max(measure(&bm25));
    let measures: [Measure; 3] = [
        ("hit@3", |quality| quality.hit_at_3, Some(0.85)),
        ("ndcg@10", |quality| quality.ndcg_at_10, None),
        ("strict hit@3", |quality| quality.strict_hit_at_3, None),
    ];
    let mut figures = Vec::new();
    for (name, measure, bound) in measures {
        let above = crate::report::rounded(best(measure));
        let aim = bound.map_or(Aim::Above(above), |bound| Aim::AtLeastAndAbove(bound, above));
        figures.push(Figure::new(format!("hybrid {name}"), measure(&hybrid), "").with_aim(aim));
        figures.push(Figure::new(format!("dense {name}"), measure(&dense), ""));
        figures.push(Figure::new(format!("bm25 {name}"), measure(&bm25), ""));
    }
    let count = |of: &dyn Fn(&&Detail<'_>) -> bool| details.iter().filter(of).count() as f64;
    figures.extend([
        Figure::new("abstained", count(&|detail| !detail.answerable && detail.citations == 0), "questions"),
        Figure::new("unanswerable", count(&|detail| !detail.answerable), "questions"),
        Figure::new("answered", count(&|detail| detail.answerable && detail.citations > 0), "questions"),
        Figure::new("answerable", count(&|detail| detail.answerable), "questions"),
    ]);
    figures
}
