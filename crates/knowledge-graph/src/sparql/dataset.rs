//! The quads as the evaluator sees them: one graph for whoever names none, and stoppable everywhere.
//!
//! The engine's own view looks at the cancellation token only where it reads a quad. A product of three patterns reads few
//! quads and builds their combinations from memory for minutes, and takes all memory there is. Here terms are small numbers
//! whose *copying* is the place where a query is stopped: nothing can be combined without copying its terms. The stop is an
//! unwinding that [`guarded`] catches; no foreign frames lie between.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::rc::Rc;

use oxigraph::model::{
    GraphName, GraphNameRef, NamedNodeRef, NamedOrBlankNode, NamedOrBlankNodeRef, Quad, Term, TermRef,
};
use oxigraph::store::{QuadIter, StorageError, Store, Transaction};
use spareval::{ExpressionTerm, InternalQuad, QueryableDataset};

use super::Stop;
use crate::KnowledgeGraphError;

/// A query is looked at once in so many copies: some microseconds.
const INTERVAL: u32 = 1024;
/// A text that a query makes may not be longer.
const MAX_TEXT: usize = 1 << 20;

thread_local! {
    static COPIES: Cell<u32> = const { Cell::new(0) };
    static STOP: RefCell<Option<Stop>> = const { RefCell::new(None) };
}

/// What travels up the stack when a query is stopped.
struct Stopped;

/// Runs an evaluation that can be stopped at any copy of a term.
pub(super) fn guarded<T>(
    stop: &Stop,
    evaluate: impl FnOnce() -> Result<T, KnowledgeGraphError>,
) -> Result<T, KnowledgeGraphError> {
    STOP.set(Some(stop.clone()));
    let outcome = catch_unwind(AssertUnwindSafe(evaluate));
    STOP.set(None);
    match outcome {
        Ok(outcome) => outcome,
        Err(payload) if payload.is::<Stopped>() => Err(KnowledgeGraphError::Cancelled),
        Err(payload) => resume_unwind(payload),
    }
}

fn look_at_stop() {
    let is_stopped = STOP.with_borrow(|stop| stop.as_ref().is_some_and(Stop::is_set));
    if is_stopped && !std::thread::panicking() {
        resume_unwind(Box::new(Stopped));
    }
}

/// A term's number.
#[derive(Debug, PartialEq, Eq, Hash)]
pub(super) struct Id(u32);

impl Clone for Id {
    fn clone(&self) -> Self {
        let copies = COPIES.get().wrapping_add(1);
        COPIES.set(copies);
        if copies.is_multiple_of(INTERVAL) {
            look_at_stop();
        }
        Self(self.0)
    }
}

/// The terms that a query met.
#[derive(Default)]
struct Terms {
    numbers: RefCell<HashMap<Rc<Term>, u32>>,
    terms: RefCell<Vec<Rc<Term>>>,
}

impl Terms {
    fn number(&self, term: Term) -> Id {
        if let Some(&number) = self.numbers.borrow().get(&term) {
            return Id(number);
        }
        let term = Rc::new(term);
        let mut terms = self.terms.borrow_mut();
        let number = terms.len() as u32;
        terms.push(Rc::clone(&term));
        self.numbers.borrow_mut().insert(term, number);
        Id(number)
    }

    fn term(&self, id: &Id) -> Rc<Term> {
        Rc::clone(&self.terms.borrow()[id.0 as usize])
    }

    fn quad(&self, quad: Quad) -> InternalQuad<Id> {
        InternalQuad {
            subject: self.number(quad.subject.into()),
            predicate: self.number(quad.predicate.into()),
            object: self.number(quad.object),
            graph_name: match quad.graph_name {
                GraphName::NamedNode(node) => Some(self.number(node.into())),
                GraphName::BlankNode(node) => Some(self.number(node.into())),
                GraphName::DefaultGraph => None,
            },
        }
    }
}

/// Where quads are read.
#[derive(Clone, Copy)]
pub(super) enum Source<'a> {
    /// One state of a store on disk.
    Snapshot(&'a Transaction<'a>),
    /// A store in memory, where an open transaction would block writers.
    Live(&'a Store),
}

impl<'a> Source<'a> {
    fn quads(
        self,
        subject: Option<NamedOrBlankNodeRef<'_>>,
        predicate: Option<NamedNodeRef<'_>>,
        object: Option<TermRef<'_>>,
        graph: Option<GraphNameRef<'_>>,
    ) -> QuadIter<'a> {
        match self {
            Self::Snapshot(transaction) => transaction.quads_for_pattern(subject, predicate, object, graph),
            Self::Live(store) => store.quads_for_pattern(subject, predicate, object, graph),
        }
    }

    fn graphs(self) -> Vec<Result<NamedOrBlankNode, StorageError>> {
        match self {
            Self::Snapshot(transaction) => transaction.named_graphs().collect(),
            Self::Live(store) => store.named_graphs().collect(),
        }
    }
}

