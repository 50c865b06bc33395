//! A tensor where it lies in a model's file, whatever the kind of the file.

use crate::weight_format::{WeightFormat, dequantise};

/// A tensor of a model's file: a window into the map. Its bytes are as many as its shape and its format say; the
/// readers give out no other.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TensorView<'a> {
    /// How its values are stored.
    pub(crate) format: WeightFormat,
    /// Its dimensions, outermost first: rows and columns of a matrix. Neighbours in the last one lie side by side.
    pub(crate) shape: &'a [usize],
    /// Its values, row after row.
    pub(crate) bytes: &'a [u8],
}

impl<'a> TensorView<'a> {
    /// How many values it has.
    pub(crate) fn values(&self) -> usize {
        self.bytes.len() / self.format.block_bytes() * self.format.block_values()
    }

    /// The stored form of a row, all dimensions but the last counted through. `None` when there is no such row.
    pub(crate) fn row(&self, row: usize) -> Option<&'a [u8]> {
        let size = self.format.bytes_for(*self.shape.last()?)?;
        let from = row.checked_mul(size)?;
        self.bytes.get(from..from.checked_add(size)?)
    }

    /// A copy of its values as plain numbers.
    pub(crate) fn dequantised(&self) -> Vec<f32> {
        let mut values = vec![0.0; self.values()];
        let whole = dequantise(self.format, self.bytes, &mut values);
        debug_assert!(whole, "the readers give out whole blocks only");
        values
    }
}
