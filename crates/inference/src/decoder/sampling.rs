//! Which token follows.

use std::cmp::Ordering;
use std::collections::{HashMap, VecDeque};

use ambit_domain::SamplingOptions;
use ambit_domain::port::{TokenProbability, WrittenToken};
use llguidance::toktrie::SimpleVob;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore as _, SeedableRng as _};

use crate::vocabulary::Vocabulary;

/// Chooses one token after the other. What it chooses depends on its options, its seed, the logits so far and the tokens that
/// were allowed, one draw for each token.
pub(crate) struct Sampler {
    options: SamplingOptions,
    random: ChaCha8Rng,
    /// Tokens within the window of the penalties: how often each stands there, and how often the model wrote it.
    seen: HashMap<u32, Seen>,
    /// The same tokens in their order, where the window ends, and whether the model wrote them.
    window: VecDeque<(u32, bool)>,
    /// Tokens with their logits, kept between choices.
    candidates: Vec<(u32, f32)>,
}

/// How often a token stands in a text.
#[derive(Debug, Clone, Copy, Default)]
struct Seen {
    all: u32,
    written: u32,
}

impl Sampler {
    /// `seed` counts where the options name none.
    pub(crate) fn new(options: SamplingOptions, seed: u64, prompt: &[u32]) -> Self {
        let random = ChaCha8Rng::seed_from_u64(options.seed.unwrap_or(seed));
        let mut sampler =
            Self { options, random, seen: HashMap::new(), window: VecDeque::new(), candidates: Vec::new() };
        prompt.iter().for_each(|token| sampler.remember(*token, false));
        sampler
    }

    /// The token that follows, one of those that are allowed, taken into account from now on.
    pub(crate) fn choose(&mut self, logits: &[f32], allowed: Option<&SimpleVob>) -> u32 {
        let token =
            if self.options.temperature > 0.0 { self.draw(logits, allowed) } else { self.best(logits, allowed) };
        self.remember(token, true);
        token
    }

    /// What is told of a token that was chosen, if it is to be told.
    pub(crate) fn told(&self, vocabulary: &Vocabulary, logits: &[f32], token: u32) -> Option<WrittenToken> {
        let most = usize::try_from(self.options.logprobs?).unwrap_or(usize::MAX).min(logits.len());
        let largest = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let sum: f64 = logits.iter().map(|logit| f64::from(logit - largest).exp()).sum();
        let whole = f64::from(largest) + sum.ln();
        let probability = |token: u32| {
            let logit = usize::try_from(token).ok().and_then(|place| logits.get(place)).copied();
            let logprob = (f64::from(logit.unwrap_or(f32::NEG_INFINITY)) - whole) as f32;
            // JSON has no number for what is impossible.
            let logprob = if logprob.is_finite() { logprob } else { f32::MIN };
            TokenProbability { bytes: vocabulary.token_bytes(token).unwrap_or_default().to_vec(), logprob }
        };
        let mut likeliest: Vec<(u32, f32)> = (0_u32..).zip(logits.iter().copied()).collect();
        if most < likeliest.len() && most > 0 {
            likeliest.select_nth_unstable_by(most - 1, by_logit);
        }
        likeliest.truncate(most);
        likeliest.sort_unstable_by(by_logit);
        let likeliest = likeliest.into_iter().map(|(token, _)| probability(token)).collect();
        Some(WrittenToken { token: probability(token), likeliest })
    }

    fn is_penalised(&self) -> bool {
        let options = &self.options;
        options.repetition_penalty != 1.0 || options.frequency_penalty != 0.0 || options.presence_penalty != 0.0
    }

    /// Takes a token into the window of the penalties.
    fn remember(&mut self, token: u32, is_written: bool) {
        if !self.is_penalised() {
            return;
        }
        if let Some(most) = self.options.penalty_window {
            self.window.push_back((token, is_written));
            if self.window.len() > usize::try_from(most).unwrap_or(usize::MAX) {
                self.window.pop_front().into_iter().for_each(|(token, is_written)| self.forget(token, is_written));
            }
            if most == 0 {
                return;
            }
        }
        let seen = self.seen.entry(token).or_default();
        seen.all += 1;
        seen.written += u32::from(is_written);
    }

    fn forget(&mut self, token: u32, is_written: bool) {
        if let Some(seen) = self.seen.get_mut(&token) {
            seen.all -= 1;
            seen.written -= u32::from(is_written);
            if seen.all == 0 {
                self.seen.remove(&token);
            }
        }
    }

    /// The logit of a token with the penalties. That for repetition divides where it is positive and multiplies otherwise
    /// (Keskar et al. 2019, "CTRL"); the others are taken off.
    fn penalised(&self, token: u32, logit: f32) -> f32 {
        if !self.is_penalised() {
            return logit;
        }
        let Some(seen) = self.seen.get(&token) else { return logit };
        let penalty = self.options.repetition_penalty;
        let logit = if penalty == 1.0 {
            logit
        } else if logit > 0.0 {
            logit / penalty
        } else {
            logit * penalty
        };
        let written = f32::from(seen.written > 0);
        logit - self.options.frequency_penalty * seen.written as f32 - self.options.presence_penalty * written
    }

    /// The likeliest; of equal ones the first.
    fn best(&self, logits: &[f32], allowed: Option<&SimpleVob>) -> u32 {
        if allowed.is_none() && !self.is_penalised() {
            return likeliest(logits);
        }
        let mut best = (allowed.and_then(SimpleVob::first_bit_set).unwrap_or_default() as u32, f32::NEG_INFINITY);
        for (token, logit) in (0_u32..).zip(logits) {
            if !is_allowed(allowed, token) {
                continue;
            }
            let logit = self.penalised(token, *logit);
            if logit > best.1 {
                best = (token, logit);
            }
        }
        best.0
    }

