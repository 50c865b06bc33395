#![expect(unsafe_code, reason = "vector instructions and raw loads; the safety argument is in the parent module")]

use std::ops::Range;

use burn::tensor::{bf16, f16};

use super::team::Output;
use super::vector::Vector;

/// Outputs of a panel.
pub(super) const PANEL: usize = 16;

/// The numbers of a [`FloatWeight`], panel after panel; in each, input after input, [`PANEL`] outputs.
#[derive(Debug, Clone)]
enum Values {
    Single(Vec<f32>),
    Half(Vec<u16>),
    Brain(Vec<u16>),
}

/// How the numbers of a weight are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FloatKind {
    /// IEEE 754 binary32.
    Single,
    /// IEEE 754 binary16.
    Half,
    /// The upper half of binary32.
    Brain,
}

impl FloatKind {
    /// Bytes of one number.
    pub(crate) const fn size(self) -> usize {
        match self {
            Self::Single => 4,
            Self::Half | Self::Brain => 2,
        }
    }
}

/// A weight of `outputs` rows of `inner` floating-point numbers, in the order of use.
///
/// Every output is summed over the inputs in their order, whatever rows and outputs are computed beside it: its bits depend
/// on its row and on the vector unit only.
#[derive(Debug, Clone)]
pub(crate) struct FloatWeight {
    values: Values,
    outputs: usize,
    inner: usize,
}

impl FloatWeight {
    /// From the little-endian numbers of `outputs` rows of `inner` numbers each.
    pub(crate) fn new(kind: FloatKind, bytes: &[u8], outputs: usize, inner: usize) -> Self {
        assert!(
            inner > 0 && bytes.len() == outputs * inner * kind.size(),
            "the weight must have the bytes of its shape"
        );
        let values = match kind {
            FloatKind::Single => Values::Single(packed(bytes, outputs, inner, f32::from_le_bytes)),
            FloatKind::Half => Values::Half(packed(bytes, outputs, inner, u16::from_le_bytes)),
            FloatKind::Brain => Values::Brain(packed(bytes, outputs, inner, u16::from_le_bytes)),
        };
        Self { values, outputs, inner }
    }

    pub(crate) fn outputs(&self) -> usize {
        self.outputs
    }

    pub(crate) fn inner(&self) -> usize {
        self.inner
    }

    pub(crate) fn panels(&self) -> usize {
        self.outputs.div_ceil(PANEL)
    }

    /// Bytes that it takes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match &self.values {
            Values::Single(values) => values.len() * 4,
            Values::Half(values) | Values::Brain(values) => values.len() * 2,
        }
    }

    /// The values of one output's row.
    pub(crate) fn row(&self, output: usize, to: &mut [f32]) {
        assert!(output < self.outputs && to.len() == self.inner, "the row must be one of the weight's");
        let start = output / PANEL * self.inner * PANEL + output % PANEL;
        for (input, to) in to.iter_mut().enumerate() {
            let at = start + input * PANEL;
            *to = match &self.values {
                Values::Single(values) => values[at],
                Values::Half(values) => f16::from_bits(values[at]).to_f32(),
                Values::Brain(values) => bf16::from_bits(values[at]).to_f32(),
            };
        }
    }
}

/// Numbers of `SIZE` bytes in the order of use; panels are filled up with zeros.
fn packed<T: Copy + Default, const SIZE: usize>(
    bytes: &[u8],
    outputs: usize,
    inner: usize,
    read: impl Fn([u8; SIZE]) -> T,
) -> Vec<T> {
    let mut values = vec![T::default(); outputs.div_ceil(PANEL) * inner * PANEL];
    for (output, row) in bytes.chunks_exact(inner * SIZE).enumerate() {
        let start = output / PANEL * inner * PANEL + output % PANEL;
        for (input, from) in row.as_chunks::<SIZE>().0.iter().enumerate() {
            values[start + input * PANEL] = read(*from);
        }
    }
    values
}

/// The product of rows with some panels of a weight.
pub(super) struct FloatProduct<'a> {
    /// Row by row.
    pub(super) rows: &'a [f32],
    pub(super) weight: &'a FloatWeight,
    pub(super) panels: Range<usize>,
    /// `outputs` values for each row.
    pub(super) output: Output<'a>,
}

/// A way of keeping numbers.
trait Kind {
    type Number: Copy;
    unsafe fn load<V: Vector>(from: *const Self::Number) -> V;
}

struct Single;
struct Half;
struct Brain;

impl Kind for Single {
    type Number = f32;
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const f32) -> V {
        unsafe { V::load(from) }
    }
}

impl Kind for Half {
    type Number = u16;
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const u16) -> V {
        unsafe { V::load_half(from) }
    }
}

