//! What stands between the matrix products of the encoder on the CPU, fused so that each row is read and written once:
//! attention, GELU, and the sum of a residual with its layer normalisation; and the matrix product of few rows.
//!
//! burn-flex computes these as chains of whole-tensor operations, each of which reads and writes all activations; that
//! took longer than the matrix products themselves. Every kernel is written once over [`Vector`] and compiled for
//! AVX-512, for AVX2 with FMA, for NEON, and for any machine; which one runs is decided once, when the model is loaded.
//!
//! `unsafe` is confined to this module and `vector`. It rests on two things: [`Kernels::detect`] hands out a vector
//! unit only after the machine was asked for it, and each public method checks the lengths of its slices before raw
//! pointers into them are used.

mod activation;
mod attention;
mod cpu;
mod delta;
mod integer;
mod normalise;
mod paged;
mod panel;
mod rows;
mod shapes;
mod team;
mod thin;
mod vector;
mod weight;

pub(crate) use attention::Scratch;
pub(crate) use cpu::{Cpu, DeltaRows, DeltaSequence, GoesOn, SequenceRows};
pub(crate) use integer::{IntegerFormat, IntegerRows, IntegerWeight, Rounding};
pub(crate) use paged::{PAGE, PageHead};
pub(crate) use panel::{FloatKind, FloatWeight};
pub(crate) use shapes::{AttentionShape, Bend, DeltaShape, HeadShape};
pub(crate) use thin::HalfWeight;
pub(crate) use weight::Weight;

use delta::DeltaHead;
use integer::RoundedPart;
use paged::{PagedAttention, Query};
use panel::FloatProduct;
use team::Output;
use thin::ThinProduct;
use vector::{Lanes, Vector};

#[cfg(target_arch = "x86_64")]
use std::arch::x86_64::{__m256, __m512};
#[cfg(target_arch = "aarch64")]
use std::arch::{aarch64::float32x4_t, is_aarch64_feature_detected};
use std::ops::Range;

/// The kernels of the best vector unit of this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kernels {
    #[cfg(target_arch = "x86_64")]
    Avx512,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "aarch64")]
    Neon,
    Portable,
}

/// Scale and shift of a layer normalisation.
#[derive(Debug, Clone)]
pub(crate) struct Norm {
    pub(crate) scale: Vec<f32>,
    pub(crate) shift: Vec<f32>,
    pub(crate) epsilon: f32,
}