    fn draw(&mut self, logits: &[f32], allowed: Option<&SimpleVob>) -> u32 {
        let mut candidates = std::mem::take(&mut self.candidates);
        candidates.clear();
        let by = 1.0 / self.options.temperature;
        let tokens = (0_u32..).zip(logits).filter(|(token, _)| is_allowed(allowed, *token));
        candidates.extend(tokens.map(|(token, logit)| (token, self.penalised(token, *logit) * by)));
        let token = self.draw_from(&mut candidates).unwrap_or_else(|| self.best(logits, allowed));
        self.candidates = candidates;
        token
    }

    /// Draws from candidates after leaving out what the options leave out. None when the logits are no numbers.
    fn draw_from(&mut self, candidates: &mut Vec<(u32, f32)>) -> Option<u32> {
        // Always drawn, so that the draws that follow do not depend on what the options leave over.
        let drawn = (self.random.next_u32() >> 8) as f32 * (1.0 / (1 << 24) as f32);
        candidates.retain(|(_, logit)| !logit.is_nan());
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

/// The likeliest first; of equal ones the first.
fn by_logit(left: &(u32, f32), right: &(u32, f32)) -> Ordering {
    right.1.total_cmp(&left.1).then(left.0.cmp(&right.0))
}

fn is_allowed(allowed: Option<&SimpleVob>, token: u32) -> bool {
    allowed.is_none_or(|allowed| (token as usize) < allowed.len() && allowed.is_allowed(token))
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
        (0..20_000).for_each(|_| counts[sampler.choose(logits, None) as usize] += 1.0 / 20_000.0);
        counts
    }

    #[test]
    fn without_temperature_the_likeliest_is_taken() {
        let mut sampler = sampler(SamplingOptions::default());
        assert_eq!(sampler.choose(&[0.0, 3.0, 3.0, f32::NAN], None), 1);
        assert_eq!(sampler.choose(&[f32::NAN, f32::NAN], None), 0);
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
        assert_eq!(sampler.choose(&[1.0, 1.5, -1.0], None), 0, "1 stands in the prompt");
        assert_eq!(sampler.choose(&[1.0, 0.9, 0.6], None), 2, "0 was said");
        assert_eq!(sampler.choose(&[-0.4, -0.6, -0.5], None), 0, "negative ones are multiplied");
    }

    #[test]
    fn a_seed_makes_a_text_come_again() {
        let options = SamplingOptions { temperature: 1.0, seed: Some(3), ..SamplingOptions::default() };
        let logits: Vec<f32> = (0..50).map(|token| (token % 7) as f32 * 0.3).collect();
        let text = |other: u64| {
            let mut sampler = Sampler::new(options.clone(), other, &[]);
            (0..40).map(|_| sampler.choose(&logits, None)).collect::<Vec<_>>()
        };
        assert_eq!(text(1), text(2));
        let mut unseeded = Sampler::new(SamplingOptions { seed: None, ..options.clone() }, 9, &[]);
        assert_ne!((0..40).map(|_| unseeded.choose(&logits, None)).collect::<Vec<_>>(), text(1));
    }

    #[test]
    fn penalties_look_at_a_window() {
        let options =
            SamplingOptions { repetition_penalty: 2.0, penalty_window: Some(2), ..SamplingOptions::default() };
        let mut windowed = Sampler::new(options.clone(), 7, &[0, 1, 2]);
        assert_eq!(windowed.choose(&[1.0, 1.5, 1.5], None), 0, "1 and 2 are penalised, 0 is out of the window");
        assert_eq!(windowed.choose(&[1.0, 1.5, 1.5], None), 1, "1 has left the window");
        let mut none = Sampler::new(SamplingOptions { penalty_window: Some(0), ..options }, 7, &[0, 1, 2]);
        assert_eq!(none.choose(&[1.0, 1.5, 1.2], None), 1, "a window of none penalises nothing");
        assert_eq!(none.choose(&[1.0, 1.5, 1.2], None), 1);
    }

    #[test]
    fn what_the_model_wrote_is_penalised_by_how_often_it_did() {
        let frequency = SamplingOptions { frequency_penalty: 0.4, ..SamplingOptions::default() };
        let mut sampler = Sampler::new(frequency, 7, &[1, 1, 1]);
        let tokens: Vec<u32> = (0..4).map(|_| sampler.choose(&[0.3, 1.0], None)).collect();
        assert_eq!(tokens, [1, 1, 0, 1], "the prompt does not count");
        let presence = SamplingOptions { presence_penalty: 0.8, ..SamplingOptions::default() };
        let mut sampler = Sampler::new(presence, 7, &[1]);
        let tokens: Vec<u32> = (0..4).map(|_| sampler.choose(&[0.3, 1.0], None)).collect();
        assert_eq!(tokens, [1, 0, 1, 1], "it counts once");
    }

    #[test]
    fn only_what_is_allowed_is_taken() {
        let mut allowed = SimpleVob::alloc(4);
        allowed.allow_token(1);
        allowed.allow_token(2);
        for temperature in [0.0, 1.0] {
            let mut sampler = sampler(SamplingOptions { temperature, ..SamplingOptions::default() });
            for _ in 0..200 {
                // The model knows more tokens than the vocabulary.
                let token = sampler.choose(&[9.0, 1.0, 1.5, 8.0, 7.0], Some(&allowed));
                assert!(token == 1 || token == 2, "{token} at {temperature}");
            }
            assert_eq!(sampler.choose(&[f32::NAN; 5], Some(&allowed)), 1, "even where the logits are no numbers");
        }
    }
}
