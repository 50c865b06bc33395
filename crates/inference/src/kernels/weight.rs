use super::integer::IntegerWeight;
use super::panel::FloatWeight;

/// A matrix of a model in the order of use: a row of `inner` numbers for each output.
#[derive(Debug, Clone)]
pub(crate) enum Weight {
    Integer(IntegerWeight),
    Float(FloatWeight),
}

impl Weight {
    /// Values that each row gives.
    pub(crate) fn outputs(&self) -> usize {
        match self {
            Self::Integer(weight) => weight.outputs(),
            Self::Float(weight) => weight.outputs(),
        }
    }

    /// Values that each row takes.
    pub(crate) fn inner(&self) -> usize {
        match self {
            Self::Integer(weight) => weight.inner(),
            Self::Float(weight) => weight.inner(),
        }
    }

    /// Bytes in memory.
    pub(crate) fn bytes(&self) -> usize {
        match self {
            Self::Integer(weight) => weight.bytes(),
            Self::Float(weight) => weight.bytes(),
        }
    }

    /// The values of one output's row, as a table of embeddings is read.
    pub(crate) fn row(&self, output: usize, to: &mut [f32]) {
        match self {
            Self::Integer(weight) => weight.row(output, to),
            Self::Float(weight) => weight.row(output, to),
        }
    }

    pub(super) fn panels(&self) -> usize {
        match self {
            Self::Integer(weight) => weight.panels(),
            Self::Float(weight) => weight.panels(),
        }
    }
}
