//! Read-only SPARQL with limits that hold.
//!
//! A watch thread stops a query at the deadline and when the process has grown too much, and so does the caller who goes
//! away. [`dataset`] makes sure that a stopped query ends wherever it is; what even that cannot stop is refused before it
//! runs: see [`size`].

mod dataset;
mod size;

use std::sync::atomic::{AtomicU8, Ordering};
use std::sync::{Arc, mpsc};
use std::time::{Duration, Instant};

use ambit_domain::port::{GraphLimits, GraphRow, GraphTable, GraphValue};
use oxigraph::model::{NamedOrBlankNode, Term};
use oxigraph::store::{StorageError, Store};
use spareval::{CancellationToken, QueryEvaluationError, QueryEvaluator, QueryResults};
use spargebra::{Query, SparqlParser};

use self::dataset::{Facts, Source};
use crate::vocabulary::PREFIXES;
use crate::{KnowledgeGraphError, KnowledgeGraphOptions};

/// Parsing and evaluation recurse as deep as the query does; the length limit bounds that depth.
pub(crate) const STACK: usize = 256 << 20;
/// Most bytes of text in a result.
const MAX_RESULT: usize = 16 << 20;

/// Why a query was stopped.
const DEADLINE: u8 = 1;
const MEMORY: u8 = 2;
const GONE: u8 = 3;

/// Stops a query: clones share the state.
#[derive(Clone, Default)]
pub(crate) struct Stop {
    token: CancellationToken,
    reason: Arc<AtomicU8>,
}

impl Stop {
    fn stop(&self, reason: u8) {
        // The first reason is the one to tell; the exchange fails when there is one already.
        let _first = self.reason.compare_exchange(0, reason, Ordering::AcqRel, Ordering::Acquire);
        self.token.cancel();
    }

    /// A text grew too long.
    fn exceed_memory(&self) {
        self.stop(MEMORY);
    }

    /// The caller no longer waits, or the store is needed for other things.
    pub(crate) fn abandon(&self) {
        self.stop(GONE);
    }

    fn error(&self, limits: &GraphLimits, options: &KnowledgeGraphOptions) -> KnowledgeGraphError {
        match self.reason.load(Ordering::Acquire) {
            MEMORY => KnowledgeGraphError::Memory { megabytes: options.query_memory >> 20 },
            GONE => KnowledgeGraphError::Cancelled,
            _ => KnowledgeGraphError::Timeout { milliseconds: limits.time.as_millis() },
        }
    }

    fn is_set(&self) -> bool {
        self.token.is_cancelled()
    }

    /// Whether both belong to the same query.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.reason, &other.reason)
    }
}

/// Runs a query on the calling thread, which needs a large stack.
pub(crate) fn run(
    store: &Store,
    is_on_disk: bool,
    sparql: &str,
    limits: &GraphLimits,
    options: &KnowledgeGraphOptions,
    stop: &Stop,
) -> Result<GraphTable, KnowledgeGraphError> {
    let begun = Instant::now();
    size::check_text(sparql)?;
    let query = parse(sparql)?;
    size::check(&query)?;
    let (ended, end) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watch = std::thread::Builder::new()
            .name("graph-watch".to_owned())
            .spawn_scoped(scope, move || watch(begun + limits.time, options.query_memory, stop, &end))
            .map_err(|error| KnowledgeGraphError::Stopped(format!("no thread could be started: {error}")))?;
        let table = dataset::guarded(stop, || {
            if is_on_disk {
                evaluate(Source::Snapshot(&store.start_transaction()?), &query, limits, stop)
            } else {
                evaluate(Source::Live(store), &query, limits, stop)
            }
        });
        drop(ended);
        drop(watch);
        match table {
            Err(KnowledgeGraphError::Cancelled) => Err(stop.error(limits, options)),
            other => other,
        }
    })
}

/// Waits for the query's end and stops it when a limit is reached.
fn watch(deadline: Instant, memory: u64, stop: &Stop, end: &mpsc::Receiver<()>) {
    const STEP: Duration = Duration::from_millis(20);
    let at_start = resident().unwrap_or(0);
    loop {
        let now = Instant::now();
        if now >= deadline {
            return stop.stop(DEADLINE);
        }
        match end.recv_timeout(STEP.min(deadline - now)) {
            Err(mpsc::RecvTimeoutError::Timeout) => {}
            _ => return,
        }
        if resident().is_some_and(|resident| resident.saturating_sub(at_start) > memory) {
            return stop.stop(MEMORY);
        }
    }
}

