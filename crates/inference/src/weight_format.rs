//! How the weights of language models are stored: plain numbers, and the block formats of GGUF files.
//!
//! A block format keeps a few bits per value and the scale that a block of neighbours shares. The layouts are those of
//! ggml, the library that GGUF files come from (`ggml-common.h` and `ggml-quants.c` of llama.cpp are the reference);
//! all of them are little-endian. The functions here are the plain form, one value after another: what kernels are
//! compared with.

mod blocks;
#[cfg(test)]
mod quantise;
mod small_floats;

pub(crate) use blocks::dequantise;
#[cfg(test)]
pub(crate) use quantise::{quantise_q4_0, quantise_q8_0};
pub(crate) use small_floats::{bf16_to_single, half_to_single};
#[cfg(test)]
pub(crate) use small_floats::{single_to_bf16, single_to_half};

#[cfg(test)]
mod tests;

/// How the values of a tensor are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum WeightFormat {
    /// IEEE 754 binary32.
    F32,
    /// IEEE 754 binary16.
    F16,
    /// The upper half of a binary32.
    Bf16,
    /// 8 bits per value, one scale for 32 values.
    Q8_0,
    /// 4 bits per value, one scale for 32 values.
    Q4_0,
    /// 5 bits per value, one scale for 32 values.
    Q5_0,
    /// 5 bits per value, one scale and one minimum for 32 values.
    Q5_1,
    /// 4 bits per value; each 32 of 256 values have a scale and a minimum of 6 bits.
    Q4K,
    /// 5 bits per value; each 32 of 256 values have a scale and a minimum of 6 bits.
    Q5K,
    /// 6 bits per value; each 16 of 256 values have a scale of 8 bits.
    Q6K,
}

impl WeightFormat {
    /// Every format.
    pub(crate) const ALL: [Self; 10] = [
        Self::F32,
        Self::F16,
        Self::Bf16,
        Self::Q8_0,
        Self::Q4_0,
        Self::Q5_0,
        Self::Q5_1,
        Self::Q4K,
        Self::Q5K,
        Self::Q6K,
    ];

    /// Its name, as GGUF's tools write it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::F32 => "F32",
            Self::F16 => "F16",
            Self::Bf16 => "BF16",
            Self::Q8_0 => "Q8_0",
            Self::Q4_0 => "Q4_0",
            Self::Q5_0 => "Q5_0",
            Self::Q5_1 => "Q5_1",
            Self::Q4K => "Q4_K",
            Self::Q5K => "Q5_K",
            Self::Q6K => "Q6_K",
        }
    }

    /// How many neighbouring values are stored together: rows are whole blocks.
    pub(crate) fn block_values(self) -> usize {
        match self {
            Self::F32 | Self::F16 | Self::Bf16 => 1,
            Self::Q8_0 | Self::Q4_0 | Self::Q5_0 | Self::Q5_1 => 32,
            Self::Q4K | Self::Q5K | Self::Q6K => 256,
        }
    }

    /// Bytes of a block.
    pub(crate) fn block_bytes(self) -> usize {
        match self {
            Self::F32 => 4,
            Self::F16 | Self::Bf16 => 2,
            Self::Q8_0 => blocks::Q8_0,
            Self::Q4_0 => blocks::Q4_0,
            Self::Q5_0 => blocks::Q5_0,
            Self::Q5_1 => blocks::Q5_1,
            Self::Q4K => blocks::Q4_K,
            Self::Q5K => blocks::Q5_K,
            Self::Q6K => blocks::Q6_K,
        }
    }

    /// Bytes of so many values. `None` when they are not whole blocks, or more than memory can ever hold.
    pub(crate) fn bytes_for(self, values: usize) -> Option<usize> {
        let whole = values.is_multiple_of(self.block_values());
        whole.then(|| (values / self.block_values()).checked_mul(self.block_bytes())).flatten()
    }
}
