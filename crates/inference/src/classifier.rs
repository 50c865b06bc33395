//! Learns a logistic model on the CPU: Newton's method on burn's tensors, with the weights drawn to a prior.
//!
//! What is made as small as possible is the sum over all examples of weight times cross-entropy, and half of `hold` times the
//! squared distance of the weights from the prior. That has one minimum, so what comes out depends on the training alone. The
//! gradient and the curvature come from tensors; the system of a few dozen equations that a step solves is solved in 64 bits
//! (Cholesky), and a step that would not help is halved until it does.

use ambit_domain::port::Training;
use burn::tensor::{Device, Tensor, TensorData, activation};

use crate::{Error, Result};

/// More examples and features are not taken: a frame of a stranger must not keep the worker busy.
const MOST_EXAMPLES: usize = 20_000;
const MOST_FEATURES: usize = 256;
/// No number is further from zero.
const LARGEST: f32 = 1.0e4;
/// Newton's method needs about six steps; more than this are not made.
const STEPS: usize = 40;
/// How often a step is halved.
const HALVES: usize = 12;
/// A step that moves no weight further than this is the last one.
const STILL: f64 = 1.0e-5;

/// The weights that a training comes to.
///
/// # Errors
/// [`Error::Training`] for one that is too large, is not of one length, or holds what is no number.
pub(crate) fn train(training: &Training) -> Result<Vec<f32>> {
    check(training)?;
    if training.examples.is_empty() {
        return Ok(training.prior.clone());
    }
    let examples = Examples::of(training);
    let prior: Vec<f64> = training.prior.iter().copied().map(f64::from).collect();
    let hold = f64::from(training.hold);
    let mut weights = prior.clone();
    let mut loss = examples.loss(&weights, &prior, hold)?;
    for _ in 0..STEPS {
        let (mut gradient, mut curvature) = examples.slope(&weights)?;
        for (place, slope) in gradient.iter_mut().enumerate() {
            *slope += hold * (weights[place] - prior[place]);
            curvature[place * prior.len() + place] += hold;
        }
        let step = solved(curvature, gradient).ok_or_else(|| Error::Training("it has no solution".to_owned()))?;
        let mut share = 1.0;
        let mut moved = None;
        for _ in 0..HALVES {
            let tried: Vec<f64> = weights.iter().zip(&step).map(|(weight, step)| weight - share * step).collect();
            let tried_loss = examples.loss(&tried, &prior, hold)?;
            if tried_loss < loss {
                moved = Some((tried, tried_loss));
                break;
            }
            share /= 2.0;
        }
        let Some((better, better_loss)) = moved else { break };
        let furthest = better.iter().zip(&weights).map(|(new, old)| (new - old).abs()).fold(0.0, f64::max);
        (weights, loss) = (better, better_loss);
        if furthest < STILL {
            break;
        }
    }
    let learnt: Vec<f32> = weights.into_iter().map(|weight| weight as f32).collect();
    if learnt.iter().all(|weight| weight.is_finite()) {
        Ok(learnt)
    } else {
        Err(Error::Training("its weights grew without end".to_owned()))
    }
}

fn check(training: &Training) -> Result<()> {
    let refused = |reason: String| Err(Error::Training(reason));
    let Training { examples, prior, hold } = training;
    if examples.len() > MOST_EXAMPLES || prior.is_empty() || prior.len() > MOST_FEATURES {
        let size = format!("{} examples of {} features", examples.len(), prior.len());
        return refused(format!("it has {size}, and {MOST_EXAMPLES} of 1 to {MOST_FEATURES} are possible"));
    }
    let is_sane = |number: &f32| number.is_finite() && number.abs() <= LARGEST;
    if !is_sane(hold) || *hold <= 0.0 || !prior.iter().all(is_sane) {
        return refused("its prior holds what is no usable number".to_owned());
    }
    for (place, example) in examples.iter().enumerate() {
        if example.features.len() != prior.len() {
            let lengths = format!("{} features, and the prior {}", example.features.len(), prior.len());
            return refused(format!("example {place} has {lengths}"));
        }
        let is_usable = example.features.iter().all(is_sane)
            && (0.0..=1.0).contains(&example.label)
            && is_sane(&example.weight)
            && example.weight >= 0.0;
        if !is_usable {
            return refused(format!("example {place} holds what is no usable number"));
        }
    }
    Ok(())
}