/// Bytes of this process in memory, where the system tells them cheaply.
fn resident() -> Option<u64> {
    /// The unit of `statm` on the systems that have it, up to a factor that does not matter here.
    const PAGE: u64 = 4096;
    let statm = std::fs::read_to_string("/proc/self/statm").ok()?;
    statm.split_ascii_whitespace().nth(1)?.parse::<u64>().ok().map(|pages| pages * PAGE)
}

fn parser() -> SparqlParser {
    PREFIXES
        .iter()
        .fold(SparqlParser::new(), |parser, (name, iri)| parser.clone().with_prefix(*name, *iri).unwrap_or(parser))
}

fn parse(sparql: &str) -> Result<Query, KnowledgeGraphError> {
    parser().parse_query(sparql).map_err(|error| {
        if parser().parse_update(sparql).is_ok() {
            KnowledgeGraphError::Update
        } else {
            KnowledgeGraphError::Syntax(error.to_string())
        }
    })
}

fn evaluate(
    source: Source<'_>,
    query: &Query,
    limits: &GraphLimits,
    stop: &Stop,
) -> Result<GraphTable, KnowledgeGraphError> {
    let evaluator = QueryEvaluator::new().with_cancellation_token(stop.token.clone());
    match evaluator.prepare(query).execute(Facts::new(source)).map_err(evaluation)? {
        QueryResults::Boolean(answer) => Ok(GraphTable {
            variables: vec!["result".to_owned()],
            rows: vec![vec![Some(GraphValue::Literal(answer.to_string()))]],
            truncated: false,
        }),
        QueryResults::Solutions(solutions) => {
            let variables = solutions.variables().iter().map(|variable| variable.as_str().to_owned()).collect();
            let rows = solutions
                .map(|solution| Ok(solution?.values().iter().map(|value| value.clone().map(value_of)).collect()));
            collect(variables, rows, limits, stop)
        }
        QueryResults::Graph(triples) => {
            let variables = ["subject", "predicate", "object"].map(str::to_owned).to_vec();
            let rows = triples.map(|triple| {
                let triple = triple?;
                let subject = match triple.subject {
                    NamedOrBlankNode::NamedNode(node) => GraphValue::Iri(node.into_string()),
                    NamedOrBlankNode::BlankNode(node) => GraphValue::Blank(node.into_string()),
                };
                let predicate = GraphValue::Iri(triple.predicate.into_string());
                Ok(vec![Some(subject), Some(predicate), Some(value_of(triple.object))])
            });
            collect(variables, rows, limits, stop)
        }
    }
}

fn collect(
    variables: Vec<String>,
    rows: impl Iterator<Item = Result<GraphRow, QueryEvaluationError>>,
    limits: &GraphLimits,
    stop: &Stop,
) -> Result<GraphTable, KnowledgeGraphError> {
    let mut table = GraphTable { variables, rows: Vec::new(), truncated: false };
    let mut size = 0;
    for row in rows {
        let row = row.map_err(evaluation)?;
        // Rows that need no quads are not cancelled by the engine.
        if stop.is_set() {
            return Err(KnowledgeGraphError::Cancelled);
        }
        size += row.iter().flatten().map(text_length).sum::<usize>();
        if table.rows.len() >= limits.rows || size > MAX_RESULT {
            table.truncated = true;
            break;
        }
        table.rows.push(row);
    }
    Ok(table)
}

fn value_of(term: Term) -> GraphValue {
    match term {
        Term::NamedNode(node) => GraphValue::Iri(node.into_string()),
        Term::BlankNode(node) => GraphValue::Blank(node.into_string()),
        Term::Literal(literal) => GraphValue::Literal(literal.destruct().0),
    }
}

fn text_length(value: &GraphValue) -> usize {
    match value {
        GraphValue::Iri(text) | GraphValue::Literal(text) | GraphValue::Blank(text) => text.len(),
    }
}

fn evaluation(error: QueryEvaluationError) -> KnowledgeGraphError {
    match error {
        QueryEvaluationError::Cancelled => KnowledgeGraphError::Cancelled,
        QueryEvaluationError::Dataset(error) => match error.downcast::<StorageError>() {
            Ok(error) => KnowledgeGraphError::Storage(*error),
            Err(error) => KnowledgeGraphError::Evaluation(error.to_string()),
        },
        QueryEvaluationError::UnsupportedService(_) | QueryEvaluationError::Service(_) => KnowledgeGraphError::Service,
        error => KnowledgeGraphError::Evaluation(error.to_string()),
    }
}
