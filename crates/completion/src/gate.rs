//! When to stay silent: how probable it is that a suggestion is taken, by what is known when it could be shown.
//!
//! A logistic model: what is known becomes [`Features`], numbers of a fixed layout near one, and [`Gate`] weighs them. The
//! weights begin with a prior that believes what the counts and models say of themselves, and are learnt elsewhere from what
//! became of suggestions. There is no clock here and nothing random.
//!
//! A suggestion is worth to be shown where what it saves on average is more than what it costs on average:
//! `p · characters > (1 - p) · COST`. `characters` are at most [`LONG`], so that nothing is shown for its length alone. With the
//! prior that lets everything through of which counts are as sure as [`Thresholds`](crate::Thresholds) want, however short.

use crate::lexer::{is_word, tokens};

/// What it costs to look at a suggestion in vain, in characters that could have been typed.
const COST: f64 = 1.5;
/// More characters than these make no suggestion more valuable.
const LONG: usize = 12;

// The first places of the layout, which the prior weighs.
const BIAS: usize = 0;
const BY_COUNTS: usize = 1;
const SURE_COUNTS: usize = 2;
const SURE_MODEL: usize = 3;
const NAMED: usize = 4;

/// Kinds of the character before the place.
const KINDS: usize = 7;
/// Families of languages share as many weights, by a digest of their names.
const FAMILIES: usize = 8;
/// All others.
const OTHERS: usize = 18;

/// How many features there are.
const WIDTH: usize = NAMED + OTHERS + KINDS + FAMILIES;

/// What is known of a suggestion when it could be shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Moment<'a> {
    /// What would be shown.
    pub text: &'a str,
    /// How probable it is that all of it is right, as who made it says.
    pub probability: f64,
    /// Whether a model made it, and not the counts.
    pub is_by_model: bool,
    /// The line before the place.
    pub before: &'a str,
    /// The line behind it.
    pub behind: &'a str,
    /// The family of languages.
    pub family: &'a str,
    /// Seconds since something was typed, where that is known.
    pub since_key: Option<f64>,
    /// Seconds since a suggestion was put away, where one was.
    pub since_rejection: Option<f64>,
    /// The share of those shown lately in this language that were taken, from 0 to 1, where that is known.
    pub acceptance: Option<f64>,
}

/// A moment in numbers near one.
#[derive(Debug, Clone, PartialEq)]
pub struct Features([f32; WIDTH]);

impl Features {
    /// The number of their layout. Weights and features of another one mean something else.
    pub const LAYOUT: u32 = 1;

    /// The features of a moment.
    #[must_use]
    pub fn of(moment: &Moment<'_>) -> Self {
        let sure = logit(moment.probability) / 3.0;
        let characters = (1.0 + moment.text.chars().count() as f64).ln() / 2.0 - 1.0;
        let words = (1.0 + tokens(moment.text).count() as f64).ln() - 1.0;
        let line = moment.before.trim_start();
        let typed = moment.before.chars().rev().take_while(|&character| is_word(character)).count();
        let first = moment.text.trim_start().chars().next().unwrap_or(' ');
        let is = |yes: bool| f64::from(u8::from(yes));
        let is_member = line.ends_with(['.', ':', '>']);
        let (counted, model) = if moment.is_by_model { (0.0, sure) } else { (sure, 0.0) };
        let named: [f64; NAMED] = [1.0, is(!moment.is_by_model), counted, model];
        let others: [f64; OTHERS] = [
            characters,
            words,
            is(moment.text.trim_end().contains('\n')),
            is(line.is_empty()),
            is(!moment.behind.trim().is_empty()),
            (1.0 + typed as f64).ln() / 2.0,
            moment.since_key.map_or(0.0, |seconds| (1.0 + seconds.clamp(0.0, 3600.0)).ln() / 4.0),
            moment.since_rejection.map_or(0.0, |seconds| (-seconds.max(0.0) / 30.0).exp()),
            moment.acceptance.map_or(0.0, |share| 2.0 * share.clamp(0.0, 1.0) - 0.6),
            is(is_comment(line)),
            is(is_word(first)),
            is(matches!(first, '(' | '[' | '{')),
            is(!moment.text.chars().any(is_word)),
            is(moment.text.contains('(')),
            is(moment.text.trim_end().ends_with([';', '{', ':', ','])),
            sure * characters,
            is(is_member) * sure,
            is(typed > 0) * sure,
        ];
        let kinds = one_of::<KINDS>(kind(moment.before));
        let families = one_of::<FAMILIES>(digest(moment.family) % FAMILIES);
        let mut values = [0.0; WIDTH];
        let all = named.into_iter().chain(others).chain(kinds).chain(families);
        for (value, number) in values.iter_mut().zip(all) {
            *value = number.clamp(-3.0, 3.0) as f32;
        }
        Self(values)
    }