/// The examples as tensors: a row of features for each, and columns of labels and weights.
struct Examples {
    features: Tensor<2>,
    labels: Tensor<2>,
    weights: Tensor<2>,
    count: usize,
    width: usize,
    device: Device,
}

impl Examples {
    fn of(training: &Training) -> Self {
        let device = Device::flex();
        let (count, width) = (training.examples.len(), training.prior.len());
        let tensor =
            |values: Vec<f32>, columns| Tensor::<2>::from_data(TensorData::new(values, [count, columns]), &device);
        let all = || training.examples.iter();
        let features = tensor(all().flat_map(|example| example.features.iter().copied()).collect(), width);
        let labels = tensor(all().map(|example| example.label).collect(), 1);
        let weights = tensor(all().map(|example| example.weight).collect(), 1);
        Self { features, labels, weights, count, width, device }
    }

    /// What each example adds up to.
    fn scores(&self, weights: &[f64]) -> Tensor<2> {
        let column: Vec<f32> = weights.iter().map(|weight| *weight as f32).collect();
        let column = Tensor::<2>::from_data(TensorData::new(column, [self.width, 1]), &self.device);
        self.features.clone().matmul(column)
    }

    /// The sum that is made as small as possible.
    fn loss(&self, weights: &[f64], prior: &[f64], hold: f64) -> Result<f64> {
        let scores = numbers(self.scores(weights))?;
        let (labels, counts) = (numbers(self.labels.clone())?, numbers(self.weights.clone())?);
        let examples = scores.iter().zip(&labels).zip(&counts).map(|((score, label), count)| {
            // The logarithm of 1 + exp(score), whatever the score is.
            let softplus = score.max(0.0) + (-score.abs()).exp().ln_1p();
            count * (softplus - label * score)
        });
        let distance: f64 = weights.iter().zip(prior).map(|(weight, prior)| (weight - prior).powi(2)).sum();
        Ok(examples.sum::<f64>() + hold / 2.0 * distance)
    }

    /// The gradient and the curvature of what the examples say, without the prior.
    fn slope(&self, weights: &[f64]) -> Result<(Vec<f64>, Vec<f64>)> {
        let chances = activation::sigmoid(self.scores(weights));
        let errors = (chances.clone() - self.labels.clone()) * self.weights.clone();
        let columns = self.features.clone().transpose();
        let gradient = columns.clone().matmul(errors);
        let doubts = (chances.clone() - chances.clone() * chances) * self.weights.clone();
        let scaled = self.features.clone() * doubts.expand([self.count, self.width]);
        Ok((numbers(gradient)?, numbers(columns.matmul(scaled))?))
    }
}

fn numbers(tensor: Tensor<2>) -> Result<Vec<f64>> {
    let values: Vec<f32> = tensor.try_into_vec_as().map_err(Error::device)?;
    Ok(values.into_iter().map(f64::from).collect())
}

/// Solves a system with a symmetric, positive matrix by its Cholesky factor; none when it is not positive.
fn solved(mut matrix: Vec<f64>, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        for row in column..size {
            let known: f64 = (0..column).map(|at| matrix[row * size + at] * matrix[column * size + at]).sum();
            let left = matrix[row * size + column] - known;
            matrix[row * size + column] = if row == column {
                if left.is_nan() || left <= 0.0 {
                    return None;
                }
                left.sqrt()
            } else {
                left / matrix[column * size + column]
            };
        }
    }
    for row in 0..size {
        let known: f64 = (0..row).map(|at| matrix[row * size + at] * right[at]).sum();
        right[row] = (right[row] - known) / matrix[row * size + row];
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|at| matrix[at * size + row] * right[at]).sum();
        right[row] = (right[row] - known) / matrix[row * size + row];
    }
    Some(right)
}

#[cfg(test)]
#[expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]
mod tests {
    use ambit_domain::ErrorCode;
    use ambit_domain::port::TrainingExample;
    use rand_chacha::ChaCha8Rng;
    use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

