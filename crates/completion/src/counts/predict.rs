//! What is typed next: some tokens, as far as it is probable enough.

use super::model::{Candidate, Model};
use crate::lexer::{LINE_END, between, is_word, tokens};

/// When something is worth to be shown.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Thresholds {
    /// How probable it must be that all of it is right.
    pub probability: f64,
    /// What a suggestion must save, on average, in characters.
    pub gain: f64,
}

impl Default for Thresholds {
    fn default() -> Self {
        Self { probability: 0.7, gain: 0.4 }
    }
}

/// What follows, in the same line.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Prediction {
    /// The text, which begins where one types.
    pub(crate) text: String,
    /// How probable it is that all of it follows.
    pub(crate) probability: f64,
}

/// How far a line is looked ahead, in tokens.
const LONGEST: usize = 24;
/// How far a context reaches back, in bytes.
const CONTEXT: usize = 1_000;
/// What ends a line, alone or together.
const LINE_ENDS: [char; 2] = ['\n', '\r'];

/// What is before the place where one types.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Before<'a> {
    /// Whole tokens, the last one last.
    pub(crate) context: Vec<&'a str>,
    /// The beginning of a token that may go on.
    pub(crate) prefix: &'a str,
    /// Blanks after the last token.
    pub(crate) blanks: &'a str,
}

/// Reads what is before the place where one types.
pub(crate) fn before(text: &str) -> Before<'_> {
    let from = text.ceil_char_boundary(text.len().saturating_sub(CONTEXT));
    let from = text[from..].find(LINE_ENDS).map_or(from, |line| from + line);
    let near = &text[from..];
    let mut context = vec![LINE_END];
    context.extend(tokens(near).map(|token| token.text));
    let line = near.trim_end_matches([' ', '\t']);
    let blanks = &near[line.len()..];
    if line.is_empty() || line.ends_with(LINE_ENDS) {
        if context.last() != Some(&LINE_END) {
            context.push(LINE_END);
        }
        return Before { context, prefix: "", blanks: "" };
    }
    let last = context.last().copied().unwrap_or_default();
    let goes_on = blanks.is_empty() && line.ends_with(last) && (last.chars().all(is_word) || may_grow(last));
    if goes_on {
        context.pop();
        return Before { context, prefix: last, blanks: "" };
    }
    Before { context, prefix: "", blanks }
}

fn may_grow(operator: &str) -> bool {
    matches!(operator, ":" | "-" | "=" | "!" | "<" | ">" | "&" | "|" | "+" | "*" | "/" | "." | "..")
}

/// The best continuations, the best first.
pub(crate) fn predict(model: &Model, before: &Before<'_>, thresholds: Thresholds, limit: usize) -> Vec<Prediction> {
    let mut firsts = model.next(&before.context, before.prefix);
    if !before.blanks.is_empty() {
        firsts.retain(|first| first.gap != 0 || first.text == LINE_END);
    }
    let mut found: Vec<Prediction> =
        firsts.into_iter().take(limit.max(1)).filter_map(|first| follow(model, before, first, thresholds)).collect();
    found.sort_by(|a, b| gain(b).total_cmp(&gain(a)));
    found.truncate(limit);
    found
}

fn gain(prediction: &Prediction) -> f64 {
    prediction.probability * (prediction.text.chars().count() as f64) - 1.0
}

fn follow(model: &Model, before: &Before<'_>, first: Candidate, thresholds: Thresholds) -> Option<Prediction> {
    let mut context: Vec<String> = before.context.iter().map(|&token| token.to_owned()).collect();
    let mut text = String::new();
    let mut probability = 1.0;
    let mut best: Option<Prediction> = None;
    let mut next = Some(first);
    for step in 0..LONGEST {
        let Some(candidate) = next.take() else { break };
        probability *= candidate.probability;
        if probability < thresholds.probability || candidate.text == LINE_END {
            break;
        }
        if step == 0 {
            let is_fresh = before.prefix.is_empty();
            let is_line_start = before.context.last() == Some(&LINE_END);
            if is_fresh && !is_line_start {
                text.push_str(between(candidate.gap).strip_prefix(before.blanks).unwrap_or_default());
            }
            // It begins like this, unless a file of counts is broken.
            text.push_str(candidate.text.get(before.prefix.len()..).unwrap_or_default());
        } else {
            text.push_str(&between(candidate.gap));
            text.push_str(&candidate.text);
        }
        let prediction = Prediction { text: text.clone(), probability };
        if !text.is_empty()
            && gain(&prediction) >= thresholds.gain
            && best.as_ref().is_none_or(|best| gain(best) < gain(&prediction))
        {
            best = Some(prediction);
        }
        context.push(candidate.text);
        let borrowed: Vec<&str> = context.iter().map(String::as_str).collect();
        next = model.next(&borrowed, "").into_iter().next();
    }
    best
}
