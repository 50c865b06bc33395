//! Which token follows.

use std::collections::HashSet;

use ambit_domain::SamplingOptions;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

/// Chooses one token after the other. What it chooses depends on its options, its seed, and the logits so far, one draw for
/// each token.
pub(crate) struct Sampler {
    options: SamplingOptions,
    random: ChaCha8Rng,
    /// Tokens of the text so far, for the penalty.
    seen: HashSet<u32>,
    /// Tokens with their logits, kept between choices.
    candidates: Vec<(u32, f32)>,
}

impl Sampler {
    /// `seed` counts where the options name none.
    pub(crate) fn new(options: SamplingOptions, seed: u64, prompt: &[u32]) -> Self {
        let random = ChaCha8Rng::seed_from_u64(options.seed.unwrap_or(seed));
        let is_penalised = options.repetition_penalty != 1.0;
        let seen = if is_penalised { prompt.iter().copied().collect() } else { HashSet::new() };
        Self { options, random, seen, candidates: Vec::new() }
    }

    /// The token that follows, taken into account from now on.
    pub(crate) fn choose(&mut self, logits: &[f32]) -> u32 {
        let token = if self.options.temperature > 0.0 { self.draw(logits) } else { self.best(logits) };
        if self.options.repetition_penalty != 1.0 {
            self.seen.insert(token);
        }
        token
    }

    /// The logit of a token with the penalty: divided where it is positive, else multiplied (Keskar et al. 2019, "CTRL").
    fn penalised(&self, token: u32, logit: f32) -> f32 {
        let penalty = self.options.repetition_penalty;
        if penalty == 1.0 || !self.seen.contains(&token) {
            logit
        } else if logit > 0.0 {
            logit / penalty
        } else {
            logit * penalty
        }
    }

    /// The likeliest; of equal ones the first.
    fn best(&self, logits: &[f32]) -> u32 {
        if self.options.repetition_penalty == 1.0 {
            return likeliest(logits);
        }
        let mut best = (0, f32::NEG_INFINITY);
        for (token, logit) in (0_u32..).zip(logits) {
            let logit = self.penalised(token, *logit);
            if logit > best.1 {
                best = (token, logit);
            }
        }
        best.0
    }

    fn draw(&mut self, logits: &[f32]) -> u32 {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        let by = 1.0 / self.options.temperature;
        candidates.extend((0_u32..).zip(logits).map(|(token, logit)| (token, self.penalised(token, *logit) * by)));
        let token = self.draw_from(&mut candidates).unwrap_or_else(|| self.best(logits));
        self.candidates = candidates;
        token
    }

    /// Draws from candidates after leaving out what the options leave out. None when the logits are no numbers.
    fn draw_from(&mut self, candidates: &mut Vec<(u32, f32)>) -> Option<u32> {
        // Always drawn, so that the draws that follow do not depend on what the options leave over.
        let drawn = (self.random.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32);
        candidates.retain(|(_, logit)| !logit.is_nan());
        let by_logit = |left: &(u32, f32), right: &(u32, f32)| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0));
        if let Some(most) = self.options.top_k.map(|most| most.max(1) as usize)
            && most < candidates.len()
        {
            candidates.select_nth_unstable_by(most - 1, by_logit);
            candidates.truncate(most);
        }
        let largest = candidates.iter().map(|(_, logit)| *logit).fold(f32::NEG_INFINITY, f32::max);
        if !largest.is_finite() {
            return None;
        }
        if self.options.min_p > 0.0 {
            let least = largest + self.options.min_p.min(1.0).ln();
            candidates.retain(|(_, logit)| *logit >= least);
        }
        // From here on a number is a weight relative to that of the likeliest token.
        candidates.iter_mut().for_each(|(_, logit)| *logit = (*logit - largest).exp());
        if self.options.top_p < 1.0 {
            candidates.sort_unstable_by(by_logit);
            let enough = self.options.top_p.max(0.0) * candidates.iter().map(|(_, weight)| weight).sum::<f32>();
            let mut sum = 0.0;
            let kept = candidates.iter().position(|(_, weight)| {
                sum += weight;
                sum >= enough
            });
            candidates.truncate(kept.map_or(candidates.len(), |last| last + 1));
        } else {
            // The order in which weights are added up must not depend on how the candidates were selected.
            candidates.sort_unstable_by_key(|(token, _)| *token);
        }
        let mut left = drawn * candidates.iter().map(|(_, weight)| weight).sum::<f32>();
        let found = candidates.iter().find(|(_, weight)| {
            left -= weight;
            left < 0.0
        });
        found.or(candidates.last()).map(|(token, _)| *token)
    }
}