    use super::*;

    /// From 0 to 1.
    fn share(random: &mut ChaCha8Rng) -> f32 {
        random.next_u32() as f32 / u32::MAX as f32
    }

    /// What a model with these weights would have said of random features.
    fn examples(weights: &[f32], count: usize) -> Vec<TrainingExample> {
        let mut random = ChaCha8Rng::seed_from_u64(7);
        let mut example = || {
            let mut features = vec![1.0];
            features.extend((1..weights.len()).map(|_| 4.0 * share(&mut random) - 2.0));
            let score: f32 = features.iter().zip(weights).map(|(feature, weight)| feature * weight).sum();
            let label = f32::from(share(&mut random) < 1.0 / (1.0 + (-score).exp()));
            TrainingExample { features, label, weight: 1.0 }
        };
        (0..count).map(|_| example()).collect()
    }

    fn training(examples: Vec<TrainingExample>, hold: f32) -> Training {
        let width = examples.first().map_or(3, |example| example.features.len());
        Training { examples, prior: vec![0.0; width], hold }
    }

    #[test]
    fn a_known_model_is_found_again_and_always_the_same() {
        let weights = [0.5, -1.5, 2.0, 0.0, 0.75];
        let training = training(examples(&weights, 8_000), 0.01);
        let learnt = train(&training).unwrap();
        for (known, found) in weights.iter().zip(&learnt) {
            assert!((known - found).abs() < 0.15, "{known} {found} of {learnt:?}");
        }
        assert_eq!(train(&training).unwrap(), learnt);
    }

    #[test]
    fn few_examples_move_little_and_none_moves_nothing() {
        let seen = examples(&[0.0, 3.0], 20);
        let prior = vec![1.0, -1.0];
        let with =
            |examples: Vec<TrainingExample>, hold| train(&Training { examples, prior: prior.clone(), hold }).unwrap();
        let distance = |weights: &[f32]| -> f32 {
            weights.iter().zip(&prior).map(|(weight, prior)| (weight - prior).powi(2)).sum()
        };
        let (loose, held) = (with(seen.clone(), 0.1), with(seen.clone(), 1_000.0));
        assert!(distance(&held) < 0.01 && distance(&loose) > 1.0, "{held:?} {loose:?}");
        assert_eq!(with(Vec::new(), 1.0), prior);
        let weightless = seen.into_iter().map(|example| TrainingExample { weight: 0.0, ..example }).collect();
        assert_eq!(with(weightless, 1.0), prior);
    }

    #[test]
    fn what_is_always_so_is_learnt_without_end() {
        let always = vec![TrainingExample { features: vec![1.0, 1.0], label: 1.0, weight: 1.0 }; 500];
        let learnt = train(&training(always, 1.0e-3)).unwrap();
        assert!(learnt.iter().all(|weight| (1.0..20.0).contains(weight)), "{learnt:?}");
    }

    #[test]
    fn what_is_no_number_or_of_another_length_is_refused_with_its_place() {
        let refused = |change: &dyn Fn(&mut Training)| {
            let mut training = training(examples(&[0.0, 1.0, 1.0], 3), 1.0);
            change(&mut training);
            let error = train(&training).unwrap_err();
            assert_eq!(error.code(), ErrorCode::InvalidInput, "{error}");
            error.to_string()
        };
        assert!(refused(&|training| training.examples[2].features[1] = f32::NAN).contains("example 2"));
        assert!(refused(&|training| training.examples[1].label = 1.5).contains("example 1"));
        assert!(refused(&|training| training.examples[0].weight = -1.0).contains("example 0"));
        assert!(refused(&|training| training.examples[1].features.truncate(2)).contains("2 features"));
        assert!(refused(&|training| training.prior[0] = f32::INFINITY).contains("prior"));
        assert!(refused(&|training| training.hold = 0.0).contains("prior"));
        assert!(refused(&|training| training.prior.clear()).contains("0 features"));
        let one = TrainingExample { features: vec![0.0; 3], label: 0.0, weight: 1.0 };
        assert!(refused(&|training| training.examples = vec![one.clone(); 20_001]).contains("20001 examples"));
    }
}
