#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use super::activation::exponential;
use super::shapes::AttentionShape;
use super::vector::Vector;

/// The most queries that are worked on at once.
const ROWS: usize = 8;

/// Registers of keys that are worked on at once: with as many queries as follow from it, the sums stay in registers.
const KEYS: usize = 2;

/// Registers of a value vector that are worked on at once.
const VALUES: usize = 2;

/// The most lanes of any vector.
const WIDEST: usize = 16;

/// Tokens and columns of the squares that keys are transposed in.
const SQUARE: usize = 4;

/// Memory that attention works in, kept between calls.
#[derive(Debug, Default)]
pub(crate) struct Scratch {
    /// The keys of one head, transposed: `width` rows of the padded length.
    keys: Vec<f32>,
    /// The values of one head, without the rest of their rows between them: they are read once for every few queries,
    /// and at their distance in the rows they would push each other out of the nearest cache.
    values: Vec<f32>,
    /// The scores of [`ROWS`] queries.
    scores: Vec<f32>,
    /// [`ROWS`] queries of one head with their bias.
    queries: Vec<f32>,
}

impl Scratch {
    pub(super) fn fit(&mut self, length: usize, width: usize) {
        let padded = length.next_multiple_of(WIDEST);
        self.keys.clear();
        self.keys.resize(padded * width, 0.0);
        self.values.resize((length * width).max(self.values.len()), 0.0);
        self.scores.resize((padded * ROWS).max(self.scores.len()), 0.0);
        self.queries.resize((width * ROWS).max(self.queries.len()), 0.0);
    }
}

/// Attention of every token of one text to every other, all heads.
///
/// `rows` holds the text's queries, keys and values as the matrix product gave them. Only the queries get a bias: that of
/// the keys adds the same to all scores of a query, which the softmax takes away again, and that of the values passes
/// through it unchanged, so that it is folded into the bias of the projection that follows. The queries' weights carry
/// the factor `1 / √width`.
///
/// # Safety
/// As for [`Vector`]; `rows` must hold `length * 3 * hidden` values, `output` `length * hidden`, `bias` `hidden`, the
/// scratch must fit, `length` must not be zero, and `width` must be a multiple of two registers.
#[inline(always)]
pub(super) unsafe fn attend<V: Vector>(
    shape: AttentionShape,
    rows: &[f32],
    bias: &[f32],
    output: &mut [f32],
    scratch: &mut Scratch,
) {
    let hidden = shape.hidden();
    let length = output.len() / hidden;
    let padded = length.next_multiple_of(WIDEST);
    for head in 0..shape.heads {
        let offset = head * shape.width;
        let head = Head {
            rows: rows[offset..].as_ptr(),
            bias: bias[offset..].as_ptr(),
            output: output[offset..].as_mut_ptr(),
            keys: scratch.keys.as_mut_ptr(),
            values: scratch.values.as_mut_ptr(),
            scores: scratch.scores.as_mut_ptr(),
            queries: scratch.queries.as_mut_ptr(),
            hidden,
            width: shape.width,
            length,
            padded,
        };
        let mut token = 0;
        // SAFETY: the pointers come from slices of the lengths that the caller vouches for, at this head's offset.
        unsafe {
            head.gather_keys_and_values();
            // As many sums as a unit with 32 registers holds, or one with 16.
            while V::REGISTERS == 32 && token + ROWS <= length {
                head.attend::<V, ROWS>(token);
                token += ROWS;
            }
            while token + ROWS / 2 <= length {
                head.attend::<V, { ROWS / 2 }>(token);
                token += ROWS / 2;
            }
            while token < length {
                head.attend::<V, 1>(token);
                token += 1;
            }
        }
    }
}

/// One head of one text.
struct Head {
    /// The text's first query; its keys follow after `hidden` values, its values after as many again.
    rows: *const f32,
    bias: *const f32,
    output: *mut f32,
    keys: *mut f32,
    values: *mut f32,
    scores: *mut f32,
    queries: *mut f32,
    hidden: usize,
    width: usize,
    length: usize,
    padded: usize,
}

impl Head {
    /// Transposes the keys, and puts the values next to each other.
    ///
    /// # Safety
    /// The pointers must be what their names say, and `width` a multiple of [`SQUARE`].
    #[inline(always)]
    unsafe fn gather_keys_and_values(&self) {
        // SAFETY: a square ends at or before `length` tokens and `width` columns; of an incomplete one, only the tokens
        // that there are.
        unsafe {
            let stride = 3 * self.hidden;
            let mut token = 0;
            while token < self.length {
                let tokens = (self.length - token).min(SQUARE);
                let mut column = 0;
                while column < self.width {
                    let from = self.rows.add(token * stride + self.hidden + column);
                    let mut square = [[0.0_f32; SQUARE]; SQUARE];
                    for (index, row) in square.iter_mut().take(tokens).enumerate() {
                        *row = from.add(index * stride).cast::<[f32; SQUARE]>().read_unaligned();
                    }
                    let to = self.keys.add(column * self.padded + token);
                    for index in 0..SQUARE {
                        let keys: [f32; SQUARE] = std::array::from_fn(|token| square[token][index]);
                        to.add(index * self.padded).cast::<[f32; SQUARE]>().write_unaligned(keys);
                    }
                    column += SQUARE;
                }
                token += SQUARE;
            }
            for token in 0..self.length {
                let from = self.rows.add(token * stride + 2 * self.hidden);
                from.copy_to_nonoverlapping(self.values.add(token * self.width), self.width);
            }
        }
    }