    /// The numbers, in the order of the layout.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        &self.0
    }
}

/// Decides whether a suggestion is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Gate {
    weights: [f32; WIDTH],
}

impl Gate {
    /// The gate that nothing has taught yet: what was made is as probable as its maker says, a model's maker at least half.
    #[must_use]
    pub fn prior() -> Self {
        let mut weights = [0.0; WIDTH];
        // A model tells how sure it is of each token, of which the product is smaller than how often it is right.
        weights[BIAS] = 1.5;
        weights[BY_COUNTS] = -1.5;
        weights[SURE_COUNTS] = 3.0;
        weights[SURE_MODEL] = 1.5;
        Self { weights }
    }

    /// A gate with these weights; none where they do not fit the layout, or are no numbers.
    #[must_use]
    pub fn with(weights: &[f32]) -> Option<Self> {
        let weights: [f32; WIDTH] = weights.try_into().ok()?;
        weights.iter().all(|weight| weight.is_finite()).then_some(Self { weights })
    }

    /// Its weights, in the order of the layout.
    #[must_use]
    pub fn weights(&self) -> &[f32] {
        &self.weights
    }

    /// How probable it is that the suggestion is taken.
    #[must_use]
    pub fn probability(&self, features: &Features) -> f64 {
        let weighed = self.weights.iter().zip(features.0).map(|(weight, feature)| f64::from(weight * feature));
        1.0 / (1.0 + (-weighed.sum::<f64>()).exp())
    }

    /// Whether it is worth to be shown, with so many characters.
    #[must_use]
    pub fn shows(&self, features: &Features, characters: usize) -> bool {
        let probability = self.probability(features);
        probability * characters.min(LONG) as f64 > (1.0 - probability) * COST
    }
}

/// The logarithm of the odds, within what can be told apart.
fn logit(probability: f64) -> f64 {
    if probability.is_nan() {
        return 0.0;
    }
    let probability = probability.clamp(0.002, 0.998);
    (probability / (1.0 - probability)).ln()
}

fn one_of<const COUNT: usize>(place: usize) -> [f64; COUNT] {
    std::array::from_fn(|at| if at == place { 1.0 } else { 0.0 })
}

/// What the line ends with, before the place.
fn kind(before: &str) -> usize {
    match before.chars().next_back() {
        None | Some(' ' | '\t') => 0,
        Some('(' | '[' | '{' | '<') => 1,
        Some('.' | ':') => 2,
        Some(')' | ']' | '}') => 3,
        Some('"' | '\'' | '`') => 4,
        Some(character) if is_word(character) => 5,
        Some(_) => KINDS - 1,
    }
}

/// Whether a line looks like a comment in most languages.
fn is_comment(line: &str) -> bool {
    line.starts_with(['#', '*', ';']) || line.starts_with("--") || line.contains("//") || line.contains("/*")
}