/// The first of the largest numbers. First the largest of each piece, which the compiler does for many numbers at once, then
/// its place.
fn likeliest(logits: &[f32]) -> u32 {
    const PIECE: usize = 1024;
    let (mut best, mut piece_of_best) = (f32::NEG_INFINITY, 0);
    for (piece, logits) in logits.chunks(PIECE).enumerate() {
        let mut lanes = [f32::NEG_INFINITY; 16];
        let (wholes, rest) = logits.as_chunks::<16>();
        for whole in wholes {
            // A comparison with what is no number is false.
            lanes.iter_mut().zip(whole).for_each(|(lane, logit)| *lane = if *logit > *lane { *logit } else { *lane });
        }
        let largest = lanes.iter().chain(rest).fold(f32::NEG_INFINITY, |largest, logit| largest.max(*logit));
        if largest > best {
            (best, piece_of_best) = (largest, piece);
        }
    }
    let piece = logits.chunks(PIECE).nth(piece_of_best).unwrap_or_default();
    let place = piece.iter().position(|logit| *logit == best).map_or(0, |place| piece_of_best * PIECE + place);
    u32::try_from(place).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sampler(options: SamplingOptions) -> Sampler {
        Sampler::new(options, 7, &[1])
    }

    fn frequencies(options: &SamplingOptions, logits: &[f32]) -> Vec<f32> {
        let mut sampler = sampler(options.clone());
        let mut counts = vec![0.0; logits.len()];
        (0..20_000).for_each(|_| counts[sampler.choose(logits) as usize] += 1.0 / 20_000.0);
        counts
    }

    #[test]
    fn without_temperature_the_likeliest_is_taken() {
        let mut sampler = sampler(SamplingOptions::default());
        assert_eq!(sampler.choose(&[0.0, 3.0, 3.0, f32::NAN]), 1);
        assert_eq!(sampler.choose(&[f32::NAN, f32::NAN]), 0);
    }

    #[test]
    fn tokens_come_as_often_as_their_probabilities_say() {
        let logits = [1.0_f32, 0.0, 2.0, -1.0];
        let options = SamplingOptions { temperature: 0.5, ..SamplingOptions::default() };
        let sum: f32 = logits.iter().map(|logit| (logit * 2.0).exp()).sum();
        for (found, logit) in frequencies(&options, &logits).iter().zip(logits) {
            let wanted = (logit * 2.0).exp() / sum;
            assert!((found - wanted).abs() < 0.015, "{found} instead of {wanted}");
        }
    }

    #[test]
    fn unlikely_tokens_are_left_out() {
        let logits = [3.0, 2.9, 1.0, 0.0, -4.0];
        let warm = SamplingOptions { temperature: 1.0, ..SamplingOptions::default() };
        for (options, kept) in [
            (SamplingOptions { top_k: Some(2), ..warm.clone() }, 2),
            (SamplingOptions { top_k: Some(0), ..warm.clone() }, 1),
            (SamplingOptions { top_p: 0.4, ..warm.clone() }, 1),
            (SamplingOptions { top_p: 0.8, ..warm.clone() }, 2),
            (SamplingOptions { min_p: 0.1, ..warm.clone() }, 3),
            (SamplingOptions { top_p: 0.0, ..warm.clone() }, 1),
            (warm, 5),
        ] {
            let found = frequencies(&options, &logits);
            assert!(found[..kept].iter().all(|share| *share > 0.0), "{options:?}: {found:?}");
            assert!(found[kept..].iter().all(|share| *share == 0.0), "{options:?}: {found:?}");
        }
    }

    #[test]
    fn what_was_said_becomes_less_likely() {
        let options = SamplingOptions { repetition_penalty: 2.0, ..SamplingOptions::default() };
        let mut sampler = sampler(options);
        assert_eq!(sampler.choose(&[1.0, 1.5, -1.0]), 0, "1 stands in the prompt");
        assert_eq!(sampler.choose(&[1.0, 0.9, 0.6]), 2, "0 was said");
        assert_eq!(sampler.choose(&[-0.4, -0.6, -0.5]), 0, "negative ones are multiplied");
    }

    #[test]
    fn a_seed_makes_a_text_come_again() {
        let options = SamplingOptions { temperature: 1.0, seed: Some(3), ..SamplingOptions::default() };
        let logits: Vec<f32> = (0..50).map(|token| (token % 7) as f32 * 0.3).collect();
        let text = |other: u64| {
            let mut sampler = Sampler::new(options.clone(), other, &[]);
            (0..40).map(|_| sampler.choose(&logits)).collect::<Vec<_>>()
        };
        assert_eq!(text(1), text(2));
        let mut unseeded = Sampler::new(SamplingOptions { seed: None, ..options.clone() }, 9, &[]);
        assert_ne!((0..40).map(|_| unseeded.choose(&logits)).collect::<Vec<_>>(), text(1));
    }
}