/// All quads. The default graph is the union of all graphs, in which a fact stands once however many documents state it.
pub(super) struct Facts<'a> {
    source: Source<'a>,
    terms: Rc<Terms>,
}

impl<'a> Facts<'a> {
    pub(super) fn new(source: Source<'a>) -> Self {
        Self { source, terms: Rc::default() }
    }
}

impl<'a> QueryableDataset<'a> for Facts<'a> {
    type InternalTerm = Id;
    type Error = StorageError;

    fn internal_quads_for_pattern(
        &self,
        subject: Option<&Id>,
        predicate: Option<&Id>,
        object: Option<&Id>,
        graph_name: Option<Option<&Id>>,
    ) -> impl Iterator<Item = Result<InternalQuad<Id>, StorageError>> + use<'a> {
        let bound = |id: Option<&Id>| id.map(|id| self.terms.term(id));
        let (subject, predicate, object) = (bound(subject), bound(predicate), bound(object));
        let graph = bound(graph_name.flatten());
        let pattern = (|| {
            Some((
                fitting(subject.as_deref(), node)?,
                fitting(predicate.as_deref(), property)?,
                fitting(graph.as_deref(), node)?,
            ))
        })();
        let quads = pattern.map(|(subject, predicate, graph)| {
            self.source.quads(subject, predicate, object.as_deref().map(Term::as_ref), graph.map(GraphNameRef::from))
        });
        let is_union = graph_name == Some(None);
        let is_whole = subject.is_none() && predicate.is_none() && object.is_none();
        let terms = Rc::clone(&self.terms);
        let mut union = Union { seen: HashSet::new(), last: None, is_whole };
        quads.into_iter().flatten().filter_map(move |quad| match quad {
            Ok(quad) => {
                let mut quad = terms.quad(quad);
                if is_union {
                    quad.graph_name = None;
                    return union.is_new(&quad).then_some(Ok(quad));
                }
                Some(Ok(quad))
            }
            Err(error) => Some(Err(error)),
        })
    }

    fn internal_named_graphs(&self) -> impl Iterator<Item = Result<Id, StorageError>> + use<'a> {
        let terms = Rc::clone(&self.terms);
        self.source.graphs().into_iter().map(move |graph| Ok(terms.number(graph?.into())))
    }

    fn internalize_term(&self, term: Term) -> Result<Id, StorageError> {
        Ok(self.terms.number(term))
    }

    fn externalize_term(&self, id: Id) -> Result<Term, StorageError> {
        Ok(self.terms.term(&id).as_ref().clone())
    }

    fn internalize_expression_term(&self, term: ExpressionTerm) -> Result<Id, StorageError> {
        let term = Term::from(term);
        if matches!(&term, Term::Literal(literal) if literal.value().len() > MAX_TEXT) {
            STOP.with_borrow(|stop| stop.as_ref().map(Stop::exceed_memory));
        }
        look_at_stop();
        Ok(self.terms.number(term))
    }
}

/// Leaves out facts that another graph stated already.
struct Union {
    seen: HashSet<(u32, u32, u32)>,
    last: Option<(u32, u32, u32)>,
    /// Without any bound part quads come graph by graph; else the graph is what their order looks at last.
    is_whole: bool,
}

impl Union {
    fn is_new(&mut self, quad: &InternalQuad<Id>) -> bool {
        let fact = (quad.subject.0, quad.predicate.0, quad.object.0);
        if self.is_whole { self.seen.insert(fact) } else { self.last.replace(fact) != Some(fact) }
    }
}

/// A bound place of a pattern, if its term may stand there; else nothing matches.
fn fitting<'t, T>(term: Option<&'t Term>, as_place: fn(&'t Term) -> Option<T>) -> Option<Option<T>> {
    match term {
        None => Some(None),
        Some(term) => as_place(term).map(Some),
    }
}

fn node(term: &Term) -> Option<NamedOrBlankNodeRef<'_>> {
    match term {
        Term::NamedNode(node) => Some(node.as_ref().into()),
        Term::BlankNode(node) => Some(node.as_ref().into()),
        Term::Literal(_) => None,
    }
}

fn property(term: &Term) -> Option<NamedNodeRef<'_>> {
    match term {
        Term::NamedNode(node) => Some(node.as_ref()),
        _ => None,
    }
}
