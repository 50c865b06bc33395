//! `bench search`: latency over ten thousand, a hundred thousand and a million passages, through the real stores.
//!
//! Ten thousand: passages of the toolchain's documentation, embedded by the model, asked the questions of the committed
//! set. The larger sets are synthetic: texts of 60 invented words whose frequencies follow Zipf's law, and vectors drawn
//! around 4,000 centres (see [`crate::synthetic::Clusters`]) with noise of 0.9 of the centre's length; queries are drawn in
//! the same way and are not among the stored ones. All data is seeded. Invented words have no meaning, so for synthetic
//! questions the model embeds the words, which takes the time that it takes, and the drawn vector is searched with.

mod chroma;
mod data;
mod exact;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use ambit_domain::port::{
    Documents, EmbedPriority, EmbedPurpose, Embedder, Graph, GraphQuestion, KeywordQuery, PassageIndex as _,
};
use ambit_domain::{Cancellation, PassageFilter, RecallQuery, Scope, VectorQuery};
use ambit_inference::{DeviceChoice, Encoder, EncoderOptions};
use ambit_recall::{Recall, RecallOptions};
use anyhow::{Context as _, ensure};
use clap::{Args, ValueEnum};

use super::query_embedder::QueryEmbedder;
use crate::peers::progress;
use crate::report::{Aim, Figure, Report};
use crate::{place, statistics};
use data::{NEIGHBOURS, Prepared, Size};

/// Options of `bench search`.
#[derive(Debug, Clone, Args)]
#[command(
    after_help = "The data sets are built once and kept in `ambit/bench` of the user's cache folder (the largest takes \
                        some 6 GB and some minutes). Delete that folder to get the space back, or use --rebuild."
)]
pub struct SearchOptions {
    /// Folder with the embedder's files; default: the installed model.
    #[arg(long, value_name = "DIR")]
    pub model: Option<PathBuf>,
    /// Which sizes.
    #[arg(long, value_enum, value_delimiter = ',', default_values_t = [Passages::TenThousand, Passages::HundredThousand, Passages::Million])]
    pub sizes: Vec<Passages>,
    /// Build the data sets anew.
    #[arg(long)]
    pub rebuild: bool,
    /// Leave the peer out.
    #[arg(long)]
    pub without_peer: bool,
}

/// A size of the index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Passages {
    /// 10,000 real passages.
    #[value(name = "10k")]
    TenThousand,
    /// 100,000 synthetic passages.
    #[value(name = "100k")]
    HundredThousand,
    /// 1,000,000 synthetic passages.
    #[value(name = "1m")]
    Million,
}

impl Passages {
    fn size(self) -> Size {
        match self {
            Self::TenThousand => Size { name: "10k", passages: 10_000, real: true },
            Self::HundredThousand => Size { name: "100k", passages: 100_000, real: false },
            Self::Million => Size { name: "1m", passages: 1_000_000, real: false },
        }
    }

    fn aim(self) -> Option<Aim> {
        match self {
            Self::TenThousand => None,
            Self::HundredThousand => Some(Aim::AtMost(20.0)),
            Self::Million => Some(Aim::AtMost(50.0)),
        }
    }
}

/// How often each query is measured.
const ROUNDS: usize = 3;

/// Runs the benchmark.
///
/// # Errors
/// When the model or the peer is missing, or a store fails.
pub async fn run(options: &SearchOptions) -> anyhow::Result<Report> {
    let model = place::model(options.model.as_deref())?;
    let encoder =
        Encoder::load_with(&model, &EncoderOptions { device: DeviceChoice::Cpu, ..EncoderOptions::default() })?;
    let encoder = Arc::new(encoder);
    let mut figures = Vec::new();
    let mut recalls = Vec::new();
    for passages in &options.sizes {
        let size = passages.size();
        if options.rebuild {
            data::remove(size)?;
        }
        let prepared = data::prepare(size, &model, &encoder).await?;
        let measured = measure(size, prepared, &encoder).await?;
        recalls.push(measured.recall);
        let mut p95 = Figure::new(format!("p95 {}", size.name), percentile(&measured.hybrid, 0.95)?, "ms");
        if let Some(aim) = passages.aim() {
            p95 = p95.with_aim(aim);
        }
        let ann_p50 = percentile(&measured.ann, 0.5)?;
        let mut ann = vec![
            Figure::new(format!("ann p50 {}", size.name), ann_p50, "ms"),
            Figure::new(format!("ann p95 {}", size.name), percentile(&measured.ann, 0.95)?, "ms"),
            Figure::new(format!("recall@10 {}", size.name), measured.recall, ""),
        ];
        figures.push(Figure::new(format!("p50 {}", size.name), percentile(&measured.hybrid, 0.5)?, "ms"));
        figures.push(p95);
        if *passages == Passages::HundredThousand && !options.without_peer {
            let theirs = chroma::measure(&measured.raw, &measured.queries, size.passages, encoder.dimensions())?;
            let p50 = percentile(&theirs.milliseconds, 0.5)?;
            let peers = [p50, percentile(&theirs.milliseconds, 0.95)?, theirs.recall];
            ann = ann.into_iter().zip(peers).map(|(figure, peer)| figure.with_peer(peer)).collect();
            ann.push(Figure::new("chroma latency ratio", p50 / ann_p50, "× (their p50 by ours)"));
        }
        figures.extend(ann);
        for (part, milliseconds) in &measured.parts {
            figures.push(Figure::new(format!("{part} p50 {}", size.name), percentile(milliseconds, 0.5)?, "ms"));
        }
    }
    let worst = statistics::smallest(&recalls).context("no size was measured")?;
    figures.push(Figure::new("recall@10", worst, "(lowest of all sizes)").with_aim(Aim::AtLeast(0.95)));
    Ok(Report::new("search", figures))
}