    /// # Safety
    /// `token + R <= length`, `R <= ROWS`, and the pointers must be what their names say.
    #[inline(always)]
    unsafe fn attend<V: Vector, const R: usize>(&self, token: usize) {
        // SAFETY: handed on.
        unsafe {
            for row in 0..R {
                let query = self.rows.add((token + row) * 3 * self.hidden);
                let mut column = 0;
                while column < self.width {
                    V::load(query.add(column))
                        .add(V::load(self.bias.add(column)))
                        .store(self.queries.add(row * self.width + column));
                    column += V::LANES;
                }
            }
            let mut key = 0;
            while key + KEYS * V::LANES <= self.padded {
                self.score::<V, R, KEYS>(key);
                key += KEYS * V::LANES;
            }
            while key < self.padded {
                self.score::<V, R, 1>(key);
                key += V::LANES;
            }
            let mut factors = [0.0; R];
            for (row, factor) in factors.iter_mut().enumerate() {
                *factor = 1.0 / self.soften::<V>(self.scores.add(row * self.padded));
            }
            let mut column = 0;
            while column < self.width {
                self.gather::<V, R>(token, column, &factors);
                column += VALUES * V::LANES;
            }
        }
    }

    /// Scores of `R` queries with `C` registers of keys.
    ///
    /// # Safety
    /// `key + C * LANES <= padded`.
    #[inline(always)]
    unsafe fn score<V: Vector, const R: usize, const C: usize>(&self, key: usize) {
        // SAFETY: a row of keys has `padded` values, a query `width`, a row of scores `padded`.
        unsafe {
            let mut sums = [[V::splat(0.0); C]; R];
            for column in 0..self.width {
                let keys = self.keys.add(column * self.padded + key);
                let keys: [V; C] = std::array::from_fn(|register| V::load(keys.add(register * V::LANES)));
                for row in 0..R {
                    let query = V::splat(*self.queries.add(row * self.width + column));
                    for register in 0..C {
                        sums[row][register] = keys[register].mul_add(query, sums[row][register]);
                    }
                }
            }
            for (row, sums) in sums.iter().enumerate() {
                for (register, sum) in sums.iter().enumerate() {
                    sum.store(self.scores.add(row * self.padded + key + register * V::LANES));
                }
            }
        }
    }

    /// Turns a row of scores into exponentials, e^-87 where the padding is, and returns their sum.
    ///
    /// # Safety
    /// `scores` must be a row of `padded` values.
    #[inline(always)]
    unsafe fn soften<V: Vector>(&self, scores: *mut f32) -> f32 {
        // SAFETY: `padded` is a multiple of every register's length.
        unsafe {
            for position in self.length..self.padded {
                *scores.add(position) = f32::NEG_INFINITY;
            }
            let mut maximum = V::load(scores);
            let mut position = V::LANES;
            while position < self.padded {
                maximum = maximum.max(V::load(scores.add(position)));
                position += V::LANES;
            }
            let maximum = V::splat(maximum.maximum());
            let mut sum = V::splat(0.0);
            let mut position = 0;
            while position < self.padded {
                let value = exponential(V::load(scores.add(position)).sub(maximum));
                value.store(scores.add(position));
                sum = sum.add(value);
                position += V::LANES;
            }
            sum.sum()
        }
    }

    /// The weighted sum of the values, [`VALUES`] registers of it, for `R` queries.
    ///
    /// # Safety
    /// `column + VALUES * LANES <= width`.
    #[inline(always)]
    unsafe fn gather<V: Vector, const R: usize>(&self, token: usize, column: usize, factors: &[f32; R]) {
        // SAFETY: values are `width` apart, rows of the output `hidden`.
        unsafe {
            let mut sums = [[V::splat(0.0); VALUES]; R];
            let values = self.values.add(column);
            for other in 0..self.length {
                let value = values.add(other * self.width);
                let value: [V; VALUES] = std::array::from_fn(|register| V::load(value.add(register * V::LANES)));
                for row in 0..R {
                    let weight = V::splat(*self.scores.add(row * self.padded + other));
                    for register in 0..VALUES {
                        sums[row][register] = value[register].mul_add(weight, sums[row][register]);
                    }
                }
            }
            for row in 0..R {
                let factor = V::splat(factors[row]);
                for register in 0..VALUES {
                    let to = self.output.add((token + row) * self.hidden + column + register * V::LANES);
                    sums[row][register].mul(factor).store(to);
                }
            }
        }
    }
}