/// FNV-1a, 32 bits: small, and the same everywhere, as what was learnt is kept.
fn digest(name: &str) -> usize {
    let digest =
        name.bytes().fold(0x811c_9dc5_u32, |digest, byte| (digest ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    digest as usize
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use super::*;
    use crate::Thresholds;

    fn moment(text: &str, probability: f64) -> Moment<'_> {
        Moment {
            text,
            probability,
            is_by_model: false,
            before: "    shape.wi",
            behind: "",
            family: "rs",
            since_key: Some(0.1),
            since_rejection: None,
            acceptance: Some(0.3),
        }
    }

    #[test]
    fn the_prior_lets_everything_through_that_passes_the_thresholds() {
        let prior = Gate::prior();
        let least = Thresholds::default().probability;
        for step in 0..=100 {
            let probability = least + (1.0 - least) * f64::from(step) / 100.0;
            for text in ["x", ")", "dth()", "dth() * shape.height();", "a\nb\nc"] {
                for (before, behind) in [("", ""), ("    ", ""), ("f(", ")"), ("// note", ""), ("a.", "b")] {
                    for since_rejection in [None, Some(0.0), Some(90.0)] {
                        for acceptance in [None, Some(0.0), Some(1.0)] {
                            let known = moment(text, probability);
                            let moment = Moment { before, behind, since_rejection, acceptance, ..known };
                            let features = Features::of(&moment);
                            assert!(prior.shows(&features, text.chars().count()), "{moment:?}");
                            let model = Features::of(&Moment { is_by_model: true, ..moment });
                            assert!(prior.shows(&model, text.chars().count()), "a model's {text}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn the_prior_believes_the_counts_and_is_surer_of_what_is_more_probable() {
        let prior = Gate::prior();
        let mut last = 0.0;
        for step in 1..20 {
            let probability = f64::from(step) / 20.0;
            let told = prior.probability(&Features::of(&moment("dth()", probability)));
            assert!((told - probability).abs() < 1.0e-3 && told > last, "{probability} {told}");
            last = told;
        }
        let model = |probability| {
            prior.probability(&Features::of(&Moment { is_by_model: true, ..moment("dth()", probability) }))
        };
        assert!(model(0.3) > 0.6 && model(0.3) < model(0.6), "{}", model(0.3));
    }

    #[test]
    fn a_long_suggestion_may_be_less_probable_than_a_short_one() {
        let prior = Gate::prior();
        let features = Features::of(&moment("dth()", 0.3));
        assert!(!prior.shows(&features, 2) && prior.shows(&features, 5));
        let hopeless = Features::of(&moment("dth()", 0.05));
        assert!(!prior.shows(&hopeless, 5_000), "nothing is shown for its length alone");
    }

    #[test]
    fn features_have_one_layout_and_are_near_one() {
        let texts = ["", "x", "\n", "f(a, b) {", "é名🙂", &"long ".repeat(4_000)];
        for text in texts {
            for before in ["", "\t", "foo", "foo(", "a.", "a)", "\"", "a + ", "=", "é"] {
                for probability in [f64::NAN, -1.0, 0.0, 0.5, 1.0, 9.0] {
                    let (since_key, since_rejection) = (Some(1.0e12), Some(-5.0));
                    let known = moment(text, probability);
                    let features = Features::of(&Moment { before, since_key, since_rejection, ..known });
                    assert!(
                        features.values().iter().all(|value| value.abs() <= 3.0),
                        "{text:?} {before:?} {features:?}"
                    );
                    assert_eq!(features.values().len(), Gate::prior().weights().len());
                }
            }
        }
        let features = Features::of(&moment("dth()", 0.8));
        assert_eq!(features.values()[..NAMED], [1.0, 1.0, features.values()[SURE_COUNTS], 0.0]);
        let kinds = &features.values()[NAMED + OTHERS..NAMED + OTHERS + KINDS];
        assert_eq!(kinds, [0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 0.0], "a word is typed");
        assert_eq!(features.values()[WIDTH - FAMILIES..].iter().sum::<f32>(), 1.0);
    }

    #[test]
    fn weights_that_do_not_fit_make_no_gate() {
        let prior = Gate::prior();
        assert_eq!(Gate::with(prior.weights()), Some(prior.clone()));
        assert_eq!(Gate::with(&prior.weights()[1..]), None);
        let mut broken = prior.weights().to_vec();
        *broken.last_mut().unwrap() = f32::NAN;
        assert_eq!(Gate::with(&broken), None);
    }
}