/// Runs a generic kernel on the vector unit that was detected.
macro_rules! dispatch {
    ($unit:expr, $module:ident::$kernel:ident($($name:ident: $kind:ty),* $(,)?)) => {{
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx2,fma,f16c")]
        fn avx512($($name: $kind),*) {
            // SAFETY: this function enables the instructions; the caller checked the slices.
            unsafe { $module::$kernel::<__m512>($($name),*) }
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2,fma,f16c")]
        fn avx2($($name: $kind),*) {
            // SAFETY: this function enables the instructions; the caller checked the slices.
            unsafe { $module::$kernel::<__m256>($($name),*) }
        }
        #[cfg(target_arch = "aarch64")]
        #[target_feature(enable = "neon")]
        fn neon($($name: $kind),*) {
            // SAFETY: this function enables the instructions; the caller checked the slices.
            unsafe { $module::$kernel::<float32x4_t>($($name),*) }
        }
        match $unit {
            // SAFETY: `Avx512` exists only after the machine reported these features.
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx512 => unsafe { avx512($($name),*) },
            // SAFETY: `Avx2` exists only after the machine reported these features.
            #[cfg(target_arch = "x86_64")]
            Kernels::Avx2 => unsafe { avx2($($name),*) },
            // SAFETY: `Neon` exists only after the machine reported this feature.
            #[cfg(target_arch = "aarch64")]
            Kernels::Neon => unsafe { neon($($name),*) },
            // SAFETY: these vectors need no feature; the caller checked the slices.
            Kernels::Portable => unsafe { $module::$kernel::<Lanes>($($name),*) },
        }
    }};
}

#[expect(unsafe_code, reason = "calls into code for a vector unit; the safety argument is at the top of this module")]
impl Kernels {
    /// The best vector unit of this machine.
    pub(crate) fn detect() -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 =
                is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") && is_x86_feature_detected!("f16c");
            if avx2 && is_x86_feature_detected!("avx512f") {
                return Self::Avx512;
            }
            if avx2 {
                return Self::Avx2;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if is_aarch64_feature_detected!("neon") {
            return Self::Neon;
        }
        Self::Portable
    }

    /// The best of these kernels whose registers divide a head of this width, if any do.
    pub(crate) fn narrowed_to(self, width: usize) -> Option<Self> {
        if width == 0 {
            return None;
        }
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Avx512 && width.is_multiple_of(2 * __m512::LANES) {
                return Some(self);
            }
            if self != Self::Portable && width.is_multiple_of(2 * __m256::LANES) {
                return Some(Self::Avx2);
            }
        }
        #[cfg(target_arch = "aarch64")]
        if self == Self::Neon && width.is_multiple_of(2 * float32x4_t::LANES) {
            return Some(self);
        }
        width.is_multiple_of(2 * Lanes::LANES).then_some(Self::Portable)
    }

    /// Adds a bias to each row and applies the exact GELU, in place.
    pub(crate) fn bias_gelu(self, rows: &mut [f32], bias: &[f32]) {
        assert!(!bias.is_empty() && rows.len().is_multiple_of(bias.len()), "rows must be as wide as their bias");
        dispatch!(self, activation::bias_gelu(rows: &mut [f32], bias: &[f32]));
    }

    /// `rows = normalise(rows + bias + residual)`, row by row, in place.
    pub(crate) fn add_normalise(self, rows: &mut [f32], bias: &[f32], residual: &[f32], norm: &Norm) {
        let width = bias.len();
        assert!(width > 0 && rows.len().is_multiple_of(width), "rows must be as wide as their bias");
        assert!(rows.len() == residual.len(), "the residual must have as many values as the rows");
        assert!(norm.scale.len() == width && norm.shift.len() == width, "the norm must be as wide as the rows");
        dispatch!(self, normalise::add_normalise(rows: &mut [f32], bias: &[f32], residual: &[f32], norm: &Norm));
    }

    /// The product of few rows, each with as many values as the weight has rows, with some panels of the weight. `output`
    /// has [`HalfWeight::PANEL`] values for each panel in each row, those of columns beyond the weight's width included.
    pub(crate) fn multiply_thin(self, rows: &[f32], weight: &HalfWeight, panels: Range<usize>, output: &mut [f32]) {
        let inner = weight.inner();
        assert!(rows.len().is_multiple_of(inner), "rows must be whole");
        assert!(panels.start <= panels.end && panels.end <= weight.panels(), "the panels must be the weight's");
        let width = panels.len() * HalfWeight::PANEL;
        assert!(output.len() == rows.len() / inner * width, "the output must hold each column of each row");
        let product = &ThinProduct { rows, weight, panels };
        dispatch!(self, thin::multiply(product: &ThinProduct<'_>, output: &mut [f32]));
    }

    /// The best of these kernels whose registers divide a head of this width.
    fn dividing(self, width: usize) -> Self {
        #[cfg(target_arch = "x86_64")]
        {
            if self == Self::Avx512 && width.is_multiple_of(__m512::LANES) {
                return self;
            }
            if self != Self::Portable && width.is_multiple_of(__m256::LANES) {
                return Self::Avx2;
            }
        }
        #[cfg(target_arch = "aarch64")]
        if self == Self::Neon && width.is_multiple_of(float32x4_t::LANES) {
            return self;
        }
        Self::Portable
    }

    /// Rounds whole blocks of values.
    fn round(self, rows: &[f32], part: &mut RoundedPart<'_>) {
        assert!(rows.len() == part.len(), "there must be room for the values");
        dispatch!(self, rows::round(rows: &[f32], part: &mut RoundedPart<'_>));
    }

    /// The product of rows with some panels of a weight of floating-point numbers.
    fn multiply_panels(self, rows: &[f32], weight: &FloatWeight, panels: Range<usize>, output: Output<'_>) {
        assert!(rows.len().is_multiple_of(weight.inner()), "rows must be whole");
        assert!(panels.start <= panels.end && panels.end <= weight.panels(), "the panels must be the weight's");
        assert!(output.len() == rows.len() / weight.inner() * weight.outputs(), "the output must hold every column");
        let product = &FloatProduct { rows, weight, panels, output };
        dispatch!(self, panel::multiply(product: &FloatProduct<'_>));
    }

    /// Answers queries of one head from its pages. The unit must be one whose registers divide a head.
    fn attend_pages(self, attention: &PagedAttention<'_>, queries: &mut [Query<'_>]) {
        let Some(width) = queries.first().map(|query| query.values.len()) else { return };
        assert!(self.dividing(width) == self && width.is_multiple_of(Lanes::LANES), "registers must divide a head");
        for query in queries.iter() {
            assert!(query.values.len() == width && query.output.len() == width, "queries must have one width");
            assert!(query.visible.start < query.visible.end, "a query must see something");
            assert!(query.visible.end <= attention.pages.len() * PAGE, "there must be a page for what is seen");
        }
        for page in attention.pages {
            assert!(page.keys.len() == PAGE * width && page.values.len() == PAGE * width, "pages must be whole");
        }
        dispatch!(self, paged::attend(attention: &PagedAttention<'_>, queries: &mut [Query<'_>]));
    }

    /// Reads the tokens of one head by the gated delta rule. The unit must be one whose registers divide the width of values.
    fn recur(self, head: &DeltaHead<'_>, matrix: &mut [f32]) {
        let shape = head.shape;
        let Some(last) = head.count.checked_sub(1) else { return };
        let (key_end, value_end) = (last * shape.keys() + shape.key_width, last * shape.values() + shape.value_width);
        assert!(
            self.dividing(shape.value_width) == self && shape.value_width.is_multiple_of(Lanes::LANES),
            "registers must divide a value"
        );
        assert!(matrix.len() == shape.matrix(), "the matrix must have the numbers of its shape");
        assert!(head.queries.len() >= key_end && head.keys.len() >= key_end, "every token must have a query and a key");
        assert!(head.values.len() >= value_end, "every token must have a value");
        assert!(head.output.len() >= head.start + value_end, "every token must have room for an answer");
        let rates_end = last * shape.value_heads + 1;
        assert!(head.decays.len() >= rates_end && head.rates.len() >= rates_end, "every token must have its rates");
        dispatch!(self, delta::recur(head: &DeltaHead<'_>, matrix: &mut [f32]));
    }

    /// `output = row / √(mean of squares + epsilon) * scale`, row by row.
    fn root_mean_square(self, rows: &[f32], scale: &[f32], epsilon: f32, output: &mut [f32]) {
        assert!(!scale.is_empty() && rows.len().is_multiple_of(scale.len()), "rows must be as wide as their scale");
        assert!(rows.len() == output.len(), "the output must have as many values as the rows");
        dispatch!(
            self,
            rows::root_mean_square(rows: &[f32], scale: &[f32], epsilon: f32, output: &mut [f32])
        );
    }

    /// `values = bend(values) * others`.
    fn gate(self, bend: Bend, values: &mut [f32], others: &[f32]) {
        assert!(values.len() == others.len(), "both sides must have the same length");
        dispatch!(self, rows::gate(bend: Bend, values: &mut [f32], others: &[f32]));
    }

    /// `values = bend(values)`.
    fn bend(self, bend: Bend, values: &mut [f32]) {
        dispatch!(self, rows::bend(bend: Bend, values: &mut [f32]));
    }

    /// `values = values + others`.
    fn add(self, values: &mut [f32], others: &[f32]) {
        assert!(values.len() == others.len(), "both sides must have the same length");
        dispatch!(self, rows::add(values: &mut [f32], others: &[f32]));
    }

    /// Attention of every token of one text to every other. `rows` holds queries, keys and values of each token, one
    /// after the other; `bias` is that of the queries. The unit must be [`Kernels::narrowed_to`] the heads' width.
    pub(crate) fn attend(
        self,
        shape: AttentionShape,
        rows: &[f32],
        bias: &[f32],
        output: &mut [f32],
        scratch: &mut Scratch,
    ) {
        let hidden = shape.hidden();
        assert!(hidden > 0 && output.len().is_multiple_of(hidden), "the output must hold whole tokens");
        assert!(rows.len() == 3 * output.len() && bias.len() == hidden, "rows must hold queries, keys and values");
        assert!(self.narrowed_to(shape.width) == Some(self), "registers must divide a head's width");
        if output.is_empty() {
            return;
        }
        scratch.fit(output.len() / hidden, shape.width);
        dispatch!(
            self,
            attention::attend(
                shape: AttentionShape,
                rows: &[f32],
                bias: &[f32],
                output: &mut [f32],
                scratch: &mut Scratch,
            )
        );
    }
}

#[cfg(test)]
mod tests;
