//! Bounds what a query can make of its own constants.
//!
//! `VALUES`, `UNION` and sub-queries without patterns multiply solutions without reading a quad, and `CONCAT` or `REPLACE`
//! on their own results grow a string exponentially. Neither looks at the cancellation token. Both are products of numbers
//! that stand in the query, so they can be computed before it runs.

use spargebra::Query;
use spargebra::algebra::{AggregateExpression, Expression, Function, GraphPattern, OrderExpression};

use crate::KnowledgeGraphError;

/// Most solutions that may come from constants alone.
const MAX_SOLUTIONS: u64 = 200_000;
/// Most times that a string may grow.
const MAX_GROWTH: u64 = 100_000;

/// Refuses what asks other servers and what would grow without end.
pub(crate) fn check(query: &Query) -> Result<(), KnowledgeGraphError> {
    let pattern = match query {
        Query::Select { pattern, .. }
        | Query::Construct { pattern, .. }
        | Query::Describe { pattern, .. }
        | Query::Ask { pattern, .. } => pattern,
    };
    let mut cost = Cost { growth: 1, asks_others: false, nested: 1 };
    let solutions = cost.pattern(pattern);
    if cost.asks_others {
        return Err(KnowledgeGraphError::Service);
    }
    if solutions.saturating_mul(cost.nested) > MAX_SOLUTIONS {
        return Err(KnowledgeGraphError::TooLarge(format!(
            "its VALUES and UNION parts alone multiply to more than {MAX_SOLUTIONS} solutions"
        )));
    }
    if cost.growth > MAX_GROWTH {
        return Err(KnowledgeGraphError::TooLarge(format!(
            "its CONCAT and REPLACE calls could make a string more than {MAX_GROWTH} times as long"
        )));
    }
    Ok(())
}

struct Cost {
    /// How many times as long a string may become, all calls together.
    growth: u64,
    asks_others: bool,
    /// Solutions of the patterns inside expressions, which run once per solution outside.
    nested: u64,
}

impl Cost {
    /// An upper bound of the solutions that come from constants. Patterns over quads count as one: they can be stopped.
    fn pattern(&mut self, pattern: &GraphPattern) -> u64 {
        match pattern {
            GraphPattern::Bgp { .. } | GraphPattern::Path { .. } => 1,
            GraphPattern::Values { bindings, .. } => bindings.len() as u64,
            GraphPattern::Join { left, right } | GraphPattern::Lateral { left, right } => {
                self.pattern(left).saturating_mul(self.pattern(right))
            }
            GraphPattern::LeftJoin { left, right, expression } => {
                if let Some(expression) = expression {
                    self.expression(expression);
                }
                self.pattern(left).saturating_mul(self.pattern(right).max(1))
            }
            GraphPattern::Minus { left, right } => {
                // Each solution on the left is compared with each on the right.
                self.pattern(left).saturating_mul(self.pattern(right).max(1))
            }
            GraphPattern::Union { left, right } => self.pattern(left).saturating_add(self.pattern(right)),
            GraphPattern::Filter { expr, inner } => {
                self.expression(expr);
                self.pattern(inner)
            }
            GraphPattern::Extend { inner, expression, .. } => {
                self.expression(expression);
                self.pattern(inner)
            }
            GraphPattern::OrderBy { inner, expression } => {
                for OrderExpression::Asc(expression) | OrderExpression::Desc(expression) in expression {
                    self.expression(expression);
                }
                self.pattern(inner)
            }
            GraphPattern::Group { inner, aggregates, .. } => {
                for (_, aggregate) in aggregates {
                    if let AggregateExpression::FunctionCall { expr, .. } = aggregate {
                        self.expression(expr);
                    }
                }
                self.pattern(inner)
            }
            GraphPattern::Graph { inner, .. }
            | GraphPattern::Project { inner, .. }
            | GraphPattern::Distinct { inner }
            | GraphPattern::Reduced { inner }
            | GraphPattern::Slice { inner, .. } => self.pattern(inner),
            GraphPattern::Service { .. } => {
                self.asks_others = true;
                1
            }
        }
    }

    fn expression(&mut self, expression: &Expression) {
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
            | Expression::Divide(a, b) => {
                self.expression(a);
                self.expression(b);
            }
            Expression::UnaryPlus(a) | Expression::UnaryMinus(a) | Expression::Not(a) => self.expression(a),
            Expression::If(a, b, c) => {
                self.expression(a);
                self.expression(b);
                self.expression(c);
            }
            Expression::In(a, list) => {
                self.expression(a);
                list.iter().for_each(|item| self.expression(item));
            }
            Expression::Coalesce(list) => list.iter().for_each(|item| self.expression(item)),
            Expression::Exists(pattern) => {
                let solutions = self.pattern(pattern);
                self.nested = self.nested.saturating_mul(solutions.max(1));
            }
            Expression::FunctionCall(function, arguments) => {
                self.growth = self.growth.saturating_mul(growth(function, arguments));
                arguments.iter().for_each(|argument| self.expression(argument));
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
