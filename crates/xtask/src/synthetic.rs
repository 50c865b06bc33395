//! Seeded data: vectors in clusters, texts with the word frequencies of a language.

use std::f32::consts::TAU;

/// A small, seeded random number generator (SplitMix64: Steele, Lea and Flood, 2014), so that each run of a benchmark
/// sees the same data.
#[derive(Debug, Clone)]
pub struct Random(u64);

impl Random {
    /// A generator whose numbers depend on the seed alone.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// Uniform in `0..1`.
    pub fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Uniform in `0..bound`; 0 when the bound is 0.
    pub fn below(&mut self, bound: usize) -> usize {
        ((self.unit() * bound as f64) as usize).min(bound.saturating_sub(1))
    }

    /// Two independent numbers of the standard normal distribution (Box and Muller, 1958).
    pub fn normal_pair(&mut self) -> (f32, f32) {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt() as f32;
        let angle = TAU * self.unit() as f32;
        (radius * angle.cos(), radius * angle.sin())
    }

    fn normal_vector(&mut self, dimension: usize) -> Vec<f32> {
        let mut vector = Vec::with_capacity(dimension + 1);
        while vector.len() < dimension {
            let (one, other) = self.normal_pair();
            vector.extend([one, other]);
        }
        vector.truncate(dimension);
        vector
    }
}

/// Scales a vector to length 1.
pub fn normalise(vector: &mut [f32]) {
    let length = vector.iter().map(|value| value * value).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
    vector.iter_mut().for_each(|value| *value /= length);
}

/// Vectors of unit length that lie in clusters, as the embeddings of real texts do.
///
/// Each cluster has a centre, drawn from the normal distribution and scaled to length 1, and a size that follows Zipf's
/// law. A member is its centre plus normal noise of length `spread` in a subspace of its own cluster's 24 directions (two
/// thirds) and in all directions (one third), scaled to length 1: texts on one subject differ in few ways much and in
/// many ways little. Queries are drawn like members and are not stored.
#[derive(Debug, Clone)]
pub struct Clusters {
    dimension: usize,
    spread: f32,
    centres: Vec<Vec<f32>>,
    directions: Vec<Vec<Vec<f32>>>,
    zipf: Zipf,
}

impl Clusters {
    const DIRECTIONS: usize = 24;

    /// Draws the centres of `count` clusters and their directions.
    #[must_use]
    pub fn new(random: &mut Random, count: usize, dimension: usize, spread: f32) -> Self {
        let unit = |random: &mut Random| {
            let mut vector = random.normal_vector(dimension);
            normalise(&mut vector);
            vector
        };
        let centres = (0..count).map(|_| unit(random)).collect();
        let directions = (0..count).map(|_| (0..Self::DIRECTIONS).map(|_| unit(random)).collect()).collect();
        Self { dimension, spread, centres, directions, zipf: Zipf::new(count, 0.6) }
    }

    /// Draws a member of a randomly chosen cluster.
    #[must_use]
    pub fn draw(&self, random: &mut Random) -> Vec<f32> {
        let cluster = self.zipf.draw(random);
        let mut vector = self.centres[cluster].clone();
        let own = self.spread * (2.0_f32 / 3.0).sqrt() / (Self::DIRECTIONS as f32).sqrt();
        let all = self.spread * (1.0_f32 / 3.0).sqrt() / (self.dimension as f32).sqrt();
        let weights = random.normal_vector(Self::DIRECTIONS);
        for (direction, weight) in self.directions[cluster].iter().zip(weights) {
            vector.iter_mut().zip(direction).for_each(|(value, step)| *value += own * weight * step);
        }
        let noise = random.normal_vector(self.dimension);
        vector.iter_mut().zip(noise).for_each(|(value, step)| *value += all * step);
        normalise(&mut vector);
        vector
    }
}

/// Zipf's law over `0..count`: the probability of a rank falls with its power.
#[derive(Debug, Clone)]
pub struct Zipf {
    cumulated: Vec<f64>,
}

impl Zipf {
    /// The law with this exponent; 1 is the law of words in a language.
    #[must_use]
    pub fn new(count: usize, exponent: f64) -> Self {
        let mut sum = 0.0;
        let cumulated = (1..=count)
            .map(|rank| {
                sum += (rank as f64).powf(-exponent);
                sum
            })
            .collect();
        Self { cumulated }
    }

    /// Draws a rank, from 0.
    #[must_use]
    pub fn draw(&self, random: &mut Random) -> usize {
        let total = self.cumulated.last().copied().unwrap_or(0.0);
        let at = random.unit() * total;
        self.cumulated.partition_point(|sum| *sum <= at).min(self.cumulated.len().saturating_sub(1))
    }
}

/// Texts of invented words whose frequencies follow Zipf's law, so that a keyword index has both very long and very short
/// lists.
#[derive(Debug, Clone)]
pub struct Vocabulary {
    words: Vec<String>,
    zipf: Zipf,
}

impl Vocabulary {
    const SYLLABLES: [&str; 40] = [
        "ba", "ce", "di", "fo", "gu", "ha", "je", "ki", "lo", "mu", "na", "pe", "qui", "ro", "su", "ta", "ve", "wi",
        "xo", "zu", "bra", "cle", "dri", "flo", "gru", "pla", "sce", "tri", "sto", "spu", "an", "er", "in", "on", "ur",
        "ast", "ent", "ing", "or", "ust",
    ];

    /// Invents the words; frequent ones are short.
    #[must_use]
    pub fn new(random: &mut Random, count: usize) -> Self {
        let mut seen = std::collections::HashSet::with_capacity(count);
        let mut words = Vec::with_capacity(count);
        while words.len() < count {
            let syllables = 1 + words.len().max(1).ilog10() as usize / 2 + random.below(3);
            let word: String = (0..syllables).map(|_| Self::SYLLABLES[random.below(Self::SYLLABLES.len())]).collect();
            if seen.insert(word.clone()) {
                words.push(word);
            }
        }
        Self { words, zipf: Zipf::new(count, 1.0) }
    }

    /// A text of this many words.
    #[must_use]
    pub fn text(&self, random: &mut Random, words: usize) -> String {
        let mut text = String::with_capacity(words * 7);
        for place in 0..words {
            if place > 0 {
                text.push(if place % 12 == 0 { '\n' } else { ' ' });
            }
            text += &self.words[self.zipf.draw(random)];
        }
        text
    }
}