struct Measured {
    /// Milliseconds of nearest-neighbour searches.
    ann: Vec<f64>,
    /// Milliseconds of whole searches: query embedding, vectors, keywords, graph, ranking, passages.
    hybrid: Vec<f64>,
    /// Milliseconds of the other parts of a search, each alone.
    parts: [(&'static str, Vec<f64>); 3],
    recall: f64,
    queries: Vec<data::Query>,
    raw: PathBuf,
}

async fn measure(size: Size, prepared: Prepared, encoder: &Arc<Encoder>) -> anyhow::Result<Measured> {
    let Prepared { store, vectors, graph, queries, raw } = prepared;
    progress(&format!("measuring {} queries over {} passages", queries.len(), size.passages));
    let ask = |embedding: &[f32]| {
        vectors.search(VectorQuery {
            embedding: embedding.to_vec(),
            model: encoder.model().to_owned(),
            limit: NEIGHBOURS,
            filter: PassageFilter::default(),
        })
    };
    let mut recalls = Vec::new();
    for query in &queries {
        let found: Vec<i64> = ask(&query.vector).await?.iter().map(|hit| hit.passage.0).collect();
        recalls.push(statistics::recall(&found, &query.exact));
    }
    let mut ann = Vec::new();
    for query in queries.iter().cycle().take(ROUNDS * queries.len()) {
        let started = Instant::now();
        let found = ask(&query.vector).await?;
        ann.push(milliseconds(started));
        ensure!(found.len() == NEIGHBOURS, "a search found {} neighbours", found.len());
    }

    let vectors = Arc::new(vectors);
    let documents = Arc::new(store.clone());
    let substitutes = match size.real {
        true => HashMap::new(),
        false => queries.iter().map(|query| (query.text.clone(), query.vector.clone())).collect(),
    };
    let embedder = Arc::new(QueryEmbedder::new(Arc::clone(encoder), substitutes));
    let graph = Arc::new(graph);
    let parts = parts(&queries, embedder.as_ref(), documents.as_ref(), graph.as_ref()).await?;
    let recall =
        Recall::new(Arc::clone(&documents) as _, vectors, graph, embedder, documents, RecallOptions::default());
    let mut hybrid = Vec::new();
    // The first round warms the caches.
    for round in 0..=ROUNDS {
        for query in &queries {
            let question =
                RecallQuery { text: query.text.clone(), limit: NEIGHBOURS, scope: Scope::default(), about: Vec::new() };
            let started = Instant::now();
            let outcome = recall.recall(question).await?;
            if round > 0 {
                hybrid.push(milliseconds(started));
            }
            ensure!(outcome.degraded.is_empty(), "a part did not take part: {:?}", outcome.degraded);
        }
    }
    drop(recall);
    store.close();
    Ok(Measured { ann, hybrid, parts, recall: statistics::mean(&recalls), queries, raw })
}

/// What the embedding of a question, the keyword index and the graph take, each alone and warm.
async fn parts(
    queries: &[data::Query],
    embedder: &dyn Embedder,
    documents: &dyn Documents,
    graph: &dyn Graph,
) -> anyhow::Result<[(&'static str, Vec<f64>); 3]> {
    let mut parts = [("query embedding", Vec::new()), ("keyword", Vec::new()), ("graph", Vec::new())];
    for round in 0..=1 {
        for query in queries {
            let started = Instant::now();
            embedder
                .embed(
                    vec![query.text.clone()],
                    EmbedPurpose::Question,
                    EmbedPriority::Interactive,
                    Cancellation::new(),
                )
                .await?;
            let embedded = milliseconds(started);
            let started = Instant::now();
            let filter = PassageFilter::default();
            let hits = documents.search(KeywordQuery { text: query.text.clone(), limit: 50, filter }).await?;
            let found = milliseconds(started);
            let terms = ambit_recall::content_words(&query.text);
            let near = hits.iter().take(8).map(|hit| hit.document).collect();
            let started = Instant::now();
            graph.neighbours(GraphQuestion { terms, documents: near, limit: 24 }).await?;
            let led = milliseconds(started);
            if round > 0 {
                for ((_, values), value) in parts.iter_mut().zip([embedded, found, led]) {
                    values.push(value);
                }
            }
        }
    }
    Ok(parts)
}

fn milliseconds(since: Instant) -> f64 {
    since.elapsed().as_secs_f64() * 1000.0
}

fn percentile(values: &[f64], share: f64) -> anyhow::Result<f64> {
    statistics::percentile(values, share).context("nothing was measured")
}
