//! Bounds what cannot be stopped while it runs.
//!
//! Parsing, planning and the evaluation of one expression never look at the clock. Their cost follows from what stands in
//! the query, so it is bounded before: by length and nesting, by the number of patterns, whose planning is quadratic at
//! best, and by how much longer `CONCAT` and `REPLACE` on their own results could make a string.

use spargebra::Query;
use spargebra::algebra::{
    AggregateExpression, Expression, Function, GraphPattern, OrderExpression, PropertyPathExpression,
};

use crate::KnowledgeGraphError;

/// Longest query, in bytes.
const MAX_LENGTH: usize = 16 << 10;
/// Deepest nesting of brackets.
const MAX_DEPTH: usize = 32;
/// Most triple patterns, path steps and operators.
const MAX_PATTERNS: usize = 64;
/// Most parts of expressions.
const MAX_EXPRESSIONS: usize = 2000;
/// Most times that a string may grow.
const MAX_GROWTH: u64 = 100_000;

/// Refuses what is too long or too deep for the parser.
pub(super) fn check_text(sparql: &str) -> Result<(), KnowledgeGraphError> {
    if sparql.len() > MAX_LENGTH {
        return Err(KnowledgeGraphError::TooLarge(format!("it has more than {MAX_LENGTH} bytes")));
    }
    let mut depth = 0_usize;
    for byte in sparql.bytes() {
        match byte {
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(KnowledgeGraphError::TooLarge(format!("its brackets are nested more than {MAX_DEPTH} deep")));
        }
    }
    Ok(())
}

/// Refuses what asks other servers and what is too large to plan or would grow without end.
pub(super) fn check(query: &Query) -> Result<(), KnowledgeGraphError> {
    let pattern = match query {
        Query::Select { pattern, .. }
        | Query::Construct { pattern, .. }
        | Query::Describe { pattern, .. }
        | Query::Ask { pattern, .. } => pattern,
    };
    let mut size = Size { patterns: 0, expressions: 0, growth: 1, asks_others: false };
    size.pattern(pattern);
    let too_large = |what: String| Err(KnowledgeGraphError::TooLarge(what));
    if size.asks_others {
        return Err(KnowledgeGraphError::Service);
    }
    if size.patterns > MAX_PATTERNS {
        return too_large(format!("it has more than {MAX_PATTERNS} patterns and operators"));
    }
    if size.expressions > MAX_EXPRESSIONS {
        return too_large(format!("its expressions have more than {MAX_EXPRESSIONS} parts"));
    }
    if size.growth > MAX_GROWTH {
        return too_large(format!(
            "its CONCAT and REPLACE calls could make a string more than {MAX_GROWTH} times as long"
        ));
    }
    Ok(())
}

struct Size {
    patterns: usize,
    expressions: usize,
    /// How many times as long a string may become, all calls together.
    growth: u64,
    asks_others: bool,
}

impl Size {
    fn pattern(&mut self, pattern: &GraphPattern) {
        self.patterns += 1;
        match pattern {
            GraphPattern::Bgp { patterns } => self.patterns += patterns.len(),
            GraphPattern::Path { path, .. } => self.path(path),
            GraphPattern::Values { bindings, .. } => self.expressions += bindings.len(),
            GraphPattern::Join { left, right }
            | GraphPattern::Lateral { left, right }
            | GraphPattern::Minus { left, right }
            | GraphPattern::Union { left, right } => {
                self.pattern(left);
                self.pattern(right);
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                self.all(expression);
                self.pattern(left);
                self.pattern(right);
            }
            GraphPattern::Filter { expr, inner } => {
                self.expression(expr);
                self.pattern(inner);
            }
            GraphPattern::Extend { inner, expression, .. } => {
                // A chain of these is as deep as it is long, but planning it is cheap.
                self.patterns -= 1;
                self.expression(expression);
                self.pattern(inner);
            }
            GraphPattern::OrderBy { inner, expression } => {
                for OrderExpression::Asc(expression) | OrderExpression::Desc(expression) in expression {
                    self.expression(expression);
                }
                self.pattern(inner);
            }
            GraphPattern::Group { inner, aggregates, .. } => {
                for (_, aggregate) in aggregates {
                    if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                        self.expression(expr);
                    }
                }
                self.pattern(inner);
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.pattern(inner),
            GraphPattern::Service { .. } => self.asks_others = true,
        }
    }

    fn path(&mut self, path: &PropertyPathExpression) {
        self.patterns += 1;
        match path {
            PropertyPathExpression::NamedNode(_) => {}
            PropertyPathExpression::Reverse(inner)
            | PropertyPathExpression::ZeroOrMore(inner)
            | PropertyPathExpression::OneOrMore(inner)
            | PropertyPathExpression::ZeroOrOne(inner) => self.path(inner),
            PropertyPathExpression::Sequence(a, b) | PropertyPathExpression::Alternative(a, b) => {
                self.path(a);
                self.path(b);
            }
            PropertyPathExpression::NegatedPropertySet(names) => self.patterns += names.len(),
        }
    }

    fn all<'a>(&mut self, expressions: impl IntoIterator<Item = &'a Expression>) {
        for expression in expressions {
            self.expression(expression);
        }
    }

    fn expression(&mut self, expression: &Expression) {
        self.expressions += 1;
        match expression {
            Expression::NamedNode(_) | Expression::Literal(_) | Expression::Variable(_) | Expression::Bound(_) => {}
            Expression::Or(a, b)
            | Expression::And(a, b)
            | Expression::Equal(a, b)
            | Expression::SameTerm(a, b)
            | Expression::Greater(a, b)
            | Expression::GreaterOrEqual(a, b)
            | Expression::Less(a, b)
            | Expression::LessOrEqual(a, b)
            | Expression::Add(a, b)
            | Expression::Subtract(a, b)
            | Expression::Multiply(a, b)
            | Expression::Divide(a, b) => self.all([a.as_ref(), b.as_ref()]),
            Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => self.expression(a),
            Expression::If(a, b, c) => self.all([a.as_ref(), b.as_ref(), c.as_ref()]),
            Expression::In(a, list) => {
                self.expression(a);
                self.all(list);
            }
            Expression::Coalesce(list) => self.all(list),
            Expression::Exists(pattern) => self.pattern(pattern),
            Expression::FunctionCall(function, arguments) => {
                self.growth = self.growth.saturating_mul(growth(function, arguments));
                self.all(arguments);
            }
        }
    }
}

/// How many times as long as its longest argument a call's result may be.
fn growth(function: &Function, arguments: &[Expression]) -> u64 {
    match function {
        Function::Concat => arguments.len().max(1) as u64,
        Function::EncodeForUri => 3,
        Function::Replace => match arguments.get(2) {
            // In place of each character, and at its end.
            Some(Expression::Literal(replacement)) => replacement.value().len() as u64 + 1,
            _ => 256,
        },
        _ => 1,
    }
}