impl Kind for Brain {
    type Number = u16;
    #[inline(always)]
    unsafe fn load<V: Vector>(from: *const u16) -> V {
        unsafe { V::load_brain(from) }
    }
}

/// # Safety
/// As for [`Vector`]; `rows` must hold whole rows as the weight takes them, `panels` must be the weight's, and `output` must
/// have the weight's outputs for each row.
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(product: &FloatProduct<'_>) {
    unsafe {
        match &product.weight.values {
            Values::Single(values) => all_rows::<V, Single>(product, values),
            Values::Half(values) => all_rows::<V, Half>(product, values),
            Values::Brain(values) => all_rows::<V, Brain>(product, values),
        }
    }
}

#[inline(always)]
unsafe fn all_rows<V: Vector, K: Kind>(product: &FloatProduct<'_>, values: &[K::Number]) {
    let count = product.rows.len() / product.weight.inner;
    let mut row = 0;
    // So many registers of sums fit beside those that are being multiplied, and so many are in flight that none waits.
    unsafe {
        if V::LANES == 16 {
            while row + 8 <= count {
                some_rows::<V, K, 8, 2, 1>(product, values, row);
                row += 8;
            }
            while row + 2 <= count {
                some_rows::<V, K, 2, 4, 1>(product, values, row);
                row += 2;
            }
            while row < count {
                some_rows::<V, K, 1, 8, 1>(product, values, row);
                row += 1;
            }
        } else if V::LANES == 8 {
            while row + 4 <= count {
                some_rows::<V, K, 4, 1, 2>(product, values, row);
                row += 4;
            }
            while row < count {
                some_rows::<V, K, 1, 4, 2>(product, values, row);
                row += 1;
            }
        } else if V::REGISTERS == 32 {
            while row + 4 <= count {
                some_rows::<V, K, 4, 1, 4>(product, values, row);
                row += 4;
            }
            while row < count {
                some_rows::<V, K, 1, 4, 4>(product, values, row);
                row += 1;
            }
        } else {
            while row < count {
                some_rows::<V, K, 1, 1, 4>(product, values, row);
                row += 1;
            }
        }
    }
}

/// `ROWS` rows with all panels, `PANELS` at a time and one by one in the end.
#[inline(always)]
unsafe fn some_rows<V: Vector, K: Kind, const ROWS: usize, const PANELS: usize, const REGISTERS: usize>(
    product: &FloatProduct<'_>,
    values: &[K::Number],
    row: usize,
) {
    let mut panel = product.panels.start;
    unsafe {
        while panel + PANELS <= product.panels.end {
            tile::<V, K, ROWS, PANELS, REGISTERS>(product, values, row, panel);
            panel += PANELS;
        }
        while panel < product.panels.end {
            tile::<V, K, ROWS, 1, REGISTERS>(product, values, row, panel);
            panel += 1;
        }
    }
}

#[inline(always)]
unsafe fn tile<V: Vector, K: Kind, const ROWS: usize, const PANELS: usize, const REGISTERS: usize>(
    product: &FloatProduct<'_>,
    values: &[K::Number],
    row: usize,
    panel: usize,
) {
    let inner = product.weight.inner;
    let outputs = product.weight.outputs;
    unsafe {
        let rows = product.rows.as_ptr().add(row * inner);
        let weights = values.as_ptr().add(panel * inner * PANEL);
        let mut sums = [[[V::splat(0.0); REGISTERS]; PANELS]; ROWS];
        for input in 0..inner {
            let mut weight = [[V::splat(0.0); REGISTERS]; PANELS];
            for (panel, weight) in weight.iter_mut().enumerate() {
                for (register, weight) in weight.iter_mut().enumerate() {
                    *weight = K::load(weights.add((panel * inner + input) * PANEL + register * V::LANES));
                }
            }
            for (row, sums) in sums.iter_mut().enumerate() {
                let value = V::splat(*rows.add(row * inner + input));
                for (sums, weight) in sums.iter_mut().zip(&weight) {
                    for (sum, weight) in sums.iter_mut().zip(weight) {
                        *sum = value.mul_add(*weight, *sum);
                    }
                }
            }
        }
        for (index, sums) in sums.iter().enumerate() {
            for (offset, sums) in sums.iter().enumerate() {
                let column = (panel + offset) * PANEL;
                let mut values = [0.0; PANEL];
                for (register, sum) in sums.iter().enumerate() {
                    sum.store(values.as_mut_ptr().add(register * V::LANES));
                }
                let count = PANEL.min(outputs - column);
                product.output.write((row + index) * outputs + column, &values[..count]);
            }
        }
    }
}
